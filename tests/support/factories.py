"""Short ways to make an invented person for a test: the common case is one call, and every default is written here.

Days are written as text (`"2024-03-01"`, `"2024-03"`, `"2024"`), so that a test reads like a chart.
"""

from __future__ import annotations

import itertools
from typing import Any

from inconcert.record import (
    Attestation,
    CodeSystem,
    Coding,
    Condition,
    DateRange,
    DoseInstruction,
    Measurement,
    MedicationEvent,
    MedicationEventKind,
    Moment,
    Origin,
    Person,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
)

_numbers = itertools.count(1)

RXNORM = CodeSystem.RXNORM
ICD10CM = CodeSystem.ICD10CM
SNOMED = CodeSystem.SNOMED


def day(text: str | None) -> DateRange | None:
    """A full or partial date as a range; None stays None."""
    return DateRange.parse(text) if text else None


def _facts(kind: str, fact_id: str = "") -> dict[str, Any]:
    name = f"{kind}/{fact_id or next(_numbers)}"
    return {"id": name, "origin": Origin(resource=name, file="invented.json")}


def codings(*pairs: tuple[str, str]) -> tuple[Coding, ...]:
    """Codings from (system, code) pairs."""
    return tuple(Coding(system, code) for system, code in pairs)


def dose(
    amount: float | None,
    unit: str = "mg",
    times_per_day: float | None = 1,
    *,
    high: float | None = None,
    start: str | None = None,
    end: str | None = None,
    as_needed: bool = False,
) -> DoseInstruction:
    """One line of a prescription."""
    return DoseInstruction(
        amount_low=amount, amount_high=high if high is not None else amount, unit=unit, times_per_day=times_per_day,
        as_needed=as_needed, start=day(start), end=day(end),
    )  # fmt: skip


def _event(
    kind: MedicationEventKind, resource: str, drug: str, *, start: str | None, end: str | None, mg: float | None,
    rxcui: str = "", **more: Any,
) -> MedicationEvent:  # fmt: skip
    fields: dict[str, Any] = {
        "codings": (Coding(RXNORM, rxcui),) if rxcui else (),
        "text": drug,
        "doses": more.pop("doses", (dose(mg),) if mg is not None else ()),
        "start": day(start),
        "end": day(end),
        "authored": day(more.pop("authored", start)),
    }
    return MedicationEvent(**(_facts(resource, more.pop("fact_id", "")) | {"kind": kind} | fields | more))


def order(drug: str = "sertraline", start: str | None = "2024-01-01", end: str | None = None, mg: float | None = None,
          *, rxcui: str = "", status: str = "active", **more: Any) -> MedicationEvent:  # fmt: skip
    """A prescription; `mg` is taken once a day. Active and open-ended unless said otherwise."""
    more.setdefault("intent", "order")
    return _event(
        MedicationEventKind.ORDER,
        "MedicationRequest",
        drug,
        start=start,
        end=end,
        mg=mg,
        rxcui=rxcui,
        status=status,
        **more,
    )


def statement(drug: str = "sertraline", start: str | None = "2024-01-01", end: str | None = None,
              mg: float | None = None, *, rxcui: str = "", status: str = "completed", **more: Any) -> MedicationEvent:  # fmt: skip
    """A report that the drug was taken, from `start` to `end`."""
    return _event(
        MedicationEventKind.STATEMENT,
        "MedicationStatement",
        drug,
        start=start,
        end=end,
        mg=mg,
        rxcui=rxcui,
        status=status,
        **more,
    )


def dispense(drug: str = "sertraline", on: str | None = "2024-01-01", days: float | None = 30, mg: float | None = None,
             *, rxcui: str = "", status: str = "completed", **more: Any) -> MedicationEvent:  # fmt: skip
    """A hand-over of `days` days of supply."""
    return _event(
        MedicationEventKind.DISPENSE, "MedicationDispense", drug, start=on, end=None, mg=mg, rxcui=rxcui, status=status,
        days_supply=days, **more,
    )  # fmt: skip


def reported_trial(drug: str = "sertraline", **more: Any) -> ReportedTrial:
    """A past medication trial as told on the intake form; dates as text in `start`, `end`, `reported_on`."""
    for name in ("start", "end", "reported_on"):
        if isinstance(more.get(name), str):
            more[name] = day(more[name])
    return ReportedTrial(**(_facts("QuestionnaireResponse", more.pop("fact_id", "")) | {"drug": drug} | more))


def diagnosis(
    code: str = "F33.2", onset: str | None = "2023-06-01", *, system: str = ICD10CM, **more: Any
) -> Condition:
    """A confirmed, active diagnosis; severe recurrent depression without psychosis unless said otherwise."""
    fields: dict[str, Any] = {
        "codings": (Coding(system, code),), "onset": day(onset), "recorded": day(more.pop("recorded", None)),
        "abatement": day(more.pop("abatement", None)),
        "clinical_status": "active", "verification_status": "confirmed",
    }  # fmt: skip
    return Condition(**(_facts("Condition", more.pop("fact_id", "")) | fields | more))


def scale_form(scale: str, on: str, total: float | None = None, *, items: dict[str, float | None] | None = None,
               **more: Any) -> ScaleForm:  # fmt: skip
    """A filled-in scale: its stated total, or its items."""
    return ScaleForm(
        **_facts("Observation", more.pop("fact_id", "")), scale=scale, items=tuple((items or {}).items()),
        stated_total=total, taken=Moment.parse(on), **more,
    )  # fmt: skip


def phq9(on: str, total: float, **more: Any) -> ScaleForm:
    """A PHQ-9 by its stated total (0 to 27)."""
    return scale_form("phq9", on, total, **more)


def attest(
    question: str, answer: str = "yes", on: str | None = "2025-01-01", by: str = "Dr. A. Example", **more: Any
) -> Attestation:
    """An answer to an intake question."""
    return Attestation(**_facts("QuestionnaireResponse"), question=question, answer=answer, answered_by=by,
                       answered_on=day(on), **more)  # fmt: skip


def procedure(
    code: str, start: str | None, end: str | None = None, *, system: str = CodeSystem.CPT, **more: Any
) -> ProcedureDone:
    """Something done to the person."""
    fields: dict[str, Any] = {"status": "completed", "performed_start": day(start), "performed_end": day(end)}
    return ProcedureDone(**(_facts("Procedure") | {"codings": (Coding(system, code),)} | fields | more))


def measurement(
    code: str, value: float | None, unit: str, on: str, *, system: str = CodeSystem.LOINC, **more: Any
) -> Measurement:
    """A measured value."""
    return Measurement(**_facts("Observation"), codings=(Coding(system, code),), value=value, unit=unit,
                       taken=Moment.parse(on), **more)  # fmt: skip


def make_person(*facts: Any, **more: Any) -> Person:
    """A person of 45 with these facts, sorted into their kinds. Raises TypeError for anything that is not a fact."""
    kinds = {
        Condition: "conditions", MedicationEvent: "medications", ReportedTrial: "reported_trials", ScaleForm: "scale_forms",
        ProcedureDone: "procedures", Attestation: "attestations", Measurement: "measurements",
    }  # fmt: skip
    sorted_facts: dict[str, list[Any]] = {}
    for fact in facts:
        if type(fact) not in kinds:
            raise TypeError(f"{fact!r} is not a fact this factory knows; pass it by keyword")
        sorted_facts.setdefault(kinds[type(fact)], []).append(fact)
    fields: dict[str, Any] = {name: tuple(values) for name, values in sorted_facts.items()}
    defaults: dict[str, Any] = {"id": "Patient/1", "birth": day("1980-01-01"), "sex": "female", "invented": True}
    return Person(**(defaults | fields | more))
