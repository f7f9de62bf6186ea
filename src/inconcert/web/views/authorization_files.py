"""What goes to the payer and what comes back, as files."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inconcert.judgement import Refusal
from inconcert.payers.authorization import AuthorizationStatus
from inconcert.web import answers, audit, desk_board, desk_papers
from inconcert.web.access import authorization_for, payer_file_for
from inconcert.web.models import Authorization
from inconcert.web.views.patients import _member


def _status(found: Authorization) -> AuthorizationStatus:
    status = desk_board.card_of(found, datetime.now(UTC)).status
    if status is None:
        raise Refusal("The history of this request does not hold.", "tell your clinic's administrator.")
    return status


def _note(request: HttpRequest, action: str, found: Authorization) -> None:
    audit.note(
        request, action, kind="authorization", object_id=str(found.public_id), patient=str(found.patient.public_id)
    )


@require_safe
def packet(request: HttpRequest, authorization_id: uuid.UUID, kind: str) -> HttpResponse:
    """The packet as a PDF, made from the chart as it is today. It bears the mark DRAFT until a clinician has read it."""
    if kind not in ("necessity", "appeal"):
        raise Http404
    member = _member(request)
    found = authorization_for(member, authorization_id)
    today = answers.today(member.clinic)
    try:
        pdf = desk_papers.packet(found, _status(found), kind, today, request.GET.get("criterion", "")[:100])
    except Refusal as refusal:
        return _refused(request, found, refusal)
    _note(request, f"download packet {kind}", found)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="packet-{kind}-{found.public_id}-{today}.pdf"'
    return response


@require_POST
def bundle(request: HttpRequest, authorization_id: uuid.UUID) -> HttpResponse:
    """Make a PAS request Bundle and keep it. Nothing is sent."""
    member = _member(request)
    found = authorization_for(member, authorization_id)
    try:
        desk_papers.make_request(found, _status(found), member)
    except Refusal as refusal:
        return _refused(request, found, refusal)
    _note(request, "make request bundle", found)
    messages.success(request, "The request Bundle was made and kept below. It was sent to nobody.")
    return redirect("authorization", found.public_id)


@require_POST
def response(request: HttpRequest, authorization_id: uuid.UUID) -> HttpResponse:
    """Read a payer's answer against the request; what it says is shown, and a person writes it down."""
    member = _member(request)
    found = authorization_for(member, authorization_id)
    chosen = request.FILES.get("response")
    try:
        if chosen is None:
            raise Refusal("No file was chosen.", "choose the payer's answer first.")
        if (chosen.size or 0) > desk_papers.ANSWER_BYTES_MAX:
            raise Refusal("The file is larger than 5 MB.", "send the ClaimResponse alone.")
        desk_papers.read_response(found, chosen.name or "answer.json", chosen.read(), member)
    except Refusal as refusal:
        audit.note(
            request, "read payer answer", kind="authorization", object_id=str(found.public_id), outcome="refused"
        )
        return _refused(request, found, refusal)
    _note(request, "read payer answer", found)
    messages.success(
        request, "The payer's answer was read and kept. Nothing is written into the history until you do so below."
    )
    return redirect("authorization", found.public_id)


@require_safe
def file(request: HttpRequest, authorization_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponse:
    """A kept file as it was made or came, under a name of ours."""
    kept = payer_file_for(_member(request), authorization_id, file_id)
    _note(request, f"download {kept.kind}", kept.authorization)
    answer = HttpResponse(desk_papers.content(kept), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{kept.kind}-{kept.public_id}.json"'
    return answer


def _refused(request: HttpRequest, found: Authorization, refusal: Refusal) -> HttpResponse:
    """The refusal, with the way back."""
    context = {"authorization": found, "patient": found.patient, "refusal": refusal}
    return render(request, "web/authorization_refused.html", context, status=400)
