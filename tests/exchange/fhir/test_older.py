"""Other versions of FHIR are recognized by their shape and read with a mark, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading
from inconcert.exchange.fhir.versions import version_of
from inconcert.record import Fact, Person

Resource = dict[str, Any]
ReadOne = Callable[..., tuple[Person, ChartReading]]
WHO = {"reference": "Patient/p1"}
DRUG = {"medicationCodeableConcept": {"text": "sertraline 50 mg tablet"}}
DAILY = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}


def only(person: Person) -> Any:
    """The only fact."""
    (fact,) = person.facts()
    assert isinstance(fact, Fact)
    return fact


def test_a_dstu2_order_is_read_and_marked(read_one: ReadOne) -> None:
    """DSTU2's MedicationOrder is an order: day written, dose, end and reason for ending."""
    person, reading = read_one(
        {
            "resourceType": "MedicationOrder",
            "id": "m",
            "status": "stopped",
            "patient": WHO,
            "dateWritten": "2015-01-02",
            "dateEnded": "2015-03-01",
            "reasonEnded": {"text": "no effect"},
            "reasonCodeableConcept": {"text": "depression"},
            "dosageInstruction": [{**DAILY, "doseQuantity": {"value": 50, "unit": "mg"}}],
            **DRUG,
        }
    )
    order = only(person)
    assert order.origin.fhir_version == "DSTU2"
    assert order.id == "MedicationOrder/m"
    assert (order.kind, str(order.authored), str(order.end)) == ("order", "2015-01-02", "2015-03-01")
    assert (order.doses[0].amount_low, order.doses[0].times_per_day) == (50, 1)
    assert (order.stop_reason_text, order.reason_text) == ("no effect", "depression")
    assert "shape of FHIR DSTU2" in reading.account.problems[0].reason


@pytest.mark.parametrize(
    ("resource", "version", "used"),
    [
        ({"resourceType": "Condition", "patient": WHO, "code": {"text": "x"}, "dateRecorded": "2014"}, "DSTU2", True),
        ({"resourceType": "Condition", "code": {"text": "x"}, "clinicalStatus": "active"}, "STU3", True),
        ({"resourceType": "Condition", "code": {"text": "x"}, "assertedDate": "2017"}, "STU3", True),
        ({"resourceType": "Condition", "code": {"text": "x"}, "verificationStatus": "refuted", "assertedDate": "2017"}, "STU3", False),
        ({"resourceType": "MedicationStatement", "status": "active", "taken": "y", **DRUG}, "STU3", True),
        ({"resourceType": "MedicationStatement", "status": "active", "taken": "n", **DRUG}, "STU3", False),
        ({"resourceType": "MedicationStatement", "status": "active", "patient": WHO, "wasNotTaken": True, **DRUG}, "DSTU2", False),
        ({"resourceType": "MedicationStatement", "status": "active", "patient": WHO, **DRUG}, "DSTU2", True),
        ({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "context": {}, **DRUG}, "STU3", True),
        ({"resourceType": "MedicationDispense", "status": "completed", "notDone": True, **DRUG}, "STU3", False),
        ({"resourceType": "MedicationAdministration", "status": "completed", "notGiven": True, **DRUG}, "STU3", False),
        ({"resourceType": "MedicationAdministration", "status": "completed", "wasNotGiven": True, "patient": WHO, **DRUG}, "DSTU2", False),
        ({"resourceType": "Procedure", "status": "completed", "notDone": True, "code": {"text": "ECT"}}, "STU3", False),
        ({"resourceType": "Procedure", "status": "aborted", "context": {}, "code": {"text": "ECT"}}, "STU3", True),
        ({"resourceType": "Encounter", "status": "finished", "class": "inpatient"}, "DSTU2", True),
        ({"resourceType": "Encounter", "status": "finished", "reason": [{"text": "low mood"}]}, "STU3", True),
        ({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueInteger": 1, "comment": "c"}, "STU3", True),
        ({"resourceType": "AllergyIntolerance", "patient": WHO, "substance": {"text": "x"}, "status": "confirmed"}, "DSTU2", True),
        ({"resourceType": "AllergyIntolerance", "patient": WHO, "substance": {"text": "x"}, "status": "refuted"}, "DSTU2", False),
        ({"resourceType": "AllergyIntolerance", "patient": WHO, "code": {"text": "x"}, "clinicalStatus": "active"}, "STU3", True),
        ({"resourceType": "Device", "patient": WHO, "status": "active", "udi": {"name": "n"}, "type": {"text": "clip"}}, "STU3", True),
        ({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medication": {"concept": {"text": "x"}}}, "R5", True),
        ({"resourceType": "MedicationStatement", "status": "recorded", "medication": {"concept": {"text": "x"}},
          "adherence": {"code": {"coding": [{"code": "not-taking"}]}}}, "R5", False),
        ({"resourceType": "Procedure", "status": "completed", "code": {"text": "ECT"}, "occurrenceDateTime": "2024"}, "R5", True),
        ({"resourceType": "AllergyIntolerance", "patient": WHO, "code": {"text": "x"}, "type": {"text": "allergy"}}, "R5", True),
        ({"resourceType": "Device", "patient": WHO, "status": "active", "name": [{"value": "clip"}]}, "R5", True),
    ],
)  # fmt: skip
def test_versions_are_told_by_shape(read_one: ReadOne, resource: Resource, version: str, used: bool) -> None:
    """Each shape is recognized; what the older version says did not happen is kept aside, the rest is read and marked."""
    assert version_of(resource) == version
    person, reading = read_one({"id": "x", **resource})
    facts = list(person.facts())
    assert bool(facts) is used, reading.account.as_dict()
    assert all(fact.origin.fhir_version == version for fact in facts)
    assert reading.account.kept_not_used == (not used)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "QuestionnaireResponse", "group": {"linkId": "g"}, "status": "completed"},
        {"resourceType": "Coverage", "issuer": {"display": "Acme"}, "status": "active"},
        {"resourceType": "DeviceUsage", "status": "active", "patient": WHO},
    ],
)
def test_shapes_that_are_not_read_are_refused_by_name(read_one: ReadOne, resource: Resource) -> None:
    """What cannot be brought to R4 with certainty is refused with its version and the mend."""
    _, reading = read_one({"id": "x", **resource})
    (refused,) = reading.account.refused
    assert resource["resourceType"] in refused.reason
    assert "FHIR" in refused.reason
    assert "R4" in refused.mend


def test_stu3_details(read_one: ReadOne) -> None:
    """STU3: the grouping of a Coverage, the dose of an order, the day a diagnosis was asserted."""
    person, _ = read_one(
        {
            "resourceType": "Coverage",
            "id": "k",
            "status": "active",
            "beneficiary": WHO,
            "payor": [{"display": "Acme"}],
            "grouping": {"group": "g", "groupDisplay": "Group", "plan": "p", "planDisplay": "Gold"},
        }
    )
    assert only(person).plan == "Gold"
    person, _ = read_one(
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "requester": {"agent": {"display": "Dr"}},
            "dosageInstruction": [{**DAILY, "doseQuantity": {"value": 50, "unit": "mg"}}],
            **DRUG,
        }
    )
    assert (only(person).doses[0].amount_low, only(person).origin.fhir_version) == (50, "STU3")
    person, _ = read_one({"resourceType": "Condition", "id": "c", "code": {"text": "x"}, "assertedDate": "2017-05"})
    assert str(only(person).recorded) == "2017-05"


def test_r5_details(read_one: ReadOne) -> None:
    """R5: drugs, reasons and diagnoses as CodeableReferences, classes as lists, periods under their new names."""
    person, _ = read_one(
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "medication": {"reference": {"reference": "Medication/d"}},
            "reason": [{"concept": {"text": "depression"}}],
            "dosageInstruction": [
                {**DAILY, "asNeeded": True, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
            ],
        },
        {
            "resourceType": "Medication",
            "id": "d",
            "code": {"text": "sertraline tablet"},
            "doseForm": {"text": "tablet"},
            "ingredient": [
                {
                    "item": {"concept": {"text": "sertraline"}},
                    "strengthRatio": {"numerator": {"value": 50, "unit": "mg"}},
                }
            ],
        },
    )
    order = only(person)
    assert (order.text, order.form, order.reason_text, order.doses[0].as_needed) == (
        "sertraline tablet",
        "tablet",
        "depression",
        True,
    )
    assert (order.ingredients[0].text, order.ingredients[0].amount, order.ingredients[0].unit) == (
        "sertraline",
        50,
        "mg",
    )
    person, _ = read_one(
        {
            "resourceType": "Encounter",
            "id": "e",
            "status": "completed",
            "class": [{"coding": [{"code": "IMP"}]}],
            "actualPeriod": {"start": "2025-01-01"},
            "reason": [{"value": [{"concept": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}}]}],
            "diagnosis": [
                {"condition": [{"concept": {"coding": [{"system": "http://snomed.info/sct", "code": "2"}]}}]}
            ],
        }
    )
    encounter = only(person)
    assert (encounter.kind, str(encounter.start)) == ("IMP", "2025-01-01")
    assert [c.code for c in encounter.reasons] == ["1", "2"]
    person, _ = read_one(
        {
            "resourceType": "Coverage",
            "id": "k",
            "status": "active",
            "kind": "insurance",
            "beneficiary": WHO,
            "insurer": {"display": "Acme"},
            "class": [{"type": {"coding": [{"code": "plan"}]}, "value": {"value": "gold"}}],
        }
    )
    assert (only(person).payer, only(person).plan) == ("Acme", "gold")


def test_a_plain_r4_chart_bears_no_mark(read_one: ReadOne) -> None:
    """Nothing of R4 is taken for another version."""
    person, reading = read_one(
        {
            "resourceType": "Condition",
            "id": "c",
            "code": {"text": "x"},
            "clinicalStatus": {"coding": [{"code": "active"}]},
        }
    )
    assert only(person).origin.fhir_version == "R4"
    assert reading.account.problems == ()
