"""Points in time and stretches of time known within bounds, compared with three answers.

The measures compare some times by the day and some to the millisecond. A `When` holds both, each as the earliest and
the latest it may be. A day is the day as written, which is that of the clinic's own clock in summer and in winter; only
where the caller names an offset from UTC are days read off that one clock instead.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inconcert.judgement import Answer, all_of
from inconcert.record import DateRange, Moment

DAY_MS = 86_400_000
INFINITE = float("inf")
Bounds = tuple[float, float]  # the least and the most it may be: ordinal days, or milliseconds


@dataclass(frozen=True, slots=True)
class When:
    """One point in time: ordinal days, and milliseconds since the first day of the calendar in UTC."""

    days: Bounds
    instants: Bounds


EVER = When((-INFINITE, -INFINITE), (-INFINITE, -INFINITE))
NEVER = When((INFINITE, INFINITE), (INFINITE, INFINITE))
ANY_TIME = When((-INFINITE, INFINITE), (-INFINITE, INFINITE))


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a point to a point, both included."""

    start: When
    end: When


def when(days: DateRange | None, utc_offset_minutes: int | None = None) -> When | None:
    """The point a date of the record names; its day on a clock so many minutes ahead of UTC, or as it was written."""
    if days is None:
        return None
    clock = "T" in days.text and "/" not in days.text
    return _read(days.text if clock else "", days.earliest, days.latest, utc_offset_minutes)


def stretch_of(moment: Moment | None, utc_offset_minutes: int | None = None) -> Stretch | None:
    """The stretch an observation names: one point, or from start to end where it was written as a period."""
    if moment is None:
        return None
    first, slash, last = moment.days.text.partition("/")
    if slash:
        ends = [when(Moment.parse(text).days, utc_offset_minutes) for text in (first, last)]
        if ends[0] is not None and ends[1] is not None:
            return Stretch(ends[0], ends[1])
    point = when(moment.days, utc_offset_minutes)
    return None if point is None else Stretch(point, point)


@lru_cache(maxsize=8192)
def _read(text: str, earliest: date, latest: date, offset: int | None) -> When:
    days = float(earliest.toordinal()), float(latest.toordinal())
    instant = Moment.parse(text).instant if text else None
    if instant is None:
        return When(days, (days[0] * DAY_MS, days[1] * DAY_MS + DAY_MS - 1))
    clock = (instant.hour * 3600 + instant.minute * 60 + instant.second) * 1000 + instant.microsecond // 1000
    at = float(instant.toordinal() * DAY_MS + clock)
    if offset is not None:
        day = (at + offset * 60_000) // DAY_MS
        days = day, day
    return When(days, (at, at))


def at_most(a: Bounds, b: Bounds) -> Answer:
    """Whether `a` is not after `b`; unknown where their bounds overlap.

    Two that are known equally well and say the same (the same day, without a time) are the same time.
    """
    if a[1] <= b[0] or (a == b and abs(a[0]) != INFINITE):
        return Answer.MET
    return Answer.NOT_MET if a[0] > b[1] else Answer.UNKNOWN


def below(a: Bounds, b: Bounds) -> Answer:
    """Whether `a` is before, or less than, `b`; unknown where their bounds overlap."""
    return ~at_most(b, a)


def within(a: Bounds, first: Bounds, last: Bounds) -> Answer:
    """Whether `a` lies from `first` to `last`, both included."""
    return all_of((at_most(first, a), at_most(a, last)))


def overlap(a: tuple[Bounds, Bounds], b: tuple[Bounds, Bounds]) -> Answer:
    """Whether two stretches have a point in common. Each is given as the bounds of its start and of its end."""
    return all_of((at_most(a[0], b[1]), at_most(b[0], a[1])))


def shift(bounds: Bounds, days: int) -> Bounds:
    """Bounds in days, moved by days."""
    return bounds[0] + days, bounds[1] + days


@lru_cache(maxsize=4096)
def add_months(day: float, months: int) -> float:
    """The ordinal day so many months later, or the last of that month where it has no such day (29 February)."""
    if abs(day) == INFINITE:
        return day
    start = date.fromordinal(int(day))
    month = start.year * 12 + start.month - 1 + months
    year, month = divmod(month, 12)
    return float(date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1])).toordinal())


def exact(day: date) -> Bounds:
    """The bounds of one known day."""
    return float(day.toordinal()), float(day.toordinal())
