"""Small charts for the tests of FHIR reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading, read_bytes
from inconcert.record import Person

Resource = dict[str, Any]
AS_OF = date(2026, 11, 22)
PATIENT: Resource = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-04", "gender": "female"}
SUBJECT = {"reference": "Patient/p1"}


@pytest.fixture
def patient() -> Resource:
    """One woman born in 1980."""
    return dict(PATIENT)


@pytest.fixture
def read() -> Callable[..., ChartReading]:
    """Read these resources as one Bundle."""

    def reading(*resources: Resource, as_of: date = AS_OF, name: str = "chart.json") -> ChartReading:
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
        return read_bytes(json.dumps(bundle).encode(), name, as_of=as_of)

    return reading


@pytest.fixture
def read_one(read: Callable[..., ChartReading]) -> Callable[..., tuple[Person, ChartReading]]:
    """Read these resources beside the patient `p1`, whom they are about unless they say otherwise."""

    def reading(*resources: Resource) -> tuple[Person, ChartReading]:
        about = [{"subject": SUBJECT, **r} if _has_subject(r) else r for r in resources]
        result = read(PATIENT, *about)
        return result.people[0], result

    return reading


def _has_subject(resource: Resource) -> bool:
    named = {"AllergyIntolerance", "Coverage", "Device", "Medication", "Organization", "Practitioner", "Patient"}
    return resource["resourceType"] not in named and "patient" not in resource


@pytest.fixture
def order() -> Callable[..., Resource]:
    """A sertraline order, with elements changed or added; None takes one away."""

    def make(**changes: Any) -> Resource:
        base: Resource = {
            "resourceType": "MedicationRequest",
            "id": "m1",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {
                "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312941"}],
                "text": "sertraline 50 mg tablet",
            },
            "subject": SUBJECT,
            "authoredOn": "2026-01-05",
            "dosageInstruction": [
                {
                    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": 100, "unit": "mg", "code": "mg"}}],
                }
            ],
        }
        return {k: v for k, v in {**base, **changes}.items() if v is not None}

    return make


@pytest.fixture
def observe() -> Callable[..., Resource]:
    """An Observation with a LOINC code and a value."""

    def make(code: str, resource_id: str = "o1", **changes: Any) -> Resource:
        base: Resource = {
            "resourceType": "Observation",
            "id": resource_id,
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": SUBJECT,
            "effectiveDateTime": "2026-02-03T10:00:00Z",
        }
        return {k: v for k, v in {**base, **changes}.items() if v is not None}

    return make


@pytest.fixture
def why() -> Callable[[ChartReading], dict[str, tuple[str, str]]]:
    """Path and reason of each refused resource, by id."""
    return lambda reading: {entry.id: (entry.path, entry.reason) for entry in reading.account.refused}
