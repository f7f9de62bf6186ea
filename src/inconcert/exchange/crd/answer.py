"""The answer to one call: cards for the clinician, and the coverage information put on each order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inconcert.exchange.crd.cards import FormLink, cards
from inconcert.exchange.crd.coverage_information import update
from inconcert.exchange.crd.findings import find
from inconcert.exchange.crd.request import HookRequest, Json
from inconcert.knowledge.order_codes import OrderKind, order_kinds


def respond(request: HookRequest, today: date, form_link: FormLink, kinds: Sequence[OrderKind] | None = None) -> Json:
    """Answer a call, as of today.

    Args:
        request: the call, as `parse` gave it.
        today: the day the questions are asked for.
        form_link: where the form of a policy can be opened.
        kinds: which order is for which service; ours where none are given.
    """
    if not request.wants_coverage:
        return {"cards": []}
    found = find(request, today, kinds if kinds is not None else order_kinds())
    actions = [update(request, finding, today) for finding in found.findings]
    answer: Json = {"cards": cards(request, found, form_link)}
    if any(actions):
        answer["systemActions"] = [action for action in actions if action is not None]
    return answer
