"""What else was tried: the twin of `payers.criteria.tried`."""

from __future__ import annotations

from typing import Any

from inconcert.knowledge.policy_schema import tried as words
from inconcert.payers import readings
from inconcert.population.days import days_before
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, any_of, when
from inconcert.population.place import Compiler, Place


def psychotherapy(leaf: words.PsychotherapyTrial, place: Place) -> Tri:
    """A course of psychotherapy, and each thing the policy asks of it."""
    known, said = place.frame.answer_of_person("psychotherapy"), place.yes_no("payers.psychotherapy_trial")
    parts = [said if isinstance(known, int) else when((known != UNKNOWN, known), otherwise=said)]
    if leaf.at_least > 1:
        parts.append(number("payers.psychotherapy_courses", ">=", leaf.at_least, place))
    if leaf.kinds:
        parts.append(chosen("payers.psychotherapy_kind", leaf.kinds, None, place))
    if leaf.min_sessions is not None:
        parts.append(number("payers.psychotherapy_sessions", ">=", leaf.min_sessions, place))
    if leaf.min_weeks is not None:
        parts.append(number("payers.psychotherapy_weeks", ">=", leaf.min_weeks, place))
    if leaf.within_months is not None:
        parts.append(_therapy_within(float(leaf.within_months), place))
    asked = [
        (leaf.evidence_based, "payers.psychotherapy_evidence_based"),
        (leaf.adequate, "payers.psychotherapy_adequate"),
        (leaf.outcome is not None, "payers.psychotherapy_failed"),
        (leaf.scope == "current_episode", "payers.psychotherapy_in_episode"),
        (leaf.outcome_on_scale, "payers.psychotherapy_on_scale"),
    ]
    return all_of([*parts, *(place.yes_no(question) for wanted, question in asked if wanted)])


def _therapy_within(months: float, place: Place) -> Tri:
    """How long ago it ended, in months; one still running is 0 months ago."""
    ago, day = (
        place.frame.said("payers.psychotherapy_months_ago"),
        place.frame.said("payers.psychotherapy_months_ago@day"),
    )
    if ago is None:
        return UNKNOWN
    if day is not None:
        of_a_month = readings.reading("interval_days_of_a_month").value
        ago = ago + days_before(day, place.as_of).coalesce(0) / of_a_month
    return when((ago <= months, MET), (ago > months, NOT_MET), otherwise=UNKNOWN)


def chosen(question: str, wanted: Any, known: Any, place: Place) -> Tri:
    """Whether a choice that somebody made is one of those asked for; `known`: the words that are an answer at all."""
    said = place.frame.said(question)
    if said is None:
        return UNKNOWN
    answered = said.isin(sorted(known)) if known is not None else said.notnull() & (said != "")
    return when((said.isin(sorted(wanted)), MET), (answered, NOT_MET), otherwise=UNKNOWN)


def number(question: str, op: str, need: float, place: Place) -> Tri:
    """Whether a number that somebody gave is as the policy wants it."""
    value = place.frame.said(question)
    if value is None:
        return UNKNOWN
    inside = {">": value > need, ">=": value >= need, "<": value < need, "<=": value <= need}[op]
    return when((inside, MET), (~inside, NOT_MET), otherwise=UNKNOWN)


def ect(leaf: words.EctStatus, place: Place) -> Tri:
    """Any of the named states; where the policy says `where applicable`, ECT that does not apply settles it."""
    parts = [_ect_state(state, place) for state in leaf.any_of]
    if leaf.applies is not None:
        parts.append(place.yes_no("payers.ect.applicable", when_yes=NOT_MET))
    return any_of(parts)


def _ect_state(state: str, place: Place) -> Tri:
    said = place.yes_no(f"payers.ect.{state}")
    if state != "failed":
        return said
    known = place.frame.answer_of_person("ect_failed")
    return said if isinstance(known, int) else when((known != UNKNOWN, known), otherwise=said)


def prior_tms(leaf: words.PriorTmsResponse, place: Place) -> Tri:
    """An earlier TMS course that helped, and each thing the policy asks of it."""
    parts = [place.yes_no("payers.prior_tms")]
    if isinstance(leaf.improvement_pct_at_least, int | float):
        parts.append(
            number("payers.prior_tms_improvement_percent", leaf.op, float(leaf.improvement_pct_at_least), place)
        )
    if leaf.scope == "earlier_episode":
        parts.append(place.yes_no("payers.prior_tms_earlier_episode"))
    if leaf.months_since_prior_episode_at_least is not None:
        months = leaf.months_since_prior_episode_at_least
        parts.append(number("payers.prior_tms_months_between", ">=", months, place))
    if leaf.sustained_days_at_least is not None:
        parts.append(number("payers.prior_tms_sustained_days", ">=", leaf.sustained_days_at_least, place))
    if leaf.measured_on is not None or leaf.scales:
        parts.append(place.yes_no("payers.prior_tms_on_scale"))
    if leaf.measure is not None:
        parts.append(place.yes_no("payers.prior_tms_important"))
    return all_of(parts)


def _word(question: str) -> Compiler:
    return lambda _leaf, place: place.yes_no(question)


COMPILERS: dict[type, Compiler] = {
    words.PsychotherapyTrial: psychotherapy,
    words.EctStatus: ect,
    words.PriorTmsResponse: prior_tms,
    words.AntidepressantsContraindicated: _word("payers.antidepressants_contraindicated"),
    words.Adherence: _word("payers.adherence_sufficient"),
    words.EarlyTermination: _word("payers.early_termination_adverse_event"),
    words.LessIntensiveTreatmentFailed: _word("payers.less_intensive_failed"),
    words.FirstLineTreatmentFailed: _word("payers.first_line_failed"),
}
