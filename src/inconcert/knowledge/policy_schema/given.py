"""Words about how the treatment is given, what runs beside it, and what the clinician must judge or write."""

from __future__ import annotations

from typing import Literal

import msgspec

from inconcert.knowledge.policy_schema.base import Bound, Leaf

Agent = Literal[
    "antidepressant", "benzodiazepine", "ect", "esketamine", "iv_ketamine", "ketamine", "ketamine_infusion", "maoi",
    "oral_antidepressant", "other_infusion", "psychotherapy", "snri", "ssri", "stimulant", "tms",
]  # fmt: skip


class Prescriber(Leaf, frozen=True, kw_only=True, tag="prescriber"):
    """Who orders the treatment, and what else is asked of them. `only_where: limited_access_area` is a condition."""

    specialty: tuple[
        Literal[
            "licensed_mental_health_prescriber", "other_trained_provider", "pmhnp", "psychiatric_np", "psychiatrist",
        ], ...
    ]  # fmt: skip
    role: (
        Literal[
            "orders", "orders_and_supervises", "prescribes", "prescribes_and_supervises", "prescribes_or_consulted", "treats",
        ] | None
    ) = None  # fmt: skip
    face_to_face: bool = False
    tms_trained: bool = False
    tms_experienced: bool = False
    only_where: Literal["limited_access_area"] | None = None


class DeviceCleared(Leaf, frozen=True, kw_only=True, tag="device_cleared"):
    """The device is cleared by the FDA for the indication."""

    cleared_for: Literal["indication"] = msgspec.field(name="for")
    within_label: bool = False
    modality_cleared: bool = False
    protocol: Literal["labeled_parameters", "manufacturer_or_supported"] | None = None


class TreatmentProtocol(Leaf, frozen=True, kw_only=True, tag="protocol"):
    """The stimulation protocol is one of these."""

    kinds: tuple[
        Literal[
            "accelerated", "eeg_guided", "experimental", "fda_cleared", "left_prefrontal_rtms", "mert", "mri_guided",
            "mri_guided_tbs", "navigated", "priming", "saint",
        ], ...
    ]  # fmt: skip
    required: bool = False


class RemsCertified(Leaf, frozen=True, kw_only=True, tag="rems_certified"):
    """Certified or enrolled in the esketamine REMS."""

    who: tuple[Literal["patient", "pharmacy", "pharmacy_or_setting", "provider_or_setting", "setting"], ...]


class Supervision(Leaf, frozen=True, kw_only=True, tag="supervision"):
    """Who is there while the treatment is given."""

    direct: bool = False
    onsite: bool = False
    per_policy: bool = False
    by: Literal["physician_trained_in_tms", "physician_with_tms_experience", "tms_trained_psychiatrist"] | None = None
    mapping_and_dosing_by: Literal["prescriber"] | None = None
    operator_present: bool = False
    operator_trained: bool = False
    monitor_trained_in: tuple[Literal["cpr", "seizure_management"], ...] = ()


class PostDoseMonitoring(Leaf, frozen=True, kw_only=True, tag="post_dose_monitoring"):
    """Watched for so many hours after each dose."""

    min_hours: Bound


class SupervisedAdministration(Leaf, frozen=True, kw_only=True, tag="supervised_administration"):
    """Taken under a professional's eyes."""


class PdmpChecked(Leaf, frozen=True, kw_only=True, tag="pdmp_checked"):
    """The state's prescription monitoring program was looked up."""


class PdmpUnavailable(Leaf, frozen=True, kw_only=True, tag="pdmp_unavailable_in_state"):
    """The state has no such program that the clinician can reach."""


class DoseLimit(Leaf, frozen=True, kw_only=True, tag="dose_limit"):
    """The plan stays within dose and number. The numbers are told to whoever answers for the plan."""

    mg_per_dose: Bound
    doses_per_week: int
    weeks: int
    kits: int | None = None


class Consent(Leaf, frozen=True, kw_only=True, tag="consent"):
    """Informed consent that covers the named points."""

    must_cover: tuple[Literal["alternatives", "other_options", "possibility_of_no_benefit", "risks"], ...]


class Setting(Leaf, frozen=True, kw_only=True, tag="setting"):
    """Where the treatment is given."""

    place: Literal["inpatient", "outpatient"] = msgspec.field(name="is")


class UseAs(Leaf, frozen=True, kw_only=True, tag="use_as"):
    """The part the treatment plays."""

    role: Literal["augmentation_of_current_treatment"]


class ConcurrentTherapy(Leaf, frozen=True, kw_only=True, tag="concurrent_therapy"):
    """Something else given at the same time. Under `not` it is a bar; with `required` a companion that must be there.

    `min_weeks`: it has been given for at least so long. `required` and `purpose` are told to a reader.
    """

    agents: tuple[Agent, ...]
    required: bool = False
    newly_initiated: bool = False
    min_weeks: Bound | None = None
    purpose: Literal["adjunct_to_tms"] | None = None


class PsychotropicChange(Leaf, frozen=True, kw_only=True, tag="psychotropic_change_during_course"):
    """Psychotropic drugs are changed during the course."""


class DocumentationPresent(Leaf, frozen=True, kw_only=True, tag="documentation_present"):
    """A named thing is written down in what is sent."""

    of: Literal["cardiology_clearance", "concurrent_ketamine_or_esketamine"]


class ClinicalJudgment(Leaf, frozen=True, kw_only=True, tag="clinical_judgment"):
    """The clinician attests a judgment. A fact of its own kind: no record can stand in for it."""

    that: Literal["benefit_outweighs_risk_despite_psychosis", "ect_not_clinically_superior_to_tms"]


class ClinicalJustification(Leaf, frozen=True, kw_only=True, tag="clinical_justification"):
    """The clinician gives a reason for a departure."""

    departure: Literal["age_outside_label", "psychotropic_change_during_course"] = msgspec.field(name="for")


GIVEN = (
    Prescriber, DeviceCleared, TreatmentProtocol, RemsCertified, Supervision, PostDoseMonitoring, SupervisedAdministration,
    PdmpChecked, PdmpUnavailable, DoseLimit, Consent, Setting, UseAs, ConcurrentTherapy, PsychotropicChange,
    DocumentationPresent, ClinicalJudgment, ClinicalJustification,
)  # fmt: skip
