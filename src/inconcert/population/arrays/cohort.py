"""A whole cohort answered on arrays: an engine reads a run of people at a time, and the run is answered in parts side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.backends import BaseBackend

from inconcert.population.arrays.links import links
from inconcert.population.arrays.plan import CohortPlan
from inconcert.population.arrays.program import Input
from inconcert.population.arrays.reading import Rows, Source, cursor_of, one_each, part, rows_of
from inconcert.population.arrays.values import Array, Column, NotKnownHere
from inconcert.population.frame import Frame, as_stored

RUN = 100_000  # people read at a time: about 0.2 GiB
PART = 50_000  # people answered at a time: their columns stay in the processor's cache

PART_BITS = 2  # of a packed number, for each answer: 0 not met, 1 unknown, 2 met

_AS_IT_IS, _BASE = Input("trial", words=None), Input("base", words=None)
_NO_LINKS = (np.zeros(0, np.intp), np.zeros(0, np.intp))


def packed_in(parts: int) -> np.dtype[Any]:
    """The smallest type that holds so many answers; its sign stays free."""
    return next(np.dtype(f"int{bits}") for bits in (8, 16, 32, 64) if parts * PART_BITS < bits)


@dataclass(frozen=True, slots=True)
class _Run:
    """What was read of some people: `numbers` of them, in order."""

    numbers: Array
    columns: dict[str, Column]  # of tables with one row a person
    long: dict[str, Rows]
    trials: Rows | None
    links: tuple[Array, Array]


@dataclass(slots=True)
class Answering:
    """A plan, and where its columns are read."""

    frame: Frame
    plan: CohortPlan
    connection: BaseBackend
    _wide: dict[str, Source] = field(default_factory=dict)
    _long: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables, plan, connection = self.frame.tables, self.plan, self.connection
        own = {n: i for n, i in plan.people.inputs.items() if i.column in tables["people"].columns}
        own |= plan.trials.of_people if plan.trials else {}
        self._wide["people"] = Source.of(connection, tables["people"], own)
        for name, table in self.frame.beside.items():
            asked = {n: i for n, i in plan.people.inputs.items() if i.column in table.columns}
            if asked:
                self._wide[name] = Source.of(connection, table, asked)
        for name, long in plan.long.items():
            self._long[name] = Source.of(connection, tables[name], long.program.inputs)
        if plan.trials:
            ids = {"trial": _AS_IT_IS} if plan.trials.linked else {}
            self._long["trials"] = Source.of(connection, tables["trials"], plan.trials.inputs | ids)
            if plan.trials.linked:
                self._long["added"] = Source.of(connection, tables["added"], {"trial": _AS_IT_IS, "base": _BASE})

    def reads(self) -> dict[str, tuple[str, ...]]:
        """Which columns of which table are read, by the names that they are stored under."""
        wide = {
            table: tuple(c.removeprefix(f"{table}:") for c in source.columns)
            for table, source in self._wide.items()
            if table in self.frame.tables
        }
        long = {t: as_stored(s.columns) if t == "trials" else s.columns for t, s in self._long.items()}
        return {**wide, **long}

    def answered(self) -> pa.Table:
        """The columns wanted, beside `person`: one row for each person, in order."""
        numbers = self._numbers()
        found = {name: np.zeros(len(numbers), packed_in(len(slots))) for name, slots in self.plan.wanted}
        threads = int(self.connection.raw_sql("SELECT current_setting('threads')").fetchone()[0])
        runs = [(begin, min(begin + RUN, len(numbers))) for begin in range(0, len(numbers), RUN)]
        # An engine makes arrays of what it read on one thread, so as many runs as there are threads are read side by side.
        cursors: SimpleQueue[Any] = SimpleQueue()
        for _thread in range(min(threads, len(runs))):
            cursors.put(cursor_of(self.connection))

        def answer(begin: int, end: int) -> None:
            cursor = cursors.get()
            try:
                run = self._read(cursor, numbers[begin:end], whole=len(runs) == 1)
            finally:
                cursors.put(cursor)
            for first in range(0, end - begin, PART):
                self._answer(run, first, min(first + PART, end - begin), found, begin)

        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(answer, *run) for run in runs]:
                done.result()
        return pa.table({"person": numbers, **found})

    def _numbers(self) -> Array:
        table = Source.of(self.connection, self.frame.tables["people"], {}).arrow(cursor_of(self.connection), None)
        numbers = np.sort(table["person"].to_numpy().astype("int64", copy=False))
        if table["person"].null_count or (numbers[1:] == numbers[:-1]).any():
            raise NotKnownHere("people who stand twice, or have no number")
        return numbers

    def _read(self, cursor: Any, numbers: Array, *, whole: bool) -> _Run:
        between = None if whole else (int(numbers[0]), int(numbers[-1]))
        columns: dict[str, Column] = {}
        for source in self._wide.values():
            columns |= one_each(rows_of(source.arrow(cursor, between), numbers, source.words)[0], len(numbers))
        long, trials, linked = {}, None, _NO_LINKS
        for name in self.plan.long:
            source = self._long[name]
            long[name] = rows_of(source.arrow(cursor, between), numbers, source.words)[0]
        if self.plan.trials:
            trials, arrow = rows_of(self._long["trials"].arrow(cursor, between), numbers, apart=("trial",))
            if self.plan.trials.linked:
                added, names = rows_of(self._long["added"].arrow(cursor, between), numbers, apart=("trial", "base"))
                ids = [t[c].combine_chunks() for t, c in ((arrow, "trial"), (names, "trial"), (names, "base"))]
                linked = links(trials.owners, ids[0], added.owners, ids[1], ids[2], len(numbers))
        return _Run(numbers, columns, long, trials, linked)

    def _answer(self, run: _Run, first: int, last: int, found: dict[str, Array], begin: int) -> None:
        """Answer people `first` to `last` of a run, and put down what was wanted at their places."""
        size = last - first
        made: dict[str, Any] = {}
        for name, plan in self.plan.long.items():
            made |= plan.counted(run.long[name].part(first, last), size)

        def column(name: str) -> Column:
            return part(run.columns[name], first, last)

        if self.plan.trials and run.trials is not None:
            rows = run.trials.part(first, last)
            offset = np.searchsorted(run.trials.owners, first)
            inside = slice(*np.searchsorted(run.links[0], (offset, offset + len(rows.owners))))
            own = run.links[0][inside] - offset, run.links[1][inside] - offset
            made |= self.plan.trials.counted(rows, own, column, size)

        def known(name: str) -> Any:
            return made[name] if name in made else column(name)

        with np.errstate(all="ignore"):  # what is not known may be anything, and is worked out all the same
            slots = self.plan.people.run(known)
        for name, parts in self.plan.wanted:
            pattern = found[name][begin + first : begin + last]
            for place, slot in enumerate(parts):
                answers = np.asarray(slots[slot].values, "int8") + np.int8(1)
                pattern |= answers.astype(pattern.dtype) << (place * PART_BITS)
