"""One-sentence people and what their medication history comes to. All invented; sources are those of the staging files."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.stages import stage_all
from support.factories import attest, diagnosis, dispense, dose, make_person, order, phq9, reported_trial, statement

AS_OF = date(2025, 1, 1)
COMPLETE = attest("staging.history_complete", "yes", "2024-12-01")
SSRI_FAILED = order("sertraline", "2024-01-01", "2024-03-10", 100, stop_reason_text="no response")
SNRI_FAILED = order("venlafaxine XR", "2024-03-11", "2024-06-01", 225, stop_reason_text="not effective")

# what is said of the person: facts, low, high, answer to the US label
CASES: dict[str, tuple[tuple[Any, ...], int, int | None, str]] = {
    "Two drugs of two classes failed in this episode.": ((diagnosis(), SSRI_FAILED, SNRI_FAILED), 2, None, "met"),
    "One drug failed and nobody knows of more.": ((diagnosis(), SSRI_FAILED), 1, None, "unknown"),
    "One drug failed and the history is attested complete.": ((diagnosis(), SSRI_FAILED, COMPLETE), 1, 1, "not_met"),
    "The second trial was stopped after three weeks for nausea.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("venlafaxine", "2024-04-01", "2024-04-21", 150, stop_reason_text="nausea")), 1, 1, "not_met"),
    "The second trial has no dose.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("venlafaxine", "2024-04-01", "2024-07-01", stop_reason_text="no response")), 1, 2, "unknown"),
    "The second drug was trazodone 50 mg for sleep, for a year.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("trazodone", "2024-01-01", "2024-12-31", 50, stop_reason_text="no response")), 1, 1, "not_met"),
    "The second drug was taken as needed.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("mirtazapine", "2024-04-01", "2024-07-01", doses=(dose(30, as_needed=True),),
                                                  stop_reason_text="no response")), 1, 2, "unknown"),
    "Quetiapine 25 mg was the only other drug.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("quetiapine", "2024-01-01", "2024-06-01", 25)), 1, 1, "not_met"),
    "The second drug helped.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, order("venlafaxine", "2024-04-01", "2024-07-01", 150, stop_reason_text="remission")), 1, 1, "not_met"),
    "Two hand-overs and two PHQ-9 forms tell of a second failure.": (
        (diagnosis(), SSRI_FAILED, dispense("venlafaxine", "2024-04-01", 30, 150), dispense("venlafaxine", "2024-05-01", 30, 150),
         phq9("2024-03-30", 20), phq9("2024-05-28", 19)), 2, None, "met"),
    "The second drug was ordered for five months, and the pharmacy handed over two of them.": (
        (diagnosis(), SSRI_FAILED, order("venlafaxine", "2024-04-01", "2024-09-01", 150, stop_reason_text="no response"),
         dispense("venlafaxine", "2024-04-01", 30, 150), dispense("venlafaxine", "2024-08-01", 30, 150)), 1, None, "unknown"),
    "The second drug was told to have been taken half of the time.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, reported_trial("venlafaxine", weeks=12, daily_dose_mg=225, outcome="nonresponse",
                                                            in_current_episode=True, adherence_percent=50)), 1, 2, "unknown"),
    "The second drug was told to have been taken nine days in ten.": (
        (diagnosis(), SSRI_FAILED, reported_trial("venlafaxine", weeks=12, daily_dose_mg=225, outcome="nonresponse",
                                                  in_current_episode=True, adherence_percent=90)), 2, None, "met"),
    "Both were told on the intake form, in weeks.": (
        (diagnosis(), *(reported_trial(d, weeks=8, daily_dose_mg=300, outcome="nonresponse", in_current_episode=True)
                        for d in ("bupropion", "venlafaxine"))), 2, None, "met"),
    "Both were told on the intake form as names only.": ((diagnosis(), reported_trial("sertraline"), reported_trial("Effexor")), 0, None, "unknown"),
    "The onset of the episode is not known.": ((diagnosis(onset=None), SSRI_FAILED, SNRI_FAILED, COMPLETE), 0, 2, "unknown"),
    "Both failures were in an earlier episode.": ((diagnosis(onset="2024-09-01"), SSRI_FAILED, SNRI_FAILED, COMPLETE), 0, 0, "not_met"),
    "The statement says it was never taken.": (
        (diagnosis(), SSRI_FAILED, COMPLETE, statement("venlafaxine", "2024-04-01", "2024-07-01", 150, status="not-taken")), 1, 1, "not_met"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CASES, ids=str)
def test_us_label(sentence: str) -> None:
    """Each person's failures by the US label, as a range, and its answer."""
    facts, low, high, answer = CASES[sentence]
    person = make_person(*facts)
    found = next(r for r in stage_all(rebuild_trials(person, AS_OF), person, AS_OF) if r.instrument == "us_esketamine")
    assert found.judgement is not None
    assert (found.low, found.high, found.judgement.answer.value) == (low, high, answer)
    if answer == "unknown":
        assert found.judgement.questions()
