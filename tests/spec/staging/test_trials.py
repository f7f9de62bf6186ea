"""What a chart's records come to as a medication trial: a table of cases, each one line.

Sources: the worked cases and traps of the clinical brief (minimum doses by MGH-ATRQ, 6 weeks; traps for sleep, pain and
smoking doses; patches in mg per 24 h; lithium by level). All people are invented.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.record import DoseInstruction
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import MedicationTrial, TrialHistory
from support.factories import dispense, dose, make_person, measurement, order, reported_trial, statement

AS_OF = date(2025, 1, 1)


def history_of(*facts: Any, as_of: date = AS_OF) -> TrialHistory:
    """The trial list of an invented person with these facts."""
    return rebuild_trials(make_person(*facts), as_of)


def only(*facts: Any, as_of: date = AS_OF) -> MedicationTrial:
    """The one trial that these facts come to."""
    trials = history_of(*facts, as_of=as_of).trials
    assert len(trials) == 1
    return trials[0]


# drug | first..last day | mg a day (? unknown; a-b a range) | reason for stopping | weeks at dose | adequate | failed
TABLE = """
trazodone     | 2024-01-01..2024-03-24 | 100    | no response  | 0        | not_met | not_met
trazodone     | 2024-01-01..2024-03-24 | 50     | no response  | 0        | not_met | not_met
trazodone     | 2024-01-01..2024-03-24 | 300    | no response  | 12       | met     | met
sertraline    | 2024-01-01..2024-03-10 | ?      | no response  | 0..10    | unknown | unknown
sertraline    | 2024-01-01..2024-03-10 | 50     |              | 10       | met     | unknown
sertraline    | 2024-01-01..2024-02-11 | 50     | no response  | 6        | met     | met
sertraline    | 2024-01-01..2024-02-10 | 50     | no response  | 5.9      | not_met | not_met
sertraline    | 2024-01-01..2024-01-21 | 50     | side effects | 3        | not_met | not_met
sertraline    | 2024-01-01..2024-03-10 | 50     | side effects | 10       | met     | unknown
sertraline    | 2024-01-01..2024-03-10 | 50     | good response| 10       | met     | not_met
sertraline    | 2024-01-01..2024-03-10 | 25-100 | no response  | 0..10    | unknown | unknown
sertraline    | 2024-01..2024-03       | 50     | no response  | 4.4..13  | unknown | unknown
sertraline    | 2024-01..2024-04       | 50     | no response  | 8.9..17.3| met     | met
sertraline    | 2024..2024             | 50     | no response  | 0..52.3  | unknown | unknown
doxepin       | 2024-01-01..2024-03-24 | 6      | no response  | 0        | not_met | not_met
amitriptyline | 2024-01-01..2024-03-24 | 25     | no response  | 0        | not_met | not_met
quetiapine    | 2024-01-01..2024-03-24 | 100    | no response  | 0        | not_met | not_met
paroxetine    | 2024-01-01..2024-03-24 | 20     | no response  | 12       | met     | met
paroxetine CR | 2024-01-01..2024-03-24 | 20     | no response  | 0        | not_met | not_met
paroxetine CR | 2024-01-01..2024-03-24 | 25     | no response  | 12       | met     | met
vilazodone    | 2024-01-01..2024-03-24 | 20     | no response  | 0        | not_met | not_met
Emsam patch   | 2024-01-01..2024-03-24 | 6      | no response  | 12       | met     | met
fluvoxamine   | 2024-01-01..2024-03-24 | 50     | partial response | 12   | met     | not_met
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.partition("..")
    return float(low), float(high or low)


@pytest.mark.parametrize("row", _rows(TABLE), ids=lambda row: " ".join(row[:4]))
def test_one_order_as_a_trial(row: list[str]) -> None:
    """A dated order comes to so many weeks at the minimum dose, adequate or not, failed or not, or not known."""
    drug, days, mg, reason, weeks, adequate, failed = row
    first, _, last = days.partition("..")
    low, _, high = mg.partition("-")
    lines = () if mg == "?" else (dose(float(low), high=float(high or low)),)
    trial = only(order(drug, first, last, doses=lines, stop_reason_text=reason, status="stopped"))
    assert (trial.adequate.answer.value, trial.failed.answer.value) == (adequate, failed)
    found = trial.weeks_at_adequate_dose
    assert (found.low, found.high) == pytest.approx(_range(weeks), abs=0.06)


# amount | unit | times a day | product | mg a day (? unknown)
DOSES = """
50   | mg     | 1 | sertraline                     | 50
50   | mg     | 2 | sertraline                     | 100
50   | mg     | ? | sertraline                     | ?
50   | mg     | prn | sertraline                   | ?
1    | tablet | 1 | sertraline 50 mg tablet        | 50
2    | tablets| 1 | sertraline 50 mg tablet        | 100
1    | tablet | 1 | sertraline                     | ?
1    |        | 1 | sertraline 50 mg tablet        | ?
0.05 | g      | 1 | sertraline                     | 50
5    | mL     | 1 | sertraline 20 MG/ML Oral Solution | 100
5    | mL     | 1 | sertraline                     | ?
25   | ug     | 1 | liothyronine                   | 0.025
25   | mcg    | 2 | liothyronine                   | 0.05
1    | patch  | 1 | Emsam 6 mg/24 h                | 6
1    | patch  | 0.5 | Emsam 6 mg/24 h              | ?
6    | mg/24h | ? | Emsam                          | 6
0.25 | mg/h   | ? | Emsam                          | 6
1    | capsule| 1 | Symbyax                        | ?
-50  | mg     | 1 | sertraline                     | ?
1    | puff   | 1 | sertraline 50 mg tablet        | ?
"""


@pytest.mark.parametrize("row", _rows(DOSES), ids=" ".join)
def test_dose_arithmetic(row: list[str]) -> None:
    """Mass, pieces, liquids and patches come to mg a day; whatever is not said is not known, never once daily."""
    amount, unit, times, product, expected = row
    per = None if times in {"?", "prn"} else float(times)
    line = dose(float(amount), unit, per, as_needed=times == "prn")
    trial = history_of(statement(product, "2024-01-01", "2024-03-01", doses=(line,))).trials[0]
    assert trial.max_daily_dose_mg == (None if expected == "?" else pytest.approx(float(expected)))


def test_titration_counts_from_the_first_adequate_dose() -> None:
    """Sertraline 50 mg for 3 weeks and 100 mg for 4, without response, is one adequate trial of 7 weeks, and failed."""
    trial = only(order(start="2024-01-01", end="2024-01-21", mg=50),
                 order(start="2024-01-22", end="2024-02-18", mg=100, stop_reason_text="no response"))  # fmt: skip
    assert trial.weeks_at_adequate_dose.low == trial.weeks_at_adequate_dose.high == 7
    assert trial.failed.answer.value == "met"
    assert [(s.daily_dose_mg_low, str(s.start)) for s in trial.segments] == [(50, "2024-01-01"), (100, "2024-01-22")]
    assert trial.weeks_at_or_above(100).low == 4


def test_taper_inside_one_order_keeps_its_steps() -> None:
    """A taper written as dated lines of one order is a timeline of segments, and only weeks at the dose count."""
    lines = (dose(150, start="2024-01-01", end="2024-02-25"), dose(75, start="2024-02-26", end="2024-03-10"))
    trial = only(order("venlafaxine", "2024-01-01", "2024-03-10", doses=lines))
    assert [s.daily_dose_mg_low for s in trial.segments] == [150, 75]
    assert (trial.weeks_total.low, trial.weeks_at_adequate_dose.low) == (10, 8)


# gap in days between two hand-overs of 28 days | trials | weeks of the longest
GAPS = """
0 | 1 | 8
7 | 1 | 9
8 | 2 | 4
"""


@pytest.mark.parametrize("row", _rows(GAPS), ids=lambda row: f"gap {row[0]}")
def test_short_gaps_are_bridged(row: list[str]) -> None:
    """A gap of seven days or less joins two stretches into one trial; a longer one makes two."""
    gap, trials, weeks = int(row[0]), int(row[1]), float(row[2])
    second = date(2024, 1, 29 + gap) if 29 + gap <= 31 else date(2024, 2, gap - 2)
    found = history_of(
        dispense(on="2024-01-01", days=28, mg=50), dispense(on=second.isoformat(), days=28, mg=50)
    ).trials
    assert len(found) == trials
    assert found[0].weeks_total.low == weeks


def test_order_alone_shows_no_length() -> None:
    """An open order is an intent: zero weeks for certain, at most up to the day asked for; its question asks the dates."""
    trial = only(order(mg=50, start="2024-10-23"))
    assert (trial.weeks_total.low, trial.weeks_total.high) == (0, pytest.approx(10.14, abs=0.01))
    assert trial.adequate.question is not None
    assert trial.adequate.question.id == "staging.dates"


def test_later_order_replaces_an_open_one() -> None:
    """A new order of the same drug ends the open one before it; the doses do not add up."""
    trial = only(order(start="2024-01-01", mg=50), order(start="2024-03-01", end="2024-05-01", mg=100))
    assert trial.max_daily_dose_mg == 100
    assert trial.segments[-1].end.latest == date(2024, 5, 1)


def test_overlapping_bounded_orders_are_a_range() -> None:
    """Two orders that both state their end and overlap may replace or add: low is the later dose, high is both."""
    trial = only(
        order("bupropion", "2024-01-01", "2024-06-30", 300), order("bupropion", "2024-03-01", "2024-06-30", 150)
    )
    last = trial.segments[-1]
    assert (last.daily_dose_mg_low, last.daily_dose_mg_high) == (150, 450)


def test_the_same_order_twice_is_one() -> None:
    """A duplicate does not double the dose."""
    trial = only(order(start="2024-01-01", end="2024-03-01", mg=50), order(start="2024-01-01", end="2024-03-01", mg=50))
    assert trial.max_daily_dose_mg == 50


def test_refills_that_come_early_are_used_up_in_turn() -> None:
    """Supply in hand is taken before the next: two hand-overs of 30 days, 25 days apart, cover 60 days, all of them."""
    trial = only(dispense(on="2024-01-01", days=30, mg=50), dispense(on="2024-01-26", days=30, mg=50))
    assert trial.weeks_total.low == pytest.approx(60 / 7)
    assert trial.adherence_percent == 100


def test_adherence_from_hand_overs_and_its_warning() -> None:
    """With an order over the whole time and supply for half of it, adherence is half, and the judgement says so."""
    trial = only(order(start="2024-01-01", end="2024-03-30", mg=50), dispense(on="2024-01-01", days=30),
                 dispense(on="2024-03-01", days=30))  # fmt: skip
    assert trial.adherence_percent == pytest.approx(100 * 60 / 90)
    assert "67%" in trial.adequate.text


def test_one_hand_over_says_nothing_of_adherence() -> None:
    """Adherence needs two hand-overs."""
    assert only(dispense(on="2024-01-01", days=30, mg=50)).adherence_percent is None


def test_supply_gives_the_dose_where_no_line_does() -> None:
    """Sixty 150 mg tablets for 30 days are 300 mg a day."""
    trial = only(dispense("bupropion XL 150 mg tablet", quantity=60, quantity_unit="tablet"))
    assert trial.max_daily_dose_mg == 300


def test_combination_product_is_two_trials() -> None:
    """Olanzapine with fluoxetine in one capsule is a fluoxetine trial with olanzapine added to it."""
    history = history_of(order("", "2024-01-01", "2024-03-10", rxcui="403971", doses=(dose(1, "capsule"),)))
    found = {t.drug: (t.role.value, t.max_daily_dose_mg, t.kind) for t in history.trials}
    assert found == {
        "fluoxetine": ("monotherapy", 50, "antidepressant"),
        "olanzapine": ("augmentation", 12, "augmenter"),
    }


def test_combination_partner_that_is_no_drug_of_ours_is_left_aside() -> None:
    """Amitriptyline with perphenazine is an amitriptyline trial at the amitriptyline dose."""
    trial = only(order("", "2024-01-01", "2024-03-10", rxcui="856840", doses=(dose(1, "tablet", 3),)))
    assert (trial.drug, trial.max_daily_dose_mg) == ("amitriptyline", 150)


def test_dextromethorphan_bupropion_is_judged_as_the_pair() -> None:
    """Two tablets a day reach the pair's own dose (recalled), though 210 mg of bupropion alone would not be enough."""
    trial = only(order("", "2024-01-01", "2024-03-10", rxcui="2611260", doses=(dose(1, "tablet", 2),)))
    assert (trial.drug, trial.max_daily_dose_mg, trial.adequate.answer.value) == (
        "dextromethorphan-bupropion",
        210,
        "met",
    )


# serum level in mmol/L (- none) | day | dose adequate | adequate
LITHIUM = """
-   | 2024-02-01 | unknown | unknown
0.7 | 2024-02-01 | met     | met
0.4 | 2024-02-01 | not_met | not_met
0.7 | 2024-06-01 | unknown | unknown
"""


@pytest.mark.parametrize("row", _rows(LITHIUM), ids=lambda row: f"{row[0]} on {row[1]}")
def test_lithium_is_judged_by_its_level(row: list[str]) -> None:
    """Whatever the mg, only a level measured during the trial makes lithium adequate or not."""
    facts: list[Any] = [order("lithium carbonate 300 mg", "2024-01-01", "2024-03-01", 900)]
    if row[0] != "-":
        facts.append(measurement("14334-7", float(row[0]), "mmol/L", row[1]))
    trial = only(*facts)
    assert (trial.dose_adequate.value, trial.adequate.answer.value) == (row[2], row[3])


# record | why it is no trial
LEFT_OUT = {
    "smoking": (order("bupropion", mg=300, reason_text="Smoking cessation"), "stopping smoking"),
    "zyban": (order("Zyban 150 mg", mg=300), "stopping smoking"),
    "sleep": (order("trazodone", mg=300, reason_text="insomnia"), "sleep"),
    "pain": (order("duloxetine", mg=60, reason_text="neuropathic pain"), "pain"),
    "oral selegiline": (order("", mg=10, rxcui="859186"), "Parkinson"),
    "entered in error": (order(mg=50, status="entered-in-error"), "entered-in-error"),
    "cancelled": (order(mg=50, status="cancelled"), "cancelled"),
    "not taken": (statement(mg=50, status="not-taken"), "not-taken"),
    "a plan": (order(mg=50, intent="plan"), "plan"),
    "do not give": (order(mg=50, do_not_perform=True), "not to take"),
    "the future": (order(mg=50, start="2025-02-01"), "after 2025-01-01"),
    "code and name disagree": (order("fluoxetine 20 mg", mg=20, rxcui="312941"), "sertraline"),
    "reported later": (reported_trial(reported_on="2025-02-01"), "after 2025-01-01"),
    "unknown name": (reported_trial("some green pill"), "no antidepressant"),
}


@pytest.mark.parametrize("case", LEFT_OUT, ids=str)
def test_what_is_left_out_says_why(case: str) -> None:
    """A record that is no trial is listed with the reason, never dropped."""
    fact, why = LEFT_OUT[case]
    history = history_of(fact)
    assert history.trials == ()
    assert [use.record_id for use in history.not_trials] == [fact.id]
    assert why in history.not_trials[0].why


def test_anxiety_is_no_reason_to_leave_a_trial_out() -> None:
    """A drug recorded for anxiety counts, with a word of caution in the basis."""
    trial = only(order(mg=50, end="2024-03-01", reason_text="generalized anxiety"))
    assert "confirm" in trial.used[0].why


def test_wrong_code_gives_no_strength() -> None:
    """The code 406022 is read as fluoxetine, and a tablet of it has no known strength."""
    trial = only(order("", "2024-01-01", "2024-03-10", rxcui="406022", doses=(dose(1, "tablet"),)))
    assert (trial.drug, trial.max_daily_dose_mg, trial.adequate.answer.value) == ("fluoxetine", None, "unknown")


def test_levothyroxine_asks_what_it_is_for() -> None:
    """Levothyroxine beside an antidepressant is not augmentation until somebody says so."""
    history = history_of(
        order("levothyroxine", "2024-01-01", "2024-03-01", 0.05), order(mg=50, start="2023-12-01", end="2024-03-01")
    )
    trial = next(t for t in history.trials if t.drug == "levothyroxine")
    assert trial.counts.value == "unknown"
    assert trial.counts_question is not None


# other drug's days | role of venlafaxine begun 2024-03-01 and taken to 2024-05-31 beside it
ROLES = """
2024-01-01..2024-05-31 | combination
2024-01-01..2024-03-14 | monotherapy
2024-01-01..2024-02-28 | monotherapy
"""


@pytest.mark.parametrize("row", _rows(ROLES), ids=lambda row: row[0])
def test_a_cross_taper_is_no_combination(row: list[str]) -> None:
    """Two antidepressants for four weeks or more are a combination of the later one; a short overlap is a cross-taper."""
    first, _, last = row[0].partition("..")
    trials = history_of(
        order(start=first, end=last, mg=50), order("venlafaxine", "2024-03-01", "2024-05-31", 150)
    ).trials
    assert {t.drug: t.role.value for t in trials}["venlafaxine"] == row[1]


def test_an_account_gives_an_open_order_its_end() -> None:
    """A statement of when the drug was taken settles the length that the order left open."""
    trial = only(order(mg=50, start="2024-01-01"), statement(start="2024-01-01", end="2024-03-10", mg=None))
    assert (trial.weeks_total.low, trial.weeks_total.high) == (10, 10)
    assert trial.adequate.answer.value == "met"


def test_an_account_without_dates_belongs_to_the_only_trial() -> None:
    """Told "8 weeks, no response" without dates, the one recorded trial has its length and its outcome."""
    trial = only(order(mg=50, start="2024-01-01"), reported_trial(weeks=8, outcome="nonresponse"))
    assert (trial.weeks_total.low, trial.outcome.value, trial.failed.answer.value) == (8, "nonresponse", "met")


def test_an_account_without_dates_fits_no_one_of_two_trials() -> None:
    """Where the drug was tried twice, an undated account is left aside with the question which it tells of."""
    history = history_of(order(mg=50, end="2024-02-15"), order(mg=50, start="2024-06-01", end="2024-07-01"),
                         reported_trial(weeks=8, outcome="nonresponse"))  # fmt: skip
    assert [t.outcome.value for t in history.trials] == ["unknown", "unknown"]
    assert "which trial" in history.not_trials[0].why


def test_a_length_in_days_ends_an_order() -> None:
    """An order for 70 days runs 70 days, though it states no last day."""
    line = DoseInstruction(amount_low=50, amount_high=50, unit="mg", times_per_day=1, duration_days=70)
    trial = only(order(start="2024-01-01", doses=(line,)))
    assert (trial.weeks_total.low, trial.weeks_total.high) == (10, 10)


# status of a statement or hand-over that was never taken
@pytest.mark.parametrize(
    "fact",
    [statement(mg=50, status="intended"), dispense(mg=50, status="preparation")],
    ids=["intended", "preparation"],
)
def test_an_intended_use_is_none(fact: Any) -> None:
    """What is only intended, or still being prepared, was not taken."""
    assert history_of(fact).trials == ()
