"""The exact posterior against the worked case of the shared reference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import interpolate, linalg

from inconcert.evidence.synthesis.data.types import Array, Network
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.design import Design, component_design
from support.brute_bayes import stacked
from support.networks import baker

SHARED = Path(__file__).resolve().parents[6] / "shared"
CLOSE = {"rtol": 0, "atol": 1e-9}


@pytest.mark.alignment
@pytest.mark.parametrize(
    ("model", "interactions"), [("cnma_additive", ()), ("cnma_ia_flu_sal", ("Fluticasone*Salmeterol",))]
)
def test_the_shared_reference(model: str, interactions: tuple[str, ...]) -> None:
    """Baker 2009 under the stated priors: every number of the shared reference within a billionth.

    The stored quantiles of tau are off by up to 7e-6, as SciPy's integral of the same density shows: ours are held to that integral.
    """
    stored = SHARED / "reference" / "cnma" / "bayes" / f"baker2009.{model}.json"
    if not stored.is_file():
        pytest.skip("../shared/reference/cnma/bayes is not beside this checkout")
    wanted = json.loads(stored.read_text(encoding="utf-8"))
    drawn, _ = baker(SHARED)
    found = fit_exact(drawn, component_design(drawn.treatments, inactive="Placebo", interactions=interactions))
    np.testing.assert_allclose(found.moments.mean, list(wanted["mean"].values()), **CLOSE)
    np.testing.assert_allclose(found.moments.covariance, wanted["cov"], **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(found.moments.covariance)), list(wanted["sd"].values()), **CLOSE)
    assert found.log_marginal_likelihood == pytest.approx(wanted["log_marginal_likelihood"], abs=1e-9)
    assert (found.tau.mean, found.tau.sd) == pytest.approx((wanted["tau_mean"], wanted["tau_sd"]), abs=1e-9)
    for probability, value in wanted["tau_quantiles"].items():
        ours = found.tau.quantiles[float(probability)]
        assert ours == pytest.approx(value, abs=1e-5)
        assert splined_below(drawn, found.design, ours) == pytest.approx(float(probability), abs=1e-9)


def splined_below(drawn: Network, design: Design, value: float) -> float:
    """Pr(tau < value) under half-normal(0.5): SciPy's density of y on 1,501 taus to 1.5, where nothing is left, and its spline."""
    y, x, v, t = stacked(drawn, design)
    taus = np.linspace(0, 1.5, 1501)
    heights = np.array([-stats_of(y, v + tau**2 * t + 100 * x @ x.T) / 2 for tau in taus]) - taus**2 / 0.5
    total = interpolate.CubicSpline(taus, np.exp(heights - heights.max())).antiderivative()
    return float(total(value) / total(1.5))


def stats_of(y: Array, covariance: Array) -> float:
    """Log determinant and sum of squares of y, whose mean is zero."""
    lower = linalg.cholesky(covariance, lower=True)
    return 2 * float(np.log(np.diag(lower)).sum()) + float(np.sum(linalg.solve_triangular(lower, y, lower=True) ** 2))
