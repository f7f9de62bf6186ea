"""Taking knowledge away never makes an answer, for each word that the 57 policies do not use.

As in `test_deletion`: facts do not contradict one another, a score takes the earlier ones of its scale with it, and a trial
takes the word that the history is whole with it (decision record 0011). The first, the worst and the best score speak about
a whole series: less one score it is another series, so for these words a score takes all of its scale with it.
"""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import leaves_of
from inconcert.payers import determine
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.evaluate import compiled, judge
from inconcert.record import Person
from support.drawn_words import POLICIES, people
from support.payer_cases import make_case

OF_A_SERIES = {"improved", "worse than best", "best since worst", "window"}
FACTS = {name: frozenset(leaf.fact for leaf in leaves_of(policy.criteria)) for name, policy in POLICIES.items()}


def answers(person: Person) -> dict[str, Answer]:
    """The answer of every snippet."""
    view = CaseView(make_case(person))
    asked = {name: Asked(policy, view, "rtms", facts=FACTS[name]) for name, policy in POLICIES.items()}
    return {name: judge(compiled(policy.criteria), asked[name]).answer for name, policy in POLICIES.items()}


KINDS = ("conditions", "reported_trials", "scale_forms", "medications", "procedures", "attestations", "measurements")


def without(person: Person, kind: str, index: int, *, series: bool = False) -> Person:
    """The person less one fact, and less what stands or falls with it (see the first lines)."""
    facts = getattr(person, kind)
    if kind == "scale_forms":
        gone = facts[index]
        later = [f for f in facts if f.taken.days.latest > gone.taken.days.latest and not series]
        kept = tuple(f for f in facts if f.scale != gone.scale or f in later)
        return dataclasses.replace(person, scale_forms=kept)
    less: dict[str, Any] = {kind: facts[:index] + facts[index + 1 :]}
    if kind in ("reported_trials", "medications"):
        less["attestations"] = tuple(a for a in person.attestations if a.question != "staging.history_complete")
    return dataclasses.replace(person, **less)


@given(people(), st.integers(0, 2**32))
def test_no_deleted_fact_turns_unknown_into_an_answer(person: Person, seed: int) -> None:
    """With one fact fewer, whatever was unknown stays unknown, for every word."""
    places = [(kind, i) for kind in KINDS for i in range(len(getattr(person, kind)))]
    before = answers(person)
    for kind, index in random.Random(seed).sample(places, min(3, len(places))):
        after = answers(without(person, kind, index))
        if kind == "scale_forms":
            after |= {n: a for n, a in answers(without(person, kind, index, series=True)).items() if n in OF_A_SERIES}
        grown = {n: after[n].value for n, a in before.items() if a is Answer.UNKNOWN and after[n] is not Answer.UNKNOWN}
        assert not grown, f"without {kind}[{index}]: {grown}"


@given(people())
def test_sex_home_and_birth_are_facts_like_any_other(person: Person) -> None:
    """Without them nothing that was unknown is answered."""
    before = answers(person)
    for less in ({"sex": ""}, {"region": ""}, {"birth": None}):
        after = answers(dataclasses.replace(person, **less))
        assert [n for n, a in before.items() if a is Answer.UNKNOWN and after[n] is not Answer.UNKNOWN] == []


@pytest.mark.parametrize(("name", "policy"), POLICIES.items())
def test_of_nobody_nothing_is_met(name: str, policy: CoveragePolicy) -> None:
    """Each word asks something of a person of whom nothing is known, and refuses nobody for silence."""
    found = determine(policy, make_case(Person(id="Patient/nobody")), "rtms")
    assert found.answer is Answer.UNKNOWN, name
    assert found.missing
