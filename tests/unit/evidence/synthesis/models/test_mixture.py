"""Mixtures of normals, and integrals over one positive number: against SciPy and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate as scipy_integrate
from scipy import special, stats

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.mixture import Mixture, normal_cdf
from inconcert.evidence.synthesis.models.quadrature import integrate


def drawn_mixture(seed: int) -> Mixture:
    """Three mixtures of up to forty normals, some far apart and some very unequal in spread."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 41))
    weights = rng.dirichlet(np.full(count, 0.5))
    return Mixture(
        weights=weights,
        means=rng.normal(scale=rng.choice([0.01, 1, 10]), size=(count, 3)),
        sds=np.exp(rng.normal(scale=rng.choice([0.1, 2.0]), size=(count, 3))),
    )


def test_the_normal_distribution_far_into_the_tail() -> None:
    """Probabilities are those of SciPy to 1e-14, and in the lower tail to 12 digits down to 1e-290."""
    z = np.linspace(-36, 9, 20_001)
    wanted = special.ndtr(z)
    np.testing.assert_allclose(normal_cdf(z), wanted, rtol=0, atol=1e-14)
    np.testing.assert_allclose(normal_cdf(z), wanted, rtol=1e-12, atol=0)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), probability=st.floats(1e-6, 1 - 1e-6))
def test_a_quantile_has_its_probability_below(seed: int, probability: float) -> None:
    """Whatever the mixture, what lies below a quantile is the probability asked for, and SciPy agrees."""
    mixture = drawn_mixture(seed)
    at = mixture.quantile(probability)
    below = mixture.weights @ stats.norm(mixture.means, mixture.sds).cdf(at)
    np.testing.assert_allclose(below, probability, rtol=0, atol=1e-12)
    np.testing.assert_allclose(mixture.below(at), probability, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_divergence_from_a_normal(seed: int) -> None:
    """The divergence of a posterior of one bump from its prior is SciPy's integral; a normal from itself has none."""
    rng = np.random.default_rng(seed)
    mixture = Mixture(
        weights=rng.dirichlet(np.ones(20)),
        means=rng.normal(scale=0.1, size=(20, 1)),
        sds=rng.uniform(0.2, 0.5, size=(20, 1)),
    )
    prior = stats.norm(0.3, 1.5)

    def inside(x: float) -> float:
        density = float(mixture.density(x)[0])
        return density * (math.log(density) - float(prior.logpdf(x)))

    wanted = scipy_integrate.quad(inside, -5, 5, epsabs=1e-12, limit=200)[0]
    assert mixture.kl_from_normal(np.array([0.3]), np.array([1.5]))[0] == pytest.approx(wanted, abs=1e-9)
    same = Mixture(weights=np.ones(1), means=np.array([[0.3]]), sds=np.array([[1.5]]))
    assert same.kl_from_normal(np.array([0.3]), np.array([1.5]))[0] == pytest.approx(0, abs=1e-12)


CLOSED = {
    "half-normal": (lambda x: -(x**2) / 2, math.sqrt(math.pi / 2), 1.0, math.inf),
    "narrow peak far out": (lambda x: -(((x - 40) / 1e-3) ** 2) / 2, 1e-3 * math.sqrt(2 * math.pi), 1.0, math.inf),
    "heavy tail": (lambda x: -np.log1p(x**2), math.pi / 2, 1.0, math.inf),
    "bounded": (np.log1p, 7.5, 3.0, 3.0),
    "two scales": (
        lambda x: np.logaddexp(-x / 1e-4, -x / 100),
        100.0001,
        1e-4,
        math.inf,
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_integrals_with_a_closed_form(name: str) -> None:
    """The integral is the closed form, and the error that it reports is not below the error that it makes."""
    function, wanted, low, limit = CLOSED[name]

    def log_density(x: Array) -> Array:
        return np.asarray(function(x))[:, None]

    found = integrate(log_density, low=low, high=8 * low, limit=limit, moment=0 if name == "heavy tail" else 2).fine
    off = abs(math.exp(float(found.log_total[0])) / wanted - 1)
    assert off < 1e-12
    assert off <= float(found.error[0]) + 1e-14


def test_quantiles_of_an_integral() -> None:
    """Quantiles of |N(0, 1)| read off its pieces are SciPy's."""
    found = integrate(lambda x: -(x**2)[:, None] / 2, low=1.0, high=8.0, limit=math.inf).fine
    probabilities = np.array([1e-4, 0.025, 0.5, 0.975, 0.9999])
    np.testing.assert_allclose(found.quantiles(probabilities), stats.halfnorm.ppf(probabilities), rtol=0, atol=1e-11)


def test_several_columns_are_cut_for_the_hardest() -> None:
    """Columns integrated together are each as exact as alone, although their peaks lie in different places."""

    def log_density(x: Array) -> Array:
        return np.stack([-(((x - at) / 0.01) ** 2) / 2 for at in (0.1, 3.0, 50.0)], axis=1)

    found = integrate(log_density, low=0.5, high=4.0, limit=math.inf).fine
    np.testing.assert_allclose(np.exp(found.log_total), 0.01 * math.sqrt(2 * math.pi), rtol=1e-12)
    assert np.all(found.error < 1e-11)
