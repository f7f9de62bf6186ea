"""Papers chosen by a clinician: a letter, a text, a filled-in form; nothing protected, nothing of somebody else."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from inconcert.exchange.pas import Attachment, check_bundle, read_attachment
from inconcert.judgement import Refusal
from support.pas import claim, entries

Json = dict[str, Any]
FORM: Json = {
    "resourceType": "QuestionnaireResponse",
    "id": "form-1",
    "questionnaire": "urn:x:payer-form",
    "status": "completed",
    "authored": "2026-11-15",
    "subject": {"reference": "Patient/complete-and-clean"},
    "author": {"reference": "Practitioner/elsewhere"},
    "extension": [
        {"url": "urn:x:context", "valueReference": {"reference": "ServiceRequest/elsewhere"}},
        {"url": "urn:x:use", "valueString": "prior authorization"},
    ],
    "item": [{"linkId": "q1", "answer": [{"valueString": "severe"}]}],
}


def form(**changes: Any) -> Attachment:
    """A filled-in form as an attachment."""
    return Attachment("form.json", "application/fhir+json", json.dumps(FORM | changes).encode())


@pytest.mark.parametrize("shape", ["2.2.1", "2.0.1"])
def test_a_letter_and_a_form_are_enclosed(one, shape):
    """A PDF goes as a document with its content inside, a form as a questionnaire about our patient; all rules are kept."""
    letter = Attachment("letter.pdf", "application/pdf", b"%PDF-1.7 letter")
    made = one(("rtms",), shape=shape, attach=(letter, form()))
    assert check_bundle(made.bundle, shape=shape).passes
    Bundle.model_validate(made.bundle)
    papers = [d["content"][0]["attachment"] for d in entries(made.bundle, "DocumentReference")]
    assert b"%PDF-1.7 letter" in [base64.b64decode(p["data"]) for p in papers]
    sent = next(q for q in entries(made.bundle, "QuestionnaireResponse") if q["questionnaire"] == "urn:x:payer-form")
    assert sent["subject"] == claim(made.bundle)["patient"]
    assert "elsewhere" not in json.dumps(made.bundle)
    assert [e["url"] for e in sent["extension"]] == ["urn:x:use"]
    assert {"letter.pdf", "form.json"} <= {each.record_id for each in made.enclosed}


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (form(subject={"reference": "Patient/somebody-else"}), "about this person"),
        (form(subject={}), "about this person"),
        (form(status="in-progress"), "not completed"),
        (form(resourceType="Patient"), "no filled-in questionnaire"),
        (form(item=[{"linkId": "q", "answer": [{"valueString": "in treatment for opioid use disorder"}]}]), "protected record"),
        (form(meta={"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}]}), "protected record"),
        (Attachment("note.txt", "text/plain", b"He attends the methadone clinic."), "protected record"),
        (Attachment("form.json", "application/fhir+json", b"{"), "form.json"),
    ],
)  # fmt: skip
def test_a_paper_that_may_not_go_is_refused(one, paper, reason):
    """A form about somebody else, unfinished, or with a protected answer stops the request, naming the paper."""
    with pytest.raises(Refusal, match=reason) as refused:
        one(("rtms",), attach=(paper,))
    assert paper.name in refused.value.reason
    assert refused.value.mend


def test_a_released_kind_may_be_enclosed(one):
    """With the consent for substance-use records a letter that tells of them goes."""
    paper = Attachment("note.txt", "text/plain; charset=utf-8", b"He attends the methadone clinic.")
    made = one(("rtms",), attach=(paper,), released=frozenset({"substance_use"}), consent="tab 4")
    assert "note.txt" in {each.record_id for each in made.enclosed}


def test_files_are_what_their_names_say(tmp_path: Path):
    """A PDF begins like one, an empty text is none, a picture is not taken."""
    for name, data in (("a.pdf", b"hello"), ("b.txt", b"  "), ("c.png", b"\x89PNG")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Refusal, match=name):
            read_attachment(tmp_path / name)
    (tmp_path / "d.pdf").write_bytes(b"%PDF-1.4")
    assert read_attachment(tmp_path / "d.pdf").content_type == "application/pdf"
    with pytest.raises(Refusal, match="cannot be opened"):
        read_attachment(tmp_path / "none.pdf")
