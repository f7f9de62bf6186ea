"""What changed between two policies, and for whom the answer changes: small edits with known results, and all pairs."""

from __future__ import annotations

import json

import pytest

from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.policies import CoveragePolicy, policies, policy_from_text
from inconcert.payers import determine
from inconcert.payers.policy_diff import AnswerChange, PolicyDiff, answers_that_change, diff_policies
from support.payer_cases import SERTRALINE, VENLAFAXINE, approvable, clear_person, failed, ill, make_case

BASE = """id: {id}
payer: A Payer
payer_names: [a payer]
line_of_business: commercial
jurisdiction: [US]
policy_number: P 1
title: A draft
services: [rtms]
version: {{effective: 2026-01-01}}
status: read
read_depth: full_text
checked_on: 2026-11
sources: [{{ref: "https://example.org", kind: payer}}]
process: {{prior_auth: required}}
combination: {{clause: silent}}
authorization: [{{sessions: 30}}]
criteria:
  all:
    - {{fact: age, min: 18}}
    - {{fact: adequate_antidepressant_trials, at_least: 2, distinct_classes: 2}}
    - any:
        - {{fact: severity_score, any_of: [{{scale: PHQ-9, op: ">=", value: 20}}]}}
        - {{fact: suicidality, level: acute_ideation_or_behavior}}
    - not: {{fact: seizure_disorder}}
"""


def text(policy_id: str, *edits: tuple[str, str]) -> CoveragePolicy:
    """The base text with these edits; each must apply."""
    found = BASE.format(id=policy_id)
    for old, new in edits:
        assert old in found, old
        found = found.replace(old, new, 1)
    return policy_from_text(found, f"{policy_id}.yaml")


def told(diff: PolicyDiff) -> list[str]:
    """The changes in short: part, kind, fields or words."""
    return [
        f"{c.part} {c.kind.value}: "
        + ("; ".join(f"{n} {x or '-'} > {y or '-'}" for n, x, y in c.fields) or f"{c.before or '-'} > {c.after or '-'}")
        for c in diff.changes
    ]


OLD = text("old")


@pytest.mark.parametrize(("edits", "expected"), [
    ([], []),
    ([("at_least: 2", "at_least: 4")], ["criteria changed: at least 2 > 4"]),
    ([("value: 20", "value: 15")], ["criteria changed: any of scale PHQ-9; op >=; value 20 > scale PHQ-9; op >=; value 15"]),
    ([("    - {fact: age, min: 18}\n", "")], ["criteria removed: age; min 18 > -"]),
    ([("    - not:", "    - {fact: catatonia}\n    - not:")], ["criteria added: - > catatonia"]),
    ([("    - not: {fact: seizure_disorder}", "    - {fact: seizure_disorder}")], ["criteria moved: seizure disorder > seizure disorder"]),
    ([("min: 18", "min: 18, provenance: recalled")], ["criteria changed: provenance - > recalled"]),
    ([("    - {fact: age, min: 18}\n", ""), ("        - {fact: sui", "        - {fact: age, min: 18}\n        - {fact: sui")],
     ["criteria moved: age; min 18 > age; min 18"]),
    ([("sessions: 30", "sessions: 36")], ["quantity changed: 30 > 36"]),
    ([("clause: silent", "clause: prohibits")], ["combination changed: silent > prohibits"]),
    ([("2026-01-01", "2027-01-01"), ("checked_on: 2026-11", "checked_on: 2027-01")],
     ["dates changed: 2026-01-01 > 2027-01-01", "dates changed: 2026-11 > 2027-01"]),
    ([('{ref: "https://example.org", kind: payer}', '{ref: "https://example.com", kind: form}')],
     ["sources removed: https://example.org (payer) > -", "sources added: - > https://example.com (form)"]),
    ([("jurisdiction: [US]", "jurisdiction: [US-OH, US]")], ["whom it governs added: - > US-OH"]),
    ([("process: {prior_auth: required}", "process: {prior_auth: not_required}")], ["process changed: required > not required"]),
    ([("criteria:", "retreatment: {criteria: {fact: relapse}}\ncriteria:")], ["retreatment added: - > relapse"]),
])  # fmt: skip
def test_an_edit_is_told_as_what_it_is(edits: list[tuple[str, str]], expected: list[str]) -> None:
    """One edit, one change, in the words of the language; backwards, what was added is removed."""
    new = text("new", *edits)
    assert told(diff_policies(OLD, new)) == expected
    swap = {"added": "removed", "removed": "added"}
    back = sorted(f"{c.part} {swap.get(c.kind.value, c.kind.value)}" for c in diff_policies(new, OLD).changes)
    assert back == sorted(f"{c.part} {c.kind.value}" for c in diff_policies(OLD, new).changes)


@pytest.mark.parametrize("name", list(policies()))
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    """Nothing changed between a text and the same text read again."""
    assert diff_policies(policies()[name], policies()[name]).same


def test_a_comparison_is_plain_data() -> None:
    """Everything of it can be written as JSON."""
    found = diff_policies(policies()["cigna-tms-2016"], policies()["cigna-evernorth-tms"])
    assert json.loads(json.dumps(found.as_dict()))["changes"]


YES = approvable()
ONE = make_case(clear_person(*ill(), failed(*SERTRALINE), failed(*VENLAFAXINE, outcome="response")))
MILD = make_case(clear_person(*ill(16), failed(*SERTRALINE), failed(*VENLAFAXINE)))


def changed(case: object, *edits: tuple[str, str]) -> AnswerChange | None:
    """The change of one person's answer by these edits, if there is one."""
    found = answers_that_change(OLD, text("new", *edits), [case])  # type: ignore[list-item]
    return found[0] if found else None


def test_the_criterion_responsible_is_named() -> None:
    """A higher number of trials refuses whoever had just enough; the change named is that number and nothing else."""
    found = changed(YES, ("at_least: 2", "at_least: 3"), ("sessions: 30", "sessions: 36"), ("min: 18", "min: 15"))
    assert found is not None
    assert (found.before, found.after) == (Answer.MET, Answer.UNKNOWN)
    ((change, before, after),) = found.because
    assert change.fields == (("at least", "2", "3"),)
    assert (before, after) == ("", "unknown")
    assert found.before_stop == ""
    assert "2 of 3" in found.after_stop


def test_a_lower_gate_lets_somebody_through() -> None:
    """The change that lifts a refusal is named, with what it was before."""
    found = changed(MILD, ("value: 20", "value: 15"))
    assert found is not None
    assert (found.before, found.after) == (Answer.NOT_MET, Answer.MET)
    ((change, before, after),) = found.because
    assert change.after.startswith("severity score")
    assert (before, after) == ("not_met", "")


def test_a_new_bar_is_named() -> None:
    """A criterion that is added and refuses is the one responsible."""
    found = changed(YES, ("    - not:", "    - {fact: age, min: 60}\n    - not:"))
    assert found is not None
    assert found.after is Answer.NOT_MET
    assert [(c.kind.value, c.after) for c, _, _ in found.because] == [("added", "age; min 60")]


def test_whose_answer_stays_is_not_listed() -> None:
    """Of three people only the one whose answer changes is listed."""
    new = text("new", ("value: 20", "value: 15"))
    assert len(answers_that_change(OLD, new, [YES, MILD, ONE])) == 1


def test_texts_on_different_treatments_cannot_be_asked_together() -> None:
    """Where no treatment is common, the comparison of people is refused with a mend."""
    esketamine = text("other", ("services: [rtms]", "services: [esketamine]"))
    with pytest.raises(Refusal, match="both speak"):
        answers_that_change(OLD, esketamine, [YES])
    with pytest.raises(Refusal, match="rtms"):
        answers_that_change(OLD, text("new"), [YES], service="dtms")


PAIRS = [
    (a, b) for a, b in zip(list(policies()), list(policies())[1:], strict=False)
    if set(policies()[a].services) & set(policies()[b].services)
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_listed_are_exactly_those_whose_answer_differs(a: str, b: str) -> None:
    """Over carried policies: whoever is listed is answered differently, everybody else is not, and a reason is given."""
    one, other = policies()[a], policies()[b]
    service = next(s for s in one.services if s in other.services)
    found = {c.before_stop + c.after_stop: c for case in (YES, MILD) for c in answers_that_change(one, other, [case])}
    for case in (YES, MILD):
        before, after = (determine(p, case, service, as_written=True).answer for p in (one, other))
        listed = answers_that_change(one, other, [case])
        assert bool(listed) is (before is not after)
        assert all((c.before, c.after) == (before, after) and c.because for c in listed)
    assert len(found) <= 2
