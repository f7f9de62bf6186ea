"""The measures' own test patients: each file carries the answer that the measure must give.

CMS159 comes with its value sets. Those of CMS128 and CMS2 are licensed and not in the shared folder, so the codes that
the files use stand in for them: each visit type, referral, intervention and reason there is a member. (With the
published sets, at hand on the day of writing, all 69 files gave the same.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.fhir import read_chart
from inconcert.exchange.fhir.value_sets import read_value_sets
from inconcert.judgement import Answer
from inconcert.outcomes import CodeSets, GivenSet, MeasureRun, Period, PersonMeasure, evaluate, find_measure
from inconcert.outcomes.codesets import entries

from .conftest import bundles, expected, resources

NUMBERS = {"CMS159": 36, "CMS128": 8, "CMS2": 25}


def _codes(found: Iterable[dict[str, Any]], *path: str) -> frozenset[tuple[str, str]]:
    """Codes at a place in some resources, as pairs of system and code."""
    codes: set[tuple[str, str]] = set()
    for resource in found:
        concepts = resource.get(path[0], [])
        for concept in concepts if isinstance(concepts, list) else [concepts]:
            codes |= {(c["system"], c["code"]) for c in concept.get("coding", [])}
    return frozenset(codes)


def _stand_ins(measure: str, folder: Path) -> CodeSets:
    """Value sets made of the codes that the files use."""
    every = [r for bundle in bundles(folder).values() for r in resources(bundle)]

    def of(kind: str) -> list[dict[str, Any]]:
        return [r for r in every if r["resourceType"] == kind]

    reasons = [e for r in of("Observation") for e in r.get("extension", []) if "notDoneReason" in e["url"]]
    declined = find_measure("CMS2").pairs("declined")
    roles: Mapping[str, frozenset[tuple[str, str]]] = {
        "visit": _codes(of("Encounter"), "type"),
        "depression": _codes(of("Condition"), "code"),
        "bipolar": _codes(of("Condition"), "code"),
        "hospice_care": _codes(of("ServiceRequest"), "code"),
        "adolescent_followup": _codes(of("Procedure"), "code"),
        "adult_followup": _codes(of("Procedure"), "code"),
        "medical_reason": _codes(reasons, "valueCodeableConcept") - declined,
    }
    given = {}
    for role, names in find_measure(measure).value_sets.items():
        for name in names:
            entry = entries()[name]
            if set(entry.holds) - set(entry.carried):
                given[entry.oid] = GivenSet(entry.oid, roles.get(role, frozenset()))
    return CodeSets(given)


@pytest.fixture(scope="session")
def results(shared: Path) -> dict[str, dict[str, tuple[PersonMeasure, dict[tuple[str, str], bool]]]]:
    """Each measure's answer for each of its files, with the answer expected."""
    found: dict[str, dict[str, tuple[PersonMeasure, dict[tuple[str, str], bool]]]] = {}
    for measure in NUMBERS:
        folder = shared / "ecqm_2025" / measure.lower()
        given = shared / "ecqm_2025" / "cms159_valuesets.json"
        sets = CodeSets(read_value_sets([given]).sets) if measure == "CMS159" else _stand_ins(measure, folder)
        run = MeasureRun(measure=find_measure(measure), period=Period.parse("2026"), sets=sets)
        found[measure] = {}
        for name, bundle in bundles(folder).items():
            (person,) = read_chart(folder / name, as_of=date(2026, 12, 31), one_person=True).people
            found[measure][name] = evaluate(person, run), expected(bundle)
    return found


@pytest.mark.parametrize("measure", NUMBERS)
def test_every_test_patient_gets_the_populations_of_its_own_report(measure: str, results: Any) -> None:
    """As the measure computes, every population of every file is the one in its MeasureReport."""
    assert len(results[measure]) == NUMBERS[measure]
    wrong = [
        f"{name}: {group} {kind} should be {count}"
        for name, (found, wanted) in results[measure].items()
        for (group, kind), count in wanted.items()
        if (found.population(kind, group).as_measure.answer is Answer.MET) is not count
        or found.population(kind, group).as_measure.answer is Answer.UNKNOWN
    ]
    assert wrong == []


@pytest.mark.parametrize("measure", NUMBERS)
def test_what_a_test_patients_record_shows_never_contradicts_the_measure(measure: str, results: Any) -> None:
    """Nobody vouches for these records: whatever our reading knows, the measure computes as well."""
    for name, (found, _) in results[measure].items():
        for both in found.populations:
            assert both.ours.answer in {both.as_measure.answer, Answer.UNKNOWN}, name


def test_a_file_given_twice_in_one_changes_nothing(shared: Path, results: Any) -> None:
    """The CMS2 files hold each resource twice, in a Bundle within the Bundle: each is counted once."""
    name = next(iter(results["CMS2"]))
    reading = read_chart(shared / "ecqm_2025" / "cms2" / name, as_of=date(2026, 12, 31))
    assert len(reading.people) == 1
    assert reading.account.as_dict()["duplicates"]
