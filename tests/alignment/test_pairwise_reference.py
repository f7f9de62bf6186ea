"""Two treatments, and slopes on what is known of each study, beside R; the files are those of `network/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.models.covariates import Slopes
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import Estimate
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.pairwise import pairwise
from inconcert.evidence.synthesis.models.regression import regress

Plain = dict[str, Any]

CASES = Path(__file__).parent / "network"
EXACT, SEARCHED = 1e-9, 1e-6


def reference(case: str) -> Plain:
    """What R says of one case."""
    found: Plain = json.loads((CASES / case / "reference.json").read_text(encoding="utf-8"))
    return found


def network(case: str) -> Network:
    """The case as the engine reads it."""
    return read_network(CASES / case / "data.csv", scale=Scale(reference(case)["input"]["measure"]))


def bound(method: str) -> float:
    """How near an estimator must come: DerSimonian and Laird's is a formula, the likelihoods are searched."""
    return EXACT if method in ("DL", "dl") else SEARCHED


def assert_estimate(found: Estimate | None, wanted: Plain, within: float, what: str) -> None:
    """Every part that the reference gives agrees."""
    assert found is not None, what
    for part in ("estimate", "se", "lower", "upper", "p"):
        if part in wanted:
            assert getattr(found, part) == pytest.approx(wanted[part], rel=0, abs=within), f"{what}, {part}"


def test_heterogeneity_has_the_intervals_of_the_reference() -> None:
    """The Q-profile ends of tau2 are metafor's, I2 with its interval meta's."""
    wanted, found = reference("pairwise")["spread"], pairwise(network("pairwise"), "alpha", "none")
    ends = (wanted["tau2_lower"], wanted["tau2_upper"])
    assert found.tau2_ends == pytest.approx(ends, rel=0, abs=EXACT)
    assert found.i2 == pytest.approx((wanted["I2"], wanted["I2_lower"], wanted["I2_upper"]), rel=0, abs=EXACT)


def test_a_prediction_interval_is_that_of_the_reference() -> None:
    """T with k - 1 degrees of freedom."""
    wanted, found = reference("pairwise")["spread"], pairwise(network("pairwise"), "alpha", "none")
    bounds = (wanted["prediction_lower"], wanted["prediction_upper"])
    assert found.prediction == pytest.approx(bounds, rel=0, abs=EXACT)


@pytest.mark.parametrize(
    "row", reference("regression_pair")["slope_of_pair"], ids=lambda row: f"{row['method']}-{row['test']}"
)
def test_a_slope_between_two_treatments_is_that_of_metafor(row: Plain) -> None:
    """Slope, effect at an age, tau2, Q and the test of the slope agree, by each estimator, with and without Hartung and Knapp."""
    data, within = network("regression_pair"), bound(row["method"])
    found = regress(
        data,
        standard_design(data.treatments),
        "age",
        on=["alpha"],
        tau=TauMethod(row["method"].lower()),
        hartung_knapp=row["test"] == "knha",
    )
    assert found.tau2 == pytest.approx(row["tau2"], rel=0, abs=within)
    (slope,) = found.slopes.values()
    assert_estimate(slope, row["slope"], within, "slope")
    assert_estimate(found.effect("alpha", "none", 40), row["at_40"], within, "at 40")
    assert found.q_model.value == pytest.approx(row["Q"], rel=0, abs=EXACT)
    assert found.q_model.df == row["Q_df"]
    if row["QM"] is not None:
        assert found.q_slopes.value == pytest.approx(row["QM"], rel=0, abs=within)


@pytest.mark.parametrize("method", ["dl", "reml", "ml"])
def test_slopes_of_components_are_those_of_the_reference(method: str) -> None:
    """In a network with multi-arm studies two components have slopes of their own: each slope, tau2 and Q agree."""
    wanted, data = reference("regression_network")["slopes_of_network"][method], network("regression_network")
    found = regress(
        data,
        component_design(data.treatments, inactive="none"),
        "age",
        on=["alpha", "beta"],
        slopes=Slopes.INDEPENDENT,
        tau=TauMethod(method),
    )
    within = bound(method)
    assert found.tau2 == pytest.approx(wanted["tau2"], rel=0, abs=within)
    assert found.q_model.value == pytest.approx(wanted["Q"], rel=0, abs=EXACT)
    assert found.q_model.df == wanted["df"]
    for slope, name in zip(found.slopes.values(), ("alpha age", "beta age"), strict=True):
        assert_estimate(slope, wanted["columns"][name], within, name)
    for name in found.design.columns:
        assert_estimate(found.effect(name, "none", 0.0), wanted["columns"][name], within, f"{name} at age 0")
