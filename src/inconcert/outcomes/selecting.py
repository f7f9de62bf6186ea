"""The first or the last of several records, where it may not be certain which that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from inconcert.judgement import Answer
from inconcert.outcomes.when import Bounds
from inconcert.outcomes.world import Hit
from inconcert.record import Fact

F = TypeVar("F", bound=Fact)


def possible_firsts(hits: Sequence[Hit[F]], start: Callable[[Hit[F]], Bounds], *, settled: bool) -> list[Hit[F]]:
    """The records that may be the first that counts; one only where `settled` (two of the same time: the lower id)."""
    return _possible(hits, start, settled=settled)


def possible_lasts(hits: Sequence[Hit[F]], start: Callable[[Hit[F]], Bounds], *, settled: bool) -> list[Hit[F]]:
    """The records that may be the last that counts; one only where `settled` (two of the same time: the lower id)."""

    def backwards(hit: Hit[F]) -> Bounds:
        low, high = start(hit)
        return -high, -low

    return _possible(hits, backwards, settled=settled)


def _possible(hits: Sequence[Hit[F]], start: Callable[[Hit[F]], Bounds], *, settled: bool) -> list[Hit[F]]:
    counting = [(start(hit), hit) for hit in hits if hit.finding.answer is not Answer.NOT_MET]
    counting.sort(key=lambda pair: pair[0][0])  # stable: records come in order of their ids
    if settled:
        # A record that is only unknown for want of a value set may or may not be the first.
        certain = next((n for n, (_, hit) in enumerate(counting) if hit.finding.answer is Answer.MET), len(counting))
        return [hit for _, hit in counting[: certain + 1]]
    latest = min((bounds[1] for bounds, hit in counting if hit.finding.answer is Answer.MET), default=float("inf"))
    return [hit for bounds, hit in counting if bounds[0] <= latest]
