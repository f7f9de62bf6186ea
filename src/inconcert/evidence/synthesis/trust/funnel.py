"""Funnel plots as data: where each study lies, and where it would have to lie to be significant.

Contour-enhanced funnel: Peters and others 2008, J Clin Epidemiol 61:991 (recalled). The contours stand around no effect, not around
the pooled estimate: studies missing from the white middle, where nothing is significant, speak for suppression; studies missing
elsewhere speak for another cause. Comparison-adjusted funnel of a network: Chaimani and others 2013, PLoS ONE 8:e76654 (recalled).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inconcert.evidence.synthesis.data.types import Excluded, Network, StudyContrasts
from inconcert.evidence.synthesis.models.distributions import normal_quantile, normal_two_sided_p
from inconcert.evidence.synthesis.trust.types import FunnelPoint

CONTOUR_P = (0.1, 0.05, 0.01)
Center = Callable[[str, str], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contour:
    """Two straight lines from (`null`, 0): at standard error s a study is at two-sided `p` where effect = null -/+ z * s."""

    p: float
    z: float

    def at(self, se: float, null: float = 0.0) -> tuple[float, float]:
        """The two effects on the contour at a standard error."""
        return null - self.z * se, null + self.z * se


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """A funnel plot. `center` is the pooled estimate (0 where effects are adjusted), `null` the point of the contours.

    `bands` counts the points by their two-sided p: at least the first contour's p, between it and the next, and so on.
    `excluded` are points that could not be placed, and why.
    """

    points: tuple[FunnelPoint, ...]
    center: float
    null: float
    contours: tuple[Contour, ...]
    bands: dict[str, int]
    excluded: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def se_max(self) -> float:
        """The largest standard error, the foot of the picture; 0 without points."""
        return max((point.se for point in self.points), default=0.0)


def funnel(
    points: Sequence[FunnelPoint], center: float, *, null: float = 0.0, contour_p: Sequence[float] = CONTOUR_P
) -> Funnel:
    """The contour-enhanced funnel of one comparison. Raises ValueError for a p that is no probability."""
    if not all(0 < p < 1 for p in contour_p):
        raise ValueError(f"contours at p = {list(contour_p)} cannot be drawn. Mend: give values between 0 and 1.")
    levels = sorted(contour_p, reverse=True)
    contours = tuple(Contour(p=p, z=normal_quantile(1 - p / 2)) for p in levels)
    return Funnel(points=tuple(points), center=center, null=null, contours=contours, bands=_bands(points, null, levels))


def comparison_adjusted(network: Network, center: Center, order: Sequence[str]) -> Funnel:
    """Each study's effect less the model's estimate of its comparison, so that all comparisons share one picture.

    `center(first, second)` is the model's estimate of `second` minus `first`, None where it cannot be estimated. `order` lists every
    treatment from the one that small studies would be expected to be unkind to (sham, placebo, the older) to the newest: without
    it left and right mean nothing. A study of k arms gives k - 1 points, each against its own earliest arm. Raises ValueError
    where a treatment is missing from `order`.
    """
    place = {name: number for number, name in enumerate(order)}
    missing = [name for name in network.treatments if name not in place]
    if missing:
        raise ValueError(f"the order does not say where {', '.join(missing)} stands. Mend: list every treatment.")
    points: list[FunnelPoint] = []
    excluded: list[Excluded] = []
    for study in network.studies:
        for first, second, effect, se in _against_earliest(study, place):
            middle = center(first, second)
            if middle is None:
                why = f"{second} against {first} cannot be estimated by the model, so there is nothing to compare with"
                excluded.append(Excluded(study=study.study, why=why, row_ids=study.row_ids))
                continue
            points.append(
                FunnelPoint(
                    study=study.study,
                    effect=effect - middle,
                    se=se,
                    row_ids=study.row_ids,
                    comparison=f"{second} against {first}",
                )
            )
    notes = []
    if any(len(study.treatments) > 2 for study in network.studies):
        notes.append("a study of three or more arms has several points that share an arm: they are not independent")
    if len({p.comparison for p in points}) == len(points):
        notes.append("each comparison has one point: its distance from the model says little of small studies")
    return Funnel(
        points=tuple(points),
        center=0.0,
        null=0.0,
        contours=(),  # significance is about each study's own effect, which this picture no longer shows
        bands={},
        excluded=tuple(excluded),
        notes=tuple(notes),
    )


def _against_earliest(study: StudyContrasts, place: dict[str, int]) -> list[tuple[str, str, float, float]]:
    # All effects are against the first arm; the study's earliest treatment may be another.
    effects = [0.0, *(float(x) for x in study.effects)]
    earliest = min(range(len(study.treatments)), key=lambda i: place[study.treatments[i]])
    found = []
    for arm, name in enumerate(study.treatments):
        if arm == earliest:
            continue
        variance = _variance(study, earliest, arm)
        found.append((study.treatments[earliest], name, effects[arm] - effects[earliest], math.sqrt(variance)))
    return found


def _variance(study: StudyContrasts, first: int, second: int) -> float:
    def covariance(i: int, j: int) -> float:
        return 0.0 if 0 in (i, j) else float(study.covariance[i - 1, j - 1])

    total = covariance(first, first) + covariance(second, second) - 2 * covariance(first, second)
    return total / study.weight


def _bands(points: Sequence[FunnelPoint], null: float, levels: Sequence[float]) -> dict[str, int]:
    names = [f"p >= {levels[0]:g}", *(f"{b:g} <= p < {a:g}" for a, b in itertools.pairwise(levels))]
    names.append(f"p < {levels[-1]:g}")
    counts = dict.fromkeys(names, 0)
    for point in points:
        p = normal_two_sided_p((point.effect - null) / point.se)
        counts[names[sum(p < level for level in levels)]] += 1
    return counts
