"""Safety items as files: what each hazard is, for whom, how hard, how a chart shows it, and the question that settles it.

`knowledge/files/safety/items*.yaml` hold the items, `drugs.yaml` the drug groups, `suicide.yaml` the levels of suicide risk,
`rates.yaml` the rates to show in consent, `plan_rules.yaml` the rules about a plan rather than a person.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, as_sources, intake_questions, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FOLDER = ROOT / "files" / "safety"
VERSION = "1"

ArmWord = Literal["ketamine", "esketamine", "tms", "deep_tms", "combined"]
LevelWord = Literal["block", "hold", "warn", "info"]
FactWord = Literal["condition", "procedure", "device", "allergy", "measurement"]
SystemWord = Literal["icd10cm", "snomed", "cpt", "loinc", "rxnorm", "atc"]


class CodeSet(Entry, kw_only=True):
    """Codes of one system. ICD-10-CM and ATC codes are prefixes (`I71` is I71 and all below it); others are whole codes.

    `within_days`: only a record that began in so many days before the day asked about. `but_not`: prefixes left out.
    """

    system: SystemWord
    codes: tuple[str, ...]
    but_not: tuple[str, ...] = ()
    within_days: int | None = None
    status: Reading = Reading.RECALLED


class ResultSet(Entry, kw_only=True):
    """Coded results of an observation (a pregnancy test) that show a hazard or exclude it."""

    loinc: tuple[str, ...]
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    good_for_days: int
    status: Reading = Reading.RECALLED


class Detection(Entry, kw_only=True):
    """How records speak of a hazard.

    `present` shows it. `suspect` raises the question and answers nothing. `absent` is an explicit negative record.
    `words` are whole words or phrases in a record's own text; a negated one is never a no, only not a yes.
    """

    facts: tuple[FactWord, ...] = ("condition", "procedure", "device")
    present: tuple[CodeSet, ...] = ()
    suspect: tuple[CodeSet, ...] = ()
    absent: tuple[CodeSet, ...] = ()
    results: tuple[ResultSet, ...] = ()
    words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    refuted_is_no: bool = False  # a diagnosis looked for and refuted settles the item (it has one meaning only)


class NotApplicable(Entry, kw_only=True):
    """When an item cannot concern a person, and why we say so."""

    why: str
    sexes: tuple[str, ...] = ()
    age_at_least: int | None = None


class SafetyItem(Entry, kw_only=True):
    """One hazard. `test` names how it is judged; `record` is by codes, words and the attested answer.

    `lasting`: once true it stays true (a resolved record still counts, an old yes still counts). `good_for_days`: how long
    an attested no, or a negative record, is believed. `clears_on`: the answer that means the hazard is absent.
    """

    id: str
    name: str
    arms: tuple[ArmWord, ...]
    level: LevelWord
    rule: str
    action: str
    source: tuple[SourceNote, ...]
    status: Reading
    test: Literal["record", "age", "blood_pressure", "drug", "drug_change", "suicide", "always"] = "record"
    question: str = ""
    clears_on: Literal["yes", "no"] = "no"
    lasting: bool = True
    good_for_days: int = 365
    detect: Detection = msgspec.field(default_factory=Detection)
    not_applicable: NotApplicable | None = None
    drug_group: str = ""
    limits: dict[str, float] = msgspec.field(default_factory=dict)
    recalled_fields: tuple[str, ...] = ()
    note: str = ""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.source, self.status)


class DrugGroup(Entry, kw_only=True):
    """Drugs that matter for one reason. `names` are generic names and brands in lower case, `atc` code prefixes."""

    id: str
    names: tuple[str, ...]
    atc: tuple[str, ...] = ()
    status: Reading
    source: tuple[SourceNote, ...]
    note: str = ""


class RiskLevel(Entry, kw_only=True):
    """One level of suicide risk: what to do and within how many hours."""

    level: Literal["red", "amber", "yellow", "none", "unknown"]
    text: str
    actions: tuple[str, ...]
    within_hours: float | None = None
    status: Reading


class SuicideFile(Entry, kw_only=True):
    """Levels of suicide risk and how long each form is believed, in days."""

    levels: tuple[RiskLevel, ...]
    good_for_days: dict[str, int]
    reviewed_good_for_days: int
    item_cuts: tuple[ItemCut, ...]
    source: tuple[SourceNote, ...]
    status: Reading

    def level(self, name: str) -> RiskLevel:
        """One level by name. Raises StopIteration for a name that does not exist."""
        return next(level for level in self.levels if level.level == name)


class ItemCut(Entry, kw_only=True):
    """An item of another depression scale that opens the suicide screener at or above a value."""

    scale: str
    item: str
    at_least: float
    opens_level: Literal["amber", "yellow"]
    status: Reading


class Rate(Entry, kw_only=True):
    """A published rate to show in consent, with its interval where printed."""

    id: str
    name: str
    arms: tuple[ArmWord, ...]
    value: float
    low: float | None = None
    high: float | None = None
    unit: str
    note: str = ""
    source: tuple[SourceNote, ...]
    status: Reading

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.source, self.status)


class PlanRule(Entry, kw_only=True):
    """A rule about how treatments are put together, not about a person."""

    id: str
    ways: tuple[str, ...]  # ways of giving it concerns; empty means every way with more than one part
    level: LevelWord
    rule: str
    why: str = ""
    source: tuple[SourceNote, ...]
    status: Reading

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.source, self.status)


@cache
def safety_items() -> dict[str, SafetyItem]:
    """Every safety item by id. Raises KnowledgeError where one is malformed, stands twice or asks a question unknown."""
    found: dict[str, SafetyItem] = {}
    questions = intake_questions()
    groups = drug_groups()
    for path in sorted(FOLDER.glob("items*.yaml")):
        for item in load(path, tuple[SafetyItem, ...]):
            if item.id in found:
                raise KnowledgeError(str(path), None, f"Safety item {item.id!r} stands twice.", "Rename one.")
            if item.question and item.question not in questions:
                raise KnowledgeError(
                    str(path),
                    None,
                    f"{item.id!r} asks {item.question!r}, which is no intake question.",
                    "Add it there.",
                )
            if not item.question and item.level in ("block", "hold"):
                raise KnowledgeError(str(path), None, f"{item.id!r} can hold but asks nothing.", "Name its question.")
            if item.drug_group and item.drug_group not in groups:
                raise KnowledgeError(str(path), None, f"{item.id!r} names an unknown drug group.", "See drugs.yaml.")
            if not item.source:
                raise KnowledgeError(str(path), None, f"{item.id!r} names no source.", "Say where it was read.")
            found[item.id] = item
    return found


@cache
def drug_groups() -> dict[str, DrugGroup]:
    """Every drug group by id. Raises KnowledgeError for a malformed file."""
    return {group.id: group for group in load(FOLDER / "drugs.yaml", tuple[DrugGroup, ...])}


@cache
def suicide_file() -> SuicideFile:
    """The levels of suicide risk. Raises KnowledgeError for a malformed file."""
    return load(FOLDER / "suicide.yaml", SuicideFile)


@cache
def consent_rates() -> tuple[Rate, ...]:
    """Rates to show in consent. Raises KnowledgeError for a malformed file."""
    return load(FOLDER / "rates.yaml", tuple[Rate, ...])


@cache
def plan_rules() -> tuple[PlanRule, ...]:
    """Rules about putting treatments together. Raises KnowledgeError for a malformed file."""
    return load(FOLDER / "plan_rules.yaml", tuple[PlanRule, ...])
