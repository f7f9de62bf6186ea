"""The clinic's own settings: one file, from which letters take their head and requests to payers their codes.

X12's tables and CPT are other people's property, and payers differ in what they want. So none is shipped: a clinic that
holds the licenses writes its values here. Whatever the file leaves out is a blank to fill or a gap by name, never made up.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from inconcert.knowledge import loader, strict_yaml
from inconcert.knowledge.loader import Entry
from inconcert.knowledge.strict_yaml import KnowledgeError

MAX_TEXT = 200  # characters of one value of the letterhead: a letterhead, not a letter
_DIGITS = {"code", "npi", "postal_code", "identifier", "phone", "fax", "tax_id", "license"}
_LETTERHEAD = ("clinic", "clinician", "contact")
State = Literal["approved", "modified", "denied", "pended", "cancelled", "not_required"]


class Clinic(Entry):
    """The organization that asks. `npi` is its National Provider Identifier.

    `address` is the lines of the letterhead; where they are not given they are made of street, city, state and postal code.
    """

    name: str = ""
    npi: str = ""
    phone: str = ""
    fax: str = ""
    email: str = ""
    tax_id: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    address: tuple[str, ...] = ()


class Clinician(Entry):
    """Who orders the treatment and signs. `name` as it is signed; where it is not given, the given and family names."""

    family: str = ""
    given: str = ""
    name: str = ""
    credentials: str = ""
    specialty: str = ""
    npi: str = ""
    license: str = ""


class Contact(Entry):
    """Whom a reviewer may call."""

    name: str = ""
    phone: str = ""
    hours: str = ""


class Letterhead(Entry):
    """What of the settings stands in a letter. The payers' codes are no part of it."""

    clinic: Clinic = Clinic()
    clinician: Clinician = Clinician()
    contact: Contact = Contact()
    paper: Literal["us-letter", "a4"] = "us-letter"


class CodeValue(Entry):
    """One code in its table, written `{system: ..., code: ..., display: ...}`."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> dict[str, Any]:
        """As a FHIR Coding."""
        found = {"system": self.system, "code": self.code}
        return found | ({"display": self.display} if self.display else {})


class PayerEntry(Entry):
    """A payer under the name that charts give it: the name to write, and its identifier."""

    name: str = ""
    identifier: str = ""
    identifier_system: str = ""


class ServiceEntry(Entry):
    """What one service is called in the payer's tables, and how much of it is usually asked for."""

    product_or_service: tuple[CodeValue, ...] = ()
    modifiers: tuple[CodeValue, ...] = ()
    category: CodeValue | None = None
    place_of_service: CodeValue | None = None
    units: float | None = None
    benefit: str = "medical"


class GeneralCodes(Entry):
    """Codes that do not depend on the service. The last three are welcome but not required."""

    request_type: CodeValue | None = None
    certification_type: CodeValue | None = None
    report_type: CodeValue | None = None
    relationship_self: CodeValue | None = None
    unit: CodeValue | None = None
    insurer_type: CodeValue | None = None
    requestor_type: CodeValue | None = None


class ClinicSettings(Entry):
    """A clinic's settings file. Everything is optional; what is missing is named where it would have stood.

    `identifier_system` is the system of the clinic's own request numbers, `fhir_base` the address under which its FHIR
    server names resources (a name only: nothing is fetched). `review_actions` says what the payer's action codes mean.
    """

    clinic: Clinic = Clinic()
    clinician: Clinician = Clinician()
    contact: Contact = Contact()
    paper: Literal["us-letter", "a4"] = "us-letter"
    identifier_system: str = ""
    fhir_base: str = ""
    payers: dict[str, PayerEntry] = msgspec.field(default_factory=dict)
    services: dict[str, ServiceEntry] = msgspec.field(default_factory=dict)
    codes: GeneralCodes = GeneralCodes()
    review_actions: dict[str, State] = msgspec.field(default_factory=dict)

    def letterhead(self) -> Letterhead:
        """What of the settings stands in a letter."""
        return Letterhead(clinic=self.clinic, clinician=self.clinician, contact=self.contact, paper=self.paper)

    def service(self, name: str) -> ServiceEntry:
        """The entry of one service, empty where there is none."""
        return self.services.get(name, ServiceEntry())

    def blanks(self) -> tuple[str, ...]:
        """What a payer will look for in a letter and the file does not say, in words."""
        wanted = (
            ("the clinic's name", self.clinic.name),
            ("the clinic's address", self.clinic.address),
            ("the clinic's phone", self.clinic.phone),
            ("the clinic's fax", self.clinic.fax),
            ("the clinic's NPI", self.clinic.npi),
            ("the clinician's name", self.clinician.name),
            ("the clinician's credentials", self.clinician.credentials),
            ("the clinician's NPI", self.clinician.npi),
            ("a phone number for a peer-to-peer call", self.contact.phone or self.clinic.phone),
        )
        return tuple(name for name, value in wanted if not value)


def read_clinic(path: Path | str | None) -> ClinicSettings:
    """Read the settings file; all blanks where none is named.

    Raises KnowledgeError naming file, line, what is wrong and what would mend it.
    """
    if path is None:
        return ClinicSettings()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(
            str(path), None, f"The file cannot be read: {error}.", "Check its name and UTF-8."
        ) from error
    return clinic_from(text, str(path))


def clinic_from(text: str, name: str) -> ClinicSettings:
    """The settings in a text; `name` is what messages call it. Raises KnowledgeError as `read_clinic`."""
    data = strict_yaml.parse(text, name)
    data = _digits_as_text({} if data is None else data)
    _refuse_unknown(data, msgspec.inspect.type_info(ClinicSettings), "$", name, text)
    found = loader.convert(data, ClinicSettings, name, text=text)
    for place, value in _strings({key: data[key] for key in _LETTERHEAD if key in data}):
        if len(value) > MAX_TEXT:
            raise _wrong(name, text, place, f"It is longer than {MAX_TEXT} characters.", "Shorten it.")
    for place, npi in (("$.clinic.npi", found.clinic.npi), ("$.clinician.npi", found.clinician.npi)):
        if npi and not is_npi(npi):
            mend = "Write its ten digits; the last one checks the rest."
            raise _wrong(name, text, place, f"{npi!r} is no NPI.", mend)
    return _completed(found)


def clinic_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the settings file."""
    schema = msgspec.json.schema(ClinicSettings)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "InConcert clinic settings", **schema}


def is_npi(text: str) -> bool:
    """True if the ten digits end in their check digit (Luhn over 80840 and the number; CMS, NPI standard, recalled)."""
    if re.fullmatch(r"[12][0-9]{9}", text, re.ASCII) is None:
        return False
    total = 0
    for place, digit in enumerate(reversed("80840" + text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _completed(found: ClinicSettings) -> ClinicSettings:
    """With the letterhead's lines and the name that signs put together from their parts, where they are not given."""
    clinic, who = found.clinic, found.clinician
    if not clinic.address:
        town = " ".join(part for part in (clinic.state, clinic.postal_code) if part)
        lines = (clinic.street, ", ".join(part for part in (clinic.city, town) if part))
        clinic = msgspec.structs.replace(clinic, address=tuple(line for line in lines if line))
    if not who.name:
        who = msgspec.structs.replace(who, name=" ".join(part for part in (who.given, who.family) if part))
    return msgspec.structs.replace(found, clinic=clinic, clinician=who)


def _refuse_unknown(data: Any, kind: msgspec.inspect.Type, place: str, name: str, text: str) -> None:
    """Raise KnowledgeError for the first word that the file may not say, with the words it may say in that place."""
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next((each for each in kind.types if isinstance(each, msgspec.inspect.StructType)), kind)
    if isinstance(kind, msgspec.inspect.StructType) and isinstance(data, dict):
        fields = {field.name: field.type for field in kind.fields}
        for key, value in data.items():
            if key not in fields:
                near = difflib.get_close_matches(str(key), fields, n=1)
                mend = f"Did you mean `{near[0]}`? " if near else ""
                mend += f"One of: {', '.join(fields)}."

                raise _wrong(name, text, f"{place}.{key}", f"There is no setting `{key}` here.", mend)
            _refuse_unknown(value, fields[key], f"{place}.{key}", name, text)
    elif isinstance(kind, msgspec.inspect.DictType) and isinstance(data, dict):
        for key, value in data.items():
            _refuse_unknown(value, kind.value_type, f"{place}.{key}", name, text)
    elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(data, list):
        for number, value in enumerate(data):
            _refuse_unknown(value, kind.item_type, f"{place}[{number}]", name, text)


def _digits_as_text(data: Any, key: str = "") -> Any:
    """`code: 11` means the code `11`: a whole number where a code belongs is taken as its digits, which loses nothing."""
    if isinstance(data, dict):
        as_text = key == "review_actions"
        return {str(k) if as_text and isinstance(k, int) else k: _digits_as_text(v, str(k)) for k, v in data.items()}
    if isinstance(data, list):
        return [_digits_as_text(each, key) for each in data]
    if key in _DIGITS and isinstance(data, int) and not isinstance(data, bool):
        return str(data)
    return data


def _wrong(name: str, text: str, place: str, problem: str, mend: str) -> KnowledgeError:
    return KnowledgeError(name, strict_yaml.line_of(text, place), f"At {place}: {problem}", mend)


def _strings(value: Any, place: str = "$") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in _strings(inner, f"{place}.{key}")]
    if isinstance(value, list | tuple):
        return [each for number, inner in enumerate(value) for each in _strings(inner, f"{place}[{number}]")]
    return []
