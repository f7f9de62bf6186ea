"""CMS128, antidepressant medication management, as a table.

Source: the measure's published logic (CMS128FHIRAntidepressantMedManagement 0.3.000 with CumulativeMedicationDuration
6.0.000, read 2026-11-22). Measurement period 2026, so first dispenses count from 2025-05-01 to 2026-04-30. Unless a row
says otherwise: born 1980, major depression and a visit on 2025-06-01, the day of the first dispense.
"""

from __future__ import annotations

import pytest

from support import measures as m
from support.payer_cases import rows

# `dispenses`: day x days of supply. Days are counted from the first dispense, 115 of them for the first rate.
TABLE = """
what                                     | born       | dispenses                               | also                | initial | excluded | acute | continuation
84 days in one                           |            | 2025-06-01x84                           |                     | in      | out      | in    | out
83 days                                  |            | 2025-06-01x83                           |                     | in      | out      | out   | out
two halves with a gap                    |            | 2025-06-01x42 2025-07-20x42             |                     | in      | out      | in    | out
overlapping days count once              |            | 2025-06-01x42 2025-06-02x42             |                     | in      | out      | out   | out
the same day twice                       |            | 2025-06-01x83 2025-06-01x83             |                     | in      | out      | out   | out
a supply of which 24 days lie inside     |            | 2025-06-01x60 2025-08-31x30             |                     | in      | out      | in    | out
days after day 114 do not count          |            | 2025-06-01x60 2025-09-01x30             |                     | in      | out      | out   | out
180 days                                 |            | 2025-06-01x180                          |                     | in      | out      | in    | in
180 days with a gap of 51                |            | 2025-06-01x90 2025-10-20x90             |                     | in      | out      | in    | in
180 days with a gap of 54                |            | 2025-06-01x90 2025-10-23x90             |                     | in      | out      | in    | out
first day of the intake period           |            | 2025-05-01x90                           |                     | in      | out      | in    | out
the day before it                        |            | 2025-04-30x90                           |                     | out     | out      | out   | out
last day of the intake period            |            | 2026-04-30x90                           | around 2026-04-30   | in      | out      | in    | out
the day after it                         |            | 2026-05-01x90                           | around 2026-04-30   | out     | out      | out   | out
depression sixty days after              |            | 2025-06-01x90                           | onset 2025-07-31    | in      | out      | in    | out
depression sixty-one days after          |            | 2025-06-01x90                           | onset 2025-08-01    | out     | out      | out   | out
depression sixty days before             |            | 2025-06-01x90                           | onset 2025-04-02    | in      | out      | in    | out
depression sixty-one days before         |            | 2025-06-01x90                           | onset 2025-04-01    | out     | out      | out   | out
a visit sixty days after                 |            | 2025-06-01x90                           | visit 2025-07-31    | in      | out      | in    | out
a visit sixty-one days after             |            | 2025-06-01x90                           | visit 2025-08-01    | out     | out      | out   | out
eighteen that day                        | 2007-06-01 | 2025-06-01x90                           |                     | in      | out      | in    | out
eighteen the day after                   | 2007-06-02 | 2025-06-01x90                           |                     | out     | out      | out   | out
born on 29 February, not yet of age      | 2008-02-29 | 2026-02-28x90                           | around 2026-02-28   | out     | out      | out   | out
born on 29 February, of age on 1 March   | 2008-02-29 | 2026-03-01x90                           | around 2026-02-28   | in      | out      | in    | out
an order that ended 105 days before      |            | 2025-06-01x90                           | order 2025-01-18x30 | in      | in       | out   | out
an order that ended 106 days before      |            | 2025-06-01x90                           | order 2025-01-17x30 | in      | out      | in    | out
an order of the same day                 |            | 2025-06-01x90                           | order 2025-06-01x30 | in      | out      | in    | out
an order of the day before               |            | 2025-06-01x90                           | order 2025-05-31x30 | in      | in       | out   | out
hospice ordered in 2026                  |            | 2025-06-01x90                           | hospice 2026-01-01  | in      | in       | out   | out
hospice ordered in 2025                  |            | 2025-06-01x90                           | hospice 2025-12-31  | in      | out      | in    | out
"""
HEADINGS, *LINES = rows(TABLE)


def _someone(born: str, dispenses: str, also: str) -> m.Person:
    kind, _, when = also.partition(" ")
    around = when if kind == "around" else "2025-06-01"
    onset = when if kind == "onset" else around
    facts: list[object] = [
        m.condition(onset, of="major-depression"),
        m.visit(when if kind == "visit" else around, of="office-visit"),
    ]
    for text in dispenses.split():
        on, _, days = text.partition("x")
        facts.append(m.dispense(on, float(days)))
    if kind == "order":
        on, _, days = when.partition("x")
        facts.append(m.order(on, float(days)))
    if kind == "hospice":
        facts.append(m.service(when))
    if around != "2025-06-01":
        facts[0] = m.condition(around, of="major-depression")
    return m.person(*facts, born=born or "1980-06-15")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_both_readings_of_a_whole_record_give_what_the_table_says(line: list[str]) -> None:
    """Each row gives its populations, as the measure computes and as a record shows that somebody vouches for."""
    _, born, dispenses, also, *expected = line
    found = m.result("CMS128", _someone(born, dispenses, also), whole=True)
    both = [
        m.words(found, "initial-population"),
        m.words(found, "denominator-exclusion"),
        m.words(found, "numerator"),
        m.words(found, "numerator", "Group_2"),
    ]
    assert [computed for computed, _ in both] == expected
    assert [shown for _, shown in both] == expected


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_nobody_is_known_to_have_started_where_the_record_may_lack_an_earlier_dispense(line: list[str]) -> None:
    """A record nobody vouches for never shows that a dispense was the first: in is unknown, out is so by age alone."""
    _, born, dispenses, also, *_ = line
    found = m.result("CMS128", _someone(born, dispenses, also))
    for kind, group in (("initial-population", "Group_1"), ("numerator", "Group_1"), ("numerator", "Group_2")):
        assert m.words(found, kind, group)[1] != "in"


def test_a_dispense_without_days_of_supply_leaves_the_numerator_open() -> None:
    """The measure passes over a dispense whose days it cannot know; to us the days supplied are then unknown."""
    someone = m.person(
        m.condition("2025-06-01", of="major-depression"),
        m.visit("2025-06-01", of="office-visit"),
        m.dispense("2025-06-01", 60),
        m.dispense("2025-07-31", None),
    )
    assert m.words(m.result("CMS128", someone, whole=True), "numerator") == ("out", "?")


def test_an_active_order_of_unknown_length_excludes_as_the_measure_computes() -> None:
    """The published logic takes it for one without beginning and end (checked with the reference); to us it is unknown."""
    someone = m.person(
        m.condition("2025-06-01", of="major-depression"),
        m.visit("2025-06-01", of="office-visit"),
        m.dispense("2025-06-01", 90),
        m.order("2024-12-01", None),
    )
    assert m.words(m.result("CMS128", someone, whole=True), "denominator-exclusion") == ("in", "?")
