"""Taking one fact out of a whole chart: nothing that was unknown becomes met or not met, in any of the four answers.

The rooms hold this by search over facts they invent; here whole charts go through all rooms together. What lies outside
the law by its nature (records that contradict each other) is in docs/decisions/0011; the people chosen here have none.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from inconcert.assessment import assess
from inconcert.exchange.fhir import read_bytes
from inconcert.judgement import Answer, Judgement
from inconcert.record import Person
from inconcert.synthetic import clinic

AS_OF = date(2026, 11, 16)
KINDS = (
    "conditions",
    "medications",
    "reported_trials",
    "scale_forms",
    "measurements",
    "procedures",
    "allergies",
    "devices",
    "encounters",
    "attestations",
)
# Which of a chart's facts are tried in one run: every fifth, from another one for each person, so that the run is quick
# and all kinds are met. All 3,500 single facts of the clinic were tried when this was written.
STEP = 5
PEOPLE = {
    "complete-and-clean": 0,
    "dose-unknown": 1,
    "psychotic-features": 2,
    "pregnancy": 3,
    "two-payers": 4,
    "partial-dates": 0,
}
NAMES = ("policy_id", "instrument", "item", "arm", "drug")


def answers(value: Any, path: str = "") -> Iterator[tuple[str, Answer]]:
    """Every judgement under a value, with a path that names it the same way before and after."""
    if isinstance(value, Judgement):
        yield f"{path}/{value.id}", value.answer
        value = value.parts
    if isinstance(value, tuple | list):
        for inner in value:
            name = next((str(getattr(inner, n)) for n in NAMES if hasattr(inner, n)), "")
            yield from answers(inner, f"{path}/{name}")
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.name not in ("basis", "question", "routes", "shortest_way"):
                yield from answers(getattr(value, field.name), f"{path}.{field.name}")


def judged(person: Person) -> dict[str, Answer]:
    """Every answer about a person: staging, safety, and all policies."""
    found = assess(person, as_of=AS_OF, payers=["all"]).answers
    return {**dict(answers(found.who, "who")), **dict(answers(found.paid.determinations, "paid"))}


def without_one(person: Person, start: int) -> Iterator[tuple[str, Person]]:
    """The person without one fact, fact by fact."""
    facts = [(kind, position) for kind in KINDS for position in range(len(getattr(person, kind)))]
    for kind, position in facts[start::STEP]:
        kept = getattr(person, kind)
        yield kept[position].id, dataclasses.replace(person, **{kind: kept[:position] + kept[position + 1 :]})


@pytest.mark.slow
@pytest.mark.parametrize("person_id", PEOPLE)
def test_nothing_unknown_becomes_known(person_id: str) -> None:
    """For each fact tried: what was unknown with it is unknown without it, wherever the question is still asked."""
    (person,) = read_bytes(json.dumps(clinic()[person_id]).encode(), "x.json").people
    before = judged(person)
    assert sum(answer is Answer.UNKNOWN for answer in before.values()) > 20
    tried = 0
    for fact_id, less in without_one(person, PEOPLE[person_id]):
        after = judged(less)
        made = {k: after[k].value for k, v in before.items() if v is Answer.UNKNOWN and after.get(k, v) is not v}
        assert not made, f"without {fact_id}: {made}"
        tried += 1
    assert tried >= 5
