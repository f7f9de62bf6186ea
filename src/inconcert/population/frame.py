"""The wide table of a cohort: one row per person, with every count and lookup that the asked policies need.

Criteria ask the frame for columns; what several ask is made once. A count over trials is registered here and made in one
pass over the trials with all the others, so a hundred policies read each table once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from inconcert.population.kleene import UNKNOWN, Flag, Tri
from inconcert.population.tally import Tally

_LONG = ("scores", "diagnoses", "treatments", "open_drugs", "measurements")  # several rows a person, beside `trials`
_WIDE = ("screen", "answers")  # one row a person, beside `people`

# Columns that only a row's own answers look at: not kept beside them.
_SPENT = {
    "trials": (
        "trial", "in_episode", "dose_adequate", "adherence_percent", "augments_other_class", "by_mouth", "role_certain", "role_no",
        "outcome_no", "weeks_high", "adequate_weeks_low", "adequate_weeks_high", "label_weeks_low", "label_weeks_high",
        "episode_weeks_low", "episode_weeks_high", "episode_adequate_weeks_low", "episode_adequate_weeks_high",
        "episode_label_weeks_low", "episode_label_weeks_high",
    )
}  # fmt: skip


# Columns of trials in which a word is turned into numbers before anything is asked of it.
_NUMBERED = {"drug_no": "drug", "kind_no": "drug", "class_no": "drug", "outcome_no": "outcome", "role_no": "role"}


def as_stored(columns: Iterable[str]) -> tuple[str, ...]:
    """Columns of trials by the names that they are stored under."""
    return tuple(dict.fromkeys(_NUMBERED.get(column, column) for column in columns))


@dataclass(frozen=True, slots=True)
class OfPerson:
    """A column of `people` beside every row of theirs."""

    column: str


@dataclass(frozen=True, slots=True)
class OfBases:
    """The best answer among the trials that a trial was added to; blank where it was added to none."""

    verdict: Any


Brought = OfPerson | OfBases


@dataclass(slots=True)
class RowColumns:
    """What is worked out for each row of a long table before it is counted: in levels, each built on those before it."""

    columns: list[dict[str, Any]] = field(default_factory=list)  # level -> name -> expression over the table
    beside: list[list[Callable[[Table], Table]]] = field(default_factory=list)  # level -> joins made after its columns
    brought: dict[str, Brought] = field(default_factory=dict)  # name of a column that a join brings -> what it is


@dataclass(slots=True)
class Frame:
    """The tables of a cohort on one engine, and the columns asked for so far."""

    as_of: date
    tables: dict[str, Table]
    tally: Tally = field(default_factory=Tally)  # what is counted of `trials`
    _names: dict[Hashable, str] = field(default_factory=dict)
    _rows: dict[str, RowColumns] = field(default_factory=dict)
    _kept: dict[str, tuple[int, Table]] = field(default_factory=dict)
    _counts: dict[str, dict[str, Any]] = field(default_factory=dict)  # long table -> column name -> aggregate
    _derived: list[Table] = field(default_factory=list)  # tables of one row a person, made by hand
    _wide: dict[str, dict[str, str]] = field(default_factory=dict)  # wide table -> its column -> our column

    def has(self, table: str, column: str) -> bool:
        """Whether the cohort holds the column."""
        return table in self.tables and column in self.tables[table].columns

    def of_person(self, column: str) -> Any | None:
        """A column of `people`; None where the cohort has none."""
        return _[column] if self.has("people", column) else None

    def answer_of_person(self, column: str) -> Tri:
        """A three-valued column of `people`; unknown where absent."""
        found = self.of_person(column)
        return UNKNOWN if found is None else found.coalesce(UNKNOWN).cast("int8")

    def wide(self, table: str, column: str) -> Any | None:
        """A column of a table with one row a person; None where the cohort has none."""
        if not self.has(table, column):
            return None
        ours = f"{table}:{column}"
        self._wide.setdefault(table, {})[column] = ours
        return _[ours]

    def screened(self, item: str) -> Tri:
        """The answer of one item of the safety screen."""
        found = self.wide("screen", item)
        return UNKNOWN if found is None else found.coalesce(UNKNOWN).cast("int8")

    def yes_no(self, question: str, *, when_yes: int = 1) -> Tri:
        """The yes or no that somebody gave; without one it is unknown."""
        found = self.wide("answers", question)
        if found is None:
            return UNKNOWN
        said = found.coalesce(UNKNOWN).cast("int8")
        return said if when_yes == 1 else -said

    def said(self, question: str) -> Any | None:
        """The number or the choice that somebody gave, or (`<question>@day`) the day they gave it."""
        return self.wide("answers", question)

    def row(self, table: str, key: Hashable, value: Any, level: int = 0) -> Any:
        """A column of a long table, worked out once for each key. `level` is above that of every column it uses."""
        name = self._name(table, key, "row")
        if name[1]:
            self._level(table, level).columns[level][name[0]] = value
        return _[name[0]]

    def join_rows(
        self, table: str, key: Hashable, brought: Brought, build: Callable[[Table, str], Table], level: int
    ) -> Any:
        """A column that a join of the table brings, `build(table as it stands after the level, column's name)`."""
        name = self._name(table, key, "join")
        if name[1]:
            rows = self._level(table, level)
            rows.beside[level].append(lambda t: build(t, name[0]))
            rows.brought[name[0]] = brought
        return _[name[0]]

    def over(self, table: str, key: Hashable, value: Any, *, empty: Any) -> Any:
        """One aggregate over a person's rows of a long table; `empty` where there are none. Made once for each key."""
        if table not in self.tables:
            return ibis.literal(empty) if empty is not None else ibis.null("int64")
        name = self._name(table, key, "count")
        if name[1]:
            self._counts.setdefault(table, {})[name[0]] = value
        return _[name[0]] if empty is None else _[name[0]].coalesce(empty)

    def some_trial(self, key: Hashable, flag: Flag) -> Flag:
        """Whether any of a person's trials carries a flag; none does where the cohort has no trials."""
        if "trials" not in self.tables:
            return ibis.literal(False)
        return self.tally.some(key, flag.coalesce(False))

    def derived(self, key: Hashable, build: Callable[[], Table]) -> Callable[[str], Any]:
        """Columns made by hand: `build()` gives a table of `person` and columns; the answer finds one of them by name."""
        name, new = self._name("derived", key, "column")
        if new:
            made = build()
            self._derived.append(made.rename({f"{name}:{c}": c for c in made.columns if c != "person"}))
        return lambda column: _[f"{name}:{column}"]

    def reads(self) -> dict[str, tuple[str, ...]]:
        """Which columns of which table an engine reads: of the long tables and `people` all, of the wide ones those asked for."""
        wide = {table: tuple(columns) for table, columns in self._wide.items()}
        long = {t: tuple(self.tables[t].columns) for t in _LONG if self._counts.get(t)}
        trials = {"trials": as_stored(self.tables["trials"].columns)} if self.tally else {}
        linked = any(isinstance(b, OfBases) for b in self.row_columns("trials").brought.values())
        added = {"added": tuple(self.tables["added"].columns)} if linked else {}
        return {"people": tuple(self.tables["people"].columns), **trials, **added, **long, **wide}

    def row_columns(self, table: str) -> RowColumns:
        """What is worked out for each row of a long table."""
        return self._rows.get(table, RowColumns())

    @property
    def counts(self) -> dict[str, dict[str, Any]]:
        """What is counted for each person: long table -> column's name -> aggregate."""
        return self._counts

    @property
    def beside(self) -> dict[str, Table]:
        """Tables of one row a person, by name, with the columns asked for as the wide table calls them."""
        parts = {
            table: self.tables[table].select("person", **{name: _[column] for column, name in columns.items()})
            for table, columns in self._wide.items()
        }
        return parts | {f"derived:{number}": table for number, table in enumerate(self._derived)}

    def rows(self, table: str) -> Table:
        """A long table with every column worked out for its rows."""
        made, found = self._rows.get(table), self.tables[table]
        if made is None:
            return found
        size = sum(len(columns) for columns in made.columns)
        kept = self._kept.get(table)
        if kept is not None and kept[0] == size:
            return kept[1]
        found = self._worked_out(table).drop(*(c for c in _SPENT.get(table, ()) if c in found.columns))
        # Kept, because an engine would otherwise work out each row's answers once for every count that uses them.
        self._kept[table] = size, found.cache()
        return self._kept[table][1]

    def _worked_out(self, table: str) -> Table:
        made, found = self._rows.get(table, RowColumns()), self.tables[table]
        for columns, joins in zip(made.columns, made.beside, strict=True):
            found = found.mutate(**columns) if columns else found
            for join in joins:
                found = join(found)
        return found

    def joined(self) -> Table:
        """The wide table, with every column registered so far."""
        parts: list[Table] = []
        for table in _WIDE:
            if self._wide.get(table):
                ours = {name: _[column] for column, name in self._wide[table].items()}
                parts.append(self.tables[table].select("person", **ours))
        for table in _LONG:
            if self._counts.get(table):
                counts = self.rows(table).group_by("person").aggregate(**self._counts[table])
                parts.append(counts)
        if self.tally:
            parts += self.tally.per_person(self._worked_out("trials"))
        wide = people = self.tables["people"]
        beside = [part.rename({f"person:{i}": "person"}) for i, part in enumerate((*parts, *self._derived))]
        for i, part in enumerate(beside):
            wide = wide.left_join(part, people.person == part[f"person:{i}"])
        return wide.drop(*(f"person:{i}" for i in range(len(beside)))) if beside else wide

    def _name(self, table: str, key: Hashable, kind: str) -> tuple[str, bool]:
        """The column's name, and whether it is new."""
        known = self._names.get((table, kind, key))
        if known is not None:
            return known, False
        name = f"{table}:{kind}:{len(self._names)}"
        self._names[table, kind, key] = name
        return name, True

    def _level(self, table: str, level: int) -> RowColumns:
        made = self._rows.setdefault(table, RowColumns())
        while len(made.columns) <= level:
            made.columns.append({})
            made.beside.append([])
        return made
