"""The exact posterior: against dense matrices and SciPy's integral, and what must always hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from inconcert.evidence.synthesis.data.types import Network, NetworkError, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.design import Design, component_design, standard_design
from inconcert.evidence.synthesis.models.fit import NotEstimableError, fit
from inconcert.evidence.synthesis.models.posterior import Source
from inconcert.evidence.synthesis.models.priors import (
    HalfCauchy,
    HalfNormal,
    InverseGamma,
    Known,
    LogNormal,
    Prior,
    Uniform,
)
from support.brute_bayes import brute, contrast_below, half_normal, tau_below
from support.networks import SHAPES, drawn_design, drawn_network, network, study, two_arms

CLOSE = {"rtol": 0, "atol": 1e-9}


def factorial() -> tuple[Network, Design]:
    """Ketamine, TMS and both, with a study of four arms and one of three; connected, the interaction can be estimated."""
    rng = np.random.default_rng(7)
    drawn = network(
        study("four", ("none", "ket", "tms", "ket+tms"), rng),
        study("three", ("tms", "none", "ket"), rng),
        *(two_arms(f"k{i}", "none", "ket", float(e), 0.15) for i, e in enumerate((0.9, 0.4, 1.6))),
        two_arms("t1", "none", "tms", 0.5, 0.2),
        two_arms("b1", "tms", "ket+tms", 0.3, 0.25),
    )
    return drawn, component_design(drawn.treatments, inactive="none", interactions=("ket*tms",))


def disconnected() -> tuple[Network, Design]:
    """Two parts without a link: TMS against sham, ketamine + TMS against TMS; `sham` is another control than `none`."""
    drawn = network(
        two_arms("k1", "none", "ket", 0.9, 0.15),
        two_arms("k2", "none", "ket", 0.2, 0.1),
        two_arms("t1", "sham", "tms", 0.6, 0.2),
        two_arms("t2", "sham", "tms", -0.1, 0.12),
        two_arms("b1", "tms", "ket+tms", 0.3, 0.25),
    )
    return drawn, component_design(drawn.treatments, inactive="none", interactions=("ket*tms",))


CASES = {"connected": factorial, "disconnected": disconnected}


@pytest.mark.parametrize("case", CASES)
def test_moments_are_those_of_dense_matrices(case: str) -> None:
    """Means, covariances, tau and the log marginal likelihood are those of dense matrices under SciPy's integral."""
    drawn, design = CASES[case]()
    found, slow = fit_exact(drawn, design), brute(drawn, design, half_normal(0.5))
    np.testing.assert_allclose(found.moments.mean, slow.mean, **CLOSE)
    np.testing.assert_allclose(found.moments.covariance, slow.covariance, **CLOSE)
    np.testing.assert_allclose(
        (found.log_marginal_likelihood, found.tau.mean, found.tau.sd),
        (slow.log_marginal, slow.tau_mean, slow.tau_sd),
        **CLOSE,
    )
    assert found.quadrature_error < 1e-10
    for probability, value in found.tau.quantiles.items():
        assert tau_below(slow, value) == pytest.approx(probability, abs=1e-9)


# Computed once with tests/support/brute_bayes.py: means, SDs, log marginal likelihood, mean and SD of tau.
FROZEN = {
    "connected": (
        (0.9604235413951543, 0.15683746714752328, -0.9619768389090644),
        (0.2719603037596107, 0.3583440533132976, 0.5730457814594228),
        (-17.54252210202056, 0.2940153784072706, 0.20302755728361085),
    ),
    "disconnected": (
        (0.5086219660851193, -0.09797714622435989, 0.09797714622435989, -0.20766988213157495),
        (0.39535191300816025, 7.074124349471895, 7.074124349471895, 0.7701145982431091),
        (-12.307178091882472, 0.35593896874764047, 0.2544359938051052),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_frozen_numbers(case: str) -> None:
    """Numbers computed once by the slow way, so that neither way can drift together with the other."""
    drawn, design = CASES[case]()
    found = fit_exact(drawn, design)
    means, sds, rest = FROZEN[case]
    np.testing.assert_allclose(found.moments.mean, means, **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(found.moments.covariance)), sds, **CLOSE)
    assert (found.log_marginal_likelihood, found.tau.mean, found.tau.sd) == pytest.approx(rest, abs=1e-9)


@pytest.mark.parametrize(
    ("prior", "slow_prior", "upper"),
    [
        (HalfCauchy(0.3), stats.halfcauchy(scale=0.3).logpdf, math.inf),
        (Uniform(1.2), stats.uniform(0, 1.2).logpdf, 1.2),
        (LogNormal(-2.5, 1.4), lambda t: stats.norm(-2.5, 1.4).logpdf(2 * math.log(t)) + math.log(2 / t), math.inf),
        (InverseGamma(1.5, 0.1), lambda t: stats.invgamma(1.5, scale=0.1).logpdf(t * t) + math.log(2 * t), math.inf),
    ],
)
def test_every_prior_of_tau(prior: HalfCauchy, slow_prior: Callable[[float], float], upper: float) -> None:
    """Heavy, bounded, log-normal and inverse-gamma priors of tau give what SciPy's integral gives."""
    drawn, design = factorial()
    found = fit_exact(drawn, design, prior=Prior(tau=prior))
    slow = brute(drawn, design, lambda tau: float(slow_prior(tau)), upper=upper)
    np.testing.assert_allclose(found.moments.mean, slow.mean, **CLOSE)
    np.testing.assert_allclose(found.moments.covariance, slow.covariance, **CLOSE)
    assert found.log_marginal_likelihood == pytest.approx(slow.log_marginal, abs=1e-9)
    assert found.tau.mean == pytest.approx(slow.tau_mean, abs=1e-9)
    assert prior.in_words() in found.statement


def test_quantiles_and_probabilities_are_exact() -> None:
    """The interval, any quantile, Pr(below) and the prediction of a contrast are those of the integral over tau."""
    drawn, design = factorial()
    found, slow = fit_exact(drawn, design), brute(drawn, design, half_normal(0.5))
    row = design.row_of("ket+tms") - design.row_of("tms")
    belief = found.compare("ket+tms", "tms")
    c = row.astype(float)
    for value, share in ((belief.lower, 0.025), (belief.upper, 0.975), (found.quantile(row, 0.5), 0.5)):
        assert contrast_below(slow, c, value) == pytest.approx(share, abs=1e-9)
    assert belief.below_zero == pytest.approx(contrast_below(slow, c, 0.0), abs=1e-9)
    assert found.probability_above(row, 0.2) == pytest.approx(1 - contrast_below(slow, c, 0.2), abs=1e-9)
    assert found.probability_below(row, 0.2) + found.probability_above(row, 0.2) == pytest.approx(1, abs=1e-13)
    new = found.prediction(row)
    assert contrast_below(slow, c, new.lower, new_study=True) == pytest.approx(0.025, abs=1e-9)
    assert contrast_below(slow, c, new.upper, new_study=True) == pytest.approx(0.975, abs=1e-9)
    assert new.sd == pytest.approx(math.sqrt(belief.sd**2 + found.tau.sd**2 + found.tau.mean**2), abs=1e-12)


def test_a_preset_tau_and_wide_priors_are_least_squares() -> None:
    """With tau preset and priors far wider than the data, means and SDs are those of generalized least squares."""
    drawn, design = factorial()
    found = fit_exact(drawn, design, prior=Prior(sd=1e5, tau=Known(0.3)))
    plain = fit(drawn, design, tau=0.3)
    for name, belief in found.parameters.items():
        estimate = plain.random.parameters[name]
        assert belief is not None
        assert estimate is not None
        assert (belief.mean, belief.sd) == pytest.approx((estimate.estimate, estimate.se), abs=1e-8)
    assert found.tau.quantiles[0.5] == 0.3
    assert found.quadrature_error == 0.0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), shape=st.sampled_from(SHAPES))
def test_only_what_the_data_give_is_called_a_finding(seed: int, shape: str) -> None:
    """A contrast is a finding if and only if a prior a hundred times wider leaves its SD where it was; else it is refused."""
    rng = np.random.default_rng(seed)
    drawn = drawn_network(rng, shape)
    design = drawn_design(rng, drawn)
    rows = np.vstack([np.eye(len(design.columns), dtype=np.int64), rng.integers(-1, 2, (4, len(design.columns)))])
    rows = rows[np.any(rows != 0, axis=1)]
    tight = fit_exact(drawn, design, prior=Prior(sd=30.0, tau=Known(0.1)))
    loose = fit_exact(drawn, design, prior=Prior(sd=3000.0, tau=Known(0.1)))
    grew = loose.marginals(rows).sd / tight.marginals(rows).sd
    for row, factor, belief, source, driven in zip(
        rows, grew, tight.contrasts(rows), tight.sources(rows), tight.prior_driven_rows(rows), strict=True
    ):
        assert (belief is None) == (factor > 10)
        assert (driven is None) == (belief is not None)
        if driven is not None:
            with pytest.raises(NotEstimableError):
                tight.contrast(row)
            unchanged = math.isclose(driven.posterior_sd, driven.prior_sd, rel_tol=1e-9)
            assert (source is Source.PRIOR_ONLY) == unchanged
            assert (source is Source.PARTLY_PRIOR) == (not unchanged)


def test_the_disconnected_network_keeps_the_prior_apart() -> None:
    """TMS and sham come from the prior in part: no finding, no league entry. What TMS adds to ketamine is none either, and the interaction is one."""
    drawn, design = disconnected()
    found = fit_exact(drawn, design)
    assert {name for name, belief in found.parameters.items() if belief is not None} == {"ket", "ket*tms"}
    assert set(found.prior_driven) == {"sham", "tms"}
    assert found.prior_driven["tms"].source is Source.PARTLY_PRIOR  # the prior ties tms to sham
    level = np.array([[0, 1, 1, 0]])  # sham + tms together: columns are ket, sham, tms, ket*tms
    assert design.columns == ("ket", "sham", "tms", "ket*tms")
    assert found.sources(level) == [Source.PRIOR_ONLY]
    driven = found.prior_driven_rows(level)[0]
    assert driven is not None
    assert driven.posterior_sd == pytest.approx(math.sqrt(200), abs=1e-9)
    assert found.compare("ket+tms", "tms").mean == pytest.approx(0.3, abs=0.01)
    with pytest.raises(NotEstimableError):
        found.compare("ket+tms", "ket")
    can, mean, sd = found.league()
    place = design.place
    assert not can[place["ket+tms"], place["ket"]]
    assert math.isnan(mean[place["ket+tms"], place["ket"]])
    assert math.isnan(sd[place["ket+tms"], place["ket"]])
    assert can[place["tms"], place["sham"]]


def test_movement_from_prior_to_posterior() -> None:
    """An SD ratio of 1 and no divergence where nothing was learned; both as SciPy gives them where something was."""
    drawn = network(two_arms("a", "none", "ket", 0.9, 0.15), two_arms("b", "sham", "sham+tms", 0.2, 0.2))
    design = component_design(drawn.treatments, inactive="none")
    moved = fit_exact(drawn, design).movement
    assert moved["sham"].sd_ratio == pytest.approx(1, abs=1e-12)
    assert moved["sham"].kl == pytest.approx(0, abs=1e-9)
    assert moved["sham"].source is Source.PRIOR_ONLY
    fixed = fit_exact(drawn, design, prior=Prior(of={"ket": (0.5, 2.0)}, tau=Known(0.2))).movement["ket"]
    precision = 1 / (0.15 + 0.04) + 1 / 4
    mean, sd = (0.9 / 0.19 + 0.5 / 4) / precision, precision**-0.5
    assert fixed.sd_ratio == pytest.approx(sd / 2, abs=1e-12)
    divergence = math.log(2 / sd) + (sd**2 + (mean - 0.5) ** 2) / 8 - 0.5
    assert fixed.kl == pytest.approx(divergence, abs=1e-10)


def test_a_prior_for_each_column() -> None:
    """Columns may have means and SDs of their own; the result is that of dense matrices with the same priors."""
    drawn, design = factorial()
    prior = Prior(interaction_sd=0.5, of={"tms": (0.3, 0.2)}, tau=HalfNormal(0.4))
    found = fit_exact(drawn, design, prior=prior)
    slow = brute(drawn, design, half_normal(0.4), means=np.array([0, 0.3, 0.0]), sds=np.array([10.0, 0.2, 0.5]))
    np.testing.assert_allclose(found.moments.mean, slow.mean, **CLOSE)
    np.testing.assert_allclose(found.moments.covariance, slow.covariance, **CLOSE)
    assert found.log_marginal_likelihood == pytest.approx(slow.log_marginal, abs=1e-9)
    assert "tms: independent normal with mean 0.3 and SD 0.2" in found.statement
    assert "ket*tms: independent normal with mean 0 and SD 0.5" in found.statement


def test_the_order_of_arms_changes_nothing() -> None:
    """A study of four arms told from another first arm gives the same posterior and the same evidence."""
    drawn, design = factorial()
    turned = []
    for one in drawn.studies:
        back = list(range(len(one.treatments)))[::-1]
        change = np.array(
            [[float(k == a - 1) - float(k == back[0] - 1) for k in range(len(back) - 1)] for a in back[1:]]
        )
        turned.append(
            replace(
                one,
                treatments=tuple(one.treatments[a] for a in back),
                effects=change @ one.effects,
                covariance=change @ one.covariance @ change.T,
            )
        )
    first, second = fit_exact(drawn, design), fit_exact(network(*turned), design)
    np.testing.assert_allclose(first.moments.mean, second.moments.mean, **CLOSE)
    np.testing.assert_allclose(first.moments.covariance, second.moments.covariance, **CLOSE)
    assert first.log_marginal_likelihood == pytest.approx(second.log_marginal_likelihood, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.sampled_from(SHAPES),
    unit=st.sampled_from([1e-5, 1e-2, 3.0, 1e3, 1e6]),
    heavy=st.booleans(),
)
def test_units_change_nothing(seed: int, shape: str, unit: float, heavy: bool) -> None:
    """Effects, standard errors and priors in another unit give the same posterior in that unit, and the evidence of that unit."""
    rng = np.random.default_rng(seed)
    drawn = drawn_network(rng, shape)
    design = drawn_design(rng, drawn)
    other = network(
        *(replace(one, effects=unit * one.effects, covariance=unit**2 * one.covariance) for one in drawn.studies)
    )
    kind = HalfCauchy if heavy else HalfNormal
    first = fit_exact(drawn, design, prior=Prior(sd=3.0, tau=kind(0.4)))
    second = fit_exact(other, design, prior=Prior(sd=3.0 * unit, tau=kind(0.4 * unit)))
    np.testing.assert_allclose(second.moments.mean, unit * first.moments.mean, rtol=1e-9, atol=1e-10 * unit)
    np.testing.assert_allclose(
        np.diag(second.moments.covariance), unit**2 * np.diag(first.moments.covariance), rtol=1e-9, atol=0
    )
    shift = len(first.contrasts_seen) * math.log(unit)
    assert second.log_marginal_likelihood + shift == pytest.approx(first.log_marginal_likelihood, abs=1e-8)
    for probability, value in first.tau.quantiles.items():
        assert second.tau.quantiles[probability] == pytest.approx(unit * value, rel=1e-8)
    assert max(first.quadrature_error, second.quadrature_error) < 1e-9


def test_a_heavy_prior_and_one_contrast_leave_no_moment() -> None:
    """One contrast under a half-Cauchy prior: tau has a mean and no SD, and the quantiles stand."""
    drawn = network(two_arms("a", "none", "ket", 0.9, 0.15))
    found = fit_exact(drawn, component_design(drawn.treatments, inactive="none"), prior=Prior(tau=HalfCauchy(0.5)))
    assert math.isfinite(found.tau.mean)
    assert math.isinf(found.tau.sd)

    def density(tau: float) -> float:
        return float(stats.norm(0, math.sqrt(100 + 0.15 + tau**2)).pdf(0.9) * stats.halfcauchy(scale=0.5).pdf(tau))

    whole, half = (integrate.quad(density, 0, at, epsabs=1e-13)[0] for at in (math.inf, found.tau.quantiles[0.5]))
    assert half / whole == pytest.approx(0.5, abs=1e-9)
    assert found.log_marginal_likelihood == pytest.approx(math.log(whole), abs=1e-9)


def test_moments_that_no_sum_reaches() -> None:
    """Under an inverse-gamma prior that hardly falls, two contrasts leave tau quantiles and no SD, and nothing overflows."""
    drawn = network(two_arms("a", "none", "ket", 0.9, 0.15), two_arms("b", "none", "ket", 0.2, 0.1))
    design = component_design(drawn.treatments, inactive="none")
    found = fit_exact(drawn, design, prior=Prior(tau=InverseGamma(0.001, 0.001)))
    assert math.isfinite(found.tau.mean)
    assert math.isinf(found.tau.sd)
    assert 0 < found.tau.quantiles[0.025] < found.tau.quantiles[0.975] < 10
    assert found.quadrature_error < 1e-9


def test_whole_treatments_can_be_asked_for_too() -> None:
    """In the standard model contrasts between linked treatments are findings, and no treatment alone is."""
    drawn, _ = factorial()
    found = fit_exact(drawn, standard_design(drawn.treatments))
    assert set(found.prior_driven) == set(drawn.treatments)
    assert found.league()[0].all()
    same = found.compare("ket", "ket")
    assert (same.mean, same.sd) == (0.0, 0.0)


def test_what_cannot_be_asked() -> None:
    """No study, an unknown column, an SD of zero, a bad level and bad priors of tau are refused in words."""
    drawn, design = factorial()
    with pytest.raises(NetworkError, match="no study is left"):
        fit_exact(Network(scale=Scale.OR, studies=()), design)
    with pytest.raises(NetworkError, match="'dose', which this model does not have"):
        fit_exact(drawn, design, prior=Prior(of={"dose": (0.0, 1.0)}))
    with pytest.raises(NetworkError, match="SD above 0"):
        fit_exact(drawn, design, prior=Prior(sd=0.0))
    with pytest.raises(NetworkError, match="between 0 and 1"):
        fit_exact(drawn, design, level=95)
    for bad in (
        lambda: HalfNormal(0.0),
        lambda: HalfCauchy(math.nan),
        lambda: Uniform(-1),
        lambda: LogNormal(math.inf, 1),
        lambda: InverseGamma(1, 0),
        lambda: Known(-0.1),
    ):
        with pytest.raises(NetworkError, match="has no meaning"):
            bad()


def test_points_need_priors_in_points() -> None:
    """On mean differences the default priors carry a note, and stated ones do not."""
    points = Network(
        scale=Scale.MD,
        studies=(
            StudyContrasts(
                study="a", treatments=("none", "ket"), effects=np.array([-6.0]), covariance=np.array([[4.0]])
            ),
        ),
    )
    design = component_design(points.treatments, inactive="none")
    assert "state priors in its own units" in " ".join(fit_exact(points, design).notes)
    assert not fit_exact(points, design, prior=Prior(sd=100, tau=HalfNormal(5))).notes
