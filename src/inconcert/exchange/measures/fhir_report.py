"""FHIR R4 MeasureReports. They carry what the measure computes: what our own reading leaves open has no place in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inconcert.judgement import Answer
from inconcert.knowledge.outcomes import MeasureFile, measure_files
from inconcert.outcomes import PersonMeasure, PopulationCount, count

_CODES = "http://terminology.hl7.org/CodeSystem/measure-population"
_BETTER = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_NAMES = {
    "initial-population": ("InitialPopulation", "Initial Population"),
    "denominator": ("Denominator", "Denominator"),
    "denominator-exclusion": ("DenominatorExclusion", "Denominator Exclusion"),
    "numerator": ("Numerator", "Numerator"),
    "denominator-exception": ("DenominatorException", "Denominator Exception"),
}


def individual_report(result: PersonMeasure) -> dict[str, Any]:
    """The MeasureReport of one person. Where a population cannot be computed it has no count and the report is `pending`."""
    measure = measure_files()[result.measure]
    counts = {(p.group, p.kind): _number(p.as_measure.answer) for p in result.populations}
    report = _frame(result, measure, "individual", counts)
    report["subject"] = {"reference": f"Patient/{result.person.removeprefix('Patient/')}"}
    used = dict.fromkeys(use.record_id.partition("#")[0] for p in result.populations for use in p.as_measure.basis.used)
    evaluated = [{"reference": name} for name in used if name.count("/") == 1]
    if evaluated:
        report["evaluatedResource"] = evaluated
    return report


def summary_report(results: Sequence[PersonMeasure]) -> dict[str, Any]:
    """The MeasureReport over many people, with the score of each rate. Raises ValueError where there is nobody.

    A count is given only where it is known for everybody; a score only where every count it is made of is given.
    """
    if not results:
        raise ValueError("a summary needs at least one person")
    measure = measure_files()[results[0].measure]
    found = count(results)
    counts = {(c.group, c.kind): _total(c) for c in found}
    report = _frame(results[0], measure, "summary", counts)
    for group in report["group"]:
        score = rate({kind: number for (of, kind), number in counts.items() if of == group["id"]})
        if score is not None:
            group["measureScore"] = {"value": round(score, 6)}
    return report


def rate(counts: Mapping[str, int | None]) -> float | None:
    """The share of those counted who are in the numerator (0 to 1); None where a count is not known or nobody is counted."""
    eligible, numerator = _eligible(counts), counts["numerator"]
    return None if not eligible or numerator is None else numerator / eligible


def _eligible(counts: Mapping[str, int | None]) -> int | None:
    parts = [counts["denominator"], counts["denominator-exclusion"], counts.get("denominator-exception", 0)]
    known = [part for part in parts if part is not None]
    return known[0] - sum(known[1:]) if len(known) == len(parts) else None


def _number(answer: Answer) -> int | None:
    return None if answer is Answer.UNKNOWN else int(answer is Answer.MET)


def _total(found: PopulationCount) -> int | None:
    return None if found.as_measure[Answer.UNKNOWN] else found.as_measure[Answer.MET]


def _frame(
    result: PersonMeasure, measure: MeasureFile, kind: str, counts: Mapping[tuple[str, str], int | None]
) -> dict[str, Any]:
    known = all(number is not None for number in counts.values())
    return {
        "resourceType": "MeasureReport",
        "status": "complete" if known else "pending",
        "type": kind,
        "measure": f"{measure.canonical}|{measure.version}",
        "date": result.as_of.isoformat(),
        "period": {"start": result.first_day.isoformat(), "end": result.last_day.isoformat()},
        "improvementNotation": {"coding": [{"system": _BETTER, "code": "increase"}]},
        "group": [
            {
                "id": group.id,
                "population": [
                    _population(name, group.suffix, number) for (of, name), number in counts.items() if of == group.id
                ],
            }
            for group in measure.groups
        ],
    }


def _population(kind: str, suffix: str, number: int | None) -> dict[str, Any]:
    name, display = _NAMES[kind]
    found: dict[str, Any] = {
        "id": f"{name}_{suffix}",
        "code": {"coding": [{"system": _CODES, "code": kind, "display": display}]},
    }
    if number is None:
        found["_count"] = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    else:
        found["count"] = number
    return found


def bundle(reports: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Several reports in one collection Bundle."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report} for report in reports]}
