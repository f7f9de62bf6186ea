"""One authorization: where it stands, what may follow, and writing down what happened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from inconcert.judgement import Refusal
from inconcert.payers.authorization import (
    AuthorizationEvent,
    AuthorizationMove,
    check_can_add,
    deadlines,
    decided_in_time,
    fold,
    next_moves,
    times,
)
from inconcert.payers.authorization.events import CORRECT, VOID
from inconcert.payers.authorization.moves import BY_ID, STATE_WORDS
from inconcert.web import answers, audit, desk_board, desk_entries, desk_forms, desk_papers
from inconcert.web.access import authorization_for, patient_for
from inconcert.web.desk_timeline import timeline
from inconcert.web.models import Authorization, AuthorizationEntry, Membership
from inconcert.web.views.patients import _member, as_of_from

OPEN = BY_ID["open"]


@require_safe
def authorization(request: HttpRequest, authorization_id: uuid.UUID) -> HttpResponse:
    """Where one authorization stands: state, deadlines with their rules, units, history, and what may follow."""
    member = _member(request)
    found = authorization_for(member, authorization_id)
    now = datetime.now(UTC)
    as_of, problem = as_of_from(request, answers.today(member.clinic))
    zone = desk_board.zone_of(member.clinic)
    if as_of != answers.today(member.clinic):  # as it stood at the end of that day
        now = times.end_of(as_of, zone) - timedelta(seconds=1)
    card = desk_board.card_of(found, now)
    _note(request, "view authorization", found)
    others = found.patient.authorizations.exclude(pk=found.pk)
    events = desk_entries.events_of(card.entries)
    today = answers.today(member.clinic)
    moves = next_moves(events, today) if card.status is not None and as_of == today else ()
    context = {
        "authorization": found, "patient": found.patient, "card": card, "now": now,
        "state_words": STATE_WORDS.get(card.status.state, "") if card.status is not None else "",
        "moves": moves, "history": _history(card.entries), "picture": timeline(card, now),
        "details": desk_forms.in_words(_told_elsewhere_left_out(card)),
        "others": [desk_board.card_of(other, now) for other in others],
        "files": found.files.defer("content"),
        "criteria": _criteria(card), "as_of": as_of, "today": today, "as_of_problem": problem,
        "late": decided_in_time(card.status, zone) if card.status is not None else None,
    }  # fmt: skip
    return render(request, "web/authorization.html", context)


def _told_elsewhere_left_out(card: desk_board.DeskCard) -> dict[str, Any]:
    """The details without what the approval says already."""
    if card.status is None:
        return {}
    approval = {"units", "unit", "starts_on", "ends_on"} if card.status.approval is not None else set[str]()
    return {name: value for name, value in card.status.details.items() if name not in approval}


def _criteria(card: desk_board.DeskCard) -> list[tuple[str, str]] | None:
    """What an appeal can be about; None where there is nothing to appeal."""
    if card.status is None or card.status.state.value not in ("denied", "upheld"):
        return None
    return desk_papers.criteria_of(card.status)


def _note(request: HttpRequest, action: str, found: Authorization) -> None:
    audit.note(
        request, action, kind="authorization", object_id=str(found.public_id), patient=str(found.patient.public_id)
    )


def _history(entries: tuple[AuthorizationEntry, ...]) -> list[dict[str, Any]]:
    """Every entry, newest first, each with what corrected it; nothing is left out."""
    corrected = {str(e.corrects): e for e in entries if e.corrects}
    names = {str(e.public_id): e.sequence for e in entries}
    rows = []
    for entry in sorted(entries, key=lambda e: -e.sequence):
        by = corrected.get(str(entry.public_id))
        rows.append(
            {
                "entry": entry,
                "done": _done(entry),
                "facts": desk_forms.in_words(entry.facts),
                "why": entry.facts.get("why", ""),
                "corrected_by": by.sequence if by else None,
                "voided": bool(by and by.facts.get(VOID)),
                "names": names.get(str(entry.corrects)),
                "late": entry.recorded_at.date() - entry.happened_on > desk_entries.LATE_AFTER,
            }
        )
    return rows


def _done(entry: AuthorizationEntry) -> str:
    if entry.kind == CORRECT:
        return "Struck out" if entry.facts.get(VOID) else "Correction"
    return BY_ID[entry.kind].done if entry.kind in BY_ID else entry.kind


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Start a request for a patient; nothing is sent to anybody."""
    member = _member(request)
    patient = patient_for(member, patient_id)
    refusal = None
    if request.method == "POST":
        try:
            made = desk_entries.start(
                patient, entry_id=desk_forms.entry_id_from(request.POST), member=member,
                happened=desk_forms.happened_from(request.POST, desk_board.zone_of(member.clinic)),
                facts=desk_forms.facts_from(OPEN, request.POST),
            )  # fmt: skip
        except Refusal as found:
            refusal = found
        else:
            _note(request, "start authorization", made)
            return redirect("authorization", made.public_id)
    values = _posted(OPEN, request) if request.method == "POST" else _suggested(patient_id, member)
    context = _form_context(request, OPEN, values, refusal, member) | {"patient": patient, "seen": 0}
    return render(request, "web/authorization_form.html", context, status=400 if refusal else 200)


def _suggested(patient_id: uuid.UUID, member: Membership) -> dict[str, str]:
    """The payer's name as the chart has it. The kind of plan is never guessed from a name."""
    patient = patient_for(member, patient_id)
    body = answers.answer(patient, answers.today(member.clinic))
    plans = body["person"]["health_plans"]
    return {"payer": str(plans[0])[:200]} if len(plans) == 1 else {}


def _posted(move: AuthorizationMove, request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(f"fact-{name}", "") for name in (*move.needs, *move.may)}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, authorization_id: uuid.UUID, move_id: str) -> HttpResponse:
    """Write down one thing that happened; what cannot be taken back is shown again before it is written."""
    member = _member(request)
    found = authorization_for(member, authorization_id)
    kind = BY_ID.get(move_id)
    if kind is None or not kind.before or not kind.button:
        raise Http404
    refusal, preview = None, None
    if request.method == "POST":
        try:
            event = _event(request, member, move_id, desk_forms.facts_from(kind, request.POST))
            if kind.confirm and request.POST.get("confirmed") != "yes":
                preview = _preview(found, event)
            else:
                desk_entries.add(found, event, member=member, seen=desk_forms.seen_from(request.POST))
                _note(request, f"authorization: {move_id}", found)
                messages.success(request, f"Written down: {kind.done.lower()}.")
                return redirect("authorization", found.public_id)
        except Refusal as said:
            refusal = said
    values = _posted(kind, request) if request.method == "POST" else _prefilled(request, kind, found)
    context = _form_context(request, kind, values, refusal, member)
    return _render_form(request, found, context | {"preview": preview}, refusal)


def _event(
    request: HttpRequest, member: Membership, kind: str, facts: Mapping[str, Any], corrects: str = ""
) -> AuthorizationEvent:
    return AuthorizationEvent(
        id=str(desk_forms.entry_id_from(request.POST)), kind=kind, facts=dict(facts), corrects=corrects,
        happened=desk_forms.happened_from(request.POST, desk_board.zone_of(member.clinic)),
        recorded_at=datetime.now(UTC), by=member.user.get_username(),
    )  # fmt: skip


def _prefilled(request: HttpRequest, kind: AuthorizationMove, found: Authorization) -> dict[str, str]:
    """What the address brings along (from a payer's answer that was read), and for details what stands there already."""
    allowed = (*kind.needs, *kind.may)
    values = {name: request.GET.get(name, "")[:4000] for name in allowed if name in request.GET}
    card = desk_board.card_of(found, datetime.now(UTC))
    if card.status is not None:
        keep = allowed if kind.id == "detail" else ("payer",)
        for name in keep:
            if name in allowed and card.status.detail(name):
                values.setdefault(name, card.status.detail(name))
    return values


def _preview(found: Authorization, event: AuthorizationEvent) -> dict[str, Any]:
    """What would follow: the checked facts in words, the new state and the deadlines that would run."""
    now = datetime.now(UTC)
    zone = desk_board.zone_of(found.patient.clinic)
    events = desk_entries.events_of(found.entries.order_by("sequence"))
    checked = check_can_add(events, event, now, zone)
    status = fold([*events, checked], now.astimezone(zone).date())
    return {
        "facts": desk_forms.in_words(checked.facts),
        "happened": checked.happened,
        "state": status.state,
        "state_words": STATE_WORDS[status.state],
        "clocks": deadlines(status, now, zone),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, authorization_id: uuid.UUID, entry_id: uuid.UUID) -> HttpResponse:
    """Correct an entry, or strike it out: a new entry that names the old one, which stays."""
    member = _member(request)
    found = authorization_for(member, authorization_id)
    entry = found.entries.filter(public_id=entry_id).exclude(kind=CORRECT).first()
    if entry is None:
        raise Http404
    kind, refusal = BY_ID[entry.kind], None
    if request.method == "POST":
        try:
            void = request.POST.get("void") == "yes"
            facts: dict[str, Any] = {VOID: 1} if void else dict(desk_forms.facts_from(kind, request.POST))
            facts |= {"why": request.POST.get("why", "")}
            event = _event(request, member, CORRECT, facts, corrects=str(entry.public_id))
            desk_entries.add(found, event, member=member, seen=desk_forms.seen_from(request.POST))
        except Refusal as said:
            refusal = said
        else:
            _note(request, "authorization: correct", found)
            messages.success(request, "The correction is written down. The old entry stays in the history.")
            return redirect("authorization", found.public_id)
    values = _posted(kind, request) if request.method == "POST" else dict(entry.facts)
    context = _form_context(request, kind, values, refusal, member) | {"entry": entry}
    if request.method != "POST":
        local = entry.happened_at.astimezone(desk_board.zone_of(member.clinic)) if entry.happened_at else None
        context |= {"happened_on": entry.happened_on.isoformat(), "happened_time": f"{local:%H:%M}" if local else ""}
    return _render_form(request, found, context, refusal)


def _render_form(
    request: HttpRequest, found: Authorization, context: dict[str, Any], refusal: Refusal | None
) -> HttpResponse:
    last = found.entries.order_by("-sequence").first()
    seen = request.POST.get("seen") if request.method == "POST" and refusal is None else None
    context |= {
        "authorization": found, "patient": found.patient, "seen": seen or (last.sequence if last else 0),
        "back": reverse("authorization", args=[found.public_id]),
    }  # fmt: skip
    return render(request, "web/authorization_form.html", context, status=400 if refusal else 200)


def _form_context(
    request: HttpRequest,
    kind: AuthorizationMove,
    values: Mapping[str, Any],
    refusal: Refusal | None,
    member: Membership,
) -> dict[str, Any]:
    posted = request.method == "POST"
    return {
        "move": kind,
        "fields": list(desk_forms.fields(kind, values)),
        "refusal": refusal,
        # A refused form gets a new number: the old one was not used.
        "entry_id": request.POST.get("entry_id") if posted and refusal is None else str(uuid.uuid4()),
        "happened_on": request.POST.get("happened_on", "") if posted else answers.today(member.clinic).isoformat(),
        "happened_time": request.POST.get("happened_time", ""),
        "happened_which": request.POST.get("happened_which", ""),
        "ask_which": refusal is not None and "was twice" in refusal.reason,
        "why": request.POST.get("why", ""),
        "void": request.POST.get("void", ""),
        "today": answers.today(member.clinic),
    }
