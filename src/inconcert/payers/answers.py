"""Facts that a criterion itself asks about: answers to its questions, and bare waiting. Found by asking it again.

So a word that the policy language learns tomorrow needs nothing here. An answer that is on record and stands against
approval is put forward another way only where the clinic can change it (`knowledge/files/payers/documents.yaml`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from inconcert.judgement import Answer
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policy_schema import Leaf
from inconcert.knowledge.policy_schema.hazards import SubstanceUse
from inconcert.knowledge.policy_schema.later import IntervalSinceLastCourse
from inconcert.payers import readings
from inconcert.payers.asking import Asked
from inconcert.payers.candidates import made_for, numbers_in, wait_until
from inconcert.payers.changes import Change, compatible, worlds
from inconcert.payers.evaluate import LeafKey, finding_of, looked_up
from inconcert.payers.steps import long_date
from inconcert.payers.types import Step
from inconcert.payers.wording import leaf_in_words, plain
from inconcert.record import Attestation

LARGEST = 3
_MOST_OPTIONS = 16  # answers tried at once for one criterion: more questions than that are asked one by one
_LONGEST_WAIT_DAYS = 730  # how far ahead waiting alone is looked at
_STATEMENT, _NUMBER = "payers.statement.", "payers.number."


def asked_with(asked: Asked, changes: Collection[Change]) -> Asked:
    """The same policy, service and stage, asked of the record with these changes."""
    if not changes:
        return asked
    apart = {service for change in changes for service in change.apart}
    together = () if asked.service in apart else tuple(s for s in asked.together_with if s not in apart)
    return dataclasses.replace(asked, view=worlds(asked.view).view(changes), together_with=together)


def own_changes(key: LeafKey, asked: Asked, wanted: Answer) -> tuple[Change, ...]:
    """Every fact that could help to turn one criterion to `wanted` (met, or not met under a `not`); none that cannot."""
    reads = {name for finding in asked.view.findings.get(key, ()) for name, _, _ in finding.read}
    place = (asked.service, asked.together_with, "medication_intolerance" in asked.facts)
    policy = asked.policy.id if "policy" in reads else ""
    return asked.view.once(("own changes", key, wanted, place, policy), lambda: _own(key, asked, wanted))


def _own(key: LeafKey, asked: Asked, wanted: Answer) -> tuple[Change, ...]:
    made = made_for(key.leaf, asked, negated=wanted is Answer.NOT_MET)
    found = {c.id: c for c in made}
    if not any(c.waits for c in made):
        found |= {c.id: c for c in _waits(key, asked, wanted)}
    for context in _contexts(key, asked, wanted, made):
        for change in _answers(key, asked, wanted, context):
            found.setdefault(change.id, change)
    return tuple(found.values())


def _contexts(key: LeafKey, asked: Asked, wanted: Answer, made: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """The record as it is, and with made facts until the criterion is no longer surely against: it may then ask more."""
    yield ()
    taken: tuple[Change, ...] = ()
    for change in made:
        if len(taken) == LARGEST - 1 or finding_of(key, asked_with(asked, taken)).answer is not ~wanted:
            break
        if compatible((*taken, change)):
            taken = (*taken, change)
    if taken and finding_of(key, asked_with(asked, taken)).answer is not ~wanted:
        yield taken


def _answers(key: LeafKey, asked: Asked, wanted: Answer, context: tuple[Change, ...]) -> Iterator[Change]:
    """The answers in any set that turns the criterion, with what stands in `context`; sets of at most three facts."""
    helpful: dict[str, Change] = {}
    frontier: list[tuple[Change, ...]] = [context]
    for _ in range(LARGEST - len(context)):
        following: dict[frozenset[str], tuple[Change, ...]] = {}
        for taken in frontier:
            before = finding_of(key, asked_with(asked, taken)).answer
            for option in _options(key, asked, taken):
                more = (*taken, option)
                answer = finding_of(key, asked_with(asked, more)).answer
                if answer is wanted:
                    helpful.update((c.id, c) for c in more if c not in context)
                elif answer is not ~wanted or before is ~wanted:
                    following.setdefault(frozenset(c.id for c in more), more)
        frontier = list(following.values())[: 4 * _MOST_OPTIONS]
    yield from helpful.values()


def _options(key: LeafKey, asked: Asked, taken: tuple[Change, ...]) -> list[Change]:
    """Every answer that could be given to a question that the criterion asks or looks up in this record."""
    there = asked_with(asked, taken)
    given = {question for change in taken for question, _ in change.says}
    found = []
    noting = there if there.view.tracks else dataclasses.replace(there, view=worlds(there.view).tracked)
    open_now = {question.id for question in finding_of(key, there).questions()}
    for question in sorted({*looked_up(key, noting), *open_now} - given):
        known = asked.view.attestation(question) if question.startswith("payers.") else None
        if known is None and question not in open_now:
            continue  # not answered and not asked: the chart has settled it
        found += [_saying(question, value, asked) for value in _values(question, key, known)]
    return found[:_MOST_OPTIONS]


def _values(question: str, key: LeafKey, known: Attestation | None) -> list[str | float]:
    """The answers that may be put forward; none where what is on record stands and cannot be changed."""
    entry = intake_questions().get(question)
    wanted = readings.document_for(question)
    if known is not None and not wanted.can_change:
        return []
    values: list[str | float] = []
    if question.startswith(_STATEMENT) or (entry is not None and entry.answer == "yes_no"):
        values = ["yes", "no"]
    elif question.startswith(_NUMBER) or (entry is not None and entry.answer == "number"):
        values = list(numbers_in(key.leaf))
    elif entry is not None and entry.answer == "choice":
        values = list(entry.choices)
    now = () if known is None else (known.answer, known.value_text, known.value)
    return [v for v in values if v not in wanted.never_wish and v not in now]


def _saying(question: str, value: str | float, asked: Asked) -> Change:
    entry = intake_questions().get(question)
    said = entry.text if entry is not None else f"{plain(question.rpartition('.')[2])}?"
    answer = f"{value:g}" if isinstance(value, float) else plain(value)
    unit = f" {entry.unit}" if entry is not None and entry.unit and isinstance(value, float) else ""
    now = _now(question, asked)
    text = f"{said} If the answer is {answer}{unit}."
    if now:
        text = f"Arrange, where it is right: {said} {answer}{unit} (now: {plain(now)})."
    paper = readings.document_for(question)
    step = Step(
        id=f"ask:{question}", text=text, kind="care" if now else "question", settles=(), weeks=0.0,
        document=paper.document, whom=paper.whom,
    )  # fmt: skip
    return Change(id=f"say:{question}={answer}", step=step, earliest=asked.view.as_of, says=((question, value),),
                  excludes=frozenset({question}))  # fmt: skip


def _now(question: str, asked: Asked) -> str:
    """The answer on record, '' where there is none."""
    known = asked.view.attestation(question)
    if known is None:
        return ""
    return known.answer or known.value_text or (f"{known.value:g}" if known.value is not None else "")


def _waits(key: LeafKey, asked: Asked, wanted: Answer) -> Iterator[Change]:
    """The first day on which the criterion turns by the passing of time alone, where it does within two years."""
    if finding_of(key, asked).answer is not ~wanted:
        return
    low = asked.view.as_of

    def turned(days: int) -> bool:
        change = wait_until(low + timedelta(days=days), "", asked)
        return finding_of(key, asked_with(asked, (change,))).answer is wanted

    first, last = 0, _LONGEST_WAIT_DAYS
    if not turned(last):
        return
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (first, middle) if turned(middle) else (middle, last)
    day = low + timedelta(days=last)
    yield wait_until(day, _waited(key.leaf, long_date(day)), asked, _NAMES.get(type(key.leaf), ""))


_NAMES: dict[type, str] = {IntervalSinceLastCourse: "interval", SubstanceUse: "clean"}


def _waited(leaf: Leaf, day: str) -> str:
    if isinstance(leaf, IntervalSinceLastCourse):
        return f"{leaf.min_days} days since the last TMS session are over on {day}."
    if isinstance(leaf, SubstanceUse):
        return f"{leaf.recency_days} days without substance misuse are over on {day}, if there is none until then."
    return f"On {day} time alone has settled this: {leaf_in_words(leaf)}."
