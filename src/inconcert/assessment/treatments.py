"""Courses of ECT and TMS already given, so that they stand beside the medication trials on one time axis."""

from __future__ import annotations

from datetime import date

from inconcert.assessment.types import GivenTreatment
from inconcert.record import Person
from inconcert.staging.episode import procedures_of

KINDS = {"ect": "ECT", "tms": "TMS"}


def treatments(person: Person, as_of: date) -> tuple[GivenTreatment, ...]:
    """Every dated course of ECT or TMS on or before that day, oldest first. Undated ones cannot be placed in time."""
    by_id = {done.id: done for done in person.procedures}
    found = []
    for kind, what in KINDS.items():
        for use in procedures_of(person, kind, as_of):
            done = by_id[use.record_id]
            start = done.performed_start or done.performed_end
            if start is not None:
                found.append(
                    GivenTreatment(
                        record_id=done.id,
                        kind=kind,
                        what=what,
                        label=done.label,
                        start=start,
                        end=done.performed_end,
                        outcome=done.outcome,
                    )
                )
    return tuple(sorted(found, key=lambda given: given.start.earliest))
