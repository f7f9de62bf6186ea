"""What became of people: quality measures, computed from the record and answered in three ways.

`evaluate` answers one measure for one person, `count` for many. Two readings stand side by side and are never mixed:
what the published logic computes (what is not recorded did not happen), and what the record shows.
"""

from inconcert.outcomes.codesets import CodeSets, GivenSet
from inconcert.outcomes.measure import MeasureRun, Period, compute, count, evaluate, find_measure
from inconcert.outcomes.types import MeasurePopulation, PersonMeasure, PopulationCount

__all__ = [
    "CodeSets",
    "GivenSet",
    "MeasurePopulation",
    "MeasureRun",
    "PersonMeasure",
    "Period",
    "PopulationCount",
    "compute",
    "count",
    "evaluate",
    "find_measure",
]
