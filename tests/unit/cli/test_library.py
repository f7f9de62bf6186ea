"""`inconcert policies | protocols | scales`: lists that fit, entries with sources."""

import json

import pytest
from typer.testing import CliRunner

from inconcert.cli import app

SHELVES = {"policies": "aetna-tms", "protocols": "itbs_600_left", "scales": "phq9"}


def run(*arguments):
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_list_fits_eighty_columns(shelf):
    """Every line of every list fits a terminal 80 columns wide."""
    code, out, _ = run(shelf)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert SHELVES[shelf] in out


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_entry_says_where_it_comes_from(shelf):
    """As JSON, each entry has an id and at least one source, or says that it is only recalled."""
    _, out, _ = run(shelf, "--json")
    entries = json.loads(out)
    assert entries
    assert [e["id"] for e in entries if not e["sources"] and e["status"] != "recalled"] == []


@pytest.mark.parametrize(("shelf", "entry"), SHELVES.items())
def test_one_entry_is_shown_by_name_with_or_without_the_word_show(shelf, entry):
    """`inconcert policies aetna-tms` is `inconcert policies show aetna-tms`."""
    code, out, _ = run(shelf, "show", entry)
    assert code == 0
    assert (code, out) == run(shelf, entry)[:2]
    assert "source" in out


@pytest.mark.parametrize(("shelf", "entry"), SHELVES.items())
def test_a_misspelt_entry_names_the_nearest(shelf, entry):
    """An unknown id exits with 2 and suggests the one that was meant."""
    code, _, err = run(shelf, "show", entry[:-1])
    assert code == 2
    assert entry in err
