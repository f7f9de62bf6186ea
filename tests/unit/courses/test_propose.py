"""The list of ways: nothing hidden, nothing ranked, what cannot wait said first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.courses import ProposalList, propose, read_needs, way_files
from inconcert.judgement import Answer, NumberKind
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.protocols import protocol_files
from inconcert.protocols import Way, can_select
from inconcert.record import Person
from inconcert.safety import Arm, Clearance, screen
from support.factories import attest, diagnosis, make_person
from support.safe_person import safe_person, screener

AS_OF = date(2026, 11, 22)
DRUGS = {"iv_ketamine", "esketamine"}


def proposed(person: Person, determinations: Any = None) -> ProposalList:
    """The list for a person."""
    return propose(screen(person, None, AS_OF), read_needs(person, AS_OF), determinations, AS_OF)


def test_every_kind_of_way_is_offered() -> None:
    """A cleared person sees each of the seven ways, in the order of the file, none excluded."""
    result = proposed(safe_person())
    assert {w.way for w in result.ways} == set(Way)
    assert [w.proposal.id for w in result.ways] == [w.id for w in way_files()]
    assert {w.clearance for w in result.ways} == {Clearance.CLEARED}


def test_an_aneurysm_excludes_what_uses_the_drug_and_says_why() -> None:
    """The drug ways stand last with the reason; TMS alone stays open and comes first."""
    result = proposed(safe_person(diagnosis("I67.1"), without=("safety.aneurysm",)))
    for way in result.ways:
        assert way.excluded is bool(DRUGS & set(way.proposal.services))
        if way.excluded:
            assert any("Aneurysmal" in b.text for b in way.blockers)
    flags = [w.excluded for w in result.ways]
    assert flags == sorted(flags)
    assert {w.way for w in result.open_ways()} == {Way.TMS_ALONE}
    assert len(result.ways) == len(way_files())


def test_an_implant_excludes_what_uses_a_coil() -> None:
    """A pacemaker leaves the two drugs alone."""
    result = proposed(safe_person(diagnosis("Z95.0"), without=("safety.active_implant",)))
    assert {w.way for w in result.open_ways()} == {Way.KETAMINE_ALONE, Way.ESKETAMINE_ALONE}


def test_a_hold_of_one_arm_holds_only_the_ways_that_use_it() -> None:
    """A missing answer about blood pressure leaves TMS alone cleared and carries its question to the drug ways."""
    result = proposed(safe_person(without=("pressure",)))
    for way in result.ways:
        uses_drug = bool(DRUGS & set(way.proposal.services))
        assert way.clearance is (Clearance.HOLD if uses_drug else Clearance.CLEARED)
        assert ("safety.systolic_mmhg" in {q.id for q in way.questions}) is uses_drug


def test_pairs_answer_to_the_pairs_own_screen() -> None:
    """Every way with two parts also stands or falls by the combined arm."""
    person = safe_person(without=("safety.medication_list",))
    for way in proposed(person).ways:
        arms = {b.arm.arm for b in way.blockers}
        assert (Arm.COMBINED in arms) is (len(way.proposal.parts) > 1)


def test_an_empty_chart_proposes_everything_on_hold() -> None:
    """With no facts every way is on hold, none excluded or cleared, and the suicide screen is asked for first."""
    result = proposed(make_person(birth=None, sex=""))
    assert {w.clearance for w in result.ways} == {Clearance.HOLD}
    assert result.questions[0].id == "safety.cssrs"
    assert {f"needs.{n}" for n in ("speed", "escort", "travel_minutes")} <= {q.id for q in result.questions}


@pytest.mark.parametrize(
    ("yes", "urgent"), [("1 2 4", True), ("6 6b", True), ("1 2 3", True), ("1", False), ("", False)]
)
def test_what_cannot_wait_is_said_first(yes: str, urgent: bool) -> None:
    """Red or amber: actions stand before any way, and each slow way says that nobody may wait for it."""
    result = proposed(safe_person(screener(yes, "2026-11-22")))
    assert bool(result.do_first) is urgent
    for way, file in zip(result.ways, way_files(), strict=True):
        warned = any("acute risk" in caution for caution in way.cautions)
        assert warned is (urgent and file.onset == "weeks")


def test_an_unknown_suicide_risk_is_asked_before_anything_is_planned() -> None:
    """No screener in date: the first thing to do is to complete one."""
    assert proposed(safe_person(without=("cssrs",))).do_first[0].startswith("Complete the C-SSRS")


def test_no_unsafe_protocol_is_ever_offered() -> None:
    """No part is a protocol marked never, and the marked ones are listed with why they are not offered."""
    result = proposed(safe_person())
    assert all(can_select(part.protocol) for w in result.ways for part in w.proposal.parts)
    assert {name for name, why in result.never_offered if why} == {
        p.id for p in protocol_files().values() if p.never_default
    }
    assert "ctk_best_2019" in {name for name, _ in result.never_offered}


def test_pairs_say_what_was_never_tested() -> None:
    """Each pair carries design defaults with reasons and the sentence that no trial tested it; counts of the comparison are reported."""
    for way in proposed(safe_person()).ways:
        pair = len(way.proposal.parts) > 1
        assert any("No trial tested this pairing" in c for c in way.cautions) is pair
        if pair:
            assert all(why for _, why in way.proposal.design_defaults)
        assert all(f.kind is NumberKind.REPORTED and f.sources for f in way.proposal.known)
    same_day = next(w for w in proposed(safe_person()).ways if w.way is Way.TMS_FIRST_SAME_DAY)
    assert {f.unit for f in same_day.proposal.known} >= {"percent (53 of 66)", "percent (130 of 169)"}


def test_coverage_is_said_part_by_part() -> None:
    """A part without a policy asked says so; nothing is called paid for by silence."""
    for way in proposed(safe_person()).ways:
        assert [c.service for c in way.coverage] == list(way.proposal.services)
        assert all(c.answer is None and "No policy was asked" in c.text for c in way.coverage)


def test_every_proposal_stands_on_its_sources() -> None:
    """Each way names the protocols it is built from and their sources."""
    for way in proposed(safe_person()).ways:
        assert {u.record_id for u in way.proposal.basis.used} == {f"protocol/{p.protocol}" for p in way.proposal.parts}
        assert way.proposal.basis.sources


def answer(draw: st.DrawFn, question: str) -> Any:
    """A random answer to one intake question, or a value outside its choices."""
    asked = intake_questions()[question]
    on = draw(st.sampled_from(["2026-11-20", "2026-10-01", "2026-12-01", None]))
    if asked.answer == "number":
        return attest(question, "", on, value=draw(st.sampled_from([0.0, 1.0, 5.0, 25.0, 200.0, -3.0])))
    if asked.answer == "choice":
        return attest(question, "", on, value_text=draw(st.sampled_from([*asked.choices, "whenever"])))
    return attest(question, draw(st.sampled_from(["yes", "no"])), on)


@st.composite
def needy(draw: st.DrawFn) -> Person:
    """A cleared person with some needs answered, at most once each."""
    asked = [q for q in intake_questions() if q.startswith("needs.") and q != "needs.note"]
    chosen = draw(st.lists(st.sampled_from(asked), unique=True))
    return safe_person(*(answer(draw, q) for q in chosen))


@given(needy())
def test_needs_never_reorder_or_hide_a_way(person: Person) -> None:
    """Whatever a person needs or prefers, the list is the same list in the same order: there is no hidden score."""
    assert [w.proposal.id for w in proposed(person).ways] == [w.id for w in way_files()]


@given(needy())
def test_an_answer_taken_away_leaves_a_need_unknown(person: Person) -> None:
    """Taking an answer away never makes an unknown need known, and no unknown fit note helps or hinders."""
    before = read_needs(person, AS_OF)
    for index, gone in enumerate(person.attestations):
        less = replace(person, attestations=person.attestations[:index] + person.attestations[index + 1 :])
        after = read_needs(less, AS_OF)
        for was, now in zip(before.all(), after.all(), strict=True):
            assert was.known or not now.known
            if was.id == gone.question:
                assert not now.known


def test_a_blank_or_impossible_need_is_unknown() -> None:
    """A negative journey, a choice nobody offered, 'not sure' and an answer given later are all asked again."""
    person = make_person(
        attest("needs.travel_minutes", "", "2026-11-20", value=-5),
        attest("needs.speed", "", "2026-11-20", value_text="asap"),
        attest("needs.escort", "unknown", "2026-11-20"),
        attest("needs.transport", "yes", "2026-11-30"),
    )
    needs = read_needs(person, AS_OF)
    assert [n.answer for n in needs.all()] == [Answer.UNKNOWN] * len(needs.all())
    assert len(needs.questions()) == len(needs.all())
