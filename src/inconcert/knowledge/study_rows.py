"""The rows of the study tables, one structure each. A blank is not seen, never zero."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import Entry, SourceNote

Family = Literal["ketamine", "esketamine", "tms", "control", "background", "other"]
Verdict = Literal["supported", "partly", "weak", "not_supported", "contradicted", "open"]


class Study(Entry, kw_only=True):
    """One study. `design` is rct, crossover, open_label, retrospective, registry, case_series or case_report."""

    study_id: str
    first_author: str
    year: int
    design: Literal["rct", "crossover", "open_label", "retrospective", "registry", "case_series", "case_report"]
    design_detail: str = ""
    population: str = ""
    bipolar: Literal["yes", "no", "mixed"] = "no"
    resistance: str = ""
    n_total: int | None = None
    country: str = ""
    blinding: str = ""
    risk_of_bias: str = ""
    doi: str = ""
    doi_status: Reading | None = None
    pmid: str = ""
    registry_id: str = ""
    source_url: str = ""
    status: Reading
    notes: str = ""
    same_people_as: str = ""

    @property
    def overlaps(self) -> tuple[str, ...]:
        """Ids of studies that reported some of the same people, so that nobody is counted twice."""
        return tuple(part for part in self.same_people_as.split(";") if part)

    @property
    def source(self) -> Source:
        """Where it was read: the page that was seen, else the DOI, else the registry entry."""
        ref = self.source_url or self.doi or self.registry_id or f"{self.first_author} {self.year}, not seen"
        return Source(ref, f"{self.first_author} {self.year}", self.status)


class StudyArm(Entry, kw_only=True):
    """One arm: what was given, to how many. `parts` are ids of components.csv, background treatment included.

    `not_compared` says why an arm is no part of the study's comparison (an open-label phase, a part of another arm).
    """

    study_id: str
    arm_id: str
    label: str
    components: str
    n_randomised: int | None = None
    n_analysed: int | None = None
    sessions: int | None = None
    duration_days: float | None = None
    intensity_pct_mt: float | None = None
    dose: str = ""
    prior_exposure: str = ""
    status: Reading
    notes: str = ""
    not_compared: str = ""

    @property
    def parts(self) -> frozenset[str]:
        """The components as a set."""
        return frozenset(self.components.split("+"))


class StudyOutcome(Entry, kw_only=True):
    """One figure of one arm. `value` is a proportion for counted outcomes, else scale points or percent.

    `derived` 1 means that the count was worked back from a printed percentage. `time_origin` is what the day counts from.
    """

    study_id: str
    arm_id: str
    measure: str
    timepoint_days: float | None = None
    time_origin: str
    kind: str
    value: float
    sd: float | None = None
    se: float | None = None
    n: int | None = None
    n_status: Reading | None = None
    events: int | None = None
    derived: int = 0
    status: Reading
    source_location: str = ""
    notes: str = ""

    @property
    def row_id(self) -> str:
        """What a number drawn from this row is traced to."""
        day = "-" if self.timepoint_days is None else f"{self.timepoint_days:g}"
        return f"{self.study_id}/{self.arm_id}/{self.measure}/{day}/{self.kind}"

    @property
    def weakest(self) -> Reading:
        """Recalled if the figure or its denominator is."""
        return Reading.RECALLED if Reading.RECALLED in (self.status, self.n_status) else self.status


class StudyContrast(Entry, kw_only=True):
    """A difference between two arms as a publication printed it. `p_only` has no estimate, which is not zero.

    `kind` is what was compared, in the words of an outcome's kind: change, response, remission, relapse, suicidality, other.
    """

    study_id: str
    arm_1: str
    arm_2: str = ""
    measure: str
    timepoint_days: float | None = None
    effect: str
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    se: float | None = None
    p: float | None = None
    status: Reading
    source_location: str = ""
    notes: str = ""
    kind: str = "change"

    @property
    def row_id(self) -> str:
        """What a number drawn from this row is traced to: `STUDY/arm_1-arm_2/measure/day/effect`."""
        day = "-" if self.timepoint_days is None else f"{self.timepoint_days:g}"
        pair = f"{self.arm_1}-{self.arm_2}" if self.arm_2 else self.arm_1
        return f"{self.study_id}/{pair}/{self.measure}/{day}/{self.effect}"


class PooledEstimate(Entry, kw_only=True):
    """A pooled estimate as a review printed it. `service` is the payers' word for what it bears on, '' for none."""

    estimate_id: str
    year: int | None = None
    comparison: str
    outcome: str
    k_trials: int | None = None
    n_participants: int | None = None
    effect: str
    estimate: float
    ci_low: float | None = None
    ci_high: float | None = None
    i2: float | None = None
    extra: str = ""
    source: str
    status: Reading
    ci_status: Reading | None = None
    service: str = ""
    notes: str = ""

    @property
    def row_id(self) -> str:
        """What a number drawn from this row is traced to."""
        return f"meta/{self.estimate_id}"


class Parameter(Entry, kw_only=True):
    """A figure of pharmacology, physiology or course."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str
    context: str
    source: str
    status: Reading


class Component(Entry, kw_only=True):
    """Something an arm can hold; `service` is the payers' word where there is one."""

    component: str
    meaning: str
    family: Family
    service: str = ""


class StudyMeasure(Entry, kw_only=True):
    """A scale or count as the tables call it. `scale` names a file of the scales; `rank` orders depression scales."""

    id: str
    scale: str = ""
    low: float | None = None
    high: float | None = None
    depression: bool = False
    rank: int = 99
    note: str = ""
    status: Reading


class NetworkDefaults(Entry, kw_only=True):
    """How rows become a network unless somebody chooses otherwise (network.yaml says what each means). Days are days."""

    status: Reading
    days_before: float
    days_after: float
    kinds: dict[str, tuple[str, ...]]
    any_visit_kinds: dict[str, tuple[str, ...]]
    time_origins: tuple[str, ...]
    randomized: tuple[str, ...]
    never: tuple[str, ...]
    crossover_correlation: float
    score_correlation: float
    change_measure: str
    approximate: Literal["never", "read_n", "any"]


class PairStudy(Entry, kw_only=True):
    """What one study says of the two treatments together, and what it can bear. Words only; numbers come from rows."""

    study_id: str
    role: Literal["comparison", "single_arm", "case", "registered", "head_to_head", "sequence"]
    given: str
    found: str
    can_bear: str
    weight: Literal["low", "very_low", "anecdote", "none"]


class Claim(Entry, kw_only=True):
    """A claim of the founding essays, what it rests on, and whether that holds."""

    id: str
    essays: tuple[int, ...]
    claim: str
    rests_on: str
    verdict: Verdict
    why: str
    rows: tuple[str, ...] = ()
    status: Reading
    sources: tuple[SourceNote, ...] = ()


class TrialTarget(Entry, kw_only=True):
    """A difference that a trial might be asked to show: response rates of one treatment alone and of the pair."""

    id: str
    alone: float
    pair: float
    alpha_two_sided: float = 0.05
    power: float = 0.8
    why: str = ""


class Correction(Entry, kw_only=True):
    """A cell that was changed when the tables were carried here."""

    rows: tuple[str, ...]
    field: str
    was: str | int | float
    now: str
    why: str


class Identifiers(Entry, kw_only=True):
    """Shapes of identifiers as regular expressions, and which components a control's name in a label may stand for."""

    doi: str
    pmid: str
    registry: dict[str, str]
    control_words: dict[str, tuple[str, ...]]
    status: Reading


class Doubt(Entry, kw_only=True):
    """Figures that cannot all be right. `rule` is the finding it answers.

    `use`: the rows may enter a pooled number (`keep`), may not (`leave_out`), or only in points of their scale, never in
    standard deviations worked back from them (`points_only`). `settled` where it was looked up and nothing is to be mended.
    """

    rows: tuple[str, ...]
    rule: str
    doubt: str
    use: Literal["keep", "points_only", "leave_out"]
    settled: bool = False
    status: Reading


class StudyTables(Entry, kw_only=True):
    """All tables, each by the id of its rows."""

    studies: dict[str, Study]
    arms: dict[tuple[str, str], StudyArm]
    outcomes: dict[str, StudyOutcome]
    contrasts: tuple[StudyContrast, ...]
    pooled: dict[str, PooledEstimate]
    parameters: dict[str, Parameter]
    components: dict[str, Component]
    measures: dict[str, StudyMeasure]
    network: NetworkDefaults
    identifiers: Identifiers
    pair_studies: tuple[PairStudy, ...] = field(default=())
    claims: tuple[Claim, ...] = field(default=())
    targets: tuple[TrialTarget, ...] = field(default=())
    corrections: tuple[Correction, ...] = field(default=())
    doubts: tuple[Doubt, ...] = field(default=())

    def doubts_of(self, row_id: str) -> tuple[Doubt, ...]:
        """What is doubted of a row."""
        return tuple(doubt for doubt in self.doubts if row_id in doubt.rows)

    def arms_of(self, study_id: str) -> tuple[StudyArm, ...]:
        """The arms of a study, in file order."""
        return tuple(arm for (study, _), arm in self.arms.items() if study == study_id)

    def size_is_recalled(self, arm: StudyArm) -> bool:
        """True if the number of people of an arm is from memory: the arm says so, or a row counted over the same number."""
        sizes = (arm.n_analysed, arm.n_randomised)
        rows = (row for row in self.outcomes.values() if (row.study_id, row.arm_id) == (arm.study_id, arm.arm_id))
        return arm.status is Reading.RECALLED or any(
            row.n is not None and row.n in sizes and row.n_status is Reading.RECALLED for row in rows
        )

    def families(self, arm: StudyArm) -> frozenset[str]:
        """Which families of treatment an arm holds."""
        return frozenset(self.components[part].family for part in arm.parts)
