"""Who may call as an EHR: tokens, keys, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings

from inconcert.exchange.crd.tokens import BadKeys, read_callers
from support.ehr import EC_KEY, ISSUER, OTHER, RSA_KEY, SIGN, URL, Json, claims, no_socket, post, public, said, token


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
    monkeypatch.setattr(socket, "socket", no_socket)
    evil = token(OTHER, headers={"jku": "https://evil.example/keys"})
    assert post(body, bearer=evil).status_code == 401
    assert post(body, bearer=token(headers={"jku": "https://evil.example/keys"})).status_code == 200


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
