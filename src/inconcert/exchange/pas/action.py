"""What a payer's action code means, as far as anybody told us: the clinic's settings first, then the payer's own words."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.look import codings, extension, objects, value_of
from inconcert.exchange.pas.types import ItemState, Json, PayerReason
from inconcert.knowledge.payer_requests import answer_words

MAX_SHOWN = 500


def shown(text: Any) -> str:
    """Text of the payer as it may be shown: printable, one space between words, not endless."""
    if not isinstance(text, str):
        return ""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= MAX_SHOWN else plain[: MAX_SHOWN - 1] + "…"


def reasons_of(concept: Any) -> tuple[PayerReason, ...]:
    """A CodeableConcept as given: one reason a coding, or its text."""
    text = shown(concept.get("text")) if isinstance(concept, dict) else ""
    found = tuple(
        PayerReason(shown(c.get("display")) or text, shown(c.get("code")), shown(c.get("system")))
        for c in codings(concept)
    )
    return found or ((PayerReason(text),) if text else ())


def state_of(said: tuple[PayerReason, ...], settings: ClinicSettings) -> ItemState:
    """The state that an action means; unknown where neither the settings nor the words say, or where they disagree."""
    states = {s for s in (_one(reason, settings) for reason in said) if s is not None}
    return states.pop() if len(states) == 1 else ItemState.UNKNOWN


def _one(reason: PayerReason, settings: ClinicSettings) -> ItemState | None:
    for key in (f"{reason.system}|{reason.code}", reason.code):
        if reason.code and key in settings.review_actions:
            return ItemState(settings.review_actions[key])
    words = reason.text.casefold()
    fits = (
        state for state, is_said, is_doubted in _patterns() if is_said.search(words) and not is_doubted.search(words)
    )
    return next(fits, None)


@cache
def _patterns() -> tuple[tuple[ItemState, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((ItemState(e.state), _any(e.any_of), _any(e.unless)) for e in answer_words())


def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of the words or phrases, whole; no word at all fits nothing."""
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(w) for w in words) + r")(?!\w)" if words else r"(?!)")


def review_actions(element: Any) -> list[Json]:
    """The review actions in the adjudications of an item or of a whole answer."""
    judged = objects(element.get("adjudication")) if isinstance(element, dict) else []
    return [action for each in judged for action in extension(each, at.REVIEW_ACTION)]


def action_codes(action: Json) -> tuple[PayerReason, ...]:
    """What the action is."""
    found = [*extension(action, at.REVIEW_ACTION_CODE), *extension(action, "code")]
    return tuple(reason for each in found for reason in reasons_of(value_of(each)))


def action_reasons(action: Json) -> tuple[PayerReason, ...]:
    """Why."""
    return tuple(reason for each in extension(action, "reasonCode") for reason in reasons_of(value_of(each)))


def action_number(action: Json) -> str:
    """The number the payer gave it, '' if none."""
    return next((n for n in (shown(value_of(each)) for each in extension(action, "number")) if n), "")
