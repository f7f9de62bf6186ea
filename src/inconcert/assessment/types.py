"""The four answers about one person, as one object that a terminal, a page, a PDF and JSON all show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from inconcert.courses.types import ProposalList
from inconcert.evidence.synthesis.types import EvidenceAnswer
from inconcert.judgement import Answer, Basis, Question
from inconcert.payers.types import Determination, PlanDetermination
from inconcert.record import DateRange
from inconcert.safety.types import SafetyScreen
from inconcert.scales.types import DatedScore
from inconcert.staging.types import StageResult, TrialHistory

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """Who the assessment is about. `age_low`/`age_high` differ where the birth date is only partly known."""

    id: str
    name: str
    birth: str
    sex: str
    age_low: int | None
    age_high: int | None
    deceased: bool
    region: str
    health_plans: tuple[str, ...]
    invented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAnswer:
    """Which medication trials count, how resistant the depression is, what makes it unsafe, what must wait."""

    text: str
    resistant: Answer  # the US label's own question: at least two failures in this episode
    history: TrialHistory
    staging: tuple[StageResult, ...]
    safety: SafetyScreen
    questions: tuple[Question, ...]
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """One policy of the whole library in a line, so that a person without a matched plan still sees the field."""

    policy_id: str
    payer: str
    service: str
    answer: Answer
    decision: str
    combination: str
    stopped_by: str  # the first criterion that is not met, or else unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidAnswer:
    """Each chosen coverage policy's determination, the plan part by part, and the whole library in lines.

    `chosen_because` says why these policies were asked: named by the user, matched to the person's plan, or all of them
    because no plan is recorded. `ways_text` says, where the shortest ways were not searched, why and how to ask for one;
    '' where they were.
    """

    text: str
    chosen_because: str
    determinations: tuple[Determination, ...]
    plans: tuple[PlanDetermination, ...]
    library: tuple[LibraryRow, ...]
    questions: tuple[Question, ...]
    basis: Basis
    ways_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """The ways to give it. Not ranked by a score: the order is by a stated rule."""

    text: str
    proposals: ProposalList
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSaid:
    """What is known of whether it works, and on what."""

    text: str
    evidence: EvidenceAnswer
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The four."""

    who: WhoAnswer
    paid: PaidAnswer
    given: GivenAnswer
    evidence: EvidenceSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTreatment:
    """A course of ECT or TMS already given. `what` is `ECT` or `TMS`; `outcome` the record's own words."""

    record_id: str
    kind: str
    what: str
    label: str
    start: DateRange
    end: DateRange | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One person, four answers, and what became of the record they rest on.

    `account` is exchange's account of the input (`resources`, `used`, `kept_not_used`, `refused` ...), None where the
    person did not come from a file. `warnings` must be read first (a child, someone who has died, a future-dated record).
    """

    schema_version: str
    inconcert_version: str
    as_of: date
    account: Mapping[str, Any] | None
    person: PersonSummary
    warnings: tuple[str, ...]
    answers: Answers
    scores: Mapping[str, tuple[DatedScore, ...]]
    disclaimer: str
    treatments: tuple[GivenTreatment, ...] = ()  # ECT and TMS already given; drugs given stand in the medication trials
