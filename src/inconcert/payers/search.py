"""The smallest sets of facts that turn a whole: all of them up to three facts, each tried on the record itself.

A set is tried by putting its facts on the person's record and asking the policy again on the day when all could be true
(`changes`). Sets are built by asking what still stands in the way: where every part of an `all` must hold, a set that works
holds a fact that touches the part that fails. `tests/unit/payers/test_shortest_way.py` holds the result against trying
every set of facts there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from inconcert.judgement import Answer, all_of
from inconcert.knowledge.policy_schema import AllOf, LeafNode, Never
from inconcert.knowledge.policy_schema.later import InitialCriteriaMet
from inconcert.payers.answers import LARGEST, asked_with, own_changes
from inconcert.payers.asking import Asked
from inconcert.payers.caveats import in_force
from inconcert.payers.changes import Change, compatible
from inconcert.payers.evaluate import Judged, Place, at_first, compiled, evaluate, finding_of, judge

Set = frozenset[int]  # places in the list of candidates


class Tried(Protocol):
    """What sets of facts can be tried on: one determination, or a plan of several."""

    candidates: tuple[Change, ...]

    @property
    def parts(self) -> tuple[Search, ...]:
        """The determinations."""

    def changes(self, chosen: Iterable[int]) -> tuple[Change, ...]:
        """The facts of a set."""

    def answer_with(self, chosen: Set) -> Answer:
        """The whole with these facts on record."""

    def helpful(self, chosen: Set, goal: frozenset[Answer], room: int) -> Set:
        """Facts of which any set that holds these, reaches the goal and has at most `room` more holds at least one; none if none can."""


@dataclass(slots=True)
class Search:
    """One policy asked of one person, and the facts that could turn it.

    `candidates` are all facts that could touch a criterion that stands in the way; `touches` says for each leaf (by path)
    which of them do.
    """

    asked: Asked
    judged: Judged
    candidates: tuple[Change, ...] = ()
    touches: dict[str, Set] = field(default_factory=dict)
    _answers: dict[Set, Answer] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Search, ...]:
        """Itself."""
        return (self,)

    def changes(self, chosen: Iterable[int]) -> tuple[Change, ...]:
        """The facts of a set."""
        return tuple(self.candidates[i] for i in sorted(chosen))

    def judged_with(self, chosen: Set) -> Judged:
        """The whole tree asked of the record with these facts."""
        return judge(self.judged.place, asked_with(self.asked, self.changes(chosen)))

    def answer_with(self, chosen: Set) -> Answer:
        """The whole with these facts; unknown where the text is then no longer in force."""
        if chosen not in self._answers:
            asked = asked_with(self.asked, self.changes(chosen))
            outside = in_force(self.asked.policy, asked.view.as_of)
            answer = Answer.UNKNOWN if outside is not None else judge(self.judged.place, asked).answer
            self._answers[chosen] = answer
        return self._answers[chosen]

    def helpful(self, chosen: Set, goal: frozenset[Answer], room: int) -> Set:
        """Facts of which any set that holds these, reaches the goal and has at most `room` more holds at least one."""
        found = _helpful(self.judged_with(chosen), self, chosen, goal, wanted=Answer.MET, room=room)
        # None: nothing stands in the way but the text itself, which is no longer in force on that day.
        return found[1] if found is not None and found[0] <= room else frozenset()


@dataclass(slots=True)
class PlanSearch:
    """A plan of several parts, each under its own policy, all on one record. `barred`: the pair itself is refused.

    Then only a plan taken apart will do.
    """

    parts: tuple[Search, ...]
    candidates: tuple[Change, ...]
    barred: bool

    def changes(self, chosen: Iterable[int]) -> tuple[Change, ...]:
        """The facts of a set."""
        return self.parts[0].changes(chosen)

    def answer_with(self, chosen: Set) -> Answer:
        """All parts with these facts; not met while a pair that is barred is planned together."""
        if self.barred and not any(c.apart for c in self.changes(chosen)):
            return Answer.NOT_MET
        return all_of(part.answer_with(chosen) for part in self.parts)

    def helpful(self, chosen: Set, goal: frozenset[Answer], room: int) -> Set:
        """Facts of which any set that holds these, reaches the goal and has at most `room` more holds at least one."""
        if self.barred and not any(c.apart for c in self.changes(chosen)):
            return frozenset(i for i, c in enumerate(self.candidates) if c.apart)
        failing = [part for part in self.parts if part.answer_with(chosen) not in goal]
        return min((part.helpful(chosen, goal, room) for part in failing), key=len)


def search(judged: Judged, asked: Asked) -> Search:
    """Find the facts that could matter to one determination and what each touches."""
    return _searches([(judged, asked)], ())[0]


def plan_search(parts: Sequence[tuple[Judged, Asked]], more: tuple[Change, ...], *, barred: bool) -> PlanSearch:
    """Find the facts that could matter to any part of a plan. The parts must be asked of one `CaseView`."""
    found = _searches(parts, more)
    return PlanSearch(found, found[0].candidates, barred)


def _searches(parts: Sequence[tuple[Judged, Asked]], more: tuple[Change, ...]) -> tuple[Search, ...]:
    """A search for each part, over the facts that could matter to any of them."""
    changes: dict[str, Change] = {c.id: c for c in more}
    own: list[dict[str, set[str]]] = []
    for judged, asked in parts:
        mine: dict[str, set[str]] = {}
        for owner, place, answer, here in _standing_in_the_way(judged, asked):
            assert place.key is not None  # noqa: S101 - only leaves stand in the way
            wanted = Answer.NOT_MET if place.negated else Answer.MET
            if answer is wanted:
                continue
            for change in own_changes(place.key, here, wanted):
                changes.setdefault(change.id, change)
                mine.setdefault(owner, set()).add(change.id)
        own.append(mine)
    candidates = tuple(sorted(changes.values(), key=lambda c: c.id))
    found = tuple(Search(asked, judged, candidates) for judged, asked in parts)
    for one, mine in zip(found, own, strict=True):
        one.touches = _touches(one, mine)
    return found


def _standing_in_the_way(judged: Judged, asked: Asked) -> Iterator[tuple[str, Place, Answer, Asked]]:
    """The leaves that could matter, with the path of the leaf of this tree that each belongs to."""
    for leaf in _failing_leaves(judged, Answer.MET):
        node = leaf.node
        if isinstance(node, LeafNode) and isinstance(node.leaf, InitialCriteriaMet):
            first = at_first(asked)
            inner = evaluate(asked.policy.criteria, first, f"{leaf.path or '0'}i")
            for deep in _failing_leaves(inner, Answer.MET):
                yield leaf.path, deep.place, deep.answer, first
        else:
            yield leaf.path, leaf.place, leaf.answer, asked


def _failing_leaves(judged: Judged, wanted: Answer) -> Iterator[Judged]:
    if judged.answer is wanted:
        return
    if judged.place.key is not None:
        yield judged
        return
    turned = ~wanted if _is_not(judged) else wanted
    for part in judged.parts:
        yield from _failing_leaves(part, turned)
    if judged.unless is not None:
        yield from _failing_leaves(judged.unless, wanted)


def _is_not(judged: Judged) -> bool:
    return judged.unless is not None or (type(judged.node).__name__ == "Not")


def _touches(found: Search, own: dict[str, set[str]]) -> dict[str, Set]:
    """For each leaf the facts that are its own, and those that alone change what is found or said of it.

    What is said shows more than the answer: a trial that leaves "1 of 2" at "1 of 2, another undecided" touches the count.
    """
    places = list(found.judged.place.leaves())
    before = {place.path: _said_of(place, found.asked) for place in places}
    touched = {
        place.path: {i for i, c in enumerate(found.candidates) if c.id in own.get(place.path, ())} for place in places
    }
    for i, change in enumerate(found.candidates):
        there = asked_with(found.asked, (change,))
        for place in places:
            if i not in touched[place.path] and _said_of(place, there) != before[place.path]:
                touched[place.path].add(i)
    lasting = {i for i, c in enumerate(found.candidates) if c.earliest > found.asked.view.as_of}
    for indexes in touched.values():
        if any(found.candidates[i].waits for i in indexes):
            indexes.update(lasting)  # what time alone settles, two trials one after the other may settle together
    return {path: frozenset(indexes) for path, indexes in touched.items()}


def _said_of(place: Place, asked: Asked) -> object:
    """What is found of a leaf and which records were looked at: equal where nothing that it reads has changed."""
    node = place.node
    if isinstance(node, LeafNode) and isinstance(node.leaf, InitialCriteriaMet):
        inner, first = compiled(asked.policy.criteria, f"{place.path or '0'}i"), at_first(asked)
        return [_said_of(leaf, first) for leaf in inner.leaves()]
    assert place.key is not None  # noqa: S101 - a leaf has a key
    finding = finding_of(place.key, asked)
    return finding.answer, finding.text, finding.basis.used, finding.basis.rejected


def smallest_sets(found: Tried, goal: frozenset[Answer], largest: int = LARGEST) -> tuple[Set, ...]:
    """All smallest sets of at most `largest` facts with which the whole's answer is one of `goal`, smallest first."""
    kept: list[Set] = []
    frontier: set[Set] = {frozenset()}
    for size in range(largest + 1):
        following: set[Set] = set()
        for chosen in sorted(frontier, key=sorted):
            if any(smaller <= chosen for smaller in kept):
                continue
            if found.answer_with(chosen) in goal:
                kept.append(chosen)
            elif size < largest:
                following |= _grown(found, chosen, goal, largest - size)
        frontier = following
    return _truly_smallest(found, kept, goal)


def _grown(found: Tried, chosen: Set, goal: frozenset[Answer], room: int) -> set[Set]:
    """The set with one more fact, of those that touch what still stands in the way."""
    return {
        chosen | {i}
        for i in found.helpful(chosen, goal, room)
        if compatible([*found.changes(chosen), found.candidates[i]])
    }


_IMPOSSIBLE = 1_000


def _helpful(
    judged: Judged, found: Search, chosen: Set, goal: frozenset[Answer], *, wanted: Answer, room: int
) -> tuple[int, Set] | None:
    """How many more facts a node needs at least, and the facts of which one at least is among them; None where it needs none.

    Parts of an `all` that no fact touches together need their facts each for itself, so their numbers add up.
    """
    good = goal if wanted is Answer.MET else frozenset(~a for a in goal)
    if judged.answer in good:
        return None
    if judged.place.key is not None:
        left = found.touches[judged.path] - chosen
        return (1, left) if left else (_IMPOSSIBLE, left)
    if isinstance(judged.node, Never):
        return _IMPOSSIBLE, frozenset()
    turned = ~wanted if _is_not(judged) else wanted
    each = [_helpful(part, found, chosen, goal, wanted=turned, room=room) for part in judged.parts]
    if judged.unless is not None:
        each.append(_helpful(judged.unless, found, chosen, goal, wanted=wanted, room=room))
    failing = [e for e in each if e is not None]
    if _is_not(judged):
        every = wanted is Answer.NOT_MET  # the exception must then fail as well
    else:
        every = isinstance(judged.node, AllOf) is (wanted is Answer.MET)
    if every:
        return _needed_by_all(failing), min((facts for _, facts in failing), key=len)
    able = [(need, facts) for need, facts in failing if need <= room]
    least = min((need for need, _ in able), default=_IMPOSSIBLE)
    return least, frozenset(i for _, facts in able for i in facts)


def _needed_by_all(failing: Iterable[tuple[int, Set]]) -> int:
    """How many facts all of them need at least: the sum over some that have no fact in common."""
    total, taken = 0, set[int]()
    for need, facts in sorted(failing, key=lambda each: -each[0]):
        if not taken & facts:
            total += need
            taken |= facts
    return total


def _truly_smallest(found: Tried, kept: Iterable[Set], goal: frozenset[Answer]) -> tuple[Set, ...]:
    """Those of which no part works: a part may, where the growth did not pass through it."""
    working = {part for chosen in kept for part in (chosen, *_parts(chosen)) if found.answer_with(part) in goal}
    ordered = sorted(working, key=lambda s: (len(s), sorted(s)))
    return tuple(s for s in ordered if not any(smaller < s for smaller in working))


def _parts(chosen: Set) -> Iterator[Set]:
    """Every part of a set but the empty one and itself."""
    items = sorted(chosen)
    for mask in range(1, 2 ** len(items) - 1):
        yield frozenset(item for place, item in enumerate(items) if mask >> place & 1)
