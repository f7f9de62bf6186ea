"""One person: what is shown in a log, how old, and who answered what when."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from inconcert.record import Attestation, DateRange, Origin, Person
from support.factories import make_person


def answered(answer: str, on: str | None, question: str = "safety.aneurysm") -> Attestation:
    """An answer to an intake question."""
    day = DateRange.parse(on) if on else None
    name = f"QuestionnaireResponse/{answer}-{on}"
    return Attestation(id=name, origin=Origin(name), question=question, answer=answer, answered_on=day)


def test_a_person_in_a_log_shows_no_values() -> None:
    """The representation of a person holds neither name nor birth date nor any fact."""
    person = Person(
        id="Patient/77",
        name="Ada Example",
        birth=DateRange.parse("1961-05-04"),
        attestations=(answered("yes", "2024-01-01"),),
    )
    assert repr(person) == "<Person 1 facts>"
    assert "Ada" not in f"{person}"


def test_facts_cannot_be_changed() -> None:
    """A person, once read, stays as read."""
    with pytest.raises(FrozenInstanceError):
        make_person().name = "Somebody else"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("birth", "as_of", "age"),
    [
        ("2000-06-15", date(2026, 6, 14), (25, 25)),
        ("2000-06-15", date(2026, 6, 15), (26, 26)),
        ("2000-06", date(2026, 6, 15), (25, 26)),
        ("2000", date(2026, 6, 15), (25, 26)),
        ("2000", date(2026, 12, 31), (26, 26)),
        ("2000-02-29", date(2026, 2, 28), (25, 25)),
        ("2000-02-29", date(2026, 3, 1), (26, 26)),
    ],
)
def test_age_is_a_range_where_the_birth_date_is_partial(birth: str, as_of: date, age: tuple[int, int]) -> None:
    """Youngest and oldest whole years on that day; equal where the date settles it."""
    assert Person(id="p", birth=DateRange.parse(birth)).age_years(as_of) == age


def test_an_unknown_birth_date_gives_no_age() -> None:
    """Without a birth date, or with one in the future, the age is not known; it is never zero."""
    assert Person(id="p").age_years(date(2026, 1, 1)) is None
    assert Person(id="p", birth=DateRange.parse("2027")).age_years(date(2026, 1, 1)) is None


def test_the_latest_answer_on_or_before_the_day_counts() -> None:
    """A later answer replaces an earlier one, an answer after the day asked for is ignored, an undated one is oldest."""
    person = Person(
        id="p", attestations=(answered("no", "2024-05-01"), answered("unknown", None), answered("yes", "2025-05-01"))
    )
    asked = {
        day: person.attestation("safety.aneurysm", date.fromisoformat(day))
        for day in ("2024-01-01", "2024-05-01", "2026-01-01")
    }
    assert [a.answer if a else None for a in asked.values()] == ["unknown", "no", "yes"]


def test_a_question_nobody_answered_has_no_answer() -> None:
    """No answer is None; it is not a no."""
    assert (
        Person(id="p", attestations=(answered("yes", "2024-01-01"),)).attestation("safety.metal", date(2026, 1, 1))
        is None
    )


def test_a_partial_date_of_answering_counts_from_its_last_day() -> None:
    """An answer given some time in May may not be used in the middle of May."""
    person = Person(id="p", attestations=(answered("yes", "2024-05"),))
    assert person.attestation("safety.aneurysm", date(2024, 5, 15)) is None
    assert person.attestation("safety.aneurysm", date(2024, 5, 31)) is not None
