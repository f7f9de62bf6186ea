"""From an assessment's JSON form to the sections of its report."""

from __future__ import annotations

from inconcert.exchange.report import content_basis, content_care, content_paid, content_who
from inconcert.exchange.report.page import Block, Para, Report, Section, bullets
from inconcert.exchange.report.words import Json, day, label

DISCLAIMER = "Supports a clinician's decision and shows its basis; it decides nothing. Unknown means not recorded, never no or normal."


def report_of(assessment: Json) -> Report:
    """The report of one assessment in its JSON form. Keys that are absent read as not known."""
    person = assessment.get("person") or {}
    answers = assessment.get("answers") or {}
    sections = [
        _four_answers(answers),
        *content_who.sections(assessment),
        *content_paid.sections(assessment),
        *content_care.sections(assessment),
        *content_basis.sections(assessment),
    ]
    return Report(
        title="InConcert assessment",
        name=banner_name(str(person.get("name") or "")) or "Name not recorded",
        invented=bool(person.get("invented")),
        banner=_banner(person),
        as_of=day(str(assessment.get("as_of") or "")),
        made_with=f"InConcert {assessment.get('inconcert_version', '')}".strip(),
        warnings=tuple(str(warning) for warning in assessment.get("warnings") or ()),
        sections=tuple(section for section in sections if section.blocks),
        disclaimer=str(assessment.get("disclaimer") or DISCLAIMER),
    )


def banner_name(name: str) -> str:
    """`Quillfeather, Ottoline` or `Ottoline Quillfeather` as `QUILLFEATHER, Ottoline`, as charts write it."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.strip().rpartition(" ")
    given = given.strip()
    return f"{family.strip().upper()}, {given}" if given else family.strip().upper()


def _banner(person: Json) -> tuple[tuple[str, str], ...]:
    low, high = person.get("age_low"), person.get("age_high")
    age = "age not known" if low is None else f"{low} years" if low == high else f"{low} to {high} years"
    plans = ", ".join(str(plan) for plan in person.get("health_plans") or ()) or "none recorded"
    return (
        ("Born", f"{day(str(person.get('birth') or '')) or 'not recorded'} ({age})"),
        ("Sex", label(person.get("sex")) or "not recorded"),
        ("Record", str(person.get("id") or "not recorded")),
        ("Health plan", plans),
    )


def _four_answers(answers: Json) -> Section:
    """The four answers in words, what cannot wait first, each with the questions that would settle it."""
    who, given = answers.get("who") or {}, answers.get("given") or {}
    risk = (who.get("safety") or {}).get("suicide_risk") or {}
    proposals = given.get("proposals") or {}
    blocks: list[Block] = []
    if risk.get("level") in {"red", "amber", "yellow"}:
        within = risk.get("within_hours")
        when = "" if within is None else " now" if within == 0 else f" within {within:g} hours"
        blocks.append(Para(f"Suicide screen {str(risk['level']).upper()}{when}: {risk.get('text', '')}", "warn"))
    elif risk.get("level") == "unknown":
        blocks.append(Para(f"Suicide screen UNKNOWN: {risk.get('text', '')}", "warn"))
    # The actions of a clear screen are routine and stand with the screen; those of any other come before everything.
    actions = list(risk.get("actions") or ()) if risk.get("level") != "none" else []
    blocks += bullets("Do first", [*map(str, proposals.get("do_first") or ()), *map(str, actions)], "warn")
    for number, (title, key) in enumerate(
        (("Who", "who"), ("Paid for", "paid"), ("How given", "given"), ("Does it work", "evidence")), 1
    ):
        answer = answers.get(key) or {}
        blocks.append(Para(f"{number}. {title}: {answer.get('text') or 'not answered'}", "lead"))
    asked = [
        str(question.get("text", ""))
        for answer in (who, answers.get("paid") or {}, proposals)
        for question in answer.get("questions") or ()
    ]
    few = list(dict.fromkeys(asked))
    more = [f"and {len(few) - 8} more, below"] if len(few) > 8 else []
    blocks += bullets("Questions that would settle most", few[:8] + more)
    return Section("answers", "The four answers", tuple(blocks), "first")
