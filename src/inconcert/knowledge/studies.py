"""The studies as tables: who was studied, what each arm was given, and what was counted.

Files in `knowledge/files/studies/`. A blank is not seen, never zero. Every row has an id that a number can be traced to:
`STUDY/arm/measure/day/kind` for an outcome, `meta/ID` for a published pooled estimate.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import field

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FOLDER = ROOT / "files" / "studies"
Family = Literal["ketamine", "esketamine", "tms", "control", "background", "other"]
Verdict = Literal["supported", "partly", "weak", "not_supported", "contradicted", "open"]
T = TypeVar("T", bound=Entry)


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

    @property
    def source(self) -> Source:
        """Where it was read: the page that was seen, else the DOI, else the registry entry."""
        ref = self.source_url or self.doi or self.registry_id or f"{self.first_author} {self.year}, not seen"
        return Source(ref, f"{self.first_author} {self.year}", self.status)


class StudyArm(Entry, kw_only=True):
    """One arm: what was given, to how many. `parts` are ids of components.csv, background treatment included."""

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
    """A difference between two arms as a publication printed it. `p_only` has no estimate, which is not zero."""

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


class StudyTables(Entry, kw_only=True):
    """All tables, each by the id of its rows."""

    studies: dict[str, Study]
    arms: dict[tuple[str, str], StudyArm]
    outcomes: dict[str, StudyOutcome]
    contrasts: tuple[StudyContrast, ...]
    pooled: dict[str, PooledEstimate]
    parameters: dict[str, Parameter]
    components: dict[str, Component]
    pair_studies: tuple[PairStudy, ...] = field(default=())
    claims: tuple[Claim, ...] = field(default=())
    targets: tuple[TrialTarget, ...] = field(default=())
    corrections: tuple[Correction, ...] = field(default=())

    def arms_of(self, study_id: str) -> tuple[StudyArm, ...]:
        """The arms of a study, in file order."""
        return tuple(arm for (study, _), arm in self.arms.items() if study == study_id)

    def families(self, arm: StudyArm) -> frozenset[str]:
        """Which families of treatment an arm holds."""
        return frozenset(self.components[part].family for part in arm.parts)


@cache
def study_tables() -> StudyTables:
    """Every table, checked against the others. Raises KnowledgeError naming file, line and mend."""
    tables = StudyTables(
        studies={row.study_id: row for row in _rows("studies.csv", Study, "study_id")},
        arms={(row.study_id, row.arm_id): row for row in _rows("arms.csv", StudyArm, "study_id", "arm_id")},
        outcomes={row.row_id: row for row in _rows("outcomes.csv", StudyOutcome, "row_id")},
        contrasts=tuple(_rows("contrasts.csv", StudyContrast)),
        pooled={row.row_id: row for row in _rows("meta_estimates.csv", PooledEstimate, "row_id")},
        parameters={row.name: row for row in _rows("parameters.csv", Parameter, "name")},
        components={row.component: row for row in _rows("components.csv", Component, "component")},
        pair_studies=load(FOLDER / "pair_studies.yaml", tuple[PairStudy, ...]),
        claims=load(FOLDER / "claims.yaml", tuple[Claim, ...]),
        targets=load(FOLDER / "trial_sizes.yaml", tuple[TrialTarget, ...]),
        corrections=load(FOLDER / "corrections.yaml", tuple[Correction, ...]),
    )
    for file, problem in _problems(tables):
        raise KnowledgeError(str(FOLDER / file), None, problem, "Correct the row, or the row it names.")
    return tables


def _rows(file: str, kind: type[T], *key: str) -> list[T]:
    path = FOLDER / file
    found: list[T] = []
    seen: set[tuple[object, ...]] = set()
    for line, cells in _cells(path):
        try:
            row = msgspec.convert({k: v for k, v in cells.items() if v != ""}, kind, strict=False)
        except msgspec.ValidationError as error:
            raise KnowledgeError(
                str(path), line, f"{error}.", "Correct the cell; leave it empty if unknown."
            ) from error
        row_key = tuple(getattr(row, name) for name in key)
        if key and row_key in seen:
            raise KnowledgeError(str(path), line, f"{'/'.join(map(str, row_key))} stands twice.", "Drop one row.")
        seen.add(row_key)
        found.append(row)
    return found


def _cells(path: Path) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), strict=True)
    rows = []
    for cells in reader:
        if None in cells or None in cells.values():
            raise KnowledgeError(str(path), reader.line_num, "The row has too many or too few cells.", "Quote commas.")
        rows.append((reader.line_num, cells))
    return rows


def _problems(tables: StudyTables) -> list[tuple[str, str]]:
    found = [
        ("arms.csv", f"{study}/{arm} holds {part!r}, which components.csv does not list.")
        for (study, arm), row in tables.arms.items()
        for part in row.parts - tables.components.keys()
    ]
    found += [("arms.csv", f"{s}/{a}: there is no study {s}.") for s, a in tables.arms if s not in tables.studies]
    for row_id, row in tables.outcomes.items():
        arm = tables.arms.get((row.study_id, row.arm_id))
        if arm is None:
            found.append(("outcomes.csv", f"{row_id}: there is no such arm."))
            continue
        found += [("outcomes.csv", f"{row_id}: {problem}") for problem in _count_problems(row, arm)]
    found += [
        ("pair_studies.yaml", f"there is no study {p.study_id}.")
        for p in tables.pair_studies
        if p.study_id not in tables.studies
    ]
    known = (
        tables.outcomes.keys()
        | tables.pooled.keys()
        | tables.studies.keys()
        | {f"parameter/{p}" for p in tables.parameters}
    )
    found += [
        ("claims.yaml", f"{c.id} names {row!r}, which is no row.")
        for c in tables.claims
        for row in c.rows
        if row not in known
    ]
    return found


def _count_problems(row: StudyOutcome, arm: StudyArm) -> list[str]:
    problems = []
    if row.n is not None and arm.n_randomised is not None and row.n > arm.n_randomised:
        problems.append(f"{row.n} were counted but {arm.n_randomised} were randomised.")
    if row.events is not None:
        if row.n is None or not 0 <= row.events <= row.n:
            problems.append(f"{row.events} of {row.n} people cannot be.")
        elif abs(row.events / row.n - row.value) > 0.005:
            problems.append(f"{row.events} of {row.n} is {row.events / row.n:.4f}, not {row.value}.")
    return problems
