"""Invented people read from their files, and what a policy says of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading, read_bytes
from inconcert.knowledge.policies import policy
from inconcert.payers import determine
from inconcert.payers.types import Case, Determination
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.synthetic import clinic

DAY = date(2026, 11, 22)
Bundle = dict[str, Any]


@pytest.fixture
def day() -> date:
    """The day all questions are asked for."""
    return DAY


@pytest.fixture(scope="session")
def charts() -> dict[str, Bundle]:
    """The invented clinic as FHIR."""
    return clinic(as_of=DAY)


@pytest.fixture(scope="session")
def people(charts: dict[str, Bundle]) -> dict[str, Person]:
    """Every invented person by name, read once."""
    found = {name: read_bytes(json.dumps(bundle).encode(), "chart.json", as_of=DAY) for name, bundle in charts.items()}
    return {name: reading.people[0] for name, reading in found.items() if len(reading.people) == 1}


@pytest.fixture
def read() -> Callable[..., ChartReading]:
    """Reads a bundle, with further resources put into it."""

    def reading(bundle: Bundle, *more: Bundle) -> ChartReading:
        whole = {**bundle, "entry": [*bundle["entry"], *({"resource": one} for one in more)]}
        return read_bytes(json.dumps(whole).encode(), "chart.json", as_of=DAY)

    return reading


@pytest.fixture
def asked() -> Callable[[str, Person], Determination]:
    """What a policy says of a person, asked about its first service."""

    def determination(policy_id: str, person: Person) -> Determination:
        history = rebuild_trials(person, DAY)
        case = Case(person=person, history=history, safety=screen(person, history, DAY), as_of=DAY)
        one = policy(policy_id)
        return determine(one, case, one.services[0])

    return determination
