"""`inconcert cohort make | read`: what is written, what is told, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.population.tables import open_cohort
from inconcert.synthetic import write_clinic

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration clinic as a bulk export."""
    folder = tmp_path_factory.mktemp("clinic")
    write_clinic(folder)
    return next(p for p in sorted(folder.iterdir()) if p.is_dir())


def test_make_writes_people_who_are_marked_invented(tmp_path: Path) -> None:
    """A cohort is written, says that nobody in it ever lived, and on which day it is; the command says so, too."""
    out = tmp_path / "people"
    made = RUNNER.invoke(app, ["cohort", "make", str(out), "--people", "30", "--seed", "4", "--as-of", "2026-11-22"])
    assert made.exit_code == 0, made.output
    assert "30 INVENTED people as of 2026-11-22" in made.output
    cohort = open_cohort(out)
    assert cohort.invented
    assert "nobody in it has ever lived" in cohort.origin
    assert set(cohort.files) >= {"people", "trials", "scores", "answers", "screen"}


def test_the_counts_made_of_invented_people_say_so(tmp_path: Path) -> None:
    """Whoever counts over an invented cohort reads in the answer that it is invented."""
    out = str(tmp_path / "people")
    RUNNER.invoke(app, ["cohort", "make", out, "--people", "30", "--as-of", "2026-11-22"])
    told = RUNNER.invoke(app, ["cover", "--cohort", out, "--policy", "aetna-tms"])
    assert "30 INVENTED people" in told.output
    written = RUNNER.invoke(app, ["cover", "--cohort", out, "--policy", "aetna-tms", "--json"])
    assert json.loads(written.stdout)["cohort"]["invented"] is True


def test_make_refuses_a_full_folder_and_a_day_that_is_none(tmp_path: Path) -> None:
    """Nothing is written over, and a wrong day is named."""
    (tmp_path / "there.txt").write_text("mine", encoding="utf-8")
    full = RUNNER.invoke(app, ["cohort", "make", str(tmp_path)])
    assert full.exit_code == 2
    assert "not empty" in full.output
    wrong = RUNNER.invoke(app, ["cohort", "make", str(tmp_path / "new"), "--as-of", "2026-02-30"])
    assert wrong.exit_code == 2
    assert not (tmp_path / "new").exists()


def test_read_writes_a_cohort_and_accounts_for_every_line(bulk: Path, tmp_path: Path) -> None:
    """The export's people are written, not marked invented; the account tells of every resource and what was set aside."""
    out = tmp_path / "people"
    read = RUNNER.invoke(app, ["cohort", "read", str(bulk), "--out", str(out), "--processes", "1", "--json"])
    assert read.exit_code == 0, read.output
    account = json.loads(read.stdout)
    assert account["resources"] == account["used"] + account["kept_not_used"] + account["refused_count"]
    assert account["used"] > 0
    assert not open_cohort(out).invented


def test_read_names_refused_lines_with_their_mend(bulk: Path, tmp_path: Path) -> None:
    """A broken line is told by file and line on standard error, and the rest is read."""
    export = tmp_path / "export"
    export.mkdir()
    for path in bulk.iterdir():
        (export / path.name).write_bytes(path.read_bytes())
    (export / "Extra.ndjson").write_text('{"resourceType": "Condition", "id"\n', encoding="utf-8")
    read = RUNNER.invoke(app, ["cohort", "read", str(export), "--out", str(tmp_path / "people"), "--processes", "1"])
    assert read.exit_code == 0
    assert "Extra.ndjson:1" in read.output
    assert "Mend:" in read.output
    assert "1 refused" in read.output


def test_read_refuses_a_folder_without_an_export(tmp_path: Path) -> None:
    """A folder without NDJSON ends the command with the reason and the mend."""
    (tmp_path / "empty").mkdir()
    read = RUNNER.invoke(app, ["cohort", "read", str(tmp_path / "empty"), "--out", str(tmp_path / "people")])
    assert read.exit_code == 1
    assert "no .ndjson file" in read.output
