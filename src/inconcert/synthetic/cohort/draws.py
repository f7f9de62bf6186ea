"""Random draws that need no memory: each is a function of the seed, the person and the decision, and of nothing else.

So person 7 is the same in a cohort of ten and of a million, in whatever order or chunk people are made, on one machine or
twenty. The bits are those of SplitMix64's finishing step, applied twice to a key of seed and decision and the person's
number; the numbers are made with integer arithmetic only, so every machine gives the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


@lru_cache(maxsize=100_000)
def _key(seed: int, decision: str, place: tuple[int, ...]) -> np.uint64:
    text = f"{seed}|{decision}|{'.'.join(map(str, place))}"
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def _mixed(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    mixed: Words = z ^ (z >> np.uint64(31))
    return mixed


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws for some people, by their numbers. `decision` names what is decided, `place` which of several (trial 3)."""

    seed: int
    people: Words

    @classmethod
    def of(cls, seed: int, people: Sequence[int] | range) -> Draws:
        """Draws for people of these numbers."""
        return cls(seed, np.asarray(people, dtype=np.uint64))

    def uniform(self, decision: str, *place: int) -> Floats:
        """Between 0 (may be) and 1 (never)."""
        key = _key(self.seed, decision, place)
        with np.errstate(over="ignore"):
            bits = _mixed(_mixed(self.people * _GOLDEN + key) ^ key)
        unit: Floats = (bits >> np.uint64(11)).astype(np.float64) * _TO_UNIT
        return unit

    def happens(self, decision: str, share: float | Floats, *place: int) -> Flags:
        """True with that probability."""
        found: Flags = self.uniform(decision, *place) < share
        return found

    def pick(self, decision: str, weights: Sequence[float], *place: int) -> Ints:
        """The number of one of several, each as likely as its weight."""
        return chosen(self.uniform(decision, *place), weights)

    def spread(self, decision: str, quantiles: Sequence[tuple[float, float]], *place: int) -> Floats:
        """A number of a distribution given by quantiles, straight lines between them."""
        return np.interp(self.uniform(decision, *place), [q for q, _ in quantiles], [v for _, v in quantiles])

    def whole(self, decision: str, quantiles: Sequence[tuple[float, float]], *place: int) -> Ints:
        """The same, as a whole number."""
        return np.floor(self.spread(decision, quantiles, *place) + 0.5).astype(np.int64)

    def ranked(self, decision: str, weights: Sequence[float]) -> Ints:
        """For each person an order of all choices, drawn one after the other without putting any back.

        One row a person. Exponential waiting times with the weights as rates arrive in just that order.
        """
        waits = [-np.log(1.0 - self.uniform(decision, n)) / w for n, w in enumerate(weights)]
        return np.argsort(np.stack(waits, axis=1), axis=1, kind="stable").astype(np.int64)


def chosen(unit: Floats, weights: Sequence[float]) -> Ints:
    """The number of the choice into which a draw between 0 and 1 falls."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.minimum(np.searchsorted(total / total[-1], unit, side="right"), len(total) - 1).astype(np.int64)
