"""What a measured value may be before it is taken for a slip: closed lists of units, wide limits, codes.

One YAML file, `knowledge/files/measurements/*.yaml`. The limits catch wrong units, signs and decimals; they say nothing
about what is normal.
"""

from __future__ import annotations

from functools import cache

from inconcert.judgement import Reading
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FOLDER = ROOT / "files" / "measurements"


class UnitLimits(Entry):
    """Lowest and highest value believed in one unit (both included), and other spellings of that unit."""

    low: float
    high: float
    also: tuple[str, ...] = ()


class MeasurementLimits(Entry):
    """One measure: its LOINC codes and, for each UCUM unit it may be written in, the limits."""

    id: str
    name: str
    loinc: tuple[str, ...]
    units: dict[str, UnitLimits]
    status: Reading
    sources: tuple[SourceNote, ...]
    recalled_codes: tuple[str, ...] = ()

    def unit_named(self, text: str) -> str:
        """The UCUM unit meant by `text`, or '' if it is none of this measure's."""
        if text in self.units:
            return text
        plain = text.strip().lower()
        for unit, limits in self.units.items():
            if plain == unit.lower() or any(plain == other.lower() for other in limits.also):
                return unit
        return ""


@cache
def measurement_limits() -> dict[str, MeasurementLimits]:
    """Every measure by each of its LOINC codes. Raises KnowledgeError where a code stands twice."""
    by_code: dict[str, MeasurementLimits] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for measure in load(path, tuple[MeasurementLimits, ...]):
            for code in measure.loinc:
                if code in by_code:
                    raise KnowledgeError(str(path), None, f"LOINC {code} stands twice.", "Give it to one measure.")
                by_code[code] = measure
    return by_code
