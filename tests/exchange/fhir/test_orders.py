"""Orders of services, observations that were not made, where a stay ended, and files that name somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inconcert.exchange.fhir import read_bytes
from inconcert.record import Coding

SNOMED = "http://snomed.info/sct"
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "s1",
    "status": "active",
    "intent": "order",
    "code": {"coding": [{"system": SNOMED, "code": "385763009"}]},
    "authoredOn": "2026-01-04T08:00:00+00:00",
}
NOT_MADE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "cancelled",
    "code": {"coding": [{"system": "http://loinc.org", "code": "73832-8"}]},
    "issued": "2026-06-21T08:00:00+00:00",
    "extension": [
        {
            "url": "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneReason",
            "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "720834000"}]},
        }
    ],
}


def test_an_order_of_a_service_is_a_fact_of_its_own(read_one: Callable[..., Any]) -> None:
    """Asked for is not done: it is no procedure."""
    person, _ = read_one({**ORDER, "doNotPerform": True})
    (found,) = person.service_orders
    assert (found.status, found.intent, found.do_not_perform) == ("active", "order", True)
    assert str(found.authored) == "2026-01-04T08:00:00+00:00"
    assert person.procedures == ()


@pytest.mark.parametrize("status", ["draft", "revoked", "entered-in-error"])
def test_an_order_that_does_not_stand_is_kept_aside(status: str, read_one: Callable[..., Any]) -> None:
    """A draft or a revoked order asks for nothing."""
    person, reading = read_one({**ORDER, "status": status})
    assert person.service_orders == ()
    assert reading.account.as_dict()["by_type"]["ServiceRequest"]["kept_not_used"] == 1


@pytest.mark.parametrize(("change", "path"), [({"code": {}}, "code"), ({"status": "going"}, "status")])
def test_an_order_that_says_nothing_is_refused(change: dict[str, Any], path: str, read_one: Callable[..., Any]) -> None:
    """What is asked for, and whether it stands, must be said."""
    _, reading = read_one({**ORDER, **change})
    (refused,) = reading.account.as_dict()["refused"]
    assert refused["path"] == f"ServiceRequest.{path}"


def test_an_observation_that_was_not_made_keeps_its_reason(read_one: Callable[..., Any]) -> None:
    """It is no measurement, and says what was to be observed and why it was not."""
    person, _ = read_one(NOT_MADE)
    (found,) = person.not_done
    assert found.reasons == (Coding(SNOMED, "720834000"),)
    assert found.codings[0].code == "73832-8"
    assert person.measurements == ()


def test_a_cancelled_observation_without_a_reason_is_kept_aside(read_one: Callable[..., Any]) -> None:
    """Nothing can be learned from it."""
    person, reading = read_one({**NOT_MADE, "extension": []})
    assert person.not_done == ()
    assert reading.account.as_dict()["by_type"]["Observation"]["kept_not_used"] == 1


def test_a_stay_says_where_the_person_went(read_one: Callable[..., Any]) -> None:
    """The discharge disposition of an encounter is read with its codes."""
    stay = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "IMP"},
        "hospitalization": {"dischargeDisposition": {"coding": [{"system": SNOMED, "code": "428361000124107"}]}},
    }
    person, _ = read_one(stay)
    assert person.encounters[0].discharge == (Coding(SNOMED, "428361000124107"),)


def test_a_condition_says_what_sort_of_entry_it_is(read_one: Callable[..., Any]) -> None:
    """Problem list or diagnosis of one encounter: the category is kept."""
    kind = {"system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "encounter-diagnosis"}
    person, _ = read_one(
        {"resourceType": "Condition", "id": "c1", "code": {"text": "depression"}, "category": [{"coding": [kind]}]}
    )
    assert [c.code for c in person.conditions[0].categories] == ["encounter-diagnosis"]


@pytest.mark.parametrize(("vouched", "orders"), [(False, 0), (True, 1)])
def test_a_record_of_somebody_not_there_is_refused_unless_the_caller_vouches(
    patient: dict[str, Any], vouched: bool, orders: int
) -> None:
    """A fact is never given to somebody else; only who says that the file is about one person may have it so, and it is noted."""
    stray = {**ORDER, "subject": {"reference": "http://elsewhere.example/fhir/Patient/46464646"}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": stray}]}
    reading = read_bytes(json.dumps(bundle).encode(), "chart.json", one_person=vouched)
    account = reading.account.as_dict()
    assert len(reading.people[0].service_orders) == orders
    assert account["refused_count"] == 1 - orders
    assert any("as you vouched" in p["reason"] for p in account["problems"]) is vouched


def test_vouching_gives_nothing_away_where_there_are_two_people(patient: dict[str, Any]) -> None:
    """With two patients in the file nobody can be assumed, whoever vouches."""
    stray = {**ORDER, "subject": {"reference": "Patient/nobody"}}
    entries = [{"resource": r} for r in (patient, {**patient, "id": "p2"}, stray)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    reading = read_bytes(json.dumps(bundle).encode(), "chart.json", one_person=True)
    assert reading.account.as_dict()["refused_count"] == 1
