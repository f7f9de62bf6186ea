"""A CDS Hooks request taken apart: checked for shape, nothing fetched, nothing of it believed beyond what it says."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from inconcert.exchange.crd.versions import CrdVersion
from inconcert.exchange.fhir import UnreadableChart
from inconcert.exchange.fhir.jsontext import decode
from inconcert.exchange.fhir.names import is_resource_name
from inconcert.exchange.fhir.references import renamed

Json = dict[str, Any]

# What each hook is, and where its context holds the orders.
HOOKS = {
    "order-sign": "draftOrders",
    "order-select": "draftOrders",
    "order-dispatch": "dispatchedOrders",
    "appointment-book": "appointments",
}
_ORDER_TYPES = frozenset({"ServiceRequest", "MedicationRequest", "DeviceRequest", "Appointment"})
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_MAX_DEPTH = 4
_EXACT = msgspec.json.Decoder(float_hook=Decimal)


class BadRequest(Exception):
    """A request that cannot be understood: where (`context.patientId`), why, and the mend. Repeats no value of it."""

    def __init__(self, where: str, reason: str, mend: str) -> None:
        super().__init__(f"{where}: {reason} Mend: {mend}")
        self.where, self.reason, self.mend = where, reason, mend


@dataclass(frozen=True, slots=True)
class Order:
    """One order or appointment to be answered. `key` is `Type/id`."""

    key: str
    resource: Json


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call. `missing` says, in words, what was expected in it and is not there."""

    hook: str
    instance: str
    patient: str
    orders: tuple[Order, ...]
    resources: tuple[Json, ...]  # everything the prefetch holds, one resource each
    version: CrdVersion
    sent: frozenset[str] = frozenset()  # the keys of the prefetch
    missing: tuple[str, ...] = ()
    wants_coverage: bool = True
    most_cards: int = 10


@dataclass(slots=True)
class _Notes:
    missing: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        if text not in self.missing:
            self.missing.append(text)


def parse(body: bytes, hook: str, *, default_version: CrdVersion = CrdVersion.V2_0) -> HookRequest:
    """Read the body of a call to the service of one hook.

    Raises:
        BadRequest: it is no JSON, no CDS Hooks request, or one for another hook.
    """
    try:
        data, flawed = decode(body, "request")
    except UnreadableChart as error:
        raise BadRequest("body", f"It {error.reason}", "Send a CDS Hooks request as JSON in UTF-8.") from error
    if flawed:  # a name written twice, a number that is none: what is sent back must be what came
        raise BadRequest("body", "It is not sound JSON.", "Write each name once, and numbers as numbers.")
    whole = _object(data, "body")
    if whole.get("hook") != hook:
        raise BadRequest("hook", f"This service answers {hook}.", "Call the service of the hook that fired.")
    context = _object(whole.get("context"), "context")
    notes = _Notes()
    resources = tuple(_prefetched(whole.get("prefetch"), notes))
    names = dict(_names(whole["prefetch"].values(), 0)) if isinstance(whole.get("prefetch"), dict) else {}
    resources = tuple(renamed(resource, names) for resource in resources) if names else resources
    config = _configuration(whole)
    # The order is sent back whole, so its numbers keep the digits they came with (1.50 mg stays 1.50 mg).
    exact = _EXACT.decode(body)
    drafts = _orders(hook, exact["context"], tuple(_prefetched(exact.get("prefetch"), _Notes())), notes)
    return HookRequest(
        hook=hook,
        instance=_instance(whole.get("hookInstance")),
        patient=_patient(context.get("patientId")),
        orders=tuple(drafts),
        resources=resources,
        version=_version(whole, default_version),
        sent=frozenset(whole["prefetch"]) if isinstance(whole.get("prefetch"), dict) else frozenset(),
        missing=tuple(notes.missing),
        wants_coverage=config.get("coverage-info") is not False,
        most_cards=_most_cards(config.get("max-cards")),
    )


def _object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise BadRequest(where, "It is not a JSON object.", "Send it as CDS Hooks 2.0 defines it.")
    return value


def _instance(value: Any) -> str:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else _not_uuid()
    except ValueError:
        return _not_uuid()


def _not_uuid() -> str:
    raise BadRequest("hookInstance", "It is not a UUID.", "Send the UUID of this hook call.")


def _patient(value: Any) -> str:
    name = value.removeprefix("Patient/") if isinstance(value, str) else ""
    if not _FHIR_ID.match(name):
        raise BadRequest("context.patientId", "It is not a FHIR id.", "Send the id of the patient in context.")
    return name


def _version(whole: Json, default: CrdVersion) -> CrdVersion:
    extension = whole.get("extension")
    asked = extension.get("davinci-crd.requestedVersion") if isinstance(extension, dict) else None
    if asked is None:
        return default
    known = {v.value: v for v in CrdVersion}
    if not isinstance(asked, str) or asked not in known:
        where = "extension.davinci-crd.requestedVersion"
        raise BadRequest(where, "This version of CRD is not spoken here.", f"Ask for one of: {', '.join(known)}.")
    return known[asked]


def _configuration(whole: Json) -> Json:
    extension = whole.get("extension")
    config = extension.get("davinci-crd.configuration") if isinstance(extension, dict) else None
    return config if isinstance(config, dict) else {}


def _most_cards(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 10


def _prefetched(prefetch: Any, notes: _Notes) -> Iterator[Json]:
    """Every resource of the prefetch, Bundles taken apart. What is null, an error or no resource is noted."""
    if prefetch is None:
        notes.say("The request carries no prefetch: nothing of the chart is known.")
        return
    if not isinstance(prefetch, dict):
        raise BadRequest("prefetch", "It is not a JSON object.", "Send prefetch as CDS Hooks 2.0 defines it.")
    for key, value in prefetch.items():
        name = (
            key if len(key) <= 40 and key.isascii() and key.replace("-", "").replace("_", "").isalnum() else "one key"
        )
        found = list(_unpacked(value, 0))
        if not found and not _is_empty_bundle(value):
            notes.say(f"Prefetch {name} came without a resource in it.")
        for resource in found:
            if resource.get("resourceType") == "OperationOutcome":
                notes.say(f"Prefetch {name} came with an error of the EHR in place of a resource.")
            else:
                yield resource


def _is_empty_bundle(value: Any) -> bool:
    """A search that found nothing is an answer, not a gap."""
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _unpacked(value: Any, depth: int) -> Iterator[Json]:
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        return
    if value.get("resourceType") != "Bundle":
        if isinstance(value.get("resourceType"), str) and is_resource_name(value["resourceType"]):
            yield value
        return
    entries = value.get("entry")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield from _unpacked(entry.get("resource"), depth + 1)


def _names(values: Iterable[Any], depth: int) -> Iterator[tuple[str, str]]:
    """What the entries of Bundles are called where that is not `Type/id`: a record may name another one by it."""
    for value in values:
        if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or depth > _MAX_DEPTH:
            continue
        entries = value.get("entry")
        within = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
        for entry in within:
            resource, address = entry.get("resource"), entry.get("fullUrl")
            if isinstance(resource, dict) and isinstance(address, str) and isinstance(resource.get("id"), str):
                yield address, f"{resource.get('resourceType')}/{resource['id']}"
        yield from _names([e.get("resource") for e in within], depth + 1)


def _orders(hook: str, context: Json, resources: tuple[Json, ...], notes: _Notes) -> Iterator[Order]:
    where = f"context.{HOOKS[hook]}"
    if hook == "order-dispatch":
        yield from _dispatched(context, resources, notes)
        return
    bundle = _object(context.get(HOOKS[hook]), where)
    if bundle.get("resourceType") != "Bundle":
        raise BadRequest(where, "It is not a Bundle.", "Send the drafts as a FHIR Bundle.")
    chosen = _selected(context) if hook == "order-select" else None
    for resource in _unpacked(bundle, 0):
        if resource["resourceType"] not in _ORDER_TYPES:
            continue
        key = _key(resource)
        if key is None:
            notes.say("A draft came without an id, so nothing can be attached to it; it was passed over.")
        elif chosen is None or key in chosen:
            yield Order(key, resource)


def _selected(context: Json) -> set[str] | None:
    """The orders chosen just now; all where the request does not say."""
    selections = context.get("selections")
    names = [_tail(s) for s in selections if isinstance(s, str)] if isinstance(selections, list) else []
    return set(names) or None


def _dispatched(context: Json, resources: tuple[Json, ...], notes: _Notes) -> Iterator[Order]:
    named = context.get("dispatchedOrders", context.get("order"))
    references = [named] if isinstance(named, str) else named
    if not isinstance(references, list) or not references or not all(isinstance(r, str) for r in references):
        reason = "It is not a list of references to orders."
        raise BadRequest("context.dispatchedOrders", reason, "Send the orders that are dispatched.")
    held = {_key(resource): resource for resource in resources if resource["resourceType"] in _ORDER_TYPES}
    for reference in references:
        key = _tail(reference)
        if key in held:
            yield Order(key, held[key])
        else:
            notes.say("An order that is dispatched is not in the prefetch, so nothing can be said of it.")


def _key(resource: Json) -> str | None:
    name = resource.get("id")
    return f"{resource['resourceType']}/{name}" if isinstance(name, str) and _FHIR_ID.match(name) else None


def _tail(reference: str) -> str:
    """`Type/id` of a relative or absolute reference."""
    return "/".join(reference.partition("/_history/")[0].rstrip("/").split("/")[-2:])
