"""Requests, answers and findings in plain lines, at most 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from inconcert.exchange.pas.check import check_bundle
from inconcert.exchange.pas.desk import desk_moves
from inconcert.exchange.pas.types import (
    BundleCheck,
    FindingKind,
    GapKind,
    ItemAnswer,
    PasRequest,
    PayerAnswer,
    PayerQuestion,
)

WIDTH = 80
_WHO = {
    GapKind.CHART: "Missing in the chart (left out, not made up):",
    GapKind.SETTINGS: "Missing in the clinic's settings file:",
    GapKind.CHOICE: "Still to be chosen:",
}
_KINDS = {
    FindingKind.FAULT: "Fault:",
    FindingKind.SETTING: "To be supplied by the clinic's settings:",
    FindingKind.CHART: "To be supplied by the chart:",
}


def _wrapped(lines: Iterable[str], bullet: str = "  - ") -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet), break_on_hyphens=False
        )


def request_lines(made: PasRequest) -> Iterator[str]:
    """What a request asks, what goes with it, what is missing, and (for the clinic only) what was held back."""
    names = " and ".join(made.services)
    yield from _wrapped([f"Request to {made.payer} for {names} (PAS {made.shape}), claim {made.claim_id}."], "")
    yield f"Enclosed: {len(made.enclosed)} records."
    yield from _wrapped(f"{each.record_id}: {each.why}" for each in made.enclosed)
    for kind, head in _WHO.items():
        gaps = [gap for gap in made.gaps if gap.kind is kind]
        if gaps:
            yield head
            yield from _wrapped(f"{gap.where}: {gap.what}. {gap.mend}" for gap in gaps)
    if made.left_out:
        yield "Not enclosed as they are:"
        yield from _wrapped(f"{each.record_id}: {each.why}" for each in made.left_out)
    if made.notes:
        yield "Before you send it:"
        yield from _wrapped(made.notes)
    if made.held_back:
        yield "Held back. For the clinic only; never send this list:"
        yield from _wrapped(
            f"{each.record_id}: {each.why}. Would be released by {each.released_by}." for each in made.held_back
        )
    faults = check_bundle(made.bundle, shape=made.shape).faults
    if faults:
        yield "Faults of the Bundle:"
        yield from _wrapped(f"{f.where}: {f.text} ({f.rule}). {f.mend}" for f in faults)
    ready = not made.gaps and not faults
    yield "Ready to send, once a clinician has looked." if ready else "Not ready to send: see what is missing above."


def answer_lines(answer: PayerAnswer) -> Iterator[str]:
    """A payer's answer, item by item."""
    who = f" from {answer.payer}" if answer.payer else ""
    when = f" of {answer.created}" if answer.created else ""
    yield from _wrapped([f"Answer{who}{when} to claim {answer.claim_id}: {_word(answer.state.value)}."], "")
    for item, move in zip(answer.items, desk_moves(answer), strict=True):
        yield from _wrapped([_item(item)], "  ")
        yield from _wrapped((f"reason: {reason.shown}" for reason in item.reasons), "    - ")
        if move.move and move.missing:
            yield from _wrapped([f"the payer did not say: {', '.join(move.missing)}"], "    - ")
    for head, lines in (
        ("Reasons:", [reason.shown for reason in answer.reasons]),
        ("Errors:", [error.shown for error in answer.errors]),
        ("The payer asks:", [_question(q) for q in answer.questions]),
        ("Look at this yourself:", list(answer.not_understood)),
    ):
        if lines:
            yield head
            yield from _wrapped(lines)
    if answer.human_reviewed is not None:
        yield "A person reviewed it." if answer.human_reviewed else "No person reviewed it, says the payer."


def _word(state: str) -> str:
    return state.replace("_", " ")


def _item(item: ItemAnswer) -> str:
    said = [f"{item.sequence}. {item.service}: {_word(item.state.value)}"]
    if item.authorization_number:
        said.append(f"authorization {item.authorization_number}")
    if item.reference_number:
        said.append(f"reference {item.reference_number}")
    if item.start or item.end:
        said.append(f"{item.start or '?'} to {item.end or '?'}")
    if item.units is not None:
        asked = f" of {item.requested_units:g} asked for" if item.requested_units is not None else ""
        said.append(f"{item.units:g} {item.unit or 'units'}{asked}")
    if item.state.value == "unknown":
        said += [f"the payer's action as given: {reason.shown}" for reason in item.said] or ["the payer gave no action"]
    return "; ".join(said) + "."


def _question(question: PayerQuestion) -> str:
    said = question.text
    if question.item is not None:
        said = f"item {question.item}: {said}"
    if question.due:
        said += f", by {question.due}"
    return said + (f" (send to {question.send_to})" if question.send_to else "")


def finding_lines(result: BundleCheck) -> Iterator[str]:
    """The findings of a check, by who can mend them."""
    if result.passes:
        yield "Every rule that we hold is kept."
    for kind, head in _KINDS.items():
        alike: dict[tuple[str, str, str], list[str]] = {}
        for f in result.findings:
            if f.kind is kind:
                alike.setdefault((f.rule, f.text, f.mend), []).append(f.where)
        if alike:
            yield head
        for (rule, text, mend), places in alike.items():
            more = f" (and at {len(places) - 1} more places)" if len(places) > 1 else ""
            yield from _wrapped([f"{places[0]}{more}: {text} ({rule}). {mend}"])
