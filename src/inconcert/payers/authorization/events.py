"""What happened, as it was written down, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from inconcert.payers.authorization.facts import FactValue
from inconcert.payers.authorization.moves import AuthorizationState
from inconcert.record.dates import Moment

CORRECT = "correct"  # the kind of an event that puts another in its place
VOID = "void"  # the fact by which a correction says that the other never happened


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationEvent:
    """One entry. `happened` is when it was so (a day, or an instant with its offset); `recorded_at` when it was typed, in UTC.

    A correction has the kind `correct`, names in `corrects` the entry whose place it takes, and carries that entry's right
    facts and time; with the fact `void` it says that the entry should not be there.
    """

    id: str
    kind: str
    happened: Moment
    recorded_at: datetime
    by: str = ""
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    corrects: str = ""

    @property
    def day(self) -> date:
        """The day it happened, on the clock it was noted by."""
        return self.happened.days.earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One event that counts, with the state before and after. `original` is what stood there before a correction."""

    event: AuthorizationEvent
    before: AuthorizationState | None
    after: AuthorizationState
    original: AuthorizationEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What the payer approved: units of a kind, from one day to another, both included."""

    units: int
    unit: str
    starts_on: date
    ends_on: date
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRound:
    """One stretch with the payer: from a sending or an appeal to the decision, with the times it stood still for a question."""

    began: AuthorizationEvent
    received: AuthorizationEvent | None = None
    urgency: str = ""
    pauses: tuple[tuple[AuthorizationEvent, AuthorizationEvent | None], ...] = ()
    prolonged: AuthorizationEvent | None = None
    ended: AuthorizationEvent | None = None

    @property
    def open_pause(self) -> AuthorizationEvent | None:
        """The question that is not answered yet."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationStatus:
    """Where an authorization stands as of a day. `details` are the latest words on payer, service and the like."""

    state: AuthorizationState
    as_of: date
    since: date
    details: Mapping[str, FactValue]
    steps: tuple[HistoryStep, ...]
    voided: tuple[AuthorizationEvent, ...] = ()
    approval: Approval | None = None
    decision: WaitingRound | None = None
    appeal: WaitingRound | None = None
    refused: AuthorizationEvent | None = None
    counted: AuthorizationEvent | None = None  # the last word that the chart holds every treatment up to that day
    appeals: int = 0

    def detail(self, name: str) -> str:
        """One detail as text, '' where nobody said."""
        return str(self.details.get(name, ""))
