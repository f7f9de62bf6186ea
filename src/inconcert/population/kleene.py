"""Kleene's three answers as columns: 1 met, 0 unknown, -1 not met. `all` is the smallest, `any` the largest, `not` the sign.

A column may also be a plain number where the answer is the same for everybody; such numbers are folded away at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis

from inconcert.judgement import Answer

MET, UNKNOWN, NOT_MET = 1, 0, -1
Tri = Any  # an Ibis expression of small integers, still unbound, or one of the three numbers
Flag = Any  # an Ibis expression that is true, false or null

OF = {Answer.MET: MET, Answer.UNKNOWN: UNKNOWN, Answer.NOT_MET: NOT_MET}
NAMES = {number: answer for answer, number in OF.items()}


def all_of(parts: Iterable[Tri]) -> Tri:
    """Not met if any part is not met, else unknown if any is unknown, else met."""
    return _fold(parts, stops=NOT_MET, passes=MET, join=ibis.least)


def any_of(parts: Iterable[Tri]) -> Tri:
    """Met if any part is met, else unknown if any is unknown, else not met."""
    return _fold(parts, stops=MET, passes=NOT_MET, join=ibis.greatest)


def _fold(parts: Iterable[Tri], stops: int, passes: int, join: Any) -> Tri:
    kept: list[Tri] = []
    unknown = False
    for part in parts:
        if isinstance(part, int):
            if part == stops:
                return stops
            unknown = unknown or part == UNKNOWN
        else:
            kept.append(part)
    if unknown:
        kept.append(small(UNKNOWN))
    if not kept:
        return passes
    if len(kept) == 1:
        return UNKNOWN if unknown else kept[0]
    return join(*kept)


def negated(part: Tri) -> Tri:
    """The answer turned round."""
    return -part


def small(number: int) -> Any:
    """One of the three numbers as a literal of the small type."""
    return ibis.literal(number, "int8")


def column(part: Tri) -> Any:
    """An answer as a column of the small type, whatever it was."""
    return small(part) if isinstance(part, int) else part.cast("int8")


def yes_or_no(flag: Flag) -> Tri:
    """Met where true, not met where false; unknown where the flag itself is not known."""
    return ibis.cases((flag, small(MET)), (~flag, small(NOT_MET)), else_=small(UNKNOWN))


def when(*cases: tuple[Flag, Tri], otherwise: Tri) -> Tri:
    """The answer of the first condition that is true."""
    return ibis.cases(*((flag, column(answer)) for flag, answer in cases), else_=column(otherwise))


def at_least(low: Any, high: Any, threshold: float) -> Tri:
    """Whether a number known only within bounds reaches a threshold. A bound that is absent bounds nothing."""
    return when((low >= threshold, MET), (high < threshold, NOT_MET), otherwise=UNKNOWN)
