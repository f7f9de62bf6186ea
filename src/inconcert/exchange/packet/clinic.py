"""The sheet for the clinic: what stands in the way, what would settle it, what is blank, and what was held back.

Nothing of it goes to the payer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inconcert.exchange.disclosure import HeldBack
from inconcert.exchange.packet import appeal
from inconcert.exchange.packet.criteria import answers_of, walk
from inconcert.exchange.packet.types import Attachment, ForTheClinic, PacketPart
from inconcert.exchange.report.words import day, label, sentence
from inconcert.judgement import Answer, Judgement

if TYPE_CHECKING:
    from inconcert.exchange.packet.build import Gathered
    from inconcert.exchange.packet.parts import AskedPart


def for_the_clinic(gathered: Gathered, documents: tuple[Attachment, ...], held: tuple[HeldBack, ...]) -> ForTheClinic:
    """Everything the clinic must know before it sends the packet."""
    request = gathered.request
    full = [each.full for each in gathered.asked]
    steps = [
        f"{each.service}: {step.text}"
        + (f" Earliest {day(step.earliest.isoformat())}." if step.earliest else "")
        + (f" CAUTION: {step.caution}" if step.caution else "")
        for each in full
        for step in each.shortest_way
    ]
    blanks = [*request.clinic.blanks(), *_person_blanks(gathered)]
    return ForTheClinic(
        must_know=tuple(dict.fromkeys(_must_know(gathered, held))),
        to_settle=tuple(dict.fromkeys(question.text for each in full for question in each.missing)),
        shortest_way=tuple(dict.fromkeys(steps)),
        blanks=tuple(blanks),
        missing_documents=tuple(f"{d.name} (asked by {d.asked_by})" for d in documents if not d.shown_by),
        held_back=tuple((h.record_id, h.why, h.released_by) for h in held),
        routes=tuple(dict.fromkeys(_routes(gathered))),
    )


def _person_blanks(gathered: Gathered) -> Iterator[str]:
    person, request = gathered.case.person, gathered.request
    if not person.name:
        yield "the person's name"
    if person.birth is None or not person.birth.is_exact:
        yield "the person's birth date"
    if not request.member_id:
        yield "the person's member number"
    if request.kind == "appeal" and request.denial is not None:
        for name, value in (
            ("date", request.denial.on),
            ("reference number", request.denial.reference),
            ("reason", request.denial.reason),
        ):
            if not value:
                yield f"the {name} of the refusal"


def _must_know(gathered: Gathered, held: tuple[HeldBack, ...]) -> Iterator[str]:
    risk = gathered.whole.safety.suicide_risk
    if risk.level in {"red", "amber"}:
        yield f"Suicide screen {risk.level.upper()}: act on it first. {risk.text}"
    if gathered.case.person.invented:
        yield "This person is INVENTED: the packet is for demonstration and must not be sent to anybody."
    for each, part in zip(gathered.asked, gathered.parts, strict=True):
        yield from _of_the_part(each, part)
    if gathered.request.released:
        kinds = ", ".join(label(kind) for kind in sorted(gathered.request.released))
        yield f"Released by the person's written consent ({gathered.request.consent}): {kinds}."
    if gathered.request.kind == "appeal":
        yield from _of_the_appeal(gathered)
    if any(each.kind == "substance_use" for each in held):
        yield "Substance-use records are held back: do not name them to the payer, and do not say that there are any."


def _of_the_part(asked: AskedPart, part: PacketPart) -> Iterator[str]:
    what = f"{part.policy.payer}, {part.service_name}"
    if part.answer is Answer.NOT_MET:
        yield f"{what}: NOT MET. {asked.sent.summary} The packet claims nothing that is not met."
    elif part.answer is Answer.UNKNOWN:
        yield f"{what}: not settled. {asked.sent.summary}"
    if part.together is Answer.NOT_MET and part.answer is not Answer.NOT_MET:
        yield f"{what}: not covered together with the other treatment; asked as a pair it would be refused."
    if part.decision:
        yield f"{what}: the decision is {label(part.decision)}."
    differs = sorted(_silent(asked.sent.criteria, asked.full.criteria))
    if differs:
        yield (
            f"{part.service_name}: what is held back bears on {', '.join(differs)}. "
            "The packet says nothing of them. Read the held-back list before you sign."
        )
    yield from (f"{part.policy.payer}: {sentence(caveat)}" for caveat in part.policy.caveats)


def _silent(sent: Judgement, full: Judgement) -> Iterator[str]:
    """The criteria whose answer is another one without what is held back."""
    whole = answers_of(full)
    for each in walk(sent):
        name = each.id.partition("/")[2]
        if ":" in name and not each.parts and whole.get(each.id) is not each.answer:
            yield name


def _of_the_appeal(gathered: Gathered) -> Iterator[str]:
    for refused in appeal.find_refused(gathered):
        row = refused.row
        if row.answer is Answer.MET:
            continue
        verdict = "does NOT meet" if row.answer is Answer.NOT_MET else "does not settle"
        yield (
            f"The record {verdict} the criterion that was refused ({row.asked}). The letter does not say that it is met; an "
            "appeal on this ground alone would claim what the record does not carry."
        )


def _routes(gathered: Gathered) -> Iterator[str]:
    """What is left where the refused criterion is not met: the policy's own other ways, then the general ones."""
    if gathered.request.kind != "appeal":
        return
    for refused in appeal.find_refused(gathered):
        if refused.row.answer is Answer.MET:
            continue
        for way in refused.other_ways:
            if way.answer is not Answer.NOT_MET:
                yield f"Another way in the same policy, {_said(way.answer)}: {'; '.join(row.asked for row in way.rows)}."
        yield "Peer-to-peer call with the payer's physician, to say what the chart does not hold and to ask what would."
        yield "A new request once the criterion is met: the shortest way, with dates, stands in this sheet."
        yield "An exception or external review, where the plan or the law gives one: ask the payer for its terms and last day."


def _said(answer: Answer) -> str:
    return {Answer.MET: "which the record meets", Answer.UNKNOWN: "open", Answer.NOT_MET: "not met"}[answer]
