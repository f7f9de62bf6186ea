"""The coverage-information extension on an order, in the shape of each version of CRD.

It never says covered: that is the payer's word, and this is a reading of the payer's published policy. It says
conditional, and not-covered only where the policy refuses the service flatly. It carries no fact of the chart, because the
order with it travels on to payer and pharmacy.
"""

from __future__ import annotations

import copy
import uuid
from datetime import date

from inconcert.exchange.crd.findings import Answered, Finding, UnderPlan
from inconcert.exchange.crd.request import HookRequest, Json
from inconcert.exchange.crd.versions import COVERAGE_INFORMATION, CRD_TEMP, CrdVersion
from inconcert.exchange.dtr import form_of, reference_of
from inconcert.payers.wording import plain

_NAMESPACE = uuid.UUID(
    "0f6e4f4e-5b0e-4d0c-9a53-2f9a3e6f7c11"
)  # ours, so that the same call gives the same trace numbers
_MARK = "inconcert-"
_PRIOR_AUTH = {"required": "auth-needed", "not_required": "no-auth"}


def trace(request: HookRequest, *parts: str) -> str:
    """A trace number made of the call and what it was about; it tells nothing of the person."""
    return str(uuid.uuid5(_NAMESPACE, "|".join((request.instance, *parts))))


def update(request: HookRequest, finding: Finding, today: date) -> Json | None:
    """The system action that puts the coverage information on an order; None where there is no coverage to speak of."""
    added = [_extension(request, finding, under, today) for under in finding.plans]
    if not added:
        return None
    resource = copy.deepcopy(finding.order.resource)
    kept = resource.get("extension")
    others = [e for e in kept if not _is_ours(e)] if isinstance(kept, list) else []
    resource["extension"] = [*others, *added]
    return {
        "type": "update",
        "description": "Adds what the payer's published policy, as read by InConcert, says of this order",
        "resource": resource,
    }


def _is_ours(extension: object) -> bool:
    """An earlier answer of this service, which the new one replaces."""
    if not isinstance(extension, dict) or extension.get("url") != COVERAGE_INFORMATION:
        return False
    parts = extension.get("extension")
    return any(
        isinstance(p, dict)
        and p.get("url") == "coverage-assertion-id"
        and str(p.get("valueString", "")).startswith(_MARK)
        for p in (parts if isinstance(parts, list) else [])
    )


def _extension(request: HookRequest, finding: Finding, under: UnderPlan, today: date) -> Json:
    flat_no = bool(under.answers) and all(a.outward.decision == "never_covered" for a in under.answers)
    parts: list[Json] = [
        {"url": "coverage", "valueReference": {"reference": under.plan.origin.resource}},
        {"url": "covered", "valueCode": "not-covered" if flat_no else "conditional"},
    ]
    if not flat_no:
        needed = _prior_auth(under)
        parts.append({"url": "pa-needed", "valueCode": needed})
        # When an order is only being chosen, the guide wants no call for documents yet.
        forms = [] if request.hook == "order-select" else _forms(under)
        if forms:
            parts.append({"url": "doc-needed", "valueCode": "clinical"})
            parts.append({"url": "doc-purpose", "valueCode": "retain-doc" if needed == "no-auth" else "withpa"})
        parts.append({"url": "info-needed", "valueCode": "OTH"})
        parts.append({"url": "reason", "valueCodeableConcept": {"text": _reason(under)}})
        parts.append(_detail(request.version, under))
        parts += [{"url": "questionnaire", "valueCanonical": form} for form in forms]
    else:
        parts.append({"url": "reason", "valueCodeableConcept": {"text": _reason(under)}})
    parts.append({"url": "date", "valueDate": today.isoformat()})
    number = f"{_MARK}{trace(request, finding.order.key, under.plan.origin.resource)}"
    parts.append({"url": "coverage-assertion-id", "valueString": number})
    return {"url": COVERAGE_INFORMATION, "extension": parts}


def _prior_auth(under: UnderPlan) -> str:
    """What the policies say of prior authorization where they all say the same, without rules of their own about when."""
    said = {
        "conditional"
        if a.policy.file.process.rules
        else _PRIOR_AUTH.get(a.policy.file.process.prior_auth, "conditional")
        for a in under.answers
    }
    return said.pop() if len(said) == 1 else "conditional"


def _forms(under: UnderPlan) -> list[str]:
    return [reference_of(form_of(answered.policy, answered.service)) for answered in under.answers]


def _reason(under: UnderPlan) -> str:
    if not under.answers:
        return "InConcert holds no policy of this payer for this service; ask the payer."
    said = "; ".join(f"{a.policy.id}: {_state(a)}" for a in under.answers)
    return f"InConcert's reading of the published policy, not the payer's decision. {said}."


def _state(answered: Answered) -> str:
    outward = answered.outward
    if outward.decision == "never_covered":
        return "the policy does not cover this service"
    words = {"met": "criteria read as met", "not_met": "criteria read as not met", "unknown": "criteria not all known"}
    return words[outward.answer.value]


def _detail(version: CrdVersion, under: UnderPlan) -> Json:
    asked = sum(len(a.outward.missing) for a in under.answers)
    text = (
        f"{asked} questions are open; see the form."
        if under.answers
        else "Ask the payer which policy governs this order."
    )
    parts: list[Json] = [] if version is CrdVersion.V2_0 else [{"url": "category", "valueCode": "cat-decisional"}]
    code: Json = {"text": "Instructions"}
    if version is not CrdVersion.V2_0:
        code = {"coding": [{"system": CRD_TEMP, "code": "instructions", "display": "Instructions"}]}
    services = ", ".join(dict.fromkeys(plain(a.service) for a in under.answers))
    parts += [{"url": "code", "valueCodeableConcept": code}, {"url": "value", "valueString": text}]
    if services:
        parts.append({"url": "qualification", "valueString": f"Asked as {services}."})
    return {"url": "detail", "extension": parts}
