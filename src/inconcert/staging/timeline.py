"""From the uses of one drug to its dose timeline, and from the timeline to trials.

Days are cut wherever any record begins or ends; in each stretch every record either surely, possibly or not at all
covers it. A later order replaces an earlier one from its start. Two orders (or statements, or hand-overs) that both
gave their end and overlap may be a replacement or an addition: the dose is kept as a range.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inconcert.judgement import Answer
from inconcert.knowledge.staging import staging_rules
from inconcert.record import DateRange
from inconcert.staging.doses import DailyDose
from inconcert.staging.spans import ONE_DAY, DoseSegment
from inconcert.staging.uses import Use

_ADDITIVE = ("order", "statement", "dispense")  # two of one kind that overlap may be two products taken together


@dataclass(frozen=True, slots=True)
class Stretch:
    """The segments and uses of one drug that belong to one trial."""

    segments: tuple[DoseSegment, ...]
    uses: tuple[Use, ...]


def stretches(uses: Sequence[Use], as_of: date) -> tuple[Stretch, ...]:
    """The trials of one drug, oldest first: its timeline cut where it was surely not taken for longer than the bridge."""
    timeline = segments_of(uses, as_of)
    groups: list[list[DoseSegment]] = []
    for segment in timeline:
        if groups and segment.start.earliest - groups[-1][-1].end.latest - ONE_DAY <= _bridge():
            groups[-1].append(segment)
        else:
            groups.append([segment])
    found = []
    for group in groups:
        first, last = group[0].start.earliest, group[-1].end.latest
        mine = tuple(u for u in uses if u.start.earliest <= last and u.end.latest >= first)
        found.append(Stretch(tuple(group), mine))
    return tuple(found)


def segments_of(uses: Sequence[Use], as_of: date) -> tuple[DoseSegment, ...]:
    """The dose timeline of one drug up to `as_of`, oldest first."""
    cuts = sorted({
        day for u in uses
        for day in (u.start.earliest, u.start.latest, u.end.earliest + ONE_DAY, u.end.latest + ONE_DAY, as_of + ONE_DAY)
        if day <= as_of + ONE_DAY
    })  # fmt: skip
    found: list[DoseSegment] = []
    for first, after in itertools.pairwise(cuts):
        here = [u for u in uses if u.possible_on(first)]
        if not here:
            continue
        segment = _segment(here, first, after - ONE_DAY)
        if found and _same(found[-1], segment):
            found[-1] = replace(found[-1], end=segment.end)
        else:
            found.append(segment)
    return tuple(found)


def _segment(here: list[Use], first: date, last: date) -> DoseSegment:
    dose, tellers = _dose_in_force(here, first)
    minimum = {u.minimum_dose_mg for u in tellers or here}
    known = [m for m in minimum if m is not None]
    return DoseSegment(
        start=DateRange.of(first), end=DateRange.of(last), daily_dose_mg_low=dose.low, daily_dose_mg_high=dose.high,
        records=tuple(dict.fromkeys(u.record_id for u in here)),
        taken=Answer.MET if any(u.certain_on(first) for u in here) else Answer.UNKNOWN,
        adequate_dose_mg=max(known) if known and len(known) == len(minimum) else None,
    )  # fmt: skip


def _same(a: DoseSegment, b: DoseSegment) -> bool:
    return (
        a.end.latest + ONE_DAY == b.start.earliest
        and (a.daily_dose_mg_low, a.daily_dose_mg_high, a.taken, a.adequate_dose_mg, a.records)
        == (b.daily_dose_mg_low, b.daily_dose_mg_high, b.taken, b.adequate_dose_mg, b.records)
    )  # fmt: skip


def _dose_in_force(here: list[Use], day: date) -> tuple[DailyDose, list[Use]]:
    """The dose on one day and the uses that tell it: a chart's dose first, a report's where the chart has none."""
    chart = [u for u in here if u.tells_dose]
    kept = [u for u in chart if not any(_replaces(v, u, day) for v in chart)]
    told = [u for u in here if u.kind == "reported" and u.dose.known]
    if told and (not kept or any(not u.dose.known for u in kept)):
        kept = told
    if not kept:
        return DailyDose(None, None), []
    low, high = _least([u.dose.low for u in kept]), _most([u.dose.high for u in kept])
    orders = _each_once([u for u in kept if u.kind == "order"])
    lines_add_up = len({u.record_id for u in orders}) == 1 or all(u.adding for u in orders)
    if len(orders) > 1 and lines_add_up:  # begun on one day: lines of one prescription add up, two prescriptions may
        low = _total([u.dose.low for u in orders])
    highs = [high, *(_together(kind, chart, kept, day) for kind in _ADDITIVE if any(u.kind == kind for u in kept))]
    if orders and all(u.adding for u in orders):
        for other in _perhaps_beside("order", chart, kept, orders, day):
            low = _total([low, other.dose.low])
    return DailyDose(low, _most(highs)), kept


def _together(kind: str, chart: list[Use], kept: list[Use], day: date) -> float | None:
    """The most the records of one kind come to if those that overlap are taken together (XL 150 mg and XL 150 mg)."""
    in_force = _each_once([u for u in kept if u.kind == kind])
    return _total([u.dose.high for u in (*in_force, *_perhaps_beside(kind, chart, kept, in_force, day))])


def _replaces(later: Use, earlier: Use, day: date) -> bool:
    """True if `later` set the dose anew: it surely began, and after `earlier` did."""
    return later is not earlier and later.start.latest <= day and later.start.earliest > earlier.start.latest


def _each_once(orders: list[Use]) -> list[Use]:
    kept: list[Use] = []
    for order in orders:
        if not any(_duplicate(order, other) for other in kept):
            kept.append(order)
    return kept


def _perhaps_beside(kind: str, chart: list[Use], kept: list[Use], in_force: list[Use], day: date) -> list[Use]:
    """Replaced records of one kind whose own stated end has not come: they may run beside the one in force.

    A record that ends on the day the next begins hands over to it and does not run beside it.
    """
    if not in_force:
        return []
    begun = max(u.start.latest for u in in_force)
    beside = [
        u for u in chart
        if u.kind == kind and u not in kept and u.bounded and u.certain_on(day) and u.end.earliest > begun
    ]  # fmt: skip
    return [u for u in _each_once(beside) if not any(_duplicate(u, v) for v in in_force)]


def _duplicate(a: Use, b: Use) -> bool:
    """The same prescription twice: same days, same dose, same product."""
    return (a.start.earliest, a.end.latest, a.dose.low, a.dose.high) == (
        b.start.earliest, b.end.latest, b.dose.low, b.dose.high,
    ) and a.match.matched == b.match.matched  # fmt: skip


def _least(values: list[float | None]) -> float | None:
    return None if None in values else min(v for v in values if v is not None)


def _most(values: list[float | None]) -> float | None:
    return None if None in values else max(v for v in values if v is not None)


def _total(values: list[float | None]) -> float | None:
    return None if None in values else sum(v for v in values if v is not None)


def settle_ends(uses: Sequence[Use]) -> list[Use]:
    """Uses of one drug, with open ends narrowed by what other records say.

    An open order ends where a later order begins; an account that gives the end gives it for the orders it covers; an
    order that is over, without a date, was over when the last supply handed over under it ran out.
    """
    return [use if use.bounded or not use.dated else _narrowed(use, uses) for use in uses]


def _narrowed(use: Use, uses: Sequence[Use]) -> Use:
    first, latest = use.start.latest, use.end.latest
    for other in uses:
        if other is use or not other.dated:
            continue
        if use.kind == other.kind == "order" and other.start.earliest > first:
            latest = min(latest, other.start.latest)
        tells_end = other.bounded and other.kind in {"reported", "statement"}
        if tells_end and other.start.earliest - _bridge() <= first <= other.end.latest:
            latest = min(latest, other.end.latest)
    supplied = [u.end.latest for u in uses if u.days_supply is not None and u.end.latest >= first]
    if use.kind == "order" and not use.active and supplied:
        latest = min(latest, max(supplied))
    latest = max(latest, use.end.earliest, use.start.earliest)
    return replace(use, end=DateRange(use.end.earliest, latest))


def _bridge() -> timedelta:
    return timedelta(days=staging_rules().bridge_days)


def covered_percent(uses: Sequence[Use]) -> float | None:
    """Percent of days covered by hand-overs, from the first to the end of the last.

    None with fewer than two of them, and where one does not say how long it lasts.
    """
    if any(u.kind == "dispense" and u.days_supply is None for u in uses):
        return None
    supplies = sorted((u.start.earliest, u.end.latest) for u in uses if u.days_supply is not None)
    if len(supplies) < 2:
        return None
    first, last = supplies[0][0], max(end for _, end in supplies)
    covered, reached = 0, first - ONE_DAY
    for start, end in supplies:
        begin = max(start, reached + ONE_DAY)
        if end >= begin:
            covered += (end - begin).days + 1
            reached = end
    return 100.0 * covered / ((last - first).days + 1)
