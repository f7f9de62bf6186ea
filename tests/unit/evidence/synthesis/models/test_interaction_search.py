"""Sets of interactions: ranked by likelihood, or taken in one after another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.design import component_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, log_likelihood
from inconcert.evidence.synthesis.models.interaction_search import forward, rank_sets
from support.networks import network, two_arms


def factorial(gamma: float) -> Network:
    """A, B and C, alone and in pairs, each against nothing in four studies; A with B is worth `gamma` beyond the sum."""
    rng = np.random.default_rng(11)
    worth = {"A": 0.3, "B": 0.5, "C": -0.2, "A+B": 0.8 + gamma, "A+C": 0.1, "B+C": 0.3}
    return network(
        *(
            two_arms(f"{name}{turn}", "O", name, effect + rng.normal(0, 0.1), 0.01)
            for name, effect in worth.items()
            for turn in range(4)
        )
    )


def test_the_interaction_that_is_there_is_found() -> None:
    """With A*B worth 1, forward takes it alone, and the best set holds it with nearly all the weight."""
    data = factorial(1.0)
    design = component_design(data.treatments, inactive="O")
    assert [step.label for step in forward(data, design)] == ["A*B"]
    ranked = rank_sets(data, design, most_terms=3)
    assert "A*B" in ranked.candidates[0].labels
    assert sum(one.weight for one in ranked.candidates if "A*B" in one.labels) > 0.999


def test_nothing_is_found_where_nothing_is() -> None:
    """Without an interaction, none is taken in."""
    data = factorial(0.0)
    assert forward(data, component_design(data.treatments, inactive="O")) == ()


def test_every_set_is_the_fit_of_its_own_model() -> None:
    """AIC and Q of each set are those of a whole fit by maximum likelihood; the weights are Akaike's and sum to one."""
    data = factorial(0.2)
    ranked = rank_sets(data, component_design(data.treatments, inactive="O"))
    assert len(ranked.candidates) == 1 + 3 + 3
    for one in ranked.candidates:
        whole = fit(data, component_design(data.treatments, inactive="O", interactions=one.labels), tau=TauMethod.ML)
        assert whole.tau2 is not None
        top = log_likelihood(whole.rows.effects, whole.columns, whole.rows.variances, whole.tau2, restricted=False)
        assert one.aic == pytest.approx(2 * (3 + len(one.labels) + 1) - 2 * top, abs=1e-9)
        assert one.q_model.value == pytest.approx(whole.q_model.value)
    assert sum(one.weight for one in ranked.candidates) == pytest.approx(1)
    first, second = ranked.candidates[:2]
    assert first.weight / second.weight == pytest.approx(math.exp((second.aic - first.aic) / 2))


def test_sets_that_cannot_be_had_are_named_and_not_ranked() -> None:
    """Two interactions that only ever come together are one pair too many; each alone can be had. Bigger sets are not repeated."""
    data = network(
        two_arms("1", "O", "A", 0.1),
        two_arms("2", "O", "B", 0.1),
        two_arms("3", "O", "C", 0.1),
        two_arms("4", "O", "A+B+C", 0.9),
    )
    ranked = rank_sets(data, component_design(data.treatments, inactive="O"), ["A*B", "A*C"])
    assert ranked.unidentifiable == (("A*B", "A*C"),)
    assert {one.labels for one in ranked.candidates} == {(), ("A*B",), ("A*C",)}
    assert "chosen by the data" in ranked.note


def test_too_many_sets_are_refused() -> None:
    """Above the limit it asks for fewer instead of running for hours."""
    letters = "ABCDEFGHIJKL"
    data = network(*(two_arms(f"{a}{b}", "O", f"{a}+{b}", 0.1) for a in letters for b in letters if a < b))
    with pytest.raises(NetworkError, match="ask for fewer"):
        rank_sets(data, component_design(data.treatments, inactive="O"))
