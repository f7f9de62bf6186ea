"""Words about what was tried: drugs, psychotherapy, ECT, an earlier TMS course."""

from __future__ import annotations

from typing import Literal

from inconcert.knowledge.loader import Entry
from inconcert.knowledge.policy_schema.base import Bound, Leaf, Open
from inconcert.knowledge.policy_schema.who import Scale

Scope = Literal["current_episode", "lifetime", "unspecified"]
# Three floors hide in fourteen phrases: at least the minimum effective dose, at least the label's maximum, and
# "as much as the person could bear", which only the clinician knows unless the label's maximum was reached.
DoseWord = Literal[
    "adequate", "therapeutic", "standard_therapeutic", "minimal_therapeutic", "at_or_above_minimum_effective",
    "above_minimal_effective", "at_or_above_maximum", "max_labeled_or_max_tolerated", "max_tolerated",
    "max_tolerated_labeled", "optimized",
]  # fmt: skip


class Nonresponse(Entry, frozen=True, kw_only=True):
    """What counts as failing: improvement of at most, or strictly below, so many percent on a scale."""

    improvement_pct_at_most: Bound | None = None
    improvement_pct_below: Bound | None = None


class TrialRoute(Entry, frozen=True, kw_only=True):
    """One of several ways in which a single trial may count (`each_meets_any`)."""

    response: Literal["none", "partial", "none_or_partial"]
    dose: DoseWord | None = None
    min_weeks: Bound | None = None
    limited_by: Literal["side_effects"] | None = None
    led_to_change: bool = False


class AdequateShare(Entry, frozen=True, kw_only=True):
    """How many of the counted trials must themselves be adequate, and what adequate then means."""

    at_least: int
    min_weeks: Bound | None = None
    dose: DoseWord | None = None


class AdequateTrials(Leaf, frozen=True, kw_only=True, tag="adequate_antidepressant_trials"):
    """So many antidepressant trials that failed.

    Fields absent or `unspecified` are left open by the policy; the engine then applies our default rule set for what
    an adequate trial is, and says so. `of_which_adequate` and `at_least_in_current_episode` are counts inside the count.
    `classes` and `drugs` are closed lists: nothing else counts. `classes_named` are classes that the text only names: a
    trial of another class is undecided. `dose_pct_of_label_max` takes the place of the dose floor: the weeks are weeks at
    so much of the label's highest dose. `ended`: a drug still taken does not count. `separate_trials` asks
    that the counted drugs were not taken together; `may_be: polytherapy` lets drugs taken together be one trial, so that
    of several trials the same is asked. `duration: adequate` is our reading of an adequate length; `max_weeks_expected` and
    `documentation` are told to a reader and ask nothing of a chart.
    """

    at_least: int | Open
    scope: Scope = "unspecified"
    distinct_classes: int | None = None
    distinct_drugs: bool = False
    one_per_class: bool = False
    classes_named: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    min_weeks: Bound | Literal["minimal_effective_duration"] | None = None
    max_weeks_expected: Bound | None = None
    dose: DoseWord | None = None
    duration: Literal["adequate"] | None = None
    or_duration: Literal["clinician_judgment"] | None = None
    counts_intolerance: bool | Open | None = None
    nonresponse: Nonresponse | None = None
    outcome: Literal["inadequate_response"] | None = None
    outcome_on_scale: bool | Literal["no_significant_reduction"] = False
    min_adherence_pct: Bound | None = None
    within_months: Bound | None = None
    single_agent: bool = False
    separate_trials: bool = False
    may_be: Literal["polytherapy"] | None = None
    may_include: Literal["fda_approved_augmentation_agents"] | None = None
    kind: Literal["antidepressant", "psychopharmacologic"] = "antidepressant"
    optimized: bool = False
    route: Literal["oral"] | None = None
    drugs: tuple[str, ...] = ()
    excluded_drugs: tuple[str, ...] = ()
    dose_pct_of_label_max: Bound | None = None
    ended: bool = False
    from_list: str | None = None
    documentation: Literal["required"] | None = None
    of_which_adequate: AdequateShare | None = None
    each_meets_any: tuple[TrialRoute, ...] = ()
    at_least_in_current_episode: int | None = None


class AugmentationTrials(Leaf, frozen=True, kw_only=True, tag="augmentation_trials"):
    """So many trials of a drug added to an antidepressant. `drugs` and `classes` name what may have been added (either list).

    `added_to` asks that it was added to a trial that counts under the rule on trials beside this one. `outcome: failed`
    asks that the addition failed; without it only that it was tried. `counted_inside_trials` says that these may be among
    the trials counted beside; each rule is counted on its own, so it asks nothing more.
    """

    at_least: int
    scope: Scope = "unspecified"
    min_weeks: Bound | None = None
    dose: DoseWord | None = None
    distinct_classes: int | None = None
    distinct_strategies: bool = False
    different_class_if_antidepressant: bool = False
    evidence_based: bool = False
    counted_inside_trials: bool = False
    added_to: Literal["either_of_the_single_agents", "one_of_the_antidepressant_trials"] | None = None
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    within_months: Bound | None = None
    outcome: Literal["failed", "failed_or_not_tolerated"] | None = None


class MedicationIntolerance(Leaf, frozen=True, kw_only=True, tag="medication_intolerance"):
    """So many drugs stopped for side effects; a route of its own, never the same as a failed trial."""

    at_least: int | Open
    distinct_classes: int | None = None
    distinct_side_effects: bool = False
    at: Literal["therapeutic_dose"] | None = None
    min_weeks: Bound | None = None
    or_contraindication: bool = False
    scope: Scope = "unspecified"
    classes: tuple[str, ...] = ()
    within_months: Bound | None = None
    at_least_one_antidepressant: bool = False


class PsychotherapyTrial(Leaf, frozen=True, kw_only=True, tag="psychotherapy_trial"):
    """So many courses of psychotherapy, and how they ended. `kinds`: it was one of these."""

    at_least: int
    evidence_based: bool = False
    adequate: bool = False
    duration: Open | None = None
    scope: Scope = "unspecified"
    outcome: Literal["failed", "no_significant_improvement"] | None = None
    outcome_on_scale: bool = False
    kinds: tuple[
        Literal[
            "behavioral_activation",
            "cbasp",
            "cbt",
            "interpersonal_therapy",
            "problem_solving_therapy",
            "psychodynamic_therapy",
        ],
        ...,
    ] = ()
    min_sessions: int | None = None
    min_weeks: Bound | None = None
    within_months: Bound | None = None


class EctStatus(Leaf, frozen=True, kw_only=True, tag="ect_status"):
    """How the person stands to ECT: any of the named states."""

    any_of: tuple[
        Literal[
            "candidate",
            "contraindicated",
            "currently_receiving",
            "failed",
            "history_of_response",
            "intolerant",
            "not_available",
            "refused",
        ],
        ...,
    ]
    applies: Literal["where_applicable"] | None = None
    scope: Literal["previous_or_current_episode"] | None = None


class PriorTmsResponse(Leaf, frozen=True, kw_only=True, tag="prior_tms_response"):
    """An earlier TMS course that helped, by how much, for how long, on which scale."""

    improvement_pct_at_least: Bound | Open | None = None
    op: Literal[">", ">="] = ">="
    scope: Literal["earlier_episode"] | None = None
    months_since_prior_episode_at_least: Bound | None = None
    sustained_days_at_least: int | None = None
    measured_on: Literal["HAM-D", "any_validated_scale", "standard_scale"] | None = None
    scales: tuple[Scale, ...] = ()
    measure: Literal["minimal_clinically_important_difference"] | None = None


class AntidepressantsContraindicated(Leaf, frozen=True, kw_only=True, tag="antidepressants_contraindicated"):
    """Antidepressants cannot be given to this person."""


class Adherence(Leaf, frozen=True, kw_only=True, tag="adherence"):
    """The drugs were taken as ordered, in the provider's judgment."""

    sufficient_by: Literal["provider_judgment"]


class EarlyTermination(Leaf, frozen=True, kw_only=True, tag="early_termination"):
    """A trial was ended early for a named reason."""

    because: Literal["adverse_event"]


class LessIntensiveTreatmentFailed(
    Leaf, frozen=True, kw_only=True, tag="less_intensive_treatment_failed_or_unsuitable"
):
    """A milder treatment failed or does not suit."""


class FirstLineTreatmentFailed(Leaf, frozen=True, kw_only=True, tag="first_line_treatment_failed"):
    """The first-line treatment failed; the policy does not say what that is."""


TRIED = (
    AdequateTrials, AugmentationTrials, MedicationIntolerance, PsychotherapyTrial, EctStatus, PriorTmsResponse,
    AntidepressantsContraindicated, Adherence, EarlyTermination, LessIntensiveTreatmentFailed, FirstLineTreatmentFailed,
)  # fmt: skip
