"""What the data can give at all, decided exactly.

A contrast of the parameters is estimable if and only if it lies in the row space of the design matrix, which is the same as
having no part in its null space (Searle 1971, Linear Models, recalled). The entries are whole numbers or decimals, so the
null space is found by elimination in whole numbers: no tolerance, no pseudo-inverse, nothing that rounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[Any]  # int64, or Python integers where those could overflow
_SAFE = 2**62


@dataclass(frozen=True, kw_only=True)
class RowSpace:
    """The row space of a design matrix with p columns.

    `null_space` (p, p - rank) holds whole numbers; `pivots` are columns that stand for all the others: the parameters of
    an equivalent model of full rank, in which every other parameter is put to zero.
    """

    rank: int
    pivots: tuple[int, ...]
    null_space: Whole

    def contains(self, contrasts: Whole) -> NDArray[np.bool_]:
        """For each row of `contrasts` (q, p), whether it can be estimated."""
        if not self.null_space.shape[1]:
            return np.ones(len(contrasts), dtype=bool)
        rows = contrasts.astype(object) if self.null_space.dtype == object else contrasts
        return np.asarray(~np.any(rows @ self.null_space != 0, axis=1), dtype=bool)


def row_space(matrix: Whole) -> RowSpace:
    """The row space of `matrix` (m, p) of whole numbers."""
    columns = matrix.shape[1]
    # each row once; without numpy.unique, which loads a fifth of NumPy again
    once = {tuple(row): place for place, row in enumerate(matrix.tolist())}
    reduced, pivots = _eliminate(matrix[list(once.values())])
    free = [column for column in range(columns) if column not in pivots]
    null = np.zeros((columns, len(free)), dtype=object)
    for place, column in enumerate(free):
        shared = 1
        for row, pivot in enumerate(pivots):
            shared = math.lcm(shared, int(reduced[row, pivot]))
        null[column, place] = shared
        for row, pivot in enumerate(pivots):
            null[pivot, place] = -int(reduced[row, column]) * shared // int(reduced[row, pivot])
    small = all(abs(value) < 2**31 for value in null.ravel())
    return RowSpace(rank=len(pivots), pivots=tuple(pivots), null_space=null.astype(np.int64) if small else null)


def outside_column_space(matrix: Whole, columns: Whole) -> NDArray[np.bool_]:
    """For each column of `columns` (m, k), whether it is no sum of those of `matrix` (m, p): whether, added alone to that
    model, its parameter can be estimated. One elimination answers for all of them.
    """
    work, pivots = _eliminate(np.hstack([matrix, columns]), matrix.shape[1])
    return np.asarray(np.any(work[len(pivots) :, matrix.shape[1] :] != 0, axis=0), dtype=bool)


def as_whole(matrix: NDArray[Any]) -> Whole:
    """Decimals or fractions as whole numbers with the same row space: each row times the denominator it needs."""
    rows = []
    for row in matrix:
        exact = [value if isinstance(value, Fraction) else Fraction(str(float(value))) for value in row]
        shared = math.lcm(*(value.denominator for value in exact))
        rows.append([int(value * shared) for value in exact])
    return np.array(rows, dtype=object).reshape(matrix.shape)


def _eliminate(matrix: Whole, stop: int | None = None) -> tuple[Whole, list[int]]:
    """Gauss and Jordan without fractions, pivots in the columns before `stop`.

    Each row is divided by what its numbers share, so that they stay small.
    """
    work = matrix.astype(np.int64) if matrix.dtype != object else matrix.copy()
    pivots: list[int] = []
    for column in range(work.shape[1] if stop is None else stop):
        top = len(pivots)
        below = np.flatnonzero(work[top:, column])
        if not len(below):
            continue
        chosen = top + below[0]
        work[[top, chosen]] = work[[chosen, top]]
        if work.dtype != object and int(np.abs(work).max()) ** 2 * 2 >= _SAFE:
            work = work.astype(object)
        others = np.flatnonzero(work[:, column])
        others = others[others != top]
        if len(others):
            pivot_row, pivot = work[top], work[top, column]
            work[others] = work[others] * pivot - work[others, column][:, None] * pivot_row
            shared = np.gcd.reduce(work[others], axis=1)
            shared[shared == 0] = 1
            work[others] //= shared[:, None]
        pivots.append(column)
        if len(pivots) == len(work):
            break
    return work, pivots
