"""The law of deletion on generated people: with one fact fewer, no criterion or policy that was unknown becomes met or not met.

    python validation/deletion_law.py [people] [seed]        (default 1000 people, seed 1; some twenty minutes on two cores)

The people are drawn by Hypothesis (`tests/support/drawn_people`) with any mix of facts that do not contradict each other: of two that do,
either may be the mistake, and taking one away decides it (decision record 0011). Every fact of every person is taken away in turn and
every criterion of every policy is asked again. As 0011 says, a trial takes the word that the list of trials is complete with it, and
a score the earlier scores of its scale.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies
from inconcert.payers import Case
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.determination import facts_of
from inconcert.payers.evaluate import Judged, compiled, judge
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from support.drawn_people import people

AS_OF = date(2026, 11, 22)  # the day that drawn people are asked about
KINDS = (
    "conditions", "reported_trials", "medications", "scale_forms", "procedures", "attestations", "measurements", "allergies", "devices",
)  # fmt: skip
Breach = tuple[int, str, str, str, str]  # person, kind of fact, fact, criterion, the answer it became


def main() -> None:
    """Take every fact of every person away, and count what became known by it."""
    numbers = [int(a) for a in sys.argv[1:3]]
    wanted, start = (*numbers, *(1000, 1)[len(numbers) :])
    deleted, turned, breaches, began = 0, 0, list[Breach](), time.monotonic()
    drawn = draw(wanted, start)
    with ProcessPoolExecutor(max_workers=2) as pool:
        for number, (tried, contradicted, found) in enumerate(pool.map(one, range(len(drawn)), drawn, chunksize=5), 1):
            deleted, turned = deleted + tried, turned + contradicted
            breaches += found
            if number % 50 == 0:
                told = f"{number} people, {deleted:,} facts taken away, {len(breaches)} breaches, {time.monotonic() - began:.0f} s"
                print(told, file=sys.stderr)
    print(
        f"{len(drawn):,} people (seed {start}), {len(policies())} policies, {deleted:,} deletions: {len(breaches)} unknown criteria "
        f"answered by a deletion; {turned:,} turned round by records that contradict each other"
    )
    for breach in breaches[:20]:
        print(f"  {breach}")
    sys.exit(1 if breaches else 0)


def draw(number: int, with_seed: int) -> list[Person]:
    """So many people, the same for the same seed."""
    found: list[Person] = []

    @seed(with_seed)
    @settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(people())
    def collect(person: Person) -> None:
        found.append(person)

    collect()
    return found


def one(number: int, person: Person) -> tuple[int, int, list[Breach]]:
    """One person: how many deletions were tried, how many criteria turned round, and which unknowns became known."""
    before, found, tried, turned = answers(person), [], 0, 0
    for kind, name, less in without_each(person):
        tried += 1
        after = answers(less)
        for criterion, answer in before.items():
            now = after.get(criterion, answer)
            if now is answer or now is Answer.UNKNOWN:
                continue
            if answer is Answer.UNKNOWN:
                found.append((number, kind, name, criterion, now.value))
            else:
                turned += 1
    return tried, turned, found


def answers(person: Person) -> dict[str, Answer]:
    """What each criterion of each policy says, by policy and place."""
    history = rebuild_trials(person, AS_OF)
    view = CaseView(Case(person=person, history=history, safety=screen(person, history, AS_OF), as_of=AS_OF))
    found: dict[str, Answer] = {}
    for policy in policies().values():
        asked = Asked(policy, view, policy.services[0], facts=facts_of(policy, "initial"))
        judged = judge(compiled(policy.criteria), asked)
        found[f"{policy.id} as a whole"] = judged.answer
        _gather(judged, policy.id, found)
    return found


def _gather(judged: Judged, policy: str, found: dict[str, Answer]) -> None:
    parts = (*judged.parts, *((judged.unless,) if judged.unless is not None else ()))
    if not parts:
        found[f"{policy}/{judged.path}"] = judged.answer
    for part in parts:
        _gather(part, policy, found)


def without_each(person: Person) -> Iterator[tuple[str, str, Person]]:
    """The person less each fact in turn, with the kind and the name of what went."""
    for kind in KINDS:
        facts = getattr(person, kind)
        for place, fact in enumerate(facts):
            less: dict[str, Any] = {kind: facts[:place] + facts[place + 1 :]}
            if kind in ("reported_trials", "medications"):
                less["attestations"] = tuple(a for a in person.attestations if a.question != "staging.history_complete")
            if kind == "scale_forms":
                less[kind] = tuple(
                    f for f in facts if f.scale != fact.scale or f.taken.days.latest > fact.taken.days.latest
                )
            yield kind, _name(kind, fact), dataclasses.replace(person, **less)


def _name(kind: str, fact: Any) -> str:
    if kind == "attestations":
        return str(fact.question)
    if kind == "conditions":
        return ", ".join(c.code for c in fact.codings)
    return str(getattr(fact, "drug", "") or getattr(fact, "scale", "") or "")


if __name__ == "__main__":
    main()
