"""`inconcert combine`: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.exchange.evidence.combine_json import TABLES
from inconcert.knowledge.study_store import TEMPLATE

DAY = ("--as-of", "2026-11-22")


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["combine", *DAY, *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


def without(module: str, *arguments: str) -> tuple[int, str, str]:
    """The same in a new process where a library is not installed."""
    program = f"import sys; sys.modules[{module!r}] = None; from inconcert.cli import app; app(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, "combine", *DAY, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with an invented randomized trial of both, each and neither."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "EXAMPLE2026.yaml").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture
def strong(mine: Path) -> Path:
    """The same trial, in which nearly all of those given both responded."""
    file = mine / "EXAMPLE2026.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("value: 0.5, n: 38, n_status: read, events: 19", "value: 0.9211, n: 38, n_status: read, events: 35"), encoding="utf-8")  # fmt: skip
    return mine


def test_the_first_line_is_what_to_take_away() -> None:
    """The usual question is answered, its first sentence first."""
    code, out, err = run()
    assert (code, err) == (0, "")
    assert " ".join(out.split()).startswith(
        "Nobody knows whether ketamine or esketamine together with TMS works better than either alone: no randomized trial"
    )
    for heading in (
        "Each treatment alone",
        "Both together, if effects simply add",
        "The trial that would settle it",
        "Assumed",
    ):
        assert heading in out


def test_a_randomized_trial_of_a_reader_changes_the_first_line(mine: Path) -> None:
    """With an invented trial beside our studies nobody is said not to know; without the folder all is as before."""
    code, out, _ = run("--evidence", str(mine))
    first = " ".join(out.split("\n\n")[0].split())
    assert code == 0
    assert not first.startswith("Nobody knows")
    assert "randomized comparison" in first
    assert run()[1].startswith("Nobody knows")


def test_a_strong_trial_of_a_reader_is_told_by_name(strong: Path) -> None:
    """A difference that chance does not explain is told with its study and number."""
    out = run("--evidence", str(strong))[1]
    first = " ".join(out.split("\n\n")[0].split())
    assert "found a difference" in first
    assert "Example 2026" in first
    assert "odds ratio" in first


def test_json_has_its_shape() -> None:
    """The keys that a program relies on, with the options that were used."""
    code, out, err = run("--outcome", "remission", "--design", "rct", "--week", "6", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert set(found) >= {
        "as_of", "options", "headline", "assumptions", "scale", "tau2", "forest", "interaction", "missing", "certainty",
        "reach", "let_in", "multiverse", "claims", "trials", "methods", "excluded", "sources",
    }  # fmt: skip
    assert found["as_of"] == DAY[1]
    assert (found["options"]["outcome"], found["options"]["design"], found["options"]["week"]) == (
        "remission",
        "rct",
        6.0,
    )
    assert found["multiverse"] == []
    assert {"id", "group", "label", "estimate", "se", "lower", "upper", "text", "rows", "sources"} <= set(
        found["forest"][0]
    )


def test_text_and_data_are_one_answer() -> None:
    """What the lines say of the interaction is what the data hold."""
    found = json.loads(run("--json")[1])
    assert found["interaction"]["text"] in run()[1]


def test_everything_is_written_at_once(tmp_path: Path) -> None:
    """Tables, page and print are written where they were wanted, and standard output stays data."""
    pytest.importorskip("vl_convert")
    pytest.importorskip("typst")
    folder, page, paper = tmp_path / "new" / "tables", tmp_path / "a.html", tmp_path / "a.pdf"
    code, out, err = run("--tables", str(folder), "--html", str(page), "--pdf", str(paper), "--json")
    assert code == 0
    found = json.loads(out)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.csv" for name in TABLES)
    with (folder / "multiverse.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(found["multiverse"]) > 100
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert paper.read_bytes().startswith(b"%PDF")
    assert [line.split()[0] for line in err.splitlines()] == ["Wrote"] * 3


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("--outcome", "cure"), "Mend: one of response, remission, change."),
        (("--measure", "MD"), "Mend: one of OR, RR, RD."),
        (("--week", "-3"), "Mend: a number from 0 to 520."),
        (("--weight", "0"), "Mend: ask for design rct."),
        (("--tau", "mcmc"), "Mend: one of"),
        (("--design", "rct", "--weight", "0.5"), "Mend: ask for design all."),
        (("--design", "rct", "--bias-sd", "0.3"), "Mend: ask for design all."),
        (("--interval", "normal", "--bias-sd", "0.3"), "Mend: ask for interval bayes."),
        (("--html", "nowhere/a.html"), "Mend: make it, or name another file."),
    ],
)
def test_a_wish_that_cannot_be_met(words: tuple[str, ...], mend: str) -> None:
    """Exit code 2, nothing on standard output, and the mend; also where two wishes cannot both be meant."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("inconcert: ")
    assert mend in err


def test_a_day_that_does_not_exist() -> None:
    """A wrong day ends the command before anything is asked."""
    result = CliRunner().invoke(app, ["combine", "--as-of", "2026-02-30"])
    assert result.exit_code == 2
    assert "write it as YYYY-MM-DD" in result.stderr


@pytest.fixture
def never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where the work is begun."""

    def fail(*_: object, **__: object) -> None:
        pytest.fail("the studies were asked before the refusal")

    monkeypatch.setattr("inconcert.evidence.synthesis.pair.answer.combine", fail)
    monkeypatch.setattr("inconcert.evidence.synthesis.pair.answer.every_way", fail)


@pytest.mark.usefixtures("never_asked")
def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A table, page or print that is there already is refused before the work, and stays as it was."""
    (tmp_path / "reach.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "a.html").write_text("mine", encoding="utf-8")
    (tmp_path / "a.pdf").write_text("mine", encoding="utf-8")
    for words, told in (
        (("--tables", str(tmp_path)), "holds reach.csv already. Mend: name another folder."),
        (("--tables", str(tmp_path / "a.pdf")), "is a file. Mend: name a folder."),
        (("--html", str(tmp_path / "a.html")), "is there already. Mend: name another file"),
        (("--pdf", str(tmp_path / "a.pdf")), "is there already. Mend: name another file"),
        (("--html", str(tmp_path / "b"), "--pdf", str(tmp_path / "b")), "name the same file"),
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert told in err
    assert {path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"mine"}


def test_without_numpy_the_command_says_what_to_install() -> None:
    """In a plain install the command ends in one line with the extra that it needs, not in a traceback."""
    code, out, err = without("numpy")
    assert (code, out) == (2, "")
    assert err == "inconcert: this needs a part that is not installed (numpy). Mend: pip install 'inconcert[science]'\n"


@pytest.mark.parametrize(("module", "word"), [("vl_convert", "--html"), ("typst", "--pdf")])
def test_without_the_report_part_no_report_is_begun(module: str, word: str, tmp_path: Path) -> None:
    """A report that could not be written is refused at once, and no file is left behind."""
    code, out, err = without(module, word, str(tmp_path / "a"))
    assert (code, out) == (2, "")
    assert f"({module}). Mend: pip install 'inconcert[report]'" in err
    assert list(tmp_path.iterdir()) == []


def test_nothing_left_is_an_answer() -> None:
    """Where no study is left the command says so, without a number for anything."""
    code, out, _ = run("--week", "400")
    assert code == 0
    assert "under these choices" in out
    assert "odds ratio" not in out.split("Assumed")[0]
