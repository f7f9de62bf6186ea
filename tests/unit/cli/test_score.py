"""`inconcert score` as a person types it."""

import json

import pytest
from typer.testing import CliRunner

from inconcert.cli import app


def run(*arguments):
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_qids_is_summed_by_its_nine_domains():
    """The worked vector of the clinical brief: 16 answers give 14, moderate, not the plain sum of 18."""
    code, out, _ = run("score", "qids-sr16", *"1 2 0 3 2 1 0 0 2 1 1 0 2 2 1 0".split())
    assert code == 0
    assert "total    14" in out
    assert "band     moderate" in out


def test_a_missing_item_gives_a_range_and_says_what_to_ask():
    """A dash is a blank: the total is unknown, bounded, and the question is printed."""
    code, out, _ = run("score", "phq9", *"1 1 1 1 1 1 1 1 -".split())
    assert code == 0
    assert "unknown, between 8 and 11" in out
    assert "needs" in out
    assert "item 9" in out


def test_item_nine_is_flagged_whatever_the_total():
    """A PHQ-9 of 1 whose only point is item 9 still raises the flag."""
    code, out, _ = run("score", "phq9", *"0 0 0 0 0 0 0 0 1".split())
    assert code == 0
    assert "FLAG" in out


def test_json_carries_the_same_answer():
    """--json gives total, band, flags and basis under the names of the schema."""
    code, out, _ = run("score", "gad7", *"3 3 3 3 3 3 3".split(), "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["total"], found["band"]) == (21, "severe")
    assert found["basis"]["sources"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("phq9", *"1 1 1 1 1 1 1 1 4".split()), "4"),
        (("phq9", *"1 1 1".split()), "9"),
        (("phq9", *"1 1 1 1 1 1 1 1 -1".split()), "-1"),
        (("phq9", *"1 1 1 1 1 1 1 1 x".split()), "not a number"),
        (("phq10", "1"), "phq9"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_a_mend(arguments, said):
    """Out of range, too few, negative, not a number, no such scale: exit code 2 and a message that names it."""
    code, out, err = run("score", *arguments)
    assert code == 2
    assert not out
    assert said in err
    assert "Mend" in err
