"""Bayes factors of interactions: two whole fits, the density ratio at zero, and what may not be ranked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, NetworkError, Scale
from inconcert.evidence.synthesis.models import bayes_rank
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_rank import PRIOR_SDS, rank_interactions, rank_sets
from inconcert.evidence.synthesis.models.design import Design, component_design, standard_design
from inconcert.evidence.synthesis.models.posterior import Source
from inconcert.evidence.synthesis.models.priors import HalfCauchy, Known, Prior
from support.networks import network, study, two_arms


def drawn() -> tuple[Network, Design]:
    """Four components, three pairs among the treatments; D is only ever given on top of C, and A*C never."""
    rng = np.random.default_rng(11)
    found = network(
        study("s1", ("O", "A", "B", "A+B"), rng),
        study("s2", ("O", "A+B"), rng),
        study("s3", ("A", "A+B", "B"), rng),
        study("s4", ("O", "B+C"), rng),
        study("s5", ("O", "C", "B"), rng),
        study("s6", ("C", "C+D"), rng),
        study("s7", ("O", "B+C"), rng),
    )
    return found, component_design(found.treatments, inactive="O")


@pytest.mark.parametrize("tau", [Prior().tau, HalfCauchy(0.2), Known(0.3)])
def test_a_factor_is_the_ratio_of_two_evidences(tau: HalfCauchy) -> None:
    """Each Bayes factor, mean and SD of the ranking is that of two whole fits, with and without the interaction."""
    found, design = drawn()
    ranked = rank_interactions(found, design, prior=Prior(tau=tau))
    without = fit_exact(found, design, prior=Prior(tau=tau)).log_marginal_likelihood
    assert ranked.log_marginal_likelihood == pytest.approx(without, abs=1e-10)
    assert ranked.quadrature_error < 1e-10
    assert {one.label for one in ranked.evidence} == {"A*B", "B*C"}
    for one in ranked.evidence:
        wide = component_design(found.treatments, inactive="O", interactions=(one.label,))
        assert [factor.prior_sd for factor in one.factors] == list(PRIOR_SDS)
        for factor in one.factors:
            whole = fit_exact(found, wide, prior=Prior(interaction_sd=factor.prior_sd, tau=tau))
            belief = whole.parameters[one.label]
            assert belief is not None
            assert factor.log_bayes_factor == pytest.approx(whole.log_marginal_likelihood - without, abs=1e-10)
            assert (factor.mean, factor.sd) == pytest.approx((belief.mean, belief.sd), abs=1e-10)


def test_the_density_ratio_at_zero() -> None:
    """Savage and Dickey: the factor against an interaction is its posterior density at zero over its prior density there."""
    found, design = drawn()
    ranked = rank_interactions(found, design)
    wide = component_design(found.treatments, inactive="O", interactions=("A*B",))
    for factor in ranked["A*B"].factors:
        whole = fit_exact(found, wide, prior=Prior(interaction_sd=factor.prior_sd))
        after = whole.marginals(np.array([[int(name == "A*B") for name in wide.columns]])).density(0.0)[0]
        before = 1 / (factor.prior_sd * math.sqrt(2 * math.pi))
        assert factor.log_bayes_factor == pytest.approx(-math.log(after / before), abs=1e-9)


def test_wider_priors_speak_against_an_interaction() -> None:
    """Under ever wider priors every factor falls without end (Lindley's paradox): the reason for the table."""
    found, design = drawn()
    one = rank_interactions(found, design, prior_sds=(1.0, 10.0, 100.0, 1000.0))["B*C"]
    heights = [factor.log_bayes_factor for factor in one.factors]
    assert heights == sorted(heights, reverse=True)
    assert heights[2] - heights[3] == pytest.approx(math.log(10), abs=0.05)


def test_what_the_data_cannot_give_is_not_ranked() -> None:
    """A pair that no treatment holds, and one that never varies apart from its parts, have no factor and say why."""
    found, design = drawn()
    ranked = rank_interactions(found, design)
    assert "no treatment of this network holds" in str(ranked["A*C"].why_not)
    assert "cannot tell it from" in str(ranked["C*D"].why_not)
    assert not ranked["C*D"].factors
    assert {"A*C", "A*D", "B*D", "C*D"} == {one.label for one in ranked.unidentifiable}
    for models in ranked.models.values():
        assert sum(one.posterior for one in models) == pytest.approx(1, abs=1e-12)
        assert [one.prior for one in models] == [0.5, 0.25, 0.25]
    with pytest.raises(NetworkError, match=r"use one of: no treatment"):
        ranked["A*C"].at(1.0)
    with pytest.raises(NetworkError, match="was not looked at"):
        ranked["A*Z"]


def test_two_names_for_one_column_are_one_model() -> None:
    """Two pairs that the studies cannot tell from each other are ranked once, under both names."""
    rng = np.random.default_rng(2)
    found = network(
        *(study(f"s{i}", arms, rng) for i, arms in enumerate([("O", "A"), ("O", "B"), ("O", "C"), ("O", "A+B+C")])),
        study("x", ("O", "A+B+C", "A"), rng),
    )
    ranked = rank_interactions(found, component_design(found.treatments, inactive="O"))
    assert [one.label for one in ranked.evidence] == ["A*B"]
    assert ranked.evidence[0].same_as == ("A*C", "B*C")
    assert ranked["B*C"] is ranked["A*B"]


def test_an_interaction_from_studies_without_randomization_says_so() -> None:
    """A factor that rests on a study that was not randomized carries that as its source."""
    found = network(
        two_arms("a", "O", "A", 0.5),
        two_arms("b", "O", "B", 0.4),
        two_arms("c", "B", "A+B", 0.9, randomized=False),
    )
    ranked = rank_interactions(found, component_design(found.treatments, inactive="O"))
    assert ranked["A*B"].source is Source.NOT_RANDOMIZED


def test_nothing_to_rank() -> None:
    """Without any interaction that can be estimated the additive model has all the probability."""
    found = network(two_arms("a", "O", "A", 0.5), two_arms("b", "O", "B", 0.4))
    ranked = rank_interactions(found, component_design(found.treatments, inactive="O"))
    assert not ranked.evidence
    assert all(models[0].posterior == 1.0 for models in ranked.models.values())


def test_sets_of_interactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set that can be estimated has the evidence of its own fit, and the prior allows for how many there are."""
    found, design = drawn()
    sets = rank_sets(found, design, ["A*B", "B*C", "C*D"], prior_sd=0.5)
    assert {one.labels for one in sets} == {(), ("A*B",), ("B*C",), ("A*B", "B*C")}
    assert sum(one.posterior for one in sets) == pytest.approx(1, abs=1e-12)
    both = next(one for one in sets if len(one.labels) == 2)
    assert both.prior == pytest.approx(1 / 3, abs=1e-12)
    wide = component_design(found.treatments, inactive="O", interactions=both.labels)
    whole = fit_exact(found, wide, prior=Prior(interaction_sd=0.5)).log_marginal_likelihood
    without = fit_exact(found, design).log_marginal_likelihood
    assert both.log_bayes_factor == pytest.approx(whole - without, abs=1e-10)
    assert rank_sets(found, design, ["A*B", "B*A"], prior_sd=0.5) == rank_sets(found, design, ["A*B"], prior_sd=0.5)
    monkeypatch.setattr(bayes_rank, "MOST_MODELS", 3)
    with pytest.raises(NetworkError, match="more than 3"):
        rank_sets(found, design, ["A*B", "B*C"], prior_sd=1, most_terms=2)


def test_what_cannot_be_asked() -> None:
    """No components, no prior SDs on a scale with units, and an SD of zero are refused in words."""
    found, design = drawn()
    points = Network(scale=Scale.MD, studies=found.studies)
    with pytest.raises(NetworkError, match="give prior_sds"):
        rank_interactions(points, design)
    assert rank_interactions(points, design, prior_sds=(5.0,))["A*B"].factors[0].prior_sd == 5.0
    with pytest.raises(NetworkError, match="above 0"):
        rank_interactions(found, design, prior_sds=(0.0,))
    with pytest.raises(NetworkError, match="standard model"):
        rank_interactions(found, standard_design(found.treatments), ("A*B",))


def test_many_columns_at_once_are_cut_into_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results do not depend on how many taus are held in memory at once."""
    found, design = drawn()
    whole = rank_interactions(found, design)
    monkeypatch.setattr("inconcert.evidence.synthesis.models.bayes_rank._AT_ONCE", 50)
    for one, other in zip(rank_interactions(found, design)["A*B"].factors, whole["A*B"].factors, strict=True):
        assert tuple(one) == pytest.approx(tuple(other), abs=1e-12)
