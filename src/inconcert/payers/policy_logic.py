"""Can these criteria ever be met, can they ever fail: a small search over what each criterion says.

Criteria that speak of one number (an age, a score, a count, a day) or one choice (a state, a line of business) exclude one
another; every other criterion is free to be true or false. So a contradiction found here is one, whoever the person is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Never, Node, Not
from inconcert.knowledge.policy_schema.who import SeverityScore
from inconcert.payers.policy_literals import Literal, agree, literals_of, written

_MOST_BRANCHES = 20_000


class TooManyBranches(Exception):
    """The tree has more ways to be met than are looked at."""


@dataclass(frozen=True, slots=True)
class _And:
    parts: tuple[_Formula, ...]


@dataclass(frozen=True, slots=True)
class _Or:
    parts: tuple[_Formula, ...]


_Formula = Literal | _And | _Or  # an empty `_And` is true, an empty `_Or` is false


def can_be_met(node: Node, context: Sequence[Node] = ()) -> bool:
    """Whether anybody could meet a node, together with everything in `context`. Raises TooManyBranches."""
    return _possible(tuple(_formula(n, True) for n in (*context, node)))


def can_fail(node: Node) -> bool:
    """Whether anybody could fail a node. Raises TooManyBranches."""
    return _possible((_formula(node, False),))


def dead_branches(node: Node, path: str = "$.criteria", context: tuple[Node, ...] = ()) -> Iterator[tuple[str, Node]]:
    """Parts of an `any` that nobody can meet who meets what stands around them, with their places.

    What can never be met at all is told by `contradictions`.
    """
    if isinstance(node, AllOf):
        for i, part in enumerate(node.parts):
            beside = (*context, *(p for p in node.parts if p is not part))
            yield from dead_branches(part, f"{path}.all[{i}]", beside)
    elif isinstance(node, AnyOf):
        for i, part in enumerate(node.parts):
            if not can_be_met(part, context):
                if _refuses(part):
                    continue  # said to be never met
                yield f"{path}.any[{i}]", part
            else:
                yield from dead_branches(part, f"{path}.any[{i}]", context)


def contradictions(node: Node, path: str = "$.criteria") -> Iterator[tuple[str, Node]]:
    """The smallest parts that nobody can meet, with their places. A flat refusal is meant so and is none."""
    if isinstance(node, AllOf | AnyOf):
        word = "all" if isinstance(node, AllOf) else "any"
        below = [c for i, part in enumerate(node.parts) for c in contradictions(part, f"{path}.{word}[{i}]")]
        yield from below
        if not below and not can_be_met(node) and not _refuses(node):
            yield path, node
    elif isinstance(node, Not):
        if not can_be_met(node) and not _refuses(node):
            yield path, node
    elif isinstance(node, LeafNode) and not can_be_met(node):
        yield path, node


def certainties(node: Node, path: str = "$.criteria") -> Iterator[tuple[str, Node]]:
    """The largest parts that nobody can fail, with their places."""
    if not can_fail(node):
        yield path, node
    elif isinstance(node, AllOf | AnyOf):
        word = "all" if isinstance(node, AllOf) else "any"
        for i, part in enumerate(node.parts):
            yield from certainties(part, f"{path}.{word}[{i}]")
    elif isinstance(node, Not):
        yield from certainties(node.part, f"{path}.not")
        if node.unless is not None:
            yield from certainties(node.unless, f"{path}.unless")


def twins(node: Node, path: str = "$.criteria") -> Iterator[str]:
    """Places of criteria that stand word for word beside the same one in their group."""
    if isinstance(node, AllOf | AnyOf):
        word = "all" if isinstance(node, AllOf) else "any"
        seen: set[bytes] = set()
        for i, part in enumerate(node.parts):
            if isinstance(part, LeafNode):
                words = written(part.leaf)
                if words in seen:
                    yield f"{path}.{word}[{i}]"
                seen.add(words)
            yield from twins(part, f"{path}.{word}[{i}]")
    elif isinstance(node, Not):
        yield from twins(node.part, f"{path}.not")


def _refuses(node: Node) -> bool:
    """Whether a flat refusal stands in a node: then that nobody meets it is what the text says."""
    if isinstance(node, Never):
        return True
    if isinstance(node, AllOf | AnyOf):
        return any(_refuses(part) for part in node.parts)
    return isinstance(node, Not) and _refuses(node.part)


def _formula(node: Node, wish: bool) -> _Formula:
    """What must hold for a node to be met (`wish`) or to fail, every `not` carried down to the criteria."""
    if isinstance(node, LeafNode):
        found = literals_of(node.leaf)
        parts: tuple[_Formula, ...] = found if wish else tuple(literal.negated() for literal in found)
        # Of several scales one inside its bound is enough; of the bounds of another criterion all hold.
        either = isinstance(node.leaf, SeverityScore) is wish
        return parts[0] if len(parts) == 1 else _Or(parts) if either else _And(parts)
    if isinstance(node, Never):
        return _Or(()) if wish else _And(())
    if isinstance(node, Not):
        part = _formula(node.part, not wish)
        if node.unless is None:
            return part
        both = (part, _formula(node.unless, wish))
        return _Or(both) if wish else _And(both)
    parts = tuple(_formula(p, wish) for p in node.parts)
    return _And(parts) if isinstance(node, AllOf) is wish else _Or(parts)


def _possible(wanted: tuple[_Formula, ...]) -> bool:
    return _search(wanted, (), itertools.count())


def _search(wanted: tuple[_Formula, ...], held: tuple[Literal, ...], looked_at: Iterator[int]) -> bool:
    """Whether all of `wanted` can hold beside what is held: what must hold first, choices last."""
    if next(looked_at) > _MOST_BRANCHES:
        raise TooManyBranches
    waiting = list(wanted)
    choices: list[_Or] = []
    while waiting:
        formula = waiting.pop()
        if isinstance(formula, _And):
            waiting.extend(formula.parts)
        elif isinstance(formula, _Or):
            choices.append(formula)
        else:
            held = (*held, formula)
            if not agree(held, formula.variable):
                return False
    if not choices:
        return True
    first, *rest = sorted(choices, key=lambda c: len(c.parts))
    return any(_search((option, *rest), held, looked_at) for option in first.parts)
