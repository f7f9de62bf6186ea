"""The tutorial works as written."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest


def inconcert(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a person types it."""
    program = [sys.executable, "-c", "from inconcert.cli import main; main()"]
    return subprocess.run([*program, *words], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_every_command_of_the_tutorial_runs(root: Path, tmp_path: Path) -> None:
    """Typed one after another in an empty folder, the tutorial's commands all answer."""
    text = (root / "docs/tutorials/first-assessment.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ inconcert (.+)$", text, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        result = inconcert(*shlex.split(command), cwd=tmp_path)
        assert result.returncode == 0, f"{command}\n{result.stderr[-2000:]}"
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_taking_a_fact_away_does_what_the_tutorial_says(tmp_path: Path) -> None:
    """The person of the tutorial is unknown for want of a second trial; without the first medication record still unknown."""
    assert inconcert("synthetic", "people", cwd=tmp_path).returncode == 0
    path = tmp_path / "people/one-trial-short-not-attested.json"
    assert resistant(path) == "unknown"
    bundle = json.loads(path.read_text(encoding="utf-8"))
    kinds = ("MedicationRequest", "MedicationDispense", "MedicationStatement")
    position = next(i for i, e in enumerate(bundle["entry"]) if e["resource"]["resourceType"] in kinds)
    del bundle["entry"][position]
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert resistant(path) == "unknown"


def resistant(path: Path) -> str:
    """Whether the depression is resistant by the US label's count, as the command's JSON says."""
    result = inconcert("assess", str(path), "--json", cwd=path.parent)
    assert result.returncode == 0, result.stderr
    answer: str = json.loads(result.stdout)["answers"]["who"]["resistant"]
    return answer
