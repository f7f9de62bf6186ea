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
