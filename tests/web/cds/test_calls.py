"""The doors for EHRs, asked as an EHR asks: sizes, kinds, origins, the access log."""

from __future__ import annotations

import dataclasses
import json
import socket
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from inconcert.web import audit
from inconcert.web.models import AccessEvent
from support.crd_calls import call
from support.ehr import ISSUER, OTHER, SIGN, URL, Json, no_socket, post, said, token


def test_discovery_lists_the_four_hooks_and_what_to_send(town: Any) -> None:
    """Anybody may read which services there are, and each says what prefetch it wants."""
    response = Client().get("/cds-services")
    assert response.status_code == 200
    found = {s["hook"]: s for s in response.json()["services"]}
    assert set(found) == {"order-sign", "order-select", "order-dispatch", "appointment-book"}
    assert all(s["prefetch"]["patient"] == "Patient/{{context.patientId}}" for s in found.values())


def test_no_call_goes_out_whatever_the_request_offers(ehr: Any, body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """The EHR's address and its access token are not used, even where the prefetch is empty."""
    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "create_connection", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    assert post(body).status_code == 200
    assert post({**body, "prefetch": {}}).status_code == 200


def test_nothing_set_up_means_nobody_may_call(town: Any, body: Json) -> None:
    """Without settings the service refuses, even a token that would be good elsewhere."""
    response = post(body)
    assert response.status_code == 503
    assert "INCONCERT_CDS_" in said(response)


def test_a_demonstration_answers_this_machine_only(town: Any, body: Json) -> None:
    """With the demonstration setting a call from this machine needs no token; one from elsewhere is refused."""
    before = settings.CDS
    settings.CDS = dataclasses.replace(before, demo=True)
    try:
        assert post(body, bearer="").status_code == 200
        assert post(body, bearer="", REMOTE_ADDR="10.0.0.7").status_code == 503
        assert post(body, bearer="abc").status_code == 503  # a token that is there is never passed over
    finally:
        settings.CDS = before


def test_being_signed_in_counts_for_nothing(ehr: Any, body: Json) -> None:
    """A page that sends a signed-in clinician's cookies along gets no answer."""
    client = ehr.client("psychiatrist")
    response = client.post(SIGN, json.dumps(body), content_type="application/json")
    assert response.status_code == 401


def test_an_unknown_service_is_not_found(ehr: Any, body: Json) -> None:
    """A service id that is none of ours is 404, and so is a hook that CRD has and we do not."""
    for name in ("x", "order-sign", "inconcert-encounter-start", "inconcert-", "inconcert-order-sign/feedback"):
        assert post(body, address=f"/cds-services/{name}").status_code == 404


def test_too_large_a_call_is_refused_before_it_is_read(ehr: Any) -> None:
    """More than the setting allows is 413, whether or not the length was told."""
    settings.CDS = dataclasses.replace(settings.CDS, most_bytes=1000)
    response = post(b" " * 1001)
    assert response.status_code == 413
    assert "Mend" in said(response)


def test_only_json_is_taken(ehr: Any, body: Json) -> None:
    """A form or plain text, which a page may send without asking, is 415."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert post(body, content_type=kind).status_code == 415


def test_only_configured_pages_may_read_an_answer(ehr: Any, body: Json) -> None:
    """A browser is told that a configured origin may read; another origin is told nothing, and cookies never go along."""
    for origin, allowed in (("https://app.ehr.example", True), ("https://evil.example", False), ("null", False)):
        asked = Client().options(SIGN, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
        for response in (asked, post(body, HTTP_ORIGIN=origin), Client().get("/cds-services", HTTP_ORIGIN=origin)):
            assert (response.get("Access-Control-Allow-Origin") == origin) is allowed
            assert "Access-Control-Allow-Credentials" not in response
            assert "Origin" in response["Vary"]
    assert asked.status_code == 204


def test_every_call_is_in_the_access_log_without_a_person_in_it(ehr: Any, body: Json) -> None:
    """Who called which service and what became of it; no patient, no id of the EHR's, and the chain holds."""
    start = AccessEvent.objects.count()
    post(body)
    post(body, bearer=token(OTHER))
    post("{", bearer=token())
    rows = list(AccessEvent.objects.order_by("sequence"))[start:]
    assert [(r.outcome, r.username) for r in rows] == [("allowed", ISSUER), ("refused", ""), ("refused", ISSUER)]
    assert {r.clinic for r in rows} == {str(ehr.here.public_id)}
    written = " ".join(f"{r.action} {r.kind} {r.object_id} {r.patient}" for r in rows)
    assert "complete-and-clean" not in written
    assert "Practitioner" not in written
    assert audit.broken_at() is None


def test_the_clinics_administrator_sees_the_calls(ehr: Any, body: Json) -> None:
    """The access log's page shows who called and which service."""
    post(body)
    page = ehr.client("admin").get("/access-log/").content.decode()
    assert "call inconcert-order-sign" in page
    assert ISSUER in page


def test_nothing_of_a_chart_is_logged(ehr: Any, body: Json, caplog: pytest.LogCaptureFixture) -> None:
    """Good and broken calls leave no name, date or code of a person in any log line."""
    with caplog.at_level(0):
        post(body)
        post(json.dumps(body)[:-1])
        post({**body, "prefetch": "complete-and-clean"})
    assert "complete-and-clean" not in caplog.text
    assert "Invented" not in caplog.text


def test_an_errors_words_repeat_nothing_of_the_call(ehr: Any, body: Json) -> None:
    """A broken request is told where it is broken, not what it said."""
    secret = "Ottoline-Secret"
    for broken in (
        {**body, "hookInstance": secret},
        {**body, "context": {**body["context"], "patientId": f"{secret} x"}},
        {**body, "extension": {"davinci-crd.requestedVersion": secret}},
        json.dumps(body).replace('"order-sign"', f'"{secret}"'),
        json.dumps(body)[:-3] + secret,
    ):
        response = post(broken)
        assert response.status_code == 400
        assert secret not in response.content.decode()


def test_the_form_of_a_policy_can_be_opened_by_its_link(ehr: Any, body: Json) -> None:
    """The card's link leads to the package of that policy, with this very version of the form."""
    answer = post(body).json()
    link = answer["cards"][0]["links"][0]["url"]
    assert link.startswith(f"{URL}/dtr/")
    bundle = Client().get(link.removeprefix(URL)).json()
    form = bundle["entry"][0]["resource"]
    named = [p["valueCanonical"] for p in _parts(answer["systemActions"][0]["resource"]) if p["url"] == "questionnaire"]
    assert f"{form['url']}|{form['version']}" in named
    for wrong in ("/dtr/nothing.json", "/dtr/aetna-tms.json?service=ect", "/dtr/aetna-tms.json?stage=someday"):
        assert Client().get(wrong).status_code == 404


def test_the_link_leads_to_the_form_of_the_service_that_was_ordered(ehr: Any, bundles: dict[str, Json]) -> None:
    """Where a policy speaks of two drugs, the link of the ketamine card opens the ketamine form."""
    infusion = {
        "resourceType": "ServiceRequest",
        "id": "k1",
        "status": "draft",
        "intent": "order",
        "code": {"text": "Ketamine infusion"},
    }
    request = call(bundles["complete-and-clean"], infusion)
    for entry in request["prefetch"]["coverage"]["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            entry["resource"] |= {"payor": [{"display": "Blue Cross Blue Shield of Massachusetts"}], "class": []}
    answer = post(request).json()
    link = next(c["links"][0]["url"] for c in answer["cards"] if "links" in c)
    form = Client().get(link.removeprefix(URL)).json()["entry"][0]["resource"]
    assert form["url"].endswith(":iv_ketamine:initial")
    named = [p["valueCanonical"] for p in _parts(answer["systemActions"][0]["resource"]) if p["url"] == "questionnaire"]
    assert named == [f"{form['url']}|{form['version']}"]


def _parts(order: Json) -> list[Json]:
    return [p for e in order["extension"] for p in e["extension"]]
