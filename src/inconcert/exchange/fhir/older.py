"""Shapes of other FHIR versions brought to R4 where that is sure; the rest is refused by name.

Only the resources read here are brought over, and only elements that are read. What was brought over keeps the mark of
its version in every fact's `origin.fhir_version`; the paths in the account are then those of R4.
"""

from __future__ import annotations

from collections.abc import Callable

from inconcert.exchange.fhir.account import Json
from inconcert.exchange.fhir.newer import R5_STEPS, read_device_names, rename


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


def _condition(resource: Json) -> None:
    rename(resource, subject="patient", recordedDate="assertedDate")
    rename(resource, recordedDate="dateRecorded")


def _observation(_: Json) -> None:
    """Nothing that is read here changed its name."""


def _order(resource: Json) -> None:
    resource["resourceType"] = "MedicationRequest"
    resource.setdefault("intent", "order")
    rename(resource, subject="patient", authoredOn="dateWritten", statusReason="reasonEnded")
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
    rename(resource, subject="patient")


def _dispense(resource: Json) -> None:
    if resource.pop("notDone", False) is True:
        resource["status"] = "declined"
    rename(resource, subject="patient")


def _administration(resource: Json) -> None:
    given = [resource.pop(key, False) for key in ("notGiven", "wasNotGiven")]
    if any(flag is True for flag in given):
        resource["status"] = "not-done"
    rename(
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
    rename(resource, code="substance", recordedDate="assertedDate")
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
    rename(resource, subject="patient", reasonCode="reason")
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
        "Encounter": _encounter, "Coverage": _coverage, "QuestionnaireResponse": _response, "Device": read_device_names,
    }.items()},
    **{("R5", name): step for name, step in R5_STEPS.items()},
}  # fmt: skip
_REFUSED = {
    ("DSTU2", "QuestionnaireResponse"),  # nested groups of questions
    ("DSTU2", "Coverage"),  # names no beneficiary
}
