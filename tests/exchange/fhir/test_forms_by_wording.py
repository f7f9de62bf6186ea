"""A form without codes: recognized by the printed wording of its items, word for word, and by nothing less."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inconcert.exchange.fhir import read_bytes
from inconcert.knowledge.scales import scale_files

ITEMS = scale_files()["phq9"].items


def response(answers: list[Any], texts: list[str] | None = None) -> bytes:
    """A PHQ-9 as one EHR exports it: local linkIds, item texts, answers in words or numbers."""
    texts = texts or [f"{n}. {item.wording}" for n, item in enumerate(ITEMS, 1)]
    items = [
        {"linkId": f"LOC#{400 + n}", "text": text, "answer": [answer]}
        for n, (text, answer) in enumerate(zip(texts, answers, strict=True))
    ]
    form = {
        "resourceType": "QuestionnaireResponse",
        "id": "form",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "authored": "2026-11-10",
        "item": items,
    }
    entries = [{"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01"}}, {"resource": form}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        {"valueString": "Several days"},
        {"valueInteger": 1},
        {"valueCoding": {"system": "urn:local", "code": "2", "display": "Several days"}},
    ],
)
def test_a_form_of_words_is_read(answer: dict[str, Any]) -> None:
    """Nine items by wording, answered in words, in numbers or with a local code: all nine values are there."""
    (person,) = read_bytes(response([answer] * 9), "form.json").people
    (form,) = person.scale_forms
    assert form.scale == "phq9"
    assert dict(form.items) == {str(n): 1 for n in range(1, 10)}


def test_other_words_are_not_guessed() -> None:
    """A likeness is not the item, and other words are no answer: the rest is read, the blank is listed."""
    texts = [item.wording for item in ITEMS]
    texts[0] = "Little interest in things"
    reading = read_bytes(
        response([{"valueString": "Several days"}] * 8 + [{"valueString": "now and then"}], texts), "form.json"
    )
    (form,) = reading.people[0].scale_forms
    values = dict(form.items)
    assert values.get("1") is None
    assert values.get("9") is None
    assert [values[str(n)] for n in range(2, 9)] == [1] * 7
    assert any("item 9" in problem["reason"] for problem in reading.account.as_dict()["problems"])


def test_a_gad7_of_words_is_read_beside_a_phq9() -> None:
    """One form that asks both scales in their printed words gives both, each with its own answers."""
    worries = scale_files()["gad7"].items
    texts = [item.wording for item in (*ITEMS, *worries)]
    answers = [{"valueString": "Several days"}] * len(ITEMS) + [{"valueString": "Nearly every day"}] * len(worries)
    (person,) = read_bytes(response(answers, texts), "form.json").people
    forms = {form.scale: dict(form.items) for form in person.scale_forms}
    assert forms == {
        "phq9": {str(n): 1 for n in range(1, 10)},
        "gad7": {str(n): 3 for n in range(1, 8)},
    }
