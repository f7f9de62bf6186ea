"""FHIR MeasureReports: valid, with counts only where they are known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fhir.resources.R4B.measurereport import MeasureReport

from inconcert.exchange.measures import as_json, in_words, individual_report, summary_report
from inconcert.exchange.measures.fhir_report import rate
from inconcert.outcomes import CodeSets, PersonMeasure, evaluate, find_measure
from support import measures as m


def _remitted() -> m.Person:
    return m.person(m.visit("2025-03-10"), m.condition(), m.phq9("2025-03-10", 14), m.phq9("2026-03-10", 3))


def _without_sets() -> PersonMeasure:
    return evaluate(_remitted(), replace(m.run("CMS159"), sets=CodeSets()))


@pytest.mark.parametrize("measure", ["CMS2", "CMS128", "CMS159"])
def test_individual_and_summary_reports_are_valid_fhir(measure: str) -> None:
    """An independent library reads both kinds of report of each measure."""
    found = [m.result(measure, someone) for someone in (_remitted(), m.person())]
    for report in (individual_report(found[0]), summary_report(found)):
        parsed = MeasureReport.model_validate(report)
        assert parsed.measure.startswith(find_measure(measure).canonical)
        assert [group.id for group in parsed.group] == [group.id for group in find_measure(measure).groups]


def test_an_individual_report_counts_one_or_none_and_names_the_records() -> None:
    """Each population of a person is 1 or 0, and the records it stands on are listed."""
    report = individual_report(m.result("CMS159", _remitted()))
    counts = {p["id"]: p["count"] for p in report["group"][0]["population"]}
    assert counts == {"InitialPopulation_1": 1, "Denominator_1": 1, "DenominatorExclusion_1": 0, "Numerator_1": 1}
    assert report["status"] == "complete"
    assert report["subject"] == {"reference": "Patient/1"}
    assert any(r["reference"].startswith("Observation/2026-03-10") for r in report["evaluatedResource"])


def test_a_population_that_cannot_be_computed_has_no_count() -> None:
    """Without the value sets the report is pending, and the counts say that they are unknown instead of zero."""
    report = individual_report(_without_sets())
    MeasureReport.model_validate(report)
    assert report["status"] == "pending"
    initial = report["group"][0]["population"][0]
    assert "count" not in initial
    assert initial["_count"]["extension"][0]["valueCode"] == "unknown"


def test_a_summary_counts_only_what_is_known_of_everybody() -> None:
    """One person who cannot be computed leaves the summary without count and score."""
    whole = summary_report([m.result("CMS159", _remitted()), m.result("CMS159", m.person())])
    assert whole["group"][0]["measureScore"] == {"value": 1.0}
    assert [p["count"] for p in whole["group"][0]["population"]] == [1, 1, 0, 1]
    part = summary_report([m.result("CMS159", _remitted()), _without_sets()])
    assert part["status"] == "pending"
    assert "measureScore" not in part["group"][0]


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({"denominator": 10, "denominator-exclusion": 2, "numerator": 4}, 0.5),
        ({"denominator": 10, "denominator-exclusion": 2, "denominator-exception": 3, "numerator": 4}, 0.8),
        ({"denominator": 2, "denominator-exclusion": 2, "numerator": 0}, None),
        ({"denominator": None, "denominator-exclusion": 2, "numerator": 0}, None),
        ({"denominator": 10, "denominator-exclusion": 2, "numerator": None}, None),
    ],
)
def test_the_rate_leaves_out_the_excluded_and_the_excepted(counts: dict[str, int | None], share: float | None) -> None:
    """Numerator over denominator without exclusions and exceptions; nobody counted is no rate."""
    assert rate(counts) == share


def test_nobody_makes_no_summary() -> None:
    """A summary of no people is refused."""
    with pytest.raises(ValueError, match="at least one person"):
        summary_report([])


def test_both_readings_stand_side_by_side_in_words_and_in_json() -> None:
    """The page names both readings, fits a terminal, and says why something is unknown; so does the JSON."""
    found = [m.result("CMS159", _remitted())]
    text = in_words(find_measure("CMS159"), found)
    assert max(map(len, text.splitlines())) <= 80
    assert "as the measure computes" in text
    assert "as the record shows" in text
    assert "Nobody said that the record is whole" in text
    data = as_json(find_measure("CMS159"), found)
    numerator = next(p for p in data["people"][0]["populations"] if p["kind"] == "numerator")
    assert (numerator["as_measure"]["answer"], numerator["ours"]["answer"]) == ("in", "unknown")
    assert numerator["ours"]["question"]["id"] == "outcomes.record_complete"


def test_missing_value_sets_are_listed_with_where_to_get_them() -> None:
    """Both faces name each missing set with its OID."""
    text = in_words(find_measure("CMS159"), [_without_sets()])
    assert "Dysthymia (2.16.840.1.113883.3.67.1.101.1.254)" in text
    assert "vsac.nlm.nih.gov" in text
    listed = as_json(find_measure("CMS159"), [_without_sets()])["missing_value_sets"]
    assert {"Dysthymia", "Contact or Office Visit"} <= {entry["name"] for entry in listed}


def test_many_people_get_a_line_each() -> None:
    """Beyond a dozen people the page is a list."""
    found = [m.result("CMS2", replace(m.person(), id=f"Patient/{n}")) for n in range(20)]
    lines = in_words(find_measure("CMS2"), found).splitlines()
    assert sum(line.startswith("Patient/") for line in lines) == 20
