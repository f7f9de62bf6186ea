"""What lies outside the chart: the twin of `payers.criteria.outside`."""

from __future__ import annotations

from datetime import date

from inconcert.knowledge.policy_schema import later as words
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, when
from inconcert.population.place import Compiler, Place


def product(leaf: words.PlanProduct, place: Place) -> Tri:
    """A named product, and treatment outside its home state where the rule says so."""
    parts = [place.yes_no("payers.plan_product")]
    if leaf.treated_outside_home_state:
        parts.append(place.yes_no("payers.treated_outside_home_state"))
    return all_of(parts)


def service_date(leaf: words.ServiceDate, place: Place) -> Tri:
    """The date of service lies in the range: first day in, last day out. The same for everybody."""
    late = leaf.on_or_after is None or place.as_of >= date.fromisoformat(leaf.on_or_after)
    early = leaf.before is None or place.as_of < date.fromisoformat(leaf.before)
    return MET if late and early else NOT_MET


def other_indication(_leaf: words.FdaApprovedIndication, place: Place) -> Tri:
    """Another indication of the label: a confirmed depression answers it."""
    coded, said = place.frame.answer_of_person("depression"), place.yes_no("payers.other_labeled_indication")
    return said if isinstance(coded, int) else when((coded == MET, NOT_MET), otherwise=said)


def _word(question: str) -> Compiler:
    return lambda _leaf, place: place.yes_no(question)


COMPILERS: dict[type, Compiler] = {
    words.PolicyTextNotSeen: lambda _leaf, _place: UNKNOWN,
    words.ExternalCriteriaMet: _word("payers.external_criteria"),
    words.NetworkStatus: lambda leaf, place: place.yes_no(
        "payers.clinic.network_contracted", when_yes=MET if leaf.status == "contracted" else NOT_MET
    ),
    words.PlanProduct: product,
    words.ServiceDate: service_date,
    words.TreatmentStarted: _word("payers.started_before_guidance"),
    words.CommercialArrangement: _word("payers.commercial_arrangement"),
    words.FdaApprovedIndication: other_indication,
}
