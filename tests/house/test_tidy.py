"""House rules that a machine can hold. Each finding says file, line and what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Files = Callable[..., list[Path]]
Parse = Callable[[Path], ast.Module]
Place = Callable[..., str]

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_LETTERS_MAX = 140
# Longer than allowed, each with the reason why splitting would make it worse.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "sample": "one invented assessment written out as data, so that a reader sees it whole"
}

# Each of these words means two things here; GLOSSARY.md gives each meaning a name of its own.
FORKED = {"Trial", "Policy", "Plan", "Session", "Response", "Coverage", "Measure", "Site", "Episode", "Protocol"}

# Written so that this file does not contain what it looks for.
LOCAL_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users|mnt|media|nix)/[\w.]")
REGISTRY_HOST = re.compile(
    r"(?:pypi|pythonhosted|npmjs|jsdelivr|unpkg|cdnjs|googleapis|gstatic)\.(?:org|com|net)|[\w.-]*artifactory[\w.-]*\.|deb\.debian\.",
    re.IGNORECASE,
)
TEXT = (
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".toml",
    ".ini",
    ".txt",
    ".csv",
    ".sh",
    ".typ",
    ".html",
    ".css",
    ".svg",
    ".json",
    "Makefile",
    "run",
    ".in",
)

LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# Names that may hold a person's values.
PRIVATE = {
    "person",
    "patient",
    "record",
    "fact",
    "facts",
    "bundle",
    "resource",
    "answer",
    "name",
    "birth",
    "value",
    "text",
}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a syntax tree."""
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def none_of(findings: list[str]) -> None:
    """Fail with the findings, one a line."""
    assert not findings, "\n" + "\n".join(findings)


def test_modules_fit_one_sitting(files: Files, place: Place, root: Path) -> None:
    """No module is longer than 400 lines, unless it is listed with a reason."""
    none_of(
        [
            place(path, count, f"{count} lines; at most {MODULE_LINES_MAX}. Split it by subject.")
            for path in files("src", "tests", "docs", "scripts", "benchmarks")
            if (count := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX
            and str(path.relative_to(root)) not in LONG_MODULES
        ]
    )


def test_functions_fit_one_screen(files: Files, parse: Parse, place: Place) -> None:
    """No function is longer than 70 lines, unless it is listed with a reason."""
    none_of(
        [
            place(path, f.lineno, f"{f.name} has {length} lines; at most {FUNCTION_LINES_MAX}. Give its steps names.")
            for path in files("src", "docs", "scripts", "benchmarks", "tests")
            for f in functions(parse(path))
            if (length := (f.end_lineno or f.lineno) - f.lineno + 1) > FUNCTION_LINES_MAX
            and f.name not in LONG_FUNCTIONS
        ]
    )


def test_lines_can_be_read(files: Files, place: Place) -> None:
    """No line of Python is longer than 140 letters (the formatter keeps 120; a link or a table row may run over)."""
    none_of(
        [
            place(path, number, f"{len(line)} letters; at most {LINE_LETTERS_MAX}.")
            for path in files("src", "docs", "scripts")
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if len(line) > LINE_LETTERS_MAX
        ]
    )


def test_every_test_says_what_it_shows(files: Files, parse: Parse, place: Place) -> None:
    """Each test has a docstring that is a sentence of behavior."""
    none_of(
        [
            place(path, f.lineno, f"{f.name} needs a docstring: one sentence, ending in a full stop, of what holds.")
            for path in files("tests")
            if path.name.startswith("test_")
            for f in functions(parse(path))
            if f.name.startswith("test") and not is_sentence(ast.get_docstring(f) or "")
        ]
    )


def is_sentence(text: str) -> bool:
    """Three words or more with a full stop at the end of the first paragraph."""
    first = text.split("\n\n")[0].strip()
    return len(first.split()) >= 3 and first.endswith((".", ":", ")"))


def test_nothing_names_a_machine_or_a_mirror(files: Files, place: Place) -> None:
    """No tracked file names a folder of somebody's machine, or a host that packages or assets are fetched from."""
    findings = []
    for path in files(suffixes=TEXT):
        if "vendor" in path.parts:
            continue  # other people's files, held by their checksums
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for pattern in (LOCAL_PATH, REGISTRY_HOST):
                if found := pattern.search(line):
                    findings.append(place(path, number, f"{found[0]!r} does not belong in the project."))
    none_of(findings)


@pytest.mark.parametrize(
    "planted", ["open('/" + "work/notes')", "see /" + "home/anna/x", "https://" + "pypi" + ".org/simple"]
)
def test_the_search_for_machines_finds_them(planted: str) -> None:
    """The two patterns do find a local folder and a registry."""
    assert LOCAL_PATH.search(planted) or REGISTRY_HOST.search(planted)


def test_forked_words_are_never_bare(files: Files, parse: Parse, place: Place) -> None:
    """No class is called by a word that means two things here."""
    none_of(
        [
            place(path, node.lineno, f"{node.name} means two things here; GLOSSARY.md has a name for each.")
            for path in files("src")
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ClassDef) and node.name in FORKED
        ]
    )


def test_only_the_site_keeps_a_log(files: Files, parse: Parse, place: Place, root: Path) -> None:
    """No room below the site imports logging: what it has to say is in its answer."""
    web = root / "src/inconcert/web"
    none_of(
        [
            place(path, node.lineno, "logging is the site's; return it in the answer, or raise.")
            for path in files("src")
            if web not in path.parents
            for node in ast.walk(parse(path))
            if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "logging" for a in node.names))
            or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "logging")
        ]
    )


def test_no_log_line_holds_a_person(files: Files, parse: Parse, place: Place) -> None:
    """No log call is handed a variable that may hold a person's values."""
    findings = []
    for path in files("src"):
        for node in ast.walk(parse(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LOG_METHODS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"log", "logger", "LOG", "LOGGER", "logging"}
            ):
                names = {n.id for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)}
                names |= {n.attr for a in node.args for n in ast.walk(a) if isinstance(n, ast.Attribute)}
                if names & PRIVATE:
                    findings.append(
                        place(path, node.lineno, f"a log line is handed {sorted(names & PRIVATE)}; log ids and kinds.")
                    )
    none_of(findings)


def test_every_room_has_a_place_on_the_page(root: Path) -> None:
    """Each room in the source stands in ARCHITECTURE.md, so that the map is whole."""
    rooms = {p.stem for p in (root / "src/inconcert").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    named = set(re.findall(r"`(\w+)`", (root / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    assert rooms - named - {"__init__", "__main__", "__pycache__"} == set()


def test_every_decision_has_its_three_parts(files: Files, place: Place) -> None:
    """Each decision record says its context, the decision and the consequence."""
    none_of(
        [
            place(path, 1, f"the section {part} is missing.")
            for path in files("docs/decisions", suffixes=(".md",))
            if path.name[0].isdigit()
            for part in ("## Context", "## Decision", "## Consequence")
            if part not in path.read_text(encoding="utf-8")
        ]
    )
