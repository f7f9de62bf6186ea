"""Words of later decisions (extension, renewal, retreatment) and of what lies outside the chart."""

from __future__ import annotations

from typing import Literal

import msgspec

from inconcert.knowledge.policy_schema.base import Bound, Leaf
from inconcert.knowledge.policy_schema.who import Scale


class Relapse(Leaf, frozen=True, kw_only=True, tag="relapse"):
    """Depression has come back after it had gone."""

    documented: bool = False
    documented_on_scale: bool = False
    after: Literal["remission"] | None = None


class IntervalSinceLastCourse(Leaf, frozen=True, kw_only=True, tag="interval_since_last_course"):
    """Days since the last TMS course ended. `typical` marks a usual figure rather than a hard one."""

    min_days: int
    typical: bool = False


class InterimResponse(Leaf, frozen=True, kw_only=True, tag="interim_response"):
    """Improvement in the middle of a course, percent of the score at its start."""

    improvement_pct_at_least: Bound


class InitialCriteriaMet(Leaf, frozen=True, kw_only=True, tag="initial_criteria_met"):
    """The criteria of the first decision hold (again)."""


class BenefitDocumented(Leaf, frozen=True, kw_only=True, tag="benefit_documented"):
    """Benefit is written down; the policy gives no number."""

    kind: Literal["stability_or_response"] | None = None
    after: Literal["induction"] | None = None


class ResponseOnScale(Leaf, frozen=True, kw_only=True, tag="response_on_scale"):
    """A change on a scale since the start, in somebody's word. The scales are told to them; `score_change` asks the chart."""

    scale: Scale | None = None
    any_scale: tuple[Scale, ...] = ()
    at: Literal["end_of_induction"] | None = None
    improvement: Literal["any_from_baseline", "unspecified"] = "unspecified"


class DurationOfResponse(Leaf, frozen=True, kw_only=True, tag="duration_of_response"):
    """How long the response to the last course held."""

    min_days: int


class PreviousApproval(Leaf, frozen=True, kw_only=True, tag="previous_approval"):
    """An earlier approval. `indication` asks that it was given for that one, where a renewal depends on it."""

    by: Literal["this_payer"]
    indication: Literal["trd"] | None = None


class PolicyTextNotSeen(Leaf, frozen=True, kw_only=True, tag="policy_text_not_seen"):
    """A part of the policy that nobody of us saw. Always unknown, and never met by anything in a chart."""

    what: str


class ExternalCriteriaMet(Leaf, frozen=True, kw_only=True, tag="external_criteria_met"):
    """Delegation to a set of criteria that we may not hold; only the documents can be checked."""

    criteria_set: str = msgspec.field(name="set")
    proprietary: bool = False


class NetworkStatus(Leaf, frozen=True, kw_only=True, tag="network_status"):
    """Whether the clinic has a contract with the payer."""

    status: Literal["contracted", "out_of_network"] = msgspec.field(name="is")


class PlanProduct(Leaf, frozen=True, kw_only=True, tag="plan_product"):
    """Which product of the payer the person has."""

    product: str = msgspec.field(name="is")
    treated_outside_home_state: bool = False


class ServiceDate(Leaf, frozen=True, kw_only=True, tag="service_date"):
    """The date of service lies in a range: from `on_or_after` (included) to `before` (not included)."""

    on_or_after: str | None = None
    before: str | None = None


class TreatmentStarted(Leaf, frozen=True, kw_only=True, tag="treatment_started"):
    """Treatment began before a date and within a system."""

    before: Literal["guidance_publication"]
    within: Literal["nhs"]


class CommercialArrangement(Leaf, frozen=True, kw_only=True, tag="commercial_arrangement"):
    """A price agreement between maker and payer stands."""

    arrangement: Literal["patient_access_scheme"] = msgspec.field(name="is")


class FdaApprovedIndication(Leaf, frozen=True, kw_only=True, tag="fda_approved_indication"):
    """Any other indication on the label at the time."""

    other: bool = True


LATER = (
    Relapse, IntervalSinceLastCourse, InterimResponse, InitialCriteriaMet, BenefitDocumented, ResponseOnScale,
    DurationOfResponse, PreviousApproval,
)  # fmt: skip
OUTSIDE = (
    PolicyTextNotSeen, ExternalCriteriaMet, NetworkStatus, PlanProduct, ServiceDate, TreatmentStarted,
    CommercialArrangement, FdaApprovedIndication,
)  # fmt: skip
