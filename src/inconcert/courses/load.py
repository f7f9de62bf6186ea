"""Visits, hours and weeks of a way, counted week by week from its protocols' phases.

Two treatments on one day are one visit; on alternate days the drug keeps its days and TMS takes what is left of the
working week, so the TMS course is stretched and never cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from inconcert.judgement import NumberKind, Source
from inconcert.knowledge.courses import WayFile, WayPart
from inconcert.knowledge.protocols import Phase, bounds
from inconcert.protocols import Figure, check_can_select, course_load, hours_per_visit

WORKING_DAYS = 5
End = int  # 0 the shortest course the protocol allows, 1 the longest


@dataclass(frozen=True, slots=True)
class _Course:
    """One part as visits in each week, with the hours of one visit (None where no source lets it be computed)."""

    weeks: tuple[float, ...]
    hours_each: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLoad:
    """What a way asks as a whole, and each part for itself in the order of the file."""

    visits: Figure
    hours: Figure
    weeks: Figure
    busiest_week: float | None  # visits in the fullest week; None where no source lets it be counted
    parts: tuple[tuple[Figure, Figure, Figure, float], ...]  # visits, hours, weeks, week in which it starts


@cache
def way_load(way: WayFile) -> WayLoad:
    """Count visits, hours and weeks of a way.

    A single treatment's figures are the protocol's own (reported); a pair's rest on an arrangement nobody tested and
    are design defaults. Raises Refusal where a part's protocol may not be chosen.
    """
    ends = [_arrange(way, end) for end in (0, 1)]
    kind = NumberKind.REPORTED if len(way.parts) == 1 else NumberKind.DESIGN_DEFAULT
    sources = tuple(s for part in way.parts for s in check_can_select(part.protocol).sources)

    def whole(name: str, unit: str, values: list[float | None], note: str) -> Figure:
        return _figure(name, unit, values, kind, sources, note)

    note = "counted from the protocol" if len(way.parts) == 1 else "counted from the protocols, arranged as proposed"
    return WayLoad(
        visits=whole("visits", "visits", [e.visits for e in ends], note),
        hours=whole("hours", "h", [e.hours for e in ends], f"{note}; treatment and watching only"),
        weeks=whole("weeks", "weeks", [e.weeks for e in ends], note),
        busiest_week=ends[0].busiest,
        parts=tuple(_part(part, ends[0].starts[i]) for i, part in enumerate(way.parts)),
    )


@dataclass(frozen=True, slots=True)
class _Arranged:
    visits: float | None
    hours: float | None
    weeks: float | None
    starts: tuple[float, ...]
    busiest: float | None


def _arrange(way: WayFile, end: End) -> _Arranged:
    courses = [_course(part, end) for part in way.parts]
    if any(c is None for c in courses):
        return _Arranged(None, None, None, tuple(0.0 for _ in courses), None)
    known = [c for c in courses if c is not None]
    return _ARRANGEMENTS[way.arrangement](known)


def _alone(courses: list[_Course]) -> _Arranged:
    only = courses[0]
    visits = sum(only.weeks)
    return _Arranged(visits, _hours(courses), _length(only.weeks), (0.0,), max(only.weeks))


def _same_day(courses: list[_Course]) -> _Arranged:
    together = [max(week) for week in zip_longest(*(c.weeks for c in courses), fillvalue=0.0)]
    starts = tuple(0.0 for _ in courses)
    return _Arranged(sum(together), _hours(courses), float(len(together)), starts, max(together))


def _alternate(courses: list[_Course]) -> _Arranged:
    """The first part keeps its days; the second takes the other working days until it is done."""
    drug, tms = courses
    left, week, visits, busiest = sum(tms.weeks), 0, 0.0, 0.0
    while left > 0 or week < len(drug.weeks):
        drug_days = drug.weeks[week] if week < len(drug.weeks) else 0.0
        tms_days = min(left, WORKING_DAYS - drug_days)
        left, visits, week = left - tms_days, visits + drug_days + tms_days, week + 1
        busiest = max(busiest, drug_days + tms_days)
    return _Arranged(visits, _hours(courses), float(week), (0.0, 0.0), busiest)


def _one_after_the_other(courses: list[_Course]) -> _Arranged:
    starts = [0.0]
    for course in courses[:-1]:
        starts.append(starts[-1] + _length(course.weeks))
    weeks = starts[-1] + _length(courses[-1].weeks)
    visits, busiest = sum(sum(c.weeks) for c in courses), max(max(c.weeks) for c in courses)
    return _Arranged(visits, _hours(courses), weeks, tuple(starts), busiest)


_ARRANGEMENTS = {
    "alone": _alone,
    "same_day": _same_day,
    "alternate": _alternate,
    "prime": _one_after_the_other,
    "sequential": _one_after_the_other,
}


def _length(weeks: tuple[float, ...]) -> float:
    """Weeks a course lasts; a single visit lasts a day, a single block of n days n sevenths of a week."""
    return float(len(weeks)) if len(weeks) > 1 else weeks[0] / 7


def _hours(courses: list[_Course]) -> float | None:
    total = 0.0
    for course in courses:
        if course.hours_each is None:
            return None
        total += sum(course.weeks) * course.hours_each
    return total


def _course(part: WayPart, end: End) -> _Course | None:
    protocol = check_can_select(part.protocol)
    phases = [p for p in protocol.phases if not p.open_ended and (not part.phases or p.name in part.phases)]
    weeks: list[float] = []
    for phase in phases:
        visits, rate = _visits(phase, end), _visits_per_week(phase)
        if visits is None or rate is None:
            return None
        full = math.floor(visits / rate)
        weeks += [rate] * full + ([visits - full * rate] if visits % rate else [])
    each = hours_per_visit(protocol, phases[0]) if phases else None
    return _Course(tuple(weeks), each) if weeks else None


def _visits(phase: Phase, end: End) -> float | None:
    days = bounds(phase.days)[end]
    if days is not None:
        return days
    sessions = bounds(phase.sessions)[end]
    if sessions is None:
        weeks = bounds(phase.weeks)[end]
        return None if weeks is None or not phase.sessions_per_week else weeks * phase.sessions_per_week
    return math.ceil(sessions / (phase.sessions_per_day or 1))


def _visits_per_week(phase: Phase) -> float | None:
    if phase.sessions_per_week:
        return phase.sessions_per_week
    return float(WORKING_DAYS) if phase.sessions_per_day or phase.sessions == 1 else None


def _part(part: WayPart, starts: float) -> tuple[Figure, Figure, Figure, float]:
    load = course_load(check_can_select(part.protocol), part.phases)
    return load.visits, load.hours, load.weeks, starts


def _figure(
    name: str, unit: str, values: list[float | None], kind: NumberKind, sources: tuple[Source, ...], note: str
) -> Figure:
    low, high = values
    if low is None or high is None:
        low = high = None
        note = "no source states enough to compute it"
    return Figure(
        name=name, low=low, high=None if high == low else high, unit=unit, kind=kind, sources=sources, note=note
    )
