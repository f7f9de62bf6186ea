"""Time observed is subtracted between instants, so that a changed clock sends nobody home early."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from inconcert.record import Moment


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
    """Across either change of the clock the hours that passed are those that passed."""
    first, second = Moment.parse(start), Moment.parse(end)
    assert first.instant is not None
    assert second.instant is not None
    assert second.instant - first.instant == elapsed


def test_the_day_of_the_clinic_is_the_day_that_was_written() -> None:
    """Half past eleven at night in New York is the next day in UTC, and stays that day for the clinic."""
    late = Moment.parse("2026-06-30T23:30:00-04:00")
    assert late.days.earliest == date(2026, 6, 30)
    assert late.instant is not None
    assert late.instant.date() == date(2026, 7, 1)
