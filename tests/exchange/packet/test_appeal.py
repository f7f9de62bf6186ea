"""An appeal argues only what the chart carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from inconcert.assessment.names import UnknownName
from inconcert.exchange.packet import Denial, PacketFacts, PacketRequest, packet_facts, packet_pdf
from inconcert.exchange.packet.standing import NOT_CLAIMED, NOT_SETTLED_APPEAL, PLEASE_REVERSE, PLEASE_REVIEW
from inconcert.exchange.packet.types import Rests
from inconcert.judgement import Answer, Refusal
from support.packets import AS_OF, facts_of, person_of

TRIALS = "adequate_antidepressant_trials"


def section(facts: PacketFacts, title: str) -> str:
    """The words of the letter's sections whose heading holds `title`."""
    return " ".join(s.text for each in facts.letter if title in each.title for p in each.paragraphs for s in p)


def test_a_criterion_that_is_met_is_quoted_with_its_source_and_met_with_the_records() -> None:
    """The letter names payer, number, version, place and source of the criterion in our own words, says that they are
    ours, and then each trial with dose, dates, weeks and outcome, each with its records.
    """
    facts = facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms", denied=TRIALS)
    quoted = section(facts, "criterion that was refused")
    for words in ("EN0383", "15-Mar-2026", "5.1.2.1", "at least 2", "https://www.openpayer.com", "our own words"):
        assert words in quoted
    shown = section(facts, "What the record shows")
    for drug in ("Sertraline", "Venlafaxine", "Bupropion"):
        assert re.search(rf"{drug} .* weeks at an adequate dose; no response \(recorded\)", shown), drug
    told = [s for each in facts.letter if each.title == "What the record shows" for p in each.paragraphs for s in p]
    assert all(s.rests is Rests.RECORD for s in told)
    assert PLEASE_REVERSE in facts.letter[-1].paragraphs[0]


def test_the_notice_is_told_as_the_clinic_gave_it() -> None:
    """Date, reference and reason of the refusal stand in the letter; what was not given is a blank for the clinic."""
    facts = facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms", denied=TRIALS)
    assert "refusal of 02-Nov-2026, reference A-17." in section(facts, "appealed")
    assert "\u201cNot shown\u201d." in section(facts, "appealed")
    bare = facts_of(
        person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms", kind="appeal", denial=Denial(criterion=TRIALS)
    )  # fmt: skip
    assert "reason" not in section(bare, "appealed")
    blanks = bare.for_the_clinic.blanks
    assert {"the date of the refusal", "the reference number of the refusal", "the reason of the refusal"} <= set(
        blanks
    )


def test_a_criterion_that_is_not_met_is_not_argued() -> None:
    """With one trial of two the letter says that it does not claim the criterion, names no trial for it, asks for a
    review and not for reversal, and the clinic is told plainly.
    """
    facts = facts_of(person_of("one-trial-short-attested"), "rtms", policies="optum-uhc-tms", denied=TRIALS)
    assert section(facts, "What the record shows") == NOT_CLAIMED.text
    assert "escitalopram" not in " ".join(
        s.text.casefold() for each in facts.letter for p in each.paragraphs for s in p
    )
    assert PLEASE_REVIEW in facts.letter[-1].paragraphs[0]
    assert any("does NOT meet" in line for line in facts.for_the_clinic.must_know)
    assert any("Peer-to-peer" in line for line in facts.for_the_clinic.routes)
    assert any("28-Dec-2026" in line for line in facts.for_the_clinic.shortest_way)


def test_a_criterion_that_is_open_is_not_argued_either() -> None:
    """Where the chart cannot tell, the letter says so and the clinic gets the question that would settle it."""
    facts = facts_of(person_of("one-trial-short-not-attested"), "rtms", policies="optum-uhc-tms", denied=TRIALS)
    assert NOT_SETTLED_APPEAL.text in section(facts, "record shows")
    assert any("does not settle" in line for line in facts.for_the_clinic.must_know)
    assert facts.for_the_clinic.to_settle


def test_another_way_of_the_policy_is_argued_where_all_of_it_is_met() -> None:
    """Too few trials, but an earlier TMS course that helped: the policy's own other way is told with its records."""
    facts = facts_of(person_of("tms-responder-relapsed"), "rtms", policies="optum-uhc-tms", denied=TRIALS)
    said = section(facts, "Another way the policy gives")
    assert NOT_CLAIMED.text in said
    assert "Improved by 71%" in said
    assert any(
        line.startswith("Another way in the same policy, which the record meets")
        for line in facts.for_the_clinic.routes
    )
    assert PLEASE_REVERSE in facts.letter[-1].paragraphs[0]


def test_half_of_another_way_is_not_offered_as_one() -> None:
    """Age and diagnosis of the way for acute suicidality are met, suicidality is not: that way is not argued."""
    facts = facts_of(person_of("one-trial-short-attested"), "esketamine", policies="cigna-spravato", denied=TRIALS)
    assert section(facts, "What the record shows") == NOT_CLAIMED.text
    assert not [s for s in facts.letter if s.title.startswith("Another way")]
    assert not [line for line in facts.for_the_clinic.routes if line.startswith("Another way")]


@pytest.mark.parametrize("name", [TRIALS, TRIALS.replace("_", " "), "5.1.2.1", f"cigna-evernorth-tms/5.1.2.1:{TRIALS}"])
def test_the_criterion_may_be_named_by_word_place_or_id(name: str) -> None:
    """The same criterion is found by each of its names."""
    facts = facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms", denied=name)
    assert "at 5.1.2.1" in section(facts, "criterion that was refused")


def test_a_criterion_that_the_policy_does_not_have_is_refused_by_name() -> None:
    """An unknown criterion ends with the nearest ones the policy has; an appeal without one is refused."""
    with pytest.raises(UnknownName, match="psychotherapy_trial"):
        facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms", denied="psychotherapie")
    with pytest.raises(Refusal, match="needs the criterion"):
        facts_of(person_of("complete-and-clean"), "rtms", kind="appeal")


def test_the_printed_appeal_names_date_and_reference(pdf_text: Callable[..., str]) -> None:
    """Page 1 of a printed appeal says what is refused, when and under which number."""
    denial = Denial(criterion=TRIALS, reason="r", on=date(2026, 11, 2), reference="A-17")
    request = PacketRequest(
        services=("rtms",), as_of=AS_OF, kind="appeal", denial=denial, policies=("cigna-evernorth-tms",)
    )
    person, resources = person_of("complete-and-clean")
    text = pdf_text(packet_pdf(packet_facts(person, request, resources=resources)), 1, 1)
    for words in ("Appeal of a refusal", "Refusal of: 02-Nov-2026", "Reference: A-17", "DRAFT", "INVENTED"):
        assert words in text


def test_every_criterion_of_a_policy_can_be_appealed() -> None:
    """For each criterion of a policy a letter can be written, and it argues it only where it is met."""
    whole = facts_of(person_of("one-trial-short-attested"), "rtms", policies="optum-uhc-tms")
    for row in whole.parts[0].criteria:
        facts = facts_of(person_of("one-trial-short-attested"), "rtms", policies="optum-uhc-tms", denied=row.id)
        told = section(facts, "hat the record shows")
        assert (NOT_CLAIMED.text in told) is (row.answer is Answer.NOT_MET), row
