"""Writing the clinic to a folder: one file a person, and the same as a bulk export."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from inconcert.synthetic.bundle import clinic


def write_clinic(folder: Path, seed: int = 1, as_of: date | None = None) -> list[Path]:
    """Write `<person>.json` for each person and `bulk/<ResourceType>.ndjson` for all; returns the files, in order.

    The folder is made where it is missing. Raises OSError where it cannot be written.
    """
    bundles = clinic(seed, as_of)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    by_type: dict[str, list[Any]] = {}
    for person, bundle in bundles.items():
        path = folder / f"{person}.json"
        path.write_text(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
        for entry in bundle["entry"]:
            by_type.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    bulk = folder / "bulk"
    bulk.mkdir(exist_ok=True)
    for kind, resources in sorted(by_type.items()):
        path = bulk / f"{kind}.ndjson"
        lines = (json.dumps(resource, ensure_ascii=False) for resource in resources)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        written.append(path)
    return written
