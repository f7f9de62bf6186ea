"""Walking through a Bundle that may be anything: nothing here raises on a wrong shape, it finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inconcert.exchange.pas.types import Finding, FindingKind, Json

_SYSTEMS_OF_X12 = "https://codesystem.x12.org/"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


def objects(value: Any) -> list[Json]:
    """The objects in a list, an object as a list of one, anything else as none."""
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict)]


def codings(concept: Any) -> list[Json]:
    """The codings of a CodeableConcept."""
    return objects(concept.get("coding")) if isinstance(concept, Mapping) else []


def whole(value: Any) -> int | None:
    """A whole number as it is, anything else (true and false too) as None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def wholes(value: Any) -> list[int]:
    """The whole numbers in a list."""
    return [n for n in map(whole, value) if n is not None] if isinstance(value, list) else []


def code_pairs(concept: Any) -> set[tuple[str, str]]:
    """Table and code of each coding."""
    return {(str(c.get("system")), str(c.get("code"))) for c in codings(concept)}


def has_code(concept: Any, system: str, code: str) -> bool:
    """True if one of its codings is this code of this table."""
    return any(c.get("system") == system and c.get("code") == code for c in codings(concept))


def first_code(concept: Any) -> str:
    """The first code, '' if there is none."""
    return next((str(c["code"]) for c in codings(concept) if c.get("code")), "")


def extension(element: Any, url: str) -> list[Json]:
    """The extensions of an element with this name (full, or the last part inside a complex one)."""
    found = objects(element.get("extension")) if isinstance(element, Mapping) else []
    return [e for e in found if e.get("url") == url]


def value_of(element: Json) -> Any:
    """The value[x] of an extension or item, None if there is none."""
    return next((v for k, v in element.items() if k.startswith("value")), None)


def references(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every `reference` in a resource, with its path; references to contained resources are left out."""
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str) and not text.startswith("#"):
            yield path, text
        for key, inner in value.items():
            if key != "contained":
                yield from references(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from references(each, f"{path}[{number}]")


@dataclass(slots=True)
class Look:
    """A Bundle being looked through: its entries by name, and what was found."""

    bundle: Json
    shape: str
    findings: list[Finding] = field(default_factory=list)
    by_name: dict[str, Json] = field(default_factory=dict)
    path_of: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, entry in enumerate(objects(self.bundle.get("entry"))):
            resource = entry.get("resource")
            if not isinstance(resource, dict):
                continue
            self.path_of[id(resource)] = f"Bundle.entry[{number}].resource"
            url, kind, name = entry.get("fullUrl"), resource.get("resourceType"), resource.get("id")
            if isinstance(url, str):
                self.by_name.setdefault(url, resource)
            if isinstance(name, str) and _ID.match(name):
                self.by_name.setdefault(f"{kind}/{name}", resource)

    def resources(self, *kinds: str) -> list[Json]:
        """The resources of these kinds, in order."""
        found = [e["resource"] for e in objects(self.bundle.get("entry")) if isinstance(e.get("resource"), dict)]
        return [r for r in found if not kinds or r.get("resourceType") in kinds]

    def resolve(self, reference: Any) -> Json | None:
        """The entry that a reference (object or text) names, None where there is none."""
        text = reference.get("reference") if isinstance(reference, Mapping) else reference
        if not isinstance(text, str):
            return None
        plain = text.partition("/_history")[0]
        found = self.by_name.get(plain)
        if found is None and "://" in plain:
            return None
        return found

    def say(self, where: str, rule: str, text: str, mend: str, kind: FindingKind = FindingKind.FAULT) -> None:
        """Note a finding."""
        self.findings.append(Finding(kind, where, rule, text, mend))

    def need(
        self, where: str, rule: str, there: object, text: str, mend: str, kind: FindingKind = FindingKind.FAULT
    ) -> bool:
        """Note a finding unless `there` holds; gives back whether it does."""
        if not there:
            self.say(where, rule, text, mend, kind)
        return bool(there)

    def need_target(self, where: str, reference: Any, kinds: tuple[str, ...], what: str) -> None:
        """The reference must be there and lead, inside the Bundle, to one of these kinds of resource."""
        if not isinstance(reference, Mapping) or not reference.get("reference"):
            self.say(
                where, "1..1", f"{what} is not given", "Name it, with its resource in the Bundle.", FindingKind.SETTING
            )
            return
        target = self.resolve(reference)
        if target is not None and target.get("resourceType") not in kinds:
            self.say(
                where, "target", f"{what} is of type {target.get('resourceType')}", f"Refer to a {' or '.join(kinds)}."
            )


def is_x12(system: object) -> bool:
    """True for a table of X12, whose values are X12's and are not checked here."""
    return isinstance(system, str) and system.startswith(_SYSTEMS_OF_X12)
