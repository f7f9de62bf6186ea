"""From a file to the answers in it: a response Bundle, a bare ClaimResponse, the Parameters of an operation, a notification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inconcert.exchange.fhir import UnreadableChart, jsontext
from inconcert.exchange.pas.look import Look, objects
from inconcert.exchange.pas.types import SHAPES, Json
from inconcert.judgement import Refusal

MAX_BYTES = 20 * 1024 * 1024
_MAX_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """One ClaimResponse with the Bundle it came in, in which its references are looked up."""

    response: Json
    look: Look


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises Refusal where it is not there, cannot be opened or is too large."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(str(path), size)
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path}: it cannot be opened ({error.strerror}).", "Check the path.") from error


def as_json(data: bytes, name: str) -> Json:
    """The resource in the bytes. Raises Refusal naming the file for anything that is not one sound FHIR resource."""
    if len(data) > MAX_BYTES:
        raise _too_large(name, len(data))
    try:
        text, _ = jsontext.as_utf8(data, name)
        value, flawed = jsontext.decode(text, name)
    except UnreadableChart as error:
        raise Refusal(f"{name}: it {error.reason}", error.mend) from error
    if flawed:
        what = jsontext.find_flaw(value, str(value.get("resourceType", "")) if isinstance(value, dict) else "")
        told = f" at {what[0]}: it {what[1]}" if what else ""
        raise Refusal(
            f"{name}: it is not sound JSON{told}.", "Ask the sender for the file again; nothing in it is certain."
        )
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise Refusal(f"{name}: it is no FHIR resource (it has no resourceType).", "Give the file that the payer sent.")
    return value


def _too_large(name: str, size: int) -> Refusal:
    return Refusal(
        f"{name}: it is {size / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB.", "Give the payer's answer alone."
    )


def answers_in(value: Json, name: str) -> list[Answered]:
    """Every ClaimResponse in a payer's file. Raises Refusal naming what the file is instead."""
    found = list(_answers(value, 0))
    if not found:
        kind = str(value.get("resourceType"))[:40]
        if kind == "Claim" or (kind == "Bundle" and _leads(value) == "Claim"):
            raise Refusal(f"{name}: it is a request, not the payer's answer.", "Give the file that came back.")
        what = f"a resource of type {kind}" if kind != "Bundle" else f"a Bundle of {_leads(value) or 'nothing'}"
        raise Refusal(
            f"{name}: it is {what} without a ClaimResponse.", "Give the payer's ClaimResponse, or the Bundle with it."
        )
    return found


def _answers(value: Any, level: int) -> Iterator[Answered]:
    if not isinstance(value, dict) or level > _MAX_LEVELS:
        return
    kind = value.get("resourceType")
    if kind == "ClaimResponse":
        yield Answered(value, Look({"resourceType": "Bundle", "entry": [{"resource": value}]}, SHAPES[0]))
    elif kind == "Parameters":
        for each in objects(value.get("parameter")):
            yield from _answers(each.get("resource"), level + 1)
    elif kind == "Bundle":
        look = Look(value, SHAPES[0])
        for resource in look.resources():
            if resource.get("resourceType") == "ClaimResponse":
                yield Answered(resource, look)
            elif resource.get("resourceType") in ("Bundle", "Parameters"):
                yield from _answers(resource, level + 1)


def _leads(bundle: Json) -> str:
    first = next((e.get("resource") for e in objects(bundle.get("entry"))), None)
    return str(first.get("resourceType"))[:40] if isinstance(first, dict) else ""


def claim_of(request: Json, name: str) -> tuple[Json, Look]:
    """The Claim of a request Bundle (or a bare Claim). Raises Refusal where there is none."""
    if request.get("resourceType") == "Claim":
        request = {"resourceType": "Bundle", "entry": [{"resource": request}]}
    if request.get("resourceType") != "Bundle":
        raise Refusal(
            f"{name}: it is a {str(request.get('resourceType'))[:40]}, not a request.",
            "Give the request Bundle that was sent.",
        )
    look = Look(request, SHAPES[0])
    claims = look.resources("Claim")
    if not claims:
        raise Refusal(f"{name}: there is no Claim in it.", "Give the request Bundle that was sent.")
    return claims[0], look
