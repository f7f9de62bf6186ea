"""A clinic's settings with made-up codes, and short ways to look into a Bundle."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from inconcert.exchange.fhir import ChartReading, read_bytes
from inconcert.exchange.pas.addresses import EXTENSION

Json = dict[str, Any]
DAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
POLICIES = {"rtms": "cigna-evernorth-tms", "esketamine": "cigna-spravato"}

# Not one code there is X12's or the AMA's: their tables are named, the values are made up.
SETTINGS = (Path(__file__).parents[2] / "docs/how-to/clinic-settings-example.yaml").read_text(encoding="utf-8")


def read(bundle: Json) -> ChartReading:
    """The chart as it is read."""
    return read_bytes(json.dumps(bundle).encode(), "chart.json", as_of=DAY)


def entries(bundle: Json, kind: str) -> list[Json]:
    """The resources of a kind in a Bundle."""
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def claim(bundle: Json) -> Json:
    """The Claim of a Bundle."""
    return entries(bundle, "Claim")[0]


X12 = "https://codesystem.x12.org/005010/306"


def reviewed(code: str = "", display: str = "", number: str = "", reasons: tuple[Json, ...] = ()) -> Json:
    """An adjudication with a review action."""
    parts: list[Json] = []
    if number:
        parts.append({"url": "number", "valueString": number})
    if code or display:
        coding = {"system": X12, "code": code} | ({"display": display} if display else {})
        parts.append({"url": EXTENSION + "reviewActionCode", "valueCodeableConcept": {"coding": [coding]}})
    parts += [{"url": "reasonCode", "valueCodeableConcept": {"coding": [reason]}} for reason in reasons]
    return {
        "category": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "submitted"}]},
        "extension": [{"url": EXTENSION + "reviewAction", "extension": parts}],
    }


def judged(
    sequence: int, adjudication: Json, *, period: tuple[str, str] | None = None, units: Any = None, **more: Any
) -> Json:
    """One item of an answer."""
    found: list[Json] = []
    if period:
        found.append({"url": EXTENSION + "itemPreAuthPeriod", "valuePeriod": {"start": period[0], "end": period[1]}})
    if units is not None:
        detail = [
            {
                "url": "quantity",
                "valueQuantity": units if isinstance(units, dict) else {"value": units, "unit": "sessions"},
            }
        ]
        found.append({"url": EXTENSION + "itemAuthorizedDetail", "extension": detail})
    return {"extension": found, "itemSequence": sequence, "adjudication": [adjudication]} | more
