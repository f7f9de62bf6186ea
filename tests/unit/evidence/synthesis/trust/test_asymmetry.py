"""Tests of small-study effects: when they are refused, and what they say. The numbers are held in tests/alignment/trust."""

from __future__ import annotations

import numpy as np
import pytest

from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, EggerError, egger, pet_peese, peters
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer


def drawn(k: int, slope: float = 0.0, seed: int = 1) -> list[FunnelPoint]:
    """K studies whose effects rise with the standard error by `slope`."""
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.05, 0.5, k)
    effects = rng.normal(0.3 + slope * errors, errors)
    sizes = np.round(4 / errors**2).astype(int)
    return [
        FunnelPoint(study=str(i), effect=float(y), se=float(s), n=int(n), events=int(n // 3), row_ids=(f"r{i}",))
        for i, (y, s, n) in enumerate(zip(effects, errors, sizes, strict=True))
    ]


@pytest.mark.parametrize("test", [egger, peters, pet_peese])
def test_below_ten_studies_nothing_is_tested(test: object) -> None:
    """Nine studies are refused, with the reason; asked in spite of that, the answer says so."""
    refused = test(drawn(9))  # type: ignore[operator]  # functions from a table
    assert isinstance(refused, NoAnswer)
    assert "below 10" in refused.text
    answer = test(drawn(9), anyway=True)  # type: ignore[operator]  # functions from a table
    assert not isinstance(answer, NoAnswer)
    notes = answer.notes if isinstance(answer, AsymmetryTest) else answer.pet.notes
    assert any("9 studies are below 10" in note for note in notes)
    assert not isinstance(test(drawn(10)), NoAnswer)  # type: ignore[operator]  # functions from a table


def test_two_studies_are_never_tested() -> None:
    """Two studies leave nothing around a line, whoever asks."""
    assert isinstance(egger(drawn(2), anyway=True), NoAnswer)


def test_a_slope_is_found() -> None:
    """Where small studies find far more, both forms of Egger's test say so, and the limit is near the true effect."""
    for error in EggerError:
        found = egger(drawn(60, slope=4.0), error=error)
        assert isinstance(found, AsymmetryTest)
        assert found.p < 0.001
        assert found.slope == pytest.approx(4.0, abs=4 * found.slope_se)
        assert found.limit == pytest.approx(0.3, abs=4 * found.limit_se)
        assert found.lower < found.limit < found.upper
        assert (found.tau2 is None) == (error is EggerError.MULTIPLICATIVE)
        assert len(found.row_ids) == 60


def test_studies_of_one_size_have_no_slope() -> None:
    """Where every study is as exact as the others there is nothing to compare."""
    same = [FunnelPoint(study=str(i), effect=0.1 * i, se=0.2, n=50, events=10) for i in range(12)]
    assert isinstance(egger(same), NoAnswer)
    assert isinstance(peters(same), NoAnswer)
    assert isinstance(pet_peese(same), NoAnswer)


def test_peters_needs_counts() -> None:
    """Without people and events, or with a study in which nobody had one, Peters' test says what is lacking."""
    points = drawn(12)
    bare = FunnelPoint(study="bare", effect=0.1, se=0.2)
    refused = peters([*points, bare])
    assert isinstance(refused, NoAnswer)
    assert "bare" in refused.text
    empty = peters([*points, FunnelPoint(study="empty", effect=0.1, se=0.2, n=40, events=0)])
    assert isinstance(empty, NoAnswer)
    assert "empty" in empty.text


def test_points_of_one_study_are_pointed_out() -> None:
    """Several points of one study are not independent, which the answer says."""
    points = drawn(12)
    found = egger([*points, points[0]])
    assert isinstance(found, AsymmetryTest)
    assert any("independent" in note for note in found.notes)
