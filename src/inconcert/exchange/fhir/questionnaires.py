"""QuestionnaireResponses: rating scales, and the answers of InConcert's own intake form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inconcert.exchange.fhir.forms import FormDraft
from inconcert.exchange.fhir.information_origin import count_copies, is_copy
from inconcert.exchange.fhir.intake import (
    DTR_QUESTIONNAIRES,
    INCONCERT_CODES,
    INTAKE_QUESTIONNAIRE,
    OUR_QUESTIONNAIRES,
    TAKEN,
)
from inconcert.exchange.fhir.intake_answers import read_intake
from inconcert.exchange.fhir.node import Kept, Node
from inconcert.exchange.fhir.reading import Reading, check_status, origin
from inconcert.exchange.fhir.scale_answers import Clash, item_value, rater, say_clashes
from inconcert.exchange.fhir.scale_codes import ScaleCode, code_of_wording, in_total_range, scale_code
from inconcert.record import CodeSystem, Coding, Fact, Measurement, Moment

_USED = {"completed", "amended", "in-progress", "stopped"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One item of the form, recognized as a question of a scale."""

    code: ScaleCode
    item: Node


def read_response(node: Node, reading: Reading, person: str) -> tuple[list[Fact], list[FormDraft]]:
    """The facts of a response, and the rating scales in it. Raises Kept where it holds neither."""
    status = check_status(node, "status", _USED, {"entered-in-error"})
    if status in {"in-progress", "stopped"}:
        node.problem("status", f"is {status}: the form was not finished; blanks stay blank", "Finish the form.")
    canonical = node.text("questionnaire").partition("|")[0]
    intake = canonical == INTAKE_QUESTIONNAIRE or canonical.startswith(DTR_QUESTIONNAIRES)
    facts: list[Fact] = read_intake(node, reading, status) if intake else []
    taken = node.moment("authored")
    ours = canonical.startswith(OUR_QUESTIONNAIRES)
    asked = list(_asked(node, _codes_of_form(canonical, node, reading), ours=ours))
    drafts = _forms(node, reading, asked, taken, person)
    facts.extend(_extras(node, asked, taken))
    copies = count_copies(node)
    if copies:
        reason = (
            f"holds {copies} answers that were filled in automatically; they are copies of the chart and were not read"
        )
        node.problem("item", reason, "Nothing to mend: send the records themselves.")
    if not facts and not drafts:
        raise Kept(f"{node.path}.item", "It answers no questionnaire that is read here, or answers nothing.")
    for draft in drafts:
        draft.status = status
    return facts, drafts


def _codes_of_form(canonical: str, node: Node, reading: Reading) -> dict[str, ScaleCode]:
    """Question by linkId, from the Questionnaire itself where it is in the file."""
    form = reading.index.canonical(canonical) if canonical else None
    if form is None:
        return {}
    found: dict[str, ScaleCode] = {}
    waiting = Node(form, f"{node.path}.questionnaire.resolve()", node.scope).children("item")
    while waiting:
        item = waiting.pop()
        waiting.extend(item.children("item"))
        code = scale_code(item.codings("code"))
        if code is not None:
            found[item.text("linkId")] = code
    return found


def _asked(node: Node, by_link: dict[str, ScaleCode], *, ours: bool) -> Iterator[_Asked]:
    for item in node.children("item"):
        code = by_link.get(item.text("linkId")) or _code_of_item(item, ours=ours)
        if code is not None:
            yield _Asked(code, item)
        yield from _asked(item, by_link, ours=ours)
        for answer in item.children("answer"):
            yield from _asked(answer, by_link, ours=ours)


def _code_of_item(item: Node, *, ours: bool) -> ScaleCode | None:
    """What an item asks: by its own code (R5), its linkId or its definition. Our own words count in our own forms."""
    code = scale_code(item.codings("code")) if item.has("code") else None
    if code is not None:
        return code
    link = item.text("linkId").strip("/")
    for name in (link.rpartition("/")[2], _tail(item.text("definition"))):
        code = scale_code((Coding(CodeSystem.LOINC.value, name),)) if name else None
        if code is not None:
            return code
    if ours:
        return scale_code((Coding(INCONCERT_CODES, link),))
    return code_of_wording(item.text("text"))


def _tail(definition: str) -> str:
    return definition.rpartition("#")[2].rpartition("/")[2].partition("|")[0]


def _forms(node: Node, reading: Reading, asked: list[_Asked], taken: Moment | None, person: str) -> list[FormDraft]:
    drafts: dict[str, FormDraft] = {}
    clashes: list[Clash] = []
    told = _told_dates(node)
    several = len({a.code.scale for a in asked if a.code.role in {"item", "total"}}) > 1
    for question in asked:
        code, item = question.code, question.item
        if code.role not in {"item", "total"}:
            continue
        key = f"{node.scope.raw.key}#{code.scale}" if several else node.scope.raw.key
        draft = drafts.setdefault(
            code.scale,
            FormDraft(
                node.scope,
                person,
                code.scale,
                key,
                origin(node),
                f"{node.path}.item",
                taken=told.get(code.scale, taken),
            ),
        )
        draft.sources.add(node.scope.raw.key)
        _put_answer(draft, code, item, clashes)
    say_clashes(node, "item", clashes)
    answered = [draft for draft in drafts.values() if draft.answered]
    for draft in answered:
        draft.rater = rater(node, reading, "source", "author")
    return answered


def _told_dates(node: Node) -> dict[str, Moment | None]:
    """When a total was taken, where our own form says so beside it (`phq9/taken`). One that cannot be read is None."""
    found: dict[str, Moment | None] = {}
    for item in node.children("item"):
        found.update(_told_dates(item))
        scale, taken, rest = item.text("linkId").partition(TAKEN)
        for answer in item.children("answer") if taken and not rest else []:
            found[scale] = answer.moment("valueDate")
    return found


def _put_answer(draft: FormDraft, code: ScaleCode, item: Node, clashes: list[Clash]) -> None:
    answers = [answer for answer in item.children("answer") if not is_copy(answer)]
    if not answers and code.role == "item":
        draft.items.setdefault(code.key, None)
    for answer in answers:
        if code.role == "item":
            draft.answer(code.key, item_value(answer, code, clashes), answer.path)
            continue
        total = _stated(answer)
        if total is not None and not in_total_range(code, total):
            low, high = code.file.total.range
            answer.problem(
                "value[x]", f"{total:g} cannot be a total of {code.scale} ({low} to {high}); it was not used", "Check."
            )
        else:
            draft.state_total(total, answer.path)


def _stated(answer: Node) -> float | None:
    for key in ("valueInteger", "valueDecimal"):
        if key in answer.data:
            return answer.number(key)
    quantity = answer.child("valueQuantity")
    if quantity is not None:
        return quantity.number("value")
    written = answer.text("valueString")
    return float(written) if written.isascii() and written.isdigit() and len(written) <= 4 else None


def _extras(node: Node, asked: list[_Asked], taken: Moment | None) -> list[Fact]:
    """Questions printed with a scale that never enter its total, as coded findings."""
    found: list[Fact] = []
    for question in asked:
        if question.code.role != "extra":
            continue
        for answer in (a for a in question.item.children("answer") if not is_copy(a)):
            coding = answer.child("valueCoding")
            one = coding.coding() if coding is not None else None
            if one is None:
                continue
            extra = next(e for e in question.code.file.extra_items if e.key == question.code.key)
            key = f"{node.scope.raw.key}#{question.code.scale}/{extra.key}"
            found.append(
                Measurement(
                    id=key,
                    origin=origin(node),
                    codings=(Coding(CodeSystem.LOINC.value, extra.loinc, extra.label),) if extra.loinc else (),
                    text=extra.label,
                    value_codings=(one,),
                    taken=taken,
                )
            )
    return list({fact.id: fact for fact in found}.values())
