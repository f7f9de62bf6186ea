"""Direct against indirect evidence, designs against each other, and P-scores, beside R; the files are those of `network/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import Estimate, QTest, fit
from inconcert.evidence.synthesis.models.incoherence import decompose
from inconcert.evidence.synthesis.models.node_split import Split, SplitMethod, split
from inconcert.evidence.synthesis.models.ranking import Better, rank

Plain = dict[str, Any]

CASES = Path(__file__).parent / "network"
EXACT = 1e-9
SPLIT_CASES = ("or_connected", "or_two_arms", "contrasts")


@cache
def reference(case: str) -> Plain:
    """What R says of one network."""
    found: Plain = json.loads((CASES / case / "reference.json").read_text(encoding="utf-8"))
    return found


@cache
def network(case: str) -> Network:
    """The network as the engine reads it."""
    return read_network(CASES / case / "data.csv", scale=Scale(reference(case)["input"]["measure"]))


def assert_q(found: QTest, wanted: Plain, what: str, p: str = "pval") -> None:
    """Q, its degrees of freedom and p agree."""
    assert found.df == wanted["df"], what
    assert found.value == pytest.approx(wanted["Q"], rel=0, abs=EXACT), what
    if found.df:
        assert found.p == pytest.approx(wanted[p], rel=0, abs=EXACT), what


@pytest.mark.parametrize("case", SPLIT_CASES)
def test_q_taken_apart_by_design_is_that_of_the_reference(case: str) -> None:
    """Heterogeneity and inconsistency add up to Q, and each design's share and its detachment agree."""
    wanted, found = reference(case)["designs"], decompose(network(case))
    assert_q(found.q_total, wanted["total"], "total")
    assert_q(found.q_heterogeneity, wanted["within"], "within designs")
    assert_q(found.q_inconsistency, wanted["between"], "between designs")
    assert found.tau2_within == pytest.approx(wanted["between_random"]["tau2_within"], rel=0, abs=EXACT)
    assert found.q_random is not None
    assert_q(found.q_random, wanted["between_random"], "between designs, random effects", "p")
    designs = {design.treatments: design for design in found.designs}
    assert len(designs) == len({row["design"] for row in wanted["by_design"]})
    for row in wanted["by_design"]:
        assert_q(designs[tuple(sorted(row["design"].split(":")))].q_within, row, row["design"])
    for row in wanted["detached"]:
        assert_q(designs[tuple(sorted(row["design"].split(":")))].q_detached, row, f"without {row['design']}")


def assert_estimate(found: Estimate | None, row: Plain, name: str, sign: float) -> None:
    """Value and error of one part of a split agree; both are blank where there is none."""
    what = f"{row['comparison']}: {name}"
    if row[name] is None:
        assert found is None, what
        return
    assert found is not None, what
    assert sign * found.estimate == pytest.approx(row[name], rel=0, abs=EXACT), what
    assert found.se == pytest.approx(row[f"{name}_se"], rel=0, abs=EXACT), what


def assert_split(found: dict[tuple[str, ...], Split], wanted: list[Plain]) -> None:
    """Every comparison with direct evidence agrees: network, direct, indirect, their difference and its p."""
    direct = [row for row in wanted if row["studies"]]
    assert len(found) == len(direct)
    for row in direct:
        pair = tuple(row["comparison"].split(":"))
        one = found[tuple(sorted(pair))]
        for name in ("network", "direct", "indirect", "difference"):
            assert_estimate(getattr(one, name), row, name, 1 if (one.first, one.second) == pair else -1)
        if one.difference is not None:
            assert one.difference.p == pytest.approx(row["p"], rel=0, abs=EXACT)
        assert len(one.studies) == row["studies"]


def split_by_pair(case: str, method: SplitMethod, tau: float) -> dict[tuple[str, ...], Split]:
    """All comparisons of a case, at a tau."""
    return {(one.first, one.second): one for one in split(network(case), method=method, tau=tau)}


@pytest.mark.parametrize("case", SPLIT_CASES)
@pytest.mark.parametrize("effects", ["common", "random"])
def test_back_calculated_indirect_evidence_is_that_of_the_reference(case: str, effects: str) -> None:
    """What the network says beyond its direct part agrees, also where studies of several arms are among the direct ones.

    Where every link between two treatments runs through the studies that gave both, the reference takes the third arm of the same
    study for indirect evidence; here there is none, as in its other method.
    """
    tau2 = reference(case)["models"]["standard dl"]["tau2"] if effects == "random" else 0.0
    found = split_by_pair(case, SplitMethod.BACK, tau2**0.5)
    both = reference(case)["split"]
    blank = {"indirect": None, "indirect_se": None, "difference": None, "difference_se": None, "z": None, "p": None}
    wanted = [
        row if other["indirect"] is not None else {**row, **blank}
        for row, other in zip(both["back_calculation"][effects], both["studies_left_out"][effects], strict=True)
    ]
    assert_split(found, wanted)


@pytest.mark.parametrize("case", SPLIT_CASES)
def test_separate_indirect_evidence_is_that_of_the_reference(case: str) -> None:
    """The network without every study that gave both treatments agrees, at common effects; see README.md for random ones."""
    found = split_by_pair(case, SplitMethod.SEPARATE, 0.0)
    assert_split(found, reference(case)["split"]["studies_left_out"]["common"])


@pytest.mark.parametrize("case", ["or_connected", "or_two_arms", "contrasts", "heterogeneous"])
@pytest.mark.parametrize("better", list(Better))
def test_p_scores_are_those_of_the_reference(case: str, better: Better) -> None:
    """The mean probability to be better than another treatment agrees, for common and random effects."""
    words = {Better.HIGHER: "small_values_undesirable", Better.LOWER: "small_values_desirable"}
    wanted = reference(case)["ranks"][words[better]]
    found = fit(network(case), standard_design(network(case).treatments))
    for name, effects in (("common", found.common), ("random", found.random)):
        ranking = rank(effects, better, draws=10)
        scores = {one.treatment: one.p_score for members in ranking.sets for one in members}
        assert scores == pytest.approx(wanted[f"ranking.{name}"], rel=0, abs=EXACT)
