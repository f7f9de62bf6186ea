"""What each way asks, worked by hand from the protocols, and what each need says of it.

Sources: the protocol files (each with its own source); arrangement of pairs is a design default. Hours are treatment and
watching only.
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.courses import FitDirection, propose, read_needs, way_files, way_load
from inconcert.judgement import NumberKind
from inconcert.protocols import Figure
from inconcert.safety import screen
from support.factories import attest
from support.safe_person import safe_person

AS_OF = date(2026, 11, 22)

# way                          visits   hours         weeks   fullest week   by hand
LOADS = """
ketamine_alone                 4..8     6.67..13.33   2..4    2   40 min and 60 min watching, twice a week
esketamine_alone               12       24            8       2   8 + 4 visits of 2 h
esketamine_alone_acute         8        16            4       2   twice a week for four weeks
tms_alone_10hz                 30       18.53         6       5   30 x 2224 s
tms_alone_itbs                 20..30   1.07..1.6     4..6    5   192 s each
tms_alone_deep                 20       6.61          4       5   20 x 1190 s, acute phase
tms_alone_accelerated          5        45.72         0.71    5   five days of 10 x 592 s and 9 x 50 min
tms_alone_deep_accelerated     10       -             6       5   six days are two working weeks; then four; length not stated
tms_first_same_day             24..32   25.07..25.6   8       5   spray days fall on TMS days; weeks 5 to 8 (7 to 8) have the spray alone
tms_first_same_day_ketamine    20       13.28..19.94  4       5   every infusion falls on a TMS day
alternate_days_ketamine        34..38   25.2..31.87   7..8    5   2 weeks x 3 TMS, then 24 in 5 weeks; or 4 x 3, then 18 in 4
alternate_days_esketamine      42       42.53         9       5   4 x 3 and 4 x 4 TMS beside the spray, then 2 in week 9
prime_then_course              31       20.2          6.14    5   one day, then six weeks
sequential_tms_esketamine      42       42.53         14      5   6 + 8 weeks
sequential_esketamine_tms      42       42.53         14      5   8 + 6 weeks
"""

# question              answer         way                        direction   why
FITS = """
needs.speed             days           ketamine_alone             helps       works within hours
needs.speed             days           tms_alone_10hz             hinders     works within weeks
needs.speed             weeks          tms_alone_10hz             helps       weeks are soon enough
needs.speed             no_hurry       sequential_tms_esketamine  helps       no hurry
needs.speed             -              tms_alone_10hz             unknown     nobody asked
needs.days_per_week     5              tms_alone_itbs             helps       five are asked
needs.days_per_week     4              tms_alone_itbs             hinders     five are asked, though 20 visits in 6 weeks would be fewer
needs.days_per_week     2              esketamine_alone           helps       two in the first four weeks
needs.days_per_week     1              esketamine_alone           hinders     1.5 on average, but two at first
needs.days_per_week     -              esketamine_alone           unknown     nobody asked
needs.travel_minutes    25             tms_alone_10hz             helps       4.2 h on the road a week
needs.travel_minutes    31             tms_alone_10hz             hinders     5.2 h on the road a week
needs.travel_minutes    60             esketamine_alone           helps       4 h on the road a week
needs.travel_minutes    180            esketamine_alone           hinders     12 h on the road a week
needs.escort            no             esketamine_alone           hinders     no escort, no drug
needs.escort            yes            tms_first_same_day         helps
needs.escort            no             tms_alone_10hz             -           TMS alone needs no escort
needs.transport         no             ketamine_alone             hinders     driving is forbidden
needs.transport         no             tms_alone_deep             -           the person may drive
needs.work_constraints  yes            tms_alone_10hz             hinders     daily visits
needs.work_constraints  yes            esketamine_alone           -           no daily visits
needs.ketamine_before   helped         ketamine_alone             helps
needs.ketamine_before   not_tolerated  tms_first_same_day         hinders
needs.ketamine_before   no_help        tms_alone_10hz             -           no drug in it
needs.tms_before        no_help        alternate_days_ketamine    hinders
needs.preference        tms_alone      tms_alone_itbs             helps
needs.preference        tms_alone      esketamine_alone           hinders
needs.preference        none           esketamine_alone           -           no preference
"""


def shown(figure: Figure) -> tuple[float, float] | None:
    """Both ends of a figure, None where it is not known."""
    return None if figure.low is None else (figure.low, figure.low if figure.high is None else figure.high)


@pytest.mark.parametrize("row", LOADS.strip().splitlines(), ids=lambda r: r.split()[0])
def test_load(row: str) -> None:
    """Visits, hours, weeks and the fullest week are as counted by hand; a dash is not known and never a low guess."""
    name, *expected = row.split()[:5]
    load = way_load(next(w for w in way_files() if w.id == name))
    for figure, text in zip((load.visits, load.hours, load.weeks), expected, strict=False):
        ends = shown(figure)
        if text == "-":
            assert ends is None
            continue
        low, _, high = text.partition("..")
        assert ends == pytest.approx((float(low), float(high or low)), abs=0.006)
    assert load.busiest_week == float(expected[3])


def test_every_way_is_in_the_table() -> None:
    """A way added to the file must be worked by hand here too."""
    assert [row.split()[0] for row in LOADS.strip().splitlines()] == [w.id for w in way_files()]


def test_a_pair_rests_on_an_arrangement_nobody_tested() -> None:
    """Loads of single treatments are reported; of pairs, design defaults, each with its choices and reasons."""
    for way in way_files():
        pair = len(way.parts) > 1
        assert way_load(way).visits.kind is (NumberKind.DESIGN_DEFAULT if pair else NumberKind.REPORTED)
        assert not pair or all(what and why for what, why in way.design_defaults)


@pytest.mark.parametrize("row", FITS.strip().splitlines(), ids=lambda r: "-".join(r.split()[:3]))
def test_fit(row: str) -> None:
    """One need, one way: helps, hinders, unknown, or (a dash) no bearing at all."""
    question, answer, name, direction = row.split()[:4]
    numeric = answer.isdigit()
    facts = []
    if answer != "-":
        said = answer if answer in ("yes", "no") else ""
        text = "" if numeric or said else answer
        facts = [attest(question, said, "2026-11-20", value=float(answer) if numeric else None, value_text=text)]
    person = safe_person(*facts)
    ways = propose(screen(person, None, AS_OF), read_needs(person, AS_OF), None, AS_OF).ways
    notes = [n for n in next(w for w in ways if w.proposal.id == name).fits if n.id == question]
    if direction == "-":
        assert notes == []
    else:
        assert [n.direction for n in notes] == [FitDirection(direction)]
        assert bool(notes[0].judgement.questions()) is (direction == "unknown")
        assert bool(notes[0].judgement.basis.used) is (direction != "unknown")
