"""The small commands: demo, synthetic, schema, version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inconcert import __version__
from inconcert.cli import app


class Replaced(Exception):
    """Stands for the moment in which the command becomes another program."""


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command becomes, instead of becoming it."""
    words: list[str] = []

    def remember(_: str, command: list[str]) -> None:
        words.extend(command)
        raise Replaced

    monkeypatch.setattr(os, "execv", remember)
    return words


def test_demo_becomes_the_site_with_the_options_given(became: list[str]) -> None:
    """The site is started as a program of its own, with this Python, and is told everything the command was told."""
    result = CliRunner().invoke(app, ["demo", "--port", "8123", "--data-dir", "here", "--fresh"])
    assert isinstance(result.exception, Replaced)
    assert became == [
        *(sys.executable, "-P", "-m", "inconcert.web.demo"),
        *("--host", "127.0.0.1", "--port", "8123", "--data-dir", "here", "--fresh"),
    ]


def test_the_site_knows_every_option_that_it_is_given(became: list[str]) -> None:
    """No option of the command is unknown to the program that it becomes."""
    CliRunner().invoke(app, ["demo", "--fresh"])
    command = [*became[:4], "--help"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert [word for word in became[4:] if word.startswith("--") and word not in told] == []


def test_demo_without_the_site_says_what_to_install(monkeypatch: pytest.MonkeyPatch, became: list[str]) -> None:
    """In a plain install the command names the extra and ends with the code of misuse."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["demo"])
    assert result.exit_code == 2
    assert "pip install 'inconcert[all]'" in result.stderr
    assert became == []


def test_synthetic_counts_people_not_files(tmp_path: Path) -> None:
    """The number said is the number of people, each with a bundle; the bulk folder holds the same ones again."""
    result = CliRunner().invoke(app, ["synthetic", str(tmp_path)])
    people = len(list(tmp_path.glob("*.json")))
    assert result.output.startswith(f"{people} invented people written")
    assert len((tmp_path / "bulk/Patient.ndjson").read_text(encoding="utf-8").splitlines()) == people


def test_schema_is_a_json_schema() -> None:
    """What is published can be read as JSON and names the account, the person and the four answers."""
    schema: dict[str, Any] = json.loads(CliRunner().invoke(app, ["schema"]).output)
    words = json.dumps(schema)
    assert all(f'"{word}"' in words for word in ("account", "person", "who", "paid", "given", "evidence"))


def test_version_is_the_version() -> None:
    """The version said is the package's own."""
    assert CliRunner().invoke(app, ["version"]).output == f"inconcert {__version__}\n"
