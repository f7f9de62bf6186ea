"""What goes from the payer desk to the payer, and what comes back."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from inconcert.web.models import Authorization
from support.desk_forms import SENT, form, post


def test_the_packet_is_a_pdf_of_todays_chart(town: Any, request_of: Any) -> None:
    """The request packet comes as a PDF under a name of ours; without a refusal there is nothing to appeal."""
    found = request_of(policy_id="cigna-evernorth-tms")
    client = town.client("authorization")
    packet = client.get(reverse("authorization_packet", args=[found.public_id, "necessity"]))
    assert packet.content.startswith(b"%PDF")
    assert str(found.public_id) in packet["Content-Disposition"]
    refused = client.get(reverse("authorization_packet", args=[found.public_id, "appeal"]))
    assert refused.status_code == 400
    assert "Nothing was refused" in refused.content.decode()


EXTENSION = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"
SETTINGS = "review_actions: {EXAMPLE-YES: approved, EXAMPLE-NO: denied}\n"


def answer_to(bundle: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An approval of 30 sessions, as a payer's system would answer this request."""
    claim = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Claim")
    action = {
        "url": EXTENSION + "reviewAction",
        "extension": [
            {"url": "number", "valueString": "AUTH-77"},
            {"url": EXTENSION + "reviewActionCode", "valueCodeableConcept": {"coding": [{"system": "https://codesystem.x12.org/005010/306", "code": "EXAMPLE-YES"}]}},
        ],
    }  # fmt: skip
    item = {
        "itemSequence": 1,
        "extension": [
            {"url": EXTENSION + "itemPreAuthPeriod", "valuePeriod": {"start": "2026-12-01", "end": "2027-02-28"}},
            {"url": EXTENSION + "itemAuthorizedDetail", "extension": [{"url": "quantity", "valueQuantity": {"value": 30, "unit": "sessions"}}]},
        ],
        "adjudication": [{"category": {"coding": [{"code": "submitted"}]}, "extension": [action]}],
    }  # fmt: skip
    response = {
        "resourceType": "ClaimResponse", "id": "answer-1", "identifier": copy.deepcopy(claim.get("identifier", [])),
        "status": "active", "type": claim["type"], "use": "preauthorization", "patient": claim["patient"],
        "created": "2026-11-20T10:00:00Z", "insurer": claim["insurer"], "request": {"reference": f"Claim/{claim['id']}"},
        "outcome": "complete", "item": [item],
    } | more  # fmt: skip
    party = [e for e in bundle["entry"] if e["resource"]["resourceType"] in ("Patient", "Organization")]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "https://payer.invalid/ClaimResponse/answer-1", "resource": response}, *party]}  # fmt: skip


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's payer settings, with made-up codes."""
    path = tmp_path / "payers.yaml"
    path.write_text(SETTINGS)
    monkeypatch.setenv("INCONCERT_CLINIC_SETTINGS", str(path))


def upload(town: Any, found: Authorization, data: bytes) -> Any:
    """Upload a payer's answer."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("answer.json", data, content_type="application/json")
    return town.client("authorization").post(
        reverse("authorization_response", args=[found.public_id]), {"response": file}
    )


@pytest.mark.usefixtures("settings_file")
def test_a_payers_answer_is_read_and_a_person_writes_it_down(town: Any, request_of: Any) -> None:
    """Bundle out, answer in: nothing enters the history by itself; the form comes filled in with what the payer said."""
    from inconcert.web.desk_papers import content

    found = request_of(policy_id="cigna-evernorth-tms")
    post(town, found, "send", **form(found, **SENT), confirmed="yes")
    client = town.client("authorization")
    assert client.post(reverse("authorization_bundle", args=[found.public_id])).status_code == 302
    made = found.files.get(kind="request")
    bundle = json.loads(content(made))
    downloaded = client.get(reverse("authorization_file", args=[found.public_id, made.public_id]))
    assert json.loads(downloaded.content) == bundle
    assert upload(town, found, json.dumps(answer_to(bundle)).encode()).status_code == 302
    assert found.entries.count() == 2
    page = client.get(reverse("authorization", args=[found.public_id])).content.decode()
    assert "AUTH-77" in page
    filled = client.get(
        reverse("authorization_move", args=[found.public_id, "approve"]),
        {"units": "30", "unit": "sessions", "starts_on": "2026-12-01", "ends_on": "2027-02-28", "reference": "AUTH-77"},
    ).content.decode()
    for value in ('value="30"', 'value="2026-12-01"', 'value="AUTH-77"'):
        assert value in filled
    assert "units=30" in page


@pytest.mark.usefixtures("settings_file")
@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1]", b'{"resourceType":"Patient"}', b"<xml/>", b'{"resourceType":"ClaimResponse"}']
)
def test_a_file_that_is_no_answer_is_refused_with_its_mend(town: Any, request_of: Any, data: bytes) -> None:
    """Whatever comes in the place of an answer: a page that says what is wrong, and nothing kept."""
    found = request_of(policy_id="cigna-evernorth-tms")
    town.client("authorization").post(reverse("authorization_bundle", args=[found.public_id]))
    page = upload(town, found, data)
    assert page.status_code == 400
    assert "Mend:" in page.content.decode()
    assert not found.files.filter(kind="response").exists()


@pytest.mark.usefixtures("settings_file")
def test_an_answer_to_another_claim_is_refused(town: Any, request_of: Any) -> None:
    """An answer that names another request is not taken for this one's."""
    from inconcert.web.desk_papers import content

    found = request_of(policy_id="cigna-evernorth-tms")
    town.client("authorization").post(reverse("authorization_bundle", args=[found.public_id]))
    bundle = json.loads(content(found.files.get()))
    other = answer_to(bundle, request={"reference": "Claim/somebody-else"}, identifier=[{"system": "x", "value": "y"}])
    assert upload(town, found, json.dumps(other).encode()).status_code == 400


def test_without_a_request_no_answer_can_be_read(town: Any, request_of: Any) -> None:
    """An answer is only read against the request it answers."""
    page = upload(town, request_of(), b"{}")
    assert page.status_code == 400
    assert "No PAS request was made here" in page.content.decode()


def test_an_appeal_packet_is_made_where_something_was_refused(town: Any, request_of: Any) -> None:
    """After a refusal the appeal can be taken as a PDF; what it lacks is said, never made up."""
    found = request_of(policy_id="cigna-evernorth-tms")
    post(town, found, "send", **form(found, **SENT), confirmed="yes")
    post(
        town,
        found,
        "deny",
        **form(found, reason="Too few trials of antidepressants.", notice_on="2026-01-02"),
        confirmed="yes",
    )
    client, address = town.client("authorization"), reverse("authorization_packet", args=[found.public_id, "appeal"])
    for criterion in ("", "no_such_criterion"):
        page = client.get(address, {"criterion": criterion})
        assert page.status_code == 400
        assert "Mend:" in page.content.decode()
    offered = client.get(reverse("authorization", args=[found.public_id])).content.decode()
    assert '<option value="adequate_antidepressant_trials">' in offered
    assert client.get(address, {"criterion": "adequate_antidepressant_trials"}).content.startswith(b"%PDF")
