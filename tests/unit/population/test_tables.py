"""A cohort on disk: what is refused, what is left out and named, and what goes in beside it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.policies import policies
from inconcert.payers import Case
from inconcert.population.cover import ask
from inconcert.population.engine import connect, from_files
from inconcert.population.extract import tables_of
from inconcert.population.kleene import NAMES
from inconcert.population.tables import open_cohort, write_cohort
from support.factories import make_person
from support.payer_cases import COMPLETE, DAY, DEPRESSED, SERTRALINE, VENLAFAXINE, clear_person, failed, ill, make_case

ABOUT = {"format": 1, "as_of": DAY.isoformat(), "invented": True, "origin": "a test"}


def cases() -> list[Case]:
    """Nobody known, one failure, two failures in a complete list, one in a complete list."""
    one, two = failed(*SERTRALINE), failed(*VENLAFAXINE)
    return [
        make_case(make_person()), make_case(make_person(DEPRESSED, one)),
        make_case(clear_person(*ill(), one, two, COMPLETE)), make_case(make_person(DEPRESSED, one, COMPLETE)),
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cohort of four people that its writer did not call sifted."""
    where = tmp_path / "cohort"
    write_cohort(where, [tables_of(cases())], as_of=DAY, invented=True, origin="a test")
    (where / "cohort.json").write_text(json.dumps(ABOUT), encoding="utf-8")
    return where


def answers(folder: Path, policy_id: str = "uhc-spravato") -> list[Answer]:
    """What one policy says of everybody in the folder."""
    connection, cohort, policy = connect(), open_cohort(folder), policies()[policy_id]
    tables, _bad = from_files(cohort, connection)
    asked = ask(tables, cohort.as_of, [(policy, policy.services[0])], as_written=True)
    rows = sorted(connection.to_pyarrow(asked.answers()).to_pylist(), key=lambda row: row["person"])
    return [NAMES[row["answer:0"]] for row in rows]


def rewrite(folder: Path, table: str, change: Any) -> None:
    """Write one table again with its rows changed."""
    (file,) = (folder / table).glob("*.parquet")
    read = pq.read_table(file)
    rows = read.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=read.schema), file)


def test_a_cohort_says_when_it_was_taken_and_that_it_is_invented(folder: Path) -> None:
    """The day and the mark come back as they were written."""
    cohort = open_cohort(folder)
    assert (cohort.as_of, cohort.invented, cohort.origin) == (DAY, True, "a test")


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (None, "cohort.json is missing"),
        ("{", "cannot be read"),
        ('{"format": 9, "as_of": "2026-11-22", "invented": true, "origin": "x"}', "format 9 is not known"),
        ('{"format": 1, "as_of": "22 November", "invented": true, "origin": "x"}', "cannot be read"),
        ('{"format": 1, "as_of": "2026-11-22"}', "cannot be read"),
    ],
)
def test_a_folder_that_is_no_cohort_is_refused(folder: Path, about: str | None, words: str) -> None:
    """Without a readable cohort.json the day would be guessed; the refusal shows what to write."""
    file = folder / "cohort.json"
    file.unlink() if about is None else file.write_text(about, encoding="utf-8")
    with pytest.raises(Refusal, match=words):
        open_cohort(folder)


def test_a_file_that_is_no_parquet_is_named(folder: Path) -> None:
    """Broken bytes end in one sentence that names the file."""
    (folder / "trials" / "00001.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(Refusal, match=r"00001\.parquet is not a Parquet file"):
        open_cohort(folder)


def test_a_column_of_another_type_is_named(folder: Path) -> None:
    """The refusal names file, column and the type wanted."""
    pq.write_table(pa.table({"person": [0], "birth_earliest": ["1980"]}), folder / "people" / "00001.parquet")
    with pytest.raises(Refusal, match="column 'birth_earliest' is string"):
        open_cohort(folder)


def test_a_column_that_every_row_must_have_is_asked_for(folder: Path) -> None:
    """Trials without a drug cannot be counted."""
    pq.write_table(pa.table({"person": [0]}), folder / "trials" / "00001.parquet")
    with pytest.raises(Refusal, match="no column 'drug'"):
        open_cohort(folder)


def test_a_person_who_stands_twice_is_refused(folder: Path) -> None:
    """Two rows of one person would count them twice."""
    rewrite(folder, "people", lambda rows: rows[1].update(person=0))
    with pytest.raises(Refusal, match="person 0 stands 2 times"):
        from_files(open_cohort(folder), connect())


# (table, what is wrong with its first row, words of the account)
BAD = [
    ("trials", {"drug": "sertralin"}, "the drug is not in the drug book"),
    ("trials", {"outcome": "failed"}, "outcome is no known word"),
    ("trials", {"counts": 7}, "an answer is none of 1, 0 and -1"),
    ("trials", {"weeks_low": 20.0, "weeks_high": 4.0}, "weeks_low is negative or above weeks_high"),
    ("trials", {"person": 99}, "its person is not in people"),
    ("screen", {"aneurysm": 3}, "an answer is none of 1, 0 and -1"),
    (
        "people",
        {"birth_earliest": date(1990, 1, 1), "birth_latest": date(1980, 1, 1)},
        "the birth date ends before it begins",
    ),
]


@pytest.mark.parametrize(("table", "wrong", "words"), BAD)
def test_a_bad_row_is_left_out_and_named(folder: Path, table: str, wrong: dict[str, Any], words: str) -> None:
    """One bad row is counted, its person named, and the rest goes in."""
    rewrite(folder, table, lambda rows: rows[0].update(wrong))
    connection = connect()
    tables, bad = from_files(open_cohort(folder), connection)
    assert [(b.table, b.rows) for b in bad] == [(table, 1)]
    assert words in str(bad[0])
    (whole,) = (pq.read_table(f).num_rows for f in (folder / table).glob("*.parquet"))
    assert connection.to_pyarrow(tables[table].count()).as_py() == whole - 1


def test_a_trial_left_out_leaves_the_list_of_trials_open(folder: Path) -> None:
    """Person 3 had a complete list of one failure, too few; with its row unreadable nobody knows how many there were."""
    assert answers(folder, "ohio-medicaid-spravato")[3] is Answer.NOT_MET
    rewrite(folder, "trials", lambda rows: rows[-1].update(drug="no such drug"))
    assert answers(folder, "ohio-medicaid-spravato")[3] is Answer.UNKNOWN


def test_an_absent_table_makes_unknown_and_never_no(folder: Path) -> None:
    """Whatever table is not there: nobody who was unknown gets an answer."""
    for policy_id in ("ohio-medicaid-spravato", "cigna-tms-2016"):
        before = answers(folder, policy_id)
        for table in ("trials", "scores", "diagnoses", "screen", "answers", "added", "treatments", "measurements"):
            (hidden := folder / table).rename(folder.parent / "hidden")
            after = answers(folder, policy_id)
            (folder.parent / "hidden").rename(hidden)
            grown = [(a, b) for a, b in zip(before, after, strict=True) if a is Answer.UNKNOWN and b is not a]
            assert not grown, (policy_id, table)


def test_a_folder_that_holds_something_is_not_written_over(folder: Path) -> None:
    """A cohort is never written over another."""
    with pytest.raises(Refusal, match="is not empty"):
        write_cohort(folder, [], as_of=DAY, invented=True, origin="a test")
