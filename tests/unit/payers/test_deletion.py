"""Taking knowledge away never makes an answer: no deleted fact turns an unknown into met or not met."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer, Judgement
from inconcert.knowledge.policies import policies
from inconcert.payers import Determination, determine_all
from inconcert.record import Person
from support.drawn_people import people
from support.factories import attest
from support.payer_cases import (
    DAY,
    SAID_ON,
    clear_person,
    make_case,
    say,
)
from support.safe_person import screener


def answers(person: Person) -> dict[str, Answer]:
    """Every criterion and every whole, by id."""
    found: dict[str, Answer] = {}
    for determination in determine_all(make_case(person)):
        found[f"{determination.policy_id} as a whole"] = determination.answer
        found.update({j.id: j.answer for j in named(determination)})
    return found


def named(determination: Determination) -> Iterator[Judgement]:
    """The criteria of the policy file: the parts that a criterion is made of differ with what is known."""
    waiting = [determination.criteria]
    while waiting:
        judgement = waiting.pop()
        yield judgement
        if ":" not in judgement.id:
            waiting.extend(judgement.parts)


KINDS = ("conditions", "reported_trials", "scale_forms", "medications", "procedures", "attestations", "measurements")


def without(person: Person, kind: str, index: int) -> Person:
    """The person less one fact, and less what stands or falls with it.

    Taking a trial from a history attested complete makes that word untrue, so the word goes too. A score replaces the
    earlier ones of its scale: they no longer tell how the person is, so they go with it rather than come back to life.
    """
    facts = getattr(person, kind)
    if kind == "scale_forms":
        gone = facts[index]
        kept = tuple(f for f in facts if f.scale != gone.scale or f.taken.days.latest > gone.taken.days.latest)
        return dataclasses.replace(person, scale_forms=kept)
    less: dict[str, Any] = {kind: facts[:index] + facts[index + 1 :]}
    if kind in ("reported_trials", "medications"):
        less["attestations"] = tuple(a for a in person.attestations if a.question != "staging.history_complete")
    return dataclasses.replace(person, **less)


@given(people(), st.data())
def test_no_deleted_fact_turns_unknown_into_an_answer(person: Person, data: st.DataObject) -> None:
    """Over all policies: with one fact fewer, whatever was unknown stays unknown."""
    places = [(kind, i) for kind in KINDS for i in range(len(getattr(person, kind)))]
    if not places:
        return
    before = answers(person)
    for kind, index in data.draw(
        st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True), label="deleted"
    ):
        after = answers(without(person, kind, index))
        grown = [
            f"{name}: unknown became {after[name].value}"
            for name, answer in before.items()
            if answer is Answer.UNKNOWN and after[name] is not Answer.UNKNOWN
        ]
        assert not grown, f"without {kind}[{index}]: {grown}"


@given(people())
def test_the_birth_date_is_a_fact_like_any_other(person: Person) -> None:
    """Without a birth date nothing that was unknown is answered."""
    before, after = answers(person), answers(dataclasses.replace(person, birth=None))
    assert [n for n, a in before.items() if a is Answer.UNKNOWN and after[n] is not Answer.UNKNOWN] == []


def test_an_empty_record_meets_no_policy_and_fails_only_flat_refusals() -> None:
    """Of somebody of whom nothing is known, nothing is met; only a refusal of everybody is not met."""
    nobody = Person(id="Patient/nobody")
    for found in determine_all(make_case(nobody)):
        flat = "never" in str(policies()[found.policy_id].file.criteria.keys())
        assert found.answer is (Answer.NOT_MET if flat else Answer.UNKNOWN), found.policy_id


def test_a_later_unknown_takes_nothing_back() -> None:
    """Somebody who later answers `unknown` has added nothing; an earlier yes or no stands."""
    person = clear_person(attest("payers.dsm_confirmed", "unknown", "2026-11-22"), say("payers.prior_tms", "no"))
    person = dataclasses.replace(
        person, attestations=(*person.attestations, attest("payers.dsm_confirmed", "yes", SAID_ON))
    )
    assert make_case(person).as_of == DAY
    found = next(d for d in determine_all(make_case(person)) if d.policy_id == "medicare-l34522-tms")
    assert "documented" in next(j.text for j in named(found) if j.id.endswith("2:diagnosis"))


def test_screener_shows_acute_thoughts() -> None:
    """Intent on the screener is acute; a screener without any yes is not; no screener is unknown."""
    acute = {
        yes: next(d for d in determine_all(make_case(clear_person(screener(yes), without=("payers.acute_suicidality",))))
                  if d.policy_id == "uhc-spravato")
        for yes in ("1 2 3 4 5",)
    }  # fmt: skip
    judged = [j for j in named(acute["1 2 3 4 5"]) if j.id.endswith(":suicidality")]
    assert judged[0].answer is Answer.MET
