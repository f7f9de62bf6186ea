"""From a file to typed structures: every mistake names file, line and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from inconcert.judgement import Reading
from inconcert.knowledge.loader import Entry, SourceNote, as_sources, convert, intake_questions, load
from inconcert.knowledge.strict_yaml import KnowledgeError


class Dose(Entry, kw_only=True):
    """A small structure for these tests."""

    mg: float
    name: str = ""
    sources: tuple[SourceNote, ...] = ()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- mg: 5\n- mg: five\n", 2, "Expected `float`"),
        ("- mg: 5\n- name: x\n", 2, "missing required field `mg`"),
        ("- mg: 5\n  dose: 6\n", 1, "unknown field `dose`"),
        ("- mg: 5\n  sources:\n    - {ref: a, status: sure}\n", 3, "Invalid enum value 'sure'"),
        ("mg: 5\n", None, "Expected `array`"),
    ],
)
def test_a_mistake_in_a_file_names_its_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    """Wrong type, missing field, unknown field and unknown word each lead to the line."""
    path = tmp_path / "doses.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as refused:
        load(path, tuple[Dose, ...])
    assert said in refused.value.problem
    assert refused.value.line == line
    assert "doses.yaml" in str(refused.value)


def test_a_number_written_as_text_is_not_a_number() -> None:
    """A quoted 5 is text: conversion is strict."""
    with pytest.raises(KnowledgeError, match="Expected `float`"):
        convert({"mg": "5"}, Dose, "x.yaml")


def test_structures_are_frozen() -> None:
    """A fact of the world does not change while the program runs."""
    dose = convert({"mg": 5}, Dose, "x.yaml")
    with pytest.raises(AttributeError):
        dose.mg = 6.0


def test_a_source_keeps_its_own_status_where_it_has_one() -> None:
    """The entry's status is the default; a source may be weaker."""
    notes = (SourceNote(ref="a"), SourceNote(ref="b", status=Reading.RECALLED))
    assert [s.status for s in as_sources(notes, Reading.READ)] == [Reading.READ, Reading.RECALLED]


def test_intake_questions_have_one_id_each_and_words_to_ask() -> None:
    """Every question a rule may name can be asked; a choice lists its choices."""
    for question_id, question in intake_questions().items():
        assert question.id == question_id
        assert len(question.text) > 10
        if question.answer == "choice":
            assert question.choices
