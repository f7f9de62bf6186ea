"""Policies of one clause each, for every word that the 57 policies do not use; and people with any mix of what these look at."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from inconcert.record import Person
from support.clause import policy_of
from support.factories import day, diagnosis, dispense, make_person, measurement, order, phq9, procedure, scale_form
from support.payer_cases import COMPLETE, ESCITALOPRAM, MIRTAZAPINE, SERTRALINE, VENLAFAXINE, failed, say

SNIPPETS = {
    "classes": "{fact: adequate_antidepressant_trials, at_least: 1, classes: [SNRI]}",
    "classes named": "{fact: adequate_antidepressant_trials, at_least: 2, distinct_classes: 2, classes_named: [SSRI, SNRI]}",
    "share of the label": "{fact: adequate_antidepressant_trials, at_least: 1, min_weeks: 8, dose_pct_of_label_max: 60}",
    "share, this episode": "{fact: adequate_antidepressant_trials, at_least: 1, min_weeks: 6, dose_pct_of_label_max: 50, scope: current_episode}",
    "separate": "{fact: adequate_antidepressant_trials, at_least: 2, separate_trials: true}",
    "polytherapy": "{fact: adequate_antidepressant_trials, at_least: 2, may_be: polytherapy}",
    "oral, ended": "{fact: adequate_antidepressant_trials, at_least: 2, route: oral, ended: true, excluded_drugs: [mirtazapine]}",
    "augmentation": "{fact: augmentation_trials, at_least: 1, drugs: [lithium], classes: [SGA], outcome: failed_or_not_tolerated, within_months: 24}",
    "added to": "{all: [{fact: adequate_antidepressant_trials, at_least: 1}, {fact: augmentation_trials, at_least: 1, added_to: one_of_the_antidepressant_trials}]}",
    "intolerance": "{fact: medication_intolerance, at_least: 1, classes: [SSRI], scope: current_episode, within_months: 24}",
    "times": "{fact: severity_score, any_of: [{scale: PHQ-9, op: '>=', value: 16}], times: 2, days_apart: 14}",
    "persisted weeks": "{fact: severity_score, any_of: [{scale: PHQ-9, op: '>', value: 15}, {scale: MADRS, op: '>=', value: 28}], persisted_weeks: 6}",
    "window": "{fact: severity_score, any_of: [{scale: PHQ-9, op: '>=', value: 20}], over: worst, within_days: 30}",
    "improved": "{fact: score_change, scales: [PHQ-9, MADRS], direction: improvement, op: '>=', value: 50, unit: percent}",
    "worse than best": "{fact: score_change, scales: [any], direction: worsening, op: '>=', value: 5, unit: points, since: best}",
    "best since worst": "{fact: score_change, scales: [PHQ-9], direction: improvement, op: '<', value: 50, unit: percent, since: worst, until: best}",
    "any baseline": "{fact: rating_scale_documented, timing: [baseline], same_scale: true, score_before_tms: true}",
    "event": "{not: {fact: recent_event, of: seizure, within_days: 180}}",
    "recent TMS": "{not: {fact: recent_treatment, agents: [tms, ketamine, antidepressant, benzodiazepine], within_days: 60}}",
    "count": "{fact: treatment_count, of: tms_sessions, at_most: 2, at_least: 1}",
    "count in a year": "{fact: treatment_count, of: tms_sessions, at_most: 2, within_months: 12}",
    "episode": "{fact: episode_length, min_weeks: 8, max_weeks: 104}",
    "measured": "{fact: measurement, of: systolic_mmhg, op: '<=', value: 140}",
    "test": "{fact: test_result, of: urine_drug_screen, result: negative, within_days: 30}",
    "condition": "{not: {fact: medical_condition, kinds: [aneurysm, eating_disorder, sleep_apnea_untreated]}}",
    "place": "{all: [{fact: place_of_service, codes: ['11']}, {fact: evaluation_visit, is: in_person}, {fact: located_in, who: person, states: [US-OH]}]}",
    "plan": "{any: [{fact: line_of_business, is_one_of: [commercial]}, {fact: sex, is: male}]}",
    "companion": "{fact: concurrent_therapy, agents: [oral_antidepressant, psychotherapy], min_weeks: 6}",
    "therapy": "{fact: psychotherapy_trial, at_least: 1, kinds: [cbt], min_sessions: 8, min_weeks: 6, within_months: 24}",
    "ECT": "{fact: ect_status, any_of: [refused, not_available, failed]}",
    "device": "{fact: device_cleared, for: indication, modality_cleared: true}",
    "statement": "{fact: statement, id: escort, asks: Does somebody take the person home?, valid_days: 100}",
    "number": "{fact: stated_number, id: gaf, asks: What is the score?, unit: points, op: '<', value: 50, valid_days: 100}",
    "review": "{any: [{fact: age, min: 18}, {fact: individual_review, why: under 18}]}",
}  # fmt: skip
POLICIES = {name: policy_of(text) for name, text in SNIPPETS.items()}
DAYS = st.sampled_from(["2026-11-20", "2026-10-20", "2026-09-15", "2026-06-01", "2025-05-05"])
NUMBERS = (
    "days_since.seizure", "days_since.ketamine", "days_since.antidepressant", "days_since.benzodiazepine", "days_since_tms",
    "count.tms_sessions", "count.tms_sessions_12_months", "episode_weeks", "measured.systolic_mmhg", "test_days.urine_drug_screen",
    "psychotherapy_sessions", "psychotherapy_weeks", "psychotherapy_months_ago", "companion_weeks", "number.gaf",
)  # fmt: skip
CHOICES = {
    "test.urine_drug_screen": ["negative", "positive"], "clinic.place_of_service": ["11", "12"], "home_state": ["US-OH", "US-TX"],
    "evaluation_visit": ["in_person", "telehealth"], "line_of_business": ["commercial", "medicaid_mco"], "sex": ["male", "female"],
    "psychotherapy_kind": ["cbt", "other"],
}  # fmt: skip
YES_NO = (
    "psychotherapy_trial", "ect.refused", "ect.not_available", "ect.failed", "clinic.device_cleared", "clinic.modality_cleared",
    "statement.escort", "same_scale_throughout", "score_before_tms_sent", "serial_scales_planned", "psychotherapy_now",
    "hazard.eating_disorder", "hazard.sleep_apnea_untreated", "trials_separate",
)  # fmt: skip


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Any mix of the facts that these words look at; each question answered once at most."""
    facts: list[Any] = draw(st.sampled_from([[], [diagnosis("F33.2", "2025-02-01")], [diagnosis("F33.2", "2026")]]))[:]
    for drug, start, end, mg in (SERTRALINE, VENLAFAXINE, ESCITALOPRAM, MIRTAZAPINE):
        if draw(st.booleans()):
            facts.append(failed(drug, start, draw(st.sampled_from([end, None])), draw(st.sampled_from([mg, mg / 2, None])),
                                outcome=draw(st.sampled_from(["nonresponse", "partial", "intolerance", ""])),
                                in_current_episode=draw(st.sampled_from([True, False, None]))))  # fmt: skip
    if draw(st.booleans()):
        facts += [order("lithium carbonate", draw(st.sampled_from(["2025-04-20", "2025-08-01"])), "2025-11-30", 900)]
    if draw(st.booleans()):
        facts += [dispense("sertraline", on, 30, 150) for on in ("2026-10-01", "2026-10-31")] + [
            order("sertraline", "2026-10-01", None, 150)
        ]
    if draw(st.booleans()):
        facts.append(order("lorazepam", "2026-10-01", draw(st.sampled_from([None, "2026-10-20"])), 1))
    facts += [
        phq9(on, draw(st.sampled_from([0, 5, 9, 15, 16, 21, 27])))
        for on in draw(st.lists(DAYS, unique=True, max_size=4))
    ]
    facts += [
        scale_form("madrs", on, draw(st.sampled_from([10, 28, 40])))
        for on in draw(st.lists(DAYS, unique=True, max_size=2))
    ]
    facts += [procedure("90868", on) for on in draw(st.lists(DAYS, unique=True, max_size=4))]
    facts += [
        measurement("8480-6", draw(st.sampled_from([120.0, 150.0])), "mm[Hg]", on)
        for on in draw(st.lists(DAYS, unique=True, max_size=2))
    ]
    told = draw(st.sampled_from(["2026-11-21", "2026-08-01", "2025-11-21"]))
    facts += [
        say(f"payers.{q}", draw(st.sampled_from([0, 3, 20, 45, 100, 9999])), told)
        for q in draw(st.lists(st.sampled_from(NUMBERS), unique=True))
    ]
    facts += [
        say(f"payers.{q}", draw(st.sampled_from(CHOICES[q])), told)
        for q in draw(st.lists(st.sampled_from(sorted(CHOICES)), unique=True))
    ]
    facts += [
        say(f"payers.{q}", draw(st.sampled_from(["yes", "no"])), told)
        for q in draw(st.lists(st.sampled_from(YES_NO), unique=True))
    ]
    if draw(st.booleans()):
        facts.append(COMPLETE)
    region = draw(st.sampled_from(["", "OH", "TX"]))
    sex = draw(st.sampled_from(["", "female"]))
    contradicted = {"payers.home_state"} if region else set()  # an answer that names another state than the address
    contradicted |= {"payers.sex"} if sex else set()
    facts = [f for f in facts if getattr(f, "question", "") not in contradicted]
    return make_person(*facts, birth=draw(st.sampled_from([None, day("1980-01-01"), day("2009")])), sex=sex,
                       region=region)  # fmt: skip
