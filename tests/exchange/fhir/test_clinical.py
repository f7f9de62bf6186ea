"""Diagnoses, encounters, procedures, allergies, devices and insurance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading
from inconcert.record import Person

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
ReadOne = Callable[..., tuple[Person, ChartReading]]
MDD = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2", "display": "MDD, severe"}]}


def status_of(code: str) -> Resource:
    """A status as a CodeableConcept."""
    return {"coding": [{"code": code}]}


def test_a_diagnosis_is_read_whole(read_one: ReadOne) -> None:
    """Codes, both statuses, severity, onset, abatement and the day it was recorded."""
    person, reading = read_one(
        {
            "resourceType": "Condition",
            "id": "c1",
            "code": MDD,
            "clinicalStatus": status_of("remission"),
            "verificationStatus": status_of("confirmed"),
            "severity": {"text": "severe"},
            "onsetDateTime": "2023",
            "abatementDateTime": "2025-06",
            "recordedDate": "2023-04-01",
        }
    )
    (condition,) = person.conditions
    assert condition.has_code("http://hl7.org/fhir/sid/icd-10-cm", {"F33.2"})
    assert (condition.clinical_status, condition.verification_status) == ("remission", "confirmed")
    assert (condition.severity, str(condition.onset), str(condition.abatement)) == ("severe", "2023", "2025-06")
    assert condition.label == "MDD, severe"
    assert reading.account.problems == ()


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_what_was_ruled_out_is_kept_aside(read_one: ReadOne, kind: str, status: str) -> None:
    """A refuted or mistaken diagnosis or allergy is never a fact."""
    about = {"patient": {"reference": "Patient/p1"}} if kind == "AllergyIntolerance" else {}
    person, reading = read_one(
        {"resourceType": kind, "id": "x", "code": MDD, "verificationStatus": status_of(status), **about}
    )
    assert list(person.facts()) == []
    assert reading.account.kept[0].path == f"{kind}.verificationStatus"


def test_a_doubtful_diagnosis_keeps_its_doubt(read_one: ReadOne) -> None:
    """Provisional and differential diagnoses stay, marked as such; a status FHIR does not know is left out."""
    person, reading = read_one(
        {"resourceType": "Condition", "id": "x", "code": MDD, "verificationStatus": status_of("differential")},
        {"resourceType": "Condition", "id": "y", "code": MDD, "clinicalStatus": status_of("kind of")},
    )
    assert [c.verification_status for c in person.conditions] == ["differential", ""]
    assert reading.account.problems[0].path == "Condition.clinicalStatus"


def test_a_diagnosis_without_a_name_is_refused(read_one: ReadOne) -> None:
    """A Condition with neither code nor text says nothing."""
    person, reading = read_one({"resourceType": "Condition", "id": "x", "code": {}})
    assert person.conditions == ()
    assert reading.account.refused[0].path == "Condition.code"


def test_an_encounter_brings_its_diagnoses(read_one: ReadOne) -> None:
    """Class, period, reasons, and the codes of the Conditions it names as diagnoses."""
    person, _ = read_one(
        {"resourceType": "Condition", "id": "c1", "code": MDD},
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "finished",
            "class": {"code": "IMP"},
            "type": [{"text": "admission"}],
            "period": {"start": "2026-01-02T10:00:00Z", "end": "2026-01-09"},
            "reasonCode": [{"coding": [{"system": "http://snomed.info/sct", "code": "6471006"}]}],
            "diagnosis": [{"condition": {"reference": "Condition/c1"}}],
        },
    )
    (encounter,) = person.encounters
    assert (encounter.kind, encounter.text) == ("IMP", "admission; MDD, severe")
    assert [c.code for c in encounter.reasons] == ["6471006", "F33.2"]
    assert encounter.start is not None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("Encounter", "planned"),
        ("Encounter", "cancelled"),
        ("Procedure", "not-done"),
        ("Procedure", "preparation"),
        ("Procedure", "entered-in-error"),
    ],
)
def test_what_did_not_happen_is_kept_aside(read_one: ReadOne, kind: str, status: str) -> None:
    """Planned, cancelled and not done are not facts."""
    person, reading = read_one({"resourceType": kind, "id": "x", "status": status, "code": MDD})
    assert list(person.facts()) == []
    assert reading.account.kept[0].path == f"{kind}.status"


def test_a_procedure_is_read_whole(read_one: ReadOne) -> None:
    """What was done, when, where and how it ended."""
    person, _ = read_one(
        {
            "resourceType": "Procedure",
            "id": "x",
            "status": "completed",
            "code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.12", "code": "90870"}], "text": "ECT"},
            "performedPeriod": {"start": "2024-01-03", "end": "2024-02-07"},
            "outcome": {"text": "no response"},
            "bodySite": [{"text": "bilateral"}],
        }
    )
    (done,) = person.procedures
    assert done.has_code("http://www.ama-assn.org/go/cpt", {"90870"})
    assert (str(done.performed_start), str(done.performed_end)) == ("2024-01-03", "2024-02-07")
    assert (done.outcome, done.body_sites) == ("no response", ("bilateral",))


def test_an_allergy_is_read_whole(read_one: ReadOne) -> None:
    """Substance, kind, criticality and reactions; the substance may stand with the reaction only."""
    base = {
        "resourceType": "AllergyIntolerance",
        "patient": {"reference": "Patient/p1"},
        "type": "intolerance",
        "criticality": "high",
        "clinicalStatus": status_of("active"),
        "recordedDate": "2020-05",
    }
    reaction = {"manifestation": [{"text": "rash"}], "substance": {"text": "ketamine"}}
    person, _ = read_one(
        {**base, "id": "a", "code": {"text": "esketamine"}, "reaction": [reaction]},
        {**base, "id": "b", "reaction": [reaction]},
    )
    first, second = person.allergies
    assert (first.text, second.text) == ("esketamine", "ketamine")
    assert (first.kind, first.criticality, first.clinical_status, first.reactions) == (
        "intolerance",
        "high",
        "active",
        ("rash",),
    )


DEVICE = {"resourceType": "Device", "id": "d", "status": "active", "type": {"text": "aneurysm clip"}}


def test_a_device_of_the_person(read_one: ReadOne) -> None:
    """A Device that names its patient is a fact."""
    person, _ = read_one({**DEVICE, "patient": {"reference": "Patient/p1"}})
    assert person.devices[0].label == "aneurysm clip"


def test_a_device_that_names_nobody(read_one: ReadOne) -> None:
    """A Device of nobody is no implant of this person; a statement of use makes it one, with its place in the body."""
    person, reading = read_one(DEVICE)
    assert person.devices == ()
    assert reading.account.kept[0].path == "Device.patient"
    use = {
        "resourceType": "DeviceUseStatement",
        "id": "u",
        "status": "active",
        "device": {"reference": "Device/d"},
        "bodySite": {"text": "brain"},
        "recordedOn": "2021-03-04",
    }
    person, reading = read_one(DEVICE, use)
    assert [(d.label, d.body_site, str(d.recorded)) for d in person.devices] == [
        ("aneurysm clip", "brain", "2021-03-04")
    ]
    assert reading.account.by_type["Device"].used == 1
    person, reading = read_one({**use, "device": {"reference": "Device/gone"}})
    assert reading.account.refused[0].path == "DeviceUseStatement.device"
    person, _ = read_one({**use, "device": {"display": "cochlear implant"}})
    assert person.devices[0].label == "cochlear implant"


def coverage(**more: Any) -> Resource:
    """Insurance of p1."""
    base = {"resourceType": "Coverage", "id": "k", "status": "active", "beneficiary": {"reference": "Patient/p1"}}
    return {**base, **more}


def test_a_payer_by_reference_display_or_identifier(read_one: ReadOne) -> None:
    """The payer is an Organization of the file, a contained one, a display, or an identifier."""
    organization = {
        "resourceType": "Organization",
        "id": "o",
        "name": "Acme Health",
        "identifier": [{"value": "55555"}],
    }
    person, reading = read_one(organization, coverage(payor=[{"reference": "Organization/o"}]))
    assert (person.health_plans[0].payer, person.health_plans[0].payer_identifier) == ("Acme Health", "55555")
    assert reading.account.by_type["Organization"].used == 1
    person, _ = read_one(coverage(payor=[{"reference": "#o"}], contained=[organization]))
    assert person.health_plans[0].payer == "Acme Health"
    person, _ = read_one(coverage(payor=[{"display": "Acme"}]))
    assert person.health_plans[0].payer == "Acme"
    person, _ = read_one(coverage(payor=[{"identifier": {"value": "60054"}}]))
    assert (person.health_plans[0].payer, person.health_plans[0].payer_identifier) == ("", "60054")


def test_a_plan_is_read_whole(read_one: ReadOne) -> None:
    """Type, plan class before group class, period and order."""
    person, _ = read_one(
        coverage(
            type={"text": "PPO"},
            payor=[{"display": "Acme"}],
            period={"start": "2026-01-01", "end": "2026-12-31"},
            order=1,
            **{
                "class": [
                    {"type": status_of("group"), "value": "g1", "name": "Group One"},
                    {"type": status_of("plan"), "value": "gold"},
                ]
            },
        )
    )
    (plan,) = person.health_plans
    assert (plan.plan, plan.text, plan.order, str(plan.end)) == ("gold", "PPO", 1, "2026-12-31")


def test_insurance_that_says_nothing_or_ended(read_one: ReadOne) -> None:
    """A cancelled one is kept aside; one that names neither payer nor plan is refused; a lost payer is told."""
    assert read_one(coverage(status="cancelled", payor=[{"display": "Acme"}]))[1].account.kept_not_used == 1
    _, reading = read_one(coverage(payor=[{"reference": "Organization/gone"}]))
    assert reading.account.refused[0].path == "Coverage.payor"
    assert "not in this file" in reading.account.problems[0].reason
    _, reading = read_one(coverage(payor=[{"display": "A"}, {"display": "B"}]))
    assert "more than one payer" in reading.account.problems[0].reason
