"""The clinic's own data for letters: a small YAML file. What it leaves out is a blank to fill, never made up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from inconcert.knowledge import loader, strict_yaml
from inconcert.knowledge.loader import Entry
from inconcert.knowledge.strict_yaml import KnowledgeError

MAX_TEXT = 200  # characters of one value: a letterhead, not a letter


class Clinic(Entry):
    """The clinic as its letterhead says it."""

    name: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    fax: str = ""
    email: str = ""
    npi: str = ""
    tax_id: str = ""


class Clinician(Entry):
    """Who signs."""

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


class ClinicSettings(Entry):
    """The whole settings file. Every value may be left out."""

    clinic: Clinic = Clinic()
    clinician: Clinician = Clinician()
    contact: Contact = Contact()
    paper: Literal["us-letter", "a4"] = "us-letter"

    def blanks(self) -> tuple[str, ...]:
        """What a payer will look for and the file does not say, in words."""
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


def read_settings(path: Path | str) -> ClinicSettings:
    """Read a settings file. Raises KnowledgeError naming file, line, what is wrong and what would mend it."""
    text = _text(Path(path))
    return settings_from_text(text, str(path))


def settings_from_text(text: str, name: str) -> ClinicSettings:
    """Read settings from YAML text; `name` is what messages call it. Raises KnowledgeError as `read_settings`."""
    data = strict_yaml.parse(text, name)
    found = loader.convert({} if data is None else data, ClinicSettings, name, text=text)
    for place, value in _strings(msgspec.to_builtins(found)):
        if len(value) > MAX_TEXT:
            raise _wrong(name, text, place, f"It is longer than {MAX_TEXT} characters.", "Shorten it.")
    for place, npi in (("$.clinic.npi", found.clinic.npi), ("$.clinician.npi", found.clinician.npi)):
        if npi and not is_npi(npi):
            raise _wrong(
                name,
                text,
                place,
                f"{npi!r} is no NPI.",
                "Write its ten digits in quotes; the last one checks the rest.",
            )
    return found


def settings_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a settings file."""
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


def _wrong(name: str, text: str, place: str, problem: str, mend: str) -> KnowledgeError:
    return KnowledgeError(name, strict_yaml.line_of(text, place), f"At {place}: {problem}", mend)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(
            str(path), None, f"The file cannot be read: {error}.", "Check its name and UTF-8."
        ) from error


def _strings(value: Any, place: str = "$") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in _strings(inner, f"{place}.{key}")]
    if isinstance(value, list | tuple):
        return [each for number, inner in enumerate(value) for each in _strings(inner, f"{place}[{number}]")]
    return []
