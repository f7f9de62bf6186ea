"""People for the quality measures, and value sets of invented codes: each set holds its own id as a code."""

from __future__ import annotations

from datetime import date
from typing import Any

from inconcert.knowledge.outcomes import SYSTEMS, carried_codes, value_set_catalog
from inconcert.outcomes import CodeSets, GivenSet, MeasureRun, Period, PersonMeasure, evaluate, find_measure
from inconcert.outcomes.codesets import entries
from inconcert.record import (
    Attestation,
    CodeSystem,
    Coding,
    Condition,
    DateRange,
    Encounter,
    Measurement,
    MedicationEvent,
    MedicationEventKind,
    Moment,
    NotDone,
    Origin,
    Person,
    ProcedureDone,
    ScaleForm,
    ServiceOrder,
)

ANSWERS = {"met": "in", "not_met": "out", "unknown": "?"}
_CONFIRMED: dict[str, Any] = {"clinical_status": "active", "verification_status": "confirmed"}
_PROBLEM = Coding("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")


def invented(set_id: str) -> Coding:
    """A code that is in one value set of the tests and in no other."""
    entry = entries()[set_id]
    carried = sorted(carried_codes().get(set_id, ()))
    return Coding(*carried[0]) if carried else Coding(SYSTEMS[entry.holds[0]], f"in-{set_id}")


def all_sets() -> CodeSets:
    """Every value set, each with what we carry of it and its one invented code."""
    given = {}
    for entry in value_set_catalog().sets:
        pair = invented(entry.id)
        codes = carried_codes().get(entry.id, frozenset()) | {(pair.system, pair.code)}
        given[entry.oid] = GivenSet(entry.oid, codes, entry.name)
    return CodeSets(given)


def day(text: str | None) -> DateRange | None:
    """A date as FHIR writes it, with or without a time."""
    return Moment.parse(text).days if text else None


def _base(kind: str, fact_id: str, when: str | None) -> dict[str, Any]:
    name = f"{kind}/{fact_id or when or 'undated'}"
    return {"id": name, "origin": Origin(name)}


def visit(start: str | None, end: str | None = None, *, of: str = "contact-or-office-visit", **more: Any) -> Encounter:
    """A finished visit, by default within one day."""
    values: dict[str, Any] = {"codings": (invented(of),), "status": "finished", "start": day(start)}
    values["end"] = day(end or start)
    return Encounter(**{**_base("Encounter", f"{start}-{of}", start), **values, **more})


def condition(
    onset: str | None = "2025-01-01", *, of: str = "major-depression-including-remission", **more: Any
) -> Condition:
    """A confirmed, active problem."""
    values: dict[str, Any] = {"codings": (invented(of),), "onset": day(onset), "categories": (_PROBLEM,), **_CONFIRMED}
    return Condition(**{**_base("Condition", f"{onset}-{of}", onset), **values, **more})


def phq9(taken: str | None, total: float | None, **more: Any) -> ScaleForm:
    """A final PHQ-9 that states its total in an Observation."""
    values: dict[str, Any] = {"scale": "phq9", "stated_total": total, "status": "final"}
    values["codings"] = (Coding(CodeSystem.LOINC.value, "44261-6"),)
    values["taken"] = Moment.parse(taken) if taken else None
    return ScaleForm(**{**_base("Observation", f"{taken}-{total}", taken), **values, **more})


def screen(taken: str | None, kind: str = "adult", result: str = "negative", **more: Any) -> Measurement:
    """A screen for depression with its result."""
    measure = find_measure("CMS2")
    values: dict[str, Any] = {
        "codings": tuple(Coding(*pair) for pair in measure.pairs(f"{kind}_screen")),
        "value_codings": tuple(Coding(*pair) for pair in measure.pairs(result)) if result else (),
        "status": "final",
        "taken": Moment.parse(taken) if taken else None,
    }
    return Measurement(**{**_base("Observation", f"{taken}-{kind}-{result}", taken), **values, **more})


def not_screened(said: str | None, kind: str = "adult", reason: str = "declined", **more: Any) -> NotDone:
    """A screen that was not made; `reason` is `declined`, `medical` or ''."""
    measure = find_measure("CMS2")
    reasons = tuple(Coding(*pair) for pair in measure.pairs("declined")) if reason == "declined" else ()
    if reason == "medical":
        reasons = (invented("medical-reason"),)
    values: dict[str, Any] = {
        "codings": tuple(Coding(*pair) for pair in measure.pairs(f"{kind}_screen")),
        "reasons": reasons,
        "status": "cancelled",
        "said": day(said),
    }
    return NotDone(**{**_base("Observation", f"{said}-not-{kind}", said), **values, **more})


def dispense(on: str | None, days: float | None = 30, **more: Any) -> MedicationEvent:
    """A completed dispense of an antidepressant."""
    values: dict[str, Any] = {"kind": MedicationEventKind.DISPENSE, "status": "completed", "days_supply": days}
    values |= {"codings": (invented("antidepressant-medication"),), "start": day(on)}
    return MedicationEvent(**{**_base("MedicationDispense", f"{on}-{days}", on), **values, **more})


def order(
    authored: str | None, days: float | None = 30, *, of: str = "antidepressant-medication", **more: Any
) -> MedicationEvent:
    """An active order of medication."""
    values: dict[str, Any] = {"kind": MedicationEventKind.ORDER, "status": "active", "intent": "order"}
    values |= {"codings": (invented(of),), "authored": day(authored), "days_supply": days}
    return MedicationEvent(**{**_base("MedicationRequest", f"{authored}-{of}", authored), **values, **more})


def service(authored: str | None, *, of: str = "hospice-care-ambulatory", **more: Any) -> ServiceOrder:
    """An active order of a service."""
    values: dict[str, Any] = {"codings": (invented(of),), "status": "active", "intent": "order"}
    return ServiceOrder(
        **{**_base("ServiceRequest", f"{authored}-{of}", authored), **values, "authored": day(authored), **more}
    )


def done(
    start: str | None, end: str | None = None, *, of: str = "palliative-care-intervention", **more: Any
) -> ProcedureDone:
    """A completed procedure."""
    values: dict[str, Any] = {"codings": (invented(of),), "status": "completed", "performed_start": day(start)}
    values["performed_end"] = day(end or start)
    return ProcedureDone(**{**_base("Procedure", f"{start}-{of}", start), **values, **more})


def vouched(on: str = "2027-02-01") -> Attestation:
    """Somebody says that the record is whole."""
    return Attestation(
        **_base("QuestionnaireResponse", on, on), question="outcomes.record_complete", answer="yes", answered_on=day(on)
    )


_FIELDS = {
    Encounter: "encounters",
    Condition: "conditions",
    ScaleForm: "scale_forms",
    Measurement: "measurements",
    MedicationEvent: "medications",
    ProcedureDone: "procedures",
    ServiceOrder: "service_orders",
    NotDone: "not_done",
    Attestation: "attestations",
}


def person(*facts: Any, born: str | None = "1980-06-15", **more: Any) -> Person:
    """A person with these facts."""
    fields: dict[str, list[Any]] = {}
    for fact in facts:
        fields.setdefault(_FIELDS[type(fact)], []).append(fact)
    return Person(
        id="Patient/1", birth=day(born), invented=True, **{name: tuple(found) for name, found in fields.items()}, **more
    )


def run(measure: str, **more: Any) -> MeasureRun:
    """The measure over 2026, with every value set at hand."""
    return MeasureRun(**{"measure": find_measure(measure), "period": Period.parse("2026"), "sets": all_sets(), **more})


def result(measure: str, someone: Person, *, whole: bool = False, **more: Any) -> PersonMeasure:
    """One measure for one person; `whole`: somebody vouches for the record."""
    return evaluate(someone, run(measure, whole_until=date(2027, 2, 1) if whole else None, **more))


def words(found: PersonMeasure, kind: str, group: str = "Group_1") -> tuple[str, str]:
    """`in`, `out` or `?` of a population, as the measure computes and as the record shows."""
    both = found.population(kind, group)
    return ANSWERS[both.as_measure.answer.value], ANSWERS[both.ours.answer.value]
