"""The clinic's own settings for requests to payers: who asks, and the codes that we may not carry.

X12's tables and CPT are other people's property, and payers differ in what they want. So none is shipped: a clinic that
holds the licenses writes its values into one YAML file. Without it the codings are left out, and each is named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from inconcert.exchange.pas.types import Gap, GapKind, ItemState, Json
from inconcert.knowledge.loader import Entry, convert
from inconcert.knowledge.strict_yaml import parse, read

_DIGITS = {"code", "npi", "postal_code", "identifier", "phone"}


class CodeValue(Entry):
    """One code in its table, written `{system: ..., code: ..., display: ...}`."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> Json:
        """As a FHIR Coding."""
        found = {"system": self.system, "code": self.code}
        return found | ({"display": self.display} if self.display else {})


class Clinic(Entry):
    """The organization that asks. `npi` is its National Provider Identifier."""

    name: str
    npi: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


class Clinician(Entry):
    """The clinician who orders the treatment."""

    family: str
    given: str = ""
    npi: str = ""


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


class PasSettings(Entry):
    """A clinic's settings file. Everything is optional; what is missing is named where it would have stood.

    `identifier_system` is the system of the clinic's own request numbers, `fhir_base` the address under which its FHIR
    server names resources (a name only: nothing is fetched). `review_actions` says what the payer's action codes mean,
    code to `approved`, `modified`, `denied`, `pended`, `cancelled` or `not_required`.
    """

    clinic: Clinic | None = None
    clinician: Clinician | None = None
    identifier_system: str = ""
    fhir_base: str = ""
    payers: dict[str, PayerEntry] = msgspec.field(default_factory=dict)
    services: dict[str, ServiceEntry] = msgspec.field(default_factory=dict)
    codes: GeneralCodes = GeneralCodes()
    review_actions: dict[str, ItemState] = msgspec.field(default_factory=dict)

    def service(self, name: str) -> ServiceEntry:
        """The entry of one service, empty where there is none."""
        return self.services.get(name, ServiceEntry())


def read_settings(path: Path) -> PasSettings:
    """Read a settings file. Raises KnowledgeError naming file, line and mend."""
    data = _codes_as_text(read(path) or {})
    return convert(data, PasSettings, str(path), path=path)


def settings_from(text: str, name: str) -> PasSettings:
    """The settings in a text. Raises KnowledgeError naming `name`, line and mend."""
    return convert(_codes_as_text(parse(text, name) or {}), PasSettings, name, text=text)


def _codes_as_text(data: Any, key: str = "") -> Any:
    """`code: 11` means the code `11`: a whole number where a code belongs is taken as its digits, which loses nothing."""
    if isinstance(data, dict):
        as_text = key == "review_actions"
        return {str(k) if as_text and isinstance(k, int) else k: _codes_as_text(v, str(k)) for k, v in data.items()}
    if isinstance(data, list):
        return [_codes_as_text(each, key) for each in data]
    if key in _DIGITS and isinstance(data, int) and not isinstance(data, bool):
        return str(data)
    return data


def missing(where: str, setting: str, what: str) -> Gap:
    """A gap that one entry of the settings file would close."""
    shape = "{system: ..., code: ...}"
    return Gap(GapKind.SETTINGS, where, what, f"Write `{setting}: {shape}` in the clinic's settings file.")
