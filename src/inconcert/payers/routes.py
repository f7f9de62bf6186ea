"""Smallest sets of changes that would turn a not met whole, and what would settle its unknowns.

Each leaf stands once in a tree, so the smallest sets follow from its shape: an `any` offers the sets of its parts, an
`all` joins one set of each part. `tests/unit/payers/test_routes.py` holds this against trying every set.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from inconcert.judgement import Answer, Question
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Not
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.payers import steps
from inconcert.payers.asking import Asked
from inconcert.payers.evaluate import Judged
from inconcert.payers.types import Route, Step

LARGEST = 3
_MOST_ROUTES = 6
Change = tuple[str, bool]  # the leaf's path, and whether it stands under a `not`


def change_sets(judged: Judged, largest: int = LARGEST) -> tuple[frozenset[Change], ...]:
    """The smallest sets of leaves whose turning makes the node no longer not met, unknowns taken to turn out well."""
    return _sets(judged, wanted=True, negated=False, largest=largest)


def _sets(judged: Judged, *, wanted: bool, negated: bool, largest: int) -> tuple[frozenset[Change], ...]:
    """Sets that make a node met (`wanted`) or not met. An unknown can turn out either way and needs no change."""
    if judged.answer is not (Answer.NOT_MET if wanted else Answer.MET):
        return (frozenset(),)
    node = judged.node
    if isinstance(node, LeafNode):
        return (frozenset({(judged.path, negated)}),)
    if isinstance(node, Not):
        inner = _sets(judged.parts[0], wanted=not wanted, negated=not negated, largest=largest)
        if judged.unless is None:
            return inner
        exception = _sets(judged.unless, wanted=wanted, negated=negated, largest=largest)
        return _smallest((*inner, *exception), largest) if wanted else _join((inner, exception), largest)
    if not isinstance(node, AllOf | AnyOf):
        return ()  # a flat refusal
    each = [_sets(part, wanted=wanted, negated=negated, largest=largest) for part in judged.parts]
    if isinstance(node, AllOf) is wanted:
        return _join(each, largest)
    return _smallest((s for sets in each for s in sets), largest)


def _join(each: Iterable[tuple[frozenset[Change], ...]], largest: int) -> tuple[frozenset[Change], ...]:
    joined: tuple[frozenset[Change], ...] = (frozenset(),)
    for sets in each:
        if sets != (frozenset(),):
            joined = _smallest((a | b for a in joined for b in sets), largest)
    return joined


def _smallest(sets: Iterable[frozenset[Change]], largest: int) -> tuple[frozenset[Change], ...]:
    kept: list[frozenset[Change]] = []
    for candidate in sorted({s for s in sets if len(s) <= largest}, key=lambda s: (len(s), sorted(s))):
        if not any(smaller <= candidate for smaller in kept):
            kept.append(candidate)
    return tuple(kept)


def routes(judged: Judged, asked: Asked) -> tuple[Route, ...]:
    """The smallest sets of changes that can be made, each with its steps and earliest day; soonest and smallest first."""
    if judged.answer is not Answer.NOT_MET:
        return ()
    by_path = dict(_leaves(judged))
    found: list[Route] = []
    for change_set in change_sets(judged):
        options = [
            steps.for_leaf(leaf.node.leaf, leaf.judgement.id, asked, negated=negated)
            for path, negated in sorted(change_set)
            if isinstance((leaf := by_path[path]).node, LeafNode)
        ]
        for chosen in itertools.islice(itertools.product(*options), _MOST_ROUTES):
            found.append(_route(chosen, asked))
    ordered = sorted(found, key=lambda r: (len(r.steps), r.earliest is not None, r.earliest or asked.view.as_of))
    return tuple(ordered[:_MOST_ROUTES])


def _leaves(judged: Judged) -> Iterator[tuple[str, Judged]]:
    if isinstance(judged.node, LeafNode):
        yield judged.path, judged
    for part in judged.parts:
        yield from _leaves(part)
    if judged.unless is not None:
        yield from _leaves(judged.unless)


def _route(chosen: tuple[Step, ...], asked: Asked) -> Route:
    days = [s.earliest for s in chosen if s.earliest is not None]
    waits = any(s.kind in ("time", "care") and s.earliest is not None for s in chosen)
    caution = steps.WAITING if waits and acutely_suicidal(asked) else ""
    return Route(
        steps=tuple(_cautioned(s, asked) for s in chosen), earliest=max(days) if days else None, caution=caution
    )


def acutely_suicidal(asked: Asked) -> bool:
    """Whether the suicide screen is red, or a clinician said so."""
    said = asked.view.attestation("payers.acute_suicidality")
    return asked.view.case.safety.suicide_risk.level == "red" or (said is not None and said.answer == "yes")


def _cautioned(step: Step, asked: Asked) -> Step:
    if step.kind not in ("time", "care") or step.earliest is None or not acutely_suicidal(asked):
        return step
    return Step(id=step.id, text=step.text, kind=step.kind, settles=step.settles, earliest=step.earliest,
                caution=f"{steps.WAITING} {step.caution}".strip())  # fmt: skip


def open_questions(judged: Judged) -> Iterator[Judged]:
    """The undecided leaves that could still matter: not those beneath a node that is already met."""
    if judged.answer is Answer.MET:
        return
    if isinstance(judged.node, LeafNode):
        if judged.answer is Answer.UNKNOWN:
            yield judged
        return
    for part in judged.parts:
        if isinstance(judged.node, Not):
            yield from _under_not(part)
        else:
            yield from open_questions(part)
    if judged.unless is not None:
        yield from open_questions(judged.unless)


def _under_not(judged: Judged) -> Iterator[Judged]:
    for _, leaf in _leaves(judged):
        if leaf.answer is Answer.UNKNOWN:
            yield leaf


def settling_steps(judged: Judged, asked: Asked) -> tuple[Step, ...]:
    """What would settle the unknowns: each question once, with every criterion it settles, and dates that time settles."""
    settles: dict[str, list[str]] = {}
    questions: dict[str, Question] = {}
    timed: list[Step] = []
    for leaf in open_questions(judged):
        for question in leaf.judgement.questions():
            questions.setdefault(question.id + question.text, question)
            settles.setdefault(question.id + question.text, []).append(leaf.judgement.id)
        if isinstance(leaf.node, LeafNode) and isinstance(leaf.node.leaf, AdequateTrials):
            timed += steps.present_drug_in_time(leaf.node.leaf, leaf.judgement.id, asked)
    asks = [steps.for_question(q, tuple(dict.fromkeys(settles[key]))) for key, q in questions.items()]
    return (*asks, *(_cautioned(s, asked) for s in timed))
