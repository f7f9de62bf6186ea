"""Each invented person teaches their lesson: read through the door like a real file, assessed, and shown."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from inconcert.assessment import as_json, assess
from inconcert.exchange.fhir import read_bytes
from inconcert.exchange.report import render_html, render_pdf, render_terminal
from inconcert.synthetic import clinic, demo_as_of, sketches

PEOPLE = [sketch.id for sketch in sketches().people]


@cache
def assessed(person: str) -> dict[str, Any]:
    """The JSON form of one person's assessment on the demonstration day."""
    reading = read_bytes(json.dumps(clinic()[person]).encode("utf-8"), f"{person}.json")
    (one,) = reading.people
    return as_json(assess(one, as_of=demo_as_of(), account=reading.account.as_dict()))


def who(person: str) -> dict[str, Any]:
    """The first answer."""
    found: dict[str, Any] = assessed(person)["answers"]["who"]
    return found


def clearances(person: str) -> dict[str, str]:
    """Each arm's clearance."""
    return {each["arm"]: each["clearance"] for each in who(person)["safety"]["clearances"]}


def trials(person: str) -> dict[str, dict[str, Any]]:
    """Medication trials by drug; the last one of a drug tried twice."""
    return {trial["drug"]: trial for trial in who(person)["history"]["trials"]}


def policies(person: str) -> dict[str, str]:
    """The answer of each policy matched to the person's plan."""
    return {each["policy_id"]: each["answer"] for each in assessed(person)["answers"]["paid"]["determinations"]}


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_is_answered_and_shown(person: str) -> None:
    """Every person gets four answers, the account adds up, the label stays, and the terminal keeps to 80 columns."""
    told = assessed(person)
    assert all(answer["text"] for answer in told["answers"].values())
    account = told["account"]
    assert account["resources"] == account["used"] + account["kept_not_used"] + account["refused_count"]
    assert told["person"]["invented"] is True
    text = render_terminal(told)
    assert "INVENTED PERSON" in text
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.slow
@pytest.mark.parametrize(
    "person", ["complete-and-clean", "name-only", "tms-responder-relapsed", "old-and-wrong-records"]
)
def test_pages_and_print_of_real_assessments(person: str) -> None:
    """Real assessments print as a PDF that keeps its standards, and as a page without a script or a remote address."""
    told = assessed(person)
    assert b"pdfuaid" in render_pdf(told)
    page = render_html(told)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)


@pytest.mark.parametrize(
    ("person", "resistant"),
    [
        ("complete-and-clean", "met"),
        ("one-trial-short-not-attested", "unknown"),
        ("one-trial-short-attested", "not_met"),
        ("dose-unknown", "unknown"),
        ("trazodone-for-sleep", "not_met"),
        ("intolerance-not-failure", "not_met"),
        ("augmentation", "met"),
        ("partial-dates", "unknown"),
        ("name-only", "unknown"),
        ("cochlear-implant", "met"),
    ],
)
def test_resistance_by_the_us_label(person: str, resistant: str) -> None:
    """Two failed trials are met; too few is not met only where the history is attested whole, else unknown."""
    assert who(person)["resistant"] == resistant


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (
            "complete-and-clean",
            {"ketamine": "cleared", "esketamine": "cleared", "tms": "cleared", "deep_tms": "cleared"},
        ),
        ("cochlear-implant", {"ketamine": "cleared", "esketamine": "cleared", "tms": "never", "deep_tms": "never"}),
        ("pacemaker", {"tms": "never", "deep_tms": "never", "combined": "never"}),
        ("aneurysm", {"ketamine": "never", "esketamine": "never", "tms": "cleared", "combined": "never"}),
        ("epilepsy", {"ketamine": "cleared", "tms": "hold", "deep_tms": "hold"}),
        ("pregnancy", {"ketamine": "never", "esketamine": "never", "tms": "hold"}),
        ("psychotic-features", {"ketamine": "never", "esketamine": "never", "combined": "never"}),
        ("bipolar-two", {"ketamine": "hold", "esketamine": "hold", "tms": "hold"}),
        ("substance-use", {"ketamine": "hold", "tms": "hold"}),
        ("adolescent", {"ketamine": "never", "esketamine": "never", "tms": "hold"}),
        ("cannot-wait", {"ketamine": "hold", "esketamine": "hold", "tms": "hold", "deep_tms": "hold"}),
        (
            "name-only",
            {"ketamine": "hold", "esketamine": "hold", "tms": "hold", "deep_tms": "hold", "combined": "hold"},
        ),
        ("old-and-wrong-records", {"tms": "cleared"}),  # the epilepsy was refuted
    ],
)
def test_safety_of_each_lesson(person: str, expected: dict[str, str]) -> None:
    """Hazards stop the arms they stop, and no other; what is not known holds."""
    found = clearances(person)
    assert {arm: found[arm] for arm in expected} == expected


@pytest.mark.parametrize(
    ("person", "arm", "item"),
    [
        ("benzodiazepine", "ketamine", "benzodiazepine_dose"),
        ("benzodiazepine", "tms", "benzodiazepine_dose"),
        ("maoi", "esketamine", "pressor_drugs"),
        ("patch", "ketamine", "pressor_drugs"),
        ("aged-72", "esketamine", "older_adult"),
    ],
)
def test_warnings_that_do_not_bar(person: str, arm: str, item: str) -> None:
    """A warning is shown on the arm it concerns, and the arm stays cleared."""
    clearance = next(c for c in who(person)["safety"]["clearances"] if c["arm"] == arm)
    assert item in {finding["item"] for finding in clearance["warnings"]}
    assert clearance["clearance"] == "cleared"


def test_what_cannot_wait_comes_first() -> None:
    """C-SSRS 5 is red, asks for a person now, and stands before the four answers."""
    risk = who("cannot-wait")["safety"]["suicide_risk"]
    assert (risk["level"], risk["within_hours"]) == ("red", 0)
    text = render_terminal(assessed("cannot-wait"))
    assert text.index("Suicide screen RED now") < text.index("1. Who:")


@pytest.mark.parametrize(
    ("person", "drug", "expected"),
    [
        ("dose-unknown", "sertraline", {"adequate": "unknown"}),
        ("intolerance-not-failure", "fluoxetine", {"outcome": "intolerance", "failed": "not_met"}),
        ("augmentation", "aripiprazole", {"role": "augmentation", "kind": "augmenter"}),
        ("combination-product", "olanzapine", {"role": "augmentation"}),
        ("patch", "selegiline transdermal", {"max_daily_dose_mg": 6.0, "adequate": "met"}),
        ("taper-with-gap", "venlafaxine", {"adequate": "not_met"}),
        ("partial-dates", "paroxetine", {"adequate": "unknown"}),
    ],
)
def test_medication_trials_of_each_lesson(person: str, drug: str, expected: dict[str, object]) -> None:
    """Doses, roles and adequacy come out of the orders as the lesson says."""
    trial = trials(person)[drug]
    found = {name: trial[name]["answer"] if isinstance(trial[name], dict) else trial[name] for name in expected}
    assert found == expected


def test_trazodone_for_sleep_is_named_and_left_out() -> None:
    """The bedtime trazodone is no trial, and the record says why."""
    assert "trazodone" not in trials("trazodone-for-sleep")
    (left_out,) = who("trazodone-for-sleep")["history"]["not_trials"]
    assert "sleep" in left_out["why"]


def test_overlapping_orders_are_one_trial() -> None:
    """Three overlapping orders are one trial of forty weeks; the overlap is a span of doses."""
    (trial,) = who("overlapping-orders")["history"]["trials"]
    assert 40 <= trial["weeks_total"]["low"] <= trial["weeks_total"]["high"] <= 41
    assert any(s["daily_dose_mg_low"] == 60 and s["daily_dose_mg_high"] == 120 for s in trial["segments"])


def test_stretches_either_side_of_a_gap_stay_apart() -> None:
    """Three weeks without the drug make two trials."""
    assert len(who("taper-with-gap")["history"]["trials"]) == 2


def test_adherence_is_worked_out_from_what_was_handed_over() -> None:
    """Eight weeks of tablets in eighteen to twenty weeks are less than half: the trial does not pass on the order alone."""
    (trial,) = who("poor-adherence")["history"]["trials"]
    assert trial["adherence_percent"] < 50
    assert trial["adequate"]["answer"] == trial["failed"]["answer"] == "unknown"
    assert "How much of it was taken" in trial["adequate"]["question"]["text"]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("one-trial-short-not-attested", {"optum-uhc-tms": "unknown"}),
        ("one-trial-short-attested", {"optum-uhc-tms": "not_met"}),
        ("bipolar-two", {"aetna-tms": "not_met"}),
        ("two-payers", {"medicare-l34998-tms": "met", "aetna-tms": "not_met"}),
    ],
)
def test_policies_of_each_lesson(person: str, expected: dict[str, str]) -> None:
    """The person's own policies answer as the lesson says."""
    found = policies(person)
    assert {policy: found[policy] for policy in expected} == expected


@pytest.mark.parametrize(
    ("person", "policy", "clause"),
    [
        ("policy-prohibits-pair", "centene-ambetter-tms", "prohibits"),
        ("policy-calls-pair-experimental", "aetna-tms", "excludes_as_experimental"),
        ("policy-silent-on-pair", "ohio-medicaid-spravato", "silent"),
    ],
)
def test_clause_on_the_pair_of_each_lesson(person: str, policy: str, clause: str) -> None:
    """What the policy says of the pair is told beside its answer."""
    (found,) = [d for d in assessed(person)["answers"]["paid"]["determinations"] if d["policy_id"] == policy]
    assert found["combination"] == clause


def test_course_of_tms_is_drawn_with_the_relapse() -> None:
    """The earlier course of TMS stands among the trials, with its outcome."""
    (course,) = assessed("tms-responder-relapsed")["treatments"]
    assert (course["what"], course["outcome"]) == ("TMS", "response")


def test_no_insurance_says_so() -> None:
    """Without a plan, every policy of the library is asked, and the report says why."""
    told = assessed("pays-himself")["answers"]["paid"]
    assert "no health plan is recorded" in told["chosen_because"]


def test_wrong_records_are_kept_and_never_used() -> None:
    """Entered in error, refuted, cancelled: each named with its reason, none used; the impossible day is told."""
    account = assessed("old-and-wrong-records")["account"]
    reasons = " ".join(entry["reason"] for entry in account["kept"])
    assert "entered-in-error" in reasons
    assert "refuted" in reasons
    assert "cancelled" in reasons
    assert "2026-02-30" in json.dumps(account)
    assert "mirtazapine" not in trials("old-and-wrong-records")
    assert (
        who("old-and-wrong-records")["history"]["episode"]["polarity"] == "unipolar"
    )  # the bipolar record was an error


def test_totals_that_disagree_are_told() -> None:
    """The typed 12 over items that add to 21 is told, and the items win; blanks leave no total."""
    scores = assessed("totals-disagree")["scores"]["phq9"]
    assert scores[0]["score"]["total"] == 21
    assert "12" in " ".join(scores[0]["score"]["notes"])
    assert scores[1]["score"]["total"] is None
