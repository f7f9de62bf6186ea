"""The shortest way knows nothing that came after the day it is asked from."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from inconcert.exchange.fhir import read_chart
from inconcert.judgement import Answer
from inconcert.payers import determine_all
from inconcert.payers.known import known_on
from inconcert.record import Allergy, Fact, Origin, Person
from inconcert.synthetic import write_clinic
from support.factories import attest, day, diagnosis, make_person, measurement, order, phq9, procedure, reported_trial
from support.payer_cases import COMPLETE, SERTRALINE, ask, clear_person, failed, ill, make_case

BEFORE = date(2026, 11, 22)
LATER: dict[str, Fact] = {
    "an order": order("venlafaxine", "2026-12-01", None, 150),
    "a trial told of": failed("duloxetine", "2026-12-01", "2027-02-01", 60.0),
    "a form": phq9("2026-12-15", 3),
    "an answer": attest("payers.acute_suicidality", "yes", "2026-12-02"),
    "a diagnosis": diagnosis("G40.909", "2026-12-05"),
    "a procedure": procedure("90868", "2026-12-03"),
    "an allergy": Allergy(id="AllergyIntolerance/9", origin=Origin(resource="AllergyIntolerance/9"), text="bupropion",
                          kind="allergy", clinical_status="active", verification_status="confirmed", recorded=day("2026-12-04")),
}  # fmt: skip


def with_fact(person: Person, fact: Fact) -> Person:
    """The person with one more fact, of whichever kind it is."""
    more = make_person(allergies=(fact,)) if isinstance(fact, Allergy) else make_person(fact)
    kinds = {
        f.name: getattr(more, f.name)
        for f in dataclasses.fields(Person)
        if isinstance(getattr(more, f.name), tuple) and fact in getattr(more, f.name)
    }
    assert len(kinds) == 1
    changed = {name: (*getattr(person, name), *facts) for name, facts in kinds.items()}
    return dataclasses.replace(person, **changed)  # type: ignore[arg-type]  # each under its own name


@pytest.mark.parametrize("what", LATER)
def test_a_fact_of_a_later_day_changes_no_way(what: str) -> None:
    """Whatever the chart holds from after the day asked about, the ways are those without it."""
    person = clear_person(*ill(), failed(*SERTRALINE), COMPLETE)
    for policy in ("optum-uhc-tms", "aetna-spravato"):
        without = ask(policy, make_case(person)).routes
        assert without
        assert ask(policy, make_case(with_fact(person, LATER[what]))).routes == without


def test_what_was_known_stays_and_what_came_later_goes() -> None:
    """Facts of the day itself, of before and of no day stay; an order written before that begins later goes with the later ones."""
    stays = [
        order("sertraline", "2026-11-22"),
        phq9("2026-11-22", 20),
        reported_trial("bupropion", id="x"),
        attest("a.b", "yes", "2026-11-22"),
    ]
    goes = [order("citalopram", "2026-11-23"), phq9("2026-11-23", 20), measurement("8302-2", 170, "cm", "2026-12-01")]
    person = make_person(*stays, *goes)
    assert set(known_on(person, BEFORE).facts()) == set(stays)
    assert known_on(make_person(*stays), BEFORE).facts
    untouched = make_person(*stays)
    assert known_on(untouched, BEFORE) is untouched


def test_an_order_written_after_the_refusal_takes_no_class_from_the_way_of_that_day(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Who was refused in August and began venlafaxine later that month could, on the 14th, still have been given any SNRI."""
    folder = tmp_path_factory.mktemp("clinic")
    write_clinic(folder)
    asked_on = date(2026, 8, 14)
    (path,) = folder.rglob("refused-then-approved*.json")
    person = read_chart(path, as_of=asked_on).people[0]
    assert any(m.authored is not None and m.authored.earliest > asked_on for m in person.medications)
    case = make_case(person, asked_on)
    trimmed = make_case(known_on(person, asked_on), asked_on)
    classes = set()
    for seen, known in zip(determine_all(case), determine_all(trimmed), strict=True):
        assert seen.routes == known.routes
        if seen.answer is Answer.NOT_MET:
            classes |= {drug.drug_class for route in seen.routes for step in route.steps for drug in step.drugs}
    assert "SNRI" in classes
