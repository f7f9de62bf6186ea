"""The measures' own test patients, read from the shared folder where it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "fhir"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the test patients; skips, saying so, where it is absent."""
    if not (SHARED / "ecqm_2025").is_dir():
        pytest.skip("../shared/fhir/ecqm_2025 is not here: the measures' own test patients are not part of the project")
    return SHARED


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Every resource of a Bundle, those of Bundles within it as well, each once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in bundle.get("entry", []):
        inner = entry["resource"]
        for resource in resources(inner) if inner["resourceType"] == "Bundle" else [inner]:
            found[resource["resourceType"], resource["id"]] = resource
    return list(found.values())


def expected(bundle: dict[str, Any]) -> dict[tuple[str, str], bool]:
    """The populations of the MeasureReport in a test file, by group and kind."""
    report = next(r for r in resources(bundle) if r["resourceType"] == "MeasureReport")
    return {
        (f"Group_{number}", found["code"]["coding"][0]["code"]): bool(found["count"])
        for number, group in enumerate(report["group"], 1)
        for found in group["population"]
    }


def bundles(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file of a folder, decoded."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
