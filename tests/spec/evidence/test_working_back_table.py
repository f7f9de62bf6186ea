"""Worked examples of the handbooks, as we remember them: what is printed, and what follows from it.

Sources (recalled): Cochrane Handbook 6.5.2.2 (an interval of 30.0 to 34.2 of 25 people: SD 5.09) and 6.5.2.3 (a difference of 3.8, p 0.008,
25 and 22 people: t 2.78, SE 1.37, SD 4.69); Borenstein and others 2009, Introduction to Meta-Analysis, chapter 4 (means 103 and 100, SD 5.5
and 4.5, 50 people each: d 0.5970, g 0.5924).
"""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.mean_effects import MeanMeasure, Scores, compare_means
from inconcert.evidence.synthesis.recover import sd_from_difference, sd_from_se, se_from_interval, se_from_p


def test_a_groups_spread_from_its_interval() -> None:
    """30.0 to 34.2 of 25 people, by Student's t with 24 degrees of freedom: SD 5.09."""
    assert sd_from_se(se_from_interval(30.0, 34.2, df=24), 25) == pytest.approx(5.09, abs=0.005)


def test_a_spread_from_a_p() -> None:
    """3.8 points, p 0.008, 25 and 22 people: SE 1.37, SD 4.69."""
    error = se_from_p(3.8, 0.008, df=45)
    assert error == pytest.approx(1.37, abs=0.005)
    assert sd_from_difference(error, 25, 22) == pytest.approx(4.69, abs=0.01)


def test_a_standardized_difference() -> None:
    """Three points with a pooled SD near 5: d 0.5970 and, corrected, g 0.5924 with a standard error near 0.2028."""
    effect = compare_means(Scores(mean=103, sd=5.5, n=50), Scores(mean=100, sd=4.5, n=50), MeanMeasure.STANDARDIZED)
    assert effect.estimate == pytest.approx(0.5924, abs=1e-4)
    assert effect.se == pytest.approx(0.2028, abs=0.002)
