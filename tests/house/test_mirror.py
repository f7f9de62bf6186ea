"""Where a module's tests are is never a search: tests/unit mirrors src."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# Modules that hold only names and shapes have nothing to test by themselves.
SHAPES = {"__init__", "__main__", "types", "errors", "wording"}
# Folders whose modules are tested elsewhere, as a whole.
ELSEWHERE = {
    "web": "tests/web",
    "knowledge/policy_schema": "tests/unit/knowledge",
    "exchange/fhir": "tests/exchange",
    "exchange/report": "tests/exchange",
    "synthetic": "tests/unit/synthetic",
}


def has_tests(folder: Path) -> bool:
    """True if there is at least one test file below the folder."""
    return any(folder.rglob("test_*.py"))


def test_every_room_has_its_tests(root: Path) -> None:
    """Each room has a folder of unit tests with its name (or, where it is a door, the folder named for it)."""
    rooms = [p for p in sorted((root / "src/inconcert").iterdir()) if (p / "__init__.py").exists()]
    bare = [
        r.name
        for r in rooms
        if not has_tests(root / "tests/unit" / r.name) and not has_tests(root / ELSEWHERE.get(r.name, "none"))
    ]
    assert not bare, f"no tests for {bare}"


def test_every_module_has_a_test_that_knows_it(files: Callable[..., list[Path]], root: Path) -> None:
    """Each module has a test file of its name in the mirrored place, or is imported by a test of its room."""
    source = root / "src/inconcert"
    unknown = []
    for path in files("src/inconcert"):
        module = path.relative_to(source).with_suffix("")
        if module.name in SHAPES or "migrations" in module.parts or len(module.parts) < 2:
            continue
        folder = next((d for prefix, d in ELSEWHERE.items() if str(module).startswith(prefix + "/")), None)
        home = root / (folder or f"tests/unit/{module.parts[0]}")
        mirrored = root / "tests/unit" / module.parent / f"test_{module.name}.py"
        dotted = ".".join(("inconcert", *module.parts))
        room = "\n".join(
            p.read_text(encoding="utf-8")
            for p in [*home.rglob("*.py"), *(root / "tests/spec" / module.parts[0]).rglob("*.py")]
        )
        if not mirrored.exists() and folder is None and not knows(room, dotted):
            unknown.append(
                f"{path.relative_to(root)}:1: no {mirrored.relative_to(root)}, and no test of its room imports it"
            )
        elif folder is not None and not room:
            unknown.append(f"{path.relative_to(root)}:1: {folder} holds no tests")
    assert not unknown, "\n" + "\n".join(unknown)


def knows(text: str, dotted: str) -> bool:
    """True if the text imports the module, by its own name or from its parent."""
    parent, _, name = dotted.rpartition(".")
    return f"{dotted} " in text or f"{dotted}\n" in text or (f"from {parent} import" in text and name in text)
