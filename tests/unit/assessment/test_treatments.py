"""ECT and TMS already given stand beside the medication trials."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.assessment.treatments import treatments
from inconcert.record import CodeSystem, Coding, DateRange, Origin, Person, ProcedureDone

AS_OF = date(2026, 11, 16)


def done(code: str, start: str, **changes: object) -> ProcedureDone:
    """A completed procedure with a CPT code."""
    ident = f"Procedure/{code}-{start}"
    return ProcedureDone(
        **{
            "id": ident,
            "origin": Origin(ident),
            "codings": (Coding(CodeSystem.CPT.value, code, ""),),
            "status": "completed",
            "performed_start": DateRange.parse(start) if start else None,
            **changes,
        }
    )


def test_courses_of_ect_and_tms_are_told_oldest_first() -> None:
    """Both kinds are found by their codes, in the order they were given; psychotherapy is not one of them."""
    person = Person(
        id="p", procedures=(done("90868", "2025-01-06"), done("90870", "2024"), done("90834", "2023-01-01"))
    )
    assert [(t.what, str(t.start)) for t in treatments(person, AS_OF)] == [("ECT", "2024"), ("TMS", "2025-01-06")]


@pytest.mark.parametrize(
    "changes",
    [{"status": "not-done"}, {"status": "entered-in-error"}, {"performed_start": None}, {"performed_start": DateRange.parse("2026-12-01")}],
)  # fmt: skip
def test_what_was_not_done_by_then_is_not_told(changes: dict[str, object]) -> None:
    """A procedure not done, entered in error, undated or later than the day asked for gives no treatment."""
    assert treatments(Person(id="p", procedures=(done("90868", "2025-01-06", **changes),)), AS_OF) == ()
