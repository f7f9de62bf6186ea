"""The columns of an invented person are what the person rule finds in that person's records, row for row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inconcert.population.extract import tables_of
from inconcert.population.invented import invented
from support.cohorts import DAY, cases_of


def _differences(people: range, seed: int) -> list[str]:
    """Every cell in which the generator and the person rule differ."""
    made, judged = invented(people, seed, DAY), tables_of(cases_of(people, seed), first=people.start)
    assert made.keys() == judged.keys()
    found = []
    for name, table in judged.items():
        one, other = made[name].to_pylist(), table.to_pylist()
        if len(one) != len(other):
            found.append(f"{name}: {len(one)} rows made, {len(other)} found")
        for row, judged_row in zip(one, other, strict=False):
            found += [
                f"{name}, person {judged_row['person']}: {c} made {row.get(c)!r}, found {v!r}"
                for c, v in judged_row.items()
                if row.get(c) != v
            ]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_row_is_what_the_person_rule_finds(seed: int) -> None:
    """The tables of two hundred people are, cell for cell, those made of their records by the person rule."""
    assert not _differences(range(200), seed)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_any_person_of_any_seed_agrees(number: int, seed: int) -> None:
    """Wherever in the numbers a person stands, and whatever the seed, tables and records agree."""
    assert not _differences(range(number, number + 3), seed)


def test_a_person_is_the_same_in_a_cohort_of_any_size() -> None:
    """People 40 to 59 made alone have the rows that they have among a hundred."""
    alone, among = invented(range(40, 60), 5, DAY), invented(range(100), 5, DAY)
    for name, table in alone.items():
        theirs = [row for row in among[name].to_pylist() if 40 <= row["person"] < 60]
        assert table.to_pylist() == theirs, name


def test_the_histories_exercise_what_is_hard() -> None:
    """Nothing that the tables can say is left out by the invented people: every answer, word and gap comes up."""
    made = invented(range(6_000), 1, DAY)
    seen: dict[str, set[Any]] = {c: set(made["trials"][c].to_pylist()) for c in made["trials"].column_names}
    for column in ("ongoing", "in_episode", "dose_adequate"):
        assert seen[column] == {-1, 0, 1}, column
    assert seen["role"] == {"monotherapy", "combination", "augmentation"}
    assert seen["outcome"] == {"unknown", "nonresponse", "partial", "response", "intolerance"}
    assert seen["role_certain"] == {0, 1}
    assert None in seen["weeks_high"]
    assert None in seen["end_latest"]
    assert any(t.endswith(".2") for t in seen["trial"] if t)
    people = {c: set(made["people"][c].to_pylist()) for c in made["people"].column_names}
    for column in ("depression", "psychotic", "recurrent", "history_complete", "psychotherapy", "ect_failed"):
        assert people[column] == {-1, 0, 1}, column
    assert people["polarity"] == {"unipolar", "bipolar", "neither", "unknown"}
    assert people["suicide_level"] == {"none", "unknown", "yellow", "amber", "red"}
    for column in made["screen"].column_names[1:]:
        assert set(made["screen"][column].to_pylist()) == {-1, 0, 1}, column
