"""What a record says again and again is read once; a fault in it is noted every time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from inconcert.exchange.fhir.chart import read_bytes


def read(conditions: list[dict[str, Any]]) -> Any:
    """A chart of one patient with these diagnoses."""
    entries = [{"resource": {"resourceType": "Patient", "id": "p"}}, *({"resource": c} for c in conditions)]
    return read_bytes(
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode(), "chart.json"
    )


def condition(name: str, coding: dict[str, Any]) -> dict[str, Any]:
    """A diagnosis with one coding."""
    code = {"coding": [coding], "text": "depression"}
    return {"resourceType": "Condition", "id": name, "subject": {"reference": "Patient/p"}, "code": code}


def test_a_faulty_code_is_noted_for_every_resource_that_bears_it() -> None:
    """Two diagnoses with the same bare number for a code: the account names both, and both are read."""
    found = read([condition(n, {"system": "http://snomed.info/sct", "code": 370143000}) for n in ("one", "two")])
    noted = {p.id for p in found.account.problems if "bare number" in p.reason}
    assert noted == {"Condition/one", "Condition/two"}
    assert [c.codings[0].code for c in found.people[0].conditions] == ["370143000", "370143000"]


def test_two_concepts_that_differ_are_never_taken_for_one() -> None:
    """Codes, systems, displays and texts each make another concept, also where the rest is the same."""
    codings = [
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}, {"system": "http://hl7.org/fhir/sid/icd-10", "code": "F33.2"},
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.1"},
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2", "display": "severe"},
    ]  # fmt: skip
    people = read([condition(f"c{n}", coding) for n, coding in enumerate(codings)]).people
    assert len({c.codings for c in people[0].conditions}) == 4


def test_a_faulty_status_is_noted_for_every_diagnosis_that_bears_it() -> None:
    """Two diagnoses in the same words with the same unknown status: both are named, and neither has a status."""
    coding = {"system": "http://snomed.info/sct", "code": "370143000"}
    odd = {"clinicalStatus": {"coding": [{"code": "smouldering"}]}}
    found = read([condition(n, coding) | odd for n in ("one", "two")])
    assert {p.id for p in found.account.problems if "smouldering" in p.reason} == {"Condition/one", "Condition/two"}
    assert [c.clinical_status for c in found.people[0].conditions] == ["", ""]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("clinicalStatus", {"coding": [{"code": "resolved"}]}),
        ("verificationStatus", {"coding": [{"code": "provisional"}]}),
        ("severity", {"text": "severe"}),
        ("category", [{"coding": [{"code": "encounter-diagnosis"}]}]),
        ("onsetDateTime", "2024-03-01"),
        ("abatementDateTime", "2024-04-01"),
        ("recordedDate", "2024-05-01"),
    ],
)
def test_two_diagnoses_that_differ_in_one_element_are_never_taken_for_one(key: str, value: Any) -> None:
    """Whatever else is the same, the element that only one of them has is read of that one alone, in either order."""
    coding = {"system": "http://snomed.info/sct", "code": "370143000"}
    plain, other = condition("plain", coding), condition("other", coding) | {key: value}
    alone = {c.id: c for one in (plain, other) for c in read([one]).people[0].conditions}
    for order in ([plain, other], [other, plain]):
        together = {c.id: c for c in read(order).people[0].conditions}
        assert together == alone
    assert replace(alone["Condition/plain"], id="x", origin=None) != replace(
        alone["Condition/other"], id="x", origin=None
    )


def test_a_refuted_diagnosis_is_kept_aside_each_time() -> None:
    """The same words before and after it do not bring a refuted diagnosis in."""
    coding = {"system": "http://snomed.info/sct", "code": "370143000"}
    refuted = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    found = read([condition("a", coding), condition("b", coding) | refuted, condition("c", coding) | refuted])
    assert [c.id for c in found.people[0].conditions] == ["Condition/a"]
    assert {e.id for e in found.account.kept} >= {"Condition/b", "Condition/c"}


def test_the_same_words_inside_two_resources_may_name_two_patients() -> None:
    """`#me` is another contained resource in each diagnosis: what it led to in the first says nothing of the second."""
    coding = {"system": "http://snomed.info/sct", "code": "370143000"}
    inside = {"subject": {"reference": "#me"}}
    person = {"resourceType": "Patient", "id": "me"}
    thing = {"resourceType": "Group", "id": "me"}
    found = read(
        [
            condition("a", coding),
            *(condition(n, coding) | inside | {"contained": [c]} for n, c in (("b", person), ("c", thing))),
        ]
    )
    assert [c.id for c in found.people[0].conditions] == ["Condition/a"]
    assert [e.id for e in found.account.kept if "Group" in e.reason] == ["Condition/c"]
