"""Calls answered as of one day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from inconcert.exchange.crd import parse, respond
from inconcert.synthetic import clinic

DAY = date(2026, 11, 22)
Json = dict[str, Any]


@pytest.fixture(scope="session")
def charts() -> dict[str, Json]:
    """The invented clinic as FHIR."""
    return clinic(as_of=DAY)


@pytest.fixture
def answer() -> Callable[[Json], Json]:
    """Answers a call to the service of its own hook."""

    def answered(request: Json) -> Json:
        read = parse(json.dumps(request).encode(), request["hook"])
        return respond(read, DAY, lambda policy, service: f"https://clinic.example/dtr/{policy}.json?service={service}")

    return answered
