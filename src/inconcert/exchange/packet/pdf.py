"""The packet as one PDF that a reviewer reads in two minutes: the ask and the checklist first, then the letter, the tables,
the scores and the records. Tagged and archivable as the report is; printed by the same machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inconcert.exchange.packet.build import TITLES
from inconcert.exchange.packet.forms import MARKS, mark_ranges, packet_json
from inconcert.exchange.packet.score_picture import score_alt, score_spec
from inconcert.exchange.packet.types import CriterionRow, PacketFacts, ScoreLine, Sentence
from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.pdf import print_pdf
from inconcert.exchange.report.pictures import PDF_FONT, to_svg
from inconcert.exchange.report.words import ANSWERS, breakable, day
from inconcert.judgement import Answer

TEMPLATE = Path(__file__).parent / "packet.typ"
MOST_SCORES = 36  # of one scale in print; the JSON and the text hold all


def packet_pdf(facts: PacketFacts) -> bytes:
    """One PDF with the whole packet. Raises ImportError where the extra `report` is not installed."""
    return print_pdf(TEMPLATE, clean(_data(facts)))


def _data(facts: PacketFacts) -> dict[str, Any]:
    numbers = {line.id: line.number for line in facts.records}

    def said(sentences: Iterable[Sentence]) -> list[dict[str, Any]]:
        return [{"text": breakable(s.text), "marks": _marks(s.records, numbers)} for s in sentences]

    shown = _printed_scores(facts.scores)
    plain = packet_json(facts)
    hidden = {row for line in facts.scores if line not in shown for row in line.records}
    cited = {row for s in facts.sentences() for row in s.records} | {
        line.id for line in facts.records if line.id not in hidden
    }
    return {
        "title": facts.title,
        "short_title": TITLES[facts.kind],
        "name": facts.person.name or "Name not recorded",
        "short_name": _short(facts.person.name or "Name not recorded"),
        "made_with": f"InConcert {facts.inconcert_version}",
        "date": [facts.as_of.year, facts.as_of.month, facts.as_of.day],
        "as_of": day(facts.as_of.isoformat()),
        "paper": facts.clinic.paper,
        "draft": not facts.reviewed_by,
        "invented": facts.person.invented,
        "reviewed_by": facts.reviewed_by,
        "warnings": [],
        "person": {**plain["person"], "birth": day(facts.person.birth)},
        "person_marks": _marks(facts.person.records, numbers),
        "plan_marks": _marks(facts.person.plan_records, numbers),
        "clinic": plain["clinic"],
        "denial": _denial(facts),
        "payers": list(dict.fromkeys(part.policy.payer for part in facts.parts)),
        "ask": said(facts.ask),
        "diagnosis": said(facts.diagnosis),
        "parts": [_part(part, said) for part in facts.parts],
        "pair": said(facts.pair),
        "letter": [
            {"title": s.title, "bullets": s.bullets, "paragraphs": [said(p) for p in s.paragraphs]}
            for s in facts.letter
        ],
        "trials": [_trial(line, numbers) for line in facts.trials],
        "not_trials": said(facts.not_trials),
        "scores": [_score(line, numbers) for line in shown],
        "thresholds": any(
            bound.scale == line.scale for part in facts.parts for bound in part.thresholds for line in shown
        ),
        "scores_left_out": len(facts.scores) - len(shown),
        "picture": {"svg": to_svg(score_spec(facts), PDF_FONT), "alt": score_alt(facts)} if facts.scores else None,
        "documents": plain["attachments"],
        "standing": said(facts.standing),
        "policies": [_policy(part.policy) for part in facts.parts],
        "records": [
            {**line, "resource": breakable(line["resource"]), "read": breakable(line["read"])}
            for line in plain["records"]
            if line["id"] in cited
        ],
    }


def _short(name: str, most: int = 44) -> str:
    """A name as the head of each page bears it."""
    return name if len(name) <= most else f"{name[:most].rstrip()} \u2026"


def _marks(records: Iterable[str], numbers: dict[str, int]) -> list[list[Any]]:
    return [[first, said] for first, said in mark_ranges(records, numbers)]


def _denial(facts: PacketFacts) -> dict[str, str] | None:
    if facts.denial is None:
        return None
    on = day(facts.denial.on.isoformat()) if facts.denial.on else ""
    return {"on": on, "reference": facts.denial.reference}


def _part(part: Any, said: Any) -> dict[str, Any]:
    met = sum(row.answer is Answer.MET for row in part.criteria)
    return {
        "service": part.service_name,
        "payer": part.policy.payer,
        "number": part.policy.number,
        "tally": f"{met} of {len(part.criteria)} criteria met",
        "answer": MARKS[part.answer],
        "codes": list(part.codes),
        "rows": [
            {
                "number": row.number,
                "way": row.way,
                "asked": breakable(row.asked) + (" (recalled)" if row.recalled else ""),
                "found": said(_brief(row)),
                "answer": MARKS[row.answer],
            }
            for row in part.criteria
        ],
    }


def _brief(row: CriterionRow) -> tuple[Sentence, ...]:
    """What page 1 says of a criterion: of one that is met the first finding with every record, the rest is in the letter."""
    if row.answer is not Answer.MET or len(row.findings) < 2:
        return row.findings
    first = next((s for s in row.findings if s.records), row.findings[0])
    records = tuple(dict.fromkeys(record for s in row.findings for record in s.records))
    return (replace(first, records=records),) if records else (first,)


def _trial(line: Any, numbers: dict[str, int]) -> dict[str, Any]:
    role = f" ({line.role})" if line.role else ""
    counts = [*(f"Counted: {place}." for place in line.counted), *(f"Not counted, {why}" for why in line.not_counted)]
    cells = [
        f"{line.drug}{role}{f', {line.drug_class}' if line.drug_class else ''}",
        line.doses,
        line.dates,
        line.weeks_adequate,
        f"{ANSWERS[line.adequate.value]}. {line.adequate_rule}",
        line.outcome,
        line.adherence,
        line.stop_reason or "none",
        " ".join(counts) or "not asked for",
    ]
    return {"cells": [breakable(cell) for cell in cells], "marks": _marks(line.records, numbers)}


def _score(line: ScoreLine, numbers: dict[str, int]) -> dict[str, Any]:
    base = ", baseline" if line.baseline else ""
    return {
        "scale": line.scale_name,
        "on": day(line.on),
        "said": line.said + base,
        "marks": _marks(line.records, numbers),
    }


def _printed_scores(lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """Of a long series: the baseline, the highest, the lowest and the latest ones."""
    shown: list[ScoreLine] = []
    for scale in dict.fromkeys(line.scale for line in lines):
        own = [line for line in lines if line.scale == scale]
        if len(own) > MOST_SCORES:
            known = [line for line in own if line.total is not None] or own
            ends = {max(known, key=lambda s: s.total or 0), min(known, key=lambda s: s.total or 0)}
            latest = set(own[-(MOST_SCORES - 3) :])
            own = [line for line in own if line.baseline or line in ends or line in latest]
        shown += own
    return shown


def _policy(policy: Any) -> dict[str, Any]:
    return {
        "name": f"{policy.payer}, {policy.title} ({policy.number}; {policy.version}; checked {policy.checked_on})",
        "caveats": [breakable(caveat) for caveat in policy.caveats],
        "sources": [breakable(source) for source in policy.sources],
    }
