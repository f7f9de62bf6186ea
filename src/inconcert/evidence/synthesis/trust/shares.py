"""How much of one estimate each study carries, and how much of it passes through a comparison that one study alone made.

An estimate is a sum of the rotated contrasts, each times a factor; these have no covariance, so its variance is a sum over them. A
study's share is its part of that variance. For one comparison that is the usual weight (its inverse variance over their sum);
in a network it is that of Riley and others 2018, Stat Methods Med Res 27:2885 (recalled). A study that the estimate does not rest on has
share 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.models.fit import Fit, NotEstimableError

NOTHING = 1e-12  # a share below this is rounding


def study_shares(fit: Fit, row: NDArray[np.int64]) -> dict[str, float]:
    """The share of each study (0 to 1, sum 1) in a contrast under random effects.

    `row` is a contrast in the columns of the design, as `fit.design.row_of(a) - fit.design.row_of(b)`. Raises
    NotEstimableError.
    """
    if not bool(fit.space.contains(row[None, :])[0]) or not row.any():
        raise NotEstimableError("the studies of this network cannot give this contrast, so none has a share in it.")
    variances = fit.rows.variances + (fit.tau2 or 0.0)
    weighted = fit.columns / variances[:, None]
    inner = row[list(fit.space.pivots)].astype(float)
    factors = weighted @ np.linalg.solve(fit.columns.T @ weighted, inner)
    parts = factors**2 * variances
    parts /= parts.sum()
    by_study = np.bincount(fit.rows.study_of_row, weights=parts, minlength=len(fit.network.studies))
    return {study.study: float(share) for study, share in zip(fit.network.studies, by_study, strict=True)}


def single_study_share(fit: Fit, shares: dict[str, float]) -> float:
    """The part of an estimate from studies none of whose comparisons another study made.

    Two comparisons are the same where the model takes them for the same: in a component model `A+B` against `B` is `A`.
    """
    made_by: dict[tuple[int, ...], set[int]] = {}
    for asked, study in zip(_comparisons(fit), fit.rows.study_of_row, strict=True):
        for comparison in asked:
            made_by.setdefault(comparison, set()).add(int(study))
    seconded = {study for studies in made_by.values() if len(studies) > 1 for study in studies}
    alone = [s.study for number, s in enumerate(fit.network.studies) if number not in seconded]
    return min(1.0, math.fsum(shares[name] for name in alone))


def all_direct(fit: Fit, row: NDArray[np.int64], shares: dict[str, float]) -> bool:
    """Whether every study that carries the estimate made this very comparison, so that nothing passes through others."""
    wanted, study_of_row = _unsigned(row), fit.rows.study_of_row
    direct = {int(s) for asked, s in zip(_comparisons(fit), study_of_row, strict=True) if wanted in asked}
    return all(number in direct or shares[study.study] < NOTHING for number, study in enumerate(fit.network.studies))


def _comparisons(fit: Fit) -> list[list[tuple[int, ...]]]:
    """For each row the comparisons it takes part in, signs aside: its own, and with the rows of the same study."""
    in_model = fit.rows.contrasts @ fit.design.matrix
    found: list[list[tuple[int, ...]]] = []
    for number, study in enumerate(fit.rows.study_of_row):
        same = np.flatnonzero(fit.rows.study_of_row == study)
        pairs = [in_model[number], *(in_model[number] - in_model[other] for other in same if other > number)]
        found.append([_unsigned(pair) for pair in pairs])
    return found


def _unsigned(row: NDArray[np.int64]) -> tuple[int, ...]:
    values = tuple(int(v) for v in row)
    leading = next((v for v in values if v), 0)
    return values if leading >= 0 else tuple(-v for v in values)
