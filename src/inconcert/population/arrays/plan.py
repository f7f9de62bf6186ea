"""What a cohort is asked, bound to its tables and put in order: which columns are read, and what is made of them for each person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from inconcert.population.arrays.groups import Grouped, Sorts, grouped
from inconcert.population.arrays.links import of_bases
from inconcert.population.arrays.program import Input, Program
from inconcert.population.arrays.reading import Rows
from inconcert.population.arrays.values import Array, Column, NotKnownHere, Values, holds
from inconcert.population.frame import Frame, OfBases, OfPerson

Counts = dict[str, Values]

_LINKS, _ROWS, _OF_PERSON = "links", "rows", "of person:"


def bound(table: ir.Table, columns: dict[str, Any]) -> dict[str, Any]:
    """Expressions bound to a table, as the nodes that they are made of."""
    return dict(table.select(**columns).op().values) if columns else {}


@dataclass(slots=True)
class LongPlan:
    """What is counted of a long table's rows."""

    program: Program
    made: list[tuple[str, Grouped, list[int]]]  # name of the count, how it is made, slots

    @classmethod
    def of(cls, table: ir.Table, counts: dict[str, Any]) -> LongPlan:
        """The aggregates of one table."""
        program = Program()
        made = []
        for name, op in table.aggregate(**counts).op().metrics.items():
            how, parts = grouped(op)
            made.append((name, how, [program.add(part) for part in parts]))
        return cls(program, made)

    def counted(self, rows: Rows, people: int) -> Counts:
        """Every count of these rows."""
        slots = self.program.run(rows.columns.__getitem__)
        return {name: how(rows.owners, people, *(slots[s] for s in parts)) for name, how, parts in self.made}


@dataclass(slots=True)
class TrialPlan:
    """What is counted of trials, of the different drugs among them, and of their classes."""

    program: Program
    flags: list[tuple[str, str, int]]  # of what, name of the count, slot

    @classmethod
    def of(cls, frame: Frame) -> TrialPlan:
        """All that is tallied."""
        table, rows, asked = frame.tables["trials"], frame.row_columns("trials"), frame.tally.asked()
        own = {name: made for level in rows.columns for name, made in level.items()}
        people = frame.tables["people"].schema()
        brought = {n: people[b.column] if isinstance(b, OfPerson) else "int8" for n, b in rows.brought.items()}
        whole = ibis.table({**table.schema(), **dict.fromkeys(own, "int8"), **brought}, name="trials")
        bases = {f"base of {n}": b.verdict for n, b in rows.brought.items() if isinstance(b, OfBases)}
        flags = {f"count:{number}": flag for number, (_of, _count, flag) in enumerate(asked)}
        nodes = bound(whole, {**own, **bases, **flags})

        def stand(name: str) -> Any:
            brings = rows.brought.get(name)
            if isinstance(brings, OfPerson):
                return (lambda column: column), f"{_OF_PERSON}{brings.column}"
            if isinstance(brings, OfBases):
                return of_bases, f"base of {name}", _LINKS, _ROWS
            return nodes.get(name) if name in own or name in bases else None

        program = Program(stand)
        made = [(of, name, program.add(nodes[name])) for name, (of, _c, _f) in zip(flags, asked, strict=True)]
        return cls(program, made)

    @property
    def linked(self) -> bool:
        """Whether it matters what was added to what."""
        return _LINKS in self.program.inputs

    @property
    def inputs(self) -> dict[str, Input]:
        """The columns of `trials` that are read."""
        read = self.program.inputs.items()
        own = {n: one for n, one in read if n not in (_LINKS, _ROWS) and not n.startswith(_OF_PERSON)}
        return {**own, **{name: Input(name) for name in ("drug_no", "class_no")}}

    @property
    def of_people(self) -> dict[str, Input]:
        """The columns of `people` that are looked at beside a trial."""
        names = [n.removeprefix(_OF_PERSON) for n in self.program.inputs if n.startswith(_OF_PERSON)]
        return {name: Input(name) for name in names}

    def counted(self, rows: Rows, links: tuple[Array, Array], column: Callable[[str], Column], people: int) -> Counts:
        """Every count. `links`: rows of trials and of what each was added to; `column`: a column of `people`."""

        def found(name: str) -> Any:
            if name == _LINKS:
                return links
            if name == _ROWS:
                return rows.owners
            if name.startswith(_OF_PERSON):
                of = column(name.removeprefix(_OF_PERSON))
                return _beside(of, rows.owners)
            return rows.columns[name]

        slots = self.program.run(found)
        drugs = Sorts(rows.owners, people, _numbers(rows.columns["drug_no"]))
        classes = Sorts(rows.owners, people, _numbers(rows.columns["class_no"]))
        how = {"trial": drugs.plain, "drug": drugs.count, "class": classes.count}
        counts = {}
        for of, name, slot in self.flags:
            flag = np.ascontiguousarray(np.broadcast_to(holds(slots[slot]), rows.owners.shape))
            counts[name] = Values(how[of](flag))
        return counts


def _beside(column: Column, owners: Array) -> Column:
    if not isinstance(column, Values):
        raise NotKnownHere("text of a person beside a trial")
    return Values(column.values[owners], None if column.known is None else column.known[owners])


def _numbers(column: Column) -> Array:
    if not isinstance(column, Values) or column.known is not None:
        raise NotKnownHere("a trial without a drug of the drug book")
    numbers: Array = column.values.astype("int64", copy=False)
    return numbers


@dataclass(slots=True)
class CohortPlan:
    """Everything that is asked, table by table."""

    people: Program
    wanted: list[tuple[str, list[int]]]  # name, and slots of the answers that it packs
    trials: TrialPlan | None
    long: dict[str, LongPlan] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: Frame, leaves: dict[str, Any], wanted: Mapping[str, Sequence[Any]]) -> CohortPlan:
        """`leaves`: columns over the wide table; `wanted`: several answers over the leaves, which are packed into one number.

        Raises:
            NotKnownHere: something is asked that only an engine can work out.
        """
        if any(frame.row_columns(name).columns for name in frame.tables if name != "trials"):
            raise NotKnownHere("columns of rows that are not trials")
        schema: dict[str, Any] = dict(frame.tables["people"].schema())
        long: dict[str, LongPlan] = {}
        for name, counts in frame.counts.items():
            long[name] = LongPlan.of(frame.tables[name], counts)
            schema |= dict(frame.tables[name].aggregate(**counts).schema().items())
        for table in frame.beside.values():
            schema |= {name: kind for name, kind in table.schema().items() if name != "person"}
        schema |= dict.fromkeys(frame.tally.words(), "int64")
        asked = {f"count:{n}": count for n, (_of, count, _flag) in enumerate(frame.tally.asked())}
        nodes = bound(ibis.table(schema, name="wide"), {**leaves, **asked})
        parts = {f"{name}:{n}": one for name, several in wanted.items() for n, one in enumerate(several)}
        made = bound(ibis.table(dict.fromkeys(leaves, "int8") or {"none": "int8"}, name="leaves"), parts)
        program = Program(
            lambda name: nodes[name] if name in leaves else None,
            instead={nodes[name]: name for name in asked},
            counted=frozenset(name for plan in long.values() for name, _how, _slots in plan.made),
        )
        slots = [(n, [program.add(made[f"{n}:{i}"]) for i in range(len(several))]) for n, several in wanted.items()]
        return cls(program, slots, TrialPlan.of(frame) if frame.tally else None, long)
