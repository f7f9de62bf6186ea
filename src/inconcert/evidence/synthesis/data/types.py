"""A network of studies, ready for a model: each study's contrasts with their covariance, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indexes = NDArray[np.intp]


class Scale(StrEnum):
    """The scale of a contrast. Ratios are kept as natural logarithms everywhere inside."""

    OR = "OR"
    RR = "RR"
    RD = "RD"
    MD = "MD"
    SMD = "SMD"

    @property
    def is_ratio(self) -> bool:
        """True where the number is a logarithm that is exponentiated before it is shown."""
        return self in (Scale.OR, Scale.RR)

    @property
    def words(self) -> str:
        """As one reads it: `odds ratio`."""
        return {
            Scale.OR: "odds ratio",
            Scale.RR: "risk ratio",
            Scale.RD: "risk difference",
            Scale.MD: "mean difference",
            Scale.SMD: "standardized mean difference",
        }[self]


class NetworkError(ValueError):
    """A file or a wish that cannot be answered; the message names the row and the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """What did not enter, and why. `row_ids` as in `StudyContrasts`."""

    study: str
    why: str
    row_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContrasts:
    """One study of k arms: k - 1 contrasts against its first arm.

    `treatments` (k); `effects` (k - 1) are treatments[1:] minus treatments[0], ratios as logarithms; `covariance`
    (k - 1, k - 1) positive definite. `weight` above 0 and at most 1 divides the covariance before anything is fitted (1 for a
    randomized study that counts in full). `row_ids` lead back to the rows: the line of a file (`line 12`) or a row id of
    the study tables. `covariates` are per study.
    """

    study: str
    treatments: tuple[str, ...]
    effects: Array
    covariance: Array
    row_ids: tuple[str, ...] = ()
    randomized: bool = True
    weight: float = 1.0
    covariates: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Network:
    """All studies of one question on one scale. `notes` is what a reader must be told (a half added to cells, a direction)."""

    scale: Scale
    studies: tuple[StudyContrasts, ...]
    excluded: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def treatments(self) -> tuple[str, ...]:
        """Every treatment, sorted by name."""
        return tuple(sorted({name for study in self.studies for name in study.treatments}))
