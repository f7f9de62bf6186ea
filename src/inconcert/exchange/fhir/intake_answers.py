"""Reading the intake form (its shape stands in `intake`) into attestations and reported medication trials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inconcert.exchange.fhir.information_origin import given_by_somebody, is_copy
from inconcert.exchange.fhir.intake import TAKEN, TRIAL_GROUP, TRIAL_OUTCOMES
from inconcert.exchange.fhir.node import Node
from inconcert.exchange.fhir.reading import Reading, origin
from inconcert.exchange.fhir.scale_codes import is_scale_word
from inconcert.knowledge.loader import intake_questions
from inconcert.record import Attestation, DateRange, Fact, ReportedTrial

_MAX_WEEKS = 52 * 80


@dataclass(frozen=True, slots=True)
class _Value:
    """One answer: yes, no or unknown, or a number, or words. `wrong` says why it cannot be used."""

    answer: str = ""
    number: float | None = None
    text: str = ""

    @property
    def any(self) -> bool:
        return bool(self.answer or self.text) or self.number is not None


def read_intake(node: Node, reading: Reading, status: str) -> list[Fact]:
    """Every answered question and every reported trial. A question without an answer gives nothing."""
    by = _who(node, reading)
    when = node.date("authored")
    facts: list[Fact] = []
    trials = 0
    seen: set[str] = set()
    for item in _items(node):
        link = item.text("linkId")
        if link == TRIAL_GROUP:
            if item.children("item") and not given_by_somebody(item):
                continue  # a trial copied from the chart, which holds it already
            trial = _trial(item, node, f"{node.scope.raw.key}#{TRIAL_GROUP}[{trials}]", by, when)
            trials += 1
            facts.extend([trial] if trial else [])
            continue
        value = _answer(item, copies=False)
        if not value.any or is_scale_word(link.removesuffix(TAKEN)):
            continue
        if link in seen:
            item.problem(
                "linkId", f"{link[:60]!r} is answered more than once; only the first answer was read", "Keep one."
            )
            continue
        seen.add(link)
        if link not in intake_questions():
            item.problem(
                "linkId", f"{link[:60]!r} is no intake question known here; kept as an answer", "Check the id."
            )
        facts.append(
            Attestation(
                id=f"{node.scope.raw.key}#{link}",
                origin=origin(node),
                text=item.text("text"),
                status=status,
                question=link,
                answer=value.answer,
                value=value.number,
                value_text=value.text,
                answered_by=by,
                answered_on=when,
            )
        )
    return facts


def _who(node: Node, reading: Reading) -> str:
    for key in ("author", "source"):
        reference = node.child(key)
        name = reference.text("display") or reading.name_of(reference) if reference is not None else ""
        if name:
            return name
    return ""


def _items(node: Node) -> Iterator[Node]:
    """Every item at any depth; a trial group as a whole."""
    for item in node.children("item"):
        yield item
        if item.text("linkId") != TRIAL_GROUP:
            yield from _items(item)


def _answer(item: Node, *, copies: bool = True) -> _Value:
    """The one answer of an item; `copies` says whether one copied from the chart counts (beside a trial's own, it does)."""
    answers = [answer for answer in item.children("answer") if copies or not is_copy(answer)]
    if len(answers) > 1:
        item.problem("answer", "holds more than one answer to one question; none was used", "Give one answer.")
        return _Value()
    return _value(answers[0]) if answers else _Value()


def _value(answer: Node) -> _Value:
    if "valueBoolean" in answer.data:
        flag = answer.flag("valueBoolean")
        return _Value(answer="" if flag is None else "yes" if flag else "no")
    coding = answer.child("valueCoding")
    if coding is not None:
        code = coding.code("code") or coding.text("display")
        return _Value(answer=code) if code in {"yes", "no", "unknown"} else _Value(text=code)
    for key in ("valueDecimal", "valueInteger"):
        if key in answer.data:
            return _Value(number=answer.number(key))
    quantity = answer.child("valueQuantity")
    if quantity is not None:
        return _Value(number=quantity.number("value"))
    for key in ("valueString", "valueDate", "valueDateTime"):
        if answer.has(key):
            return _Value(text=answer.text(key))
    if answer.data:
        answer.problem("value[x]", "is an answer of a kind not read here", "See the shape of the intake form.")
    return _Value()


def _trial(group: Node, node: Node, key: str, by: str, when: DateRange | None) -> ReportedTrial | None:
    parts: dict[str, Node] = {}
    for item in group.children("item"):
        parts.setdefault(item.text("linkId").removeprefix(f"{TRIAL_GROUP}."), item)
    drug = _text(parts, "drug")
    if not drug:
        group.problem("item", "reports a medication trial without naming the drug; it was not used", "Name the drug.")
        return None
    start, end = _date(parts, "start"), _date(parts, "end")
    if start and end and end.latest < start.earliest:
        parts["end"].problem("answer", f"{end} lies before the start, {start}; it was not used", "Check both dates.")
        end = None
    outcome = _text(parts, "outcome").lower()
    if outcome and outcome not in TRIAL_OUTCOMES:
        parts["outcome"].problem("answer", f"{outcome[:40]!r} is no outcome known here; left open", "See the form.")
        outcome = ""
    current = _answer(parts["in_current_episode"]).answer if "in_current_episode" in parts else ""
    return ReportedTrial(
        id=key,
        origin=origin(node),
        text=drug,
        drug=drug,
        daily_dose_mg=_number(parts, "daily_dose_mg", above=0, most=100_000),
        start=start,
        end=end,
        weeks=_number(parts, "weeks", above=0, most=_MAX_WEEKS),
        adherence_percent=_number(parts, "adherence_percent", least=0, most=100),
        outcome=outcome,
        improvement_percent=_number(parts, "improvement_percent", least=-1000, most=100),
        stop_reason=_text(parts, "stop_reason"),
        in_current_episode={"yes": True, "no": False}.get(current),
        reported_by=by,
        reported_on=when,
    )


def _text(parts: dict[str, Node], name: str) -> str:
    return _answer(parts[name]).text if name in parts else ""


def _date(parts: dict[str, Node], name: str) -> DateRange | None:
    if name not in parts:
        return None
    answers = parts[name].children("answer")
    for answer in answers[:1]:
        for key in ("valueDate", "valueDateTime", "valueString"):
            if answer.has(key):
                return answer.date(key)
    return None


def _number(
    parts: dict[str, Node], name: str, *, above: float | None = None, least: float | None = None, most: float
) -> float | None:
    """The number answered; None, noted, where it is out of bounds."""
    value = _answer(parts[name]).number if name in parts else None
    if value is None:
        return None
    if (above is not None and value <= above) or (least is not None and value < least) or value > most:
        parts[name].problem("answer", f"{value:g} cannot be; it was not used", "Check the number.")
        return None
    return value
