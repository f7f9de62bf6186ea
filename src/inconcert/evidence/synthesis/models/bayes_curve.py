"""One contrast over every way to count studies that were not randomized: from leaving them out to taking all at face value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_bias import NonRandomized
from inconcert.evidence.synthesis.models.bayes_rank import rank_interactions
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.posterior import Belief
from inconcert.evidence.synthesis.models.priors import Prior

WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)


class CurvePoint(NamedTuple):
    """One way to count them. `belief` is None where the studies that count cannot give the contrast; `why_not` then says so.

    `log_bayes_factor`, for the interaction against none, is there where the contrast is an interaction of the design.
    """

    how: NonRandomized
    belief: Belief | None
    prior_sd: float
    log_bayes_factor: float | None
    why_not: str | None

    @property
    def sd_ratio(self) -> float | None:
        """Posterior over prior SD: 1 means that nothing was learned."""
        return None if self.belief is None else self.belief.sd / self.prior_sd


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The points in the order of bias SDs, then of weights; a weight of 0 stands once, whatever the bias. All priors in words."""

    points: tuple[CurvePoint, ...]
    statement: str

    @property
    def randomized_only(self) -> CurvePoint | None:
        """The point that leaves them out, where it was asked for."""
        return next((point for point in self.points if point.how.weight == 0), None)


def mixture_curve(
    network: Network,
    design: Design,
    contrast: str | NDArray[np.int64],
    *,
    prior: Prior | None = None,
    weights: Sequence[float] = WEIGHTS,
    bias_sds: Sequence[float] = (0.0,),
    bias_mean: float = 0.0,
    shared: bool = False,
    held: Mapping[str, float] | None = None,
) -> Curve:
    """The posterior of one contrast, a column by name or a row, for each weight and each bias SD.

    Raises NetworkError for an unknown column, a weight outside 0 to 1, or a bias SD below 0.
    """
    prior = prior or Prior()
    if isinstance(contrast, str) and contrast not in design.columns:
        raise NetworkError(
            f"there is no column {contrast!r} in this model. Mend: use one of {', '.join(design.columns)}."
        )
    row = (
        np.array([int(name == contrast) for name in design.columns], dtype=np.int64)
        if isinstance(contrast, str)
        else contrast
    )
    any_way = NonRandomized(weight=1.0, bias_mean=bias_mean, shared=shared, held=held)
    ways = [replace(any_way, weight=0.0)] if any(w == 0 for w in weights) else []
    ways += [replace(any_way, weight=w, bias_sd=sd) for sd in bias_sds for w in weights if w != 0]
    return Curve(
        points=tuple(_point(network, design, row, prior, how) for how in ways),
        statement=f"{prior.in_words(design)} {_in_words(weights, bias_sds, bias_mean, shared)}",
    )


def _in_words(weights: Sequence[float], bias_sds: Sequence[float], bias_mean: float, shared: bool) -> str:
    counted = ", ".join(f"{w:g}" for w in weights)
    said = f"Studies that were not randomized count with each weight of {counted} (0 leaves them out, 1 is in full)"
    if bias_mean == 0 and not any(bias_sds):
        return f"{said}, without a bias."
    spread = ", ".join(f"{sd:g}" for sd in bias_sds)
    kind = "the same in all of them" if shared else "independent in each"
    return f"{said}, and with a bias toward the arm that holds more, of mean {bias_mean:g} and each SD of {spread}, {kind}."


def _point(network: Network, design: Design, row: NDArray[np.int64], prior: Prior, how: NonRandomized) -> CurvePoint:
    _, sds = prior.columns(design)
    prior_sd = float(np.sqrt(row.astype(float) ** 2 @ sds**2))
    if how.weight == 0 and not any(study.randomized for study in network.studies):
        return CurvePoint(how, None, prior_sd, None, "no randomized study is left.")
    found = fit_exact(network, design, prior=prior, nonrandomized=how).contrasts(row[None, :])[0]
    if found is None:
        return CurvePoint(how, None, prior_sd, None, "the studies that count cannot give it; only the prior speaks.")
    return CurvePoint(how, found, prior_sd, _factor(network, design, row, prior, how, prior_sd), None)


def _factor(
    network: Network, design: Design, row: NDArray[np.int64], prior: Prior, how: NonRandomized, prior_sd: float
) -> float | None:
    """Log Bayes factor, where the contrast is one interaction whose prior is centered at zero."""
    at, many = np.flatnonzero(row), len(design.components)
    if len(at) != 1 or row[at[0]] != 1 or at[0] < many:
        return None
    term = design.interactions[at[0] - many]
    if prior.columns(design)[0][at[0]] != 0:
        return None
    others = tuple(one for one in design.interactions if one != term)
    without = replace(design, interactions=others, matrix=np.delete(design.matrix, at[0], axis=1))
    kept = replace(prior, of={name: one for name, one in prior.of.items() if name != term.label})
    ranked = rank_interactions(network, without, (term.label,), prior=kept, prior_sds=(prior_sd,), nonrandomized=how)
    return ranked[term.label].at(prior_sd).log_bayes_factor
