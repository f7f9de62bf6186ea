"""Renewal, retreatment, maintenance, and quantities released in stages.

Sources: the policy files named; shared brief on policies, section 1, points 4 and 7.
"""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.payers import Case, determine
from support.clause import policy_of
from support.factories import procedure
from support.payer_cases import (
    COMPLETE,
    MIRTAZAPINE,
    NORTRIPTYLINE,
    SERTRALINE,
    VENLAFAXINE,
    approvable,
    ask,
    clear_person,
    failed,
    ill,
    make_case,
    rows,
    two_failures,
)
from support.twins import differences

TREATED: dict[str, str | float] = {"payers.prior_tms": "yes"}
RETREATMENT = """
policy               | improved by | held days | days since | relapsed | answer
optum-uhc-tms        | 50          | .         | 180        | .        | met
optum-uhc-tms        | 49          | .         | 180        | .        | no
optum-uhc-tms        | 50          | .         | 178        | .        | no
aetna-tms            | 50          | 60        | .          | .        | met
aetna-tms            | 50          | 59        | .          | .        | no
florida-blue-tms     | .           | .         | 89         | .        | met
florida-blue-tms     | .           | .         | 88         | .        | no
medicare-l37088-tms  | 51          | .         | .          | yes      | met
medicare-l37088-tms  | 50          | .         | .          | yes      | no
medicare-l37088-tms  | 51          | .         | .          | no       | no
medicare-l33398-tms  | 40          | .         | .          | yes      | met
wa-lni-tms           | 30          | 42        | .          | .        | met
wa-lni-tms           | 30          | 41        | .          | .        | no
"""
KEYS = (
    "payers.prior_tms_improvement_percent",
    "payers.prior_tms_sustained_days",
    "payers.days_since_tms",
    "payers.relapse",
)
WORDS = {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}


def treated(**answers: str | float) -> Case:
    """An approvable person who had TMS before. Answers were given the day before, so a day has passed since."""
    return approvable(**{**TREATED, **answers})


@pytest.mark.parametrize("row", rows(RETREATMENT)[1:], ids=" ".join)
def test_retreatment(row: list[str]) -> None:
    """Percent, days held, days since and relapse, strict and not strict as each policy writes them."""
    policy, *cells, expected = row
    answers: dict[str, Any] = {
        key: cell if key == "payers.relapse" else float(cell)
        for key, cell in zip(KEYS, cells, strict=True)
        if cell != "."
    }
    assert ask(policy, treated(**answers), stage="retreatment").answer is WORDS[expected]


def test_the_last_session_on_record_gives_the_interval() -> None:
    """Without anybody's word the last TMS session in the chart counts: 90 days at Florida Blue."""
    for on, expected in (("2026-08-24", Answer.MET), ("2026-08-25", Answer.NOT_MET)):
        person = clear_person(*ill(), *two_failures(), procedure("90868", on), procedure("90868", "2025-01-05"),
                              without=("payers.days_since_tms",))  # fmt: skip
        assert ask("florida-blue-tms", make_case(person), stage="retreatment").answer is expected


def test_no_course_on_record_is_no_interval() -> None:
    """A chart without a TMS session has not said that there was none."""
    case = make_case(clear_person(*ill(), *two_failures(), without=("payers.days_since_tms",)))
    found = ask("florida-blue-tms", case, stage="retreatment")
    assert found.answer is Answer.UNKNOWN
    assert [q.id for q in found.missing] == ["payers.days_since_tms"]


def test_maintenance_that_is_not_covered_is_refused() -> None:
    """Aetna and the Noridian text do not cover maintenance; of a policy that says nothing we hold no criteria."""
    assert ask("aetna-tms", treated(), stage="maintenance").decision == "never_covered"
    assert ask("medicare-l37088-tms", treated(), stage="maintenance").answer is Answer.NOT_MET
    assert ask("optum-uhc-tms", treated(), stage="maintenance").answer is Answer.UNKNOWN


def test_ohio_renews_one_indication_and_not_the_other() -> None:
    """Ohio renews for TRD with any improvement; for suicidality only a new episode opens it again."""
    case = treated()
    found = ask("ohio-medicaid-spravato", case, stage="continuation")
    assert found.answer is Answer.MET
    assert "180 days" in found.authorizes
    worse = ask("ohio-medicaid-spravato", treated(**{"payers.improved_since_start": "no"}), stage="continuation")
    assert worse.answer is Answer.NOT_MET
    other = ask("ohio-medicaid-spravato", treated(**{"payers.approved_for_trd": "no"}), stage="continuation")
    assert other.answer is Answer.NOT_MET
    unsaid = make_case(clear_person(*ill(), *two_failures(), without=("payers.approved_for_trd",)))
    found = ask("ohio-medicaid-spravato", unsaid, stage="continuation")
    assert found.answer is Answer.UNKNOWN
    assert [q.id for q in found.missing] == ["payers.approved_for_trd"]


def test_wyoming_renews_suicidality_never_and_what_it_renews_for_trd_was_not_seen() -> None:
    """Wyoming: no renewal for suicidality; the renewal for TRD was not seen, so it is neither met nor refused."""
    for approved_for_trd, expected in (("yes", Answer.UNKNOWN), ("no", Answer.NOT_MET)):
        case = treated(**{"payers.approved_for_trd": approved_for_trd})
        assert ask("wyoming-medicaid-spravato", case, stage="continuation").answer is expected


QUANTITIES = {
    "medicare-l37086-tms": (
        "25 sessions",
        "20 sessions in 4 weeks then 5 sessions tapering",
        "16 sessions",
        "if interim response",
    ),
    "ibx-tms": (
        "36 sessions",
        "tapering 3-2-1",
        "or accelerated saint 50 sessions",
        "10 a day",
        "beyond 36 sessions: experimental",
    ),
    "centene-nevada-tms": ("number of sessions not said", "itbs at most 30 sessions"),
    "uhc-spravato": ("12 months",),
    "ohio-medicaid-spravato": ("60 days", "56 or 84 mg", "6 packs in 7 days"),
    "medicare-l34869-tms": (
        "90867 once per treatment episode, not again within 6 weeks",
        "no prior authorization is asked",
    ),
    "worksafe-victoria-rtms": ("20-35 sessions", "over 4 to 7 weeks"),
}


@pytest.mark.parametrize("policy", QUANTITIES)
def test_quantities_are_told_with_their_stages(policy: str) -> None:
    """Stages, their conditions, caps and what lies beyond are told as the policy has them."""
    told = ask(policy, approvable()).authorizes
    for part in QUANTITIES[policy]:
        assert part.lower() in told.lower(), told


OWN_ROUTE = """
any:
  - fact: adequate_antidepressant_trials
    at_least: 2
  - fact: medication_intolerance
    at_least: 4
"""
LATER = """retreatment:
  criteria:
    all:
      - fact: initial_criteria_met
"""
FIRST_AND_LATER = """
trials of this episode, how each ended                 | initial | retreatment
nonresponse, nonresponse                               | met     | met
nonresponse, intolerance                               | no      | no
intolerance, intolerance, intolerance, intolerance     | met     | met
"""


@pytest.mark.parametrize("row", rows(FIRST_AND_LATER)[1:], ids=" ".join)
def test_the_criteria_of_the_first_decision_keep_their_own_words(row: list[str]) -> None:
    """A policy with a route of its own for intolerance counts none as a failure, at the first decision and at a later one alike."""
    outcomes = row[0].split(", ")
    drugs = zip((SERTRALINE, VENLAFAXINE, MIRTAZAPINE, NORTRIPTYLINE), outcomes, strict=False)
    case = make_case(clear_person(*ill(), COMPLETE, *(failed(*drug, outcome=how) for drug, how in drugs)))
    policy = policy_of(OWN_ROUTE, more=LATER)
    for stage, expected in zip(("initial", "retreatment"), row[1:], strict=True):
        found = determine(policy, case, "rtms", stage=stage)
        assert found.answer is WORDS[expected], (stage, found.summary)
        if stage == "retreatment":
            assert differences([case], [(policy, "rtms")], stage) == []
