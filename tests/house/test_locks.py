"""The lock files: exact, hashed, anonymous, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("demo.txt", "test.txt")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """The version each package is pinned to."""
    return {canonicalize_name(m["name"]): m["version"] for m in PIN.finditer(lock.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_no_address(root: Path, name: str) -> None:
    """No lock file says from where somebody fetched a package."""
    lines = (root / "requirements" / name).read_text(encoding="utf-8").splitlines()
    tell_tale = re.compile(r"://|^\s*-{1,2}(?!hash=)[a-z]|@\s*file|\s/\w+/")
    assert [f"{name}:{n}: {line}" for n, line in enumerate(lines, 1) if tell_tale.search(line)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(root: Path, name: str) -> None:
    """Each pinned package carries at least one SHA-256, so that a changed wheel is refused."""
    text = (root / "requirements" / name).read_text(encoding="utf-8")
    entries = [e for e in re.split(r"\n(?=[A-Za-z0-9])", text) if PIN.match(e)]
    assert entries
    assert [e.split("==")[0] for e in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", e)] == []


def test_tests_run_on_the_versions_users_get(root: Path) -> None:
    """Every package of the demo lock has the same version in the test lock."""
    demo, test = (pins(root / "requirements" / name) for name in LOCKS)
    assert {name: version for name, version in demo.items() if test.get(name) != version} == {}


def test_locks_satisfy_what_the_project_asks_for(root: Path) -> None:
    """Each requirement of pyproject.toml is pinned within its bounds: demo for users, test for everyone else."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    asked = {"demo.txt": [*project["dependencies"], *optional["report"], *optional["site"], *optional["postgres"]]}
    asked["test.txt"] = [*asked["demo.txt"], *optional["docs"], *optional["test"]]
    problems = []
    for lock, requirements in asked.items():
        pinned = pins(root / "requirements" / lock)
        for text in requirements:
            requirement = Requirement(text)
            version = pinned.get(canonicalize_name(requirement.name))
            if version is None or version not in requirement.specifier:
                problems.append(f"requirements/{lock}: {text} is pinned to {version}. Run make lock.")
    assert problems == []


def test_the_build_backend_is_locked(root: Path) -> None:
    """The package can be built without a second download, because its backend is in the lock."""
    assert "hatchling" in pins(root / "requirements" / "demo.txt")
