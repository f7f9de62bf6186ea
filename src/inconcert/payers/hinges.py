"""On what an answer hangs: the single facts that would turn it, were they found to be otherwise.

For a determination that is met these are its weak points: a trial that turns out to have helped, a score that reads lower, an
answer that was wrong. Each is tried on the record itself. For one that is not met, or unknown, they are the routes of one
fact (`Determination.routes`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers.determination import determine
from inconcert.payers.types import Case, Determination, Hinge
from inconcert.payers.wording import plain
from inconcert.record import Attestation, Condition, MedicationEvent, Person, ReportedTrial, ScaleForm
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials

_OTHER = {"yes": "no", "no": "yes"}


def hinges(
    determination: Determination,
    case: Case,
    policy: CoveragePolicy | None = None,
    *,
    together_with: tuple[str, ...] = (),
) -> tuple[Hinge, ...]:
    """The single facts that would turn a determination, each with what it would become.

    Args:
        determination: the answer looked at.
        case: the case that it was given for.
        policy: wanted only where the policy is not one of the library.
        together_with: as the determination was asked.

    For a met whole: each fact on record that, found otherwise, makes it not met or unknown, the graver first. Else the routes
    of one fact, the soonest first, with their earliest day.
    """
    if determination.answer is not Answer.MET:
        return tuple(
            Hinge(
                record_id="",
                text=route.steps[0].text,
                becomes=route.reaches,
                earliest=route.earliest,
                step=route.steps[0],
            )
            for route in determination.routes
            if len(route.sets[0]) == 1
        )
    asked = policy if policy is not None else policies()[determination.policy_id]
    used = {use.record_id for use in determination.basis.used}
    found = []
    for record_id, text, person in _otherwise(case.person, used, case):
        answer = _again(asked, case, person, determination, together_with)
        if answer is not Answer.MET:
            found.append(Hinge(record_id=record_id, text=text, becomes=answer))
    return tuple(sorted(found, key=lambda h: (h.becomes is not Answer.NOT_MET, h.text)))


def _again(
    policy: CoveragePolicy, case: Case, person: Person, determination: Determination, together_with: tuple[str, ...]
) -> Answer:
    history = rebuild_trials(person, case.as_of)
    other = Case(person=person, history=history, safety=screen(person, history, case.as_of), as_of=case.as_of)
    return determine(
        policy, other, determination.service, stage=determination.stage, together_with=together_with
    ).answer


def _otherwise(person: Person, used: set[str], case: Case) -> Iterator[tuple[str, str, Person]]:
    """Every record that was used, found otherwise: (its id, in words, the person's record as it would then be)."""
    trials = {use.record_id for trial in case.history.trials if trial.id in used for use in trial.used}
    for kind, change in _KINDS.items():
        facts = getattr(person, kind)
        for place, fact in enumerate(facts):
            if fact.id not in used and fact.id not in trials:
                continue
            for text, instead in change(fact):
                kept: dict[str, Any] = {kind: (*facts[:place], *instead, *facts[place + 1 :])}
                yield fact.id, text, dataclasses.replace(person, **kept)
    if person.id in used and person.birth is not None:
        yield person.id, "The date of birth is another one than recorded.", dataclasses.replace(person, birth=None)


_Instead = Iterator[tuple[str, tuple[object, ...]]]


def _answered(fact: Attestation) -> _Instead:
    if fact.answer in _OTHER:
        text = f"{plain(fact.question.rpartition('.')[2]).capitalize()} was answered {fact.answer} and is {_OTHER[fact.answer]}."
        yield text, (dataclasses.replace(fact, answer=_OTHER[fact.answer]),)
    else:
        yield f"The answer to {fact.question} is withdrawn.", ()


def _tried(fact: ReportedTrial) -> _Instead:
    helped = dataclasses.replace(fact, outcome="response", improvement_percent=None, stop_reason="")
    yield f"{fact.drug.capitalize()} turns out to have helped.", (helped,)
    yield f"The account of {fact.drug} cannot be upheld.", ()


def _taken(fact: MedicationEvent) -> _Instead:
    yield f"The record of {fact.label} turns out to be wrong.", ()


def _scored(fact: ScaleForm) -> _Instead:
    yield f"The {fact.scale} of {fact.taken.days if fact.taken else 'an unknown day'} cannot be used.", ()


def _diagnosed(fact: Condition) -> _Instead:
    yield f"The diagnosis {fact.label} is refuted.", (dataclasses.replace(fact, verification_status="refuted"),)


_KINDS: dict[str, Callable[..., _Instead]] = {
    "attestations": _answered,
    "reported_trials": _tried,
    "medications": _taken,
    "scale_forms": _scored,
    "conditions": _diagnosed,
}
