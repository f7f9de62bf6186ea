"""What the guide to further questions prints is what the command says of the file that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app

PAGE = "docs/how-to/ask-more-of-a-network.md"


def test_the_guide_prints_what_the_command_says(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of the page answers, and each line that the page shows is a line of what they and `--also agreement` say."""
    monkeypatch.chdir(tmp_path)
    text = (root / PAGE).read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    Path("arms.csv").write_text(blocks[0], encoding="utf-8")
    commands = re.findall(r"^\$ inconcert (.+)$", text, re.MULTILINE)
    said: set[str] = set()
    for command in (*commands, "network arms.csv --inactive placebo --also agreement"):
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0, result.output
        said |= set(result.output.splitlines())
    assert len(commands) == 3
    for block in blocks[1:]:
        assert set(block.splitlines()) <= said, set(block.splitlines()) - said
