"""The exact row space: beside a rank of fractions, with numbers that rounding would lose."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inconcert.evidence.synthesis.models.estimable import as_whole, outside_column_space, row_space

MATRICES = arrays.arrays(np.int64, st.tuples(st.integers(0, 7), st.integers(1, 6)), elements=st.integers(-3, 3))


def rank(matrix: np.ndarray) -> int:
    """Gauss with fractions."""
    rows, found = [[Fraction(int(v)) for v in row] for row in matrix.tolist()], 0
    for column in range(matrix.shape[1]):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


@given(MATRICES, st.integers(0, 2**32 - 1))
def test_the_row_space_of_any_matrix(matrix: np.ndarray, seed: int) -> None:
    """Rank, null space and pivots are what they must be, and a row is contained if and only if it adds no rank."""
    space = row_space(matrix)
    assert space.rank == rank(matrix) == len(space.pivots)
    assert not np.any(matrix @ space.null_space.astype(np.int64))
    assert space.null_space.shape == (matrix.shape[1], matrix.shape[1] - space.rank)
    assert rank(matrix[:, list(space.pivots)]) == space.rank
    rng = np.random.default_rng(seed)
    inside = rng.integers(-2, 3, size=(3, len(matrix))) @ matrix
    asked = np.vstack([inside, rng.integers(-2, 3, size=(4, matrix.shape[1]))])
    for row, can in zip(asked, space.contains(asked), strict=True):
        assert can == (rank(np.vstack([matrix, row])) == space.rank)


@given(MATRICES, st.integers(0, 2**32 - 1))
def test_which_columns_are_outside(matrix: np.ndarray, seed: int) -> None:
    """A column is outside if and only if it adds a rank."""
    columns = np.random.default_rng(seed).integers(-1, 2, size=(len(matrix), 4))
    for place, outside in enumerate(outside_column_space(matrix, columns)):
        assert outside == (rank(np.column_stack([matrix, columns[:, place]])) > rank(matrix))


def test_numbers_that_rounding_would_lose() -> None:
    """A row that differs by one part in 10^17 is outside, and whole numbers too large for a machine word are exact."""
    big = 10**17
    space = row_space(np.array([[big, 1, 0], [0, 0, 1]], dtype=object))
    asked = np.array([[big, 1, 5], [big + 1, 1, 5], [big**3, big**2, 0]], dtype=object)
    assert space.contains(asked).tolist() == [True, False, True]


def test_growing_numbers_are_taken_care_of() -> None:
    """Elimination of a matrix whose numbers grow past 64 bits gives the same rank as fractions."""
    matrix = np.random.default_rng(1).integers(-(10**6), 10**6, size=(14, 14))
    matrix[13] = matrix[:13].sum(axis=0)
    space = row_space(matrix)
    assert space.rank == rank(matrix) == 13
    assert not np.any(matrix.astype(object) @ space.null_space)
    assert space.contains(np.vstack([matrix, np.eye(14, dtype=np.int64)])).tolist() == [True] * 14 + [False] * 14


def test_decimals_become_whole_numbers() -> None:
    """0.1 is a tenth, not the nearest double: rows of decimals keep their row space."""
    whole = as_whole(np.array([[0.1, 0.2], [0.25, 3.0]]))
    assert whole.tolist() == [[1, 2], [1, 12]]
    space = row_space(as_whole(np.array([[0.1, 0.3]])))
    assert space.contains(np.array([[1, 3], [1, 2]], dtype=object)).tolist() == [True, False]
    long = as_whole(np.array([[1 / 3, 2 / 7, 1e-12]]))  # all the digits that are written, whatever they take
    assert long[0, 0] / long[0, 2] == pytest.approx(1e12 / 3)
    assert as_whole(np.array([[Fraction(1, 3), Fraction(1, 2)]])).tolist() == [[2, 3]]


def test_no_rows_at_all() -> None:
    """Without studies nothing can be estimated but nothing."""
    space = row_space(np.zeros((0, 3), dtype=np.int64))
    assert space.rank == 0
    assert space.contains(np.array([[0, 0, 0], [1, 0, 0]])).tolist() == [True, False]


@pytest.mark.parametrize("columns", [1, 4])
def test_everything_can_be_estimated_with_full_rank(columns: int) -> None:
    """A design of full rank gives every contrast."""
    space = row_space(np.eye(columns, dtype=np.int64))
    assert space.contains(np.random.default_rng(0).integers(-9, 9, size=(5, columns))).all()
