"""A fitted network: against least squares written out, what is refused, and what must not depend on how a study is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from inconcert.evidence.synthesis.data.types import NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import NotEstimableError, contrast_rows, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from support.networks import SHAPES, drawn_design, drawn_network, network, study, two_arms

CHAIN = network(
    two_arms("ab", "a", "b", 0.4, 0.02),
    two_arms("ab too", "a", "b", 0.8, 0.06),
    two_arms("bc", "b", "c", 0.3, 0.05),
    two_arms("ac", "a", "c", 1.5, 0.05),
)


def rebased(one: StudyContrasts, order: list[int]) -> StudyContrasts:
    """The same study with its arms in another order."""
    k = len(one.treatments)
    effects, spread = np.concatenate([[0.0], one.effects]), np.zeros((k, k))
    spread[1:, 1:] = one.covariance
    step = np.eye(k)[order[1:]] - np.eye(k)[order[0]]
    return replace(
        one,
        treatments=tuple(one.treatments[place] for place in order),
        effects=step @ effects,
        covariance=step @ spread @ step.T,
    )


@pytest.mark.parametrize("method", [*TauMethod, 0.25])
def test_the_order_of_arms_and_studies_changes_nothing(method: TauMethod | float) -> None:
    """Whichever arm a study's contrasts are against, and in whatever order studies stand, everything is the same."""
    rng = np.random.default_rng(1)
    for turn in range(12):
        data = drawn_network(rng, SHAPES[turn % 4])
        design = drawn_design(rng, data)
        turned = [rebased(one, rng.permutation(len(one.treatments)).tolist()) for one in data.studies]
        other = network(*(turned[place] for place in rng.permutation(len(turned))))
        one, two = fit(data, design, tau=method), fit(other, design, tau=method)
        assert two.q_model.value == pytest.approx(one.q_model.value, abs=1e-8)
        assert two.q_total.value == pytest.approx(one.q_total.value, abs=1e-8)
        if one.tau2 is None:
            assert two.tau2 is None
            continue
        assert two.tau2 == pytest.approx(one.tau2, abs=1e-7)
        for left, right in zip(one.random.league(), two.random.league(), strict=True):
            np.testing.assert_allclose(left, right, atol=1e-6)


def test_the_additive_model_needs_no_more_than_the_standard_one() -> None:
    """Q of the component model is never less than that of whole treatments, and the test of additivity is their difference."""
    rng = np.random.default_rng(2)
    for turn in range(40):
        data = drawn_network(rng, SHAPES[turn % 4])
        found = fit(data, component_design(data.treatments, inactive="O" if "O" in data.treatments else None))
        assert found.q_model.value >= found.q_total.value - 1e-9
        assert found.q_difference.df == found.q_model.df - found.q_total.df >= 0
        if found.q_difference.df:
            assert found.q_difference.value == pytest.approx(found.q_model.value - found.q_total.value, abs=1e-9)
            assert found.q_difference.p == pytest.approx(stats.chi2.sf(found.q_difference.value, found.q_difference.df))
        else:
            assert found.q_difference == (0.0, 0, None)


def test_intervals_and_p_values() -> None:
    """Normal: estimate and 1.96 standard errors; another level, another width; p of the ratio."""
    found = fit(CHAIN, standard_design(CHAIN.treatments)).random.compare("c", "a")
    assert found.upper - found.estimate == pytest.approx(stats.norm.ppf(0.975) * found.se)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.estimate / found.se)))
    wider = fit(CHAIN, standard_design(CHAIN.treatments), level=0.99).random.compare("c", "a")
    assert wider.upper - wider.estimate == pytest.approx(stats.norm.ppf(0.995) * found.se)


def test_hartung_and_knapp_and_never_narrower() -> None:
    """The variance times Q(tau2) / df with t; with `never_narrower` the factor is at least one; common effects stay."""
    design = standard_design(CHAIN.treatments)
    plain = fit(CHAIN, design, tau=0.5)
    scaled = fit(CHAIN, design, tau=0.5, hartung_knapp=True)
    y, x, w = plain.rows.effects, plain.columns, 1 / (plain.rows.variances + 0.25)
    beta = np.linalg.solve(x.T @ (x * w[:, None]), x.T @ (w * y))
    factor = float(np.sum(w * (y - x @ beta) ** 2)) / 2
    assert factor < 1
    one, two = plain.random.compare("c", "a"), scaled.random.compare("c", "a")
    assert two.se == pytest.approx(one.se * factor**0.5)
    assert two.upper - two.estimate == pytest.approx(stats.t.ppf(0.975, 2) * two.se)
    assert fit(CHAIN, design, tau=0.5, hartung_knapp=True, never_narrower=True).random.compare(
        "c", "a"
    ).se == pytest.approx(one.se)
    assert scaled.common.compare("c", "a") == plain.common.compare("c", "a")


def test_the_interval_for_a_new_study() -> None:
    """T with the degrees of freedom of Q, and tau2 beside the squared error; none without one."""
    found = fit(CHAIN, standard_design(CHAIN.treatments), tau=0.3)
    row = contrast_rows(found.design, [("c", "a")])[0]
    one = found.random.contrast(row)
    half = stats.t.ppf(0.975, 2) * (0.09 + one.se**2) ** 0.5
    assert found.prediction(row) == pytest.approx((one.estimate - half, one.estimate + half))
    few = network(*CHAIN.studies[2:])
    assert fit(few, standard_design(few.treatments)).prediction(row) is None


def test_no_degree_of_freedom_is_said() -> None:
    """One study: no tau2, no Q, random effects equal to common ones, and a note that they are too sure."""
    data = network(study("abc", ("a", "b", "c"), np.random.default_rng(1)))
    found = fit(data, standard_design(data.treatments), hartung_knapp=True)
    assert found.tau2 is None
    assert found.i2 is None
    assert found.q_model == (0.0, 0, None)
    assert found.random.compare("b", "a") == found.common.compare("b", "a")
    assert any("too sure" in note for note in found.notes)
    assert any("Hartung and Knapp" in note for note in found.notes)


def test_what_is_the_same_by_definition() -> None:
    """A treatment against itself, or against another of the same parts, is zero without error and without p."""
    data = network(two_arms("1", "O", "A+B", 0.4), two_arms("2", "O", "B+A", 0.6))
    found = fit(data, component_design(data.treatments, inactive="O")).random.compare("A+B", "B+A")
    assert found == (0.0, 0.0, 0.0, 0.0, None)


def test_what_cannot_be_given_is_refused_every_way() -> None:
    """Across a gap: compare and contrast raise, lists hold None, tables NaN; the reverse is refused as well."""
    data = network(two_arms("1", "a", "b", 0.4), two_arms("2", "c", "d", 0.6))
    found = fit(data, standard_design(data.treatments))
    row = contrast_rows(found.design, [("a", "c")])
    for effects in (found.common, found.random):
        with pytest.raises(NotEstimableError):
            effects.compare("c", "a")
        with pytest.raises(NotEstimableError):
            effects.contrast(row[0])
        assert effects.contrasts(row) == [None]
        can, values, errors = effects.arrays(row)
        assert not can[0]
        assert np.isnan(values[0])
        assert np.isnan(errors[0])
    with pytest.raises(NotEstimableError):
        found.prediction(row[0])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"level": 1.0}, "an interval of 1.0"),
        ({"tau": -0.1}, "tau of -0.1"),
        ({"tau": float("nan")}, "tau of nan"),
        ({"tau": 1e160}, "tau of 1e.160"),
        ({"level": 1 - 1e-16}, "has no meaning"),
    ],
)
def test_wishes_without_meaning(more: dict[str, float], words: str) -> None:
    """A level or a tau that cannot be is refused."""
    with pytest.raises(NetworkError, match=words):
        fit(CHAIN, standard_design(CHAIN.treatments), **more)


def test_nothing_to_fit() -> None:
    """A network without studies is refused."""
    with pytest.raises(NetworkError, match="no study is left to fit"):
        fit(network(), standard_design(["a", "b"]))


def test_shared_rows_give_the_same_fit() -> None:
    """Rows made for one model serve the next one of the same treatments."""
    one = fit(CHAIN, standard_design(CHAIN.treatments))
    two = fit(CHAIN, component_design(CHAIN.treatments, inactive="a"), rows=one.rows)
    assert two.rows is one.rows
    assert two.random.compare("b", "a") == fit(CHAIN, component_design(CHAIN.treatments, inactive="a")).random.compare(
        "b", "a"
    )
