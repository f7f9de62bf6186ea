"""What a person needs, and the ways to give treatment set against it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse
from inconcert.protocols.types import Proposal, Way
from inconcert.safety.types import ArmClearance, Clearance, SuicideRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing asked of the person before choosing a way. `value` and `text` are None and '' while it is unknown.

    `answer` is for yes/no needs; for a number or a choice it is met when it is known.
    """

    id: str  # intake question id, e.g. needs.travel_minutes
    answer: Answer
    value: float | None = None
    text: str = ""
    used: tuple[RecordUse, ...] = ()
    question: Question | None = None

    @property
    def known(self) -> bool:
        """True if somebody answered it."""
        return self.answer is not Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What this person needs of a course of treatment, as far as anybody asked. Unknown stays unknown."""

    as_of: date
    speed: Need  # text: days, weeks, no_hurry
    travel_minutes: Need
    days_per_week: Need
    escort: Need
    transport: Need
    work_constraints: Need
    preference: Need  # text: a value of Way, or 'none'
    ketamine_before: Need  # text: never, helped, partly, no_help, not_tolerated
    tms_before: Need

    def all(self) -> tuple[Need, ...]:
        """Every need, in the order of the intake form."""
        return (
            self.speed,
            self.travel_minutes,
            self.days_per_week,
            self.escort,
            self.transport,
            self.work_constraints,
            self.preference,
            self.ketamine_before,
            self.tms_before,
        )

    def questions(self) -> tuple[Question, ...]:
        """The questions nobody has answered yet."""
        return tuple(n.question for n in self.all() if not n.known and n.question is not None)


class FitDirection(enum.StrEnum):
    """Whether something about this person helps or hinders a way; unknown where the answer is missing."""

    HELPS = "helps"
    HINDERS = "hinders"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FitNote:
    """One thing about this person set against one way, with its basis. Notes are not added up into a score."""

    id: str
    direction: FitDirection
    text: str
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """What the safety screen says of one arm this way needs."""

    clearance: Clearance
    arm: ArmClearance
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCoverage:
    """What the chosen coverage policy says of one part. `policy_id` '' means that no policy was asked for it.

    The determination itself stands with the payers' answers, so that it is shown once.
    """

    service: str
    answer: Answer | None
    policy_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedWay:
    """One way to give treatment, set against one person.

    `clearance` is the worst of its arms: `never` means excluded and says why, and the way is still listed.
    """

    proposal: Proposal
    clearance: Clearance
    blockers: tuple[Blocker, ...]
    fits: tuple[FitNote, ...]
    coverage: tuple[PartCoverage, ...]
    cautions: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def way(self) -> Way:
        """Which way it is."""
        return self.proposal.way

    @property
    def excluded(self) -> bool:
        """True if a hazard of level `block` is known to be present for one of its arms."""
        return self.clearance is Clearance.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalList:
    """Every way, in the order of the stated rule, with what must happen first.

    `do_first` is what cannot wait for any of the ways (never empty where the suicide screen is red, amber or unknown).
    `order_rule` says how the list is ordered: excluded ways last, else as the file lists them. There is no score.
    """

    as_of: date
    do_first: tuple[str, ...]
    suicide_risk: SuicideRisk
    ways: tuple[ProposedWay, ...]
    order_rule: str
    never_offered: tuple[tuple[str, str], ...]  # (protocol id, why) for published protocols no one may pick
    questions: tuple[Question, ...]
    basis: Basis

    def open_ways(self) -> tuple[ProposedWay, ...]:
        """The ways no known hazard excludes."""
        return tuple(w for w in self.ways if not w.excluded)
