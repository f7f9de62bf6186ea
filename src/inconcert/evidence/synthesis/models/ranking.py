"""Which treatment is best, said with how unsure that is.

The P-score of a treatment is the mean, over the others, of the probability that it is better (Rücker and Schwarzer 2015, recalled).
A P-score alone hides how little it may rest on, so none is given without an interval: of the rank, and of the share of
others that a treatment beats, both from draws of the joint normal distribution of all effects. Which direction is good is never guessed.

Treatments are ranked only among those whose contrasts the data can give: each such set has its own ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, NetworkError
from inconcert.evidence.synthesis.models.distributions import normal_two_sided_p
from inconcert.evidence.synthesis.models.fit import Effects

DRAWS = 20_000
_CELLS = 2_000_000  # compared at once, so that many treatments need no more memory than few


class Better(StrEnum):
    """Which direction of the outcome is good. There is no default."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One treatment among its set. Ranks count from 1, the best.

    `p_score` is exact, 0 to 1; `beats` is the interval of the share of others that it beats, `rank` that of its rank, `best` the
    probability that it is the best of its set: of `draws` draws, so `best` has a Monte Carlo error of at most 0.5 / sqrt(draws).
    """

    treatment: str
    p_score: float
    beats: tuple[float, float]
    mean_rank: float
    rank: tuple[int, int]
    best: float


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Sets of treatments that can be compared, each with its ranking, best first; treatments that can be compared with none."""

    better: Better
    sets: tuple[tuple[Ranked, ...], ...]
    alone: tuple[str, ...]
    draws: int
    note: str


def rank(effects: Effects, better: Better, *, draws: int = DRAWS, seed: int = 0) -> Ranking:
    """Rank the treatments of a fitted model; intervals at its level. The same seed gives the same draws.

    Raises NetworkError unless `better` is said.
    """
    if not isinstance(better, Better):
        raise NetworkError(
            f"{better!r} is no direction. Mend: say whether higher or lower values of the outcome are better."
        )
    if effects.df is not None:
        raise NetworkError("ranks are of normal intervals. Mend: rank a model without Hartung and Knapp's.")
    possible, values, errors = effects.league()
    names = effects.design.treatments
    sets, alone, seen = [], [], set()
    for first in range(len(names)):
        if first in seen:
            continue
        members = [place for place in range(len(names)) if possible[first, place]]
        seen.update(members)
        if len(members) == 1:
            alone.append(names[first])
        else:
            sets.append(_ranked(effects, members, values, errors, better, draws, seed))
    return Ranking(
        better=better,
        sets=tuple(sets),
        alone=tuple(alone),
        draws=draws,
        note="" if len(sets) < 2 and not alone else "Treatments of different sets cannot be compared by these studies.",
    )


def _ranked(
    effects: Effects, members: list[int], values: Array, errors: Array, better: Better, draws: int, seed: int
) -> tuple[Ranked, ...]:
    sign = 1.0 if better is Better.HIGHER else -1.0
    inside = np.ix_(members, members)
    gain, error = sign * values[inside], errors[inside]
    count = len(members)
    probability = np.array([[_above(gain[i, j], error[i, j]) for j in range(count)] for i in range(count)])
    np.fill_diagonal(probability, 0.0)
    scores = probability.sum(axis=1) / (count - 1)
    drawn = sign * _draws(effects, members, draws, seed)
    blocks = np.array_split(drawn, 1 + draws * count**2 // _CELLS)
    ranks = np.vstack([_ranks(block) for block in blocks])
    side = (1 - effects.level) / 2
    low, high = np.quantile(ranks, [side, 1 - side], axis=0)
    found = [
        Ranked(
            treatment=effects.design.treatments[place],
            p_score=float(scores[i]),
            beats=((count - float(high[i])) / (count - 1), (count - float(low[i])) / (count - 1)),
            mean_rank=float(count - (count - 1) * scores[i]),
            rank=(int(np.floor(low[i])), int(np.ceil(high[i]))),
            best=float(np.mean(ranks[:, i] < 1.5)),
        )
        for i, place in enumerate(members)
    ]
    return tuple(sorted(found, key=lambda one: (-one.p_score, one.treatment)))


def _ranks(drawn: Array) -> Array:
    """The rank of each treatment in each draw (draws, members), 1 the best; those that tie share the mean of their ranks."""
    beaten = np.sum(drawn[:, :, None] > drawn[:, None, :], axis=2)
    tied = np.sum(drawn[:, :, None] == drawn[:, None, :], axis=2) - 1
    return np.asarray(drawn.shape[1] - beaten - tied / 2)


def _above(gain: float, error: float) -> float:
    """The probability that a normal with this mean and error is above zero; a half for two that are the same by definition."""
    if error == 0:
        return 0.5 if gain == 0 else float(gain > 0)
    tail = normal_two_sided_p(gain / error) / 2
    return 1 - tail if gain > 0 else tail


def _draws(effects: Effects, members: list[int], draws: int, seed: int) -> Array:
    """Joint draws (draws, members) of each treatment against the first of its set."""
    matrix = effects.design.matrix
    rows = (matrix[members] - matrix[members[0]])[:, list(effects.space.pivots)].astype(float)
    root = np.linalg.cholesky(effects.covariance)
    normal = np.random.default_rng(seed).standard_normal((draws, len(effects.beta)))
    return np.asarray((effects.beta + normal @ root.T) @ rows.T)
