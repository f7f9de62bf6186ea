"""Other people's files that we ship: named, licensed, and unchanged since somebody looked at them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC"}
STATIC = "src/inconcert/web/static"


def packages(root: Path) -> list[dict[str, object]]:
    """The entries of the manifest."""
    found: list[dict[str, object]] = json.loads((root / STATIC / "vendor/manifest.json").read_text(encoding="utf-8"))[
        "packages"
    ]
    return found


def test_each_vendored_file_is_the_one_that_was_looked_at(root: Path) -> None:
    """Every file in the manifest is there and has the checksum written beside it."""
    wrong = []
    for package in packages(root):
        assert isinstance(package["files"], dict)
        for name, expected in package["files"].items():
            path = root / STATIC / "vendor" / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                wrong.append(f"{path.relative_to(root)}:1: not the file the manifest names")
    assert wrong == []


def test_nothing_vendored_is_missing_from_the_manifest(root: Path, files: Callable[..., list[Path]]) -> None:
    """No file stands among the vendored ones, and no minified file anywhere in the source, without its line in the manifest."""
    vendor = root / STATIC / "vendor"
    named = {vendor / name for package in packages(root) for name in package["files"]}
    there = set(files(f"{STATIC}/vendor", suffixes=("",))) | set(
        files("src", "docs", suffixes=(".min.js", ".min.css", ".woff2", ".woff", ".ttf"))
    )
    assert there - named == {vendor / "manifest.json"}


def test_every_vendored_package_has_a_free_license(root: Path) -> None:
    """Each package names a permissive license, the file that holds its text, and a version."""
    for package in packages(root):
        assert package["license"] in FREE, package["name"]
        assert (root / STATIC / "vendor" / str(package["license_file"])).is_file(), package["name"]
        assert package["version"], package["name"]


def test_pages_ask_for_nothing_from_elsewhere(files: Callable[..., list[Path]], root: Path) -> None:
    """No template or stylesheet of ours loads a script, style, font or picture from another host."""
    loads = (
        'src="http',
        "src='http",
        'src="//',
        "url(http",
        "url('http",
        'url("http',
        "@import",
        '<link rel="stylesheet" href="http',
    )
    ours = [p for p in files("src", suffixes=(".html", ".css", ".js", ".typ")) if "vendor" not in p.parts]
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path in ours
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(sign in line for sign in loads)
    ]
    assert found == []
