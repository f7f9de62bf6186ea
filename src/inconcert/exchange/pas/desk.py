"""From a payer's answer to the move that the payer desk writes down (`payers.authorization`): one a service.

Only what the payer said goes along. What the move needs and the payer did not say is named, so that a person fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.exchange.pas.types import ItemAnswer, ItemState, PayerAnswer
from inconcert.payers.authorization.moves import BY_ID

_MOVES = {
    ItemState.APPROVED: "approve",
    ItemState.MODIFIED: "approve",
    ItemState.DENIED: "deny",
    ItemState.PENDED: "pend",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskMove:
    """The move that an answer suggests for one item; `missing` are facts it needs that the payer did not say.

    `move` is '' where nothing follows by itself (an error, an answer that cannot be read): `why` says so.
    """

    sequence: int
    move: str
    facts: dict[str, str | int]
    missing: tuple[str, ...]
    why: str


def desk_moves(answer: PayerAnswer) -> tuple[DeskMove, ...]:
    """The move for each item of an answer, in order."""
    return tuple(_move(answer, item) for item in answer.items)


def _move(answer: PayerAnswer, item: ItemAnswer) -> DeskMove:
    move = _MOVES.get(item.state, "")
    if not move:
        why = f"The payer's answer for this item is {item.state.value.replace('_', ' ')}: a person has to look at it."
        return DeskMove(sequence=item.sequence, move="", facts={}, missing=(), why=why)
    facts = {name: value for name, value in _facts(answer, item, move).items() if value not in (None, "")}
    allowed = (*BY_ID[move].needs, *BY_ID[move].may)
    kept = {name: value for name, value in facts.items() if name in allowed and value is not None}
    missing = tuple(name for name in BY_ID[move].needs if name not in kept)
    why = "approved, but not as it was asked for" if item.state is ItemState.MODIFIED else ""
    return DeskMove(sequence=item.sequence, move=move, facts=kept, missing=missing, why=why)


def _facts(answer: PayerAnswer, item: ItemAnswer, move: str) -> dict[str, str | int | None]:
    reasons = "; ".join(r.shown for r in (*item.reasons, *answer.reasons))
    number = item.authorization_number or item.reference_number or answer.authorization_number
    if move == "approve":
        units = int(item.units) if item.units is not None and item.units.is_integer() else None
        return {
            "units": units,
            "unit": item.unit if item.unit in ("sessions", "visits", "doses", "packs", "mg") else None,
            "starts_on": str(item.start) if item.start and item.start.is_exact else None,
            "ends_on": str(item.end) if item.end and item.end.is_exact else None,
            "reference": number,
            "text": reasons,
        }
    if move == "deny":
        return {"reason": reasons, "notice_on": str(answer.created) if answer.created else None, "reference": number}
    asked = [q for q in answer.questions if q.item in (None, item.sequence)]
    due = [q.due for q in asked if q.due is not None]
    return {
        "question": "; ".join(q.text for q in asked) or reasons,
        "answer_by": min(due).isoformat() if due else None,
        "reference": number,
    }
