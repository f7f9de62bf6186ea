"""The exact posterior is calibrated: a small run of validation/bayes_calibration.py, which has the full one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PLACE = Path(__file__).resolve().parents[5] / "validation" / "bayes_calibration.py"


@pytest.fixture(scope="module")
def calibration() -> ModuleType:
    """The validation script as a module."""
    spec = importlib.util.spec_from_file_location("bayes_calibration", PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("place", [0, 3])
def test_truths_rank_evenly(calibration: ModuleType, place: int) -> None:
    """Truths drawn from the prior rank evenly among draws from the posterior, for every quantity, with and without a bias."""
    found = calibration.ranks(calibration.SETTINGS[place], 100, 4)
    assert len(found) >= 7
    for name, ranks in found.items():
        assert calibration.uneven_p(ranks) > 0.01 / 16, name
        share, error = calibration.inside(ranks)
        assert abs(share - 0.9) < 4 * max(error, 0.02), name


def test_a_wrong_posterior_is_caught(calibration: ModuleType) -> None:
    """A posterior that ignores the studies ranks every effect evenly, and its log-likelihood gives it away."""
    found = calibration.ranks(calibration.SETTINGS[0], 100, 4, calibration.ignoring)
    assert calibration.uneven_p(found["log-likelihood"]) < 1e-12
    assert calibration.uneven_p(found["ket"]) > 1e-3


def test_draws_are_the_posterior(calibration: ModuleType) -> None:
    """Means, SDs and the correlation of tau and columns of many draws are those of the posterior within Monte Carlo error."""
    setting = calibration.SETTINGS[0]
    network = calibration.skeleton(setting.layout)
    design = calibration.component_design(network.treatments, inactive="none", interactions=("ket*tms",))
    found = calibration.right(network, setting, design)
    taus, values = found.draws(40_000, np.random.default_rng(1))
    moments = found.moments
    spread = np.sqrt(np.diag(moments.covariance))
    assert np.all(np.abs(values.mean(axis=0) - moments.mean) < 5 * spread / 200)
    np.testing.assert_allclose(np.cov(values.T), moments.covariance, rtol=0, atol=0.03 * spread.max() ** 2)
    assert abs(float(taus.mean()) - found.tau.mean) < 5 * found.tau.sd / 200
