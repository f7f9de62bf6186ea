"""Steps in words: what settles a question, from whom, and what is said first to somebody who cannot wait."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date

from inconcert.judgement import Question
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers import readings
from inconcert.payers.asking import Asked
from inconcert.payers.types import Determination, Paper, Step

ONLY_IF_NOT_HELPED = "It counts only if it then has not helped enough."
BEGUN_TO_HELP = "A trial is begun because it may help, not to satisfy a payer."
PASSES_TIME = "One of the trials would only pass the time: waiting as long does the same."
SCORE = "It can only show what is so: a person who is better does not need this treatment now."
_OF_PAYERS = ("payers.policy_text", "payers.text_in_force", "payers.pair_policy", "payers.external_criteria")


def for_question(question: Question, settles: tuple[str, ...]) -> Step:
    """The step that settles an unknown: a question to the person or clinic, or a document to get, and from whom."""
    kind = "document" if question.id in _OF_PAYERS or question.id.startswith("staging.") else "question"
    wanted = readings.document_for(question.id)
    return Step(id=f"ask:{question.id}", text=question.text, kind=kind, settles=settles, document=wanted.document,
                whom=wanted.whom)  # fmt: skip


def long_date(day: date) -> str:
    """`14 March 2027`."""
    return f"{day.day} {day:%B %Y}"


def acutely_suicidal(asked: Asked) -> bool:
    """Whether the suicide screen is red, or a clinician said so."""
    said = [asked.view.attestation(q) for q in ("payers.acute_suicidality", "payers.suicidal_intent")]
    told = any(a is not None and a.answer == "yes" for a in said)
    return told or asked.view.case.safety.suicide_risk.level == "red"


def first_things_first(policy: CoveragePolicy) -> str:
    """What is said before any waiting to somebody who may be acutely suicidal, and what the policy has for it."""
    listed, process = readings.further_trials(), policy.file.process
    said = [listed.waiting, listed.urgent]
    if process.reported_expedited_hours is not None:
        low, high = process.reported_expedited_hours
        said.append(f"An expedited review here is reported to take {low} to {high} hours.")
    if process.exception:
        said.append(f"The policy's own exception: {process.exception}.")
    return " ".join(said)


def cautioned(step: Step, asked: Asked) -> Step:
    """A step that takes time, with what comes first where this person cannot wait."""
    waits = step.kind in ("time", "care") and step.earliest is not None and step.earliest > asked.view.as_of
    if not waits or not acutely_suicidal(asked):
        return step
    return dataclasses.replace(step, caution=f"{first_things_first(asked.policy)} {step.caution}".strip())


def joined_reasons(reasons: Iterable[str]) -> str:
    """Each reason once."""
    return " ".join(dict.fromkeys(r for r in reasons if r))


def papers(determinations: Iterable[Determination]) -> tuple[Paper, ...]:
    """The documents that would settle what is unknown, each once, with whom to ask for it; those that settle most come first."""
    asked: dict[tuple[str, str], dict[str, None]] = {}
    settles: dict[tuple[str, str], dict[str, None]] = {}
    for determination in determinations:
        for step in determination.shortest_way:
            if not step.document or not step.id.startswith("ask:"):
                continue
            paper = step.document, step.whom
            asked.setdefault(paper, {})[step.text] = None
            settles.setdefault(paper, {}).update(dict.fromkeys(step.settles))
    found = [
        Paper(
            document=document, whom=whom, questions=tuple(asked[document, whom]), settles=tuple(settles[document, whom])
        )
        for document, whom in asked
    ]
    return tuple(sorted(found, key=lambda paper: -len(paper.settles)))
