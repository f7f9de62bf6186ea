"""The Claim: what is asked for, for which diagnosis, with what beside it. Two shapes, of 2.2.1 and of 2.0.1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from inconcert.exchange.clinic import ClinicSettings, CodeValue
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.asked import AskedService
from inconcert.exchange.pas.names import BundleNames
from inconcert.exchange.pas.parties import FULL_DATE, Parties, service_gap
from inconcert.exchange.pas.types import Gap, GapKind, Json, missing
from inconcert.knowledge.drugs import drug_book
from inconcert.record import CodeSystem, Condition


def ext(url: str, kind: str, value: object) -> Json:
    """One FHIR extension with a value of a kind (`String`, `CodeableConcept`, ...)."""
    return {"url": url, f"value{kind}": value}


def concept(*codes: CodeValue, text: str = "") -> Json:
    """A CodeableConcept of configured codes; `text` alone where there are none."""
    found: Json = {"coding": [code.coding() for code in codes]} if codes else {}
    return found | ({"text": text} if text else {})


def trace(names: BundleNames, settings: ClinicSettings, key: str) -> Json:
    """An identifier of ours: in the clinic's own system where it has one."""
    value = names.of(key)
    if settings.identifier_system:
        return {"system": settings.identifier_system, "value": value}
    return {"system": at.URI, "value": f"urn:uuid:{value}"}


def order_of(
    names: BundleNames, asked: AskedService, parties: Parties, settings: ClinicSettings, created: datetime
) -> Json:
    """The order behind an item, put into the Bundle; gives back the reference to it."""
    codes = settings.service(asked.service).product_or_service
    resource: Json = {"resourceType": asked.entry.order, "meta": {"profile": [at.PROFILE + asked.entry.order.lower()]}}
    resource |= {"status": "active", "intent": "order"}
    if asked.entry.order == "MedicationRequest":
        resource["medicationCodeableConcept"] = _drug(asked)
        resource["subject"] = parties.patient
        resource["authoredOn"] = created.date().isoformat()
        if asked.how:
            resource["dosageInstruction"] = [{"text": asked.how}]
    else:
        name = "codeCodeableConcept" if asked.entry.order == "DeviceRequest" else "code"
        resource[name] = concept(*codes, text=asked.entry.name)
        if asked.units is not None and asked.entry.order == "ServiceRequest":
            resource["quantityQuantity"] = quantity(asked, settings)
        resource["subject"] = parties.patient
        resource["authoredOn"] = created.date().isoformat()
    if parties.clinician is not None:
        resource["requester"] = parties.clinician
    return names.add(f"order/{asked.service}", resource)


def _drug(asked: AskedService) -> Json:
    """The drug by its RxNorm ingredient; which product is dispensed is the pharmacy's to say."""
    drug = drug_book().drugs.get(asked.entry.drug)
    found: Json = {"text": asked.entry.name}
    if drug is not None and drug.rxcui:
        found["coding"] = [{"system": CodeSystem.RXNORM.value, "code": drug.rxcui, "display": drug.name}]
    return found


def quantity(asked: AskedService, settings: ClinicSettings) -> Json:
    """How much, in sessions or visits; the payer's own code for the unit only where the clinic gave it."""
    units = asked.units or 0
    found: Json = {"value": int(units) if float(units).is_integer() else units, "unit": asked.entry.unit}
    unit = settings.codes.unit
    return found | ({"system": unit.system, "code": unit.code} if unit else {})


def item(
    sequence: int, asked: AskedService, order: Json, names: BundleNames, settings: ClinicSettings, shape: str,
    counts: tuple[int, int, int], gaps: list[Gap],
) -> Json:  # fmt: skip
    """One line of the Claim. `counts` are how many care team members, diagnoses and enclosures it refers to."""
    entry = settings.service(asked.service)
    extensions = _kind_of_review(settings, shape, gaps)
    extensions.append(ext(at.TRACE_NUMBER, "Identifier", trace(names, settings, f"item/{asked.service}")))
    extensions.append(ext(at.REQUESTED_SERVICE, "Reference", order))
    found: Json = {"extension": extensions, "sequence": sequence}
    for name, count in zip(("careTeamSequence", "diagnosisSequence", "informationSequence"), counts, strict=True):
        if count:
            found[name] = list(range(1, count + 1))
    if entry.category:
        found["category"] = concept(entry.category)
    else:
        gaps.append(
            service_gap(asked.service, "category", "Claim.item.category", "the payer's category of the service")
        )
    if not entry.product_or_service:
        gaps.append(
            service_gap(
                asked.service, "product_or_service", "Claim.item.productOrService", "the procedure or drug code"
            )
        )
    found["productOrService"] = concept(*entry.product_or_service, text=asked.entry.name)
    if entry.modifiers:
        found["modifier"] = [concept(code) for code in entry.modifiers]
    _when_where_how_many(found, asked, settings, shape, gaps)
    return found


def _kind_of_review(settings: ClinicSettings, shape: str, gaps: list[Gap]) -> list[Json]:
    """The two X12 codes that say what kind of review is asked for, as far as the clinic gave them."""
    found = []
    for url, code, name, what in (
        (at.REQUEST_TYPE, settings.codes.request_type, "request_type", "what kind of review is asked for"),
        (
            at.CERTIFICATION_TYPE,
            settings.codes.certification_type,
            "certification_type",
            "whether it is a first request",
        ),
    ):
        if code is not None:
            found.append(ext(url, "CodeableConcept", concept(code)))
        elif shape != "2.0.1":
            gaps.append(missing(f"Claim.item.extension:{name}", f"codes.{name}", what))
    return found


def _when_where_how_many(
    found: Json, asked: AskedService, settings: ClinicSettings, shape: str, gaps: list[Gap]
) -> None:
    entry = settings.service(asked.service)
    if asked.start:
        period = {"start": asked.start.isoformat()} | ({"end": asked.end.isoformat()} if asked.end else {})
        found["servicedPeriod"] = period
    else:
        gaps.append(
            Gap(
                GapKind.CHOICE,
                "Claim.item.serviced[x]",
                f"from when {asked.service} is asked for",
                "Give the first day (--start).",
            )
        )
    if entry.place_of_service:
        found["locationCodeableConcept"] = concept(entry.place_of_service)
    elif shape != "2.0.1":
        gaps.append(
            service_gap(asked.service, "place_of_service", "Claim.item.location[x]", "where the service is given")
        )
    if asked.units is not None:
        found["quantity"] = quantity(asked, settings)
    else:
        mend = f"Give the number (--units {asked.service}=N), or a plan that fixes it (--plan)."
        gaps.append(Gap(GapKind.CHOICE, "Claim.item.quantity", f"how many {asked.entry.unit} of {asked.service}", mend))


def diagnoses(conditions: Sequence[Condition], gaps: list[Gap]) -> list[Json]:
    """The diagnoses in ICD-10-CM as the chart has them. Another code is never turned into one."""
    found: list[Json] = []
    for condition in conditions:
        codes = [c for c in condition.codings if c.system == CodeSystem.ICD10CM]
        if not codes:
            continue
        entry: Json = {}
        recorded = str(condition.recorded) if condition.recorded else ""
        if FULL_DATE.match(recorded):
            entry["extension"] = [ext(at.RECORDED_DATE, "Date", recorded)]
        coding = {"system": codes[0].system, "code": codes[0].code} | (
            {"display": codes[0].display} if codes[0].display else {}
        )
        found.append(entry | {"sequence": len(found) + 1, "diagnosisCodeableConcept": {"coding": [coding]}})
    if not found:
        mend = "Give the depression its ICD-10-CM code in the chart; codes of other tables are not translated."
        gaps.append(Gap(GapKind.CHART, "Claim.diagnosis", "an ICD-10-CM code of the depression", mend))
    return found


def enclosures(
    references: Sequence[Json], messages: Sequence[str], settings: ClinicSettings, shape: str, gaps: list[Gap]
) -> list[Json]:
    """The supportingInfo: every enclosed resource, then what is said in words."""
    found: list[Json] = []
    report = settings.codes.report_type
    if references and report is None and shape != "2.0.1":
        gaps.append(
            missing(
                "Claim.supportingInfo.extension:documentInformation",
                "codes.report_type",
                "what kind of report an enclosure is",
            )
        )
    for reference in references:
        entry: Json = {}
        if report is not None and shape != "2.0.1":
            entry["extension"] = [
                {
                    "url": at.DOCUMENT_INFORMATION,
                    "extension": [ext("reportTypeCode", "CodeableConcept", concept(report))],
                }
            ]
        entry |= {
            "sequence": len(found) + 1,
            "category": _category("additionalInformation"),
            "valueReference": reference,
        }
        found.append(entry)
    for message in messages:
        found.append({"sequence": len(found) + 1, "category": _category("freeFormMessage"), "valueString": message})
    return found


def _category(code: str) -> Json:
    return {"coding": [{"system": at.PAS_CODES, "code": code}]}


def claim_head(names: BundleNames, parties: Parties, settings: ClinicSettings, created: datetime, urgent: bool) -> Json:
    """The Claim without its lists."""
    found: Json = {
        "resourceType": "Claim",
        "meta": {"profile": [at.CLAIM]},
        "identifier": [trace(names, settings, "request")],
        "status": "active",
        "type": {"coding": [{"system": at.CLAIM_TYPE, "code": "professional"}]},
        "use": "preauthorization",
        "patient": parties.patient,
        "created": created.isoformat(timespec="seconds"),
        "insurer": parties.insurer,
        "provider": parties.provider,
        "priority": {"coding": [{"system": at.PRIORITY, "code": "stat" if urgent else "normal"}]},
    }
    if parties.clinician is not None:
        scope = ext(at.CARE_TEAM_SCOPE, "Boolean", True)
        found["careTeam"] = [{"extension": [scope], "sequence": 1, "provider": parties.clinician}]
    return found
