"""Expressions over the columns of one table, put in the order in which they are worked out; what several use is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

from inconcert.population.arrays.values import STEPS, Column, NotKnownHere, Step, literal


@dataclass(slots=True)
class Input:
    """A column that is read. `blank`: what is read where there is none.

    `words`: of a text all that it is compared with, where nothing else is asked of it; then any other word is as good as another.
    """

    column: str
    blank: int | None = None
    words: set[str] | None = field(default_factory=set)


@dataclass(slots=True)
class Program:
    """Steps, each of which fills a slot from slots filled before.

    `stand` tells what stands behind a column that no table holds: another expression, or a step of its own over named columns.
    """

    stand: Callable[[str], Any] = lambda _name: None
    instead: Mapping[Any, str] = field(default_factory=dict)  # expression -> the column that holds it already
    counted: frozenset[str] = frozenset()  # columns that a run has, and no table
    inputs: dict[str, Input] = field(default_factory=dict)  # by the name that a run asks for
    _read: list[tuple[str, int]] = field(default_factory=list)  # the same name -> slot
    _slots: list[Any] = field(default_factory=list)  # what stands in a slot from the beginning: constants
    _steps: list[tuple[Step, tuple[int, ...], int]] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)
    _named: dict[str, int] = field(default_factory=dict)

    def add(self, op: Any) -> int:
        """The slot of an expression."""
        known = self._known.get(op)
        if known is not None:
            return known
        if op in self.instead:
            slot = self.column(self.instead[op])
        elif isinstance(op, ops.Literal):
            slot = self._slot(literal(op))
        elif isinstance(op, ops.Field):
            slot = self.column(op.name)
        elif (filled := self._filled(op)) is not None:
            slot = filled
        else:
            build = STEPS.get(type(op))
            if build is None:
                raise NotKnownHere(type(op).__name__)
            slot = self.step(build(op), *(self.add(arg) for arg in _arguments(op)))
            self._note_words(op)
        self._known[op] = slot
        return slot

    def _filled(self, op: Any) -> int | None:
        """A column with a number in place of its blanks is read so; None for all else."""
        if not (isinstance(op, ops.Coalesce) and len(op.arg) == 2 and isinstance(op.dtype, dt.Integer)):
            return None
        of, otherwise = op.arg
        plain = isinstance(of, ops.Field) and isinstance(otherwise, ops.Literal) and otherwise.value is not None
        if not plain or of.name in self.counted or of.name in self._named or self.stand(of.name) is not None:
            return None
        name = f"{of.name} or {otherwise.value}"
        return (
            self._input(name, Input(of.name, blank=otherwise.value)) if name not in self.inputs else self._named[name]
        )

    def _note_words(self, op: Any) -> None:
        """Which words a text is compared with, or that it is asked something else."""
        for arg in _arguments(op):
            of = self.inputs.get(arg.name) if isinstance(arg, ops.Field) else None
            if of is None or not isinstance(arg.dtype, dt.String) or isinstance(op, ops.IsNull | ops.NotNull):
                continue
            others = [a.value for a in _arguments(op) if a is not arg and isinstance(a, ops.Literal)]
            if isinstance(op, ops.Equals | ops.NotEquals | ops.InValues) and None not in others:
                if of.words is not None:
                    of.words.update(others)
            else:
                of.words = None

    def _input(self, name: str, read: Input) -> int:
        slot = self._named[name] = self._slot(None)
        self.inputs[name] = read
        self._read.append((name, slot))
        return slot

    def column(self, name: str) -> int:
        """The slot of a column."""
        if name in self._named:
            return self._named[name]
        if name == "person":
            raise NotKnownHere("the number of a person")
        behind = self.stand(name)
        if behind is None:
            slot = self._input(name, Input(name))
        elif isinstance(behind, tuple):
            made, *names = behind
            slot = self.step(made, *(self.column(n) for n in names))
        else:
            slot = self.add(behind)
        self._named[name] = slot
        return slot

    def step(self, made: Step, *arguments: int) -> int:
        """A slot filled by a step."""
        slot = self._slot(None)
        self._steps.append((made, arguments, slot))
        return slot

    def run(self, columns: Callable[[str], Column]) -> list[Any]:
        """Fill every slot."""
        slots = list(self._slots)
        for name, slot in self._read:
            slots[slot] = columns(name)
        for made, arguments, slot in self._steps:
            slots[slot] = made(*[slots[a] for a in arguments])
        return slots

    def _slot(self, value: Any) -> int:
        self._slots.append(value)
        return len(self._slots) - 1


def _arguments(op: Any) -> list[Any]:
    found: list[Any] = []
    for argument in op.__args__:
        found += argument if isinstance(argument, tuple) else (argument,)
    return [a for a in found if isinstance(a, ops.Node) and not isinstance(a, ops.Relation)]
