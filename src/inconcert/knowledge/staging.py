"""What the world says about medication trials and resistance: rules, definitions, instruments, diagnosis and other codes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Literal

import msgspec

from inconcert.judgement import Answer, Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, load
from inconcert.record import CodeSystem, Coding

FOLDER = ROOT / "files" / "staging"
SYSTEMS = {"icd10cm": CodeSystem.ICD10CM, "snomed": CodeSystem.SNOMED, "cpt": CodeSystem.CPT}


class AdequacyRuleSet(Entry):
    """How long, and whether at a minimum dose, a medication trial must be to be adequate."""

    id: str
    name: str
    min_weeks: float
    needs_dose: bool
    src: tuple[str, ...]
    status: Reading


class OutcomeCuts(Entry, kw_only=True):
    """Percent improvement from baseline: at most the first is non-response, at least the second response."""

    nonresponse_at_most_percent: float
    response_at_least_percent: float
    src: tuple[str, ...]
    status: Reading
    recalled: tuple[str, ...] = ()


class InferenceWindows(Entry):
    """Where scores must lie, in days about a trial's start and end, for its outcome to be inferred from them."""

    scales: tuple[str, ...]
    baseline_days_before_start: int
    baseline_days_after_start: int
    end_days_before_end: int
    end_days_after_end: int
    status: Reading


class StagingRules(Entry):
    """The default numbers of trial rebuilding. `status` fields say which are ours."""

    sources: dict[str, SourceNote]
    default: str
    rule_sets: tuple[AdequacyRuleSet, ...]
    bridge_days: int
    bridge_status: Reading
    implausible_above_label_maximum_times: float
    implausible_below_minimum_dose_part: float
    implausible_status: Reading
    min_adherence_percent: float
    adherence_src: tuple[str, ...]
    adherence_status: Reading
    combination_overlap_days: int
    combination_status: Reading
    outcome: OutcomeCuts
    inference: InferenceWindows
    severity_days: int
    severity_status: Reading
    severity_bands: dict[str, str]

    def rule_set(self, rule_id: str = "") -> AdequacyRuleSet:
        """The adequacy rule set of that id, or the default one. Raises KeyError with the ids there are."""
        wanted = rule_id or self.default
        for rule in self.rule_sets:
            if rule.id == wanted:
                return rule
        raise KeyError(f"no adequacy rule set {wanted!r}; there are {', '.join(r.id for r in self.rule_sets)}")

    def cite(self, keys: Iterable[str], status: Reading) -> tuple[Source, ...]:
        """Sources by key, each with its own status or else the one given."""
        return cite(self.sources, keys, status)


def cite(notes: dict[str, SourceNote], keys: Iterable[str], status: Reading) -> tuple[Source, ...]:
    """Sources by key from a file's table, each with its own status or else the one given."""
    return tuple(Source(notes[k].ref, notes[k].where, notes[k].status or status) for k in keys)


class ResistanceDefinition(Entry, kw_only=True):
    """A yes-or-no definition of resistance: so many failed adequate trials. `counts_partial` may be unknown."""

    id: str
    name: str
    text: str
    min_failures: int
    scope: Literal["current_episode", "lifetime"]
    counts_partial: Answer
    oral_only: bool = False
    adherence_confirmed: bool = False
    src: tuple[str, ...]
    status: Reading
    recalled: tuple[str, ...] = ()


class DefinitionFile(Entry):
    """All definitions of resistance."""

    sources: dict[str, SourceNote]
    definitions: tuple[ResistanceDefinition, ...]


class MonthStep(Entry):
    """Points for a duration above so many months."""

    above: float
    points: float


class FailureStep(Entry):
    """Points from so many failed drugs upwards."""

    start: int = msgspec.field(name="from")
    points: float = 0


class Band(Entry):
    """A named range of a score, both ends included."""

    id: str
    start: float = msgspec.field(name="from")
    end: float = msgspec.field(name="to", default=0)


class Msm(Entry):
    """The Maudsley Staging Method's points."""

    name: str
    duration_months: tuple[MonthStep, ...]
    severity: dict[str, float]
    failures: tuple[FailureStep, ...]
    augmentation_points: float
    ect_points: float
    bands: tuple[Band, ...]
    src: tuple[str, ...]
    status: Reading


class MghS(Entry):
    """The Massachusetts General Hospital staging's points."""

    name: str
    points_per_failure: float
    points_per_optimization: float
    points_per_augmentation: float
    points_for_failed_ect: float
    rule_set: str
    note: str
    src: tuple[str, ...]
    status: Reading


class ThaseRush(Entry):
    """Which drug classes are which rung of the Thase and Rush ladder."""

    name: str
    tca_classes: tuple[str, ...]
    maoi_classes: tuple[str, ...]
    src: tuple[str, ...]
    status: Reading
    note: str


class EuropeanStage(Entry):
    """One stage of the European staging: so many failures over at least so many weeks."""

    failures: int
    id: str
    min_weeks: float


class European(Entry, kw_only=True):
    """The European (Souery) staging."""

    name: str
    stages: tuple[EuropeanStage, ...]
    chronic_after_months: float
    src: tuple[str, ...]
    status: Reading
    recalled: tuple[str, ...] = ()


class RegisterModel(Entry):
    """A count over courses of treatment, with its adequacy rule set."""

    name: str
    rule_set: str
    note: str
    src: tuple[str, ...]
    status: Reading
    min_failures: int = 0


class Instruments(Entry):
    """All staging instruments that we may ship."""

    sources: dict[str, SourceNote]
    msm: Msm
    mgh_s: MghS
    thase_rush: ThaseRush
    european: European
    karolinska: RegisterModel
    athf_count: RegisterModel

    def cite(self, keys: Iterable[str], status: Reading) -> tuple[Source, ...]:
        """Sources by key, each with its own status or else the one given."""
        return cite(self.sources, keys, status)


class DiagnosisCode(Entry):
    """What one diagnosis code says. `severity` and `remission` are '' where it does not say."""

    system: Literal["icd10cm", "snomed"]
    code: str
    polarity: Literal["unipolar", "bipolar"]
    src: str
    severity: str = ""
    psychotic: Answer = Answer.UNKNOWN
    recurrent: Answer = Answer.UNKNOWN
    remission: str = ""

    def covers(self, coding: Coding) -> bool:
        """True if a coding is this code (ICD-10 without -CM is read as well)."""
        system = CodeSystem.ICD10CM if coding.system == CodeSystem.ICD10 else coding.system
        return system == SYSTEMS[self.system] and code_matches(self.code, coding.code)


def code_matches(pattern: str, code: str) -> bool:
    """True if `code` is `pattern`, or begins with it where the pattern ends in `*`."""
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


class DiagnosisFile(Entry):
    """All diagnosis codes of depression and its look-alikes."""

    sources: dict[str, SourceNote]
    codes: tuple[DiagnosisCode, ...]

    def read(self, codings: Iterable[Coding]) -> DiagnosisCode | None:
        """What the first recognized coding says; the longest pattern wins."""
        for coding in codings:
            hits = [entry for entry in self.codes if entry.covers(coding)]
            if hits:
                return max(hits, key=lambda entry: len(entry.code))
        return None


class ProcedureCodes(Entry):
    """Codes and words of one kind of procedure ('ect', 'tms', 'psychotherapy') in one system."""

    kind: Literal["ect", "tms", "psychotherapy"]
    system: Literal["cpt", "snomed"]
    codes: tuple[str, ...]
    src: str
    words: tuple[str, ...] = ()


class ProcedureFile(Entry):
    """All procedure codes."""

    sources: dict[str, SourceNote]
    procedures: tuple[ProcedureCodes, ...]


class GivenFor(Entry):
    """A reason a drug is given for, and whether such use counts as treatment of depression."""

    use: str
    counts: Answer
    icd10: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    note: str = ""


class StoppedFor(Entry):
    """Codes and words of one reason for stopping, and the outcome they mean."""

    outcome: Literal["nonresponse", "partial", "response", "intolerance"]
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class ReasonFile(Entry):
    """Why drugs are given and stopped."""

    sources: dict[str, SourceNote]
    given_for: tuple[GivenFor, ...]
    stopped_for: tuple[StoppedFor, ...]
    denying: tuple[str, ...]


class StagingBook:
    """All staging files together, each read when first asked for."""

    @cached_property
    def definitions(self) -> DefinitionFile:
        """Definitions of resistance."""
        return load(FOLDER / "definitions.yaml", DefinitionFile)

    @cached_property
    def instruments(self) -> Instruments:
        """Staging instruments."""
        return load(FOLDER / "instruments.yaml", Instruments)

    @cached_property
    def diagnoses(self) -> DiagnosisFile:
        """Diagnosis codes."""
        return load(FOLDER / "diagnoses.yaml", DiagnosisFile)

    @cached_property
    def procedures(self) -> ProcedureFile:
        """Procedure codes."""
        return load(FOLDER / "procedures.yaml", ProcedureFile)

    @cached_property
    def reasons(self) -> ReasonFile:
        """Reasons for giving and for stopping."""
        return load(FOLDER / "reasons.yaml", ReasonFile)


@cache
def staging_rules() -> StagingRules:
    """The rules of trial rebuilding, read once. Raises KnowledgeError."""
    return load(FOLDER / "rules.yaml", StagingRules)


@cache
def staging_book() -> StagingBook:
    """The staging files. Raises KnowledgeError, when one is first used, naming file, line and mend."""
    return StagingBook()
