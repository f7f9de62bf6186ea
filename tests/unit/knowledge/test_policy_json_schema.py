"""The JSON Schema of a policy file: it accepts what the reader accepts and refuses what is not of the language."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from inconcert.knowledge import strict_yaml
from inconcert.knowledge.policies import FOLDER, policy_from_text
from inconcert.knowledge.policy_schema import LEAVES
from inconcert.knowledge.policy_schema.json_schema import policy_json_schema
from inconcert.knowledge.strict_yaml import KnowledgeError

SCHEMA = json.loads(json.dumps(policy_json_schema()))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILES = sorted(FOLDER.glob("*.yaml"))


def test_the_schema_is_one() -> None:
    """It is a valid JSON Schema of draft 2020-12, and knows every word of the language."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    words = {d["properties"]["fact"]["const"] if "const" in d["properties"]["fact"] else d["properties"]["fact"]["enum"][0]
             for d in SCHEMA["$defs"].values() if "fact" in d.get("properties", {})}  # fmt: skip
    assert words == set(LEAVES)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_policy_carried_is_valid(path: Path) -> None:
    """An independent validator finds nothing wrong with any carried file."""
    assert [e.message for e in VALIDATOR.iter_errors(strict_yaml.read(path))] == []


def mutated(data: dict[str, Any], where: list[str | int], value: Any) -> dict[str, Any]:
    """A copy with one place set; the value None takes it away."""
    found = copy.deepcopy(data)
    place: Any = found
    for step in where[:-1]:
        place = place[step]
    if value is None:
        del place[where[-1]]
    else:
        place[where[-1]] = value
    return found


CIGNA = strict_yaml.read(FOLDER / "cigna-tms-2016.yaml")


@pytest.mark.parametrize(("where", "value"), [
    (["payer"], None),
    (["payer"], 7),
    (["payr"], "a payer"),
    (["services"], ["rtsm"]),
    (["services"], "rtms"),
    (["line_of_business"], "private"),
    (["sources", 0, "kind"], "rumor"),
    (["process", "prior_auth"], "sometimes"),
    (["combination", "clause"], "quiet"),
    (["authorization"], [{"session": 36}]),
    (["criteria"], {}),
    (["criteria"], {"all": []}),
    (["criteria"], {"all": [{"fact": "age", "min": 18}], "any": [{"fact": "age", "min": 18}]}),
    (["criteria"], {"fact": "agee", "min": 18}),
    (["criteria"], {"fact": "age", "minimum": 18}),
    (["criteria"], {"fact": "age", "min": "18"}),
    (["criteria"], {"fact": "age", "min": 18, "unless": {"fact": "catatonia"}}),
    (["criteria"], {"not": {"fact": "consent", "must_cover": ["risk"]}}),
    (["criteria"], {"never": {"why": "experimental"}}),
    (["criteria"], {"fact": "severity_score", "any_of": [{"scale": "PHQ9", "op": ">", "value": 4}]}),
    (["criteria"], {"fact": "score_change", "scales": ["PHQ-9"]}),
    (["retreatment"], {"criteria": {"fact": "relaps"}}),
])  # fmt: skip
def test_what_is_not_of_the_language_is_refused(where: list[str | int], value: Any) -> None:
    """A word, a field or a shape that nobody knows is refused by the schema and by our own reader alike."""
    data = mutated(CIGNA, where, value)
    assert list(VALIDATOR.iter_errors(data)), "the schema accepts it"
    with pytest.raises(KnowledgeError):
        policy_from_text(json.dumps(data), "mutated.yaml")


@pytest.mark.parametrize("path", FILES[::6], ids=lambda p: p.stem)
def test_each_criterion_with_an_odd_field_is_refused(path: Path) -> None:
    """Wherever in a file's criteria an unknown field stands, the schema refuses it."""
    data = strict_yaml.read(path)
    places = list(leaves(data["criteria"], ["criteria"]))
    for place in places:
        assert list(VALIDATOR.iter_errors(mutated(data, [*place, "odd_field"], "x"))), place
    assert places or "never" in data["criteria"]


def leaves(node: Any, at: list[str | int]) -> Any:
    """The places of the criteria in plain data."""
    if isinstance(node, dict):
        if "fact" in node:
            yield at
            return
        for key, inside in node.items():
            yield from leaves(inside, [*at, key])
    elif isinstance(node, list):
        for i, inside in enumerate(node):
            yield from leaves(inside, [*at, i])
