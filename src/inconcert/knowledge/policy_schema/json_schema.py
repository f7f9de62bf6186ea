"""The JSON Schema of a policy file, made from the structures that read it, so that the two cannot say different things.

An editor or another validator can hold a file against it. It knows shapes and words; what numbers can be, which dates fit
and whether criteria contradict each other is asked by `inconcert policies check`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from inconcert.knowledge.policy_schema.file import PolicyFile
from inconcert.knowledge.policy_schema.leaves import LEAVES

ID = "https://inconcert.invalid/schema/coverage-policy.json"
_CRITERION = {"$ref": "#/$defs/criterion"}
_LABEL = {"type": "string", "description": "The indication that a part of an `any` stands for."}


def policy_json_schema() -> dict[str, Any]:
    """The schema of a whole file (JSON Schema 2020-12)."""
    _, defs = msgspec.json.schema_components((PolicyFile, *LEAVES.values()), ref_template="#/$defs/{name}")
    names = {word: kind.__name__ for word, kind in LEAVES.items()}
    for name in names.values():
        leaf = defs[name]
        leaf["properties"]["label"] = _LABEL
        leaf["required"] = sorted({"fact", *leaf.get("required", ())})
        leaf["additionalProperties"] = False
    for definition in defs.values():
        _no_defaults(definition)
        if definition.get("type") == "object" and "properties" in definition:
            definition["additionalProperties"] = False
    defs["criterion"] = _criterion(names)
    _trees_are_criteria(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Coverage policy of InConcert",
        "description": "One coverage policy in one YAML file. `inconcert policies check FILE` asks what a schema cannot.",
        "$ref": "#/$defs/PolicyFile",
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def _criterion(names: dict[str, str]) -> dict[str, Any]:
    """A node of a tree: a criterion, or exactly one of all, any, not, never."""
    several = {"type": "array", "items": _CRITERION, "minItems": 1}
    refusal = {
        "type": "object", "required": ["reason"], "additionalProperties": False,
        "properties": {
            "reason": {"type": "string"}, "population": {"type": "string"}, "new_episode": {"type": "string"},
            "for": {"type": "array", "items": {"type": "string"}},
        },
    }  # fmt: skip
    groups = {"all": several, "any": several, "not": _CRITERION, "never": refusal}
    nodes: list[dict[str, Any]] = []
    for word, inside in groups.items():
        more = {"unless": _CRITERION} if word == "not" else {}
        nodes.append({
            "type": "object", "required": [word], "additionalProperties": False,
            "properties": {word: inside, "label": _LABEL, **more},
        })  # fmt: skip
    leaves = [{"$ref": f"#/$defs/{name}"} for _, name in sorted(names.items())]
    return {
        "description": "A criterion (`fact`), or a group of criteria.",
        "if": {"type": "object", "required": ["fact"]},
        "then": {"oneOf": leaves},
        "else": {"oneOf": nodes},
    }


def _trees_are_criteria(defs: dict[str, Any]) -> None:
    """Fields that hold a tree are plain mappings to the reader; here they are criteria."""
    nothing = {"type": "null"}
    defs["PolicyFile"]["properties"]["criteria"] = _CRITERION
    defs["LaterFile"]["properties"]["criteria"] = {"anyOf": [_CRITERION, nothing]}
    defs["ProcessRule"]["properties"]["if"] = _CRITERION
    defs["AuthorizationPart"]["properties"]["if"] = {"anyOf": [_CRITERION, nothing]}


def _no_defaults(definition: Any) -> None:
    """Defaults that are structures are written as Python; a validator needs none of them."""
    if isinstance(definition, dict):
        if not isinstance(definition.get("default"), str | int | float | bool | None):
            del definition["default"]
        for value in definition.values():
            _no_defaults(value)
    elif isinstance(definition, list):
        for value in definition:
            _no_defaults(value)
