"""The shape every answer in InConcert has: three values, a basis, and the question that would settle it.

A nurse reads "aneurysm: unknown, ask the patient". A payer's reviewer reads "2 of 2 trials: met, from these two
dispenses". Both are the same object, a `Judgement`. A blank in the chart is never zero, no or normal: it is
`Answer.UNKNOWN`, and an unknown always carries the one `Question` that would settle it.

This module stands beneath every room (see docs/decisions/0004) and imports nothing of InConcert.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class Answer(enum.StrEnum):
    """Met, not met or unknown (Kleene's strong three-valued logic)."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    def __invert__(self) -> Answer:
        return _INVERSE[self]


_INVERSE = {Answer.MET: Answer.NOT_MET, Answer.NOT_MET: Answer.MET, Answer.UNKNOWN: Answer.UNKNOWN}


def all_of(answers: Iterable[Answer]) -> Answer:
    """Not met if any is not met; else unknown if any is unknown; else met (an empty list is met)."""
    seen = set(answers)
    if Answer.NOT_MET in seen:
        return Answer.NOT_MET
    return Answer.UNKNOWN if Answer.UNKNOWN in seen else Answer.MET


def any_of(answers: Iterable[Answer]) -> Answer:
    """Met if any is met; else unknown if any is unknown; else not met (an empty list is not met)."""
    seen = set(answers)
    if Answer.MET in seen:
        return Answer.MET
    return Answer.UNKNOWN if Answer.UNKNOWN in seen else Answer.NOT_MET


class Reading(enum.StrEnum):
    """How we know a fact of the world."""

    READ = "read"  # seen in the source named
    RECALLED = "recalled"  # from memory: check before relying on it
    DESIGN = "design"  # our own default, not evidence


class NumberKind(enum.StrEnum):
    """What sort of number this is. The five never look alike on a screen or in print."""

    OBSERVED = "observed"  # in this person's record
    REPORTED = "reported"  # printed in a publication
    MODELLED = "modelled"
    SIMULATED = "simulated"
    DESIGN_DEFAULT = "design_default"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact of the world was found. `ref` is a URL, DOI or document; `where` the place inside it."""

    ref: str
    where: str = ""
    status: Reading = Reading.READ


@dataclass(frozen=True, slots=True)
class RecordUse:
    """One record that was used for, or rejected from, a judgement, and why."""

    record_id: str
    why: str
    on: str = ""  # the record's own date as written, so that a reader can find it in the chart


@dataclass(frozen=True, slots=True)
class Question:
    """The one question that would settle an unknown.

    `id` is an intake question of `knowledge/intake.yaml` where one exists, so that an answer typed on the intake
    form reaches the rule that asked; `settles` names the rule.
    """

    id: str
    text: str
    settles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a judgement stands on. No judgement is built without one.

    `rule_id` and `rule_version` name the rule, `sources` who says so, `as_of` the day it was asked for,
    `used` and `rejected` the records.
    """

    rule_id: str
    as_of: date
    rule_version: str = "1"
    rule_text: str = ""
    sources: tuple[Source, ...] = ()
    used: tuple[RecordUse, ...] = ()
    rejected: tuple[RecordUse, ...] = ()

    @property
    def status(self) -> Reading:
        """The weakest of its sources' statuses: one recalled source marks the whole as recalled."""
        statuses = {source.status for source in self.sources}
        if Reading.RECALLED in statuses:
            return Reading.RECALLED
        return Reading.READ if Reading.READ in statuses else Reading.DESIGN


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One answer with its basis. `text` says it in plain words; `parts` are the judgements it was made from."""

    id: str
    answer: Answer
    text: str
    basis: Basis
    question: Question | None = None
    parts: tuple[Judgement, ...] = ()

    def __post_init__(self) -> None:
        if self.answer is Answer.UNKNOWN and self.question is None and not any(p.questions() for p in self.parts):
            raise ValueError(f"judgement {self.id!r} is unknown but names no question that would settle it")

    def questions(self) -> tuple[Question, ...]:
        """Every question under this judgement that would help settle it, in order, each once.

        Two drugs may each lack their outcome: the same question about two things is two questions.
        """
        found: dict[tuple[str, str], Question] = {}
        if self.answer is Answer.UNKNOWN:
            if self.question is not None:
                found[self.question.id, self.question.text] = self.question
            for part in self.parts:
                for question in part.questions():
                    found.setdefault((question.id, question.text), question)
        return tuple(found.values())


class Refusal(Exception):
    """A first-class no: what was refused, why, and what would mend it. Raised by `check_can_x`."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason} Mend: {mend}")
        self.reason = reason
        self.mend = mend
