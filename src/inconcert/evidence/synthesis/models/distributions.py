"""Normal, chi-squared and Student's t in closed form, so that a result needs no statistics library to start.

Degrees of freedom here are counts of contrasts less a rank, always whole, and for whole ones these sums are exact
(Abramowitz and Stegun 26.4.4, 26.4.5, 26.7.3, 26.7.4, recalled). A test compares all of them with SciPy.
"""

from __future__ import annotations

import math
from statistics import NormalDist

NORMAL = NormalDist()
_STEPS = 200


def normal_quantile(probability: float) -> float:
    """The z below which a standard normal falls with this probability."""
    return NORMAL.inv_cdf(probability)


def normal_two_sided_p(z: float) -> float:
    """Two-sided p of a standard normal z, accurate far into the tail."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_squared_upper(value: float, df: int) -> float:
    """Probability that chi-squared with `df` degrees of freedom exceeds `value`. Raises ValueError for df below 1."""
    if df < 1:
        raise ValueError(
            f"chi-squared with {df} degrees of freedom has no meaning. Mend: ask only where df is 1 or more."
        )
    if value <= 0:
        return 1.0
    half = value / 2
    if df % 2:
        total = math.erfc(math.sqrt(half))
        log_term, start = 0.5 * math.log(half) - half - math.lgamma(1.5), 1.5
    else:
        total, log_term, start = 0.0, -half, 1.0
    while start <= df / 2:
        total += math.exp(log_term)
        log_term += math.log(half) - math.log(start)
        start += 1
    return min(total, 1.0)


def t_two_sided_p(value: float, df: int) -> float:
    """Two-sided p of Student's t with `df` degrees of freedom. Raises ValueError for df below 1."""
    if df < 1:
        raise ValueError(
            f"Student's t with {df} degrees of freedom has no meaning. Mend: ask only where df is 1 or more."
        )
    angle = math.atan2(abs(value), math.sqrt(df))
    cosine, sine = math.cos(angle), math.sin(angle)
    first, term, total = (1, cosine, cosine) if df % 2 else (0, 1.0, 1.0)
    if df == 1:
        return max(0.0, 1 - 2 * angle / math.pi)
    for i in range(first + 1, df - 2, 2):
        term *= cosine * cosine * i / (i + 1)
        total += term
    inside = 2 / math.pi * (angle + sine * total) if df % 2 else sine * total
    return max(0.0, 1 - inside)


def t_quantile(probability: float, df: int) -> float:
    """The value below which Student's t falls with this probability (0 to 1, both excluded), by bisection to the last bit."""
    if not 0 < probability < 1:
        raise ValueError(f"{probability} is no probability between 0 and 1. Mend: give one such as 0.975.")
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    wanted, low, high = 2 * (1 - probability), 0.0, 1.0
    while t_two_sided_p(high, df) > wanted:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_two_sided_p(middle, df) > wanted else (low, middle)
    return (low + high) / 2
