"""A reader's network as JSON and as lines: numbers where the studies give them, words and a study where they do not."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.models.ask import NetworkResult, ask_network
from inconcert.exchange.evidence.network_json import network_as_plain
from inconcert.exchange.evidence.network_text import network_as_text
from support.networks import SHAPES, drawn_design, drawn_network

DRAWN = "─●┼"
APART = """study,treatment,n,events
Alba,placebo,60,12
Alba,ketamine,62,25
Brook,placebo,50,11
Brook,ketamine,50,16
Cole,tms,70,24
Cole,ketamine+tms,70,35
Dale,ect,50,28
Dale,lithium+ect,48,30
Eden,tai chi,40,11
"""
MEANS = """study,treatment,n,mean,sd
Alba,placebo,40,-6.1,8.0
Alba,ketamine,41,-11.9,8.4
Brook,placebo,30,-5.0,7.0
Brook,tms,31,-7.5,7.7
"""


@pytest.fixture
def apart() -> NetworkResult:
    """Two parts that share no treatment but components, and one that shares nothing."""
    return ask_network(read_network(APART), inactive="placebo", interactions=["ketamine*tms", "ect*lithium"])


def line_of(text: str, name: str) -> str:
    """The one line that begins with a name."""
    (line,) = [line for line in text.splitlines() if re.match(rf"  {re.escape(name)}  ", line)]
    return line


def shown(network: Network, value: float) -> str:
    """A number as a reader expects it: ratios as ratios, differences with their sign."""
    return f"{math.exp(value):.2f}" if network.scale.is_ratio else f"{value:+.2f}"


def test_ratios_are_logarithms_in_the_data_and_ratios_on_paper(apart: NetworkResult) -> None:
    """JSON keeps the logarithm, as its scale says; the line shows estimate and interval as ratios."""
    plain, text = network_as_plain(apart), network_as_text(apart)
    assert plain["scale"] == "log odds ratio"
    for name in ("ketamine", "ketamine*tms"):
        found = {**plain["random"]["components"], **plain["random"]["interactions"]}[name]
        wanted = [f"{math.exp(found[key]):.2f}" for key in ("estimate", "lower", "upper")]
        assert re.findall(r"\d+\.\d\d\b", line_of(text, name))[:3] == wanted


def test_differences_keep_their_sign() -> None:
    """A mean difference is printed as it is, with a plus or a minus."""
    result = ask_network(read_network(MEANS, scale=Scale.MD), inactive="placebo")
    text = network_as_text(result)
    assert network_as_plain(result)["random"]["components"]["ketamine"]["estimate"] == pytest.approx(-5.8)
    assert "-5.80" in line_of(text, "ketamine")
    assert "mean difference" in text


def test_what_cannot_be_estimated_has_no_number(apart: NetworkResult) -> None:
    """Of TMS, ECT, lithium and the pair against placebo nothing is known: no digit, no mark; yet their interaction is."""
    plain, text = network_as_plain(apart), network_as_text(apart)
    assert plain["unidentifiable"] == ["ect", "lithium", "tms", "ect*lithium"]
    assert list(plain["random"]["interactions"]) == ["ketamine*tms"]
    for name in (*plain["unidentifiable"], "ketamine+tms", "lithium+ect"):
        line = line_of(text, name)
        assert line.endswith("cannot be estimated from these studies")
        assert not re.search(rf"[\d{DRAWN}]", line)
    assert "These studies cannot give: ect, lithium, tms, ect*lithium." in text.splitlines()[0]
    assert ["ect", "ketamine"] in plain["unidentifiable_contrasts"]
    assert "ketamine" not in plain["random"]["treatments"]["ect"]


def test_a_study_is_named_for_each_of_them(apart: NetworkResult) -> None:
    """The data hold a sentence for each name that cannot be estimated and for no other; the lines say the same."""
    plain, text = network_as_plain(apart), network_as_text(apart)
    assert list(plain["would_identify"]) == plain["unidentifiable"]
    assert (
        plain["would_identify"]["tms"]
        == "tms: a study of tms against placebo would make it known. So would 3 other choices."
    )
    flat = " ".join(text.split())
    for sentence in plain["would_identify"].values():
        assert sentence in flat


def test_what_is_left_out_is_said(apart: NetworkResult) -> None:
    """A study of one arm stands in the data and in the lines, with its reason."""
    plain, text = network_as_plain(apart), network_as_text(apart)
    ((left),) = plain["excluded"]
    assert left["study"] == "Eden"
    assert f"  Eden: {left['why']}" in text
    assert all(f"Note: {note}" in text for note in plain["notes"])


def test_whole_treatments_in_parts() -> None:
    """Without components the parts that no study links are listed, each treatment once, and nothing is said across them."""
    result = ask_network(read_network(APART), separator=None)
    plain, text = network_as_plain(result), network_as_text(result)
    assert plain["components"] == plain["unidentifiable"] == []
    assert plain["would_identify"] == {}
    start = text.index("No study links these 3 parts")
    parts = text[start:].split("\n\n")[0].splitlines()[1:-1]
    assert [part.strip().split(", ") for part in parts] == [
        ["ect", "lithium+ect"],
        ["ketamine", "placebo"],
        ["ketamine+tms", "tms"],
    ]
    for one in plain["random"]["treatments"]:
        assert not {*plain["random"]["treatments"][one]} & {"tai chi"}


def test_a_network_in_one_piece_says_nothing_of_parts() -> None:
    """Where studies link everything, neither parts nor missing studies are mentioned."""
    whole = "\n".join(APART.splitlines()[:5]) + "\n"
    for separator in ("+", None):
        text = network_as_text(ask_network(read_network(whole), separator=separator))
        assert "No study links" not in text
        assert separator is None or "placebo" in text


def test_many_that_are_missing_are_counted() -> None:
    """A screen shows eight sentences and the number of the others, which JSON holds."""
    rows = ["study,treatment,n,events"]
    rows += [f"s{i},{name},50,{20 + i}" for i in range(6) for name in (f"a{i}", f"b{i}")]
    result = ask_network(read_network("\n".join(rows) + "\n"))
    plain, text = network_as_plain(result), network_as_text(result)
    assert len(plain["would_identify"]) == 12
    assert text.count("would make it known") == 8
    assert "... and 4 more; --json says it of each." in text


@pytest.mark.parametrize("shape", SHAPES)
def test_text_and_data_agree(shape: str) -> None:
    """On drawn networks of every shape: a line has a number exactly where the data have one, and it is that number."""
    rng = np.random.default_rng(SHAPES.index(shape))
    silent = 0
    for _ in range(12):
        data = drawn_network(rng, shape)
        design = drawn_design(rng, data)
        result = ask_network(data, inactive=design.inactive, interactions=[term.label for term in design.interactions])
        plain: dict[str, Any] = json.loads(json.dumps(network_as_plain(result), allow_nan=False))
        text = network_as_text(result)
        known = {**plain["random"]["components"], **plain["random"]["interactions"]}
        silent += len(plain["unidentifiable"])
        for name in (*plain["components"], *plain["interactions"]):
            line = next(line for line in text.splitlines() if line.startswith(f"  {name} "))
            if name in known:
                value = known[name]["estimate"]
                assert value >= math.log(1000) or shown(data, value) in line
            else:
                assert line.endswith("cannot be estimated from these studies")
        assert list(plain["would_identify"]) == plain["unidentifiable"]
    assert silent or shape == SHAPES[0]
