"""tau2 by four methods: each beside the definition that it solves, on rows of any shape."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize

from inconcert.evidence.synthesis.models.heterogeneity import (
    TauMethod,
    estimate_tau2,
    log_likelihood,
    root_of_falling,
    solve,
)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, a design and variances that differ much; with even seeds heterogeneity is large."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(3, 30)), int(rng.integers(0, 3))
    x = rng.normal(size=(rows, columns))
    variances = 10 ** rng.uniform(-3, 1, size=rows)
    spread = (1.0 if seed % 2 == 0 else 0.0) + variances
    return x.sum(axis=1) + rng.normal(size=rows) * np.sqrt(spread), x, variances


def whole(y: np.ndarray, x: np.ndarray, variances: np.ndarray) -> tuple[float, np.ndarray]:
    """Q and the projection P from dense matrices."""
    w = np.diag(1 / variances)
    p = w - w @ x @ np.linalg.pinv(x.T @ w @ x) @ x.T @ w
    return float(y @ p @ y), p


@pytest.mark.parametrize("seed", range(20))
def test_moments_by_dense_matrices(seed: int) -> None:
    """DerSimonian and Laird: (Q - df) / trace(P), not below zero."""
    y, x, v = drawn(seed)
    q, p = whole(y, x, v)
    wanted = max(0.0, (q - (len(y) - x.shape[1])) / np.trace(p))
    assert estimate_tau2(TauMethod.DL, y, x, v) == pytest.approx(wanted, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_q_is_its_degrees_of_freedom(seed: int) -> None:
    """Paule and Mandel: Q at the answer is n - p; or the answer is zero and Q is already below."""
    y, x, v = drawn(seed)
    tau2 = estimate_tau2(TauMethod.PM, y, x, v)
    assert tau2 is not None
    df = len(y) - x.shape[1]
    if tau2 == 0:
        assert whole(y, x, v)[0] <= df
    else:
        assert whole(y, x, v + tau2)[0] == pytest.approx(df, rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("method", [TauMethod.REML, TauMethod.ML])
def test_nothing_is_likelier(seed: int, method: TauMethod) -> None:
    """Likelihood: nowhere on a fine grid, nor where SciPy stops, is the likelihood higher."""
    y, x, v = drawn(seed)
    restricted = method is TauMethod.REML
    tau2 = estimate_tau2(method, y, x, v)
    assert tau2 is not None

    def height(at: float) -> float:
        return log_likelihood(y, x, v, at, restricted=restricted)

    best = height(tau2)
    assert best >= max(map(height, [0.0, *np.geomspace(1e-7, 1e3, 400)])) - 1e-9
    near = optimize.minimize_scalar(lambda at: -height(at), bounds=(0.2 * tau2, 5 * tau2 + 1e-6), method="bounded")
    assert best >= -near.fun - 1e-9


def test_the_likelihood_is_that_of_a_normal() -> None:
    """Full likelihood from the density; the restricted one adds half the log determinant of the information, and (n - p) log 2 pi."""
    y, x, v = drawn(4)
    x = np.column_stack([np.ones(len(y)), np.arange(len(y))])
    beta = solve(y, x, v, 0.3).beta
    spread = v + 0.3
    density = float(np.sum(-0.5 * np.log(2 * np.pi * spread) - (y - x @ beta) ** 2 / (2 * spread)))
    assert log_likelihood(y, x, v, 0.3, restricted=False) == pytest.approx(density)
    information = np.linalg.slogdet(x.T @ (x / spread[:, None]))[1]
    assert log_likelihood(y, x, v, 0.3, restricted=True) == pytest.approx(
        density + np.log(2 * np.pi) - 0.5 * information
    )


@pytest.mark.parametrize("errors", [(0.2, 1e5), (0.2, 1e11), (0.3, 0.2, 1e9, 1e3), (1e-6, 5e-6, 1e9, 1e9)])
def test_moments_where_weights_are_far_apart(errors: tuple[float, ...]) -> None:
    """One effect in studies of very unlike size: (Q - df) / (sum w - sum w^2 / sum w) in exact fractions, and never a zero below."""
    y, v = np.array([3.0 * error * (-1) ** place for place, error in enumerate(errors)]), np.array(errors) ** 2
    w = [1 / Fraction(one) for one in v.tolist()]
    middle = sum(a * Fraction(b) for a, b in zip(w, y.tolist(), strict=True)) / sum(w)
    q = sum(a * (Fraction(b) - middle) ** 2 for a, b in zip(w, y.tolist(), strict=True))
    wanted = (q - len(y) + 1) / (sum(w) - sum(a * a for a in w) / sum(w))
    assert estimate_tau2(TauMethod.DL, y, np.ones((len(y), 1)), v) == pytest.approx(float(wanted), rel=1e-6)
    assert all(estimate_tau2(method, y, np.ones((len(y), 1)), v) is not None for method in TauMethod)


def test_without_a_degree_of_freedom_there_is_none() -> None:
    """As many parameters as rows: tau2 is unknown by every method."""
    y, x, v = np.array([0.1, 0.4]), np.eye(2), np.array([0.2, 0.3])
    assert {estimate_tau2(method, y, x, v) for method in TauMethod} == {None}


@pytest.mark.parametrize(
    ("falling", "high", "wanted"),
    [
        (lambda t: 2 - t, 10.0, 2.0),
        (lambda t: 1e-12 - t, 1e6, 1e-12),
        (lambda t: 1 / (1 + t) ** 3 - 1e-9, 1e9, 999.0),
        (lambda t: 1.0 if t < 3 else -1e-30, 7.0, 3.0),
        (lambda t: float(np.exp(-t) - np.exp(-50.0)), 400.0, 50.0),
    ],
)
def test_a_crossing_is_found_wherever_it_is(falling: object, high: float, wanted: float) -> None:
    """Straight lines, steps, tiny and far crossings: the place to 1e-12 of itself."""
    assert root_of_falling(falling, 0.0, high) == pytest.approx(wanted, rel=1e-12)  # type: ignore[arg-type]  # functions from a table


def exact_moments(y: np.ndarray, x: np.ndarray, variances: np.ndarray) -> Fraction:
    """DerSimonian and Laird's tau2 in fractions of the very doubles given, nothing rounded; `x` has one column."""
    w = [1 / Fraction(float(v)) for v in variances]
    column, values = [Fraction(float(v)) for v in x[:, 0]], [Fraction(float(v)) for v in y]
    inner = sum(a * b * b for a, b in zip(w, column, strict=True))
    beta = sum(a * b * c for a, b, c in zip(w, column, values, strict=True)) / inner
    q = sum(a * (c - b * beta) ** 2 for a, b, c in zip(w, column, values, strict=True))
    trace = sum(w) - sum((a * b) ** 2 for a, b in zip(w, column, strict=True)) / inner
    return max(Fraction(0), (q - (len(w) - 1)) / trace)


@pytest.mark.parametrize("seed", range(30))
def test_standard_errors_a_million_times_apart(seed: int) -> None:
    """Where one row outweighs all others together 10^12 times, tau2 still has ten digits."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(3, 9))
    variances = 10 ** rng.uniform(-9, 3, size=rows)
    x = rng.integers(1, 4, size=(rows, 1)).astype(float)
    y = rng.normal(size=rows) * 3
    wanted = float(exact_moments(y, x, variances))
    assert estimate_tau2(TauMethod.DL, y, x, variances) == pytest.approx(wanted, rel=1e-10)
