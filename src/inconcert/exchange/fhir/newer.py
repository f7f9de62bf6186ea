"""FHIR R5 shapes brought to R4: CodeableReferences split, renamed elements moved back. Used by `older.to_r4`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inconcert.exchange.fhir.account import Json
from inconcert.exchange.fhir.versions import dicts


def rename(resource: Json, **names: str) -> None:
    """Move elements to their R4 names (`new=old`), never over one that is there."""
    for new, old in names.items():
        if old in resource and new not in resource:
            resource[new] = resource.pop(old)


def read_device_names(resource: Json) -> None:
    """A Device's list of names (STU3 to R5) as R4's `deviceName`; its first type."""
    names = resource.pop("name", None)
    if isinstance(names, list):
        resource["deviceName"] = [{"name": n.get("value")} for n in names if isinstance(n, dict)]
    kinds = resource.get("type")
    if isinstance(kinds, list):
        resource["type"] = next((k for k in kinds if isinstance(k, dict)), None)


def _unchanged(_: Json) -> None:
    """Nothing that is read here changed its name or shape."""


def _split_codeable_references(resource: Json, key: str, code_key: str, reference_key: str) -> None:
    """R5 CodeableReferences (`{concept, reference}`) into R4's two elements."""
    found = resource.pop(key, None)
    items = [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]
    concepts = [item["concept"] for item in items if isinstance(item.get("concept"), dict)]
    references = [item["reference"] for item in items if isinstance(item.get("reference"), dict)]
    if concepts:
        resource.setdefault(code_key, concepts)
    if references:
        resource.setdefault(reference_key, references)


def _medication_event_r5(resource: Json) -> None:
    drug = resource.pop("medication", None)
    if isinstance(drug, dict):
        for new, old in (("medicationCodeableConcept", "concept"), ("medicationReference", "reference")):
            if old in drug:
                resource.setdefault(new, drug[old])
    adherence = resource.get("adherence")
    code = adherence.get("code") if isinstance(adherence, dict) else None
    if isinstance(code, dict) and any(c.get("code") in {"not-taking", "never"} for c in dicts(code, "coding")):
        resource["status"] = "not-taken"
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")
    for old in ("occurenceDateTime", "occurrenceDateTime"):
        rename(resource, effectiveDateTime=old)
    for old in ("occurencePeriod", "occurrencePeriod"):
        rename(resource, effectivePeriod=old)
    for key in ("dosageInstruction", "dosage"):
        lines = resource.get(key)
        if isinstance(lines, list):
            resource[key] = [_dosage_r5(line) for line in lines]


def _dosage_r5(line: Any) -> Any:
    if isinstance(line, dict) and "asNeeded" in line:
        return {**line, "asNeededBoolean": line["asNeeded"]}
    if isinstance(line, dict) and line.get("asNeededFor"):
        return {**line, "asNeededBoolean": True}
    return line


def _procedure_r5(resource: Json) -> None:
    rename(resource, performedDateTime="occurrenceDateTime", performedPeriod="occurrencePeriod")
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")


def _encounter_r5(resource: Json) -> None:
    rename(resource, period="actualPeriod")
    classes = dicts(resource, "class")
    codings = [c for k in classes for c in dicts(k, "coding")]
    if isinstance(resource.get("class"), list):
        resource["class"] = codings[0] if codings else {}
    values = [v for reason in dicts(resource, "reason") for v in dicts(reason, "value")]
    resource["reason"] = values
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")
    conditions = [c for d in dicts(resource, "diagnosis") for c in dicts(d, "condition")]
    resource["diagnosis"] = [{"condition": c["reference"]} for c in conditions if isinstance(c.get("reference"), dict)]
    concepts = [c["concept"] for c in conditions if isinstance(c.get("concept"), dict)]
    if concepts:
        resource["reasonCode"] = [*(resource.get("reasonCode") or []), *concepts]


def _coverage_r5(resource: Json) -> None:
    if isinstance(resource.get("insurer"), dict):
        resource.setdefault("payor", [resource["insurer"]])
    resource["class"] = [
        {**item, "value": item["value"].get("value")} if isinstance(item.get("value"), dict) else item
        for item in dicts(resource, "class")
    ]


def _medication_r5(resource: Json) -> None:
    rename(resource, form="doseForm")
    ingredients = []
    for item in dicts(resource, "ingredient"):
        changed = dict(item)
        held = changed.pop("item", None)
        if isinstance(held, dict):
            if isinstance(held.get("concept"), dict):
                changed["itemCodeableConcept"] = held["concept"]
            if isinstance(held.get("reference"), dict):
                changed["itemReference"] = held["reference"]
        strength = changed.pop("strengthRatio", None)
        if strength is not None:
            changed["strength"] = strength
        ingredients.append(changed)
    resource["ingredient"] = ingredients


R5_STEPS: dict[str, Callable[[Json], None]] = {
    "MedicationRequest": _medication_event_r5,
    "MedicationStatement": _medication_event_r5,
    "MedicationDispense": _medication_event_r5,
    "MedicationAdministration": _medication_event_r5,
    "Medication": _medication_r5,
    "Procedure": _procedure_r5,
    "Encounter": _encounter_r5,
    "Coverage": _coverage_r5,
    "Device": read_device_names,
    "Observation": _unchanged,
    "Condition": _unchanged,
    "AllergyIntolerance": _unchanged,
}
