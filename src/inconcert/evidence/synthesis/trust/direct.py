"""Which studies made a comparison themselves, and how much of an estimate rests on a comparison that one study alone made.

Two comparisons are the same where the model takes them for the same: in a component model `A+B` against `B` is `A` against nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import StudyContrasts
from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.trust.shares import NOTHING
from inconcert.evidence.synthesis.trust.types import FunnelPoint

Row = tuple[int, ...]


def all_direct(fit: Fit, row: NDArray[np.int64], shares: Mapping[str, float]) -> bool:
    """Whether every study that carries the estimate made this very comparison, so that nothing passes through others."""
    wanted = _unsigned(_whole(row))
    return all(
        shares[study.study] < NOTHING or any(_unsigned(asked) == wanted for _, _, asked in _pairs(fit, study))
        for study in fit.network.studies
    )


def single_study_share(fit: Fit, shares: Mapping[str, float]) -> float:
    """The part of an estimate from studies none of whose comparisons another study made."""
    made_by: dict[Row, set[str]] = {}
    for study in fit.network.studies:
        for _, _, asked in _pairs(fit, study):
            made_by.setdefault(_unsigned(asked), set()).add(study.study)
    seconded = {study for studies in made_by.values() if len(studies) > 1 for study in studies}
    return min(1.0, math.fsum(shares[s.study] for s in fit.network.studies if s.study not in seconded))


def direct_points(fit: Fit, row: NDArray[np.int64]) -> tuple[FunnelPoint, ...]:
    """A point for each study that made this very comparison, turned the way of `row`; one for each fitting pair of arms."""
    wanted = _whole(row)
    turned = tuple(-v for v in wanted)
    return tuple(
        FunnelPoint(
            study=study.study,
            effect=effect if asked == wanted else -effect,
            se=math.sqrt(variance),
            row_ids=study.row_ids,
        )
        for study in fit.network.studies
        for effect, variance, asked in _pairs(fit, study)
        if asked in (wanted, turned)
    )


def _pairs(fit: Fit, study: StudyContrasts) -> Iterator[tuple[float, float, Row]]:
    """Each later arm against each earlier one: effect, variance (weight counted in), and the contrast in the model."""
    effects = np.concatenate(([0.0], study.effects))
    covariance = np.zeros((len(effects), len(effects)))
    covariance[1:, 1:] = study.covariance / study.weight
    rows = [fit.design.row_of(name) for name in study.treatments]
    for i in range(len(effects)):
        for j in range(i + 1, len(effects)):
            variance = float(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j])
            yield float(effects[j] - effects[i]), variance, _whole(rows[j] - rows[i])


def _whole(row: NDArray[np.int64]) -> Row:
    return tuple(int(v) for v in row)


def _unsigned(row: Row) -> Row:
    leading = next((v for v in row if v), 0)
    return row if leading >= 0 else tuple(-v for v in row)
