"""Wall clocks that jump, and calendar days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inconcert.judgement import Refusal
from inconcert.payers.authorization import times

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("zone", "local", "which", "instant"),
    [
        ("America/New_York", "2026-03-08T01:59", "", "2026-03-08T06:59"),
        ("America/New_York", "2026-03-08T03:00", "", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:30", "first", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01T01:30", "second", "2026-11-01T06:30"),
        ("America/New_York", "2026-11-01T02:00", "", "2026-11-01T07:00"),
        ("America/Phoenix", "2026-03-08T02:30", "", "2026-03-08T09:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "second", "2026-04-04T15:15"),
        ("Asia/Kathmandu", "2026-03-08T02:30", "", "2026-03-07T20:45"),
    ],
)
def test_a_wall_clock_time_becomes_one_instant(zone: str, local: str, which: str, instant: str) -> None:
    """A time on the clinic's wall is one instant in UTC, also where clocks jump by an hour or by half an hour."""
    moment = times.moment_at(datetime.fromisoformat(local), ZoneInfo(zone), which)
    assert moment.instant == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert moment.days.earliest == date.fromisoformat(local[:10])


@pytest.mark.parametrize(("local", "said"), [("2026-03-08T02:30", "never was"), ("2026-11-01T01:30", "was twice")])
def test_a_time_that_was_not_once_is_not_guessed(local: str, said: str) -> None:
    """A time the clock skipped is refused; one it showed twice is asked about."""
    with pytest.raises(Refusal, match=said):
        times.moment_at(datetime.fromisoformat(local), NEW_YORK)


def test_a_day_is_as_long_as_the_calendar_says() -> None:
    """The day the clocks go forward has 23 hours, the day they go back 25."""
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    assert times.end_of(spring, NEW_YORK) - times.start_of(spring, NEW_YORK) == timedelta(hours=23)
    assert times.end_of(autumn, NEW_YORK) - times.start_of(autumn, NEW_YORK) == timedelta(hours=25)


def test_a_midnight_that_never_was() -> None:
    """Where midnight itself is skipped, the day still begins, and after the day before."""
    cairo, day = ZoneInfo("Africa/Cairo"), date(2026, 4, 24)
    assert times.start_of(day, cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert times.start_of(day, cairo).astimezone(cairo).date() == day


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-10-31", 4, "2027-02-28"), ("2026-01-15", 4, "2026-05-15"), ("2027-10-31", 4, "2028-02-29")],
)
def test_months_end_where_the_month_ends(start: str, months: int, end: str) -> None:
    """Four months after 31 October is the last day of February."""
    assert times.plus_months(date.fromisoformat(start), months) == date.fromisoformat(end)
