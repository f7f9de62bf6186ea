"""Reading a payer's answer: what became of each item, with which number, from when to when, for how many, and why.

A code of X12 means what the clinic's settings or the payer's own words say it means; where neither says, the item is
unknown and the code is shown as given. Nothing is taken for approved because it is not refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.action import (
    action_codes,
    action_number,
    action_reasons,
    reasons_of,
    review_actions,
    shown,
    state_of,
)
from inconcert.exchange.pas.look import Look, code_pairs, extension, objects, value_of, whole, wholes
from inconcert.exchange.pas.match import check_answers_request
from inconcert.exchange.pas.questions import questions_of
from inconcert.exchange.pas.types import ItemAnswer, ItemState, Json, PayerAnswer, PayerReason
from inconcert.exchange.pas.unwrap import Answered, answers_in, as_json, claim_of
from inconcert.judgement import Refusal
from inconcert.record import DateRange, Moment

_NO_SETTINGS = ClinicSettings()


def read_answers(
    data: bytes, name: str, request: Json, settings: ClinicSettings = _NO_SETTINGS
) -> tuple[PayerAnswer, ...]:
    """Every answer in a payer's file to this request; $inquire may give several.

    Args:
        data: the file.
        name: what messages call it.
        request: the request Bundle (or inquiry Bundle) that was sent.
        settings: the clinic's settings, whose `review_actions` say what the payer's codes mean.

    Raises:
        Refusal: the file is no answer, or one of its answers is to another claim or about another patient.
    """
    value = as_json(data, name)
    claim, sent = claim_of(request, "the request")
    if value.get("resourceType") == "OperationOutcome":
        return (_not_taken(value, claim),)
    return tuple(_read(each, claim, sent, name, settings) for each in answers_in(value, name))


def read_answer(data: bytes, name: str, request: Json, settings: ClinicSettings = _NO_SETTINGS) -> PayerAnswer:
    """The one answer in a payer's file. Raises Refusal as `read_answers`, and where there are several."""
    found = read_answers(data, name, request, settings)
    if len(found) > 1:
        raise Refusal(f"{name}: it holds {len(found)} answers.", "Read it as the answer to an inquiry.")
    return found[0]


def _not_taken(outcome: Json, claim: Json) -> PayerAnswer:
    """The payer's system did not take the request at all: it says why, and names no claim."""
    errors = []
    for issue in objects(outcome.get("issue")):
        text = "; ".join(r.shown for r in reasons_of(issue.get("details"))) or shown(issue.get("diagnostics"))
        where = ", ".join(shown(e) for e in issue.get("expression") or () if isinstance(e, str))
        errors.append(PayerReason(" at ".join(t for t in (text, where) if t), shown(issue.get("code"))))
    items = tuple(_unanswered(item, ItemState.ERROR) for item in objects(claim.get("item")))
    return PayerAnswer(
        claim_id=str(claim.get("id") or ""), response_id="", state=ItemState.ERROR, outcome="error", items=items,
        errors=tuple(errors), not_understood=("It names no claim: make sure that it came back for this request.",),
    )  # fmt: skip


def _read(answer: Answered, claim: Json, sent: Look, name: str, settings: ClinicSettings) -> PayerAnswer:
    response, remarks = answer.response, list[str]()
    remarks += check_answers_request(answer, claim, sent, name)
    outcome = shown(response.get("outcome"))
    start, end = _period(response.get("preAuthPeriod"), "preAuthPeriod", remarks)
    number = shown(response.get("preAuthRef"))
    overall = _whole_state(response, settings, outcome, number, start, end)
    items = _items(response, claim, name, settings, overall, remarks)
    if not any(item.authorization_number for item in items):
        items = tuple(_with_whole(item, number, start, end) for item in items)
    return PayerAnswer(
        claim_id=str(claim.get("id") or ""),
        response_id=shown(response.get("id")),
        state=_together(items, overall),
        outcome=outcome,
        items=items,
        created=_day(response.get("created"), "created", remarks),
        payer=_payer(answer),
        authorization_number=number,
        start=start,
        end=end,
        reasons=_whole_reasons(response),
        errors=tuple(_error(each) for each in objects(response.get("error"))),
        questions=questions_of(answer, claim, remarks),
        human_reviewed=_reviewed(response),
        not_understood=tuple(remarks),
    )


def _whole_state(
    response: Json, settings: ClinicSettings, outcome: str, number: str, start: DateRange | None, end: DateRange | None
) -> ItemState | None:
    """What the answer says of the request as a whole; None where it says nothing of the whole."""
    said = tuple(reason for action in review_actions(response) for reason in action_codes(action))
    if said:
        return state_of(said, settings)
    if response.get("status") == "cancelled":
        return ItemState.CANCELLED
    if outcome == "error":
        return ItemState.ERROR
    if outcome == "queued":
        return ItemState.PENDED
    # A number with the dates in which it may be used is given only with an approval; a number alone is not enough.
    if (
        outcome == "complete"
        and number
        and start
        and end
        and not any(map(review_actions, objects(response.get("item"))))
    ):
        return ItemState.APPROVED
    return None


def _items(
    response: Json, claim: Json, name: str, settings: ClinicSettings, overall: ItemState | None, remarks: list[str]
) -> tuple[ItemAnswer, ...]:
    numbered = [(whole(item.get("sequence")), item) for item in objects(claim.get("item"))]
    asked = {number: item for number, item in numbered if number is not None}
    answered: dict[int | None, list[Json]] = {}
    for each in objects(response.get("item")):
        answered.setdefault(whole(each.get("itemSequence")), []).append(each)
    strays = [n for n in answered if n not in asked]
    if strays:
        raise Refusal(
            f"{name}: it answers item {str(strays[0])[:20]!r}, which this request does not have.",
            "File it with the request it answers, or ask the payer.",
        )
    remarks += [_added(each, settings) for each in objects(response.get("addItem"))]
    notes = {whole(n.get("number")): shown(n.get("text")) for n in objects(response.get("processNote"))}
    return tuple(
        _item(item, answered.get(sequence, []), notes, settings, overall, remarks) for sequence, item in asked.items()
    )


def _added(item: Json, settings: ClinicSettings) -> str:
    """An item that the payer put in of its own accord, in a line: nobody asked for it, so a person has to look."""
    what = "; ".join(r.shown for r in reasons_of(item.get("productOrService"))) or "something it does not name"
    actions = review_actions(item)
    states = {state_of(action_codes(action), settings) for action in actions}
    state = states.pop().value.replace("_", " ") if len(states) == 1 else ItemState.UNKNOWN.value
    number = next((n for n in map(action_number, actions) if n), "")
    told = f"The payer put in an item of its own: {what}, {state}"
    return told + (f", authorization {number}" if number else "") + ". Read it in the file."


def _item(
    asked: Json,
    answers: list[Json],
    notes: dict[int | None, str],
    settings: ClinicSettings,
    overall: ItemState | None,
    remarks: list[str],
) -> ItemAnswer:
    if not answers:
        return _unanswered(asked, overall or ItemState.NO_ANSWER)
    sequence = asked.get("sequence")
    actions = [action for each in answers for action in review_actions(each)]
    said = tuple(reason for action in actions for reason in action_codes(action))
    states = {state_of(action_codes(action), settings) for action in actions}
    state = states.pop() if len(states) == 1 else ItemState.UNKNOWN if states else overall or ItemState.UNKNOWN
    if len(answers) > 1:
        remarks.append(f"Item {sequence} is answered {len(answers)} times.")
    first = answers[0]
    period = next((value_of(e) for e in extension(first, at.PRE_AUTH_PERIOD)), None)
    start, end = _period(period, f"the dates of item {sequence}", remarks)
    units, unit, other = _authorized(first, asked, sequence, remarks)
    wanted = _number(asked.get("quantity"))
    if state is ItemState.APPROVED and ((units is not None and wanted is not None and units < wanted) or other):
        state = ItemState.MODIFIED
    reasons = [reason for action in actions for reason in action_reasons(action)]
    reasons += [PayerReason(notes[n]) for each in answers for n in wholes(each.get("noteNumber")) if notes.get(n)]
    reasons += other
    return ItemAnswer(
        sequence=int(sequence) if isinstance(sequence, int) else 0,
        service=_service(asked),
        state=state,
        said=said,
        authorization_number=next((n for n in map(action_number, actions) if n), ""),
        reference_number=next((shown(value_of(e)) for e in extension(first, at.ADMIN_REFERENCE)), ""),
        start=start,
        end=end,
        issued=next(
            (_day(value_of(e), f"item {sequence}, issued", remarks) for e in extension(first, at.PRE_AUTH_ISSUED)), None
        ),
        units=units,
        unit=unit,
        requested_units=wanted,
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _unanswered(asked: Json, state: ItemState) -> ItemAnswer:
    sequence = asked.get("sequence")
    number = sequence if isinstance(sequence, int) else 0
    return ItemAnswer(
        sequence=number, service=_service(asked), state=state, requested_units=_number(asked.get("quantity"))
    )


def _with_whole(item: ItemAnswer, number: str, start: DateRange | None, end: DateRange | None) -> ItemAnswer:
    """An approved item without number or dates of its own has those of the whole answer."""
    if item.state not in (ItemState.APPROVED, ItemState.MODIFIED):
        return item
    return replace(item, authorization_number=number, start=item.start or start, end=item.end or end)


def _service(asked: Json) -> str:
    concept = asked.get("productOrService")
    text = shown(concept.get("text")) if isinstance(concept, dict) else ""
    return text or "; ".join(r.shown for r in reasons_of(concept))


def _authorized(
    answered: Json, asked: Json, sequence: Any, remarks: list[str]
) -> tuple[float | None, str, list[PayerReason]]:
    """How many were authorized, in which unit, and what was authorized instead, where it is something else."""
    detail = next(iter(extension(answered, at.AUTHORIZED_DETAIL)), {})
    amount = next((value_of(e) for e in extension(detail, "quantity")), None)
    units = _number(amount)
    if amount is not None and units is None:
        remarks.append(f"How many of item {sequence} are authorized cannot be read.")
    unit = shown(amount.get("unit") or amount.get("code")) if isinstance(amount, dict) else ""
    codes = next((value_of(e) for e in extension(detail, "productOrServiceCode")), None)
    given, wanted = code_pairs(codes), code_pairs(asked.get("productOrService"))
    other: list[PayerReason] = []
    if given and wanted and not given & wanted:
        other = [PayerReason(f"authorized is {r.shown}, which is not what was asked for") for r in reasons_of(codes)]
    return units, unit, other


def _number(quantity: Any) -> float | None:
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        return None
    return float(value)


def _together(items: Iterable[ItemAnswer], overall: ItemState | None) -> ItemState:
    states = {item.state for item in items}
    if len(states) == 1:
        return states.pop()
    return ItemState.PARTIAL if states else overall or ItemState.UNKNOWN


def _period(value: Any, what: str, remarks: list[str]) -> tuple[DateRange | None, DateRange | None]:
    if not isinstance(value, dict):
        return None, None
    start, end = _day(value.get("start"), what, remarks), _day(value.get("end"), what, remarks)
    if start and end and end.latest < start.earliest:
        remarks.append(f"{what} ends before it starts ({start} to {end}); neither date is used.")
        return None, None
    return start, end


def _day(text: Any, what: str, remarks: list[str]) -> DateRange | None:
    if text is None:
        return None
    try:
        return Moment.parse(str(text)).days
    except ValueError as error:
        remarks.append(f"{what}: {error}.")
        return None


def _whole_reasons(response: Json) -> tuple[PayerReason, ...]:
    found = [reason for action in review_actions(response) for reason in action_reasons(action)]
    text = shown(response.get("disposition"))
    found += [PayerReason(text)] if text else []
    used = {n for item in objects(response.get("item")) for n in wholes(item.get("noteNumber"))}
    notes = [n for n in objects(response.get("processNote")) if whole(n.get("number")) not in used]
    found += [PayerReason(shown(n.get("text"))) for n in notes if shown(n.get("text"))]
    return tuple(dict.fromkeys(found))


def _error(error: Json) -> PayerReason:
    """An error with its code as given, where it is, and what the payer wants done about it."""
    code = next(iter(reasons_of(error.get("code"))), PayerReason(""))
    places = [shown(value_of(e)) for e in extension(error, at.ERROR_PATH)]
    for each in extension(error, at.ERROR_ELEMENT):
        places += [shown(value_of(part)) for part in extension(each, "error")]
    follow = [r.shown for e in extension(error, at.FOLLOW_UP) for r in reasons_of(value_of(e))]
    said = [
        code.text,
        f"at {', '.join(p for p in places if p)}" if any(places) else "",
        f"then {'; '.join(follow)}" if follow else "",
    ]
    return PayerReason(" ".join(s for s in said if s), code.code, code.system)


def _reviewed(response: Json) -> bool | None:
    for each in extension(response, at.REVIEWER):
        for part in extension(each, "wasHumanReviewedFlag"):
            value = value_of(part)
            if isinstance(value, bool):
                return value
    return None


def _payer(answer: Answered) -> str:
    insurer = answer.look.resolve(answer.response.get("insurer"))
    if insurer is not None and insurer.get("name"):
        return shown(insurer["name"])
    reference = answer.response.get("insurer")
    return shown(reference.get("display")) if isinstance(reference, dict) else ""
