"""Funnels as data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, Scale, StudyContrasts
from inconcert.evidence.synthesis.trust.funnel import comparison_adjusted, funnel
from inconcert.evidence.synthesis.trust.types import FunnelPoint


def point(effect: float, se: float = 0.2) -> FunnelPoint:
    """One study."""
    return FunnelPoint(study=f"{effect}", effect=effect, se=se, row_ids=(f"row {effect}",))


def test_contours_stand_where_p_is() -> None:
    """On the contour of p = 0.05 a study is exactly at p = 0.05, around no effect and not the pooled one."""
    found = funnel([point(0.1), point(0.5)], 0.3)
    contour = next(c for c in found.contours if c.p == 0.05)
    low, high = contour.at(0.2)
    assert (low, high) == pytest.approx((-1.959964 * 0.2, 1.959964 * 0.2), abs=1e-6)
    assert found.null == 0.0
    assert found.center == 0.3
    assert [c.p for c in found.contours] == [0.1, 0.05, 0.01]
    assert found.se_max == 0.2


def test_points_are_counted_by_their_significance() -> None:
    """Each study is in the band of its own two-sided p."""
    found = funnel([point(0.1), point(-0.35), point(0.42), point(0.6), point(-0.6)], 0.3)
    assert found.bands == {"p >= 0.1": 1, "0.05 <= p < 0.1": 1, "0.01 <= p < 0.05": 1, "p < 0.01": 2}


def test_a_study_without_error_is_refused() -> None:
    """A standard error of zero, or an effect that is no number, is an error that names the study."""
    with pytest.raises(ValueError, match=r"study A.*Mend"):
        FunnelPoint(study="study A", effect=0.1, se=0.0)
    with pytest.raises(ValueError, match=r"study A.*Mend"):
        FunnelPoint(study="study A", effect=math.nan, se=0.1)
    with pytest.raises(ValueError, match="Mend"):
        funnel([], 0, contour_p=(1.5,))


def network() -> Network:
    """A two-arm study, one that names its arms the other way round, and one of three arms."""
    return Network(
        scale=Scale.OR,
        studies=(
            StudyContrasts(
                study="a", treatments=("sham", "tms"), effects=np.array([0.5]), covariance=np.array([[0.04]])
            ),
            StudyContrasts(
                study="b",
                treatments=("tms", "sham"),
                effects=np.array([-0.7]),
                covariance=np.array([[0.09]]),
                weight=0.5,
            ),
            StudyContrasts(
                study="c",
                treatments=("ketamine", "sham", "tms"),
                effects=np.array([-1.0, -0.4]),
                covariance=np.array([[0.05, 0.02], [0.02, 0.06]]),
            ),
        ),
    )


def test_a_network_shares_one_picture() -> None:
    """Each effect is turned to new against old, less the model's estimate; a weight divides the variance."""
    middles = {("sham", "tms"): 0.6, ("sham", "ketamine"): 0.9}
    found = comparison_adjusted(network(), lambda a, b: middles.get((a, b)), ("sham", "tms", "ketamine"))
    seen = {(p.study, p.comparison): (p.effect, p.se) for p in found.points}
    assert seen["a", "tms against sham"] == pytest.approx((-0.1, 0.2))
    assert seen["b", "tms against sham"] == pytest.approx((0.1, math.sqrt(0.18)))
    assert seen["c", "ketamine against sham"] == pytest.approx((0.1, math.sqrt(0.05)))
    assert seen["c", "tms against sham"] == pytest.approx((0.0, math.sqrt(0.05 + 0.06 - 0.04)))
    assert not found.contours
    assert any("not independent" in note for note in found.notes)


def test_what_the_model_cannot_estimate_is_left_out_and_named() -> None:
    """A comparison without an estimate has no point; the study is listed with the reason."""
    found = comparison_adjusted(
        network(), lambda a, b: 0.6 if (a, b) == ("sham", "tms") else None, ("sham", "tms", "ketamine")
    )
    assert [(e.study, "ketamine against sham" in e.why) for e in found.excluded] == [("c", True)]
    assert len(found.points) == 3


def test_an_order_must_name_every_treatment() -> None:
    """Without an order left and right mean nothing."""
    with pytest.raises(ValueError, match="ketamine"):
        comparison_adjusted(network(), lambda _a, _b: 0.0, ("sham", "tms"))
