"""Value sets that the clinic gives: FHIR ValueSet files, alone, in Bundles or in folders, each with its codes listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from inconcert.exchange.fhir.codesystems import coding
from inconcert.outcomes import GivenSet

_LARGEST = 200_000_000  # bytes of one file; the largest value sets of the measures have some thousand codes


class UnreadableValueSet(Exception):
    """A value set that cannot be used, with file, reason and mend."""

    def __init__(self, file: str, reason: str, mend: str) -> None:
        super().__init__(f"{file}: {reason} Mend: {mend}")


@dataclass(frozen=True, slots=True)
class ValueSetsRead:
    """The sets by OID, and what was left aside with the reason."""

    sets: dict[str, GivenSet]
    left_aside: tuple[str, ...] = ()


def read_value_sets(paths: Iterable[Path]) -> ValueSetsRead:
    """Read every ValueSet in the files and folders (`*.json`). The newest version of a set is kept.

    A set without its codes listed (no expansion, or rules instead of codes) and one of whose expansion only a part was
    downloaded are left aside and named. Raises UnreadableValueSet where a path or file cannot be read at all.
    """
    found: dict[str, GivenSet] = {}
    aside: list[str] = []
    for file in _files(paths):
        for resource in _value_sets(file):
            given = _given(resource, file, aside)
            before = found.get(given.oid) if given is not None else None
            if given is not None and (before is None or given.version >= before.version):
                found[given.oid] = given
    if not found:
        reason = "holds no ValueSet with its codes listed." + (f" {aside[0]}" if aside else "")
        raise UnreadableValueSet(", ".join(map(str, paths)), reason, "Download the expansion of each set as FHIR JSON.")
    return ValueSetsRead(found, tuple(aside))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.json"))
        elif path.is_file():
            yield path
        else:
            raise UnreadableValueSet(str(path), "There is no such file or folder.", "Name the download.")


def _value_sets(file: Path) -> Iterator[dict[str, Any]]:
    if file.stat().st_size > _LARGEST:
        raise UnreadableValueSet(str(file), "It is too large for value sets.", "Name the folder of value sets alone.")
    try:
        data = msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableValueSet(str(file), f"It is not JSON ({error}).", "Download it as FHIR JSON.") from error
    if not isinstance(data, dict):
        return
    entries = data.get("entry") if data.get("resourceType") == "Bundle" else [{"resource": data}]
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "ValueSet":
            yield resource


def _given(resource: dict[str, Any], file: Path, aside: list[str]) -> GivenSet | None:
    name = str(resource.get("title") or resource.get("name") or resource.get("id") or "a value set")
    oid = _oid(resource)
    if not oid:
        aside.append(f"{file.name}: {name} has no OID in its address.")
        return None
    expansion = resource.get("expansion")
    listed = list(_listed(expansion.get("contains"))) if isinstance(expansion, dict) else []
    total = expansion.get("total") if isinstance(expansion, dict) else None
    if isinstance(total, int) and total > len(listed):
        aside.append(f"{file.name}: {name} lists {len(listed)} of {total} codes; a part of a set is not used.")
        return None
    if not listed:
        listed = list(_composed(resource.get("compose"))) if not isinstance(expansion, dict) else []
    if not listed:
        aside.append(f"{file.name}: {name} does not list its codes.")
        return None
    codes = frozenset((c.system, c.code) for c in (coding(system, code, "") for system, code in listed))
    return GivenSet(oid, codes, name, str(resource.get("version") or ""), str(file))


def _oid(resource: dict[str, Any]) -> str:
    address = str(resource.get("url") or "").partition("|")[0].rstrip("/").rpartition("/")[2]
    text = (address or str(resource.get("id") or "")).removeprefix("urn:oid:")
    return text if text.replace(".", "").isdigit() else ""


def _listed(contains: Any) -> Iterator[tuple[str, str]]:
    """Codes of an expansion, at any depth; an abstract entry is a heading and no code."""
    for item in contains if isinstance(contains, list) else []:
        if not isinstance(item, dict):
            continue
        if item.get("code") and item.get("system") and not item.get("abstract"):
            yield str(item["system"]), str(item["code"])
        yield from _listed(item.get("contains"))


def _composed(compose: Any) -> Iterator[tuple[str, str]]:
    """Codes of a definition that only lists codes; nothing where any part of it is a rule or another set."""
    if not isinstance(compose, dict) or compose.get("exclude"):
        return
    includes = [item for item in compose.get("include") or [] if isinstance(item, dict)]
    if any(item.get("filter") or item.get("valueSet") or not item.get("concept") for item in includes):
        return
    for item in includes:
        for concept in item["concept"]:
            if isinstance(concept, dict) and concept.get("code") and item.get("system"):
                yield str(item["system"]), str(concept["code"])
