"""Which version of FHIR a resource was written in, told by its shape."""

from __future__ import annotations

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


_TOLD_BY: dict[str, frozenset[str]] = {
    kind: frozenset().union(*(telltales.get(kind, frozenset()) for telltales in _TELLTALE.values()))
    for kind in {kind for telltales in _TELLTALE.values() for kind in telltales}
}


def version_of(resource: Json) -> str:
    """DSTU2, STU3, R4 or R5: the version whose shape the resource has. R4 where nothing speaks against it."""
    kind = resource.get("resourceType", "")
    if kind in OTHER_VERSION:
        return OTHER_VERSION[kind]
    if not _TOLD_BY.get(kind, frozenset()).isdisjoint(resource):
        for version, telltales in _TELLTALE.items():
            if not telltales.get(kind, frozenset()).isdisjoint(resource):
                return version
    if kind == "Condition":
        return "STU3" if isinstance(resource.get("clinicalStatus"), str) else "R4"
    return _by_shape(kind, resource) if kind in _SHAPED or kind.startswith("Medication") else "R4"


_SHAPED = frozenset({"AllergyIntolerance", "Encounter", "QuestionnaireResponse", "Device"})


def _by_shape(kind: str, resource: Json) -> str:
    """Versions told apart by the shape of an element that all of them have."""
    if kind == "AllergyIntolerance" and isinstance(resource.get("clinicalStatus"), str):
        return "STU3"
    if kind == "AllergyIntolerance" and isinstance(resource.get("type"), dict):
        return "R5"
    if kind == "Encounter" and isinstance(resource.get("class"), str):
        return "DSTU2"
    if kind == "Encounter" and isinstance(resource.get("class"), list):
        return "R5"
    if kind == "Encounter" and dicts(resource, "reason"):
        return "R5" if any({"use", "value"} & reason.keys() for reason in dicts(resource, "reason")) else "STU3"
    if kind == "QuestionnaireResponse" and isinstance(resource.get("questionnaire"), dict):
        return "STU3"
    if kind == "MedicationRequest" and isinstance(resource.get("requester"), dict) and "agent" in resource["requester"]:
        return "STU3"
    if kind == "Device" and isinstance(resource.get("name"), list):
        return "R5"
    if kind == "Medication" and any(
        "itemCodeableConcept" in i or "itemReference" in i for i in dicts(resource, "package")
    ):
        return "STU3"
    if any(isinstance(i.get("item"), dict) for i in dicts(resource, "ingredient")) and kind == "Medication":
        return "R5"
    dosages = dicts(resource, "dosageInstruction") + dicts(resource, "dosage")
    if kind.startswith("Medication") and any("doseQuantity" in d or "doseRange" in d for d in dosages):
        return "STU3"
    return "R4"


def dicts(resource: Json, key: str) -> list[Json]:
    """The objects in the list under a key; what is not an object is left out."""
    value = resource.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
