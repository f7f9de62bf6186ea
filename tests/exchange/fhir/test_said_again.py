"""What a record says again and again is read once; a fault in it is noted every time."""

from __future__ import annotations

import json
from typing import Any

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
