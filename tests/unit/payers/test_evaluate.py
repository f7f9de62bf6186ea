"""Trees by Kleene's rules, and routes that are the smallest sets: held against brute force over invented trees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer, all_of, any_of
from inconcert.knowledge.policies import CoveragePolicy, policy, policy_from_text
from inconcert.knowledge.policy_schema import parse_tree
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.evaluate import Judged, evaluate
from inconcert.record import Person
from support.payer_cases import criteria, make_case

# Three leaves whose answers are known beforehand, for a date of service of 22 November 2026.
MET: dict[str, Any] = {"fact": "service_date", "on_or_after": "2026-01-01"}
NOT_MET: dict[str, Any] = {"fact": "service_date", "before": "2026-01-01"}
UNKNOWN: dict[str, Any] = {"fact": "policy_text_not_seen", "what": "a part"}
TRUTH = {"on_or_after": Answer.MET, "before": Answer.NOT_MET, "what": Answer.UNKNOWN}
VIEW = CaseView(make_case(Person(id="Patient/nobody")))

trees = st.recursive(
    st.sampled_from([MET, NOT_MET, UNKNOWN]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
        st.tuples(inner, inner).map(lambda pair: {"not": pair[0], "unless": pair[1]}),
        st.just({"never": {"reason": "no"}}),
    ),
    max_leaves=7,
)


def truth(tree: dict[str, Any]) -> Answer:
    """What the tree must answer, worked out from its plain data."""
    if "fact" in tree:
        return next(TRUTH[key] for key in tree if key in TRUTH)
    if "never" in tree:
        return Answer.NOT_MET
    if "not" in tree:
        held = ~truth(tree["not"])
        return any_of((held, truth(tree["unless"]))) if "unless" in tree else held
    return all_of(map(truth, tree["all"])) if "all" in tree else any_of(map(truth, tree["any"]))


def judge(tree: dict[str, Any]) -> Judged:
    """The tree asked of nobody in particular."""
    return evaluate(parse_tree(tree, "$"), Asked(policy("aetna-tms"), VIEW, "rtms"))


@given(trees)
def test_trees_follow_kleene(tree: dict[str, Any]) -> None:
    """all, any, not, unless and never answer by the strong three-valued rules, and an unknown always names a question."""
    found = judge(tree)
    assert found.answer is truth(tree)
    if found.answer is Answer.UNKNOWN:
        assert found.judgement.questions()


def written(criteria_text: str) -> CoveragePolicy:
    """A policy with these criteria."""
    return policy_from_text(
        "id: d\npayer: P\npayer_names: []\nline_of_business: commercial\njurisdiction: [US]\npolicy_number: '1'\ntitle: T\n"
        "services: [rtms]\nversion: {}\nstatus: read\nread_depth: full_text\nchecked_on: 2026-11\nsources: []\n"
        "process: {prior_auth: required}\ncombination: {clause: silent}\ncriteria:\n" + criteria_text, "d.yaml",
    )  # fmt: skip


def test_disagreeing_sources_answer_only_where_they_agree() -> None:
    """Two values that give one answer give it; two that differ give unknown and ask the payer."""
    for values, expected in (
        ("['2026-01-01', '2026-02-01']", Answer.MET),
        ("['2026-01-01', '2027-01-01']", Answer.UNKNOWN),
        ("['2027-01-01', '2028-01-01']", Answer.NOT_MET),
    ):
        text = f"  fact: service_date\n  on_or_after: '2026-01-01'\n  conflicting_values: {{on_or_after: {values}}}\n"
        found = evaluate(written(text).criteria, Asked(written(text), VIEW, "rtms"))
        assert found.answer is expected
        assert "Sources disagree" in found.judgement.text


def test_a_value_not_seen_is_unknown() -> None:
    """`not_seen` in a field of a criterion is unknown whatever the chart says."""
    draft = written("  fact: adequate_antidepressant_trials\n  at_least: not_seen\n")
    found = evaluate(draft.criteria, Asked(draft, VIEW, "rtms"))
    assert found.answer is Answer.UNKNOWN
    assert found.judgement.question is not None
    assert found.judgement.question.id == "payers.policy_text"


@pytest.mark.parametrize("tree", [{"all": [MET, UNKNOWN]}, {"any": [NOT_MET, UNKNOWN]}, {"not": UNKNOWN}])
def test_every_judgement_carries_its_basis(tree: dict[str, Any]) -> None:
    """Rule, day and sources stand behind every node."""
    for judgement in criteria(judge(tree).judgement):
        assert judgement.basis.rule_id == "payers.aetna-tms"
        assert judgement.basis.rule_version == "2026-02-27"
        assert judgement.basis.sources
