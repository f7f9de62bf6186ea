"""What never leaves by default: substance-use records (42 CFR Part 2), psychotherapy notes, records labeled so, and
documents whose content nobody here has read.

Everything that goes to a payer (packet, PAS Bundle, DTR answers) is made from `disclosable(person, resources)`, so that
what is held back cannot reach a sentence, an answer or a count. `held_back` tells the clinic what that was, and why.

Never send the list itself: under 42 CFR 2.13 even "one record was withheld" would tell that there is one. What may be
sent is `STATEMENT`, the same words for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inconcert.exchange.disclosure_signs import Sign, by_content, by_label, is_mere_no, topic_of
from inconcert.knowledge.disclosure import ProtectedKind, protected_kinds
from inconcert.record import Fact, Person, ScaleForm

Json = Mapping[str, Any]

STATEMENT = (
    "Records that 42 CFR Part 2 protects, psychotherapy notes and records labeled as not to be disclosed are not "
    "part of this packet, whether or not there are any."
)
# A resource that stands on one held back, or was written at a contact or in an office that is, says what that one says.
_LINKS = frozenset({"derivedFrom", "hasMember", "result", "reasonReference", "basedOn", "report", "focus", "partOf"})
_WRITTEN_AT = frozenset(
    "encounter context episodeOfCare visit requester recorder asserter author performer location serviceProvider "
    "managingOrganization informationSource organization dispenser source".split()
)
_PLACES = frozenset(
    "Encounter EpisodeOfCare Organization Location Practitioner PractitionerRole HealthcareService CareTeam Condition".split()
)
_INSIDE = {"actor", "individual", "who"}  # an actor inside `performer` is still the performer


@dataclass(frozen=True, slots=True, order=True)
class HeldBack:
    """One record that stays in the clinic. For the clinic's eyes: never to be sent.

    `record_id` is a fact's id or a resource's `Type/id`; `kind` an id of `knowledge/files/disclosure`; `why` names the
    sign it was known by; `released_by` what would let it go.
    """

    record_id: str
    kind: str
    why: str
    released_by: str


def held_back(
    person: Person, resources: Iterable[Json] = (), *, released: Collection[str] = ()
) -> tuple[HeldBack, ...]:
    """The facts of a person that stay in the clinic.

    Args:
        person: the person with all facts.
        resources: the FHIR resources the facts were read from (`fhir.plain_references(reading.raw)`, so that an entry named
            by another `fullUrl` is known too), in R4 shape or as they came; without them only codes and words are seen,
            and no security label.
        released: kinds that may leave because the person agreed in writing (`substance_use`, `psychotherapy_notes`, ...).

    Raises:
        ValueError: `released` names no such kind.
    """
    kinds = _kinds(released)
    labeled = _labeled(list(resources), kinds)
    found: dict[str, HeldBack] = {}
    for fact in person.facts():
        sign = _label_of(fact, labeled) or by_content(fact, kinds)
        if sign is not None:
            found[fact.id] = _held(fact.id, sign)
    # A bare "no" on the matter may leave only where nothing else on it is held: its absence must tell nothing, and it
    # must not speak against what stays behind.
    speaking = {each.kind for each in found.values() if not _is_form(each.record_id, person)}
    for attestation in person.attestations:
        kind = topic_of(attestation, kinds)
        if kind is None or attestation.id in found:
            continue
        if not is_mere_no(attestation, kind):
            found[attestation.id] = _held(attestation.id, Sign(kind, "an answer on this matter that is not a plain no"))
            if attestation.question not in kind.quiet_questions:
                speaking.add(kind.id)
    for attestation in person.attestations:
        kind = topic_of(attestation, kinds)
        if kind is not None and kind.id in speaking and attestation.id not in found:
            found[attestation.id] = _held(
                attestation.id, Sign(kind, "an answer on a matter on which more is held back")
            )
    return tuple(sorted(found.values()))


def disclosable(
    person: Person,
    resources: Iterable[Json] = (),
    *,
    released: Collection[str] = (),
    held: Iterable[HeldBack] | None = None,
) -> Person:
    """The person without the facts that stay in the clinic. Arguments and errors as `held_back`.

    `held` is the answer of `held_back`, where it was asked already.
    """
    found = held_back(person, resources, released=released) if held is None else held
    gone = {each.record_id for each in found}
    if not gone:
        return person
    return replace(
        person,
        conditions=tuple(f for f in person.conditions if f.id not in gone),
        medications=tuple(f for f in person.medications if f.id not in gone),
        reported_trials=tuple(f for f in person.reported_trials if f.id not in gone),
        scale_forms=tuple(f for f in person.scale_forms if f.id not in gone),
        measurements=tuple(f for f in person.measurements if f.id not in gone),
        procedures=tuple(f for f in person.procedures if f.id not in gone),
        allergies=tuple(f for f in person.allergies if f.id not in gone),
        health_plans=tuple(f for f in person.health_plans if f.id not in gone),
        devices=tuple(f for f in person.devices if f.id not in gone),
        encounters=tuple(f for f in person.encounters if f.id not in gone),
        attestations=tuple(f for f in person.attestations if f.id not in gone),
    )


def held_back_resources(resources: Iterable[Json], *, released: Collection[str] = ()) -> tuple[HeldBack, ...]:
    """The FHIR resources that stay in the clinic: by label, by content, and by standing on one of those.

    A whole resource is held for one protected answer in it. Raises ValueError as `held_back`.
    """
    kinds = _kinds(released)
    every = list(resources)
    signs = _labeled(every, kinds)
    for resource in every:
        sign = by_content(resource, kinds)
        if sign is not None:
            signs.setdefault(_key(resource), sign)
    _spread(every, signs)
    return tuple(sorted(_held(key, sign) for key, sign in signs.items()))


def disclosable_resources(resources: Iterable[Json], *, released: Collection[str] = ()) -> list[Json]:
    """The resources that may leave, in their order. Raises ValueError as `held_back`."""
    every = list(resources)
    gone = {each.record_id for each in held_back_resources(every, released=released)}
    return [resource for resource in every if _key(resource) not in gone]


def _kinds(released: Collection[str]) -> tuple[ProtectedKind, ...]:
    known = [kind.id for kind in protected_kinds()]
    for name in released:
        if name not in known:
            raise ValueError(f"{name!r} is no kind of protected record. Mend: one of {', '.join(known)}.")
    return tuple(kind for kind in protected_kinds() if kind.id not in released)


def _labeled(resources: list[Json], kinds: tuple[ProtectedKind, ...]) -> dict[str, Sign]:
    """Resources that bear a label, and those that stand on one or were written at a protected contact or place."""
    signs: dict[str, Sign] = {}
    for resource in resources:
        sign = by_label(resource, kinds)
        if sign is None and resource.get("resourceType") in _PLACES:
            sign = by_content(resource, kinds)
        if sign is not None:
            signs[_key(resource)] = sign
    _spread(resources, signs)
    return signs


def _spread(resources: list[Json], signs: dict[str, Sign]) -> None:
    """Give the sign of a resource to those that point to it, until no more is found. The person is never held by this.

    A reference `urn:uuid:…` leads to the resource whose id that is, as charts are written that have no server behind them.
    """
    if not signs:
        return
    names = {f"urn:uuid:{r['id']}": _key(r) for r in resources if r.get("id")}
    targets = {
        _key(r): tuple(names.get(t, t) for t in _targets(r)) for r in resources if r.get("resourceType") != "Patient"
    }
    growing = True
    while growing:
        growing = False
        for key, named in targets.items():
            target = next((t for t in named if t in signs), None) if key not in signs else None
            if target is not None:
                signs[key] = Sign(signs[target].kind, f"it stands on {target}, which is held back")
                growing = True


def _targets(value: Any, name: str = "") -> Iterator[str]:
    """Keys of what a resource stands on: what it was derived from, and where and by whom it was written."""
    if isinstance(value, Mapping):
        reference = value.get("reference")
        if isinstance(reference, str) and (name in _LINKS or name in _WRITTEN_AT):
            yield "/".join(reference.partition("/_history")[0].split("/")[-2:])
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _targets(inner, name if key in _INSIDE else str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _targets(each, name)


def _key(resource: Json) -> str:
    return f"{resource.get('resourceType', '')}/{resource.get('id', '')}"


def _label_of(fact: Fact, labeled: Mapping[str, Sign]) -> Sign | None:
    rests_on = [fact.origin.resource, fact.id.partition("#")[0]]
    if isinstance(fact, ScaleForm):
        rests_on += fact.derived_from
    return next((labeled[key] for key in rests_on if key in labeled), None)


def _is_form(record_id: str, person: Person) -> bool:
    return any(form.id == record_id for form in person.scale_forms)


def _held(record_id: str, sign: Sign) -> HeldBack:
    return HeldBack(record_id, sign.kind.id, f"{sign.kind.name}: {sign.why}", sign.kind.released_by)
