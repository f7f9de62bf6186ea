"""Points in time: days as written, instants across offsets, and comparisons that may stay open."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.outcomes.when import add_months, at_most, below, exact, shift, stretch_of, when, within
from inconcert.record import DateRange, Moment

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.UNKNOWN


def at(text: str, offset: int | None = None):
    """A point in time from FHIR text."""
    found = when(Moment.parse(text).days, offset)
    assert found is not None
    return found


def test_a_day_is_the_day_as_written_in_summer_and_in_winter() -> None:
    """Late on 30 June in New York is July in UTC; it stays 30 June, and so does late on 30 January."""
    assert at("2026-06-30T23:30:00-04:00").days == exact(date(2026, 6, 30))
    assert at("2026-01-30T23:30:00-05:00").days == exact(date(2026, 1, 30))


def test_a_named_offset_reads_all_days_off_one_clock() -> None:
    """With UTC named, the same evening is the first of July; an hour lost to summer time changes no instant."""
    assert at("2026-06-30T23:30:00-04:00", 0).days == exact(date(2026, 7, 1))
    assert at("2026-03-08T03:30:00-04:00").instants == at("2026-03-08T02:30:00-05:00").instants


def test_instants_compare_across_offsets() -> None:
    """Ten in Berlin is before nine in London."""
    assert below(at("2026-07-01T10:00:00+02:00").instants, at("2026-07-01T09:30:00+01:00").instants) is MET


def test_a_day_without_a_time_may_lie_before_or_after_a_time_of_that_day() -> None:
    """Only another day, or the same day equally without a time, can be compared."""
    whole, morning = at("2026-07-01"), at("2026-07-01T08:00:00Z")
    assert at_most(whole.instants, morning.instants) is UNKNOWN
    assert at_most(whole.days, morning.days) is MET
    assert at_most(whole.instants, at("2026-07-01").instants) is MET
    assert at_most(at("2026-06-30").instants, morning.instants) is MET
    assert at_most(at("2026-07-02").instants, morning.instants) is NOT_MET


@pytest.mark.parametrize(
    ("text", "answer"), [("2026-03", UNKNOWN), ("2026-03-15", MET), ("2026-04", NOT_MET), ("2026", UNKNOWN)]
)
def test_a_date_known_only_to_the_month_stays_open(text: str, answer: Answer) -> None:
    """A month lies within 10 to 20 March only where all of it does."""
    assert within(at(text).days, exact(date(2026, 3, 10)), exact(date(2026, 3, 20))) is answer


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2026, 1, 1), -14, date(2024, 11, 1)),
        (date(2026, 1, 1), -2, date(2025, 11, 1)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
    ],
)
def test_months_end_with_the_month(start: date, months: int, end: date) -> None:
    """A day that the later month does not have becomes its last."""
    assert add_months(float(start.toordinal()), months) == float(end.toordinal())


def test_a_period_keeps_both_ends() -> None:
    """An observation over a night lasts from one day into the next."""
    start, end = (Moment.parse(text).days for text in ("2026-01-01T22:00:00Z", "2026-01-02T06:00:00Z"))
    found = stretch_of(Moment(DateRange(start.earliest, end.latest, f"{start}/{end}")))
    assert found is not None
    assert found.start.days == exact(date(2026, 1, 1))
    assert found.end.days == exact(date(2026, 1, 2))
    assert shift(found.start.days, 1) == found.end.days


def test_nothing_is_no_point_in_time() -> None:
    """Where the record has no date there is no point."""
    assert when(None) is None
    assert stretch_of(None) is None
