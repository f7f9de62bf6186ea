"""Which order is for which service: a table a clinician can read."""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.exchange.crd.orders import ordered_service
from inconcert.knowledge.order_codes import order_kinds

Json = dict[str, Any]
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"


def service(text: str = "", system: str = "", code: str = "") -> Json:
    """A service order."""
    coding = [{"system": system, "code": code}] if code else []
    return {"resourceType": "ServiceRequest", "id": "o", "code": {"coding": coding, "text": text}}


def drug(text: str = "", system: str = "", code: str = "", route: str = "", sig: str = "") -> Json:
    """A drug order."""
    coding = [{"system": system, "code": code}] if code else []
    dosage = [{"text": sig, **({"route": {"text": route}} if route else {})}]
    return {
        "resourceType": "MedicationRequest", "id": "o", "medicationCodeableConcept": {"coding": coding, "text": text},
        "dosageInstruction": dosage,
    }  # fmt: skip


# order -> the service asked about first, '' for none of ours
TABLE: list[tuple[Json, str]] = [
    (service(system=SNOMED, code="302744000"), "rtms"),
    (service("Transcranial magnetic stimulation, repetitive"), "rtms"),
    (service("rTMS course, 36 sessions"), "rtms"),
    (service("TMS treatment"), "rtms"),
    (service("Intermittent theta burst stimulation"), "itbs"),
    (service("Deep TMS (H1 coil)"), "dtms"),
    (service("SAINT neuromodulation"), "accelerated_saint"),
    (service(system=HCPCS, code="G2082"), "esketamine"),
    (service(system=HCPCS, code="G2083"), "esketamine"),
    (service(system="urn:oid:2.16.840.1.113883.6.285", code="S0013"), "esketamine"),
    (service("Spravato administration visit"), "esketamine"),
    (service("Ketamine infusion"), "iv_ketamine"),
    (drug(system=RXNORM, code="2119365"), "esketamine"),
    (drug("Spravato 84 mg nasal spray"), "esketamine"),
    (drug(system=RXNORM, code="6130", route="Intravenous route"), "iv_ketamine"),
    (drug("ketamine", route="intramuscular"), "im_ketamine"),
    (drug("ketamine", sig="0.5 mg/kg IV over 40 minutes"), "iv_ketamine"),
    (drug("ketamine"), "iv_ketamine"),
    # not ours
    (service("Chest x-ray"), ""),
    (service("Ear examination: TMs clear"), ""),
    (service("Ketamine level, serum"), ""),
    (service(system=HCPCS, code="E0431"), ""),
    (service(system=SNOMED, code="G2082"), ""),  # the code of another system
    (drug("sertraline 50 mg"), ""),
    (drug("rTMS"), "rtms"),  # written into the wrong kind of order, still what it says
    (service(), ""),
]


@pytest.mark.parametrize(("order", "expected"), TABLE, ids=lambda v: str(v)[-60:] if isinstance(v, dict) else v)
def test_an_order_is_known_by_code_drug_or_words(order: Json, expected: str) -> None:
    """Each order of the table is taken for the service beside it, and others for none."""
    found = ordered_service(order, (), order_kinds())
    assert (found.services[0] if found else "") == expected


def test_what_an_order_does_not_tell_is_said() -> None:
    """A plain TMS code does not say which coil or pattern, and ketamine without a route not which way."""
    for order in (service(system=SNOMED, code="302744000"), drug("ketamine")):
        found = ordered_service(order, (), order_kinds())
        assert found is not None
        assert "does not say which kind" in found.note


def test_a_drug_named_by_reference_is_looked_up_in_the_request() -> None:
    """The Medication may stand inside the order or in the prefetch; one that is nowhere tells nothing."""
    code = {"coding": [{"system": RXNORM, "code": "2119365"}]}
    held = {"resourceType": "Medication", "id": "m1", "code": code}
    outside = {"resourceType": "MedicationRequest", "id": "o", "medicationReference": {"reference": "Medication/m1"}}
    inside = {**outside, "contained": [held], "medicationReference": {"reference": "#m1"}}
    assert ordered_service(outside, (held,), order_kinds()) is not None
    assert ordered_service(inside, (), order_kinds()) is not None
    assert ordered_service(outside, (), order_kinds()) is None


def test_a_visit_is_for_what_the_order_behind_it_is_for() -> None:
    """An appointment based on a TMS order is for TMS; its own words count as well."""
    visit = {
        "resourceType": "Appointment",
        "id": "a",
        "basedOn": [{"reference": "https://ehr.example/fhir/ServiceRequest/o"}],
    }
    found = ordered_service(visit, (service(system=SNOMED, code="302744000"),), order_kinds())
    assert found is not None
    assert found.services[0] == "rtms"
    assert ordered_service({**visit, "basedOn": [], "description": "Spravato visit"}, (), order_kinds()) is not None
    assert ordered_service({**visit, "basedOn": []}, (), order_kinds()) is None


def test_billing_options_of_the_guide_are_read() -> None:
    """CRD puts alternative billing codes into an extension of the code; they count as codes of the order."""
    url = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options"
    option = {"url": url, "valueCodeableConcept": {"coding": [{"system": HCPCS, "code": "G2083"}]}}
    order = {"resourceType": "ServiceRequest", "id": "o", "code": {"extension": [option], "text": "Visit"}}
    found = ordered_service(order, (), order_kinds())
    assert found is not None
    assert found.services == ("esketamine",)
