"""What the shortest way may name for a person and what never, what it says first, the plan as a whole, and what an answer hangs on."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies
from inconcert.payers import Case, Route, determine_plan, hinges, papers, readings
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.possible_drugs import antidepressants_left
from inconcert.payers.steps import PASSES_TIME
from inconcert.record import Allergy, CodeSystem, Coding, Origin
from support.factories import day, diagnosis, order, procedure, scale_form
from support.payer_cases import (
    COMPLETE,
    MIRTAZAPINE,
    SERTRALINE,
    VENLAFAXINE,
    approvable,
    ask,
    clear_person,
    failed,
    ill,
    make_case,
    say,
    two_failures,
)
from support.safe_person import screener

TMS, SPRAVATO = "optum-uhc-tms", "aetna-spravato"


def one_short(*facts: Any, **instead: str | float) -> Case:
    """One failure of two, the history complete, nothing else in the way."""
    return make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE, *facts, **instead))


def named(routes: tuple[Route, ...]) -> set[str]:
    """Every drug that any route names."""
    return {drug.drug for route in routes for step in route.steps for drug in step.drugs}


def left_out(routes: tuple[Route, ...]) -> str:
    """What any route says it left out, and why."""
    return "; ".join(why for route in routes for step in route.steps for why in step.left_out)


def test_a_further_trial_names_drugs_with_dose_and_weeks() -> None:
    """Each class still possible is named with its drugs, the adequate dose and the weeks the policy asks; one way, not one each."""
    (route,) = ask(TMS, one_short()).routes
    (step,) = route.steps
    venlafaxine = next(d for d in step.drugs if d.drug == "venlafaxine")
    assert (venlafaxine.drug_class, venlafaxine.dose_mg_per_day, venlafaxine.weeks) == ("SNRI", 150, 6)
    assert {len(chosen) for chosen in route.sets} == {1}
    assert len(route.sets) == readings.further_trials().most_classes
    assert (route.earliest, route.weeks) == (date(2027, 1, 3), 6)


@pytest.mark.parametrize(
    ("what", "never"),
    [
        ("an allergy to it", "venlafaxine"),
        ("a trial of it that failed", "sertraline"),
        ("a trial stopped for side effects", "duloxetine"),
        ("a trial whose outcome nobody knows", "bupropion"),
    ],
)
def test_a_drug_that_the_record_speaks_against_is_never_named(what: str, never: str) -> None:
    """A drug the record warns of, or that was tried however it ended, is left out, and the step says why."""
    warned = Allergy(id="AllergyIntolerance/1", origin=Origin(resource="AllergyIntolerance/1"), text="venlafaxine", kind="allergy",
                     clinical_status="active", verification_status="confirmed")  # fmt: skip
    tried = (
        failed("duloxetine", "2024-01-01", "2024-01-20", 60.0, outcome="intolerance", in_current_episode=False),
        failed("bupropion", "2023-01-01", "2023-03-01", 300.0, outcome="", improvement_percent=None, in_current_episode=False),
    )  # fmt: skip
    case = one_short(*tried)
    case = make_case(dataclasses.replace(case.person, allergies=(warned,)))
    routes = ask(SPRAVATO, case).routes
    assert routes, what
    assert never not in named(routes)
    assert f"{never}:" in left_out(routes)


def test_what_lowers_the_seizure_threshold_is_not_named_for_stimulation() -> None:
    """With every first class tried, a tricyclic may be named before esketamine and never before TMS."""
    tried = [failed(drug, "2020-01-01", "2020-01-20", mg, outcome="intolerance", in_current_episode=False)
             for drug, mg in (("venlafaxine", 150.0), ("desvenlafaxine", 50.0), ("duloxetine", 60.0), ("levomilnacipran", 40.0),
                              ("bupropion", 300.0), ("mirtazapine", 15.0), ("vortioxetine", 10.0), ("vilazodone", 40.0))]  # fmt: skip
    case = one_short(*tried)
    assert "nortriptyline" in named(ask(SPRAVATO, case).routes)
    assert ask(TMS, case).routes == ()
    left = antidepressants_left(Asked(policies()[TMS], CaseView(case), "rtms"))
    assert any(why.startswith("nortriptyline: lowers the seizure threshold") for why in left.left_out)


def test_with_a_seizure_disorder_on_record_bupropion_is_not_named() -> None:
    """A coded epilepsy leaves bupropion out, whatever is asked for."""
    epilepsy = diagnosis("G40.909", "2015-01-01")
    assert "bupropion" in named(ask(SPRAVATO, one_short()).routes)
    case = one_short(epilepsy)
    case = make_case(
        dataclasses.replace(
            case.person, attestations=tuple(a for a in case.person.attestations if "seizure" not in a.question)
        )
    )
    assert "bupropion" not in named(ask(SPRAVATO, case).routes)


def test_beside_a_monoamine_oxidase_inhibitor_no_drug_is_named() -> None:
    """While phenelzine is taken, no further antidepressant is put forward."""
    routes = ask(SPRAVATO, one_short(order("phenelzine", "2026-11-15", None, 60))).routes
    assert named(routes) == set()


def test_a_drug_that_helps_is_never_to_be_stopped() -> None:
    """Somebody whose present antidepressant is recorded to help is offered no further trial and no augmentation."""
    helping = failed("mirtazapine", "2026-05-01", None, 30.0, outcome="response", improvement_percent=60)
    found = ask(TMS, one_short(helping, order("mirtazapine", "2026-05-01", None, 30)))
    assert not [s for r in found.routes for s in r.steps if s.id.endswith((">trial", ">augment"))]


def test_a_class_that_failed_is_said_to_be_pointless_and_comes_last() -> None:
    """Where only classes that failed are left, the way is told, marked pointless, after every sensible one."""
    tried = [failed(drug, "2019-01-01", "2019-01-20", mg, outcome="intolerance", in_current_episode=False)
             for drug, mg in (("bupropion", 300.0), ("mirtazapine", 15.0), ("vortioxetine", 10.0), ("vilazodone", 40.0))]  # fmt: skip
    case = make_case(
        clear_person(*ill(), failed(*VENLAFAXINE, in_current_episode=False), failed(*SERTRALINE), COMPLETE, *tried)
    )
    routes = [r for r in ask(SPRAVATO, case).routes if r.steps[-1].drugs]
    assert [bool(r.pointless) for r in routes] == sorted(bool(r.pointless) for r in routes)
    assert any("has failed before" in r.pointless for r in routes)


def test_waiting_for_a_score_to_worsen_is_pointless() -> None:
    """A PHQ-9 below the cut would have to get worse; a scale that nobody took may be taken now. Only the first is pointless."""
    low = [scale_form("phq9", "2026-11-16", 12)]
    case = make_case(clear_person(*low, *two_failures()))
    for policy_id in ("tricare-tms", "bcbsm-tms", "florida-blue-tms", "medicare-l34522-tms", "aetna-tms"):
        if policy_id not in policies():
            continue
        for route in ask(policy_id, case).routes:
            for step in route.steps:
                if step.id.endswith("score:PHQ-9"):
                    assert "get worse" in step.pointless
                elif ">score:" in step.id:
                    assert not step.pointless


def test_who_may_be_acutely_suicidal_is_told_first_what_cannot_wait() -> None:
    """Every way that takes time opens with the clinician and the expedited review; a way for today does not take that time."""
    waiting = readings.further_trials().waiting
    person = clear_person(*ill(), failed(*SERTRALINE), COMPLETE, screener("1 2 3 4 5", on="2026-11-22"),
                          without=("payers.acute_suicidality",))  # fmt: skip
    routes = ask(TMS, make_case(person)).routes
    assert any(route.weeks for route in routes)
    for route in routes:
        assert route.caution.startswith(waiting) is bool(route.weeks)
        if route.weeks:
            assert "expedited review" in route.caution


def test_nobody_is_wished_worse() -> None:
    """No way to esketamine runs over acute suicidality, catatonia or a contraindication found to be there."""
    case = make_case(clear_person(*ill(), COMPLETE, without=("payers.acute", "payers.suicidal", "payers.hazard.")))
    said = {
        i for name in policies() for r in ask(name, case, as_written=True).routes for chosen in r.sets for i in chosen
    }
    assert said
    bad = (
        "payers.acute_suicidality=yes",
        "payers.suicidal_intent=yes",
        "payers.hazard.catatonia=yes",
        "payers.hazard.inanition=yes",
    )
    assert not [i for i in said if i.endswith(bad)]


def test_an_answer_that_the_clinic_cannot_change_is_no_way() -> None:
    """A diagnosis or a failed course, once answered, is never to be answered otherwise; what the clinic arranges may be."""
    against = {"payers.diagnosis.bipolar": "yes", "payers.psychotic_features": "yes", "payers.psychotherapy_failed": "no",
               "payers.prior_tms_important": "no", "payers.ect.applicable": "yes", "payers.clinic.pdmp_checked": "no"}  # fmt: skip
    put_forward = set()
    for question, answer in against.items():
        case = approvable(**{question: answer})
        for name in policies():
            for stage in ("initial", "retreatment"):
                routes = ask(name, case, stage=stage, as_written=True).routes
                put_forward |= {i for r in routes for chosen in r.sets for i in chosen if f"{question}=" in i}
    assert put_forward == {"say:payers.clinic.pdmp_checked=yes"}


def test_retreatment_waits_for_the_interval() -> None:
    """Sixty days after the last session, or half a year: the day is the one on which the interval is over."""
    case = approvable(**{"payers.days_since_tms": 30, "payers.prior_tms": "yes"})
    found = ask(TMS, case, stage="retreatment")
    assert found.answer is Answer.NOT_MET
    assert [(r.earliest, len(r.steps)) for r in found.routes] == [(date(2027, 4, 20), 1)]
    assert "180 days since the last TMS session" in found.routes[0].steps[0].text


def test_two_trials_are_dated_one_after_the_other() -> None:
    """Nothing tried yet and two failures asked: twelve weeks and a day, in one step that names two classes or more."""
    found = ask(TMS, make_case(clear_person(*ill(), COMPLETE)))
    route = found.routes[0]
    assert route.earliest == date(2027, 2, 15)
    assert "2 further trials of different classes" in route.steps[0].text
    assert {len(chosen) for chosen in route.sets} == {2}


def test_a_trial_that_only_passes_the_time_is_said_to_do_so() -> None:
    """Somebody who turns 18 in eight weeks: a second trial would get them there, and so would waiting."""
    person = clear_person(*ill(), failed(*SERTRALINE), COMPLETE)
    case = make_case(dataclasses.replace(person, birth=day("2009-01-15")))
    idle = [r for r in ask(TMS, case).routes if PASSES_TIME in r.pointless]
    assert idle
    assert all(len(r.sets[0]) > 1 for r in idle)
    assert not ask(TMS, case).routes[0].pointless


def test_the_plan_has_one_way_for_both_parts() -> None:
    """One trial short of both policies: one trial turns both; the pair is asked in writing."""
    plan = determine_plan(one_short(), ("rtms", "esketamine"), {"rtms": TMS, "esketamine": SPRAVATO})
    assert {d.answer for d in plan.parts} == {Answer.NOT_MET}
    best = plan.routes[0]
    assert len(best.sets[0]) == 1
    assert {s.split("/")[0] for s in best.steps[0].settles} == {TMS, SPRAVATO}
    assert plan.pair_allowed is Answer.UNKNOWN
    assert "ask:payers.pair_policy" in {s.id for s in plan.shortest_way}


def test_a_barred_pair_is_planned_one_after_the_other() -> None:
    """Where one policy bars the pair, every way for the plan takes it apart."""
    plan = determine_plan(one_short(), ("rtms", "esketamine"), {"rtms": "centene-ambetter-tms", "esketamine": SPRAVATO})
    assert plan.pair_allowed is Answer.NOT_MET
    assert plan.routes
    assert all(any(i.startswith("apart:") for i in chosen) for r in plan.routes for chosen in r.sets)


def test_a_plan_with_a_part_that_has_no_policy_has_no_way() -> None:
    """What nobody can be asked about cannot be searched: the plan says so by having none."""
    plan = determine_plan(one_short(), ("rtms", "esketamine"), {"rtms": TMS})
    assert (plan.routes, plan.shortest_way) == ((), ())


def test_a_met_answer_hangs_on_the_facts_that_no_other_makes_up_for() -> None:
    """Two failures of two: each is a hinge. With a third failure none of the three is."""
    case = approvable(COMPLETE)
    found = ask(TMS, case)
    assert found.answer is Answer.MET
    told = [h for h in hinges(found, case) if "have helped" in h.text]
    assert {h.text.split()[0] for h in told} == {"Sertraline", "Venlafaxine"}
    assert {h.becomes for h in told} == {Answer.NOT_MET}
    assert all(h.record_id for h in told)
    spare = approvable(failed(*MIRTAZAPINE), COMPLETE)
    assert not [h for h in hinges(ask(TMS, spare), spare) if "have helped" in h.text]


def test_a_refusal_hangs_on_the_single_facts_that_would_lift_it() -> None:
    """For a refusal the hinges are the ways of one fact, with the earliest day of each."""
    case = one_short(order("mirtazapine", "2026-11-01", None, 30))
    found = ask(TMS, case)
    told = hinges(found, case)
    assert told
    assert told[0].becomes is Answer.MET
    assert told[0].earliest == date(2026, 12, 12)


def test_papers_are_asked_for_once_with_all_they_settle() -> None:
    """Questions that one document settles make one request, to whoever has it; psychotherapy notes are never asked for."""
    case = make_case(
        clear_person(
            *ill(),
            order("sertraline", "2025-03-01", None, 100),
            without=("payers.psychotherapy_trial", "payers.dsm_confirmed"),
        )
    )
    wanted = papers([ask(name, case, as_written=True) for name in policies()])
    assert len({(p.document, p.whom) for p in wanted}) == len(wanted)
    assert [len(p.settles) for p in wanted] == sorted((len(p.settles) for p in wanted), reverse=True)
    therapist = next(p for p in wanted if p.whom == "the therapist")
    assert "psychotherapy notes stay with the therapist" in therapist.document
    assert any("pharmacy" in p.whom for p in wanted)


def test_every_question_has_somebody_to_ask() -> None:
    """Each question that any policy asks names a document and who has it."""
    nobody = make_case(clear_person(without=("payers.", "staging.")))
    for name in policies():
        for step in ask(name, nobody, as_written=True).shortest_way:
            if step.id.startswith("ask:"):
                assert step.document, step.id
                assert step.whom, step.id


def test_an_earlier_course_by_its_procedures_is_waited_for() -> None:
    """The day also follows from the sessions in the chart, where nobody said how many days it has been."""
    case = make_case(
        clear_person(*ill(), *two_failures(), procedure("90868", "2026-10-01"), say("payers.prior_tms", "yes"),
                     without=("payers.days_since_tms",))
    )  # fmt: skip
    found = ask(TMS, case, stage="retreatment")
    assert [r.earliest for r in found.routes] == [date(2027, 3, 30)]


def test_codes_of_a_supposed_diagnosis_are_icd_10_cm() -> None:
    """Where no depression is coded, the code put forward is one that the policy lists."""
    coded = Coding(CodeSystem.ICD10CM, "F33.2")
    assert coded.system == CodeSystem.ICD10CM
    person = dataclasses.replace(clear_person(*ill(), *two_failures()), conditions=())
    ids = {
        i
        for name in policies()
        for r in ask(name, make_case(person)).routes
        for c in r.sets
        for i in c
        if i.startswith("code:")
    }
    assert ids <= {f"code:{code}" for code in ("F33.2", "F32.2")}
