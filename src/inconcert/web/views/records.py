"""A patient's files, and one record exactly as it came."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.web import answers, audit
from inconcert.web.access import patient_for, records_for
from inconcert.web.views.patients import _member


@require_safe
def files(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The files this patient's chart is made of, and who placed them."""
    found = patient_for(_member(request), patient_id)
    audit.note(request, "list files", kind="patient", object_id=str(found.public_id), patient=str(found.public_id))
    return render(request, "web/files.html", {"patient": found, "parts": answers.parts_of(found)})


@require_safe
def record(request: HttpRequest, patient_id: uuid.UUID, key: str) -> HttpResponse:
    """One resource of the patient's chart as it came, in every file that holds it, newest first."""
    found = patient_for(_member(request), patient_id)
    rows = records_for(found, key.partition("#")[0])
    audit.note(request, "view record", kind="record", object_id=key, patient=str(found.public_id))
    shown = [{"row": row, "text": json.dumps(row.body, indent=2, ensure_ascii=False)} for row in rows]
    return render(request, "web/record.html", {"patient": found, "key": key, "shown": shown})
