"""The rest of a chart: the patient, problems, measurements, procedures, devices, allergies and insurance."""

from __future__ import annotations

import random

from inconcert.record import CodeSystem
from inconcert.synthetic.codes import Resource, coding, concept, hl7, quantity
from inconcert.synthetic.people import Diagnosis, Done, HealthPlanSketch, Held, Measured, PersonSketch, codebook

INVENTED_TAG = {"system": CodeSystem.INCONCERT.value, "code": "invented", "display": "invented person"}
_STATUS = "http://terminology.hl7.org/CodeSystem/"


def patient(sketch: PersonSketch, draw: random.Random) -> Resource:
    """The Patient, marked invented; record number and telephone are drawn and belong to nobody."""
    resource: Resource = {
        "resourceType": "Patient",
        "id": sketch.id,
        "meta": {"tag": [INVENTED_TAG]},
        "identifier": [
            {
                "type": {"coding": [coding("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")]},
                "system": "urn:inconcert:invented-record-number",
                "value": f"INV-{draw.randrange(10**6):06d}",
            }
        ],
        "name": [{"use": "official", "family": sketch.name.family, "given": [sketch.name.given]}],
    }
    if sketch.region:  # 555-01xx is the range kept for invented telephones
        resource["telecom"] = [{"system": "phone", "value": f"555-01{draw.randrange(100):02d}"}]
        resource["address"] = [{"state": sketch.region, "country": "US", "city": "Inventedville"}]
    if sketch.sex:
        resource["gender"] = sketch.sex
    if sketch.birth:
        resource["birthDate"] = sketch.birth
    return resource


def problems(person: str, diagnoses: tuple[Diagnosis, ...]) -> list[Resource]:
    """Problem-list entries."""
    resources = []
    for number, one in enumerate(diagnoses, 1):
        resource: Resource = {
            "resourceType": "Condition",
            "id": f"{person}-dx-{number:02d}",
            "clinicalStatus": hl7("condition-clinical", one.status),
            "verificationStatus": hl7("condition-ver-status", one.verification),
            "category": [hl7("condition-category", "problem-list-item")],
            "code": concept(codebook().diagnoses[one.what]),
            "subject": _subject(person),
        }
        for key, value in (
            ("onsetDateTime", one.onset),
            ("abatementDateTime", one.ended),
            ("recordedDate", one.recorded),
        ):
            if value:
                resource[key] = value
        resources.append(resource)
    return resources


def measurements(person: str, measured: tuple[Measured, ...]) -> list[Resource]:
    """Vital signs, laboratory values and single coded findings."""
    return [_measurement(f"{person}-obs-{number:02d}", person, one) for number, one in enumerate(measured, 1)]


def _measurement(ident: str, person: str, one: Measured) -> Resource:
    book = codebook()
    resource: Resource = {
        "resourceType": "Observation",
        "id": ident,
        "status": "final",
        "category": [
            hl7("observation-category", "vital-signs" if one.what in {"weight", "blood_pressure"} else "exam")
        ],
        "code": concept(book.measurements[one.what]),
        "subject": _subject(person),
        "effectiveDateTime": one.on,
    }
    if one.coded:
        resource["valueCodeableConcept"] = concept(book.diagnoses[one.coded])
    elif one.what == "blood_pressure":
        resource["component"] = [
            {"code": concept(book.measurements[name]), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
            for name, value in (("systolic", one.value), ("diastolic", one.low))
            if value is not None
        ]
    elif one.value is not None and one.what in book.units:
        resource["valueQuantity"] = quantity(one.value, *book.units[one.what])
    elif one.value is not None:
        resource["valueInteger"] = int(one.value)
    return resource


def procedures(person: str, done: tuple[Done, ...]) -> list[Resource]:
    """Procedures; a course is one resource with a period and its sessions in a note."""
    resources = []
    for number, one in enumerate(done, 1):
        resource: Resource = {
            "resourceType": "Procedure",
            "id": f"{person}-proc-{number:02d}",
            "status": "completed",
            "code": concept(codebook().procedures[one.what]),
            "subject": _subject(person),
        }
        if one.end:
            resource["performedPeriod"] = {"start": one.start, "end": one.end}
        else:
            resource["performedDateTime"] = one.start
        if one.outcome:
            resource["outcome"] = {"text": one.outcome}
        if one.site:
            resource["bodySite"] = [{"text": one.site}]
        if one.sessions is not None:
            resource["note"] = [{"text": f"{one.sessions} sessions"}]
        resources.append(resource)
    return resources


def devices(person: str, held: tuple[Held, ...]) -> list[Resource]:
    """Implants and other devices."""
    return [
        {
            "resourceType": "Device",
            "id": f"{person}-dev-{number:02d}",
            "status": "active",
            "type": concept(codebook().devices[one.what]),
            "patient": _subject(person),
        }
        | ({"manufactureDate": one.since} if one.since else {})
        for number, one in enumerate(held, 1)
    ]


def allergies(person: str, held: tuple[Held, ...]) -> list[Resource]:
    """Allergies and intolerances."""
    return [
        {
            "resourceType": "AllergyIntolerance",
            "id": f"{person}-all-{number:02d}",
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
            "code": concept(codebook().allergens[one.what]),
            "patient": _subject(person),
        }
        | ({"recordedDate": one.since} if one.since else {})
        | ({"reaction": [{"manifestation": [{"text": one.reaction}]}]} if one.reaction else {})
        for number, one in enumerate(held, 1)
    ]


def coverages(person: str, plans: tuple[HealthPlanSketch, ...]) -> list[Resource]:
    """Insurance; an empty list where nothing is known (that is not the same as being uninsured)."""
    resources = []
    for number, one in enumerate(plans, 1):
        resource: Resource = {
            "resourceType": "Coverage",
            "id": f"{person}-cov-{number:02d}",
            "status": "active",
            "beneficiary": _subject(person),
            "payor": [{"display": one.payer}],
            "period": {"start": one.since} | ({"end": one.until} if one.until else {}),
            "class": [
                {"type": {"coding": [coding(_STATUS + "coverage-class", "plan")]}, "value": one.plan, "name": one.plan}
            ],
        }
        if one.order is not None:
            resource["order"] = one.order
        if one.member:
            kind = {"coding": [coding(_STATUS + "v2-0203", "MB")]}
            resource["identifier"] = [{"type": kind, "system": "urn:inconcert:invented-member", "value": one.member}]
        if one.relationship:
            resource["relationship"] = hl7("subscriber-relationship", one.relationship)
        resources.append(resource)
    return resources


def _subject(person: str) -> Resource:
    return {"reference": f"Patient/{person}"}
