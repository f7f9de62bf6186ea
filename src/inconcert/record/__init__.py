"""Dated, coded, sourced facts about one person. Frozen; says nothing about what they mean."""

from inconcert.record.codes import CodeSystem, Coding
from inconcert.record.dates import DateRange, Moment
from inconcert.record.facts import (
    Allergy,
    Attestation,
    Condition,
    DeviceFact,
    DoseInstruction,
    Encounter,
    Fact,
    HealthPlan,
    IngredientStrength,
    Measurement,
    MedicationEvent,
    MedicationEventKind,
    NotDone,
    Origin,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
    ServiceOrder,
)
from inconcert.record.person import Person

__all__ = [
    "Allergy",
    "Attestation",
    "CodeSystem",
    "Coding",
    "Condition",
    "DateRange",
    "DeviceFact",
    "DoseInstruction",
    "Encounter",
    "Fact",
    "HealthPlan",
    "IngredientStrength",
    "Measurement",
    "MedicationEvent",
    "MedicationEventKind",
    "Moment",
    "NotDone",
    "Origin",
    "Person",
    "ProcedureDone",
    "ReportedTrial",
    "ScaleForm",
    "ServiceOrder",
]
