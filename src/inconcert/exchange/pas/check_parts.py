"""Profile rules of what stands beside the Claim: person, plan, organizations, clinicians, orders, enclosures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.look import Look, codings, is_x12, objects
from inconcert.exchange.pas.parties import FULL_DATE
from inconcert.exchange.pas.types import FindingKind, Json

CHART, SETTING = FindingKind.CHART, FindingKind.SETTING
ORDERS = ("ServiceRequest", "MedicationRequest", "DeviceRequest", "NutritionOrder")


def identifiers(look: Look, resource: Json, where: str, kind: FindingKind = FindingKind.FAULT) -> None:
    """The PAS identifier profile of 2.2.1: system and value, both."""
    if look.shape == "2.0.1":
        return
    for number, each in enumerate(objects(resource.get("identifier"))):
        place = f"{where}.identifier[{number}]"
        look.need(
            place,
            "PASIdentifier",
            each.get("system") and each.get("value"),
            "has no system or no value",
            "Give both.",
            kind,
        )


def patient(look: Look, resource: Json, where: str) -> None:
    """Beneficiary and subscriber (US Core Patient): a number, a name, a gender; a birth date is a full one."""
    numbers = [i for i in objects(resource.get("identifier")) if i.get("system") and i.get("value")]
    look.need(
        f"{where}.identifier", "1..*", numbers, "no record number with its system", "Give the record number.", CHART
    )
    named = [n for n in objects(resource.get("name")) if n.get("family") or n.get("given")]
    look.need(f"{where}.name", "1..*", named, "no name", "Write the name into the chart.", CHART)
    look.need(
        f"{where}.gender", "1..1", resource.get("gender"), "no administrative gender", "Write it into the chart.", CHART
    )
    birth = resource.get("birthDate")
    if birth is not None:
        look.need(
            f"{where}.birthDate",
            "FullDateRule",
            FULL_DATE.match(str(birth)),
            f"{str(birth)[:20]!r} is not a full date",
            "Write YYYY-MM-DD, or leave it out.",
        )


def organization(look: Look, resource: Json, where: str) -> None:
    """Insurer and requestor (US Core Organization): active, with a name."""
    identifiers(look, resource, where)
    look.need(
        f"{where}.active",
        "1..1 true",
        resource.get("active") is True,
        "is not said to be active",
        "Set active to true.",
    )
    look.need(f"{where}.name", "1..1", resource.get("name"), "has no name", "Give its name.", SETTING)


def practitioner(look: Look, resource: Json, where: str) -> None:
    """A clinician (US Core Practitioner): a number and a family name."""
    identifiers(look, resource, where)
    look.need(
        f"{where}.identifier",
        "1..*",
        objects(resource.get("identifier")),
        "has no identifier",
        "Give the NPI.",
        SETTING,
    )
    named = [n for n in objects(resource.get("name")) if n.get("family")]
    look.need(f"{where}.name.family", "1..1", named, "has no family name", "Give it.", SETTING)


def role(look: Look, resource: Json, where: str) -> None:
    """A clinician's role: who it is, and (US Core) how to reach the person."""
    look.need_target(f"{where}.practitioner", resource.get("practitioner"), ("Practitioner",), "the clinician")
    reach = look.shape == "2.0.1" or resource.get("telecom") or resource.get("endpoint")
    look.need(
        f"{where}.telecom",
        "us-core pd-1",
        reach,
        "neither telephone nor endpoint",
        "Give the clinic's telephone.",
        SETTING,
    )


def coverage(look: Look, resource: Json, where: str) -> None:
    """The plan (US Core Coverage): member number, active, whose, related how, paid by whom."""
    if look.shape != "2.0.1":
        members = [
            i for i in objects(resource.get("identifier")) if any(c.get("code") == "MB" for c in codings(i.get("type")))
        ]
        look.need(
            f"{where}.identifier:memberid",
            "1..*",
            members,
            "no member number",
            "Copy it from the insurance card.",
            CHART,
        )
    look.need(
        f"{where}.status", "active", resource.get("status") == "active", "is not active", "Send the plan in force."
    )
    look.need_target(f"{where}.beneficiary", resource.get("beneficiary"), ("Patient",), "the beneficiary")
    relation = codings(resource.get("relationship"))
    told = relation or look.shape == "2.0.1"
    look.need(
        f"{where}.relationship",
        "1..1",
        told,
        "how the person is related to the subscriber is not said",
        "Write it into the Coverage.",
        CHART,
    )
    in_x12 = any(c.get("code") == "self" for c in relation) and any(is_x12(c.get("system")) for c in relation)
    if relation and not in_x12 and look.shape != "2.0.1":
        there = resource.get("subscriber")
        look.need(
            f"{where}.subscriber",
            "self-beneficiary",
            there,
            "the subscriber is not named",
            "Name the subscriber, or give X12's code for self.",
            CHART,
        )
    payors = objects(resource.get("payor"))
    if look.need(f"{where}.payor", "1..1", len(payors) == 1, f"{len(payors)} payers are named", "Name one payer."):
        look.need_target(f"{where}.payor[0]", payors[0], ("Organization",), "the payer")


def order(look: Look, resource: Json, where: str) -> None:
    """The order behind an item: an order, active, for what, for whom."""
    kind = resource.get("resourceType")
    look.need(
        f"{where}.intent",
        "order",
        resource.get("intent") == "order",
        "its intent is not `order`",
        "Send the order itself.",
    )
    if kind == "MedicationRequest":
        look.need(
            f"{where}.status", "active", resource.get("status") == "active", "is not active", "Send the order in force."
        )
        named = resource.get("medicationCodeableConcept") or resource.get("medicationReference")
        look.need(f"{where}.medication[x]", "1..1", named, "names no drug", "Name the drug.")
        by = resource.get("requester") or look.shape == "2.0.1"
        look.need(f"{where}.requester", "us-core-21", by, "who orders it is not said", "Give the clinician.", SETTING)
    if kind in ("ServiceRequest", "DeviceRequest"):
        named = resource.get("code") or resource.get("codeCodeableConcept")
        look.need(f"{where}.code", "1..1", named, "names no service", "Name the service.")
    owner = resource.get("patient" if kind == "NutritionOrder" else "subject")
    look.need_target(f"{where}.subject", owner, ("Patient",), "whom it is for")


def document(look: Look, resource: Json, where: str) -> None:
    """A document: with its type and category, and its content inside the Bundle."""
    look.need(f"{where}.type", "1..1", resource.get("type"), "no type", "Say what document it is.")
    look.need(f"{where}.category", "1..*", resource.get("category"), "no category", "Say what kind of document it is.")
    for number, content in enumerate(objects(resource.get("content"))):
        attachment = content.get("attachment")
        inside = attachment.get("data") if isinstance(attachment, Mapping) else None
        place = f"{where}.content[{number}].attachment.data"
        look.need(place, "1..1", inside, "the content is not enclosed", "Put the content itself into the Bundle.")
        if look.shape != "2.0.1" and isinstance(attachment, Mapping):
            look.need(
                place,
                "url 0..0",
                "url" not in attachment,
                "an address stands there",
                "Enclose the content, no address.",
            )


_ENCLOSED: Mapping[str, tuple[str, ...]] = {
    "Condition": ("category", "code"),
    "Observation": ("status", "category", "code"),
    "Procedure": ("status", "code"),
    "QuestionnaireResponse": ("questionnaire", "status", "authored"),
    "MedicationRequest": ("status", "intent"),
    "AllergyIntolerance": ("code",),
}


def enclosed(look: Look, resource: Json, where: str) -> None:
    """An enclosed chart record: what US Core wants of its kind. What the chart lacks is the chart's to mend."""
    kind = str(resource.get("resourceType"))
    if kind == "DocumentReference":
        document(look, resource, where)
        return
    for name in _ENCLOSED.get(kind, ()):
        look.need(
            f"{where}.{name}",
            "US Core 1..",
            resource.get(name),
            f"the chart's {kind} has no {name}",
            "Complete the record in the chart.",
            CHART,
        )
    owner = resource.get("patient" if kind == "AllergyIntolerance" else "subject")
    if kind in _ENCLOSED:
        look.need_target(f"{where}.subject", owner, ("Patient",), "whose record it is")


PARTS: Mapping[str, Callable[[Look, Json, str], None]] = {
    "Patient": patient,
    "Organization": organization,
    "Practitioner": practitioner,
    "PractitionerRole": role,
    "Coverage": coverage,
}


def diagnosis_systems() -> tuple[str, ...]:
    """The tables a diagnosis may be coded in."""
    return (
        "http://terminology.hl7.org/CodeSystem/icd9cm",
        "http://hl7.org/fhir/sid/icd-10-cm",
        "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software",
        "http://uri.hddaccess.com/cs/apdrg",
        "http://uri.hddaccess.com/cs/aprdrg",
    )


def service_systems() -> tuple[str, ...]:
    """The tables a product or service may be coded in, X12's aside."""
    return (
        at.HL7 + "data-absent-reason",
        "http://www.ama-assn.org/go/cpt",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http://terminology.hl7.org/CodeSystem/icd9cm",
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "http://hl7.org/fhir/sid/ndc",
    )


def place_systems() -> tuple[str, ...]:
    """The tables a place may be coded in."""
    return (
        "https://www.nubc.org/CodeSystem/TypeOfBill",
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
    )
