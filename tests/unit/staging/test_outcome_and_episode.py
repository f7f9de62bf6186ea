"""Outcome, episode and completeness of a trial list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.record import Coding
from inconcert.staging.outcome import outcome_of_words
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import OutcomeKind, TrialHistory, TrialOutcome
from support.factories import (
    attest,
    diagnosis,
    make_person,
    order,
    phq9,
    procedure,
    reported_trial,
    scale_form,
    statement,
)

AS_OF = date(2025, 1, 1)


def history(*facts: Any) -> TrialHistory:
    """The trial list of an invented person."""
    return rebuild_trials(make_person(*facts), AS_OF)


# words | outcome
WORDS = """
not effective | nonresponse
Lack of efficacy | nonresponse
stopped: side effects (nausea) | intolerance
no side effects, not effective | nonresponse
could not tolerate | intolerance
partial response | partial
remission | response
side effects and not effective | unknown
insurance changed | unknown
well tolerated | unknown
"""


@pytest.mark.parametrize("row", [line.split("|") for line in WORDS.strip().splitlines()], ids=lambda row: row[0])
def test_reasons_for_stopping(row: list[str]) -> None:
    """A reason tells one outcome or none; a denial and two reasons at once tell none."""
    assert outcome_of_words(row[0].strip()).value == row[1].strip()


def test_a_coded_reason_is_read() -> None:
    """The FHIR reason code for intolerance is read without words."""
    codings = (Coding("http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason", "sintol"),)
    assert outcome_of_words("", codings) is TrialOutcome.INTOLERANCE


TEN_WEEKS = order(start="2024-01-01", end="2024-03-10", mg=50, status="stopped")

# PHQ-9 before (day, total) | after | outcome | kind
SCORES = [
    (("2023-12-28", 20), ("2024-03-08", 18), "nonresponse", "inferred"),
    (("2023-12-28", 20), ("2024-03-08", 15), "nonresponse", "inferred"),
    (("2023-12-28", 20), ("2024-03-08", 14), "partial", "inferred"),
    (("2023-12-28", 20), ("2024-03-08", 10), "response", "inferred"),
    (("2023-10-01", 20), ("2024-03-08", 18), "unknown", "unknown"),
    (("2023-12-28", 20), ("2024-02-01", 18), "unknown", "unknown"),
    (("2023-12", 20), ("2024-03-08", 18), "unknown", "unknown"),
]


@pytest.mark.parametrize(("before", "after", "outcome", "kind"), SCORES)
def test_outcome_from_scores(before: tuple[str, float], after: tuple[str, float], outcome: str, kind: str) -> None:
    """An ended adequate trial between two well-placed scores has an inferred outcome; misplaced scores tell nothing."""
    trial = history(TEN_WEEKS, phq9(*before), phq9(*after)).trials[0]
    assert (trial.outcome.value, trial.outcome_kind.value) == (outcome, kind)


def test_a_clinician_scale_comes_first() -> None:
    """Where both were filled in, MADRS decides and the PHQ-9 does not."""
    trial = history(TEN_WEEKS, phq9("2023-12-28", 20), phq9("2024-03-08", 18), scale_form("madrs", "2023-12-28", 30),
                    scale_form("madrs", "2024-03-08", 12)).trials[0]  # fmt: skip
    assert trial.outcome is TrialOutcome.RESPONSE


def test_a_recorded_outcome_stands_before_scores() -> None:
    """What was told is never overruled by an inference."""
    trial = history(reported_trial(start="2024-01-01", end="2024-03-10", daily_dose_mg=50, outcome="response"),
                    phq9("2023-12-28", 20), phq9("2024-03-08", 20)).trials[0]  # fmt: skip
    assert (trial.outcome, trial.outcome_kind) == (TrialOutcome.RESPONSE, OutcomeKind.RECORDED)


def test_a_running_trial_has_no_inferred_outcome() -> None:
    """Scores say nothing final of a drug still taken."""
    trial = history(
        order(start="2024-01-01", end="2025-06-01", mg=50), phq9("2023-12-28", 20), phq9("2024-12-28", 20)
    ).trials[0]
    assert (trial.ongoing, trial.end, trial.outcome) == (Answer.MET, None, TrialOutcome.UNKNOWN)


def test_a_reason_recorded_with_a_later_end_is_not_known_yet() -> None:
    """An order stopped after the day asked for was not known to be stopped on that day."""
    later = order(start="2024-10-01", end="2025-03-01", mg=50, stop_reason_text="no response")
    assert history(later).trials[0].outcome is TrialOutcome.UNKNOWN


# ICD-10-CM | severity | psychotic | recurrent | polarity | diagnosis
CODES = """
F32.0  | mild     | not_met | not_met | unipolar | met
F32.3  | severe   | met     | not_met | unipolar | met
F33.1  | moderate | not_met | met     | unipolar | met
F33.9  |          | unknown | met     | unipolar | met
F33.42 |          | unknown | unknown | unknown  | unknown
F31.81 |          | unknown | unknown | bipolar  | not_met
I10    |          | unknown | unknown | unknown  | unknown
"""


@pytest.mark.parametrize(
    "row", [[c.strip() for c in line.split("|")] for line in CODES.strip().splitlines()], ids=lambda row: row[0]
)
def test_diagnosis_codes(row: list[str]) -> None:
    """What a diagnosis code says of the episode, and what it leaves unknown."""
    episode = history(diagnosis(row[0])).episode
    found = [
        episode.severity,
        episode.psychotic.value,
        episode.recurrent.value,
        episode.polarity,
        episode.diagnosis.answer.value,
    ]
    assert found == row[1:]


def test_bipolar_beside_depression_is_bipolar() -> None:
    """A bipolar diagnosis is never outvoted."""
    assert history(diagnosis(), diagnosis("F31.30")).episode.polarity == "bipolar"


@pytest.mark.parametrize("more", [{"verification_status": "refuted"}, {"clinical_status": "resolved"},
                                  {"abatement": "2024-01-01"}, {"recorded": "2025-02-01"}], ids=str)  # fmt: skip
def test_what_is_not_a_current_diagnosis(more: dict[str, Any]) -> None:
    """Refuted, resolved, ended and later diagnoses do not make a current episode."""
    assert history(diagnosis(**more)).episode.diagnosis.answer is Answer.UNKNOWN


def test_an_onset_told_stands_before_the_chart() -> None:
    """The onset on the intake form is taken before a condition's own."""
    told = attest("staging.episode_onset", "", value_text="2024-03")
    assert str(history(diagnosis(onset="2019"), replace(told, answered_on=None)).episode.onset) == "2024-03"


# onset | in the current episode: an order from 2024-03-01 to 2024-05-01
EPISODES = [
    ("2024-02-01", "met"),
    ("2024", "unknown"),
    ("2024-06-01", "not_met"),
    ("2024-04-01", "met"),
    (None, "unknown"),
]


@pytest.mark.parametrize(("onset", "answer"), EPISODES)
def test_trials_and_the_episode(onset: str | None, answer: str) -> None:
    """Inside, outside, or not known where the onset is not known well enough."""
    trial = history(diagnosis(onset=onset), order(start="2024-03-01", end="2024-05-01", mg=50)).trials[0]
    assert trial.in_current_episode.value == answer


def test_completeness_names_who_said_so() -> None:
    """Only an attestation makes a history complete, and its judgement says who and when."""
    assert history().complete.answer is Answer.UNKNOWN
    complete = history(attest("staging.history_complete")).complete
    assert (complete.answer, "Dr. A. Example" in complete.text) == (Answer.MET, True)


# number attested, trials in the record as (drug, start) -> complete?
COUNTED = [
    (2, [("sertraline", "2024-01-01"), ("venlafaxine", "2024-04-01")], "met"),
    (2, [("sertraline", "2024-01-01"), ("sertraline", "2024-08-01"), ("venlafaxine", "2024-04-01")], "met"),
    (2, [("sertraline", "2024-01-01")], "unknown"),
    (2, [("sertraline", "2024-01-01"), ("venlafaxine", "2024-04-01"), ("bupropion", "2024-06-01")], "unknown"),
    (1, [("sertraline", "2024-01-01"), ("venlafaxine", "2025-02-01")], "met"),  # begun after the answer was given
    (0, [], "met"),
]


@pytest.mark.parametrize(("number", "drugs", "answer"), COUNTED)
def test_an_attested_number_ties_completeness_to_the_record(
    number: int, drugs: list[tuple[str, str]], answer: str
) -> None:
    """Different drugs are counted as of the day of the answer; where the record shows another number, it is asked again."""
    told = [attest("staging.history_complete"), attest("staging.history_trial_count", "", value=float(number))]
    complete = history(*told, *(statement(drug, start, None, 50) for drug, start in drugs)).complete
    assert complete.answer.value == answer
    assert bool(complete.questions()) is (answer == "unknown")


def test_ect_and_psychotherapy_from_procedures() -> None:
    """Procedure codes and words show that a treatment was given; their absence shows nothing."""
    found = history(
        procedure("90870", "2024-05-01"), procedure("x", "2024-01-01", text="Cognitive behavioral therapy session")
    )
    assert (found.ect.answer, found.psychotherapy.answer, found.ect_failed.answer) == (
        Answer.MET,
        Answer.MET,
        Answer.UNKNOWN,
    )
    assert history().ect.answer is Answer.UNKNOWN
    assert history(attest("staging.ect", "no")).ect_failed.answer is Answer.NOT_MET


def test_a_procedure_that_only_holds_the_letters_is_not_ect() -> None:
    """A hysterectomy holds the letters e, c and t and is no electroconvulsive therapy."""
    assert history(procedure("x", "2024-01-01", text="Hysterectomy")).ect.answer is Answer.UNKNOWN
