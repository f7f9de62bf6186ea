"""The patient list and a patient's page with the four answers."""

from __future__ import annotations

import csv
import uuid
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.exchange.report import trial_timeline_spec
from inconcert.web import answers, audit
from inconcert.web.access import patient_for, patients_for
from inconcert.web.models import Membership, Patient
from inconcert.web.picture import described, numbers_table, themed

PAGE = 50
ANSWERS = ("met", "not_met", "unknown")
CLEARANCES = ("cleared", "hold", "never")
REFRESHED_AT_ONCE = 50  # at about 50 ms each the list still opens within seconds
FILTERS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "who": ("Who", (("met", "resistant by the US label"), ("not_met", "not resistant"), ("unknown", "not known yet"))),
    "paid": ("Paid for", (("met", "a policy is met"), ("not_met", "none can be met"), ("unknown", "not known yet"))),
    "safety": ("Safety", (("cleared", "all cleared"), ("hold", "something on hold"), ("never", "something never"))),
}


def _member(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined] # the doorkeeper let nobody in without one
    return member


@require_safe
def patient_list(request: HttpRequest) -> HttpResponse:
    """Every patient of the clinic, searched and filtered by each answer; htmx asks for the table alone."""
    member = _member(request)
    today = answers.today(member.clinic)
    everyone = patients_for(member)
    _refresh(everyone, today)
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    words = request.GET.get("q", "").strip()[:100]
    found = _search(everyone, words, chosen)
    page = Paginator(found.annotate(files=Count("parts", distinct=True)), PAGE).get_page(request.GET.get("page"))
    audit.note(request, "list patients", kind="list")
    context = {
        "page": page,
        "total": everyone.count(),
        "q": words,
        "today": today,
        "filters": [
            {"name": n, "label": label, "options": options, "chosen": chosen[n]}
            for n, (label, options) in FILTERS.items()
        ],
        "counts": everyone.aggregate(
            resistant=Count("pk", filter=Q(who="met")),
            payable=Count("pk", filter=Q(paid="met")),
            held=Count("pk", filter=Q(safety="hold")),
            never=Count("pk", filter=Q(safety="never")),
        ),
        "stale": everyone.exclude(answered_as_of=today).count(),
    }
    partial = getattr(request, "htmx", False)
    return render(request, "web/parts/patient_table.html" if partial else "web/patients.html", context)


def _search(patients: QuerySet[Patient], words: str, chosen: dict[str, str]) -> QuerySet[Patient]:
    for word in words.replace(",", " ").split()[:5]:
        patients = patients.filter(
            Q(family__icontains=word) | Q(given__icontains=word) | Q(birth__startswith=word) | Q(lesson__icontains=word)
        )
    for name, value in chosen.items():
        if value in dict(FILTERS[name][1]):
            patients = patients.filter(**{name: value})
    return patients.order_by("family", "given", "pk")  # said again: grouping drops the model's own order


def _refresh(patients: QuerySet[Patient], today: date) -> None:
    """Answer anew for patients whose answers in the list are of another day or program, a page full at a time."""
    version = answers.program_version()
    stale = patients.exclude(answered_as_of=today, answered_by_version=version)
    for patient in stale[:REFRESHED_AT_ONCE]:
        answers.summarize(patient, today)


@require_safe
def patient(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """One patient: banner, four answers, the picture, and the basis of each."""
    member = _member(request)
    found = patient_for(member, patient_id)
    today = answers.today(member.clinic)
    as_of, problem = as_of_from(request, today)
    body = answers.answer(found, as_of)
    audit.note(request, "view patient", kind="patient", object_id=str(found.public_id), patient=str(found.public_id))
    if as_of == today and answers.is_stale(found, today):
        answers.summarize(found, today)
    spec = trial_timeline_spec(body)
    context = {
        "patient": found,
        "a": body,
        "as_of": as_of,
        "today": today,
        "as_of_problem": problem,
        "alt": described(spec, body),
        "tables": numbers_table(body),
        "age": age_in_words(body["person"]),
        "paid_own": answers.has_own_policies(body["answers"]["paid"]),
        "paid_tally": _in_words(answers.tally(body["answers"]["paid"]["determinations"], "answer", ANSWERS)),
        "ways_tally": answers.tally(body["answers"]["given"]["proposals"]["ways"], "clearance", CLEARANCES),
        "asked_ids": {d["policy_id"] for d in body["answers"]["paid"]["determinations"]},
        "cautions": _each_once(body["answers"]["given"]["proposals"]["ways"]),
        "paid_word": answers.paid_in_one_word(body["answers"]["paid"]),
        "requests": list(found.authorizations.order_by("-pk")),
        "safety_word": answers.safety_in_one_word(body["answers"]["who"]["safety"]),
    }
    return render(request, "web/patient.html", context)


def _each_once(ways: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Every caution once, with the ways it is about: thirteen ways share most of them."""
    found: dict[str, list[str]] = {}
    for way in ways:
        for caution in way["cautions"]:
            found.setdefault(caution, []).append(way["proposal"]["name"])
    return list(found.items())


def _in_words(tally: list[tuple[str, int]]) -> str:
    said = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in tally)
    return f"Of {sum(count for _, count in tally)} policies: {said}." if tally else ""


def age_in_words(person: dict[str, Any]) -> str:
    """46 years, or 45 or 46 years where the birth date is only partly known."""
    low, high = person["age_low"], person["age_high"]
    if low is None:
        return ""
    return f"{low} years" if low == high else f"{low} to {high} years"


def as_of_from(request: HttpRequest, today: date) -> tuple[date, str]:
    """The day asked for, today where none or none that exists; and what was wrong with it."""
    text = request.GET.get("as_of", "")
    if not text:
        return today, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today, "That is not a day that exists; today is shown. Mend: write it as YYYY-MM-DD."
    if not date(1900, 1, 1) <= day <= date(2100, 12, 31):
        return today, "That day is out of range; today is shown. Mend: choose a day between 1900 and 2100."
    return day, ""


@require_safe
def policy(request: HttpRequest, patient_id: uuid.UUID, policy_id: str, service: str) -> HttpResponse:
    """One coverage policy's determination for this patient, criterion by criterion."""
    found, body, as_of = _assessed(request, patient_id)
    rows = body["answers"]["paid"]["determinations"]
    only = [d for d in rows if d["policy_id"] == policy_id and d["service"] == service]
    if not only:
        raise Http404
    if not only[0]["way_searched"]:  # the policy is nobody's plan, and is now asked for by name
        only = [answers.one_policy(found, as_of, policy_id)]
    audit.note(request, "view policy", kind="policy", object_id=policy_id, patient=str(found.public_id))
    return render(request, "web/policy.html", {"patient": found, "d": only[0], "only": only, "as_of": as_of})


@require_safe
def picture(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The picture of medication trials and scores as a Vega-Lite specification."""
    found, body, _ = _assessed(request, patient_id)
    audit.note(request, "view picture", kind="patient", object_id=str(found.public_id), patient=str(found.public_id))
    asked = request.GET.get("width", "")
    # The frame's own width in pixels, kept within what a reader can use.
    width = min(max(int(asked), 240), 1100) if asked.isdecimal() and len(asked) < 6 else 520
    return JsonResponse(themed(trial_timeline_spec(body, width)))


@require_safe
def numbers(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The numbers behind the picture, as a file for a spreadsheet."""
    found, body, as_of = _assessed(request, patient_id)
    audit.note(
        request, "download numbers", kind="patient", object_id=str(found.public_id), patient=str(found.public_id)
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="numbers-{found.public_id}-{as_of}.csv"'
    writer = csv.writer(response)
    for table in numbers_table(body):
        writer.writerow([table["title"]])
        writer.writerow(table["head"])
        writer.writerows([[_plain_cell(cell) for cell in row] for row in table["rows"]])
        writer.writerow([])
    return response


def _plain_cell(cell: Any) -> str:
    """A cell no spreadsheet takes for a formula."""
    text = str(cell)
    return (
        f"'{text}"
        if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not text.lstrip("-").replace(".", "").isdigit()
        else text
    )


def _assessed(request: HttpRequest, patient_id: uuid.UUID) -> tuple[Patient, dict[str, Any], date]:
    member = _member(request)
    found = patient_for(member, patient_id)
    as_of, _ = as_of_from(request, answers.today(member.clinic))
    return found, answers.answer(found, as_of), as_of
