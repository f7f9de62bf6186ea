"""Which interactions together: every small set of them ranked by likelihood, or one added after another.

The sets are compared by maximum likelihood with a tau2 of their own (restricted likelihoods of different designs cannot be
compared). Every set is first asked, exactly, whether all its interactions can be estimated at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError
from inconcert.evidence.synthesis.models.design import Design, component_design, pairs_that_occur
from inconcert.evidence.synthesis.models.estimable import Whole, outside_column_space, row_space
from inconcert.evidence.synthesis.models.fit import Fit, QTest, fit, q_test
from inconcert.evidence.synthesis.models.heterogeneity import solve
from inconcert.evidence.synthesis.models.interactions import aic, columns_of, look_at_each

MOST_MODELS = 2_000


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One set of interactions. `weight` is Akaike's: the share of exp(-aic / 2) among all sets compared, 0 to 1."""

    labels: tuple[str, ...]
    q_model: QTest
    aic: float
    weight: float


@dataclass(frozen=True, kw_only=True)
class RankedSets:
    """Every set that can be estimated, best first, and a note on the choice.

    `unidentifiable` are the smallest sets that cannot be estimated together; a set that holds one of them cannot either.
    """

    candidates: tuple[Candidate, ...]
    unidentifiable: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One interaction taken in: its label, the fall of Q (one degree of freedom) and Holm's p among all offered at that step."""

    label: str
    q_difference: QTest
    p_holm: float


def rank_sets(
    network: Network, design: Design, asked: Sequence[str] | None = None, *, most_terms: int = 2
) -> RankedSets:
    """Every set of at most `most_terms` of the interactions asked for (else of all pairs that occur), the empty one too.

    Raises NetworkError for more than MOST_MODELS sets: then fewer must be asked for.
    """
    terms, matrix = columns_of(design, pairs_that_occur(design) if asked is None else asked)
    count = sum(math.comb(len(terms), size) for size in range(most_terms + 1))
    if count > MOST_MODELS:
        raise NetworkError(
            f"{count} sets of up to {most_terms} of {len(terms)} interactions are more than {MOST_MODELS}. Mend: ask for"
            " fewer interactions, or smaller sets."
        )
    additive = fit(network, design)
    exact, z = additive.rows.spanning @ matrix, additive.rows.rotate((additive.rows.contrasts @ matrix).astype(float))
    found: list[tuple[tuple[str, ...], QTest, float]] = []
    unidentifiable: list[tuple[str, ...]] = []
    for places in _sets(len(terms), most_terms):
        labels = tuple(terms[place].label for place in places)
        if any(set(part) <= set(labels) for part in unidentifiable):
            continue
        if _all_identifiable(additive, exact[:, places]):
            found.append((labels, *_judged(additive, z[:, places])))
        else:
            unidentifiable.append(labels)
    best = min(height for _, _, height in found)
    total = sum(math.exp((best - height) / 2) for _, _, height in found)
    ranked = [
        Candidate(labels=labels, q_model=q, aic=height, weight=math.exp((best - height) / 2) / total)
        for labels, q, height in sorted(found, key=lambda one: (one[2], one[0]))
    ]
    return RankedSets(candidates=tuple(ranked), unidentifiable=tuple(unidentifiable), note=_note(len(found)))


def forward(
    network: Network, design: Design, asked: Sequence[str] | None = None, *, enter: float = 0.05
) -> tuple[Step, ...]:
    """Interactions taken in one after another: at each step that with the smallest p, while Holm's p is below `enter`."""
    offered = list(pairs_that_occur(design) if asked is None else asked)
    steps: list[Step] = []
    while offered:
        looks = [look for look in look_at_each(network, design, offered).looks if look.identifiable]
        best = min(looks, key=lambda look: (look.p_holm, look.label), default=None)
        if best is None or best.p_holm is None or best.q_difference is None or best.p_holm >= enter:
            break
        steps.append(Step(label=best.label, q_difference=best.q_difference, p_holm=best.p_holm))
        design = component_design(
            design.treatments,
            separator=design.separator or "+",
            inactive=design.inactive,
            interactions=(*(term.label for term in design.interactions), best.label),
        )
    return tuple(steps)


def _note(count: int) -> str:
    return (
        f"The best of {count} sets was chosen by the data that it describes, so its estimates look larger and surer than they are."
        " The weights say how little may divide it from the next."
    )


def _sets(count: int, most: int) -> Iterator[list[int]]:
    for size in range(most + 1):
        for places in combinations(range(count), size):
            yield list(places)


def _all_identifiable(additive: Fit, exact: Whole) -> bool:
    """Whether each column can be told from the model and from the others: the rank rises by one for each."""
    if exact.shape[1] < 2:
        return bool(np.all(outside_column_space(additive.rows.spanning @ additive.design.matrix, exact)))
    with_all = np.hstack([additive.rows.spanning @ additive.design.matrix, exact])
    return row_space(with_all).rank == additive.space.rank + int(exact.shape[1])


def _judged(additive: Fit, z: Array) -> tuple[QTest, float]:
    y, variances = additive.rows.effects, additive.rows.variances
    x = np.column_stack([additive.columns, z])
    q = q_test(solve(y, x, variances).q, len(y) - x.shape[1])
    return q, aic(y, x, variances, additive.rows.log_det_t)
