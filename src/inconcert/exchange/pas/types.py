"""What a request to a payer and the payer's answer look like once they are ours: small, typed, without FHIR."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any

from inconcert.exchange.disclosure import HeldBack
from inconcert.record import DateRange

Json = dict[str, Any]
SHAPES = ("2.2.1", "2.0.1")


class GapKind(enum.StrEnum):
    """Who can close a gap: whoever keeps the chart, whoever keeps the clinic's settings file, whoever asks."""

    CHART = "chart"
    SETTINGS = "settings"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """One thing the payer will look for that is not there. It is left out of the Bundle, never made up."""

    kind: GapKind
    where: str  # the FHIR element it would stand in
    what: str
    mend: str


def missing(where: str, setting: str, what: str) -> Gap:
    """A gap that one entry of the settings file would close."""
    shape = "{system: ..., code: ...}"
    return Gap(GapKind.SETTINGS, where, what, f"Write `{setting}: {shape}` in the clinic's settings file.")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One record that goes with the request: what it is called there, which chart record it came from, and why."""

    bundle_id: str
    record_id: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that speaks for the request but could not be enclosed as a resource of its own, and why."""

    record_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasRequest:
    """One request Bundle (one Claim) and everything its sender must know before sending it.

    `held_back` is for the clinic's eyes and never sent: that a record exists can itself be protected.
    """

    bundle: Json
    shape: str
    services: tuple[str, ...]
    payer: str
    claim_id: str
    policy_ids: tuple[str, ...]
    gaps: tuple[Gap, ...]
    held_back: tuple[HeldBack, ...]
    enclosed: tuple[Enclosed, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()


class ItemState(enum.StrEnum):
    """What a payer said of one item, or of a whole request (`partial` where its items fare differently)."""

    APPROVED = "approved"
    MODIFIED = "modified"  # approved, but not as it was asked for
    DENIED = "denied"
    PENDED = "pended"
    CANCELLED = "cancelled"
    NOT_REQUIRED = "not_required"
    ERROR = "error"
    NO_ANSWER = "no_answer"
    UNKNOWN = "unknown"  # something was said that we cannot read: it is shown as given
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class PayerReason:
    """A reason, a message or a code of the payer, as given. Codes of tables we may not carry are not explained."""

    text: str
    code: str = ""
    system: str = ""

    @property
    def shown(self) -> str:
        """The reason as a person sees it: its words, else the bare code with its table."""
        if self.text:
            return f"{self.text} ({self.code})" if self.code else self.text
        return f"code {self.code} of {self.system or 'an unnamed table'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerQuestion:
    """Something the payer wants before it decides. `item` is None where it is about the whole request."""

    text: str
    item: int | None = None
    code: str = ""
    system: str = ""
    due: date | None = None
    send_to: str = ""
    source: str = ""  # the resource that asked, `Task/…` or `CommunicationRequest/…`


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswer:
    """What the payer said of one item of the request. `units` is what was authorized, None where not said."""

    sequence: int
    service: str  # what the item asked for, in the request's own words
    state: ItemState
    said: tuple[PayerReason, ...] = ()  # the action codes the state was read from
    authorization_number: str = ""
    reference_number: str = ""  # the payer's own number of a request not (yet) approved
    start: DateRange | None = None
    end: DateRange | None = None
    issued: DateRange | None = None
    units: float | None = None
    unit: str = ""
    requested_units: float | None = None
    reasons: tuple[PayerReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAnswer:
    """One ClaimResponse read against the request it answers."""

    claim_id: str
    response_id: str
    state: ItemState
    outcome: str
    items: tuple[ItemAnswer, ...]
    created: DateRange | None = None
    payer: str = ""
    authorization_number: str = ""
    start: DateRange | None = None
    end: DateRange | None = None
    reasons: tuple[PayerReason, ...] = ()
    errors: tuple[PayerReason, ...] = ()
    questions: tuple[PayerQuestion, ...] = ()
    human_reviewed: bool | None = None
    not_understood: tuple[str, ...] = ()


class FindingKind(enum.StrEnum):
    """How a finding is to be taken: a fault of the Bundle, or an element that only the clinic or its chart can supply."""

    FAULT = "fault"
    SETTING = "setting"
    CHART = "chart"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule of the profile that a Bundle does not keep: where, which rule, in words, and what would mend it."""

    kind: FindingKind
    where: str
    rule: str
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class BundleCheck:
    """What our own checks say of a Bundle, held against one shape and profile."""

    profile: str
    shape: str
    findings: tuple[Finding, ...]

    @property
    def passes(self) -> bool:
        """True if every rule that we hold is kept."""
        return not self.findings

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that no chart entry and no setting would mend."""
        return tuple(f for f in self.findings if f.kind is FindingKind.FAULT)
