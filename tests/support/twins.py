"""Both sizes of one question, asked of the same people: the person rule and the columns compiled from the same file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers import Case, determine
from inconcert.population.cover import ask
from inconcert.population.engine import connect, from_memory
from inconcert.population.extract import tables_of
from inconcert.population.kleene import NAMES

T = TypeVar("T")
Asked = tuple[CoveragePolicy, str]


def drawn(strategy: st.SearchStrategy[T], number: int) -> list[T]:
    """As many examples as Hypothesis makes of that number: a table is asked about all of them at once, not one by one."""
    found: list[T] = []

    @settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found


def in_tables(
    cases: Sequence[Case], asked: Sequence[Asked], stage: str = "initial", engine: str = "duckdb"
) -> list[list[Answer]]:
    """The answers of the tables: one list per policy asked, in the order of the cases."""
    connection = connect(engine)
    tables = from_memory(tables_of(cases, policies=[policy for policy, _ in asked]), connection)
    answers = ask(tables, cases[0].as_of, asked, stage=stage, as_written=True).answers()
    rows = sorted(connection.to_pyarrow(answers).to_pylist(), key=lambda row: row["person"])
    return [[NAMES[row[f"answer:{n}"]] for row in rows] for n in range(len(asked))]


def differences(
    cases: Sequence[Case],
    asked: Sequence[Asked],
    stage: str = "initial",
    name: Callable[[Asked], str] = lambda a: a[0].id,
) -> list[str]:
    """Every person and policy of which the two say different things."""
    found = []
    for one, answers in zip(asked, in_tables(cases, asked, stage), strict=True):
        for case, table in zip(cases, answers, strict=True):
            rule = determine(one[0], case, one[1], stage=stage, as_written=True)
            if table is not rule.answer:
                found.append(f"{name(one)}, {one[1]}, {stage}, {case.person.id}: tables {table}, rule {rule.summary}")
    return found
