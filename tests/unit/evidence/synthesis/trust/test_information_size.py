"""The optimal information size by formula."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.trial_size import people_per_arm
from inconcert.evidence.synthesis.trust.information_size import optimal_information_size, smallest_important


def test_a_small_standardized_difference_wants_about_four_hundred_an_arm() -> None:
    """Without a smallest important difference an SMD takes the small one, which GRADE puts at about 400 in each arm."""
    assert optimal_information_size(Scale.SMD, None) == 2 * 393


@pytest.mark.parametrize(("sd", "points"), [(10.0, 2.0), (9.0, 3.0)])
def test_means_follow_the_formula(sd: float, points: float) -> None:
    """A mean difference wants 2 (z sd / difference)^2 people in each arm."""
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert optimal_information_size(Scale.MD, points, sd=sd) == 2 * math.ceil(2 * (z * sd / points) ** 2)


def test_proportions_follow_the_trial_size() -> None:
    """Ten points over a half want what a trial of 60 against 50 percent wants, on each scale."""
    wanted = 2 * people_per_arm(0.5, 0.6)
    assert wanted == 770
    assert optimal_information_size(Scale.RD, 0.1, control_risk=0.5) == wanted
    assert optimal_information_size(Scale.RR, math.log(1.2), control_risk=0.5) == wanted
    assert optimal_information_size(Scale.OR, math.log(1.5), control_risk=0.5) == wanted


def test_no_room_above_is_taken_below() -> None:
    """A ratio that would pass certainty is taken downward instead."""
    assert optimal_information_size(Scale.RR, math.log(2), control_risk=0.8) == 2 * people_per_arm(0.8, 0.4)


def test_what_lacks_a_number_has_no_size() -> None:
    """Without control risk, standard deviation or smallest important difference there is no answer."""
    assert optimal_information_size(Scale.OR, 0.4) is None
    assert optimal_information_size(Scale.MD, 2.0) is None
    assert optimal_information_size(Scale.MD, None, sd=10) is None
    assert optimal_information_size(Scale.RD, None, control_risk=0.5) is None


@pytest.mark.parametrize(
    ("scale", "difference", "risk"), [(Scale.OR, 0.0, 0.5), (Scale.OR, 0.4, 1.0), (Scale.RD, 1.5, 0.5)]
)
def test_impossible_wishes_are_refused(scale: Scale, difference: float, risk: float) -> None:
    """No difference, or a risk outside 0 to 1, is an error with a mend."""
    with pytest.raises(ValueError, match="Mend"):
        optimal_information_size(scale, difference, control_risk=risk)


def test_what_matters_depends_on_scale_and_measure() -> None:
    """Ratios come as logarithms; points of a measure that nobody gave a smallest important difference for have none."""
    assert smallest_important(Scale.OR, "response") == pytest.approx(math.log(1.5))
    assert smallest_important(Scale.RD, "response") == 0.1
    assert smallest_important(Scale.MD, "MADRS") == 2
    assert smallest_important(Scale.MD, "PHQ9") is None
    assert smallest_important(Scale.SMD) == 0.24
