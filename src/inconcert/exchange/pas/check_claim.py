"""Profile rules of the Claim and its lists."""

from __future__ import annotations

from typing import Any

from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas import check_parts as parts
from inconcert.exchange.pas.check_item import check_item, full_dates
from inconcert.exchange.pas.look import Look, codings, extension, has_code, objects, value_of, whole
from inconcert.exchange.pas.types import FindingKind, Json

SETTING, CHART = FindingKind.SETTING, FindingKind.CHART
CLAIM_TYPES = ("institutional", "professional", "oral")
_WITH_TIMING = ("patientEvent", "admissionDates", "dischargeDates")
_ENCLOSABLE = {"DocumentReference", "QuestionnaireResponse", "AllergyIntolerance", "Condition", "DiagnosticReport", "Immunization",
               "MedicationRequest", "Procedure", "ServiceRequest", "Observation", "NutritionOrder", "DeviceRequest", "Bundle"}  # fmt: skip


def claim(look: Look, resource: Json, where: str, *, inquiry: bool) -> None:
    """A request Claim, or with `inquiry` the Claim that asks what became of one."""
    update = any(str(p).partition("|")[0].endswith("profile-claim-update") for p in _profiles(resource))
    _head(look, resource, where, inquiry=inquiry, update=update)
    for number, each in enumerate(objects(resource.get("insurance"))):
        place = f"{where}.insurance[{number}]"
        look.need(
            f"{place}.focal",
            "true",
            each.get("focal") is True,
            "is not the focal coverage",
            "Send one coverage, focal true.",
        )
        look.need_target(f"{place}.coverage", each.get("coverage"), ("Coverage",), "the coverage")
    look.need(f"{where}.insurance", "1..*", objects(resource.get("insurance")), "no coverage", "Add the coverage.")
    _care_team(look, resource, where)
    _supporting_info(look, resource, where, inquiry=inquiry)
    _diagnosis(look, resource, where)
    numbers = {
        name: {whole(e.get("sequence")) for e in objects(resource.get(name))}
        for name in ("careTeam", "diagnosis", "supportingInfo")
    }
    items = objects(resource.get("item"))
    look.need(f"{where}.item", "1..*", items or inquiry, "nothing is asked for", "Add an item.")
    _sequences(look, items, f"{where}.item")
    for number, each in enumerate(items):
        check_item(look, each, f"{where}.item[{number}]", numbers, inquiry=inquiry)


def _profiles(resource: Json) -> list[Any]:
    meta = resource.get("meta")
    found = meta.get("profile") if isinstance(meta, dict) else None
    return found if isinstance(found, list) else []


def _head(look: Look, resource: Json, where: str, *, inquiry: bool, update: bool) -> None:
    numbers = objects(resource.get("identifier"))
    most = 1 if inquiry or look.shape == "2.0.1" else 2
    look.need(
        f"{where}.identifier",
        f"1..{most}",
        1 <= len(numbers) <= most,
        f"{len(numbers)} identifiers",
        f"Give 1 to {most}.",
    )
    parts.identifiers(look, resource, where)
    look.need(
        f"{where}.status", "active", resource.get("status") == "active", "status is not active", "Set it to active."
    )
    look.need(
        f"{where}.use",
        "preauthorization",
        resource.get("use") == "preauthorization",
        "is not a preauthorization",
        "Set use to preauthorization.",
    )
    kind = [c.get("code") for c in codings(resource.get("type")) if c.get("system") == at.CLAIM_TYPE]
    look.need(
        f"{where}.type",
        "ClaimTypes",
        any(k in CLAIM_TYPES for k in kind),
        "no claim type of the guide",
        f"One of {', '.join(CLAIM_TYPES)}.",
    )
    look.need(
        f"{where}.created", "1..1", isinstance(resource.get("created"), str), "no date", "Give the date it was made."
    )
    look.need(f"{where}.priority", "1..1", codings(resource.get("priority")), "no priority", "Give a priority.")
    look.need_target(f"{where}.patient", resource.get("patient"), ("Patient",), "the patient")
    look.need_target(f"{where}.insurer", resource.get("insurer"), ("Organization",), "the insurer")
    look.need_target(
        f"{where}.provider", resource.get("provider"), ("Organization", "PractitionerRole"), "the clinic that asks"
    )
    related = objects(resource.get("related"))
    if look.shape != "2.0.1" and not inquiry:
        right = len(related) == 1 and bool(related[0].get("claim")) if update else not related
        look.need(
            f"{where}.related",
            "1..1" if update else "0..0",
            right,
            "an earlier claim is named" if related else "no earlier claim is named",
            "Name the earlier claim in an update, and only there.",
        )


def _care_team(look: Look, resource: Json, where: str) -> None:
    members = objects(resource.get("careTeam"))
    _sequences(look, members, f"{where}.careTeam")
    for number, each in enumerate(members):
        place = f"{where}.careTeam[{number}]"
        scopes = extension(each, at.CARE_TEAM_SCOPE)
        known = len(scopes) == 1 and isinstance(value_of(scopes[0]), bool)
        look.need(
            f"{place}.extension:careTeamClaimScope",
            "1..1",
            known,
            "does not say whether it is of the whole claim",
            "Add the scope extension, true or false.",
        )
        look.need_target(
            f"{place}.provider", each.get("provider"), ("Organization", "PractitionerRole"), "the care team member"
        )


def _sequences(look: Look, entries: list[Json], where: str) -> None:
    numbers = [e.get("sequence") for e in entries]
    good = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in numbers) and len(
        set(map(str, numbers))
    ) == len(numbers)
    look.need(
        f"{where}.sequence",
        "positive, each once",
        good,
        "sequence numbers are missing or repeated",
        "Number them 1, 2, 3.",
    )


def _supporting_info(look: Look, resource: Json, where: str, *, inquiry: bool) -> None:
    entries = objects(resource.get("supportingInfo"))
    _sequences(look, entries, f"{where}.supportingInfo")
    seen: set[str] = set()
    for number, each in enumerate(entries):
        place = f"{where}.supportingInfo[{number}]"
        kind = next((str(c.get("code")) for c in codings(each.get("category")) if c.get("system") == at.PAS_CODES), "")
        look.need(
            f"{place}.category",
            "1..1",
            codings(each.get("category")),
            "no category",
            "Say what kind of information it is.",
        )
        timed = [k for k in each if k.startswith("timing")]
        valued = [k for k in each if k.startswith("value")]
        if kind in _WITH_TIMING:
            look.need(f"{place}.category", "0..1", kind not in seen, f"a second {kind}", "Give it once.")
            seen.add(kind)
            look.need(
                f"{place}.timing[x]",
                "1..1",
                timed and not valued,
                "no dates, or a value beside them",
                "Give the dates alone.",
            )
            full_dates(look, each, "timing", place)
        elif kind == "additionalInformation" and not inquiry:
            _additional(look, each, place, timed)
        elif kind == "freeFormMessage" and not inquiry:
            look.need(
                f"{place}.value[x]",
                "string",
                valued == ["valueString"] and not timed,
                "is no message",
                "Give valueString alone.",
            )


def _additional(look: Look, each: Json, place: str, timed: list[str]) -> None:
    look.need(
        f"{place}.value[x]",
        "Reference 1..1",
        isinstance(each.get("valueReference"), dict) and not timed,
        "encloses nothing",
        "Refer to the resource.",
    )
    if look.shape == "2.0.1":
        return
    target = look.resolve(each.get("valueReference"))
    if target is not None:
        kind = target.get("resourceType")
        look.need(
            f"{place}.value[x]",
            "target",
            kind in _ENCLOSABLE,
            f"a {kind} may not be enclosed",
            "Tell it in a document.",
        )
    info = extension(each, at.DOCUMENT_INFORMATION)
    typed = len(info) == 1 and any(codings(value_of(e)) for e in extension(info[0], "reportTypeCode"))
    look.need(
        f"{place}.extension:documentInformation",
        "1..1",
        typed,
        "what kind of report it is is not said",
        "Write `codes.report_type` in the clinic's settings file.",
        SETTING,
    )


def _diagnosis(look: Look, resource: Json, where: str) -> None:
    entries = objects(resource.get("diagnosis"))
    _sequences(look, entries, f"{where}.diagnosis")
    for number, each in enumerate(entries):
        place = f"{where}.diagnosis[{number}]"
        systems = {str(c.get("system")) for c in codings(each.get("diagnosisCodeableConcept"))}
        look.need(
            f"{place}.diagnosis[x]",
            "CodeableConcept",
            "diagnosisReference" not in each,
            "is a reference",
            "Give the code itself.",
        )
        look.need(
            f"{place}.diagnosisCodeableConcept",
            "X12278DiagnosisCodes",
            systems & set(parts.diagnosis_systems()),
            "no code of a table that may stand here",
            "Give the ICD-10-CM code.",
            CHART,
        )
        look.need(f"{place}.type", "0..1", len(objects(each.get("type"))) <= 1, "more than one type", "Give one.")


def response(look: Look, resource: Json, where: str) -> None:
    """A ClaimResponse as the guide wants it."""
    look.need(f"{where}.status", "active", resource.get("status") == "active", "status is not active", "Ask the payer.")
    look.need(
        f"{where}.use",
        "preauthorization",
        resource.get("use") == "preauthorization",
        "is not about a preauthorization",
        "Ask the payer.",
    )
    outcome = resource.get("outcome")
    allowed = ("complete", "error", "partial", "queued") if look.shape == "2.0.1" else ("complete", "error", "partial")
    look.need(
        f"{where}.outcome",
        "ClaimResponseOutcome",
        outcome in allowed,
        f"outcome {str(outcome)[:20]!r}",
        "Ask the payer.",
    )
    for name in ("type", "patient", "created", "insurer") + (() if look.shape == "2.0.1" else ("request",)):
        look.need(f"{where}.{name}", "1..1", resource.get(name), f"no {name}", "Ask the payer.")
    parts.identifiers(look, resource, where)
    for number, each in enumerate(objects(resource.get("item"))):
        place = f"{where}.item[{number}]"
        look.need(
            f"{place}.itemSequence",
            "1..1",
            isinstance(each.get("itemSequence"), int),
            "names no item",
            "Ask the payer.",
        )
        for n, judged in enumerate(objects(each.get("adjudication"))):
            fixed = has_code(judged.get("category"), at.ADJUDICATION, "submitted")
            look.need(
                f"{place}.adjudication[{n}].category",
                "submitted",
                fixed,
                "is not of what was submitted",
                "Ask the payer.",
            )
    for number, each in enumerate(objects(resource.get("error"))):
        look.need(
            f"{where}.error[{number}].code",
            "1..1",
            codings(each.get("code")),
            "an error without a code",
            "Ask the payer.",
        )
