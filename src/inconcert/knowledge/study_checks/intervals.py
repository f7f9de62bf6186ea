"""Estimates lie inside their intervals, in the middle of them on their own scale, and agree with their SE and p."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding

RATIOS = ("OR", "RR", "HR")
NORMAL = NormalDist()
Z95 = NORMAL.inv_cdf(0.975)
# Programs write a p below these as the number itself.
BELOW = (0.0001, 0.001)
OFF_CENTER = 0.1  # of half the interval, beyond what rounding explains
P_FACTOR = 2.0  # by which a p may differ from the one its interval gives


@dataclass(frozen=True, kw_only=True)
class Printed:
    """An estimate with what was printed beside it, on its own scale."""

    row_id: str
    effect: str
    estimate: float | None
    low: float | None
    high: float | None
    se: float | None = None
    p: float | None = None
    proportion: bool = False

    @property
    def on_its_scale(self) -> tuple[float, float, float]:
        """Estimate and interval as they are symmetrical: logarithms of ratios, logits of proportions."""
        ends = (self.estimate or 0.0, self.low or 0.0, self.high or 0.0)
        if self.effect in RATIOS:
            one, two, three = (math.log(x) for x in ends)
        elif self.proportion and all(0 < x < 1 for x in ends):
            one, two, three = (math.log(x / (1 - x)) for x in ends)
        else:
            one, two, three = ends
        return one, two, three

    @property
    def rounding(self) -> float:
        """The most by which rounding can move an end, on its scale. Papers give the three the same decimals."""
        unit = 0.5 * min(10.0 ** -_digits(x) for x in (self.estimate, self.low, self.high) if x is not None)
        if self.effect in RATIOS:
            return unit / min(x for x in (self.estimate, self.low, self.high) if x)
        return unit * 4 if self.proportion else unit


def _digits(value: float) -> int:
    return len(f"{value:.10f}".rstrip("0").partition(".")[2])


def check_differences(context: StudyContext) -> Iterator[StudyFinding]:
    """Every printed difference: a ratio above zero, an interval around it, an SE and a p that belong to it."""
    for row in context.tables.contrasts:
        yield from check_printed(
            context,
            Printed(
                row_id=row.row_id, effect=row.effect, estimate=row.estimate, low=row.ci_low, high=row.ci_high, se=row.se, p=row.p
            ),
        )  # fmt: skip
        if row.effect == "p_only" and row.estimate is not None:
            problem = "it is p_only and has an estimate."
            yield from context.found(FindingLevel.ERROR, "effect", row.row_id, problem, "Name the effect, such as MD.")


def check_pooled(context: StudyContext) -> Iterator[StudyFinding]:
    """Every pooled estimate likewise, with I2 between 0 and 100 and a source that has been."""
    for row_id, row in context.tables.pooled.items():
        yield from check_printed(
            context,
            Printed(
                row_id=row_id, effect=row.effect, estimate=row.estimate, low=row.ci_low, high=row.ci_high,
                proportion=row.effect == "proportion",
            ),
        )  # fmt: skip
        if row.i2 is not None and not 0 <= row.i2 <= 100:
            yield from context.found(
                FindingLevel.ERROR, "unit", row_id, f"I2 is {row.i2:g}.", "Give percent, 0 to 100."
            )
        if row.effect == "proportion" and not 0 <= row.estimate <= 1:
            problem = f"a proportion of {row.estimate:g}."
            yield from context.found(FindingLevel.ERROR, "unit", row_id, problem, "Write a share from 0 to 1.")
        if row.year is not None and row.year > context.as_of.year:
            yield from context.found(
                FindingLevel.ERROR, "year", row_id, f"the year is {row.year}.", "Correct the year."
            )
        if row.k_trials and row.n_participants and row.n_participants < 2 * row.k_trials:
            problem = f"{row.n_participants} people in {row.k_trials} trials."
            yield from context.found(FindingLevel.ERROR, "nobody", row_id, problem, "Correct one of the two.")


def check_parameters(context: StudyContext) -> Iterator[StudyFinding]:
    """A parameter lies within its own range."""
    for name, row in context.tables.parameters.items():
        if (row.low is not None and row.value < row.low) or (row.high is not None and row.value > row.high):
            problem = f"{row.value:g} is outside {row.low} to {row.high}."
            yield from context.found(
                FindingLevel.ERROR, "interval", f"parameter/{name}", problem, "Correct one of them."
            )


def check_printed(context: StudyContext, row: Printed) -> Iterator[StudyFinding]:
    """The rules of one estimate."""
    error = FindingLevel.ERROR
    values = [x for x in (row.estimate, row.low, row.high) if x is not None]
    if row.effect in RATIOS and any(x <= 0 for x in values):
        problem = f"a ratio of {min(values):g} cannot be."
        mend = "Write ratios as plain numbers above 0, not as logarithms."
        yield from context.found(error, "ratio", row.row_id, problem, mend)
        return
    if row.p is not None and not 0 < row.p <= 1:
        yield from context.found(
            error, "p", row.row_id, f"p is {row.p:g}.", "Give p as printed, above 0 and at most 1."
        )
    if row.se is not None and not 0 < row.se < math.inf:
        yield from context.found(error, "spread", row.row_id, f"SE is {row.se:g}.", "Leave it empty if not seen.")
        return
    if (row.low is None) != (row.high is None):
        yield from context.found(
            error, "interval", row.row_id, "one end of the interval is missing.", "Give both ends."
        )
    if row.estimate is None or row.low is None or row.high is None:
        return
    if not row.low <= row.estimate <= row.high or row.low == row.high:
        problem = f"{row.estimate:g} is not inside {row.low:g} to {row.high:g}."
        yield from context.found(
            error, "interval", row.row_id, problem, "Correct the estimate or an end of its interval."
        )
        return
    yield from _symmetry(context, row)


def _symmetry(context: StudyContext, row: Printed) -> Iterator[StudyFinding]:
    estimate, low, high = row.on_its_scale
    half, middle = (high - low) / 2, (high + low) / 2
    if abs(estimate - middle) > OFF_CENTER * half + 2 * row.rounding:
        where = " on the scale of logarithms" if row.effect in RATIOS else ""
        problem = f"{row.estimate:g} is not in the middle of {row.low:g} to {row.high:g}{where}."
        mend = "Check sign and digits of the three; an interval of another kind is to be doubted in doubts.yaml."
        yield from context.found(FindingLevel.WARNING, "off_center", row.row_id, problem, mend)
    error = half / Z95
    if row.se is not None and row.effect not in RATIOS and abs(row.se / error - 1) > 0.05 + row.rounding / half:
        problem = f"SE {row.se:g}, but the interval gives {error:.3f}."
        yield from context.found(
            FindingLevel.WARNING, "se_against_interval", row.row_id, problem, "Correct SE or interval."
        )
    if row.p is not None and 0 < row.p <= 1:
        yield from _p(context, row, estimate, half, row.p)


def _p(context: StudyContext, row: Printed, estimate: float, half: float, p: float) -> Iterator[StudyFinding]:
    """Compare p with the most and least that the interval allows, by a factor; a p at a limit such as 0.001 may be smaller."""
    slack = 2 * row.rounding
    most = 2 * NORMAL.cdf(-max(abs(estimate) - slack, 0.0) / ((half + slack) / Z95))
    least = 2 * NORMAL.cdf(-(abs(estimate) + slack) / (max(half - slack, half / 2) / Z95))
    if (
        p > P_FACTOR * most + 0.005
        or (p not in BELOW and p < least / P_FACTOR)
        or (p in BELOW and least > P_FACTOR * p)
    ):
        problem = f"p {p:g}, but the interval gives {2 * NORMAL.cdf(-abs(estimate) / (half / Z95)):.2g}."
        mend = "Check which test the p is of; if it is another test's, say so in doubts.yaml."
        yield from context.found(FindingLevel.WARNING, "p_against_interval", row.row_id, problem, mend)
