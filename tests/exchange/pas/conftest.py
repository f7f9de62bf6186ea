"""A clinic's settings with made-up codes, one invented person's chart, and the requests made from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.clinic import ClinicSettings, clinic_from
from inconcert.exchange.pas import PasRequest, PayerAnswer, Wishes, asked_services, build_requests, read_answer
from inconcert.synthetic import clinic
from support.pas import DAY, NOW, POLICIES, SETTINGS, Json, claim
from support.pas import read as read_chart_of


@pytest.fixture(scope="session")
def settings() -> ClinicSettings:
    """A clinic's settings, every entry filled in."""
    return clinic_from(SETTINGS, "settings.yaml")


@pytest.fixture
def chart() -> Callable[..., Json]:
    """Gives the chart of an invented person as a Bundle that a test may change; more resources may be put in."""

    def make(person: str = "complete-and-clean", *more: Json) -> Json:
        bundle = copy.deepcopy(clinic()[person])
        for resource in more:
            url = f"http://clinic.invalid/fhir/{resource['resourceType']}/{resource['id']}"
            bundle["entry"].append({"fullUrl": url, "resource": resource})
        return bundle

    return make


@pytest.fixture
def ask(chart: Callable[..., Json], settings: ClinicSettings) -> Callable[..., tuple[PasRequest, ...]]:
    """Makes the requests for some services from a chart; by default everything is known and chosen."""

    def make(
        services: tuple[str, ...] = ("rtms",), bundle: Json | None = None, **wishes: Any
    ) -> tuple[PasRequest, ...]:
        reading = read_chart_of(bundle if bundle is not None else chart())
        used = wishes.pop("settings", settings)
        choices = {"start": date(2026, 12, 1), "weeks": 6} | wishes.pop("choices", {})
        asked = asked_services(services, used, **choices)
        known = {"as_of": DAY, "created": NOW, "settings": used, "policy_for": POLICIES} | wishes
        return build_requests(reading, reading.people[0], asked, Wishes(**known))

    return make


@pytest.fixture
def one(ask: Callable[..., tuple[PasRequest, ...]]) -> Callable[..., PasRequest]:
    """As `ask`, where there is one request."""

    def make(*args: Any, **more: Any) -> PasRequest:
        found = ask(*args, **more)
        assert len(found) == 1
        return found[0]

    return make


@pytest.fixture(scope="session")
def sound(settings: ClinicSettings) -> PasRequest:
    """The request for the pair, whole. Made once: a test that changes it copies it first."""
    reading = read_chart_of(clinic()["complete-and-clean"])
    asked = asked_services(("rtms", "esketamine"), settings, start=date(2026, 12, 1), weeks=6)
    wishes = Wishes(as_of=DAY, created=NOW, settings=settings, policy_for=POLICIES)
    return build_requests(reading, reading.people[0], asked, wishes)[0]


@pytest.fixture
def answer(sound: PasRequest) -> Callable[..., Json]:
    """Gives a response Bundle to the request for the pair, with these items."""

    def make(*items: Json, **more: Any) -> Json:
        sent = claim(sound.bundle)
        response = {
            "resourceType": "ClaimResponse", "id": "answer-1", "identifier": copy.deepcopy(sent["identifier"]), "status": "active",
            "type": sent["type"], "use": "preauthorization", "patient": sent["patient"], "created": "2026-11-20T10:00:00Z",
            "insurer": sent["insurer"], "request": {"reference": f"Claim/{sent['id']}"}, "outcome": "complete", "item": list(items),
        } | more  # fmt: skip
        party = [
            e
            for e in copy.deepcopy(sound.bundle["entry"])
            if e["resource"]["resourceType"] in ("Patient", "Organization")
        ]
        entry = {"fullUrl": "https://payer.invalid/fhir/ClaimResponse/answer-1", "resource": response}
        return {"resourceType": "Bundle", "type": "collection", "entry": [entry, *party]}

    return make


@pytest.fixture
def read(sound: PasRequest, settings: ClinicSettings) -> Callable[..., PayerAnswer]:
    """Reads an answer against the request for the pair."""

    def make(value: Any, known: ClinicSettings = settings) -> PayerAnswer:
        return read_answer(json.dumps(value).encode(), "answer.json", sound.bundle, known)

    return make


@pytest.fixture(scope="session")
def official() -> Path:
    """The folder of the guide's own examples. Skips, saying so, where it is not beside the project."""
    folder = Path(__file__).resolve().parents[3].parent / "shared/fhir/davinci/pas_2.2.1_examples"
    if not folder.is_dir():
        pytest.skip("the guide's examples (../shared/fhir/davinci/pas_2.2.1_examples) are not here")
    return folder
