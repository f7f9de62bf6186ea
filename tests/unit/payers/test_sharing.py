"""What is judged once for many policies, and written when somebody reads it, is what each policy alone would have said."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import date
from typing import Any

import msgspec
import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies
from inconcert.payers import Case, Determination, determine, determine_all
from inconcert.payers.asking import Asked, CaseView, share
from inconcert.payers.evaluate import evaluate
from inconcert.record import Person
from support.factories import diagnosis, make_person, order, phq9
from support.payer_cases import COMPLETE, SERTRALINE, approvable, clear_person, failed, ill, make_case

SERVICES = ("rtms", "esketamine", "dtms")
CASES = {
    "nobody": lambda: make_case(Person(id="Patient/nobody"), date(2026, 11, 22)),
    "one failure": lambda: make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE)),
    "everything answered": approvable,
    "a chart without answers": lambda: make_case(
        make_person(diagnosis("F33.1"), order("sertraline", "2025-01-01", None, 100), phq9("2026-11-01", 19))
    ),
}
SAID = ("criteria", "summary", "missing", "decision", "basis", "caveats", "authorizes", "answer")


def said(determination: Determination) -> dict[str, Any]:
    """What a determination says, as plain data."""
    return {name: msgspec.to_builtins(getattr(determination, name), str_keys=True) for name in SAID}


@pytest.mark.parametrize("name", list(CASES))
def test_asked_together_or_alone_a_policy_says_the_same(name: str) -> None:
    """Every policy asked with all others, sharing what it can, says word for word what it says when asked alone."""
    case = CASES[name]()
    together = determine_all(case, SERVICES)
    assert len(together) > len(policies())
    for found in together:
        alone = determine(policies()[found.policy_id], case, found.service)
        assert said(found) == said(alone), found.policy_id


def test_no_mark_of_a_shared_finding_is_ever_shown() -> None:
    """In everything that any policy says, no criterion, source or question carries the mark in place of its name."""
    for case in (make() for make in CASES.values()):
        for found in determine_all(case, SERVICES):
            assert "\\u0000" not in msgspec.json.encode(said(found)).decode()


def test_the_order_in_which_policies_are_asked_changes_nothing() -> None:
    """Asked backwards, every policy says the same: a finding that was judged for another policy first is no other finding."""
    case: Case = approvable()
    forwards = {(d.policy_id, d.service): said(d) for d in determine_all(case, SERVICES)}
    backwards = determine_all(case, SERVICES, list(policies().values())[::-1])
    assert {(d.policy_id, d.service): said(d) for d in backwards} == forwards


def test_what_is_written_when_read_is_part_of_every_copy() -> None:
    """A determination that nobody has read yet serializes, copies, compares and pickles whole."""
    case = approvable()
    policy = policies()["optum-uhc-tms"]
    fresh = determine(policy, case, "rtms")
    plain = msgspec.to_builtins(fresh, str_keys=True)
    assert set(plain) == {f.name for f in dataclasses.fields(Determination)}
    assert plain["summary"]
    assert dataclasses.replace(determine(policy, case, "rtms"), stage="x").summary == fresh.summary
    assert copy.copy(determine(policy, case, "rtms")) == fresh
    assert pickle.loads(pickle.dumps(determine(policy, case, "rtms"))) == fresh


def test_a_misspelled_field_is_an_error() -> None:
    """Only fields are written when read; any other name is refused as in every object."""
    with pytest.raises(AttributeError, match="shortest_road"):
        _ = determine(policies()["optum-uhc-tms"], approvable(), "rtms").shortest_road  # type: ignore[attr-defined]


def test_a_finding_is_taken_again_only_where_what_it_read_is_the_same() -> None:
    """Judged for one service, a criterion that looked at the service is judged anew for another, and one that did not is not."""
    policy = policies()["optum-uhc-tms"]
    view = CaseView(approvable())
    calls: list[str] = []

    def judge(traced: Any) -> Any:
        calls.append(traced.service)
        return evaluate(policy.criteria, Asked(policy, view, "rtms")).judgement

    def judge_blind(_traced: Any) -> Any:
        calls.append("blind")
        return evaluate(policy.criteria, Asked(policy, view, "rtms")).judgement

    for service in ("rtms", "rtms", "dtms", "rtms"):
        share(Asked(policy, view, service), "looks", judge)
        share(Asked(policy, view, service), "does not look", judge_blind)
    assert calls == ["rtms", "blind", "dtms"]
    assert view.findings["looks"][0].judgement.answer is Answer.MET
