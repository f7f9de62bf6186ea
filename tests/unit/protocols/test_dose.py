"""No dose without a dated weight in kilograms; no spray dose that is not on the label (hazards H04 to H07)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from inconcert.judgement import Refusal
from inconcert.knowledge.protocols import default_limits
from inconcert.protocols import esketamine_dose, iv_dose, read_number
from inconcert.record import DateRange, Measurement, Moment, Origin

DAY = date(2026, 11, 22)


def weight(value: float | None = 70.0, unit: str = "kg", on: str | None = "2026-11-22") -> Measurement:
    """A weight."""
    return Measurement(
        id="Observation/w",
        origin=Origin("Observation/w"),
        value=value,
        unit=unit,
        taken=None if on is None else Moment(DateRange.parse(on)),
    )


def test_the_usual_dose() -> None:
    """70 kg at 0.5 mg/kg is 35 mg: 3.5 mL of 10 mg/mL, and all three numbers stand together."""
    dose = iv_dose(weight(), 0.5, DAY, strength_mg_per_ml=10)
    assert (dose.dose_mg, dose.volume_ml, dose.mg_per_kg, dose.weight_kg) == (35.0, 3.5, 0.5, 70.0)
    assert dose.basis.used[0].record_id == "Observation/w"


@pytest.mark.parametrize(
    ("given_weight", "why"),
    [
        (None, "no weight"),
        (weight(None), "no exact value"),
        (weight(unit=""), "no unit"),
        (weight(unit="g"), "unit is 'g'"),
        (weight(154, unit="[lb_av]"), "pounds"),
        (weight(on=None), "no exact date"),
        (weight(on="2026-11"), "no exact date"),
        (weight(on="2026-11-23"), "after"),
        (weight(29.9), "outside"),
        (weight(251), "outside"),
        (weight(-70), "outside"),
    ],
)
def test_a_weight_that_cannot_carry_a_dose_is_refused(given_weight: Measurement | None, why: str) -> None:
    """Missing, undated, unitless, foreign-unit, future or impossible weights give a refusal that says why (H04)."""
    with pytest.raises(Refusal, match=why):
        iv_dose(given_weight, 0.5, DAY)


@pytest.mark.parametrize(("days", "allowed"), [(0, True), (6, True), (7, True), (8, False), (30, False)])
def test_a_weight_grows_old(days: int, allowed: bool) -> None:
    """Seven days is the default limit, the stricter of two sources; the note shows the other (H05)."""
    old = weight(on=(DAY - timedelta(days=days)).isoformat())
    if allowed:
        assert any("30 days" in note for note in iv_dose(old, 0.5, DAY).notes)
    else:
        with pytest.raises(Refusal, match=f"{days} days old"):
            iv_dose(old, 0.5, DAY)


def test_a_site_may_edit_the_limit() -> None:
    """A site that chooses 30 days gets 30 days, and the dose still shows the weight's age."""
    rules = default_limits()
    limits = tuple(msgspec.structs.replace(n, value=30.0) if n.id == "weight_max_age_days" else n for n in rules.limits)
    dose = iv_dose(weight(on="2026-10-30"), 0.5, DAY, msgspec.structs.replace(rules, limits=limits))
    assert dose.weight_age_days == 23


def test_pounds_are_converted_only_when_asked_for_and_marked() -> None:
    """154 lb become 69.85 kg, and the dose says so."""
    dose = iv_dose(weight(154, unit="[lb_av]"), 0.5, DAY, convert_pounds=True)
    assert dose.converted_from_lb
    assert dose.weight_kg == pytest.approx(69.853, abs=0.001)
    assert any("154 pounds" in note for note in dose.notes)


@given(kg=st.floats(67, 113))
def test_pounds_typed_as_kilograms_never_give_a_dose(kg: float) -> None:
    """For every earlier weight, the same weight in pounds typed into a kilogram box is refused (H04)."""
    with pytest.raises(Refusal):
        iv_dose(weight(kg / 0.45359237), 0.5, DAY, earlier_weight=weight(kg, on="2026-10-01"))
    with pytest.raises(Refusal):
        iv_dose(weight(kg * 0.45359237), 0.5, DAY, earlier_weight=weight(kg, on="2026-10-01"))


@pytest.mark.parametrize("later", [62.9, 77.1])
def test_a_jump_in_weight_is_refused(later: float) -> None:
    """More than ten percent since the last weight must be weighed again."""
    with pytest.raises(Refusal, match="10 percent"):
        iv_dose(weight(later), 0.5, DAY, earlier_weight=weight(70, on="2026-11-01"))


@pytest.mark.parametrize(
    ("kg", "mg_per_kg", "why"),
    [
        (70, 1.01, "above 1 mg/kg"),
        (70, 4.7, "above 1 mg/kg"),
        (120, 0.9, "cap of 100"),
        (70, 0, "not a dose"),
        (70, -0.5, "not a dose"),
    ],
)
def test_extreme_doses_are_refused(kg: float, mg_per_kg: float, why: str) -> None:
    """The caps hold: no path gives 1.01 mg/kg, 108 mg, the published 4.7 mg/kg, nothing, or less than nothing."""
    with pytest.raises(Refusal, match=why):
        iv_dose(weight(kg), mg_per_kg, DAY)


def test_the_caps_themselves_are_allowed() -> None:
    """Exactly 1 mg/kg and exactly 100 mg pass."""
    assert iv_dose(weight(100), 1.0, DAY).dose_mg == 100


@given(kg=st.floats(30, 250), mg_per_kg=st.floats(0.1, 1.0), strength=st.sampled_from([10.0, 50.0, 100.0]))
@example(kg=71.0, mg_per_kg=0.5, strength=100.0)
def test_volume_strength_and_dose_agree(kg: float, mg_per_kg: float, strength: float) -> None:
    """Whenever a dose is given: mL x strength is the dose, and it is within half a percent of mg/kg x kg (H06)."""
    try:
        dose = iv_dose(weight(kg), mg_per_kg, DAY, strength_mg_per_ml=strength)
    except Refusal:
        assume(False)  # a refusal is safe; the other examples must agree
        raise
    assert dose.volume_ml is not None
    assert dose.volume_ml * strength == pytest.approx(dose.dose_mg, rel=1e-9)
    assert dose.dose_mg == pytest.approx(mg_per_kg * kg, rel=0.005001)
    assert dose.dose_mg <= 100


def test_a_dose_too_small_for_the_vial_is_refused() -> None:
    """35.5 mg cannot be drawn closely enough from 100 mg/mL; the refusal names a weaker vial."""
    with pytest.raises(Refusal, match="weaker vial"):
        iv_dose(weight(71), 0.5, DAY, strength_mg_per_ml=100)


@pytest.mark.parametrize("strength", [1.0, 5.0, 20.0, 0.05, 1000.0])
def test_only_known_vials_are_accepted(strength: float) -> None:
    """A strength outside the closed list is refused: a tenfold slip cannot pass (H06)."""
    with pytest.raises(Refusal, match="not a vial"):
        iv_dose(weight(), 0.5, DAY, strength_mg_per_ml=strength)


def test_esketamine_has_no_dose_per_kg() -> None:
    """Half a milligram per kilogram asked of esketamine is refused (H07)."""
    with pytest.raises(Refusal, match="not given by mg/kg"):
        iv_dose(weight(), 0.5, DAY, drug="esketamine")


@pytest.mark.parametrize("text", ["5,0", ".5", "5.", "-1", "+1", "0.5 mg", "", "05", "1e2", "nan", "inf"])
def test_unclear_numbers_are_refused(text: str) -> None:
    """A decimal comma, a naked point, a sign, a unit or an exponent is never guessed at (H06)."""
    with pytest.raises(Refusal):
        read_number(text)


@given(st.floats(0, 500).map(lambda x: round(x, 3)))
def test_no_spray_dose_but_those_on_the_label(dose: float) -> None:
    """In the US only 56 and 84 mg pass; 28 mg passes only elsewhere from age 65."""
    assume(dose not in {56.0, 84.0})
    with pytest.raises(Refusal):
        esketamine_dose(dose, age_years=70)


def test_labeled_spray_doses_pass() -> None:
    """56 and 84 pass for every adult; 28 at 65 in the EU, not at 64, not with an unknown age, not in the US."""
    assert [esketamine_dose(d, age_years=None) for d in (56, 84)] == [56, 84]
    assert esketamine_dose(28, age_years=65, jurisdiction="EU") == 28
    for age, place in ((64, "EU"), (None, "EU"), (80, "US")):
        with pytest.raises(Refusal):
            esketamine_dose(28, age_years=age, jurisdiction=place)
