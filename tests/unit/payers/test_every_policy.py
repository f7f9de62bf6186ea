"""Each policy can be met, or it says what keeps it from ever being met; each can fail or stay open; each describes itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import FOLDER, policies
from inconcert.knowledge.policy_schema import LEAVES, leaves_of
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.payers import check_file, describe, determine_all
from inconcert.payers.criteria import EVALUATORS
from inconcert.record import Person
from support.factories import order
from support.payer_cases import (
    COMPLETE,
    MIRTAZAPINE,
    NORTRIPTYLINE,
    SERTRALINE,
    VENLAFAXINE,
    ask,
    clear_person,
    criteria,
    failed,
    ill,
    make_case,
    say,
)  # fmt: skip

# Two failures and two augmentations in this episode, four failures in all: what the strictest texts ask.
BEST = make_case(
    clear_person(
        *ill(27), failed(*SERTRALINE), failed(*VENLAFAXINE), failed(*MIRTAZAPINE), failed(*NORTRIPTYLINE), COMPLETE,
        order("sertraline", "2025-03-01", "2025-06-30", 200), order("venlafaxine", "2025-07-10", "2025-11-30", 225),
        order("aripiprazole", "2025-04-15", "2025-06-30", 10), order("lithium carbonate", "2025-08-20", "2025-11-30", 900),
        say("payers.external_criteria", "yes"), say("payers.started_before_guidance", "yes"),
        **{"payers.prior_tms": "yes"},
    )
)  # fmt: skip
NOBODY = make_case(Person(id="Patient/nobody"))


@pytest.mark.parametrize("name", list(policies()))
def test_the_best_case_is_met_or_told_why_it_cannot_be(name: str) -> None:
    """A policy is met by the best case, unless it refuses everybody, rests on text nobody saw, or contradicts itself."""
    found = ask(name, BEST, as_written=True)
    if found.answer is Answer.MET:
        return
    tree = policies()[name].criteria
    unseen = any(leaf.fact == "policy_text_not_seen" or leaf.conflicting_values for leaf in leaves_of(tree))
    stages = {"augmentation_trials"} & {leaf.fact for leaf in leaves_of(tree)}
    assert found.decision == "never_covered" or unseen or stages, found.summary


@pytest.mark.parametrize("name", list(policies()))
def test_nobody_meets_a_policy_by_silence(name: str) -> None:
    """Of a person of whom nothing is known each policy is open or refused, and asks something."""
    found = ask(name, NOBODY, as_written=True)
    assert found.answer is not Answer.MET
    assert found.missing or found.decision == "never_covered"


@pytest.mark.parametrize("stage", ["initial", "continuation", "retreatment", "maintenance"])
@pytest.mark.parametrize("name", list(policies()))
def test_every_stage_answers(name: str, stage: str) -> None:
    """Each stage of each policy gives an answer with basis and question, also where the policy says nothing of it."""
    for case in (BEST, NOBODY):
        found = ask(name, case, stage=stage, as_written=True)
        assert found.summary
        assert found.authorizes
        for judgement in criteria(found.criteria):
            assert judgement.text
            assert judgement.basis.sources


def test_every_question_asked_stands_on_the_intake_form() -> None:
    """An answer typed on the form reaches the rule that asked: every question of ours is an intake question."""
    known = intake_questions()
    for case in (BEST, NOBODY):
        for found in determine_all(case):
            for question in found.missing:
                if question.id.startswith("payers."):
                    assert question.id in known


def test_every_word_of_the_language_can_be_judged() -> None:
    """No fact is accepted by the schema and forgotten by the engine."""
    judged_by_tree = {"initial_criteria_met"}
    assert {n for n, kind in LEAVES.items() if kind not in EVALUATORS} == judged_by_tree


@pytest.mark.parametrize("name", list(policies()))
def test_a_policy_describes_itself_as_plain_data(name: str) -> None:
    """`inconcert policies show --json` can write every policy with its sources."""
    told = describe(policies()[name])
    assert json.loads(json.dumps(told)) == told
    assert told["sources"] or told["status"] == "recalled"
    assert told["criteria"]


def test_a_file_of_ones_own_is_checked(tmp_path: Path) -> None:
    """A good file is read; a bad one is refused with file and line; a missing one with its name."""
    assert check_file(FOLDER / "aetna-tms.yaml").id == "aetna-tms"
    bad = tmp_path / "mine.yaml"
    bad.write_text(
        (FOLDER / "aetna-tms.yaml").read_text(encoding="utf-8").replace("fact: age", "fact: aeg"), encoding="utf-8"
    )
    with pytest.raises(KnowledgeError, match=r"mine\.yaml:\d+: .*'age'"):
        check_file(bad)
    with pytest.raises(KnowledgeError, match=r"none\.yaml"):
        check_file(tmp_path / "none.yaml")
