"""Suicide risk, case by case. Sources: clinical brief section 8 (C-SSRS), safety facts (levels), measures facts (triage)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.safety import Arm, Clearance, assess_suicide, cannot_wait, screen
from support.factories import attest, make_person, phq9, scale_form
from support.safe_person import safe_person, screener

AS_OF = date(2026, 11, 22)

# C-SSRS yes    PHQ-9 item 9   level     hours   cannot wait   source
CASES = """
none            -              none      -       not_met       all no
1               -              yellow    72      not_met       a wish to be dead
1,2             -              yellow    72      not_met       brief: 1 and 2 yes, rest no is low
1,2,3           -              amber     24      met           thoughts with a method (recalled)
6               -              amber     24      met           brief: 6 yes, not in three months, is moderate
1,2,4           -              red       0       met           triage guideline: 4 is the most urgent
1,2,5           -              red       0       met           triage guideline: 5 is the most urgent
6,6b            -              red       0       met           triage guideline: recent behavior
-               0              unknown   -       unknown       a zero on another form does not take the screener's place
-               1              yellow    72      not_met       opens a C-SSRS
-               2              amber     24      met           (recalled)
-               3              amber     24      met           (recalled)
none            3              amber     24      met           the highest form in date counts
1,2,4           0              red       0       met           the highest form in date counts
-               -              unknown   -       unknown       a blank is not a no
"""


def forms(cssrs: str, item_9: str, on: str = "2026-11-20") -> list[Any]:
    """The forms of one line."""
    found: list[Any] = []
    if cssrs != "-":
        found.append(screener("" if cssrs == "none" else cssrs.replace(",", " "), on))
    if item_9 != "-":
        items = dict.fromkeys(map(str, range(1, 9)), 2.0) | {"9": float(item_9)}
        found.append(phq9(on, 16 + float(item_9), items=items))
    return found


@pytest.mark.parametrize("row", CASES.strip().splitlines(), ids=lambda r: "+".join(r.split()[:2]))
def test_levels(row: str) -> None:
    """Level, hours and whether it can wait, from the forms in date."""
    cssrs, item_9, level, hours, waits = row.split()[:5]
    risk = assess_suicide(make_person(*forms(cssrs, item_9)), AS_OF)
    assert risk.level == level
    assert risk.within_hours == (None if hours == "-" else float(hours))
    assert cannot_wait(risk) is Answer(waits)
    assert risk.actions


@pytest.mark.parametrize(
    ("on", "level"),
    [("2026-11-15", "red"), ("2026-11-14", "unknown"), ("2026-11-23", "unknown"), ("2026-11", "unknown")],
)
def test_a_form_grows_old(on: str, level: str) -> None:
    """A screener counts for seven days; an older, later or vaguely dated one leaves the risk unknown, never none."""
    assert assess_suicide(make_person(screener("1 2 4", on)), AS_OF).level == level


def test_a_half_filled_screener_is_not_a_no() -> None:
    """Items 1 and 2 answered no and 6 left blank: unknown, and the screener is asked for."""
    form = scale_form("cssrs-screener", "2026-11-20", items={"1": 0.0, "2": 0.0, "6": None, "6b": None})
    risk = assess_suicide(make_person(form), AS_OF)
    assert risk.level == "unknown"
    assert [q.id for q in risk.judgement.questions()] == ["safety.cssrs"]


def test_a_red_form_stands_beside_a_later_better_one() -> None:
    """A red flag of Friday is not cleared by a low form of Saturday, but by a clinician's review."""
    facts = [screener("1 2 5", "2026-11-20"), screener("", "2026-11-21")]
    assert assess_suicide(make_person(*facts), AS_OF).level == "red"
    reviewed = attest("safety.suicide_reviewed", "yes", "2026-11-21")
    assert assess_suicide(make_person(*facts, reviewed), AS_OF).level == "yellow"
    before = attest("safety.suicide_reviewed", "yes", "2026-11-19")
    assert assess_suicide(make_person(*facts, before), AS_OF).level == "red"


@pytest.mark.parametrize("level", ["1 2 4", "1 2 3"])
def test_red_and_amber_hold_every_arm_until_somebody_acts(level: str) -> None:
    """The hold says what to do and that it is no reason to wait."""
    result = screen(safe_person(screener(level, "2026-11-22")), None, AS_OF)
    assert {c.clearance for c in result.clearances} == {Clearance.HOLD}
    found = next(f for f in result.clearance(Arm.TMS).deciding if f.item == "suicide_risk")
    assert "never a reason to leave them waiting" in found.action


def test_a_red_form_out_of_date_is_named_and_not_hidden() -> None:
    """Two weeks after a red screen the level is unknown, and the text says what the last form showed and that nobody reviewed it."""
    red = forms("1,2,4", "-", "2026-11-01")
    risk = assess_suicide(make_person(*red), AS_OF)
    assert risk.level == "unknown"
    assert "A form of 2026-11-01, out of date, showed red. No review of it is recorded." in risk.text
    assert "out of date" not in assess_suicide(make_person(*red, *forms("none", "-")), AS_OF).text
    assert "out of date" not in assess_suicide(make_person(*forms("none", "-", "2026-11-01")), AS_OF).text
    reviewed = attest("safety.suicide_reviewed", "yes", "2026-11-02")
    assert "It was reviewed since" in assess_suicide(make_person(*red, reviewed), AS_OF).text
