"""Days and instants. Instants are UTC and are subtracted as UTC; days are days on the clinic's own wall calendar.

Twice a year a wall clock skips an hour or shows one twice. A time that never was is refused; one that was twice must say
which. Adding 72 hours adds 72 hours; adding seven days adds seven days of the calendar.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from inconcert.judgement import Refusal
from inconcert.record.dates import DateRange, Moment


def moment_on(day: date) -> Moment:
    """Something that happened on a day, at a time nobody noted."""
    return Moment(DateRange.of(day))


def moment_at(local: datetime, zone: ZoneInfo, which: str = "") -> Moment:
    """Something that happened at a wall-clock time. `which` is `first` or `second` where the clock showed it twice.

    Raises:
        Refusal: the time never was, or was twice and `which` does not say.
    """
    wall = local.replace(tzinfo=None)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
            raise Refusal(f"{wall:%H:%M} on {wall:%Y-%m-%d} never was: the clocks went forward.", "correct the time.")
        if which not in ("first", "second"):
            raise Refusal(
                f"{wall:%H:%M} on {wall:%Y-%m-%d} was twice: the clocks went back.",
                "say whether it was the first or the second time.",
            )
    chosen = second if which == "second" else first
    return moment_of(chosen)


def moment_of(aware: datetime) -> Moment:
    """An instant, with the day and offset of the clock it is told on. Raises ValueError for a time without a zone."""
    offset = aware.utcoffset()
    if offset is None:
        raise ValueError("an instant without a zone")
    return Moment(DateRange.of(aware.date()), aware.astimezone(UTC), round(offset / timedelta(minutes=1)))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in a zone, in UTC. Where midnight is skipped, the first instant after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the day after, in UTC: a deadline of that day has passed from then on."""
    return start_of(day + timedelta(days=1), zone)


def bounds(moment: Moment, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The earliest and latest instant it can have been; the same twice where the instant is known."""
    if moment.instant is not None:
        return moment.instant, moment.instant
    return start_of(moment.days.earliest, zone), end_of(moment.days.latest, zone)


def day_in(moment: Moment, zone: ZoneInfo) -> date:
    """The clinic's day of it: of an instant by the zone, else the day as noted."""
    return moment.instant.astimezone(zone).date() if moment.instant is not None else moment.days.earliest


def plus_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(due: datetime, zone: ZoneInfo) -> date:
    """The clinic's last day on which a deadline has not passed: the day before, where it ends at midnight."""
    return (due - timedelta(microseconds=1)).astimezone(zone).date()
