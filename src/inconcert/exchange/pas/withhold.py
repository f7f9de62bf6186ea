"""What may leave in a request: the chart without what is held back, and the list of what that was.

The rules are those of `exchange.disclosure`, for every door the same. Two more hold here, because resources themselves
leave: what was written at a contact, or by an office, that is itself protected goes with it; and every resource is
looked at once more in the form in which it would leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from inconcert.exchange.disclosure import HeldBack, held_back, held_back_resources
from inconcert.exchange.fhir import ChartReading
from inconcert.exchange.pas.types import Json
from inconcert.record import Fact, Person, ScaleForm

# Where a record says at which contact and in whose office it was written.
_WRITTEN_AT = (
    "encounter", "context", "episodeOfCare", "visit", "requester", "recorder", "asserter", "author", "performer", "location",
    "serviceProvider", "managingOrganization", "informationSource", "organization", "dispenser", "partOf", "subject", "source",
)  # fmt: skip
_MAY_HOLD_MANY = {"QuestionnaireResponse"}  # held answer by answer, not whole
_PLACES = {"Encounter", "EpisodeOfCare", "Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService",
           "CareTeam", "Medication", "Condition"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The person and the resources as far as they may leave; `held` says what stays, for the clinic's eyes only."""

    person: Person
    resources: Mapping[str, Json]
    held: tuple[HeldBack, ...]


def disclosed(reading: ChartReading, person: Person, released: Collection[str] = ()) -> Disclosed:
    """A person's chart without what stays in the clinic.

    Resources of another FHIR shape than R4 are not among the resources, but their facts are in the person. Raises
    ValueError where `released` names no kind of protected record.
    """
    refused = {entry.id for entry in reading.account.refused}
    raws = {raw.key: raw.data for raw in reading.raw if raw.key not in refused}
    every = list(raws.values())
    held = {each.record_id: each for each in held_back_resources(every, released=released)}
    for key in [k for k in held if k.partition("/")[0] in _MAY_HOLD_MANY]:
        if not _is_labeled_or_linked(held[key]):
            del held[key]
    _spread(raws, held)
    for each in held_back(person, every, released=released):
        held.setdefault(each.record_id, each)
    for fact in person.facts():
        if fact.id not in held and (source := next((r for r in rests_on(fact) if r in held), None)):
            held[fact.id] = replace(held[source], record_id=fact.id, why=f"it stands in {source}, which is held back")
    odd = {fact.origin.resource for fact in person.facts() if fact.origin.fhir_version != "R4"}
    free = {key: data for key, data in raws.items() if key not in held and key not in odd}
    return Disclosed(without(person, held.keys()), free, tuple(sorted(held.values())))


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


def _is_labeled_or_linked(held: HeldBack) -> bool:
    return "label" in held.why or "stands on" in held.why


def _spread(raws: Mapping[str, Json], held: dict[str, HeldBack]) -> None:
    """Hold what was written at a held contact or place, until no more is found. The person is never held by this."""
    growing = True
    while growing:
        growing = False
        for key, data in raws.items():
            if key in held or key.startswith("Patient/"):
                continue
            target = next((t for t in _places(data) if t in held and t.partition("/")[0] in _PLACES), None)
            if target is not None:
                held[key] = replace(
                    held[target], record_id=key, why=f"it was written at or by {target}, which is held back"
                )
                growing = True


def _places(value: Any, name: str = "") -> Iterable[str]:
    """Keys of the contacts, offices and people that a resource names as where or by whom it was written."""
    if isinstance(value, Mapping):
        reference = value.get("reference")
        if name in _WRITTEN_AT and isinstance(reference, str):
            yield "/".join(reference.partition("/_history")[0].split("/")[-2:])
        for key, inner in value.items():
            # An actor inside `performer` is still the performer.
            yield from _places(inner, name if key in ("actor", "individual", "who") else str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _places(each, name)
