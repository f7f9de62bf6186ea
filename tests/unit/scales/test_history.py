"""One person's scores on one scale, in time."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from inconcert.record import ScaleForm
from inconcert.scales import (
    ScaleInputError,
    UnknownScaleError,
    depression_series,
    latest,
    score_form,
    series,
    unusable_forms,
)
from support.factories import make_person, phq9, scale_form

AS_OF = date(2025, 6, 1)
ITEMS: dict[str, float | None] = {str(n): 1 for n in range(1, 10)}


def test_scores_stand_oldest_first_and_later_ones_are_left_out() -> None:
    """Order follows the day of the form; a form after the day of the question does not exist yet."""
    person = make_person(phq9("2025-05-01", 8), phq9("2025-03-01", 20), phq9("2025-06-02", 3), phq9("2025-06-01", 6))
    assert [s.score.total for s in series(person, "phq9", AS_OF)] == [20, 8, 6]
    last = latest(person, "PHQ-9", AS_OF)
    assert last is not None
    assert last.score.total == 6


def test_a_month_that_has_begun_counts_as_known() -> None:
    """A form dated only June 2025 may have been filled in by the first of June."""
    person = make_person(phq9("2025-06", 9), phq9("2025-07", 2))
    assert [s.score.total for s in series(person, "phq9", AS_OF)] == [9]


def test_an_undated_form_stands_first() -> None:
    """Without a day a form is kept, before any dated one."""
    undated = dataclasses.replace(phq9("2025-01-01", 11), taken=None)
    person = make_person(phq9("2024-01-01", 19), undated)
    assert [s.score.total for s in series(person, "phq9", AS_OF)] == [11, 19]


def test_the_same_form_twice_counts_once_and_the_copy_is_named() -> None:
    """Same day and same answers is one form; the copy stands in the basis as rejected."""
    one, two = scale_form("phq9", "2025-01-01", items=ITEMS), scale_form("phq9", "2025-01-01", items=ITEMS)
    (only,) = series(make_person(one, two), "phq9", AS_OF)
    assert only.score.basis.rejected[0].record_id == two.id
    assert one.id in only.score.basis.rejected[0].why


def test_a_bare_total_beside_its_items_is_the_same_form() -> None:
    """An export gives the items and, apart from them, their total: the items are kept."""
    total, items = phq9("2025-01-01", 9), scale_form("phq9", "2025-01-01", items=ITEMS)
    for order in ((total, items), (items, total)):
        (only,) = series(make_person(*order), "phq9", AS_OF)
        assert only.form_id == items.id
        assert only.score.basis.rejected[0].record_id == total.id


def test_different_answers_on_one_day_stay_two_forms() -> None:
    """Two forms of one day that differ are both kept."""
    person = make_person(phq9("2025-01-01", 9), phq9("2025-01-01", 12))
    assert len(series(person, "phq9", AS_OF)) == 2


def test_scales_are_never_mixed() -> None:
    """A series holds one scale, under whatever name its forms were kept; other scales have their own."""
    person = make_person(
        scale_form("PHQ-9", "2025-01-01", 12),
        phq9("2025-02-01", 10),
        scale_form("gad7", "2025-01-01", 12),
        scale_form("madrs", "2025-01-01", 30),
        scale_form("something-else", "2025-01-01", 30),
    )
    assert [s.score.total for s in series(person, "phq9", AS_OF)] == [12, 10]
    assert set(depression_series(person, AS_OF)) == {"phq9", "madrs"}
    with pytest.raises(UnknownScaleError):
        series(person, "something-else", AS_OF)


def test_a_form_that_cannot_be_scored_is_listed_with_its_reason() -> None:
    """An impossible form is not in the series and not lost: it is named with what is wrong."""
    bad = scale_form("phq9", "2025-01-01", items={"1": 7})
    person = make_person(bad, phq9("2025-02-01", 10))
    assert len(series(person, "phq9", AS_OF)) == 1
    (refused,) = unusable_forms(person, "phq9", AS_OF)
    assert refused.record_id == bad.id
    assert "item 1" in refused.why
    with pytest.raises(ScaleInputError, match=bad.id):
        score_form(bad, AS_OF)


def test_a_form_entered_in_error_is_never_used() -> None:
    """A form that its source took back counts nowhere."""
    bad: ScaleForm = dataclasses.replace(phq9("2025-01-01", 9), status="entered-in-error")
    assert series(make_person(bad), "phq9", AS_OF) == ()
    assert unusable_forms(make_person(bad), "phq9", AS_OF) == ()


def test_the_form_stands_in_the_basis() -> None:
    """A scored form names itself and every resource it was put together from."""
    form = scale_form("phq9", "2025-01-01", items=ITEMS, derived_from=("Observation/a", "Observation/b"))
    used = score_form(form, AS_OF).basis.used
    assert [u.record_id for u in used] == [form.id, "Observation/a", "Observation/b"]
    assert used[0].on == "2025-01-01"
