"""The access log: everything is in it, nothing leaves it, and no value of a chart enters it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from inconcert.web import audit
from inconcert.web.models import AccessEvent
from inconcert.web.permissions import DOORS, Action


@pytest.mark.parametrize(
    "name", ["patient", "patient_files", "patient_picture", "patient_numbers", "patient_report", "patient_record"]
)
def test_every_view_of_a_chart_is_noted(town: Any, name: str) -> None:
    """Who looked at which patient, and when, is in the log after any page about them."""
    extra = {"patient_report": ["json"], "patient_record": [town.patient.parts.get().upload.resources.first().key]}
    town.client("psychiatrist").get(reverse(name, args=[town.patient.public_id, *extra.get(name, [])]))
    event = AccessEvent.objects.order_by("-sequence")[0]
    assert (event.username, event.role, event.patient) == ("psychiatrist", "psychiatrist", str(town.patient.public_id))


def test_every_address_with_a_patient_is_among_those_tested() -> None:
    """A new page about a patient must be added to the test above (the policy page is tested with an assessment)."""
    tested = {"patient", "patient_files", "patient_picture", "patient_numbers", "patient_report", "patient_record"}
    about = {n for n, door in DOORS.items() if n.startswith("patient") and isinstance(door, Action)}
    assert about - tested == {"patients", "patient_policy"}


def test_the_log_holds_no_value_of_a_chart(town: Any) -> None:
    """Names, birth dates, searches and file names are not in it."""
    client = town.client("psychiatrist")
    client.get(reverse("patients") + f"?q={town.patient.family}")
    client.get(reverse("patient", args=[town.patient.public_id]))
    text = json.dumps(list(AccessEvent.objects.values()), default=str)
    for value in (town.patient.family, town.patient.given, town.patient.birth, "chart.json"):
        assert value not in text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE web_accessevent SET username = 'nobody' WHERE sequence = 2",
        "DELETE FROM web_accessevent WHERE sequence = 2",
        (
            "REPLACE INTO web_accessevent SELECT id, sequence, at, 'nobody', role, clinic, action, kind, object_id,"
            " patient, outcome, address, previous_hash, hash FROM web_accessevent WHERE sequence = 2"
        ),
    ],
)
def test_the_database_itself_refuses_to_change_the_log(town: Any, statement: str) -> None:
    """UPDATE, DELETE and SQLite's REPLACE are stopped by triggers, whoever asks."""
    if connection.vendor != "sqlite" and statement.startswith("REPLACE"):
        pytest.skip("REPLACE is a word of SQLite")
    for _ in range(3):
        audit.append("test")
    before = list(AccessEvent.objects.values())
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AccessEvent.objects.values()) == before


def events(count: int) -> list[AccessEvent]:
    """A chain of events in order."""
    for number in range(count):
        audit.append("test", object_id=str(number))
    return list(AccessEvent.objects.order_by("sequence"))


def test_a_chain_nobody_touched_holds(db: None) -> None:
    """From the first event to the last each hash covers the one before."""
    assert audit.broken_at(events(20)) is None
    assert audit.broken_at([]) is None


@pytest.mark.parametrize(
    "field", ["username", "role", "clinic", "action", "kind", "object_id", "patient", "outcome", "address"]
)
def test_a_changed_field_breaks_the_chain(db: None, field: str) -> None:
    """One changed value behind the program's back is found at its event."""
    chain = events(5)
    setattr(chain[2], field, "changed")
    assert audit.broken_at(chain) == 3


def test_a_removed_or_swapped_event_breaks_the_chain(db: None) -> None:
    """So is an event taken out, two swapped, or the time moved."""
    chain = events(5)
    assert audit.broken_at([*chain[:2], *chain[3:]]) == 3
    assert audit.broken_at([chain[0], chain[2], chain[1], *chain[3:]]) == 2
    chain[3].at = chain[3].at.replace(year=2001)
    assert audit.broken_at(chain) == 4


def test_a_shortened_log_is_found_by_its_head(db: None) -> None:
    """Events cut off the end leave a whole chain, but not the head that was noted elsewhere."""
    chain = events(5)
    assert audit.broken_at(chain[:4]) is None
    assert (chain[3].sequence, chain[3].hash) != audit.head()


def test_the_administrator_sees_the_log_and_that_it_holds(town: Any) -> None:
    """The page lists the clinic's own events and says whether the chain holds."""
    town.client("psychiatrist").get(reverse("patients"))
    town.client("outsider").get(reverse("patients"))
    page = town.client("admin").get(reverse("access_log")).content.decode()
    assert "the chain of hashes holds" in page
    assert "psychiatrist" in page
    assert "outsider" not in page
    assert "list patients" in town.client("admin").get(reverse("access_log") + "?action=list+patients").content.decode()
    assert "Nothing fits" in town.client("admin").get(reverse("access_log") + "?username=nobody").content.decode()
