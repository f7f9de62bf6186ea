"""Asking what became of a request: the same claim without its enclosures, and reading what comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.bundle import Bundle

from inconcert.exchange.pas import ItemState, build_inquiry, check_bundle, read_answers
from inconcert.judgement import Refusal
from support.pas import NOW, claim, entries, judged, reviewed

LATER = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_an_inquiry_keeps_every_rule_and_encloses_nothing(sound, settings):
    """The inquiry passes our checks and R4; it has the parties and the items, and not one clinical record."""
    bundle = build_inquiry(sound.bundle, LATER, settings=settings)
    result = check_bundle(bundle)
    assert (result.profile, result.findings) == ("inquiry", ())
    Bundle.model_validate(bundle)
    kinds = {e["resource"]["resourceType"] for e in bundle["entry"]}
    assert kinds == {"Claim", "Patient", "Organization", "Coverage"}
    assert "supportingInfo" not in claim(bundle)
    assert claim(bundle)["identifier"] == claim(sound.bundle)["identifier"]
    assert [i["sequence"] for i in claim(bundle)["item"]] == [1, 2]


def test_the_numbers_of_the_last_answer_help_to_find_it(sound, answer, read, settings):
    """Authorization and reference numbers that the payer gave are written beside their items."""
    item = judged(2, reviewed("EXAMPLE-WAIT"))
    item["extension"].append(
        {
            "url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-administrationReferenceNumber",
            "valueString": "REF-2",
        }
    )
    last = read(answer(judged(1, reviewed("EXAMPLE-YES", number="AUTH-1")), item))
    bundle = build_inquiry(sound.bundle, LATER, answer=last, settings=settings)
    first, second = claim(bundle)["item"]
    assert "AUTH-1" in json.dumps(first)
    assert "REF-2" in json.dumps(second)
    assert check_bundle(bundle).passes


def test_several_answers_to_an_inquiry_are_read(sound, answer, settings):
    """An inquiry may bring several ClaimResponses; each is read, against the request or against the inquiry itself."""
    value = answer(judged(1, reviewed("EXAMPLE-YES", number="A")))
    second = answer(judged(2, reviewed("EXAMPLE-NO")))["entry"][0]
    second["fullUrl"] += "-2"
    value["entry"].append(second)
    data = json.dumps(
        {"resourceType": "Parameters", "parameter": [{"name": "responseBundle", "resource": value}]}
    ).encode()
    inquiry = build_inquiry(sound.bundle, LATER, settings=settings)
    for request in (sound.bundle, inquiry):
        found = read_answers(data, "inquiry-answer.json", request, settings)
        assert [f.items[n].state for n, f in enumerate(found)] == [ItemState.APPROVED, ItemState.DENIED]


def test_an_inquiry_that_cannot_be_made_is_refused(sound, answer, read, settings):
    """No time zone, no Claim, a party missing, the answer to another request: refused with a mend."""
    with pytest.raises(Refusal, match="time zone"):
        build_inquiry(sound.bundle, LATER.replace(tzinfo=None))
    with pytest.raises(Refusal, match="no Claim"):
        build_inquiry({"resourceType": "Bundle", "entry": []}, NOW)
    with pytest.raises(Refusal, match="not a request"):
        build_inquiry({"resourceType": "Patient"}, NOW)
    alone = {
        "resourceType": "Bundle",
        "entry": [e for e in sound.bundle["entry"] if e["resource"]["resourceType"] != "Patient"],
    }
    assert not entries(alone, "Patient")
    with pytest.raises(Refusal, match="which is not in it"):
        build_inquiry(alone, NOW)
    import dataclasses

    other = dataclasses.replace(read(answer(judged(1, reviewed("EXAMPLE-YES")))), claim_id="other")
    with pytest.raises(Refusal, match="another request"):
        build_inquiry(sound.bundle, NOW, answer=other)
