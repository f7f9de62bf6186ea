"""What coverage policies of these services say elsewhere, and how it is said here: clause, criteria, people, answers.

The clauses are invented after real ones that the 57 policies do not hold (shared brief on policies, section 1, and what
prior authorization forms ask). Everybody is asked about on 22 November 2026; answers were given the day before.
"""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.payers import Case, describe
from support.clause import ask_clause, policy_of
from support.factories import attest, day, dispense, make_person, measurement, order, phq9, procedure, scale_form
from support.payer_cases import (
    COMPLETE,
    DEPRESSED,
    ESCITALOPRAM,
    MIRTAZAPINE,
    SERTRALINE,
    VENLAFAXINE,
    failed,
    make_case,
    say,
)

ANSWERS = {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}


def person(*facts: Any, **more: Any) -> Case:
    """Somebody with depression and only these facts."""
    return make_case(make_person(DEPRESSED, *facts, **more))


SERT, VEN, ESC, MIRT = (failed(*t) for t in (SERTRALINE, VENLAFAXINE, ESCITALOPRAM, MIRTAZAPINE))
LOW_SERT = failed("sertraline", "2025-03-01", "2025-06-30", 100)
OLD_SERT = failed("sertraline", "2019-03-01", "2019-06-30", 200, in_current_episode=False)
RUNNING_VEN = failed("venlafaxine", "2026-08-10", None, 225)
SERT_BAD = failed("sertraline", "2025-03-01", "2025-04-05", 200, outcome="intolerance", improvement_percent=None)
LITHIUM = (order("sertraline", "2025-03-01", "2025-08-30", 200),
           order("lithium carbonate", "2025-04-20", "2025-08-30", 900), COMPLETE)  # fmt: skip
BUPROPION_ADDED = (failed(*SERTRALINE), failed("bupropion", "2025-03-20", "2025-06-30", 300), COMPLETE)
NOW_ON_SERT = (order("sertraline", "2026-09-01", None, 150),
               *(dispense("sertraline", on, 30, 150) for on in ("2026-09-01", "2026-10-01", "2026-10-31")))  # fmt: skip


def scores(*pairs: tuple[str, float], scale: str = "phq9") -> Case:
    """Somebody with these totals of one scale."""
    return person(*(scale_form(scale, on, total) for on, total in pairs))


def told(**answers: str | float) -> Case:
    """Somebody who answered these payers' questions (dots written as two underscores) and of whom nothing else is known."""
    return person(*(say("payers." + q.replace("__", "."), a) for q, a in answers.items()))


PEOPLE: dict[str, Case] = {
    "nobody known": person(),
    # ── medication trials ──
    "two failures": person(SERT, VEN, COMPLETE),
    "two failures, not attested": person(SERT, VEN),
    "said to be separate": person(SERT, VEN, say("payers.trials_separate", "yes")),
    "two SSRI": person(SERT, ESC, COMPLETE),
    "SSRI and NaSSA": person(SERT, MIRT, COMPLETE),
    "half the dose": person(LOW_SERT, VEN, COMPLETE),
    "one long ago": person(OLD_SERT, VEN, COMPLETE),
    "one still taken": person(SERT, RUNNING_VEN, COMPLETE),
    "one not borne": person(SERT_BAD, COMPLETE),
    "bupropion added": person(*BUPROPION_ADDED),
    "lithium added": person(*LITHIUM),
    "nothing added": person(SERT, COMPLETE),
    "patch": person(failed("selegiline transdermal", "2025-03-01", "2025-06-30", 12), COMPLETE),
    "on sertraline": person(*NOW_ON_SERT),
    # ── scores ──
    "high twice": scores(("2026-11-01", 22), ("2026-11-18", 21)),
    "high twice in a week": scores(("2026-11-12", 22), ("2026-11-18", 21)),
    "high once": scores(("2026-11-18", 21)),
    "high, then low": scores(("2026-11-01", 22), ("2026-11-18", 9)),
    "high for nine weeks": scores(("2026-09-14", 20), ("2026-10-12", 17), ("2026-11-16", 18)),
    "high for three weeks": scores(("2026-10-26", 20), ("2026-11-16", 18)),
    "well five weeks ago": scores(("2026-09-14", 20), ("2026-10-18", 6), ("2026-11-16", 18)),
    "halved": scores(("2026-08-01", 24), ("2026-11-16", 12)),
    "a third better": scores(("2026-08-01", 24), ("2026-11-16", 16)),
    "relapsed": scores(("2026-02-01", 22), ("2026-06-01", 5), ("2026-11-16", 15)),
    "both raters": person(phq9("2026-11-16", 21), scale_form("madrs", "2026-11-16", 36)),
    "self rating only": scores(("2026-11-16", 21)),
    "anxious only": scores(("2026-11-16", 17), scale="gad7"),
    # ── told ──
    "one course": told(count__tms_courses=1), "two courses": told(count__tms_courses=2), "no course": told(count__tms_courses=0),
    "30 sessions this year": told(count__tms_sessions_12_months=30), "40 sessions this year": told(count__tms_sessions_12_months=40),
    "session on record": person(procedure("90868", "2026-10-20")),
    "ketamine last week": told(days_since__ketamine=6), "ketamine last month": told(days_since__ketamine=30),
    "ECT refused": told(ect__refused="yes", ect__failed="no", ect__contraindicated="no"),
    "ECT none of these": told(ect__refused="no", ect__failed="no", ect__contraindicated="no"),
    "ECT failed": told(ect__failed="yes"),
    "sees a nurse practitioner": told(clinic__prescriber_specialty="pmhnp"), "sees another": told(clinic__prescriber_specialty="other"),
    "seen by video": told(evaluation_visit="telehealth"), "seen in person": told(evaluation_visit="in_person"),
    "office": told(clinic__place_of_service="11"), "home": told(clinic__place_of_service="12"),
    "Ohio": person(region="OH"), "Texas": person(region="Texas"), "moved to Ohio": told(home_state="US-OH"),
    "in network": told(clinic__network_contracted="yes"), "out of network": told(clinic__network_contracted="no"),
    "Medicaid plan": told(line_of_business="medicaid_mco"), "commercial plan": told(line_of_business="commercial"),
    "seizure last spring": told(days_since__seizure=200), "no seizure ever": told(days_since__seizure=9999),
    "seizure two years ago": told(days_since__seizure=730),
    "said long ago": person(attest("payers.days_since.seizure", "", "2026-01-02", value=9999.0)),
    "drank last month": told(days_since__alcohol_use=30), "sober half a year": told(days_since__alcohol_use=180),
    "screen clean": told(test__urine_drug_screen="negative", test_days__urine_drug_screen=10),
    "screen old": told(test__urine_drug_screen="negative", test_days__urine_drug_screen=45),
    "screen positive": told(test__urine_drug_screen="positive", test_days__urine_drug_screen=10),
    "CBT, 14 sessions": told(psychotherapy_trial="yes", psychotherapy_kind="cbt", psychotherapy_sessions=14),
    "CBT, 4 sessions": told(psychotherapy_trial="yes", psychotherapy_kind="cbt", psychotherapy_sessions=4),
    "another therapy": told(psychotherapy_trial="yes", psychotherapy_kind="other", psychotherapy_sessions=20),
    "no therapy": told(psychotherapy_trial="no"),
    "acute": told(acute_suicidality="yes"), "not acute": told(acute_suicidality="no"),
    "eating disorder": told(hazard__eating_disorder="yes"), "no eating disorder": told(hazard__eating_disorder="no"),
    # ── measured, aged, of a sex ──
    "pressure 150": person(measurement("8480-6", 150, "mm[Hg]", "2026-11-20")),
    "pressure 138": person(measurement("8480-6", 138, "mm[Hg]", "2026-11-20")),
    "pressure 150 in spring": person(measurement("8480-6", 150, "mm[Hg]", "2026-04-20")),
    "BMI 41": person(measurement("39156-5", 41, "kg/m2", "2026-11-01")), "BMI 24": told(measured__body_mass_index=24),
    "weighs 120 lb": person(measurement("29463-7", 120, "[lb_av]", "2026-11-01")),
    "girl of 16": person(birth=day("2010-05-01")), "man": person(sex="male"), "woman": person(sex="female"),
    "woman, tested": person(say("payers.test.pregnancy_test", "negative"), say("payers.test_days.pregnancy_test", 3), sex="female"),
    "ill for a year": person(), "episode of unknown length": make_case(make_person()),
    # ── the policy's own questions ──
    "has a carer": person(attest("payers.statement.escort_home", "yes", "2026-11-21")),
    "has no carer": person(attest("payers.statement.escort_home", "no", "2026-11-21")),
    "had a carer once": person(attest("payers.statement.escort_home", "yes", "2025-01-21")),
    "GAF 45": person(attest("payers.number.gaf", "", "2026-11-21", value=45.0)),
    "GAF 60": person(attest("payers.number.gaf", "", "2026-11-21", value=60.0)),
}  # fmt: skip

# (clause in our words, criteria, answers by person)
CLAUSES: list[tuple[str, str, str]] = [
    ("two trials of eight weeks at 60 percent of the label's highest dose", """
        {fact: adequate_antidepressant_trials, at_least: 2, min_weeks: 8, dose_pct_of_label_max: 60}
     """, "two failures: met; half the dose: no; two failures, not attested: met; nobody known: unknown"),
    ("at least one SNRI among two failed trials", """
        all:
          - {fact: adequate_antidepressant_trials, at_least: 2}
          - {fact: adequate_antidepressant_trials, at_least: 1, classes: [SNRI]}
     """, "two failures: met; two SSRI: no; SSRI and NaSSA: no; nobody known: unknown"),
    ("a trial of bupropion does not count", """
        {fact: adequate_antidepressant_trials, at_least: 2, excluded_drugs: [bupropion]}
     """, "two failures: met; bupropion added: no"),
    ("two trials of classes named as SSRI, SNRI or TCA", """
        {fact: adequate_antidepressant_trials, at_least: 2, distinct_classes: 2, classes_named: [SSRI, SNRI, TCA]}
     """, "two failures: met; SSRI and NaSSA: unknown; nothing added: no"),
    ("two separate trials: drugs taken together are one", """
        {fact: adequate_antidepressant_trials, at_least: 2, separate_trials: true}
     """, "two failures: met; bupropion added: unknown; two failures, not attested: unknown; said to be separate: met; nothing added: no"),
    ("an oral antidepressant failed", """
        {fact: adequate_antidepressant_trials, at_least: 1, route: oral}
     """, "two failures: met; patch: no"),
    ("two trials within five years", """
        {fact: adequate_antidepressant_trials, at_least: 2, within_months: 60}
     """, "two failures: met; one long ago: no"),
    ("two trials that have ended", """
        {fact: adequate_antidepressant_trials, at_least: 2, ended: true}
     """, "two failures: met; one still taken: unknown; nothing added: no"),
    ("an SSRI not tolerated within two years", """
        {fact: medication_intolerance, at_least: 1, classes: [SSRI], within_months: 24}
     """, "one not borne: met; two failures: no; nobody known: unknown"),
    ("augmentation with lithium or an antipsychotic failed within 24 months", """
        {fact: augmentation_trials, at_least: 1, drugs: [lithium], classes: [SGA], within_months: 24}
     """, "lithium added: met; nothing added: no; bupropion added: no; nobody known: unknown"),
    ("that augmentation failed, and was not only tried", """
        {fact: augmentation_trials, at_least: 1, drugs: [lithium], outcome: failed}
     """, "lithium added: unknown; nothing added: no"),
    ("PHQ-9 of 20 or more on two occasions two weeks apart within 30 days", """
        fact: severity_score
        any_of: [{scale: PHQ-9, op: ">=", value: 20}]
        times: 2
        days_apart: 14
        within_days: 30
     """, "high twice: met; high twice in a week: unknown; high once: unknown; high, then low: no; nobody known: unknown"),
    ("PHQ-9 above 15 without a break for eight weeks", """
        {fact: severity_score, any_of: [{scale: PHQ-9, op: ">", value: 15}], persisted_weeks: 8}
     """, "high for nine weeks: met; high for three weeks: unknown; well five weeks ago: no; high, then low: no"),
    ("worst PHQ-9 of the last 30 days is 20 or more", """
        {fact: severity_score, any_of: [{scale: PHQ-9, op: ">=", value: 20}], over: worst, within_days: 30}
     """, "high, then low: met; high for nine weeks: no; nobody known: unknown"),
    ("improved by half since the first score", """
        {fact: score_change, scales: [PHQ-9], direction: improvement, op: ">=", value: 50, unit: percent}
     """, "halved: met; a third better: no; high once: unknown; nobody known: unknown"),
    ("relapse: ten points or more above the best score", """
        {fact: score_change, scales: [any], direction: worsening, op: ">=", value: 10, unit: points, since: best}
     """, "relapsed: met; halved: no; high once: unknown"),
    ("a clinician's rating and the person's own, both severe", """
        all:
          - {fact: severity_score, any_of: [{scale: MADRS, op: ">=", value: 35}, {scale: HAM-D, op: ">=", value: 24}]}
          - {fact: severity_score, any_of: [{scale: PHQ-9, op: ">=", value: 20}, {scale: QIDS-SR, op: ">=", value: 16}]}
     """, "both raters: met; self rating only: unknown; high, then low: unknown"),
    ("an anxiety score is no baseline of depression", """
        {fact: rating_scale_documented, timing: [baseline]}
     """, "self rating only: met; anxious only: unknown"),
    ("no more than one earlier course in a lifetime (cap of two)", """
        {fact: treatment_count, of: tms_courses, at_most: 1}
     """, "one course: met; two courses: no; no course: met; nobody known: unknown"),
    ("at most 36 sessions in twelve months", """
        {fact: treatment_count, of: tms_sessions, at_most: 35, within_months: 12}
     """, "30 sessions this year: met; 40 sessions this year: no; session on record: unknown"),
    ("last TMS session at least 90 days ago", """
        not: {fact: recent_treatment, agents: [tms], within_days: 90}
     """, "session on record: no; nobody known: unknown"),
    ("no ketamine infusion within 14 days", """
        not: {fact: recent_treatment, agents: [ketamine_infusion], within_days: 14}
     """, "ketamine last week: no; ketamine last month: met; nobody known: unknown"),
    ("an antidepressant by mouth, for four weeks or more", """
        {fact: concurrent_therapy, agents: [oral_antidepressant], required: true, min_weeks: 4}
     """, "on sertraline: met; nobody known: unknown"),
    ("ECT failed, was refused, or is contraindicated", """
        {fact: ect_status, any_of: [failed, refused, contraindicated]}
     """, "ECT refused: met; ECT failed: met; ECT none of these: no; nobody known: unknown"),
    ("ordered by a psychiatrist or a psychiatric nurse practitioner", """
        {fact: prescriber, specialty: [psychiatrist, pmhnp]}
     """, "sees a nurse practitioner: met; sees another: no; nobody known: unknown"),
    ("no telehealth for the ordering visit", """
        {fact: evaluation_visit, is: in_person}
     """, "seen in person: met; seen by video: no; nobody known: unknown"),
    ("billed from an office or an outpatient hospital", """
        {fact: place_of_service, codes: ["11", "22"]}
     """, "office: met; home: no; nobody known: unknown"),
    ("the person lives in Ohio or Michigan", """
        {fact: located_in, who: person, states: [US-OH, US-MI]}
     """, "Ohio: met; moved to Ohio: met; Texas: no; nobody known: unknown"),
    ("the clinic is in network, or the plan is Medicaid", """
        any:
          - {fact: network_status, is: contracted}
          - {fact: line_of_business, is_one_of: [medicaid_ffs, medicaid_mco]}
     """, "in network: met; Medicaid plan: met; commercial plan: unknown; out of network: unknown; nobody known: unknown"),
    ("15 to 17 for depression goes to review, 18 and over is covered", """
        any:
          - {label: adult, all: [{fact: age, min: 18}, {fact: diagnosis, condition: mdd}]}
          - label: adolescent
            all: [{fact: age, min: 15, max: 17}, {fact: diagnosis, condition: mdd}, {fact: individual_review, why: under 18}]
     """, "girl of 16: unknown; two failures: met"),
    ("from 2027 on one trial is enough, before that two", """
        any:
          - {fact: adequate_antidepressant_trials, at_least: 2}
          - all:
              - {fact: service_date, on_or_after: 2027-01-01}
              - {fact: adequate_antidepressant_trials, at_least: 1}
     """, "two failures: met; nothing added: no; nobody known: unknown"),
    ("a woman has a negative pregnancy test of the last 7 days", """
        any:
          - {fact: sex, is: male}
          - {fact: test_result, of: pregnancy_test, result: negative, within_days: 7}
     """, "man: met; woman: unknown; woman, tested: met"),
    ("body mass index below 40", """
        {fact: measurement, of: body_mass_index, op: "<", value: 40}
     """, "BMI 24: met; BMI 41: no; nobody known: unknown"),
    ("weight of at least 50 kg", """
        {fact: measurement, of: body_weight_kg, op: ">=", value: 50}
     """, "weighs 120 lb: met; nobody known: unknown"),
    ("systolic pressure of at most 140 within 30 days", """
        {fact: measurement, of: systolic_mmhg, op: "<=", value: 140, valid_days: 30}
     """, "pressure 138: met; pressure 150: no; pressure 150 in spring: unknown"),
    ("free of seizures for twelve months", """
        not: {fact: recent_event, of: seizure, within_days: 365}
     """, "seizure two years ago: met; no seizure ever: met; seizure last spring: no; said long ago: unknown; nobody known: unknown"),
    ("no alcohol for three months", """
        not: {fact: recent_event, of: alcohol_use, within_days: 90}
     """, "sober half a year: met; drank last month: no; nobody known: unknown"),
    ("a clean urine drug screen within 30 days", """
        {fact: test_result, of: urine_drug_screen, result: negative, within_days: 30}
     """, "screen clean: met; screen positive: no; screen old: unknown; nobody known: unknown"),
    ("twelve sessions of CBT or interpersonal therapy", """
        {fact: psychotherapy_trial, at_least: 1, kinds: [cbt, interpersonal_therapy], min_sessions: 12}
     """, "CBT, 14 sessions: met; CBT, 4 sessions: no; another therapy: no; no therapy: no; nobody known: unknown"),
    ("acute suicidality stands in for the trials", """
        any:
          - {fact: suicidality, level: acute_ideation_or_behavior}
          - {fact: adequate_antidepressant_trials, at_least: 2}
     """, "acute: met; two failures: met; not acute: unknown; nobody known: unknown"),
    ("no eating disorder, unless a reviewer looks at it", """
        not: {fact: medical_condition, kinds: [eating_disorder]}
        unless: {fact: individual_review, why: eating disorder}
     """, "no eating disorder: met; eating disorder: unknown; nobody known: unknown"),
    ("the episode has lasted eight weeks, and less than ten years", """
        {fact: episode_length, min_weeks: 8, max_weeks: 520}
     """, "ill for a year: met; episode of unknown length: unknown"),
    ("an adult takes the person home after each dose (asked anew every year)", """
        fact: statement
        id: escort_home
        asks: Does an adult take the person home after each dose?
        by: clinic
        valid_days: 365
     """, "has a carer: met; has no carer: no; had a carer once: unknown; nobody known: unknown"),
    ("global functioning below 50", """
        {fact: stated_number, id: gaf, asks: What is the global assessment of functioning?, unit: points, op: "<", value: 50}
     """, "GAF 45: met; GAF 60: no; nobody known: unknown"),
    ("delegated to a proprietary set", """
        {fact: external_criteria_met, set: Some Licensed Guideline, proprietary: true}
     """, "nobody known: unknown"),
]  # fmt: skip
ROWS = [
    pytest.param(criteria, *row.rsplit(": ", 1), id=f"{clause} / {row}")
    for clause, criteria, table in CLAUSES
    for row in table.split("; ")
]


@pytest.mark.parametrize(("criteria", "who", "expected"), ROWS)
def test_a_clause_is_sayable_and_answered(criteria: str, who: str, expected: str) -> None:
    """Each clause is written without Python and answers each person as its table says; unknown asks a question."""
    found = ask_clause(criteria, PEOPLE[who])
    assert found.answer is ANSWERS[expected], found.criteria.text
    if found.answer is Answer.UNKNOWN:
        assert list(found.criteria.questions())
    elif found.answer is Answer.MET:
        assert found.basis.used or "service_date" in criteria or "network" in criteria


def test_every_person_of_the_tables_is_used() -> None:
    """No person stands there for nothing, and every clause has one who is met and one who is not known."""
    used = {who for _, _, table in CLAUSES for row in table.split("; ") for who in (row.rsplit(": ", 1)[0],)}
    assert set(PEOPLE) == used


def test_an_age_that_goes_to_review_is_neither_yes_nor_no() -> None:
    """The decision of somebody who reaches a review is named, so that nobody reads it as a refusal."""
    criteria = "{fact: individual_review, why: ages below 18}"
    assert ask_clause(criteria, PEOPLE["girl of 16"]).decision == "individual_review"


def test_a_cap_over_a_rolling_window_is_told() -> None:
    """`36 sessions in any 12 months` and `two courses` are part of what is authorized."""
    more = "authorization: [{sessions: 36, caps: [{sessions: 36, within_months: 12}, {courses: 2}]}]"
    told = describe(policy_of("{fact: age, min: 18}", more=more))["authorizes"]
    assert "at most 36 sessions in any 12 months" in told
    assert "at most 2 courses" in told
