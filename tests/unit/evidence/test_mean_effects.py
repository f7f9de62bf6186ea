"""Mean difference and standardized mean difference: by hand, against SciPy's gamma, and by what must always hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.arms import contrasts_of_arms
from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.mean_effects import (
    MeanMeasure,
    Scores,
    compare_means,
    hedges_correction,
    pooled_sd,
)

special = pytest.importorskip("scipy.special")


@st.composite
def scores(draw: st.DrawFn) -> Scores:
    """Any group of 3 to 300 people."""
    return Scores(mean=draw(st.floats(-40, 40)), sd=draw(st.floats(0.5, 20)), n=draw(st.integers(3, 300)))


def test_a_small_example_worked_by_hand() -> None:
    """Means 10 and 7, SD 2 and 4, 10 people each: difference 3, SE sqrt(2), pooled SD sqrt(10), J of 18 degrees 8! / (3 gamma(8.5))."""
    first, second = Scores(mean=10, sd=2, n=10), Scores(mean=7, sd=4, n=10)
    plain = compare_means(first, second, MeanMeasure.DIFFERENCE)
    assert (plain.estimate, plain.se) == pytest.approx((3, math.sqrt(2)))
    assert (plain.low, plain.high) == pytest.approx((3 - 2.771808, 3 + 2.771808), abs=1e-6)
    assert pooled_sd(first, second) == pytest.approx(math.sqrt(10))
    standard = compare_means(first, second, MeanMeasure.STANDARDIZED)
    # gamma(9) = 40320; gamma(8.5) = 2027025 sqrt(pi) / 256; together 0.957647
    factor = 40320 / (3 * 2027025 * math.sqrt(math.pi) / 256)
    assert standard.estimate == pytest.approx(factor * 3 / math.sqrt(10), rel=1e-12)
    assert plain.text == "mean difference 3.00 (95% interval 0.23 to 5.77)"


@given(freedom=st.integers(2, 2000))
def test_the_correction_is_the_ratio_of_gammas(freedom: int) -> None:
    """Hedges' factor as SciPy's gamma function gives it, below 1, near the usual 1 - 3/(4m - 1)."""
    exact = math.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2)) / math.sqrt(freedom / 2)
    assert hedges_correction(freedom) == pytest.approx(exact, rel=1e-9)
    assert hedges_correction(freedom) < 1
    if freedom > 5:
        assert hedges_correction(freedom) == pytest.approx(1 - 3 / (4 * freedom - 1), abs=0.002)


@given(first=scores(), second=scores(), factor=st.floats(0.1, 10))
def test_another_unit_changes_points_and_not_standard_deviations(first: Scores, second: Scores, factor: float) -> None:
    """Scores on a scale ten times as long: the difference is ten times as large, the standardized one is the same."""
    longer = [Scores(mean=factor * s.mean, sd=factor * s.sd, n=s.n) for s in (first, second)]
    for measure, times in ((MeanMeasure.DIFFERENCE, factor), (MeanMeasure.STANDARDIZED, 1.0)):
        one, other = compare_means(first, second, measure), compare_means(longer[0], longer[1], measure)
        assert other.estimate == pytest.approx(times * one.estimate, rel=1e-9, abs=1e-9)
        assert other.se == pytest.approx(times * one.se, rel=1e-9)


@given(first=scores(), second=scores())
def test_the_other_way_round_has_the_other_sign(first: Scores, second: Scores) -> None:
    """Swapping the groups swaps the sign and the ends, nothing else."""
    for measure in MeanMeasure:
        one, other = compare_means(first, second, measure), compare_means(second, first, measure)
        assert (other.estimate, other.low, other.high, other.se) == pytest.approx(
            (-one.estimate, -one.high, -one.low, one.se), rel=1e-9, abs=1e-9
        )


@given(first=scores(), second=scores())
def test_the_same_as_the_networks_count(first: Scores, second: Scores) -> None:
    """What is shown to somebody who adds a study is what its network will use."""
    for measure, scale in ((MeanMeasure.DIFFERENCE, Scale.MD), (MeanMeasure.STANDARDIZED, Scale.SMD)):
        shown = compare_means(first, second, measure)
        used = contrasts_of_arms(
            "x", ["b", "a"], scale, n=[second.n, first.n], means=[second.mean, first.mean], sds=[second.sd, first.sd]
        )
        assert used.effects[0] == pytest.approx(shown.estimate, rel=1e-9, abs=1e-12)
        assert np.sqrt(used.covariance[0, 0]) == pytest.approx(shown.se, rel=1e-9)


def test_the_standardized_difference_is_unbiased() -> None:
    """Over 40,000 small trials with a true difference of 0.8 the mean of g is 0.8, and its mean variance is that of g."""
    rng = np.random.default_rng(20261122)
    found = []
    for _ in range(40_000):
        one, two = rng.normal(0.8, 1, 6), rng.normal(0, 1, 5)
        groups = [Scores(mean=float(x.mean()), sd=float(x.std(ddof=1)), n=len(x)) for x in (one, two)]
        effect = compare_means(groups[0], groups[1], MeanMeasure.STANDARDIZED)
        found.append((effect.estimate, effect.se**2))
    estimates, variances = np.array(found).T
    assert estimates.mean() == pytest.approx(0.8, abs=4 * estimates.std() / 200)
    assert variances.mean() == pytest.approx(estimates.var(), rel=0.05)


@pytest.mark.parametrize(
    ("mean", "sd", "n"), [(1.0, 0.0, 5), (1.0, -1.0, 5), (1.0, 1.0, 1), (math.nan, 1.0, 5), (1.0, math.inf, 5)]
)
def test_a_group_that_cannot_be_is_refused(mean: float, sd: float, n: int) -> None:
    """No spread, nobody, no number: refused with what would mend it."""
    with pytest.raises(ValueError, match="Mend:"):
        Scores(mean=mean, sd=sd, n=n)


def test_too_few_to_standardize() -> None:
    """Four people in all have no standardized difference with a variance, and a level is between 0 and 1."""
    pair = Scores(mean=1, sd=1, n=2), Scores(mean=0, sd=1, n=2)
    with pytest.raises(ValueError, match="too few"):
        compare_means(*pair, MeanMeasure.STANDARDIZED)
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare_means(*pair, MeanMeasure.DIFFERENCE, level=95)
    with pytest.raises(ValueError, match="degrees of freedom"):
        hedges_correction(1)
