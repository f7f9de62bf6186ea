"""The size of a four-arm trial, against simulation and against what must be so."""

import numpy as np
import pytest

from inconcert.evidence.synthesis.pair.settle import (
    FourArms,
    four_arms,
    people_for_interaction_difference,
    people_for_interaction_ratio,
    people_for_pair_against_best,
    pooled_rate,
    power_for_interaction_ratio,
)

ARMS = four_arms(0.25, 2.0, 2.0, 1.5)


def test_rates_follow_from_odds() -> None:
    """A quarter is odds of 1 to 3; twice that is 0.4; twice twice and half again is 2 to 1."""
    assert ARMS.rates == pytest.approx((0.25, 0.4, 0.4, 2 / 3))
    assert np.exp(ARMS.log_ratio) == pytest.approx(1.5)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_a_trial_of_this_size_has_the_power_asked_for(scale: str) -> None:
    """Twenty thousand simulated trials of the size given show the interaction in 80 in 100 (Monte Carlo error 0.3)."""
    draws = np.random.default_rng(20261122)
    signs = np.array([1, -1, -1, 1])
    n = (people_for_interaction_ratio if scale == "ratio" else people_for_interaction_difference)(ARMS)
    events = draws.binomial(n, ARMS.rates, size=(20_000, 4))
    if scale == "ratio":
        z = np.log(events / (n - events)) @ signs / np.sqrt((1 / events + 1 / (n - events)).sum(axis=1))
    else:
        rates = events / n
        z = rates @ signs / np.sqrt((rates * (1 - rates) / n).sum(axis=1))
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.012)


def test_power_and_size_are_inverse() -> None:
    """The size asked for gives the power asked for; one person fewer gives less."""
    n = people_for_interaction_ratio(ARMS, power=0.9)
    assert power_for_interaction_ratio(ARMS, n) >= 0.9 > power_for_interaction_ratio(ARMS, n - 1)


def test_an_interaction_costs_about_four_times_a_main_effect() -> None:
    """The same difference in rates, as an interaction in four arms, takes about four times the people of two arms in all."""
    arms = FourArms(neither=0.5, drug=0.5, tms=0.5, both=0.6)
    two = 2 * people_for_pair_against_best(arms)
    four = 4 * people_for_interaction_difference(arms)
    assert 3.8 < four / two < 4.2


def test_nothing_to_show_is_refused() -> None:
    """Effects that only add have no interaction, and no size shows one."""
    with pytest.raises(ValueError, match="leave no interaction"):
        people_for_interaction_ratio(four_arms(0.25, 2, 2, 1))


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 1.2])
def test_impossible_rates_are_refused(rate: float) -> None:
    """A rate is between nothing and all."""
    with pytest.raises(ValueError, match="no rate between 0 and 1"):
        FourArms(neither=rate, drug=0.4, tms=0.4, both=0.5)


@pytest.mark.parametrize(("alpha", "power"), [(0.0, 0.8), (0.05, 1.0)])
def test_impossible_wishes_are_refused(alpha: float, power: float) -> None:
    """Certainty cannot be bought with people."""
    with pytest.raises(ValueError, match="no size follows"):
        people_for_interaction_ratio(ARMS, alpha_two_sided=alpha, power=power)


def test_pooled_rate() -> None:
    """Rates are pooled by their people; nobody is no group."""
    assert pooled_rate([(1, 10), (29, 90)]) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="nobody was counted"):
        pooled_rate([])
