"""The files that the guide to a network of one's own shows can be read, and give what the guide says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Scale

PAGE = "docs/how-to/synthesise-your-own-network.md"


def blocks(root: Path) -> tuple[list[str], list[str]]:
    """The files that the page shows, and the other blocks of text."""
    found = re.findall(r"^```text\n(.*?)^```", (root / PAGE).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [b for b in found if b.startswith("study,")], [b for b in found if not b.startswith("study,")]


def test_what_is_left_out_of_the_example_is_what_the_guide_prints(root: Path) -> None:
    """Each line printed below the example is what reading it gives, and there is no other."""
    files, others = blocks(root)
    network = read_network(files[0])
    said = [f"  {one.study}: {one.why.rstrip('.')}." for one in network.excluded] + [
        f"Note: {n}" for n in network.notes
    ]
    printed = [line for line in others[0].splitlines() if line and not line.startswith("Left out:")]
    assert printed == said


def test_every_study_of_the_other_examples_goes_in(root: Path) -> None:
    """Comparisons as logarithms and as ratios are read, nothing left out."""
    (_, pairs, ratios, _), _ = blocks(root)
    network = read_network(pairs, scale=Scale.OR)
    assert [len(study.treatments) for study in network.studies] == [2, 3]
    assert not network.excluded
    other = read_network(ratios)
    assert other.scale is Scale.OR
    assert not other.excluded
    assert other.studies[0].effects == pytest.approx(network.studies[0].effects, abs=0.001)


@pytest.fixture
def run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Run a command in a folder that holds the page's files; gives what is written to standard output."""
    monkeypatch.chdir(tmp_path)
    (arms, _, _, apart), _ = blocks(root)
    Path("arms.csv").write_text(arms, encoding="utf-8")
    Path("apart.csv").write_text(apart, encoding="utf-8")

    def said(command: str) -> str:
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0, result.output
        return result.stdout

    return said


def commands(root: Path) -> list[str]:
    """Every command that the page shows."""
    return re.findall(r"^\$ inconcert (.+)$", (root / PAGE).read_text(encoding="utf-8"), re.MULTILINE)


def test_results_in_the_guide_are_what_the_commands_print(root: Path, run: Callable[[str], str]) -> None:
    """Each block of results below the first is printed whole, line under line, by one of the commands of the page."""
    pytest.importorskip("vl_convert")
    said = [run(command) for command in commands(root)]
    _, (_, *results) = blocks(root)
    assert len(results) == 4
    for block in results:
        assert any(block in text + "\n" for text in said), block
    assert {path.name for path in Path().glob("*.*g")} == {"forest.svg", "compared.svg", "funnel.png"}


def contains(shown: Any, whole: Any) -> bool:
    """Whether everything that is shown is in the whole; numbers to ten digits."""
    if isinstance(shown, dict):
        return all(key in whole and contains(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, float):
        return bool(shown == pytest.approx(whole, rel=1e-8, abs=1e-9))
    return bool(shown == whole)


def test_the_shape_of_the_data_in_the_guide(root: Path, run: Callable[[str], str]) -> None:
    """The shortened JSON is part of the real one, and every key in the table of keys is one of its keys."""
    text = (root / PAGE).read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    whole = json.loads(run("network apart.csv --inactive placebo --interaction ketamine*tms --json"))
    assert contains(json.loads(shown), whole)
    table = text[text.index("| key | what it holds |") :]
    named = {key for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert named >= set(whole["common"]) - {"treatments"}
    assert named <= {*whole, *whole["common"]}
