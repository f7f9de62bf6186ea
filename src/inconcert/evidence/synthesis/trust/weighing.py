"""The likelihood of a step-function selection model: studies are seen with a probability that depends on their p.

Hedges 1992, Stat Sci 7:246, and Vevea and Hedges 1995, Psychometrika 60:419 (both recalled). Study i with effect y and standard error
s is drawn from a normal distribution around mu with variance s^2 + tau^2, and is seen with weight w_j where its p falls in the j-th
interval; w_1 = 1. Its density is w_j * normal(y) / A, A = sum over j of w_j * P(p in interval j).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Indexes
from inconcert.evidence.synthesis.models.distributions import normal_quantile
from inconcert.evidence.synthesis.trust.climb import Surface

_ROOT_2 = math.sqrt(2)
_ROOT_2_PI = math.sqrt(2 * math.pi)
_LOG_2_PI = math.log(2 * math.pi)


class Favored(StrEnum):
    """Which results get published more easily: those above no effect, those below it, or significant ones on either side."""

    GREATER = "greater"
    LESS = "less"
    EITHER = "either"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The studies as the model sees them. `effects`, `errors` (k); `cuts` (k, J - 1) the effects at which p meets a step;
    `interval` (k) the interval of each study, 0 to J - 1. With `Favored.LESS` effects are turned round first.
    """

    effects: Array
    errors: Array
    cuts: Array
    interval: Indexes
    either: bool

    @cached_property
    def intervals(self) -> int:
        """J."""
        return int(self.cuts.shape[1]) + 1

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many studies each interval holds (J)."""
        return np.bincount(self.interval, minlength=self.intervals).astype(np.int64)


def seen(effects: Array, errors: Array, steps: Sequence[float], favored: Favored) -> Seen:
    """Place the studies in the intervals. `steps` rise, each above 0 and below 1 (a closing 1 may be given). Raises ValueError."""
    inner = [s for s in steps if s != 1]
    if not inner or sorted(set(inner)) != inner or not all(0 < s < 1 for s in inner):
        raise ValueError(
            f"steps {list(steps)} are not rising p values between 0 and 1. Mend: give steps such as 0.025."
        )
    either = favored is Favored.EITHER
    y = -effects if favored is Favored.LESS else effects
    z = np.array([-normal_quantile(step / 2 if either else step) for step in inner])
    size = np.abs(y) / errors if either else y / errors
    interval = (size[:, None] < z).sum(axis=1)  # at the step itself a p counts to the interval below
    return Seen(effects=y, errors=errors, cuts=errors[:, None] * z, interval=interval, either=either)


def normal_upper(values: Array) -> Array:
    """Probability above each value, same shape, accurate in the tails."""
    flat = [0.5 * math.erfc(v / _ROOT_2) for v in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Log-likelihood and its derivatives by mu, tau2 and the J weights."""

    value: float
    by_mu: float
    by_tau2: float
    by_weights: Array


def log_likelihood(data: Seen, mu: float, tau2: float, weights: Array) -> Parts:
    """Of all studies at once. `weights` (J), the first 1, all above 0."""
    variance = data.errors**2 + tau2
    sd = np.sqrt(variance)
    u = (data.cuts - mu) / sd[:, None]
    # A = w_J + sum of (w_j - w_{j+1}) * P(at or below step j), so that one tail probability per step is enough.
    above = normal_upper(u)
    density = np.exp(-(u**2) / 2) / _ROOT_2_PI
    by_mu, by_sd = density / sd[:, None], density * u / sd[:, None]
    if data.either:
        lower = (-data.cuts - mu) / sd[:, None]
        density = np.exp(-(lower**2) / 2) / _ROOT_2_PI
        above = above + normal_upper(-lower)
        by_mu, by_sd = by_mu - density / sd[:, None], by_sd - density * lower / sd[:, None]
    falls = weights[:-1] - weights[1:]
    area = weights[-1] + above @ falls
    off = data.effects - mu
    inverse = 1 / area
    # Summed over studies first: P(p in interval j) / A is then a difference of neighbors.
    through = np.concatenate(([0.0], inverse @ above, [inverse.sum()]))
    square = off**2 / variance
    value = -0.5 * float((np.log(variance) + square).sum()) - 0.5 * len(off) * _LOG_2_PI
    value += float(data.counts @ np.log(weights)) - float(np.log(area).sum())
    return Parts(
        value=value,
        by_mu=float((off / variance).sum() - inverse @ (by_mu @ falls)),
        by_tau2=float(0.5 * ((square - 1) / variance).sum() - (inverse / (2 * sd)) @ (by_sd @ falls)),
        by_weights=data.counts / weights - (through[1:] - through[:-1]),
    )


def surface_of(
    data: Seen, *, mu: float | None = None, tau2: float | None = None, weights: Array | None = None
) -> Surface:
    """Height and slope over what is not held fixed: mu, log tau2, log weights 2 to J, in that order."""

    def surface(at: Array) -> tuple[float, Array]:
        values = [float(v) for v in at]
        here_mu = values.pop(0) if mu is None else mu
        here_tau2 = math.exp(min(values.pop(0), 50.0)) if tau2 is None else tau2
        here = np.exp(np.minimum(np.array([0.0, *values]), 50.0)) if weights is None else weights
        with np.errstate(all="ignore"):  # a wild step is answered by a height that is not finite, and halved
            parts = log_likelihood(data, here_mu, here_tau2, here)
        slope = [] if mu is not None else [parts.by_mu]
        slope += [] if tau2 is not None else [parts.by_tau2 * here_tau2]
        slope += [] if weights is not None else list(parts.by_weights[1:] * here[1:])
        return parts.value, np.array(slope)

    return surface
