"""Criteria in plain words, made from the leaf itself so that words and rule cannot drift apart."""

from __future__ import annotations

import functools
import typing
from typing import Any

import msgspec

from inconcert.knowledge.policy_schema import AllOf, AnyOf, Leaf, LeafNode, Never, Node, Not
from inconcert.knowledge.policy_schema.who import ScaleBound

_SKIP = {"provenance", "conflicting_values", "note"}
_SIGNS = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "=": "exactly"}


@functools.cache
def fields_of(kind: type[Leaf]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a kind of leaf; worked out once, because msgspec resolves annotations each time."""
    return msgspec.structs.fields(kind)


@functools.cache
def open_fields(kind: type[Leaf]) -> tuple[str, ...]:
    """The fields of a kind of leaf in which a policy file may say that it did not see the value."""
    hints = typing.get_type_hints(kind)
    return tuple(f.name for f in fields_of(kind) if "not_seen" in repr(hints[f.name]))


_KNOWN: dict[int, tuple[Leaf, str]] = {}  # by identity: a leaf holding a dictionary cannot be hashed
_MOST_KNOWN = 10_000


def leaf_in_words(leaf: Leaf) -> str:
    """What one criterion asks, as one line."""
    known = _KNOWN.get(id(leaf))
    if known is not None and known[0] is leaf:
        return known[1]
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    data = msgspec.to_builtins(_written(leaf))
    words = [plain(data.pop("fact"))]
    words += [f"{plain(key)} {_value(value)}".strip() for key, value in data.items()]
    text = "; ".join(words)
    _KNOWN[id(leaf)] = leaf, text
    return text


def _written(leaf: Leaf) -> dict[str, Any]:
    found: dict[str, Any] = {"fact": leaf.fact}
    for field in fields_of(type(leaf)):
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
    return f"{bound.scale} {_SIGNS[bound.op]} {bound.value:g}"


_SHORT = {
    "trd": "TRD", "mdd": "MDD", "ocd": "OCD", "gad": "GAD", "ptsd": "PTSD", "ect": "ECT", "tms": "TMS", "rtms": "rTMS", "itbs": "iTBS",
    "dtms": "deep TMS", "tbs": "TBS", "saint": "SAINT", "iv": "IV", "im": "IM", "mri": "MRI", "eeg": "EEG", "fda": "FDA", "dbs": "DBS",
    "vns": "VNS", "icd": "ICD", "ssri": "SSRI", "snri": "SNRI", "rems": "REMS", "pdmp": "PDMP", "pmhnp": "PMHNP", "np": "NP", "cns": "CNS",
    "pct": "percent", "icd10": "ICD-10-CM", "npi": "NPI", "cpt": "CPT",
}  # fmt: skip


@functools.lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """A word of the language without its underscores, its abbreviations as the field writes them."""
    return " ".join(_SHORT.get(part, part) for part in word.split("_"))


def opening(text: str) -> str:
    """The text with a capital at its start, unless its first word has one of its own (rTMS)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text


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
