"""One person, and all facts known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from inconcert.record.dates import DateRange
from inconcert.record.facts import (
    Allergy,
    Attestation,
    Condition,
    DeviceFact,
    Encounter,
    Fact,
    HealthPlan,
    Measurement,
    MedicationEvent,
    NotDone,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
    ServiceOrder,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Everything the record says of one person. `repr` shows no name, birth date or fact (logs are read by many).

    Facts may lie after the day a question is asked for: every judgement takes `as_of` and must ignore later ones.
    """

    id: str
    name: str = ""
    birth: DateRange | None = None
    sex: str = ""
    deceased: DateRange | bool | None = None
    region: str = ""  # state or country subdivision of the home address
    conditions: tuple[Condition, ...] = ()
    medications: tuple[MedicationEvent, ...] = ()
    reported_trials: tuple[ReportedTrial, ...] = ()
    scale_forms: tuple[ScaleForm, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    procedures: tuple[ProcedureDone, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    health_plans: tuple[HealthPlan, ...] = ()
    devices: tuple[DeviceFact, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    service_orders: tuple[ServiceOrder, ...] = ()
    not_done: tuple[NotDone, ...] = ()
    invented: bool = field(default=False)  # a demonstration person, labelled so wherever shown

    def __repr__(self) -> str:
        return f"<Person {sum(1 for _ in self.facts())} facts>"

    def facts(self) -> Iterator[Fact]:
        """Every fact, kind by kind."""
        yield from self.conditions
        yield from self.medications
        yield from self.reported_trials
        yield from self.scale_forms
        yield from self.measurements
        yield from self.procedures
        yield from self.allergies
        yield from self.health_plans
        yield from self.devices
        yield from self.encounters
        yield from self.attestations
        yield from self.service_orders
        yield from self.not_done

    def age_years(self, as_of: date) -> tuple[int, int] | None:
        """Lowest and highest age in whole years on that day, or None where the birth date is not known."""
        if self.birth is None or self.birth.earliest > as_of:
            return None
        youngest = _whole_years(min(self.birth.latest, as_of), as_of)
        return youngest, _whole_years(self.birth.earliest, as_of)

    def attestation(self, question: str, as_of: date) -> Attestation | None:
        """The latest answer to an intake question given on or before that day, or None.

        An undated answer counts as given before any dated one.
        """
        answers = [
            a
            for a in self.attestations
            if a.question == question and (a.answered_on is None or a.answered_on.latest <= as_of)
        ]
        if not answers:
            return None
        return max(answers, key=lambda a: a.answered_on.latest if a.answered_on else date.min)


def _whole_years(birth: date, as_of: date) -> int:
    had_birthday = (as_of.month, as_of.day) >= (birth.month, birth.day)
    return as_of.year - birth.year - (0 if had_birthday else 1)
