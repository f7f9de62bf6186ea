"""Further questions to a reader's network by command: each is answered beside the model, and no number is made up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.evidence.synthesis.models.ask import ask_network
from inconcert.evidence.synthesis.models.more import Also, ask_more
from inconcert.evidence.synthesis.models.ranking import Better
from inconcert.exchange.evidence.more_json import more_as_plain
from inconcert.exchange.evidence.more_text import more_as_text
from support.networks import SHAPES, drawn_network

ROWS = """study,treatment,n,events,age
A1,placebo,60,12,30
A1,ketamine,62,25,30
A2,placebo,50,11,50
A2,ketamine,50,16,50
A3,placebo,40,9,60
A3,ketamine,44,11,60
B1,sham,70,15,40
B1,tms,70,24,40
C1,tms,50,18,35
C1,ketamine+tms,48,30,35
D1,placebo,50,10,55
D1,ketamine,49,20,55
D1,ect,51,28,55
E1,ketamine,80,36,50
E1,ect,82,50,50
"""
ALL = [word for name in Also for word in ("--also", name.value)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of arms: two parts that only components link, one study of three arms."""
    path = tmp_path / "arms.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def said(file: Path, *words: str) -> str:
    """What the command prints; it must succeed."""
    result = CliRunner().invoke(app, ["network", str(file), "--inactive", "placebo", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_question_has_its_block(file: Path) -> None:
    """Each question that may be asked has a heading and answers in words."""
    text = said(file, *ALL, "--better", "higher", "--by", "age")
    for words in (
        "Each interaction beside the additive model",
        "Sets of interactions, best first",
        "designs with one another",
        "ect against placebo",
        "no evidence",
        "Each comparison from the studies that made it",
        "ect: how much rests on each study",
        "sham: a study of sham against placebo would make it known.",
        "Ranks, higher is better",
        "Treatments of different sets cannot be compared by these studies.",
        "By age, in 7 studies",
        "need not hold between patients",
    ):
        assert words in text, words


def test_nothing_is_answered_unasked(file: Path) -> None:
    """Without a wish, neither block nor key of a further question appears."""
    plain = json.loads(said(file, "--json"))
    assert not {
        "each_interaction",
        "agreement",
        "direct",
        "studies_of",
        "studies_needed",
        "ranking",
        "regression",
    } & set(plain)
    assert "Ranks" not in said(file)


def test_the_answers_as_data(file: Path) -> None:
    """The same at full precision: agreement adds up, weights make one, a study needed is named with its arms."""
    plain = json.loads(said(file, *ALL, "--better", "lower", "--by", "age", "--on", "ketamine", "--json"))
    agreement = plain["agreement"]
    parts = agreement["q_heterogeneity"]["value"] + agreement["q_inconsistency"]["value"]
    assert parts == pytest.approx(agreement["q_total"]["value"])
    assert sum(one["random"] for one in plain["studies_of"]["ect"]["weights"].values()) == pytest.approx(1)
    assert {"first": "sham", "second": "placebo", "new": []} in [
        some[0] for some in plain["studies_needed"][0]["options"]
    ]
    assert [one["treatment"] for one in plain["ranking"]["sets"][0]] == ["placebo", "ketamine", "ect"]
    assert set(plain["regression"]["slopes"]) == {"ketamine by age"}
    bubbles = {(one["first"], one["second"]): one for one in plain["regression"]["bubbles"]}
    shown = bubbles["ketamine", "placebo"]
    assert [one["study"] for one in shown["studies"]] == ["A1", "A2", "D1", "A3"]
    assert shown["line"][0]["at"] == 30
    assert shown["line"][-1]["at"] == 60
    assert "line" in bubbles["sham", "tms"]
    look = plain["each_interaction"]["interactions"]["ketamine*tms"]
    assert look["identifiable"]
    assert look["q_difference"]["df"] == 1


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (["--also", "tea"], "use one of interactions, sets"),
        (["--better", "up"], "use one of higher, lower"),
        (["--by", "height"], "use one of age"),
        (["--by", "age", "--on", "tea"], "use some of ect"),
    ],
)
def test_what_cannot_be_asked(file: Path, words: list[str], mend: str) -> None:
    """A wish that is not known ends with what may be asked."""
    result = CliRunner().invoke(app, ["network", str(file), *words])
    assert result.exit_code == 2
    assert mend in " ".join(result.output.split())


def test_whole_treatments_have_no_interactions(file: Path) -> None:
    """Without components, a wish for interactions is refused; the other questions are answered of whole treatments."""
    result = CliRunner().invoke(app, ["network", str(file), "--components", "none", "--also", "interactions"])
    assert result.exit_code == 2
    assert "whole treatments have no interactions" in " ".join(result.output.split())
    text = CliRunner().invoke(app, ["network", str(file), "--components", "none", "--also", "studies"]).output
    assert "ketamine against ect: how much rests on each study" in text
    assert "sham against ect" not in text


def test_whole_treatments_in_parts_want_a_link(file: Path) -> None:
    """Of whole treatments in two parts, any study across the gap would do; in one part nothing is missing."""
    words = ["network", str(file), "--components", "none", "--also", "needed"]
    text = CliRunner().invoke(app, words).output
    assert (
        "ketamine+tms against ect: a study of ketamine+tms against ect would make it known. So would 8 other choices."
        in text
    )
    file.write_text("\n".join(ROWS.splitlines()[:7]), encoding="utf-8")
    assert "Nothing is missing" in CliRunner().invoke(app, words).output


def numbers(plain: Any) -> list[float]:
    """Every number in plain data."""
    if isinstance(plain, dict):
        return [value for one in plain.values() for value in numbers(one)]
    if isinstance(plain, list):
        return [value for one in plain for value in numbers(one)]
    return [float(plain)] if isinstance(plain, int | float) and not isinstance(plain, bool) else []


def test_no_number_is_made_up() -> None:
    """On drawn networks of every shape all questions are answered: each number is finite, and what cannot be estimated has none."""
    rng = np.random.default_rng(77)
    silent = 0
    for turn in range(24):
        data = drawn_network(rng, SHAPES[turn % 4])
        result = ask_network(data, inactive="O" if "O" in data.treatments else None)
        more = ask_more(result, list(Also), better=Better.HIGHER)
        plain = json.loads(json.dumps(more_as_plain(more), allow_nan=False))
        assert all(math.isfinite(value) for value in numbers(plain))
        assert more_as_text(more)
        for look in plain["each_interaction"]["interactions"].values():
            if not look["identifiable"]:
                silent += 1
                assert numbers(look) == []
        known = result.model.common.parameters
        assert set(plain["studies_of"]) == {name for name, value in known.items() if value is not None}
        asked = [one["asked"] for one in plain["studies_needed"]]
        assert asked[: sum(value is None for value in known.values())] == [
            n for n, value in known.items() if value is None
        ]
        for one in plain["direct_and_indirect"]:
            assert ("indirect" in one) == ("difference" in one)
    assert silent > 5
