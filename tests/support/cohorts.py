"""Invented people twice: as tables in memory, and as the cases from which the person rule must find the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from inconcert.payers.types import Case
from inconcert.population.invented import invented
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.synthetic.cohort import records, to_day

DAY = date(2026, 11, 22)


def case_of(person: Person, on: date = DAY) -> Case:
    """The case of one person."""
    history = rebuild_trials(person, on)
    return Case(person=person, history=history, safety=screen(person, history, on), as_of=on)


def cases_of(people: Iterable[int], seed: int, on: date = DAY) -> list[Case]:
    """The cases of invented people, by their numbers."""
    return [case_of(person, on) for person in records(seed, to_day(on), list(people))]


def cohort_of(people: int, seed: int, on: date = DAY) -> tuple[dict[str, pa.Table], list[Case]]:
    """The first people of a seed: their tables, and the same people as cases, in the order of their numbers."""
    return invented(range(people), seed, on), cases_of(range(people), seed, on)
