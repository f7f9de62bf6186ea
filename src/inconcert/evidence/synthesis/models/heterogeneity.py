"""How much the studies differ beyond chance: tau2 by four methods, for any design, component models among them.

All take rows without correlation (`rows.py`) and a design of full rank. DerSimonian and Laird's moment estimator in the
general form of Jackson, White and Riley 2013 (recalled); Paule and Mandel 1982 (recalled): the tau2 at which Q equals its degrees
of freedom; REML and ML: the highest point of the likelihood. The last three are found inside a bracket, so they always
converge; a point at zero is an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inconcert.evidence.synthesis.data.types import Array

_GRID = 80
_HALVINGS = 200
_CLOSE = 1e-14
_CANCELED = 1e-3  # a difference below this share of what it is taken from has lost three digits


class TauMethod(StrEnum):
    """The ways to estimate tau2."""

    DL = "dl"
    PM = "pm"
    REML = "reml"
    ML = "ml"

    @property
    def words(self) -> str:
        """As one reads it: `restricted maximum likelihood`."""
        return {
            TauMethod.DL: "DerSimonian and Laird",
            TauMethod.PM: "Paule and Mandel",
            TauMethod.REML: "restricted maximum likelihood",
            TauMethod.ML: "maximum likelihood",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A weighted regression: parameters (p), their covariance (p, p), residuals, weights and leverages (m each)."""

    beta: Array
    covariance: Array
    residuals: Array
    weights: Array
    leverages: Array

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""
        return float(np.sum(self.weights * self.residuals**2))


def solve(y: Array, x: Array, variances: Array, tau2: float = 0.0) -> Solved:
    """Generalized least squares at a given tau2. `x` (m, p) has full column rank; p may be 0."""
    weights = 1 / (variances + tau2)
    half = np.sqrt(weights)
    orthogonal, r = np.linalg.qr(x * half[:, None])
    inverse = np.linalg.inv(r)
    beta = inverse @ (orthogonal.T @ (y * half))
    return Solved(
        beta=beta,
        covariance=inverse @ inverse.T,
        residuals=y - x @ beta,
        weights=weights,
        leverages=np.sum(orthogonal**2, axis=1),
    )


def estimate_tau2(method: TauMethod, y: Array, x: Array, variances: Array) -> float | None:
    """tau2, or None where no degree of freedom is left to estimate it from."""
    if len(y) <= x.shape[1]:
        return None
    match method:
        case TauMethod.DL:
            return dersimonian_laird(y, x, variances)
        case TauMethod.PM:
            return paule_mandel(y, x, variances)
        case TauMethod.REML | TauMethod.ML:
            return likelihood_tau2(y, x, variances, restricted=method is TauMethod.REML)


def dersimonian_laird(y: Array, x: Array, variances: Array) -> float:
    """max(0, (Q - df) / trace(P)), P = W - W X (X' W X)^-1 X' W, for tau2 = 0."""
    solved = solve(y, x, variances)
    return max(0.0, (solved.q - (len(y) - int(x.shape[1]))) / _trace_p(solved, x))


def paule_mandel(y: Array, x: Array, variances: Array) -> float:
    """The tau2 at which Q, which only falls as tau2 grows, is its degrees of freedom; 0 where it starts below them."""
    df = len(y) - int(x.shape[1])

    def excess(tau2: float) -> float:
        return solve(y, x, variances, tau2).q - df

    if excess(0.0) <= 0:
        return 0.0
    high = max(dersimonian_laird(y, x, variances), float(variances.max()), 1e-12)
    while excess(high) > 0:
        high *= 4
    return root_of_falling(excess, 0.0, high)


def log_likelihood(
    y: Array, x: Array, variances: Array, tau2: float, *, restricted: bool, log_det_t: float = 0.0
) -> float:
    """Log-likelihood at tau2, parameters at their best; the restricted one has (n - p) log(2 pi) and det(X' V^-1 X)."""
    solved = solve(y, x, variances, tau2)
    n, p = len(y), int(x.shape[1])
    value = -0.5 * (float(np.log(variances + tau2).sum()) + log_det_t + solved.q)
    if not restricted:
        return value - 0.5 * n * math.log(2 * math.pi)
    sign_and_log = np.linalg.slogdet(solved.covariance)
    return value - 0.5 * (n - p) * math.log(2 * math.pi) + 0.5 * float(sign_and_log[1])


def likelihood_tau2(y: Array, x: Array, variances: Array, *, restricted: bool) -> float:
    """The tau2 of highest (restricted) likelihood.

    The likelihood may have several peaks. A grid from far below the smallest variance to far above the spread of the data
    finds the highest; the slope is then brought to zero inside its two neighbors.
    """

    def slope(tau2: float) -> float:
        solved = solve(y, x, variances, tau2)
        lost = _trace_p(solved, x) if restricted else float(solved.weights.sum())
        return float(np.sum((solved.weights * solved.residuals) ** 2)) - lost

    top = float(variances.max()) + float(np.sum(solve(y, x, variances).residuals ** 2)) / max(len(y) - x.shape[1], 1)
    grid = np.concatenate(([0.0], np.geomspace(1e-6 * float(variances.min()), 10 * top, _GRID)))
    heights = _heights(y, x, variances, grid, restricted=restricted)
    best = int(np.argmax(heights))
    peak = float(grid[best])
    if slope(peak) <= 0:
        return (
            peak
            if best == 0 or slope(float(grid[best - 1])) <= 0
            else root_of_falling(slope, float(grid[best - 1]), peak)
        )
    high = float(grid[min(best + 1, len(grid) - 1)])
    while slope(high) > 0:  # the peak lies beyond the grid
        high *= 4
    return root_of_falling(slope, peak, high)


def _heights(y: Array, x: Array, variances: Array, grid: Array, *, restricted: bool) -> Array:
    """The log-likelihood at every tau2 of a grid, less what does not depend on tau2.

    The corner of R in the decomposition of (X, y) is the length of the residuals, the rest the root of X' W X.
    """
    half = 1 / np.sqrt(variances + grid[:, None])
    r = np.linalg.qr(np.column_stack([x, y]) * half[:, :, None], mode="r")
    diagonal = np.abs(np.diagonal(r, axis1=1, axis2=2))
    heights = np.log(half).sum(axis=1) - 0.5 * diagonal[:, -1] ** 2
    return np.asarray(heights - np.log(diagonal[:, :-1]).sum(axis=1) if restricted else heights)


def _trace_p(solved: Solved, x: Array) -> float:
    """The trace of P: the weights, each times what the model leaves free of its row.

    Where weights are so unequal that 1 - leverage has no digits left, the free part itself is made, the heaviest rows first, which
    keeps a decomposition by reflections exact row by row (Cox and Higham 1998, recalled).
    """
    w = solved.weights
    trace = float(w @ (1 - solved.leverages))
    if trace > _CANCELED * float(w.sum()):
        return trace
    order = np.argsort(-w)
    free = np.linalg.qr((x * np.sqrt(w)[:, None])[order], mode="complete")[0][:, x.shape[1] :]
    return float(np.sum(w[order] @ free**2))


def root_of_falling(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that is positive at `low` and not at `high` crosses zero, to 1e-14 of its place.

    Chandrupatla 1997 (recalled): inverse quadratic steps where they can be trusted, halving elsewhere, always inside the bracket.
    """
    a, at_a, b, at_b = high, falling(high), low, falling(low)
    step = 0.5
    for _ in range(_HALVINGS):
        x = a + step * (b - a)
        at_x = falling(x)
        if (at_x > 0) == (at_a > 0):
            c, at_c = a, at_a
        else:
            c, at_c, b, at_b = b, at_b, a, at_a
        a, at_a = x, at_x
        best, at_best = (a, at_a) if abs(at_a) < abs(at_b) else (b, at_b)
        least = _CLOSE * abs(best) / abs(b - a) if b != a else 1.0
        if at_best == 0 or least > 0.5:
            return best
        place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        step = 0.5
        if height**2 < place and (1 - height) ** 2 < 1 - place:
            step = at_a / (at_b - at_a) * at_c / (at_b - at_c)
            step += (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        step = min(max(step, least), 1 - least)
    return (a + b) / 2
