"""Days covered by dispenses and orders."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inconcert.outcomes.measure import _world
from inconcert.outcomes.supply import days_covered, dispensed, ordered
from inconcert.record import DoseInstruction
from support import measures as m

WORLD = _world(m.person(), m.run("CMS128"), as_measure=True)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=8), st.integers(0, 100), st.integers(0, 150)
)
def test_days_covered_are_those_a_calendar_would_show(stretches: list[tuple[int, int]], first: int, more: int) -> None:
    """Counting by stretches is counting crossed-out days: a day counts once, days outside do not count."""
    last = first + more
    crossed = {day for start, length in stretches for day in range(start, start + length)}
    spans = [(float(start), float(start + length - 1)) for start, length in stretches]
    assert days_covered(spans, first, last) == len(crossed & set(range(first, last + 1)))


def test_a_dispense_lasts_from_its_first_day() -> None:
    """Thirty days from 1 March end on the 30th."""
    found = dispensed(WORLD, m.dispense("2026-03-01", 30))
    assert found is not None
    assert found.last is not None
    assert found.last[0] - found.first[0] == 29


def test_days_are_worked_out_from_the_quantity_where_they_are_not_stated() -> None:
    """Sixty tablets, two a day, are thirty days; without a dose nobody can say."""
    dose = DoseInstruction(amount_low=1, amount_high=1, unit="tablet", times_per_day=2)
    event = replace(m.dispense("2026-03-01", None), quantity=60)
    assert dispensed(WORLD, event).last is None  # type: ignore[union-attr]
    found = dispensed(WORLD, replace(event, doses=(dose,)))
    assert found is not None
    assert found.last is not None
    assert found.last[0] - found.first[0] == 29


def test_an_order_lasts_through_its_repeats() -> None:
    """Thirty days with two repeats are ninety."""
    found = ordered(WORLD, replace(m.order("2026-03-01", 30), refills=2))
    assert found is not None
    assert found.last is not None
    assert found.last[0] - found.first[0] == 89


def test_a_dispense_without_a_date_covers_no_known_days() -> None:
    """There is no day to count from."""
    assert dispensed(WORLD, m.dispense(None)) is None
