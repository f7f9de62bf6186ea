"""A drug judged by its level in the blood, and not by its dose (lithium)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inconcert.judgement import Answer, RecordUse
from inconcert.knowledge.drug_schema import SerumLevel
from inconcert.record import CodeSystem, Person
from inconcert.staging.spans import DoseSegment

_SAME_AS_MMOL_PER_L = frozenset({"mmol/l", "meq/l"})  # lithium carries one charge


def level_reached(
    person: Person, level: SerumLevel, segments: Sequence[DoseSegment], as_of: date
) -> tuple[Answer, tuple[RecordUse, ...]]:
    """Met where a level measured during the trial reaches the low bound, not met where every one is below, else unknown.

    A level in another unit, with a comparator, or dated outside the trial tells nothing.
    """
    first, last = segments[0].start.earliest, segments[-1].end.latest
    found: list[tuple[float, RecordUse]] = []
    for m in person.measurements:
        if m.taken is None or m.value is None or m.comparator or m.status == "entered-in-error":
            continue
        days = m.taken.days
        inside = first <= days.earliest and days.latest <= min(last, as_of)
        if inside and m.has_code(CodeSystem.LOINC, set(level.loinc)) and m.unit.lower() in _SAME_AS_MMOL_PER_L:
            found.append((m.value, RecordUse(m.id, f"serum level {m.value:g} mmol/L", str(days))))
    uses = tuple(use for _, use in found)
    if any(value >= level.low_mmol_per_l for value, _ in found):
        return Answer.MET, uses
    return (Answer.NOT_MET if found else Answer.UNKNOWN), uses
