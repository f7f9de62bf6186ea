"""`inconcert network DATA --small-studies A B`: what may be missing, for a reader's own file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app

FROZEN = Path(__file__).parents[2] / "alignment" / "trust"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Forty invented studies of one comparison, and one of another."""
    path = tmp_path / "studies.csv"
    with (FROZEN / "selected.csv").open(encoding="utf-8") as file:
        rows = [[f"s{i}", "tms", "sham", r["yi"], r["sei"]] for i, r in enumerate(csv.DictReader(file))]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["study", "treat1", "treat2", "TE", "seTE"], *rows, ["x", "drug", "sham", 0.5, 0.2]]
        )
    return path


def run(data: Path, *more: str) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["network", str(data), "--measure", "SMD", *more], env={"COLUMNS": "300"})
    return result.exit_code, " ".join(result.stdout.split()), result.stderr


def test_a_reader_is_told_what_may_be_missing(data: Path) -> None:
    """The headline, each test, the selection model, what-ifs and the fills are printed with their intervals."""
    code, out, err = run(data, "--small-studies", "tms", "sham")
    assert (code, err) == (0, "")
    assert "Among 40 studies small ones find less" in out
    assert "Egger's test (multiplicative error): p = 0.0163." in out
    assert "Selection model: SMD 0.269 (0.0842 to 0.431), against 0.341 without selection" in out
    assert "If there were severe suppression: SMD 0.085" in out
    assert "Trim and fill (L0): 11 to be mirrored to the right" in out
    assert "a what-if, no result" in out


def test_json_has_full_precision_and_the_lines_of_the_file(data: Path) -> None:
    """The plain data hold every field, with the line of each study, and only numbers that JSON knows."""
    code, out, err = run(data, "--small-studies", "tms", "sham", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)["small_studies"]
    frozen = json.loads((FROZEN / "metafor.json").read_text(encoding="utf-8"))
    assert found["selection"]["estimate"] == pytest.approx(frozen["selection"]["selected_one"]["mu"], abs=1e-6)
    assert found["tests"][0]["p"] == pytest.approx(frozen["egger"]["selected"]["multiplicative"]["p"], abs=1e-12)
    assert found["funnel"]["points"][0]["row_ids"] == ["line 2"]
    assert [c["p"] for c in found["funnel"]["contours"]] == [0.1, 0.05, 0.01]


def test_too_few_are_refused_unless_asked(data: Path) -> None:
    """One study is no funnel: each check says so, and no number is made up."""
    code, out, _ = run(data, "--small-studies", "drug", "sham")
    assert code == 0
    assert "Only 1 study: below 10" in out
    code, out, _ = run(data, "--small-studies", "drug", "sham", "--even-if-few")
    assert "nothing is left around a line" in out
    code, out, _ = run(data, "--small-studies", "drug", "tms")
    assert "No study of the network made this comparison." in out


def test_without_the_wish_nothing_is_added(data: Path) -> None:
    """The report is as before where small studies were not asked for."""
    _, out, _ = run(data)
    assert "Small studies" not in out


def test_a_treatment_that_is_not_there_is_refused(data: Path) -> None:
    """A name the file lacks ends with an error that lists the names there are."""
    code, _, err = run(data, "--small-studies", "drug", "ect")
    assert code != 0
    assert "ect" in err
