"""Odds ratio, risk ratio and risk difference of two groups from their counts, each with its interval and formula."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from inconcert.judgement import Reading, Source


class EffectMeasure(StrEnum):
    """The three ways to compare two proportions."""

    RISK_RATIO = "risk ratio"
    ODDS_RATIO = "odds ratio"
    RISK_DIFFERENCE = "risk difference"


FORMULAS = {
    EffectMeasure.RISK_RATIO: (
        "ratio of the two proportions; standard error of its logarithm sqrt(1/a - 1/n1 + 1/c - 1/n2)",
        Source("Katz 1978, Biometrics 34:469", "interval on the logarithm", Reading.RECALLED),
    ),
    EffectMeasure.ODDS_RATIO: (
        "ad / bc; standard error of its logarithm sqrt(1/a + 1/b + 1/c + 1/d)",
        Source("Woolf 1955, Annals of Human Genetics 19:251", "interval on the logarithm", Reading.RECALLED),
    ),
    EffectMeasure.RISK_DIFFERENCE: (
        "difference of the two proportions; standard error sqrt(p1(1-p1)/n1 + p2(1-p2)/n2)",
        Source("Wald interval", "textbook", Reading.RECALLED),
    ),
}
HALF_ADDED = "a cell was empty or full, so 0.5 was added to each of the four"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """`events` of `n` people. Raises ValueError where that cannot be."""

    events: int
    n: int

    def __post_init__(self) -> None:
        if self.n <= 0 or not 0 <= self.events <= self.n:
            raise ValueError(f"{self.events} of {self.n} people cannot be. Mend: check events and n of the row.")

    @property
    def proportion(self) -> float:
        """Events divided by people."""
        return self.events / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """First group compared with the second. Ratios are plain numbers, the risk difference is a proportion (0.1 is ten
    points). `note` says where 0.5 was added.
    """

    measure: EffectMeasure
    estimate: float
    low: float
    high: float
    level: float
    formula: str
    source: Source
    note: str = ""

    @property
    def text(self) -> str:
        """The effect as it is printed, such as `risk ratio 1.04 (95% interval 0.90 to 1.21)`."""
        if self.measure is EffectMeasure.RISK_DIFFERENCE:
            shown = [f"{100 * value:+.1f}" for value in (self.estimate, self.low, self.high)]
            body = f"{shown[0]} points ({100 * self.level:g}% interval {shown[1]} to {shown[2]})"
        else:
            body = f"{self.estimate:.2f} ({100 * self.level:g}% interval {self.low:.2f} to {self.high:.2f})"
        return f"{self.measure} {body}"


def compare(first: Counts, second: Counts, measure: EffectMeasure, *, level: float = 0.95) -> Effect:
    """Compare two groups. `level` is the coverage of the interval (0 to 1, both ends excluded).

    Where a cell of the two-by-two table is empty, 0.5 is added to each cell for the ratios, and for the standard error of
    the difference; the note says so. Raises ValueError for an impossible level.
    """
    if not 0 < level < 1:
        raise ValueError(f"an interval of {level} has no meaning. Mend: give a level between 0 and 1, such as 0.95.")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    a, b, c, d = (float(x) for x in (first.events, first.n - first.events, second.events, second.n - second.events))
    note = ""
    if 0 in (a, b, c, d):
        a, b, c, d, note = a + 0.5, b + 0.5, c + 0.5, d + 0.5, HALF_ADDED
    formula, source = FORMULAS[measure]
    if measure is EffectMeasure.RISK_DIFFERENCE:
        estimate = first.proportion - second.proportion
        half = z * math.sqrt(a * b / (a + b) ** 3 + c * d / (c + d) ** 3)
        low, high = max(-1.0, estimate - half), min(1.0, estimate + half)
    else:
        if measure is EffectMeasure.ODDS_RATIO:
            log, error = math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        else:
            log = math.log((a / (a + b)) / (c / (c + d)))
            error = math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
        estimate, low, high = math.exp(log), math.exp(log - z * error), math.exp(log + z * error)
    return Effect(
        measure=measure, estimate=estimate, low=low, high=high, level=level, formula=formula, source=source, note=note
    )
