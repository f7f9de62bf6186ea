"""Counting trials under a payer's filter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.staging.counting import FAILED, FAILED_OR_PARTIAL, CountResult, TrialFilter, count_trials
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import TrialOutcome, TrialRole
from support.factories import attest, diagnosis, make_person, order, reported_trial

AS_OF = date(2025, 1, 1)
COMPLETE = attest("staging.history_complete", "yes", "2024-12-01")


def count(wanted: TrialFilter, *facts: Any) -> CountResult:
    """The count over an invented person with a depression since June 2023."""
    return count_trials(rebuild_trials(make_person(diagnosis(), *facts), AS_OF), wanted)


def trial(drug: str, month: int, outcome: str = "nonresponse", mg: float = 300, weeks: float = 8, **more: Any) -> Any:
    """A told trial beginning in a month of 2024."""
    return reported_trial(drug, start=f"2024-{month:02d}-01", weeks=weeks, daily_dose_mg=mg, outcome=outcome, **more)


def test_classes_and_drugs_are_counted_apart() -> None:
    """Two SSRIs are two drugs of one class."""
    found = count(TrialFilter(outcomes=FAILED), trial("sertraline", 1), trial("citalopram", 4), COMPLETE)
    assert (found.low, found.drugs_low, found.classes_low) == (2, 2, 1)
    assert found.at_least(2).answer is Answer.MET
    assert found.at_least(2, distinct_classes=2).answer is Answer.NOT_MET


def test_undecided_trials_make_a_range_and_are_asked_first() -> None:
    """An unknown outcome is counted in the high bound only, and its question comes before completeness."""
    found = count(TrialFilter(outcomes=FAILED), trial("sertraline", 1), trial("venlafaxine", 4, ""))
    assert (found.low, found.high) == (1, 2)
    judgement = found.at_least(2)
    assert judgement.answer is Answer.UNKNOWN
    assert [q.id for q in judgement.questions()] == ["staging.outcome", "staging.history_complete"]


def test_completeness_is_asked_first_where_no_answer_could_suffice() -> None:
    """With one undecided trial and three needed, the first question is whether there were more."""
    judgement = count(TrialFilter(outcomes=FAILED), trial("sertraline", 1, "")).at_least(3)
    assert judgement.questions()[0].id == "staging.history_complete"


@pytest.mark.parametrize(("route", "low", "high"), [(Answer.MET, 1, 1), (Answer.UNKNOWN, 0, 1), (Answer.NOT_MET, 0, 0)])
def test_intolerance_counts_as_the_rule_says(route: Answer, low: int, high: int) -> None:
    """A drug stopped for side effects after two weeks counts, may count, or does not, as the payer's rule says."""
    wanted = TrialFilter(dose="minimum", min_weeks=6, outcomes=FAILED, counts_intolerance=route)
    found = count(wanted, trial("sertraline", 1, "intolerance", weeks=2))
    assert (found.low, found.high) == (low, high)


def test_unknown_outcome_may_be_an_intolerance() -> None:
    """Where intolerance counts whatever the length, a short trial of unknown outcome is not ruled out."""
    wanted = TrialFilter(dose="minimum", min_weeks=6, outcomes=FAILED, counts_intolerance=Answer.MET)
    assert count(wanted, trial("sertraline", 1, "", weeks=2)).high == 1


# dose rule | in mg | least weeks | counted low | counted high
DOSES: list[tuple[dict[str, Any], int, int]] = [
    ({"dose": "minimum", "min_weeks": 6}, 1, 1),
    ({"dose": "minimum", "min_weeks": 10}, 0, 0),
    ({"dose": "max_label", "min_weeks": 6}, 0, 0),
    ({"dose": "mg", "dose_mg": 100, "min_weeks": 6}, 1, 1),
    ({"dose": "mg", "dose_mg": 101, "min_weeks": 6}, 0, 0),
    ({"dose": "max_label"}, 0, 0),
    ({"dose": "minimum"}, 1, 1),
]


@pytest.mark.parametrize(("rule", "low", "high"), DOSES)
def test_dose_rules(rule: dict[str, Any], low: int, high: int) -> None:
    """Sertraline 100 mg for eight weeks under each way to ask for a dose."""
    found = count(TrialFilter(**rule), trial("sertraline", 1, mg=100))
    assert (found.low, found.high) == (low, high)


def test_unknown_dose_is_undecided_and_asks_the_dose() -> None:
    """Ten weeks at an unknown dose neither count nor fail to."""
    found = count(TrialFilter(dose="minimum", min_weeks=6), order(start="2024-01-01", end="2024-03-10"))
    assert (found.low, found.high) == (0, 1)
    assert found.undecided[0].question is not None
    assert found.undecided[0].question.id == "staging.dose"


def test_lists_classes_roles_and_look_back() -> None:
    """A list of drugs, a class, a role and a look-back each leave out the trials they do not name."""
    facts = (trial("sertraline", 1), trial("venlafaxine", 6))
    assert count(TrialFilter(drugs=frozenset({"sertraline"})), *facts).low == 1
    assert count(TrialFilter(classes=frozenset({"SNRI"})), *facts).low == 1
    assert count(TrialFilter(excluded_drugs=frozenset({"sertraline", "venlafaxine"})), *facts).high == 0
    assert count(TrialFilter(roles=frozenset({TrialRole.COMBINATION})), *facts).high == 0
    assert count(TrialFilter(within_days=180), *facts).low == 1


def test_add_ons_are_another_kind() -> None:
    """Augmentation is asked by kind and role, and antidepressants are not in it."""
    wanted = TrialFilter(kinds=frozenset({"augmenter"}), roles=frozenset({TrialRole.AUGMENTATION}), dose="minimum")
    found = count(wanted, trial("sertraline", 1, mg=100), order("aripiprazole", "2024-01-10", "2024-02-20", 5))
    assert (found.low, found.counted[0].trial.drug) == (1, "aripiprazole")


# told | most improvement that still counts | counted
IMPROVEMENT: list[tuple[dict[str, Any], float, int, int]] = [
    ({"outcome": "", "improvement_percent": 20.0}, 25, 1, 1),
    ({"outcome": "", "improvement_percent": 30.0}, 25, 0, 0),
    ({"outcome": "nonresponse"}, 25, 1, 1),
    ({"outcome": "partial"}, 25, 0, 0),
    ({"outcome": "partial"}, 40, 0, 1),
    ({"outcome": "partial"}, 50, 1, 1),
    ({"outcome": ""}, 50, 0, 1),
]


@pytest.mark.parametrize(("told", "most", "low", "high"), IMPROVEMENT)
def test_improvement_limits(told: dict[str, Any], most: float, low: int, high: int) -> None:
    """A number settles it; a class alone settles it only where its whole band lies on one side of the limit."""
    found = count(TrialFilter(max_improvement_percent=most), trial("sertraline", 1, **told))
    assert (found.low, found.high) == (low, high)


def test_adherence_must_be_known_where_it_is_asked() -> None:
    """Unknown adherence is undecided, 90% counts and 50% does not."""
    wanted = TrialFilter(min_adherence_percent=80)
    ranges = [count(wanted, trial("sertraline", 1, adherence_percent=a)) for a in (None, 90.0, 50.0)]
    assert [(r.low, r.high) for r in ranges] == [(0, 1), (1, 1), (0, 0)]


def test_a_drug_tried_again_is_one_for_certain_and_two_at_most() -> None:
    """Two trials of one drug make a range, and the question is whether the second counts."""
    found = count(TrialFilter(outcomes=FAILED), trial("sertraline", 1), trial("sertraline", 8), COMPLETE)
    assert (found.low, found.high, found.drugs_high) == (1, 2, 1)
    assert found.at_least(2).questions()[0].id == "staging.repeat_trial"


def test_nothing_found_is_unknown_and_complete_is_not_met() -> None:
    """An empty chart is unknown; attested complete it is not met."""
    assert count(TrialFilter()).at_least(1).answer is Answer.UNKNOWN
    assert count(TrialFilter(), COMPLETE).at_least(1).answer is Answer.NOT_MET


def test_partial_counts_where_the_rule_takes_it() -> None:
    """Rules that say "inadequate response" may take a partial response as a failure."""
    partial = trial("sertraline", 1, "partial")
    assert count(TrialFilter(outcomes=FAILED_OR_PARTIAL), partial).low == 1
    assert count(TrialFilter(outcomes=FAILED), partial).high == 0
    undecided = TrialFilter(outcomes=FAILED, undecided_outcomes=frozenset({TrialOutcome.PARTIAL}))
    assert (count(undecided, partial).low, count(undecided, partial).high) == (0, 1)


def test_running_trials_can_be_left_out() -> None:
    """A trial still running is left out only where the rule says so."""
    running = order(start="2024-01-01", mg=50)
    assert count(TrialFilter(), running).low == 1
    assert count(TrialFilter(include_ongoing=False), running).high == 0
