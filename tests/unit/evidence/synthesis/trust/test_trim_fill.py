"""Trim and fill: a sensitivity analysis. The numbers are held in tests/alignment/trust."""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.trust.trim_fill import Filled, MissingCount, Side, trim_and_fill
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer


def points(*effects: float) -> list[FunnelPoint]:
    """Studies of one size, so that the mean is the plain one."""
    return [FunnelPoint(study=str(i), effect=e, se=0.1) for i, e in enumerate(effects)]


def test_an_even_funnel_is_left_alone() -> None:
    """Where both sides mirror each other nothing is filled and the estimate stays."""
    found = trim_and_fill(points(-0.3, -0.1, 0.0, 0.1, 0.3), tau_method=None)
    assert isinstance(found, Filled)
    assert (found.missing, found.filled) == (0, ())
    assert found.estimate == pytest.approx(found.observed, abs=1e-15)


def test_turning_all_round_turns_the_answer_round() -> None:
    """With every effect's sign changed the side and the sign of the answer change, and nothing else."""
    values = (0.02, 0.05, 0.1, 0.16, 0.22, 0.3, 0.4, 0.52, 0.7, 1.0)
    left = trim_and_fill(points(*values), side=Side.LEFT, counted_by=MissingCount.R0)
    right = trim_and_fill(points(*(-v for v in values)), side=Side.RIGHT, counted_by=MissingCount.R0)
    assert isinstance(left, Filled)
    assert isinstance(right, Filled)
    assert left.missing == right.missing > 0
    assert left.estimate == pytest.approx(-right.estimate, abs=1e-12)
    assert (left.lower, left.upper) == pytest.approx((-right.upper, -right.lower), abs=1e-12)
    assert left.estimate < left.observed


def test_two_studies_have_no_shape() -> None:
    """Two studies are refused."""
    assert isinstance(trim_and_fill(points(0.1, 0.2)), NoAnswer)


def test_it_says_that_it_is_no_answer() -> None:
    """The note says that filled studies are invented."""
    found = trim_and_fill(points(-0.3, 0.0, 0.3))
    assert isinstance(found, Filled)
    assert any("invented" in note for note in found.notes)
