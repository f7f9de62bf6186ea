"""The packet as JSON with its schema, as plain text for portals, and the clinic's own sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from inconcert.exchange.packet.types import SCHEMA_VERSION, PacketFacts, Sentence
from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.words import ANSWERS, day
from inconcert.judgement import Answer

_WIDTH = 88
_PRIVATE = "for_the_clinic"
MARKS = {Answer.MET: "met", Answer.NOT_MET: "NOT MET", Answer.UNKNOWN: "open"}


def packet_json(facts: PacketFacts) -> dict[str, Any]:
    """The packet's facts as plain JSON values, safe to show; without the clinic's own sheet."""
    told = msgspec.to_builtins(facts)
    del told[_PRIVATE]
    return clean(told)


def packet_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `packet_json`."""
    schema = msgspec.json.schema(PacketFacts)
    whole = schema["$defs"]["PacketFacts"]
    del whole["properties"][_PRIVATE]
    whole["required"] = [name for name in whole["required"] if name != _PRIVATE]
    whole["additionalProperties"] = False
    schema["$defs"].pop("ForTheClinic", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "InConcert authorization packet",
        "description": f"The file packet.json of `inconcert packet`, schema version {SCHEMA_VERSION}.",
        **schema,
    }


def packet_text(facts: PacketFacts) -> str:
    """The packet as plain text of at most 88 columns, for portals that take no PDF."""
    numbers = {line.id: line.number for line in facts.records}
    lines = list(_head(facts))
    lines += [*_wrapped(_said(facts.ask, numbers)), *_wrapped(_said(facts.diagnosis, numbers)), ""]
    for part in facts.parts:
        lines += _wrapped(
            f"{part.policy.payer} ({part.policy.number}), {part.service_name}: {_tally(facts, part.service)}"
        )
        for row in part.criteria:
            way = f" [{row.way}]" if row.way else ""
            found = _said(row.findings, numbers)
            lines += _wrapped(f"{row.number}. {MARKS[row.answer].upper()}{way} {row.asked}. {found}", "   ")
        lines.append("")
    lines += [*_signature(facts), ""]
    for section in facts.letter:
        lines += [*_wrapped(section.title.upper()), ""]
        for paragraph in section.paragraphs:
            lead = "- " if section.bullets else ""
            lines += _wrapped(lead + _said(paragraph, numbers), "  " if lead else "")
        lines.append("")
    lines += [*_trials(facts, numbers), *_scores(facts, numbers), *_documents(facts), *_records(facts)]
    lines += _wrapped(_said(facts.standing, numbers))
    return "\n".join(line.rstrip() for line in clean({"text": lines})["text"]) + "\n"


def clinic_sheet(facts: PacketFacts) -> str:
    """What only the clinic may read: what to know, what is missing, what is blank, what was held back. Never to be sent."""
    own = facts.for_the_clinic
    lines = ["FOR THE CLINIC ONLY. DO NOT SEND.", f"{facts.title}, as of {day(facts.as_of.isoformat())}", ""]
    blocks: tuple[tuple[str, Iterable[str]], ...] = (
        ("Know first", own.must_know),
        ("Ways that are left", own.routes),
        ("Shortest way to approval", own.shortest_way),
        ("Questions that would settle what is open", own.to_settle),
        ("Blanks to fill", own.blanks),
        ("Documents the policies ask for and the packet does not show", own.missing_documents),
        (
            "Held back (never sent by default)",
            (f"{record}: {why}. Released by {by}." for record, why, by in own.held_back),
        ),
    )
    for title, items in blocks:
        said = list(items)
        lines += [f"{title}: {'none' if not said else ''}".rstrip()]
        for item in said:
            lines += _wrapped(f"- {item}", "  ")
        lines.append("")
    return "\n".join(line.rstrip() for line in clean({"text": lines})["text"])


def _head(facts: PacketFacts) -> Iterator[str]:
    person, clinic = facts.person, facts.clinic.clinic
    if person.invented:
        yield "INVENTED PERSON, FOR DEMONSTRATION"
    if not facts.reviewed_by:
        yield "DRAFT, NOT READ BY THE CLINICIAN"
    yield facts.title.upper()
    yield ""
    yield clinic.name or "Clinic: ________"
    yield from clinic.address
    yield f"Phone {clinic.phone or '________'}  Fax {clinic.fax or '________'}  NPI {clinic.npi or '________'}"
    yield f"Date: {day(facts.as_of.isoformat())}"
    yield f"Person: {person.name or '________'}, born {day(person.birth) or '________'}, member number {person.member_id or '________'}"
    yield f"Plan: {person.plan or '________'}"
    yield ""


def _signature(facts: PacketFacts) -> Iterator[str]:
    who = facts.clinic.clinician
    name = " ".join(word for word in (who.name, who.credentials) if word) or "________"
    yield f"Signed: ______________________  {name}, NPI {who.npi or '________'}  Date: __________"


def _tally(facts: PacketFacts, service: str) -> str:
    rows = [row for part in facts.parts if part.service == service for row in part.criteria]
    met = sum(row.answer is Answer.MET for row in rows)
    return f"{met} of {len(rows)} criteria met"


def _trials(facts: PacketFacts, numbers: dict[str, int]) -> Iterator[str]:
    yield f"MEDICATION TRIALS ({len(facts.trials)})"
    for line in facts.trials:
        role = f" {line.role}" if line.role else ""
        said = (
            f"- {line.drug}{role}, {line.doses}, {line.dates}; {line.weeks_adequate} at an adequate dose; adequate: "
            f"{ANSWERS[line.adequate.value]}; {line.outcome}; adherence {line.adherence}; stop reason: {line.stop_reason or 'none'}; "
            f"counts for: {', '.join(line.counted) or 'no criterion'}. {' '.join(line.not_counted)}{_marks(line.records, numbers)}"
        )
        yield from _wrapped(said, "  ")
    yield ""


def _scores(facts: PacketFacts, numbers: dict[str, int]) -> Iterator[str]:
    yield f"SCORES ({len(facts.scores)})"
    for line in facts.scores:
        base = ", baseline" if line.baseline else ""
        yield f"- {day(line.on)} {line.scale_name} {line.said}{base}{_marks(line.records, numbers)}"
    yield ""


def _documents(facts: PacketFacts) -> Iterator[str]:
    if facts.attachments:
        yield "DOCUMENTS THE POLICIES ASK FOR"
        for each in facts.attachments:
            yield from _wrapped(f"- {each.name}: {each.shown_by or 'not enclosed'}", "  ")
        yield ""


def _records(facts: PacketFacts) -> Iterator[str]:
    yield "RECORDS"
    for line in facts.records:
        yield from _wrapped(f"[{line.number}] {line.resource} {line.date} {line.read}", "    ")
    yield ""


def _said(sentences: Iterable[Sentence], numbers: dict[str, int]) -> str:
    return " ".join(f"{each.text}{_marks(each.records, numbers)}" for each in sentences)


def _marks(records: Iterable[str], numbers: dict[str, int]) -> str:
    marks = ", ".join(said for _, said in mark_ranges(records, numbers))
    return f" [{marks}]" if marks else ""


def mark_ranges(records: Iterable[str], numbers: dict[str, int]) -> list[tuple[int, str]]:
    """The marks of these records, runs drawn together: (12, `12 to 14`). The number is the one a mark leads to."""
    found: list[tuple[int, str]] = []
    run: list[int] = []
    for each in [*sorted({numbers[row] for row in records if row in numbers}), None]:
        if run and each != run[-1] + 1:
            found += [(run[0], f"{run[0]}\u2013{run[-1]}")] if len(run) > 2 else [(n, str(n)) for n in run]
            run = []
        run += [each] if each is not None else []
    return found


def _wrapped(text: str, hang: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False) or [""]
