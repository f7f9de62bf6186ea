"""The comparisons that a study reported become its contrasts against one arm, with the covariance they imply.

A study of k arms has k (k - 1) / 2 comparisons. Given all of them, with variances V, the covariance of the contrasts against arm 1
follows without any assumption: cov(1i, 1j) = (V_1i + V_1j - V_ij) / 2, because V_ij is the variance of the difference of the
two. Given only the k - 1 comparisons with one shared arm, that arm's own variance is the covariance (arms are independent); it
must be told, for contrasts of one study are never independent of one another.
Sources: Rücker 2012, Research Synthesis Methods 3:312 (all pairs of a study); Franchini et al. 2012, the same journal 3:142 (the
shared arm's variance); both recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from inconcert.evidence.synthesis.data.arms import StudyLeftOut
from inconcert.evidence.synthesis.data.types import Array

# Effects of one study must agree to this, or to what their last printed digits allow where that is more.
CONSISTENT_TO = 0.001
EXACT = 1e-9
SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One reported comparison: `effect` is `first` minus `second`; `rounding` is half of its last printed digit."""

    first: str
    second: str
    effect: float
    se: float
    row_id: str
    rounding: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Treatments, effects (k - 1) of the later against the first, their covariance, and what must be said of it."""

    treatments: tuple[str, ...]
    effects: Array
    covariance: Array
    notes: tuple[str, ...] = ()


LeftOut = Callable[[str], StudyLeftOut]


def join_pairs(pairs: Sequence[Pair], left_out: LeftOut, *, base_variance: float | None = None) -> Joined:
    """Contrasts of one study from its comparisons, each pair of treatments at most once.

    `base_variance` is the variance of the shared arm's own summary (its mean, its log odds), used where only the comparisons with
    that arm are given. Raises what `left_out` makes where the rows cannot be one study.
    """
    if len(pairs) == 1:
        only = pairs[0]
        return Joined(
            treatments=(only.second, only.first),
            effects=np.array([only.effect]),
            covariance=np.array([[only.se * only.se]]),
        )
    names = tuple(dict.fromkeys(name for pair in pairs for name in (pair.second, pair.first)))
    k = len(names)
    if len(pairs) == k * (k - 1) // 2:
        return _all_pairs(pairs, names, left_out)
    if len(pairs) != k - 1:
        raise left_out(
            f"{k} treatments need {k - 1} comparisons with one shared arm or all {k * (k - 1) // 2}, and there are {len(pairs)}."
            f" Mend: {_absent(pairs, names)}"
        )
    shared = set.intersection(*({pair.first, pair.second} for pair in pairs))
    if base_variance is None or len(shared) != 1:
        (arm,) = shared or {""}
        told = f", or the standard error of {arm}'s own arm in a column se_baseline" if arm else ""
        raise left_out(
            f"{k} treatments in {k - 1} rows: their correlation is not known, and is never taken for zero."
            f" Mend: {_absent(pairs, names)}{told}"
        )
    return _shared_arm(pairs, shared.pop(), base_variance, left_out)


def _absent(pairs: Sequence[Pair], names: Sequence[str]) -> str:
    """Which comparisons are not there."""
    given = {frozenset((pair.first, pair.second)) for pair in pairs}
    absent = [f"{a} against {b}" for a, b in combinations(names, 2) if frozenset((a, b)) not in given]
    more = f" and {len(absent) - 4} more" if len(absent) > 4 else ""
    return f"add the rows {', '.join(absent[:4])}{more}"


def _shared_arm(pairs: Sequence[Pair], base: str, base_variance: float, left_out: LeftOut) -> Joined:
    """Every comparison has the arm `base`; its variance stands off the diagonal."""
    effects = np.array([pair.effect if pair.second == base else -pair.effect for pair in pairs])
    covariance = np.full((len(pairs), len(pairs)), base_variance)
    for place, pair in enumerate(pairs):
        if not base_variance < pair.se**2:
            raise left_out(
                f"the variance of {base} alone, {base_variance:.6g}, is not below that of {pair.first} against {pair.second},"
                f" {pair.se**2:.6g} ({pair.row_id}). Mend: se_baseline is the standard error of that one arm"
            )
        covariance[place, place] = pair.se**2
    others = tuple(pair.first if pair.second == base else pair.second for pair in pairs)
    return Joined(treatments=(base, *others), effects=effects, covariance=covariance)


def _all_pairs(pairs: Sequence[Pair], names: tuple[str, ...], left_out: LeftOut) -> Joined:
    """All k (k - 1) / 2 comparisons: checked against one another, then joined."""
    place = {name: row for row, name in enumerate(names)}
    k = len(names)
    effects, variances, rounding = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, k))
    row_of: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        i, j = place[pair.first], place[pair.second]
        effects[i, j], effects[j, i] = pair.effect, -pair.effect
        variances[i, j] = variances[j, i] = pair.se**2
        rounding[i, j] = rounding[j, i] = pair.rounding
        row_of[i, j] = row_of[j, i] = pair
    gaps = effects[:, :, None] + effects[None, :, :] - effects[:, None, :]
    largest = float(np.abs(gaps).max())
    if largest > EXACT:
        _check_consistent(gaps, effects, rounding, row_of, names, left_out)
    covariance = (variances[0, 1:, None] + variances[0, None, 1:] - variances[1:, 1:]) / 2
    roots = np.linalg.eigvalsh(covariance)
    if not roots[0] > SINGULAR * roots[-1]:
        raise left_out(_why_indefinite(np.sqrt(variances), names, row_of))
    basic = effects[1:, 0].copy()
    notes: tuple[str, ...] = ()
    if largest > EXACT:
        basic = _projected(effects, covariance)
        notes = ("its comparisons agree only to rounding, and were fitted together by their weights",)
    return Joined(
        treatments=names, effects=basic, covariance=covariance, notes=(*notes, *_negative_arms(variances, names))
    )


def _check_consistent(
    gaps: Array,
    effects: Array,
    rounding: Array,
    row_of: dict[tuple[int, int], Pair],
    names: Sequence[str],
    left_out: LeftOut,
) -> None:
    """Raise where the comparison of two treatments is not the difference of their comparisons with a third."""
    worst, found = 0.0, None
    for i, m, j in combinations(range(len(names)), 3):
        allowed = max(CONSISTENT_TO, rounding[i, m] + rounding[m, j] + rounding[i, j]) * (1 + EXACT)
        if (gap := abs(float(gaps[i, m, j]))) > max(worst, allowed):
            worst, found = gap, (i, m, j, allowed)
    if found is None:
        return
    i, m, j, allowed = found
    rows = ", ".join(row_of[pair].row_id for pair in ((i, m), (m, j), (i, j)))
    raise left_out(
        f"its comparisons contradict one another ({rows}): {names[i]} minus {names[j]} is {effects[i, j]:.6g}, but by way of"
        f" {names[m]} it is {effects[i, m] + effects[m, j]:.6g}, and they must agree to {allowed:.3g}. Mend: check the sign and the"
        " value of each; comparisons standardized pair by pair do not agree, so give mean, sd and n of each arm instead"
    )


def _why_indefinite(errors: Array, names: Sequence[str], row_of: dict[tuple[int, int], Pair]) -> str:
    """In words: which standard error is too large beside two others, or that all together cannot be."""
    mend = (
        "Mend: check the three standard errors; for standardized differences give mean, sd and n of each arm, so that one"
        " standard deviation serves all; or keep one comparison of the study and delete its other rows"
    )
    for i, j, m in combinations(range(len(names)), 3):
        for a, b, c in ((i, j, m), (i, m, j), (j, m, i)):
            if errors[a, b] >= (errors[a, c] + errors[c, b]) * (1 - SINGULAR):
                return (
                    f"its standard errors cannot come from one study: that of {names[a]} against {names[b]},"
                    f" {errors[a, b]:.6g} ({row_of[a, b].row_id}), is not below the sum of {errors[a, c]:.6g}"
                    f" ({row_of[a, c].row_id}) and {errors[c, b]:.6g} ({row_of[c, b].row_id}), so a variance would be"
                    f" negative. {mend}"
                )
    return (
        f"the standard errors of its {len(names)} arms cannot come from one study: a variance would be negative. {mend}"
    )


def _projected(effects: Array, covariance: Array) -> Array:
    """Contrasts against arm 1 nearest to all comparisons, each weighted as the study's covariance weights it.

    With L the Laplacian whose lower block is the inverse covariance, the comparison of i and j has weight -L_ij, and the
    weighted least squares solution is covariance times the weighted sums (Rücker 2012).
    """
    inverse = np.linalg.inv(covariance)
    k = len(effects)
    laplacian = np.empty((k, k))
    laplacian[1:, 1:] = inverse
    laplacian[0, 1:] = laplacian[1:, 0] = -inverse.sum(0)
    laplacian[0, 0] = inverse.sum()
    sums = (-laplacian * effects).sum(1)
    return np.asarray(covariance @ sums[1:], dtype=np.float64)


def _negative_arms(variances: Array, names: Sequence[str]) -> tuple[str, ...]:
    """A note where three comparisons imply an arm of negative variance: not impossible after adjustment, but rare."""
    for a in range(len(names)):
        for b, c in combinations([x for x in range(len(names)) if x != a], 2):
            if variances[a, b] + variances[a, c] < variances[b, c] * (1 - EXACT):
                note = f"its standard errors give the arm {names[a]} a variance below zero, which independent arms cannot have"
                return (f"{note}; they were kept as reported. Check them",)
    return ()
