"""The shortest way: what is proposed, from which day, and what is never proposed."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies
from inconcert.payers import Case, readings, shortest_way
from inconcert.record import Allergy, Origin
from support.factories import day, order
from support.payer_cases import COMPLETE, SERTRALINE, VENLAFAXINE, approvable, ask, clear_person, failed, ill, make_case
from support.safe_person import screener


def one_short(*facts: Any, mirtazapine_since: str = "", **instead: str | float) -> Case:
    """One failure of two, complete history, perhaps mirtazapine running at an adequate dose."""
    running = [order("mirtazapine", mirtazapine_since, None, 30)] if mirtazapine_since else []
    return make_case(clear_person(*ill(), failed(*SERTRALINE), *running, COMPLETE, *facts, **instead))


def test_the_present_drug_names_the_day_it_is_long_enough() -> None:
    """Mirtazapine 30 mg since 1 November 2026: 12 December is the 42nd day; the day is earned, not guessed."""
    case = one_short(mirtazapine_since="2026-11-01")
    found = ask("optum-uhc-tms", case)
    assert found.answer is not Answer.MET
    timed = [s for s in found.shortest_way if s.kind == "time"]
    assert [s.earliest for s in timed] == [date(2026, 12, 12)]
    assert "12 December 2026" in timed[0].text
    assert "has not helped" in timed[0].text


def test_on_that_day_the_trial_is_long_enough() -> None:
    """Asked again on the day named, with the outcome recorded, the criterion is met; a day before it is not."""
    for on, expected in ((date(2026, 12, 12), Answer.MET), (date(2026, 12, 11), Answer.NOT_MET)):
        taken = failed("mirtazapine", "2026-11-01", on.isoformat(), 30)
        person = clear_person(*ill(), failed(*SERTRALINE), taken, COMPLETE)
        found = ask("optum-uhc-tms", make_case(person, on))
        leaf = found.criteria.parts[3].parts[0]
        assert leaf.answer is expected, leaf.text


def test_a_drug_of_the_same_class_is_no_way_where_classes_must_differ() -> None:
    """Citalopram beside sertraline makes no second class, so waiting for it is not proposed."""
    case = make_case(clear_person(*ill(), failed(*SERTRALINE), order("citalopram", "2026-11-01", None, 40), COMPLETE))
    found = ask("optum-uhc-tms", case)
    assert not [s for s in found.shortest_way if s.kind == "time"]


def test_a_drug_the_record_warns_of_is_never_proposed() -> None:
    """With an allergy to mirtazapine recorded, waiting for mirtazapine is not proposed."""
    case = one_short(mirtazapine_since="2026-11-01")
    warned = Allergy(id="AllergyIntolerance/1", origin=Origin(resource="AllergyIntolerance/1"), text="mirtazapine", kind="allergy",
                     clinical_status="active", verification_status="confirmed")  # fmt: skip
    case = dataclasses.replace(case, person=dataclasses.replace(case.person, allergies=(warned,)))
    steps = [s for r in ask("optum-uhc-tms", case).routes for s in r.steps]
    assert not [s for s in steps if "irtazapine" in s.text]


def test_waiting_is_never_the_answer_for_the_acutely_suicidal() -> None:
    """Every dated step carries the caution first; without the risk it does not."""
    for calm in (True, False):
        yes = "" if calm else "1 2 3 4 5"
        case = make_case(
            clear_person(
                *ill(),
                failed(*SERTRALINE),
                COMPLETE,
                screener(yes, on="2026-11-22"),
                without=("payers.acute_suicidality",),
            )
        )
        dated = [s for s in ask("optum-uhc-tms", case).shortest_way if s.earliest is not None]
        assert dated
        assert all(s.caution.startswith(readings.further_trials().waiting) is not calm for s in dated)


def test_a_further_trial_is_dated_and_cautioned() -> None:
    """With one failure of two and nothing running, a further trial takes six weeks from the day asked."""
    found = ask("optum-uhc-tms", one_short())
    further = [s for r in found.routes for s in r.steps if s.id.endswith(">trial")]
    assert further
    assert further[0].earliest == date(2026, 11, 22) + timedelta(weeks=6)
    assert "not to satisfy a payer" in further[0].caution


def test_a_birthday_is_dated() -> None:
    """Somebody of 17 is 18 on their birthday, one born on 29 February on 1 March; somebody of 70 does not grow younger."""
    for born, on in (("2009-01-15", date(2027, 1, 15)), ("2012-02-29", date(2030, 3, 1))):
        person = dataclasses.replace(approvable().person, birth=day(born))
        steps = [s for r in ask("optum-uhc-tms", make_case(person)).routes for s in r.steps]
        assert [s.earliest for s in steps] == [on]
    old = dataclasses.replace(approvable().person, birth=day("1950-01-01"))
    found = ask("florida-blue-tms", make_case(old))
    assert found.answer is Answer.NOT_MET
    assert found.routes == ()
    assert found.shortest_way == ()


def test_two_things_wrong_are_one_route_of_two_steps() -> None:
    """One trial short and no psychotherapy: every route needs both, and is as late as the later of them."""
    found = ask("optum-uhc-tms", one_short(**{"payers.psychotherapy_trial": "no"}))
    assert found.routes
    for route in found.routes:
        assert len(route.steps) == 2
        assert route.earliest == max(s.earliest for s in route.steps if s.earliest)


def test_unknowns_become_questions_each_once() -> None:
    """What is unknown is asked once, with every criterion it would settle."""
    bare = make_case(clear_person(*ill(), failed(*SERTRALINE), failed(*VENLAFAXINE), without=("payers.",)))
    found = ask("optum-uhc-tms", bare)
    assert found.answer is Answer.UNKNOWN
    asked = [s for s in found.shortest_way if s.kind in ("question", "document")]
    assert len({(s.id, s.text) for s in asked}) == len(asked)
    assert {q.id for q in found.missing} == {s.id.removeprefix("ask:") for s in asked}
    assert all(s.settles for s in asked)


def test_what_is_met_needs_nothing() -> None:
    """A met determination proposes nothing and misses nothing."""
    found = ask("optum-uhc-tms", approvable())
    assert found.answer is Answer.MET
    assert (found.missing, found.shortest_way, found.routes) == ((), (), ())


def test_ketamine_planned_together_is_planned_apart() -> None:
    """Where the pair is the bar, the way is one treatment after the other."""
    found = ask("centene-ambetter-tms", approvable(), together_with=("esketamine",))
    assert found.answer is Answer.NOT_MET
    assert "one after the other" in found.shortest_way[0].text


def test_shortest_way_works_from_a_determination() -> None:
    """The steps can be had again from a determination and its case."""
    case = one_short()
    found = ask("optum-uhc-tms", case)
    assert shortest_way(found, case) == found.shortest_way


@pytest.mark.parametrize("name", list(policies()))
def test_no_policy_proposes_a_step_without_text_or_aim(name: str) -> None:
    """Each step of each policy says what to do and which criterion it settles."""
    found = ask(name, one_short(), as_written=True)
    for step in (*found.shortest_way, *(s for r in found.routes for s in r.steps)):
        assert step.text
        assert step.settles
