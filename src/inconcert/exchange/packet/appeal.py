"""The appeal letter: the criterion that was refused, in our words with the policy's number, and the record that meets it.

Where the record does not meet it the letter claims nothing; it goes on only where the policy itself has another way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inconcert.assessment.names import UnknownName
from inconcert.exchange.packet import letter, standing
from inconcert.exchange.packet.criteria import answers_of, fact_of, row_of, tree_of
from inconcert.exchange.packet.trials import trial_sentence
from inconcert.exchange.packet.types import CriterionRow, LetterSection, PacketPart, Rests, Sentence
from inconcert.exchange.report.words import day, sentence
from inconcert.judgement import Answer, Judgement
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Node

if TYPE_CHECKING:
    from inconcert.exchange.packet.build import Gathered
    from inconcert.exchange.packet.parts import AskedPart


@dataclass(frozen=True, slots=True)
class Refused:
    """The criterion that was refused: its row, its part, and the other ways the policy leaves open beside it."""

    part: PacketPart
    row: CriterionRow
    other_ways: tuple[CriterionRow, ...]


def sections(gathered: Gathered) -> tuple[LetterSection, ...]:
    """The appeal's sections in order."""
    refused = find_refused(gathered)
    found = [
        LetterSection(title="What is appealed", paragraphs=((*letter.who(gathered), *_notice(gathered)),)),
        LetterSection(
            title="The criterion that was refused",
            paragraphs=(tuple(_quoted(each) for each in refused), (standing.OWN_WORDS,)),
        ),
        *(_answered(gathered, each) for each in refused),
        *(letter.criteria_section(part) for part in gathered.parts if _others_met(part, refused)),
        *letter.pair_section(gathered),
        LetterSection(title="Request", paragraphs=(_closing(refused),)),
    ]
    return tuple(section for section in found if any(section.paragraphs))


def find_refused(gathered: Gathered) -> tuple[Refused, ...]:
    """The rows of the refused criterion, in each part that has it. Raises UnknownName with the criteria there are."""
    denial = gathered.request.denial
    wanted = denial.criterion.strip() if denial else ""
    found = []
    names: dict[str, None] = {}
    for asked, part in zip(gathered.asked, gathered.parts, strict=True):
        tree = tree_of(asked.policy, gathered.request.stage)
        rows = {row.id: row for row in part.criteria}
        for node, judgement, beside in _leaves(tree, asked.sent.criteria, ()) if tree is not None else ():
            place = judgement.id.partition("/")[2].partition(":")[0]
            names[fact_of(node)] = None
            if wanted not in {fact_of(node), place, judgement.id, fact_of(node).replace("_", " ")}:
                continue
            row = rows.get(judgement.id) or _row_of(gathered, asked, judgement.id)
            if row is not None:
                others = tuple(
                    r for other in beside if (r := rows.get(other) or _row_of(gathered, asked, other)) is not None
                )
                found.append(Refused(part, row, others))
    if not found:
        raise UnknownName("criterion of the policies asked", wanted, names)
    return tuple(found)


def _leaves(
    node: Node, judgement: Judgement, beside: tuple[str, ...]
) -> Iterator[tuple[Node, Judgement, tuple[str, ...]]]:
    """Every criterion with its judgement and the ids of the criteria that stand beside it as other ways."""
    if isinstance(node, AllOf | AnyOf) and len(node.parts) == len(judgement.parts):
        for position, (part, below) in enumerate(zip(node.parts, judgement.parts, strict=True)):
            others = beside
            if isinstance(node, AnyOf):
                rest = [p for other, p in enumerate(judgement.parts) if other != position]
                others = (*beside, *(each.id for p in rest for each in _tops(p)))
            yield from _leaves(part, below, others)
    else:
        yield node, judgement, beside


def _tops(judgement: Judgement) -> Iterator[Judgement]:
    """The criteria of another way: itself, or those of its group."""
    if ":" in judgement.id.partition("/")[2] or not judgement.parts:
        yield judgement
    else:
        for part in judgement.parts:
            yield from _tops(part)


def _row_of(gathered: Gathered, asked: AskedPart, criterion: str) -> CriterionRow | None:
    """A criterion that the checklist does not show, because another way answered: made alone."""
    tree = tree_of(asked.policy, gathered.request.stage)
    for node, judgement, _ in _leaves(tree, asked.sent.criteria, ()) if tree is not None else ():
        if judgement.id == criterion:
            return row_of(node, judgement, answers_of(asked.full.criteria), gathered.book.cite)
    return None


def _notice(gathered: Gathered) -> Iterator[Sentence]:
    """The payer's notice, as the clinic gave it."""
    denial = gathered.request.denial
    if denial is None:
        return
    dated = f" of {day(denial.on.isoformat())}" if denial.on else ""
    numbered = f", reference {denial.reference}" if denial.reference else ""
    yield Sentence(text=f"This appeals the refusal{dated}{numbered}.", rests=Rests.DENIAL)
    if denial.reason:
        yield Sentence(text=sentence(f"The reason given: \u201c{denial.reason.strip()}\u201d"), rests=Rests.DENIAL)


def _quoted(refused: Refused) -> Sentence:
    """The criterion in our words, with the policy's number, place and source."""
    policy, row = refused.part.policy, refused.row
    version = "" if policy.version == "undated" else f", text of {day(policy.version)}"
    place = row.id.partition("/")[2].partition(":")[0]
    recalled = (
        " This criterion is recalled or told at second hand: check it against the payer's text." if row.recalled else ""
    )
    text = (
        f"{policy.payer}, {policy.title} ({policy.number}{version}), in our file at {place}: {sentence(row.asked)} "
        f"Source: {'; '.join(policy.sources[:3])}.{recalled}"
    )
    return Sentence(text=text, rests=Rests.POLICY, source=row.id)


def _answered(gathered: Gathered, refused: Refused) -> LetterSection:
    """What the record shows for the criterion; where it does not meet it, only the policy's own other ways."""
    row = refused.row
    if row.answer is Answer.MET:
        said: list[tuple[Sentence, ...]] = [tuple(row.findings)]
        lines = {line.id: line for line in gathered.trials}
        said += [(trial_sentence(lines[each]),) for each in row.trials if each in lines]
        return LetterSection(title="What the record shows", paragraphs=tuple(said), bullets=True)
    verdict = standing.NOT_CLAIMED if row.answer is Answer.NOT_MET else standing.NOT_SETTLED_APPEAL
    said = [(verdict,)]
    for other in refused.other_ways:
        if other.answer is Answer.MET:
            said.append(tuple(letter.met_sentences(other)))
    title = "What the record shows" if len(said) == 1 else "Another way the policy gives, and what the record shows"
    return LetterSection(title=title, paragraphs=tuple(said), bullets=len(said) > 1)


def _others_met(part: PacketPart, refused: tuple[Refused, ...]) -> bool:
    """The other criteria are told only of the policy that refused."""
    return any(each.part.policy.id == part.policy.id for each in refused)


def _closing(refused: tuple[Refused, ...]) -> tuple[Sentence, ...]:
    carried = all(
        each.row.answer is Answer.MET or any(o.answer is Answer.MET for o in each.other_ways) for each in refused
    )
    return (standing.PLEASE_REVERSE if carried else standing.PLEASE_REVIEW, standing.PEER)
