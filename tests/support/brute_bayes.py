"""The posterior of a network the slow way: dense matrices built from the studies, SciPy's adaptive integral over tau.

Nothing is shared with the engine: no rotated rows, no quadrature of ours; the columns are integrated out of y instead of solved for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, linalg, stats

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.design import Design

Array = NDArray[np.float64]
LogPrior = Callable[[float], float]


class BruteResult(NamedTuple):
    """As `Posterior` has them; `mixture` gives mean and covariance at a tau, `density` the posterior density of tau."""

    log_marginal: float
    mean: Array
    covariance: Array
    tau_mean: float
    tau_sd: float
    density: Callable[[float], float]
    given: Callable[[float], tuple[Array, Array]]


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
    upper: float = math.inf,
) -> BruteResult:
    """`independent_sd`: added to studies without randomization; `shared`: (direction of each row, mean, SD); `moved` is taken off y."""
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

    total = integrate.quad_vec(moments, 1e-12, upper, epsabs=1e-13, epsrel=1e-12, limit=4000)[0]
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
        given=given,
    )


def contrast_below(result: BruteResult, row: Array, value: float, *, new_study: bool = False) -> float:
    """Pr(contrast < value)."""

    def inside(tau: float) -> float:
        mean, covariance = result.given(tau)
        spread = math.sqrt(float(row @ covariance @ row) + new_study * tau**2)
        return result.density(tau) * float(stats.norm(row @ mean, spread).cdf(value))

    return float(integrate.quad(inside, 1e-12, math.inf, epsabs=1e-11, epsrel=1e-11, limit=400)[0])


def tau_below(result: BruteResult, value: float) -> float:
    """Pr(tau < value)."""
    return float(integrate.quad(result.density, 1e-12, value, epsabs=1e-12, epsrel=1e-12, limit=400)[0])


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
