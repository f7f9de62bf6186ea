"""What a payer wants before it decides: Task and CommunicationRequest, as plain questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas.action import reasons_of, shown
from inconcert.exchange.pas.look import codings, extension, objects, value_of
from inconcert.exchange.pas.match import last_part
from inconcert.exchange.pas.types import Json, PayerQuestion
from inconcert.exchange.pas.unwrap import Answered
from inconcert.record import CodeSystem, Moment

_KINDS = {
    "attachments-needed": "A document is asked for",
    "attachment-request-code": "A document is asked for",
    "questionnaires-needed": "A questionnaire is to be filled in",
    "questionnaire-context": "A questionnaire is to be filled in (its context at the payer)",
}


def questions_of(answer: Answered, claim: Json, remarks: list[str]) -> tuple[PayerQuestion, ...]:
    """Everything asked in the Bundle about this Claim. A Task about another Claim is passed over, and said so."""
    found: list[PayerQuestion] = []
    for reference in objects(answer.response.get("communicationRequest")):
        asked = answer.look.resolve(reference)
        if asked is None or asked.get("resourceType") != "CommunicationRequest":
            remarks.append(
                f"It asks by {last_part(reference)[:64]!r}, which is not in the file: ask the payer what it wants."
            )
        else:
            found += _by_communication(asked)
    for task in answer.look.resources("Task"):
        about = last_part(task.get("reasonReference")) or last_part(task.get("focus"))
        if about and about not in (claim.get("id"), last_part(answer.response.get("request"))):
            remarks.append(
                f"Task/{str(task.get('id'))[:64]} is about another claim ({about[:64]!r}) and was passed over."
            )
        elif task.get("status") not in ("completed", "cancelled", "entered-in-error", "rejected"):
            found += _by_task(task)
    return tuple(found)


def day_of(text: Any) -> date | None:
    """The last day a FHIR date may mean, None where it is none."""
    try:
        return Moment.parse(text).days.latest if isinstance(text, str) else None
    except ValueError:
        return None


def _line(element: Any) -> int | None:
    for url in (at.SERVICE_LINE, at.SERVICE_LINE_OLD):
        for each in extension(element, url):
            number = value_of(each)
            if isinstance(number, int) and not isinstance(number, bool):
                return number
    return None


def _by_communication(asked: Json) -> Iterator[PayerQuestion]:
    source = f"CommunicationRequest/{shown(asked.get('id'))}"
    period = asked.get("occurrencePeriod")
    due = day_of(asked.get("occurrenceDateTime")) or day_of(period.get("end") if isinstance(period, dict) else None)
    what = "; ".join(r.shown for c in objects(asked.get("category")) for r in reasons_of(c))
    payloads = [shown(p.get("contentString")) for p in objects(asked.get("payload"))]
    for text in [p for p in payloads if p] or [""]:
        is_code = text.replace("-", "").isdigit() and "-" in text  # the guide puts a LOINC code here, as text
        told = what or ("A document is asked for" if is_code else "")
        yield PayerQuestion(
            text=f"{told}: {text}".removeprefix(": ")
            if text
            else told or "The payer asks for something it does not name",
            item=_line(asked),
            code=text if is_code else "",
            system=CodeSystem.LOINC.value if is_code else "",
            due=due,
            source=source,
        )


def _by_task(task: Json) -> Iterator[PayerQuestion]:
    source = f"Task/{shown(task.get('id'))}"
    limit = task.get("restriction")
    period = limit.get("period") if isinstance(limit, dict) else None
    due = day_of(period.get("end") if isinstance(period, dict) else None)
    inputs = objects(task.get("input"))
    kind_of = {id(i): next((str(c.get("code")) for c in codings(i.get("type"))), "") for i in inputs}
    send_to = next((shown(value_of(i)) for i in inputs if kind_of[id(i)] == "payer-url"), "")
    asked = [i for i in inputs if kind_of[id(i)] != "payer-url"]
    told = shown(task.get("description"))
    for each in asked:
        kind = kind_of[id(each)]
        given = value_of(each)
        reasons = reasons_of(given) if isinstance(given, dict) else ()
        what = "; ".join(r.shown for r in reasons) or shown(given)
        head = _KINDS.get(kind, kind or "Asked for")
        yield PayerQuestion(
            text=f"{head}: {what}" + (f" ({told})" if told else ""),
            item=_line(each),
            code=reasons[0].code if reasons else "",
            system=reasons[0].system if reasons else "",
            due=due,
            send_to=send_to,
            source=source,
        )
    if not asked:
        what = "; ".join(r.shown for r in reasons_of(task.get("code"))) or "something it does not name"
        yield PayerQuestion(text=told or f"The payer asks for {what}", due=due, send_to=send_to, source=source)
