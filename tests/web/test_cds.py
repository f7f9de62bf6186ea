"""The doors for EHRs, asked as an EHR asks: tokens, sizes, origins, the access log, and requests that are broken."""

from __future__ import annotations

import copy
import dataclasses
import json
import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from inconcert.exchange.crd.tokens import BadKeys, read_callers
from inconcert.web import audit
from inconcert.web.cds_config import cds_config
from inconcert.web.config import SettingError
from inconcert.web.models import AccessEvent
from support.crd_calls import ESKETAMINE_ORDER, TMS_ORDER, call

Json = dict[str, Any]
URL = "https://clinic.example"
ISSUER = "https://ehr.example"
SIGN = "/cds-services/inconcert-order-sign"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP384R1())


def public(kid: str, key: Any, **more: str) -> Json:
    """A public key as the EHR publishes it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}


def claims(**changes: Any) -> Json:
    """The claims of a good token, with changes; None takes one away."""
    now = int(time.time())
    whole = {"iss": ISSUER, "aud": URL + SIGN, "iat": now, "exp": now + 240, "jti": str(uuid.uuid4()), **changes}
    return {k: v for k, v in whole.items() if v is not None}


def token(key: Any = EC_KEY, kid: str = "ec-1", alg: str = "ES384", headers: Json | None = None, **changes: Any) -> str:
    """A signed token."""
    return jwt.encode(claims(**changes), key, algorithm=alg, headers={"kid": kid, **(headers or {})})


@pytest.fixture
def ehr(town: Any, tmp_path: Path) -> Any:
    """The site with one EHR that may call."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public("ec-1", EC_KEY), public("rsa-1", RSA_KEY)]}))
    before = settings.CDS
    settings.CDS = dataclasses.replace(
        before, url=URL, jwks=file, issuers=(ISSUER,), origins=frozenset({"https://app.ehr.example"}), clinic="Here"
    )
    cache.clear()
    yield town
    settings.CDS = before


@pytest.fixture
def body(bundles: dict[str, Json]) -> Json:
    """A call to sign TMS and esketamine for somebody whose chart is complete."""
    return call(bundles["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER)


def post(what: Any, *, bearer: str | None = None, address: str = SIGN, **headers: Any) -> Any:
    """POST to a service, with a good token unless another is given."""
    data = what if isinstance(what, bytes | str) else json.dumps(what)
    auth = {} if bearer == "" else {"HTTP_AUTHORIZATION": f"Bearer {bearer if bearer is not None else token()}"}
    kind = headers.pop("content_type", "application/json")
    return Client(enforce_csrf_checks=True).post(address, data, content_type=kind, **auth, **headers)


def said(response: Any) -> str:
    """What an OperationOutcome says."""
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return str(outcome["issue"][0]["diagnostics"])


def test_discovery_lists_the_four_hooks_and_what_to_send(town: Any) -> None:
    """Anybody may read which services there are, and each says what prefetch it wants."""
    response = Client().get("/cds-services")
    assert response.status_code == 200
    found = {s["hook"]: s for s in response.json()["services"]}
    assert set(found) == {"order-sign", "order-select", "order-dispatch", "appointment-book"}
    assert all(s["prefetch"]["patient"] == "Patient/{{context.patientId}}" for s in found.values())


def test_a_call_with_a_good_token_is_answered(ehr: Any, body: Json) -> None:
    """Both kinds of key open the door, without session, cookie or form token."""
    for key, kid, alg in ((EC_KEY, "ec-1", "ES384"), (RSA_KEY, "rsa-1", "RS384")):
        response = post(body, bearer=token(key, kid, alg))
        assert response.status_code == 200, response.content
        assert response.json()["cards"]
        assert [a["resource"]["id"] for a in response.json()["systemActions"]] == ["tms-1", "esk-1"]


NOW = time.time()
FORGED: dict[str, tuple[Callable[[], str], str]] = {
    "no token": (lambda: "", "No token came"),
    "not a token": (lambda: "abc", "not a JSON web token that can be read"),
    "signed by somebody else": (lambda: token(OTHER), "not that of a key of ours"),
    "a key of ours under another name": (lambda: token(kid="ec-2"), "No key of ours fits"),
    "no key named": (lambda: jwt.encode(claims(), EC_KEY, algorithm="ES384"), "does not name its key"),
    "no signature": (lambda: jwt.encode(claims(), None, algorithm="none", headers={"kid": "ec-1"}), "ES384 or RS384"),
    "signed with our public key as a secret": (
        lambda: jwt.encode(claims(), "x" * 64, algorithm="HS384", headers={"kid": "rsa-1"}), "ES384 or RS384",
    ),
    "another algorithm of the same key": (lambda: token(RSA_KEY, "rsa-1", "RS256"), "ES384 or RS384"),
    "the other kind of key's name": (lambda: token(EC_KEY, "rsa-1"), "No key of ours fits"),
    "expired": (lambda: token(iat=int(NOW) - 900, exp=int(NOW) - 600), "expired"),
    "not yet": (lambda: token(iat=int(time.time()) + 200, exp=int(time.time()) + 260), "not valid yet"),
    "not before": (lambda: token(nbf=int(time.time()) + 200), "not valid yet"),
    "lives for a year": (lambda: token(exp=int(time.time()) + 31_536_000), "lives longer"),
    "a time in words": (lambda: token(exp="tomorrow"), "not numbers"),
    "for another service": (lambda: token(aud=f"{URL}/cds-services/inconcert-order-select"), "another service"),
    "for another clinic": (lambda: token(aud=f"https://other.example{SIGN}"), "another service"),
    "for nobody": (lambda: token(aud=None), "lacks one of"),
    "from somebody who may not": (lambda: token(iss="https://evil.example"), "may not call"),
    "without a time": (lambda: token(exp=None), "lacks one of"),
    "without a number": (lambda: token(jti=None), "lacks one of"),
    "with an empty number": (lambda: token(jti=""), "no usable jti"),
    "wanting something unknown": (lambda: token(headers={"crit": ["x"], "x": 1}), "not a JSON web token that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FORGED))
def test_a_bad_token_opens_nothing_and_the_answer_says_why(ehr: Any, body: Json, kind: str) -> None:
    """Forged, unsigned, old, long-lived, misdirected: 401, with the reason and nothing of the chart."""
    make, reason = FORGED[kind]
    response = post(body, bearer=make())
    assert response.status_code == 401
    assert reason in said(response)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_opens_once(ehr: Any, body: Json) -> None:
    """The same token sent again is refused, though it has not expired."""
    once = token()
    assert post(body, bearer=once).status_code == 200
    again = post(body, bearer=once)
    assert again.status_code == 401
    assert "used before" in said(again)


def test_a_token_that_was_refused_for_its_audience_is_not_spent(ehr: Any, body: Json) -> None:
    """A token tried at the wrong door still opens the right one."""
    mine = token()
    assert (
        post({**body, "hook": "order-select"}, bearer=mine, address="/cds-services/inconcert-order-select").status_code
        == 401
    )
    assert post(body, bearer=mine).status_code == 200


def test_an_address_in_a_token_is_never_asked_for_keys(ehr: Any, body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jku in the header changes nothing: keys come only from the file, and no socket is opened."""
    monkeypatch.setattr(socket, "socket", _no_socket)
    evil = token(OTHER, headers={"jku": "https://evil.example/keys"})
    assert post(body, bearer=evil).status_code == 401
    assert post(body, bearer=token(headers={"jku": "https://evil.example/keys"})).status_code == 200


def _no_socket(*_args: Any, **_more: Any) -> Any:
    raise AssertionError("a connection was opened")


def test_no_call_goes_out_whatever_the_request_offers(ehr: Any, body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """The EHR's address and its access token are not used, even where the prefetch is empty."""
    monkeypatch.setattr(socket, "socket", _no_socket)
    monkeypatch.setattr(socket, "create_connection", _no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", _no_socket)
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
    assert Client().get("/dtr/nothing.json").status_code == 404


def _parts(order: Json) -> list[Json]:
    return [p for e in order["extension"] for p in e["extension"]]


# ── broken in every way ──────────────────────────────────────────────────────────────────────────────────────────────

_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.just([]), st.just({}), st.just([None]), st.just({"resourceType": "Bundle"}), st.just({"resourceType": "Patient"}),
    st.just({"reference": "Patient/x"}), st.just([[]]), st.just("Patient/complete-and-clean"),
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn, whole: Json) -> Json:
    """A request in which up to six places were taken away or given another kind of value."""
    changed = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 6))):
        node: Any = changed
        for _ in range(draw(st.integers(0, 9))):
            below = list(node) if isinstance(node, dict) else list(range(len(node)))
            kinds = [k for k in below if isinstance(node[k], dict | list) and node[k]]
            if not kinds:
                break
            node = node[draw(st.sampled_from(kinds))]
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            continue
        key = draw(st.sampled_from(keys))
        if draw(st.booleans()):
            del node[key]
        else:
            node[key] = copy.deepcopy(draw(_JUNK))
    return dict(changed)


@pytest.mark.slow
@given(data=st.data())
@tries(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_broken_request_is_a_fault_of_ours(ehr: Any, bundles: dict[str, Json], data: st.DataObject) -> None:
    """Whatever is missing or of another kind, the answer is 200 with cards or a refusal, never a fault."""
    hook = data.draw(st.sampled_from(["order-sign", "order-select", "order-dispatch", "appointment-book"]))
    name = data.draw(st.sampled_from(["complete-and-clean", "two-payers", "partial-dates", "name-only"]))
    visit = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [{"resource": {"resourceType": "Appointment", "id": "a1", "status": "proposed", "description": "rTMS"}}],
    }  # fmt: skip
    whole = call(
        bundles[name], TMS_ORDER, ESKETAMINE_ORDER, hook=hook, selections=["ServiceRequest/tms-1"], appointments=visit,
        dispatchedOrders=["ServiceRequest/tms-1"],
    )  # fmt: skip
    whole["prefetch"]["serviceRequests"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": TMS_ORDER}],
    }
    address = f"/cds-services/inconcert-{hook}"
    response = post(data.draw(broken(whole)), address=address, bearer=token(aud=URL + address))
    assert response.status_code in (200, 400), response.content
    if response.status_code == 200:
        assert isinstance(response.json()["cards"], list)


@given(
    junk=st.one_of(
        st.binary(min_size=1, max_size=300),
        st.recursive(_JUNK.map(copy.deepcopy), lambda s: st.lists(s) | st.dictionaries(st.text(), s)).map(json.dumps),
    )
)
@tries(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_at_all_is_refused_in_words(ehr: Any, junk: bytes | str) -> None:
    """Bytes that are no request are 400 with a reason."""
    response = post(junk)
    assert response.status_code == 400
    assert "Mend" in said(response)


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"INCONCERT_CDS_URL": URL}, "go together"),
        ({"INCONCERT_CDS_URL": "clinic", "INCONCERT_CDS_JWKS": "k", "INCONCERT_CDS_ISSUERS": "i"}, "without a path"),
        ({"INCONCERT_CDS_URL": f"{URL}/x", "INCONCERT_CDS_JWKS": "k", "INCONCERT_CDS_ISSUERS": "i"}, "without a path"),
        ({"INCONCERT_CDS_ORIGINS": "*"}, "without a path"),
        ({"INCONCERT_CDS_DEMO": "1", "INCONCERT_BEHIND_PROXY": "1"}, "behind a proxy"),
        ({"INCONCERT_CRD_VERSION": "3"}, "one of 2.0, 2.2"),
        ({"INCONCERT_CDS_MB": "many"}, "whole number"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_the_start(
    given: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what goes together, every origin at once, a demonstration behind a proxy: said, with the mend."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=reason):
        cds_config()


def test_without_settings_the_service_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default lets nobody in."""
    for name in ("URL", "JWKS", "ISSUERS", "DEMO", "ORIGINS"):
        monkeypatch.delenv(f"INCONCERT_CDS_{name}", raising=False)
    found = cds_config()
    assert not found.is_set_up
    assert not found.demo
    assert found.origins == frozenset()


def private(key: Any) -> Json:
    """A private key in the same shape."""
    return {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key)), "kid": "ec-1"}


BAD_KEYS: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", "not JSON"),
    "no keys": ({"keys": []}, "no list"),
    "a private key": ({"keys": [private(EC_KEY)]}, "private key"),
    "no kid": ({"keys": [{k: v for k, v in public("x", EC_KEY).items() if k != "kid"}]}, "no kid"),
    "too short": ({"keys": [public("r", rsa.generate_private_key(65537, 1024))]}, "too weak"),
    "another curve": ({"keys": [public("e", ec.generate_private_key(ec.SECP256R1()))]}, "too weak|cannot be read"),
    "a secret": ({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}, "private key"),
}


@pytest.mark.parametrize("kind", sorted(BAD_KEYS))
def test_a_file_of_keys_that_cannot_be_trusted_is_refused(kind: str, tmp_path: Path) -> None:
    """Private, weak, nameless or unreadable keys are not taken, and the message says what to do."""
    content, reason = BAD_KEYS[kind]
    file = tmp_path / "keys.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(BadKeys, match=reason):
        read_callers(file, (ISSUER,))


def test_with_several_ehrs_each_key_says_whose_it_is(ehr: Any, body: Json, tmp_path: Path) -> None:
    """One EHR cannot sign in another's name."""
    both = (ISSUER, "https://other-ehr.example")
    file = tmp_path / "both.json"
    file.write_text(json.dumps({"keys": [public("ec-1", EC_KEY)]}))
    with pytest.raises(BadKeys, match="whose it is"):
        read_callers(file, both)
    keys = [public("ec-1", EC_KEY, issuer=both[0]), public("ec-2", OTHER, issuer=both[1])]
    file.write_text(json.dumps({"keys": keys}))
    settings.CDS = dataclasses.replace(settings.CDS, jwks=file, issuers=both)
    assert post(body, bearer=token(OTHER, "ec-2", iss=both[1])).status_code == 200
    response = post(body, bearer=token(OTHER, "ec-2", iss=both[0]))
    assert response.status_code == 401
    assert "may not call" in said(response)


def test_a_changed_file_of_keys_is_read_again(ehr: Any, body: Json) -> None:
    """A key taken out of the file opens nothing any more, without a restart."""
    assert post(body).status_code == 200
    settings.CDS.jwks.write_text(json.dumps({"keys": [public("rsa-1", RSA_KEY)]}))
    assert post(body).status_code == 401
