"""The pictures of a reader's network: nothing is drawn that the studies cannot give, and the words hold every number."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.ask import NetworkResult, ask_network
from inconcert.evidence.synthesis.models.distributions import normal_two_sided_p
from inconcert.exchange.evidence.network_pictures import (
    funnel_alt,
    funnel_of,
    funnel_spec,
    network_forest_alt,
    network_forest_spec,
    panels_of,
)
from inconcert.exchange.evidence.pictures import network_spec
from support.networks import SHAPES, drawn_design, drawn_network

Spec = dict[str, Any]
ROWS = """study,treatment,n,events,design
Alba,placebo,60,12,rct
Alba,ketamine,62,25,rct
Brook,placebo,50,11,rct
Brook,ketamine,50,16,rct
Cole,tms,70,24,cohort
Cole,ketamine+tms,70,35,cohort
Dale,ect,5,1,rct
Dale,lithium+ect,6,5,rct
"""


@pytest.fixture
def result() -> NetworkResult:
    """Three parts; one interaction is known, one is not."""
    return ask_network(read_network(ROWS), inactive="placebo", interactions=["ketamine*tms", "ect*lithium"])


def valid(spec: Spec) -> None:
    """Fail unless Vega-Lite's own schema accepts it."""
    altair = pytest.importorskip("altair")
    altair.Chart.from_dict(json.loads(json.dumps(spec, allow_nan=False)), validate=True)


def rows_of(spec: Spec, *, words: bool) -> list[Spec]:
    """The rows of all layers that show words, or of those that draw marks."""
    return [
        row
        for panel in spec["vconcat"]
        for layer in panel["layer"]
        if (layer["mark"]["type"] == "text") == words
        for row in layer["data"]["values"]
        if "label" in row
    ]


def test_pictures_are_valid(result: NetworkResult) -> None:
    """Forest, comparisons and funnel pass the schema, with and without components."""
    whole = ask_network(read_network(ROWS), separator=None)
    for one in (result, whole):
        valid(network_forest_spec(one))
        valid(network_spec(one))
        valid(funnel_spec(funnel_of(one.standard, "ketamine", "placebo"), one.network, "ketamine against placebo"))


def test_nothing_is_drawn_that_cannot_be_estimated(result: NetworkResult) -> None:
    """ECT, lithium and TMS have their lines with words; no mark of any layer bears their names."""
    spec = network_forest_spec(result)
    said = {row["label"]: row["said"] for row in rows_of(spec, words=True)}
    marked = {row["label"] for row in rows_of(spec, words=False)}
    assert marked == {"ketamine", "ketamine*tms"}
    assert set(said) - marked == {"ect", "lithium", "tms", "ect*lithium", "ketamine+tms", "lithium+ect"}
    assert all(said[name] == "cannot be estimated from these studies" for name in set(said) - marked)


@pytest.mark.parametrize("shape", SHAPES)
def test_marks_are_those_of_the_estimates(shape: str) -> None:
    """On drawn networks every estimate has its marks at its own numbers, and nothing else has any."""
    rng = np.random.default_rng(40 + SHAPES.index(shape))
    for _ in range(10):
        data = drawn_network(rng, shape)
        design = drawn_design(rng, data)
        labels = [term.label for term in design.interactions]
        result = ask_network(data, inactive=design.inactive, interactions=labels)
        spec, words = network_forest_spec(result), network_forest_alt(result)
        low, high = spec["vconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
        assert spec["description"] == words
        for panel, (heading, rows) in zip(spec["vconcat"], panels_of(result).items(), strict=True):
            assert panel["title"] == heading
            drawn = [
                row for layer in panel["layer"] if layer["mark"]["type"] != "text" for row in layer["data"]["values"]
            ]
            assert {row["label"] for row in drawn if "label" in row} == {n for n, e in rows.items() if e is not None}
            for row in drawn:
                if "low" in row:
                    found = rows[row["label"]]
                    assert found is not None
                    assert row["low"] == pytest.approx(min(max(math.exp(found.lower), low), high))
                    assert row["high"] == pytest.approx(min(max(math.exp(found.upper), low), high))
            for name, found in rows.items():
                text = (
                    "cannot be estimated from these studies"
                    if found is None
                    else f"{name}: "
                    + (f"{math.exp(found.estimate):.2f}" if found.estimate < math.log(1000) else "> 1000")
                )
                assert text in words


def test_an_interval_that_runs_off_ends_in_a_triangle() -> None:
    """The axis goes no farther than a factor of thirty; what goes beyond is marked at the edge on that side only."""
    rows = "study,treatment,n,events\nAlba,sham,8,1\nAlba,tms,8,7\nBrook,sham,90,30\nBrook,ect,90,45\n"
    spec = network_forest_spec(ask_network(read_network(rows), inactive="sham"))
    assert spec["vconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"] == pytest.approx([1 / 30, 30])
    cut = [row for row in rows_of(spec, words=False) if "side" in row]
    assert cut == [{"label": "tms", "at": pytest.approx(30), "side": "right"}]


def test_comparisons_are_told_apart_by_design(result: NetworkResult) -> None:
    """A comparison that no randomized study made is dashed and in another color, and the legend has what occurs only."""
    lines = network_spec(result)["layer"][0]
    found = lines["data"]["values"]
    assert sorted(row["design"] for row in found) == ["not randomized", "randomized", "randomized"]
    (other,) = [row for row in found if row["design"] == "not randomized"]
    assert "ketamine+tms" in other["name"]
    only = ask_network(read_network("\n".join(ROWS.splitlines()[:5]) + "\n"))
    assert network_spec(only)["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["randomized"]


def test_the_funnel_has_each_study_in_its_zone(result: NetworkResult) -> None:
    """Each point lies at its effect and error; the zone that covers it there is the one of its own p."""
    found = funnel_of(result.standard, "ketamine", "placebo")
    spec = funnel_spec(found, result.network, "ketamine against placebo")
    points = spec["layer"][-1]["data"]["values"]
    assert [(p["study"], p["at"]) for p in points] == [
        ("Alba", pytest.approx((25 / 37) / (12 / 48))),
        ("Brook", pytest.approx((16 / 34) / (11 / 39))),
    ]
    wedges = [layer["data"]["values"] for layer in spec["layer"] if layer["mark"]["type"] == "area"]
    assert len(wedges) == 4
    for point in points:
        covering = ""
        for top, foot in wedges:
            share = point["se"] / foot["se"]
            edges = [math.log(top[side]) * (1 - share) + math.log(foot[side]) * share for side in ("low", "high")]
            if edges[0] <= math.log(point["at"]) <= edges[1]:
                covering = foot["zone"]
        p = normal_two_sided_p(math.log(point["at"]) / point["se"])
        zones = [(0.1, "p ≥ 0.1"), (0.05, "0.05 ≤ p < 0.1"), (0.01, "0.01 ≤ p < 0.05"), (0.0, "p < 0.01")]
        assert covering.startswith(next(name for least, name in zones if p >= least))
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert all(
        low < edge[side] * 1.0001 and edge[side] < high * 1.0001
        for wedge in wedges
        for edge in wedge
        for side in ("low", "high")
    )


def test_the_funnel_in_words(result: NetworkResult) -> None:
    """Every study with its number, the counts of the zones, and the line in the middle."""
    found = funnel_of(result.standard, "ketamine", "placebo")
    words = funnel_alt(found, result.network, "ketamine against placebo")
    for point in found.points:
        assert f"{point.study} {math.exp(point.effect):.2f}, standard error {point.se:.3g}" in words
    assert f"estimate, {math.exp(found.center):.2f}" in words
    assert sum(found.bands.values()) == len(found.points) == 2


@pytest.mark.parametrize(("first", "second"), [("ketamine", "tms"), ("ketamine", "ketamine"), ("ect", "placebo")])
def test_no_study_no_funnel(result: NetworkResult, first: str, second: str) -> None:
    """A comparison that no study made has no funnel, and the message says so."""
    with pytest.raises(NetworkError, match="no study compared"):
        funnel_of(result.standard, first, second)


def test_the_way_round_turns_the_funnel(result: NetworkResult) -> None:
    """Placebo against ketamine is ketamine against placebo, mirrored at no effect."""
    one, other = (funnel_of(result.standard, *pair) for pair in (("ketamine", "placebo"), ("placebo", "ketamine")))
    assert [p.effect for p in one.points] == pytest.approx([-p.effect for p in other.points])
    assert one.center == pytest.approx(-other.center)
    assert one.bands == other.bands
