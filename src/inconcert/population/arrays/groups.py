"""One value for each person from that person's rows. Rows stand in the order of their people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis.expr.operations as ops
import numpy as np

from inconcert.population.arrays.values import Array, NotKnownHere, Values, holds, kind_of

Grouped = Callable[..., Values]


def starts_of(owners: Array) -> Array:
    """Where each person's rows begin; `owners` is in order."""
    if not len(owners):
        return np.zeros(0, np.intp)
    return np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1])))


def grouped(op: Any) -> tuple[Grouped, list[Any]]:
    """How an aggregate is made, `made(owners, people, *arguments)`, and the expressions it is made of; the last says of which rows."""
    where = [op.where] if op.where is not None else []
    if isinstance(op, ops.Any):
        return _any, [op.arg, *where]
    if isinstance(op, ops.ArgMax):
        return _of_largest, [op.arg, op.key, *where]
    if isinstance(op, ops.Max):
        return _folded(np.maximum), [op.arg, *where]
    if isinstance(op, ops.Min):
        return _folded(np.minimum), [op.arg, *where]
    if isinstance(op, ops.Sum) and kind_of(op.dtype).kind == "i":
        return _folded(lambda values: values, summed=True), [op.arg, *where]
    if isinstance(op, ops.CountDistinct):
        return _different, [op.arg, *where]
    raise NotKnownHere(type(op).__name__)


def _any(owners: Array, people: int, flag: Values, where: Values | None = None) -> Values:
    """Whether a flag is true of any row; of nobody's row it is not."""
    found = np.zeros(people, bool)
    seen = holds(flag) if where is None else holds(flag) & holds(where)
    found[owners[np.broadcast_to(seen, owners.shape)]] = True
    return Values(found)


def _rows(owners: Array, where: Values | None, *columns: Values) -> Array:
    """The rows that count: where the flag holds, and every column given is known."""
    seen = np.True_ if where is None else holds(where)
    for column in columns:
        seen = seen if column.known is None else seen & column.known
    return np.flatnonzero(np.broadcast_to(seen, owners.shape))


def _of_largest(owners: Array, people: int, value: Values, key: Values, where: Values | None = None) -> Values:
    """The value of the row whose key is largest, of several the first. A blank key is less than any."""
    rows = _rows(owners, where)
    whose, keys = owners[rows], np.broadcast_to(key.values, owners.shape)[rows]
    if key.known is not None:
        keys = np.where(np.broadcast_to(key.known, owners.shape)[rows], keys.astype(float), -np.inf)
    starts = starts_of(whose)
    values = np.broadcast_to(value.values, owners.shape)
    found, known = np.zeros(people, values.dtype), np.zeros(people, bool)
    if len(starts):
        lengths = np.diff(starts, append=len(whose))
        best = np.flatnonzero(keys == np.repeat(np.maximum.reduceat(keys, starts), lengths))[::-1]
        found[whose[best]] = values[rows[best]]
        of_value = np.True_ if value.known is None else value.known
        known[whose[best]] = np.broadcast_to(of_value, owners.shape)[rows[best]]
    return Values(found, known)


def _folded(fold: Any, *, summed: bool = False) -> Grouped:
    def made(owners: Array, people: int, value: Values, where: Values | None = None) -> Values:
        rows = _rows(owners, where, value)
        whose, values = owners[rows], np.broadcast_to(value.values, owners.shape)[rows]
        values = values.astype("int64") if summed else values
        starts = starts_of(whose)
        found, known = np.zeros(people, values.dtype), np.zeros(people, bool)
        if len(starts):
            found[whose[starts]] = (np.add if summed else fold).reduceat(values, starts)
            known[whose[starts]] = True
        return Values(found, known)

    return made


def _different(owners: Array, people: int, value: Values, where: Values | None = None) -> Values:
    """How many different values there are; none is 0."""
    rows = _rows(owners, where, value)
    whose, values = owners[rows], np.broadcast_to(value.values, owners.shape)[rows]
    order = np.lexsort((values, whose))
    whose, values = whose[order], values[order]
    new = np.ones(len(whose), bool)
    new[1:] = (whose[1:] != whose[:-1]) | (values[1:] != values[:-1])
    return Values(np.bincount(whose[new], minlength=people))


class Sorts:
    """The different drugs and classes among each person's trials: which rows repeat another's, and which row stands for them."""

    def __init__(self, owners: Array, people: int, sort: Array) -> None:
        """`sort`: the number of each row's drug or class, below 65,536."""
        edges = np.searchsorted(owners, np.arange(people + 1))
        self.begins, self.ends = edges[:-1], edges[1:]
        key = owners.astype("int64") << 16 | sort
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        new = np.ones(len(order), bool)
        new[1:] = ordered[1:] != ordered[:-1]
        firsts = np.flatnonzero(new)
        repeats = np.flatnonzero(~new)
        self.again = order[repeats]
        self.first = order[firsts[np.searchsorted(firsts, repeats, side="right") - 1]]

    def count(self, flag: Array) -> Array:
        """How many different ones have a row with the flag, for each person."""
        hits = np.flatnonzero(flag[self.again])
        if len(hits):
            flag = flag.copy()
            flag[self.again[hits]] = False
            flag[self.first[hits]] = True
        return self.plain(flag)

    def plain(self, flag: Array) -> Array:
        """How many rows have the flag, for each person."""
        upto = np.zeros(len(flag) + 1, "int32")
        np.cumsum(flag, out=upto[1:])
        found: Array = upto[self.ends] - upto[self.begins]
        return found
