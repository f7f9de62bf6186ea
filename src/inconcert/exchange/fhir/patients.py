"""Who the people are, and whose each resource is. A fact is never given to a person on a guess."""

from __future__ import annotations

from dataclasses import dataclass, field

from inconcert.exchange.fhir.account import Json, RawResource
from inconcert.exchange.fhir.intake import INCONCERT_CODES, INVENTED_TAG
from inconcert.exchange.fhir.node import Kept, Node, Refused
from inconcert.exchange.fhir.reading import resource_name
from inconcert.exchange.fhir.references import Index, key_of
from inconcert.record import DateRange

_TEST_DATA = ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")
_SUBJECT_KEYS = ("subject", "patient", "beneficiary", "individual")


@dataclass(slots=True)
class PersonDraft:
    """A person as far as the Patient resource tells."""

    id: str
    file: str = ""
    name: str = ""
    birth: DateRange | None = None
    sex: str = ""
    deceased: DateRange | bool | None = None
    region: str = ""
    invented: bool = False


def read_patient(node: Node) -> PersonDraft:
    """The Patient resource. A birth date that cannot be is refused and noted; the person is read without it."""
    deceased: DateRange | bool | None = node.date("deceasedDateTime")
    if deceased is None:
        deceased = True if node.has("deceasedDateTime") else node.flag("deceasedBoolean")
    if node.flag("active") is False:
        node.problem("active", "says that this patient record is no longer in use", "Check for a newer record.")
    addresses = sorted(node.children("address"), key=lambda a: (a.text("use") == "old", a.text("use") != "home"))
    return PersonDraft(
        id=node.scope.raw.key.partition("/")[2],
        file=node.scope.raw.file,
        name=resource_name(node),
        birth=_birth(node, deceased),
        sex=_sex(node),
        deceased=deceased,
        region=next((state for state in (a.text("state") for a in addresses) if state), ""),
        invented=_is_invented(node),
    )


def _birth(node: Node, deceased: DateRange | bool | None) -> DateRange | None:
    birth = node.date("birthDate")
    if birth is not None and isinstance(deceased, DateRange) and deceased.latest < birth.earliest:
        node.problem("birthDate", f"{birth} lies after the death, {deceased}; it was not used", "Check both dates.")
        return None
    return birth


def _sex(node: Node) -> str:
    sex = node.text("gender").lower()
    if sex and sex not in {"male", "female", "other", "unknown"}:
        node.problem(
            "gender", f"{sex[:40]!r} is not a code FHIR knows; it was not used", "male, female, other, unknown"
        )
        return ""
    return sex


def _is_invented(node: Node) -> bool:
    meta = node.child("meta")
    tags = meta.children("tag") if meta else []
    marks = {(tag.text("system"), tag.text("code")) for tag in tags}
    return bool(marks & {(INCONCERT_CODES, INVENTED_TAG), _TEST_DATA})


@dataclass(slots=True)
class People:
    """All people of one reading, by `Patient/id`, and how a resource finds its own."""

    index: Index
    drafts: dict[str, PersonDraft] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # Patient keys that came in and could not be used
    unreadable: bool = False  # something came in that could not be decoded, and may have been a Patient
    one_person: bool = False  # whoever asks vouches that everything is about one person, whomever it names
    _found: dict[str, RawResource] = field(default_factory=dict)  # a person here, by an address that led there before

    def assume_single_subject(self, resources: list[tuple[RawResource, Json]]) -> None:
        """Where no Patient came in and every resource is about the same one, that one is a person of unknown birth."""
        if self.drafts or self.refused:
            return
        named: dict[str, str] = {}
        for raw, data in resources:
            address = _subject_address(data)
            kind, _, name = key_of(address).partition("/")
            if address.startswith("urn:"):
                kind, name = "Patient", address.rpartition(":")[2]
            if address and not address.startswith("#") and kind == "Patient" and name:
                named.setdefault(f"Patient/{name}", raw.file)
        if len(named) == 1:
            ((key, file),) = named.items()
            self.drafts[key] = PersonDraft(id=key.partition("/")[2], file=file)

    def owner(self, node: Node, keys: tuple[str, ...]) -> str:
        """The key of the person a resource is about. Raises Refused or Kept where that is not one of the people here."""
        subject = node.data.get(keys[0])
        address = subject.get("reference") if type(subject) is dict else None
        before = self._found.get(address) if type(address) is str else None
        if before is not None:
            self.index.looked_up.add(before.number)
            return before.key
        key = next((k for k in keys if node.has(k)), None)
        reference = node.child(key) if key else None
        if reference is None:
            return self._unnamed(node, keys[0])
        found = self.index.find(reference, node.data)
        if found is not None and found.type != "Patient":
            raise Kept(reference.path, f"It is about a {found.type}, not a patient.")
        if found is not None and found.raw is not None:
            return self._known(found.raw, reference)
        address = reference.text("reference")
        kind, _, name = key_of(address).partition("/")
        if address.startswith("urn:") and not found:
            kind, name = "Patient", address.rpartition(":")[2]
        if kind not in {"Patient", ""} and name and not address.startswith("#") and "?" not in address:
            raise Kept(reference.path, f"It is about a {kind[:40]}, not a patient.")
        if f"Patient/{name}" in self.drafts and not found:
            return f"Patient/{name}"
        shown = address[:80] or reference.text("display")[:80]
        only = self._only(node) if self.one_person else None
        if only is not None:
            reference.problem("reference", f"{shown!r} is not in this file; read as its only patient, as you vouched")
            return only
        raise Refused(
            reference.path,
            f"The patient it names, {shown!r}, is not in this file.",
            "Export the Patient with the record; a fact is never given to somebody else.",
        )

    def _known(self, raw: RawResource, reference: Node) -> str:
        if raw.key in self.drafts:
            address = reference.data.get("reference")
            if (
                type(address) is str and address and not address.startswith("#")
            ):  # what is contained differs by resource
                self._found[address] = raw
            return raw.key
        raise Refused(reference.path, f"The patient it names, {raw.key}, was refused.", "Mend the Patient first.")

    def _unnamed(self, node: Node, key: str) -> str:
        only = self._only(node)
        if only is not None:
            node.problem(key, "is missing; read as the file's only patient", "Write whom it is about.")
            return only
        raise Refused(
            f"{node.path}.{key}",
            "It does not say whom it is about.",
            "Write the reference to the patient; with several patients, or none, in the file nobody can be assumed.",
        )

    def _only(self, node: Node) -> str | None:
        """The key of the one patient of this file, None where there are several, or one could not be read."""
        draft = next(iter(self.drafts.values())) if len(self.drafts) == 1 else None
        alone = draft is not None and draft.file == node.scope.raw.file and not (self.refused or self.unreadable)
        return next(iter(self.drafts)) if alone else None


def _subject_address(data: Json) -> str:
    for key in _SUBJECT_KEYS:
        reference = data.get(key)
        if isinstance(reference, dict):
            address = reference.get("reference")
            return address if isinstance(address, str) else ""
    return ""
