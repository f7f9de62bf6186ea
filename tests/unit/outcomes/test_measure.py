"""Periods, names, statements that a record is whole, and counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from inconcert.judgement import Answer, Refusal
from inconcert.outcomes import CodeSets, Period, compute, count, evaluate, find_measure
from inconcert.outcomes.measure import record_count
from support import measures as m


def plain(*more: object, **fields: object) -> m.Person:
    """Somebody in the numerator of CMS159."""
    facts = (m.visit("2025-03-10"), m.condition(), m.phq9("2025-03-10", 14), m.phq9("2026-03-10", 3))
    return m.person(*facts, *more, **fields)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-07-01/2027-06-30", date(2026, 7, 1), date(2027, 6, 30)),
    ],
)
def test_a_period_is_a_year_or_two_days(text: str, first: date, last: date) -> None:
    """Both forms are read, both days included."""
    assert Period.parse(text) == Period(first, last)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-03", "next year", "2026/2027", "2026-12-31/2026-01-01", "0001"]
)
def test_another_form_of_period_is_refused_with_what_would_do(text: str) -> None:
    """The refusal repeats what was written and shows both forms."""
    with pytest.raises(Refusal, match="Mend: Write a year") as refusal:
        Period.parse(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize("name", ["CMS159", "cms159", " 159 ", "CMS159FHIR"])
def test_a_measure_is_found_by_the_names_people_use(name: str) -> None:
    """Case, blanks, the bare number and the FHIR suffix make no difference."""
    assert find_measure(name).id == "CMS159"


@pytest.mark.parametrize("name", ["CMS122", "", "depression"])
def test_an_unknown_measure_is_refused_with_those_there_are(name: str) -> None:
    """The refusal names the measures that can be computed."""
    with pytest.raises(Refusal, match="One of CMS2, CMS128, CMS159"):
        find_measure(name)


def test_a_statement_that_the_record_is_whole_settles_what_is_absent() -> None:
    """Without it the numerator is unknown and asks for it, with it the numerator is in."""
    alone = m.result("CMS159", plain())
    assert m.words(alone, "numerator") == ("in", "?")
    asked = {q.id for q in alone.population("numerator").ours.questions()}
    assert asked == {"outcomes.record_complete"}
    assert m.words(m.result("CMS159", plain(m.vouched())), "numerator") == ("in", "in")


def test_a_statement_holds_up_to_its_own_day() -> None:
    """Who vouched in January 2026 cannot know of a hospice order in March."""
    assert m.words(m.result("CMS159", plain(m.vouched("2026-01-15"))), "numerator")[1] == "?"


def test_a_statement_that_counts_the_records_falls_when_one_is_lost() -> None:
    """Four records vouched for and three found: the record is asked about again."""
    number = replace(m.vouched(), id="QuestionnaireResponse/2", question="outcomes.record_count", answer="", value=4.0)
    whole = plain(m.vouched(), number)
    assert record_count(whole) == 4
    assert m.words(m.result("CMS159", whole), "numerator")[1] == "in"
    less = replace(whole, conditions=())
    assert m.words(m.result("CMS159", less), "initial-population")[1] == "?"


def test_what_is_dated_after_the_day_of_asking_is_ignored() -> None:
    """Asked on 1 March, the score of 10 March is not there yet; and the window is still open, so it is not a no."""
    found = m.result("CMS159", plain(), whole=True, as_of=date(2026, 3, 1))
    assert m.words(found, "numerator") == ("out", "?")


def test_a_missing_value_set_is_named_with_oid_and_where_to_get_it() -> None:
    """Both readings are unknown and say which download they lack."""
    found = evaluate(plain(), replace(m.run("CMS159"), sets=CodeSets()))
    initial = found.population("initial-population")
    for reading in (initial.as_measure, initial.ours):
        assert reading.answer is Answer.UNKNOWN
        assert "Contact or Office Visit (2.16.840.1.113762.1.4.1080.5)" in reading.text
        assert "https://vsac.nlm.nih.gov" in reading.text
    assert "contact-or-office-visit" in found.lacking


def test_a_missing_value_set_that_nothing_turns_on_leaves_the_answer() -> None:
    """Nobody seen, nobody scored: no value set could put the person into the population."""
    found = evaluate(m.person(m.condition()), replace(m.run("CMS159"), sets=CodeSets()))
    assert m.words(found, "initial-population")[0] == "out"


def test_an_answer_shows_the_records_it_stands_on_and_those_rejected() -> None:
    """The numerator stands on the last score; an earlier refusal says why."""
    someone = plain(m.phq9("2026-08-01", 2))
    both = m.result("CMS159", someone, whole=True).population("numerator")
    assert "Observation/2026-03-10-3.0" not in {u.record_id for u in both.as_measure.basis.rejected}
    assert any(u.record_id.startswith("Observation/2026-03-10") for u in both.as_measure.basis.used)
    assert both.as_measure.basis.rule_version == "0.3.000"
    assert both.as_measure.basis.sources


def test_a_form_without_a_stated_total_counts_for_us_and_not_for_the_measure() -> None:
    """The measure sees a coded total only; nine answers are a total as well."""
    answers = tuple((str(n), 0.0) for n in range(1, 10))
    form = replace(m.phq9("2026-03-10", None), id="QuestionnaireResponse/9", items=answers)
    someone = m.person(m.visit("2025-03-10"), m.condition(), m.phq9("2025-03-10", 14), form)
    assert m.words(m.result("CMS159", someone, whole=True), "numerator") == ("out", "in")


def test_a_form_with_a_blank_item_leaves_the_numerator_open() -> None:
    """Eight zeros and a blank are 0 to 3, below five; with five points already they are 5 to 8, and with four, open."""
    found = []
    for points in (0.0, 4.0, 5.0):
        answers = (("1", min(points, 3.0)), ("2", points - min(points, 3.0)), *((str(n), 0.0) for n in range(3, 9)))
        form = replace(m.phq9("2026-03-10", None), id="QuestionnaireResponse/9", items=(*answers, ("9", None)))
        someone = m.person(m.visit("2025-03-10"), m.condition(), m.phq9("2025-03-10", 14), form)
        found.append(m.words(m.result("CMS159", someone, whole=True), "numerator")[1])
    assert found == ["in", "?", "out"]


def test_counts_add_up_to_the_people() -> None:
    """In, out and unknown together are everybody, in both readings."""
    results = [m.result("CMS159", someone) for someone in (plain(), plain(born=None), m.person())]
    for found in count(results):
        assert sum(found.as_measure.values()) == sum(found.ours.values()) == 3
    initial = next(c for c in count(results) if c.kind == "initial-population")
    assert initial.as_measure[Answer.MET] == 1


def test_a_person_of_unknown_birth_is_unknown_to_us() -> None:
    """The measure counts a missing birth date as too young; we ask for it."""
    found = m.result("CMS159", plain(born=None), whole=True)
    assert m.words(found, "initial-population") == ("out", "?")
    assert "date of birth" in found.population("initial-population").ours.text


def test_two_high_scores_of_the_same_time_leave_open_which_is_the_first() -> None:
    """Where it decides about the window which of two is the index score, we say unknown."""
    someone = m.person(
        m.visit("2025-03-10"), m.condition(), m.phq9("2025-03", 14), m.phq9("2025-03-08", 12), m.phq9("2026-05-07", 3)
    )
    assert m.words(m.result("CMS159", someone, whole=True), "numerator")[1] == "?"


@pytest.mark.parametrize("measure", ["CMS2", "CMS128", "CMS159"])
@pytest.mark.parametrize("someone", [plain(), plain(m.service("2026-01-04")), m.person(), m.person(m.visit(None))])
def test_the_short_form_computes_what_the_long_one_does(measure: str, someone: m.Person) -> None:
    """For very many people the official populations come without their grounds, and are the same."""
    long = {(p.group, p.kind): p.as_measure.answer for p in m.result(measure, someone).populations}
    assert compute(someone, m.run(measure)) == long
