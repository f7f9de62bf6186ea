"""Numbers and stretches of time known only within bounds, and the longest run of days they allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inconcert.judgement import Answer
from inconcert.knowledge.staging import staging_rules
from inconcert.record import DateRange

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A number known only to lie between two bounds (equal when it is known). `high` None means no upper bound known."""

    low: float
    high: float | None

    @property
    def is_exact(self) -> bool:
        """True if both bounds agree."""
        return self.high is not None and self.low == self.high

    def at_least(self, threshold: float) -> Answer:
        """Whether the number reaches the threshold: met, not met, or unknown where the bounds straddle it."""
        if self.low >= threshold:
            return Answer.MET
        if self.high is not None and self.high < threshold:
            return Answer.NOT_MET
        return Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSegment:
    """A stretch of days, both included, at one daily dose.

    Doses are mg per day of the ingredient (mg per 24 h for patches). `low` and `high` bound a dose that is only known
    to lie between; None is not known, on that side. `taken` is met where the record puts the drug into these days for
    certain, unknown where it only may have been taken then. `adequate_dose_mg` is the minimum for the form taken in it.
    """

    start: DateRange
    end: DateRange
    daily_dose_mg_low: float | None
    daily_dose_mg_high: float | None
    records: tuple[str, ...]
    taken: Answer = Answer.MET
    adequate_dose_mg: float | None = None

    def dose_reaches(self, dose_mg: float | None) -> Answer:
        """Whether the dose, where taken, is that many mg a day or more. None is a minimum nobody has stated."""
        if dose_mg is None:
            return Answer.UNKNOWN
        if self.daily_dose_mg_high is not None and self.daily_dose_mg_high < dose_mg:
            return Answer.NOT_MET
        sure = self.daily_dose_mg_low is not None and self.daily_dose_mg_low >= dose_mg
        return Answer.MET if sure else Answer.UNKNOWN

    def reaches(self, dose_mg: float | None) -> Answer:
        """Whether the drug was taken here at that daily dose or more. Zero asks only whether it was taken."""
        if dose_mg == 0:
            return self.taken
        dose = self.dose_reaches(dose_mg)
        return self.taken if dose is Answer.MET else dose


def segments_since(segments: Iterable[DoseSegment], since: DateRange) -> tuple[DoseSegment, ...]:
    """The part of a timeline from a day on; where that day is only known within bounds, the days between are only possible."""
    found: list[DoseSegment] = []
    for segment in segments:
        first, last = segment.start.earliest, segment.end.latest
        if last < since.earliest:
            continue
        first = max(first, since.earliest)
        if first < since.latest:
            doubtful = min(last, since.latest - ONE_DAY)
            found.append(replace(segment, start=DateRange.of(first), end=DateRange.of(doubtful), taken=Answer.UNKNOWN))
            first = since.latest
        if first <= last:
            found.append(replace(segment, start=DateRange.of(first), end=DateRange.of(last)))
    return tuple(found)


def longest_run(
    segments: Iterable[DoseSegment], minimum: Callable[[DoseSegment], float | None], stated: Span | None = None
) -> Span:
    """Weeks of the longest run of days at or above a minimum daily dose, short gaps bridged, as a span.

    The low bound counts only days that reach it for certain, the high bound every day that may. Where a length was
    told in weeks (`stated`), days are not counted: the whole of it is at the dose, may be, or is not.
    """
    listed = list(segments)
    if stated is not None:
        answers = {segment.dose_reaches(minimum(segment)) for segment in listed}
        low = stated.low if answers == {Answer.MET} else 0.0
        return Span(low=low, high=0.0 if answers == {Answer.NOT_MET} else stated.high)
    found = [(segment, segment.reaches(minimum(segment))) for segment in listed]
    sure = [(s.start.earliest, s.end.latest) for s, answer in found if answer is Answer.MET]
    maybe = [(s.start.earliest, s.end.latest) for s, answer in found if answer is not Answer.NOT_MET]
    return Span(low=_longest(sure) / 7, high=_longest(maybe) / 7)


def _longest(stretches: list[tuple[date, date]]) -> int:
    """Days from first to last of the longest chain of stretches whose gaps are within the bridge rule."""
    bridge = timedelta(days=staging_rules().bridge_days)
    best = 0
    chain: tuple[date, date] | None = None
    for start, end in sorted(stretches):
        if chain is None or start - chain[1] - ONE_DAY > bridge:
            chain = (start, end)
        else:
            chain = (chain[0], max(chain[1], end))
        best = max(best, (chain[1] - chain[0]).days + 1)
    return best
