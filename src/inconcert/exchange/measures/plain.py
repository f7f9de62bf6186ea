"""Quality measures as JSON, and in words 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inconcert.exchange.measures.fhir_report import rate
from inconcert.judgement import Answer, Judgement, RecordUse
from inconcert.knowledge.outcomes import MeasureFile, value_set_catalog
from inconcert.outcomes import MeasurePopulation, PersonMeasure, PopulationCount, count
from inconcert.outcomes.codesets import entries

WIDTH = 80
_WORDS = {
    "initial-population": "initial population",
    "denominator": "denominator",
    "denominator-exclusion": "excluded",
    "numerator": "numerator",
    "denominator-exception": "excepted",
}
_ANSWER = {Answer.MET: "in", Answer.NOT_MET: "out", Answer.UNKNOWN: "unknown"}
_FEW = 12  # more people than this get a line each instead of a paragraph


def as_json(measure: MeasureFile, results: Sequence[PersonMeasure]) -> dict[str, Any]:
    """One measure over some people: both readings, each with its basis, and the counts."""
    return {
        "measure": measure.id,
        "title": measure.title,
        "version": measure.version,
        "status": measure.status.value,
        "sources": [{"ref": s.ref, "where": s.where, "status": s.status.value} for s in measure.all_sources],
        "period": {"start": str(results[0].first_day), "end": str(results[0].last_day)} if results else None,
        "missing_value_sets": [
            {"name": entry.name, "oid": entry.oid, "where": value_set_catalog().where_to_get}
            for entry in (entries()[name] for name in (results[0].lacking if results else ()))
        ],
        "counts": [_count_json(found) for found in count(results)],
        "people": [
            {
                "id": result.person,
                "as_of": str(result.as_of),
                "populations": [
                    {
                        "kind": found.kind,
                        "group": found.group,
                        "as_measure": _judgement_json(found.as_measure),
                        "ours": _judgement_json(found.ours),
                    }
                    for found in result.populations
                ],
            }
            for result in results
        ],
    }


def _count_json(found: PopulationCount) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "group": found.group,
        "as_measure": {_ANSWER[answer]: number for answer, number in found.as_measure.items()},
        "ours": {_ANSWER[answer]: number for answer, number in found.ours.items()},
    }


def _judgement_json(found: Judgement) -> dict[str, Any]:
    basis = found.basis
    return {
        "answer": _ANSWER[found.answer],
        "text": found.text,
        "rule": basis.rule_text,
        "used": [{"id": u.record_id, "why": u.why, "on": u.on} for u in basis.used],
        "rejected": [{"id": u.record_id, "why": u.why, "on": u.on} for u in basis.rejected],
        "question": {"id": found.question.id, "text": found.question.text} if found.question else None,
    }


def in_words(measure: MeasureFile, results: Sequence[PersonMeasure]) -> str:
    """The same for a terminal: counts first, then each person with why."""
    lines = [
        f"{measure.id} {measure.version}  {measure.title}",
        *_wrapped(measure.asks),
        f"{results[0].first_day} to {results[0].last_day}, {_people(len(results))}; rule {measure.status.value}",
    ]
    found = count(results)
    for group in measure.groups:
        lines += ["", *_table([c for c in found if c.group == group.id], measure, group.numerator)]
    missing = [entries()[name] for name in results[0].lacking]
    if missing:
        lines += ["", "Value sets that are not here (codes in them are unknown):"]
        lines += [f"  {entry.name} ({entry.oid})" for entry in missing]
        lines += _wrapped(f"Get them from {value_set_catalog().where_to_get}, and name them with --valuesets.")
    lines.append("")
    for result in results:
        lines += _one_line(result, measure) if len(results) > _FEW else _paragraph(result, measure)
    return "\n".join(lines).rstrip()


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _table(found: Sequence[PopulationCount], measure: MeasureFile, numerator: str) -> Iterator[str]:
    several = f" ({numerator})" if len(measure.groups) > 1 else ""
    yield f"{'':<26}{'as the measure computes':>25}{'as the record shows':>25}"
    yield f"{'':<26}" + f"{'in':>8}{'out':>7}{'unknown':>10}" * 2
    for row in found:
        name = _WORDS[row.kind] + (several if row.kind == "numerator" else "")
        cells = "".join(
            f"{part[Answer.MET]:>8}{part[Answer.NOT_MET]:>7}{part[Answer.UNKNOWN]:>10}"
            for part in (row.as_measure, row.ours)
        )
        yield f"{name:<26}{cells}"
    yield f"{'rate':<26}{_rate(found, 'as_measure'):>25}{_rate(found, 'ours'):>25}"


def _rate(found: Sequence[PopulationCount], reading: str) -> str:
    counts: dict[str, int | None] = {}
    for row in found:
        part: Mapping[Answer, int] = getattr(row, reading)
        counts[row.kind] = None if part[Answer.UNKNOWN] else part[Answer.MET]
    if None in counts.values():
        return "not known"
    share = rate(counts)
    return "nobody counted" if share is None else f"{100 * share:.1f} %"


def _one_line(result: PersonMeasure, measure: MeasureFile) -> Iterator[str]:
    cells = []
    for found in result.populations:
        if found.kind != "denominator" and (found.kind == "numerator" or found.group == measure.groups[0].id):
            computed, shown = _ANSWER[found.as_measure.answer], _ANSWER[found.ours.answer]
            cells.append(f"{_WORDS[found.kind]} {computed}" + (f" ({shown})" if computed != shown else ""))
    yield from _wrapped(f"{result.person}: {'; '.join(cells)}", hang=4)


def _paragraph(result: PersonMeasure, measure: MeasureFile) -> Iterator[str]:
    yield result.person
    for found in result.populations:
        if found.kind == "denominator" or (found.kind != "numerator" and found.group != measure.groups[0].id):
            continue
        initial = result.population("initial-population", found.group)
        said = () if found is initial else (*initial.as_measure.basis.used, *initial.as_measure.basis.rejected)
        yield from _population(found, measure, said)
    yield ""


def _population(found: MeasurePopulation, measure: MeasureFile, said: tuple[RecordUse, ...]) -> Iterator[str]:
    """One population of one person, without the records that were already `said`."""
    name = _WORDS[found.kind]
    if found.kind == "numerator" and len(measure.groups) > 1:
        name += f" ({next(g.numerator for g in measure.groups if g.id == found.group)})"
    yield f"  {name:<26} computed {_ANSWER[found.as_measure.answer]:<9} shown {_ANSWER[found.ours.answer]}"
    basis = found.as_measure.basis
    rows = basis.used if found.as_measure.answer is Answer.MET else (*basis.used, *basis.rejected)
    rows = tuple(row for row in rows if row not in said)
    for use in rows[:4]:
        on = f", {use.on}" if use.on else ""
        yield from _wrapped(f"- {use.why} ({use.record_id}{on})", indent=6, hang=8)
    if len(rows) > 4:
        yield f"      - and {len(rows) - 4} more (--json shows all)"
    for reading, judgement in (("computed", found.as_measure), ("shown", found.ours)):
        if judgement.answer is Answer.UNKNOWN:
            reason = judgement.text.partition(": not known to be in. ")[2]
            yield from _wrapped(f"{reading} unknown: {reason}", indent=6, hang=8)


def _wrapped(text: str, indent: int = 0, hang: int = 0) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * max(hang, indent), break_on_hyphens=False
    )
