"""`inconcert evidence check | add | template`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.knowledge.study_store import TEMPLATE

DAY = ("--as-of", "2026-11-22")


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The template, saved to be filled in."""
    path = tmp_path / "mine.yaml"
    path.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_our_tables_pass_and_their_doubts_are_shown() -> None:
    """Without a folder the tables we carry are checked: no error, no warning, each doubt with its row and what became of it."""
    code, out, err = run("evidence", "check", *DAY)
    assert (code, err) == (0, "")
    assert "68 studies, 629 rows: no errors, no warnings, 61 doubts." in out
    assert "LEVKOVITZ2015/dtms-sham/HAMD21/35/SMD" in out
    assert "Until then the row is left out." in out


def test_json_holds_every_finding() -> None:
    """The same as data: counts, and for each finding level, rule, file, line, row, problem and mend."""
    code, out, _ = run("evidence", "check", *DAY, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["doubts"] == len(found["findings"]) == 61
    assert set(found["findings"][0]) == {"level", "rule", "file", "line", "row_id", "problem", "mend"}
    assert all(finding["line"] > 1 for finding in found["findings"])


def test_the_template_is_a_study_file(tmp_path: Path) -> None:
    """What `template` writes passes the check as it stands."""
    path = tmp_path / "study.yaml"
    path.write_text(run("evidence", "template")[1], encoding="utf-8")
    code, out, _ = run("evidence", "check", str(path), *DAY)
    assert (code, out) == (0, "1 study, 12 rows: no errors, no warnings, no doubts.\n")


def test_a_mistake_ends_with_one(mine: Path) -> None:
    """An error is shown with file, line, row and mend, and the exit code is 1."""
    mine.write_text(mine.read_text(encoding="utf-8").replace("events: 19", "events: 39"), encoding="utf-8")
    code, out, _ = run("evidence", "check", str(mine), *DAY)
    assert code == 1
    assert "39 of 38 people cannot be." in out
    assert "mine.yaml:" in out
    assert "Mend: Correct events or n." in out


def test_adding_shows_effects_and_networks(mine: Path, tmp_path: Path) -> None:
    """Before it is kept, a study's effects are shown with their formulas, and which networks it enters."""
    pytest.importorskip("numpy")
    code, out, _ = run("evidence", "add", str(mine), "--to", str(tmp_path / "kept"), *DAY)
    assert code == 0
    assert "odds ratio 3.00 (95% interval 1.15 to 7.81)" in out
    assert "standardized mean difference -0.67" in out
    assert "Hedges 1981" in out
    assert "change: dtms_h1+ketamine_iv against saline+sham_tms (SMD, randomized)" in out
    assert "remission: not entered: no figure of it" in out
    assert (tmp_path / "kept" / "EXAMPLE2026.yaml").exists()


def test_a_dry_run_writes_nothing(mine: Path, tmp_path: Path) -> None:
    """`--dry-run` shows the same and leaves no file."""
    code, out, _ = run("evidence", "add", str(mine), "--to", str(tmp_path / "kept"), "--dry-run", *DAY)
    assert code == 0
    assert "odds ratio 3.00" in out
    assert not (tmp_path / "kept").exists()


def test_a_study_is_refused_a_second_time(mine: Path, tmp_path: Path) -> None:
    """The second time it is there already, and so is one of another name with the same registration."""
    kept = tmp_path / "kept"
    assert run("evidence", "add", str(mine), "--to", str(kept), *DAY)[0] == 0
    code, out, err = run("evidence", "add", str(mine), "--to", str(kept), *DAY)
    assert code == 1
    assert "EXAMPLE2026 is in the tables already." in out
    assert "Nothing was added." in err
    mine.write_text(mine.read_text(encoding="utf-8").replace("EXAMPLE2026", "OTHER2026"), encoding="utf-8")
    code, out, _ = run("evidence", "add", str(mine), "--to", str(kept), *DAY)
    assert code == 1
    assert "its registry id nct00000000 is that of EXAMPLE2026 too." in out
    assert [path.name for path in kept.iterdir()] == ["EXAMPLE2026.yaml"]


def test_a_folder_is_needed(mine: Path) -> None:
    """Without a folder to keep it in the command was not understood, and says how to go on."""
    code, _, err = run("evidence", "add", str(mine))
    assert code == 2
    assert "--to FOLDER" in err


def test_json_of_adding(mine: Path, tmp_path: Path) -> None:
    """The same as data, with the file that was written."""
    code, out, _ = run("evidence", "add", str(mine), "--to", str(tmp_path / "kept"), *DAY, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["written"] == [str(tmp_path / "kept" / "EXAMPLE2026.yaml")]
    rows = found["effects"]["EXAMPLE2026"]
    assert {row["outcome"] for row in rows} == {"response, MADRS, day 28", "change, MADRS, day 28"}
    assert all(row["row_ids"][0].startswith("EXAMPLE2026/") and row["source"] for row in rows)


def test_what_was_added_is_asked_with(mine: Path, tmp_path: Path) -> None:
    """The pair is asked about from our tables and the reader's; without the folder nothing of theirs is there."""
    pytest.importorskip("numpy")
    kept = str(tmp_path / "kept")
    assert run("evidence", "add", str(mine), "--to", kept, *DAY)[0] == 0
    with_mine = run("combine", "--evidence", kept, *DAY, "--json")
    without = run("combine", *DAY, "--json")
    assert (with_mine[0], without[0]) == (0, 0)
    assert "EXAMPLE2026/both/MADRS/28/response" in with_mine[1]
    assert "EXAMPLE2026" not in without[1]
