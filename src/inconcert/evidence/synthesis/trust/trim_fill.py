"""Trim and fill: how many studies would make the funnel even, and what the pooled effect would then be.

Duval and Tweedie 2000, Biometrics 56:455 (recalled). Studies farthest out on one side are set aside until the rest lies evenly; each is
then mirrored. A sensitivity analysis and never an answer: the filled studies are invented, and a funnel may be uneven for other
reasons.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.distributions import normal_quantile
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, estimate_tau2, solve
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer, all_rows, effects_and_errors, studies_text

LEVEL = 0.95
_TURNS = 100


class MissingCount(StrEnum):
    """How the missing studies are counted: by the sum of ranks (L0), or the length of the last run of them (R0)."""

    L0 = "L0"
    R0 = "R0"


class Side(StrEnum):
    """The side of the funnel on which studies are missing."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What follows if the funnel should be even. `missing` studies were mirrored to `side`; `filled` are (effect, SE) of each.

    `observed` is the estimate without them. `p` tests that none are missing (R0 only).
    """

    missing: int
    missing_se: float
    p: float | None
    side: Side
    counted_by: MissingCount
    filled: tuple[tuple[float, float], ...]
    observed: float
    estimate: float
    se: float
    lower: float
    upper: float
    tau2: float
    row_ids: tuple[str, ...]
    notes: tuple[str, ...] = (
        "a sensitivity analysis: the filled studies are invented, and no estimate that holds them is a result",
    )


def trim_and_fill(
    points: Sequence[FunnelPoint],
    *,
    counted_by: MissingCount = MissingCount.L0,
    side: Side | None = None,
    tau_method: TauMethod | None = TauMethod.DL,
) -> Filled | NoAnswer:
    """Count, mirror, pool again. `side` None: the one that Egger's line points away from. `tau_method` None: common effect."""
    if len(points) < 3:
        why = f"Only {studies_text(len(points))}: a funnel of so few has no shape."
        return NoAnswer(asked="Trim and fill", why=why, mend="Look at the studies one by one.")
    y, errors = effects_and_errors(points)
    variances = errors**2
    where = side or _side(y, errors, tau_method)
    turned = -y if where is Side.RIGHT else y
    order = np.argsort(turned, kind="stable")
    y_up, v_up = turned[order], variances[order]
    missing, raw, trimmed_mean = _count(y_up, v_up, counted_by, tau_method)
    farthest = slice(len(y_up) - missing, len(y_up))
    mirrored, v_mirrored = 2 * trimmed_mean - y_up[farthest], v_up[farthest]
    mean, se, tau2 = _pool(np.concatenate((y_up, mirrored)), np.concatenate((v_up, v_mirrored)), tau_method)
    sign = -1.0 if where is Side.RIGHT else 1.0
    reach = normal_quantile(0.5 + LEVEL / 2) * se
    return Filled(
        missing=missing,
        missing_se=_missing_se(len(y), raw, counted_by),
        p=0.5 ** (missing + 1) if counted_by is MissingCount.R0 else None,
        side=where,
        counted_by=counted_by,
        filled=tuple((sign * float(a), math.sqrt(float(b))) for a, b in zip(mirrored, v_mirrored, strict=True)),
        observed=_pool(y, variances, tau_method)[0],
        estimate=sign * mean,
        se=se,
        lower=sign * mean - reach,
        upper=sign * mean + reach,
        tau2=tau2,
        row_ids=all_rows(points),
    )


def _pool(y: Array, variances: Array, tau_method: TauMethod | None) -> tuple[float, float, float]:
    ones = np.ones((len(y), 1))
    tau2 = (estimate_tau2(tau_method, y, ones, variances) or 0.0) if tau_method is not None else 0.0
    solved = solve(y, ones, variances, tau2)
    return float(solved.beta[0]), math.sqrt(float(solved.covariance[0, 0])), tau2


def _side(y: Array, errors: Array, tau_method: TauMethod | None) -> Side:
    if np.ptp(errors) == 0:
        return Side.LEFT
    x = np.column_stack((np.ones(len(y)), errors))
    tau2 = (estimate_tau2(tau_method, y, x, errors**2) or 0.0) if tau_method is not None else 0.0
    slope = float(solve(y, x, errors**2, tau2).beta[1])
    return Side.RIGHT if slope < 0 else Side.LEFT


def _count(y: Array, variances: Array, by: MissingCount, tau_method: TauMethod | None) -> tuple[int, float, float]:
    """How many are missing on the low side of rising effects (rounded, and before), and the mean of the trimmed rest."""
    k, missing, mean, found = len(y), 0, 0.0, 0.0
    for _ in range(_TURNS):
        left = k - missing
        mean = _pool(y[:left], variances[:left], tau_method)[0]
        off = y - mean
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(off), kind="stable")] = np.arange(1, k + 1)
        if by is MissingCount.R0:
            found = k - float(ranks[off < 0].max(initial=0)) - 1
        else:
            found = (4 * float(ranks[off > 0].sum()) - k * (k + 1)) / (2 * k - 1)
        now = min(max(0, round(found)), k - 1)
        if now == missing:
            break
        missing = now
    return missing, max(found, 0.0), mean


def _missing_se(k: int, missing: float, by: MissingCount) -> float:
    if by is MissingCount.R0:
        return math.sqrt(2 * missing + 2)
    m = missing
    cubes = 10 * m**3 + 27 * m**2 + 17 * m
    variance = (k * (k + 1) * (2 * k + 1) + cubes - 18 * k * m**2 - 18 * k * m + 6 * k**2 * m) / 24
    return 4 * math.sqrt(variance) / (2 * k - 1)
