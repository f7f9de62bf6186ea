"""The selection model against a likelihood written a second time with SciPy, and when it is refused."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy import optimize, stats

from inconcert.evidence.synthesis.trust.assumed import fit_assumed, nullified, suppression_table
from inconcert.evidence.synthesis.trust.selection import Selection, fit_selection
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer, effects_and_errors
from inconcert.evidence.synthesis.trust.weighing import Favored, Seen, log_likelihood, seen, surface_of

NORMAL = NormalDist()


def drawn(k: int, *, mu: float = 0.2, tau: float = 0.2, kept: float = 0.3, seed: int = 1) -> list[FunnelPoint]:
    """K studies, of which those above the one-sided 0.025 were kept with probability `kept`."""
    rng = np.random.default_rng(seed)
    points: list[FunnelPoint] = []
    while len(points) < k:
        se = float(rng.uniform(0.08, 0.45))
        y = float(rng.normal(mu, math.hypot(se, tau)))
        if y / se >= NORMAL.inv_cdf(0.975) or rng.random() < kept:
            points.append(FunnelPoint(study=str(len(points)), effect=y, se=se, row_ids=(f"r{len(points)}",)))
    return points


def plain(points: list[FunnelPoint], mu: float, tau2: float, weights: list[float], steps: list[float]) -> float:
    """The log-likelihood term by term: density times weight over the chance of being seen."""
    total = 0.0
    ends = [1e-300, *steps, 1 - 1e-16]
    standard = [-NORMAL.inv_cdf(end) for end in ends]
    for p in points:
        model = NormalDist(mu, math.sqrt(p.se**2 + tau2))
        place = next(j for j, z in enumerate(standard[1:]) if p.effect / p.se >= z)
        cuts = [math.inf, *(p.se * z for z in standard[1:-1]), -math.inf]
        area = sum(w * (model.cdf(cuts[j]) - model.cdf(cuts[j + 1])) for j, w in enumerate(weights))
        total += math.log(model.pdf(p.effect)) + math.log(weights[place]) - math.log(area)
    return total


@pytest.mark.parametrize(
    ("mu", "tau2", "weights"), [(0.2, 0.05, [1, 0.3, 0.2]), (-0.4, 0.0, [1, 2.0, 0.5]), (3.0, 1.0, [1, 1, 1])]
)
def test_the_likelihood_is_the_plain_one(mu: float, tau2: float, weights: list[float]) -> None:
    """The likelihood equals one written out term by term, and its slopes equal differences of it."""
    points = drawn(15)
    y, errors = effects_and_errors(points)
    data = seen(y, errors, [0.025, 0.5], Favored.GREATER)
    found = log_likelihood(data, mu, tau2, np.array(weights, dtype=float))
    assert found.value == pytest.approx(plain(points, mu, tau2, weights, [0.025, 0.5]), rel=1e-12)
    h = 1e-6
    up = log_likelihood(data, mu + h, tau2, np.array(weights, dtype=float)).value
    assert found.by_mu == pytest.approx((up - found.value) / h, abs=2e-3)
    up = log_likelihood(data, mu, tau2 + h, np.array(weights, dtype=float)).value
    assert found.by_tau2 == pytest.approx((up - found.value) / h, rel=1e-2, abs=2e-2)
    up = log_likelihood(data, mu, tau2, np.array([weights[0], weights[1] + h, weights[2]])).value
    assert found.by_weights[1] == pytest.approx((up - found.value) / h, abs=2e-3)


def test_two_sided_selection_has_an_area_of_one_without_weights() -> None:
    """With equal weights on both sides the chance of being seen is one, and the slopes are those of the plain model."""
    y, errors = effects_and_errors(drawn(10))
    data = seen(y, errors, [0.05], Favored.EITHER)
    found = log_likelihood(data, 0.1, 0.02, np.ones(2))
    assert found.value == pytest.approx(float(stats.norm.logpdf(y, 0.1, np.sqrt(errors**2 + 0.02)).sum()), rel=1e-12)
    h = 1e-6
    weights = np.array([1.0, 0.4])
    base = log_likelihood(data, 0.1, 0.02, weights)
    assert base.by_mu == pytest.approx((log_likelihood(data, 0.1 + h, 0.02, weights).value - base.value) / h, abs=2e-3)


def test_the_interval_is_that_of_the_profile() -> None:
    """At each end of the interval the best likelihood, found by SciPy, is lower by half the chi-squared quantile."""
    points = drawn(25)
    fitted = fit_selection(points)
    assert isinstance(fitted, Selection)

    def best_at(mu: float) -> float:
        def height(at: np.ndarray) -> float:
            return -plain(points, mu, math.exp(at[0]), [1.0, math.exp(at[1])], [0.025])

        start = np.array([math.log(fitted.tau2 + 1e-3), math.log(fitted.weights[1])])
        return -float(
            optimize.minimize(height, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11}).fun
        )

    drop = stats.chi2.ppf(0.95, 1) / 2
    for end in (fitted.lower, fitted.upper):
        assert fitted.log_likelihood - best_at(end) == pytest.approx(drop, abs=1e-6)


def test_selection_is_taken_out() -> None:
    """With many studies of which seven in ten weak ones are missing, the adjusted estimate is near the truth and the plain one is not."""
    fitted = fit_selection(drawn(400, mu=0.1, seed=5))
    assert isinstance(fitted, Selection)
    assert fitted.lower < 0.1 < fitted.upper
    assert fitted.naive - 3 * fitted.naive_se > 0.1
    assert fitted.p < 1e-6
    assert fitted.weights[1] == pytest.approx(0.3, abs=0.15)


def test_turned_round_is_the_same() -> None:
    """Effects with the other sign, and selection of small ones, give the same answer with the other sign."""
    points = drawn(20)
    turned = [FunnelPoint(study=p.study, effect=-p.effect, se=p.se) for p in points]
    one, other = fit_selection(points), fit_selection(turned, favored=Favored.LESS)
    assert isinstance(one, Selection)
    assert isinstance(other, Selection)
    assert (one.estimate, one.lower, one.upper) == pytest.approx(
        (-other.estimate, -other.upper, -other.lower), abs=1e-9
    )


def test_what_cannot_be_fitted_is_said() -> None:
    """No study, too few, none on one side of a step: each is an answer with a reason and a mend, not a number."""
    assert isinstance(fit_selection([]), NoAnswer)
    few = fit_selection(drawn(9))
    assert isinstance(few, NoAnswer)
    assert "below 10" in few.text
    assert isinstance(fit_selection(drawn(9), anyway=True), Selection | NoAnswer)
    strong = [FunnelPoint(study=str(i), effect=1.0 + 0.01 * i, se=0.1) for i in range(12)]
    one_sided = fit_selection(strong)
    assert isinstance(one_sided, NoAnswer)
    assert "interval 2" in one_sided.text
    weak = [FunnelPoint(study=str(i), effect=0.01 * i, se=0.4) for i in range(12)]
    assert isinstance(fit_selection(weak), NoAnswer)
    three = [*strong[:1], *weak[:2]]
    crowded = fit_selection(three, steps=(0.025,), anyway=True)
    assert isinstance(crowded, NoAnswer)
    assert "3 studies cannot carry 3" in crowded.text


@pytest.mark.parametrize("steps", [(), (0.5, 0.1), (0.0,), (1.0,), (0.1, 0.1)])
def test_steps_must_rise_between_zero_and_one(steps: tuple[float, ...]) -> None:
    """Steps that are not rising p values are refused."""
    with pytest.raises(ValueError, match="Mend"):
        fit_selection(drawn(12), steps=steps)


def test_no_start_finds_a_higher_top() -> None:
    """Over six sets of studies SciPy, started from four places each, never finds a higher point."""
    rng = np.random.default_rng(3)
    for seed in range(6):
        points = drawn(14, seed=100 + seed)
        fitted = fit_selection(points)
        if isinstance(fitted, NoAnswer):
            continue
        y, errors = effects_and_errors(points)
        data = seen(y, errors, [0.025], Favored.GREATER)

        def low(at: np.ndarray, data: Seen = data) -> tuple[float, np.ndarray]:
            height, slope = surface_of(data)(at)
            return -height, -slope

        for _ in range(4):
            start = [rng.normal(0, 0.5), rng.uniform(-8, 0), rng.normal(0, 1.5)]
            bounds = [(-3, 3), (-20, 3), (-8, 8)]
            top = -float(optimize.minimize(low, start, jac=True, method="L-BFGS-B", bounds=bounds).fun)
            assert top <= fitted.log_likelihood + 1e-7, seed


def test_equal_weights_change_nothing() -> None:
    """Assumed weights that are all equal give the plain model."""
    points = drawn(12)
    fitted, assumed = fit_selection(points), fit_assumed(points, (0.025,), (1.0, 1.0))
    assert isinstance(fitted, Selection)
    assert (assumed.estimate, assumed.tau2) == pytest.approx((fitted.naive, fitted.naive_tau2), abs=1e-6)


def test_more_suppression_less_effect() -> None:
    """The fewer of the weak results are taken to be seen, the smaller the effect; severe suppression leaves less than moderate."""
    points = drawn(20)
    found = nullified(points)
    estimates = [a.estimate for a in found.table]
    assert estimates == sorted(estimates, reverse=True)
    moderate, severe = suppression_table(points)
    assert severe.estimate < moderate.estimate
    assert suppression_table(points, favored=Favored.EITHER) == ()


def test_the_weight_that_nullifies_does() -> None:
    """At the weight that is named the estimate is nothing, or the interval just touches nothing."""
    points = drawn(30, mu=0.15, kept=1.0, seed=8)
    found = nullified(points)
    assert found.weight_estimate is not None
    assert found.weight_interval is not None
    assert 0 < found.weight_estimate < found.weight_interval < 1
    assert fit_assumed(points, (0.025,), (1.0, found.weight_estimate)).estimate == pytest.approx(0, abs=1e-6)
    assert fit_assumed(points, (0.025,), (1.0, found.weight_interval)).lower == pytest.approx(0, abs=1e-6)
    assert found.worst is not None
    assert found.worst < found.table[0].estimate
    assert "times as often" in found.text


def test_an_effect_of_strong_studies_alone_cannot_be_nullified() -> None:
    """Where every study stands far from nothing, no suppression explains the effect; nor is there a worst case."""
    found = nullified([FunnelPoint(study=str(i), effect=2 + 0.01 * i, se=0.1) for i in range(6)])
    assert found.weight_interval is None
    assert found.worst is None
    assert "No suppression" in found.text


def test_no_effect_needs_no_suppression() -> None:
    """Where the interval holds no effect anyway, the weight is one."""
    found = nullified([FunnelPoint(study=str(i), effect=0.05 * (-1) ** i, se=0.3) for i in range(6)])
    assert found.weight_interval == 1.0
    assert "even if nothing is missing" in found.text
    with pytest.raises(ValueError, match="Mend"):
        nullified(drawn(5), favored=Favored.EITHER)


@pytest.mark.parametrize(
    ("steps", "weights"), [((0.025,), (1.0,)), ((0.025,), (1.0, 0.0)), ((0.025, 1), (1.0, 1.0, 1.0))]
)
def test_weights_must_fit_the_steps(steps: tuple[float, ...], weights: tuple[float, ...]) -> None:
    """One weight above zero for each interval, or an error with a mend."""
    with pytest.raises(ValueError, match="Mend"):
        fit_assumed(drawn(5), steps, weights)


@pytest.mark.parametrize("kind", range(5))
def test_wild_studies_give_an_answer_or_a_reason(kind: int) -> None:
    """Effects far away, all equal, of two values, without variance, or with errors from tiny to huge: a number in its interval or a reason."""
    rng = np.random.default_rng(kind)
    for k in (3, 12, 25):
        errors = rng.uniform(0.05, 0.5, k) if kind < 4 else 10 ** rng.uniform(-4, 2, k)
        effects = (
            rng.normal(20, 1, k),
            np.full(k, 0.3),
            rng.choice([0.0, 1.0], k),
            rng.standard_cauchy(k),
            rng.normal(0, 1, k) * errors,
        )[kind]
        points = [
            FunnelPoint(study=str(i), effect=float(y), se=float(s))
            for i, (y, s) in enumerate(zip(effects, errors, strict=True))
        ]
        for favored in Favored:
            found = fit_selection(points, favored=favored, anyway=True)
            if isinstance(found, Selection):
                assert found.lower <= found.estimate <= found.upper
                assert all(math.isfinite(v) for v in (found.estimate, found.se, found.tau2, found.p))
            else:
                assert found.why
