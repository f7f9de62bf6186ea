"""Every sentence rests on a row of the chart or is typed as what it is; none says what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inconcert.exchange.disclosure import disclosable
from inconcert.exchange.packet import Sentence, packet_json
from inconcert.exchange.packet.criteria import walk
from inconcert.exchange.packet.standing import ALL_STANDING, NOT_SETTLED
from inconcert.exchange.packet.types import Rests
from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies
from inconcert.payers import determine
from inconcert.payers.types import Case
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.synthetic import clinic
from support.packets import AS_OF, chart, facts_of, person_of

PAIR = ("complete-and-clean", ("rtms", "esketamine"), "cigna-evernorth-tms cigna-spravato")
CASES = [
    PAIR,
    ("one-trial-short-attested", ("rtms",), "optum-uhc-tms"),
    ("dose-unknown", ("rtms", "esketamine"), "aetna-tms aetna-spravato"),
    ("policy-calls-pair-experimental", ("rtms", "esketamine"), "aetna-tms aetna-spravato"),
    ("partial-dates", ("esketamine",), "uhc-spravato"),
    ("name-only", ("rtms",), "hcsc-tms"),
]


def without(person: Person, record: str) -> Person:
    """The person without one fact."""
    changes = {
        name: tuple(f for f in getattr(person, name) if f.id != record)
        for name in person.__slots__
        if isinstance(getattr(person, name), tuple)
    }
    return replace(person, **changes)


@pytest.mark.parametrize(("name", "services", "asked"), CASES)
def test_no_sentence_of_fact_stands_without_its_record(name: str, services: tuple[str, ...], asked: str) -> None:
    """A sentence on the person names chart rows that the table of records shows; any other is typed as standing, request,
    policy, study or refusal.
    """
    facts = facts_of(person_of(name), *services, policies=asked)
    shown = {line.id for line in facts.records}
    in_chart = {f.id for f in person_of(name)[0].facts()} | {f"Patient/{name}"}
    for said in facts.sentences():
        assert set(said.records) <= shown
        assert bool(said.records) == (said.rests is Rests.RECORD), said
        if said.rests is Rests.TEMPLATE:
            assert said in ALL_STANDING
    assert shown <= in_chart
    assert [line.number for line in facts.records] == list(range(1, len(facts.records) + 1))


def test_a_sentence_of_fact_cannot_be_made_without_a_record() -> None:
    """The type itself refuses it, and refuses records behind a standing sentence."""
    with pytest.raises(ValueError, match="0 records"):
        Sentence(text="She failed two drugs.", rests=Rests.RECORD)
    with pytest.raises(ValueError, match="1 records"):
        Sentence(text="Enclosed.", rests=Rests.TEMPLATE, records=("Condition/1",))
    with pytest.raises(ValueError, match="names no source"):
        Sentence(text="The policy asks for two.", rests=Rests.POLICY)


@pytest.mark.parametrize(("name", "services", "asked"), CASES[:3])
def test_a_record_taken_away_takes_its_sentences_with_it(name: str, services: tuple[str, ...], asked: str) -> None:
    """Of every record cited: without it, no sentence that rested on it stands as it stood."""
    whole = facts_of(person_of(name), *services, policies=asked)
    person, resources = person_of(name)
    for line in whole.records[:: max(1, len(whole.records) // 6)]:
        if line.id.startswith("Patient/"):
            continue
        rested = {s for s in whole.sentences() if line.id in s.records}
        left = facts_of((without(person, line.id), resources), *services, policies=asked)
        assert not rested & set(left.sentences()), line
        assert line.id not in {row.id for row in left.records}


@pytest.mark.parametrize(("name", "services", "asked"), CASES)
def test_nothing_unknown_is_said(name: str, services: tuple[str, ...], asked: str) -> None:
    """No finding is the text of a judgement that is unknown, and each open criterion opens with saying so."""
    facts = facts_of(person_of(name), *services, policies=asked)
    person = person_of(name)[0]
    history = rebuild_trials(person, AS_OF)
    case = Case(person=person, history=history, safety=screen(person, history, AS_OF), as_of=AS_OF)
    for part in facts.parts:
        found = determine(policies()[part.policy.id], case, part.service)
        unknown = {j.text for j in walk(found.criteria) if j.answer is Answer.UNKNOWN and not j.parts}
        for row in part.criteria:
            assert not unknown & {s.text for s in row.findings}, row
            if row.answer is Answer.UNKNOWN:
                assert row.findings[0].text.startswith("Not settled")


@pytest.mark.parametrize("name", sorted(clinic()))
def test_what_is_known_without_a_record_is_known_of_nobody_in_particular(name: str) -> None:
    """A finding that rests on the request alone is the same for a person of whom nothing is recorded."""
    asked = "optum-uhc-tms uhc-spravato"
    facts = facts_of(person_of(name), "rtms", "esketamine", policies=asked)
    empty = Person(id=name)
    history = rebuild_trials(empty, AS_OF)
    case = Case(person=empty, history=history, safety=screen(empty, history, AS_OF), as_of=AS_OF)
    for part in facts.parts:
        found = determine(policies()[part.policy.id], case, part.service)
        answers = {j.id: j.answer for j in walk(found.criteria)}
        for row in part.criteria:
            if row.findings and all(s.rests is Rests.REQUEST for s in row.findings):
                assert answers.get(row.id) is row.answer, row


@pytest.mark.parametrize("name", sorted(clinic()))
def test_the_packet_says_no_more_than_what_may_leave(name: str) -> None:
    """Each sentence of a packet is one that would be written had the held-back records never existed."""
    person, resources = person_of(name)
    asked = "cigna-evernorth-tms cigna-spravato"
    whole = facts_of((person, resources), "rtms", "esketamine", policies=asked)
    clean = facts_of((disclosable(person, resources), resources), "rtms", "esketamine", policies=asked)
    assert set(whole.sentences()) <= set(clean.sentences())
    assert set(whole.trials) <= set(clean.trials)
    assert whole.scores == clean.scores


def test_a_met_that_the_held_back_record_contradicts_is_not_told() -> None:
    """A labeled diagnosis of schizophrenia stays in the clinic. The form says no psychosis, and without the diagnosis the
    criterion would be met: the packet leaves it open, says nothing of it, and the clinic is told which one.
    """
    _, resources = person_of("complete-and-clean")
    labeled = {
        "resourceType": "Condition", "id": "canary", "subject": {"reference": "Patient/complete-and-clean"},
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F20.9"}]},
    }  # fmt: skip
    plain = facts_of(chart(*resources), "esketamine", policies="cigna-spravato")
    told = facts_of(chart(*resources, labeled), "esketamine", policies="cigna-spravato")
    before, after = (next(r for r in f.parts[0].criteria if r.fact == "psychosis") for f in (plain, told))
    assert before.answer is Answer.MET
    assert after.answer is Answer.UNKNOWN
    assert after.findings == (NOT_SETTLED,)
    assert told.parts[0].answer is Answer.UNKNOWN
    assert "canary" not in str(packet_json(told))
    assert any("what is held back bears on" in line and "psychosis" in line for line in told.for_the_clinic.must_know)


def test_every_policy_gives_a_packet() -> None:
    """Of each policy we hold a packet can be written for somebody with a full chart, with a row for each criterion shown."""
    for ident, policy in policies().items():
        facts = facts_of(person_of("complete-and-clean"), policy.file.services[0], policies=ident)
        assert facts.parts[0].policy.id == ident
        assert facts.parts[0].criteria, ident


@pytest.mark.parametrize("stage", ["continuation", "retreatment", "maintenance"])
def test_later_stages_are_told_too(stage: str) -> None:
    """A later stage asks the policy's own later criteria; one that we do not hold stays open."""
    facts = facts_of(person_of("tms-responder-relapsed"), "rtms", policies="optum-uhc-tms", stage=stage)
    assert facts.stage == stage
    assert all(row.answer is Answer.UNKNOWN or row.findings for row in facts.parts[0].criteria)


def test_never_is_not_told_as_a_day_long_ago() -> None:
    """The intake form writes never as 9999 days; a letter says that there was no use, and not when the last one was."""
    facts = facts_of(person_of("complete-and-clean"), "rtms", policies="aetna-tms")
    row = next(r for r in facts.parts[0].criteria if r.fact == "substance_use")
    assert [s.text for s in row.findings] == ["No use, ever; 90 days are asked."]
