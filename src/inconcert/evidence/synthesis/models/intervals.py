"""How sure the heterogeneity itself is: the Q-profile interval of tau2, and I2 with its interval.

Both are for any fitted model: two treatments, a network, components.
"""

from __future__ import annotations

import math

from inconcert.evidence.synthesis.models.distributions import chi_squared_upper, normal_quantile
from inconcert.evidence.synthesis.models.fit import LEVEL, Fit, QTest
from inconcert.evidence.synthesis.models.heterogeneity import root_of_falling, solve


def tau2_interval(model: Fit, level: float = LEVEL) -> tuple[float, float] | None:
    """The tau2 at which Q is not extreme for chi-squared (Q-profile, Viechtbauer 2007, recalled); None without degrees of freedom.

    Both ends are 0 where Q is too small even without heterogeneity.
    """
    if model.df < 1:
        return None
    y, x, variances = model.rows.effects, model.columns, model.rows.variances

    def end(tail: float) -> float:
        def short_of(tau2: float) -> float:
            return tail - chi_squared_upper(solve(y, x, variances, tau2).q, model.df)

        if short_of(0.0) <= 0:
            return 0.0
        high = float(variances.max()) + (model.tau2 or 0.0)
        while short_of(high) > 0:
            high *= 4
        return root_of_falling(short_of, 0.0, high)

    side = (1 - level) / 2
    return end(side), end(1 - side)


def i2_with_interval(q: QTest, level: float = LEVEL) -> tuple[float, float | None, float | None] | None:
    """I2 = 1 - df / Q, and its interval by the test on H = sqrt(Q / df) (Higgins and Thompson 2002, recalled), each 0 to 1.

    None without degrees of freedom; the interval is None with one degree, where its variance is not defined, unless Q exceeds 2.
    """
    if q.df < 1 or q.value <= 0:
        return None
    log_h = 0.5 * math.log(q.value / q.df)
    i2 = max(0.0, 1 - q.df / q.value)
    if q.value > q.df + 1:
        error = 0.5 * (math.log(q.value) - math.log(q.df)) / (math.sqrt(2 * q.value) - math.sqrt(2 * q.df - 1))
    elif q.df > 1:
        error = math.sqrt(1 / (2 * (q.df - 1)) * (1 - 1 / (3 * (q.df - 1) ** 2)))
    else:
        return i2, None, None
    half = normal_quantile(0.5 + level / 2) * error
    lower, upper = (max(0.0, 1 - math.exp(-2 * end)) for end in (log_h - half, log_h + half))
    return i2, lower, upper
