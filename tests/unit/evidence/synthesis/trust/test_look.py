"""All checks on small studies in one look."""

from __future__ import annotations

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, NetworkError, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import Fit, fit
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest
from inconcert.evidence.synthesis.trust.look import SmallStudies, small_studies, small_studies_of
from inconcert.evidence.synthesis.trust.selection import Selection
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer
from inconcert.evidence.synthesis.trust.weighing import Favored


def points(k: int, slope: float, seed: int = 4) -> list[FunnelPoint]:
    """K studies around 0.2 whose effects grow with the standard error."""
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.05, 0.5, k)
    return [
        FunnelPoint(study=str(i), effect=float(rng.normal(0.2 + slope * s, s)), se=float(s), n=100, events=40)
        for i, s in enumerate(errors)
    ]


def network(k: int) -> Fit:
    """K studies of TMS against sham and one of ketamine against sham."""
    rng = np.random.default_rng(1)
    made = [
        StudyContrasts(
            study=f"s{i}",
            treatments=("tms", "sham"),
            effects=rng.normal(-0.4, 0.3, 1),
            covariance=rng.uniform(0.02, 0.2, (1, 1)),
        )
        for i in range(k)
    ]
    other = StudyContrasts(
        study="x", treatments=("sham", "ketamine"), effects=np.array([0.5]), covariance=np.array([[0.04]])
    )
    net = Network(scale=Scale.OR, studies=(*made, other))
    return fit(net, standard_design(net.treatments))


def test_a_sign_is_said_with_its_direction() -> None:
    """Small studies that find more are a sign; ones that find less are said not to be one of suppression."""
    more = small_studies(points(40, 3.0), 0.4, question="q", favored=Favored.GREATER)
    assert "small ones find more" in more.headline
    less = small_studies(points(40, -3.0), 0.0, question="q", favored=Favored.GREATER)
    assert "small ones find less, which suppression of weak results does not explain" in less.headline
    none = small_studies(points(12, 0.0, seed=6), 0.2, question="q", favored=Favored.GREATER)
    assert "does not show that none are" in none.headline


def test_every_check_is_there() -> None:
    """Both forms of Egger's test and Peters' where counts are known, both fills, both lines, weights fitted and assumed."""
    found = small_studies(points(20, 1.0), 0.3, question="q", favored=Favored.GREATER)
    assert len(found.tests) == 2 + 1
    assert len(found.filled) == 2
    assert isinstance(found.selection, Selection | NoAnswer)
    assert [a.name for a in found.suppressed] == ["moderate suppression", "severe suppression"]
    assert len(found.funnel.points) == 20


def test_few_studies_are_told_apart_from_no_sign() -> None:
    """With four studies nothing is tested, and the headline is the reason and not reassurance."""
    found = small_studies(points(4, 0.0), 0.2, question="q", favored=Favored.GREATER)
    assert found.headline.startswith("Only 4 studies")
    assert all(isinstance(test, NoAnswer) for test in found.tests)
    asked = small_studies(points(4, 0.0), 0.2, question="q", favored=Favored.GREATER, anyway=True)
    assert isinstance(asked.tests[0], AsymmetryTest)


def test_a_comparison_of_a_network_is_looked_at_in_the_way_it_was_asked() -> None:
    """Points are turned to the comparison asked, the favored side is that of the pooled effect, unless given."""
    model = network(12)
    found = small_studies_of(model, "tms", "sham")
    assert isinstance(found, SmallStudies)
    assert len(found.funnel.points) == 12
    assert found.favored is Favored.GREATER
    turned = small_studies_of(model, "sham", "tms")
    assert isinstance(turned, SmallStudies)
    assert turned.favored is Favored.LESS
    assert turned.funnel.center == pytest.approx(-found.funnel.center)
    if isinstance(found.selection, Selection) and isinstance(turned.selection, Selection):
        assert turned.selection.estimate == pytest.approx(-found.selection.estimate, abs=1e-7)
    given = small_studies_of(model, "tms", "sham", favored=Favored.LESS)
    assert isinstance(given, SmallStudies)
    assert given.favored is Favored.LESS


def test_a_comparison_nobody_made_is_not_answered() -> None:
    """Two treatments that no study compared have no funnel; a name the network lacks is an error."""
    found = small_studies_of(network(3), "tms", "ketamine")
    assert isinstance(found, NoAnswer)
    with pytest.raises(NetworkError, match="ect"):
        small_studies_of(network(3), "tms", "ect")
