"""Standard errors and standard deviations worked back from what a publication prints instead, each with its formula's source.

Everything here is arithmetic on printed figures, so what it returns is derived, and is marked so by whoever asks. A rounded
p or interval gives a rounded standard error: `p = 0.04` is anything from 0.035 to 0.045.
"""

from __future__ import annotations

import math

from inconcert.evidence.synthesis.models.distributions import normal_quantile, t_quantile
from inconcert.judgement import Reading, Source

HANDBOOK = "Cochrane Handbook for Systematic Reviews of Interventions, version 6, "
RECOVERY = {
    "se_from_interval": (
        "width of the interval divided by twice its quantile (normal, or Student's t where the degrees of freedom are known)",
        Source(HANDBOOK + "6.3.1 and 6.5.2.2", "standard error from an interval", Reading.RECALLED),
    ),
    "se_from_p": (
        "estimate divided by the quantile that a two-sided p of this size has",
        Source(HANDBOOK + "6.3.2 and 6.5.2.3", "standard error from a p value", Reading.RECALLED),
    ),
    "se_from_t": (
        "estimate divided by t",
        Source(HANDBOOK + "6.5.2.3", "standard error from a t value", Reading.RECALLED),
    ),
    "sd_from_se": (
        "standard error of a mean times the square root of the number of people",
        Source(HANDBOOK + "6.5.2.2", "standard deviation of one group", Reading.RECALLED),
    ),
    "sd_from_difference": (
        "standard error of the difference of two means divided by sqrt(1/n1 + 1/n2): one standard deviation for both groups",
        Source(HANDBOOK + "6.5.2.3", "standard deviation from a difference", Reading.RECALLED),
    ),
    "sd_of_change": (
        "sqrt(sd_before^2 + sd_after^2 - 2 r sd_before sd_after), r the correlation of the two measurements",
        Source(HANDBOOK + "6.5.2.8", "standard deviation of a change", Reading.RECALLED),
    ),
}


def se_from_interval(low: float, high: float, *, level: float = 0.95, df: int | None = None) -> float:
    """Standard error from an interval that is symmetrical on its scale (take logarithms of a ratio's ends first).

    `df` are Student's degrees of freedom, None for a normal interval. Raises ValueError for an interval or level that cannot be.
    """
    if not low < high:
        raise ValueError(f"the interval runs from {low:g} to {high:g}. Mend: give the lower end first.")
    if not 0 < level < 1:
        raise ValueError(f"an interval of {level} has no meaning. Mend: give a level between 0 and 1, such as 0.95.")
    return (high - low) / (2 * _quantile(0.5 + level / 2, df))


def se_from_p(estimate: float, p: float, *, df: int | None = None) -> float:
    """Standard error from an estimate (logarithm of a ratio) and its exact two-sided p. Raises ValueError where none follows."""
    if not 0 < p < 1:
        raise ValueError(f"p is {p:g}. Mend: give the p value as printed, above 0 and below 1.")
    if estimate == 0:
        raise ValueError("an estimate of zero says nothing of its standard error. Mend: give the interval or the SE.")
    return abs(estimate) / _quantile(1 - p / 2, df)


def se_from_t(estimate: float, t: float) -> float:
    """Standard error from an estimate and its t or z. Raises ValueError for t 0."""
    if t == 0 or estimate == 0:
        raise ValueError("a t or an estimate of zero says nothing of the standard error. Mend: give the interval.")
    return abs(estimate / t)


def sd_from_se(se: float, n: int) -> float:
    """Standard deviation of `n` people from the standard error of their mean. Raises ValueError for an SE or n that cannot be."""
    _positive(se)
    if n < 1:
        raise ValueError(f"n is {n}. Mend: give the number of people.")
    return se * math.sqrt(n)


def sd_from_difference(se: float, n1: int, n2: int) -> float:
    """The standard deviation both groups share, from the standard error of the difference of their means."""
    _positive(se)
    if n1 < 1 or n2 < 1:
        raise ValueError(f"n is {n1} and {n2}. Mend: give the number of people of each group.")
    return se / math.sqrt(1 / n1 + 1 / n2)


def sd_of_change(before: float, after: float, correlation: float) -> float:
    """Standard deviation of a change from those before and after, for a stated correlation (-1 to 1)."""
    _positive(before)
    _positive(after)
    if not -1 <= correlation <= 1:
        raise ValueError(f"a correlation of {correlation:g} cannot be. Mend: give one from -1 to 1, such as 0.5.")
    return math.sqrt(max(0.0, before**2 + after**2 - 2 * correlation * before * after))


def _positive(value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"a spread of {value:g} cannot be. Mend: give a number above 0.")


def _quantile(probability: float, df: int | None) -> float:
    return normal_quantile(probability) if df is None else t_quantile(probability, df)
