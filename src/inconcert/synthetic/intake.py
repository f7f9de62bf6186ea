"""Intake answers as InConcert's own questionnaire: linkId is the id of an intake question."""

from __future__ import annotations

from typing import Any

from inconcert.knowledge.loader import intake_questions
from inconcert.record import CodeSystem
from inconcert.synthetic.codes import Resource, coding, whole
from inconcert.synthetic.people import Intake, TrialTold, answer_sets

QUESTIONNAIRE = "urn:inconcert:intake"
_YES_NO = {"yes": True, "no": False}


def intake_resources(person: str, intakes: tuple[Intake, ...]) -> list[Resource]:
    """One QuestionnaireResponse an intake. Raises KeyError for a set of answers that does not exist."""
    return [_response(person, number, one) for number, one in enumerate(intakes, 1)]


def _response(person: str, number: int, one: Intake) -> Resource:
    answers: dict[str, str | float] = {}
    for name in one.sets:
        answers |= answer_sets()[name]
    answers |= one.answers
    items = [_item(question, answer) for question, answer in answers.items() if answer != ""]
    items += [_trial(trial) for trial in one.trials]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"{person}-intake-{number:02d}",
        "questionnaire": QUESTIONNAIRE,
        "status": "completed",
        "subject": {"reference": f"Patient/{person}"},
        "authored": one.on,
        "author": {"display": one.by},
        "item": items,
    }


def _item(question: str, answer: str | float) -> Resource:
    known = intake_questions().get(question)
    item: Resource = {"linkId": question}
    if known is not None:
        item["text"] = known.text
    item["answer"] = [_value(answer)]
    return item


def _value(answer: str | float) -> dict[str, Any]:
    if isinstance(answer, str):
        if answer in _YES_NO:
            return {"valueBoolean": _YES_NO[answer]}
        if answer == "unknown":
            return {"valueCoding": coding(CodeSystem.INCONCERT.value, answer)}
        return {"valueString": answer}
    return {"valueDecimal": whole(answer)}


def _trial(trial: TrialTold) -> Resource:
    """A `staging.trial` group. What was not said is left out, never written as zero or no."""
    parts: list[Resource] = []
    for name in ("drug", "daily_dose_mg", "start", "end", "weeks", "adherence_percent", "outcome"):
        _add(parts, name, getattr(trial, name))
    for name in ("improvement_percent", "stop_reason", "in_current_episode"):
        _add(parts, name, getattr(trial, name))
    return {"linkId": "staging.trial", "text": f"Medication trial: {trial.drug}", "item": parts}


def _add(parts: list[Resource], name: str, value: str | float | bool | None) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        answer: dict[str, Any] = {"valueBoolean": value}
    elif name in {"start", "end"}:
        answer = {"valueDate": value}
    elif name == "outcome":
        answer = {"valueCoding": coding(CodeSystem.INCONCERT.value, str(value))}
    elif isinstance(value, str):
        answer = {"valueString": value}
    else:
        answer = {"valueDecimal": whole(value)}
    parts.append({"linkId": f"staging.trial.{name}", "answer": [answer]})
