"""Criteria in plain words, made from the leaf itself so that words and rule cannot drift apart."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from inconcert.knowledge.policy_schema import AllOf, AnyOf, Leaf, LeafNode, Never, Node, Not
from inconcert.knowledge.policy_schema.who import ScaleBound

_SKIP = {"provenance", "conflicting_values", "note"}
_SIGNS = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "=": "exactly"}


@functools.lru_cache(maxsize=4096)
def _cached(text: bytes) -> str:
    data: dict[str, Any] = msgspec.json.decode(text)
    words = [plain(data.pop("fact"))]
    words += [f"{plain(key)} {_value(value)}".strip() for key, value in data.items() if key not in _SKIP]
    return "; ".join(words)


def leaf_in_words(leaf: Leaf) -> str:
    """What one criterion asks, as one line."""
    return _of_leaf(leaf)


def _of_leaf(leaf: Leaf) -> str:
    # A leaf with a dictionary cannot be hashed, so its written form is the key.
    return _cached(msgspec.json.encode(_written(leaf)))


def _written(leaf: Leaf) -> dict[str, Any]:
    found: dict[str, Any] = {"fact": leaf.fact}
    for field in msgspec.structs.fields(leaf):
        value = getattr(leaf, field.name)
        if field.name in _SKIP or value in (None, (), False, "") or value == {}:
            continue
        if value == field.default and field.name != "scope":
            continue  # what the file need not say, a reader need not read
        if isinstance(value, tuple) and value and isinstance(value[0], ScaleBound):
            found[field.encode_name] = [bound_in_words(b) for b in value]
        else:
            found[field.encode_name] = value
    return found


def bound_in_words(bound: ScaleBound) -> str:
    """`PHQ-9 above 20`."""
    if bound.op == "between" and isinstance(bound.value, tuple):
        return f"{bound.scale} from {bound.value[0]:g} to {bound.value[1]:g}"
    if bound.op == "in_range":
        return f"{bound.scale} {plain(str(bound.value))}"
    return f"{bound.scale} {_SIGNS[bound.op]} {bound.value:g}"  # type: ignore[str-bytes-safe]


def plain(word: str) -> str:
    """A word of the language without its underscores."""
    return word.replace("_", " ")


def _value(value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_value(v) for v in value)
    if isinstance(value, dict):
        return (
            "(" + "; ".join(f"{plain(k)} {_value(v)}".strip() for k, v in value.items() if v not in (None, False)) + ")"
        )
    return plain(str(value))


def node_in_words(node: Node) -> str:
    """What a node asks, as one line."""
    label = f"{plain(node.label)}: " if node.label else ""
    if isinstance(node, LeafNode):
        return label + leaf_in_words(node.leaf)
    if isinstance(node, Not):
        unless = f", unless {node_in_words(node.unless)}" if node.unless is not None else ""
        return f"{label}not ({node_in_words(node.part)}){unless}"
    if isinstance(node, Never):
        return f"{label}never: {plain(node.reason)}"
    assert isinstance(node, AllOf | AnyOf)  # noqa: S101 - the union has no other member
    word = "all of" if isinstance(node, AllOf) else "any of"
    return f"{label}{word} {len(node.parts)} criteria"
