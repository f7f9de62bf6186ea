"""How often what happens in the invented cohort: loaded from `knowledge/files/synthetic_cohort`.

Shares are between 0 and 1; a distribution is given by quantiles, pairs of (share of people at or below, value). Every
file names its sources; what no source gave is marked `design`: an assumption of ours, not a finding.
"""

from __future__ import annotations

from functools import cache

import msgspec

from inconcert.judgement import Reading
from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry, SourceNote

Quantiles = tuple[tuple[float, float], ...]
_FOLDER = loader.ROOT / "files" / "synthetic_cohort"


class Sourced(Entry, frozen=True, kw_only=True):
    """A file: where its numbers are from, how far they were read, and which are only remembered."""

    status: Reading
    sources: tuple[SourceNote, ...]
    recalled: tuple[str, ...] = ()


class Comorbidity(Entry, frozen=True, kw_only=True):
    """A diagnosis beside depression: its code, share of people, days since it began, share recorded as over.

    `sex` and `ages` limit it to some (a pregnancy).
    """

    code: str
    share: float
    days_ago: tuple[int, int]
    over: float = 0.0
    sex: str = ""
    ages: tuple[int, int] = (0, 200)


class PeopleShares(Sourced, frozen=True, kw_only=True):
    """Who they are, and what is diagnosed."""

    age_years: Quantiles
    birth_year_only: float
    birth_missing: float
    sex: dict[str, float]
    state: dict[str, float]
    line_of_business: dict[str, float]
    primary: dict[str, float]  # code of the present depression -> weight
    verification: dict[str, float]
    also_snomed: float
    snomed_code: str
    second: dict[str, float]  # code of an older entry of depression
    second_share: float
    second_days_before: tuple[int, int]
    episode_weeks: Quantiles
    onset: dict[str, float]  # how the onset is written: exact, month, year, none
    onset_told: float  # share in whom the clinic says when it began
    recorded_missing: float
    recorded_after_onset_days: Quantiles
    comorbid: tuple[Comorbidity, ...]


class CohortDrug(Entry, frozen=True, kw_only=True):
    """A drug of the drug book: how often it is tried (weight), and the daily doses (mg) with a weight each."""

    name: str
    weight: float
    doses: tuple[tuple[float, float], ...]


class TrialShares(Sourced, frozen=True, kw_only=True):
    """Medication trials: how many, of what, for how long, how written down and how they ended."""

    count: tuple[float, ...]  # weight of 0, 1, 2 ... trials that ended
    current: float  # share who take one now, as the chart's list says
    augmenting: float  # share of later trials that add a drug that is no antidepressant
    combining: float  # share of the other later trials begun before the one before had ended
    overlap_days: Quantiles
    gap_days: Quantiles
    weeks: Quantiles
    same_drug_again: float
    dating: dict[str, float]
    dose_missing: float
    dose_untyped: float  # share in whom the dose lies between two of the list (a titration's mean)
    adherence_told: float
    adherence_percent: Quantiles
    outcome_told: float
    outcome_by_step: tuple[dict[str, float], ...]
    improvement_told: float
    improvement_percent: dict[str, Quantiles]
    stop_reason_told: float
    stop_reasons: dict[str, dict[str, float]]
    in_episode_told: float
    in_episode_told_wrong: float
    complete: dict[str, float]
    complete_counted: float
    complete_miscounted: float
    antidepressants: tuple[CohortDrug, ...]
    augmenters: tuple[CohortDrug, ...]


class CohortScale(Entry, frozen=True, kw_only=True):
    """A scale: share of people whose clinic uses it, share of visits it is filled in, total at onset, highest total."""

    id: str
    clinics: float
    visits: float
    total: Quantiles
    highest: int


class ScoreShares(Sourced, frozen=True, kw_only=True):
    """Scores over time."""

    visits: tuple[float, ...]  # weight of 0, 1, 2 ... visits
    last_visit_days_ago: Quantiles
    days_between: Quantiles
    improved_percent: Quantiles
    noise_percent: Quantiles
    scales: tuple[CohortScale, ...]
    phq9_items: float
    phq9_blank: float  # share of forms with items that leave one blank
    phq9_item_9: tuple[float, ...]
    cssrs: float
    cssrs_days_ago: Quantiles
    cssrs_patterns: dict[str, float]  # items answered yes -> weight


class TreatmentShares(Sourced, frozen=True, kw_only=True):
    """Treatments beside drugs, and measured values."""

    tms_course: float
    tms_sessions: Quantiles
    tms_ended_days_ago: Quantiles
    tms_codes: dict[str, float]
    esketamine_course: float
    ketamine_course: float
    ketamine_sessions: Quantiles
    ketamine_ended_days_ago: Quantiles
    esketamine_open: float
    ketamine_open: float
    open_days: Quantiles
    psychotherapy_recorded: float
    psychotherapy_code: str
    psychotherapy_days_ago: Quantiles
    psychotherapy_told: dict[str, float]
    ect_recorded: float
    ect_code: str
    ect_days_ago: Quantiles
    ect_told: dict[str, float]
    ect_failed_told: dict[str, float]
    weight_measured: float
    weight_kg: Quantiles
    weight_in_pounds: float
    pressure_measured: float
    systolic_mmhg: Quantiles
    diastolic_mmhg: Quantiles
    measured_days_ago: Quantiles


class AnswerShare(Entry, frozen=True, kw_only=True):
    """What clinics answer to a question, or to all whose id begins so (a name that ends in a dot).

    `answered` is the share of people with an answer; `yes` the share of yes among them. `follows` names something known
    of the person (`prior_tms`, `psychotherapy` ...) with which a yes or no agrees in all but `wrong` of people.
    """

    of: str
    answered: float
    yes: float = 0.0
    follows: str = ""
    wrong: float = 0.0
    values: Quantiles = ()
    choices: dict[str, float] = msgspec.field(default_factory=dict)


class ChartKept(Entry, frozen=True, kw_only=True):
    """How well a person's chart is kept: the share of people, and what becomes of a question's own share of answers.

    Of what clinics ask of most (`asked_of_most`), `open_times` multiplies what stays open; everything else is multiplied
    by `answered_times`.
    """

    name: str
    share: float
    open_times: float = 1.0
    answered_times: float = 1.0


class AnswerShares(Sourced, frozen=True, kw_only=True):
    """What clinics answer: the day, how many say they do not know, how well charts are kept, and each question's share."""

    days_ago: Quantiles
    not_sure: float
    asked_of_most: float
    kept: tuple[ChartKept, ...]
    diagnosis_told: dict[str, float]
    severity_told: dict[str, float]
    psychotic_told: dict[str, float]
    safety: tuple[AnswerShare, ...]
    payers: tuple[AnswerShare, ...]


@cache
def people_shares() -> PeopleShares:
    """Shares of ages, states, diagnoses."""
    return loader.load(_FOLDER / "people.yaml", PeopleShares)


@cache
def trial_shares() -> TrialShares:
    """Shares of medication trials."""
    return loader.load(_FOLDER / "trials.yaml", TrialShares)


@cache
def score_shares() -> ScoreShares:
    """Shares of scores."""
    return loader.load(_FOLDER / "scores.yaml", ScoreShares)


@cache
def treatment_shares() -> TreatmentShares:
    """Shares of treatments and measurements."""
    return loader.load(_FOLDER / "treatments.yaml", TreatmentShares)


@cache
def answer_shares() -> AnswerShares:
    """Shares of answers."""
    return loader.load(_FOLDER / "answers.yaml", AnswerShares)
