"""Fit a design to a network: component or standard, common and random effects, and nothing the data cannot give.

Generalized least squares on all contrasts (`rows.py`), in a model of full rank that spans the same row space
(`estimable.py`), so that no pseudo-inverse is ever taken. Component models: Welton et al. 2009 and Rücker et al. 2020
(recalled). Every result is on the scale of the contrasts; ratios are logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.distributions import (
    chi_squared_upper,
    normal_quantile,
    normal_two_sided_p,
    t_quantile,
    t_two_sided_p,
)
from inconcert.evidence.synthesis.models.estimable import RowSpace, Whole, row_space
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, estimate_tau2, solve
from inconcert.evidence.synthesis.models.rows import Rows, rows_of

LEVEL = 0.95
WHOLE = 1 - 1e-12  # an interval nearer to certainty than this would be infinite in the numbers of a computer
LARGEST_TAU = 1e12  # as for the numbers of a file


class NotEstimableError(ValueError):
    """The data cannot give this contrast, whatever the method."""


class Estimate(NamedTuple):
    """One number with its standard error and interval. `p` is None where the standard error is zero by definition."""

    estimate: float
    se: float
    lower: float
    upper: float
    p: float | None


class QTest(NamedTuple):
    """A sum of squares against chi-squared; `p` is None without degrees of freedom."""

    value: float
    df: int
    p: float | None


@dataclass(frozen=True, kw_only=True)
class Effects:
    """One fitted model: what is asked of it is refused where it cannot be estimated.

    `beta` and `covariance` belong to the pivot columns of the design; `df` is None for normal intervals, else those of t.
    """

    design: Design
    space: RowSpace
    beta: Array
    covariance: Array
    level: float
    df: int | None

    def contrast(self, row: NDArray[np.int64]) -> Estimate:
        """The value of one contrast (p whole numbers). Raises NotEstimableError."""
        found = self.contrasts(row[None, :])[0]
        if found is None:
            raise NotEstimableError("the studies of this network cannot give this contrast.")
        return found

    def contrasts(self, rows: Whole) -> list[Estimate | None]:
        """The value of each row of contrasts (q, p); None for one that cannot be estimated."""
        can, values, errors = self.arrays(rows)
        half = reach(self.level, self.df)
        return [
            estimate_of(value, error, half, self.df) if possible else None
            for possible, value, error in zip(can.tolist(), values.tolist(), errors.tolist(), strict=True)
        ]

    def arrays(self, rows: Whole) -> tuple[NDArray[np.bool_], Array, Array]:
        """Which rows can be estimated, their values and standard errors; NaN where they cannot."""
        can = self.space.contains(rows)
        inner = rows[:, list(self.space.pivots)].astype(float)
        values = inner @ self.beta
        errors = np.sqrt(np.maximum(np.einsum("qp,pr,qr->q", inner, self.covariance, inner), 0.0))
        values[~can] = np.nan
        errors[~can] = np.nan
        return can, values, errors

    @cached_property
    def parameters(self) -> dict[str, Estimate | None]:
        """Each column of the design, components and interactions, by name."""
        rows = np.eye(len(self.design.columns), dtype=np.int64)
        return dict(zip(self.design.columns, self.contrasts(rows), strict=True))

    @cached_property
    def combinations(self) -> dict[str, Estimate | None]:
        """Each treatment of the network against the inactive one (against nothing, where none was named)."""
        return dict(zip(self.design.treatments, self.contrasts(self.design.matrix), strict=True))

    def compare(self, first: str, second: str) -> Estimate:
        """First treatment minus second; either may be a combination of known components that nobody studied.

        Raises NotEstimableError, or NetworkError for an unknown name.
        """
        row = self.design.row_of(first) - self.design.row_of(second)
        found = self.contrasts(row[None, :])[0]
        if found is None:
            raise NotEstimableError(f"the studies of this network cannot give {first} against {second}.")
        return found

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Which differences between two treatments can be estimated (n, n)."""
        return self.league()[0]

    def league_estimates(self) -> list[list[Estimate | None]]:
        """Every treatment minus every other with its interval; None where impossible."""
        matrix, n = self.design.matrix, len(self.design.treatments)
        flat = self.contrasts((matrix[:, None, :] - matrix[None, :, :]).reshape(n * n, -1))
        return [flat[start : start + n] for start in range(0, n * n, n)]

    def league(self) -> tuple[NDArray[np.bool_], Array, Array]:
        """Every treatment minus every other (n, n): possible, value, standard error; NaN where impossible."""
        matrix, n = self.design.matrix, len(self.design.treatments)
        all_pairs = (matrix[:, None, :] - matrix[None, :, :]).reshape(n * n, -1)
        can, values, errors = self.arrays(all_pairs)
        return can.reshape(n, n), values.reshape(n, n), errors.reshape(n, n)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a network says under one design.

    `q_total` is that of the standard model, `q_model` of this one, `q_difference` between them: for the additive model, the
    test of additivity. `tau2` is None where nothing is left to estimate it from; the random effects then equal the common
    ones, which `notes` says.
    """

    network: Network
    design: Design
    rows: Rows
    columns: Array  # (m, rank): rotated design, pivot columns
    space: RowSpace
    tau_method: TauMethod | None
    tau2: float | None
    q_total: QTest
    q_model: QTest
    q_difference: QTest
    common: Effects
    random: Effects
    notes: tuple[str, ...]

    @property
    def i2(self) -> float | None:
        """Share of the variation that is not chance, 0 to 1 (Higgins and Thompson 2002, recalled)."""
        return max(0.0, 1 - self.q_model.df / self.q_model.value) if self.q_model.df and self.q_model.value else None

    @property
    def df(self) -> int:
        """Contrasts less the rank of the design."""
        return len(self.rows.effects) - self.space.rank

    def prediction(self, row: NDArray[np.int64]) -> tuple[float, float] | None:
        """Interval for the difference between two treatments in a new study; None without a degree of freedom.

        Value +/- t(df) * sqrt(tau2 + se^2): k - 1 for a pair of treatments, as the reference programs take it (Partlett and Riley
        2017, recalled; Higgins and others 2009 took k - 2). Raises NotEstimableError.
        """
        found = self.random.contrast(row)
        if self.tau2 is None or self.df < 1:
            return None
        half = t_quantile(0.5 + self.random.level / 2, self.df) * math.sqrt(self.tau2 + found.se**2)
        return found.estimate - half, found.estimate + half


def fit(
    network: Network,
    design: Design,
    *,
    tau: TauMethod | float = TauMethod.DL,
    hartung_knapp: bool = False,
    never_narrower: bool = False,
    level: float = LEVEL,
    rows: Rows | None = None,
) -> Fit:
    """Fit `design` to `network`. `tau` is a method, or tau itself (not squared) where it is preset.

    `hartung_knapp` scales the random-effects covariance by Q / df and takes t instead of the normal (Hartung and Knapp 2001,
    recalled); with `never_narrower` Q / df counts as 1 where it is less. `rows` are those of this network, where another model of
    the same treatments has made them already. Raises NetworkError for a network without studies, an impossible tau or level.
    """
    if not network.studies:
        raise NetworkError("no study is left to fit. Mend: read why each was left out.")
    if not 0 < level < WHOLE:
        raise NetworkError(f"an interval of {level} has no meaning. Mend: give a level between 0 and 1, such as 0.95.")
    rows = rows_of(network, design.treatments) if rows is None else rows
    space = row_space(rows.spanning @ design.matrix)
    columns = rows.rotate((rows.contrasts @ design.matrix[:, list(space.pivots)]).astype(float))
    y, variances = rows.effects, rows.variances
    method, tau2 = (
        (tau, estimate_tau2(tau, y, columns, variances)) if isinstance(tau, TauMethod) else (None, _squared(tau))
    )
    common = solve(y, columns, variances)
    random = solve(y, columns, variances, tau2 or 0.0)
    df = len(y) - space.rank
    notes = [*design.notes]
    if tau2 is None:
        notes.append(
            "no degree of freedom is left to estimate tau2: random effects equal common effects, and are too sure."
        )
    scaled = hartung_knapp and df > 0
    excess = random.q / df if scaled else 1.0
    covariance = random.covariance * (max(1.0, excess) if never_narrower else excess)
    if hartung_knapp and not scaled:
        notes.append("Hartung and Knapp's interval needs a degree of freedom; the normal one stands.")
    q_model = q_test(common.q, df)
    q_total = q_test(*rows.standard) if design.separator is not None else q_model
    asked = partial(Effects, design=design, space=space, level=level)
    return Fit(
        network=network,
        design=design,
        rows=rows,
        columns=columns,
        space=space,
        tau_method=method,
        tau2=tau2,
        q_total=q_total,
        q_model=q_model,
        q_difference=q_test(max(0.0, q_model.value - q_total.value), q_model.df - q_total.df),
        common=asked(beta=common.beta, covariance=common.covariance, df=None),
        random=asked(beta=random.beta, covariance=covariance, df=df if scaled else None),
        notes=tuple(notes),
    )


def reach(level: float, df: int | None) -> float:
    """How many standard errors an interval reaches each way: normal, or Student's t with `df`."""
    return normal_quantile(0.5 + level / 2) if df is None else t_quantile(0.5 + level / 2, df)


def estimate_of(value: float, error: float, half: float, df: int | None) -> Estimate:
    """A value with its interval of `half` standard errors each way; p by the normal, or Student's t with `df`."""
    if error == 0:
        return Estimate(value, error, value, value, None)
    p = normal_two_sided_p(value / error) if df is None else t_two_sided_p(value / error, df)
    return Estimate(value, error, value - half * error, value + half * error, p)


def q_test(value: float, df: int) -> QTest:
    """Q with its p; without degrees of freedom Q is zero by definition, and what is left of it is rounding."""
    return QTest(value, df, chi_squared_upper(value, df)) if df > 0 else QTest(0.0, 0, None)


def contrast_rows(design: Design, pairs: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """The rows of several differences, first minus second."""
    return np.array([design.row_of(first) - design.row_of(second) for first, second in pairs], dtype=np.int64)


def _squared(tau: float) -> float:
    if not 0 <= tau <= LARGEST_TAU:
        raise NetworkError(f"tau of {tau} has no meaning. Mend: give 0 or more, on the scale of the contrasts.")
    return tau**2
