"""What the service tells an EHR about itself: its hooks, and what to send with each call."""

from __future__ import annotations

from inconcert.exchange.crd.request import HOOKS, Json
from inconcert.exchange.crd.versions import CrdVersion

_P = "{{context.patientId}}"
# What a coverage policy may ask about. Nothing beyond this is ever asked of the EHR: what is not sent is not known.
PREFETCH = {
    "patient": f"Patient/{_P}",
    "coverage": f"Coverage?patient={_P}&status=active&_include=Coverage:payor",
    "conditions": f"Condition?patient={_P}",
    "medications": f"MedicationRequest?patient={_P}&_include=MedicationRequest:medication",
    "dispenses": f"MedicationDispense?patient={_P}",
    "statements": f"MedicationStatement?patient={_P}",
    "procedures": f"Procedure?patient={_P}",
    "observations": f"Observation?patient={_P}&category=survey,exam,vital-signs",
    "forms": f"QuestionnaireResponse?patient={_P}",
    "devices": f"Device?patient={_P}",
    "allergies": f"AllergyIntolerance?patient={_P}",
}
ORDERS = {"serviceRequests": f"ServiceRequest?patient={_P}&status=active,draft"}
_TITLES = {
    "order-sign": "Coverage of TMS, esketamine and ketamine when an order is signed",
    "order-select": "Coverage of TMS, esketamine and ketamine when an order is chosen",
    "order-dispatch": "Coverage of TMS, esketamine and ketamine when an order is sent out",
    "appointment-book": "Coverage of TMS, esketamine and ketamine when a visit is booked",
}
_DESCRIPTION = (
    "Reads the payer's published coverage policy against the chart sent with the call, and lists each criterion as met, not "
    "met or not known, with its source. Supports a clinician's decision; the payer decides. Fetches nothing."
)
_OPTIONS = [
    {
        "code": "coverage-info", "type": "boolean", "name": "Coverage information",
        "description": "Cards and coverage information on orders of TMS, esketamine and ketamine", "default": True,
    },
    {
        "code": "max-cards", "type": "integer", "name": "Most cards",
        "description": "No more cards than this; the weightiest come first", "default": 10,
    },
]  # fmt: skip


def service_id(hook: str) -> str:
    """The id of the service of a hook, which is also the end of its address."""
    return f"inconcert-{hook}"


def hook_of(service: str) -> str | None:
    """The hook that a service id stands for, or None."""
    hook = service.removeprefix("inconcert-")
    return hook if hook in HOOKS and service == service_id(hook) else None


def prefetch_of(hook: str) -> dict[str, str]:
    """What to send with a call of this hook."""
    return PREFETCH | (ORDERS if hook in ("order-dispatch", "appointment-book") else {})


def discovery() -> Json:
    """The answer to GET /cds-services."""
    # The guide's pattern for a version allows no zero, so that 2.0, which is spoken too, cannot be said here.
    versions = [CrdVersion.V2_2.value]
    return {
        "services": [
            {
                "hook": hook, "id": service_id(hook), "title": _TITLES[hook], "description": _DESCRIPTION,
                "prefetch": prefetch_of(hook),
                "extension": {"davinci-crd.version": versions, "davinci-crd.configuration-options": _OPTIONS},
            }
            for hook in HOOKS
        ]
    }  # fmt: skip
