"""Odds ratio, risk ratio, risk difference and trial size: against figures worked by hand, and by what must always hold."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.effects import Counts, EffectMeasure, compare
from inconcert.evidence.synthesis.trial_size import odds_ratio, people_per_arm, smallest_gain


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    """Any group of 1 to 500 people."""
    n = draw(st.integers(1, 500))
    return Counts(events=draw(st.integers(0, n)), n=n)


def test_a_small_table_worked_by_hand() -> None:
    """15 of 20 against 5 of 20: ratio 3, odds ratio 9, difference 50 points, with intervals from a pocket calculator."""
    first, second = Counts(events=15, n=20), Counts(events=5, n=20)
    ratio = compare(first, second, EffectMeasure.RISK_RATIO)
    assert ratio.estimate == pytest.approx(3)
    assert (ratio.low, ratio.high) == pytest.approx((1.3478, 6.6776), abs=5e-4)  # se of the log 0.40825
    odds = compare(first, second, EffectMeasure.ODDS_RATIO)
    assert odds.estimate == pytest.approx(9)
    assert (odds.low, odds.high) == pytest.approx((2.1509, 37.6593), abs=5e-4)  # se of the log 0.73030
    difference = compare(first, second, EffectMeasure.RISK_DIFFERENCE)
    assert difference.estimate == pytest.approx(0.5)
    assert (difference.low, difference.high) == pytest.approx((0.2316, 0.7684), abs=5e-4)  # se 0.13693


@pytest.mark.parametrize(
    ("first", "second", "odds"),
    [
        ((0, 10), (5, 10), 0.5 * 5.5 / (10.5 * 5.5)),
        ((10, 10), (5, 10), 10.5 * 5.5 / (0.5 * 5.5)),
        ((0, 4), (0, 4), 1.0),
    ],
)
def test_an_empty_cell_gets_half_a_person_in_each_and_says_so(
    first: tuple[int, int], second: tuple[int, int], odds: float
) -> None:
    """With nobody or everybody in a group the ratio stays finite, and the note tells what was done."""
    one, two = Counts(events=first[0], n=first[1]), Counts(events=second[0], n=second[1])
    effect = compare(one, two, EffectMeasure.ODDS_RATIO)
    assert effect.estimate == pytest.approx(odds)
    assert "0.5" in effect.note
    assert math.isfinite(effect.high)
    assert compare(one, two, EffectMeasure.RISK_DIFFERENCE).estimate == one.proportion - two.proportion


@pytest.mark.parametrize(("events", "n"), [(-1, 5), (6, 5), (0, 0), (1, -1)])
def test_impossible_counts_are_refused(events: int, n: int) -> None:
    """More events than people, or nobody at all, cannot be compared."""
    with pytest.raises(ValueError, match="cannot be"):
        Counts(events=events, n=n)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1])
def test_an_impossible_level_is_refused(level: float) -> None:
    """An interval has a coverage between 0 and 1."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare(Counts(events=1, n=2), Counts(events=1, n=2), EffectMeasure.RISK_RATIO, level=level)


@given(counts(), counts(), st.sampled_from(list(EffectMeasure)))
def test_the_interval_holds_the_estimate_and_turns_with_the_groups(
    one: Counts, two: Counts, measure: EffectMeasure
) -> None:
    """The estimate lies in its interval; swapping the groups turns a ratio over and a difference round."""
    there, back = compare(one, two, measure), compare(two, one, measure)
    assert there.low <= there.estimate <= there.high
    if measure is EffectMeasure.RISK_DIFFERENCE:
        assert back.estimate == pytest.approx(-there.estimate)
        assert back.low == pytest.approx(-there.high)
    else:
        assert back.estimate == pytest.approx(1 / there.estimate)
        assert back.low == pytest.approx(1 / there.high)


@given(counts(), counts(), st.sampled_from(list(EffectMeasure)))
def test_more_certainty_asks_for_a_wider_interval(one: Counts, two: Counts, measure: EffectMeasure) -> None:
    """The 99% interval holds the 95% interval."""
    narrow, wide = compare(one, two, measure), compare(one, two, measure, level=0.99)
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high


def test_effects_are_printed_as_a_reader_expects() -> None:
    """Ratios with two decimals, a difference in signed points."""
    one, two = Counts(events=53, n=66), Counts(events=130, n=169)
    assert compare(one, two, EffectMeasure.ODDS_RATIO).text == "odds ratio 1.22 (95% interval 0.60 to 2.47)"
    assert (
        compare(one, two, EffectMeasure.RISK_DIFFERENCE).text
        == "risk difference +3.4 points (95% interval -8.1 to +14.9)"
    )


@given(st.floats(0.05, 0.9), st.floats(0.02, 0.09), st.floats(0.6, 0.95))
def test_the_size_just_reaches_its_power(base: float, gain: float, power: float) -> None:
    """With the people asked for the power is reached, and with one fewer in each arm it is not."""
    pair = min(base + gain, 0.99)
    n = people_per_arm(base, pair, power=power)

    def reached(people: int) -> float:
        error = math.sqrt((base * (1 - base) + pair * (1 - pair)) / people)
        return NormalDist().cdf((pair - base) / error - NormalDist().inv_cdf(0.975))

    assert reached(n) >= power - 1e-9
    assert n == 1 or reached(n - 1) < power + 1e-9
    assert people_per_arm(pair, base, power=power) == n


@given(st.floats(0.1, 0.8), st.integers(20, 2000))
def test_smallest_gain_and_size_agree(base: float, people: int) -> None:
    """A trial sized for the smallest gain two equal groups can show has just that many people."""
    rate = smallest_gain(base, people, people)
    if rate is None:
        return
    assert rate > base
    assert abs(people_per_arm(base, rate) - people) <= 1


def test_tiny_groups_can_show_no_gain_at_all() -> None:
    """From 95% there is no room above for two groups of five."""
    assert smallest_gain(0.95, 5, 5) is None


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (0, 0.5), (0.5, 1), (1.2, 0.5)])
def test_a_size_for_no_difference_is_refused(first: float, second: float) -> None:
    """Equal or impossible proportions have no trial size."""
    with pytest.raises(ValueError, match="Mend"):
        people_per_arm(first, second)


def test_odds_ratio_of_two_rates() -> None:
    """80% against 50% are odds of 4 against 1."""
    assert odds_ratio(0.8, 0.5) == pytest.approx(4)
