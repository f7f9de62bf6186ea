"""What lies outside the chart: text nobody saw, proprietary sets, network, product, dates, agreements."""

from __future__ import annotations

from datetime import date

from inconcert.judgement import Answer, Judgement, all_of
from inconcert.knowledge.policy_schema.later import (
    CommercialArrangement,
    ExternalCriteriaMet,
    FdaApprovedIndication,
    NetworkStatus,
    PlanProduct,
    PolicyTextNotSeen,
    ServiceDate,
    TreatmentStarted,
)
from inconcert.payers.asking import Evaluator, Spot


def text_not_seen(leaf: PolicyTextNotSeen, spot: Spot) -> Judgement:
    """Always unknown: nothing in a chart can meet a rule that nobody read."""
    question = spot.question("payers.policy_text", about=f"Point: {leaf.what}.")
    return spot.judge(Answer.UNKNOWN, f"We did not see this part of the policy: {leaf.what}.", question=question)


def external_criteria(leaf: ExternalCriteriaMet, spot: Spot) -> Judgement:
    """Delegated: only somebody who holds the set can say, and their word is a fact of its own."""
    said = spot.yes_no(
        "payers.external_criteria", f"{leaf.criteria_set} is met, as judged by its holder",
        f"{leaf.criteria_set} is not met, as judged by its holder",
    )  # fmt: skip
    if said.answer is not Answer.UNKNOWN:
        return said
    text = f"The payer judges by {leaf.criteria_set}, which is not public; only the documents can be prepared."
    return spot.judge(Answer.UNKNOWN, text, question=said.question)


def network(leaf: NetworkStatus, spot: Spot) -> Judgement:
    """In or out of the payer's network."""
    met = Answer.MET if leaf.status == "contracted" else Answer.NOT_MET
    return spot.yes_no("payers.clinic.network_contracted", "The clinic is in network", "Out of network", when_yes=met)


def product(leaf: PlanProduct, spot: Spot) -> Judgement:
    """A named product, and treatment outside its home state where the rule says so."""
    parts = [spot.yes_no("payers.plan_product", f"The plan is {leaf.product}", f"The plan is not {leaf.product}")]
    if leaf.treated_outside_home_state:
        yes, no = "Treated outside the home state", "Treated in the home state"
        parts.append(spot.yes_no("payers.treated_outside_home_state", yes, no))
    return (
        parts[0] if len(parts) == 1 else spot.joined(parts, all_of(p.answer for p in parts), f"Product {leaf.product}.")
    )


def service_date(leaf: ServiceDate, spot: Spot) -> Judgement:
    """The date of service lies in the range: first day in, last day out."""
    day = spot.view.as_of
    late = leaf.on_or_after is None or day >= date.fromisoformat(leaf.on_or_after)
    early = leaf.before is None or day < date.fromisoformat(leaf.before)
    limits = [f"on or after {leaf.on_or_after}"] if leaf.on_or_after else []
    limits += [f"before {leaf.before}"] if leaf.before else []
    answer = Answer.MET if late and early else Answer.NOT_MET
    return spot.judge(answer, f"Date of service {day}; {' and '.join(limits)} is asked.")


def started(_leaf: TreatmentStarted, spot: Spot) -> Judgement:
    """Treatment began before the guidance was published."""
    return spot.yes_no(
        "payers.started_before_guidance", "Started before the guidance", "Not started before the guidance"
    )


def arrangement(_leaf: CommercialArrangement, spot: Spot) -> Judgement:
    """A price agreement stands."""
    return spot.yes_no(
        "payers.commercial_arrangement", "The price agreement stands", "The price agreement does not stand"
    )


def other_indication(_leaf: FdaApprovedIndication, spot: Spot) -> Judgement:
    """Another indication of the label. Everything here is asked for depression, so a confirmed depression answers it."""
    found = spot.view.case.history.episode.diagnosis
    if found.answer is Answer.MET:
        return spot.judge(Answer.NOT_MET, "Asked for depression, not for another indication.", used=found.basis.used)
    return spot.yes_no(
        "payers.other_labeled_indication", "Asked for another labeled indication", "Asked for depression"
    )


EVALUATORS: dict[type, Evaluator] = {
    PolicyTextNotSeen: text_not_seen,
    ExternalCriteriaMet: external_criteria,
    NetworkStatus: network,
    PlanProduct: product,
    ServiceDate: service_date,
    TreatmentStarted: started,
    CommercialArrangement: arrangement,
    FdaApprovedIndication: other_indication,
}
