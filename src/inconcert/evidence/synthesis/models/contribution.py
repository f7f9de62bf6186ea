"""How much rests on each study: its weight on one contrast, and what the contrast would be without it.

The rows of a network have no covariance (`rows.py`), so an estimate is a sum h'y with variance sum(h^2 v). The weight of a
study is its part of that sum: the parts are not negative and make 1 (percentage study weights, Riley et al. 2018, recalled).
It says whose precision the estimate has, not in which direction a study pulls: that is what `influence` shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Indexes
from inconcert.evidence.synthesis.models.fit import Estimate, Fit, NotEstimableError, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What part of the information of one contrast a study brings, 0 to 1; those of all studies sum to 1."""

    study: str
    common: float
    random: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """The contrast without one study, tau2 estimated again.

    `without` is None where the other studies cannot give the contrast at all: the study is the only bridge. `shift` is how far
    the estimate moves when the study comes in, in standard errors of the estimate with it. `cook` is Cook's distance over all
    parameters of the model; None where some of them need this study.
    """

    study: str
    without: Estimate | None
    shift: float | None
    tau2_without: float | None
    cook: float | None


def study_weights(model: Fit, row: NDArray[np.int64]) -> tuple[Weight, ...]:
    """Weights of every study on the contrast `row` (p). Raises NotEstimableError; a row of zeros has no weights to share."""
    found = model.random.contrast(row)
    studies = model.network.studies
    if found.se == 0:
        raise NotEstimableError("a difference that is zero by definition rests on no study.")
    parts = [_parts(model, row, tau2, len(studies)) for tau2 in (0.0, model.tau2 or 0.0)]
    return tuple(
        Weight(study=study.study, common=float(common), random=float(random))
        for study, common, random in zip(studies, *parts, strict=True)
    )


def influence(model: Fit, row: NDArray[np.int64]) -> tuple[Influence, ...]:
    """The contrast `row` (p) without each study in turn, random effects. Raises NotEstimableError where all cannot give it."""
    whole = model.random.contrast(row)
    method = model.tau_method or math.sqrt(model.tau2 or 0.0)
    return tuple(_without(model, number, row, whole, method) for number in range(len(model.network.studies)))


def _parts(model: Fit, row: NDArray[np.int64], tau2: float, studies: int) -> Array:
    variances = model.rows.variances + tau2
    half = 1 / np.sqrt(variances)
    basis, r = np.linalg.qr(model.columns * half[:, None])
    turned = basis @ np.linalg.solve(r.T, row[list(model.space.pivots)].astype(float))  # h times the root of v
    numbers: Indexes = model.rows.study_of_row
    shares = np.bincount(numbers, weights=turned**2 / float(turned @ turned), minlength=studies)
    return np.asarray(shares, dtype=np.float64)


def _without(model: Fit, number: int, row: NDArray[np.int64], whole: Estimate, method: TauMethod | float) -> Influence:
    studies = model.network.studies
    rest = replace(model.network, studies=(*studies[:number], *studies[number + 1 :]))
    name = studies[number].study
    if not rest.studies:
        return Influence(study=name, without=None, shift=None, tau2_without=None, cook=None)
    less = fit(rest, model.design, tau=method, hartung_knapp=model.random.df is not None, level=model.random.level)
    without = less.random.contrasts(row[None, :])[0]
    cook = None
    if less.space.pivots == model.space.pivots:
        apart = model.random.beta - less.random.beta
        cook = float(apart @ np.linalg.solve(model.random.covariance, apart)) / len(apart)
    return Influence(
        study=name,
        without=without,
        shift=None if without is None else (whole.estimate - without.estimate) / whole.se if whole.se else 0.0,
        tau2_without=less.tau2,
        cook=cook,
    )
