"""Copies are found, told and used once; what may be a copy is only pointed out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from inconcert.exchange.fhir import ChartReading, read_bytes, read_chart

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
Order = Callable[..., Resource]


def test_the_same_resource_twice_is_used_once(read: Read, patient: Resource, order: Order) -> None:
    """Same type, id and content (narrative and meta aside): counted in twice, used once, the copy named."""
    copy = {**order(), "text": {"status": "generated", "div": "<div/>"}, "meta": {"versionId": "4"}}
    reading = read(patient, order(), copy)
    assert len(reading.people[0].medications) == 1
    assert (reading.account.resources, reading.account.used, reading.account.kept_not_used) == (3, 2, 1)
    assert "Duplicate of MedicationRequest/m1" in reading.account.kept[0].reason
    assert reading.account.duplicates[0].id == "MedicationRequest/m1"


def test_the_same_bundle_twice_changes_nothing(patient: Resource, order: Order, tmp_path: Any) -> None:
    """A file loaded twice gives the same person, and every copy is in the account."""
    data = json.dumps({"resourceType": "Bundle", "entry": [{"resource": patient}, {"resource": order()}]}).encode()
    once = read_bytes(data, "a.json").people[0]
    (tmp_path / "a.json").write_bytes(data)
    (tmp_path / "b.json").write_bytes(data)
    reading = read_chart(tmp_path)
    assert [list(p.facts()) for p in reading.people] == [list(once.facts())]
    assert reading.account.kept_not_used == 2


def test_the_newest_version_wins_in_any_order(read: Read, patient: Resource, order: Order) -> None:
    """Of several versions under one id the newest by lastUpdated, else by versionId, is used."""
    old = order(status="active", meta={"lastUpdated": "2026-01-05T10:00:00Z"})
    new = order(status="stopped", meta={"lastUpdated": "2026-03-05T10:00:00-05:00"})
    for pair in ((old, new), (new, old)):
        reading = read(patient, *pair)
        assert [m.status for m in reading.people[0].medications] == ["stopped"]
        assert reading.account.kept[0].reason == "An older version of MedicationRequest/m1."
    first, second = order(status="active", meta={"versionId": "9"}), order(status="stopped", meta={"versionId": "10"})
    assert read(patient, first, second).people[0].medications[0].status == "stopped"


def test_contradicting_copies_without_a_version_are_all_refused(read: Read, patient: Resource, order: Order) -> None:
    """Two contents under one id and nothing that says which is newer: neither is chosen by chance."""
    reading = read(patient, order(status="active"), order(status="stopped"))
    assert reading.people[0].medications == ()
    assert reading.account.refused_count == 2
    assert "nothing says which is newer" in reading.account.refused[0].reason


def test_copies_of_two_servers_are_not_compared(patient: Resource, order: Order) -> None:
    """The same id on two servers may be two things; their version numbers say nothing of each other."""
    entries = [{"resource": patient}]
    for server, version, status in (("a", "1", "active"), ("b", "2", "stopped")):
        url = f"https://{server}.example/fhir/MedicationRequest/m1"
        entries.append({"fullUrl": url, "resource": order(status=status, meta={"versionId": version})})
    reading = read_bytes(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), "a.json")
    assert reading.account.refused_count == 2


def test_an_order_repeated_under_another_id_is_used_once(read: Read, patient: Resource, order: Order) -> None:
    """The same words and dates under two ids: the second is kept aside and listed, whatever the order."""
    for pair in (("m1", "m2"), ("m2", "m1")):
        reading = read(patient, *(order(id=name) for name in pair))
        assert [m.id for m in reading.people[0].medications] == ["MedicationRequest/m1"]
        assert reading.account.kept[0].id == "MedicationRequest/m2"
        assert reading.account.duplicates[0].id == "MedicationRequest/m2"


def test_a_likely_repeat_is_used_and_pointed_out(read: Read, patient: Resource, order: Order) -> None:
    """Same drug, dose and day but something else differs: both stay, one is listed as a possible copy."""
    reading = read(patient, order(id="m1"), order(id="m2", status="completed"))
    assert len(reading.people[0].medications) == 2
    assert "Possibly the same" in reading.account.duplicates[0].reason


def test_a_later_order_is_no_copy(read: Read, patient: Resource, order: Order) -> None:
    """A refill, the same in all but its date, is neither dropped nor listed; so is another dose on one day."""
    half = order(id="m3")
    half["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = 50
    reading = read(patient, order(id="m1"), order(id="m2", authoredOn="2026-02-05"), half)
    assert len(reading.people[0].medications) == 3
    assert reading.account.duplicates == ()


def test_two_doses_given_on_one_day_are_two(read: Read, patient: Resource, order: Order) -> None:
    """Administrations of the same drug on the same day without a time are not taken for copies."""
    given = order(
        resourceType="MedicationAdministration",
        status="completed",
        effectiveDateTime="2026-02-01",
        authoredOn=None,
        intent=None,
        dosageInstruction=None,
    )
    reading = read(patient, {**given, "id": "a1"}, {**given, "id": "a2"})
    assert len(reading.people[0].medications) == 2


def test_resources_without_an_id_are_named_by_their_content(read: Read, patient: Resource, order: Order) -> None:
    """Without an id two different resources stay two, two equal ones are one, and the name never depends on order."""
    one, two = order(id=None), order(id=None, authoredOn="2026-04-01")
    forward = read(patient, one, two, one).people[0]
    backward = read(one, two, patient).people[0]
    assert [m.id for m in forward.medications] == [m.id for m in backward.medications]
    assert len(forward.medications) == 2
