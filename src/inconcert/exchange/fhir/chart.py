"""From raw resources to people: each resource is read once, given to its person, and accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from inconcert.exchange.fhir import clinical, coverage, duplicates, observations, orders, questionnaires
from inconcert.exchange.fhir.account import Account, Json, Ledger, RawResource, UnreadableChart
from inconcert.exchange.fhir.forms import FormDraft, Piece, assemble
from inconcert.exchange.fhir.load import UNREADABLE, Limits, load_bytes, load_path
from inconcert.exchange.fhir.medications import read_medication
from inconcert.exchange.fhir.names import DIRECTORY, why_kept
from inconcert.exchange.fhir.node import Kept, Node, Refused, Scope
from inconcert.exchange.fhir.older import UnreadVersion, to_r4
from inconcert.exchange.fhir.patients import People, PersonDraft, read_patient
from inconcert.exchange.fhir.reading import Reading
from inconcert.exchange.fhir.references import Index
from inconcert.exchange.fhir.versions import version_of
from inconcert.record import (
    Allergy,
    Attestation,
    Condition,
    DateRange,
    DeviceFact,
    Encounter,
    Fact,
    HealthPlan,
    Measurement,
    MedicationEvent,
    Moment,
    NotDone,
    Person,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
    ServiceOrder,
)

Reader = Callable[[Node, Reading], list[Fact]]
_SUBJECT = ("subject", "patient")
# Resource type -> (where it names its person, how it is read).
_READERS: dict[str, tuple[tuple[str, ...], Reader]] = {
    "Condition": (_SUBJECT, clinical.read_condition),
    "Encounter": (_SUBJECT, clinical.read_encounter),
    "Procedure": (_SUBJECT, clinical.read_procedure),
    "AllergyIntolerance": (("patient",), clinical.read_allergy),
    "Coverage": (("beneficiary",), coverage.read_coverage),
    "Device": (("patient",), clinical.read_device),
    "DeviceUseStatement": (_SUBJECT, clinical.read_device_use),
    "ServiceRequest": (_SUBJECT, orders.read_service_request),
    "MedicationRequest": (_SUBJECT, read_medication),
    "MedicationStatement": (_SUBJECT, read_medication),
    "MedicationDispense": (_SUBJECT, read_medication),
    "MedicationAdministration": (_SUBJECT, read_medication),
}
_READ = {*_READERS, "Patient", "Observation", "QuestionnaireResponse", "MedicationOrder", "DeviceUsage"}
_LOOKED_UP = DIRECTORY | {"Questionnaire"}
_FIELD: dict[type[Fact], str] = {
    Condition: "conditions",
    MedicationEvent: "medications",
    ReportedTrial: "reported_trials",
    ScaleForm: "scale_forms",
    Measurement: "measurements",
    ProcedureDone: "procedures",
    Allergy: "allergies",
    HealthPlan: "health_plans",
    DeviceFact: "devices",
    Encounter: "encounters",
    Attestation: "attestations",
    ServiceOrder: "service_orders",
    NotDone: "not_done",
}


@dataclass(frozen=True, slots=True)
class ChartReading:
    """What a chart gave: its people with their facts, the account of every resource, and every resource as it came."""

    people: tuple[Person, ...]
    account: Account
    raw: tuple[RawResource, ...]

    def __repr__(self) -> str:
        return f"<ChartReading {len(self.people)} people, {self.account.resources} resources>"


def read_chart(
    path: Path | str, *, as_of: date | None = None, limits: Limits | None = None, one_person: bool = False
) -> ChartReading:
    """Read a FHIR file or a folder of them.

    Takes a Bundle of any type, a single resource, a JSON list of resources, NDJSON, or a folder of such files at any
    depth. Dates after `as_of` (default: today in UTC) are kept and pointed out. `one_person` is the caller's word that a
    file with one Patient is all about that patient: what names a patient who is not there is then theirs, and noted;
    without it such a resource is refused. Raises UnreadableChart only where nothing at all could be read; everything
    else is in the account.
    """
    ledger = Ledger()
    load_path(Path(path), ledger, limits or Limits())
    return _read(ledger, as_of, str(path), one_person=one_person)


def read_bytes(
    data: bytes, name: str, *, as_of: date | None = None, limits: Limits | None = None, one_person: bool = False
) -> ChartReading:
    """Read one uploaded file from memory; `name` is what messages call it. Otherwise as `read_chart`."""
    ledger = Ledger()
    load_bytes(data, name, ledger, limits or Limits())
    return _read(ledger, as_of, name, one_person=one_person)


def _read(ledger: Ledger, as_of: date | None, name: str, *, one_person: bool = False) -> ChartReading:
    if not ledger.raw:
        notes = "; ".join(f.note for f in ledger.files if f.note)
        reason = f"holds no FHIR resource{f' ({notes})' if notes else ''}."
        raise UnreadableChart(name, reason, "Export the record again, with the patient chosen.")
    people = _Chart(ledger, as_of or datetime.now(UTC).date(), one_person=one_person).read()
    return ChartReading(people=people, account=ledger.close(), raw=tuple(ledger.raw))


def people_of(ledger: Ledger, today: date, directory: Index | None = None) -> tuple[Person, ...]:
    """The people of the resources that a ledger holds, each resource accounted for there.

    For whoever reads an export piece by piece: `directory` is what all pieces refer to (practitioners, medications, forms).
    """
    return _Chart(ledger, today, directory=directory).read()


class _Chart:
    """One reading under way."""

    def __init__(
        self, ledger: Ledger, today: date, *, one_person: bool = False, directory: Index | None = None
    ) -> None:
        self.directory = directory
        self.ledger = ledger
        self.one_person = one_person
        self.today = today
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        self.events: list[duplicates.ReadEvent] = []
        self.pieces: list[Piece] = []
        self.drafts: list[FormDraft] = []

    def read(self) -> tuple[Person, ...]:
        open_ones = [raw for raw in self.ledger.raw if not self.ledger.settled(raw)]
        survivors = self._in_r4_shape(duplicates.single_out(open_ones, self.ledger))
        self.index = Index([(raw, data) for raw, data, _ in survivors], self.directory)
        self.people = People(self.index, one_person=self.one_person)
        for raw, data, version in survivors:
            if raw.type == "Patient":
                self._patient(raw, data, version)
        patients = {raw.key for raw in self.ledger.raw if raw.type == "Patient"}
        self.people.refused = patients - self.people.drafts.keys()
        self.people.unreadable = any(raw.type == UNREADABLE for raw in self.ledger.raw)
        self.people.assume_single_subject([(raw, data) for raw, data, _ in survivors if raw.type in _READ])
        for raw, data, version in survivors:
            if raw.type != "Patient" and raw.type in _READ:
                self._resource(raw, data, version)
        for person, event in duplicates.single_events(self.events, self.ledger):
            self.facts[person].append(event)
        for person, forms in assemble(self.pieces, self.drafts, self.ledger).items():
            self.facts[person].extend(forms)
        for raw, _, _ in survivors:
            self._leftover(raw)
        return tuple(self._person(key, draft) for key, draft in sorted(self.people.drafts.items()))

    def _in_r4_shape(self, resources: list[RawResource]) -> list[tuple[RawResource, Json, str]]:
        """Each resource in R4 shape with the version it came in. Refuses, by name, what is not read."""
        found = []
        older: Counter[tuple[str, str]] = Counter()
        for raw in resources:
            version = version_of(raw.data)
            if raw.type not in _READ and raw.type != "Medication":
                found.append((raw, raw.data, version))
                continue
            try:
                found.append((raw, to_r4(raw.data, version), version))
            except UnreadVersion as error:
                self.ledger.refuse(raw, raw.type, str(error), "Export the record as FHIR R4.")
                continue
            if version != "R4":
                older[raw.file, version] += 1
        for (file, version), count in sorted(older.items()):
            some = "1 resource has" if count == 1 else f"{count} resources have"
            reason = f"{some} the shape of FHIR {version}: read as R4, and marked"
            self.ledger.file_problem(file, "", reason, "Export as FHIR R4 where the EHR can.")
        return found

    def _node(self, raw: RawResource, data: Json, version: str) -> Node:
        return Node(data, str(data.get("resourceType", raw.type)), Scope(raw, self.ledger, self.today, version))

    def _patient(self, raw: RawResource, data: Json, version: str) -> None:
        node = self._node(raw, data, version)
        try:
            _refuse_unknown_modifiers(node)
            self.people.drafts[raw.key] = read_patient(node)
            self.ledger.use(raw)
        except Refused as error:
            self.ledger.refuse(raw, error.path, error.reason, error.mend)

    def _resource(self, raw: RawResource, data: Json, version: str) -> None:
        node = self._node(raw, data, version)
        before, self.index.looked_up = self.index.looked_up, set()
        try:
            self._dispatch(node, data)
            before |= self.index.looked_up
        except Refused as error:
            self.ledger.refuse(raw, error.path, error.reason, error.mend)
        except Kept as error:
            self.ledger.keep(raw, error.path, error.reason)
        self.index.looked_up = before

    def _dispatch(self, node: Node, data: Json) -> None:
        raw = node.scope.raw
        kind = node.path
        reading = Reading(data, self.index)
        _refuse_unknown_modifiers(node)
        if kind == "Device" and not node.has("patient"):
            return  # whose it is may be said by a DeviceUseStatement; settled with the leftovers
        keys, read = _READERS.get(kind, (_SUBJECT, None))
        person = self.people.owner(node, keys)
        if kind == "Observation":
            found = observations.read_observation(node, reading, person)
            if isinstance(found, Piece):
                self.pieces.append(found)
                return
            self.facts[person].extend(found)
        elif kind == "QuestionnaireResponse":
            facts, drafts = questionnaires.read_response(node, reading, person)
            self.facts[person].extend(facts)
            self.drafts.extend(drafts)
        elif read is not None:
            facts = read(node, reading)
            if isinstance(facts[0], MedicationEvent):
                self.events.append((raw, data, person, facts[0]))
                return
            self.facts[person].extend(facts)
        self.ledger.use(raw)

    def _leftover(self, raw: RawResource) -> None:
        if self.ledger.settled(raw):
            return
        if raw.number in self.index.looked_up and (raw.type in _LOOKED_UP or raw.type == "Device"):
            self.ledger.use(raw)
        elif raw.type == "Device":
            self.ledger.keep(raw, "Device.patient", "It does not say whose device it is.")
        else:
            self.ledger.keep(raw, raw.type, why_kept(raw.type))

    def _person(self, key: str, draft: PersonDraft) -> Person:
        fields: dict[str, Any] = defaultdict(list)
        for fact in self.facts[key]:
            fields[_FIELD[type(fact)]].append(fact)
        return Person(
            id=draft.id,
            name=draft.name,
            birth=draft.birth,
            sex=draft.sex,
            deceased=draft.deceased,
            region=draft.region,
            invented=draft.invented,
            **{name: tuple(sorted(facts, key=_in_time)) for name, facts in fields.items()},
        )


def _refuse_unknown_modifiers(node: Node) -> None:
    """FHIR: whoever does not know a modifier extension must not use what it stands on. We know none. Raises Refused."""
    try:
        if b'"modifierExtension"' not in msgspec.json.encode(node.data):
            return  # most often; looking at every element takes ten times as long
    except (TypeError, ValueError):
        pass  # what cannot be written again is looked through below
    waiting: list[tuple[Any, str]] = [(node.data, node.path)]
    while waiting:
        item, path = waiting.pop()
        if isinstance(item, list):
            waiting.extend((below, path) for below in item if isinstance(below, dict | list))
        elif isinstance(item, dict):
            if item.get("modifierExtension"):
                raise Refused(
                    f"{path}.modifierExtension",
                    "A modifier extension changes what this says, and it is not known here.",
                    "Export without it, or have it added to what InConcert reads.",
                )
            for key, value in item.items():
                if isinstance(value, dict | list) and key != "contained":
                    waiting.append((value, f"{path}.{key}"))


def _in_time(fact: Fact) -> tuple[date, str]:
    """Oldest first, undated last; then by id, so that the order of a file never shows."""
    for name in (
        "start",
        "onset",
        "performed_start",
        "taken",
        "authored",
        "recorded",
        "answered_on",
        "reported_on",
        "said",
    ):
        when = getattr(fact, name, None)
        if isinstance(when, Moment):
            return when.days.earliest, fact.id
        if isinstance(when, DateRange):
            return when.earliest, fact.id
    return date.max, fact.id
