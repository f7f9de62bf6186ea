"""The quality measures as files: their numbers, words, codes and value sets, each with its source.

Files: `knowledge/files/outcomes/*.yaml`, and `codes.csv` with the codes of the systems that may be shipped.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import Literal

import msgspec

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, as_sources, load
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.record import CodeSystem

FOLDER = ROOT / "files" / "outcomes"
SYSTEMS: dict[str, str] = {
    "rxnorm": CodeSystem.RXNORM.value,
    "icd10cm": CodeSystem.ICD10CM.value,
    "loinc": CodeSystem.LOINC.value,
    "snomed": CodeSystem.SNOMED.value,
    "cpt": CodeSystem.CPT.value,
    "hcpcs": CodeSystem.HCPCS.value,
}
SystemName = Literal["rxnorm", "icd10cm", "loinc", "snomed", "cpt", "hcpcs"]


class MeasureParameter(Entry):
    """One number of a measure's logic, with its unit and what it does."""

    value: int
    unit: str
    says: str


class DirectCode(Entry):
    """A single code that the measure's logic names by itself. `says` is ours, not the code system's display."""

    system: SystemName
    code: str
    says: str

    @property
    def pair(self) -> tuple[str, str]:
        """Address of the system, and the code."""
        return SYSTEMS[self.system], self.code


class MeasureGroup(Entry):
    """One rate of a measure. `suffix` ends the ids of its populations, `numerator` names the rule that differs."""

    id: str
    suffix: str
    numerator: str


class MeasureFile(Entry):
    """One quality measure. `words` are lists of statuses and the like, `value_sets` roles filled by sets of the catalog."""

    id: str
    title: str
    asks: str
    version: str
    canonical: str
    steward: str
    for_year: int
    status: Reading
    sources: tuple[SourceNote, ...]
    groups: tuple[MeasureGroup, ...]
    populations: dict[str, str]
    parameters: dict[str, MeasureParameter]
    words: dict[str, tuple[str, ...]]
    codes: dict[str, tuple[DirectCode, ...]]
    value_sets: dict[str, tuple[str, ...]]

    def number(self, name: str) -> int:
        """The value of one parameter. Raises KeyError."""
        return self.parameters[name].value

    def pairs(self, name: str) -> frozenset[tuple[str, str]]:
        """The direct codes under a name, as pairs of system and code. Raises KeyError."""
        return frozenset(code.pair for code in self.codes[name])

    @property
    def all_sources(self) -> tuple[Source, ...]:
        """Its sources with their status."""
        return as_sources(self.sources, self.status)


class ValueSetEntry(Entry):
    """One value set: the code systems it holds, and those of them whose codes we carry whole."""

    id: str
    name: str
    oid: str
    version: str
    holds: tuple[SystemName, ...]
    carried: tuple[SystemName, ...] = ()


class ValueSetCatalog(Entry):
    """Every value set the measures name, and where a clinic gets those that may not be shipped."""

    sources: tuple[SourceNote, ...]
    status: Reading
    where_to_get: str
    sets: tuple[ValueSetEntry, ...]


class _CodeRow(Entry):
    set: str
    system: SystemName
    code: str


@cache
def measure_files() -> dict[str, MeasureFile]:
    """Every measure by id (`CMS159`). Raises KnowledgeError where a file names a value set that is not cataloged."""
    known = {entry.id for entry in value_set_catalog().sets}
    found: dict[str, MeasureFile] = {}
    for path in sorted(FOLDER.glob("cms*.yaml")):
        measure = load(path, MeasureFile)
        for name in (name for names in measure.value_sets.values() for name in names):
            if name not in known:
                raise KnowledgeError(str(path), None, f"{name!r} is not in value_sets.yaml.", "Add it there.")
        found[measure.id] = measure
    return found


@cache
def value_set_catalog() -> ValueSetCatalog:
    """The catalog of value sets. Raises KnowledgeError."""
    return load(FOLDER / "value_sets.yaml", ValueSetCatalog)


@cache
def carried_codes() -> dict[str, frozenset[tuple[str, str]]]:
    """The codes we carry, by value set id, as pairs of system address and code. Raises KnowledgeError."""
    path = FOLDER / "codes.csv"
    allowed = {(entry.id, system) for entry in value_set_catalog().sets for system in entry.carried}
    found: dict[str, set[tuple[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for line, raw in enumerate(csv.DictReader(handle), 2):
            try:
                row = msgspec.convert(raw, _CodeRow)
            except msgspec.ValidationError as error:
                raise KnowledgeError(str(path), line, f"{error}.", "Write set, system and code.") from error
            if (row.set, row.system) not in allowed:
                reason = f"{row.system} of {row.set!r} is not named as carried in value_sets.yaml."
                raise KnowledgeError(str(path), line, reason, "Name it there, if its license allows, or leave it out.")
            found.setdefault(row.set, set()).add((SYSTEMS[row.system], row.code))
    return {name: frozenset(codes) for name, codes in found.items()}
