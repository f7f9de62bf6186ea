"""The arms of one study become its contrasts against the first arm, with their exact covariance.

Every scale but the standardized mean difference is a difference of independent arm summaries y_i with variances v_i, so that
for k arms effect_i = y_i - y_0 and cov(effect_i, effect_j) = v_0 + [i = j] v_i (a = events, b = n - a):

    OR    y = log(a / b)        v = 1/a + 1/b         Woolf 1955, Annals of Human Genetics 19:251 (recalled)
    RR    y = log(a / n)        v = 1/a - 1/n         Katz 1978, Biometrics 34:469 (recalled)
    RD    y = a / n             v = a b / n^3         Wald, textbook: p (1 - p) / n
    MD    y = mean              v = sd^2 / n          textbook; change or final scores alike, never mixed in one study
    SMD   y = J mean / s        v = 1/n, and K effect_i effect_j is added to every cell of the covariance

For SMD, s is one standard deviation pooled over all k arms of the study, s^2 = sum((n_i - 1) sd_i^2) / m with m = N - k degrees
of freedom, J = gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2)) is Hedges' exact correction (Hedges 1981, Journal of Educational
Statistics 6:107, recalled) and K = 1 - (m - 2) / (m J^2). With two arms this is the unbiased variance (White and Thomas 2005,
Clinical Trials 2:141, recalled). With more it is unbiased too, by the same argument: (g_i, g_j) share s, so
E[g_i g_j] = J^2 m/(m - 2) (d_i d_j + v_0 + [i = j] v_i), hence cov(g_i, g_j) is estimated without bias by
v_0 + [i = j] v_i + K g_i g_j. K > 0 by Jensen's inequality, so the matrix is positive definite; pair by pair with separate
standard deviations it need not be (the negative multi-arm variances of other programs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from inconcert.evidence.synthesis.data.arm_checks import (
    pooled_counts,
    pooled_means,
    wrong_events,
    wrong_means,
    wrong_sizes,
    wrong_weight,
)
from inconcert.evidence.synthesis.data.types import Array, Excluded, NetworkError, Scale, StudyContrasts

HALF_ADDED = "an arm has no events or only events, so 0.5 was added to events and to non-events of every arm"
HALF_ADDED_TO_VARIANCE = (
    "an arm has no events or only events, so variances (not differences) have 0.5 added to every cell"
)
APART = 1e10  # variances of one study further apart cannot be told from a singular matrix


class StudyLeftOut(NetworkError):
    """One study cannot enter; `excluded` says which and why. Other studies of the file still may."""

    def __init__(self, study: str, why: str, row_ids: Sequence[str] = ()) -> None:
        self.excluded = Excluded(study=study, why=why, row_ids=tuple(row_ids))
        super().__init__(f"study {study}: {why}")


LeftOut = Callable[[str], StudyLeftOut]


def contrasts_of_arms(
    study: str,
    treatments: Sequence[str],
    scale: Scale,
    *,
    n: Sequence[float],
    events: Sequence[float] | None = None,
    means: Sequence[float] | None = None,
    sds: Sequence[float] | None = None,
    row_ids: Sequence[str] = (),
    randomized: bool = True,
    weight: float = 1.0,
    covariates: Mapping[str, float] | None = None,
    notes: Sequence[str] = (),
) -> StudyContrasts:
    """Contrasts of the later arms against the first (natural logarithms for OR and RR).

    All sequences have one entry per arm: `n` people (whole numbers), and `events` (OR, RR, RD) or `means` with `sds` (MD, SMD),
    in one unit. Where any arm has no events or only events, 0.5 is added to each cell of each arm (for RD in the variance only)
    and a note says so. Arms of the same treatment are pooled (counts summed, mean and sd combined exactly) and a note says so.
    `weight` is kept, not applied.

    Raises:
        StudyLeftOut: impossible numbers, fewer than two treatments, weight 0, or (OR, RR) no events at all or only events.
        NetworkError: the columns that the scale needs were not given.
    """
    ids, said, names = tuple(row_ids), list(notes), tuple(treatments)

    def left_out(why: str) -> StudyLeftOut:
        return StudyLeftOut(study, why, ids)

    if len(n) != len(names):
        raise NetworkError(
            f"study {study}: {len(names)} treatments and {len(n)} sizes. Mend: give one of each per arm."
        )
    if why := wrong_weight(weight):
        raise left_out(why)
    if wrong := wrong_sizes(n):
        raise left_out(at_arm(wrong, names, ids))
    if scale in (Scale.MD, Scale.SMD):
        if means is None or sds is None:
            raise NetworkError(f"{scale} needs mean and sd of each arm. Mend: give both, or choose OR, RR or RD.")
        names, effects, covariance = from_means(names, scale, n, means, sds, ids, said, left_out)
    else:
        if events is None:
            raise NetworkError(f"{scale} needs the events of each arm. Mend: give them, or choose MD or SMD.")
        names, effects, covariance = from_counts(names, scale, n, events, ids, said, left_out)
    return StudyContrasts(
        study=study,
        treatments=names,
        effects=effects,
        covariance=covariance,
        row_ids=ids,
        randomized=randomized,
        weight=weight,
        covariates=dict(covariates or {}),
        notes=tuple(said),
    )


def from_counts(
    names: tuple[str, ...],
    scale: Scale,
    n: Sequence[float],
    events: Sequence[float],
    ids: tuple[str, ...],
    notes: list[str],
    left_out: LeftOut,
) -> tuple[tuple[str, ...], Array, Array]:
    """Treatments, effects and covariance of counts; what was pooled or added to empty cells goes to `notes`."""
    if wrong := wrong_events(events, n):
        raise left_out(at_arm(wrong, names, ids))
    if len(set(names)) < len(names):
        names, n, events, note = pooled_counts(names, n, events)
        notes.append(note)
    check_several(names, left_out)
    sparse = any(count in (0, size) for count, size in zip(events, n, strict=True))
    add = 0.5 if sparse else 0.0
    if sparse:
        if scale is not Scale.RD:
            check_informative(events, n, scale, left_out)
        notes.append(HALF_ADDED_TO_VARIANCE if scale is Scale.RD else HALF_ADDED)
    cells = [(count + add, size - count + add) for count, size in zip(events, n, strict=True)]
    if scale is Scale.RD:
        y = [count / size for count, size in zip(events, n, strict=True)]
        v = [a * b / (a + b) ** 3 for a, b in cells]
    elif scale is Scale.OR:
        y, v = [math.log(a / b) for a, b in cells], [1 / a + 1 / b for a, b in cells]
    else:
        y, v = [math.log(a / (a + b)) for a, b in cells], [1 / a - 1 / (a + b) for a, b in cells]
    return names, *against_first(y, v)


def from_means(
    names: tuple[str, ...],
    scale: Scale,
    n: Sequence[float],
    means: Sequence[float],
    sds: Sequence[float],
    ids: tuple[str, ...],
    notes: list[str],
    left_out: LeftOut,
) -> tuple[tuple[str, ...], Array, Array]:
    """Treatments, effects and covariance of means; what was pooled goes to `notes`."""
    if wrong := wrong_means(means, sds):
        raise left_out(at_arm(wrong, names, ids))
    if len(set(names)) < len(names):
        names, n, means, sds, note = pooled_means(names, n, means, sds)
        notes.append(note)
    check_several(names, left_out)
    if scale is Scale.SMD:
        return names, *standardized(n, means, sds, left_out)
    v = [sd * sd / size for sd, size in zip(sds, n, strict=True)]
    if not max(v) < APART * min(v):
        raise left_out(
            "the standard errors of its arms differ more than a hundred thousand times. Mend: check sd and units"
        )
    return names, *against_first(means, v)


def at_arm(wrong: tuple[int, str], names: Sequence[str], ids: Sequence[str]) -> str:
    """What is wrong, with the arm it is wrong in and, where each arm has its own row, that row."""
    arm, why = wrong
    row = f"{ids[arm]}, " if len(ids) == len(names) else ""
    return f"{row}{names[arm]}: {why}"


def check_several(names: tuple[str, ...], left_out: LeftOut) -> None:
    """Raise where there is nothing to compare."""
    if len(names) < 2:
        raise left_out("it has one treatment only, so nothing is compared. Mend: give the rows of its other arms.")


def check_informative(events: Sequence[float], n: Sequence[float], scale: Scale, left_out: LeftOut) -> None:
    """Raise where no arm has an event, or every arm has only events: such a study says nothing about a ratio."""
    if not any(events):
        raise left_out(f"no arm has any event, so it says nothing about {scale} (it would count for RD)")
    if all(count == size for count, size in zip(events, n, strict=True)):
        raise left_out(
            f"everybody in every arm has the event, so it says nothing about {scale} (it would count for RD)"
        )


def standardized(
    n: Sequence[float], means: Sequence[float], sds: Sequence[float], left_out: LeftOut
) -> tuple[Array, Array]:
    """Hedges' g against the first arm and its covariance, one pooled standard deviation for the whole study."""
    freedom = sum(n) - len(n)
    if freedom < 3:
        raise left_out(
            f"{sum(n)} people in {len(n)} arms are too few for a standardized difference. Mend: use MD, or leave the study out."
        )
    spread = math.sqrt(math.fsum((size - 1) * sd * sd for size, sd in zip(n, sds, strict=True)) / freedom)
    correction = hedges_j(freedom)
    effects, covariance = against_first([correction * mean / spread for mean in means], [1 / size for size in n])
    excess = 1 - (freedom - 2) / (freedom * correction**2)
    return effects, covariance + excess * np.outer(effects, effects)


def hedges_j(freedom: float) -> float:
    """Hedges' exact small-sample correction for `freedom` degrees of freedom (2 or more), between 0 and 1."""
    half = freedom / 2
    return math.exp(math.lgamma(half) - math.lgamma(half - 0.5)) / math.sqrt(half)


def against_first(y: Sequence[float], v: Sequence[float]) -> tuple[Array, Array]:
    """Differences of independent summaries from the first, with their exact covariance."""
    if len(y) == 2:
        return np.array([y[1] - y[0]]), np.array([[v[0] + v[1]]])
    first, base = y[0], v[0]
    covariance = np.full((len(y) - 1, len(y) - 1), base)
    covariance.flat[:: len(y)] = [base + other for other in v[1:]]
    return np.array([value - first for value in y[1:]]), covariance
