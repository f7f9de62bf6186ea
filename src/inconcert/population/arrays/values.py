"""What an expression over columns is worth on arrays: numbers, flags and days with what is known of them, and words by number.

The rules are those of the engines: a comparison with a blank is blank, `and` and `or` are Kleene's, the smallest and the largest pass
over blanks, a condition that is blank is not fulfilled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class NotKnownHere(Exception):
    """An expression or a column that only an engine can work out."""


class Values(NamedTuple):
    """Numbers, flags or days (since 1970), and for which rows they are known; None: for all. A single one stands for every row."""

    values: Any
    known: Any = None


class Words(NamedTuple):
    """Text: the number of each row's word, -1 where there is none; `blanks`: whether there are such rows."""

    numbers: Array
    words: list[str]
    blanks: bool


@dataclass(slots=True)
class OfWords:
    """A flag that depends on one word of the row: judged once for every word, and looked up for the rows when that is asked for."""

    text: Words
    table: Array  # for every word, and last for none
    _values: Array | None = None

    @property
    def values(self) -> Array:
        """The flag of each row."""
        if self._values is None:
            self._values = self.table[self.text.numbers]
        return self._values

    @property
    def known(self) -> Array | None:
        """Where there is a word."""
        return self.text.numbers >= 0 if self.text.blanks else None


Column = Values | Words | OfWords
Step = Callable[..., Column]

_DAY_ZERO = date(1970, 1, 1).toordinal()


def kind_of(dtype: dt.DataType) -> Any:
    """The type of the array that holds a column."""
    if isinstance(dtype, dt.Date):
        return np.dtype("int32")
    if isinstance(dtype, dt.Boolean | dt.Integer | dt.Floating):
        return np.dtype(dtype.to_numpy())
    raise NotKnownHere(f"columns of {dtype}")


def literal(op: ops.Literal) -> Values | str:
    """A constant; plain Python numbers leave the arrays that they meet as small as they are."""
    value = op.value
    if value is None:
        return Values(0, np.False_)
    if isinstance(value, date):
        return Values(value.toordinal() - _DAY_ZERO)
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return Values(value)
    raise NotKnownHere(f"the constant {value!r}")


def _both(a: Any, b: Any) -> Any:
    if a is None:
        return b
    return a if b is None else a & b


def _numbers(op: Any, apply: Callable[[Any, Any], Any]) -> Step:
    kind = kind_of(op.dtype)

    def step(a: Values, b: Values) -> Values:
        return Values(apply(_of(a.values, kind), _of(b.values, kind)), _both(a.known, b.known))

    return step


def _of(values: Any, kind: Any) -> Any:
    """Values in a type; a plain number becomes one of the type's own."""
    return values.astype(kind, copy=False) if isinstance(values, np.ndarray | np.generic) else kind.type(values)


def _compares(apply: Callable[[Any, Any], Any]) -> Callable[[Any], Step]:
    def build(op: Any) -> Step:
        texts = [isinstance(arg.dtype, dt.String) for arg in (op.left, op.right)]
        if any(texts):
            if not all(texts) or not isinstance(op.right, ops.Literal) or apply not in (np.equal, np.not_equal):
                raise NotKnownHere(f"comparing {op.left.dtype} and {op.right.dtype}")
            word, same = op.right.value, apply is np.equal
            return lambda a, _b: among(a, lambda w: (w == word) is same)
        return lambda a, b: Values(apply(a.values, b.values), _both(a.known, b.known))

    return build


def among(text: Words, wanted: Callable[[str], bool]) -> OfWords:
    """Whether each row's word is wanted."""
    return OfWords(text, np.array([*(wanted(word) for word in text.words), False]))


def _is_in(op: Any) -> Step:
    if not all(isinstance(option, ops.Literal) and option.value is not None for option in op.options):
        raise NotKnownHere("a list that is no list of constants")
    options = [option.value for option in op.options]
    if not options:
        return lambda _a: Values(np.False_)  # of a blank, too
    if isinstance(op.value.dtype, dt.String):
        listed = frozenset(options)
        return lambda a, *_options: among(a, lambda word: word in listed)
    if not isinstance(op.value.dtype, dt.Integer):
        raise NotKnownHere(f"a list of {op.value.dtype}")

    def step(a: Values, *_options: Values) -> Values:
        found = [np.equal(a.values, option) for option in options]
        return Values(reduce(np.logical_or, found) if found else np.zeros_like(a.values, bool), a.known)

    return step


def _same_words(a: Any, b: Any) -> bool:
    return isinstance(a, OfWords) and isinstance(b, OfWords) and a.text.numbers is b.text.numbers


def _and(a: Any, b: Any) -> Column:
    if _same_words(a, b):
        return OfWords(a.text, a.table & b.table)
    values = np.logical_and(a.values, b.values)
    if a.known is None and b.known is None:
        return Values(values)
    a_known, b_known = _known(a), _known(b)
    return Values(values, (a_known & b_known) | (a_known & ~np.asarray(a.values)) | (b_known & ~np.asarray(b.values)))


def _or(a: Any, b: Any) -> Column:
    if _same_words(a, b):
        return OfWords(a.text, a.table | b.table)
    values = np.logical_or(a.values, b.values)
    if a.known is None and b.known is None:
        return Values(values)
    a_known, b_known = _known(a), _known(b)
    return Values(values, (a_known & b_known) | (a_known & a.values) | (b_known & b.values))


def _not(a: Values | OfWords) -> Column:
    if isinstance(a, OfWords):
        return OfWords(a.text, ~a.table)
    return Values(np.logical_not(a.values), a.known)


def _known(a: Values) -> Any:
    return np.True_ if a.known is None else a.known


def holds(a: Values) -> Any:
    """Where a flag is true for certain."""
    return a.values if a.known is None else np.logical_and(a.values, a.known)


def either(here: Any, then: Any, otherwise: Any) -> Any:
    """One where a flag is true, the other where it is not; all of one type. Small numbers are chosen by their bits, ten times as fast."""
    if not isinstance(here, np.ndarray) or then.dtype != "int8":
        return np.where(here, then, otherwise)
    return otherwise ^ ((then ^ otherwise) & np.negative(here.view("int8")))


def _chosen(op: Any) -> Step:
    kind, pairs = kind_of(op.dtype), len(op.cases)

    def step(*given: Values) -> Values:
        cases, results, otherwise = given[:pairs], given[pairs : 2 * pairs], given[-1]
        values, known = _of(otherwise.values, kind), otherwise.known
        for case, result in zip(reversed(cases), reversed(results), strict=True):
            here = holds(case)
            values = either(here, _of(result.values, kind), values)
            if known is not None or result.known is not None:
                known = np.where(here, _known(result), np.True_ if known is None else known)
        return Values(values, known)

    return step


def _either(op: Any) -> Step:
    kind = kind_of(op.dtype)

    def step(case: Values, then: Values, otherwise: Values) -> Values:
        here, known = holds(case), None
        if then.known is not None or otherwise.known is not None:
            known = np.where(here, _known(then), _known(otherwise))
        return Values(either(here, _of(then.values, kind), _of(otherwise.values, kind)), known)

    return step


def _first_known(op: Any) -> Step:
    kind = kind_of(op.dtype)

    def step(*given: Values) -> Values:
        values, known = given[-1].values, given[-1].known
        for one in reversed(given[:-1]):
            if one.known is None:
                values, known = one.values, None
                continue
            values = either(one.known, _of(one.values, kind), _of(values, kind))
            known = None if known is None else one.known | known
        return Values(values, known)

    return step


def _extreme(apply: Callable[[Any, Any], Any], smallest: bool) -> Callable[[Any], Step]:
    """The smallest or the largest of what is known."""

    def build(op: Any) -> Step:
        kind = kind_of(op.dtype)
        if kind.kind == "b":
            raise NotKnownHere("the smallest of flags")
        bounds = np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)
        beyond = kind.type(bounds.max if smallest else bounds.min)

        def step(*given: Values) -> Values:
            blanks = [one for one in given if one.known is not None]
            parts = [
                _of(o.values, kind) if o.known is None else either(o.known, _of(o.values, kind), beyond) for o in given
            ]
            known = None if len(blanks) < len(given) else reduce(np.logical_or, [one.known for one in blanks])
            return Values(reduce(apply, parts), known)

        return step

    return build


def _cast(op: Any) -> Step:
    wanted, from_kind = kind_of(op.to), kind_of(op.arg.dtype)
    if from_kind.kind == "f" and wanted.kind != "f":
        raise NotKnownHere("rounding")
    return lambda a: Values(_of(a.values, wanted), a.known)


def _days_between(op: Any) -> Step:
    if getattr(op.part, "value", op.part) != "day":
        raise NotKnownHere(f"the time between days in {op.part}")
    return lambda _part, a, b: Values(
        _of(a.values, np.dtype("int64")) - _of(b.values, np.dtype("int64")), _both(a.known, b.known)
    )


def _calendar(pick: Callable[[Array], Any]) -> Callable[[Any], Step]:
    def build(op: Any) -> Step:
        if not isinstance(op.arg.dtype, dt.Date):
            raise NotKnownHere(f"the calendar of {op.arg.dtype}")
        return lambda a: Values(pick(np.asarray(a.values).astype("datetime64[D]")), a.known)

    return build


def _year(days: Array) -> Any:
    return days.astype("datetime64[Y]").astype("int64") + 1970


def _month(days: Array) -> Any:
    return days.astype("datetime64[M]").astype("int64") % 12 + 1


def _day(days: Array) -> Any:
    return (days - days.astype("datetime64[M]")).astype("int64") + 1


def _starts(op: Any) -> Step:
    if not isinstance(op.start, ops.Literal):
        raise NotKnownHere("a beginning that is no constant")
    beginning = op.start.value
    return lambda a, _start: among(a, lambda word: word.startswith(beginning))


def _part(op: Any) -> Step:
    if not (isinstance(op.start, ops.Literal) and isinstance(op.length, ops.Literal)):
        raise NotKnownHere("a part of a text that is not constant")
    first, last = op.start.value, op.start.value + op.length.value
    return lambda a, *_where: a._replace(words=[word[first:last] for word in a.words])


def _blank(is_blank: bool) -> Callable[[Any], Step]:
    def step(a: Column) -> Values:
        known = (a.numbers >= 0 if a.blanks else None) if isinstance(a, Words) else a.known
        if known is None:
            known = np.True_
        return Values(~known if is_blank else known)

    return lambda _op: step


def _plain(step: Step) -> Callable[[Any], Step]:
    return lambda _op: step


STEPS: dict[type, Callable[[Any], Step]] = {
    ops.Equals: _compares(np.equal),
    ops.NotEquals: _compares(np.not_equal),
    ops.Less: _compares(np.less),
    ops.LessEqual: _compares(np.less_equal),
    ops.Greater: _compares(np.greater),
    ops.GreaterEqual: _compares(np.greater_equal),
    ops.And: _plain(_and),
    ops.Or: _plain(_or),
    ops.Not: _plain(_not),
    ops.Add: lambda op: _numbers(op, np.add),
    ops.Subtract: lambda op: _numbers(op, np.subtract),
    ops.Multiply: lambda op: _numbers(op, np.multiply),
    ops.Divide: lambda op: _numbers(op, np.divide),
    ops.BitwiseAnd: lambda op: _numbers(op, np.bitwise_and),
    ops.BitwiseRightShift: lambda op: _numbers(op, np.right_shift),
    ops.Negate: _plain(lambda a: Values(-a.values, a.known)),
    ops.Least: _extreme(np.minimum, smallest=True),
    ops.Greatest: _extreme(np.maximum, smallest=False),
    ops.SearchedCase: _chosen,
    ops.IfElse: _either,
    ops.Coalesce: _first_known,
    ops.InValues: _is_in,
    ops.IsNull: _blank(True),
    ops.NotNull: _blank(False),
    ops.Cast: _cast,
    ops.DateDelta: _days_between,
    ops.ExtractYear: _calendar(_year),
    ops.ExtractMonth: _calendar(_month),
    ops.ExtractDay: _calendar(_day),
    ops.ExtractEpochSeconds: _calendar(lambda days: days.astype("int64") * 86400),
    ops.StartsWith: _starts,
    ops.Substring: _part,
}
