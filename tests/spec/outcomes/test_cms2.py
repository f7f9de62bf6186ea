"""CMS2, screening for depression and follow-up, as a table.

Source: the measure's published logic (CMS2FHIRPCSDepressionScreenAndFollowUp 0.4.000, read 2026-11-22). Measurement
period 2026. Unless a row says otherwise: born 1980, a visit on 2026-06-21 from 08:00 to 08:30.
"""

from __future__ import annotations

import pytest

from support import measures as m
from support.payer_cases import rows

# `screen`: day, kind and result; `also`: what else is in the record.
TABLE = """
what                                   | born       | screen                        | also                          | initial | excluded | numerator | excepted
not screened                           |            |                               |                               | in      | out      | out       | out
negative on the day                    |            | 2026-06-21 adult negative     |                               | in      | out      | in        | out
negative fourteen days before          |            | 2026-06-07 adult negative     |                               | in      | out      | in        | out
negative fifteen days before           |            | 2026-06-06 adult negative     |                               | in      | out      | out       | out
negative the day after                 |            | 2026-06-22 adult negative     |                               | in      | out      | out       | out
positive and nothing more              |            | 2026-06-15 adult positive     |                               | in      | out      | out       | out
positive, medication that day          |            | 2026-06-15 adult positive     | drug 2026-06-21               | in      | out      | in        | out
positive, medication two days after    |            | 2026-06-15 adult positive     | drug 2026-06-23               | in      | out      | in        | out
positive, medication three days after  |            | 2026-06-15 adult positive     | drug 2026-06-24               | in      | out      | out       | out
positive, on medication already        |            | 2026-06-15 adult positive     | drug 2026-06-01x60            | in      | out      | in        | out
positive, medication used up           |            | 2026-06-15 adult positive     | drug 2026-05-01x30            | in      | out      | out       | out
positive, medication up to that day    |            | 2026-06-15 adult positive     | drug 2026-06-02x20            | in      | out      | out       | out
positive, referred                     |            | 2026-06-15 adult positive     | referral 2026-06-22           | in      | out      | in        | out
positive, followed up at the visit     |            | 2026-06-15 adult positive     | followup 2026-06-21T08:10:00Z | in      | out      | in        | out
positive, followed up after the visit  |            | 2026-06-15 adult positive     | followup 2026-06-21T08:31:00Z | in      | out      | out       | out
a grown-up with the teenagers' screen  |            | 2026-06-21 adolescent negative|                               | in      | out      | out       | out
aged twelve when the year began        | 2014-01-01 | 2026-06-21 adolescent negative|                               | in      | out      | in        | out
aged eleven when the year began        | 2014-01-02 | 2026-06-21 adolescent negative|                               | out     | out      | out       | out
aged sixteen, with the adults' screen  | 2009-01-02 | 2026-06-21 adult negative     |                               | in      | out      | out       | out
aged seventeen, with either screen     | 2009-01-01 | 2026-06-21 adult negative     |                               | in      | out      | in        | out
aged seventeen, teenagers' screen      | 2008-01-02 | 2026-06-21 adolescent negative|                               | in      | out      | in        | out
aged eighteen, teenagers' screen       | 2008-01-01 | 2026-06-21 adolescent negative|                               | in      | out      | out       | out
bipolar disorder before the visit      |            | 2026-06-21 adult negative     | bipolar 2026-06-20            | in      | in       | out       | out
bipolar disorder from that day         |            | 2026-06-21 adult negative     | bipolar 2026-06-21            | in      | out      | in        | out
declined                               |            |                               | declined 2026-06-21           | in      | out      | out       | in
a medical reason                       |            |                               | medical 2026-06-21            | in      | out      | out       | in
declined on another day                |            |                               | declined 2026-06-22           | in      | out      | out       | out
declined, screened all the same        |            | 2026-06-21 adult negative     | declined 2026-06-21           | in      | out      | in        | out
"""
HEADINGS, *LINES = rows(TABLE)


def _someone(born: str, screened: str, also: str) -> m.Person:
    visit = m.visit("2026-06-21T08:00:00Z", "2026-06-21T08:30:00Z", of="encounter-to-screen-for-depression")
    facts: list[object] = [visit]
    if screened:
        facts.append(m.screen(*screened.split()))
    kind, _, when = also.partition(" ")
    on, _, days = when.partition("x")
    if kind == "drug":
        facts.append(m.order(on, float(days) if days else 10, of="adult-depression-medications"))
    elif kind == "referral":
        facts.append(m.service(on, of="referral-for-adult-depression"))
    elif kind == "followup":
        facts.append(m.done(on, of="follow-up-for-adult-depression"))
    elif kind == "bipolar":
        facts.append(m.condition(on, of="bipolar-disorder"))
    elif kind:
        facts.append(m.not_screened(on, reason=kind))
    return m.person(*facts, born=born or "1980-06-15")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_both_readings_of_a_whole_record_give_what_the_table_says(line: list[str]) -> None:
    """Each row gives its populations, as the measure computes and as a record shows that somebody vouches for."""
    _, born, screened, also, *expected = line
    found = m.result("CMS2", _someone(born, screened, also), whole=True)
    kinds = ("initial-population", "denominator-exclusion", "numerator", "denominator-exception")
    both = [m.words(found, kind) for kind in kinds]
    assert [computed for computed, _ in both] == expected
    assert [shown for _, shown in both] == expected


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_record_nobody_vouches_for_never_shows_that_a_screen_was_the_last(line: list[str]) -> None:
    """A later screen may be missing: the numerator is unknown, or out by an exclusion, by age, or for want of a visit."""
    _, born, screened, also, *_ = line
    found = m.result("CMS2", _someone(born, screened, also))
    assert m.words(found, "numerator")[1] in {"?", "out"}
    assert m.words(found, "denominator-exception")[1] in {"?", "out"}


def test_a_visit_over_the_turn_of_the_year_does_not_count() -> None:
    """A visit must begin and end in the measurement period."""
    night = m.visit("2026-12-31T23:30:00-05:00", "2027-01-01T00:30:00-05:00", of="encounter-to-screen-for-depression")
    assert m.words(m.result("CMS2", m.person(night), whole=True), "initial-population") == ("out", "out")


@pytest.mark.parametrize(
    ("status", "abated", "computed", "shown"),
    [("active", None, "in", "in"), ("resolved", "2026-03-01", "in", "in"), ("resolved", None, "out", "in")],
)
def test_a_resolved_disorder_without_its_last_day_has_no_time_for_the_measure(
    status: str, abated: str | None, computed: str, shown: str
) -> None:
    """The published logic finds no time for it and does not exclude; we know when it began (checked with the reference)."""
    bipolar = m.condition("2026-02-11", of="bipolar-disorder", clinical_status=status, abatement=m.day(abated))
    someone = m.person(m.visit("2026-06-21", of="telephone-visits"), bipolar)
    assert m.words(m.result("CMS2", someone, whole=True), "denominator-exclusion") == (computed, shown)


@pytest.mark.parametrize("kind", ["encounter-diagnosis", "problem-list-item"])
def test_only_the_problem_list_excludes(kind: str) -> None:
    """A diagnosis of one encounter is no problem or health concern."""
    category = (m.Coding("http://terminology.hl7.org/CodeSystem/condition-category", kind),)
    bipolar = m.condition("2026-02-11", of="bipolar-disorder", categories=category)
    someone = m.person(m.visit("2026-06-21", of="telephone-visits"), bipolar)
    expected = "out" if kind == "encounter-diagnosis" else "in"
    assert m.words(m.result("CMS2", someone, whole=True), "denominator-exclusion") == (expected, expected)
