"""`inconcert network` on a reader's own file: what it prints, writes and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inconcert.cli import app

ROWS = """study,treatment,n,events
Alba,placebo,60,12
Alba,ketamine,62,25
Brook,placebo,50,11
Brook,ketamine,50,16
Cole,tms,70,24
Cole,ketamine+tms,70,35
Dale,ect,30,9
"""
BLOCK = {"components", "interactions", "combinations", "treatments"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Studies in two parts, and one of a single arm."""
    path = tmp_path / "arms.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def run(file: Path, *words: str) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["network", str(file), *words], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


def test_the_answer_in_words(file: Path) -> None:
    """Components with intervals, what cannot be given with a study that would, and what was left out."""
    code, out, err = run(file, "--inactive", "placebo")
    assert (code, err) == (0, "")
    assert out.startswith("3 studies, 4 treatments, 2 components. These studies cannot give: tms.")
    assert "tms: a study of tms against placebo would make it known." in out
    assert "Dale: it has one treatment only" in out


def test_json_has_its_shape(file: Path) -> None:
    """The keys that a program relies on; every number under estimate, se, lower, upper, p."""
    code, out, err = run(file, "--inactive", "placebo", "--interaction", "ketamine*tms", "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    assert {"tau2", "q", "common", "random", "unidentifiable", "would_identify", "excluded", "notes"} <= set(found)
    assert set(found["q"]) == {"total", "additive", "difference"}
    assert all({"value", "df", "p"} == set(test) for test in found["q"].values())
    for kind in ("common", "random"):
        assert set(found[kind]) == BLOCK
    assert set(found["common"]["components"]["ketamine"]) == {"estimate", "se", "lower", "upper", "p"}
    assert found["unidentifiable"] == list(found["would_identify"]) == ["tms"]
    assert list(found["random"]["interactions"]) == ["ketamine*tms"]
    assert "ketamine+tms" not in found["random"]["combinations"]


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("--measure", "HR"), "Mend: use one of OR, RR, RD, MD, SMD."),
        (("--measure", "MD"), "Mend:"),
        (("--tau", "mcmc"), "or tau such as 0.2."),
        (("--tau", "-1"), "Mend: give 0 or more"),
        (("--level", "95"), "such as 0.95."),
        (("--inactive", "placebos"), "did you mean 'placebo'?"),
        (("--interaction", "ketamine*tea"), "Mend:"),
        (("--interaction", "ketamine"), "join two different components"),
        (("--components", "none", "--inactive", "placebo"), "Mend: name what joins components."),
        (("--small-studies", "ketamine", "tea"), "Mend:"),
        (("--funnel", "ketamine", "tms", "f.svg"), "name two treatments that a study compared"),
        (("--picture", "forest.pdf"), "Mend: end it with .svg or .png."),
        (("--picture", "nowhere/forest.svg"), "Mend: make it, or name another file."),
        (("--on", "ketamine"), "Mend: add --by"),
        (("--even-if-few",), "Mend: add --small-studies"),
    ],
)
def test_a_wish_that_cannot_be_met(
    file: Path, words: tuple[str, ...], mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, nothing on standard output, no file, and the mend."""
    monkeypatch.chdir(file.parent)
    code, out, err = run(file, *words)
    assert (code, out) == (2, "")
    assert mend in err
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("", "Mend:"),
        ("study,treatment,n,events\n", "Mend:"),
        ("study,treatment,n,events\nA,k,5,9\nA,p,5,1\n", "Mend:"),
        ("a,b\n1,2\n", "Mend:"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, rows: str, told: str) -> None:
    """An empty file, one without rows, one without a usable study, one with other columns: exit code 2 and the mend."""
    path = tmp_path / "bad.csv"
    path.write_text(rows, encoding="utf-8")
    code, out, err = run(path)
    assert (code, out) == (2, "")
    assert told in err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The message names the file."""
    code, _, err = run(tmp_path / "none.csv")
    assert code == 2
    assert "none.csv" in err


def test_pictures_are_written(file: Path, tmp_path: Path) -> None:
    """Forest, comparisons and funnel, as SVG or PNG by their names, beside the answer; standard output stays the answer."""
    pytest.importorskip("vl_convert")
    forest, net, funnel = tmp_path / "f.svg", tmp_path / "n.PNG", tmp_path / "u.svg"
    words = ("--picture", str(forest), "--network-picture", str(net), "--funnel", "ketamine", "placebo", str(funnel))
    code, out, err = run(file, "--inactive", "placebo", *words, "--json")
    assert code == 0
    assert json.loads(out)["studies"] == 3
    assert err.splitlines() == [f"Wrote {path}." for path in (forest, net, funnel)]
    text = forest.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "cannot be estimated from these studies" in text
    assert net.read_bytes().startswith(b"\x89PNG")
    assert "odds ratio of ketamine against placebo" in funnel.read_text(encoding="utf-8")


def test_no_picture_is_written_over(file: Path, tmp_path: Path) -> None:
    """A picture that is there already, or two of one name, are refused before the work; nothing is changed."""
    there = tmp_path / "mine.svg"
    there.write_text("mine", encoding="utf-8")
    for words in (
        ("--picture", str(there)),
        ("--network-picture", str(there)),
        ("--funnel", "ketamine", "placebo", str(there)),
    ):
        code, out, err = run(file, *words)
        assert (code, out) == (2, "")
        assert "is there already. Mend: name another file" in err
    assert there.read_text(encoding="utf-8") == "mine"
    same = str(tmp_path / "new.svg")
    assert "name the same file" in run(file, "--picture", same, "--network-picture", same)[2]


@pytest.mark.parametrize(
    ("module", "extra", "words"), [("numpy", "science", ()), ("vl_convert", "report", ("--picture", "f.svg"))]
)
def test_without_a_part_the_command_says_what_to_install(
    file: Path, module: str, extra: str, words: tuple[str, ...]
) -> None:
    """Where a library is not installed the command ends in one line that names the extra, not in a traceback."""
    program = f"import sys; sys.modules[{module!r}] = None; from inconcert.cli import app; app(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, "network", str(file), *words],
        capture_output=True, text=True, check=False, cwd=file.parent,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"inconcert: this needs a part that is not installed ({module}). Mend: pip install 'inconcert[{extra}]'\n"
    )
