"""How much rests on each study: weights that make one, and what is left without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inconcert.evidence.synthesis.models.contribution import influence, study_weights
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import NotEstimableError, fit
from support.networks import SHAPES, baker, bcg, drawn_design, drawn_network, network, two_arms

CHAIN = network(
    two_arms("ab", "a", "b", 0.4, 0.02), two_arms("ab too", "a", "b", 0.2, 0.06), two_arms("bc", "b", "c", 0.3, 0.05)
)


def test_weights_of_two_treatments_are_the_usual_ones() -> None:
    """For one comparison a study's weight is its inverse variance over their sum, common and random."""
    model = fit(bcg(), standard_design(bcg().treatments))
    found = study_weights(model, model.design.row_of("vaccine") - model.design.row_of("none"))
    variances = np.array([one.covariance[0, 0] for one in bcg().studies])
    for tau2, kind in ((0.0, "common"), (model.tau2 or 0.0, "random")):
        wanted = 1 / (variances + tau2)
        assert [getattr(one, kind) for one in found] == pytest.approx((wanted / wanted.sum()).tolist())


def test_weights_in_a_chain_worked_by_hand() -> None:
    """C against a through b: of the variance 0.015 + 0.05, the two studies of the first step bring 0.015, three to one."""
    model = fit(CHAIN, standard_design(CHAIN.treatments), tau=0.0)
    found = study_weights(model, model.design.row_of("c") - model.design.row_of("a"))
    assert [one.common for one in found] == pytest.approx([0.01125 / 0.065, 0.00375 / 0.065, 0.05 / 0.065])


def test_weights_make_one_and_fall_on_what_is_used() -> None:
    """On drawn networks the weights of every contrast that can be estimated are not negative and sum to one; others have none."""
    rng = np.random.default_rng(12)
    given = refused = 0
    for turn in range(60):
        data = drawn_network(rng, SHAPES[turn % 4])
        model = fit(data, drawn_design(rng, data))
        for name in model.design.treatments:
            row = model.design.row_of(name)
            if model.random.combinations[name] is None or not row.any():
                with pytest.raises(NotEstimableError):
                    study_weights(model, row)
                refused += 1
                continue
            found = study_weights(model, row)
            given += 1
            for kind in ("common", "random"):
                weights = [getattr(one, kind) for one in found]
                assert min(weights) >= 0
                assert sum(weights) == pytest.approx(1)
    assert given > 50
    assert refused > 50


def test_weights_are_those_of_the_projection(shared: Path) -> None:
    """Baker 2009: the same weights from the whole covariance of each study, without rotating a row."""
    data, _ = baker(shared)
    design = component_design(data.treatments, inactive="Placebo")
    model = fit(data, design)
    row = design.row_of("Fluticasone+Salmeterol") - design.row_of("Placebo")
    information, parts = np.zeros((5, 5)), []
    for one in data.studies:
        held = np.array([design.row_of(name) - design.row_of(one.treatments[0]) for name in one.treatments[1:]])
        spread = one.covariance + (model.tau2 or 0.0) * (np.eye(len(held)) + 1) / 2
        parts.append(held.T @ np.linalg.solve(spread, held))
        information += parts[-1]
    reach = np.linalg.solve(information, row)
    wanted = [float(reach @ part @ reach) / float(row @ reach) for part in parts]
    assert [one.random for one in study_weights(model, row)] == pytest.approx(wanted)


def test_without_each_study() -> None:
    """What the contrast would be is a fit of the other studies; the only bridge leaves nothing, and is said so by None."""
    model = fit(CHAIN, standard_design(CHAIN.treatments))
    row = model.design.row_of("c") - model.design.row_of("a")
    first, second, bridge = influence(model, row)
    for place, found in ((0, first), (1, second)):
        rest = replace(CHAIN, studies=tuple(s for i, s in enumerate(CHAIN.studies) if i != place))
        wanted = fit(rest, standard_design(CHAIN.treatments)).random.compare("c", "a")
        assert found.without == wanted
        assert found.shift == pytest.approx(
            (model.random.compare("c", "a").estimate - wanted.estimate) / model.random.compare("c", "a").se
        )
        assert found.cook is not None
    assert bridge.without is None
    assert bridge.shift is None
    assert bridge.cook is None


def test_cooks_distance_worked_by_hand() -> None:
    """For two treatments it is the squared shift: the move of the one effect over its variance."""
    data = network(two_arms("1", "a", "b", 0.0, 0.1), two_arms("2", "a", "b", 1.0, 0.1))
    model = fit(data, standard_design(data.treatments), tau=0.0)
    row = model.design.row_of("b") - model.design.row_of("a")
    first, second = influence(model, row)
    assert first.cook == pytest.approx(0.5**2 / 0.05)
    assert second.shift == pytest.approx(0.5 / 0.05**0.5)


def test_the_last_study_leaves_nothing() -> None:
    """Without its only study a network has no answer."""
    data = network(two_arms("1", "a", "b", 0.2))
    model = fit(data, standard_design(data.treatments))
    (found,) = influence(model, model.design.row_of("b") - model.design.row_of("a"))
    assert found.without is None


def test_what_cannot_be_estimated_has_no_influence() -> None:
    """A contrast that the whole network cannot give is refused."""
    data = network(two_arms("1", "a", "b", 0.2), two_arms("2", "c", "d", 0.2))
    model = fit(data, standard_design(data.treatments))
    with pytest.raises(NotEstimableError):
        influence(model, model.design.row_of("a") - model.design.row_of("c"))
