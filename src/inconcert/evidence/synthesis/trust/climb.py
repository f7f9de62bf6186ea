"""Finding the top of a smooth likelihood of a few parameters, without a library.

Newton's method with the Hessian by central differences of the exact gradient. Where the surface does not curve down, the Hessian's
eigenvalues are turned to do so, each step is held short, and halved until it climbs: no step ever goes down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inconcert.evidence.synthesis.data.types import Array

Surface = Callable[[Array], tuple[float, Array]]  # height and slope at a point
STEP_MAX = 2.0
_TURNS = 100
_HALVINGS = 40
_SLOPE_SMALL = 1e-8
_GAIN_SMALL = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Where the climb ended: `at` (p), `height`, and whether the slope vanished there."""

    at: Array
    height: float
    slope: Array
    converged: bool


def climb(surface: Surface, start: Array) -> Top:
    """The nearest top. `converged` is False where the surface still rises after all turns (a ridge without an end)."""
    at = np.array(start, dtype=float)
    height, slope = surface(at)
    for _ in range(_TURNS):
        if (
            not (np.isfinite(height) and np.isfinite(slope).all())
            or float(np.abs(slope).max(initial=0.0)) < _SLOPE_SMALL
        ):
            break
        step = _uphill(curvature(surface, at), slope)
        for _ in range(_HALVINGS):
            there, slope_there = surface(at + step)
            if np.isfinite(there) and there >= height and np.isfinite(slope_there).all():
                break
            step = step / 2
        else:
            break  # no step climbs by a number that can be told apart
        gain, at, height, slope = there - height, at + step, there, slope_there
        if gain < _GAIN_SMALL and float(np.abs(slope).max(initial=0.0)) < 1e-5:
            break
    flat = bool(np.isfinite(height)) and float(np.abs(slope).max(initial=0.0)) < 1e-5
    return Top(at=at, height=height, slope=slope, converged=flat)


def curvature(surface: Surface, at: Array) -> Array:
    """The Hessian (p, p) by central differences of the slope, made symmetric."""
    size = len(at)
    hessian = np.empty((size, size))
    for i in range(size):
        h = 1e-5 * max(1.0, abs(float(at[i])))
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        with np.errstate(all="ignore"):  # beside a cliff a slope may be infinite; the caller looks
            hessian[i] = (surface(up)[1] - surface(down)[1]) / (2 * h)
    return (hessian + hessian.T) / 2


def _uphill(hessian: Array, slope: Array) -> Array:
    if not np.isfinite(hessian).all():
        hessian = -np.eye(len(slope))  # nothing is known of the shape: straight up
    values, vectors = np.linalg.eigh(hessian)
    down = -np.maximum(np.abs(values), 1e-8)
    step: Array = -vectors @ ((vectors.T @ slope) / down)
    length = float(np.linalg.norm(step))
    return step if length <= STEP_MAX else step * (STEP_MAX / length)
