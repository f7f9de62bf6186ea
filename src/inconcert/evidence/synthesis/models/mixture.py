"""Mixtures of normals that share their weights: what the posterior of every contrast is, once tau has been integrated out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.distributions import normal_quantile

_DEGREE = 40
_BEND = 3.75
_STEPS = 100
_SETTLED = 1e-12


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """q distributions, each a mixture of k normals. `weights` (k) sum to 1; `means` and `sds` (k, q)."""

    weights: Array
    means: Array
    sds: Array

    @property
    def mean(self) -> Array:
        """Means (q)."""
        return self.weights @ self.means

    @property
    def sd(self) -> Array:
        """Standard deviations (q): the spread inside the normals and that between their means."""
        return np.sqrt(self.weights @ (self.sds**2 + (self.means - self.mean) ** 2))

    def below(self, value: float | Array) -> Array:
        """Pr(value is above the quantity), for each of q; `value` is one number or q."""
        return self.weights @ normal_cdf((np.asarray(value) - self.means) / self.sds)

    def density(self, value: float | Array) -> Array:
        """Density at `value`, for each of q; `value` is one number or q."""
        z = (np.asarray(value) - self.means) / self.sds
        return np.asarray(self.weights @ (np.exp(-(z**2) / 2) / (self.sds * math.sqrt(2 * math.pi))))

    def quantile(self, probability: float) -> Array:
        """Where each of q is passed with this probability: Newton's steps inside the quantiles of the normals, to the last bits."""
        z = normal_quantile(probability)
        ends = self.means + z * self.sds
        low, high = ends.min(axis=0), ends.max(axis=0)
        at, spread = self.weights @ ends, self.sds.min(axis=0)
        for _ in range(_STEPS):
            off = self.below(at) - probability
            low, high = np.where(off < 0, at, low), np.where(off < 0, high, at)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = at - off / self.density(at)
            inside = (step > low) & (step < high)
            following = np.where(inside, step, (low + high) / 2)
            if np.all(
                np.abs(following - at) <= _SETTLED * spread
            ):  # Newton doubles the digits: the next step is rounding
                return following
            at = following
        return at

    def kl_from_normal(self, mean: Array, sd: Array) -> Array:
        """Kullback-Leibler divergence of each of q from a normal (its prior), in nats.

        The trapezoid rule over twelve SDs to each side, which for such smooth bumps is exact far below what is shown.
        """
        centers, spreads = self.mean, self.sd
        steps = np.linspace(-12, 12, 961)
        out = np.empty(len(centers))
        for column in range(len(centers)):
            one = Mixture(
                weights=self.weights, means=self.means[:, column : column + 1], sds=self.sds[:, column : column + 1]
            )
            x = centers[column] + spreads[column] * steps
            density = one.density(x)
            prior = -0.5 * ((x - mean[column]) / sd[column]) ** 2 - math.log(sd[column] * math.sqrt(2 * math.pi))
            with np.errstate(divide="ignore", invalid="ignore"):
                inside = np.where(density > 0, density * (np.log(density) - prior), 0.0)
            out[column] = max(0.0, float(inside.sum() * spreads[column] * (steps[1] - steps[0])))
        return out


def normal_cdf(z: Array) -> Array:
    """Pr(standard normal < z), with full relative accuracy far into the lower tail."""
    x = np.abs(z) / math.sqrt(2)
    with np.errstate(under="ignore"):
        tail = 0.5 * np.exp(-(x**2)) * _scaled_erfc(x)
    return np.asarray(np.where(z < 0, tail, 1 - tail))


def _scaled_erfc(x: Array) -> Array:
    """exp(x^2) erfc(x) for x >= 0, in the form of Shepherd and Laframboise 1981 (recalled)."""
    t = (x - _BEND) / (x + _BEND)
    return np.asarray(np.polynomial.chebyshev.chebval(t, _coefficients()) / (1 + 2 * x))


@cache
def _coefficients() -> Array:
    """Interpolation of (1 + 2 x) exp(x^2) erfc(x), from the standard library's erfc: no table to mistype."""
    points = np.cos(math.pi * (np.arange(_DEGREE) + 0.5) / _DEGREE)
    values = []
    for t in points.tolist():
        x = _BEND * (1 + t) / (1 - t)
        if x < 25:
            square = x * x
            lost = float(Fraction(x) ** 2 - Fraction(square))
            scaled = math.exp(square) * (1 + lost) * math.erfc(x)
        else:
            s = 1 / (2 * x * x)
            scaled = (1 - s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s)))) / (x * math.sqrt(math.pi))
        values.append((1 + 2 * x) * scaled)
    table = np.polynomial.chebyshev.chebvander(points, _DEGREE - 1)
    scale = np.full(_DEGREE, 2 / _DEGREE)
    scale[0] = 1 / _DEGREE
    return np.asarray(scale * (table.T @ np.array(values)), dtype=float)
