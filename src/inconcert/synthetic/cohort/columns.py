"""Columns of a table without any library of tables: numpy values, which of them are missing, and words by number.

Days are whole numbers of days since 1 January 1970; `NO_DAY` stands where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inconcert.synthetic.cohort.draws import Flags, Floats, Ints

EPOCH = date(1970, 1, 1)
NO_DAY = -(2**40)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `missing` is True where there is no value; with `words`, the values are numbers into them.

    `days`: the values are days since 1 January 1970.
    """

    values: NDArray[Any]
    missing: Flags | None = None
    words: tuple[str, ...] | None = None
    days: bool = False


Table = dict[str, Column]


def numbers(values: Floats) -> Column:
    """Numbers; NaN is missing."""
    return Column(values, np.isnan(values))


def days_column(values: Ints) -> Column:
    """Days; `NO_DAY` is missing."""
    missing = values == NO_DAY
    return Column(np.where(missing, 0, values).astype(np.int32), missing, days=True)


def answers(values: NDArray[Any]) -> Column:
    """Answers: 1 met, 0 unknown, -1 not met."""
    return Column(values.astype(np.int8))


def worded(values: Ints, words: tuple[str, ...]) -> Column:
    """Words by number; a negative number is missing."""
    missing = values < 0
    return Column(np.where(missing, 0, values).astype(np.int32), missing if bool(missing.any()) else None, words)


def to_day(day: date) -> int:
    """Days since 1 January 1970."""
    return (day - EPOCH).days


def from_day(day: int) -> date:
    """The date of a number of days."""
    return EPOCH + timedelta(days=int(day))


def month_of(days: Ints) -> tuple[Ints, Ints]:
    """First and last day of the month that each day lies in."""
    return _around(days, "M")


def year_of(days: Ints) -> tuple[Ints, Ints]:
    """First and last day of the year that each day lies in."""
    return _around(days, "Y")


def _around(days: Ints, unit: Literal["M", "Y"]) -> tuple[Ints, Ints]:
    period = days.astype("datetime64[D]").astype(f"datetime64[{unit}]")
    first = period.astype("datetime64[D]").astype(np.int64)
    last = (period + np.array(1, dtype=f"timedelta64[{unit}]")).astype("datetime64[D]").astype(np.int64) - 1
    return first, last
