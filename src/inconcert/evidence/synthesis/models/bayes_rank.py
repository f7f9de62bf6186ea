"""How much the data speak for an interaction, against none: Bayes factors, and probabilities of whole models.

A Bayes factor depends on what was believed of the interaction before: under a wide prior nearly every interaction looks
unlikely (Lindley's paradox). So each is given for a table of prior SDs, never for one alone. Beside the additive model an
interaction is one more column z; given tau its factor needs two numbers, S = z'V^-1 z and u = z'V^-1 (y - X m), V being the
marginal covariance of the additive model: all interactions and all prior SDs come from one integral.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError, Scale
from inconcert.evidence.synthesis.models.bayes import Given, over_tau
from inconcert.evidence.synthesis.models.bayes_bias import BiasedRows, NonRandomized, biased_rows
from inconcert.evidence.synthesis.models.design import Design, Integers, Interaction
from inconcert.evidence.synthesis.models.estimable import outside_column_space, row_space
from inconcert.evidence.synthesis.models.interactions import columns_of
from inconcert.evidence.synthesis.models.posterior import Source
from inconcert.evidence.synthesis.models.priors import Known, Prior
from inconcert.evidence.synthesis.models.quadrature import integrate

PRIOR_SDS = (0.25, 0.5, 1.0, 2.0)  # of logarithms of ratios and standardized differences
MOST_MODELS = 2_000
_AT_ONCE = 4_000_000  # numbers held at once, 32 MB


class BayesFactor(NamedTuple):
    """One interaction under one prior N(0, prior_sd^2): log of the factor for it, and the interaction's posterior mean and SD."""

    prior_sd: float
    log_bayes_factor: float
    mean: float
    sd: float


@dataclass(frozen=True, kw_only=True)
class InteractionEvidence:
    """What the data say for or against one interaction. Where they cannot say, `why_not` does, and `factors` is empty.

    `same_as` are other pairs that the studies cannot tell from this one: one column, several names.
    """

    label: str
    parts: tuple[str, ...]
    source: Source
    factors: tuple[BayesFactor, ...] = ()
    same_as: tuple[str, ...] = ()
    why_not: str | None = None

    def at(self, prior_sd: float) -> BayesFactor:
        """The factor under one prior SD of the table. Raises NetworkError for one that is not in it."""
        for factor in self.factors:
            if factor.prior_sd == prior_sd:
                return factor
        said = ", ".join(f"{factor.prior_sd:g}" for factor in self.factors) or self.why_not
        raise NetworkError(f"{self.label} has no Bayes factor for the prior SD {prior_sd:g}. Mend: use one of: {said}")


class ModelProbability(NamedTuple):
    """One set of interactions, none of them for the additive model; prior and posterior probability among all sets compared."""

    labels: tuple[str, ...]
    log_bayes_factor: float
    prior: float
    posterior: float


@dataclass(frozen=True, kw_only=True)
class InteractionRanking:
    """Every interaction, for several priors, best first under the widest that is not above `order_sd`.

    `models` (per prior SD) are probabilities of the additive model and of each with one interaction. Pairs that the data cannot
    give are in `unidentifiable` and in no probability.
    """

    evidence: tuple[InteractionEvidence, ...]
    unidentifiable: tuple[InteractionEvidence, ...]
    models: dict[float, tuple[ModelProbability, ...]]
    log_marginal_likelihood: float
    quadrature_error: float
    order_sd: float
    statement: str
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, label: str) -> InteractionEvidence:
        """The evidence on one interaction by any of its names."""
        for one in (*self.evidence, *self.unidentifiable):
            if label == one.label or label in one.same_as:
                return one
        raise NetworkError(f"{label!r} was not looked at. Mend: ask for it by name, such as A*B.")


def rank_interactions(
    network: Network,
    design: Design,
    asked: Sequence[str] | None = None,
    *,
    prior: Prior | None = None,
    prior_sds: Sequence[float] | None = None,
    nonrandomized: NonRandomized | None = None,
) -> InteractionRanking:
    """`design` against itself with one more interaction: those asked for (`A*B`), else all pairs of its components.

    The interaction's prior is N(0, SD^2) for each of `prior_sds`; the other columns and tau have `prior` in every model. Raises
    NetworkError for the standard model, an unknown component, or without `prior_sds` on a scale that has units.
    """
    prior, sds = prior or Prior(), _sds(network, prior_sds)
    wished = [f"{a}*{b}" for a, b in combinations(design.components, 2)] if asked is None else asked
    terms, matrix = columns_of(design, wished)
    rows = biased_rows(network, design, nonrandomized)
    whole = rows.of_treatments @ matrix
    can = outside_column_space(rows.contrasts, whole)
    alone = rows.randomized
    trials = outside_column_space(rows.contrasts[alone], whole[alone]) & can if alone.any() else np.zeros_like(can)
    chosen, names = _distinct(whole, np.flatnonzero(can).tolist())
    given = _given(rows, design, prior)
    log_factors, means, spreads, evidence, error = _factors(given, rows.rotate(whole[:, chosen]), prior, sds)
    found = [
        InteractionEvidence(
            label=terms[place].label,
            parts=terms[place].parts,
            source=Source.DATA if trials[place] else Source.NOT_RANDOMIZED,
            factors=tuple(
                BayesFactor(sd, float(log_factors[at, s]), float(means[at, s]), float(spreads[at, s]))
                for s, sd in enumerate(sds)
            ),
            same_as=tuple(terms[other].label for other in names[place] if other != place),
        )
        for at, place in enumerate(chosen)
    ]
    order_sd = sds[(len(sds) - 1) // 2]
    found.sort(key=lambda one: (-one.at(order_sd).log_bayes_factor, one.label))
    return InteractionRanking(
        evidence=tuple(found),
        unidentifiable=tuple(_cannot(terms[p], matrix, whole, p) for p in np.flatnonzero(~can).tolist()),
        models={
            sd: _probabilities([((), 0.0), *(((o.label,), o.at(sd).log_bayes_factor) for o in found)]) for sd in sds
        },
        log_marginal_likelihood=evidence,
        quadrature_error=error,
        order_sd=order_sd,
        statement=_statement(prior, design, sds, rows),
        notes=rows.notes,
    )


def rank_sets(
    network: Network,
    design: Design,
    asked: Sequence[str],
    *,
    prior_sd: float,
    most_terms: int = 2,
    prior: Prior | None = None,
    nonrandomized: NonRandomized | None = None,
) -> tuple[ModelProbability, ...]:
    """Probabilities of every set of at most `most_terms` of the interactions asked for, the empty one too, best first.

    Each number of interactions is equally probable beforehand, and each set of one number (Scott and Berger 2010, recalled: this
    allows for how many were looked at). Sets that cannot be estimated together are left out. Raises NetworkError for more
    than MOST_MODELS sets.
    """
    prior = prior or Prior()
    terms, matrix = columns_of(design, asked)
    count = sum(math.comb(len(terms), size) for size in range(most_terms + 1))
    if count > MOST_MODELS:
        raise NetworkError(
            f"{count} sets of interactions are more than {MOST_MODELS}. Mend: ask for fewer, or smaller sets."
        )
    rows = biased_rows(network, design, nonrandomized)
    whole = rows.of_treatments @ matrix
    rank, base = row_space(rows.contrasts).rank, None
    found: list[tuple[tuple[str, ...], float]] = []
    for places in _sets(len(terms), most_terms):
        wide = np.hstack((rows.contrasts, whole[:, places]))
        if row_space(wide).rank < rank + len(places):
            continue
        added = rows.rotate(whole[:, places])
        height = _evidence(_given(rows, design, prior, added, prior_sd), prior)
        base = height if base is None else base
        found.append((tuple(terms[place].label for place in places), height - base))
    return tuple(sorted(_probabilities(found), key=lambda one: (-one.posterior, one.labels)))


# ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sds(network: Network, asked: Sequence[float] | None) -> tuple[float, ...]:
    if asked is None and network.scale in (Scale.MD, Scale.RD):
        raise NetworkError(
            f"a Bayes factor needs priors of the interaction in the units of the outcome ({network.scale}). Mend: give prior_sds."
        )
    sds = tuple(sorted(set(PRIOR_SDS if asked is None else asked)))
    if not sds or not all(math.isfinite(sd) and sd > 0 for sd in sds):
        raise NetworkError("prior SDs of an interaction must be above 0. Mend: give one or more, such as 0.5 and 1.")
    return sds


def _given(rows: BiasedRows, design: Design, prior: Prior, added: Array | None = None, added_sd: float = 1.0) -> Given:
    mean, sd = prior.columns(design)
    columns = np.hstack((rows.columns, rows.bias_columns))
    means, sds = np.r_[mean, rows.bias_means], np.r_[sd, rows.bias_sds]
    if added is not None and added.shape[1]:
        more = added.shape[1]
        columns, means, sds = np.hstack((columns, added)), np.r_[means, np.zeros(more)], np.r_[sds, [added_sd] * more]
    return Given.of(rows, columns, means, sds)


def _evidence(given: Given, prior: Prior) -> float:
    if isinstance(prior.tau, Known):
        return float(given.log_likelihood(np.array([prior.tau.tau]))[0])
    return float(over_tau(given, prior.tau).fine.log_total[0])


def _distinct(whole: Integers, places: list[int]) -> tuple[list[int], dict[int, list[int]]]:
    """Columns that differ in the studies, each with all its names: one column twice is one model."""
    names: dict[bytes, list[int]] = {}
    for place in places:
        names.setdefault(whole[:, place].tobytes(), []).append(place)
    groups = {members[0]: members for members in names.values()}
    return list(groups), groups


def _beside(given: Given, z: Array, tau: Array) -> tuple[Array, Array, Array]:
    """Log-likelihood (k) of the additive model, and S and u (k, columns) of each column beside it, at each of k taus."""
    if len(tau) > 1 and len(tau) * z.size > _AT_ONCE:
        parts = [_beside(given, z, part) for part in np.array_split(tau, 2)]
        height, s, u = (np.concatenate(one) for one in zip(*parts, strict=True))
        return height, s, u
    height, solution, information = given.solve(tau)
    share = given.variances / (given.variances + tau[:, None] ** 2)
    v = z / np.sqrt(given.variances)[:, None]
    m, q, many = len(v), given.x.shape[1], v.shape[1]
    mixed = (share @ (given.x[:, :, None] * v[:, None, :]).reshape(m, q * many)).reshape(len(tau), q, many)
    taken = np.linalg.solve(information, mixed)
    left = v - given.x @ taken
    u = np.swapaxes(v[None], 1, 2) @ (share * (given.y - solution @ given.x.T))[:, :, None]
    s = np.einsum("km,kmc->kc", share, left**2) + np.sum((given.own @ taken) ** 2, axis=1)
    return height, s, u[:, :, 0]


def _factors(given: Given, z: Array, prior: Prior, sds: Sequence[float]) -> tuple[Array, Array, Array, float, float]:
    """Log Bayes factors, posterior means and SDs (columns, SDs), and log evidence and quadrature error of the additive model."""
    many, squares = z.shape[1], np.array(sds) ** 2
    tau_prior = prior.tau

    def gains(tau: Array) -> tuple[Array, Array, Array, Array]:
        height, s, u = _beside(given, z, tau)
        wider = 1 + s[:, :, None] * squares
        gain = -0.5 * np.log(wider) + 0.5 * squares * u[:, :, None] ** 2 / wider
        return height, gain, squares * u[:, :, None] / wider, squares / wider

    if isinstance(tau_prior, Known):
        height, gain, mean, variance = gains(np.array([tau_prior.tau]))
        return gain[0], mean[0], np.sqrt(variance[0]), float(height[0]), 0.0

    def log_density(tau: Array) -> Array:
        height, gain, _, _ = gains(tau)
        base = (height + tau_prior.log_density(tau))[:, None]
        return np.hstack((base, base + gain.reshape(len(tau), many * len(sds))))

    first, beyond = tau_prior.span
    smallest = math.sqrt(float(given.variances.min()))
    pieces = integrate(log_density, low=min(first, smallest), high=beyond, limit=tau_prior.limit, moment=0).fine
    _, _, mean, variance = gains(pieces.nodes.ravel())
    mean, variance = mean.reshape(len(mean), many * len(sds)), variance.reshape(len(variance), many * len(sds))
    share = pieces.weights.ravel()[:, None] * np.exp(
        pieces.log_values.reshape(len(mean), 1 + many * len(sds))[:, 1:] - pieces.log_total[1:]
    )
    share = share / share.sum(axis=0)
    center = np.sum(share * mean, axis=0)
    spread = np.sqrt(np.sum(share * (variance + (mean - center) ** 2), axis=0))
    log_factors = pieces.log_total[1:] - pieces.log_total[0]
    table = (many, len(sds))
    return (
        log_factors.reshape(table),
        center.reshape(table),
        spread.reshape(table),
        float(pieces.log_total[0]),
        float(pieces.error.max()),
    )


def _probabilities(found: Sequence[tuple[tuple[str, ...], float]]) -> tuple[ModelProbability, ...]:
    sizes = [len(labels) for labels, _ in found]
    beforehand = [1 / len(set(sizes)) / sizes.count(size) for size in sizes]
    heights = np.array([factor + math.log(p) for (_, factor), p in zip(found, beforehand, strict=True)])
    after = np.exp(heights - heights.max())
    after /= after.sum()
    return tuple(
        ModelProbability(labels, factor, p, float(share))
        for (labels, factor), p, share in zip(found, beforehand, after, strict=True)
    )


def _sets(count: int, most: int) -> Iterator[list[int]]:
    for size in range(most + 1):
        for places in combinations(range(count), size):
            yield list(places)


def _cannot(term: Interaction, matrix: Integers, whole: Integers, place: int) -> InteractionEvidence:
    if not matrix[:, place].any():
        why = "no treatment of this network holds these parts together."
    elif not whole[:, place].any():
        why = "no study compares a treatment that holds these parts together with one that does not."
    else:
        why = "the studies cannot tell it from the effects of the parts and of what is given with them."
    return InteractionEvidence(label=term.label, parts=term.parts, source=Source.PRIOR_ONLY, why_not=why)


def _statement(prior: Prior, design: Design, sds: Sequence[float], rows: BiasedRows) -> str:
    said = ", ".join(f"{sd:g}" for sd in sds)
    return (
        f"{prior.in_words(design)} Each interaction: normal with mean 0 and SD {said}, one after another. Beforehand, half the"
        " probability is with the additive model, the other half shared evenly by the interactions that can be estimated."
        f" {rows.statement}"
    ).strip()
