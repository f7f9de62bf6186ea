"""Walk a policy's tree for one person: every node judged, unknowns carried upward by Kleene's rules and never averaged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec

from inconcert.judgement import Answer, Judgement, all_of, any_of
from inconcert.knowledge.policy_schema import (
    NOT_SEEN,
    AllOf,
    AnyOf,
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
from inconcert.payers.asking import Asked, Spot
from inconcert.payers.criteria import EVALUATORS
from inconcert.payers.wording import leaf_in_words, open_fields, plain


@dataclass(frozen=True, slots=True)
class Judged:
    """A node with its judgement and those of its parts. `unless` is the exception of a `not`."""

    node: Node
    path: str
    judgement: Judgement
    parts: tuple[Judged, ...] = field(default=())
    unless: Judged | None = None

    @property
    def answer(self) -> Answer:
        """The node's answer."""
        return self.judgement.answer


def evaluate(
    node: Node, asked: Asked, path: str = "", *, resistance_defined: bool = False, negated: bool = False
) -> Judged:
    """Judge a node and everything below it. `path` names its place (the root's is empty), `negated` whether under a `not`."""
    spot = Spot(asked, path or "0", None, resistance_defined)
    if isinstance(node, LeafNode):
        place = Spot(asked, path or "0", node.leaf, resistance_defined)
        found = _leaf(node.leaf, place)
        if node.leaf.provenance is Provenance.DISPUTED:
            found = _disputed(found, place, against=Answer.MET if negated else Answer.NOT_MET)
        # Whatever part answered it, the criterion keeps its own name, so that steps and screens can point to it.
        return Judged(node, path, found if found.id == place.id else replace(found, id=place.id))
    if isinstance(node, Never):
        where = f" ({node.population})" if node.population else ""
        text = f"The policy refuses this whatever the history: {plain(node.reason)}{where}."
        return Judged(node, path, spot.judge(Answer.NOT_MET, text))
    if isinstance(node, Not):
        return _not(node, spot, resistance_defined, negated)
    # Inside an `all`, a rule on trials says what the bare word resistant means there, and so does one nobody saw.
    defined = resistance_defined or (isinstance(node, AllOf) and _defines_resistance(node))
    parts = tuple(
        evaluate(part, asked, f"{path}.{i}" if path else str(i), resistance_defined=defined, negated=negated)
        for i, part in enumerate(node.parts, 1)
    )
    return Judged(node, path, _group(node, spot, parts), parts)


@lru_cache(maxsize=4096)
def _defines_resistance(node: AllOf) -> bool:
    return any(isinstance(leaf, AdequateTrials | PolicyTextNotSeen) for leaf in leaves_of(node))


def _group(node: AllOf | AnyOf, spot: Spot, parts: tuple[Judged, ...]) -> Judgement:
    answers = [p.answer for p in parts]
    answer = all_of(answers) if isinstance(node, AllOf) else any_of(answers)
    counts = {a: answers.count(a) for a in Answer}
    label = f"{plain(node.label)}: " if node.label else ""
    kind = "All" if isinstance(node, AllOf) else "Any"
    text = (
        f"{label}{kind} of {len(parts)}: {counts[Answer.MET]} met, {counts[Answer.NOT_MET]} not met, "
        f"{counts[Answer.UNKNOWN]} unknown."
    )
    return spot.judge(answer, text, parts=tuple(p.judgement for p in parts))


def _not(node: Not, spot: Spot, resistance_defined: bool, negated: bool) -> Judged:
    below = f"{spot.path}.1" if spot.path != "0" else "1"
    inner = evaluate(node.part, spot.asked, below, resistance_defined=resistance_defined, negated=not negated)
    answer = ~inner.answer
    what = leaf_in_words(node.part.leaf) if isinstance(node.part, LeafNode) else "this"
    said = {
        Answer.MET: f"Does not stand in the way ({what}).",
        Answer.NOT_MET: f"Excluded ({what}).",
        Answer.UNKNOWN: f"May be excluded ({what}).",
    }[answer]
    text = f"{said} {inner.judgement.text}"
    if node.unless is None:
        return Judged(node, spot.path, spot.judge(answer, text, parts=(inner.judgement,)), (inner,))
    exception = evaluate(node.unless, spot.asked, f"{below}u", resistance_defined=resistance_defined, negated=negated)
    whole = any_of((answer, exception.answer))
    if answer is not Answer.MET:
        text += f" Exception: {exception.judgement.text}"
    found = spot.judge(whole, text, parts=(inner.judgement, exception.judgement))
    return Judged(node, spot.path, found, (inner,), exception)


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
        # The criteria of the first decision, asked of the same person on the same day.
        initial = evaluate(spot.asked.policy.criteria, replace(spot.asked, stage="initial"), f"{spot.path}i")
        text = f"Criteria of the first decision: {initial.answer.value.replace('_', ' ')}."
        return spot.joined((initial.judgement,), initial.answer, text)
    return EVALUATORS[type(leaf)](leaf, spot)


def _disputed(found: Judgement, spot: Spot, against: Answer) -> Judgement:
    """A criterion that only some sources name refuses nobody: what speaks against the person is asked of the payer."""
    if found.answer is not against:
        return found
    question = spot.question("payers.policy_text", about=f"Point: {plain(spot.leaf.fact if spot.leaf else '')}.")
    text = f"{found.text} Only some of the sources name this criterion."
    return spot.judge(
        Answer.UNKNOWN, text, used=found.basis.used, rejected=found.basis.rejected, question=question, parts=found.parts
    )


def _conflicting(leaf: Leaf, spot: Spot) -> Judgement:
    """Every value that some source gives is asked; only where all agree is there an answer."""
    ((name, values),) = leaf.conflicting_values.items()  # the schema lets only one field disagree
    readings = []
    for value in values:
        alone = msgspec.structs.replace(leaf, conflicting_values={}, **{name: value})
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
