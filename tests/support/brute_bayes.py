"""The posterior of a network the slow way: dense matrices built from the studies, and 300 taus or SciPy's adaptive integral.

Nothing is shared with the engine: no rotated rows, no pieces; the columns are integrated out of y instead of solved for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, linalg, special, stats

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.design import Design

Array = NDArray[np.float64]
LogPrior = Callable[[float], float]


class BruteResult(NamedTuple):
    """As `Posterior` has them; `density` is that of tau; `points` are tau, its share, mean and covariance there."""

    log_marginal: float
    mean: Array
    covariance: Array
    tau_mean: float
    tau_sd: float
    density: Callable[[float], float]
    points: list[tuple[float, float, Array, Array]]


def half_normal(scale: float) -> LogPrior:
    """The default prior of tau, from SciPy."""
    return lambda tau: float(stats.halfnorm(scale=scale).logpdf(tau))


def brute(
    network: Network,
    design: Design,
    log_prior: LogPrior,
    *,
    means: Array | None = None,
    sds: Array | None = None,
    independent_sd: float = 0.0,
    shared: tuple[Array, float, float] | None = None,
    moved: Array | None = None,
    upper: float = 6.0,
) -> BruteResult:
    """`independent_sd`: added to studies without randomization; `shared`: (direction of each row, mean, SD); `moved` is taken off y.

    tau goes to `upper`: 300 points of one rule over all of it, or SciPy's adaptive rule where it is infinite.
    """
    y, x, v, t = stacked(network, design, independent_sd)
    p = x.shape[1]
    m = np.zeros(p) if means is None else means
    b = np.diag((np.full(p, 10.0) if sds is None else sds) ** 2)
    if moved is not None:
        y = y - moved
    if shared is not None:
        direction, mean, sd = shared
        y, v = y - mean * direction, v + sd**2 * np.outer(direction, direction)

    def given(tau: float) -> tuple[Array, Array]:
        cross = b @ x.T
        gain = linalg.solve(v + tau**2 * t + x @ b @ x.T, cross.T, assume_a="pos").T
        return m + gain @ (y - x @ m), b - gain @ cross.T

    def log_height(tau: float) -> float:
        whole = v + tau**2 * t + x @ b @ x.T
        return float(stats.multivariate_normal(x @ m, whole).logpdf(y)) + log_prior(tau)

    peak = max(log_height(float(tau)) for tau in np.geomspace(1e-3, min(upper, 20.0) * 0.999, 200))

    def moments(tau: float) -> Array:
        mean, covariance = given(tau)
        second = covariance + np.outer(mean, mean)
        return math.exp(log_height(tau) - peak) * np.r_[1.0, tau, tau**2, mean, second.ravel()]

    if math.isinf(upper):
        total = integrate.quad_vec(moments, 1e-12, upper, epsabs=1e-13, epsrel=1e-12, limit=4000)[0]
        taus, weights = np.zeros(0), np.zeros(0)
    else:
        points, weights = np.polynomial.legendre.leggauss(300)
        taus, weights = upper / 2 * (1 + points), upper / 2 * weights
        total = np.sum([w * moments(float(tau)) for w, tau in zip(weights, taus, strict=True)], axis=0)
    mass = float(total[0])
    total = total / mass
    mean = total[3 : 3 + p]
    return BruteResult(
        log_marginal=math.log(mass) + peak,
        mean=mean,
        covariance=total[3 + p :].reshape(p, p) - np.outer(mean, mean),
        tau_mean=float(total[1]),
        tau_sd=math.sqrt(float(total[2] - total[1] ** 2)),
        density=lambda tau: math.exp(log_height(tau) - peak) / mass,
        points=[
            (float(tau), float(w) * math.exp(log_height(float(tau)) - peak) / mass, *given(float(tau)))
            for w, tau in zip(weights, taus, strict=True)
        ],
    )


def contrast_below(result: BruteResult, row: Array, value: float, *, new_study: bool = False) -> float:
    """Pr(contrast < value)."""
    total = 0.0
    for tau, share, mean, covariance in result.points:
        spread = math.sqrt(float(row @ covariance @ row) + new_study * tau**2)
        total += share * float(special.ndtr((value - row @ mean) / spread))
    return total


def tau_below(result: BruteResult, value: float) -> float:
    """Pr(tau < value)."""
    return float(integrate.quad(result.density, 1e-12, value, epsabs=1e-10, epsrel=1e-10)[0])


def stacked(network: Network, design: Design, independent_sd: float = 0.0) -> tuple[Array, Array, Array, Array]:
    """Effects, design, covariance and T of all contrasts, study below study."""
    effects, rows, covariances, ts = [], [], [], []
    for study in network.studies:
        size = len(study.treatments) - 1
        t = (np.eye(size) + 1) / 2
        effects.append(study.effects)
        first = design.row_of(study.treatments[0])
        rows += [design.row_of(name) - first for name in study.treatments[1:]]
        covariances.append(study.covariance / study.weight + (not study.randomized) * independent_sd**2 * t)
        ts.append(t)
    return (
        np.concatenate(effects),
        np.array(rows, dtype=float),
        linalg.block_diag(*covariances),
        linalg.block_diag(*ts),
    )
