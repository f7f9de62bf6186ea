"""One person and the facts known of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.record import Attestation, Condition, DateRange, MedicationEvent, MedicationEventKind, Origin, Person

HERE = Origin(resource="QuestionnaireResponse/q")


def attested(answer: str, on: date | None, question: str = "safety.aneurysm") -> Attestation:
    """An answer given on a day."""
    return Attestation(
        id=f"q#{answer}{on}",
        origin=HERE,
        question=question,
        answer=answer,
        answered_on=DateRange.of(on) if on else None,
    )


def test_a_person_is_not_shown_in_a_log() -> None:
    """The representation names nobody and tells no fact."""
    person = Person(id="p1", name="Ana Ruiz", conditions=(Condition(id="c", origin=HERE, text="depression"),))
    assert repr(person) == "<Person 1 facts>"


def test_all_facts_are_walked_kind_by_kind() -> None:
    """Each fact once."""
    order = MedicationEvent(id="m", origin=HERE, kind=MedicationEventKind.ORDER)
    person = Person(id="p", conditions=(Condition(id="c", origin=HERE),), medications=(order,))
    assert [fact.id for fact in person.facts()] == ["c", "m"]


@pytest.mark.parametrize(
    ("birth", "as_of", "age"),
    [
        ("1980-05-04", date(2026, 5, 3), (45, 45)),
        ("1980-05-04", date(2026, 5, 4), (46, 46)),
        ("1980", date(2026, 6, 1), (45, 46)),
        ("1980-06", date(2026, 6, 15), (45, 46)),
        ("2004-02-29", date(2026, 2, 28), (21, 21)),
        ("2026-03", date(2026, 3, 10), (0, 0)),
        ("2027", date(2026, 3, 10), None),
        (None, date(2026, 3, 10), None),
    ],
)
def test_age_is_a_range_where_the_birth_date_is(birth: str | None, as_of: date, age: tuple[int, int] | None) -> None:
    """A partial birth date gives the lowest and highest age; none, or one to come, gives no age."""
    person = Person(id="p", birth=DateRange.parse(birth) if birth else None)
    assert person.age_years(as_of) == age


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.dates(date(1900, 1, 1), date(2030, 1, 1)))
def test_age_never_runs_backwards(birth: date, as_of: date) -> None:
    """Knowing only the year of birth gives bounds that hold the true age."""
    exact = Person(id="p", birth=DateRange.of(birth)).age_years(as_of)
    rough = Person(id="p", birth=DateRange.parse(str(birth.year))).age_years(as_of)
    if exact is not None:
        assert rough is not None
        assert rough[0] <= exact[0] <= rough[1]


def test_the_latest_answer_known_by_a_day_counts() -> None:
    """Later answers replace earlier ones, answers still to come are ignored, undated ones come first."""
    person = Person(
        id="p",
        attestations=(attested("no", date(2026, 3, 1)), attested("yes", date(2026, 1, 1)), attested("unknown", None)),
    )
    answers = [
        person.attestation("safety.aneurysm", day) for day in (date(2025, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    ]
    assert [a.answer if a else None for a in answers] == ["unknown", "yes", "no"]
    assert person.attestation("safety.other", date(2026, 3, 1)) is None
