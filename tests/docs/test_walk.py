"""The walk from refusal to approval works as written."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app

PAGE = "docs/tutorials/refusal-to-approval.md"


def plain(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split())


@pytest.mark.slow
def test_the_walk_does_what_it_shows(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed one after another, the page's commands answer, and each line that the page shows is in their output or in
    the clinic's sheet.
    """
    monkeypatch.chdir(tmp_path)
    text = (root / PAGE).read_text(encoding="utf-8")
    shutil.copy(root / "docs/how-to/clinic-settings-example.yaml", tmp_path / "clinic.yaml")
    refusal = re.search(r"```yaml\n(.+?)```", text, re.DOTALL)
    assert refusal is not None
    (tmp_path / "refusal.yaml").write_text(refusal[1], encoding="utf-8")
    blocks = re.findall(r"```(console|text)\n(.+?)```", text, re.DOTALL)
    said = ""
    commands = 0
    for kind, block in blocks:
        if kind == "console":
            for command in re.findall(r"^\$ inconcert (.+)$", block, re.MULTILINE):
                result = CliRunner().invoke(app, shlex.split(command))
                assert result.exit_code == 0, f"{command}\n{result.output}"
                commands += 1
                out = re.search(r"--out (\S+)", command)
                sheet = tmp_path / out[1] / "FOR-THE-CLINIC.txt" if out else None
                said = plain(result.output + (sheet.read_text(encoding="utf-8") if sheet else ""))
        else:
            for line in block.splitlines():
                assert plain(line) in said, line
    assert commands == 5
    for folder in ("august", "november", "appeal", "too-early"):
        assert (tmp_path / folder / "packet.pdf").read_bytes().startswith(b"%PDF")


def test_every_picture_of_the_walk_is_there_and_small(root: Path) -> None:
    """Each picture that the page shows is a PNG of at most 100 KiB that the script draws."""
    text = (root / PAGE).read_text(encoding="utf-8")
    shown = re.findall(r"\.\./_static/walk/([\w-]+)\.png", text)
    script = (root / "scripts/draw_walk.py").read_text(encoding="utf-8")
    assert len(shown) == 5
    for name in shown:
        path = root / f"docs/_static/walk/{name}.png"
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < 100 * 1024
        assert f'"{name}"' in script
