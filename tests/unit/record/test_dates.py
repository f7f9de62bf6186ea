"""Dates as charts know them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.record import DateRange, Moment


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_partial_date_is_a_range(text: str, first: date, last: date) -> None:
    """A year is all of its days, a month all of its own; what was written is kept."""
    found = DateRange.parse(text)
    assert (found.earliest, found.latest, str(found)) == (first, last, text)
    assert found.is_exact == (first == last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2023-02-30",
        "2023-02-29",
        "2023-13",
        "2023-00",
        "0000",
        "2023-2-3",
        "02/03/2023",
        " 2023",
        "2023\n",
        "２０２３",
    ],
)
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    """Impossible or unknown writings raise, saying what is wrong; none is moved to a day that exists."""
    with pytest.raises(ValueError, match="is not a da"):
        DateRange.parse(text)


def test_a_range_does_not_run_backwards() -> None:
    """A range that ends before it starts cannot be made."""
    with pytest.raises(ValueError, match="before it starts"):
        DateRange(date(2024, 2, 1), date(2024, 1, 1))


@given(st.dates())
def test_a_known_day_is_itself(day: date) -> None:
    """A day written and read is the same one day."""
    assert DateRange.parse(day.isoformat()) == DateRange.of(day)
    assert DateRange.of(day).is_exact


def test_a_range_without_its_writing_shows_its_ends() -> None:
    """A range that was computed shows its days."""
    assert str(DateRange(date(2024, 1, 1), date(2024, 1, 1))) == "2024-01-01"
    assert str(DateRange(date(2024, 1, 1), date(2024, 1, 3))) == "2024-01-01/2024-01-03"


def test_an_instant_is_kept_in_utc_with_its_offset() -> None:
    """The day is that of the place, the instant is UTC, and the offset is kept."""
    moment = Moment.parse("2026-03-08T23:30:00-05:00")
    assert moment.days.earliest == date(2026, 3, 8)
    assert moment.instant == datetime(2026, 3, 9, 4, 30, tzinfo=UTC)
    assert moment.utc_offset_minutes == -300
    assert Moment.parse("2026-03-08T23:30:00Z").utc_offset_minutes == 0


def test_a_time_without_an_offset_is_only_its_day() -> None:
    """FHIR demands an offset with a time; without one the instant is not known, and is not guessed."""
    moment = Moment.parse("2026-03-08T23:30:00")
    assert (moment.instant, moment.days.earliest) == (None, date(2026, 3, 8))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03T10:00:00Z",
        "2026-03-08T25:00:00Z",
        "2026-03-08Tnoon",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    """A time on a partial date, an hour that is none, and an instant outside the calendar raise ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        Moment.parse(text)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    """No text makes the parser fail in another way."""
    for parse in (DateRange.parse, Moment.parse):
        try:
            parse(text)
        except ValueError:
            continue
