"""What DuckDB reads is answered on arrays: as the engine itself would answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _
from ibis.backends import BaseBackend

from inconcert.knowledge.policies import policies
from inconcert.population.arrays import cohort
from inconcert.population.arrays.groups import Sorts
from inconcert.population.arrays.plan import LongPlan, bound
from inconcert.population.arrays.program import Program
from inconcert.population.arrays.reading import Source, cursor_of, rows_of
from inconcert.population.arrays.values import NotKnownHere
from inconcert.population.cover import ask
from inconcert.population.engine import connect, from_memory, held
from inconcert.population.invented import invented
from inconcert.population.kleene import all_of, any_of, when

DAY = date(2026, 11, 22)
DAYS = [date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(2026, 11, 22), None]
TABLE = pa.table({
    "person": pa.array(range(100), pa.int64()),
    "number": pa.array(range(1000, 1100), pa.int64()),
    "a": pa.array([a for a, _b in product([1, 0, -1, None], range(25))], pa.int8()),
    "b": pa.array([b for _a, b in product(range(20), [1, 0, -1, None, 1])], pa.int8()),
    "weeks": pa.array([w for _a, w in product(range(25), [0.0, 3.9, 4.0, None])], pa.float64()),
    "flag": pa.array([f for _a, f in product(range(25), [True, False, None, True])], pa.bool_()),
    "day": pa.array([d for d, _b in product(DAYS, range(20))], pa.date32()),
    "word": pa.array([w for _a, w in product(range(20), ["F32.1", "F33.2", "", None, "G40"])], pa.string()),
})  # fmt: skip

EXPRESSIONS: dict[str, Any] = {
    "all": all_of([_.a, _.b]), "any": any_of([_.a, _.b, 0]), "not": -_.a, "blank": _.a.coalesce(0), "is blank": _.a.isnull(),
    "and": (_.a == 1) & (_.weeks >= 4), "or": (_.a == 1) | (_.weeks < 4), "no": ~(_.a == 1), "flags": _.flag | (_.b != 0),
    "cases": when((_.a == _.b, 1), (_.weeks < 4, _.a), otherwise=_.b), "either": ibis.ifelse(_.flag, _.weeks, _.a),
    "words": _.word.isin(["F32.1", "G40"]), "same word": _.word == "G40", "other word": _.word != "", "no words": _.a.isin([]),
    "starts": _.word.startswith("F3") & ~_.word.startswith("F33"), "family": _.word.substr(0, 3).isin(["F32", "G40"]),
    "words or": _.word.startswith("G") | (_.word == "F32.1") | _.flag, "numbers": _.a.isin([1, -1]),
    "since": _.day.delta(ibis.literal(DAY), unit="day"), "later": _.day >= ibis.literal(date(2024, 2, 29)),
    "year": _.day.year(), "month": _.day.month(), "of the month": _.day.day(), "sum": _.a + _.weeks, "share": _.weeks / 3,
    "least": ibis.least(_.a, _.b), "most": ibis.greatest(_.a, _.b), "shifted": (_.number >> 2) & 3, "known": _.word.notnull(),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[BaseBackend]:
    """DuckDB for the tests here."""
    connection = connect()
    yield connection
    connection.disconnect()


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_is_worth_on_arrays_what_it_is_worth_on_the_engine(name: str, engine: BaseBackend) -> None:
    """Blanks included: every pair of answers, weeks, flags, days and words."""
    table = held("grid", TABLE, engine)
    wanted = engine.to_pyarrow(table.select("person", found=EXPRESSIONS[name]).order_by("person"))["found"].to_pylist()
    program = Program()
    slot = program.add(bound(table, {"found": EXPRESSIONS[name]})["found"])
    source = Source.of(engine, table, program.inputs)
    rows, _rest = rows_of(source.arrow(cursor_of(engine), None), np.arange(100), source.words)
    found = program.run(rows.columns.__getitem__)[slot]
    values, known = (
        np.broadcast_to(found.values, 100),
        np.broadcast_to(found.known if found.known is not None else True, 100),
    )
    assert [v if k else None for v, k in zip(values.tolist(), known, strict=True)] == wanted


COUNTS: dict[str, Any] = {
    "any": (_.a == 1).any(), "latest": _.a.argmax(_.place), "decided": _.a.argmax(-_.place, where=_.a != 0),
    "worst": _.a.argmax(_.weeks * 1e6 - _.place, where=_.weeks > 1), "least": _.a.min(where=_.place > 1), "day": _.place.max(),
    "days": _.place.nunique(where=_.a == 1), "many": (_.a == 1).cast("int64").sum(),
}  # fmt: skip


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([1, 0, -1]), st.sampled_from([0.0, 2.5, 9.0])), max_size=20
    )
)
@settings(max_examples=25, deadline=None)
def test_a_count_is_on_arrays_what_it_is_on_the_engine(rows: list[tuple[int, int, float]], engine: BaseBackend) -> None:
    """For people with any number of rows, in any order."""
    long = pa.table({
        "person": pa.array([r[0] for r in rows], pa.int64()), "a": pa.array([r[1] for r in rows], pa.int8()),
        "weeks": pa.array([r[2] for r in rows], pa.float64()), "place": pa.array(range(len(rows)), pa.int32()),
    })  # fmt: skip
    table = held("long", long, engine)
    wanted = engine.to_pyarrow(table.group_by("person").aggregate(**COUNTS)).to_pylist()
    got = LongPlan.of(table, COUNTS).counted(rows_of(long, np.arange(6))[0], 6)
    for row in wanted:
        for name in COUNTS:
            value = got[name].values[row["person"]]
            known = got[name].known is None or got[name].known[row["person"]]
            assert (value if known else None) == row[name], name


def test_two_trials_of_one_drug_are_one_drug() -> None:
    """Drugs that carry a flag are counted once for each person, trials as often as they are."""
    owners = np.array([0, 0, 0, 2, 2])
    drugs = Sorts(owners, 3, np.array([7, 4, 7, 7, 4]))
    flag = np.array([False, True, True, False, True])
    assert drugs.count(flag).tolist() == [2, 0, 1]
    assert drugs.count(np.array([True, False, True, True, False])).tolist() == [1, 0, 1]
    assert drugs.plain(np.array([True, False, True, True, False])).tolist() == [2, 0, 1]


@pytest.mark.parametrize("stage", ["initial", "continuation", "retreatment", "maintenance"])
def test_every_policy_is_answered_on_arrays_as_on_the_engine(
    stage: str, engine: BaseBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the library asks is left to the slower way, and people read in several runs get the same answers."""
    monkeypatch.setattr(cohort, "RUN", 300)
    monkeypatch.setattr(cohort, "PART", 70)
    tables = from_memory(invented(range(800), 3, DAY), engine)
    asked = [(policy, policy.services[0]) for policy in policies().values()]
    fast = ask(tables, DAY, asked, stage=stage, as_written=True)
    slow = ask(tables, DAY, asked, stage=stage, as_written=True, on_arrays=False)
    assert isinstance(fast.made, pa.Table)
    assert not isinstance(slow.made, pa.Table)
    ours, theirs = (engine.to_pyarrow(a.answers().order_by("person")).to_pydict() for a in (fast, slow))
    assert ours == theirs


def test_what_arrays_cannot_answer_is_left_to_the_engine(engine: BaseBackend) -> None:
    """A number that is none (NaN) is sorted by engines in their own way, so an engine is asked."""
    parts = invented(range(50), 3, DAY)
    weeks = parts["trials"].column_names.index("weeks_low")
    nan = pa.array([float("nan")] * parts["trials"].num_rows, pa.float64())
    parts["trials"] = parts["trials"].set_column(weeks, "weeks_low", nan)
    asked = [(policy, policy.services[0]) for policy in policies().values()]
    assert not isinstance(ask(from_memory(parts, engine), DAY, asked, as_written=True).made, pa.Table)
    with pytest.raises(NotKnownHere):
        rows_of(pa.table({"person": [1], "value": [float("nan")]}), np.array([1]))
