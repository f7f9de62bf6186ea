"""Which chart records go with a request, each as a clean copy: the elements a reviewer needs, and no others.

Only records that speak to a criterion are enclosed. A copy holds no narrative, no free note, no extension and no
reference to anything that is not in the Bundle itself, so that nothing rides along unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from inconcert.exchange.pas.addresses import ABSENT
from inconcert.exchange.pas.parties import as_list, picked
from inconcert.exchange.pas.types import Json, LeftOut
from inconcert.exchange.pas.withhold import Disclosed, rests_on
from inconcert.judgement import Answer, RecordUse
from inconcert.payers.types import Case
from inconcert.record import Fact

_DOSES = ("dosageInstruction",)
# The elements of each kind of resource that are copied.
_WHEN = (
    "onsetDateTime",
    "onsetAge",
    "onsetPeriod",
    "onsetString",
    "abatementDateTime",
    "abatementAge",
    "abatementPeriod",
    "abatementString",
)
_VALUES = (
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueRange",
    "valueDateTime",
    "valuePeriod",
)
_TAKEN = ("status", "statusReason", "category", "medicationCodeableConcept", "reasonCode")
_COPIED: Mapping[str, tuple[str, ...]] = {
    "Condition": ("clinicalStatus", "verificationStatus", "category", "severity", "code", "bodySite", *_WHEN, "recordedDate"),
    "MedicationRequest": (*_TAKEN, "intent", "doNotPerform", "reportedBoolean", "authoredOn", "courseOfTherapyType", *_DOSES,
                          "dispenseRequest"),
    "MedicationStatement": (*_TAKEN, "effectiveDateTime", "effectivePeriod", "dateAsserted", "dosage"),
    "MedicationDispense": (*_TAKEN, "type", "quantity", "daysSupply", "whenPrepared", "whenHandedOver", *_DOSES),
    "MedicationAdministration": (*_TAKEN, "effectiveDateTime", "effectivePeriod", "dosage"),
    "Procedure": ("status", "statusReason", "category", "code", "performedDateTime", "performedPeriod", "performedString", "outcome",
                  "bodySite"),
    "Observation": ("status", "category", "code", "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", *_VALUES,
                    "dataAbsentReason", "interpretation", "component"),
    "QuestionnaireResponse": ("questionnaire", "status", "authored", "item"),
    "AllergyIntolerance": ("clinicalStatus", "verificationStatus", "type", "category", "criticality", "code", "onsetDateTime",
                           "recordedDate", "reaction"),
    "Device": ("status", "type", "manufactureDate"),
}  # fmt: skip
# What the 2.2.1 profile lets a request enclose as a resource of its own; 2.0.1 lets it enclose any.
MAY_BE_ENCLOSED = {
    "Condition",
    "MedicationRequest",
    "Procedure",
    "Observation",
    "QuestionnaireResponse",
    "AllergyIntolerance",
}
_DROPPED = {"extension", "modifierExtension", "id", "note", "text_", "contained", "patientInstruction", "performer"}
_PARTS_DROPPED = {"dispenseRequest": ("performer",), "reaction": ("note", "description")}
_OWNER = {"AllergyIntolerance": "patient", "Device": "patient"}


def wanted(case: Case, uses: Iterable[RecordUse]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The resources that speak to the request: key -> (why, the questionnaire items wanted; none: all).

    `uses` are the records of the determinations; the trials and the diagnosis of the episode are always among them.
    """
    facts = {fact.id: fact for fact in case.person.facts()}
    trials = {trial.id: trial for trial in case.history.trials}
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    waiting = [*uses, *case.history.episode.used]
    counted = [t for t in case.history.antidepressants() if t.counts is not Answer.NOT_MET]
    waiting += [RecordUse(t.id, f"{t.drug}: a medication trial", str(t.start)) for t in counted]
    for use in waiting:
        trial = trials.get(use.record_id)
        if trial is not None:
            records = [(record.record_id, use.why) for record in trial.used]
            records += [(r, use.why) for segment in trial.segments for r in segment.records]
        else:
            records = [(use.record_id, use.why)]
        for record_id, why in records:
            fact = facts.get(record_id)
            if fact is not None:
                _want(found, fact, why)
    return found


def _want(found: dict[str, tuple[str, tuple[str, ...]]], fact: Fact, why: str) -> None:
    part = fact.id.partition("#")[2]
    for key in rests_on(fact):
        if "#" in key:
            continue
        known_why, items = found.get(key, (why, ()))
        if key.startswith("QuestionnaireResponse/") and part:
            items = (*items, part) if part not in items else items
        found[key] = (known_why, items)


def copies(
    disclosed: Disclosed, keys: Mapping[str, tuple[str, tuple[str, ...]]], owner: Json, shape: str
) -> tuple[dict[str, tuple[Json, str]], list[LeftOut]]:
    """Clean copies of the wanted resources: key -> (copy, why), and what could not be enclosed, with the reason."""
    made: dict[str, tuple[Json, str]] = {}
    left: list[LeftOut] = []
    for key, (why, items) in keys.items():
        kind = key.partition("/")[0]
        source = disclosed.resources.get(key)
        if kind in ("Patient", "Coverage"):
            continue  # they stand in the Bundle as what they are
        if key in disclosed.doubtful:
            left.append(LeftOut(key, "it stands in the chart more than once, each time otherwise: mend the export"))
        elif source is None:
            left.append(LeftOut(key, "it is not in R4 shape, so it is not passed on as it is"))
        elif kind not in _COPIED or (shape != "2.0.1" and kind not in MAY_BE_ENCLOSED):
            left.append(LeftOut(key, f"this shape of request encloses no {kind}; it is told in the history document"))
        elif _has_modifier(source):
            left.append(
                LeftOut(key, "it bears a modifier extension, which may change its meaning and is not understood here")
            )
        else:
            copy = _copy(source, kind, owner, disclosed.resources, items)
            if copy is None:
                left.append(
                    LeftOut(key, "nothing in it but what was told at intake; it is told in the history document")
                )
            else:
                told = f"{len(copy['item'])} answers that a criterion reads" if items and "item" in copy else why
                made[key] = (copy, told)
    return made, left


def _copy(source: Json, kind: str, owner: Json, resources: Mapping[str, Json], items: tuple[str, ...]) -> Json | None:
    found: Json = {"resourceType": kind} | _clean(picked(source, _COPIED[kind]))
    found[_OWNER.get(kind, "subject")] = owner
    if kind.startswith("Medication") and "medicationCodeableConcept" not in found:
        concept = _medication(source, resources)
        if concept:
            found["medicationCodeableConcept"] = concept
    if kind == "MedicationRequest":
        # US Core wants an order's prescriber. Who that was is not needed here and could itself tell of a protected office.
        reason = "masked" if source.get("requester") else "unknown"
        found["requester"] = {"extension": [{"url": ABSENT, "valueCode": reason}]}
    if kind == "QuestionnaireResponse" and items:
        answered = [_clean(item) for item in _items(source, items)]
        if not answered:
            return None
        found["item"] = answered
    return found


def _items(source: Any, wanted_items: Collection[str]) -> Iterable[Json]:
    """The questionnaire's items of these link ids, wherever they stand."""
    for item in as_list(source.get("item")) if isinstance(source, dict) else []:
        if isinstance(item, dict) and item.get("linkId") in wanted_items:
            yield item
        else:
            yield from _items(item, wanted_items)


def _medication(source: Json, resources: Mapping[str, Json]) -> Json:
    reference = str(picked(source.get("medicationReference"), ("reference",)).get("reference", ""))
    if reference.startswith("#"):
        inside = [c for c in as_list(source.get("contained")) if isinstance(c, dict) and c.get("id") == reference[1:]]
        medication = inside[0] if inside else {}
    else:
        medication = resources.get("/".join(reference.split("/")[-2:]), {})
    code: Json = _clean(picked(medication, ("code",))).get("code", {})
    if not code:
        code = picked(source.get("medicationReference"), ("display",))
        code = {"text": code["display"]} if code else {}
    return code


def _clean(value: Any, name: str = "") -> Any:
    """The value without extensions, notes, inner ids and references."""
    if isinstance(value, dict):
        gone = {*_DROPPED, *_PARTS_DROPPED.get(name, ())}
        return {
            k: _clean(v, k)
            for k, v in value.items()
            if k not in gone and not k.startswith("_") and not (isinstance(v, dict) and "reference" in v)
        }
    if isinstance(value, list):
        return [_clean(each, name) for each in value]
    return value


def _has_modifier(value: Any) -> bool:
    if isinstance(value, dict):
        return "modifierExtension" in value or any(_has_modifier(v) for v in value.values())
    return isinstance(value, list) and any(_has_modifier(v) for v in value)
