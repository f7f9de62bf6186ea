"""Taking knowledge away never makes an answer: no deleted fact turns an unknown into met or not met."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer, Judgement
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import policies
from inconcert.payers import Determination, determine_all
from inconcert.record import Person, ReportedTrial
from support.factories import attest, day, diagnosis, make_person, order, phq9, procedure, scale_form
from support.payer_cases import (
    COMPLETE,
    DAY,
    ESCITALOPRAM,
    MIRTAZAPINE,
    SAID_ON,
    SERTRALINE,
    VENLAFAXINE,
    clear_person,
    failed,
    make_case,
    say,
    willing,
)
from support.safe_person import safe_person, screener

# Facts that do not contradict one another: of two that do, either may be the mistake, and taking one away decides it.
# So a person whose safety questions are all answered well has no diagnosis that one of those answers denies.
PLAIN = [
    (), (diagnosis("F33.2", "2025-02-01"),), (diagnosis("F33.1", "2025"),), (diagnosis("F32.9", None),),
    (diagnosis("F33.2", "2025-02-01"), diagnosis("F17.210")),
]  # fmt: skip
TELLING = [
    *PLAIN, (diagnosis("F33.3", "2025-02-01"),), (diagnosis("F31.4", "2024-02-01"),), (diagnosis("F33.2", "2025-02-01"), diagnosis("F41.1")),
    (diagnosis("F33.2"), diagnosis("G40.909")), (diagnosis("F33.2"), diagnosis("F10.20")),
]  # fmt: skip
OUTCOMES = st.sampled_from(["nonresponse", "partial", "intolerance", "response", ""])
SCALES = st.lists(
    st.one_of(
        st.builds(phq9, st.sampled_from(["2026-11-10", "2026-10-20", "2025-05-05", "2026-11"]), st.sampled_from([9, 15, 16, 20, 21, 27])),
        st.builds(lambda total: scale_form("madrs", "2026-11-12", total), st.sampled_from([10, 28, 35])),
        st.just(scale_form("phq9", "2026-11-18", items={str(n): 3.0 for n in range(1, 7)} | {"7": 1.0, "8": None, "9": None})),
    ),
    max_size=3,
)  # fmt: skip
DENYING = ("payers.mdd", "payers.psychotic", "payers.recurrent", "payers.diagnosis.", "payers.hazard.", "payers.acute",
           "payers.suicidal_intent", "payers.on_", "payers.ketamine_now")  # fmt: skip
QUESTIONS = sorted(
    q for q, entry in intake_questions().items()
    if q.startswith("payers.") and entry.answer == "yes_no" and not q.startswith(DENYING)
)  # fmt: skip


@st.composite
def trials(draw: st.DrawFn) -> list[ReportedTrial]:
    """Some of four drugs, each with its own gaps."""
    found = []
    for drug, start, end, mg in (SERTRALINE, VENLAFAXINE, ESCITALOPRAM, MIRTAZAPINE):
        if draw(st.booleans()):
            found.append(
                failed(
                    drug, start, draw(st.sampled_from([end, None])), mg, outcome=draw(OUTCOMES),
                    improvement_percent=None, adherence_percent=draw(st.sampled_from([None, 70, 90])),
                    in_current_episode=draw(st.sampled_from([True, False, None])),
                )
            )  # fmt: skip
    return found


@st.composite
def people(draw: st.DrawFn) -> Person:
    """A person with any mix of facts, well known or hardly known."""
    safe, answered = draw(st.booleans()), draw(st.booleans())
    facts: list[Any] = [*draw(st.sampled_from(PLAIN if safe or answered else TELLING)), *draw(trials()), *draw(SCALES)]
    if draw(st.booleans()):
        facts.append(COMPLETE)
    if answered:
        left_out = st.sampled_from(["payers.clinic.", "payers.hazard.", "payers.psychotherapy", "payers.ect."])
        facts += willing(*draw(st.lists(left_out)))
    else:
        asked = draw(st.lists(st.sampled_from(QUESTIONS), unique=True, max_size=8))
        facts += [say(q, draw(st.sampled_from(["yes", "no", "unknown"]))) for q in asked]
    if draw(st.booleans()):
        facts.append(order("sertraline", "2026-01-01", None, 100))
    if draw(st.booleans()):
        facts.append(procedure("90868", draw(st.sampled_from(["2026-09-01", "2025-01-01"]))))
    birth = {"birth": draw(st.sampled_from([None, *map(day, ("1980-01-01", "2008", "2011-06-15", "1955"))]))}
    if safe:
        return safe_person(*facts, without=tuple(draw(st.lists(st.sampled_from(["cssrs", "pressure"])))), **birth)
    return make_person(*facts, **birth)


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
