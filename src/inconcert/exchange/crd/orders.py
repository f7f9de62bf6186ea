"""For which of our services an order is: by its codes, its drug, or its words, as `knowledge/files/crd` says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inconcert.exchange.crd.versions import BILLING_OPTIONS
from inconcert.exchange.fhir import codesystems
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.order_codes import OrderKind
from inconcert.payers.readings import procedure_codes
from inconcert.record import CodeSystem, Coding

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderedService:
    """What an order is for. `how` says by what it was known; `note` what the order does not tell."""

    services: tuple[str, ...]
    how: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    codings: tuple[Coding, ...]
    text: str
    routes: str
    is_drug: bool


def ordered_service(order: Json, resources: Sequence[Json], kinds: Sequence[OrderKind]) -> OrderedService | None:
    """The services an order may be for, the likeliest first; None where it is for none of ours.

    `resources` are the other resources of the request: a Medication that the order names, the order an appointment is for.
    """
    by_key = {f"{r.get('resourceType')}/{r.get('id')}": r for r in resources}
    for resource in (order, *_based_on(order, by_key)):
        read = _read(resource, by_key)
        for known in (_by_code, _by_drug, _by_words):
            for kind in kinds:
                how = known(kind, read)
                if how:
                    note = "The order does not say which kind it is." if kind.kind_not_told else ""
                    return OrderedService(tuple(kind.services), how, note)
    return None


def _based_on(order: Json, by_key: Mapping[str, Json]) -> Iterator[Json]:
    for reference in _dicts(order.get("basedOn")):
        found = by_key.get(_tail(reference.get("reference")))
        if found is not None:
            yield found


def _read(order: Json, by_key: Mapping[str, Json]) -> _Read:
    concepts: list[Json] = []
    for name in ("code", "codeCodeableConcept", "medicationCodeableConcept"):
        concepts += _dicts(order.get(name))
    for name in ("serviceType", "appointmentType", "orderDetail"):
        concepts += _dicts(order.get(name))
    concepts += [c for c in (_medication(order, by_key),) if c is not None]
    for concept in list(concepts):
        concepts += [
            extension["valueCodeableConcept"]
            for extension in _dicts(concept.get("extension"))
            if extension.get("url") == BILLING_OPTIONS and isinstance(extension.get("valueCodeableConcept"), dict)
        ]
    codings = tuple(c for concept in concepts for c in _codings(concept))
    words = [c.get("text") for c in concepts] + [c.display for c in codings] + [order.get("description")]
    return _Read(
        codings, " | ".join(w for w in words if isinstance(w, str)), _routes(order),
        is_drug=order.get("resourceType") == "MedicationRequest",
    )  # fmt: skip


def _medication(order: Json, by_key: Mapping[str, Json]) -> Json | None:
    reference = order.get("medicationReference")
    address = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(address, str):
        return None
    if address.startswith("#"):
        held = [r for r in _dicts(order.get("contained")) if f"#{r.get('id')}" == address]
        found = held[0] if held else None
    else:
        found = by_key.get(_tail(address))
    concept = found.get("code") if found is not None else None
    return concept if isinstance(concept, dict) else {"text": reference.get("display")} if reference else None


def _codings(concept: Json) -> Iterator[Coding]:
    for one in _dicts(concept.get("coding")):
        system, code, display = (
            one.get(k) if isinstance(one.get(k), str) else "" for k in ("system", "code", "display")
        )
        yield codesystems.coding(str(system), str(code), str(display))


def _routes(order: Json) -> str:
    """Every word said of the way it is given."""
    found = []
    for dosage in _dicts(order.get("dosageInstruction")):
        route = dosage.get("route")
        if isinstance(route, dict):
            found += [route.get("text"), *(c.get("display") for c in _dicts(route.get("coding")))]
        found.append(dosage.get("text"))
    return " | ".join(w for w in found if isinstance(w, str))


def _by_code(kind: OrderKind, read: _Read) -> str:
    listed = {(codesystems.system_of(c.system), c.code): c for c in kind.codes}
    for coding in read.codings:
        if (coding.system, coding.code) in listed:
            return f"code {coding.code}"
    if kind.procedure:
        procedure = procedure_codes()[kind.procedure]
        pairs = {CodeSystem.CPT.value: procedure.cpt, CodeSystem.SNOMED.value: procedure.snomed}
        for coding in read.codings:
            if coding.code in pairs.get(coding.system, ()):
                return f"code {coding.code}"
    return ""


def _by_drug(kind: OrderKind, read: _Read) -> str:
    if not kind.drug or not read.is_drug:
        return ""
    match = drug_book().match(read.codings, read.text)
    names = {part.drug.name for part in match.parts if part.drug is not None} if match is not None else set()
    if kind.drug not in names:
        return ""
    if kind.routes and not any(_has(read.routes + " | " + read.text, route) for route in kind.routes):
        return ""
    return f"drug {kind.drug}"


def _by_words(kind: OrderKind, read: _Read) -> str:
    if kind.routes and read.is_drug:
        return ""  # a drug order is told by its drug and its route
    word = next((w for w in kind.words if _has(read.text, w)), "")
    return f"words {word!r}" if word else ""


def _has(text: str, phrase: str) -> bool:
    """Whole words, whatever stands between them but a letter or digit."""
    pattern = r"[^a-z0-9]+".join(re.escape(word) for word in phrase.lower().split())
    return re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", text.lower()) is not None


def _dicts(value: Any) -> list[Json]:
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _tail(reference: Any) -> str:
    if not isinstance(reference, str):
        return ""
    return "/".join(reference.partition("/_history/")[0].rstrip("/").split("/")[-2:])
