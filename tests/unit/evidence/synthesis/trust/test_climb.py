"""The climb to the top of a likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from inconcert.evidence.synthesis.trust.climb import climb, curvature


def valley(at: np.ndarray) -> tuple[float, np.ndarray]:
    """Rosenbrock's curved ridge, turned to have its top at (1, 1)."""
    return -float(optimize.rosen(at)), -optimize.rosen_der(at)


def test_a_curved_ridge_is_climbed() -> None:
    """From far away, along a ridge where the surface curves the wrong way, the top is reached to many digits."""
    top = climb(valley, np.array([-1.2, 1.0]))
    assert top.converged
    assert top.at == pytest.approx([1.0, 1.0], abs=1e-7)


def test_a_slope_without_end_does_not_converge() -> None:
    """A surface that rises for ever has no top, and none is claimed."""
    top = climb(lambda at: (float(at[0]), np.array([1.0])), np.array([0.0]))
    assert not top.converged


def test_nothing_to_climb_is_the_top() -> None:
    """With no free parameter the start is the top."""
    top = climb(lambda _at: (3.0, np.array([])), np.array([]))
    assert (top.height, top.converged) == (3.0, True)


def test_curvature_is_the_hessian() -> None:
    """The Hessian by differences is the exact one."""
    at = np.array([0.3, -0.7])
    assert curvature(valley, at) == pytest.approx(-optimize.rosen_hess(at), rel=1e-6)
