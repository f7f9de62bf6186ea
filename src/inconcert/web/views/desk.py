"""The payer desk: every authorization by its deadline, and the desk's own warnings."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from inconcert.judgement import Refusal
from inconcert.payers.authorization import AuthorizationState, Lane
from inconcert.payers.authorization.desk import LANE_WORDS, check_can_set
from inconcert.payers.authorization.diagram import state_diagram
from inconcert.payers.authorization.facts import FACTS
from inconcert.payers.authorization.files import desk_settings
from inconcert.web import audit, desk_board
from inconcert.web.desk_board import DeskCard
from inconcert.web.models import DeskNumber
from inconcert.web.views.patients import _member

PAGE = 100


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The queue, filtered by lane, treatment, state and words; htmx asks for the table alone."""
    member = _member(request)
    now = datetime.now(UTC)
    cards = desk_board.board(member, now)
    chosen = {name: request.GET.get(name, "") for name in ("lane", "service", "state")}
    words = request.GET.get("q", "").strip()[:100]
    shown = [card for card in cards if _fits(card, chosen, words.casefold())]
    counts = Counter(card.lane for card in cards)
    services = dict(FACTS["service"].choices)
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "total": len(cards),
        "lanes": [(lane.value, LANE_WORDS[lane], counts[lane]) for lane in Lane],
        "chosen": chosen,
        "q": words,
        "states": [state.value for state in AuthorizationState],
        "services": [(s, services[s]) for s in sorted({_service(card) for card in cards} & set(services))],
        "now": now,
        "patients": member.clinic.patients.exists(),
    }
    audit.note(request, "list authorizations", kind="list")
    partial = getattr(request, "htmx", False)
    return render(request, "web/parts/desk_table.html" if partial else "web/desk.html", context)


def _service(card: DeskCard) -> str:
    return card.status.detail("service") if card.status is not None else ""


def _fits(card: DeskCard, chosen: dict[str, str], words: str) -> bool:
    if chosen["lane"] and card.lane.value != chosen["lane"]:
        return False
    if chosen["service"] and _service(card) != chosen["service"]:
        return False
    if chosen["state"] and (card.status is None or card.status.state.value != chosen["state"]):
        return False
    payer = card.status.detail("payer") if card.status is not None else ""
    reference = card.status.detail("reference") if card.status is not None else ""
    haystack = f"{card.patient.family} {card.patient.given} {payer} {reference}".casefold()
    return all(word in haystack for word in words.replace(",", " ").split()[:5])


@require_safe
def states(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The diagram of states, drawn from the table of moves."""
    return HttpResponse(state_diagram(), content_type="image/svg+xml; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """From when on the desk warns. Each number that was ever set stays on record."""
    member = _member(request)
    status, refusal = 200, None
    if request.method == "POST":
        try:
            changed = _set(request)
        except Refusal as found:
            refusal, status = found, 400
        else:
            said = "Saved." if changed else "Nothing was changed."
            messages.success(request, said)
            return redirect("desk_settings")
    limits = desk_board.limits_of(member.clinic)
    rows = [
        {
            "setting": s,
            "value": request.POST.get(s.id) or getattr(limits, s.id),
            "changed": getattr(limits, s.id) != s.default,
        }
        for s in desk_settings().values()
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "refusal": refusal,
        "past": member.clinic.desk_numbers.order_by("-pk")[:50],
    }
    audit.note(request, "view desk settings", kind="page")
    return render(request, "web/desk_settings.html", context, status=status)


def _set(request: HttpRequest) -> int:
    member = _member(request)
    limits = desk_board.limits_of(member.clinic)
    wanted = {}
    for setting in desk_settings().values():
        text = request.POST.get(setting.id, "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdecimal() and len(text) < 7):
            raise Refusal(
                f"{setting.name}: {text[:20]!r} is not a whole number.", f"write {setting.least} to {setting.most}."
            )
        check_can_set(setting.id, int(text))
        if int(text) != getattr(limits, setting.id):
            wanted[setting.id] = int(text)
    for name, value in wanted.items():
        DeskNumber.objects.create(clinic=member.clinic, setting=name, value=value, set_by=request.user.get_username())
        audit.note(request, "set desk warning", kind="desk setting", object_id=name)
    return len(wanted)
