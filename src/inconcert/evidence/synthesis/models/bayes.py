"""Exact Bayes without a sampler: given tau everything is normal, and tau is one number, so one integral is all there is.

y ~ N(X b, V + tau^2 T), b independent normal, tau with any proper prior. In rotated rows (`rows.py`) the variances are
d + tau^2 for every tau, so that all nodes of the integral are solved at once. The model is that of Welton et al. 2009
(recalled); the integral replaces its Markov chain. docs/explanation/bayes-without-a-sampler.md has the formulas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError, Scale
from inconcert.evidence.synthesis.models.bayes_bias import BiasedRows, NonRandomized, biased_rows
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.estimable import row_space
from inconcert.evidence.synthesis.models.posterior import FALLS_FASTER, Posterior
from inconcert.evidence.synthesis.models.priors import Known, Prior, TauPrior
from inconcert.evidence.synthesis.models.quadrature import Integral, Pieces, integrate

LEVEL = 0.95
_KEPT = 1e-18


@dataclass(frozen=True)
class Given:
    """Everything given tau. Columns are scaled by their priors and made orthogonal once, at tau = 0.

    In that basis the information matrix has eigenvalues between min d / (d + tau^2) and 1 whatever the columns and their priors, so
    that nothing is lost by solving it directly. `x` (m, q) and `own` (q, q) are the two parts of the orthogonal basis: rows of
    the data, rows of the prior. `back` (q, q) leads from it to the columns.
    """

    x: Array
    own: Array
    y: Array  # (m) effects less their prior mean, over their standard errors
    variances: Array
    back: Array
    prior_mean: Array
    constant: float

    @classmethod
    def of(cls, rows: BiasedRows, columns: Array, mean: Array, sd: Array) -> Given:
        """`columns` (m, q) rotated, with the prior `mean` and `sd` of each."""
        q, se = columns.shape[1], np.sqrt(rows.variances)
        orthogonal, r = np.linalg.qr(np.vstack((columns * sd / se[:, None], np.eye(q))))
        log_det_r = float(np.log(np.abs(np.diagonal(r))).sum())
        return cls(
            x=orthogonal[: len(se)],
            own=orthogonal[len(se) :],
            y=(rows.effects - columns @ mean) / se,
            variances=rows.variances,
            back=sd[:, None] * np.linalg.inv(r),
            prior_mean=mean,
            constant=len(se) * math.log(2 * math.pi) + rows.log_det_t + 2 * log_det_r,
        )

    def solve(self, tau: Array) -> tuple[Array, Array, Array]:
        """At each of k taus: log p(y | tau), the solution (k, q) in the orthogonal basis, and the information (k, q, q)."""
        share = self.variances / (self.variances + tau[:, None] ** 2)  # what a row still weighs, 0 to 1
        q = self.x.shape[1]
        products = (self.x[:, :, None] * self.x[:, None, :]).reshape(len(self.x), q * q)
        information = (share @ products).reshape(len(tau), q, q) + self.own.T @ self.own
        lower = np.linalg.cholesky(information)
        right = share @ (self.x * self.y[:, None])
        solution = np.asarray(np.linalg.solve(information, right[:, :, None])[:, :, 0], dtype=float)
        squares = np.sum(share * (self.y - solution @ self.x.T) ** 2, axis=1) + np.sum(
            (solution @ self.own.T) ** 2, axis=1
        )
        log_det = np.log(self.variances + tau[:, None] ** 2).sum(axis=1)
        log_det = log_det + 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(-0.5 * (self.constant + log_det + squares), dtype=float), solution, information

    def log_likelihood(self, tau: Array) -> Array:
        """Logarithm of p(y | tau) at each of k taus, columns integrated out."""
        return self.solve(tau)[0]

    def first_normals(self, count: int, tau: Array) -> tuple[Array, Array]:
        """Of the first `count` columns only, without those of a bias."""
        means, covariances = self.normals(tau)
        return means[:, :count], covariances[:, :count, :count]

    def normals(self, tau: Array) -> tuple[Array, Array]:
        """Means (k, q) and covariances (k, q, q) of the columns at each of k taus."""
        _, solution, information = self.solve(tau)
        return self.prior_mean + solution @ self.back.T, self.back @ np.linalg.inv(information) @ self.back.T


def fit_exact(
    network: Network,
    design: Design,
    *,
    prior: Prior | None = None,
    nonrandomized: NonRandomized | None = None,
    level: float = LEVEL,
) -> Posterior:
    """The exact posterior of `design` given `network`.

    `prior` defaults to N(0, 10^2) for every column and half-normal(0.5) for tau. `nonrandomized` says how studies without
    randomization count; without it, they count as their own weights say. Raises NetworkError for a network without studies.
    """
    prior = prior or Prior()
    if not 0 < level < 1:
        raise NetworkError(f"an interval of {level} has no meaning. Mend: give a level between 0 and 1, such as 0.95.")
    rows = biased_rows(network, design, nonrandomized)
    mean, sd = prior.columns(design)
    p = len(mean)
    given = Given.of(
        rows, np.hstack((rows.columns, rows.bias_columns)), np.r_[mean, rows.bias_means], np.r_[sd, rows.bias_sds]
    )
    pieces: Pieces | None
    if isinstance(prior.tau, Known):
        pieces, taus, weights = None, np.array([prior.tau.tau]), np.ones(1)
        evidence, error = float(given.log_likelihood(taus)[0]), 0.0
        means, covariances = given.normals(taus)
    else:
        pieces, coarse = over_tau(given, prior.tau)
        taus, weights = _nodes(pieces)
        evidence = float(pieces.log_total[0])
        means, covariances = given.normals(taus)
        error = max(float(pieces.error[0]), _moments_differ(given, weights, means, covariances, coarse))
    return Posterior(
        design=design,
        prior=prior,
        space=row_space(rows.contrasts),
        randomized_space=row_space(rows.contrasts[rows.randomized]),
        contrasts_seen=rows.contrasts,
        weights=weights,
        taus=taus,
        means=means[:, :p],
        covariances=covariances[:, :p, :p],
        normals=partial(given.first_normals, p),
        pieces=pieces,
        log_marginal_likelihood=evidence,
        quadrature_error=error,
        level=level,
        statement=f"{prior.in_words(design)} {rows.statement}".strip(),
        notes=(*design.notes, *rows.notes, *_scale_notes(network, prior)),
    )


def _nodes(pieces: Pieces) -> tuple[Array, Array]:
    share = pieces.shares().ravel()
    keep = share > _KEPT
    return pieces.nodes.ravel()[keep], share[keep] / share[keep].sum()


def _moments_differ(given: Given, weights: Array, means: Array, covariances: Array, coarse: Pieces) -> float:
    """How far means and SDs move, in posterior SDs, when every piece is one step coarser: a bound on the error of the finer."""
    taus, others = _nodes(coarse)
    mean, variance = _moments(weights, means, np.diagonal(covariances, axis1=1, axis2=2))
    coarse_means, coarse_covariances = given.normals(taus)
    mean_2, variance_2 = _moments(others, coarse_means, np.diagonal(coarse_covariances, axis1=1, axis2=2))
    moved = np.abs(mean - mean_2) / np.sqrt(variance), np.abs(np.sqrt(variance_2 / variance) - 1)
    return float(max(np.max(one, initial=0.0) for one in moved))


def _moments(weights: Array, means: Array, variances: Array) -> tuple[Array, Array]:
    mean = weights @ means
    return mean, weights @ (variances + (means - mean) ** 2)


def over_tau(given: Given, prior: TauPrior) -> Integral:
    """The marginal likelihood as an integral over tau."""
    first, beyond = prior.span
    smallest = math.sqrt(float(given.variances.min()))

    def log_density(tau: Array) -> Array:
        return np.asarray(given.log_likelihood(tau) + prior.log_density(tau))[:, None]

    moment = sum(prior.tail + len(given.variances) > needed for needed in FALLS_FASTER)
    return integrate(log_density, low=min(first, smallest), high=beyond, limit=prior.limit, moment=moment)


def _scale_notes(network: Network, prior: Prior) -> tuple[str, ...]:
    if network.scale in (Scale.MD, Scale.RD) and prior == Prior():
        said = "the default priors were made for logarithms of ratios and standardized differences; this network is on"
        return (f"{said} {network.scale}: state priors in its own units.",)
    return ()
