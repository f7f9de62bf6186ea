"""Doses that charts get wrong or write in two records: asked about, never judged. Bounds: staging rules (design)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.drugs import DrugMatch, drug_book
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import MedicationTrial
from support.factories import make_person, reported_trial, statement

AS_OF = date(2026, 11, 16)

# drug          mg a day   dose adequate   why
DOSES = """
sertraline      50000      unknown         g written for mg
sertraline      5000       unknown         25 times the label's maximum
sertraline      0.05       unknown         mcg written for mg
liothyronine    25         unknown         mg written for mcg
liothyronine    0.025      met             25 mcg
sertraline      400        met             above the label, and given
sertraline      25         not_met         a starting dose
doxepin         6          not_met         a dose for sleep
venlafaxine     37.5       not_met         a starting dose
"""


def only_trial(drug: str, *facts: Any) -> MedicationTrial:
    """The one trial of that drug which the facts make."""
    (trial,) = [t for t in rebuild_trials(make_person(*facts), AS_OF).trials if t.drug == drug]
    return trial


@pytest.mark.parametrize("source", ["statement", "reported"])
@pytest.mark.parametrize("row", DOSES.strip().splitlines(), ids=lambda r: "-".join(r.split()[:2]))
def test_a_dose_nobody_gives_is_not_judged(row: str, source: str) -> None:
    """A dose off by a unit leaves the dose unknown; odd but real doses are judged as they stand."""
    drug, mg, answer = row.split()[:3]
    fact = (
        statement(drug, "2024-01-01", "2024-06-30", mg=float(mg))
        if source == "statement"
        else reported_trial(drug, start="2024-01-01", end="2024-06-30", daily_dose_mg=float(mg))
    )
    trial = only_trial(drug, fact)
    assert trial.dose_adequate is Answer(answer)
    if answer == "unknown":
        assert trial.max_daily_dose_mg is None
        assert trial.adequate.question is not None
        assert any("check the unit" in use.why for use in trial.used)


def test_two_products_of_one_drug_at_once_may_add_up() -> None:
    """Bupropion XL 150 mg and SR 150 mg over the same months: 150 to 300 mg a day, so not surely too little."""
    trial = only_trial(
        "bupropion",
        statement("bupropion XL 150 mg", "2024-03-01", "2024-07-01", mg=150),
        statement("Wellbutrin SR 150 mg", "2024-03-01", "2024-07-01", mg=150),
    )
    assert trial.dose_adequate is Answer.UNKNOWN
    assert trial.max_daily_dose_mg == 300


def test_a_second_strength_added_later_may_add_up() -> None:
    """Venlafaxine 75 mg begun while 150 mg runs on: 75 to 225 mg a day."""
    trial = only_trial(
        "venlafaxine",
        statement("venlafaxine", "2024-03-01", "2024-07-01", mg=150),
        statement("venlafaxine", "2024-03-15", "2024-07-01", mg=75),
    )
    assert trial.adequate.answer is Answer.UNKNOWN
    assert trial.max_daily_dose_mg == 225


def test_the_same_statement_twice_does_not_add_up() -> None:
    """One entry copied is one dose."""
    twice = [statement("bupropion XL 150 mg", "2024-03-01", "2024-07-01", mg=150) for _ in range(2)]
    assert only_trial("bupropion", *twice).dose_adequate is Answer.NOT_MET


def test_a_change_of_dose_on_one_day_hands_over() -> None:
    """A statement that ends on the day the next begins is not taken beside it."""
    trial = only_trial(
        "venlafaxine",
        statement("venlafaxine", "2024-03-01", "2024-03-20", mg=37.5),
        statement("venlafaxine", "2024-03-20", "2024-07-01", mg=150),
    )
    assert trial.max_daily_dose_mg == 150


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("perphenazine-amitriptyline 4-25 mg tablet", {"perphenazine", "amitriptyline"}),
        ("amitriptyline-perphenazine", {"perphenazine", "amitriptyline"}),
        ("chlordiazepoxide-amitriptyline", {"chlordiazepoxide", "amitriptyline"}),
        ("olanzapine-fluoxetine 6-25 mg capsule", {"olanzapine", "fluoxetine"}),
        ("dextromethorphan-bupropion ER", {"dextromethorphan-bupropion"}),
    ],
)
def test_both_names_of_a_hyphenated_product_are_read(words: str, names: set[str]) -> None:
    """Charts write a product of two drugs with a hyphen between: neither is dropped."""
    found = drug_book().look_up((), words, (), "")
    assert isinstance(found, DrugMatch)
    assert names <= {p.name for p in found.parts}


def test_a_trial_of_a_combination_is_not_lost() -> None:
    """Amitriptyline inside a hyphenated product is a trial whose dose is asked for."""
    trial = only_trial(
        "amitriptyline", statement("perphenazine-amitriptyline 4-25 mg tablet", "2024-03-01", "2024-07-01")
    )
    assert trial.dose_adequate is Answer.UNKNOWN


@pytest.mark.parametrize("words", ["naltrexone-bupropion ER", "bupropion-naltrexone", "Contrave"])
def test_the_weight_loss_product_is_no_trial(words: str) -> None:
    """Bupropion with naltrexone is for weight, by brand or by both names."""
    history = rebuild_trials(make_person(statement(words, "2024-03-01", "2024-07-01")), AS_OF)
    assert not history.trials
    assert "weight" in history.not_trials[0].why
