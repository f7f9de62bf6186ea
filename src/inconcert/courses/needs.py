"""What a person needs of a course, as answered on the intake form. What nobody asked stays unknown."""

from __future__ import annotations

from datetime import date

from inconcert.courses.types import Need, Needs
from inconcert.judgement import Answer, Question, RecordUse
from inconcert.knowledge.loader import IntakeQuestion, intake_questions
from inconcert.record import Attestation, Person

_YES_NO = {"yes": Answer.MET, "no": Answer.NOT_MET}


def read_needs(person: Person, as_of: date) -> Needs:
    """Read the needs answered on or before `as_of`."""

    def need(name: str) -> Need:
        return _read(person, f"needs.{name}", as_of)

    return Needs(
        as_of=as_of,
        speed=need("speed"),
        travel_minutes=need("travel_minutes"),
        days_per_week=need("days_per_week"),
        escort=need("escort"),
        transport=need("transport"),
        work_constraints=need("work_constraints"),
        preference=need("preference"),
        ketamine_before=need("ketamine_before"),
        tms_before=need("tms_before"),
    )


def _read(person: Person, question_id: str, as_of: date) -> Need:
    asked = intake_questions()[question_id]
    question = Question(question_id, asked.text, "courses.propose")
    given = person.attestation(question_id, as_of)
    if given is None:
        return Need(id=question_id, answer=Answer.UNKNOWN, question=question)
    used = (RecordUse(given.id, "intake answer", str(given.answered_on or "")),)
    if asked.answer == "yes_no":
        answer = _YES_NO.get(given.answer, Answer.UNKNOWN)
        return Need(id=question_id, answer=answer, used=used, question=question)
    if asked.answer == "number":
        answer = Answer.UNKNOWN if given.value is None or given.value < 0 else Answer.MET
        return Need(id=question_id, answer=answer, value=given.value, used=used, question=question)
    text = _choice(asked, given)
    return Need(id=question_id, answer=Answer.MET if text else Answer.UNKNOWN, text=text, used=used, question=question)


def _choice(asked: IntakeQuestion, given: Attestation) -> str:
    """The choice made, or nothing where what was written is none of the choices: it is asked again, not guessed."""
    text = given.value_text or given.answer
    return text if not asked.choices or text in asked.choices else ""
