"""Publication bias: the same numbers as R's metafor, frozen in this folder (README.md says how they were made)."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.trust.assumed import fit_assumed
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, EggerError, PetPeese, egger, pet_peese, peters
from inconcert.evidence.synthesis.trust.selection import Selection, fit_selection
from inconcert.evidence.synthesis.trust.trim_fill import Filled, MissingCount, Side, trim_and_fill
from inconcert.evidence.synthesis.trust.types import FunnelPoint
from inconcert.evidence.synthesis.trust.weighing import Favored
from inconcert.knowledge.certainty import certainty_rules

pytestmark = pytest.mark.alignment
HERE = Path(__file__).parent
STEPS = {"one": [0.025], "two": [0.025, 0.5], "three": [0.025, 0.1, 0.5], "either": [0.05, 0.5]}
SETS = ("selected", "few", "unselected", "large", "equal", "below")


@cache
def frozen() -> dict[str, Any]:
    """What metafor said."""
    found: dict[str, Any] = json.loads((HERE / "metafor.json").read_text(encoding="utf-8"))
    return found


def points(name: str) -> list[FunnelPoint]:
    """One invented set."""
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [FunnelPoint(study=str(i), effect=float(r["yi"]), se=float(r["sei"])) for i, r in enumerate(rows)]


@pytest.mark.parametrize(
    "case",
    [
        "selected_one",
        "few_one",
        "unselected_one",
        "large_one",
        "large_three",
        "selected_two",
        "below_one",
        "large_either",
    ],
)
def test_selection_models_agree(case: str) -> None:
    """Estimates, weights, standard errors, likelihoods and the test of selection are metafor's."""
    name, steps = case.split("_")
    theirs = frozen()["selection"][case]
    favored = {"below": Favored.LESS}.get(name, Favored.EITHER if steps == "either" else Favored.GREATER)
    ours = fit_selection(points(name), steps=STEPS[steps], favored=favored)
    assert isinstance(ours, Selection)
    assert ours.log_likelihood == pytest.approx(theirs["ll"], abs=5e-9)
    assert ours.log_likelihood >= theirs["ll"] - 1e-12
    assert (ours.estimate, ours.se, ours.tau2) == pytest.approx((theirs["mu"], theirs["se"], theirs["tau2"]), abs=3e-6)
    assert ours.weights == pytest.approx(theirs["delta"], abs=5e-6)
    assert ours.weight_errors[1:] == pytest.approx(theirs["se_delta"][1:], abs=5e-6)
    assert (ours.lrt, ours.df, ours.p) == pytest.approx((theirs["lrt"], theirs["lrt_df"], theirs["lrt_p"]), abs=1e-8)
    assert (ours.naive, ours.naive_se, ours.naive_tau2) == pytest.approx(
        (theirs["naive"], theirs["naive_se"], theirs["naive_tau2"]), abs=1e-9
    )
    assert list(ours.counts) == theirs["counts"]


def test_a_top_at_no_spread_is_reached() -> None:
    """Where the best tau2 is 0, ours says 0 and is as high as metafor or higher."""
    theirs = frozen()["selection"]["equal_one"]
    ours = fit_selection(points("equal"))
    assert isinstance(ours, Selection)
    assert ours.tau2 == 0.0
    assert theirs["ll"] <= ours.log_likelihood <= theirs["ll"] + 1e-3
    assert ours.estimate == pytest.approx(theirs["mu"], abs=2e-5)


@pytest.mark.parametrize("case", ["selected_moderate", "selected_severe", "few_severe"])
def test_assumed_weights_agree(case: str) -> None:
    """With the weights of Vevea and Woods given, mean and spread are metafor's."""
    name, severity = case.split("_")
    theirs = frozen()["fixed"][case]
    weights = next(w for w in certainty_rules().selection_weights if w.id == f"{severity}_one_sided")
    ours = fit_assumed(points(name), weights.steps, weights.weights)
    assert (ours.estimate, ours.se, ours.tau2) == pytest.approx((theirs["mu"], theirs["se"], theirs["tau2"]), abs=3e-6)
    assert ours.log_likelihood == pytest.approx(theirs["ll"], abs=5e-9)


@pytest.mark.parametrize("name", SETS)
def test_egger_agrees(name: str) -> None:
    """Both forms of Egger's test, their limits and intervals are metafor's."""
    theirs = frozen()["egger"][name]
    first, second = egger(points(name)), egger(points(name), error=EggerError.ADDITIVE)
    assert isinstance(first, AsymmetryTest)
    assert isinstance(second, AsymmetryTest)
    m, a = theirs["multiplicative"], theirs["additive"]
    found = (first.statistic, first.p, first.limit, first.lower, first.upper)
    assert found == pytest.approx([m[x] for x in ("t", "p", "limit", "lower", "upper")], abs=1e-12)
    assert first.df == m["df"]
    found = (second.statistic, second.p, second.limit, second.lower, second.upper, second.slope, second.slope_se)
    assert found == pytest.approx([a[x] for x in ("z", "p", "limit", "lower", "upper", "slope", "slope_se")], abs=1e-9)
    assert second.tau2 == pytest.approx(a["tau2"], abs=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_pet_and_peese_agree(name: str) -> None:
    """Both intercepts with standard error and p are those of R's lm."""
    ours = pet_peese(points(name))
    assert isinstance(ours, PetPeese)
    for line, key in ((ours.pet, "pet"), (ours.peese, "peese")):
        theirs = frozen()[key][name]
        assert (line.limit, line.limit_se, line.limit_p) == pytest.approx(
            [theirs[x] for x in ("estimate", "se", "p")], abs=1e-12
        )


def test_peters_agrees() -> None:
    """Peters' line on the binary set is that of R's lm with Peters' weights."""
    with (HERE / "binary.csv").open(encoding="utf-8") as file:
        rows = [{k: int(v) for k, v in row.items()} for row in csv.DictReader(file)]
    made = [
        FunnelPoint(
            study=str(i),
            effect=float(np.log(r["e1"] * (r["n2"] - r["e2"]) / (r["e2"] * (r["n1"] - r["e1"])))),
            se=1.0,  # not used by this test
            n=r["n1"] + r["n2"],
            events=r["e1"] + r["e2"],
        )
        for i, r in enumerate(rows)
    ]
    ours, theirs = peters(made), frozen()["peters"]
    assert isinstance(ours, AsymmetryTest)
    found = (ours.slope, ours.slope_se, ours.statistic, ours.p, ours.limit)
    assert found == pytest.approx([theirs[x] for x in ("slope", "se", "t", "p", "limit")], rel=1e-10)
    assert ours.df == theirs["df"]


@pytest.mark.parametrize(
    "case",
    [
        "selected_L0",
        "selected_R0",
        "large_L0",
        "large_R0",
        "below_L0",
        "equal_L0_common",
        "few_L0",
        "unselected_R0",
        "selected_L0_right",
    ],
)
def test_trim_and_fill_agrees(case: str) -> None:
    """How many are missing, on which side, the filled effects and the estimate with them are metafor's."""
    name, by, *other = case.split("_")
    theirs = frozen()["trimfill"][case]
    ours = trim_and_fill(
        points(name),
        counted_by=MissingCount(by),
        side=Side.RIGHT if other == ["right"] else None,
        tau_method=None if other == ["common"] else TauMethod.DL,
    )
    assert isinstance(ours, Filled)
    assert (ours.missing, ours.side) == (theirs["k0"], theirs["side"])
    assert ours.p == theirs["p_k0"]
    found = (ours.missing_se, ours.estimate, ours.se, ours.tau2)
    assert found == pytest.approx([theirs[x] for x in ("se_k0", "mu", "se", "tau2")], abs=1e-10)
    assert sorted(e for e, _ in ours.filled) == pytest.approx(theirs["filled"], abs=1e-10)
