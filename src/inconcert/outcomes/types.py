"""What the quality measures answer for one person and for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePopulation:
    """One population of one rate, in both readings. `kind` is FHIR's word (`initial-population`, `numerator` ...).

    `as_measure` is what the published logic computes: what is not recorded did not happen. `ours` is what the record
    shows: what is not recorded is unknown unless somebody said that the record is whole.
    """

    kind: str
    group: str
    as_measure: Judgement
    ours: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMeasure:
    """One measure for one person: the populations of each of its rates, and the value sets that were not at hand."""

    measure: str
    version: str
    person: str
    first_day: date
    last_day: date
    as_of: date
    populations: tuple[MeasurePopulation, ...]
    lacking: tuple[str, ...] = ()

    def population(self, kind: str, group: str = "Group_1") -> MeasurePopulation:
        """One population. Raises KeyError."""
        for found in self.populations:
            if (found.kind, found.group) == (kind, group):
                return found
        raise KeyError(f"{self.measure} has no {kind} in {group}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationCount:
    """How many people are in a population, how many are not, and for how many it cannot be told, in both readings."""

    kind: str
    group: str
    as_measure: Mapping[Answer, int]
    ours: Mapping[Answer, int]
