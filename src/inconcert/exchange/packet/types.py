"""What a packet is before it has a form: facts, and sentences that each know what they rest on.

The PDF, the plain text and the JSON are all made from one `PacketFacts`, so that they cannot differ.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from inconcert.exchange.clinic import ClinicSettings, Letterhead
from inconcert.judgement import Answer

SCHEMA_VERSION = "1"
KINDS = ("necessity", "appeal")
STAGES = ("initial", "continuation", "retreatment", "maintenance")


class Rests(enum.StrEnum):
    """What a sentence rests on."""

    RECORD = "record"  # rows of the chart: `records` names them
    REQUEST = "request"  # what the clinic asks for: service, stage, number, date
    DENIAL = "denial"  # the payer's notice, as the clinic gave it
    POLICY = "policy"  # the payer's policy, in our words: `source` names it
    STUDY = "study"  # published studies: `source` names them
    TEMPLATE = "template"  # a standing sentence, the same for everybody (`packet.standing`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence and what it rests on. One that says something of the person cannot be made without a record."""

    text: str
    rests: Rests
    records: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if (self.rests is Rests.RECORD) != bool(self.records):
            raise ValueError(f"a sentence that rests on {self.rests.value} with {len(self.records)} records")
        if self.rests in (Rests.POLICY, Rests.STUDY) and not self.source:
            raise ValueError(f"a sentence that rests on a {self.rests.value} names no source")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One row of the chart that a sentence rests on. `number` is its mark in print, in the order of first use."""

    number: int
    id: str
    resource: str
    date: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """One criterion of the policy. `way` names the alternative it belongs to where one of several is enough.

    `findings` say nothing that the judgement calls unknown. `trials` and `rejected_trials` are ids of trial lines.
    `disputed` marks a criterion that only some of the sources name or that is recalled from memory.
    """

    number: str
    id: str
    fact: str
    asked: str
    answer: Answer
    findings: tuple[Sentence, ...]
    way: str = ""
    trials: tuple[str, ...] = ()
    rejected_trials: tuple[tuple[str, str], ...] = ()
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """Which text was asked, and how far it was read. We hold policies in our own words, never their sentences."""

    id: str
    payer: str
    number: str
    title: str
    version: str
    read_depth: str
    checked_on: str
    sources: tuple[str, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A score that the policy names: `scale` is our id, `said` as in `PHQ-9 at least 20`."""

    scale: str
    value: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketPart:
    """One treatment under its own policy. `together` is the answer with the rest of the plan running."""

    service: str
    service_name: str
    policy: PolicyText
    answer: Answer
    decision: str
    criteria: tuple[CriterionRow, ...]
    authorizes: str
    codes: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    together: Answer | None = None
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """One medication trial as the table shows it. `counted` says by policy id whether and why it counts there."""

    id: str
    drug: str
    drug_class: str
    role: str
    doses: str
    dates: str
    weeks_adequate: str
    adequate: Answer
    adequate_rule: str
    outcome: str
    adherence: str
    stop_reason: str
    records: tuple[str, ...]
    counted: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One score. `total` is None where it lies between `low` and `high`; `baseline` marks the episode's first."""

    scale: str
    scale_name: str
    on: str
    total: float | None
    low: float
    high: float
    said: str
    baseline: bool
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSection:
    """A heading and its paragraphs of sentences; `bullets` marks paragraphs that stand as a list."""

    title: str
    paragraphs: tuple[tuple[Sentence, ...], ...]
    bullets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One document that the policy asks for. `shown_by` says where in the packet it is, '' where it is still missing."""

    name: str
    asked_by: str
    shown_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """The payer's refusal, as the clinic gives it. `criterion` names what was refused (fact, place or id)."""

    criterion: str = ""
    reason: str = ""
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForTheClinic:
    """What only the clinic may see: never printed into the packet, never in its JSON.

    `held_back` are (record, why, what would release it). Even their number tells a payer something.
    """

    must_know: tuple[str, ...]
    to_settle: tuple[str, ...]
    shortest_way: tuple[str, ...]
    blanks: tuple[str, ...]
    missing_documents: tuple[str, ...]
    held_back: tuple[tuple[str, str, str], ...]
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Who the packet is about; '' is a blank to fill. `member_id` is as the clinic typed it."""

    id: str
    name: str
    birth: str
    sex: str
    plan: str
    member_id: str
    invented: bool
    records: tuple[str, ...] = ()
    plan_records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketFacts:
    """Everything a packet says, in the order a reviewer reads it."""

    schema_version: str
    inconcert_version: str
    kind: str
    stage: str
    as_of: date
    title: str
    person: PersonLine
    clinic: Letterhead
    reviewed_by: str
    diagnosis: tuple[Sentence, ...]
    ask: tuple[Sentence, ...]
    parts: tuple[PacketPart, ...]
    pair: tuple[Sentence, ...]
    letter: tuple[LetterSection, ...]
    trials: tuple[TrialLine, ...]
    not_trials: tuple[Sentence, ...]
    scores: tuple[ScoreLine, ...]
    attachments: tuple[Attachment, ...]
    standing: tuple[Sentence, ...]
    records: tuple[RecordLine, ...]
    denial: Denial | None = None
    for_the_clinic: ForTheClinic

    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of the packet, in reading order."""
        findings = [s for part in self.parts for row in part.criteria for s in row.findings]
        prose = [s for section in self.letter for paragraph in section.paragraphs for s in paragraph]
        return (*self.diagnosis, *self.ask, *findings, *self.pair, *prose, *self.not_trials, *self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRequest:
    """What is asked for.

    `services` are payers' words (`rtms`, `esketamine`, `iv_ketamine`, ...), one or two; `policies` are ids in any order:
    each service goes under the first that speaks of it; without any, the policies that match the person's plan.
    `released` are kinds of protected records that may leave because the person agreed in writing, and `consent` says where
    that agreement is filed; without it nothing is released. `reviewed_by` is the clinician who has read the packet:
    without one it bears the mark DRAFT.
    """

    services: tuple[str, ...]
    as_of: date
    policies: tuple[str, ...] = ()
    stage: str = "initial"
    kind: str = "necessity"
    denial: Denial | None = None
    clinic: ClinicSettings = field(default_factory=ClinicSettings)
    member_id: str = ""
    reviewed_by: str = ""
    released: Collection[str] = ()
    consent: str = ""
