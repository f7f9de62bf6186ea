"""Does an effect depend on the study: meta-regression on age, resistance, the share with bipolar depression, the kind of control.

Where a slope acts on a column x, the column z x joins the design (z is the covariate). Whether a slope, or an effect at a given z,
can be estimated is decided exactly, from the decimals as written; only the fit is centered, which changes no effect at a
given z. A relation between studies need not hold between patients (ecological bias), and no study was randomized to its covariates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Excluded, Network, NetworkError
from inconcert.evidence.synthesis.models.covariates import Covariate, Slopes, Term, terms_of
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.estimable import RowSpace, as_whole, outside_column_space, row_space
from inconcert.evidence.synthesis.models.fit import (
    LEVEL,
    Estimate,
    Fit,
    NotEstimableError,
    QTest,
    estimate_of,
    fit,
    q_test,
    reach,
)
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, estimate_tau2, solve
from inconcert.evidence.synthesis.models.node_split import direct_evidence

At = Mapping[str, float] | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One study that compared two treatments: where it stands, what it found, its variance without heterogeneity."""

    study: str
    at: float | str
    effect: float
    variance: float


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A fitted meta-regression, random effects. What cannot be estimated is None, or refused.

    `without` is the model of the same studies without the covariate; `q_slopes` tests all slopes at once, at this model's tau2;
    `explained` is the share of tau2 that the covariate takes away (0 to 1, None where there was none). `excluded` are studies that
    do not tell the covariate. `reference` is the word of a category that the others are compared with.
    """

    covariate: Covariate
    network: Network
    design: Design
    terms: tuple[Term, ...]
    without: Fit
    space: RowSpace
    beta: Array
    covariance: Array
    tau2: float | None
    q_model: QTest
    q_slopes: QTest
    reference: str | None
    excluded: tuple[Excluded, ...]
    level: float
    df: int | None
    notes: tuple[str, ...]

    @property
    def explained(self) -> float | None:
        """How much less heterogeneity than without the covariate, as a share."""
        before = self.without.tau2
        return None if not before or self.tau2 is None else max(0.0, 1 - self.tau2 / before)

    @property
    def slopes(self) -> dict[str, Estimate | None]:
        """Each slope by name: the change of the effect for one unit of the covariate, or against the reference."""
        p = len(self.design.columns)
        exact = np.eye(p + len(self.terms))[p:]
        return {term.label: self._value(row, row) for term, row in zip(self.terms, exact, strict=True)}

    def effect(self, first: str, second: str, at: float | str) -> Estimate:
        """First minus second in a study where the covariate is `at`. Raises NotEstimableError, or NetworkError for a bad name."""
        one, other = self.design.row_of(first), self.design.row_of(second)
        times = np.array([term.times(one) - term.times(other) for term in self.terms])
        where = self._where(at)
        centers = np.array([term.center for term in self.terms])
        exact = [Fraction(str(value)) * count for value, count in zip(where.tolist(), times.tolist(), strict=True)]
        found = self._value(
            np.array([*(one - other).tolist(), *exact], dtype=object),
            np.concatenate([one - other, times * (where - centers)]),
        )
        if found is None:
            raise NotEstimableError(
                f"these studies cannot give {first} against {second} where {self.covariate.name} is {at}."
            )
        return found

    @property
    def compared(self) -> tuple[tuple[str, str], ...]:
        """Every two treatments that some study compared, in order of names."""
        pairs = {pair for study in self.network.studies for pair in combinations(sorted(set(study.treatments)), 2)}
        return tuple(sorted(pairs))

    def bubbles(self, first: str, second: str) -> tuple[Bubble, ...]:
        """The studies that compared the two themselves, first minus second, in order of the covariate."""
        found = []
        for study in self.network.studies:
            if first in study.treatments and second in study.treatments:
                effect, variance = direct_evidence(study, first, second)
                at = self.covariate.values[study.study]
                found.append(Bubble(study=study.study, at=at, effect=effect, variance=variance))
        return tuple(sorted(found, key=lambda bubble: (bubble.at, bubble.study)))

    def line(self, first: str, second: str, steps: int = 25) -> tuple[tuple[float, Estimate], ...]:
        """The fitted effect over the range that the studies span, never beyond it. Raises as `effect`, and for a category."""
        if self.covariate.is_category:
            raise NetworkError(
                f"{self.covariate.name} is told in words and has no line. Mend: ask for the effect at each word."
            )
        z = self.terms[0].z
        ends = np.linspace(float(z.min()), float(z.max()), steps).tolist()
        return tuple((at, self.effect(first, second, at)) for at in ends)

    def _where(self, at: float | str) -> Array:
        if not self.covariate.is_category:
            if isinstance(at, str) or not math.isfinite(at):
                raise NetworkError(f"{self.covariate.name} is a number, not {at!r}. Mend: give a number.")
            return np.full(len(self.terms), float(at))
        words = sorted({self.reference, *(term.word for term in self.terms)} - {None}, key=str)
        if at not in words:
            raise NetworkError(
                f"no study has {self.covariate.name} {at!r}. Mend: use one of {', '.join(map(str, words))}."
            )
        return np.array([float(term.word == at) for term in self.terms])

    def _value(self, exact: NDArray[Any], centered: Array) -> Estimate | None:
        if not self.space.contains(as_whole(exact[None, :]))[0]:
            return None
        inner = centered[list(self.space.pivots)]
        error = math.sqrt(max(float(inner @ self.covariance @ inner), 0.0))
        return estimate_of(float(inner @ self.beta), error, reach(self.level, self.df), self.df)


def regress(
    network: Network,
    design: Design,
    covariate: Covariate | str,
    *,
    on: Sequence[str] | None = None,
    slopes: Slopes = Slopes.SHARED,
    tau: TauMethod | float = TauMethod.DL,
    hartung_knapp: bool = False,
    level: float = LEVEL,
) -> Regression:
    """Let the effects of the columns `on` (by default the components) depend on a covariate.

    In the standard model every treatment is a column: name those that are not the control, else slopes cancel. Raises
    NetworkError for an unknown covariate or column, or fewer than two studies that tell the covariate.
    """
    known = Covariate.of(network, covariate) if isinstance(covariate, str) else covariate
    told = tuple(study for study in network.studies if study.study in known.values)
    excluded = tuple(
        Excluded(study=s.study, why=f"does not tell {known.name}.", row_ids=s.row_ids)
        for s in network.studies
        if s not in told
    )
    if len(told) < 2:
        raise NetworkError(
            f"{len(told)} studies tell {known.name!r}: too few. Mend: use a covariate that more of them tell."
        )
    terms, reference = terms_of(
        known, [study.study for study in told], design, design.components if on is None else on, slopes
    )
    less = replace(network, studies=told)
    without = fit(less, design, tau=tau, level=level)
    exact, centered = _columns(without, terms)
    space = row_space(exact)
    x = without.rows.rotate(centered[:, list(space.pivots)])
    y, variances = without.rows.effects, without.rows.variances
    tau2 = estimate_tau2(tau, y, x, variances) if isinstance(tau, TauMethod) else without.tau2
    common, random = solve(y, x, variances), solve(y, x, variances, tau2 or 0.0)
    df = len(y) - space.rank
    fewer = solve(y, without.columns, variances, tau2 or 0.0)
    scale = random.q / df if hartung_knapp and df > 0 else 1.0
    return Regression(
        covariate=known,
        network=less,
        design=design,
        terms=terms,
        without=without,
        space=space,
        beta=random.beta,
        covariance=random.covariance * scale,
        tau2=tau2,
        q_model=q_test(common.q, df),
        q_slopes=q_test(max(0.0, fewer.q - random.q), space.rank - without.space.rank),
        reference=reference,
        excluded=excluded,
        level=level,
        df=df if hartung_knapp and df > 0 else None,
        notes=_notes(terms, len(told), without),
    )


def _columns(without: Fit, terms: Sequence[Term]) -> tuple[NDArray[np.object_], Array]:
    """The design with its slopes (m, p + slopes): in whole numbers, and centered."""
    rows, matrix = without.rows, without.design.matrix
    x = rows.contrasts @ matrix
    times = np.array([[term.times(row) for term in terms] for row in matrix]).reshape(len(matrix), len(terms))
    if np.any(outside_column_space(rows.spanning @ matrix, rows.spanning @ times)):
        raise NetworkError(
            "one slope for having any of several components is no sum of their effects, so where the covariate is centered would"
            " change the answer. Mend: ask for shared or independent slopes, or for whole treatments (the standard model)."
        )
    acts = rows.contrasts @ times
    z = np.array([term.z for term in terms]).T[rows.study_of_row]
    centers = np.array([term.center for term in terms])
    # as fractions before the product: 3 times 0.1 must be 0.3
    slopes = np.array(
        [
            [Fraction(str(v)) * a for v, a in zip(*both, strict=True)]
            for both in zip(z.tolist(), acts.tolist(), strict=True)
        ],
        dtype=object,
    )
    return as_whole(np.hstack([x.astype(object), slopes])), np.hstack([x, acts * (z - centers)])


def _notes(terms: Sequence[Term], studies: int, without: Fit) -> tuple[str, ...]:
    said = [
        *without.notes,
        "A relation between studies need not hold between patients, and no study was randomized to its covariates.",
    ]
    if studies < 10 * len(terms):
        said.append(
            f"{studies} studies are few for {len(terms)} slope{'s'[: len(terms) > 1]}: ten for each are often asked for."
        )
    return tuple(said)
