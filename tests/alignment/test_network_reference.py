"""The engine beside R: every model of every made-up network in `network/`, and the worked case that lies outside the project.

Numbers agree to 1e-9 (1e-6 where tau2 is the highest point of a likelihood), and where the exact rank test of the reference
says that the data cannot give a number, the engine gives none. How the files were made: network/README.md.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.models.ask import ask_network
from inconcert.evidence.synthesis.models.design import Design, component_design, standard_design
from inconcert.evidence.synthesis.models.fit import Effects, Estimate, Fit, QTest, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, log_likelihood
from inconcert.exchange.evidence.network_json import network_as_plain

Plain = dict[str, Any]

CASES = Path(__file__).parent / "network"
EXACT, SEARCHED = 1e-9, 1e-6
LIKELIHOODS = ("reml", "ml")
# Cases whose rows become other contrasts here than in the reference, with the reason; each has a test of its own below.
OTHER_CONTRASTS = {
    "smd": "the reference takes Cohen's d, the engine Hedges' g",
    "rr_zero": "the reference adds 0.5 to the people of an arm, the engine 0.5 to each of its two cells, as metafor does",
}


@cache
def reference(case: str) -> Plain:
    """What R says of one network."""
    found: Plain = json.loads((CASES / case / "reference.json").read_text(encoding="utf-8"))
    return found


def names() -> list[str]:
    """Every case."""
    return sorted(path.parent.name for path in CASES.glob("*/reference.json"))


def models() -> Iterator[tuple[str, str]]:
    """Every model of every case."""
    for case in names():
        yield from ((case, model) for model in reference(case)["models"])


@cache
def own_network(case: str) -> Network:
    """The network as the engine reads it from the rows of the case."""
    return read_network(CASES / case / "data.csv", scale=Scale(reference(case)["input"]["measure"]))


@cache
def network_of_contrasts(case: str) -> Network:
    """The network of the contrasts that the reference made of the rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["study", "treat1", "treat2", "TE", "seTE"])
    writer.writeheader()
    writer.writerows(
        {key: repr(v) if key in ("TE", "seTE") else v for key, v in row.items()} for row in reference(case)["contrasts"]
    )
    return read_network(text.getvalue(), scale=Scale.MD, name=f"{case}.csv")


def design_of(case: str, model: str, network: Network) -> Design:
    """The design that the name of a model asks for."""
    if model.startswith("standard"):
        return standard_design(network.treatments)
    asked = reference(case)
    return component_design(
        network.treatments,
        separator=asked["input"]["separator"],
        inactive=asked["input"].get("inactive"),
        interactions=asked["models"][model]["interactions"],
    )


@cache
def fitted(case: str, model: str) -> Fit:
    """The engine's fit of one model, from the reference's contrasts where another convention makes ours (`OTHER_CONTRASTS`)."""
    network = network_of_contrasts(case) if case in OTHER_CONTRASTS else own_network(case)
    wish = model.split("|", maxsplit=1)[0].split()
    tau = float(wish[2]) if wish[1] == "preset" else TauMethod(wish[1])
    return fit(network, design_of(case, model, network), tau=tau)


def bound(model: str) -> float:
    """How near a model's random effects must come."""
    return SEARCHED if model.split()[1] in LIKELIHOODS else EXACT


def assert_number(found: Estimate | None, wanted: Plain, within: float, what: str) -> None:
    """One number agrees in every part; none is given where none can be."""
    if not wanted["estimable"]:
        assert found is None, f"{what}: {found} is given, and the data cannot give it"
        return
    assert found is not None, f"{what}: blank, and the data give {wanted['estimate']}"
    for part in ("estimate", "se", "lower", "upper"):
        if part in wanted:
            assert getattr(found, part) == pytest.approx(wanted[part], rel=0, abs=within), f"{what}, {part}"


def assert_q(found: QTest, wanted: Plain, what: str) -> None:
    """Q, its degrees of freedom and p agree."""
    if wanted["value"] is None:
        return
    assert found.value == pytest.approx(wanted["value"], rel=0, abs=EXACT), what
    assert found.df == wanted["df"], what
    assert found.p == pytest.approx(wanted["p"], rel=0, abs=EXACT) if wanted["p"] is not None else found.p is None, what


def assert_effects(effects: Effects, wanted: Plain, within: float) -> None:
    """Every component, interaction, treatment, unstudied pair and contrast agrees."""
    design = effects.design
    blocks = {"components": effects.parameters, "interactions": effects.parameters, "treatments": effects.combinations}
    for block, found in blocks.items():
        for name, cell in wanted.get(block, {}).items():
            assert_number(found[name], cell, within, f"{block} {name}")
    for name, cell in wanted.get("unstudied", {}).items():
        assert_number(effects.contrasts(design.row_of(name)[None, :])[0], cell, within, f"unstudied {name}")
    for cell in wanted["league"]:
        first, second = cell["treat1"], cell["treat2"]
        row = design.row_of(first) - design.row_of(second)
        assert_number(effects.contrasts(row[None, :])[0], cell, within, f"{first} against {second}")


@pytest.mark.parametrize("case", names())
def test_rows_become_the_contrasts_of_the_reference(case: str) -> None:
    """The same studies are left out, and effects and standard errors of every pair of arms are those of the reference."""
    wanted, network = reference(case), own_network(case)
    assert sorted(row.study for row in network.excluded) == sorted(wanted["left_out"])
    if case in OTHER_CONTRASTS:
        return
    found = pairs_of(network)
    assert_pairs(found, wanted["contrasts"])
    assert len(found) == 2 * len(wanted["contrasts"])


def pairs_of(network: Network) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Study, first and second treatment; effect and standard error of each ordered pair of arms."""
    found = {}
    for study in network.studies:
        values = dict(zip(study.treatments, [0.0, *study.effects.tolist()], strict=True))
        size = len(study.treatments)
        full = np.zeros((size, size))
        full[1:, 1:] = study.covariance / study.weight
        place = {name: index for index, name in enumerate(study.treatments)}
        for first, second in permutations(study.treatments, 2):
            i, j = place[first], place[second]
            spread = full[i, i] + full[j, j] - 2 * full[i, j]
            found[study.study, first, second] = (values[first] - values[second], spread**0.5)
    return found


def assert_pairs(found: dict[tuple[str, str, str], tuple[float, float]], wanted: list[Plain]) -> None:
    """Each pair that is wanted has the effect and the standard error that are wanted."""
    for row in wanted:
        effect, error = found[row["study"], row["treat1"], row["treat2"]]
        what = f"{row['study']}: {row['treat1']} against {row['treat2']}"
        assert effect == pytest.approx(row["TE"], rel=0, abs=EXACT), what
        assert error == pytest.approx(row["seTE"], rel=0, abs=EXACT), what


def test_a_half_in_every_cell_of_a_risk_ratio_is_that_of_metafor() -> None:
    """Two-arm studies with an empty or a full arm have metafor's log risk ratio: one more person in each arm, half an event."""
    assert_pairs(pairs_of(own_network("rr_zero")), reference("rr_zero")["half_in_every_cell"])


def test_a_standardized_difference_is_hedges_g_with_its_exact_factor() -> None:
    """Hedges' g and its unbiased variance are those of meta and metafor with two arms, and of the formula with more."""
    wanted = reference("smd")["hedges"]
    studies = {study.study: study for study in own_network("smd").studies}
    assert studies.keys() == wanted.keys()
    for name, study in studies.items():
        row = wanted[name]
        assert list(study.treatments) == row["treatments"]
        assert study.effects == pytest.approx(row["g"], rel=0, abs=EXACT)
        assert study.covariance == pytest.approx(np.array(row["covariance_unbiased"]), rel=0, abs=EXACT)
        if len(study.treatments) == 2:
            for source in ("meta_exact", "metafor_unbiased"):
                assert study.effects[0] == pytest.approx(row[source]["g"], rel=0, abs=EXACT)
                assert study.covariance[0, 0] == pytest.approx(row[source]["variance"], rel=0, abs=EXACT)


@pytest.mark.parametrize(("case", "model"), list(models()))
def test_a_model_is_that_of_the_reference(case: str, model: str) -> None:
    """tau2, Q, and every effect under common and random effects agree; what the data cannot give is not given."""
    wanted, found = reference(case)["models"][model], fitted(case, model)
    assert list(found.design.columns) == wanted["columns"]
    assert found.space.rank == wanted["rank"]
    tests = {"total": found.q_total, "additive": found.q_model, "difference": found.q_difference}
    for name, q in wanted["q"].items():
        assert_q(tests[name], q, f"Q {name}")
    if wanted["tau2"] is None:
        assert found.tau2 is None
    else:
        assert found.tau2 == pytest.approx(wanted["tau2"], rel=0, abs=bound(model)), "tau2"
    assert_effects(found.common, wanted["common"], EXACT)
    assert_effects(found.random, wanted["random"], bound(model))


@pytest.mark.parametrize(("case", "model"), [(c, m) for c, m in models() if m.split()[1] in LIKELIHOODS])
def test_a_likelihood_is_the_height_of_the_reference(case: str, model: str) -> None:
    """The log-likelihood at the peak and at zero agree: the constants and the determinants are those of the reference."""
    wanted, found = reference(case)["models"][model]["likelihood"], fitted(case, model)
    rows, restricted = found.rows, "reml" in model
    for tau2, height in ((found.tau2 or 0.0, wanted["log_likelihood"]), (0.0, wanted["log_likelihood_at_zero"])):
        value = log_likelihood(
            rows.effects, found.columns, rows.variances, tau2, restricted=restricted, log_det_t=rows.log_det_t
        )
        assert value == pytest.approx(height, rel=0, abs=1e-8)


@pytest.mark.parametrize("case", [name for name in names() if "hartung_knapp" in reference(name)])
@pytest.mark.parametrize("method", ["dl", "reml"])
def test_hartung_and_knapp_scale_a_network_as_the_reference_does(case: str, method: str) -> None:
    """Errors are scaled by the root of Q / df at tau2, intervals take t: also where that makes them narrower."""
    wanted = reference(case)["hartung_knapp"][method]
    network = own_network(case)
    found = fit(network, design_of(case, "additive dl", network), tau=TauMethod(method), hartung_knapp=True)
    within = bound(f"additive {method}")
    assert found.df == wanted["df"]
    for name, cell in wanted["components"].items():
        assert_number(found.random.parameters[name], {"estimable": True, **cell}, within, name)


@pytest.mark.parametrize("row", reference("pairwise")["pair"], ids=lambda row: f"{row['method']}-{row['test']}")
def test_two_treatments_are_a_pairwise_meta_analysis(row: Plain) -> None:
    """With two treatments tau2, estimate, interval, p and Q are metafor's, by each estimator, with and without Hartung and Knapp."""
    network, method = own_network("pairwise"), TauMethod(row["method"].lower())
    found = fit(network, standard_design(network.treatments), tau=method, hartung_knapp=row["test"] == "knha")
    within = bound(f"standard {method}")
    assert found.tau2 == pytest.approx(row["tau2"], rel=0, abs=within)
    assert_q(found.q_model, {"value": row["Q"], "df": row["Q_df"], "p": row["Q_p"]}, "Q")
    effect = found.random.compare("alpha", "none")
    assert_number(effect, {"estimable": True, **row}, within, "alpha against none")
    assert effect.p == pytest.approx(row["p"], rel=0, abs=within)


@pytest.mark.parametrize("case", [name for name in names() if "prediction" in reference(name)])
def test_prediction_intervals_are_those_of_the_reference(case: str) -> None:
    """Both reach t times the root of tau2 + se^2 around the estimate, t with the degrees of freedom of Q."""
    wanted, found = reference(case)["prediction"], fitted(case, "standard dl")
    assert found.df == wanted["df"]
    for cell in wanted["league"]:
        row = found.design.row_of(cell["treat1"]) - found.design.row_of(cell["treat2"])
        reach = found.prediction(row)
        assert reach is not None
        assert reach == pytest.approx((cell["lower"], cell["upper"]), rel=0, abs=EXACT)


@pytest.mark.parametrize("case", ["unidentifiable", "question"])
def test_json_holds_no_number_that_the_data_cannot_give(case: str) -> None:
    """A contrast that cannot be known is absent from both leagues and named; so is a component."""
    asked = reference(case)["models"]["additive dl"]["common"]
    found = network_as_plain(ask_network(own_network(case), inactive="none"))
    unknown = [[cell["treat1"], cell["treat2"]] for cell in asked["league"] if not cell["estimable"]]
    assert unknown
    assert sorted(found["unidentifiable_contrasts"]) == sorted(unknown)
    assert sorted(found["unidentifiable"]) == [
        name for name, cell in asked["components"].items() if not cell["estimable"]
    ]
    for effects in (found["common"], found["random"]):
        for first, second in unknown:
            assert second not in effects["treatments"][first]
            assert first not in effects["treatments"][second]
        assert not set(found["unidentifiable"]) & effects["components"].keys()
