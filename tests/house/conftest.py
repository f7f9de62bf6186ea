"""What the house tests share: which files belong to the project, and how a finding is said."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
