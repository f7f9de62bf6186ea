"""Diagnoses, encounters, procedures, allergies and devices."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from inconcert.exchange.fhir.node import Kept, Node
from inconcert.exchange.fhir.reading import Reading, check_status, origin
from inconcert.record import Allergy, Coding, Condition, DateRange, DeviceFact, Encounter, Fact, ProcedureDone

_REFUTED = {"refuted", "entered-in-error"}
_VERIFICATION = {"unconfirmed", "presumed", "provisional", "differential", "confirmed", "unknown"}
_CONDITION_STATUS = {"active", "recurrence", "relapse", "inactive", "remission", "resolved", "unknown"}


def _need_code(node: Node, key: str, what: str) -> None:
    codings, text = node.concept(key)
    if not codings and not text:
        raise node.refused(key, f"It names no {what}.", "Write a code or a text.")


def _checked(node: Node, key: str, known: set[str]) -> str:
    """A status code, '' (noted) where it is not one that FHIR knows."""
    status = node.status(key)
    if status and status not in known:
        node.problem(key, f"{status[:60]!r} is not a status FHIR knows here; it was not used", "Correct the code.")
        return ""
    return status


class _Diagnosis(NamedTuple):
    """What a Condition says apart from whom and when."""

    codings: tuple[Coding, ...]
    text: str
    status: str
    clinical_status: str
    verification_status: str
    severity: str
    categories: tuple[Coding, ...]


# A record says the same diagnosis in the same words again and again: read once each, one with a fault each time.
_DIAGNOSES: dict[bytes, _Diagnosis] = {}
_MOST_DIAGNOSES = 20_000


def read_condition(node: Node, reading: Reading) -> list[Fact]:
    """A diagnosis. One that was refuted or entered in error is kept aside."""
    del reading
    said = _diagnosis(node)
    onset, abatement = _either_end(node)
    return [
        Condition(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=said.codings,
            text=said.text,
            status=said.status,
            clinical_status=said.clinical_status,
            verification_status=said.verification_status,
            severity=said.severity,
            onset=onset,
            abatement=abatement,
            recorded=node.date("recordedDate"),
            categories=said.categories,
        )
    ]


def _diagnosis(node: Node) -> _Diagnosis:
    get = node.data.get
    written = msgspec.json.encode(
        (get("code"), get("clinicalStatus"), get("verificationStatus"), get("severity"), get("category"))
    )
    known = _DIAGNOSES.get(written)
    if known is None:
        before = node.scope.ledger.problem_count
        known = _read_diagnosis(node)
        if node.scope.ledger.problem_count == before:
            if len(_DIAGNOSES) >= _MOST_DIAGNOSES:
                _DIAGNOSES.clear()
            _DIAGNOSES[written] = known
    return known


def _read_diagnosis(node: Node) -> _Diagnosis:
    verification = node.status("verificationStatus")
    if verification in _REFUTED:
        raise Kept(f"{node.path}.verificationStatus", f"Its verificationStatus is {verification}.")
    _need_code(node, "code", "diagnosis")
    codings, text = node.concept("code")
    return _Diagnosis(
        codings=codings,
        text=text,
        status=node.status("clinicalStatus"),
        clinical_status=_checked(node, "clinicalStatus", _CONDITION_STATUS),
        verification_status=_checked(node, "verificationStatus", _VERIFICATION),
        severity=node.label("severity"),
        categories=node.concepts("category")[0],
    )


def _either_end(node: Node) -> tuple[DateRange | None, DateRange | None]:
    onset = node.period("onsetPeriod")[0] if node.has("onsetPeriod") else node.date("onsetDateTime")
    if node.has("abatementPeriod"):
        start, end = node.period("abatementPeriod")
        abatement = end or start
    else:
        abatement = node.date("abatementDateTime")
    if onset and abatement and abatement.latest < onset.earliest:
        node.problem(
            "abatement[x]", f"{abatement} lies before the onset, {onset}; it was not used", "Check both dates."
        )
        abatement = None
    return onset, abatement


_ENCOUNTER_USED = set(
    "arrived triaged in-progress onleave finished unknown on-hold discharged completed discontinued".split()
)


def read_encounter(node: Node, reading: Reading) -> list[Fact]:
    """A contact with care, with what it was for: its reasons and its diagnoses."""
    status = check_status(node, "status", _ENCOUNTER_USED, {"entered-in-error", "cancelled", "planned"})
    reasons, _ = node.concepts("reasonCode")
    named = [*node.children("reasonReference")]
    for diagnosis in node.children("diagnosis"):
        condition = diagnosis.child("condition")
        if condition is not None:
            named.append(condition)
    more, labels = reading.conditions_named(named)
    codings, texts = node.concepts("type")
    start, end = node.period("period")
    coded_class = node.child("class")
    stay = node.child("hospitalization")
    return [
        Encounter(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text="; ".join(dict.fromkeys([*texts, *labels])),
            status=status,
            kind=coded_class.code("code") if coded_class is not None else "",
            start=start,
            end=end,
            reasons=tuple(dict.fromkeys((*reasons, *more))),
            discharge=stay.concept("dischargeDisposition")[0] if stay is not None else (),
        )
    ]


def read_procedure(node: Node, reading: Reading) -> list[Fact]:
    """Something done. What was not done, is only planned, or was entered in error is kept aside."""
    del reading
    status = check_status(
        node,
        "status",
        {"in-progress", "on-hold", "stopped", "completed", "unknown"},
        {"entered-in-error", "not-done", "preparation"},
    )
    _need_code(node, "code", "procedure")
    codings, text = node.concept("code")
    start, end = node.span("performed")
    _, sites = node.concepts("bodySite")
    return [
        ProcedureDone(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=status,
            performed_start=start,
            performed_end=end,
            outcome=node.label("outcome"),
            body_sites=tuple(sites),
        )
    ]


def read_allergy(node: Node, reading: Reading) -> list[Fact]:
    """An allergy or intolerance, with its reactions."""
    del reading
    verification = node.status("verificationStatus")
    if verification in _REFUTED:
        raise Kept(f"{node.path}.verificationStatus", f"Its verificationStatus is {verification}.")
    codings, text = node.concept("code")
    reactions: list[str] = []
    for reaction in node.children("reaction"):
        reactions.extend(reaction.concepts("manifestation")[1])
        if not codings and not text:
            codings, text = reaction.concept("substance")
    if not codings and not text:
        raise node.refused("code", "It names no substance.", "Write a code or a text.")
    return [
        Allergy(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=node.status("clinicalStatus"),
            kind=node.status("type"),
            clinical_status=_checked(node, "clinicalStatus", {"active", "inactive", "resolved"}),
            verification_status=_checked(node, "verificationStatus", {"unconfirmed", "presumed", "confirmed"}),
            criticality=node.text("criticality"),
            reactions=tuple(dict.fromkeys(reactions)),
            recorded=node.date("recordedDate"),
        )
    ]


def read_device(node: Node, reading: Reading) -> list[Fact]:
    """A device recorded for the person."""
    del reading
    status = check_status(node, "status", {"active", "inactive", "unknown"}, {"entered-in-error"})
    codings, text = _device_name(node)
    if not codings and not text:
        raise node.refused("type", "It names no device.", "Write a type or a deviceName.")
    return [DeviceFact(id=node.scope.raw.key, origin=origin(node), codings=codings, text=text, status=status)]


def _device_name(node: Node) -> tuple[tuple[Coding, ...], str]:
    codings, text = node.concept("type")
    names = [name.text("name") for name in node.children("deviceName")]
    return codings, text or next((name for name in names if name), "")


def read_device_use(node: Node, reading: Reading) -> list[Fact]:
    """A statement that the person uses a device: what and where in the body."""
    status = check_status(
        node, "status", {"active", "completed", "stopped", "on-hold"}, {"entered-in-error", "intended"}
    )
    reference = node.child("device")
    found = reading.find(reference) if reference is not None else None
    if reference is None or (found is None and not reference.has("display")):
        raise node.refused("device", "The device it names is not in this file.", "Export Devices too.")
    if found is not None:
        codings, text = _device_name(Node(found.data, f"{reference.path}.resolve()", node.scope))
    else:
        reading.unresolved(reference, "its display was taken as the device's name")
        codings, text = (), reference.text("display")
    return [
        DeviceFact(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=status,
            body_site=node.label("bodySite"),
            recorded=node.date("recordedOn"),
        )
    ]
