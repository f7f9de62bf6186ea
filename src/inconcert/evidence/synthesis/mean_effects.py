"""Mean difference and standardized mean difference of two groups, from final or change scores, with interval and formula.

Never mix a group's change with the other's final score. On depression scales a lower score is better, so a negative
difference is to the first group's advantage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from inconcert.judgement import Reading, Source


class MeanMeasure(StrEnum):
    """The two ways to compare two means."""

    DIFFERENCE = "mean difference"
    STANDARDIZED = "standardized mean difference"


MEAN_FORMULAS = {
    MeanMeasure.DIFFERENCE: (
        "difference of the two means; standard error sqrt(sd1^2/n1 + sd2^2/n2)",
        Source("textbook", "two independent groups", Reading.RECALLED),
    ),
    MeanMeasure.STANDARDIZED: (
        (
            "J times the difference over the pooled standard deviation, J = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)), "
            "m = n1 + n2 - 2; variance 1/n1 + 1/n2 + (1 - (m - 2) / (m J^2)) g^2"
        ),
        Source("Hedges 1981, Journal of Educational Statistics 6:107", "exact correction", Reading.RECALLED),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """`mean` and standard deviation `sd` of `n` people, all changes or all final scores. Raises ValueError where that cannot be."""

    mean: float
    sd: float
    n: int

    def __post_init__(self) -> None:
        if self.n < 2 or not 0 < self.sd < math.inf or not math.isfinite(self.mean):
            raise ValueError(
                f"mean {self.mean:g}, SD {self.sd:g}, n {self.n} cannot be compared. "
                "Mend: give two people or more and an SD above 0 (a standard error times the square root of n)."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEffect:
    """First group less the second. `estimate`, `se`, `low`, `high` in points of the scale, or in standard deviations."""

    measure: MeanMeasure
    estimate: float
    se: float
    low: float
    high: float
    level: float
    formula: str
    source: Source

    @property
    def text(self) -> str:
        """The effect as it is printed, such as `mean difference -4.40 (95% interval -8.03 to -0.77)`."""
        interval = f"{100 * self.level:g}% interval {self.low:.2f} to {self.high:.2f}"
        return f"{self.measure} {self.estimate:.2f} ({interval})"


def hedges_correction(freedom: int) -> float:
    """Hedges' exact factor for `freedom` degrees of freedom, between 0 and 1. Raises ValueError below 2."""
    if freedom < 2:
        raise ValueError(f"{freedom} degrees of freedom are too few to standardize. Mend: use the mean difference.")
    return math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)) / math.sqrt(freedom / 2)


def pooled_sd(first: Scores, second: Scores) -> float:
    """The standard deviation within both groups, each weighted by its degrees of freedom."""
    squares = (first.n - 1) * first.sd**2 + (second.n - 1) * second.sd**2
    return math.sqrt(squares / (first.n + second.n - 2))


def compare_means(first: Scores, second: Scores, measure: MeanMeasure, *, level: float = 0.95) -> MeanEffect:
    """Compare two groups with a normal interval of the given `level` (0 to 1, both excluded).

    Raises ValueError for an impossible level, or fewer than five people in all for the standardized difference, whose
    variance does not exist there.
    """
    if not 0 < level < 1:
        raise ValueError(f"an interval of {level} has no meaning. Mend: give a level between 0 and 1, such as 0.95.")
    estimate = first.mean - second.mean
    if measure is MeanMeasure.DIFFERENCE:
        se = math.sqrt(first.sd**2 / first.n + second.sd**2 / second.n)
    else:
        freedom = first.n + second.n - 2
        if freedom < 3:
            raise ValueError(f"{first.n + second.n} people are too few to standardize. Mend: use the mean difference.")
        factor = hedges_correction(freedom)
        estimate *= factor / pooled_sd(first, second)
        excess = 1 - (freedom - 2) / (freedom * factor**2)
        se = math.sqrt(1 / first.n + 1 / second.n + excess * estimate**2)
    half = NormalDist().inv_cdf(0.5 + level / 2) * se
    formula, source = MEAN_FORMULAS[measure]
    return MeanEffect(
        measure=measure, estimate=estimate, se=se, low=estimate - half, high=estimate + half, level=level, formula=formula, source=source
    )  # fmt: skip
