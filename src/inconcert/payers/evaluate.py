"""Walk a policy's tree for one person: every node judged, unknowns carried upward by Kleene's rules and never averaged.

The answers are worked out at once; what is said of them (text, basis, question) is written when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec

from inconcert.judgement import Answer, Judgement, all_of, any_of
from inconcert.knowledge.policy_schema import (
    NOT_SEEN,
    AllOf,
    Leaf,
    LeafNode,
    Never,
    Node,
    Not,
    Provenance,
    leaves_of,
)
from inconcert.knowledge.policy_schema.later import InitialCriteriaMet, PolicyTextNotSeen
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.payers.asking import Asked, SharedSpot, Spot, find, share, stamped
from inconcert.payers.criteria import EVALUATORS
from inconcert.payers.wording import leaf_in_words, open_fields, plain


@dataclass(frozen=True, slots=True, eq=False)
class LeafKey:
    """What a criterion asks, apart from who asks it: equal criteria of different policies have one key.

    `against` is the answer that a criterion named by some sources only may not give.
    """

    leaf: Leaf
    resistance_defined: bool
    against: Answer | None


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One node of a tree with all that does not depend on the person; made once for each tree.

    `negated`: under a `not`. `key` is None for a node that is no leaf.
    """

    node: Node
    path: str
    resistance_defined: bool
    negated: bool
    key: LeafKey | None = None
    parts: tuple[Place, ...] = ()
    unless: Place | None = None

    def leaves(self) -> Iterator[Place]:
        """The places of the leaves below, in the order of the file."""
        if self.key is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()
        if self.unless is not None:
            yield from self.unless.leaves()


class Judged:
    """A node with its answer and those of its parts; its judgement is written when first read. `unless` is the exception of a `not`."""

    __slots__ = ("_judgement", "_write", "answer", "parts", "place", "unless")

    def __init__(
        self,
        place: Place,
        answer: Answer,
        write: Callable[[Judged], Judgement],
        parts: tuple[Judged, ...] = (),
        unless: Judged | None = None,
    ) -> None:
        self.place, self.answer, self.parts, self.unless = place, answer, parts, unless
        self._write = write
        self._judgement: Judgement | None = None

    @property
    def node(self) -> Node:
        """The node."""
        return self.place.node

    @property
    def path(self) -> str:
        """Its place in the tree; the root's is empty."""
        return self.place.path

    @property
    def judgement(self) -> Judgement:
        """The node's judgement, with text and basis."""
        if self._judgement is None:
            self._judgement = self._write(self)
        return self._judgement


def evaluate(
    node: Node, asked: Asked, path: str = "", *, resistance_defined: bool = False, negated: bool = False
) -> Judged:
    """Judge a node and everything below it. `path` names its place (the root's is empty), `negated` whether under a `not`."""
    return judge(compiled(node, path, resistance_defined, negated), asked)


_KEYS: dict[tuple[bytes, bool, Answer | None], LeafKey] = {}
_MOST_KEYS = 20_000


def _key(leaf: Leaf, resistance_defined: bool, negated: bool) -> LeafKey:
    against = None
    if leaf.provenance is Provenance.DISPUTED:
        against = Answer.MET if negated else Answer.NOT_MET
    bare = msgspec.structs.replace(
        leaf, provenance=None, note=""
    )  # how it is known changes who says it, not what is asked
    if len(_KEYS) >= _MOST_KEYS:
        _KEYS.clear()
    written = msgspec.json.encode(bare), resistance_defined, against
    return _KEYS.setdefault(written, LeafKey(bare, resistance_defined, against))


@lru_cache(maxsize=4096)
def compiled(node: Node, path: str = "", resistance_defined: bool = False, negated: bool = False) -> Place:
    """The tree below a node as places, once and for all."""
    if isinstance(node, LeafNode):
        key = _key(node.leaf, resistance_defined, negated)
        return Place(node, path, resistance_defined, negated, key)
    if isinstance(node, Never):
        return Place(node, path, resistance_defined, negated)
    if isinstance(node, Not):
        below = f"{path}.1" if path else "1"
        inner = compiled(node.part, below, resistance_defined, not negated)
        other = compiled(node.unless, f"{below}u", resistance_defined, negated) if node.unless is not None else None
        return Place(node, path, resistance_defined, negated, None, (inner,), other)
    # Inside an `all`, a rule on trials says what the bare word resistant means there, and so does one nobody saw.
    defined = resistance_defined or (isinstance(node, AllOf) and defines_resistance(node))
    parts = tuple(
        compiled(part, f"{path}.{i}" if path else str(i), defined, negated) for i, part in enumerate(node.parts, 1)
    )
    return Place(node, path, resistance_defined, negated, None, parts)


def defines_resistance(node: AllOf) -> bool:
    """Whether a rule on trials, or text that nobody saw, stands below: that is then what resistant means."""
    return any(isinstance(leaf, AdequateTrials | PolicyTextNotSeen) for leaf in leaves_of(node))


@lru_cache(maxsize=512)
def words_of(tree: Node) -> frozenset[str]:
    """The words that a tree of criteria uses."""
    return frozenset(leaf.fact for leaf in leaves_of(tree))


def at_first(asked: Asked) -> Asked:
    """The first decision of the same policy, asked of the same person on the same day: with its own tree's words."""
    return replace(asked, stage="initial", facts=words_of(asked.policy.criteria))


def judge(place: Place, asked: Asked) -> Judged:
    """Judge a place and everything below it."""
    node = place.node
    if place.key is not None:
        return _judged_leaf(place, place.key, asked)
    if isinstance(node, Never):
        return Judged(place, Answer.NOT_MET, lambda j: _say_never(j, asked))
    parts = tuple([judge(part, asked) for part in place.parts])
    if isinstance(node, Not):
        answer = ~parts[0].answer
        other = judge(place.unless, asked) if place.unless is not None else None
        whole = answer if other is None else any_of((answer, other.answer))
        return Judged(place, whole, lambda j: _say_not(j, asked), parts, other)
    join = all_of if isinstance(node, AllOf) else any_of
    return Judged(place, join([p.answer for p in parts]), lambda j: _say_group(j, asked), parts)


def _judged_leaf(place: Place, key: LeafKey, asked: Asked) -> Judged:
    assert isinstance(place.node, LeafNode)  # noqa: S101 - only leaves have a key
    leaf = place.node.leaf
    if isinstance(leaf, InitialCriteriaMet):
        found = _leaf(leaf, Spot(asked, place.path or "0", leaf, key.resistance_defined))
        return Judged(place, found.answer, lambda _: found)
    shared = finding_of(key, asked)
    # Whatever part answered it, the criterion keeps its own name, so that steps and screens can point to it.
    return Judged(place, shared.answer, lambda _: stamped(shared, Spot(asked, place.path or "0", leaf)))


def finding_of(key: LeafKey, asked: Asked) -> Judgement:
    """What a criterion comes to for this person, marked and not yet any policy's own (see `asking.stamped`)."""
    return share(asked, key, lambda traced: _work(key, traced))


def looked_up(key: LeafKey, asked: Asked) -> frozenset[str]:
    """The ids of all intake questions whose answers the criterion looks up in this record."""
    return find(asked, key, lambda traced: _work(key, traced)).questions


def _work(key: LeafKey, traced: Asked) -> Judgement:
    spot = SharedSpot(traced, "", key.leaf, key.resistance_defined)
    found = _leaf(key.leaf, spot)
    return _disputed(found, spot) if found.answer is key.against else found


def _spot(place: Place, asked: Asked) -> Spot:
    leaf = place.node.leaf if isinstance(place.node, LeafNode) else None
    return Spot(asked, place.path or "0", leaf, place.resistance_defined)


def _say_never(judged: Judged, asked: Asked) -> Judgement:
    node = judged.node
    assert isinstance(node, Never)  # noqa: S101 - the caller chose by the node
    where = f" ({node.population})" if node.population else ""
    text = f"The policy refuses this whatever the history: {plain(node.reason)}{where}."
    return _spot(judged.place, asked).judge(Answer.NOT_MET, text)


def _say_group(judged: Judged, asked: Asked) -> Judgement:
    node, answers = judged.node, [p.answer for p in judged.parts]
    counts = {a: answers.count(a) for a in Answer}
    label = f"{plain(node.label)}: " if node.label else ""
    kind = "All" if isinstance(node, AllOf) else "Any"
    text = (
        f"{label}{kind} of {len(answers)}: {counts[Answer.MET]} met, {counts[Answer.NOT_MET]} not met, "
        f"{counts[Answer.UNKNOWN]} unknown."
    )
    parts = tuple(p.judgement for p in judged.parts)
    return _spot(judged.place, asked).judge(judged.answer, text, parts=parts)


def _say_not(judged: Judged, asked: Asked) -> Judgement:
    node, inner, exception = judged.node, judged.parts[0].judgement, judged.unless
    assert isinstance(node, Not)  # noqa: S101 - the caller chose by the node
    answer = ~inner.answer
    what = leaf_in_words(node.part.leaf) if isinstance(node.part, LeafNode) else "this"
    said = {
        Answer.MET: f"Does not stand in the way ({what}).",
        Answer.NOT_MET: f"Excluded ({what}).",
        Answer.UNKNOWN: f"May be excluded ({what}).",
    }[answer]
    text = f"{said} {inner.text}"
    spot = _spot(judged.place, asked)
    if exception is None:
        return spot.judge(answer, text, parts=(inner,))
    if answer is not Answer.MET:
        text += f" Exception: {exception.judgement.text}"
    return spot.judge(judged.answer, text, parts=(inner, exception.judgement))


def _leaf(leaf: Leaf, spot: Spot) -> Judgement:
    if leaf.conflicting_values:
        return _conflicting(leaf, spot)
    unseen = [n for n in open_fields(type(leaf)) if getattr(leaf, n) == NOT_SEEN]
    if unseen:
        question = spot.question("payers.policy_text", about=f"Point: {plain(leaf.fact)}, {', '.join(unseen)}.")
        return spot.judge(
            Answer.UNKNOWN, f"We did not see the policy's {', '.join(map(plain, unseen))}.", question=question
        )
    if isinstance(leaf, InitialCriteriaMet):
        initial = evaluate(spot.asked.policy.criteria, at_first(spot.asked), f"{spot.path}i")
        text = f"Criteria of the first decision: {initial.answer.value.replace('_', ' ')}."
        return spot.joined((initial.judgement,), initial.answer, text)
    return EVALUATORS[type(leaf)](leaf, spot)


def _disputed(found: Judgement, spot: Spot) -> Judgement:
    """A criterion that only some sources name refuses nobody: what speaks against the person is asked of the payer."""
    question = spot.question("payers.policy_text", about=f"Point: {plain(spot.leaf.fact if spot.leaf else '')}.")
    text = f"{found.text} Only some of the sources name this criterion."
    return spot.judge(
        Answer.UNKNOWN, text, used=found.basis.used, rejected=found.basis.rejected, question=question, parts=found.parts
    )


_ALONE: dict[int, tuple[Leaf, tuple[Leaf, ...]]] = {}  # by identity: a leaf holding a dictionary cannot be hashed


def _each_alone(leaf: Leaf) -> tuple[Leaf, ...]:
    """The leaf with each of its disagreeing values alone; made once, so that what is worked out for each can be kept."""
    known = _ALONE.get(id(leaf))
    if known is not None and known[0] is leaf:
        return known[1]
    if len(_ALONE) >= _MOST_KEYS:
        _ALONE.clear()
    ((name, values),) = leaf.conflicting_values.items()
    made = tuple(msgspec.structs.replace(leaf, conflicting_values={}, **{name: value}) for value in values)
    _ALONE[id(leaf)] = leaf, made
    return made


def _conflicting(leaf: Leaf, spot: Spot) -> Judgement:
    """Every value that some source gives is asked; only where all agree is there an answer."""
    ((name, values),) = leaf.conflicting_values.items()  # the schema lets only one field disagree
    readings = []
    for alone in _each_alone(leaf):
        readings.append(_leaf(alone, replace(spot, leaf=alone)))
    answers = {r.answer for r in readings}
    listed = " or ".join(str(v) for v in values)
    text = f"Sources disagree on {plain(name)} ({listed}). " + " ".join(
        f"By {value}: {reading.answer.value.replace('_', ' ')} ({reading.text})"
        for value, reading in zip(values, readings, strict=True)
    )
    if len(answers) == 1 and Answer.UNKNOWN not in answers:
        first = readings[0]
        return spot.judge(first.answer, text, used=first.basis.used, rejected=first.basis.rejected)
    question = spot.question("payers.policy_text", about=f"Point: {plain(leaf.fact)}, {plain(name)} ({listed}).")
    undecided = tuple(r for r in readings if r.answer is Answer.UNKNOWN)
    return spot.judge(Answer.UNKNOWN, text, question=question, parts=undecided)
