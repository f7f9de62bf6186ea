"""How much of one estimate each study carries.

An estimate is a sum of the rotated contrasts, each times a factor; these have no covariance, so its variance is a sum over them. A
study's share is its part of that variance. For one comparison that is the usual weight (its inverse variance over their sum);
in a network it is that of Riley and others 2018, Stat Methods Med Res 27:2885 (recalled). A study that the estimate does not rest on has
share 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.models.contribution import study_weights
from inconcert.evidence.synthesis.models.fit import Fit

NOTHING = 1e-12  # a share below this is rounding


def study_shares(fit: Fit, row: NDArray[np.int64]) -> dict[str, float]:
    """The share of each study (0 to 1, sum 1) in a contrast under random effects.

    `row` is a contrast in the columns of the design, as `fit.design.row_of(a) - fit.design.row_of(b)`. Raises
    NotEstimableError.
    """
    return {each.study: each.random for each in study_weights(fit, row)}
