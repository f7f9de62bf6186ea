"""Where a room's tests are is never a search, and no module stands unused."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

# Rooms that are doors are tested as a whole, in a folder named for the door.
DOORS = {"web": ("web",), "exchange": ("exchange", "unit/exchange"), "cli": ("unit/cli",)}
# Started by name: by Python, by Django, by gunicorn.
STARTED = ("inconcert.web.", "inconcert.cli", "inconcert.__main__")


def test_every_room_has_its_tests(root: Path) -> None:
    """Each room has a folder of unit tests with its name; a door has the folder named for it."""
    rooms = [p for p in sorted((root / "src/inconcert").iterdir()) if p.suffix == ".py" or (p / "__init__.py").exists()]
    bare = [
        room.stem
        for room in rooms
        if not room.stem.startswith("__")
        and not any(any((root / "tests" / f).rglob("test_*.py")) for f in DOORS.get(room.stem, (f"unit/{room.stem}",)))
    ]
    assert not bare, f"no tests for {bare}"


def test_unit_and_spec_tests_stand_in_a_room_that_exists(files: Callable[..., list[Path]], root: Path) -> None:
    """Each folder below tests/unit and tests/spec is named for a room, so that a rule's tables are found by its name."""
    rooms = {p.stem for p in (root / "src/inconcert").iterdir()}
    strays = {
        str(path.relative_to(root))
        for kind in ("unit", "spec")
        for path in files(f"tests/{kind}")
        if path.name.startswith("test_") and path.relative_to(root / "tests" / kind).parts[0] not in rooms
    }
    assert strays == set()


def imported_names(path: Path) -> set[str]:
    """Every module that a file imports, and every name it takes from one, in dotted form."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_module_stands_unused(files: Callable[..., list[Path]], root: Path) -> None:
    """Each module is imported by another one (tests do not count), or is started by name."""
    named = {}
    for path in files("src/inconcert"):
        parts = path.relative_to(root / "src").with_suffix("").parts
        named[".".join(parts).removesuffix(".__init__")] = path
    imported = {name: imported_names(path) for name, path in named.items()}
    everything = set().union(*(names for importer, names in imported.items()))
    unused = [
        f"{path.relative_to(root)}:1: nothing imports it"
        for name, path in sorted(named.items())
        if name not in everything and not name.startswith(STARTED) and path.name not in {"__init__.py", "__main__.py"}
    ]
    assert not unused, "\n" + "\n".join(unused)
