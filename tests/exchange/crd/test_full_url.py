"""What a call leads to by another name than `Type/id` is known all the same."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from inconcert.exchange.crd import parse
from inconcert.exchange.crd.findings import find
from inconcert.knowledge.order_codes import order_kinds
from support.crd_calls import TMS_ORDER, call

Json = dict[str, Any]


def test_what_stands_on_a_contact_named_by_its_full_url_stays_in_the_clinic(charts: dict[str, Json]) -> None:
    """A prefetched order that names a labeled contact by the `fullUrl` of its entry is no part of what the order carries away."""
    request = call(charts["complete-and-clean"], TMS_ORDER)
    address = "https://ehr.example/contacts/7"
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "ETH"}]}
    subject = {"reference": f"Patient/{request['context']['patientId']}"}
    visit = {
        "resourceType": "Encounter",
        "id": "v",
        "meta": label,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": subject,
    }
    order = {
        "resourceType": "MedicationRequest", "id": "canary", "status": "completed", "intent": "order", "subject": subject,
        "medicationCodeableConcept": {"text": "mirtazapine 30 MG"}, "authoredOn": "2026-06-01", "encounter": {"reference": address},
    }  # fmt: skip
    request["prefetch"]["more"] = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [{"fullUrl": address, "resource": visit}, {"resource": order}],
    }  # fmt: skip
    found = find(parse(json.dumps(request).encode(), "order-sign"), date(2026, 11, 22), order_kinds())
    (answered, *_) = [a for f in found.findings for under in f.plans for a in under.answers]
    assert "MedicationRequest/canary" in {fact.id for fact in found.case.person.facts()}
    assert answered.outward is not answered.determination
    assert "canary" not in repr(answered.outward.criteria)
