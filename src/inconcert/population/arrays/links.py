"""Which trial was added to which: rows of `trials` by the ids that `added` names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from inconcert.population.arrays.groups import starts_of
from inconcert.population.arrays.values import Array, Values


def links(
    owners: Array, trials: pa.Array, whose: Array, added: pa.Array, bases: pa.Array, people: int
) -> tuple[Array, Array]:
    """Pairs of rows, the added trial's in order and its base's.

    `owners` and `trials`: whose each trial is, and its id; `whose`, `added` and `bases`: the rows of `added`.
    """
    asked = np.zeros(people, bool)
    asked[whose] = True
    rows = np.flatnonzero(asked[owners])
    ids = pa.chunked_array([trials.take(pa.array(rows)), added, bases]).combine_chunks().dictionary_encode()
    codes = ids.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    size = len(ids.dictionary) + 1
    ours, of_added, of_bases = np.split(codes, (len(rows), len(rows) + len(whose)))
    rows, ours = rows[ours >= 0], ours[ours >= 0]
    keys = owners[rows] * size + ours
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    which, base_rows = _matches(keys, rows, np.where(of_bases >= 0, whose * size + of_bases, -1))
    again, added_rows = _matches(keys, rows, np.where(of_added >= 0, whose * size + of_added, -1)[which])
    base_rows = base_rows[again]
    by_row = np.argsort(added_rows, kind="stable")
    return added_rows[by_row], base_rows[by_row]


def _matches(keys: Array, rows: Array, wanted: Array) -> tuple[Array, Array]:
    """Every row with each wanted key: the number of the key, and the row."""
    left, right = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    many = right - left
    which = np.repeat(np.arange(len(wanted)), many)
    within = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    return which, rows[left[which] + within]


def of_bases(verdict: Values, pairs: tuple[Array, Array], rows: Array) -> Values:
    """The best verdict among the bases of each trial; blank for one that was added to nothing. `rows`: as many as there are."""
    added, bases = pairs
    if verdict.known is not None:
        judged = np.broadcast_to(verdict.known, rows.shape)[bases]
        added, bases = added[judged], bases[judged]
    values = np.broadcast_to(verdict.values, rows.shape)
    found, known = np.zeros(len(rows), values.dtype), np.zeros(len(rows), bool)
    starts = starts_of(added)
    if len(starts):
        found[added[starts]] = np.maximum.reduceat(values[bases], starts)
        known[added[starts]] = True
    return Values(found, known)
