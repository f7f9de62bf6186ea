"""Worked numbers of the clinical brief, section 8, and of the sources named in the protocol files."""

from __future__ import annotations

import pytest

from inconcert.knowledge.protocols import TmsProtocol
from inconcert.protocols import check_can_select, computed_pulses, course_load, course_pulses, session_seconds

# protocol          pulses  seconds  counting the last gap   course pulses   source
TMS = """
rtms_10hz_37min     3000    2250     yes                     90000           75 x (4 s, 26 s) = 37.5 min
rtms_10hz_19min     3000    1114     no                      90000           75 trains, 74 gaps = 18:34, not the printed 18:26
itbs_600_left       600     192      no                      12000..18000    20 x (2 s, 8 s); bursts of 3 at 5 Hz
saint               1800    592      no                      90000           60 trains; 50 sessions
dtms_h1             1980    1210     yes                     87120           55 x (2 s, 20 s) at 18 Hz = 20.2 min; 20 + 24 sessions
"""

# protocol                 visits   hours        weeks    source
COURSES = """
esketamine_us_trd          12       24           8        US label to week 8: 8 + 4 visits, 2 h watch each
esketamine_mdsi            8        16           4        twice a week for four weeks
ketamine_iv_single         1        1.67         0.14     40 min infusion, 60 min watch (recalled)
ketamine_iv_induction_2x   4..8     6.67..13.33  2..4     registry range
ketamine_iv_induction_3x   6        10           2        dose-frequency trial (recalled)
rtms_10hz_37min            30       18.53        6        30 x 2224 s
saint                      5        45.72        0.71     five days of 9.14 h
dtms_h1                    44       14.54        16       20 acute and 24 continuation
dtms_accelerated_2025      10       -            4.86     six days, then weekly for four weeks (recalled); length not stated
"""


def rows(table: str, columns: int) -> list[list[str]]:
    """The first words of each line."""
    return [line.split(maxsplit=columns)[:columns] for line in table.strip().splitlines()]


def pair(text: str) -> tuple[float, float]:
    """Both ends of a range."""
    low, _, high = text.partition("..")
    return float(low), float(high or low)


@pytest.mark.parametrize("row", rows(TMS, 5), ids=lambda r: r[0])
def test_stimulation(row: list[str]) -> None:
    """Pulses, seconds and course pulses are as worked by hand."""
    name, pulses, seconds, last_gap, course = row
    protocol = check_can_select(name)
    assert isinstance(protocol, TmsProtocol)
    assert computed_pulses(protocol) == int(pulses)
    assert session_seconds(protocol, last_gap=last_gap == "yes") == float(seconds)
    assert course_pulses(protocol) == pair(course)


@pytest.mark.parametrize("row", rows(COURSES, 4), ids=lambda r: r[0])
def test_courses(row: list[str]) -> None:
    """Visits, hours and weeks are as worked by hand; a dash is not known."""
    name, *expected = row
    load = course_load(check_can_select(name))
    for figure, text in zip((load.visits, load.hours, load.weeks), expected, strict=True):
        if text == "-":
            assert figure.low is None
        else:
            low, high = pair(text)
            assert figure.low == pytest.approx(low, abs=0.006)
            assert (figure.low if figure.high is None else figure.high) == pytest.approx(high, abs=0.006)
