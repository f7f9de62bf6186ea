"""From a YAML or CSV file to frozen, typed structures; every mistake names file, line and mend."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import msgspec

from inconcert.judgement import Reading, Source
from inconcert.knowledge import strict_yaml
from inconcert.knowledge.strict_yaml import KnowledgeError

T = TypeVar("T")
ROOT = Path(__file__).parent


@dataclass_transform(frozen_default=True)  # so that type checkers know a subclass is frozen too
class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every structure in a knowledge file: frozen, and an unknown field is an error."""


class SourceNote(Entry):
    """A source as files write it: `{ref: ..., where: ...}`, its own `status` only where it differs from the entry's."""

    ref: str
    where: str = ""
    status: Reading | None = None


def as_sources(notes: tuple[SourceNote, ...], status: Reading) -> tuple[Source, ...]:
    """The sources of an entry, each with its own status or else the entry's."""
    return tuple(Source(note.ref, note.where, note.status or status) for note in notes)


def load(path: Path, kind: type[T]) -> T:
    """Read one YAML file as `kind` (a msgspec structure or a container of them). Raises KnowledgeError."""
    return convert(strict_yaml.read(path), kind, str(path), path)


def convert(data: Any, kind: type[T], file: str, path: Path | None = None, text: str | None = None) -> T:
    """Check parsed data against `kind`. Raises KnowledgeError naming the line where `path` or `text` is given."""
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        message = str(error)
        at = re.search(r" - at `(?P<path>[^`]+)`", message)
        where = at["path"] if at else "$"
        source = text if text is not None else path.read_text(encoding="utf-8") if path else None
        line = strict_yaml.line_of(source, where) if source else None
        problem = message.split(" - at ")[0]
        raise KnowledgeError(file, line, f"At {where}: {problem}.", "See the schema in the documentation.") from error


class IntakeQuestion(Entry):
    """One question a clinic asks. Its `id` is what a rule names when it lacks the answer.

    `answer` is `yes_no`, `number`, `text` or `choice` (then `choices`); `unit` goes with a number.
    """

    id: str
    text: str
    answer: str = "yes_no"
    choices: tuple[str, ...] = ()
    unit: str = ""
    why: str = ""


@cache
def intake_questions() -> dict[str, IntakeQuestion]:
    """All intake questions by id, from `knowledge/intake/*.yaml`. Raises KnowledgeError where an id stands twice."""
    questions: dict[str, IntakeQuestion] = {}
    for path in sorted((ROOT / "intake").glob("*.yaml")):
        for question in load(path, tuple[IntakeQuestion, ...]):
            if question.id in questions:
                raise KnowledgeError(str(path), None, f"Question {question.id!r} stands twice.", "Rename one.")
            questions[question.id] = question
    return questions
