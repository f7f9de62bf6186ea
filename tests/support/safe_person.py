"""An invented person whom nothing keeps from treatment: every safety question answered, screened and measured in date."""

from __future__ import annotations

from typing import Any

from inconcert.knowledge.safety import safety_items
from inconcert.record import Attestation, Measurement, Person, ScaleForm
from support.factories import attest, make_person, measurement, scale_form

DAY = "2026-11-22"
DAY_BEFORE = "2026-11-21"
_MEASURED = {"safety.systolic_mmhg", "safety.cssrs"}


def answers(*without: str, on: str = DAY_BEFORE, by: str = "R. Diaz, RN") -> tuple[Attestation, ...]:
    """The answer that clears each safety question, except those named."""
    clearing = {item.question: item.clears_on for item in safety_items().values() if item.question}
    return tuple(
        attest(question, answer, on, by)
        for question, answer in clearing.items()
        if question not in {*_MEASURED, *without}
    )


def pressure(systolic: float | None, diastolic: float | None, on: str = DAY_BEFORE) -> Measurement:
    """A blood pressure panel in mmHg."""
    halves = tuple(
        measurement(code, value, "mm[Hg]", on)
        for code, value in (("8480-6", systolic), ("8462-4", diastolic))
        if value is not None
    )
    return measurement("85354-9", None, "", on, components=halves)


def screener(yes: str = "", on: str = DAY_BEFORE) -> ScaleForm:
    """A complete C-SSRS screener with these items (`"1 2 6"`) answered yes."""
    items = {key: float(key in yes.split()) for key in ("1", "2", "3", "4", "5", "6", "6b")}
    return scale_form("cssrs-screener", on, items=items)


def safe_person(*more: Any, without: tuple[str, ...] = (), **fields: Any) -> Person:
    """A person cleared for every arm, with more facts or without some answers (`pressure` and `cssrs` too)."""
    base: list[Any] = list(answers(*without))
    if "pressure" not in without:
        base.append(pressure(124, 80))
    if "cssrs" not in without:
        base.append(screener())
    return make_person(*base, *more, **fields)
