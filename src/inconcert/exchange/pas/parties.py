"""Who: the person, the plan, the insurer, the clinic and the clinician, as far as chart and settings tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inconcert.exchange.clinic import ClinicSettings, PayerEntry
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.names import BundleNames
from inconcert.exchange.pas.types import Gap, GapKind, Json, missing
from inconcert.record import HealthPlan

FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_NAME = ("use", "text", "family", "given", "prefix", "suffix")
_ADDRESS = ("use", "line", "city", "district", "state", "postalCode", "country")
_TELECOM = ("system", "value", "use")


@dataclass(frozen=True, slots=True)
class Parties:
    """References to those who take part, by role."""

    patient: Json
    coverage: Json
    insurer: Json
    provider: Json
    clinician: Json | None


def picked(source: Any, names: tuple[str, ...]) -> Json:
    """The named elements that are there, and nothing else (no extension, no narrative)."""
    return {n: source[n] for n in names if isinstance(source, Mapping) and source.get(n) not in (None, "", [], {})}


def as_list(value: Any) -> list[Any]:
    """A list as it is, one object as a list of it, nothing as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def add_parties(
    names: BundleNames, patient: Json, coverage: Json, plan: HealthPlan, settings: ClinicSettings, gaps: list[Gap],
) -> Parties:  # fmt: skip
    """Put the parties into the Bundle; what they lack is appended to `gaps`."""
    person = names.add("Patient", _patient(patient, gaps))
    insurer = names.add("Organization/insurer", _insurer(plan, settings, gaps))
    provider = _provider(names, settings, gaps)
    clinician = _clinician(names, settings, gaps)
    covered = names.add("Coverage", _coverage(coverage, person, insurer, settings, gaps))
    return Parties(person, covered, insurer, provider, clinician)


def _gap(gaps: list[Gap], where: str, what: str, mend: str) -> None:
    gaps.append(Gap(GapKind.CHART, where, what, mend))


def _patient(source: Json, gaps: list[Gap]) -> Json:
    found: Json = {"resourceType": "Patient", "meta": {"profile": [at.PROFILE + "beneficiary"]}}
    tags = [t for t in as_list(picked(source, ("meta",)).get("meta", {}).get("tag")) if picked(t, ("code",))]
    if any(t.get("code") == "invented" for t in tags):
        found["meta"]["tag"] = [t for t in tags if t.get("code") == "invented"]
    numbers = [_identifier(i) for i in as_list(source.get("identifier"))]
    found["identifier"] = [n for n in numbers if n]
    found["name"] = [n for n in (picked(n, _NAME) for n in as_list(source.get("name"))) if n]
    found["telecom"] = [t for t in (picked(t, _TELECOM) for t in as_list(source.get("telecom"))) if t]
    found["address"] = [a for a in (picked(a, _ADDRESS) for a in as_list(source.get("address"))) if a]
    found |= picked(source, ("gender",))
    birth = source.get("birthDate")
    if isinstance(birth, str) and FULL_DATE.match(birth):
        found["birthDate"] = birth
    else:
        _gap(gaps, "Patient.birthDate", "the full date of birth", "Write it into the chart as YYYY-MM-DD.")
    if not found["identifier"]:
        _gap(gaps, "Patient.identifier", "a record number with its system", "Give the chart its record number.")
    if not any(n.get("family") for n in found["name"]):
        _gap(gaps, "Patient.name.family", "the family name", "Write it into the chart.")
    if "gender" not in found:
        _gap(gaps, "Patient.gender", "the administrative gender", "Write it into the chart; `unknown` is an answer.")
    return {k: v for k, v in found.items() if v != []}


def _identifier(source: Any) -> Json | None:
    """A number that may leave: one with system and value, and never a social security number."""
    found = picked(source, ("use", "type", "system", "value"))
    kinds = {
        c.get("code") for c in as_list(picked(found.get("type"), ("coding",)).get("coding")) if isinstance(c, dict)
    }
    if not {"system", "value"} <= found.keys() or found["system"] == at.SSN or "SS" in kinds:
        return None
    return found


def _insurer(plan: HealthPlan, settings: ClinicSettings, gaps: list[Gap]) -> Json:
    entry = settings.payers.get(plan.payer, PayerEntry())
    name, number = entry.name or plan.payer, entry.identifier or plan.payer_identifier
    found: Json = {"resourceType": "Organization", "meta": {"profile": [at.PROFILE + "insurer"]}}
    if number and entry.identifier_system:
        found["identifier"] = [{"system": entry.identifier_system, "value": number}]
    else:
        mend = (
            f"Write `payers: {{{plan.payer or 'NAME'}: {{identifier: ..., identifier_system: ...}}}}` in the settings."
        )
        gaps.append(
            Gap(GapKind.SETTINGS, "Organization.identifier", "the payer's identifier and whose number it is", mend)
        )
    found["active"] = True
    if settings.codes.insurer_type:
        found["type"] = [{"coding": [settings.codes.insurer_type.coding()]}]
    if name:
        found["name"] = name
    else:
        _gap(gaps, "Organization.name", "the payer's name", "Write the payer's name into the Coverage.")
    return found


def _provider(names: BundleNames, settings: ClinicSettings, gaps: list[Gap]) -> Json:
    clinic = settings.clinic
    if not clinic.name:
        mend = "Write `clinic: {name: ..., npi: ...}` in the clinic's settings file."
        gaps.append(Gap(GapKind.SETTINGS, "Claim.provider", "the clinic that asks", mend))
        return {"extension": [{"url": at.ABSENT, "valueCode": "unknown"}], "display": "not given"}
    found: Json = {"resourceType": "Organization", "meta": {"profile": [at.PROFILE + "requestor"]}}
    found |= _npi(clinic.npi, "clinic", gaps)
    found["active"] = True
    if settings.codes.requestor_type:
        found["type"] = [{"coding": [settings.codes.requestor_type.coding()]}]
    found["name"] = clinic.name
    if clinic.phone:
        found["telecom"] = [{"system": "phone", "value": clinic.phone}]
    lines = {"line": [clinic.street] if clinic.street else [], "city": clinic.city, "state": clinic.state}
    address = {k: v for k, v in (lines | {"postalCode": clinic.postal_code}).items() if v}
    if address:
        found["address"] = [address | {"country": "US"}]
    elif clinic.address:  # only the letterhead's lines are given, and which of them is the city nobody said
        found["address"] = [{"text": ", ".join(clinic.address)}]
    return names.add("Organization/clinic", found)


def _clinician(names: BundleNames, settings: ClinicSettings, gaps: list[Gap]) -> Json | None:
    """The ordering clinician, as the PractitionerRole that a care team wants."""
    who = settings.clinician
    if not who.family:
        mend = "Write `clinician: {family: ..., given: ..., npi: ...}` in the clinic's settings file."
        gaps.append(Gap(GapKind.SETTINGS, "Claim.careTeam", "the clinician who orders the treatment", mend))
        return None
    name: Json = {"family": who.family} | ({"given": [who.given]} if who.given else {})
    practitioner: Json = {"resourceType": "Practitioner", "meta": {"profile": [at.PROFILE + "practitioner"]}}
    practitioner |= _npi(who.npi, "clinician", gaps) | {"name": [name]}
    role: Json = {"resourceType": "PractitionerRole", "meta": {"profile": [at.PROFILE + "practitionerrole"]}}
    role["practitioner"] = names.add("Practitioner", practitioner)
    if settings.clinic.name:
        role["organization"] = names.reference("Organization", "Organization/clinic")
    if settings.clinic.phone:
        role["telecom"] = [{"system": "phone", "value": settings.clinic.phone}]
    else:
        mend = "Write `clinic: {phone: ...}` in the clinic's settings file."
        gaps.append(Gap(GapKind.SETTINGS, "PractitionerRole.telecom", "the telephone a reviewer may call", mend))
    return names.add("PractitionerRole", role)


def _npi(number: str, who: str, gaps: list[Gap]) -> Json:
    if number:
        return {"identifier": [{"system": at.NPI, "value": number}]}
    where = "Organization.identifier" if who == "clinic" else "Practitioner.identifier"
    mend = f"Write `{who}: {{npi: ...}}` in the clinic's settings file."
    gaps.append(Gap(GapKind.SETTINGS, where, f"the {who}'s NPI", mend))
    return {}


def _coverage(source: Json, person: Json, insurer: Json, settings: ClinicSettings, gaps: list[Gap]) -> Json:
    found: Json = {"resourceType": "Coverage", "meta": {"profile": [at.PROFILE + "coverage"]}}
    member = [
        i for i in (picked(i, ("type", "system", "value")) for i in as_list(source.get("identifier"))) if "value" in i
    ]
    if member:
        found["identifier"] = [_as_member_number(i) for i in member]
    else:
        _gap(
            gaps,
            "Coverage.identifier",
            "the member number of the plan",
            "Copy it from the insurance card into the chart.",
        )
    found["status"] = "active"
    found |= picked(source, ("type", "subscriberId", "dependent"))
    found["beneficiary"] = person
    kind = _relationship(source)
    if kind:
        codings = [{"system": at.RELATIONSHIP, "code": kind}]
        if kind == "self":
            if settings.codes.relationship_self:
                codings.append(settings.codes.relationship_self.coding())
            found["subscriber"] = (
                person  # the profile wants the subscriber named unless X12's own code for self stands here
            )
        found["relationship"] = {"coding": codings}
    else:
        _gap(
            gaps,
            "Coverage.relationship",
            "whether the person is the plan's subscriber",
            "Write it into the Coverage (`self`, `spouse`, ...).",
        )
    if kind not in ("", "self"):
        _gap(
            gaps,
            "Coverage.subscriber",
            "who the plan's subscriber is",
            "Enter the subscriber at the payer's portal; charts rarely hold it.",
        )
    period = picked(source.get("period"), ("start", "end"))
    found |= {"period": period} if period else {}
    found["payor"] = [insurer]
    classes = [picked(c, ("type", "value", "name")) for c in as_list(source.get("class"))]
    found |= {"class": [c for c in classes if {"type", "value"} <= c.keys()]} if classes else {}
    return {k: v for k, v in found.items() if v != []}


def _as_member_number(identifier: Json) -> Json:
    return {"type": {"coding": [{"system": at.IDENTIFIER_TYPE, "code": "MB"}]}} | identifier


def _relationship(source: Json) -> str:
    for coding in as_list(picked(source.get("relationship"), ("coding",)).get("coding")):
        if isinstance(coding, dict) and coding.get("system") == at.RELATIONSHIP and isinstance(coding.get("code"), str):
            return str(coding["code"])
    return ""


def service_gap(service: str, entry: str, where: str, what: str) -> Gap:
    """A gap that the settings entry of one service would close."""
    return missing(where, f"services.{service}.{entry}", what)
