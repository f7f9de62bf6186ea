"""One set of facts in four forms: PDF, text, JSON and the clinic's own sheet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from inconcert.exchange.clinic import clinic_from
from inconcert.exchange.disclosure import STATEMENT
from inconcert.exchange.packet import (
    PacketFacts,
    PacketRequest,
    clinic_sheet,
    packet_facts,
    packet_json,
    packet_pdf,
    packet_schema,
    packet_text,
)
from inconcert.exchange.packet.forms import mark_ranges
from inconcert.judgement import Refusal
from support.packets import AS_OF, chart, facts_of, person_of

PAIR = "cigna-evernorth-tms cigna-spravato"
CLINIC = """
clinic: {name: Harbour Lane Clinic, address: ["1 Harbour Lane"], phone: "614-555-0100", fax: "614-555-0101", npi: "1234567893"}
clinician: {name: A. Invented, credentials: MD, npi: "1234567893"}
"""


@pytest.fixture(scope="module")
def pair() -> PacketFacts:
    """The packet of both treatments for the person with everything in the chart."""
    return facts_of(
        person_of("complete-and-clean"), "rtms", "esketamine", policies=PAIR, clinic=clinic_from(CLINIC, "c")
    )


@pytest.fixture(scope="module")
def printed(pair: PacketFacts) -> bytes:
    """The same, printed."""
    return packet_pdf(pair)


def test_the_first_page_is_enough_to_decide_on(printed: bytes, pdf_text: Callable[..., str]) -> None:
    """Page 1 holds the ask, the person, the diagnosis, every criterion with its answer and the place to sign."""
    text = pdf_text(printed, 1, 1)
    for words in (
        "Ottoline Quillfeather", "09-Mar-1984", "F33.2", "TMS (figure-8 coil) and esketamine", "7 of 7 criteria met", "5 of 5 criteria met",
        "Signed", "A. Invented, MD", "NPI 1234567893", "The two together", "90867", "30-36 sessions",
    ):  # fmt: skip
        assert words in text, words
    assert text.count("✓ met") == 12


@pytest.mark.parametrize(
    ("services", "most"), [(("rtms",), 380), (("esketamine",), 330), (("rtms", "esketamine"), 560)]
)
def test_the_first_page_is_read_in_two_minutes(
    services: tuple[str, ...], most: int, pdf_text: Callable[..., str]
) -> None:
    """Page 1 of one treatment is read in two minutes (480 words at 240 a minute, a common figure, recalled); that of the
    pair, with two policies on it, in under two and a half.
    """
    facts = facts_of(person_of("complete-and-clean"), *services, policies=PAIR, clinic=clinic_from(CLINIC, "c"))
    words = pdf_text(packet_pdf(facts), 1, 1).split()
    assert len(words) <= most
    assert "Signed" in words


def test_the_pdf_is_tagged_and_archivable_and_the_same_each_time(pair: PacketFacts, printed: bytes) -> None:
    """It claims PDF/A and PDF/UA, has a structure tree, and does not change when printed again."""
    assert b"pdfaid" in printed
    assert b"pdfuaid" in printed
    assert b"/StructTreeRoot" in printed
    assert packet_pdf(pair) == printed


def test_a_draft_says_so_until_a_clinician_has_read_it(pair: PacketFacts, pdf_text: Callable[..., str]) -> None:
    """Every page is a draft until somebody is named who has read it; an invented person stays marked for ever."""
    draft, read = pdf_text(packet_pdf(pair)), pdf_text(packet_pdf(replace(pair, reviewed_by="A. Invented, MD")))
    assert draft.count("DRAFT, not signed") == draft.count("INVENTED PERSON · DRAFT")
    assert "DRAFT" not in read
    assert "Read by A. Invented, MD" in read
    assert "INVENTED PERSON" in read
    assert "DRAFT, NOT READ" in packet_text(pair)


def test_every_form_says_the_same(pair: PacketFacts, printed: bytes, pdf_text: Callable[..., str]) -> None:
    """Every sentence of the facts stands in the PDF, the text and the JSON."""
    forms = (
        squeezed(pdf_text(printed)),
        squeezed(packet_text(pair)),
        squeezed(json.dumps(packet_json(pair), ensure_ascii=False)),
    )
    for said in pair.sentences():
        for form in forms:
            assert squeezed(said.text.replace('"', '\\"')) in form or squeezed(said.text) in form, said.text


def squeezed(text: str) -> str:
    """Text without spaces, marks and places to break."""
    return re.sub(r"\[[\d,\u2013 ]+\]|[\s\u200b\-\u2010\u00ad0-9,\u2013]", "", text)


def test_json_keeps_its_schema_and_never_holds_the_clinics_sheet(pair: PacketFacts) -> None:
    """The data file is valid by its published schema, which has no place for what is held back."""
    told = json.loads(json.dumps(packet_json(pair)))
    jsonschema.validate(told, packet_schema())
    assert "for_the_clinic" not in json.dumps(told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**told, "for_the_clinic": {}}, packet_schema())


def test_the_text_fits_a_portal(pair: PacketFacts) -> None:
    """No line is longer than 88 columns but for an address that cannot be broken, and nothing is a control character."""
    text = packet_text(pair)
    assert all(len(line) <= 88 or " " not in line.strip() for line in text.splitlines())
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", text)


def test_the_clinics_sheet_lists_blanks_questions_and_what_was_held_back() -> None:
    """The sheet names every blank, every open question and each held-back record with why; the packet names none."""
    facts = facts_of(person_of("substance-use"), "rtms", policies="cigna-evernorth-tms")
    sheet = clinic_sheet(facts)
    assert sheet.startswith("FOR THE CLINIC ONLY. DO NOT SEND.")
    for words in ("the clinician's NPI", "member number", "Condition/substance-use-dx-02", "42 CFR Part 2", "its code"):
        assert words in sheet
    assert "do not say that there are any" in " ".join(sheet.split())


def test_no_form_tells_of_a_held_back_record(pdf_text: Callable[..., str]) -> None:
    """Alcohol dependence, its form and its answers are in no form that leaves, not even as a count."""
    facts = facts_of(person_of("substance-use"), "rtms", "esketamine", policies=PAIR)
    forms = (pdf_text(packet_pdf(facts)), packet_text(facts), json.dumps(packet_json(facts)))
    for form in forms:
        plain = " ".join(form.split())
        assert " ".join(STATEMENT.split()) in plain
        rest = plain.replace(" ".join(STATEMENT.split()), "").casefold()
        for canary in ("alcohol", "use disorder", "f10.", "audit", "dx-02", "obs-01", "held back", "withheld"):
            assert canary not in rest, canary


def test_a_criterion_on_substance_use_is_open_and_silent_for_whom_it_is_held_back() -> None:
    """The policy asks; the chart says more than may leave; the packet looks as if nobody had asked."""
    person, resources = person_of("complete-and-clean")
    dx: dict[str, Any] = {
        "resourceType": "Condition", "id": "canary", "subject": {"reference": f"Patient/{person.id}"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]},
    }  # fmt: skip
    told = facts_of(chart(*resources, dx), "esketamine", policies="hcsc-spravato")
    row = next(r for r in told.parts[0].criteria if r.fact == "substance_use")
    plain = facts_of((person, resources), "esketamine", policies="hcsc-spravato")
    clean = next(r for r in plain.parts[0].criteria if r.id == row.id)
    assert clean.answer.value == "met"
    assert row.answer.value == "unknown"
    assert [s.text for s in row.findings] == ["Not settled by the records in this packet."]
    assert "canary" not in json.dumps(packet_json(told))
    released = facts_of(
        chart(*resources, dx), "esketamine", policies="hcsc-spravato", released={"substance_use"}, consent="tab 4"
    )
    told_of = released.for_the_clinic.must_know
    assert "Released by the person's written consent (tab 4): substance use." in told_of
    assert "canary" in json.dumps(packet_json(released))


def test_the_pair_is_told_part_by_part_and_nobody_is_said_to_know(pair: PacketFacts) -> None:
    """Each payer's clause, the standing sentence that one is no reason for the other, and the headline of the evidence."""
    aetna = facts_of(
        person_of("policy-calls-pair-experimental"), "rtms", "esketamine", policies="aetna-tms aetna-spravato"
    )
    said = " ".join(s.text for s in aetna.pair)
    assert "experimental" in said
    assert "not one" not in said
    whole = " ".join(s.text for s in pair.sentences())
    assert "Nobody knows whether the two together do better than either alone." in whole
    assert not re.search(r"\b(synerg|superior|more effective|better results|best option)", whole, re.IGNORECASE)
    alone = facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms")
    assert alone.pair == ()


def test_documents_asked_for_are_enclosed_or_named_missing(pair: PacketFacts) -> None:
    """Each document of the policy's list is there with its place, or missing and on the clinic's sheet."""
    by_name = {each.name: each.shown_by for each in pair.attachments}
    assert by_name["medication history"].startswith("medication trials")
    assert by_name["the same scale again at the end of the course"] == ""
    assert any("the same scale again" in line for line in pair.for_the_clinic.missing_documents)


def test_blanks_are_blank_and_never_made_up() -> None:
    """Without clinic settings the packet has blanks to fill, and the sheet counts them."""
    facts = facts_of(person_of("complete-and-clean"), "rtms", policies="cigna-evernorth-tms")
    assert "NPI ________" in packet_text(facts)
    assert len(facts.for_the_clinic.blanks) == 10
    assert packet_json(facts)["clinic"]["clinic"]["npi"] == ""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((1,), ["1"]),
        ((1, 2), ["1", "2"]),
        ((3, 1, 2), ["1\u20133"]),
        ((1, 3, 4, 5, 9), ["1", "3\u20135", "9"]),
        ((), []),
    ],
)
def test_marks_in_a_row_are_drawn_together(numbers: tuple[int, ...], said: list[str]) -> None:
    """Three or more numbers in a row become one range that leads to the first."""
    assert [words for _, words in mark_ranges([str(n) for n in numbers], {str(n): n for n in range(1, 10)})] == said


def test_someone_who_has_died_gets_no_packet() -> None:
    """A record of death ends it with a refusal, and so do no service, one twice, and a service without a policy."""
    person, resources = person_of("complete-and-clean")
    with pytest.raises(Refusal, match="has died"):
        packet_facts(
            replace(person, deceased=True), PacketRequest(services=("rtms",), as_of=AS_OF), resources=resources
        )
    for services, why in ((("rtms", "rtms"), "twice"), ((), "No service"), (("ect",), "speaks of")):
        with pytest.raises(Refusal, match=why):
            packet_facts(person, PacketRequest(services=services, as_of=AS_OF), resources=resources)
