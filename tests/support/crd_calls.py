"""CDS Hooks calls as an EHR writes them, from an invented person's chart."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

TMS_ORDER: Json = {
    "resourceType": "ServiceRequest", "id": "tms-1", "status": "draft", "intent": "order",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "302744000"}]},
}  # fmt: skip
ESKETAMINE_ORDER: Json = {
    "resourceType": "MedicationRequest", "id": "esk-1", "status": "draft", "intent": "order",
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "2119365", "display": "esketamine"}]
    },
    "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 56, "unit": "mg"}}]}],
}  # fmt: skip
SCAN_ORDER: Json = {
    "resourceType": "ServiceRequest", "id": "scan-1", "status": "draft", "intent": "order",
    "code": {"text": "Chest x-ray, two views"},
}  # fmt: skip
_KEYS = {
    "coverage": ("Coverage", "Organization"), "conditions": ("Condition",), "medications": ("MedicationRequest", "Medication"),
    "dispenses": ("MedicationDispense",), "statements": ("MedicationStatement",), "procedures": ("Procedure",),
    "observations": ("Observation",), "forms": ("QuestionnaireResponse",), "devices": ("Device",),
    "allergies": ("AllergyIntolerance",),
}  # fmt: skip


def prefetch_of(bundle: Json) -> Json:
    """A chart as the prefetch that the discovery asks for."""
    held = [entry["resource"] for entry in bundle["entry"]]
    patient = next(r for r in held if r["resourceType"] == "Patient")
    return {"patient": patient} | {
        key: {
            "resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in held if r["resourceType"] in kinds]
        }
        for key, kinds in _KEYS.items()
    }  # fmt: skip


def call(bundle: Json, *orders: Json, hook: str = "order-sign", version: str = "", **context: Any) -> Json:
    """A call for these draft orders of the person a bundle is about."""
    prefetch = copy.deepcopy(prefetch_of(bundle))
    patient = prefetch["patient"]["id"]
    drafts = [{"subject": {"reference": f"Patient/{patient}"}, **order} for order in orders]
    whole: Json = {
        "hook": hook,
        "hookInstance": "d5a80646-7ef5-4edf-ade9-72407ca28c76",
        "fhirServer": "https://ehr.example/fhir",
        "fhirAuthorization": {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"},
        "context": {
            "userId": "Practitioner/n1", "patientId": patient,
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": d} for d in drafts]},
            **context,
        },
        "prefetch": prefetch,
    }  # fmt: skip
    if version:
        whole["extension"] = {"davinci-crd.requestedVersion": version}
    return whole
