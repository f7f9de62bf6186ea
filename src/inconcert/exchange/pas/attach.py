"""Papers that a clinician has read and chosen to enclose: a letter as PDF or text, a filled-in questionnaire.

Choosing a document by its name is the release of a document nobody else has read. What can be read here is looked
through all the same: a form or a text that shows a sign of a protected record is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inconcert.exchange.pas.addresses import NOTE_CATEGORY
from inconcert.exchange.pas.types import Json
from inconcert.exchange.pas.unwrap import as_json, read_file
from inconcert.exchange.pas.withhold import slipped, text_probe
from inconcert.judgement import Refusal
from inconcert.knowledge.payer_requests import documents
from inconcert.record import CodeSystem

_KINDS = {".pdf": ("application/pdf", b"%PDF-"), ".txt": ("text/plain; charset=utf-8", b"")}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One paper: what it is called here, its content type, its bytes."""

    name: str
    content_type: str
    data: bytes


def read_attachment(path: Path) -> Attachment:
    """A paper from a file: .pdf, .txt or .json. Raises Refusal where it is another kind, or not what its name says."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return Attachment(path.name, "application/fhir+json", read_file(path))
    if suffix not in _KINDS:
        raise Refusal(
            f"{path}: papers of this kind cannot be enclosed.", "Give a .pdf, a .txt or a questionnaire as .json."
        )
    content_type, start = _KINDS[suffix]
    data = read_file(path)
    if not data.strip() or not data.startswith(start):
        raise Refusal(f"{path}: it is not what its name says.", "Check the file.")
    return Attachment(path.name, content_type, data)


def attached(paper: Attachment, owner: Json, patient: str, released: Collection[str]) -> Json:
    """The paper as a resource of the Bundle.

    Raises Refusal where it is about somebody else, is no form, or shows a sign of a protected record.
    """
    if paper.content_type == "application/fhir+json":
        return _form(paper, owner, patient, released)
    if paper.content_type.startswith("text/"):
        text = paper.data.decode("utf-8", "replace")
        _look_through(text_probe("paper", text), paper.name, released)
    letter = documents().letter
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": CodeSystem.LOINC.value, "code": letter.loinc, "display": letter.display}]},
        "category": [{"coding": [{"system": NOTE_CATEGORY, "code": "clinical-note"}]}],
        "subject": owner,
        "content": [
            {
                "attachment": {
                    "contentType": paper.content_type,
                    "data": base64.b64encode(paper.data).decode(),
                    "title": paper.name,
                }
            }
        ],
    }


def _form(paper: Attachment, owner: Json, patient: str, released: Collection[str]) -> Json:
    form = as_json(paper.data, paper.name)
    if form.get("resourceType") != "QuestionnaireResponse":
        raise Refusal(
            f"{paper.name}: it is no filled-in questionnaire.", "Give a QuestionnaireResponse, a .pdf or a .txt."
        )
    subject = form.get("subject")
    about = str(subject.get("reference", "")) if isinstance(subject, dict) else ""
    if "/".join(about.split("/")[-2:]) != patient:
        raise Refusal(f"{paper.name}: it does not say that it is about this person.", "Give the form of this person.")
    if form.get("status") not in ("completed", "amended"):
        raise Refusal(f"{paper.name}: it is not completed.", "Finish the form, and let the clinician sign it.")
    _look_through({**form, "id": "paper"}, paper.name, released)
    copied = {
        k: _inside(v) for k, v in form.items() if k in ("questionnaire", "status", "authored", "item", "extension")
    }
    return {"resourceType": "QuestionnaireResponse"} | copied | {"subject": owner}


def _inside(value: Any) -> Any:
    """The value without references (they would lead out of the Bundle) and without extensions that hold one."""
    if isinstance(value, dict):
        return {k: _inside(v) for k, v in value.items() if not (isinstance(v, dict) and "reference" in v)}
    if isinstance(value, list):
        return [_inside(v) for v in value if not (isinstance(v, dict) and "url" in v and _refers(v))]
    return value


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return "reference" in value or any(_refers(v) for v in value.values())
    return isinstance(value, list) and any(_refers(v) for v in value)


def _look_through(resource: Json, name: str, released: Collection[str]) -> None:
    signs = slipped([resource], released)
    if signs:
        raise Refusal(
            f"{name}: it shows a sign of a protected record ({signs['paper']}).",
            "Take that out, or release it with a consent.",
        )
