"""Two treatments: the trials of BCG, whose results are printed in many places, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.fit import QTest
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.intervals import i2_with_interval, tau2_interval
from inconcert.evidence.synthesis.models.pairwise import pairwise
from support.networks import bcg, network, study, two_arms


def test_the_trials_of_bcg() -> None:
    """REML as metafor prints it (recalled): -0.7145 (0.1798), tau2 0.3132 from 0.1197 to 1.1115, Q 152.2330 on 12."""
    found = pairwise(bcg(), "vaccine", "none", tau=TauMethod.REML)
    assert found.random.estimate == pytest.approx(-0.7145, abs=5e-5)
    assert found.random.se == pytest.approx(0.1798, abs=5e-5)
    assert found.model.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert found.model.q_model.value == pytest.approx(152.2330, abs=5e-5)
    assert found.model.q_model.df == 12
    assert found.tau2_ends == pytest.approx((0.1197, 1.1115), abs=5e-5)


def test_other_ways_to_estimate_tau2() -> None:
    """DerSimonian and Laird 0.3088, Paule and Mandel 0.3181, maximum likelihood 0.2800 (metafor, recalled)."""
    for method, wanted in ((TauMethod.DL, 0.3088), (TauMethod.PM, 0.3181), (TauMethod.ML, 0.2800)):
        assert pairwise(bcg(), "vaccine", "none", tau=method).model.tau2 == pytest.approx(wanted, abs=5e-5)


def test_hartung_and_knapp_by_their_formula() -> None:
    """Their variance is the weighted mean square about the mean over k - 1, and the interval that of t with k - 1 degrees."""
    plain = pairwise(bcg(), "vaccine", "none", tau=TauMethod.REML)
    found = pairwise(bcg(), "vaccine", "none", tau=TauMethod.REML, hartung_knapp=True)
    y = np.array([one.effects[0] for one in bcg().studies])
    w = 1 / (np.array([one.covariance[0, 0] for one in bcg().studies]) + (plain.model.tau2 or 0.0))
    variance = np.sum(w * (y - plain.random.estimate) ** 2) / 12 / w.sum()
    half = stats.t.ppf(0.975, 12) * variance**0.5
    assert found.random.se == pytest.approx(variance**0.5)
    assert (found.random.lower, found.random.upper) == pytest.approx(
        (plain.random.estimate - half, plain.random.estimate + half)
    )


def test_the_interval_for_a_new_study() -> None:
    """Value and t with k - 1 degrees times the root of tau2 + se^2; none with one study."""
    found = pairwise(bcg(), "vaccine", "none")
    half = stats.t.ppf(0.975, 12) * ((found.model.tau2 or 0.0) + found.random.se**2) ** 0.5
    assert found.prediction == pytest.approx((found.random.estimate - half, found.random.estimate + half))
    assert pairwise(network(two_arms("1", "a", "b", 0.1)), "b", "a").prediction is None


def test_the_profile_by_another_root_finder() -> None:
    """The ends of tau2 are where Q meets the quantiles of chi-squared, found by SciPy."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        data = network(*(study(f"{i}", ("a", "b"), rng) for i in range(int(rng.integers(2, 9)))))
        found = pairwise(data, "b", "a")
        y = np.array([one.effects[0] for one in data.studies])
        v = np.array([one.covariance[0, 0] for one in data.studies])

        def q(tau2: float, y: np.ndarray = y, v: np.ndarray = v) -> float:
            w = 1 / (v + tau2)
            return float(np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2))

        assert found.tau2_ends is not None
        for end, probability in zip(found.tau2_ends, (0.975, 0.025), strict=True):
            limit = stats.chi2.ppf(probability, len(y) - 1)
            wanted = 0.0 if q(0) <= limit else optimize.brentq(lambda t, limit=limit: q(t) - limit, 0, 1e5, xtol=1e-13)
            assert end == pytest.approx(wanted, rel=1e-8, abs=1e-9)


def test_i2_with_its_interval() -> None:
    """The worked case's network: Q 62.7386 on 48 degrees is 23.49 % (0 % to 46.66 %)."""
    found = i2_with_interval(QTest(62.7385908845588, 48, None))
    assert found == pytest.approx((0.234920655321672, 0.0, 0.466618068929328), abs=1e-9)
    few = i2_with_interval(QTest(5.0, 10, None))
    assert few is not None
    assert few[0] == 0.0
    assert few[2] is not None
    assert 0 < few[2] < 1


def test_i2_where_it_has_no_meaning() -> None:
    """No degree of freedom, no I2; one degree and a small Q, no interval."""
    assert i2_with_interval(QTest(0.0, 0, None)) is None
    assert i2_with_interval(QTest(1.5, 1, None)) == (pytest.approx(1 / 3), None, None)


def test_one_study_alone() -> None:
    """One study is its own answer: no tau2, no I2, no interval of either, all weight on it, and a note that says so."""
    found = pairwise(network(two_arms("only", "a", "b", 0.4, 0.09)), "b", "a")
    assert found.random[:2] == pytest.approx((0.4, 0.3))
    assert found.model.tau2 is None
    assert found.tau2_ends is None
    assert found.i2 is None
    assert found.weights[0].random == pytest.approx(1)
    assert any("no degree of freedom" in note for note in found.notes)
    assert tau2_interval(found.model) is None


def test_other_arms_are_left_aside_and_said() -> None:
    """Of a study of three arms only the two asked for enter, with their own variance."""
    three = study("abc", ("a", "b", "c"), np.random.default_rng(3))
    found = pairwise(network(three), "c", "b")
    assert found.random.estimate == pytest.approx(three.effects[1] - three.effects[0])
    spread = three.covariance
    assert found.common.se == pytest.approx((spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]) ** 0.5)
    assert "of abc only these two arms are used." in found.notes


def test_the_weight_of_a_study_counts_once() -> None:
    """A study that counts half has twice its variance, not four times."""
    found = pairwise(network(two_arms("1", "a", "b", 0.4, 0.09, weight=0.5)), "b", "a")
    assert found.common.se == pytest.approx(0.18**0.5)


@pytest.mark.parametrize("pair", [("a", "c"), ("a", "a")])
def test_what_nobody_compared(pair: tuple[str, str]) -> None:
    """Two treatments that no study compared, or one with itself, are refused."""
    data = network(two_arms("1", "a", "b", 0.1), two_arms("2", "b", "c", 0.1))
    with pytest.raises(NetworkError, match="no study compared"):
        pairwise(data, *pair)
