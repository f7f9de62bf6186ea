"""A file comes in; its account comes back; a human says whose it is."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inconcert.judgement import Refusal
from inconcert.web import answers, audit, charts
from inconcert.web.access import part_for, upload_for, uploads_for
from inconcert.web.models import ChartUpload, Patient
from inconcert.web.views.patients import _member

LISTED = 200  # refused and kept records shown on the page; the rest is in the JSON


class ChartForm(forms.Form):
    """One file."""

    chart = forms.FileField(label="FHIR file (JSON or NDJSON)", allow_empty_file=True, max_length=1000)


@require_http_methods(["GET", "HEAD", "POST"])
def upload_list(request: HttpRequest) -> HttpResponse:
    """The form, and the files given before."""
    member = _member(request)
    form = ChartForm(request.POST, request.FILES) if request.method == "POST" else ChartForm()
    status = 200
    refusal: Refusal | None = None
    if request.method == "POST":
        if form.is_valid():
            taken = _take(request, form.cleaned_data["chart"])
            if isinstance(taken, ChartUpload):
                return redirect("upload", taken.public_id)
            refusal = taken
        status = 415 if isinstance(refusal, charts.NotJson) else 400
    audit.note(request, "list uploads", kind="list")
    page = Paginator(uploads_for(member), 25).get_page(request.GET.get("page"))
    context = {"form": form, "refusal": refusal, "page": page, "limit_mb": settings.UPLOAD_BYTES_MAX // 1_000_000}
    return render(request, "web/uploads.html", context, status=status)


def _take(request: HttpRequest, chart: UploadedFile[bytes]) -> ChartUpload | Refusal:
    member = _member(request)
    if (chart.size or 0) > settings.UPLOAD_BYTES_MAX:
        limit = settings.UPLOAD_BYTES_MAX // 1_000_000
        return Refusal(f"The file is larger than {limit} MB.", "export one patient, or fewer resource types at a time.")
    name = chart.name or ""
    data = chart.read()
    try:
        charts.check_can_take(name, chart.content_type or "", data[:200])
    except Refusal as refusal:
        audit.note(request, "upload chart", kind="upload", outcome="refused")
        return refusal
    on = answers.today(member.clinic)
    received = charts.receive(member.clinic, name=name, data=data, by=request.user.get_username(), on=on)
    audit.note(request, "upload again" if received.again else "upload chart", kind="upload",
               object_id=str(received.upload.public_id))  # fmt: skip
    if received.again:
        messages.warning(
            request, "This very file was given before; nothing was added. Below is what became of it then."
        )
    for patient in Patient.objects.filter(parts__upload=received.upload).distinct()[:50]:
        answers.summarize(patient, on)
    return received.upload


@require_safe
def upload(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """What became of a file: every resource used, kept or refused, and the people in it."""
    found = upload_for(_member(request), upload_id)
    audit.note(request, "view upload", kind="upload", object_id=str(found.public_id))
    context = {
        "upload": found,
        "parts": found.parts.select_related("patient", "candidate"),
        "account": found.account,
        "listed": LISTED,
        "lists": [
            ("refused", "Refused", "Something is wrong with these; they are kept as they came, and used for nothing."),
            ("problems", "Parts that could not be read", "The rest of each record was read."),
            ("duplicates", "Copies", "The same record more than once."),
            ("kept", "Kept, not used", "Understood or recognized; no question needs them today."),
        ],
    }
    return render(request, "web/upload.html", context)


@require_POST
def match(request: HttpRequest, upload_id: uuid.UUID, part_id: int) -> HttpResponse:
    """A human says: the same person, or somebody new. The form names the patient it was about."""
    member = _member(request)
    part = part_for(member, upload_id, part_id)
    same = {"same": True, "new": False}.get(request.POST.get("decision", ""))
    shown = request.POST.get("candidate", "")
    try:
        if same is None:
            raise Refusal("The form did not say which.", "choose one of the two buttons.")
        if shown != str(part.candidate.public_id if part.candidate else ""):
            raise Refusal("The form was about another patient than this page.", "load the page again.")
        patient = charts.decide(part, same=same, member=member, on=answers.today(member.clinic))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("upload", upload_id)
    audit.note(request, "confirm same person" if same else "confirm new person", kind="upload",
               object_id=str(upload_id), patient=str(patient.public_id))  # fmt: skip
    answers.summarize(patient, answers.today(member.clinic))
    messages.success(request, "Added to the chart." if same else "A new patient was made.")
    return redirect("upload", upload_id)


@require_safe
def original(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """The file as it came, byte for byte, under a name of ours."""
    found = upload_for(_member(request), upload_id)
    audit.note(request, "download original", kind="upload", object_id=str(found.public_id))
    response = HttpResponse(charts.original(found), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="upload-{found.public_id}.txt"'
    return response
