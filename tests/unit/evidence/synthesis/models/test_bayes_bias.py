"""Studies that were not randomized: weights and biases against dense matrices, and the road from none of them to all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_bias import FACE_VALUE, RANDOMIZED_ONLY, NonRandomized
from inconcert.evidence.synthesis.models.bayes_curve import mixture_curve
from inconcert.evidence.synthesis.models.design import Design, component_design
from inconcert.evidence.synthesis.models.posterior import Posterior, Source
from inconcert.evidence.synthesis.models.priors import Known, Prior
from support.brute_bayes import BruteResult, brute, half_normal
from support.networks import network, study, two_arms

CLOSE = {"rtol": 0, "atol": 1e-8}


def pair() -> tuple[Network, Design]:
    """The parts in randomized studies; the pair in one of three arms and one of two, neither randomized."""
    rng = np.random.default_rng(3)
    found = network(
        two_arms("k1", "none", "ket", 0.9, 0.15),
        two_arms("k2", "none", "ket", 0.3, 0.1),
        two_arms("t1", "none", "tms", 0.5, 0.12),
        study("cohort3", ("tms", "ket+tms", "none"), rng, randomized=False),
        two_arms("cohort2", "tms", "ket+tms", 0.4, 0.08, randomized=False),
    )
    return found, component_design(found.treatments, inactive="none", interactions=("ket*tms",))


DIRECTION = np.array([0, 0, 0, 0.5, -0.5, 1.0])  # cohort3: tms holds 1, the pair 2, none 0; cohort2: the pair over tms


def same(found: Posterior, slow: BruteResult) -> None:
    """Both posteriors agree."""
    np.testing.assert_allclose(found.moments.mean, slow.mean, **CLOSE)
    np.testing.assert_allclose(found.moments.covariance, slow.covariance, **CLOSE)
    assert found.log_marginal_likelihood == pytest.approx(slow.log_marginal, abs=1e-8)


def test_independent_biases_are_added_covariance() -> None:
    """A bias of its own for each study, with a mean, is what dense matrices with that covariance give, also for three arms."""
    found, design = pair()
    how = NonRandomized(weight=0.5, bias_mean=0.2, bias_sd=0.4)
    halved = network(*(one if one.randomized else replace(one, weight=0.5) for one in found.studies))
    slow = brute(halved, design, half_normal(0.5), independent_sd=0.4, moved=0.2 * DIRECTION)
    same(fit_exact(found, design, nonrandomized=how), slow)


def test_a_shared_bias_ties_studies_together() -> None:
    """One bias for all is an outer product in the covariance; it is not the same as biases of their own."""
    found, design = pair()
    shared = fit_exact(found, design, nonrandomized=NonRandomized(bias_mean=0.2, bias_sd=0.4, shared=True))
    same(shared, brute(found, design, half_normal(0.5), shared=(DIRECTION, 0.2, 0.4)))
    alone = fit_exact(found, design, nonrandomized=NonRandomized(bias_mean=0.2, bias_sd=0.4))
    assert abs(alone.moments.mean[2] - shared.moments.mean[2]) > 1e-3
    assert shared.means.shape[1] == len(design.columns)


@pytest.mark.parametrize("shared", [True, False])
def test_no_arm_is_special(shared: bool) -> None:
    """Told from another first arm, the three-arm study with its bias gives the same posterior."""
    found, design = pair()
    one = found.studies[3]
    change = np.array([[-1.0, 0.0], [-1.0, 1.0]])  # from tms to ket+tms as the first arm
    turned = replace(
        one,
        treatments=("ket+tms", "tms", "none"),
        effects=change @ one.effects,
        covariance=change @ one.covariance @ change.T,
    )
    other = network(*found.studies[:3], turned, found.studies[4])
    how = NonRandomized(weight=0.7, bias_mean=0.3, bias_sd=0.5, shared=shared)
    first, second = fit_exact(found, design, nonrandomized=how), fit_exact(other, design, nonrandomized=how)
    np.testing.assert_allclose(first.moments.mean, second.moments.mean, **CLOSE)
    np.testing.assert_allclose(first.moments.covariance, second.moments.covariance, **CLOSE)


def test_arms_that_hold_equally_much_are_not_taken_at_face_value() -> None:
    """A shared bias has no direction between two single treatments: its spread enters as independent, and a note says so."""
    found = network(two_arms("a", "none", "ket", 0.5), two_arms("b", "ket", "tms", 0.2, randomized=False))
    design = component_design(found.treatments, inactive="none")
    how = NonRandomized(bias_sd=0.4, bias_mean=0.1, shared=True)
    shared = fit_exact(found, design, nonrandomized=how)
    same(shared, brute(found, design, half_normal(0.5), independent_sd=0.4))
    assert "equally much" in " ".join(shared.notes)
    told = replace(how, held={"none": 0, "ket": 1, "tms": 2})
    same(
        fit_exact(found, design, nonrandomized=told),
        brute(found, design, half_normal(0.5), shared=(np.array([0.0, 1.0]), 0.1, 0.4)),
    )


def test_randomized_only_and_face_value() -> None:
    """Weight 0 is the network without them, and face value is the network as it stands; sources tell them apart."""
    found, design = pair()
    alone = fit_exact(found, design, nonrandomized=RANDOMIZED_ONLY)
    without = fit_exact(network(*found.studies[:3]), design)
    assert alone.log_marginal_likelihood == without.log_marginal_likelihood
    assert alone.parameters["ket*tms"] is None
    assert alone.sources(np.eye(3, dtype=np.int64)) == [Source.DATA, Source.DATA, Source.PRIOR_ONLY]
    everything, plain = fit_exact(found, design, nonrandomized=FACE_VALUE), fit_exact(found, design)
    assert everything.log_marginal_likelihood == plain.log_marginal_likelihood
    belief = everything.parameters["ket*tms"]
    assert belief is not None
    assert belief.source is Source.NOT_RANDOMIZED
    assert "not randomized count in full, without a bias" in plain.statement


def test_the_road_from_none_to_all() -> None:
    """Along the weights the interaction is first not given at all, then ever surer; a wider bias makes it less sure.

    tau is preset here: studies that contradict each other raise it, and more of them may then make everything less sure.
    """
    found, design = pair()
    prior = Prior(interaction_sd=1.0, tau=Known(0.1))
    curve = mixture_curve(found, design, "ket*tms", prior=prior, weights=(0, 0.01, 0.3, 1), bias_sds=(0.0, 0.5))
    nothing = curve.randomized_only
    assert nothing is not None
    assert nothing.belief is None
    assert nothing.sd_ratio is None
    assert "only the prior" in str(nothing.why_not)
    assert len(curve.points) == 1 + 3 + 3
    sds = [point.belief.sd for point in curve.points if point.belief is not None]
    assert sds[:3] == sorted(sds[:3], reverse=True)
    assert all(biased > plain for plain, biased in zip(sds[:3], sds[3:], strict=True))
    assert curve.points[1].sd_ratio == pytest.approx(1, abs=0.1)
    for point in curve.points[1:]:
        assert point.belief is not None
        whole = fit_exact(found, design, prior=prior, nonrandomized=point.how)
        place = design.columns.index("ket*tms")
        row = np.eye(3, dtype=np.int64)[[place]]
        density = whole.marginals(row)
        savage = -math.log(density.density(0.0)[0] * math.sqrt(2 * math.pi))
        assert point.log_bayes_factor == pytest.approx(savage, abs=1e-9)
    assert "each weight of 0, 0.01, 0.3, 1" in curve.statement


def test_a_curve_of_a_contrast_that_is_no_interaction() -> None:
    """Any contrast has a curve; it has no Bayes factor, and says where no study is left."""
    found, design = pair()
    row = design.row_of("ket+tms") - design.row_of("tms")
    points = mixture_curve(found, design, row, weights=(0.5,)).points
    assert points[0].belief is not None
    assert points[0].log_bayes_factor is None
    observed = network(*(replace(one, randomized=False) for one in found.studies))
    assert "no randomized study" in str(mixture_curve(observed, design, row, weights=(0,)).points[0].why_not)


def test_assumptions_are_said_in_words() -> None:
    """Every option has its words, and options that mean nothing are refused."""
    assert "left out" in RANDOMIZED_ONLY.in_words()
    said = NonRandomized(weight=0.25, bias_mean=-0.1, bias_sd=0.3, shared=True).in_words()
    for part in ("weight 0.25", "mean -0.1 and SD 0.3", "the same in all"):
        assert part in said
    assert "fixed bias of 0.2" in NonRandomized(bias_mean=0.2).in_words()
    with pytest.raises(NetworkError, match="0 \\(left out\\) to 1"):
        NonRandomized(weight=1.5)
    with pytest.raises(NetworkError, match="has no meaning"):
        NonRandomized(bias_sd=-1)
    found, design = pair()
    with pytest.raises(NetworkError, match="no column 'dose'"):
        mixture_curve(found, design, "dose")
    with pytest.raises(NetworkError, match="does not say how much"):
        fit_exact(found, design, nonrandomized=NonRandomized(bias_sd=0.1, held={"ket": 1}))


def test_weights_that_studies_bring_are_said() -> None:
    """A weight that a study brings with it multiplies with that of the option, and stands in the statement."""
    found, design = pair()
    lighter = network(*found.studies[:4], replace(found.studies[4], weight=0.4))
    both = fit_exact(lighter, design, nonrandomized=NonRandomized(weight=0.5))
    assert "cohort2 (0.4)" in both.statement
    halved = network(*found.studies[:3], replace(found.studies[3], weight=0.5), replace(found.studies[4], weight=0.2))
    np.testing.assert_allclose(both.moments.mean, fit_exact(halved, design).moments.mean, **CLOSE)
    assert "weight of their own" not in fit_exact(found, design).statement
