"""From a determination to the rows of the checklist: every criterion that decides, with what the record says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from inconcert.exchange.packet import standing
from inconcert.exchange.packet.asked import asked_in_words
from inconcert.exchange.packet.types import CriterionRow, Rests, Sentence
from inconcert.exchange.report.words import day, sentence
from inconcert.judgement import Answer, Judgement, Reading
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Never, Node, Not, Provenance
from inconcert.payers.wording import leaf_in_words, node_in_words, opening, plain

Cite = Callable[[Iterable[str]], tuple[str, ...]]
_READING = re.compile(r"\s*\(Reading taken: [^)]*\)")
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_PROPOSED = re.compile(r"The service proposed, (\w+),")
_BY = re.compile(r"\s*\((?:answered|told) by (?P<who>[^)]*)\)")


@dataclass(frozen=True, slots=True)
class _Place:
    """A leaf of the tree with its judgement, the way it belongs to and whether it stands under a `not`."""

    node: Node
    judgement: Judgement
    way: str


def tree_of(policy: CoveragePolicy, stage: str) -> Node | None:
    """The tree asked at a stage; None where we hold no criteria for it."""
    if stage == "initial":
        return policy.criteria
    later = policy.later.get(stage)
    return later.criteria if later is not None else None


def criterion_rows(
    policy: CoveragePolicy, stage: str, sent: Judgement, full: Judgement, cite: Cite
) -> tuple[CriterionRow, ...]:
    """The criteria that decide, in the policy's order.

    `sent` was judged without what is held back, `full` with it. Where the two differ the packet says nothing of the
    criterion: neither what stays behind, nor anything that stays behind contradicts. Of an "any" that is met the way
    that met it is shown; else every way that could still give the answer.
    """
    rows = rows_under(tree_of(policy, stage) or Never(""), sent, answers_of(full), cite)
    return tuple(replace(row, number=str(position)) for position, row in enumerate(rows, 1))


def rows_under(node: Node, judgement: Judgement, whole: Mapping[str, Answer], cite: Cite) -> tuple[CriterionRow, ...]:
    """The criteria of a group that decide, without numbers."""
    places = _places(node, judgement, "")
    return tuple(row_of(place.node, place.judgement, whole, cite, place.way) for place in places)


def answers_of(judgement: Judgement) -> dict[str, Answer]:
    """Every answer of a tree by its id."""
    return {each.id: each.answer for each in walk(judgement)}


def walk(judgement: Judgement) -> Iterator[Judgement]:
    """A judgement and everything under it."""
    yield judgement
    for part in judgement.parts:
        yield from walk(part)


def _places(node: Node, judgement: Judgement, way: str) -> Iterator[_Place]:
    if isinstance(node, AllOf) and len(node.parts) == len(judgement.parts):
        for part, below in zip(node.parts, judgement.parts, strict=True):
            yield from _places(part, below, way)
    elif isinstance(node, AnyOf) and len(node.parts) == len(judgement.parts):
        pairs = list(zip(node.parts, judgement.parts, strict=True))
        same = [(part, below) for part, below in pairs if below.answer is judgement.answer] or pairs
        shown = same[:1] if judgement.answer is Answer.MET else same
        for position, (part, below) in enumerate(shown, 1):
            named = plain(part.label) if part.label else f"way {position} of {len(shown)}" if len(shown) > 1 else ""
            yield from _places(part, below, "; ".join(word for word in (way, named) if word))
    else:
        yield _Place(node, judgement, way)


def row_of(node: Node, judgement: Judgement, whole: Mapping[str, Answer], cite: Cite, way: str = "") -> CriterionRow:
    """One row. `whole` are the answers with what is held back, by criterion id."""
    answer = judgement.answer
    if whole.get(judgement.id) is not answer:
        answer = Answer.UNKNOWN
    used = [use.record_id for each in walk(judgement) for use in each.basis.used]
    rejected = [(use.record_id, use.why) for each in walk(judgement) for use in each.basis.rejected]
    silent = whole.get(judgement.id) is not judgement.answer
    findings = () if silent else tuple(_findings(node, judgement, cite))
    if answer is Answer.UNKNOWN:
        findings = (standing.NOT_SETTLED, *findings)
    return CriterionRow(
        number="",
        id=judgement.id,
        fact=fact_of(node),
        asked=_asked(node),
        answer=answer,
        findings=findings,
        way=way,
        trials=() if silent else tuple(dict.fromkeys(each for each in used if each.startswith("trial."))),
        rejected_trials=() if silent else tuple(dict.fromkeys(r for r in rejected if r[0].startswith("trial."))),
        recalled=_is_recalled(node) or judgement.basis.status is Reading.RECALLED,
    )  # fmt: skip


def _is_recalled(node: Node) -> bool:
    """True if the criterion itself is from memory, or only some of the sources name it."""
    inner = node.part if isinstance(node, Not) else node
    return isinstance(inner, LeafNode) and inner.leaf.provenance in (Provenance.RECALLED, Provenance.DISPUTED)


def fact_of(node: Node) -> str:
    """The policy language's word for what a criterion asks."""
    if isinstance(node, LeafNode):
        return node.leaf.fact
    if isinstance(node, Not):
        return fact_of(node.part)
    return "never" if isinstance(node, Never) else "group"


def _asked(node: Node) -> str:
    if isinstance(node, LeafNode):
        return asked_in_words(leaf_in_words(node.leaf))
    if isinstance(node, Not):
        inner = _asked(node.part)
        unless = f", unless {_asked(node.unless)}" if node.unless is not None else ""
        return f"Excluded: {inner}{unless}"
    if isinstance(node, Never):
        return f"Never covered: {plain(node.reason)}" if node.reason else "Criteria of this stage"
    return node_in_words(node)


def _findings(node: Node, judgement: Judgement, cite: Cite) -> Iterator[Sentence]:
    """What is known, sentence by sentence; nothing that is unknown. The same words are said once, with all their records."""
    found: dict[str, list[str]] = {}
    for known in _known(judgement):
        found.setdefault(_plain_text(known.text), []).extend(use.record_id for use in known.basis.used)
    for text, used in found.items():
        rows = cite(used)
        if rows:
            yield Sentence(text=text, rests=Rests.RECORD, records=rows)
        elif isinstance(node, Never):
            yield Sentence(text=text, rests=Rests.POLICY, source=judgement.id)
        else:  # known without a row of the chart: it rests on what is asked for (service, protocol, number)
            yield Sentence(text=text, rests=Rests.REQUEST)


def _known(judgement: Judgement) -> Iterator[Judgement]:
    """The deepest judgements that have an answer; one that has records of its own speaks for its parts."""
    if judgement.parts and not judgement.basis.used:
        for part in judgement.parts:
            yield from _known(part)
    elif judgement.answer is not Answer.UNKNOWN:
        yield judgement


def _plain_text(text: str) -> str:
    """A judgement's text for a letter: who answered stands in the table of records, our readings with the policy."""
    said = _BY.sub("", _READING.sub("", text)).strip()
    said = _PROPOSED.sub(lambda found: f"The service proposed, {plain(found[1])},", said)
    return opening(sentence(_ISO.sub(lambda found: day(found[0]), said)))


def readings_of(judgements: Iterable[Judgement]) -> tuple[str, ...]:
    """What was read into the policy where it leaves something open, each once."""
    found: dict[str, None] = {}
    for judgement in judgements:
        for each in walk(judgement):
            for text in _READING.findall(each.text):
                found[text.strip().removeprefix("(Reading taken: ").removesuffix(")")] = None
    return tuple(found)
