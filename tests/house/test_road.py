"""The order of the rooms is enforced, and the enforcement would notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

# (room, statement planted in it, contract that must break)
PLANTED = (
    ("record", "import inconcert.payers", "road"),
    ("scales", "import inconcert.staging", "road"),
    ("staging", "import inconcert.protocols", "road"),
    ("protocols", "import inconcert.staging", "road"),
    ("exchange", "import inconcert.web", "road"),
    ("web", "import inconcert.cli", "road"),
    ("exchange", "import django.http", "django-in-web"),
    ("payers", "import duckdb", "tables-in-population"),
    ("assessment", "import altair", "pictures-in-exchange"),
    ("safety", "import rich", "plain-floors"),
    ("knowledge", "import pydantic", "plain-floors"),
)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's own contracts on the copy in that folder."""
    program = Path(sys.executable).with_name("lint-imports")
    env = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"}
    command = [str(program), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The source in a folder of its own, with only the contracts of pyproject.toml."""
    shutil.copytree(
        root / "src/inconcert",
        tmp_path / "inconcert",
        ignore=shutil.ignore_patterns("__pycache__", "static", "*.yaml", "*.csv"),
    )
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :], encoding="utf-8")
    return tmp_path


def test_the_road_runs_one_way(copy: Path) -> None:
    """As it stands, no room imports one that the patient meets later."""
    result = lint(copy)
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_import_that_runs_backward_is_noticed(copy: Path) -> None:
    """Each forbidden import, planted in a copy, is named by the linter, and the run fails."""
    for number, (room, statement, _) in enumerate(PLANTED):
        (copy / "inconcert" / room / f"planted_{number}.py").write_text(statement + "\n", encoding="utf-8")
    result = lint(copy)
    assert result.returncode != 0
    unseen = [p for n, p in enumerate(PLANTED) if f"inconcert.{p[0]}.planted_{n}" not in result.stdout]
    assert unseen == [], result.stdout


def test_each_contract_can_break(copy: Path, root: Path) -> None:
    """Every contract in pyproject.toml has a planted import in this file that breaks it."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {c["id"] for c in contracts} == {contract for _, _, contract in PLANTED}


def test_a_new_room_needs_a_place(copy: Path) -> None:
    """A room that no layer names fails the build until it is given its place in the order."""
    (copy / "inconcert" / "attic").mkdir()
    (copy / "inconcert" / "attic" / "__init__.py").write_text('"""Somewhere."""\n', encoding="utf-8")
    result = lint(copy)
    assert result.returncode != 0
    assert "attic" in result.stdout + result.stderr


def test_every_room_is_under_every_contract_meant_for_it(root: Path) -> None:
    """No room but the site may know Django: the contract names each of the others."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    named = next(set(c["source_modules"]) for c in contracts if c["id"] == "django-in-web")
    rooms = {
        f"inconcert.{p.stem}"
        for p in (root / "src/inconcert").iterdir()
        if not p.stem.startswith("_") and p.suffix in {".py", ""}
    }
    assert rooms - named == {"inconcert.web"}
