"""The assessment to take away: JSON, a printable page, a PDF."""

from __future__ import annotations

import json
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from inconcert.exchange.report import render_html, render_pdf
from inconcert.web import answers, audit
from inconcert.web.access import patient_for
from inconcert.web.views.patients import _member, as_of_from

KINDS = {"json": "application/json", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@require_safe
def report(request: HttpRequest, patient_id: uuid.UUID, form: str) -> HttpResponse:
    """A file named by us, never by the record."""
    if form not in KINDS:
        raise Http404
    member = _member(request)
    found = patient_for(member, patient_id)
    as_of, _ = as_of_from(request, answers.today(member.clinic))
    body = answers.answer(found, as_of)
    audit.note(request, f"download {form}", kind="report", object_id=str(found.public_id), patient=str(found.public_id))
    content: bytes | str
    if form == "json":
        content = json.dumps(body, indent=2, ensure_ascii=False)
    else:
        content = render_html(body) if form == "html" else render_pdf(body)
    response = HttpResponse(content, content_type=KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="inconcert-{found.public_id}-{as_of}.{form}"'
    return response
