"""What is believed after the data, with what the data gave kept apart from what only the prior says.

Under a proper prior every contrast has a posterior, also one that no study informs. Such a number is the prior come back,
and must never read as a finding: the exact row space of the design decides, and the functions that give results refuse it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.estimable import RowSpace, Whole
from inconcert.evidence.synthesis.models.fit import NotEstimableError
from inconcert.evidence.synthesis.models.mixture import Mixture
from inconcert.evidence.synthesis.models.priors import Known, Prior
from inconcert.evidence.synthesis.models.quadrature import Pieces

QUANTILES = (0.025, 0.5, 0.975)
# The power at which the density of tau must fall for a mean, and for an SD: 2 and 3, and what a sum needs to get there.
FALLS_FASTER = (2.2, 3.2)
Normals = Callable[[Array], tuple[Array, Array]]


class Source(StrEnum):
    """Where a posterior comes from."""

    DATA = "randomized studies"
    NOT_RANDOMIZED = "only with studies that were not randomized"
    PARTLY_PRIOR = "partly prior"
    PRIOR_ONLY = "prior only"


class Belief(NamedTuple):
    """A posterior that the data can give: mean, SD, equal-tailed interval, Pr(below zero)."""

    mean: float
    sd: float
    lower: float
    upper: float
    below_zero: float
    source: Source


class PriorDriven(NamedTuple):
    """A contrast that the data cannot give. The posterior exists and is no finding: it moves with the prior, and only with it."""

    source: Source
    prior_mean: float
    prior_sd: float
    posterior_mean: float
    posterior_sd: float


class Movement(NamedTuple):
    """How far the data moved one column: the SD that is left (1 is all of it) and the Kullback-Leibler divergence in nats."""

    source: Source
    prior_mean: float
    prior_sd: float
    sd_ratio: float
    kl: float


class TauBelief(NamedTuple):
    """tau after the data. Mean or SD are infinite where a heavy prior and few contrasts leave none, or one that no sum reaches."""

    mean: float
    sd: float
    quantiles: dict[float, float]


class Moments(NamedTuple):
    """All columns together, those that only the prior speaks for among them: read `sources` before any number."""

    columns: tuple[str, ...]
    mean: Array
    covariance: Array
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """The exact posterior of a design: a mixture of k normals, one for each node of tau.

    `weights` and `taus` (k), `means` (k, columns), `covariances` (k, columns, columns); `normals` gives the last two at any taus.
    `space` is the row space of all studies that count, `randomized_space` of the randomized ones. `quadrature_error` is the largest
    of the relative error of the marginal likelihood and those of means and SDs (in posterior SDs), as measured.
    """

    design: Design
    prior: Prior
    space: RowSpace
    randomized_space: RowSpace
    contrasts_seen: Whole  # (m, columns), the unrotated rows of the design
    weights: Array
    taus: Array
    means: Array
    covariances: Array
    normals: Normals
    pieces: Pieces | None
    log_marginal_likelihood: float
    quadrature_error: float
    level: float
    statement: str
    notes: tuple[str, ...]

    # ── contrasts that the data can give ─────────────────────────────────────────────────────────────────────────────

    def contrast(self, row: NDArray[np.int64]) -> Belief:
        """The posterior of one contrast (p whole numbers). Raises NotEstimableError where the prior would speak."""
        found = self.contrasts(row[None, :])[0]
        if found is None:
            raise NotEstimableError("the studies of this network cannot give this contrast; only the prior speaks.")
        return found

    def contrasts(self, rows: Whole) -> list[Belief | None]:
        """The posterior of each row (q, p); None for one that the data cannot give."""
        return self._beliefs(rows, self.marginals(rows))

    def compare(self, first: str, second: str) -> Belief:
        """First treatment minus second. Raises NotEstimableError, or NetworkError for an unknown name."""
        return self.contrast(self._between(first, second))

    @cached_property
    def parameters(self) -> dict[str, Belief | None]:
        """Each column of the design by name; None where only the prior speaks (see `prior_driven`)."""
        rows = np.eye(len(self.design.columns), dtype=np.int64)
        return dict(zip(self.design.columns, self.contrasts(rows), strict=True))

    @cached_property
    def combinations(self) -> dict[str, Belief | None]:
        """Each treatment of the network against the inactive one."""
        return dict(zip(self.design.treatments, self.contrasts(self.design.matrix), strict=True))

    def league(self) -> tuple[NDArray[np.bool_], Array, Array]:
        """Every treatment minus every other (n, n): possible, mean, SD; NaN where impossible."""
        matrix, n = self.design.matrix, len(self.design.treatments)
        rows = (matrix[:, None, :] - matrix[None, :, :]).reshape(n * n, -1)
        can = self.space.contains(rows)
        mean = rows @ self._mean
        sd = np.sqrt(np.maximum(np.einsum("qp,pr,qr->q", rows, self._covariance, rows), 0.0))
        mean[~can], sd[~can] = np.nan, np.nan
        return can.reshape(n, n), mean.reshape(n, n), sd.reshape(n, n)

    def probability_below(self, row: NDArray[np.int64], value: float = 0.0) -> float:
        """Pr(contrast < value). Raises NotEstimableError."""
        return float(self._allowed(row).below(value)[0])

    def probability_above(self, row: NDArray[np.int64], value: float = 0.0) -> float:
        """Pr(contrast > value), such as a smallest important difference. Raises NotEstimableError."""
        one = self._allowed(row)
        return float(Mixture(weights=one.weights, means=-one.means, sds=one.sds).below(-value)[0])

    def quantile(self, row: NDArray[np.int64], probability: float) -> float:
        """Exact quantile of a contrast. Raises NotEstimableError."""
        return float(self._allowed(row).quantile(probability)[0])

    def prediction(self, row: NDArray[np.int64]) -> Belief:
        """The difference between two treatments in a new study, whose true effect varies with tau. Raises NotEstimableError."""
        one = self._allowed(row)
        wider = Mixture(weights=one.weights, means=one.means, sds=np.hypot(one.sds, self.taus[:, None]))
        found = self._beliefs(row[None, :], wider)[0]
        if found is None:  # `_allowed` refused it before
            raise NotEstimableError("the studies of this network cannot give this contrast.")
        return found

    # ── what only the prior says ─────────────────────────────────────────────────────────────────────────────────────

    def sources(self, rows: Whole) -> list[Source]:
        """Where the posterior of each row (q, p) comes from, decided in whole numbers."""
        can, trials = self.space.contains(rows), self.randomized_space.contains(rows)
        _, sds = self.prior.columns(self.design)
        spread = np.array([Fraction(str(float(sd))) ** 2 for sd in sds], dtype=object)
        found = []
        for row, possible, randomized in zip(rows, can.tolist(), trials.tolist(), strict=True):
            if possible:
                found.append(Source.DATA if randomized else Source.NOT_RANDOMIZED)
            else:  # the prior comes back unchanged if it holds no covariance between this contrast and any contrast seen
                held = self.contrasts_seen.astype(object) @ (spread * row.astype(object))
                found.append(Source.PARTLY_PRIOR if np.any(held != 0) else Source.PRIOR_ONLY)
        return found

    @cached_property
    def prior_driven(self) -> dict[str, PriorDriven]:
        """The columns that the data cannot give, by name, with prior and posterior beside each other."""
        rows = np.eye(len(self.design.columns), dtype=np.int64)
        driven = self.prior_driven_rows(rows)
        return {name: one for name, one in zip(self.design.columns, driven, strict=True) if one is not None}

    def prior_driven_rows(self, rows: Whole) -> list[PriorDriven | None]:
        """The same for any contrasts (q, p); None where the data can give one."""
        means, sds = self.prior.columns(self.design)
        out: list[PriorDriven | None] = []
        for row, source in zip(rows, self.sources(rows), strict=True):
            if source in (Source.DATA, Source.NOT_RANDOMIZED):
                out.append(None)
                continue
            c = row.astype(float)
            spread = math.sqrt(float(c @ self._covariance @ c))
            prior_sd = math.sqrt(float(c**2 @ sds**2))
            out.append(PriorDriven(source, float(c @ means), prior_sd, float(c @ self._mean), spread))
        return out

    @cached_property
    def movement(self) -> dict[str, Movement]:
        """How far the data moved each column."""
        names = self.design.columns
        rows = np.eye(len(names), dtype=np.int64)
        means, sds = self.prior.columns(self.design)
        mixture = self.marginals(rows)
        kls, ratios = mixture.kl_from_normal(means, sds), mixture.sd / sds
        return {
            name: Movement(source, float(means[i]), float(sds[i]), float(ratios[i]), float(kls[i]))
            for i, (name, source) in enumerate(zip(names, self.sources(rows), strict=True))
        }

    @property
    def moments(self) -> Moments:
        """Mean and covariance of all columns, each with its source."""
        rows = np.eye(len(self.design.columns), dtype=np.int64)
        return Moments(self.design.columns, self._mean, self._covariance, tuple(self.sources(rows)))

    # ── tau ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def tau(self) -> TauBelief:
        """What is believed of tau after the data."""
        if isinstance(self.prior.tau, Known) or self.pieces is None:
            return TauBelief(float(self.taus[0]), 0.0, dict.fromkeys(QUANTILES, float(self.taus[0])))
        falls = self.prior.tau.tail + len(self.contrasts_seen)
        mean = float(self.weights @ self.taus) if falls > FALLS_FASTER[0] else math.inf
        sd = math.sqrt(float(self.weights @ (self.taus - mean) ** 2)) if falls > FALLS_FASTER[1] else math.inf
        at = self.pieces.quantiles(np.array(QUANTILES))
        return TauBelief(mean, sd, dict(zip(QUANTILES, at.tolist(), strict=True)))

    def draws(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Independent joint draws of tau (count) and of all columns (count, columns), for what no formula gives.

        Columns that only the prior speaks for are among them: ask `sources`.
        """
        shares = rng.uniform(size=count)
        taus = np.full(count, self.taus[0]) if self.pieces is None else self.pieces.quantiles(shares)
        means, covariances = self.normals(taus)
        noise = rng.normal(size=(count, means.shape[1], 1))
        return taus, means + (np.linalg.cholesky(covariances) @ noise)[:, :, 0]

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def marginals(self, rows: Whole) -> Mixture:
        """The mixtures of contrasts (q, p), whatever their source: for code that has asked `sources` first."""
        c = rows.astype(float)
        spread = np.einsum("kqr,qr->kq", c @ self.covariances, c)
        return Mixture(weights=self.weights, means=self.means @ c.T, sds=np.sqrt(np.maximum(spread, 0.0)))

    @cached_property
    def _mean(self) -> Array:
        return self.weights @ self.means

    @cached_property
    def _covariance(self) -> Array:
        off = self.means - self._mean
        return np.asarray(np.tensordot(self.weights, self.covariances, axes=1) + (off.T * self.weights) @ off)

    def _between(self, first: str, second: str) -> NDArray[np.int64]:
        return np.asarray(self.design.row_of(first) - self.design.row_of(second), dtype=np.int64)

    def _allowed(self, row: NDArray[np.int64]) -> Mixture:
        if not self.space.contains(row[None, :])[0]:
            raise NotEstimableError("the studies of this network cannot give this contrast; only the prior speaks.")
        return self.marginals(row[None, :])

    def _beliefs(self, rows: Whole, mixture: Mixture) -> list[Belief | None]:
        keep = np.flatnonzero(self.space.contains(rows) & np.any(rows != 0, axis=1))
        out: list[Belief | None] = [None] * len(rows)
        kept = Mixture(weights=mixture.weights, means=mixture.means[:, keep], sds=mixture.sds[:, keep])
        outer = (1 - self.level) / 2
        numbers = (kept.mean, kept.sd, kept.quantile(outer), kept.quantile(1 - outer), kept.below(0.0))
        table = np.stack(numbers, axis=1).tolist()
        for place, source, (mean, sd, lower, upper, below) in zip(
            keep.tolist(), self.sources(rows[keep]), table, strict=True
        ):
            out[place] = Belief(mean, sd, lower, upper, below, source)
        for place in np.flatnonzero(~np.any(rows != 0, axis=1)).tolist():  # a treatment against itself
            out[place] = Belief(0.0, 0.0, 0.0, 0.0, 0.0, Source.DATA)
        return out
