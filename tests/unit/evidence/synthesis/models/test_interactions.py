"""Each interaction beside the additive model: against the worked case, against a whole fit of its own, and where it must be silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.design import component_design, pairs_that_occur, standard_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, log_likelihood
from inconcert.evidence.synthesis.models.interactions import Look, look_at_each, note_on_looks
from support.networks import SHAPES, baker, drawn_design, drawn_network, network, two_arms

NUMBERS = ("common", "random", "tau2", "q_model", "q_difference", "p_holm", "aic")
FACTORIAL = network(
    two_arms("a", "O", "A", 0.4),
    two_arms("b", "O", "B", 0.3),
    two_arms("ab", "O", "A+B", 1.9),
    two_arms("ab too", "A", "A+B", 1.5, 0.2),
)


@pytest.mark.parametrize(
    ("label", "model"), [("Fluticasone*Salmeterol", "cnma_ia_flu_sal"), ("Budesonide*Formoterol", "cnma_ia_bud_for")]
)
def test_the_worked_case(shared: Path, label: str, model: str) -> None:
    """Baker 2009: gamma, its standard errors, Q and tau2 are those of the reference within 1e-9."""
    data, stored = baker(shared)
    wanted = stored["models"][model]
    looks = look_at_each(data, component_design(data.treatments, inactive="Placebo"))
    look, name = looks[label], label.replace("*", " * ")
    assert look.common
    assert look.random
    assert look.q_model
    assert look.q_difference
    for found, effects in ((look.common, wanted["common"]), (look.random, wanted["random"])):
        for key in ("estimate", "se", "lower", "upper", "p"):
            assert getattr(found, key) == pytest.approx(effects["components"][key][name], abs=1e-9)
    assert look.tau2 == pytest.approx(wanted["tau2"], abs=1e-9)
    assert look.q_model.value == pytest.approx(wanted["Q_additive"], abs=1e-9)
    additive = stored["models"]["cnma_additive"]["Q_additive"]
    assert look.q_difference.value == pytest.approx(additive - wanted["Q_additive"], abs=1e-9)


@pytest.mark.parametrize("method", [*TauMethod, 0.3])
@pytest.mark.parametrize("hartung_knapp", [False, True])
def test_each_look_is_the_fit_of_its_own_model(method: TauMethod | float, hartung_knapp: bool) -> None:
    """On drawn networks of every shape, each number of a look is that of a whole fit with the interaction in the design."""
    rng = np.random.default_rng(5)
    seen = 0
    for turn in range(24):
        data = drawn_network(rng, SHAPES[turn % 4])
        design = drawn_design(rng, data)
        for look in look_at_each(data, design, tau=method, hartung_knapp=hartung_knapp).looks:
            labels = (*(term.label for term in design.interactions), look.label)
            whole = fit(
                data,
                component_design(data.treatments, inactive=design.inactive, interactions=labels),
                tau=method,
                hartung_knapp=hartung_knapp,
            )
            wanted = whole.random.parameters[look.label]
            assert look.identifiable == (wanted is not None)
            if wanted is None:
                assert all(getattr(look, name) is None for name in NUMBERS)
                continue
            assert look.random
            assert look.common
            assert look.q_model
            seen += 1
            assert look.random[:4] == pytest.approx(wanted[:4], rel=1e-8, abs=1e-9)
            assert look.common == pytest.approx(whole.common.parameters[look.label], rel=1e-8, abs=1e-9)
            assert look.q_model.value == pytest.approx(whole.q_model.value, abs=1e-8)
            assert look.tau2 == pytest.approx(whole.tau2, abs=1e-8)
    assert seen > 15


def test_the_criterion_is_akaikes_by_maximum_likelihood() -> None:
    """AIC is twice the parameters (tau2 among them) less twice the log-likelihood at the tau2 of greatest likelihood."""
    design = component_design(FACTORIAL.treatments, inactive="O")
    looks = look_at_each(FACTORIAL, design, tau=TauMethod.REML)
    whole = fit(FACTORIAL, component_design(FACTORIAL.treatments, inactive="O", interactions=["A*B"]), tau=TauMethod.ML)
    assert whole.tau2 is not None
    top = log_likelihood(whole.rows.effects, whole.columns, whole.rows.variances, whole.tau2, restricted=False)
    assert looks["A*B"].aic == pytest.approx(2 * 4 - 2 * top)
    assert looks.aic_additive is not None
    assert look_at_each(FACTORIAL, design).aic_additive is None


@pytest.mark.parametrize(
    ("asked", "studies", "words"),
    [
        ("A*C", (), "no treatment of this network holds"),
        ("A*B", ("1",), "cannot tell it from the effects of the parts"),
        ("B*C", (), "no study compares"),
    ],
)
def test_why_an_interaction_cannot_be_had(asked: str, studies: tuple[str, ...], words: str) -> None:
    """It says whether nobody was given both, nobody was compared, or the comparison cannot tell it from the parts."""
    data = network(two_arms("1", "O", "A+B", 1.0), two_arms("2", "B+C", "B+C+D", 0.1), two_arms("3", "O", "A", 0.2))
    look = look_at_each(data, component_design(data.treatments, inactive="O"), [asked]).looks[0]
    assert not look.identifiable
    assert words in str(look.why_not)
    assert look.studies == studies
    assert all(getattr(look, name) is None for name in NUMBERS)


def test_holms_p_never_falls_and_never_passes_one(shared: Path) -> None:
    """Holm's p is the sorted p times how many are left, kept rising, at most 1."""
    data, _ = baker(shared)
    looks = look_at_each(data, component_design(data.treatments, inactive="Placebo")).looks
    found = sorted((look.q_difference.p or 0.0, look.p_holm or 0.0) for look in looks if look.q_difference)
    assert found[0][1] == pytest.approx(2 * found[0][0])
    assert found[1][1] == pytest.approx(max(found[0][1], found[1][0]))


def test_what_the_design_has_is_not_looked_at_again() -> None:
    """An interaction of the design is left out, in whichever order its parts are named."""
    design = component_design(FACTORIAL.treatments, inactive="O", interactions=["B*A"])
    assert look_at_each(FACTORIAL, design).looks == ()
    assert look_at_each(FACTORIAL, design, ["A*B"]).looks == ()


def test_the_standard_model_has_no_interactions() -> None:
    """Whole treatments have no parts: the wish is refused with its mend."""
    with pytest.raises(NetworkError, match="Mend"):
        look_at_each(FACTORIAL, standard_design(FACTORIAL.treatments), ["A*B"])


def test_an_unknown_part_is_refused() -> None:
    """A part that nobody was given is an error that names the nearest."""
    with pytest.raises(NetworkError, match="no component 'Z'"):
        look_at_each(FACTORIAL, component_design(FACTORIAL.treatments, inactive="O"), ["A*Z"])


def test_no_freedom_left_is_said_by_none() -> None:
    """Where the interaction takes the last degree of freedom, tau2 is unknown, not zero, and Q is no test."""
    data = network(*FACTORIAL.studies[:3])
    look = look_at_each(data, component_design(data.treatments, inactive="O")).looks[0]
    assert isinstance(look, Look)
    assert look.tau2 is None
    assert look.q_model == (0.0, 0, None)


def test_the_weight_of_a_study_counts() -> None:
    """A study that counts half has twice the variance in a look, as everywhere."""
    half = network(*(replace(one, weight=0.5) for one in FACTORIAL.studies))
    design = component_design(FACTORIAL.treatments, inactive="O")
    full, less = look_at_each(FACTORIAL, design)["A*B"], look_at_each(half, design)["A*B"]
    assert full.common
    assert less.common
    assert less.common.se == pytest.approx(full.common.se * 2**0.5)


def test_many_looks_are_said() -> None:
    """One look needs no warning; ten have a chance of 40 in 100 to show something."""
    assert note_on_looks(1) == ""
    assert "up to 40 of 100" in note_on_looks(10)


def test_all_pairs_that_occur_are_looked_at(shared: Path) -> None:
    """Without a wish, the pairs are those that some treatment holds, in order."""
    data, _ = baker(shared)
    design = component_design(data.treatments, inactive="Placebo")
    assert tuple(look.label for look in look_at_each(data, design).looks) == pairs_that_occur(design)
