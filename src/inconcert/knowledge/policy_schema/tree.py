"""Trees of criteria: all, any, not and never, and how they are read from plain data."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from inconcert.knowledge.policy_schema.base import Leaf
from inconcert.knowledge.policy_schema.checks import problems_of_leaf
from inconcert.knowledge.policy_schema.leaves import LEAVES

S = TypeVar("S", bound=msgspec.Struct)
_MAX_DEPTH = 20
_GROUPS = ("all", "any", "not", "never")


class TreeProblem(Exception):
    """A place in a tree that cannot be used: where (`$.criteria.all[2]`), what is wrong, what mends it."""

    def __init__(self, at: str, problem: str, mend: str) -> None:
        super().__init__(f"{at}: {problem} {mend}")
        self.at, self.problem, self.mend = at, problem, mend


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a node can key a cache
class LeafNode:
    """One criterion."""

    leaf: Leaf
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a node can key a cache
class AllOf:
    """Every part must hold."""

    parts: tuple[Node, ...]
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a node can key a cache
class AnyOf:
    """One part is enough. A part's label names the indication it stands for."""

    parts: tuple[Node, ...]
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a node can key a cache
class Not:
    """The part must not hold, `unless` the exception does."""

    part: Node
    unless: Node | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a node can key a cache
class Never:
    """A flat refusal: nothing in a chart can meet it."""

    reason: str
    population: str = ""
    applies_to: tuple[str, ...] = ()
    new_episode: str = ""
    label: str = ""


Node = LeafNode | AllOf | AnyOf | Not | Never


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Every leaf below a node, in the order of the file."""
    if isinstance(node, LeafNode):
        yield node.leaf
    elif isinstance(node, AllOf | AnyOf):
        for part in node.parts:
            yield from leaves_of(part)
    elif isinstance(node, Not):
        yield from leaves_of(node.part)
        if node.unless is not None:
            yield from leaves_of(node.unless)


def nearest(word: str, known: Iterable[str]) -> str:
    """`" Nearest known word: 'x'."`, or the empty text where nothing is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Nearest known word: {found[0]!r}." if found else ""


def parse_tree(data: Any, at: str, depth: int = 0) -> Node:
    """Read one node from plain data. Raises TreeProblem naming the place, the mistake and the nearest known word."""
    if depth > _MAX_DEPTH:
        raise TreeProblem(at, f"The tree is nested deeper than {_MAX_DEPTH} levels.", "Flatten it.")
    if not isinstance(data, dict):
        raise TreeProblem(
            at, "A criterion must be a mapping.", "Write `fact: ...`, or `all:`, `any:`, `not:` or `never:`."
        )
    if "fact" in data:
        return LeafNode(_leaf({k: v for k, v in data.items() if k != "label"}, at), _label(data, at))
    groups = [key for key in data if key in _GROUPS]
    if len(groups) != 1:
        problem = "No criterion here" if not groups else f"Two criteria in one place ({' and '.join(groups)})"
        odd = next((k for k in data if k not in (*_GROUPS, "label", "unless")), "")
        hint = nearest(str(odd), (*_GROUPS, "fact")) if odd else ""
        raise TreeProblem(at, f"{problem}.{hint}", "Give exactly one of fact, all, any, not or never.")
    group = groups[0]
    for key in data:
        if key not in (group, "label") and not (key == "unless" and group == "not"):
            raise TreeProblem(
                f"{at}.{key}", f"{key!r} cannot stand beside {group!r}.", "Remove it, or put it in the leaf."
            )
    return _group(group, data, at, depth)


def _group(group: str, data: dict[str, Any], at: str, depth: int) -> Node:
    label, inside, below = _label(data, at), data[group], f"{at}.{group}"
    if group == "never":
        return _never(inside, below, label)
    if group == "not":
        unless = parse_tree(data["unless"], f"{at}.unless", depth + 1) if "unless" in data else None
        return Not(parse_tree(inside, below, depth + 1), unless, label)
    if not isinstance(inside, list) or not inside:
        raise TreeProblem(below, f"{group!r} needs a list of at least one criterion.", "List the criteria below it.")
    parts = tuple(parse_tree(part, f"{below}[{i}]", depth + 1) for i, part in enumerate(inside))
    return AllOf(parts, label) if group == "all" else AnyOf(parts, label)


class _NeverData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str
    population: str = ""
    applies_to: tuple[str, ...] = msgspec.field(name="for", default=())
    new_episode: str = ""


def _never(data: Any, at: str, label: str) -> Never:
    try:
        read = msgspec.convert(data, _NeverData, strict=True)
    except msgspec.ValidationError as error:
        raise TreeProblem(
            at, f"{error}.", "A refusal needs a reason, and may have population, for, new_episode."
        ) from error
    return Never(read.reason, read.population, read.applies_to, read.new_episode, label)


def _label(data: dict[str, Any], at: str) -> str:
    label = data.get("label", "")
    if not isinstance(label, str):
        raise TreeProblem(f"{at}.label", "A label must be text.", "Put it in quotes.")
    return label


def _leaf(data: dict[str, Any], at: str) -> Leaf:
    word = data["fact"]
    kind = LEAVES.get(word) if isinstance(word, str) else None
    if kind is None:
        raise TreeProblem(f"{at}.fact", f"No fact is called {word!r}.{nearest(str(word), LEAVES)}", "Use a known fact.")
    leaf: Leaf = convert_struct(data, kind, at)
    for problem in problems_of_leaf(leaf):
        raise TreeProblem(at, f"{leaf.fact}: {problem}", "Correct the value.")
    if len(leaf.conflicting_values) > 1:
        where = f"{at}.conflicting_values"
        raise TreeProblem(where, "Two fields disagree at once.", "Write an `any` of the two readings instead.")
    for name, values in leaf.conflicting_values.items():
        if name not in data or len(values) < 2:
            where = f"{at}.conflicting_values"
            raise TreeProblem(
                where, f"{name!r} is no field written here, or has only one value.", "Name a field of this leaf."
            )
        for value in values:
            convert_struct(
                {**data, "conflicting_values": {}, name: list(value) if isinstance(value, tuple) else value}, kind, at
            )
    return leaf


def convert_struct(data: Any, kind: type[S], at: str) -> S:
    """Check plain data against a structure. Raises TreeProblem naming the place and the nearest known word."""
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        message, _, rest = str(error).partition(" - at `")
        place = rest.rstrip("`").removeprefix("$")
        field = re.search(r"unknown field `(?P<name>[^`]+)`", message)
        if field:
            names = [f.encode_name for f in msgspec.structs.fields(_owner(kind, place))]
            owner = kind.__struct_config__.tag
            message += f"{f' for {owner!r}' if owner else ''}.{nearest(field['name'], names)}"
            place += f".{field['name']}"
            mend = f"Known fields: {', '.join(names)}."
        else:
            words = sorted(_words(kind, place))
            value = re.search(r"Invalid enum value '(?P<v>[^']*)'", message)
            message += "." + (nearest(value["v"], words) if value else "")
            mend = f"Known words: {', '.join(words)}." if words else "Correct the value."
            if "missing required field" in message:
                mend = "Add it."
            elif "got `str`" in message and not words:
                mend = (
                    "Write it as a plain number, or true or false; what is in quotes, or 017, 12:30 and yes, is text."
                )
        raise TreeProblem(f"{at}{place}", message if message.endswith(".") else message + ".", mend) from error


def _owner(kind: type[msgspec.Struct], place: str) -> type[msgspec.Struct]:
    """The structure that a path such as `.any_of[0]` inside `kind` belongs to."""
    for name in re.findall(r"\.([^.\[\]]+)", place):
        hints = typing.get_type_hints(kind)
        field = next((f for f in msgspec.structs.fields(kind) if f.encode_name == name), None)
        inner = next(iter(_structs(hints[field.name])), None) if field else None
        if inner is None:
            return kind
        kind = inner
    return kind


def _structs(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in typing.get_args(hint):
        yield from _structs(inner)


def _words(kind: type[msgspec.Struct], place: str) -> set[str]:
    names = re.findall(r"\.([^.\[\]]+)", place)
    if not names:
        return set()
    owner = _owner(kind, "".join(f".{n}" for n in names[:-1]))
    field = next((f for f in msgspec.structs.fields(owner) if f.encode_name == names[-1]), None)
    return set(_literals(typing.get_type_hints(owner)[field.name])) if field else set()


def _literals(hint: Any) -> Iterator[str]:
    if typing.get_origin(hint) is Literal:
        yield from (str(v) for v in typing.get_args(hint))
    else:
        for inner in typing.get_args(hint):
            yield from _literals(inner)
