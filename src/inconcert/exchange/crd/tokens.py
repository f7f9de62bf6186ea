"""Who is calling: the signed token of CDS Hooks, checked against keys that lie on this machine.

Nothing is fetched: a `jku` in a token is a name to ignore. A token counts once, for one service, for five minutes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LEEWAY_SECONDS = 30  # two clocks never agree to the second
LONGEST_SECONDS = 300  # a token may live no longer than this
_LEAST_RSA_BITS = 2048
_MAX_TOKEN = 16_384
_MAX_JTI = 200
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVE_BITS = 384

FirstSeen = Callable[[str, int], bool]  # (name of a token, seconds to remember it) -> whether it is new


class BadToken(Exception):
    """A token that opens nothing, with the reason in words. Repeats nothing of the token."""


class BadKeys(Exception):
    """The file of keys, or what goes with it, cannot be used: which setting, why, and the mend."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An EHR that proved who it is."""

    issuer: str


@dataclass(frozen=True, slots=True)
class _Key:
    public: RSAPublicKey | EllipticCurvePublicKey
    algorithm: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Callers:
    """The EHRs that may call, with their public keys."""

    issuers: tuple[str, ...]
    keys: Mapping[str, tuple[_Key, ...]]  # by kid

    def check(self, token: str, audience: str, now: float, first_seen: FirstSeen) -> Caller:
        """Let in whoever holds a valid token for this audience (the address of the very service that is called).

        Raises:
            BadToken: it is missing, forged, of another algorithm, for somebody else, too old, too long-lived or used before.
        """
        if not token or len(token) > _MAX_TOKEN:
            raise BadToken("No token came with the call.")
        claims = self._claims(token, audience, now)
        issuer, name = claims["iss"], claims["jti"]
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_JTI:
            raise BadToken("The token has no usable jti.")
        remember = int(claims["exp"] - now) + 2 * LEEWAY_SECONDS + 1
        if not first_seen(f"{issuer}\n{name}", remember):
            raise BadToken("The token was used before.")
        return Caller(issuer)

    def _claims(self, token: str, audience: str, now: float) -> dict[str, Any]:
        last = "No key of ours fits the token."
        for key in self._keys_for(token):
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key.public,
                    algorithms=[key.algorithm],
                    audience=audience,
                    issuer=key.issuer,
                    # Times are checked below against one clock; the library reads its own.
                    options={
                        "require": ["iss", "aud", "exp", "iat", "jti"],
                        "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                    },
                )  # fmt: skip
            except jwt.InvalidSignatureError:
                last = "The signature is not that of a key of ours."
                continue
            except jwt.InvalidTokenError as error:
                raise BadToken(_why(error)) from None
            _check_times(claims, now)
            return claims
        raise BadToken(last)

    def _keys_for(self, token: str) -> tuple[_Key, ...]:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, RecursionError):
            raise BadToken("It is not a JSON web token that can be read here.") from None
        if "crit" in header:
            raise BadToken("The token asks for something that is not understood here.")
        kid, algorithm = header.get("kid"), header.get("alg")
        if algorithm not in ("ES384", "RS384"):
            raise BadToken("The token must be signed with ES384 or RS384.")
        if not isinstance(kid, str):
            raise BadToken("The token does not name its key (kid).")
        return tuple(key for key in self.keys.get(kid, ()) if key.algorithm == algorithm)


def _why(error: jwt.InvalidTokenError) -> str:
    """The reason in words of ours: the library's may repeat what the token says."""
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another service (aud)."
    if isinstance(error, jwt.InvalidIssuerError):
        return "The token is from somebody who may not call (iss)."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return "The token lacks one of iss, aud, exp, iat, jti."
    return "The token cannot be read."


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    made, ends, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    if not _is_time(made) or not _is_time(ends) or (begins is not None and not _is_time(begins)):
        raise BadToken("The times in the token (iat, exp) are not numbers.")
    assert made is not None and ends is not None  # noqa: S101, PT018 - said by the line above
    if now > ends + LEEWAY_SECONDS:
        raise BadToken("The token has expired.")
    if made > now + LEEWAY_SECONDS or (begins is not None and begins > now + LEEWAY_SECONDS):
        raise BadToken("The token is not valid yet.")
    if ends - made > LONGEST_SECONDS + LEEWAY_SECONDS or ends > now + LONGEST_SECONDS + LEEWAY_SECONDS:
        raise BadToken(f"The token lives longer than {LONGEST_SECONDS} seconds.")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**11


def read_callers(file: Path, issuers: tuple[str, ...]) -> Callers:
    """The EHRs that may call: a JWKS file with their public keys, and who they are.

    With one issuer every key is theirs. With several, each key says whose it is in a member `issuer`.

    Raises:
        BadKeys: the file is no JWKS, holds a private key, or a key that is too weak, of another kind, or nobody's.
    """
    if not issuers:
        raise BadKeys(
            "INCONCERT_CDS_ISSUERS is empty. Mend: write the iss of each EHR that may call, separated by commas."
        )
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadKeys(f"{file} cannot be opened ({error.strerror}). Mend: correct INCONCERT_CDS_JWKS.") from error
    except ValueError as error:
        raise BadKeys(f"{file} is not JSON. Mend: save the EHR's JWKS there.") from error
    listed = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(listed, list) or not listed:
        raise BadKeys(f"{file} holds no list `keys`. Mend: save the EHR's JWKS there.")
    keys: dict[str, tuple[_Key, ...]] = {}
    for number, entry in enumerate(listed):
        kid, key = _key(entry, f"{file}, key {number}", issuers)
        keys[kid] = (*keys.get(kid, ()), key)
    return Callers(issuers, keys)


def _key(entry: Any, where: str, issuers: tuple[str, ...]) -> tuple[str, _Key]:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        raise BadKeys(f"{where} has no kid. Mend: keep the kid that the EHR gave it.")
    if _PRIVATE & entry.keys():
        raise BadKeys(f"{where} holds a private key. Mend: keep only the public part here, and change the key.")
    try:
        public = jwt.PyJWK.from_dict(entry, algorithm="RS384" if entry.get("kty") == "RSA" else "ES384").key
    except jwt.PyJWTError as error:
        raise BadKeys(f"{where} cannot be read. Mend: save it as the EHR published it.") from error
    if isinstance(public, RSAPublicKey) and public.key_size >= _LEAST_RSA_BITS:
        algorithm = "RS384"
    elif isinstance(public, EllipticCurvePublicKey) and public.curve.key_size == _CURVE_BITS:
        algorithm = "ES384"
    else:
        raise BadKeys(f"{where} is too weak or of another kind. Mend: RSA of 2048 bits or more, or P-384.")
    issuer = entry.get("issuer", issuers[0] if len(issuers) == 1 else None)
    if issuer not in issuers:
        raise BadKeys(f"{where} does not say whose it is. Mend: add `issuer`, one of INCONCERT_CDS_ISSUERS.")
    return entry["kid"], _Key(public, algorithm, str(issuer))
