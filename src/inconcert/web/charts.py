"""A file comes in: kept byte for byte, read, its people found, its account written. Nobody is merged unasked."""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from inconcert.exchange.fhir import UnreadableChart, read_bytes
from inconcert.judgement import Refusal
from inconcert.record import Person
from inconcert.web.models import ChartPart, ChartUpload, Clinic, Membership, Patient, RawResource

if TYPE_CHECKING:
    from inconcert.exchange.fhir import ChartReading

_ABOUT_NOBODY = frozenset(
    "Medication Organization Practitioner PractitionerRole Location HealthcareService Questionnaire ValueSet CodeSystem "
    "StructureDefinition Library Measure PlanDefinition ActivityDefinition Endpoint InsurancePlan".split()
)
_SUBJECT_ELEMENTS = ("subject", "patient", "beneficiary", "individual", "for", "source")
_CACHE_BYTES_MAX = 5_000_000
READER_FAULT = (
    "Reading this file failed through a fault of this program. It is kept as it came and used for nothing. "
    "Mend: tell whoever runs the site, without patient details; the file can be read again once the program is mended."
)
logger = logging.getLogger(__name__)


class NotJson(Refusal):
    """The file is of a kind the site does not take (XML, an archive, a picture)."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file. `again` is true where the very same bytes had been given before."""

    upload: ChartUpload
    again: bool


def check_can_take(name: str, content_type: str, head: bytes) -> None:
    """Refuse what cannot be FHIR JSON by its looks.

    Raises:
        NotJson: with the mend.
    """
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:5]
    if "xml" in content_type.lower() or name.lower().endswith(".xml") or start.startswith(b"<"):
        raise NotJson("XML is not accepted here.", "export the record as FHIR JSON or NDJSON.")
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF")):
        raise NotJson("This is an archive or a PDF, not a FHIR file.", "unpack it, or export the record as FHIR JSON.")


def receive(
    clinic: Clinic, *, name: str, data: bytes, by: str, on: date, lessons: Mapping[str, str] | None = None
) -> Received:
    """Take a file in: keep it, read it, find its people.

    Somebody who looks like a patient we have (same id, or same name and date of birth) waits for a human to say so.

    Args:
        clinic: whose file it is.
        name: as the browser gave it; shown, never used as a path.
        data: its bytes.
        by: who gave it.
        on: the day it was given, in the clinic's zone.
        lessons: for invented people, what each teaches, by person id.
    """
    digest = hashlib.sha256(data).hexdigest()
    before = ChartUpload.objects.filter(clinic=clinic, sha256=digest).defer("content").first()
    if before is not None:
        return Received(before, again=True)
    shown = _shown(name) or "(unnamed file)"
    upload = ChartUpload(
        clinic=clinic, file_name=shown, sha256=digest, size=len(data), content=zlib.compress(data, 6), uploaded_by=by,
        status=ChartUpload.READ,
    )  # fmt: skip
    reading: ChartReading | None = None
    try:
        reading = read_bytes(data, shown, as_of=on)
    except UnreadableChart as error:
        upload.status, upload.note = ChartUpload.REFUSED, str(error)
    except Exception:
        logger.exception("a chart could not be read")
        upload.status, upload.note = ChartUpload.REFUSED, READER_FAULT
    else:
        upload.account = reading.account.as_dict()
        if not reading.people:
            upload.status = ChartUpload.REFUSED
            upload.note = "No person could be read from this file. Mend: include the Patient resource of the record."
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
            if reading is not None:
                _keep(upload, reading, lessons or {})
    except IntegrityError:  # the same file, sent twice at once: the first one stands
        return Received(ChartUpload.objects.defer("content").get(clinic=clinic, sha256=digest), again=True)
    return Received(upload, again=False)


def _keep(upload: ChartUpload, reading: ChartReading, lessons: Mapping[str, str]) -> None:
    owners = owners_of(reading)
    RawResource.objects.bulk_create(
        [
            RawResource(upload=upload, key=_shown(raw.key, 300), owner=owners[n], position=n, body=raw.data)
            for n, raw in enumerate(reading.raw)
        ],
        batch_size=500,
    )
    for person in reading.people:
        part = ChartPart(
            upload=upload,
            person_id=_shown(person.id, 200),
            name=_shown(person.name, 400),
            birth=str(person.birth or ""),
            facts=sum(1 for _ in person.facts()),
        )
        part.candidate, part.candidate_why = find_candidate(upload.clinic, person)
        if part.candidate is None:
            part.patient = _new_patient(
                upload.clinic, person, lessons.get(person_key(person).removeprefix("Patient/"), "")
            )
        part.save()
    if upload.parts.filter(patient=None).exists():
        upload.status = ChartUpload.WAITING
        upload.save(update_fields=["status"])


def owners_of(reading: ChartReading) -> list[str]:
    """For each raw resource the id of the person it is about; '' for nobody, '?' where it cannot be told."""
    people = {person_key(person): person.id for person in reading.people}
    by_fact = {fact.origin.resource: person.id for person in reading.people for fact in person.facts()}
    patient_urls = {raw.full_url: raw.key for raw in reading.raw if raw.type == "Patient" and raw.full_url}
    only = reading.people[0].id if len(people) == 1 else "?"
    found = []
    for raw in reading.raw:
        if raw.key in people:
            found.append(people[raw.key])
            continue
        reference = _subject(raw.data)
        if reference:
            reference = patient_urls.get(reference, reference)
            match = next((i for key, i in people.items() if reference == key or reference.endswith(f"/{key}")), None)
            found.append(match or by_fact.get(raw.key, "?"))
        elif raw.type in _ABOUT_NOBODY:
            found.append("")
        else:
            found.append(by_fact.get(raw.key, only))
    return found


def person_key(person: Person) -> str:
    """The `Patient/id` of a person's own resource."""
    return person.id if person.id.startswith("Patient/") else f"Patient/{person.id}"


def _subject(data: Mapping[str, Any]) -> str:
    for element in _SUBJECT_ELEMENTS:
        value = data.get(element)
        if isinstance(value, Mapping) and isinstance(value.get("reference"), str):
            return str(value["reference"])
    return ""


def find_candidate(clinic: Clinic, person: Person) -> tuple[Patient | None, str]:
    """A patient of the clinic this person may be, and why; never an answer, only a question for a human."""
    earlier = (
        ChartPart.objects.filter(upload__clinic=clinic, person_id=_shown(person.id, 200), patient__isnull=False)
        .select_related("patient")
        .first()
    )
    if earlier is not None:
        return earlier.patient, "the same id stands in an earlier file"
    family, given = split_name(person.name)
    birth = str(person.birth or "")
    if family and birth:
        twin = Patient.objects.filter(clinic=clinic, birth=birth, family__iexact=family, given__iexact=given).first()
        if twin is not None:
            return twin, "same name and date of birth"
    return None, ""


def split_name(name: str) -> tuple[str, str]:
    """(family, given) of a name written `Given Family` or `Family, Given`."""
    clean = _shown(name, 400)
    if "," in clean:
        family, _, given = clean.partition(",")
        return family.strip()[:200], given.strip()[:200]
    given, _, family = clean.rpartition(" ")
    return family.strip()[:200], given.strip()[:200]


def _new_patient(clinic: Clinic, person: Person, lesson: str) -> Patient:
    family, given = split_name(person.name)
    return Patient.objects.create(
        clinic=clinic, family=family, given=given, birth=str(person.birth or ""), sex=_shown(person.sex, 30),
        region=_shown(person.region, 60), invented=person.invented, lesson=lesson[:300],
    )  # fmt: skip


def check_can_decide(part: ChartPart) -> None:
    """Refuse where the question was answered before.

    Raises:
        Refusal: with who answered.
    """
    if part.patient_id is not None:
        raise Refusal("This person was already placed.", "look at the patient's files; nothing was changed.")


def decide(part: ChartPart, *, same: bool, member: Membership, on: date) -> Patient:
    """A human says whether the person of a file is the patient we have or somebody new. Written down with who and when.

    Raises:
        Refusal: the question was answered before.
    """
    with transaction.atomic():
        part = ChartPart.objects.select_for_update().select_related("upload").get(pk=part.pk)
        check_can_decide(part)
        person = person_of(part, on)
        if same and part.candidate is not None:
            part.patient = part.candidate
            part.patient.answered_by_version = ""  # the answers in the list are out of date now
            part.patient.save()
        else:
            part.patient = _new_patient(part.upload.clinic, person, "")
        part.decided_by, part.decided_at = member.user.get_username(), datetime.now(UTC)
        part.save()
        if not part.upload.parts.filter(patient=None).exists():
            ChartUpload.objects.filter(pk=part.upload_id).update(status=ChartUpload.READ)
    return part.patient


def person_of(part: ChartPart, on: date) -> Person:
    """The person of an upload, read again from the file as it was kept."""
    return reading_of(part, on).people[0]


def reading_of(part: ChartPart, on: date) -> ChartReading:
    """The reading of an upload with one of its people alone; its resources are those about that person, or about nobody."""
    upload = part.upload
    read = _read_kept if upload.size > _CACHE_BYTES_MAX else _read_kept_cached
    reading = read(upload.pk, upload.file_name, on)
    person = next(person for person in reading.people if _shown(person.id, 200) == part.person_id)
    if len(reading.people) == 1:
        return reading
    owners = owners_of(reading)
    raw = tuple(r for r, owner in zip(reading.raw, owners, strict=True) if owner in ("", person.id))
    return replace(reading, people=(person,), raw=raw)


def _read_kept(upload_id: int, name: str, on: date) -> ChartReading:
    content = ChartUpload.objects.values_list("content", flat=True).get(pk=upload_id)
    return read_bytes(zlib.decompress(bytes(content)), name, as_of=on)


_read_kept_cached = lru_cache(maxsize=4)(_read_kept)  # an upload never changes, so neither does its reading


def original(upload: ChartUpload) -> bytes:
    """The file as it came, byte for byte."""
    content = ChartUpload.objects.values_list("content", flat=True).get(pk=upload.pk)
    return zlib.decompress(bytes(content))


def combine(people: Sequence[Person]) -> Person:
    """One person from several files, oldest first: a fact with the same id in a later file replaces the earlier one."""
    if len(people) == 1:
        return people[0]
    last = people[-1]
    changes: dict[str, Any] = {"invented": any(person.invented for person in people)}
    for each in fields(Person):
        values = [getattr(person, each.name) for person in people]
        if isinstance(values[0], tuple):
            changes[each.name] = tuple({fact.id: fact for fact in _chain(values)}.values())
        elif each.name not in ("id", "invented") and not getattr(last, each.name):
            changes[each.name] = next((value for value in reversed(values) if value), values[0])
    return replace(last, **changes)


def _chain(groups: Iterable[Iterable[Any]]) -> Iterable[Any]:
    for group in groups:
        yield from group


def _shown(text: str, length: int = 200) -> str:
    """Text fit for a screen and any database: no control characters, not too long."""
    return "".join(c for c in text if c.isprintable())[:length].strip()
