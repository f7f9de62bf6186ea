"""How much of one estimate each study carries.

An estimate is a sum of the rotated contrasts, each times a factor; these have no covariance, so its variance is a sum over them. A
study's share is its part of that variance. For one comparison that is the usual weight (its inverse variance over their sum);
in a network it is that of Riley and others 2018, Stat Methods Med Res 27:2885 (recalled). A study that the estimate does not rest on has
share 0.
"""

from __future__ import annotations

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
