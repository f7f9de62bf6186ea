"""What clinics answered, as drawn: the safety questions and those of payers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from inconcert.knowledge.loader import IntakeQuestion, intake_questions
from inconcert.knowledge.policies import policies
from inconcert.knowledge.policy_schema import leaves_of
from inconcert.knowledge.policy_schema.stated import Stated, StatedNumber
from inconcert.knowledge.safety import safety_items
from inconcert.synthetic.cohort.draws import Draws, Flags, Floats, Ints
from inconcert.synthetic.cohort.shares import AnswerShare, answer_shares

YES, NO, NOT_SURE = 1, -1, 2  # 0 stands for no answer


@dataclass(frozen=True, slots=True)
class Answered:
    """One question's answers. Of the three arrays only the one of its kind is there."""

    question: str
    yes_no: Ints | None = None  # YES, NO, NOT_SURE, 0
    number: Floats | None = None  # NaN: no answer
    choice: Ints | None = None  # number among `choices`; -1: no answer
    choices: tuple[str, ...] = ()


@cache
def payer_questions() -> dict[str, IntakeQuestion]:
    """Every question that a policy may ask: the intake's own and those that policies word themselves."""
    found = {q.id: q for q in intake_questions().values() if q.id.startswith("payers.") and q.answer != "text"}
    for policy in policies().values():
        for leaf in (leaf for tree in policy.trees() for leaf in leaves_of(tree)):
            if isinstance(leaf, Stated):
                found.setdefault(
                    f"payers.statement.{leaf.id}", IntakeQuestion(id=f"payers.statement.{leaf.id}", text=leaf.asks)
                )
            elif isinstance(leaf, StatedNumber):
                name = f"payers.number.{leaf.id}"
                found.setdefault(name, IntakeQuestion(id=name, text=leaf.asks, answer="number"))
    return found


@cache
def safety_questions() -> tuple[str, ...]:
    """The yes or no questions of the safety screen that an item of it asks, each once."""
    known = intake_questions()
    asked = (i.question for i in safety_items().values() if i.question and i.test == "record")
    return tuple(dict.fromkeys(q for q in asked if known[q].answer == "yes_no"))


def share_of(question: str, listed: tuple[AnswerShare, ...]) -> AnswerShare | None:
    """The first entry that names the question or the beginning of its id."""
    return next((e for e in listed if e.of == question or (e.of[-1] in "._" and question.startswith(e.of))), None)


def draw_answers(draws: Draws, known: Mapping[str, Flags]) -> Iterator[Answered]:
    """Draw every question's answers. `known` holds what is so of each person, for the answers that follow it."""
    shares = answer_shares()
    for question in safety_questions():
        share = share_of(question, shares.safety)
        if share is not None:
            yield _yes_no(draws, question, share, shares.not_sure, known)
    for question, entry in payer_questions().items():
        share = share_of(question, shares.payers)
        if share is None or not share.answered:
            continue
        if entry.answer == "yes_no":
            yield _yes_no(draws, question, share, shares.not_sure, known)
        elif entry.answer == "number":
            value = np.floor(draws.spread(question, share.values or ((0, 0), (1, 10))) + 0.5)
            yield Answered(question, number=np.where(_answers(draws, question, share), value, np.nan))
        else:
            weights = share.choices or dict.fromkeys(entry.choices, 1.0)
            picked = draws.pick(question, tuple(weights.values()))
            answered = _answers(draws, question, share)
            yield Answered(question, choice=np.where(answered, picked, -1), choices=tuple(weights))


def _answers(draws: Draws, question: str, share: AnswerShare) -> Flags:
    """Who answered. A chart is kept well or badly as a whole, so that answers come together or not at all."""
    shares = answer_shares()
    kept = draws.pick("how the chart is kept", [k.share for k in shares.kept])
    most = share.answered >= shares.asked_of_most
    chances = [
        1 - (1 - share.answered) * k.open_times if most else share.answered * k.answered_times for k in shares.kept
    ]
    return draws.happens(f"{question} answered", np.asarray(chances)[kept])


def _yes_no(draws: Draws, question: str, share: AnswerShare, not_sure: float, known: Mapping[str, Flags]) -> Answered:
    if share.follows:
        yes = known[share.follows] ^ draws.happens(question, share.wrong)
    else:
        yes = draws.happens(question, share.yes)
    said = np.where(draws.happens(f"{question} not sure", not_sure), NOT_SURE, np.where(yes, YES, NO))
    return Answered(question, yes_no=np.where(_answers(draws, question, share), said, 0))
