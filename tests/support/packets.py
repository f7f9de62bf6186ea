"""Invented people, read by the same door as a real chart, and packets made of them."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

from inconcert.exchange.fhir import read_bytes
from inconcert.exchange.packet import Denial, PacketFacts, PacketRequest, packet_facts
from inconcert.record import Person
from inconcert.synthetic import clinic

AS_OF = date(2026, 11, 16)
Resource = dict[str, Any]


@cache
def person_of(name: str) -> tuple[Person, tuple[Resource, ...]]:
    """An invented person and the resources they were read from."""
    bundle = clinic()[name]
    reading = read_bytes(json.dumps(bundle).encode(), name, as_of=AS_OF)
    return reading.people[0], tuple(raw.data for raw in reading.raw)


def chart(*resources: Resource) -> tuple[Person, tuple[Resource, ...]]:
    """A person made of these resources; the first Patient is theirs."""
    reading = read_bytes(json.dumps(list(resources)).encode(), "chart.json", as_of=AS_OF)
    return reading.people[0], tuple(raw.data for raw in reading.raw)


def facts_of(
    who: tuple[Person, tuple[Resource, ...]], *services: str, policies: str = "", denied: str = "", **more: Any
) -> PacketFacts:
    """The packet of a person. `policies` are ids with spaces between; `denied` makes it an appeal."""
    if denied:
        told = Denial(criterion=denied, reason="Not shown.", on=date(2026, 11, 2), reference="A-17")
        more = {"kind": "appeal", "denial": told, **more}
    request = PacketRequest(services=services, as_of=AS_OF, policies=tuple(policies.split()), **more)
    return packet_facts(who[0], request, resources=who[1])
