"""Blood pressure and benzodiazepines, case by case. Sources: clinical brief section 8 (pressure), safety facts (8 mg)."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.safety import Arm, Clearance, screen
from support.factories import attest, order
from support.safe_person import pressure, safe_person

AS_OF = date(2026, 11, 22)

# systolic diastolic  answer   drug     source
PRESSURE = """
146        88         met      hold     brief: 146/88 before esketamine is a hold for a clinician, not a block
138        92         met      hold     brief: 138/92 holds by the lower figure
140        90         not_met  cleared  label digest: above 140, above 90
141        80         met      hold     one above
139        91         met      hold     one above
160        80         met      hold     from 160 the day's plan must change (design)
120        100        met      hold     from 100 the day's plan must change (design)
120        -          unknown  hold     half a reading settles nothing
150        -          met      hold     half a reading that is high
-          95         met      hold     half a reading that is high
-          -          unknown  hold     a blank is not normal
"""

# drug lines (mg a time x times a day)       mg of diazepam   above 8?   source
BENZODIAZEPINES = """
lorazepam:0.5x1                              5                not_met    10 mg diazepam = 1 mg lorazepam (recalled)
lorazepam:0.8x1                              8                not_met    exactly 8 is not above 8
lorazepam:1x1                                10               met        one tablet is above
lorazepam:0.5x2                              10               met        twice a day adds up
clonazepam:0.5x1                             10               met        10 mg diazepam = 0.5 mg clonazepam (recalled)
diazepam:5x1                                 5                not_met
diazepam:5x1+lorazepam:0.5x1                 10               met        two drugs add up
diazepam:5x1+diazepam:5x1                    5                not_met    an order and its repeat are one drug
temazepam:15x1                               7.5              not_met    10 mg diazepam = 20 mg temazepam (recalled)
lorazepam:?x1                                ?                met        a dose nobody knows is not a low dose
triazolam:0.25x1                             ?                met        no equivalence on file is not a low dose
"""


@pytest.mark.parametrize("row", PRESSURE.strip().splitlines(), ids=lambda r: "/".join(r.split()[:2]))
def test_blood_pressure(row: str) -> None:
    """The last whole reading in date decides; above 140 or above 90 waits for a clinician."""
    systolic, diastolic, answer, clearance = row.split()[:4]
    halves = [None if text == "-" else float(text) for text in (systolic, diastolic)]
    result = screen(safe_person(pressure(halves[0], halves[1]), without=("pressure",)), None, AS_OF)
    found = next(f for f in result.findings if f.item == "blood_pressure")
    assert found.judgement.answer is Answer(answer)
    assert result.clearance(Arm.ESKETAMINE).clearance is Clearance(clearance)
    assert result.clearance(Arm.TMS).clearance is Clearance.CLEARED
    stop = "nothing is given today" in found.action
    assert stop is (answer == "met" and ((halves[0] or 0) >= 160 or (halves[1] or 0) >= 100))


def test_the_last_reading_decides_and_the_highest_of_a_day() -> None:
    """A high reading of last week gives way to a normal one of yesterday; two of one day without a clock do not."""
    earlier = screen(safe_person(pressure(170, 100, "2026-11-10")), None, AS_OF)
    assert earlier.clearance(Arm.KETAMINE).clearance is Clearance.CLEARED
    same_day = screen(safe_person(pressure(150, 80, "2026-11-21")), None, AS_OF)
    assert same_day.clearance(Arm.KETAMINE).clearance is Clearance.HOLD
    repeated = (pressure(150, 80, "2026-11-21T09:00:00Z"), pressure(128, 78, "2026-11-21T09:20:00Z"))
    rested = screen(safe_person(*repeated, without=("pressure",)), None, AS_OF)
    assert rested.clearance(Arm.KETAMINE).clearance is Clearance.CLEARED


@pytest.mark.parametrize(("on", "expected"), [("2026-10-23", Clearance.CLEARED), ("2026-10-22", Clearance.HOLD)])
def test_a_reading_grows_old(on: str, expected: Clearance) -> None:
    """Thirty days is the default for the screen; the day's own reading decides again on the day."""
    result = screen(safe_person(pressure(120, 80, on), without=("pressure",)), None, AS_OF)
    assert result.clearance(Arm.KETAMINE).clearance is expected


def test_an_answered_reading_counts_when_signed() -> None:
    """Both figures typed on the intake form are a reading; one unsigned figure is not."""
    told = [
        attest("safety.systolic_mmhg", "", "2026-11-21", value=122),
        attest("safety.diastolic_mmhg", "", "2026-11-21", value=80),
    ]
    assert (
        screen(safe_person(*told, without=("pressure",)), None, AS_OF).clearance(Arm.KETAMINE).clearance
        is Clearance.CLEARED
    )
    unsigned = [told[0], attest("safety.diastolic_mmhg", "", "2026-11-21", by="", value=80)]
    result = screen(safe_person(*unsigned, without=("pressure",)), None, AS_OF).clearance(Arm.KETAMINE)
    assert result.clearance is Clearance.HOLD
    assert "safety.diastolic_mmhg" in {q.id for q in result.questions}


@pytest.mark.parametrize("row", BENZODIAZEPINES.strip().splitlines(), ids=lambda r: r.split()[0])
def test_benzodiazepines(row: str) -> None:
    """Mg of diazepam a day, summed over drugs at their highest recorded dose, above 8 or not; it warns and never holds."""
    lines, equivalent, answer = row.split()[:3]
    orders = []
    for line in lines.split("+"):
        drug, _, dose = line.partition(":")
        amount, _, times = dose.partition("x")
        mg = None if amount == "?" else float(amount) * float(times)
        orders.append(order(drug, mg=mg))
    result = screen(safe_person(*orders), None, AS_OF)
    found = next(f for f in result.findings if f.item == "benzodiazepine_dose")
    assert found.judgement.answer is Answer(answer)
    if equivalent != "?":
        assert f"{float(equivalent):g} mg" in found.judgement.text
    assert result.clearance(Arm.TMS).clearance is Clearance.CLEARED
