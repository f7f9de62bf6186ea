"""The four answers about a patient: computed on demand from their charts, kept while chart, day and program stay."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

import inconcert
from inconcert.assessment import as_json, assess
from inconcert.record import Person
from inconcert.web import charts
from inconcert.web.models import ChartPart, Clinic, KeptAssessment, Patient

_KEPT_A_PATIENT = 12  # older answers are thrown away: they can be computed again
_SUMMED = ("resources", "used", "kept_not_used", "refused_count")
_JOINED = ("refused", "kept", "problems", "duplicates", "files")


@cache
def program_version() -> str:
    """The version, with a digest of every rule and knowledge file: after any change, old answers are not reused."""
    root = Path(inconcert.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(
        p for p in root.rglob("*") if p.suffix in {".py", ".yaml", ".csv", ".json"} and "web" not in p.parts
    ):
        stat = file.stat()
        digest.update(f"{file.relative_to(root)}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    return f"{inconcert.__version__}+{digest.hexdigest()[:16]}"


def today(clinic: Clinic) -> date:
    """The day it is at the clinic."""
    return datetime.now(ZoneInfo(clinic.time_zone)).date()


def parts_of(patient: Patient) -> list[ChartPart]:
    """The parts of files that make up a patient's chart, oldest first."""
    return list(patient.parts.select_related("upload").defer("upload__content").order_by("upload__uploaded_at", "pk"))


def chart_hash(parts: list[ChartPart]) -> str:
    """What the chart is, in 64 characters: it changes when a file is added."""
    return hashlib.sha256("\n".join(f"{p.upload.sha256} {p.person_id}" for p in parts).encode()).hexdigest()


def person_of(patient: Patient, on: date) -> Person:
    """Everything the patient's files say of them."""
    return charts.combine([charts.person_of(part, on) for part in parts_of(patient)])


def answer(patient: Patient, as_of: date) -> dict[str, Any]:
    """The assessment as JSON, from the shelf if the same question was answered before."""
    parts = parts_of(patient)
    digest, version = chart_hash(parts), program_version()
    kept = KeptAssessment.objects.filter(patient=patient, chart_hash=digest, as_of=as_of, version=version).first()
    if kept is not None:
        body: dict[str, Any] = kept.body
        return body
    person = charts.combine([charts.person_of(part, as_of) for part in parts])
    found = as_json(assess(person, as_of=as_of, account=joined_account([part.upload.account for part in parts])))
    try:
        with transaction.atomic():
            KeptAssessment.objects.create(patient=patient, chart_hash=digest, as_of=as_of, version=version, body=found)
    except IntegrityError:
        pass  # somebody else asked the same thing at the same moment
    stale = (
        KeptAssessment.objects.filter(patient=patient).order_by("-pk").values_list("pk", flat=True)[_KEPT_A_PATIENT:]
    )
    KeptAssessment.objects.filter(pk__in=list(stale)).delete()
    return found


def one_policy(patient: Patient, as_of: date, policy_id: str) -> dict[str, Any]:
    """One policy's determination as JSON, with its shortest way: worked out when it is asked for, and not kept."""
    found = as_json(assess(person_of(patient, as_of), as_of=as_of, payers=[policy_id]))
    only: dict[str, Any] = found["answers"]["paid"]["determinations"][0]
    return only


def joined_account(accounts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The accounts of several files as one: numbers added, lists joined."""
    if len(accounts) == 1:
        return dict(accounts[0])
    total: dict[str, Any] = {key: sum(int(a.get(key, 0)) for a in accounts) for key in _SUMMED}
    for key in _JOINED:
        total[key] = [entry for a in accounts for entry in a.get(key, ())]
    return total


def summarize(patient: Patient, as_of: date) -> None:
    """Compute today's answers and note them beside the patient's name, for the list."""
    body = answer(patient, as_of)
    answers = body["answers"]
    patient.who = answers["who"]["resistant"]
    patient.paid = paid_in_one_word(answers["paid"])
    patient.safety = safety_in_one_word(answers["who"]["safety"])
    patient.questions = len(answers["who"]["questions"])
    patient.answered_as_of, patient.answered_by_version = as_of, program_version()
    patient.save(update_fields=["who", "paid", "safety", "questions", "answered_as_of", "answered_by_version"])


def is_stale(patient: Patient, as_of: date) -> bool:
    """Whether the list's answers were computed for another day or by another version."""
    return patient.answered_as_of != as_of or patient.answered_by_version != program_version()


def has_own_policies(paid: Mapping[str, Any]) -> bool:
    """Whether the policies asked are the person's own, and not the whole library for want of a known plan."""
    return 0 < len(paid["determinations"]) < len(paid["library"])


def tally(rows: Iterable[Mapping[str, Any]], key: str, order: tuple[str, ...]) -> list[tuple[str, int]]:
    """How many rows have each state, in an order, none left out but zeros."""
    counts = Counter(str(row[key]) for row in rows)
    return [(state, counts[state]) for state in order if counts[state]]


def paid_in_one_word(paid: Mapping[str, Any]) -> str:
    """Met where one of the person's own policies is met; unknown where one may yet be; not met where none can be.

    Where no plan of theirs was matched the whole library was asked: then it is not known whose policy counts.
    """
    if not has_own_policies(paid):
        return "unknown"
    found = {d["answer"] for d in paid["determinations"]}
    return next((word for word in ("met", "unknown", "not_met") if word in found), "unknown")


def safety_in_one_word(safety: Mapping[str, Any]) -> str:
    """The gravest answer of all arms: never, hold or cleared."""
    found = {c["clearance"] for c in safety["clearances"]}
    return next((word for word in ("never", "hold", "cleared") if word in found), "hold")
