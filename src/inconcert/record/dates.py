"""Dates as they are known. A chart that says "2024" says any day of 2024: a range, never 1 January."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_PARTIAL = re.compile(r"(?P<y>\d{4})(-(?P<m>\d{2})(-(?P<d>\d{2}))?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """All days from `earliest` to `latest`, both included. `text` is the date as the record wrote it."""

    earliest: date
    latest: date
    text: str = ""

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"date range ends ({self.latest}) before it starts ({self.earliest})")

    @classmethod
    def of(cls, day: date) -> DateRange:
        """The range that is one known day."""
        return cls(day, day, day.isoformat())

    @classmethod
    def parse(cls, text: str) -> DateRange:
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (a time part after `T` is the caller's business).

        Raises ValueError, saying what is wrong, for anything else and for days that do not exist.
        """
        match = _PARTIAL.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not a date written YYYY, YYYY-MM or YYYY-MM-DD")
        year = int(match["y"])
        # Month 00 and day 00 are written but do not exist; only an absent part widens the range.
        month = int(match["m"]) if match["m"] is not None else None
        day = int(match["d"]) if match["d"] is not None else None
        try:
            first = date(year, 1 if month is None else month, 1 if day is None else day)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a day that exists ({error})") from error
        last_month = 12 if month is None else month
        last = date(year, last_month, calendar.monthrange(year, last_month)[1] if day is None else day)
        return cls(first, last, text)

    @property
    def is_exact(self) -> bool:
        """True if it is one known day."""
        return self.earliest == self.latest

    def __str__(self) -> str:
        return self.text or (self.earliest.isoformat() if self.is_exact else f"{self.earliest}/{self.latest}")


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: the days it may have been, and the instant if the record gave one.

    `instant` is UTC; `utc_offset_minutes` the offset it was recorded in, kept so that the clinic's own clock can be
    shown again. Elapsed time is subtracted between instants, never between wall clocks.
    """

    days: DateRange
    instant: datetime | None = None
    utc_offset_minutes: int | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read a FHIR `date` or `dateTime`. Raises ValueError with the reason for anything else."""
        day_text, _, clock = text.partition("T")
        days = DateRange.parse(day_text)
        if not clock:
            return cls(days)
        if not days.is_exact:
            raise ValueError(f"{text!r} gives a time of day on a date that is not a full date")
        try:
            stamp = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a date and time that exists ({error})") from error
        whole = DateRange(days.earliest, days.latest, text)
        offset = stamp.utcoffset()
        if offset is None:  # FHIR demands a zone with a time; without one only the day is known
            return cls(whole)
        try:
            instant = stamp.astimezone(UTC)
        except OverflowError as error:  # year 1 or 9999 with an offset that leaves the calendar
            raise ValueError(f"{text!r} is outside the calendar in UTC") from error
        return cls(whole, instant, round(offset / timedelta(minutes=1)))
