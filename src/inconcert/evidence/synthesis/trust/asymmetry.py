"""Do small studies find more? Egger's and Peters' tests, and what PET-PEESE makes of it.

Egger and others 1997, BMJ 315:629; the additive form with tau2 is that of Sterne and Egger 2005; Peters and others 2006, JAMA 295:676,
for odds ratios, whose standard error depends on the odds ratio itself; PET-PEESE Stanley and Doucouliagos 2014, Res Synth Methods 5:60
(all recalled). A small p says that small and large studies differ: suppression is one reason, true differences are another. A large
p says little, since these tests have little power.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.distributions import (
    normal_quantile,
    normal_two_sided_p,
    t_quantile,
    t_two_sided_p,
)
from inconcert.evidence.synthesis.models.heterogeneity import likelihood_tau2, solve
from inconcert.evidence.synthesis.trust.types import (
    NO_STUDY,
    FunnelPoint,
    NoAnswer,
    all_rows,
    effects_and_errors,
    studies_text,
)
from inconcert.knowledge.certainty import certainty_rules

LEVEL = 0.95


class EggerError(StrEnum):
    """How the scatter around Egger's line is taken: every variance times one factor, or tau2 added to each."""

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsymmetryTest:
    """A straight line through the effects. `slope` and `slope_se` are per unit of the predictor, `statistic` their ratio.

    `limit` is the effect at the line's end, a study without error, with its interval; `df` None where z is used; `tau2` None
    where the error is multiplicative.
    """

    name: str
    k: int
    slope: float
    slope_se: float
    statistic: float
    df: int | None
    p: float
    limit: float
    limit_se: float
    limit_p: float
    lower: float
    upper: float
    tau2: float | None
    row_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()


def egger(
    points: Sequence[FunnelPoint], *, error: EggerError = EggerError.MULTIPLICATIVE, anyway: bool = False
) -> AsymmetryTest | NoAnswer:
    """Effect on standard error, weighted by 1 / variance. Refused below the least number of studies unless `anyway`."""
    name = f"Egger's test ({error} error)"
    refusal = _too_little(name, points, anyway=anyway)
    if refusal is not None:
        return refusal
    y, errors = effects_and_errors(points)
    if np.ptp(errors) == 0:
        return _no_spread(name, "standard error")
    return _line(name, points, y, errors, 1 / errors**2, additive=error is EggerError.ADDITIVE, anyway=anyway)


def peters(points: Sequence[FunnelPoint], *, anyway: bool = False) -> AsymmetryTest | NoAnswer:
    """Log odds ratio on 1 / people, weighted by 1 / (1 / events + 1 / people without). Needs `n` and `events` of each point."""
    name = "Peters' test"
    lacking = [p.study for p in points if p.n is None or p.events is None]
    if lacking:
        why = f"People and events are not known for {', '.join(lacking)}."
        return NoAnswer(asked=name, why=why, mend="Give n and events of both arms together, or use Egger's test.")
    refusal = _too_little(name, points, anyway=anyway)
    if refusal is not None:
        return refusal
    n = np.array([float(p.n or 0) for p in points])
    events = np.array([float(p.events or 0) for p in points])
    empty = [p.study for p, e, total in zip(points, events, n, strict=True) if not 0 < e < total]
    if empty:
        why = f"{', '.join(empty)}: nobody, or everybody, had the event, so the study has no weight here."
        return NoAnswer(asked=name, why=why, mend="Leave these studies out, or use Egger's test.")
    if np.ptp(n) == 0:
        return _no_spread(name, "size")
    y, _ = effects_and_errors(points)
    return _line(name, points, y, 1 / n, 1 / (1 / events + 1 / (n - events)), additive=False, anyway=anyway)


@dataclass(frozen=True, slots=True, kw_only=True)
class PetPeese:
    """The effect of an imagined study without error: `pet` (line in the standard error), `peese` (in the variance), and which of
    them the rule takes: PEESE where PET's own effect is not nil.
    """

    pet: AsymmetryTest
    peese: AsymmetryTest
    taken: str

    @property
    def chosen(self) -> AsymmetryTest:
        """The one that the rule takes."""
        return self.peese if self.taken == "PEESE" else self.pet


def pet_peese(points: Sequence[FunnelPoint], *, anyway: bool = False) -> PetPeese | NoAnswer:
    """Both lines, multiplicative error. A sensitivity analysis: it misleads where studies truly differ."""
    name = "PET-PEESE"
    refusal = _too_little(name, points, anyway=anyway)
    if refusal is not None:
        return refusal
    y, errors = effects_and_errors(points)
    if np.ptp(errors) == 0:
        return _no_spread(name, "standard error")
    weights = 1 / errors**2
    pet = _line("PET", points, y, errors, weights, additive=False, anyway=anyway)
    peese = _line("PEESE", points, y, errors**2, weights, additive=False, anyway=anyway)
    taken = "PEESE" if pet.limit_p < certainty_rules().number("pet_p") else "PET"
    return PetPeese(pet=pet, peese=peese, taken=taken)


def _line(
    name: str,
    points: Sequence[FunnelPoint],
    y: Array,
    predictor: Array,
    weights: Array,
    *,
    additive: bool,
    anyway: bool,
) -> AsymmetryTest:
    x = np.column_stack((np.ones(len(y)), predictor))
    tau2 = likelihood_tau2(y, x, 1 / weights, restricted=True) if additive else None
    solved = solve(y, x, 1 / weights, tau2 or 0.0)
    df = len(y) - 2
    scale = 1.0 if additive else solved.q / df
    limit_se, slope_se = (math.sqrt(scale * float(v)) for v in np.diag(solved.covariance))
    limit, slope = (float(b) for b in solved.beta)

    def p_of(value: float) -> float:
        return normal_two_sided_p(value) if additive else t_two_sided_p(value, df)

    reach = normal_quantile(0.5 + LEVEL / 2) if additive else t_quantile(0.5 + LEVEL / 2, df)
    statistic = slope / slope_se if slope_se > 0 else math.copysign(math.inf, slope)
    return AsymmetryTest(
        name=name,
        k=len(y),
        slope=slope,
        slope_se=slope_se,
        statistic=statistic,
        df=None if additive else df,
        p=p_of(statistic),
        limit=limit,
        limit_se=limit_se,
        limit_p=p_of(limit / limit_se) if limit_se > 0 else 0.0,
        lower=limit - reach * limit_se,
        upper=limit + reach * limit_se,
        tau2=tau2,
        row_ids=all_rows(points),
        notes=_notes(points, anyway=anyway),
    )


def _notes(points: Sequence[FunnelPoint], *, anyway: bool) -> tuple[str, ...]:
    notes = ["a large p does not show that nothing is missing: the test has little power"]
    least = certainty_rules().number("asymmetry_studies_min")
    if anyway and len(points) < least:
        notes.append(f"{len(points)} studies are below {least:g}: read neither a small nor a large p as an answer")
    if len({p.study for p in points}) < len(points):
        notes.append("some studies have several points, which the test takes for independent")
    return tuple(notes)


def _too_little(name: str, points: Sequence[FunnelPoint], *, anyway: bool) -> NoAnswer | None:
    if not points:
        return NoAnswer(asked=name, why=NO_STUDY, mend="Ask for a comparison that studies made.")
    least = certainty_rules().number("asymmetry_studies_min")
    if len(points) < least and not anyway:
        return NoAnswer(
            asked=name,
            why=f"Only {studies_text(len(points))}: below {least:g} the test would seldom see what is there.",
            mend="Look at the funnel, or ask for the test in spite of that.",
        )
    if len(points) < 3:
        why = f"With {studies_text(len(points))} nothing is left around a line."
        return NoAnswer(asked=name, why=why, mend="Look at the studies one by one.")
    return None


def _no_spread(name: str, what: str) -> NoAnswer:
    why = f"All studies have the same {what}, so small and large ones cannot be compared."
    return NoAnswer(asked=name, why=why, mend="Nothing can be done with these studies.")
