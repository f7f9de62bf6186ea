"""Who may call as an EHR, and from which pages: tokens, used tokens, CORS."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from inconcert.exchange.crd.tokens import BadKeys, BadToken, Caller, Callers, read_callers
from inconcert.web.cds_config import CdsConfig

_HERE = frozenset({"127.0.0.1", "::1"})
_LOCAL = "this machine (demonstration)"


class NotSetUp(Exception):
    """No EHR may call: the settings are missing or cannot be used."""


def config() -> CdsConfig:
    """The settings."""
    found: CdsConfig = settings.CDS
    return found


def admit(request: HttpRequest, address: str) -> Caller:
    """Let in an EHR with a valid token for the service at `address` (`/cds-services/x`).

    Raises:
        NotSetUp: no EHR may call.
        BadToken: this one may not.
    """
    here = config()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token and here.demo and request.META.get("REMOTE_ADDR") in _HERE:
        return Caller(_LOCAL)
    if not here.is_set_up or here.jwks is None:
        raise NotSetUp("No EHR is set up to call this service.")
    if scheme.lower() != "bearer":
        raise BadToken("No token came with the call.")
    try:
        callers = _callers(here.jwks, here.jwks.stat().st_mtime_ns, here.issuers)
    except (BadKeys, OSError) as error:
        raise NotSetUp("The keys of the EHRs that may call cannot be read.") from error
    return callers.check(token.strip(), f"{here.url}{address}", time.time(), _first_seen)


@lru_cache(maxsize=4)
def _callers(file: Path, _changed: int, issuers: tuple[str, ...]) -> Callers:
    """The keys, read again when the file changes."""
    return read_callers(file, issuers)


def _first_seen(name: str, seconds: int) -> bool:
    """Whether a token is used for the first time. All workers share the memory, and adding to it happens once."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return bool(cache.add(f"cds-token-{digest}", 1, timeout=max(seconds, 1)))


def allow_origin(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tell a browser whether the page that asked may read the answer. Cookies are never sent along."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if origin in config().origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    return response
