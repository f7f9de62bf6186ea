"""The payer desk: what is written down, what is refused, what stays, and who sees it."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inconcert.payers.authorization import AuthorizationState
from inconcert.web import desk_board, desk_entries
from inconcert.web.models import AccessEvent, Authorization, AuthorizationEntry, DeskNumber
from support.desk_forms import SENT, YESTERDAY, form, member_of, post, state


def test_what_leaves_the_house_is_shown_again_before_it_is_written(town: Any, request_of: Any) -> None:
    """The first sending of the form writes nothing and shows what would follow; only the confirmed one is written down."""
    found = request_of(payer_kind="medicare_advantage")
    sent = form(found, **SENT)
    page = post(town, found, "send", **sent)
    assert page.status_code == 200
    assert "Write this down?" in page.content.decode()
    assert "The payer decides" in page.content.decode()
    assert found.entries.count() == 1
    done = post(town, found, "send", **sent, confirmed="yes")
    assert done.status_code == 302
    assert state(found) is AuthorizationState.SENT
    entry = found.entries.last()
    assert (entry.kind, entry.recorded_by, entry.role) == ("send", "authorization", "authorization")


def test_a_form_sent_twice_is_one_entry(town: Any, request_of: Any) -> None:
    """A double click or a retry adds nothing."""
    found = request_of()
    sent = form(found, text="Called the payer.")
    assert post(town, found, "note", **sent).status_code == 302
    assert post(town, found, "note", **sent).status_code == 302
    assert found.entries.filter(kind="note").count() == 1


def test_a_request_started_twice_is_one_request(town: Any) -> None:
    """The form that starts a request may be sent twice as well."""
    address = reverse("authorization_new", args=[town.patient.public_id])
    sent = {"entry_id": str(uuid.uuid4()), "happened_on": YESTERDAY.isoformat(), "fact-service": "rtms"}
    places = {town.client("authorization").post(address, sent)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Authorization.objects.filter(patient=town.patient).count() == 1


def test_who_did_not_see_the_last_entry_decides_nothing(town: Any, request_of: Any) -> None:
    """Somebody else wrote in the meantime: nothing is written, and the page says so."""
    found = request_of()
    stale = form(found, reason="moved away")
    post(town, found, "note", **form(found, text="The person stays with us."))
    page = post(town, found, "withdraw", **stale, confirmed="yes")
    assert page.status_code == 400
    assert "Somebody else" in page.content.decode()
    assert state(found) is AuthorizationState.DRAFT


@pytest.mark.parametrize(
    ("move", "facts", "said"),
    [
        ("approve", {}, "does not follow"),
        ("send", {"payer": "Harbor"}, "missing"),
        ("send", SENT | {"channel": "pigeon"}, "choices"),
        ("note", {}, "missing"),
        ("detail", {"policy_id": "none-such"}, "not in the library"),
    ],
)
def test_a_refused_form_says_why_and_writes_nothing(
    town: Any, request_of: Any, move: str, facts: dict[str, Any], said: str
) -> None:
    """Each refusal stands on the page with its mend, and what was typed is still there."""
    found = request_of()
    needed = {"units": 36, "unit": "sessions", "starts_on": "2026-01-01", "ends_on": "2099-12-31", "reference": "A-1"}
    page = post(town, found, move, **form(found, **(needed if move == "approve" else facts)), confirmed="yes")
    assert page.status_code == 400
    text = page.content.decode()
    assert said in text
    assert "Mend:" in text
    assert found.entries.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("happened_on", "2026-02-30"), ("happened_on", ""), ("happened_time", "25:00"), ("seen", "x"), ("entry_id", "7")]
)  # fmt: skip
def test_a_form_that_is_not_whole_is_refused(town: Any, request_of: Any, field: str, value: str) -> None:
    """Days and times that are none, and forms that were tampered with, never end in a fault."""
    found = request_of()
    assert post(town, found, "note", **(form(found, text="x") | {field: value})).status_code == 400
    assert found.entries.count() == 1


def test_a_time_that_was_twice_is_asked_about(town: Any, request_of: Any) -> None:
    """In the night the clocks go back, the form asks which of the two times it was, and keeps that one."""
    town.here.time_zone = "America/New_York"
    town.here.save()
    found = request_of()
    sent = form(found, date(2020, 11, 1), text="Called.") | {"happened_time": "01:30"}
    page = post(town, found, "note", **sent)
    assert page.status_code == 400
    assert "Which one?" in page.content.decode()
    post(town, found, "note", **sent, happened_which="second")
    assert found.entries.last().happened_at == datetime(2020, 11, 1, 6, 30, tzinfo=UTC)
    assert found.entries.last().utc_offset_minutes == -300


def test_a_correction_stands_beside_what_it_corrects(town: Any, request_of: Any) -> None:
    """Both entries are in the history, the old one struck through, and the state follows the right one."""
    found = request_of()
    post(town, found, "send", **form(found, **SENT), confirmed="yes")
    post(town, found, "deny", **form(found, reason="Wrong letter."), confirmed="yes")
    denied = found.entries.get(kind="deny")
    address = reverse("authorization_correct", args=[found.public_id, denied.public_id])
    refused = town.client("authorization").post(address, form(found) | {"void": "yes"})
    assert refused.status_code == 400
    done = town.client("authorization").post(address, form(found) | {"void": "yes", "why": "Another person's letter."})
    assert done.status_code == 302
    assert state(found) is AuthorizationState.SENT
    page = town.client("nurse").get(reverse("authorization", args=[found.public_id])).content.decode()
    assert "struck out by entry 4" in page
    assert "Wrong letter." in page
    assert "Another person&#x27;s letter." in page


def test_it_is_told_as_it_stood_on_a_day(town: Any, request_of: Any) -> None:
    """As of an earlier day the page shows the state of then and no form; before the start it says that there was none."""
    found = request_of(payer_kind="medicare_advantage")
    post(town, found, "send", **form(found, **SENT), confirmed="yes")
    client, address = town.client("authorization"), reverse("authorization", args=[found.public_id])
    page = client.get(f"{address}?as_of=2020-01-06").content.decode()
    assert '<span class="state state-unknown">' in page
    assert "draft</span>" in page
    assert "/do/" not in page
    assert "/correct/" not in page
    assert "sent</span>" in client.get(address).content.decode()
    assert "no request yet" in client.get(f"{address}?as_of=2019-12-31").content.decode()
    assert "not a day that exists" in client.get(f"{address}?as_of=2026-02-30").content.decode()


def test_a_decision_that_came_late_is_called_late(town: Any, request_of: Any) -> None:
    """Received in January 2020, refused yesterday: the page says that the payer decided after its limit."""
    found = request_of(payer_kind="medicare_advantage")
    post(town, found, "send", **form(found, date(2020, 1, 6), **SENT), confirmed="yes")
    post(town, found, "receive", **form(found, date(2020, 1, 6), reference="R-1"))
    post(town, found, "deny", **form(found, reason="Too few trials."), confirmed="yes")
    page = town.client("nurse").get(reverse("authorization", args=[found.public_id])).content.decode()
    assert "decided late" in page
    assert "after its limit (2020-01-20)" in page


@pytest.mark.parametrize("table", ["authorization", "authorizationentry", "authorizationfile", "desknumber"])
@pytest.mark.parametrize(
    "statement", ["UPDATE web_{} SET id = id", "DELETE FROM web_{}", "REPLACE INTO web_{0} SELECT * FROM web_{0}"]
)
def test_the_database_itself_refuses_to_change_what_was_written(
    town: Any, request_of: Any, table: str, statement: str
) -> None:
    """UPDATE, DELETE and SQLite's REPLACE are stopped by triggers, whoever asks."""
    if connection.vendor != "sqlite" and statement.startswith("REPLACE"):
        pytest.skip("REPLACE is a word of SQLite")
    from inconcert.web import desk_papers

    desk_papers.keep(request_of(), "response", "a.json", b"{}", {}, member_of(town))
    DeskNumber.objects.create(clinic=town.here, setting="few_units", value=3, set_by="x")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_an_entry_changed_behind_the_program_s_back_is_found(town: Any, request_of: Any) -> None:
    """With the triggers away somebody changes a number: the page says that it cannot be relied on."""
    if connection.vendor != "sqlite":
        pytest.skip("the triggers have other names there")
    found = request_of()
    post(town, found, "note", **form(found, text="They said 36."))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER authorizationentry_no_update")
        cursor.execute('UPDATE web_authorizationentry SET facts = \'{"text":"They said 63."}\' WHERE sequence = 2')
    entries = list(found.entries.order_by("sequence"))
    assert desk_entries.broken_at(found, entries) == 2
    page = town.client("nurse").get(reverse("authorization", args=[found.public_id])).content.decode()
    assert "changed behind the program" in page


def test_whoever_only_reads_sees_no_button_and_writes_nothing(town: Any, request_of: Any) -> None:
    """A nurse or operator sees how it stands; forms are not offered, and sending one is refused and noted."""
    found = request_of()
    for who in ("nurse", "tms_operator"):
        page = town.client(who).get(reverse("authorization", args=[found.public_id])).content.decode()
        assert "writes nothing here" in page
        assert "/do/" not in page
        assert post(town, found, "note", who=who, **form(found, text="x")).status_code == 403
    assert found.entries.count() == 1
    assert AccessEvent.objects.filter(username="nurse", outcome="refused").exists()


def test_every_look_and_every_entry_is_in_the_access_log_without_its_words(town: Any, request_of: Any) -> None:
    """Who looked and who wrote is noted with the patient's id; reasons, payers and numbers are not."""
    found = request_of(payer="Harbor of Invention")
    town.client("nurse").get(reverse("authorization", args=[found.public_id]))
    post(town, found, "note", **form(found, text="A secret remark."))
    events = list(AccessEvent.objects.filter(patient=str(town.patient.public_id)).values())
    assert {e["action"] for e in events} >= {"view authorization", "authorization: note"}
    assert not any(word in json.dumps(events, default=str) for word in ("secret", "Harbor", town.patient.family))


def test_the_queue_is_filtered_and_says_when_it_is_empty(town: Any, request_of: Any) -> None:
    """Without requests the desk says how one begins; with one, filters and words find it, and nobody else's clinic does."""
    client, address = town.client("authorization"), reverse("desk")
    assert "No requests yet" in client.get(address).content.decode()
    request_of(payer="Harbor")
    name = town.patient.display_name
    for query in ("", "?lane=due_soon", "?service=rtms", "?state=draft", "?q=harbor", f"?q={town.patient.family}"):
        assert name in client.get(address + query).content.decode(), query
    for query in ("?lane=closed", "?service=esketamine", "?state=sent", "?q=nobody"):
        page = client.get(address + query).content.decode()
        assert name not in page
        assert "Nothing stands here" in page
    assert name not in town.client("outsider").get(address).content.decode()


def test_a_long_queue_has_pages(town: Any, request_of: Any) -> None:
    """A hundred requests stand on a page; the rest on the next, and the count is of all."""
    for _ in range(103):
        request_of()
    client, address = town.client("authorization"), reverse("desk")
    rows = [client.get(f"{address}?page={n}").content.decode().count('<tr>\n    <th scope="row">') for n in (1, 2)]
    assert rows == [100, 3]
    assert "103 of 103 requests" in client.get(address).content.decode()


def test_more_requests_need_no_more_queries(town: Any, request_of: Any) -> None:
    """The queue of eleven is read with as many queries as the queue of one."""
    client, counts = town.client("authorization"), []
    approved = {"units": 36, "unit": "sessions", "starts_on": "2026-01-01", "ends_on": "2099-12-31", "reference": "A-1"}
    for many in (1, 10):
        for _ in range(many):
            found = request_of()
            post(town, found, "send", **form(found, **SENT), confirmed="yes")
            post(town, found, "approve", **form(found, **approved), confirmed="yes")
        client.get(reverse("desk"))  # the first look computes what is kept
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("desk"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_a_clinic_sets_its_warnings_and_what_it_set_before_stays(town: Any) -> None:
    """The administrator changes a number; one out of range is refused; both old and new stand on record."""
    client, address = town.client("admin"), reverse("desk_settings")
    assert client.post(address, {"few_units": "9"}).status_code == 302
    assert client.post(address, {"few_units": "900"}).status_code == 400
    assert client.post(address, {"few_units": "many"}).status_code == 400
    assert client.post(address, {"few_units": "7"}).status_code == 302
    assert desk_board.limits_of(town.here).few_units == 7
    assert list(DeskNumber.objects.values_list("value", flat=True)) == [9, 7]
    assert desk_board.limits_of(town.elsewhere).few_units == 5


def test_entries_know_their_place(town: Any, request_of: Any) -> None:
    """Places are counted from one without a gap, and each entry carries the hash of the one before it."""
    found = request_of()
    for number in range(3):
        post(town, found, "note", **form(found, text=f"Note {number}."))
    entries = list(AuthorizationEntry.objects.filter(authorization=found).order_by("sequence"))
    assert [e.sequence for e in entries] == [1, 2, 3, 4]
    assert [e.previous_hash for e in entries[1:]] == [e.hash for e in entries[:-1]]
    assert desk_entries.broken_at(found, entries) is None
    assert desk_entries.broken_at(found, [entries[0], *entries[2:]]) == 2
