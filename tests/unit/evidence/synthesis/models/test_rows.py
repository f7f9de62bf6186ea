"""Rows without correlation: the same least squares as with every covariance written out."""

from __future__ import annotations

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.estimable import row_space
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.rows import rows_of
from support.networks import SHAPES, drawn_network, network, study, two_arms


def test_the_rotation_makes_every_covariance_diagonal() -> None:
    """For studies of two to five arms and any tau2: rotated, V / weight + tau2 T is diag(variances + tau2)."""
    rng = np.random.default_rng(0)
    data = network(*(study(f"s{k}", tuple("abcdef"[:k]), rng, weight=0.5 + k / 12) for k in (2, 5, 3, 4, 3, 2)))
    rows = rows_of(data, data.treatments)
    first = 0
    for one in data.studies:
        size = len(one.treatments) - 1
        places = list(range(first, first + size))
        rotation = rows.rotate(np.eye(len(rows.effects)))[np.ix_(places, places)]
        assert rows.rotate(np.eye(len(rows.effects)))[places].sum() == pytest.approx(rotation.sum())
        for tau2 in (0.0, 0.7):
            spread = one.covariance / one.weight + tau2 * (np.eye(size) + 1) / 2
            np.testing.assert_allclose(
                rotation @ spread @ rotation.T, np.diag(rows.variances[places] + tau2), atol=1e-12
            )
        np.testing.assert_allclose(rotation @ one.effects, rows.effects[places], atol=1e-12)
        first += size


def test_the_determinant_that_is_left() -> None:
    """Log det(V + tau2 T) of all studies is that of the rotated variances and a constant."""
    rng = np.random.default_rng(1)
    data = network(*(study(f"s{k}", tuple("abcde"[:k]), rng) for k in (2, 3, 5, 3)))
    rows = rows_of(data, data.treatments)
    for tau2 in (0.0, 0.4):
        wanted = sum(
            np.linalg.slogdet(one.covariance + tau2 * (np.eye(len(one.effects)) + 1) / 2)[1] for one in data.studies
        )
        assert np.log(rows.variances + tau2).sum() + rows.log_det_t == pytest.approx(wanted)


def test_the_forest_spans_what_all_contrasts_span() -> None:
    """On drawn networks the few contrasts of the forest have the row space of all, and the parts are what links leave."""
    rng = np.random.default_rng(2)
    for turn in range(80):
        data = drawn_network(rng, SHAPES[turn % 4])
        rows = rows_of(data, (*data.treatments, "~nobody"))
        space = row_space(rows.contrasts)
        assert len(rows.spanning) == space.rank == row_space(rows.spanning).rank
        assert space.contains(rows.spanning).all()
        for one in data.studies:
            assert len({rows.parts[data.treatments.index(name)] for name in one.treatments}) == 1
        assert rows.parts[-1] == len(data.treatments)
        assert len(set(rows.parts)) == len(rows.parts) - space.rank


def test_q_of_whole_treatments() -> None:
    """Kept with the rows, it is that of a fit of the standard model."""
    rng = np.random.default_rng(3)
    for turn in range(20):
        data = drawn_network(rng, SHAPES[turn % 4])
        whole = fit(data, standard_design(data.treatments))
        value, df = rows_of(data, data.treatments).standard
        assert df == whole.q_model.df
        if df:
            assert value == pytest.approx(whole.q_model.value, abs=1e-9)


@pytest.mark.parametrize(
    "covariance",
    [
        [[1.0, 2.0], [2.0, 1.0]],
        [[1.0, 1.0], [1.0, 1.0]],
        [[0.0, 0.0], [0.0, 1.0]],
        [[np.nan, 0.0], [0.0, 1.0]],
        [[np.inf, 0.0], [0.0, 1.0]],
    ],
)
def test_variances_that_cannot_belong_to_one_study(covariance: list[list[float]]) -> None:
    """A covariance that is none is refused by the study's name, also where others are sound."""
    bad = StudyContrasts(
        study="Bad 2020", treatments=("a", "b", "c"), effects=np.zeros(2), covariance=np.array(covariance)
    )
    sound = study("sound", ("a", "b", "c"), np.random.default_rng(4))
    data = network(two_arms("1", "a", "b", 0.1), sound, bad)
    with pytest.raises(NetworkError, match="study Bad 2020"):
        rows_of(data, data.treatments)


@pytest.mark.parametrize(("effect", "variance"), [(np.nan, 0.1), (np.inf, 0.1), (0.1, 0.0), (0.1, -1.0), (0.1, np.nan)])
def test_numbers_that_are_none(effect: float, variance: float) -> None:
    """An effect that is no number, or a variance of nothing, is refused by the study's name."""
    data = network(two_arms("sound", "a", "b", 0.1), two_arms("Bad 2020", "a", "b", effect, variance))
    with pytest.raises(NetworkError, match="study Bad 2020"):
        rows_of(data, data.treatments)
