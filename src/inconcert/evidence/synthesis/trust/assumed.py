"""How much would have to be missing? The selection model with weights that are assumed instead of estimated.

Vevea and Woods 2005, Psychol Methods 10:428: nothing is learned about selection, so a few studies suffice; one sees what the pooled effect
would be under moderate, severe or any other suppression. Turned round, as Mathur and VanderWeele 2020, J R Stat Soc C 69:1091
(recalled) ask: how much less often than a significant result would others have to be seen for the effect to vanish?
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.distributions import normal_quantile
from inconcert.evidence.synthesis.models.heterogeneity import likelihood_tau2, solve
from inconcert.evidence.synthesis.trust.climb import curvature
from inconcert.evidence.synthesis.trust.selection import STEPS, Peak, highest, without_selection
from inconcert.evidence.synthesis.trust.types import FunnelPoint, all_rows, effects_and_errors
from inconcert.evidence.synthesis.trust.weighing import Favored, Seen, seen, surface_of
from inconcert.knowledge.certainty import certainty_rules

LEVEL = 0.95
GRID = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02)
_TURNS, _NEAR = 100, 1e-8
LEAST = 1e-4  # one seen in ten thousand: beyond this no amount of suppression is worth telling from another


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """The pooled effect if results of each interval of p are seen with these `weights`. Interval by the Wald formula."""

    name: str
    steps: tuple[float, ...]
    weights: tuple[float, ...]
    estimate: float
    se: float
    lower: float
    upper: float
    tau2: float
    log_likelihood: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullified:
    """What suppression would make of an effect in the favored direction.

    `weight_estimate`: results that are not significant in that direction would have to be seen this many times as often as the
    others (0.1: one for ten) for the estimate to be no effect; `weight_interval`: for the interval to reach it. 1 where that holds
    already, None where no amount does. `worst` is the pooled effect of the studies that are not significant in that
    direction, all there is if the others owe everything to selection; None without such a study.
    """

    table: tuple[Assumed, ...]
    weight_estimate: float | None
    weight_interval: float | None
    worst: float | None
    worst_lower: float | None
    worst_upper: float | None
    favored: Favored
    row_ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """One sentence for a reader."""
        if self.weight_interval is None:
            return "No suppression of weak results, however strong, would make the interval reach no effect."
        if self.weight_interval >= 1:
            return "The interval reaches no effect even if nothing is missing."
        times = 1 / self.weight_interval
        return (
            f"If strong results were seen {times:.2g} times as often as the others, the interval would reach no effect."
        )


def fit_assumed(
    points: Sequence[FunnelPoint],
    steps: Sequence[float],
    weights: Sequence[float],
    *,
    favored: Favored = Favored.GREATER,
    name: str = "",
) -> Assumed:
    """Mean and spread by maximum likelihood with the weights given, one for each interval (`steps` may close with 1).

    Raises ValueError for no study, steps that are not rising p values, or weights that do not fit them.
    """
    inner = [s for s in steps if s != 1]
    if not points:
        raise ValueError("no study to weigh. Mend: give studies with effect and standard error.")
    if len(weights) != len(inner) + 1 or min(weights) <= 0:
        raise ValueError(
            f"{len(weights)} weights do not fit {len(inner) + 1} intervals. Mend: give one above 0 for each interval."
        )
    y, errors = effects_and_errors(points)
    data = seen(y, errors, steps, favored)
    chosen = np.array(weights, dtype=float) / weights[0]
    peak = highest(data, without_selection(data), weights=chosen)
    return _assumed(data, peak, name, tuple(inner), favored)


def suppression_table(points: Sequence[FunnelPoint], *, favored: Favored = Favored.GREATER) -> tuple[Assumed, ...]:
    """The pooled effect under each set of weights that the rules file names; for `Favored.EITHER` there is none."""
    if favored is Favored.EITHER:
        return ()
    return tuple(
        fit_assumed(points, w.steps, w.weights, favored=favored, name=w.name)
        for w in certainty_rules().selection_weights
    )


def nullified(
    points: Sequence[FunnelPoint], *, favored: Favored = Favored.GREATER, step: float = STEPS[0]
) -> Nullified:
    """How much suppression nullifies the effect. Raises ValueError for no study or `Favored.EITHER` (say which way)."""
    if favored is Favored.EITHER:
        raise ValueError("suppression can only nullify an effect in one direction. Mend: say greater or less.")
    sign = -1.0 if favored is Favored.LESS else 1.0

    def at(weight: float) -> Assumed:
        return fit_assumed(points, (step,), (1.0, weight), favored=favored, name=f"seen 1 for {1 / weight:g}")

    def near_end(a: Assumed) -> float:
        return a.lower if sign > 0 else -a.upper

    y, errors = effects_and_errors(points)
    weak = seen(y, errors, (step,), favored).interval == 1
    worst = _pooled(y[weak], errors[weak]) if weak.any() else (None, None, None)
    return Nullified(
        table=tuple(at(weight) for weight in GRID),
        weight_estimate=_where(lambda w: sign * at(w).estimate),
        weight_interval=_where(lambda w: near_end(at(w))),
        worst=worst[0],
        worst_lower=worst[1],
        worst_upper=worst[2],
        favored=favored,
        row_ids=all_rows(points),
    )


def _assumed(data: Seen, peak: Peak, name: str, steps: tuple[float, ...], favored: Favored) -> Assumed:
    weights = np.array(peak.weights)
    inner = peak.tau2 > 0
    at = np.array([peak.mu, math.log(peak.tau2)] if inner else [peak.mu])
    hessian = curvature(surface_of(data, tau2=None if inner else 0.0, weights=weights), at)
    sound = bool(np.isfinite(hessian).all()) and float(np.linalg.eigvalsh(-hessian).min()) > 0
    bend = float(np.linalg.inv(-hessian)[0, 0]) if sound else math.inf
    se = math.sqrt(bend)
    estimate = -peak.mu if favored is Favored.LESS else peak.mu
    reach = normal_quantile(0.5 + LEVEL / 2) * se
    return Assumed(
        name=name,
        steps=steps,
        weights=peak.weights,
        estimate=estimate,
        se=se,
        lower=estimate - reach,
        upper=estimate + reach,
        tau2=peak.tau2,
        log_likelihood=peak.log_likelihood,
    )


def _where(value: Callable[[float], float]) -> float | None:
    """The weight, from 1 downward, at which a value that is positive without suppression is no longer so."""
    above, at_above = 0.0, value(1.0)  # logarithms of the weight
    if at_above <= 0:
        return 1.0
    below, at_below = math.log(LEAST), value(LEAST)
    if at_below > 0:
        return None
    for turn in range(_TURNS):
        middle = (above + below) / 2
        if turn % 3 != 2 and math.isfinite(at_below):  # two secant steps, then a halving, so that the bracket shrinks
            middle = below - at_below * (above - below) / (at_above - at_below)
        here = value(math.exp(middle))
        if abs(here) < _NEAR or above - below < _NEAR:
            return math.exp(middle)
        if here > 0:
            above, at_above = middle, here
        else:
            below, at_below = middle, here
    return math.exp((above + below) / 2)


def _pooled(y: Array, errors: Array) -> tuple[float, float, float]:
    ones = np.ones((len(y), 1))
    solved = solve(y, ones, errors**2, likelihood_tau2(y, ones, errors**2, restricted=False))
    mean, se = float(solved.beta[0]), math.sqrt(float(solved.covariance[0, 0]))
    reach = normal_quantile(0.5 + LEVEL / 2) * se
    return mean, mean - reach, mean + reach
