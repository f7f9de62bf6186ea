"""An EHR that calls: its keys, its tokens, its POST."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

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


def post(what: Any, *, bearer: str | None = None, address: str = SIGN, **headers: Any) -> Any:
    """POST to a service, with a good token unless another is given."""
    data = what if isinstance(what, bytes | str) else json.dumps(what)
    auth = {} if bearer == "" else {"HTTP_AUTHORIZATION": f"Bearer {bearer if bearer is not None else token()}"}
    kind = headers.pop("content_type", "application/json")
    from django.test import Client  # after Django has started

    return Client(enforce_csrf_checks=True).post(address, data, content_type=kind, **auth, **headers)


def said(response: Any) -> str:
    """What an OperationOutcome says."""
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return str(outcome["issue"][0]["diagnostics"])


def no_socket(*_args: Any, **_more: Any) -> Any:
    """Stands for every way to open a connection."""
    raise AssertionError("a connection was opened")
