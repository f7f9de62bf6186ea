"""What may leave in a request: the chart without what is held back, and the list of what that was.

The rules are those of `exchange.disclosure`, for every door the same. Two things more are seen to here, because resources
themselves leave: references are brought to one form first, so that a record cannot slip by naming its protected contact
as `urn:uuid:…`; and every copy is looked at once more in the form in which it would leave.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from inconcert.exchange.disclosure import HeldBack, held_back, held_back_resources
from inconcert.exchange.fhir import ChartReading, plain_references
from inconcert.exchange.pas.types import Json
from inconcert.record import Fact, Person, ScaleForm

_HELD_BY_ANSWER = "QuestionnaireResponse"  # one protected answer does not hold the others back


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The person and the resources as far as they may leave; `held` says what stays, for the clinic's eyes only.

    `doubtful` are resources that stand in the chart more than once with different content, so that none of them is sent.
    """

    person: Person
    resources: Mapping[str, Json]
    held: tuple[HeldBack, ...]
    doubtful: frozenset[str] = frozenset()


def disclosed(reading: ChartReading, person: Person, released: Collection[str] = ()) -> Disclosed:
    """A person's chart without what stays in the clinic.

    Resources of another FHIR shape than R4 are not among the resources, but their facts are in the person. Raises
    ValueError where `released` names no kind of protected record.
    """
    # Every copy, the refused too (a label on any of them counts), but nobody else's where the chart holds several people.
    pairs = [
        (raw, data)
        for raw, data in zip(reading.raw, plain_references(reading.raw), strict=True)
        if _theirs(data, person)
    ]
    every = [data for _, data in pairs]
    held = {each.record_id: each for each in held_back_resources(every, released=released)}
    for key in [k for k in held if k.startswith(_HELD_BY_ANSWER + "/")]:
        if "its words" in held[key].why or "an answer on this matter" in held[key].why:
            del held[key]
    for each in held_back(person, every, released=released):
        held.setdefault(each.record_id, each)
    for fact in person.facts():
        source = next((r for r in rests_on(fact) if r in held), None) if fact.id not in held else None
        if source is not None:
            held[fact.id] = replace(held[source], record_id=fact.id, why=f"it stands in {source}, which is held back")
    odd = {fact.origin.resource for fact in person.facts() if fact.origin.fhir_version != "R4"}
    refused = {entry.id for entry in reading.account.refused}
    contents: dict[str, set[str]] = {}
    free: dict[str, Json] = {}
    for raw, data in pairs:
        if raw.key not in refused and raw.key not in held and raw.key not in odd:
            contents.setdefault(raw.key, set()).add(json.dumps(data, sort_keys=True))
            free[raw.key] = data
    doubtful = frozenset(key for key, seen in contents.items() if len(seen) > 1)
    for key in doubtful:
        del free[key]
    return Disclosed(without(person, held.keys()), free, tuple(sorted(held.values())), doubtful)


def patient_key(person: Person) -> str:
    """The key of a person's Patient resource."""
    return person.id if person.id.startswith("Patient/") else f"Patient/{person.id}"


def _theirs(resource: Json, person: Person) -> bool:
    """True unless the resource is another person, or names one as the person it is about."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id") == patient_key(person).partition("/")[2]
    named = [resource.get(name) for name in ("subject", "patient", "beneficiary")]
    tails = ["/".join(str(n["reference"]).split("/")[-2:]) for n in named if isinstance(n, dict) and n.get("reference")]
    return not any(tail.startswith("Patient/") and tail != patient_key(person) for tail in tails)


def rests_on(fact: Fact) -> tuple[str, ...]:
    """Every resource a fact was read from."""
    found = [fact.id.partition("#")[0], fact.origin.resource]
    if isinstance(fact, ScaleForm):
        found += fact.derived_from
    return tuple(dict.fromkeys(found))


def without(person: Person, gone: Collection[str]) -> Person:
    """The person without the facts of these ids."""
    changes: dict[str, Any] = {}
    for each in fields(person):
        value = getattr(person, each.name)
        if isinstance(value, tuple) and any(isinstance(f, Fact) and f.id in gone for f in value):
            changes[each.name] = tuple(f for f in value if f.id not in gone)
    return replace(person, **changes) if changes else person


def slipped(resources: Iterable[Json], released: Collection[str]) -> dict[str, str]:
    """Ids of resources, as they would leave, that still show a sign of a protected record, with the sign."""
    found = held_back_resources(resources, released={*released, "unread_document"})
    return {each.record_id.partition("/")[2]: each.why for each in found}


def text_probe(name: str, text: str) -> Json:
    """A text in a form that is looked through as strictly as a record of medication: its drugs count as well as its words."""
    return {"resourceType": "MedicationStatement", "id": name, "medicationCodeableConcept": {"text": text}}
