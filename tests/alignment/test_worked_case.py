"""The worked case with the reference's results that lies beside the project: arms in, every model out, as JSON says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.ask import NetworkResult, ask_network
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, log_likelihood
from inconcert.exchange.evidence.network_json import network_as_plain

Plain = dict[str, Any]

COMPONENT_MODELS = {
    "cnma_additive": (),
    "cnma_additive_tau_0.2": (),
    "cnma_ia_bud_for": ("Budesonide * Formoterol",),
    "cnma_ia_flu_sal": ("Fluticasone * Salmeterol",),
    "cnma_all_interactions": ("Budesonide * Formoterol", "Fluticasone * Salmeterol"),
}
STANDARD_MODELS = {"nma_DL": TauMethod.DL, "nma_ML": TauMethod.ML}
EXACT, SEARCHED = 1e-9, 1e-6
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "cnma"


@pytest.fixture(scope="module")
def stored() -> Plain:
    """What the reference says of the case."""
    if not FOLDER.is_dir():
        pytest.skip("the worked case ../shared/reference/cnma is not beside this checkout")
    found: Plain = json.loads((FOLDER / "baker2009.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module", params=["arms", "contrasts"])
def network(stored: Plain, request: pytest.FixtureRequest) -> Network:
    """The case from its arms, and from the contrasts that the reference made of them."""
    return read_network(FOLDER / stored[f"{request.param}_csv"])


def ask(
    network: Network, *, tau: TauMethod | float = TauMethod.DL, interactions: tuple[str, ...] = ()
) -> NetworkResult:
    """The component model with placebo as the inactive treatment."""
    return ask_network(network, inactive="Placebo", interactions=interactions, tau=tau)


def near(value: float | None, within: float = EXACT) -> Any:
    """Equal within an absolute bound."""
    return pytest.approx(value, rel=0, abs=within)


def assert_block(found: Plain, wanted: Plain, within: float = EXACT) -> None:
    """Estimate, error and interval of each name agree."""
    parts = {"estimate", "se", "lower", "upper"} & wanted.keys()
    assert {"estimate", "se"} <= parts
    for part in parts:
        for name, value in wanted[part].items():
            assert found[name][part] == near(value, within), f"{name}, {part}"


def assert_league(found: Plain, wanted: Plain, within: float = EXACT) -> None:
    """Each treatment against each other agrees, in value and error."""
    for key, part in (("TE", "estimate"), ("seTE", "se")):
        table = wanted[key]
        for i, first in enumerate(table["rows"]):
            for j, second in enumerate(table["cols"]):
                if i != j:
                    assert found[first][second][part] == near(table["values"][i][j], within), (
                        f"{first} against {second}"
                    )


@pytest.mark.parametrize("name", COMPONENT_MODELS)
def test_a_component_model_is_that_of_the_reference(stored: Plain, network: Network, name: str) -> None:
    """Components, interactions, combinations, the league, tau2 and the three Q agree to 1e-9, from arms and from contrasts."""
    wanted = stored["models"][name]
    tau = wanted["tau"] if "tau_0" in name else TauMethod.DL
    found = network_as_plain(ask(network, tau=tau, interactions=COMPONENT_MODELS[name]))
    assert found["tau2"] == near(wanted["tau2"])
    for ours, theirs in (("total", "standard"), ("additive", "additive"), ("difference", "diff")):
        assert found["q"][ours]["value"] == near(wanted[f"Q_{theirs}"])
        assert found["q"][ours]["df"] == wanted[f"df_Q_{theirs}"]
        p = wanted[f"p_Q_{theirs}"]
        assert found["q"][ours]["p"] == (None if p is None else near(p))
    for effects in ("common", "random"):
        block = found[effects]
        assert_block({**block["components"], **block["interactions"]}, wanted[effects]["components"])
        assert_block(block["combinations"], wanted[effects]["combinations"])
        assert_league(block["treatments"], wanted[effects])
    assert not found["unidentifiable"]
    assert not found["unidentifiable_contrasts"]


@pytest.mark.parametrize("name", STANDARD_MODELS)
def test_the_standard_model_is_that_of_the_reference(stored: Plain, network: Network, name: str) -> None:
    """Every treatment for itself: league, tau2 and Q agree; the reference's ML stops a little before zero, within 1e-6."""
    wanted, tau = stored["models"][name], STANDARD_MODELS[name]
    within = EXACT if tau is TauMethod.DL else SEARCHED
    found = network_as_plain(ask(network, tau=tau))["standard"]
    assert found["tau2"] == near(wanted["tau2"], within)
    assert (found["q"]["value"], found["q"]["p"]) == (near(wanted["Q"]), near(wanted["p_Q"]))
    assert found["q"]["df"] == wanted["df_Q"]
    assert_league(found["common"]["treatments"], wanted["common"])
    assert_league(found["random"]["treatments"], wanted["random"], within)


@pytest.mark.parametrize("method", [TauMethod.REML, TauMethod.ML])
def test_likelihood_fits_find_the_peak_that_the_reference_misses(
    stored: Plain, network: Network, method: TauMethod
) -> None:
    """REML, which does not converge in the reference here, and ML: tau2, height, Q and components agree to 1e-6."""
    wanted = stored["cnma_likelihood"][f"additive_{method.upper()}"]
    model = ask(network, tau=method).model
    assert model.tau2 == near(wanted["tau2"], SEARCHED)
    assert (model.q_model.value, model.q_model.df) == (near(wanted["QE"]), wanted["df_QE"])
    assert_block({name: cell._asdict() for name, cell in model.random.parameters.items() if cell}, wanted, SEARCHED)
    rows = model.rows
    for tau2, height in ((model.tau2 or 0.0, "logLik"), (0.0, "loglik_at_zero")):
        value = log_likelihood(
            rows.effects,
            model.columns,
            rows.variances,
            tau2,
            restricted=method is TauMethod.REML,
            log_det_t=rows.log_det_t,
        )
        assert value == near(wanted[height], 1e-8)


def test_combinations_that_nobody_studied_are_those_of_the_reference(stored: Plain, network: Network) -> None:
    """The sum of two components never given together, and two combinations against each other, agree to 1e-9."""
    model = ask(network).model
    for row in stored["netcomplex_additive"]:
        for effects, value in (("common", model.common), ("random", model.random)):
            cell = value.compare(row["combination"], "Placebo")
            assert (cell.estimate, cell.se) == (near(row[effects]), near(row[f"se_{effects}"])), row["combination"]
    for row in stored["netcomparison_additive"]:
        for effects, value in (("common", model.common), ("random", model.random)):
            cell = value.compare(row["treat1"], row["treat2"])
            assert (cell.estimate, cell.se) == (near(row[effects]), near(row[f"se_{effects}"])), row["treat1"]
