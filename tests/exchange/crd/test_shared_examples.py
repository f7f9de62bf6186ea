"""The guide's own example calls are answered without a fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.crd_calls import call

Json = dict[str, Any]
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "fhir" / "davinci"
HOOKS = FOLDER / "crd_2.2.1_hooks"


def test_the_guides_calls_are_answered(answer: Callable[[Json], Json]) -> None:
    """Each request of the guide for a hook of ours is read, and its orders, being none of ours, get no card."""
    if not HOOKS.is_dir():
        pytest.skip("the guide's examples are not beside the project")
    seen = 0
    for path in sorted(HOOKS.glob("CRDServiceRequest*.json")):
        request = json.loads(path.read_text(encoding="utf-8"))
        if request["hook"] in ("order-sign", "order-select", "order-dispatch", "appointment-book"):
            seen += 1
            assert answer(request) == {"cards": []}, path.name
    assert seen >= 3


def test_the_guides_orders_come_back_untouched(answer: Callable[[Json], Json], charts: dict[str, Json]) -> None:
    """The example orders of CRD 2.0.1, none of which is for a service of ours, are left alone."""
    folder = FOLDER / "crd_2.0.1_examples"
    if not folder.is_dir():
        pytest.skip("the guide's examples are not beside the project")
    orders = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*Request-*example.json"))]
    assert orders
    assert answer(call(charts["complete-and-clean"], *orders)).get("systemActions", []) == []
