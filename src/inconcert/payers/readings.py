"""The readings taken where a policy leaves something open, and payers' code lists, from `knowledge/files/payers`."""

from __future__ import annotations

from functools import cache

from inconcert.judgement import Reading, Source
from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry, IntakeQuestion, SourceNote, as_sources, intake_questions

_FOLDER = loader.ROOT / "files" / "payers"


class ReadingTaken(Entry, frozen=True, kw_only=True):
    """One number the engine reads where the policy gives none, with its unit and reason."""

    id: str
    value: float
    unit: str
    text: str
    sources: tuple[SourceNote, ...]
    status: Reading

    @property
    def as_sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.sources, self.status)


class ConditionCodes(Entry, frozen=True, kw_only=True):
    """Codes that say a condition is there. ICD-10-CM as prefixes, SNOMED CT as whole codes.

    `only_active`: a resolved entry does not count. `weight: possible` means that the code alone does not settle it.
    `valid_days` is how long an undated end may be assumed open (pregnancy).
    """

    id: str
    name: str
    icd10: tuple[str, ...] = ()
    icd10_not: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    only_active: bool = False
    weight: str = "certain"
    valid_days: int | None = None
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def readings() -> dict[str, ReadingTaken]:
    """All readings by id."""
    return {r.id: r for r in loader.load(_FOLDER / "readings.yaml", tuple[ReadingTaken, ...])}


def reading(reading_id: str) -> ReadingTaken:
    """One reading. Raises KeyError for an id that the file does not hold."""
    return readings()[reading_id]


@cache
def condition_codes() -> dict[str, ConditionCodes]:
    """All code lists by condition."""
    return {c.id: c for c in loader.load(_FOLDER / "conditions.yaml", tuple[ConditionCodes, ...])}


@cache
def question(question_id: str) -> IntakeQuestion:
    """One intake question of ours. Raises KeyError where no file asks it."""
    return intake_questions()[question_id]


class HazardLookup(Entry, frozen=True, kw_only=True):
    """Where one payer's word for a hazard is looked up: chart codes, safety items, and the question that settles it."""

    id: str
    question: str
    codes: tuple[str, ...] = ()
    same_as: str = ""
    present_if: tuple[str, ...] = ()
    absent_if_all: tuple[str, ...] = ()


@cache
def hazards() -> dict[str, HazardLookup]:
    """All hazard look-ups by id."""
    return {h.id: h for h in loader.load(_FOLDER / "hazards.yaml", tuple[HazardLookup, ...])}


class AgentMeaning(Entry, frozen=True, kw_only=True):
    """What a payer's word for an agent means in drugs, drug classes and services of a plan.

    `companion`: any antidepressant by mouth (of `classes`, where given). What `..._maybe` lists leaves it unknown.
    `since_question` asks how many days ago it was last given.
    """

    id: str
    question: str
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    drugs_maybe: tuple[str, ...] = ()
    services_maybe: tuple[str, ...] = ()
    companion: bool = False
    since_question: str = ""


@cache
def agents() -> dict[str, AgentMeaning]:
    """All agents by the word policies use."""
    return {a.id: a for a in loader.load(_FOLDER / "agents.yaml", tuple[AgentMeaning, ...])}


@cache
def agent_drugs() -> frozenset[str]:
    """Every drug that some agent names, as the drug book writes it."""
    return frozenset(drug for agent in agents().values() for drug in agent.drugs)


class ProcedureCodes(Entry, frozen=True, kw_only=True):
    """Codes of one procedure."""

    id: str
    cpt: tuple[str, ...]
    snomed: tuple[str, ...]
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def procedure_codes() -> dict[str, ProcedureCodes]:
    """All procedures by id."""
    return {p.id: p for p in loader.load(_FOLDER / "procedures.yaml", tuple[ProcedureCodes, ...])}


class MatchingWords(Entry, frozen=True, kw_only=True):
    """Words that add nothing to a payer's name, and the states by name."""

    company_words: tuple[str, ...]
    states: dict[str, str]


@cache
def _matching() -> MatchingWords:
    return loader.load(_FOLDER / "matching.yaml", MatchingWords)


def company_words() -> frozenset[str]:
    """Words such as `insurance` that may follow a payer's name without making it another payer."""
    return frozenset(_matching().company_words)


def state_code(region: str) -> str:
    """The postal code of a US state from a code or a name (`OH`, `US-OH`, `Ohio`); '' where it is none."""
    code = region.strip().upper().removeprefix("US-")
    return code if len(code) == 2 else states().get(" ".join(region.lower().split()), "")


_FACTORS = {("g", "kg"): 0.001, ("[lb_av]", "kg"): 0.45359237, ("[oz_av]", "kg"): 0.028349523125}  # by definition


def unit_factor(written: str, wanted: str) -> float | None:
    """What a value in one UCUM unit is multiplied by to stand in another; None where they measure nothing alike."""
    return _FACTORS.get((written, wanted))


def states() -> dict[str, str]:
    """US states and territories: lower-case name to postal code."""
    return _matching().states


class DocumentWanted(Entry, frozen=True, kw_only=True):
    """The paper or word that settles every question whose id begins with `of`, and from whom it comes.

    `can_change`: an answer that stands against approval can be arranged otherwise. `never_wish`: answers that would mean
    that somebody is worse, and are never put forward as a way.
    """

    of: str
    document: str
    whom: str
    can_change: bool = False
    never_wish: tuple[str, ...] = ()
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def _documents() -> tuple[DocumentWanted, ...]:
    found = loader.load(_FOLDER / "documents.yaml", tuple[DocumentWanted, ...])
    return tuple(sorted(found, key=lambda d: -len(d.of)))


@cache
def document_for(question_id: str) -> DocumentWanted:
    """What settles a question: the entry whose id is the longest beginning of the question's."""
    return next(d for d in _documents() if question_id.startswith(d.of))


class FurtherClass(Entry, frozen=True, kw_only=True):
    """A class that may be named for a further trial, and when it is left out."""

    drug_class: str
    not_with_services: tuple[str, ...] = ()
    not_with_hazards: tuple[str, ...] = ()
    why_not: str = ""


class FurtherTrials(Entry, frozen=True, kw_only=True):
    """What the shortest way may name where a policy wants another trial, and what it says first to whom cannot wait."""

    most_classes: int
    adherence_percent: float
    classes: tuple[FurtherClass, ...]
    not_marketed: tuple[str, ...]
    augmenter_classes: tuple[str, ...]
    waiting: str
    urgent: str
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def further_trials() -> FurtherTrials:
    """The file on further trials."""
    return loader.load(_FOLDER / "further_trials.yaml", FurtherTrials)
