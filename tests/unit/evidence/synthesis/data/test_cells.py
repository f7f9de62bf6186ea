"""A cell is a number, or it is said what it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.cells import number, numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12), (" -0.31 ", -0.31), ("−0.31", -0.31), ("1e-3", 0.001), ("+4", 4), (".5", 0.5), ("0", 0), ("-0", 0)],
)
def test_plain_numbers_are_read(cell: str, value: float) -> None:
    """Signs, a printed minus, exponents and spaces around are no obstacle."""
    assert number(cell) == (value, "")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "missing"),
        ("NA", "missing"),
        ("–", "missing"),
        ("nan", "missing"),
        ("12,5", "with a comma"),
        ("1,200", "with a comma"),
        ("1,200,300", "mark between thousands"),
        ("1 200", "mark between thousands"),
        ("45 %", "percentage"),
        ("10/40", "two columns"),
        ("<5", "a bound"),
        ("inf", "not a number"),
        ("1_000", "not a number"),
        ("1e300", "too far from 1"),
        ("1e-300", "too far from 1"),
        ("ten", "not a number"),
    ],
)
def test_what_is_no_number_is_not_guessed(cell: str, why: str) -> None:
    """A blank is not zero and 1,200 is neither 1.2 nor 1200: each is told with its mend."""
    value, said = number(cell)
    assert math.isnan(value)
    assert why in said
    assert "Mend:" in said


@given(st.lists(st.one_of(st.floats().map(repr), st.text(max_size=6), st.integers().map(str))))
def test_a_column_is_read_as_its_cells_are(cells: list[str]) -> None:
    """Reading a whole column at once gives what reading cell by cell gives."""
    values, wrong = numbers(cells)
    for place, (value, cell) in enumerate(zip(values, cells, strict=True)):
        alone, why = number(cell)
        assert wrong.get(place, "") == why
        assert value == alone or (math.isnan(value) and math.isnan(alone))
