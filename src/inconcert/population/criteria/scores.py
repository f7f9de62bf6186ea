"""Scores over time: the twin of `payers.criteria.scores`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from inconcert.knowledge.policy_schema.checks import depression_scales, policy_scales
from inconcert.knowledge.policy_schema.who import RatingScaleDocumented, ScaleBound, SeverityScore
from inconcert.payers import readings
from inconcert.payers.criteria.scores import band_from
from inconcert.population.days import days_before
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Flag, Tri, all_of, any_of, small, when
from inconcert.population.place import Compiler, Place


def of_scale(name: str) -> Flag:
    """Rows of `scores` that a policy's name for a scale reaches."""
    return _.scale.isin(list(policy_scales()[name].ids))


def holds(bound: ScaleBound) -> Tri:
    """Whether a row's score is inside a bound; unknown where a form with blanks could be on either side."""
    low, high = _inside(bound, _.low), _inside(bound, _.high)
    either = when((low & high, MET), (~low & ~high, NOT_MET), otherwise=UNKNOWN)
    if isinstance(bound.value, tuple):
        return when(((_.low < bound.value[0]) & (_.high > bound.value[1]), UNKNOWN), otherwise=either)
    return either


def _inside(bound: ScaleBound, total: Any) -> Flag:
    value = bound.value
    if isinstance(value, tuple):
        return (total >= value[0]) & (total <= value[1])
    if isinstance(value, str):
        return total >= band_from(bound)
    compared: Flag = {
        ">": total > value, ">=": total >= value, "<": total < value, "<=": total <= value, "=": total == value,
    }[bound.op]  # fmt: skip
    return compared


def severity_score(leaf: SeverityScore, place: Place) -> Tri:
    """Met if a listed scale is inside its bound; not met only where every listed scale is on record and none is."""
    return any_of([_one_scale(leaf, bound, place) for bound in leaf.any_of])


def _one_scale(leaf: SeverityScore, bound: ScaleBound, place: Place) -> Tri:
    if "scores" not in place.frame.tables:
        return UNKNOWN
    days = leaf.within_days
    if days is None:
        days = int(readings.reading("persisted_days" if leaf.persisted else "score_valid_days").value)
    oldest, valid = ibis.literal(place.as_of - timedelta(days=days)), of_scale(bound.scale)
    if leaf.persisted_weeks is not None:
        return _run(float(leaf.persisted_weeks), bound, days, place)
    if leaf.over == "latest" or leaf.within_days is not None or leaf.times > 1:
        valid = valid & (_.day >= oldest)
    key = (bound.scale, bound.op, bound.value, leaf.over, days, leaf.within_days)
    decided = valid & (holds(bound) != UNKNOWN)
    if leaf.persisted:
        return _persisted(bound, valid, key, place)
    if leaf.times > 1:
        return _several(leaf, bound, valid, key, place)
    # The first form in this order that decides; a form too blank to decide is passed over.
    rank = {
        "latest": _.place, "baseline": -_.place, "worst": _.high * 1e6 - _.place, "best": -_.low * 1e6 - _.place,
    }[leaf.over]  # fmt: skip
    return place.frame.over("scores", key, holds(bound).argmax(rank, where=decided), empty=UNKNOWN)


def _several(leaf: SeverityScore, bound: ScaleBound, valid: Flag, key: tuple[object, ...], place: Place) -> Tri:
    """So many scores inside the bound, far enough apart. Too few are not met only where the latest lies outside."""
    inside = place.frame.tables["scores"].filter(valid & (holds(bound) == MET)).select("person", "day")

    def reached() -> Table:
        # The earliest score inside, then the earliest that is far enough from it, and so on.
        found = inside.group_by("person").aggregate(pick=_.day.min())
        for _again in range(leaf.times - 1):
            later = inside.join(found, "person").filter(_.day.delta(_.pick, unit="day") >= max(leaf.days_apart, 1))
            found = later.group_by("person").aggregate(pick=_.day.min())
        return found.select("person", enough=ibis.literal(True))

    enough = place.frame.derived((*key, leaf.times, leaf.days_apart), reached)("enough").coalesce(False)
    latest = place.frame.over(
        "scores",
        (*key, "latest decided"),
        holds(bound).argmax(_.place, where=valid & (holds(bound) != UNKNOWN)),
        empty=UNKNOWN,
    )
    return when((enough, MET), (latest == NOT_MET, NOT_MET), otherwise=UNKNOWN)


def _run(weeks: float, bound: ScaleBound, days: int, place: Place) -> Tri:
    """Scores inside the bound without a break for so many weeks, up to a score in date."""
    key = (bound.scale, bound.op, bound.value, "run")
    oldest = ibis.literal(place.as_of - timedelta(days=days))
    of = place.frame.derived(key, lambda: _runs(place.frame.tables["scores"], bound))
    last_day, broken_day, first, last = of("last_day"), of("broken_day"), of("first"), of("last")
    long = last.delta(first, unit="day") >= weeks * 7
    short = first.isnull() | (days_before(broken_day, place.as_of) <= weeks * 7)
    return when((last_day.isnull() | (last_day < oldest), UNKNOWN), (long, MET), (short, NOT_MET), otherwise=UNKNOWN)


def _runs(scores: Table, bound: ScaleBound) -> Table:
    """Per person: the last day decided, the last day outside the bound, the first and last day of the run since."""
    decided = scores.filter(of_scale(bound.scale) & (holds(bound) != UNKNOWN)).mutate(inside=holds(bound))
    broken = decided.group_by("person").aggregate(
        last_day=_.day.max(),
        broken_place=_.place.max(where=_.inside == NOT_MET),
        broken_day=_.day.argmax(_.place, where=_.inside == NOT_MET),
    )
    run = decided.join(broken.select("person", "broken_place"), "person")
    run = run.filter(_.broken_place.isnull() | (_.place > _.broken_place))
    run = run.group_by("person").aggregate(first=_.day.min(), last=_.day.max()).rename(person_run="person")
    return broken.left_join(run, broken.person == run.person_run).select(
        "person", "last_day", "broken_day", "first", "last"
    )


def _persisted(bound: ScaleBound, valid: Flag, key: tuple[object, ...], place: Place) -> Tri:
    need = int(readings.reading("persisted_scores").value)
    days = place.frame.over("scores", (*key, "days"), _.day.nunique(where=valid & (holds(bound) == MET)), empty=0)
    worst = place.frame.over(
        "scores", (*key, "worst"), holds(bound).min(where=valid & (holds(bound) != UNKNOWN)), empty=UNKNOWN
    )
    return when((worst == NOT_MET, NOT_MET), (days >= need, MET), otherwise=UNKNOWN)


def scale_documented(leaf: RatingScaleDocumented, place: Place) -> Tri:
    """A baseline is a valid score in the record, or somebody's word; later scores are a plan, which the clinic attests."""
    parts: list[Tri] = []
    if "baseline" in leaf.timing:
        parts.append(_baseline(leaf, place))
    if set(leaf.timing) - {"baseline"}:
        parts.append(place.yes_no("payers.serial_scales_planned"))
    if leaf.same_scale:
        parts.append(place.yes_no("payers.same_scale_throughout"))
    if leaf.score_before_tms:
        parts.append(place.yes_no("payers.score_before_tms_sent"))
    return all_of(parts)


def _baseline(leaf: RatingScaleDocumented, place: Place) -> Tri:
    oldest = ibis.literal(place.as_of - timedelta(days=readings.reading("score_valid_days").value))
    names: list[str] = [s for s in leaf.scales if s != "any"] or list(depression_scales())
    ids = sorted({i for name in names for i in policy_scales()[name].ids})
    whole = place.frame.over(
        "scores",
        ("whole", *ids),
        (_.scale.isin(ids) & (_.low == _.high) & (_.day >= oldest)).any(),
        empty=False,
    )
    said = place.yes_no("payers.baseline_scale")
    return when((whole, small(MET)), otherwise=said)


COMPILERS: dict[type, Compiler] = {SeverityScore: severity_score, RatingScaleDocumented: scale_documented}
