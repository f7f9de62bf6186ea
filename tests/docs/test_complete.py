"""The documentation is whole: every command, question and scale has its place, and the pages need no network."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

Page = Callable[[str], str]


@pytest.fixture(scope="module")
def generator(root: Path) -> Iterator[ModuleType]:
    """The module that writes the reference pages."""
    sys.path.insert(0, str(root / "docs"))
    try:
        yield importlib.import_module("_generate")
    finally:
        sys.path.remove(str(root / "docs"))


@pytest.fixture(scope="module")
def pages(generator: ModuleType) -> Page:
    """Gives the text of a generated page."""
    return lambda name: generator.PAGES[name]()


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that can be typed, with its words."""
    for name, child in command.commands.items():
        if hasattr(child, "commands"):
            yield from leaves(child, (*path, name))
        else:
            yield " ".join((*path, name)), child


def test_every_command_and_option_is_documented(pages: Page) -> None:
    """Each command has a heading, each of its options a line, and each option says what it does."""
    import typer.main

    from inconcert.cli import app

    text = pages("commands")
    for words, command in leaves(typer.main.get_command(app)):
        assert f"## inconcert {words}\n" in text
        for param in command.params:
            if param.param_type_name == "option":
                assert param.opts[0] in text, f"{words} {param.opts[0]}"
                assert getattr(param, "help", None), f"inconcert {words}: {param.opts[0]} has no help text"


def test_every_scale_is_documented(pages: Page) -> None:
    """Each scale of the library has its heading and its sources."""
    from inconcert.knowledge.scales import scale_files

    text = pages("library-scales")
    assert [s.id for s in scale_files().values() if f"## {s.name}\n" not in text] == []


def test_every_policy_is_documented(pages: Page) -> None:
    """Each coverage policy of the library is listed."""
    from inconcert.knowledge.policies import policies as all_policies

    text = pages("library-policies")
    assert [p for p in all_policies() if f"`{p}`" not in text] == []


def test_every_intake_question_is_documented(pages: Page) -> None:
    """Each question that a rule may ask is listed with its words."""
    from inconcert.knowledge.loader import intake_questions

    text = pages("library-intake")
    assert intake_questions()
    assert [q for q in intake_questions() if f"`{q}`" not in text] == []


def test_every_kind_of_criterion_is_documented(pages: Page) -> None:
    """Each leaf that a policy file may use has a heading, what it means, and a line for each of its fields."""
    from inconcert.knowledge.policy_schema import LEAVES
    from inconcert.knowledge.policy_schema.base import Leaf

    text = pages("policy-criteria")
    for fact, kind in LEAVES.items():
        part = text.partition(f"### `{fact}`\n")[2].partition("\n### ")[0]
        assert part.split("|")[0].strip(), fact
        own = [f.encode_name for f in msgspec.structs.fields(kind) if f.name not in Leaf.__struct_fields__]
        assert [name for name in own if f"| `{name}` |" not in part] == [], fact


def test_every_structure_and_record_type_says_what_it_is(pages: Page) -> None:
    """No class in the data dictionaries stands without a sentence of its own."""
    for name in ("record", "answers", "knowledge"):
        silent = re.findall(r"^### (\w+)\n\n`[\w.]+`\n\n\s*\n", pages(name), re.MULTILINE)
        assert silent == [], name


def test_each_hazard_names_tests_that_exist(root: Path, generator: ModuleType) -> None:
    """Every test that the hazard log leans on is there; a held hazard names at least one."""
    problems = []
    for hazard in generator._library.hazards():
        if hazard["state"] == "held" and not hazard["tests"]:
            problems.append(f"{hazard['id']} is held by no test")
        for where in hazard["tests"]:
            name, _, test = where.partition("::")
            path = root / name
            if not (path.is_file() or list(path.rglob("test_*.py"))):
                problems.append(f"{hazard['id']}: {name} holds no tests")
            elif test and f"def {test}(" not in path.read_text(encoding="utf-8"):
                problems.append(f"{hazard['id']}: {name} has no {test}")
    assert not problems, "\n" + "\n".join(problems)


def test_hazards_are_numbered_without_a_gap(generator: ModuleType) -> None:
    """H01, H02 ... each once, so that a number in a commit or a test means one thing."""
    ids = [hazard["id"] for hazard in generator._library.hazards()]
    assert ids == [f"H{n:02}" for n in range(1, len(ids) + 1)]


@pytest.mark.slow
def test_the_pages_build_and_need_no_network(root: Path, tmp_path: Path) -> None:
    """Sphinx builds every page without a warning, and no page loads a script, style, font or picture from elsewhere."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--quiet",
        "--fail-on-warning",
        "-d",
        str(tmp_path / "trees"),
        str(root / "docs"),
        str(tmp_path / "html"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr[-4000:]
    pages = list((tmp_path / "html").rglob("*.html"))
    assert len(pages) > 20
    remote = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//[^\"']+", re.IGNORECASE)
    assert {m[0] for p in pages for m in remote.finditer(p.read_text(encoding="utf-8"))} == set()
    styles = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "html").rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?https?:[^;)]+", styles) == []


def test_every_setting_of_the_site_is_documented(files: Callable[..., list[Path]], root: Path) -> None:
    """Each environment variable that the source reads stands in the guide to the site, and none stands there that is not read."""
    read = {
        name for path in files("src") for name in re.findall(r"\bINCONCERT_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    guide = set(
        re.findall(
            r"^\| `(INCONCERT_[A-Z_]+)`",
            (root / "docs/how-to/run-the-clinic.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    # The address of our own code system is a constant in the source, not a variable of the environment.
    assert read - {"INCONCERT_CODES"} == guide
