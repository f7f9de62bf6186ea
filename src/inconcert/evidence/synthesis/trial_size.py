"""How many people a trial needs to show a difference between two proportions, and what a given trial could show."""

from __future__ import annotations

import math
from statistics import NormalDist

FORMULA = "n = (z(1 - alpha/2) + z(power))^2 * (p1(1 - p1) + p2(1 - p2)) / (p1 - p2)^2, rounded up"


def people_per_arm(first: float, second: float, *, alpha_two_sided: float = 0.05, power: float = 0.8) -> int:
    """People in each of two equal arms (normal approximation, unpooled variance, no continuity correction, no dropout).

    `first` and `second` are proportions between 0 and 1. Raises ValueError where they are equal or impossible.
    """
    if first == second or not all(0 < p < 1 for p in (first, second, alpha_two_sided, power)):
        raise ValueError(
            f"no size follows from {first}, {second}. Mend: give two different proportions between 0 and 1."
        )
    variance = first * (1 - first) + second * (1 - second)
    return math.ceil(_z_sum(alpha_two_sided, power) ** 2 * variance / (first - second) ** 2)


def smallest_gain(
    base: float, n_pair: int, n_alone: int, *, alpha_two_sided: float = 0.05, power: float = 0.8
) -> float | None:
    """The lowest proportion above `base` that two groups of these sizes would show with that power; None if none below 1.

    Same approximation as `people_per_arm`; groups may differ in size.
    """
    z = _z_sum(alpha_two_sided, power)

    def shown(p: float) -> bool:
        return p - base >= z * math.sqrt(p * (1 - p) / n_pair + base * (1 - base) / n_alone)

    low, high = base, 1 - 1e-9
    if not shown(high):
        return None
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if shown(middle) else (middle, high)
    return high


def odds_ratio(first: float, second: float) -> float:
    """The odds of `first` over the odds of `second` (proportions between 0 and 1)."""
    return first / (1 - first) / (second / (1 - second))


def _z_sum(alpha_two_sided: float, power: float) -> float:
    normal = NormalDist()
    return normal.inv_cdf(1 - alpha_two_sided / 2) + normal.inv_cdf(power)
