"""Dates as far as they are known, and time that is subtracted in UTC."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.record import DateRange, Moment


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_partial_date_is_all_the_days_it_may_be(text: str, earliest: date, latest: date) -> None:
    """A year is any day of the year, never the first of January, and is shown as it was written."""
    found = DateRange.parse(text)
    assert (found.earliest, found.latest, str(found)) == (earliest, latest, text)
    assert found.is_exact == (earliest == latest)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13",
        "2024-00-10",
        "2024-00",
        "2024-01-00",
        "2024-2-3",
        "24",
        "",
        "2024-02-30T",
        "٢٠٢٤",
        "2024-02-29\n",
    ],
)
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    """A date that is malformed or not in the calendar is refused by its own text, not moved to a neighbor."""
    with pytest.raises(ValueError, match="not a d"):
        DateRange.parse(text)


def test_a_range_may_not_run_backward() -> None:
    """A range that ends before it starts cannot be made."""
    with pytest.raises(ValueError, match="before it starts"):
        DateRange(date(2024, 2, 1), date(2024, 1, 1))


@given(st.dates())
def test_one_known_day_is_read_back_as_itself(day: date) -> None:
    """Whatever day is written comes back as that one day."""
    assert DateRange.parse(day.isoformat()) == DateRange.of(day)


@pytest.mark.parametrize(
    ("start", "end", "elapsed"),
    [
        # New York, 8 March 2026: at 02:00 the clock goes to 03:00. On the wall two hours, in truth one.
        ("2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00", timedelta(hours=1)),
        # 1 November 2026: at 02:00 back to 01:00. On the wall one hour, in truth two.
        ("2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-05:00", timedelta(hours=2)),
        # The repeated hour: the same wall clock, an hour apart.
        ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", timedelta(hours=1)),
    ],
)
def test_elapsed_time_does_not_follow_the_clock_on_the_wall(start: str, end: str, elapsed: timedelta) -> None:
    """Time observed is subtracted between instants, so a changed clock sends nobody home early."""
    first, second = Moment.parse(start), Moment.parse(end)
    assert first.instant is not None
    assert second.instant is not None
    assert second.instant - first.instant == elapsed


def test_a_moment_keeps_the_day_and_the_offset_it_was_recorded_in() -> None:
    """Half past eleven at night in New York is the next day in UTC, and stays that day for the clinic."""
    late = Moment.parse("2026-06-30T23:30:00-04:00")
    assert late.days.earliest == date(2026, 6, 30)
    assert late.utc_offset_minutes == -240
    assert late.instant is not None
    assert late.instant.isoformat() == "2026-07-01T03:30:00+00:00"


def test_a_time_without_a_zone_tells_only_the_day() -> None:
    """Where the record names no offset the instant is unknown, not assumed to be UTC."""
    found = Moment.parse("2026-06-30T23:30:00")
    assert found.instant is None
    assert found.days.earliest == date(2026, 6, 30)


@pytest.mark.parametrize(
    "text", ["2026-06T10:00:00Z", "2026-06-30T25:00:00Z", "2026-06-30Tnoon", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    """A time on half a date, an hour 25, words, or an instant outside the calendar are each refused."""
    with pytest.raises(ValueError, match=r"gives a time|not a date and time|outside the calendar"):
        Moment.parse(text)
