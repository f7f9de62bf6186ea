"""Asking what became of a request ($inquire): the request again, without its enclosures, under the same number."""

from __future__ import annotations

import copy
from datetime import datetime

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.claim import ext, trace
from inconcert.exchange.pas.look import Look, extension, objects
from inconcert.exchange.pas.names import NO_ADDRESS, BundleNames
from inconcert.exchange.pas.types import Json, PayerAnswer
from inconcert.exchange.pas.unwrap import claim_of
from inconcert.judgement import Refusal

_KEPT = ("identifier", "status", "type", "use", "patient", "insurer", "provider", "priority", "diagnosis", "insurance")
_ITEM_KEPT = (
    "sequence",
    "diagnosisSequence",
    "category",
    "productOrService",
    "modifier",
    "servicedDate",
    "servicedPeriod",
    "quantity",
)
_NO_SETTINGS = ClinicSettings()


def build_inquiry(
    request: Json, created: datetime, *, answer: PayerAnswer | None = None, settings: ClinicSettings = _NO_SETTINGS
) -> Json:
    """The $inquire Bundle for a request that was sent.

    Args:
        request: the request Bundle as it was sent.
        created: when the inquiry is made, with its offset from UTC.
        answer: the last answer to it, whose numbers help the payer find it.
        settings: the clinic's settings, for the system of our transaction numbers.

    Raises:
        Refusal: there is no Claim in `request`, a party that it names is not in the Bundle, or `answer` is to another.
    """
    if created.tzinfo is None:
        raise Refusal("The time of the inquiry has no time zone.", "Give it with its offset from UTC.")
    claim, sent = claim_of(request, "the request")
    if answer is not None and answer.claim_id != claim.get("id"):
        raise Refusal("The answer given is to another request.", "Give the answer to this one, or none.")
    names = BundleNames(f"inquiry\n{claim.get('id')}\n{created.isoformat()}", settings.fhir_base or NO_ADDRESS)
    asking: Json = {"resourceType": "Claim", "id": names.of("Claim"), "meta": {"profile": [at.INQUIRY_CLAIM]}}
    asking |= {k: copy.deepcopy(claim[k]) for k in _KEPT if k in claim}
    asking["created"] = created.isoformat(timespec="seconds")
    asking["item"] = [_item(each, answer) for each in objects(claim.get("item"))]
    entries = [names.entry(asking)]
    return {
        "resourceType": "Bundle",
        "id": names.of("Bundle"),
        "meta": {"profile": [at.INQUIRY_BUNDLE]},
        "identifier": trace(names, settings, "transaction"),
        "type": "collection",
        "timestamp": created.isoformat(timespec="seconds"),
        "entry": entries + _parties(claim, sent),
    }


def _parties(claim: Json, sent: Look) -> list[Json]:
    """The entries of all whom the inquiry names, and whom these name, as they stood in the request."""
    by_resource = {
        id(e["resource"]): e for e in objects(sent.bundle.get("entry")) if isinstance(e.get("resource"), dict)
    }
    waiting = [claim.get(k) for k in ("patient", "insurer", "provider")]
    waiting += [each.get("coverage") for each in objects(claim.get("insurance"))]
    found: dict[int, Json] = {}
    while waiting:
        reference = waiting.pop(0)
        if not isinstance(reference, dict) or not reference.get("reference"):
            continue
        target = sent.resolve(reference)
        if target is None:
            raise Refusal(
                f"The request names {str(reference['reference'])[:80]!r}, which is not in it.",
                "Give the request Bundle as it was sent.",
            )
        if id(target) not in found:
            found[id(target)] = copy.deepcopy(by_resource[id(target)])
            waiting += [target.get(k) for k in ("practitioner", "organization", "beneficiary", "subscriber")]
            waiting += objects(target.get("payor"))
    return list(found.values())


def _item(item: Json, answer: PayerAnswer | None) -> Json:
    found: Json = {}
    kept = [e for url in (at.REQUEST_TYPE, at.CERTIFICATION_TYPE, at.TRACE_NUMBER) for e in extension(item, url)]
    known = next((i for i in answer.items if i.sequence == item.get("sequence")), None) if answer else None
    if known is not None and known.authorization_number:
        kept.append(ext(at.AUTHORIZATION_NUMBER, "String", known.authorization_number))
    if known is not None and known.reference_number:
        kept.append(ext(at.ADMIN_REFERENCE, "String", known.reference_number))
    if kept:
        found["extension"] = copy.deepcopy(kept)
    return found | {k: copy.deepcopy(item[k]) for k in _ITEM_KEPT if k in item}
