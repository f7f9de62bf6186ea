"""One person against every coverage policy and three treatments: milliseconds once started, medians of many runs.

    python benchmarks/payers_all.py

Asked: TMS by the figure-8 coil, esketamine, and ketamine or deep TMS, of every policy that speaks of them. The limit is 10 ms
for the answers (docs, figures to reach). Beside it stands what reading more costs: the summary and the questions of every
determination, every criterion in words, and the shortest ways, which are only searched for when somebody reads them.
A benchmark, not a test: it prints the limit beside the median, and fails nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from inconcert.payers import Case, Determination, determine_all  # noqa: E402
from inconcert.record import Person  # noqa: E402
from support.payer_cases import (  # noqa: E402 - the path comes first
    COMPLETE,
    SERTRALINE,
    approvable,
    clear_person,
    failed,
    ill,
    make_case,
)

RUNS = 60
LIMIT_MS = 10.0
PROPOSALS = (("rtms", "esketamine", "iv_ketamine"), ("rtms", "esketamine", "dtms"))


def read_nothing_more(found: Sequence[Determination]) -> None:
    """The answers stand already."""
    for one in found:
        _ = one.answer


def read_summaries(found: Sequence[Determination]) -> None:
    """The line and the questions of each."""
    for one in found:
        _ = one.summary, one.missing, one.decision


def read_criteria(found: Sequence[Determination]) -> None:
    """Every criterion with its text and basis."""
    for one in found:
        _ = one.summary, one.missing, one.decision, one.criteria, one.basis, one.caveats, one.authorizes


def read_ways(found: Sequence[Determination]) -> None:
    """The shortest way of every determination that is not met."""
    for one in found:
        _ = one.routes, one.shortest_way


READINGS: tuple[tuple[str, Callable[[Sequence[Determination]], None], int, float | None], ...] = (
    ("answers", read_nothing_more, RUNS, LIMIT_MS),
    ("answers, summaries, questions", read_summaries, RUNS, None),
    ("every criterion in words", read_criteria, RUNS, None),
    ("shortest ways searched for all", read_ways, 3, None),
)


def milliseconds(
    case: Case, services: tuple[str, ...], read: Callable[[Sequence[Determination]], None], runs: int
) -> list[float]:
    """Milliseconds of our own processor of each run, everything worked out anew each time."""
    took = []
    for _ in range(runs + 3):
        began = time.process_time()
        read(determine_all(case, services))
        took.append((time.process_time() - began) * 1000)
    return took[3:]


def main() -> None:
    """Print the table, and how busy the machine was."""
    print(f"load of the last minute: {os.getloadavg()[0]:.1f}")
    cases = {
        "nothing known": make_case(Person(id="Patient/nobody"), date(2026, 11, 22)),
        "one failure of two": make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE)),
        "everything answered": approvable(),
    }
    print(f"{'person':<22}{'proposals':<32}{'read':<34}{'asked':>6}{'median ms':>12}{'9 in 10 under':>15}{'limit':>8}")
    for name, case in cases.items():
        for services in PROPOSALS:
            asked = len(determine_all(case, services))
            for what, read, runs, limit in READINGS:
                took = milliseconds(case, services, read, runs)
                ninth = sorted(took)[int(0.9 * (len(took) - 1))]
                told = f"{limit:g}" if limit is not None else "-"
                print(
                    f"{name:<22}{' '.join(services):<32}{what:<34}{asked:>6}{statistics.median(took):>12.1f}{ninth:>15.1f}{told:>8}"
                )


if __name__ == "__main__":
    main()
