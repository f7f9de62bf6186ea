"""The usual question asked in every way, begun beside the pages and kept for the day: it takes seconds, and nobody's page waits for it.

The same for everybody, and whatever was chosen on a page: it goes through every choice itself. Importing this needs the extra `science`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date

from inconcert.evidence.synthesis.pair.answer import every_way
from inconcert.evidence.synthesis.pair.types import Universe
from inconcert.web.evidence_answer import usual

DAYS_KEPT = 4
_RUNS: dict[date, Run] = {}
_BEGINNING = threading.Lock()
_ONE_AT_A_TIME = threading.Lock()  # other pages need the processor as well


@dataclass(slots=True, eq=False)
class Run:
    """One day's ways: how far they are (`done` of `of` choices of studies), and the ways once `finished` is set, or what went wrong."""

    done: int = 0
    of: int = 0
    ways: tuple[Universe, ...] = ()
    fault: Exception | None = None
    finished: threading.Event = field(default_factory=threading.Event)

    def tell(self, done: int, of: int) -> None:
        """Take note of how far it is."""
        self.done, self.of = done, of


def begin(day: date) -> Run:
    """The run of a day, begun where nobody asked before; never begun twice at once."""
    with _BEGINNING:
        run = _RUNS.get(day)
        if run is None or run.fault is not None:
            _RUNS.pop(day, None)
            while len(_RUNS) >= DAYS_KEPT:
                _RUNS.pop(next(iter(_RUNS)))
            run = _RUNS[day] = Run()
            threading.Thread(target=_work, args=(run, day), name="every way", daemon=True).start()
        return run


def ways_of(day: date) -> tuple[Universe, ...]:
    """Every way, waited for."""
    run = begin(day)
    run.finished.wait()
    if run.fault is not None:
        raise run.fault
    return run.ways


def _work(run: Run, day: date) -> None:
    with _ONE_AT_A_TIME:
        try:
            run.ways = every_way(usual(day), run.tell)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, who raises it
            run.fault = error
        finally:
            run.finished.set()
