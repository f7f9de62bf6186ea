"""Do the studies agree with one another, and do direct and indirect evidence? Q taken apart by design.

A design is the set of treatments that a study compared. Q of the network is what studies of one design differ among
themselves (heterogeneity) and what designs differ from one network of consistent effects (inconsistency): Krahn, Binder and
König 2013 (recalled). The second is the test of the full design-by-treatment interaction (Higgins et al. 2012 and White et al. 2012,
recalled): Q of the consistent model less Q of one in which every design has effects of its own, at a tau2 common to both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError
from inconcert.evidence.synthesis.models.estimable import row_space
from inconcert.evidence.synthesis.models.fit import QTest, q_test
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, estimate_tau2, solve
from inconcert.evidence.synthesis.models.rows import Rows, rows_of


@dataclass(frozen=True, kw_only=True)
class DesignQ:
    """One set of treatments compared: its studies, what they differ among themselves (`q_within`), and what inconsistency is left
    between all designs once this one has effects of its own (`q_detached`).
    """

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    q_within: QTest
    q_detached: QTest


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """Q of the standard model = heterogeneity within designs + inconsistency between them.

    `q_random` is the test of inconsistency with random effects, at `tau2_within`, the heterogeneity of the model in which every
    design has its own effects; both None where no design has two studies to estimate it from.
    """

    q_total: QTest
    q_heterogeneity: QTest
    q_inconsistency: QTest
    tau2_within: float | None
    q_random: QTest | None
    designs: tuple[DesignQ, ...]


def decompose(network: Network, *, tau: TauMethod | float = TauMethod.DL) -> Decomposition:
    """Take Q apart. `tau` is the method for `tau2_within`, or tau itself. Raises NetworkError for a network without studies."""
    if not network.studies:
        raise NetworkError("no study is left to compare. Mend: read why each was left out.")
    rows = rows_of(network, network.treatments)
    place = {name: column for column, name in enumerate(network.treatments)}
    groups = _designs(network)
    y, variances = rows.effects, rows.variances
    blocks = {names: _block(rows, [place[name] for name in names], numbers) for names, numbers in groups.items()}
    own = rows.rotate(np.hstack(list(blocks.values())).astype(float))
    consistent = _full_rank(rows, rows.contrasts)
    df_within = len(y) - own.shape[1]
    q_own, q_one = solve(y, own, variances).q, solve(y, consistent, variances).q
    df_between = own.shape[1] - consistent.shape[1]
    tau2 = _tau2(tau, y, own, variances)
    random = None
    if tau2 is not None:
        apart = solve(y, consistent, variances, tau2).q - solve(y, own, variances, tau2).q
        random = q_test(max(0.0, apart), df_between)
    designs = []
    for names, numbers in groups.items():
        places = np.flatnonzero(np.isin(rows.study_of_row, numbers))
        block = blocks[names]
        within = solve(y[places], rows.rotate(block.astype(float))[places], variances[places])
        detached = _full_rank(rows, np.hstack([rows.contrasts, block]))
        left = solve(y, detached, variances).q - q_own
        designs.append(
            DesignQ(
                treatments=names,
                studies=tuple(network.studies[number].study for number in numbers),
                q_within=q_test(within.q, len(places) - block.shape[1]),
                q_detached=q_test(max(0.0, left), own.shape[1] - detached.shape[1]),
            )
        )
    return Decomposition(
        q_total=q_test(q_one, len(y) - consistent.shape[1]),
        q_heterogeneity=q_test(q_own, df_within),
        q_inconsistency=q_test(max(0.0, q_one - q_own), df_between),
        tau2_within=tau2,
        q_random=random,
        designs=tuple(designs),
    )


def _tau2(tau: TauMethod | float, y: Array, x: Array, variances: Array) -> float | None:
    return estimate_tau2(tau, y, x, variances) if isinstance(tau, TauMethod) else float(tau) ** 2


def _designs(network: Network) -> dict[tuple[str, ...], list[int]]:
    """The numbers of the studies of each design, by its treatments in order."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, study in enumerate(network.studies):
        groups[tuple(sorted(set(study.treatments)))].append(number)
    return dict(sorted(groups.items()))


def _block(rows: Rows, columns: Sequence[int], numbers: Sequence[int]) -> NDArray[np.int64]:
    """Effects of one design of its own (m, k - 1): its treatments against the first, zero in studies of other designs."""
    block = rows.contrasts[:, list(columns[1:])].copy()
    block[~np.isin(rows.study_of_row, numbers)] = 0
    return block


def _full_rank(rows: Rows, matrix: NDArray[np.int64]) -> Array:
    """Columns that span the same model and can be told apart, rotated."""
    return rows.rotate(matrix[:, list(row_space(matrix).pivots)].astype(float))
