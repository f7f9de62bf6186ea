"""The table of everything that can happen to an authorization: from which states, to which, and what must be said with it.

The diagram in the documentation is drawn from this table (`diagram`), the forms of the payer desk are made from it, and
`fold` refuses whatever is not in it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class AuthorizationState(enum.StrEnum):
    """Where an authorization stands."""

    DRAFT = "draft"  # being put together; the payer knows nothing of it
    SENT = "sent"  # with the payer
    PENDED = "pended"  # the payer asked something and waits for us
    APPROVED = "approved"
    DENIED = "denied"
    APPEALED = "appealed"  # we asked the payer, or somebody above the payer, to look again
    OVERTURNED = "overturned"  # the denial was taken back: as good as an approval
    UPHELD = "upheld"  # the denial stands
    EXPIRED = "expired"  # the approved dates are over
    WITHDRAWN = "withdrawn"


STATE_WORDS: dict[AuthorizationState, str] = {
    AuthorizationState.DRAFT: "being prepared here; the payer has not been asked",
    AuthorizationState.SENT: "with the payer, who has to decide",
    AuthorizationState.PENDED: "the payer asked a question and waits for our answer",
    AuthorizationState.APPROVED: "approved for a number of units between two dates",
    AuthorizationState.DENIED: "refused, with a reason",
    AuthorizationState.APPEALED: "under appeal",
    AuthorizationState.OVERTURNED: "the refusal was taken back: approved on appeal",
    AuthorizationState.UPHELD: "the refusal stands after an appeal",
    AuthorizationState.EXPIRED: "the approved dates are over",
    AuthorizationState.WITHDRAWN: "taken back by the clinic",
}


class Actor(enum.StrEnum):
    """Who makes a move: the clinic, the payer, or nobody but the calendar."""

    US = "us"
    PAYER = "payer"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationMove:
    """One thing that can happen. `after` is None where the state stays as it is.

    `needs` and `may` are ids of `facts.FACTS`; `confirm` marks what leaves the house or ends something, and is asked twice.
    """

    id: str
    before: tuple[AuthorizationState, ...]
    after: AuthorizationState | None
    by: Actor
    button: str
    done: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    confirm: bool = False


_S = AuthorizationState
_OPEN = (_S.DRAFT, _S.SENT, _S.PENDED, _S.APPROVED, _S.DENIED, _S.APPEALED, _S.OVERTURNED, _S.UPHELD, _S.EXPIRED)
_DETAILS = ("payer", "payer_kind", "benefit", "plan_state", "policy_id", "codes", "units_asked", "unit")

MOVES: tuple[AuthorizationMove, ...] = (
    AuthorizationMove(
        id="open", before=(), after=_S.DRAFT, by=Actor.US, button="Start a request", done="Request started",
        needs=("service",), may=_DETAILS,
    ),
    AuthorizationMove(
        id="send", before=(_S.DRAFT,), after=_S.SENT, by=Actor.US, button="Mark as sent to the payer",
        done="Sent to the payer", needs=("payer", "channel", "urgency"), may=("reference", "text"), confirm=True,
    ),
    AuthorizationMove(
        id="receive", before=(_S.SENT,), after=None, by=Actor.PAYER, button="The payer confirmed receipt",
        done="Receipt confirmed by the payer", needs=("reference",), may=("decide_by",),
    ),
    AuthorizationMove(
        id="pend", before=(_S.SENT,), after=_S.PENDED, by=Actor.PAYER, button="The payer asks a question",
        done="Pended by the payer with a question", needs=("question",), may=("answer_by", "reference"),
    ),
    AuthorizationMove(
        id="answer", before=(_S.PENDED,), after=_S.SENT, by=Actor.US, button="Mark the question as answered",
        done="Question answered", needs=("text",), may=("channel", "reference"), confirm=True,
    ),
    AuthorizationMove(
        id="prolong", before=(_S.SENT, _S.PENDED), after=None, by=Actor.PAYER, button="The payer extended its time",
        done="Time extended by the payer", needs=("reason", "decide_by"),
    ),
    AuthorizationMove(
        id="regrade", before=(_S.SENT, _S.PENDED), after=None, by=Actor.PAYER, button="Urgency was changed",
        done="Urgency changed", needs=("urgency", "reason"),
    ),
    AuthorizationMove(
        id="approve", before=(_S.SENT, _S.PENDED), after=_S.APPROVED, by=Actor.PAYER, button="The payer approved",
        done="Approved", needs=("units", "unit", "starts_on", "ends_on", "reference"), may=("text",), confirm=True,
    ),
    AuthorizationMove(
        id="deny", before=(_S.SENT, _S.PENDED), after=_S.DENIED, by=Actor.PAYER, button="The payer refused",
        done="Refused by the payer", needs=("reason",), may=("notice_on", "appeal_by", "reference"), confirm=True,
    ),
    AuthorizationMove(
        id="rescind", before=(_S.APPROVED, _S.OVERTURNED, _S.EXPIRED), after=_S.DENIED, by=Actor.PAYER,
        button="The payer took the approval back", done="Approval taken back by the payer",
        needs=("reason",), may=("notice_on", "appeal_by", "reference"), confirm=True,
    ),
    AuthorizationMove(
        id="extend", before=(_S.APPROVED, _S.OVERTURNED, _S.EXPIRED), after=None, by=Actor.PAYER,
        button="The payer changed units or dates", done="Units or dates changed by the payer",
        needs=("units", "unit", "starts_on", "ends_on", "reference"), confirm=True,
    ),
    AuthorizationMove(
        id="counted", before=(_S.APPROVED, _S.OVERTURNED, _S.EXPIRED), after=None, by=Actor.US,
        button="All treatments are in the chart", done="The chart was said to hold every treatment up to this day", may=("text",),
    ),
    AuthorizationMove(
        id="expire", before=(_S.APPROVED, _S.OVERTURNED), after=_S.EXPIRED, by=Actor.CALENDAR, button="",
        done="The approved dates are over",
    ),
    AuthorizationMove(
        id="appeal", before=(_S.DENIED, _S.UPHELD), after=_S.APPEALED, by=Actor.US, button="Mark an appeal as filed",
        done="Appeal filed", needs=("channel", "urgency"), may=("reference", "text"), confirm=True,
    ),
    AuthorizationMove(
        id="overturn", before=(_S.APPEALED,), after=_S.OVERTURNED, by=Actor.PAYER, button="The appeal was won",
        done="Refusal overturned", needs=("units", "unit", "starts_on", "ends_on", "reference"), may=("text",), confirm=True,
    ),
    AuthorizationMove(
        id="uphold", before=(_S.APPEALED,), after=_S.UPHELD, by=Actor.PAYER, button="The appeal was lost",
        done="Refusal upheld", needs=("reason",), may=("notice_on", "appeal_by", "reference"), confirm=True,
    ),
    AuthorizationMove(
        id="withdraw", before=(_S.DRAFT, _S.SENT, _S.PENDED, _S.DENIED, _S.APPEALED, _S.UPHELD), after=_S.WITHDRAWN,
        by=Actor.US, button="Withdraw the request", done="Withdrawn", needs=("reason",), confirm=True,
    ),
    AuthorizationMove(
        id="detail", before=_OPEN, after=None, by=Actor.US, button="Add or change details", done="Details changed",
        may=_DETAILS,
    ),
    AuthorizationMove(
        id="note", before=(*_OPEN, _S.WITHDRAWN), after=None, by=Actor.US, button="Add a note", done="Note",
        needs=("text",),
    ),
)  # fmt: skip
BY_ID: dict[str, AuthorizationMove] = {move.id: move for move in MOVES}
EFFECTIVE = (AuthorizationState.APPROVED, AuthorizationState.OVERTURNED)  # units may be used
WITH_PAYER = (AuthorizationState.SENT, AuthorizationState.APPEALED)
ENDED = (AuthorizationState.EXPIRED, AuthorizationState.WITHDRAWN)
