"""A Bulk Data export becomes the tables that its charts would give, and every line is accounted for."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from inconcert.exchange.bulk import BulkReading, read_bulk
from inconcert.exchange.bulk.account import BulkTally
from inconcert.exchange.bulk.lines import NOBODY, look_through
from inconcert.exchange.fhir.account import UnreadableChart
from inconcert.exchange.fhir.chart import read_chart
from inconcert.judgement import Refusal
from inconcert.population.extract import tables_of
from inconcert.synthetic import write_clinic
from support.cohorts import case_of

DAY = date(2026, 11, 22)
SYNTHEA = Path(__file__).parents[4] / "shared/fhir/synthea_2025_bulk_10"


def patient(name: str, **more: Any) -> dict[str, Any]:
    """A Patient."""
    return {"resourceType": "Patient", "id": name, "birthDate": "1980-02-03", **more}


def depression(name: str, whom: str, **more: Any) -> dict[str, Any]:
    """A diagnosis of severe depression."""
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}]}
    return {
        "resourceType": "Condition", "id": name, "subject": {"reference": f"Patient/{whom}"}, "code": code,
        "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": "2025-05-01", **more,
    }  # fmt: skip


def sertraline(name: str, whom: str, **more: Any) -> dict[str, Any]:
    """An order of sertraline."""
    return {
        "resourceType": "MedicationRequest", "id": name, "subject": {"reference": f"Patient/{whom}"}, "status": "completed",
        "intent": "order", "medicationCodeableConcept": {"text": "sertraline 100 mg tablet"}, "authoredOn": "2025-06-01", **more,
    }  # fmt: skip


@pytest.fixture
def export(tmp_path: Path) -> Any:
    """Writes lines (resources, or text as it is) into files of an export and reads it."""

    def read(
        files: dict[str, list[dict[str, Any] | str]], **options: Any
    ) -> tuple[BulkReading, dict[str, list[dict[str, Any]]]]:
        folder, out = tmp_path / "export", tmp_path / "cohort"
        for name, lines in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                "".join((s if isinstance(s, str) else json.dumps(s)) + "\n" for s in lines), encoding="utf-8"
            )
        found = read_bulk(folder, out, DAY, **options)
        return found, rows_in(out)

    return read


def rows_in(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of a cohort."""
    return {p.name: pq.read_table(p).to_pylist() for p in sorted(out.iterdir()) if p.is_dir()}


def through_charts(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the same people, read as charts."""
    people = read_chart(folder, as_of=DAY).people
    return {name: table.to_pylist() for name, table in tables_of(map(case_of, people)).items()}


def test_the_invented_clinic_gives_the_tables_that_its_charts_give(tmp_path: Path) -> None:
    """Cell for cell: trials, scores, diagnoses, screen and answers of every person of the demonstration clinic."""
    write_clinic(tmp_path / "clinic")
    bulk = next(p for p in sorted((tmp_path / "clinic").iterdir()) if p.is_dir())
    found = read_bulk(bulk, tmp_path / "cohort", DAY, batch_bytes=50_000)
    rows, judged = rows_in(tmp_path / "cohort"), through_charts(bulk)
    for name in judged:
        assert rows[name] == judged[name], name
    assert len(rows["trials"]) > 20
    assert found.account.people == len(rows["people"])


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="../shared/fhir/synthea_2025_bulk_10 is not there")
@pytest.mark.parametrize("batch_bytes", [300_000, 10**9])
def test_the_public_export_gives_the_tables_that_its_charts_give(tmp_path: Path, batch_bytes: int) -> None:
    """Thirteen people of a public export, in one batch or in several; not one line is lost."""
    found = read_bulk(SYNTHEA, tmp_path / "cohort", DAY, batch_bytes=batch_bytes)
    rows = rows_in(tmp_path / "cohort")
    for name, judged in through_charts(SYNTHEA).items():
        assert rows[name] == judged, name
    account = found.account
    assert (account.people, account.resources, account.refused_count, account.log_lines) == (13, 5945, 0, 4)
    assert account.used + account.kept_not_used == account.resources


def test_several_processes_give_what_one_gives(export: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes write the same rows in the same order as one."""
    monkeypatch.setattr("inconcert.exchange.bulk.read.WORTH_BATCHES", 1)
    files = {
        "p.ndjson": [patient(f"p{n}") for n in range(6)],
        "c.ndjson": [depression(f"c{n}", f"p{n}") for n in range(6)],
    }
    _, rows = export(files, processes=2, batch_bytes=500)
    read_bulk(tmp_path / "export", tmp_path / "alone", DAY)
    assert rows == rows_in(tmp_path / "alone")
    assert [r["person_id"] for r in rows["people"]] == [f"p{n}" for n in range(6)]


def test_bad_lines_are_refused_by_file_and_line_and_the_good_ones_go_in(export: Any) -> None:
    """A cut line, a line that is no JSON, one without type, one of nobody: each is named, and nothing else is lost."""
    found, rows = export({
        "Patient.ndjson": [patient("a"), '{"resourceType":"Patient","id":"b", "birthDate":', patient("c")],
        "Condition.ndjson": [
            depression("one", "a"), "not json", '{"a": 1}', depression("two", "a") | {"subject": None}, "",
            depression("three", "c"), json.dumps(depression("four", "c"))[:-20],
        ],
        "Immunization.ndjson": ['{"resourceType":"Immunization","id":"i"}', '{"resourceType":"Immunization","id":'],
        "Odd.ndjson": ['{"resourceType":"Nonsense","id":"x"}'],
    })  # fmt: skip
    refused = Counter(e.id for e in found.account.refused)
    assert refused == Counter([
        "Patient.ndjson:2", "Condition.ndjson:2", "Condition.ndjson:3", "Condition.ndjson:4", "Condition.ndjson:7",
        "Immunization.ndjson:2", "Odd.ndjson:1",
    ])  # fmt: skip
    assert all(e.mend for e in found.account.refused)
    assert [r["person"] for r in rows["diagnoses"]] == [0, 1]
    account = found.account
    assert account.resources == account.used + account.kept_not_used + account.refused_count == 12


def test_a_fact_is_never_given_to_somebody_else(export: Any) -> None:
    """What names a stranger, or names somebody only inside, is refused; a reference of any shape finds its person."""
    inside = depression("hidden", "b")
    del inside["subject"]
    inside["contained"] = [{"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/a"}}]
    other = depression("inner", "b")
    other["contained"] = [{"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/a"}}]
    absolute = depression("absolute", "b") | {"subject": {"reference": "https://fhir.example/r4/Patient/b/_history/2"}}
    found, rows = export({
        "Patient.ndjson": [patient("a"), patient("b")],
        "Condition.ndjson": [depression("stranger", "zz"), inside, other, absolute],
    })  # fmt: skip
    assert [r["person"] for r in rows["diagnoses"]] == [1, 1]
    assert sorted(e.id for e in found.account.refused) == ["Condition.ndjson:1", "Condition.ndjson:2"]


def test_people_without_facts_are_kept(export: Any) -> None:
    """A Patient of whom nothing else is known is a row of people, with everything unknown."""
    _, rows = export({"Patient.ndjson": [patient("a"), patient("b")]})
    assert [r["person_id"] for r in rows["people"]] == ["a", "b"]
    assert {r["history_complete"] for r in rows["people"]} == {0}


def test_what_cannot_change_a_row_is_counted_and_not_read(export: Any) -> None:
    """A drug for the heart is kept aside by its code; sertraline beside it is read, wherever its name stands."""
    heart = sertraline("m1", "a") | {"medicationCodeableConcept": {"text": "lisinopril 10 mg"}}
    named = sertraline("m3", "a") | {"medicationReference": {"reference": "Medication/x"}, "authoredOn": "2025-09-01"}
    del named["medicationCodeableConcept"]
    found, rows = export({
        "Patient.ndjson": [patient("a"), patient("b")],
        "MedicationRequest.ndjson": [heart, sertraline("m2", "a"), named],
        "Medication.ndjson": [{"resourceType": "Medication", "id": "x", "code": {"text": "venlafaxine"}}],
    })  # fmt: skip
    assert [t["drug"] for t in rows["trials"]] == ["sertraline", "venlafaxine"]
    assert found.account.kept["MedicationRequest", "Nothing in the tables of a cohort is made from its code."] == 1


def test_an_export_without_people_or_files_is_refused(tmp_path: Path, export: Any) -> None:
    """No NDJSON, or no Patient in it: said so, with what would mend it. A full folder is not written into."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableChart, match=r"no \.ndjson file"):
        read_bulk(tmp_path / "empty", tmp_path / "out", DAY)
    with pytest.raises(Refusal, match="no Patient"):
        export({"Condition.ndjson": [depression("c", "a")]})
    with pytest.raises(Refusal, match="not empty"):
        read_bulk(tmp_path / "export", tmp_path / "export", DAY)


def test_a_batch_never_holds_one_person_alone(tmp_path: Path) -> None:
    """However small the batches asked for, nobody is read alone while there are others."""
    lines = [json.dumps(patient(f"p{n}")) for n in range(7)]
    (tmp_path / "Patient.ndjson").write_text("\n".join(lines), encoding="utf-8")
    found = look_through(tmp_path, BulkTally(), lambda _done, _whole: None)
    assert NOBODY not in found.person
    assert [len(batch) for batch in found.batches(1)] == [2, 2, 3]
