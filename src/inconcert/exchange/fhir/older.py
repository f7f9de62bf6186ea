"""Older and newer shapes of FHIR: recognized, brought to R4 shape where that is sure, else refused by name.

Only the resources read here are brought over, and only elements that are read. What was brought over keeps the mark of
its version in every fact's `origin.fhir_version`; the paths in the account are then those of R4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inconcert.exchange.fhir.account import Json
from inconcert.exchange.fhir.names import OTHER_VERSION

# Elements that only one version has, by resource. Versions are tried in this order: the oldest tell-tales are surest.
_TELLTALE: dict[str, dict[str, frozenset[str]]] = {
    "DSTU2": {
        "Condition": frozenset({"patient", "dateRecorded"}),
        "Observation": frozenset({"comments"}),
        "MedicationStatement": frozenset({"patient", "wasNotTaken", "reasonNotTaken"}),
        "MedicationDispense": frozenset({"patient", "dispenser"}),
        "MedicationAdministration": frozenset(
            {"patient", "wasNotGiven", "effectiveTimeDateTime", "effectiveTimePeriod"}
        ),
        "AllergyIntolerance": frozenset({"substance", "status"}),
        "Procedure": frozenset({"notPerformed", "reasonNotPerformed"}),
        "Encounter": frozenset({"patient"}),
        "Coverage": frozenset({"bin", "issuer"}),
        "QuestionnaireResponse": frozenset({"group"}),
        "MedicationOrder": frozenset(),
    },
    "STU3": {
        "Condition": frozenset({"assertedDate", "context"}),
        "Observation": frozenset({"context", "comment", "related"}),
        "MedicationRequest": frozenset({"context", "definition"}),
        "MedicationStatement": frozenset({"taken"}),
        "MedicationDispense": frozenset({"notDone", "notDoneReasonCodeableConcept"}),
        "MedicationAdministration": frozenset({"notGiven", "prescription", "reasonNotGiven"}),
        "AllergyIntolerance": frozenset({"assertedDate"}),
        "Procedure": frozenset({"notDone", "context", "definition"}),
        "Encounter": frozenset({"incomingReferral"}),
        "Coverage": frozenset({"grouping", "sequence"}),
        "QuestionnaireResponse": frozenset({"context", "parent"}),
        "Device": frozenset({"udi"}),
    },
    "R5": {
        "MedicationRequest": frozenset({"medication", "reason"}),
        "MedicationStatement": frozenset({"medication", "reason", "adherence"}),
        "MedicationDispense": frozenset({"medication", "notPerformedReason", "recorded"}),
        "MedicationAdministration": frozenset({"medication", "occurenceDateTime", "occurrenceDateTime", "isSubPotent"}),
        "Procedure": frozenset({"occurrenceDateTime", "occurrencePeriod", "reported", "recorded"}),
        "Encounter": frozenset({"actualPeriod", "plannedStartDate", "admission", "subjectStatus"}),
        "Coverage": frozenset({"insurer", "kind", "paymentBy"}),
        "Observation": frozenset({"triggeredBy", "bodyStructure", "instantiatesCanonical"}),
        "Condition": frozenset({"participant"}),
        "AllergyIntolerance": frozenset({"participant"}),
    },
}


def version_of(resource: Json) -> str:
    """DSTU2, STU3, R4 or R5: the version whose shape the resource has. R4 where nothing speaks against it."""
    kind = resource.get("resourceType", "")
    if kind in OTHER_VERSION:
        return OTHER_VERSION[kind]
    keys = resource.keys()
    for version, telltales in _TELLTALE.items():
        if telltales.get(kind, frozenset()) & keys:
            return version
    return _by_shape(kind, resource)


def _by_shape(kind: str, resource: Json) -> str:
    """Versions told apart by the shape of an element that all of them have."""
    if kind in {"Condition", "AllergyIntolerance"} and isinstance(resource.get("clinicalStatus"), str):
        return "STU3"
    if kind == "AllergyIntolerance" and isinstance(resource.get("type"), dict):
        return "R5"
    if kind == "Encounter" and isinstance(resource.get("class"), str):
        return "DSTU2"
    if kind == "Encounter" and isinstance(resource.get("class"), list):
        return "R5"
    if kind == "Encounter" and _dicts(resource, "reason"):
        return "R5" if any({"use", "value"} & reason.keys() for reason in _dicts(resource, "reason")) else "STU3"
    if kind == "QuestionnaireResponse" and isinstance(resource.get("questionnaire"), dict):
        return "STU3"
    if kind == "MedicationRequest" and isinstance(resource.get("requester"), dict) and "agent" in resource["requester"]:
        return "STU3"
    if kind == "Device" and isinstance(resource.get("name"), list):
        return "R5"
    if kind == "Medication" and any(
        "itemCodeableConcept" in i or "itemReference" in i for i in _dicts(resource, "package")
    ):
        return "STU3"
    if any(isinstance(i.get("item"), dict) for i in _dicts(resource, "ingredient")) and kind == "Medication":
        return "R5"
    dosages = _dicts(resource, "dosageInstruction") + _dicts(resource, "dosage")
    if kind.startswith("Medication") and any("doseQuantity" in d or "doseRange" in d for d in dosages):
        return "STU3"
    return "R4"


def _dicts(resource: Json, key: str) -> list[Json]:
    value = resource.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


class UnreadVersion(Exception):
    """This version's form of the resource is not read."""


def to_r4(resource: Json, version: str) -> Json:
    """The resource in R4 shape. Raises UnreadVersion where this version's form of it is not read."""
    if version == "R4":
        return resource
    kind = resource["resourceType"]
    step = _STEPS.get((version, kind))
    if step is None:
        if (version, kind) in _REFUSED or kind == "DeviceUsage":
            raise UnreadVersion(f"{kind} in the shape of FHIR {version} is not read.")
        return resource
    changed = dict(resource)
    step(changed)
    return changed


def _rename(resource: Json, **names: str) -> None:
    """Move elements to their R4 names (`new=old`), never over one that is there."""
    for new, old in names.items():
        if old in resource and new not in resource:
            resource[new] = resource.pop(old)


def _condition(resource: Json) -> None:
    _rename(resource, subject="patient", recordedDate="assertedDate")
    _rename(resource, recordedDate="dateRecorded")


def _observation(_: Json) -> None:
    """Nothing that is read here changed its name."""


def _order(resource: Json) -> None:
    resource["resourceType"] = "MedicationRequest"
    resource.setdefault("intent", "order")
    _rename(resource, subject="patient", authoredOn="dateWritten", _dateEnded="dateEnded", statusReason="reasonEnded")
    _reason(resource)


def _reason(resource: Json) -> None:
    """DSTU2 `reasonCodeableConcept` and `reasonForUse...`: one concept where R4 has a list."""
    for stem in ("reason", "reasonForUse"):
        concept, reference = resource.pop(f"{stem}CodeableConcept", None), resource.pop(f"{stem}Reference", None)
        if concept is not None:
            resource.setdefault("reasonCode", [concept])
        if reference is not None:
            resource.setdefault("reasonReference", reference if isinstance(reference, list) else [reference])


def _request_stu3(_: Json) -> None:
    """Dosage lines are read in both shapes; `requester` is not read."""


def _statement(resource: Json) -> None:
    taken = resource.pop("taken", None)
    if taken == "n" or resource.pop("wasNotTaken", False) is True:
        resource["status"] = "not-taken"
    if "patient" in resource:
        _reason(resource)
    _rename(resource, subject="patient")


def _dispense(resource: Json) -> None:
    if resource.pop("notDone", False) is True:
        resource["status"] = "declined"
    _rename(resource, subject="patient")


def _administration(resource: Json) -> None:
    given = [resource.pop(key, False) for key in ("notGiven", "wasNotGiven")]
    if any(flag is True for flag in given):
        resource["status"] = "not-done"
    _rename(
        resource, subject="patient", effectiveDateTime="effectiveTimeDateTime", effectivePeriod="effectiveTimePeriod"
    )
    dosage = resource.get("dosage")
    if isinstance(dosage, dict) and isinstance(dosage.get("quantity"), dict) and "dose" not in dosage:
        resource["dosage"] = {**dosage, "dose": dosage["quantity"]}


_DSTU2_ALLERGY = {
    "active": ("active", "unconfirmed"),
    "unconfirmed": ("active", "unconfirmed"),
    "confirmed": ("active", "confirmed"),
    "inactive": ("inactive", ""),
    "resolved": ("resolved", ""),
    "refuted": ("", "refuted"),
    "entered-in-error": ("", "entered-in-error"),
}


def _allergy(resource: Json) -> None:
    _rename(resource, code="substance", recordedDate="assertedDate")
    status = resource.pop("status", None)
    if isinstance(status, str) and status in _DSTU2_ALLERGY:
        clinical, verification = _DSTU2_ALLERGY[status]
        resource.setdefault("clinicalStatus", clinical)
        resource.setdefault("verificationStatus", verification)


def _procedure(resource: Json) -> None:
    flags = [resource.pop(key, False) for key in ("notDone", "notPerformed")]
    if any(flag is True for flag in flags):
        resource["status"] = "not-done"
    if resource.get("status") == "aborted":
        resource["status"] = "stopped"


def _encounter(resource: Json) -> None:
    _rename(resource, subject="patient", reasonCode="reason")
    if isinstance(resource.get("class"), str):
        resource["class"] = {"code": resource["class"]}


def _coverage(resource: Json) -> None:
    grouping = resource.pop("grouping", None)
    if isinstance(grouping, dict):
        resource["class"] = [
            {"type": {"coding": [{"code": kind}]}, "value": grouping[kind], "name": grouping.get(f"{kind}Display", "")}
            for kind in ("group", "plan")
            if isinstance(grouping.get(kind), str)
        ]


def _response(resource: Json) -> None:
    form = resource.get("questionnaire")
    if isinstance(form, dict):
        resource["questionnaire"] = form.get("reference", "") if isinstance(form.get("reference"), str) else ""


def _device(resource: Json) -> None:
    names = resource.pop("name", None)
    if isinstance(names, list):
        resource["deviceName"] = [{"name": n.get("value")} for n in names if isinstance(n, dict)]
    kinds = resource.get("type")
    if isinstance(kinds, list):
        resource["type"] = next((k for k in kinds if isinstance(k, dict)), None)


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
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")
    for old in ("occurenceDateTime", "occurrenceDateTime"):
        _rename(resource, effectiveDateTime=old)
    for old in ("occurencePeriod", "occurrencePeriod"):
        _rename(resource, effectivePeriod=old)
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
    _rename(resource, performedDateTime="occurrenceDateTime", performedPeriod="occurrencePeriod")
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")


def _encounter_r5(resource: Json) -> None:
    _rename(resource, period="actualPeriod")
    classes = _dicts(resource, "class")
    codings = [c for k in classes for c in _dicts(k, "coding")]
    if isinstance(resource.get("class"), list):
        resource["class"] = codings[0] if codings else {}
    values = [v for reason in _dicts(resource, "reason") for v in _dicts(reason, "value")]
    resource["reason"] = values
    _split_codeable_references(resource, "reason", "reasonCode", "reasonReference")
    conditions = [c for d in _dicts(resource, "diagnosis") for c in _dicts(d, "condition")]
    resource["diagnosis"] = [{"condition": c["reference"]} for c in conditions if isinstance(c.get("reference"), dict)]
    concepts = [c["concept"] for c in conditions if isinstance(c.get("concept"), dict)]
    if concepts:
        resource["reasonCode"] = [*(resource.get("reasonCode") or []), *concepts]


def _coverage_r5(resource: Json) -> None:
    if isinstance(resource.get("insurer"), dict):
        resource.setdefault("payor", [resource["insurer"]])
    resource["class"] = [
        {**item, "value": item["value"].get("value")} if isinstance(item.get("value"), dict) else item
        for item in _dicts(resource, "class")
    ]


def _allergy_r5(resource: Json) -> None:
    """R4 writes `type` as a code; `status()` reads both, so only the mark is needed."""


def _medication_r5(resource: Json) -> None:
    _rename(resource, form="doseForm")
    ingredients = []
    for item in _dicts(resource, "ingredient"):
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


_STEPS: dict[tuple[str, str], Callable[[Json], None]] = {
    ("DSTU2", "MedicationOrder"): _order,
    **{("DSTU2", name): step for name, step in {
        "Condition": _condition, "Observation": _observation, "MedicationStatement": _statement,
        "MedicationDispense": _dispense, "MedicationAdministration": _administration, "AllergyIntolerance": _allergy,
        "Procedure": _procedure, "Encounter": _encounter,
    }.items()},
    **{("STU3", name): step for name, step in {
        "Condition": _condition, "Observation": _observation, "MedicationRequest": _request_stu3,
        "MedicationStatement": _statement, "MedicationDispense": _dispense,
        "MedicationAdministration": _administration, "AllergyIntolerance": _allergy, "Procedure": _procedure,
        "Encounter": _encounter, "Coverage": _coverage, "QuestionnaireResponse": _response, "Device": _device,
    }.items()},
    **{("R5", name): step for name, step in {
        "MedicationRequest": _medication_event_r5, "MedicationStatement": _medication_event_r5,
        "MedicationDispense": _medication_event_r5, "MedicationAdministration": _medication_event_r5,
        "Procedure": _procedure_r5, "Encounter": _encounter_r5, "Coverage": _coverage_r5, "Device": _device,
        "Medication": _medication_r5, "Observation": _observation, "Condition": _condition,
        "AllergyIntolerance": _allergy_r5,
    }.items()},
}  # fmt: skip
_REFUSED = {
    ("DSTU2", "QuestionnaireResponse"),  # nested groups of questions
    ("DSTU2", "Coverage"),  # names no beneficiary
}
