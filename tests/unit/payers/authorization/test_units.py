"""Units used against units approved, counted from the chart as far as the chart can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.payers.authorization import DeskLimits, UnitUse, fold, treatment_record, unit_use
from inconcert.record import CodeSystem, MedicationEventKind, Person
from support.authorizations import APPROVED, SENT, entries, entry
from support.factories import attest, make_person, order, procedure

LIMITS = DeskLimits.of({})
ALL = "payers.authorization.all_sessions_recorded"
MARCH = [f"2026-03-{day:02}" for day in range(2, 28)]


def use(person: Person, day: str = "2026-04-01", also: Any = (), **facts: Any) -> UnitUse:
    """The use of 36 sessions of TMS approved from 1 March to 31 May 2026."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-08", "approve", APPROVED | facts))
    found = unit_use(fold(events, date.fromisoformat(day)), treatment_record(person), LIMITS, also)
    assert found is not None
    return found


def sessions(*days: str, code: str = "90868") -> list[Any]:
    """One TMS session a day."""
    return [procedure(code, day) for day in days]


def test_sessions_in_the_chart_are_counted_by_day_month_and_code() -> None:
    """Sessions within the approved dates count; what lies after the day asked about does not."""
    found = use(make_person(*sessions(*MARCH), *sessions("2026-03-01", code="90867"), *sessions("2026-04-02")))
    assert (found.used_low, found.left_most) == (27, 9)
    assert found.by_month == (("2026-03", 27),)
    assert dict(found.by_code) == {"90867": 1, "90868": 26}


def test_what_the_chart_does_not_show_is_not_denied() -> None:
    """Without a word that the chart holds every treatment, the count is a least one and nothing is said to be within limits."""
    found = use(make_person(*sessions(*MARCH[:3])))
    assert (found.used_high, found.left_least) == (None, None)
    assert found.over.answer is Answer.UNKNOWN
    assert found.over.question is not None
    assert found.over.question.id == ALL
    assert found.outside.answer is Answer.UNKNOWN


def test_an_attested_chart_can_be_counted_out() -> None:
    """Once somebody said that every treatment is in the chart, the count is exact and the limits are kept or not."""
    found = use(make_person(*sessions(*MARCH[:3]), attest(ALL, on="2026-04-01")))
    assert (found.used_low, found.used_high, found.left_least) == (3, 3, 33)
    assert [found.over.answer, found.outside.answer, found.few.answer] == [Answer.NOT_MET] * 3


def test_the_desk_itself_can_say_that_nothing_is_missing() -> None:
    """An entry that the chart holds every treatment makes the count exact up to its own day, and no further."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-08", "approve", APPROVED), ("2026-04-01", "counted"))
    record = treatment_record(make_person(*sessions(*MARCH[:3])))
    high = []
    for day in ("2026-04-01", "2026-04-02"):
        found = unit_use(fold(events, date.fromisoformat(day)), record, LIMITS)
        assert found is not None
        high.append(found.used_high)
    assert high == [3, None]


def test_an_old_word_does_not_cover_what_came_after() -> None:
    """That all was recorded in March says nothing of April."""
    assert use(make_person(*sessions(*MARCH[:3]), attest(ALL, on="2026-03-05"))).used_high is None


@pytest.mark.parametrize(("count", "few"), [(30, Answer.UNKNOWN), (31, Answer.MET), (36, Answer.MET)])
def test_units_that_run_out_are_said(count: int, few: Answer) -> None:
    """With five units left at most, the desk warns, whatever else the chart leaves out."""
    days = [
        date(2026, 3, 1).replace(day=1).fromordinal(date(2026, 3, 1).toordinal() + n).isoformat() for n in range(count)
    ]
    assert use(make_person(*sessions(*days)), "2026-05-01").few.answer is few


def test_more_than_was_approved_is_flagged() -> None:
    """Thirty-seven sessions under thirty-six approved are over the limit, for certain."""
    days = [date.fromordinal(date(2026, 3, 1).toordinal() + n).isoformat() for n in range(37)]
    found = use(make_person(*sessions(*days)), "2026-05-01")
    assert found.over.answer is Answer.MET
    assert found.left_most == 0
    assert len(found.over.basis.used) == 37


def test_treatment_on_days_that_are_not_approved_is_flagged() -> None:
    """A session after the request was started and before the approved dates, or after them, is named with its day."""
    found = use(make_person(*sessions("2025-06-01", "2026-02-20", "2026-03-02", "2026-06-01")), "2026-06-03")
    assert found.outside_days == (date(2026, 2, 20), date(2026, 6, 1))  # last year's course is another matter
    assert found.outside.answer is Answer.MET
    covered = use(make_person(*sessions("2026-06-01")), "2026-06-03", also=((date(2026, 6, 1), date(2026, 7, 1)),))
    assert covered.outside_days == ()


def test_two_records_of_one_day_widen_the_count() -> None:
    """With ordinary TMS a second record on a day may be a second session or the same one: between the two."""
    found = use(make_person(*sessions("2026-03-02", "2026-03-02", "2026-03-03"), attest(ALL, on="2026-04-01")))
    assert (found.used_low, found.used_high) == (2, 3)


def test_several_sessions_a_day_count_where_they_are_the_treatment() -> None:
    """Ten accelerated sessions on one day are ten; counted as visits they are one."""
    events = entries(("2026-02-01", "send", SENT))
    events[0] = replace(events[0], facts={"service": "accelerated_saint"})
    person = make_person(*sessions(*["2026-03-02"] * 10, code="0890T"), attest(ALL, on="2026-04-01"))
    for unit, used in (("sessions", 10), ("visits", 1)):
        approved = [*events, entry(5, "2026-02-08", "approve", APPROVED | {"unit": unit})]
        found = unit_use(fold(approved, date(2026, 4, 1)), treatment_record(person), LIMITS)
        assert found is not None
        assert (found.used_low, found.used_high) == (used, used)


def test_a_course_in_one_record_is_not_one_session() -> None:
    """A record over six weeks shows at least one session; how many is asked, not guessed."""
    found = use(make_person(procedure("90868", "2026-03-02", "2026-04-10"), attest(ALL, on="2026-05-01")), "2026-05-01")
    assert (found.used_low, found.used_high) == (1, None)
    assert found.over.question is not None
    assert found.over.question.id == "payers.authorization.sessions_in_record"


def test_an_administration_and_its_visit_are_one() -> None:
    """Esketamine given and billed on the same day is one visit."""
    events = entries(("2026-02-01", "send", SENT))
    events[0] = replace(events[0], facts={"service": "esketamine", "benefit": "medical"})
    events.append(entry(5, "2026-02-08", "approve", APPROVED | {"unit": "visits"}))
    given = replace(order("esketamine", "2026-03-02"), kind=MedicationEventKind.ADMINISTRATION, status="completed")
    billed = procedure("G2083", "2026-03-02", system=CodeSystem.HCPCS)
    found = unit_use(fold(events, date(2026, 4, 1)), treatment_record(make_person(given, billed)), LIMITS)
    assert found is not None
    assert found.used_low == 1


def test_packs_cannot_be_counted_from_treatments() -> None:
    """Where a unit is not a treatment, nothing is counted, and what a treatment takes is asked."""
    found = use(make_person(*sessions(*MARCH)), unit="packs")
    assert (found.used_low, found.used_high) == (0, None)
    assert found.over.question is not None
    assert found.over.question.id == "payers.authorization.unit"


@pytest.mark.parametrize(("day", "near"), [("2026-05-16", Answer.NOT_MET), ("2026-05-17", Answer.MET)])
def test_the_last_approved_day_is_said_beforehand(day: str, near: Answer) -> None:
    """Fourteen days before the end the desk warns, not fifteen."""
    assert use(make_person(), day).ending.answer is near


@given(data=st.data())
def test_taking_a_record_away_never_makes_an_unknown_certain(data: st.DataObject) -> None:
    """Over, outside and few: with any record gone an answer may become unknown; unknown never becomes an answer."""
    days = data.draw(st.lists(st.sampled_from([*MARCH, "2026-02-20", "2026-05-30"]), min_size=1, max_size=40))
    facts = [*sessions(*days), *data.draw(st.sampled_from([[], [attest(ALL, on="2026-06-30")]]))]
    units = data.draw(st.integers(1, 30))
    left_out = data.draw(st.integers(0, len(facts) - 1))
    whole = use(make_person(*facts), "2026-06-30", units=units)
    less = use(make_person(*facts[:left_out], *facts[left_out + 1 :]), "2026-06-30", units=units)
    attested = left_out == len(facts) - 1 and len(facts) > len(days)
    for name in ("over", "outside", "few"):
        before, after = getattr(whole, name).answer, getattr(less, name).answer
        assert not (before is Answer.UNKNOWN and after is not Answer.UNKNOWN), name
        if attested:
            assert after in (before, Answer.UNKNOWN), name
