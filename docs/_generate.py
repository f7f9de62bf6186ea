"""Writes the reference pages from the code and the knowledge files, so that they cannot fall behind.

`make docs` calls this at the start; the pages land in docs/reference/generated, which is not kept in git.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import _authorization
import _certainty
import _cohort
import _library
import _pages
import _policies

ROOT_PAGES = {"ARCHITECTURE.md": "the-road.md", "GLOSSARY.md": "glossary.md"}


def write_all(docs: Path) -> list[Path]:
    """Write every generated page below `docs` and return their paths."""
    folder = docs / "reference" / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = []
    for name, page in PAGES.items():
        path = folder / f"{name}.md"
        path.write_text(page(), encoding="utf-8")
        written.append(path)
    for source, target in ROOT_PAGES.items():
        text = (docs.parent / source).read_text(encoding="utf-8")
        path = folder / target
        path.write_text(from_root(text), encoding="utf-8")
        written.append(path)
    return written


def from_root(text: str) -> str:
    """A page of the root as seen from docs/reference/generated: links into docs/ are turned, other files become code."""
    text = re.sub(r"\]\(docs/([^)]+)\)", r"](../../\1)", text)
    return re.sub(r"\[([^\]]+)\]\((?!\.\./|https?:|#)[^)]+\)", r"`\1`", text)


PAGES: dict[str, Callable[[], str]] = {
    "record": _pages.record_page,
    "answers": _pages.answers_page,
    "knowledge": _pages.knowledge_page,
    "commands": _pages.commands_page,
    "json-schema": _library.schema_page,
    "library-scales": _library.scales_page,
    "library-protocols": _library.protocols_page,
    "library-policies": _library.policies_page,
    "policy-criteria": _policies.criteria_page,
    "policy-json-schema": _policies.policy_schema_page,
    "library-intake": _library.intake_page,
    "authorization": _authorization.authorization_page,
    "cohort-tables": _cohort.cohort_tables_page,
    "certainty": _certainty.certainty_page,
    "hazards": _library.hazards_page,
}
