"""Words about who the person is and what is measured."""

from __future__ import annotations

from typing import Literal

from inconcert.knowledge.loader import Entry
from inconcert.knowledge.policy_schema.base import Bound, Leaf

Condition = Literal[
    "adjustment_disorder", "bipolar", "bipolar_depression", "depression", "gad", "mdd", "mdd_with_suicidality", "ocd",
    "ptsd", "schizoaffective", "schizophrenia", "smoking_cessation", "substance_use_disorder", "trd",
]  # fmt: skip
Scale = Literal[
    "any", "AUDIT-C", "BDI", "CGI-S", "DAST-10", "EPDS", "GAD-7", "GDS", "HAM-D", "IDS-C", "IDS-SR", "MADRS", "PHQ-9", "QIDS",
    "QIDS-SR", "SDS", "YMRS", "Zung",
]  # fmt: skip
Severity = Literal["mild", "moderate", "severe", "moderate_to_severe"]
Timing = Literal["baseline", "end", "every_2_weeks", "planned_serial", "serial", "weekly"]


class Age(Leaf, frozen=True, kw_only=True, tag="age"):
    """Age in whole years on the date of service, both bounds included.

    `within: fda_label` ties it to the label in force; `decision: individual_review` means that an age inside these
    bounds is neither met nor unmet but goes to case review.
    """

    min: int | None = None
    max: int | None = None
    within: Literal["fda_label"] | None = None
    decision: Literal["individual_review"] | None = None


class Diagnosis(Leaf, frozen=True, kw_only=True, tag="diagnosis"):
    """A diagnosis, and what the policy asks of it.

    `asked_as: indication` limits it to the condition the service is asked for (a comorbidity does not count);
    `resistant` is the bare word, where the policy's own rule on trials does not follow. `icd10` lists accepted codes, or
    `listed_in_codes` for those of the file's `codes`.
    """

    condition: Condition | None = None
    condition_in: tuple[Condition, ...] = ()
    asked_as: Literal["diagnosis", "indication"] = "diagnosis"
    polarity: Literal["unipolar"] | None = None
    severity: Severity | None = None
    episode: Literal["any", "single", "recurrent"] | None = None
    psychosis: Literal[False] | None = None
    confirmed: bool = False
    confirmed_by: (
        Literal["mental_health_professional", "psychiatrist", "structured_clinical_interview", "validated_scale"] | None
    ) = None
    dsm_confirmed: bool = False
    resistant: bool = False
    icd10: tuple[str, ...] | Literal["listed_in_codes"] = ()


class ScaleBound(Entry, frozen=True, kw_only=True):
    """One scale with one bound, strict or not exactly as the policy wrote it. `in_range` names a band."""

    scale: Scale
    op: Literal[">", ">=", "<", "<=", "=", "between", "in_range"]
    value: Bound | tuple[Bound, Bound] | Literal["moderate_or_worse", "severe"]


class SeverityScore(Leaf, frozen=True, kw_only=True, tag="severity_score"):
    """A score on one of several scales. `over` says which score: the latest (default), the first, the worst, the best.

    `persisted` asks that every score in the window is inside the bound (`throughout_current_treatment` is written by
    one policy and read the same way, said aloud). `persisted_weeks` asks more: every score of the last run is inside, and
    the run lasts so long from its first to its last score. `times` and `days_apart` ask for so many scores inside the
    bound, each so many days after the one before. `within_days` is how far back a score may lie, where the policy says.
    """

    any_of: tuple[ScaleBound, ...]
    over: Literal["latest", "baseline", "worst", "best"] = "latest"
    persisted: bool | Literal["throughout_current_treatment"] = False
    persisted_weeks: Bound | None = None
    times: int = 1
    days_apart: int = 0
    within_days: int | None = None
    episode: Literal["current"] | None = None


class RatingScaleDocumented(Leaf, frozen=True, kw_only=True, tag="rating_scale_documented"):
    """A filled-in scale in the record (`baseline`), or a plan to repeat it (every other timing). Empty scales: any."""

    scales: tuple[Scale, ...] = ()
    timing: tuple[Timing, ...]
    same_scale: bool = False
    score_before_tms: bool = False
    form: Literal["attestation"] | None = None


class ConditionAcceptedOnClaim(Leaf, frozen=True, kw_only=True, tag="condition_accepted_on_claim"):
    """The condition is accepted on the injury claim (workers' compensation)."""


class PsychiatricComorbidity(Leaf, frozen=True, kw_only=True, tag="psychiatric_comorbidity"):
    """Other mental disorders that stand in the way."""

    kinds: tuple[Literal["multiple_that_could_mimic_mdd"], ...]


class PsychiatricEvaluation(Leaf, frozen=True, kw_only=True, tag="psychiatric_evaluation"):
    """An evaluation by a named kind of clinician."""

    by: Literal["specialist_psychiatrist"]


WHO = (
    Age, Diagnosis, SeverityScore, RatingScaleDocumented, ConditionAcceptedOnClaim, PsychiatricComorbidity,
    PsychiatricEvaluation,
)  # fmt: skip
