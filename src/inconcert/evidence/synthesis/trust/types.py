"""What the checks on a pooled number share: a point per study, and an answer that could not be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inconcert.evidence.synthesis.data.types import Array

NO_STUDY = "No study made this comparison itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoint:
    """One study's effect and standard error (ratios as logarithms). `row_ids` lead back to its rows.

    `comparison` names what is compared where points of several comparisons share a picture. `n` people and `events` of a binary
    outcome in both arms together, None where not known.
    """

    study: str
    effect: float
    se: float
    row_ids: tuple[str, ...] = ()
    comparison: str = ""
    n: int | None = None
    events: int | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.effect) and np.isfinite(self.se) and self.se > 0):
            raise ValueError(
                f"{self.study}: effect {self.effect} with standard error {self.se} cannot be placed. "
                "Mend: give a finite effect and a standard error above 0."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """A check that the data cannot bear: what was asked, why it is not answered, and what would allow it."""

    asked: str
    why: str
    mend: str

    @property
    def text(self) -> str:
        """One line for a reader."""
        return f"{self.asked}: not answered. {self.why} {self.mend}"


def studies_text(number: int) -> str:
    """`1 study`, `7 studies`."""
    return "1 study" if number == 1 else f"{number} studies"


def effects_and_errors(points: Sequence[FunnelPoint]) -> tuple[Array, Array]:
    """Effects (k) and standard errors (k)."""
    return np.array([p.effect for p in points]), np.array([p.se for p in points])


def all_rows(points: Sequence[FunnelPoint]) -> tuple[str, ...]:
    """Every row behind the points, in order, each once."""
    return tuple(dict.fromkeys(row for point in points for row in point.row_ids))
