"""All real and realistic FHIR of ../shared/fhir goes in, and every resource is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading, UnreadableChart, read_bytes, read_chart
from inconcert.exchange.fhir.__main__ import main, printed

NOT_CHARTS = ("crd_2.2.1_hooks", "sql_on_fhir_tests")


@pytest.fixture(scope="module")
def fhir(shared: Path) -> Path:
    """The folder of FHIR examples."""
    return shared / "fhir"


def balanced(reading: ChartReading) -> bool:
    """True if the account adds up, in total and by type, and can be written as JSON."""
    account = reading.account
    json.dumps(account.as_dict())
    by_type = account.by_type.values()
    return (
        account.resources == account.used + account.kept_not_used + account.refused_count == len(reading.raw)
        and sum(c.resources for c in by_type) == account.resources
        and all(c.resources == c.used + c.kept_not_used + c.refused for c in by_type)
    )


def entries(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every resource of a Bundle, those of inner Bundles too, counted independently of the reader."""
    for entry in bundle.get("entry", []):
        if "resource" in entry:
            yield entry["resource"]
            if entry["resource"]["resourceType"] == "Bundle":
                yield from entries(entry["resource"])


def test_every_file_is_read_or_refused_by_name(fhir: Path) -> None:
    """Each file by itself either gives a balanced account or says that it is no chart; none is passed over."""
    read = 0
    refused: list[tuple[Path, UnreadableChart]] = []
    for path in sorted(fhir.rglob("*.json")):
        try:
            reading = read_chart(path)
        except UnreadableChart as error:
            refused.append((path, error))
            continue
        assert balanced(reading), path
        content = json.loads(path.read_text(encoding="utf-8"))
        expected = len(list(entries(content))) if content["resourceType"] == "Bundle" else 1
        assert reading.account.resources == expected, path
        read += 1
    assert read > 300
    assert len(refused) > 20
    assert [path for path, error in refused if path.parent.name not in NOT_CHARTS or not error.mend] == []


@pytest.mark.parametrize(
    ("folder", "people", "resources"),
    [
        ("ecqm_2025/cms128", 8, None),
        ("ecqm_2025/cms159", 36, None),
        ("ecqm_2025/cms2", 25, None),
        ("synthea_2021_bundles", 8, 2918),
        ("synthea_2025_bulk_10", 13, 5945),
        ("ahrq_phq9_stu3", 9, 32),
        ("us_core_8.0.0_examples", 4, 227),
        ("davinci/pas_2.2.1_examples", None, None),
        ("davinci/crd_2.0.1_examples", 1, 16),
        ("davinci/dtr_2.0.1_examples", None, None),
        ("valuesets", 0, 10),
    ],
)
def test_every_folder_is_read_whole(fhir: Path, folder: str, people: int | None, resources: int | None) -> None:
    """A folder, read as one export, gives a balanced and printable account."""
    reading = read_chart(fhir / folder)
    assert balanced(reading)
    assert people is None or len(reading.people) == people
    assert resources is None or reading.account.resources == resources
    assert f"resources {reading.account.resources} = used" in printed(reading)


def test_the_bulk_export_is_complete(fhir: Path) -> None:
    """Bulk Data: nothing refused, the export's log recognized, and each person's orders their own."""
    reading = read_chart(fhir / "synthea_2025_bulk_10")
    assert reading.account.refused == ()
    assert any("log" in file.note for file in reading.account.files if file.file == "log.ndjson")
    lines = (fhir / "synthea_2025_bulk_10/MedicationRequest.000.ndjson").read_text(encoding="utf-8").splitlines()
    owners = {f"MedicationRequest/{r['id']}": r["subject"]["reference"] for r in map(json.loads, lines)}
    for person in reading.people:
        assert all(owners[event.id] == f"Patient/{person.id}" for event in person.medications)
    assert sum(len(person.medications) for person in reading.people) == len(lines) - 3  # three are copies


def test_resources_held_twice_are_used_once(fhir: Path) -> None:
    """The CMS2 bundles hold each resource twice, in a Bundle inside the Bundle; each fact is there once."""
    for path in sorted((fhir / "ecqm_2025/cms2").glob("*.json")):
        reading = read_chart(path)
        used = {raw.key for raw in reading.raw if raw.type not in {"Bundle", "MeasureReport"}}
        facts = [fact.id for person in reading.people for fact in person.facts()]
        assert len(facts) == len(set(facts))
        assert len(reading.account.duplicates) >= len(used) // 2
        assert reading.account.refused == ()
        assert len(reading.people) == 1


def test_the_dirty_questionnaires_are_read_by_their_values(fhir: Path) -> None:
    """Every answer is coded as 0 while the true value stands beside it: the values are read and the clash is told."""
    reading = read_chart(fhir / "ahrq_phq9_stu3")
    forms = {form.id: form for person in reading.people for form in person.scale_forms}
    assert len(forms) == 23
    raw = {r.key: r.data for r in reading.raw}
    for key, form in forms.items():
        written = [
            item["answer"][0]["valueCoding"]["extension"][0]["valueDecimal"]
            for item in raw[key]["item"]
            if "valueCoding" in item["answer"][0]
        ]
        assert [value for _, value in form.items] == written
        assert form.origin.fhir_version == "STU3"
    problems = [entry.reason for entry in reading.account.problems]
    assert sum("disagrees with its items" in reason for reason in problems) == 2
    assert sum("cannot be a total of phq9" in reason for reason in problems) == 2
    impossible = [form for form in forms.values() if form.stated_total is None]
    assert len(impossible) == 2
    assert all(0 <= form.stated_total <= 27 for form in forms.values() if form.stated_total is not None)


def test_a_questionnaire_and_its_observations_are_one_form(fhir: Path) -> None:
    """US Core tells the same PHQ-9 as a QuestionnaireResponse, a panel and eleven Observations: one form of 12 points."""
    reading = read_chart(fhir / "us_core_8.0.0_examples")
    person = next(p for p in reading.people if p.id == "example")
    (form,) = [f for f in person.scale_forms if f.scale == "phq9"]
    assert form.stated_total == 12 == sum(value or 0 for _, value in form.items)
    assert len(form.items) == 9
    assert "QuestionnaireResponse/phq-9-example" in form.derived_from
    assert "Observation/PHQ9-panel-example-44249-1" in form.derived_from
    assert len(form.derived_from) == 12
    assert form.rater == "Dr Ronald Bone"


def test_us_core_coverage_names_payer_and_plan(fhir: Path) -> None:
    """The payer's name comes from the Organization referred to, the plan from the class of type plan."""
    reading = read_chart(fhir / "us_core_8.0.0_examples")
    (plan,) = next(p for p in reading.people if p.id == "example").health_plans
    assert (plan.payer, plan.plan) == ("Acme Health Plan", "Acme Gold Plan")
    assert str(plan.start) == "2020-01-01"


def test_a_drug_is_found_coded_contained_and_referenced(fhir: Path) -> None:
    """The three US Core shapes of one order name the same kind of drug; the plan to take something is kept aside."""
    reading = read_chart(fhir / "us_core_8.0.0_examples")
    orders = {e.id: e for p in reading.people for e in p.medications if e.kind == "order"}
    assert {e.codings[0].code for e in orders.values()} == {"476872", "582620"}
    assert len(orders) == 3
    (kept,) = [entry for entry in reading.account.kept if entry.id == "MedicationRequest/self-tylenol"]
    assert kept.path == "MedicationRequest.intent"


def test_phq9_totals_of_the_remission_measure_are_all_found(fhir: Path) -> None:
    """Every usable PHQ-9 total of the CMS159 bundles becomes a form with that total."""
    for path in sorted((fhir / "ecqm_2025/cms159").glob("*.json")):
        bundle = json.loads(path.read_text(encoding="utf-8"))
        totals = sorted(
            r["valueInteger"]
            for r in entries(bundle)
            if r["resourceType"] == "Observation"
            and r["code"]["coding"][0]["code"] == "44261-6"
            and r["status"] in {"final", "amended", "corrected"}
            and 0 <= r.get("valueInteger", -1) <= 27
        )
        forms = [form for person in read_chart(path).people for form in person.scale_forms]
        assert sorted(form.stated_total or 0 for form in forms) == totals, path.name


def test_the_resources_of_the_view_tests_go_in_as_lists(fhir: Path) -> None:
    """A JSON list of resources is read like a Bundle; the conformance tests' lists are balanced too."""
    for path in sorted((fhir / "sql_on_fhir_tests").glob("*.json")):
        resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
        reading = read_bytes(json.dumps(resources).encode(), path.name)
        assert balanced(reading)
        assert reading.account.resources == len(resources)


def test_the_account_is_printed(
    fhir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m inconcert.exchange.fhir PATH` prints people, counts and reasons, and fails where nothing was used."""
    path = next((fhir / "ecqm_2025/cms128").glob("*.json"))
    monkeypatch.setattr("sys.argv", ["fhir", str(path)])
    assert main() == 0
    assert "resources" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["fhir", str(fhir / "davinci/crd_2.2.1_hooks/CRDServices.json")])
    assert main() == 1
    assert "CDS Hooks" in capsys.readouterr().err
