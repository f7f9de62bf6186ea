"""What the house tests share: which files belong to the project, and how a finding is said."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    "_build",
    "generated",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in git; in an unpacked archive every file that is not built."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout.decode()
        names = [name for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if not NOT_OURS & set(p.relative_to(ROOT).parts)]
    paths = (ROOT / name for name in sorted(set(names)))
    return tuple(path for path in paths if path.is_file())


@pytest.fixture(scope="session")
def files() -> Callable[..., list[Path]]:
    """Project files below the folders named (all where none is named) that end in one of the suffixes."""

    def below(*folders: str, suffixes: Iterable[str] = (".py",)) -> list[Path]:
        wanted = [ROOT / folder for folder in folders] or [ROOT]
        ends = tuple(suffixes)
        return [p for p in project_files() if p.name.endswith(ends) and any(w == p or w in p.parents for w in wanted)]

    return below


@cache
def tree(path: Path) -> ast.Module:
    """A Python file as its syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@pytest.fixture(scope="session")
def parse() -> Callable[[Path], ast.Module]:
    """Gives the syntax tree of a file; each is parsed once."""
    return tree


@pytest.fixture(scope="session")
def place() -> Callable[..., str]:
    """Says `path:line: what is wrong` as editors understand it."""

    def at(path: Path, line: int, problem: str) -> str:
        return f"{path.relative_to(ROOT)}:{line}: {problem}"

    return at
