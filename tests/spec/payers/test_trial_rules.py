"""How policies count medication trials: number, class, weeks, dose, adherence, intolerance, counts inside counts.

Sources: the policy files named; shared brief on policies, section 1.
"""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.payers import Case
from support.factories import reported_trial
from support.payer_cases import (
    COMPLETE,
    ESCITALOPRAM,
    MIRTAZAPINE,
    NORTRIPTYLINE,
    SAID_ON,
    SERTRALINE,
    VENLAFAXINE,
    approvable,
    ask,
    check_grid,
    clear_person,
    criterion,
    failed,
    ill,
    make_case,
)


def case(*trials: Any, whole: bool = True, **instead: str | float) -> Case:
    """A person with these trials; the history attested complete unless said otherwise."""
    return make_case(clear_person(*ill(), *trials, *((COMPLETE,) if whole else ()), **instead))


def side_effects(drug: str, start: str, end: str, mg: float, **more: Any) -> Any:
    """A trial stopped for side effects."""
    return failed(drug, start, end, mg, outcome="intolerance", improvement_percent=None, **more)


SERT, VEN, ESC = failed(*SERTRALINE), failed(*VENLAFAXINE), failed(*ESCITALOPRAM)
MIRT, NORT = failed(*MIRTAZAPINE), failed(*NORTRIPTYLINE)
SERT_5_WEEKS = failed("sertraline", "2025-03-01", "2025-04-05", 200)
VEN_LOW = failed("venlafaxine", "2025-07-10", "2025-11-30", 37.5)
SERT_BEFORE = failed("sertraline", "2021-03-01", "2021-06-30", 200, in_current_episode=False)
VEN_BEFORE = failed("venlafaxine", "2021-07-10", "2021-11-30", 225, in_current_episode=False)
SERT_BAD = side_effects("sertraline", "2025-03-01", "2025-04-05", 200)
VEN_BAD = side_effects("venlafaxine", "2025-07-10", "2025-08-15", 225)
HISTORIES: dict[str, Case] = {
    "two of two classes": case(SERT, VEN),
    "two of one class": case(SERT, ESC),
    "one, complete": case(SERT),
    "one, not attested": case(SERT, whole=False),
    "none, complete": case(),
    "none, not attested": case(whole=False),
    "one of five weeks": case(SERT_5_WEEKS, VEN),
    "one at a low dose": case(SERT, VEN_LOW),
    "one earlier episode": case(SERT_BEFORE, VEN),
    "both earlier episodes": case(SERT_BEFORE, VEN_BEFORE),
    "one intolerance": case(SERT, VEN_BAD),
    "two intolerances": case(SERT_BAD, VEN_BAD),
    "four": case(SERT, VEN, MIRT, NORT),
}


def test_optum_two_classes_in_this_episode() -> None:
    """Optum: two trials of two classes in this episode, side effects by a route of their own."""
    check_grid("optum-uhc-tms", """
        history               | adequate_antidepressant_trials | medication_intolerance | 4       | whole
        two of two classes    | met                            | no                     | met     | met
        two of one class      | no                             | no                     | no      | no
        one, complete         | no                             | no                     | no      | no
        one, not attested     | unknown                        | unknown                | unknown | unknown
        none, complete        | no                             | no                     | no      | no
        none, not attested    | unknown                        | unknown                | unknown | unknown
        one of five weeks     | no                             | no                     | no      | no
        one at a low dose     | no                             | no                     | no      | no
        one earlier episode   | no                             | no                     | no      | no
        both earlier episodes | no                             | no                     | no      | no
        one intolerance       | no                             | no                     | no      | no
        two intolerances      | no                             | met                    | met     | met
        four                  | met                            | no                     | met     | met
    """, HISTORIES)  # fmt: skip


def test_cigna_evernorth_four_weeks_and_counted_intolerance() -> None:
    """Cigna's TMS text: four weeks are enough and a drug stopped for side effects counts as failed."""
    check_grid("cigna-evernorth-tms", """
        history               | adequate_antidepressant_trials | whole
        two of two classes    | met                            | met
        two of one class      | no                             | no
        one, complete         | no                             | no
        one, not attested     | unknown                        | unknown
        none, complete        | no                             | no
        none, not attested    | unknown                        | unknown
        one of five weeks     | met                            | met
        one at a low dose     | no                             | no
        one earlier episode   | no                             | no
        both earlier episodes | no                             | no
        one intolerance       | met                            | met
        two intolerances      | met                            | met
        four                  | met                            | met
    """, HISTORIES)  # fmt: skip


def test_centene_leaves_the_episode_open_and_counts_intolerance() -> None:
    """Centene (earlier CP.BH.200): trials of any episode count, and so does a drug stopped for side effects."""
    check_grid("centene-ambetter-tms", """
        history               | adequate_antidepressant_trials
        two of two classes    | met
        two of one class      | no
        one, complete         | no
        one, not attested     | unknown
        none, complete        | no
        none, not attested    | unknown
        one of five weeks     | no
        one at a low dose     | no
        one earlier episode   | met
        both earlier episodes | met
        one intolerance       | met
        two intolerances      | met
        four                  | met
    """, HISTORIES)  # fmt: skip


def test_centene_2018_counts_inside_the_count() -> None:
    """Centene 2018: four trials in this episode, of which only two must be adequate; side effects count."""
    low = failed("mirtazapine", "2025-12-10", "2026-01-05", 7.5)
    short = side_effects("nortriptyline", "2026-05-10", "2026-05-20", 25)
    cases = {
        "four adequate": case(SERT, VEN, MIRT, NORT),
        "two adequate, one low, one not borne": case(SERT, VEN, low, short),
        "one adequate, three not": case(SERT, failed("venlafaxine", "2025-07-10", "2025-08-01", 37.5), low, short),
        "three adequate": case(SERT, VEN, MIRT),
    }
    check_grid("centene-tms-2018", """
        history                              | adequate_antidepressant_trials
        four adequate                        | met
        two adequate, one low, one not borne | met
        one adequate, three not              | no
        three adequate                       | no
    """, cases, as_written=True)  # fmt: skip


def test_bcbsnd_each_trial_may_count_in_three_ways() -> None:
    """BCBS North Dakota (earlier text): three different drugs in a lifetime, one in this episode, each by any of three ways."""
    partial_high = failed("bupropion", "2024-01-01", "2024-04-15", 450, outcome="partial", improvement_percent=35,
                          in_current_episode=False)  # fmt: skip
    partial_low = failed("bupropion", "2024-01-01", "2024-04-15", 300, outcome="partial", improvement_percent=35,
                         in_current_episode=False)  # fmt: skip
    running = failed("mirtazapine", "2026-05-10", None, 45)
    cases = {
        "three failures": case(SERT, VEN, MIRT),
        "two failures and one not borne": case(
            SERT_BEFORE, VEN, side_effects("mirtazapine", "2025-12-10", "2025-12-20", 15)
        ),
        "two failures and a partial response at the maximum": case(SERT_BEFORE, VEN, partial_high),
        "two failures and a partial response below it": case(SERT_BEFORE, VEN, partial_low),
        "all in earlier episodes": case(SERT_BEFORE, VEN_BEFORE, partial_high),
        "four weeks are enough without response": case(SERT_5_WEEKS, VEN, MIRT),
        "two drugs": case(SERT_BEFORE, VEN),
    }
    check_grid("bcbsnd-spravato-earlier", """
        history                                            | adequate_antidepressant_trials
        three failures                                     | met
        two failures and one not borne                     | met
        two failures and a partial response at the maximum | met
        two failures and a partial response below it       | no
        all in earlier episodes                            | no
        four weeks are enough without response             | met
        two drugs                                          | no
    """, cases, as_written=True)  # fmt: skip
    still = criterion(
        ask("bcbsnd-spravato-earlier", case(SERT, VEN, running), as_written=True), "adequate_antidepressant_trials"
    )
    assert still.answer is not Answer.MET, "a drug that is still taken has not led to a change"


def test_connectcare_two_rules_of_different_scope() -> None:
    """ConnectCare: two classes in a lifetime and, beside it, one trial in this episode; both have to hold."""
    check_grid("connectcare-tms", """
        history               | 4.1     | 5       | whole
        two of two classes    | met     | met     | met
        two of one class      | no      | met     | no
        one, complete         | no      | met     | no
        one, not attested     | unknown | met     | unknown
        none, complete        | no      | no      | no
        none, not attested    | unknown | unknown | unknown
        one of five weeks     | no      | met     | no
        one at a low dose     | no      | met     | no
        one earlier episode   | met     | met     | met
        both earlier episodes | met     | no      | no
        one intolerance       | no      | met     | met
        two intolerances      | no      | no      | no
        four                  | met     | met     | met
    """, HISTORIES)  # fmt: skip


def test_tricare_sources_disagree() -> None:
    """TRICARE's sources say two and four: met only with four, not met only below two, unknown between."""
    cases = {
        "four": HISTORIES["four"], "two": HISTORIES["two of two classes"], "one, complete": HISTORIES["one, complete"],
        "three": case(SERT, VEN, MIRT),
    }  # fmt: skip
    check_grid("tricare-tms", """
        history       | adequate_antidepressant_trials
        four          | met
        three         | unknown
        two           | unknown
        one, complete | no
    """, cases)  # fmt: skip
    said = criterion(ask("tricare-tms", cases["two"]), "adequate_antidepressant_trials")
    assert "2 or 4" in said.text
    assert "payers.policy_text" in {q.id for q in said.questions()}


@pytest.mark.parametrize(("tried", "policy", "expected"), [
    ("yes", "tricare-tms", Answer.MET),
    ("no", "tricare-tms", Answer.UNKNOWN),
    ("no", "medicare-l34869-tms", Answer.NOT_MET),
])  # fmt: skip
def test_a_criterion_that_only_some_sources_name_refuses_nobody(tried: str, policy: str, expected: Answer) -> None:
    """Psychotherapy is named by some of TRICARE's sources only: without it the payer is to be asked."""
    found = criterion(ask(policy, approvable(**{"payers.psychotherapy_trial": tried})), "psychotherapy_trial")
    assert found.answer is expected
    asked = {q.id for q in found.questions()}
    assert ("payers.policy_text" in asked) is (expected is Answer.UNKNOWN)


@pytest.mark.parametrize(("percent", "policy", "expected"), [
    (25, "cigna-spravato", Answer.MET),
    (26, "cigna-spravato", Answer.NOT_MET),
    (49, "cigna-spravato", Answer.NOT_MET),
    (49, "bcbsm-new-directions-tms-2016", Answer.MET),
    (50, "bcbsm-new-directions-tms-2016", Answer.NOT_MET),
])  # fmt: skip
def test_what_counts_as_failing_is_the_policys_own_number(percent: float, policy: str, expected: Answer) -> None:
    """Cigna's esketamine text asks for at most 25 percent improvement, BCBS Michigan for less than 50."""
    outcome = "nonresponse" if percent <= 25 else "partial" if percent < 50 else "response"
    second = failed(*VENLAFAXINE, outcome=outcome, improvement_percent=percent)
    found = criterion(ask(policy, case(SERT, second), as_written=True), "adequate_antidepressant_trials")
    assert found.answer is expected


def test_alabama_wants_four_fifths_adherence() -> None:
    """BCBS Alabama: 80 percent adherence; unknown adherence leaves the trial undecided."""
    cases = {
        "80 percent": case(SERT, failed(*VENLAFAXINE, adherence_percent=80)),
        "79 percent": case(SERT, failed(*VENLAFAXINE, adherence_percent=79)),
        "not said": case(SERT, failed(*VENLAFAXINE, adherence_percent=None)),
    }
    check_grid("bcbs-alabama-tms", """
        adherence  | adequate_antidepressant_trials
        80 percent | met
        79 percent | no
        not said   | unknown
    """, cases)  # fmt: skip


def test_alabama_lets_the_clinician_judge_the_length() -> None:
    """A five-week trial counts at BCBS Alabama where the clinician judged it long enough, and only there."""
    cases = {
        "judged enough": case(SERT_5_WEEKS, VEN),
        "judged short": case(SERT_5_WEEKS, VEN, **{"payers.trials_short_justified": "no"}),
    }
    check_grid("bcbs-alabama-tms", """
        length        | adequate_antidepressant_trials
        judged enough | met
        judged short  | no
    """, cases)  # fmt: skip


@pytest.mark.parametrize(("weeks_end", "policy", "expected"), [
    ("2025-04-10", "cigna-evernorth-tms", Answer.MET),
    ("2025-03-27", "cigna-evernorth-tms", Answer.NOT_MET),
    ("2025-04-11", "cigna-spravato", Answer.MET),
    ("2025-04-10", "cigna-spravato", Answer.NOT_MET),
    ("2025-04-25", "wyoming-medicaid-spravato", Answer.MET),
    ("2025-04-24", "wyoming-medicaid-spravato", Answer.NOT_MET),
])  # fmt: skip
def test_the_shortest_length_is_the_policys_own(weeks_end: str, policy: str, expected: Answer) -> None:
    """Four, six and eight weeks: a day short is short (1 March to 11 April are 42 days)."""
    first = failed("sertraline", "2025-03-01", weeks_end, 200)
    assert criterion(ask(policy, case(first, VEN)), "adequate_antidepressant_trials").answer is expected


def test_a_policy_silent_on_intolerance_leaves_it_undecided() -> None:
    """Washington L&I neither counts nor excludes a drug stopped for side effects: unknown, with that question."""
    found = criterion(ask("wa-lni-tms", HISTORIES["one intolerance"]), "adequate_antidepressant_trials")
    assert found.answer is Answer.UNKNOWN
    assert any("side effects" in q.text for q in found.questions())


def test_a_partial_response_is_not_silently_a_failure() -> None:
    """Where the policy gives no number, whether a partial response was inadequate is asked."""
    partial = failed(*VENLAFAXINE, outcome="partial", improvement_percent=35)
    found = criterion(ask("optum-uhc-tms", case(SERT, partial)), "adequate_antidepressant_trials")
    assert found.answer is Answer.UNKNOWN
    assert "staging.partial_response" in {q.id for q in found.questions()}


def test_a_name_without_dose_and_dates_is_not_a_trial() -> None:
    """A drug's name alone leaves the count unknown and asks for dates and dose."""
    named = reported_trial("venlafaxine", outcome="nonresponse", reported_on=SAID_ON)
    found = criterion(ask("optum-uhc-tms", case(SERT, named)), "adequate_antidepressant_trials")
    assert found.answer is Answer.UNKNOWN


def test_highest_dose_borne_is_shown_by_the_labels_maximum_or_asked() -> None:
    """Aetna: sertraline 200 mg and venlafaxine 375 mg reach the label's maximum; below it the clinician must say so."""
    at_maximum = failed("venlafaxine", "2025-07-10", "2025-11-30", 375)
    shown = case(SERT, at_maximum)
    assert criterion(ask("aetna-tms", shown), "adequate_antidepressant_trials").answer is Answer.MET
    cases = {
        "said so": case(SERT, VEN),
        "said not": case(SERT, VEN, **{"payers.trials_max_tolerated": "no"}),
        "not said": case(SERT, VEN, **{"payers.trials_max_tolerated": "unknown"}),
    }
    check_grid("aetna-tms", """
        dose     | adequate_antidepressant_trials
        said so  | met
        said not | no
        not said | unknown
    """, cases)  # fmt: skip


def test_ohio_wants_drugs_of_its_own_list() -> None:
    """Ohio Medicaid: the failed drugs must be on the preferred list, which the chart cannot tell."""
    cases = {
        "on the list": case(SERT, VEN),
        "not on it": case(SERT, VEN, **{"payers.trials_on_preferred_list": "no"}),
        "not said": case(SERT, VEN, **{"payers.trials_on_preferred_list": "unknown"}),
    }
    check_grid("ohio-medicaid-spravato", """
        list        | 1.3
        on the list | met
        not on it   | no
        not said    | unknown
    """, cases)  # fmt: skip


def test_taken_alone_needs_a_complete_history() -> None:
    """BCBS Michigan counts single agents: that nothing else was taken is known only where the history is whole."""
    cases = {"complete": case(SERT, VEN), "not attested": case(SERT, VEN, whole=False)}
    check_grid("bcbsm-new-directions-tms-2016", """
        history      | adequate_antidepressant_trials
        complete     | met
        not attested | unknown
    """, cases, as_written=True)  # fmt: skip


@pytest.mark.parametrize(("added", "mg", "expected"), [
    ("venlafaxine", 225.0, Answer.MET),
    ("escitalopram", 20.0, Answer.NOT_MET),
    ("aripiprazole", 10.0, Answer.MET),
])  # fmt: skip
def test_aetna_counts_an_added_antidepressant_of_another_class(added: str, mg: float, expected: Answer) -> None:
    """Aetna: what is added to an antidepressant may be another one, of another class; a second SSRI is none."""
    base = failed("sertraline", "2025-03-01", "2025-12-31", 200.0)
    found = criterion(
        ask("aetna-tms", case(base, failed(added, "2025-07-01", "2025-12-31", mg))), "augmentation_trials"
    )
    assert found.answer is expected
