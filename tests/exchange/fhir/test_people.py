"""Whose is it: a fact is never given to a person on a guess."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading, read_bytes, read_chart

Resource = dict[str, Any]
Read = Callable[..., ChartReading]


def condition(name: str, subject: Resource | None, **more: Any) -> Resource:
    """A diagnosis about somebody."""
    found = {"resourceType": "Condition", "id": name, "code": {"text": "depression"}, **more}
    return found if subject is None else {**found, "subject": subject}


def about(name: str) -> Resource:
    """A reference to a patient."""
    return {"reference": f"Patient/{name}"}


TWO = (
    {"resourceType": "Patient", "id": "a", "identifier": [{"system": "urn:mrn", "value": "1"}]},
    {"resourceType": "Patient", "id": "b", "identifier": [{"system": "urn:mrn", "value": "2"}]},
)


def test_two_patients_in_one_bundle_are_kept_apart(read: Read) -> None:
    """Each fact goes to the person it names."""
    reading = read(*TWO, condition("c1", about("a")), condition("c2", about("b")), condition("c3", about("b")))
    assert {p.id: [c.id for c in p.conditions] for p in reading.people} == {
        "a": ["Condition/c1"],
        "b": ["Condition/c2", "Condition/c3"],
    }


@pytest.mark.parametrize(
    "subject", [None, about("c"), {"display": "Mrs A"}, {"reference": "#p"}, {"identifier": {"value": "9"}}, {}]
)
def test_with_two_patients_nothing_is_assumed(read: Read, subject: Resource | None) -> None:
    """A resource that does not say clearly which of two patients it is about is refused."""
    reading = read(*TWO, condition("c1", subject))
    assert all(p.conditions == () for p in reading.people)
    assert reading.account.refused[0].id == "Condition/c1"
    assert reading.account.refused[0].path.startswith("Condition.subject")


def test_with_one_patient_another_patients_fact_is_not_taken(read: Read) -> None:
    """A fact about somebody who is not in the file is refused, though only one person is."""
    reading = read(TWO[0], condition("c1", about("elsewhere")))
    assert reading.people[0].conditions == ()
    assert "not in this file" in reading.account.refused[0].reason


def test_with_one_patient_a_fact_about_nobody_is_read_and_told(read: Read) -> None:
    """Where a file holds one patient, a resource without a subject is about that one; the account says so."""
    reading = read(TWO[0], condition("c1", None))
    assert len(reading.people[0].conditions) == 1
    assert "only patient" in reading.account.problems[0].reason


def test_a_fact_about_nobody_in_another_file_is_refused(tmp_path: Path) -> None:
    """In a folder the only patient is not assumed for what another file says of nobody."""
    (tmp_path / "a.json").write_text(json.dumps(TWO[0]))
    (tmp_path / "b.json").write_text(json.dumps(condition("c1", None)))
    reading = read_chart(tmp_path)
    assert reading.people[0].conditions == ()
    assert reading.account.refused[0].id == "Condition/c1"


def test_a_fact_about_nobody_beside_a_refused_patient_is_refused(read: Read) -> None:
    """Where another patient came in and was refused, the one who is left is not assumed."""
    broken = {**TWO[1], "modifierExtension": [{"url": "urn:x"}]}
    reading = read(TWO[0], broken, condition("c1", None))
    assert reading.people[0].conditions == ()
    assert reading.account.refused_count == 2
    lines = "\n".join([json.dumps(TWO[0]), '{"resourceType": "Pat', json.dumps(condition("c1", None))])
    assert read_bytes(lines.encode(), "a.ndjson").people[0].conditions == ()


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/a"},
        {"reference": "Patient/a/_history/3"},
        {"reference": "https://ehr.example/fhir/Patient/a"},
        {"reference": "urn:uuid:11111111-2222-3333-4444-555555555555"},
        {"reference": "Patient?identifier=urn:mrn|1"},
        {"type": "Patient", "identifier": {"system": "urn:mrn", "value": "1"}},
    ],
)
def test_every_way_to_name_a_patient_is_followed(subject: Resource) -> None:
    """Relative, versioned, absolute, by fullUrl, conditional and by identifier."""
    url = "urn:uuid:11111111-2222-3333-4444-555555555555"
    entries = [{"fullUrl": url, "resource": TWO[0]}, {"resource": TWO[1]}, {"resource": condition("c1", subject)}]
    reading = read_bytes(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode(), "x.json")
    assert {p.id: len(p.conditions) for p in reading.people} == {"a": 1, "b": 0}


def test_an_identifier_of_two_people_names_neither(read: Read) -> None:
    """Where two patients carry the identifier that a resource names, it is nobody's."""
    twins = [{**patient, "identifier": [{"system": "urn:mrn", "value": "1"}]} for patient in TWO]
    reading = read(*twins, condition("c1", {"type": "Patient", "identifier": {"system": "urn:mrn", "value": "1"}}))
    assert all(person.conditions == () for person in reading.people)
    assert reading.account.refused[0].id == "Condition/c1"


def test_without_a_patient_resource_one_subject_is_one_person(read: Read) -> None:
    """An export without the Patient: all about the same one, a person of unknown birth; about two, nobody."""
    reading = read(condition("c1", about("x")), condition("c2", about("x")))
    (person,) = reading.people
    assert (person.id, person.birth, len(person.conditions)) == ("x", None, 2)
    reading = read(condition("c1", about("x")), condition("c2", about("y")))
    assert reading.people == ()
    assert reading.account.refused_count == 2


@pytest.mark.parametrize("kind", ["Group", "Location", "Device", "Practitioner"])
def test_what_is_about_no_patient_is_kept_aside(read: Read, kind: str) -> None:
    """A finding about a group, a place or a device is understood, and nobody's."""
    reading = read(TWO[0], condition("c1", {"reference": f"{kind}/1"}))
    assert reading.account.kept[0].reason == f"It is about a {kind}, not a patient."


def test_facts_of_a_refused_patient_go_to_nobody(read: Read) -> None:
    """Two different people under one id: both are refused, and so is what names them."""
    first = {"resourceType": "Patient", "id": "a", "birthDate": "1980-01-01"}
    reading = read(first, {**first, "birthDate": "1990-01-01"}, condition("c1", about("a")), condition("c2", None))
    assert reading.people == ()
    assert reading.account.refused_count == 4


def test_the_newer_version_of_a_patient_is_the_person(read: Read) -> None:
    """With a version or a date that says which copy is newer, the newer is used and the older kept."""
    first = {"resourceType": "Patient", "id": "a", "birthDate": "1980-01-01", "meta": {"versionId": "1"}}
    second = {**first, "birthDate": "1980-01-02", "meta": {"versionId": "2"}}
    for copies in ((first, second), (second, first)):
        reading = read(*copies)
        assert str(reading.people[0].birth) == "1980-01-02"
        assert reading.account.kept[0].reason == "An older version of Patient/a."


def test_a_patient_is_read_with_name_sex_state_and_death(read: Read) -> None:
    """The official name, the sex as recorded, the state of the home address, the day of death."""
    (person,) = read(
        {
            "resourceType": "Patient",
            "id": "a",
            "name": [
                {"use": "maiden", "family": "Old"},
                {"use": "official", "given": ["Ana", "M"], "family": "Ruiz", "prefix": ["Dr."]},
            ],
            "gender": "female",
            "birthDate": "1950",
            "address": [{"use": "old", "state": "OH"}, {"use": "work", "state": "NY"}, {"use": "home", "state": "NJ"}],
            "deceasedDateTime": "2024-03-01T04:00:00Z",
        }
    ).people
    assert (person.name, person.sex, person.region) == ("Dr. Ana M Ruiz", "female", "NJ")
    assert str(person.birth) == "1950"
    assert str(person.deceased).startswith("2024-03-01")
    assert not person.invented


@pytest.mark.parametrize(
    "tag",
    [
        {"system": "urn:inconcert:codes", "code": "invented"},
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"},
    ],
)
def test_an_invented_person_is_marked(read: Read, tag: Resource) -> None:
    """Our own tag and HL7's tag for test data mark a person who does not exist."""
    assert read({"resourceType": "Patient", "id": "a", "meta": {"tag": [tag]}}).people[0].invented


def test_a_death_before_birth_leaves_the_birth_out(read: Read) -> None:
    """A birth after the death cannot be, and an unknown sex code is not taken over; both are listed."""
    odd = {"resourceType": "Patient", "id": "a", "birthDate": "2000", "deceasedDateTime": "1999-01-01", "gender": "F"}
    reading = read({**odd, "active": False})
    assert (reading.people[0].birth, reading.people[0].sex) == (None, "")
    assert {e.path for e in reading.account.problems} == {"Patient.birthDate", "Patient.gender", "Patient.active"}
