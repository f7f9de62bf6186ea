"""`inconcert measures` as a person runs it: answers, refusals, and reports written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.cli import measures as command
from support import measures as m

CPT, LOINC, ICD = "http://www.ama-assn.org/go/cpt", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"


def run(*arguments: object) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["measures", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def _chart(name: str) -> list[dict[str, Any]]:
    subject = {"reference": f"Patient/{name}"}
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    scores = [("2025-03-10", 14), ("2026-03-10", 3)]
    return [
        {"resourceType": "Patient", "id": name, "birthDate": "1980-06-15"},
        {
            "resourceType": "Encounter",
            "id": f"{name}-e",
            "status": "finished",
            "class": {"code": "AMB"},
            "type": [{"coding": [{"system": CPT, "code": "in-contact-or-office-visit"}]}],
            "subject": subject,
            "period": {"start": "2025-03-10", "end": "2025-03-10"},
        },
        {
            "resourceType": "Condition",
            "id": f"{name}-c",
            "code": {"coding": [{"system": ICD, "code": "F33.1"}]},
            "clinicalStatus": {"coding": [{"system": f"{status}clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{status}ver-status", "code": "confirmed"}]},
            "subject": subject,
            "onsetDateTime": "2025-01-01",
        },
        *(
            {
                "resourceType": "Observation",
                "id": f"{name}-{day}",
                "status": "final",
                "code": {"coding": [{"system": LOINC, "code": "44261-6"}]},
                "subject": subject,
                "effectiveDateTime": day,
                "valueInteger": total,
            }
            for day, total in scores
        ),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people in a file each, and value sets with invented codes."""
    path = tmp_path_factory.mktemp("measures")
    (path / "people").mkdir()
    for name in ("ann", "bob"):
        entries = [{"resource": r} for r in _chart(name)]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        (path / "people" / f"{name}.json").write_text(json.dumps(bundle))
    (path / "sets").mkdir()
    for oid, given in m.all_sets().given.items():
        listed = [{"system": system, "code": code} for system, code in sorted(given.codes)]
        sets = {"resourceType": "ValueSet", "url": f"http://cts.nlm.nih.gov/fhir/ValueSet/{oid}", "title": given.name}
        (path / "sets" / f"{oid}.json").write_text(json.dumps({**sets, "expansion": {"contains": listed}}))
    return path


def test_a_folder_gives_counts_and_each_person_with_why(folder: Path) -> None:
    """Both readings are counted, and each person's populations show the records."""
    code, out, _ = run(folder / "people", "--measure", "CMS159", "--valuesets", folder / "sets")
    assert code == 0
    assert "initial population               2      0         0       2      0         0" in out
    assert "PHQ-9 total 14: counts" in out
    assert max(map(len, out.splitlines())) <= 80


def test_without_value_sets_the_answer_is_unknown_and_says_what_to_get(folder: Path) -> None:
    """Nothing is guessed: the sets are named with OID and place, and the command still ends well."""
    code, out, _ = run(folder / "people" / "ann.json", "--measure", "159")
    assert code == 0
    assert "computed unknown: Value sets are missing: Contact or Office Visit" in out
    assert "https://vsac.nlm.nih.gov" in " ".join(out.split())


def test_vouching_for_the_records_settles_what_is_absent(folder: Path) -> None:
    """With --whole-until the numerator is shown in."""
    given = ("--measure", "CMS159", "--valuesets", folder / "sets", "--json")
    for extra, answer in (((), "unknown"), (("--whole-until", "2027-01-31"), "in")):
        _, out, _ = run(folder / "people" / "ann.json", *given, *extra)
        populations = json.loads(out)["measures"][0]["people"][0]["populations"]
        assert next(p for p in populations if p["kind"] == "numerator")["ours"]["answer"] == answer


def test_all_measures_are_computed_where_none_is_named(folder: Path) -> None:
    """The JSON holds the three, in order."""
    _, out, _ = run(folder / "people", "--valuesets", folder / "sets", "--json")
    assert [found["measure"] for found in json.loads(out)["measures"]] == ["CMS2", "CMS128", "CMS159"]


def test_reports_are_written_for_each_person_and_for_all(folder: Path, tmp_path: Path) -> None:
    """A MeasureReport each, and a summary with the score."""
    code, _, err = run(
        folder / "people", "--measure", "CMS159", "--valuesets", folder / "sets", "--reports", tmp_path / "out"
    )
    assert code == 0
    assert "written: 2 individual reports and 1 summaries" in err
    summary = json.loads((tmp_path / "out" / "CMS159-summary.json").read_text())
    assert summary["group"][0]["measureScore"] == {"value": 1.0}
    assert len(list((tmp_path / "out").glob("CMS159-0*.json"))) == 2


def test_a_single_person_can_be_asked_for(folder: Path) -> None:
    """By id, with or without its type; another name is refused with those there are."""
    _, out, _ = run(folder / "people", "--measure", "159", "--person", "bob", "--valuesets", folder / "sets")
    assert "1 person" in out
    code, _, err = run(folder / "people", "--measure", "159", "--person", "eve")
    assert code == 2
    assert "holds no person 'eve'" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--measure", "CMS122"), "there is no measure 'CMS122'. Mend: One of CMS2, CMS128, CMS159."),
        (("--period", "last year"), "the period 'last year' cannot be read"),
        (("--period", "2026-03"), "is neither a year nor two days"),
        (("--as-of", "2026-02-30"), "--as-of '2026-02-30' is not a day that exists"),
        (("--whole-until", "soon"), "--whole-until 'soon' is not a day that exists"),
        (("--utc-offset", "EST"), "--utc-offset 'EST' is not an offset"),
        (("--utc-offset", "-25:00"), "is not an offset"),
        (("--valuesets", "nowhere"), "There is no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_would_do(
    arguments: tuple[str, ...], words: str, folder: Path
) -> None:
    """Exit code 2, one sentence, no traceback, nothing on standard output."""
    code, out, err = run(folder / "people", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Mend:" in err


def test_a_path_that_holds_nobody_is_refused(tmp_path: Path) -> None:
    """Exit code 1 where nothing could be used."""
    (tmp_path / "empty.json").write_text('{"resourceType": "Organization", "id": "o"}')
    code, _, err = run(tmp_path / "empty.json")
    assert code == 1
    assert "no person could be read" in err


def test_another_year_than_the_logic_was_written_for_is_pointed_out(folder: Path) -> None:
    """The logic of 2026 may be applied to 2025, and says so."""
    _, _, err = run(folder / "people", "--measure", "CMS159", "--period", "2025")
    assert "is the logic of 2026" in err


def test_what_takes_long_says_how_far_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two seconds the command counts people on standard error; a quick one is silent."""
    _, _, err = run(folder / "people", "--measure", "CMS159")
    assert "of 2 people" not in err
    seconds = iter(range(0, 1000, 3))
    monkeypatch.setattr(command.time, "monotonic", lambda: float(next(seconds)))
    _, _, err = run(folder / "people", "--measure", "CMS159")
    assert "1 of 2 people, CMS159" in err


def test_nobody_can_vouch_for_a_record_of_which_something_was_refused(folder: Path, tmp_path: Path) -> None:
    """A hospice order that names somebody else is refused; with it, "whole" is not believed, and the numerator is open."""
    stray = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "code": {"text": "hospice"},
        "subject": {"reference": "Patient/eve"},
    }
    entries = [{"resource": r} for r in (*_chart("ann"), stray)]
    file = tmp_path / "ann.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    given = ("--measure", "CMS159", "--valuesets", folder / "sets", "--whole-until", "2027-01-31", "--json")
    _, out, err = run(file, *given)
    populations = json.loads(out)["measures"][0]["people"][0]["populations"]
    assert next(p for p in populations if p["kind"] == "numerator")["ours"]["answer"] == "unknown"
    assert "ServiceRequest/s at ServiceRequest.subject" in err
    assert "not taken as whole" in err
