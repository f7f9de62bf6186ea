"""Later decisions: the twin of `payers.criteria.later`."""

from __future__ import annotations

from ibis import _

from inconcert.knowledge.policy_schema import later as words
from inconcert.population.criteria.hazards import days_since
from inconcert.population.criteria.tried import number
from inconcert.population.days import days_before
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, when
from inconcert.population.place import Compiler, Place


def relapse(leaf: words.Relapse, place: Place) -> Tri:
    """Depression came back, after remission and on a scale where the policy asks it."""
    parts = [place.yes_no("payers.relapse")]
    if leaf.documented_on_scale:
        parts.append(place.yes_no("payers.relapse_on_scale"))
    if leaf.after is not None:
        parts.append(place.yes_no("payers.remission_before"))
    return all_of(parts)


def interval(leaf: words.IntervalSinceLastCourse, place: Place) -> Tri:
    """Days since the last TMS course: from somebody's word, else from the last TMS session in the record."""
    tms = _.service == "tms"
    latest = place.frame.over("treatments", "latest", _.day_latest.argmax(_.place, where=tms), empty=None)
    earliest = place.frame.over("treatments", "earliest", _.day_earliest.argmax(_.place, where=tms), empty=None)
    recorded = UNKNOWN
    if "treatments" in place.frame.tables:
        low, high = days_before(latest, place.as_of), days_before(earliest, place.as_of)
        recorded = when((low >= leaf.min_days, MET), (high < leaf.min_days, NOT_MET), otherwise=UNKNOWN)
    told = days_since("payers.days_since_tms", place)
    if told is None:
        return recorded
    return when((told >= leaf.min_days, MET), (told < leaf.min_days, NOT_MET), otherwise=recorded)


def approval(leaf: words.PreviousApproval, place: Place) -> Tri:
    """The same payer approved before, for the named indication where the policy renews only that one."""
    return place.yes_no("payers.previous_approval" if leaf.indication is None else "payers.approved_for_trd")


COMPILERS: dict[type, Compiler] = {
    words.Relapse: relapse,
    words.IntervalSinceLastCourse: interval,
    words.InterimResponse: lambda leaf, place: number(
        "payers.interim_improvement_percent", ">=", leaf.improvement_pct_at_least, place
    ),
    words.BenefitDocumented: lambda _leaf, place: place.yes_no("payers.benefit_documented"),
    words.ResponseOnScale: lambda _leaf, place: place.yes_no("payers.improved_since_start"),
    words.DurationOfResponse: lambda leaf, place: number("payers.prior_tms_sustained_days", ">=", leaf.min_days, place),
    words.PreviousApproval: approval,
}
