"""The appeal letter: the criterion that was refused, in our words with the policy's number, and the record that meets it.

Where the record does not meet it the letter claims nothing; it goes on only where the policy itself has another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inconcert.assessment.names import UnknownName
from inconcert.exchange.packet import letter, standing
from inconcert.exchange.packet.criteria import answers_of, fact_of, row_of, rows_under, tree_of
from inconcert.exchange.packet.trials import trial_sentence
from inconcert.exchange.packet.types import CriterionRow, LetterSection, PacketPart, Rests, Sentence
from inconcert.exchange.report.words import day, sentence
from inconcert.judgement import Answer, Judgement
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Node

if TYPE_CHECKING:
    from inconcert.exchange.packet.build import Gathered

Side = tuple[Node, Judgement]


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another way the policy leaves beside the refused criterion, as a whole: it is met only where all of it is."""

    answer: Answer
    rows: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The criterion that was refused: its row, its part, and the other ways the policy leaves open beside it."""

    part: PacketPart
    row: CriterionRow
    other_ways: tuple[OtherWay, ...]


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
        *(letter.criteria_section(part) for part in gathered.parts),
        *letter.pair_section(gathered),
        LetterSection(title="Request", paragraphs=(_closing(refused),)),
    ]
    return tuple(section for section in found if any(section.paragraphs))


def find_refused(gathered: Gathered) -> tuple[Refused, ...]:
    """The rows of the refused criterion, in each part that has it. Raises UnknownName with the criteria there are."""
    denial = gathered.request.denial
    wanted = denial.criterion.strip() if denial else ""
    found: list[Refused] = []
    names: dict[str, None] = {}
    for asked, part in zip(gathered.asked, gathered.parts, strict=True):
        tree = tree_of(asked.policy, gathered.request.stage)
        rows = {row.id: row for row in part.criteria}
        whole = answers_of(asked.full.criteria)
        here = []
        for node, judgement, beside in _leaves(tree, asked.sent.criteria, ()) if tree is not None else ():
            names[fact_of(node)] = None
            if wanted in _names(node, judgement):
                row = rows.get(judgement.id) or row_of(node, judgement, whole, gathered.book.cite)
                ways = tuple(_way(side, other, whole, gathered) for side, other in beside)
                here.append(Refused(part, row, ways))
        # The same word may stand in a way that is not this person's (age of adolescents): the checklist's come first.
        found += [each for each in here if each.row.id in rows] or here
    if not found:
        raise UnknownName("criterion of the policies asked", wanted, names)
    return tuple(found)


def _names(node: Node, judgement: Judgement) -> set[str]:
    """By what a criterion may be named: its word, its place in our file, its id."""
    fact = fact_of(node)
    return {fact, fact.replace("_", " "), judgement.id.partition("/")[2].partition(":")[0], judgement.id}


def _leaves(
    node: Node, judgement: Judgement, beside: tuple[Side, ...]
) -> Iterator[tuple[Node, Judgement, tuple[Side, ...]]]:
    """Every criterion with its judgement and what stands beside it, or beside a group it is in, as another way."""
    if isinstance(node, AllOf | AnyOf) and len(node.parts) == len(judgement.parts):
        pairs = list(zip(node.parts, judgement.parts, strict=True))
        for position, (part, below) in enumerate(pairs):
            rest = tuple(pair for other, pair in enumerate(pairs) if other != position)
            yield from _leaves(part, below, (*beside, *rest) if isinstance(node, AnyOf) else beside)
    else:
        yield node, judgement, beside


def _way(node: Node, judgement: Judgement, whole: Mapping[str, Answer], gathered: Gathered) -> OtherWay:
    """Another way as a whole. It is open where what is held back would change its answer."""
    same = whole.get(judgement.id) is judgement.answer
    rows = rows_under(node, judgement, whole, gathered.book.cite)
    return OtherWay(judgement.answer if same else Answer.UNKNOWN, rows)


def _notice(gathered: Gathered) -> Iterator[Sentence]:
    """The payer's notice, as the clinic gave it."""
    denial = gathered.request.denial
    if denial is None:
        return
    dated = f" of {day(denial.on.isoformat())}" if denial.on else ""
    numbered = f", reference {denial.reference}" if denial.reference else ""
    yield Sentence(text=f"This appeals the refusal{dated}{numbered}.", rests=Rests.DENIAL)
    if denial.reason:
        reason = denial.reason.strip().rstrip(".")
        yield Sentence(text=f"The reason given: \u201c{reason}\u201d.", rests=Rests.DENIAL)


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
    for way in refused.other_ways:
        if way.answer is Answer.MET:
            said += [tuple(letter.met_sentences(row)) for row in way.rows]
    title = "What the record shows" if len(said) == 1 else "Another way the policy gives, and what the record shows"
    return LetterSection(title=title, paragraphs=tuple(said), bullets=len(said) > 1)


def _closing(refused: tuple[Refused, ...]) -> tuple[Sentence, ...]:
    carried = all(
        each.row.answer is Answer.MET or any(o.answer is Answer.MET for o in each.other_ways) for each in refused
    )
    return (standing.PLEASE_REVERSE if carried else standing.PLEASE_REVIEW, standing.PEER)
