"""Rows about the same people agree: remission within response, differences with their arms, precision with the number of people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

from inconcert.knowledge.study_checks.intervals import RATIOS, Z95
from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding
from inconcert.knowledge.study_rows import StudyContrast, StudyOutcome

# In standard errors of the difference: an adjusted estimate moves about this far, a misprint further.
NEAR = 0.25
LEAST_POINTS = 0.15
LEAST_LOG = 0.1
# By which a standard error may differ from the one that the number of people gives.
SE_FACTOR = 1.5
WITHIN = {
    "remission": "response", "remission_any": "response_any", "response_sustained": "response_any", "response": "response_any",
    "remission_sustained": "remission",
}  # fmt: skip
NORMAL = NormalDist()


def check_outcomes_of_an_arm(context: StudyContext) -> Iterator[StudyFinding]:
    """On one scale and day remission is no more frequent than response, nor a day's rate than that of any visit."""
    rows = context.tables.outcomes
    by_place = {(r.study_id, r.arm_id, r.measure, r.timepoint_days, r.time_origin, r.kind): r for r in rows.values()}
    for row_id, row in rows.items():
        wider = WITHIN.get(row.kind)
        other = by_place.get((row.study_id, row.arm_id, row.measure, row.timepoint_days, row.time_origin, wider or ""))
        if other is not None and row.value > other.value + 1e-9:
            problem = f"{row.kind} {row.value:g} is more than {wider} {other.value:g} on the same day."
            yield from context.found(FindingLevel.ERROR, "more_than_whole", row_id, problem, "Correct one of the two.")


def check_against_arms(context: StudyContext) -> Iterator[StudyFinding]:
    """A printed difference is near the one its arms' figures make, and on the same side of nothing."""
    for contrast in context.tables.contrasts:
        if contrast.estimate is None or (contrast.estimate <= 0 and contrast.effect in RATIOS):
            continue
        made = _made(context, contrast)
        if made is None:
            continue
        ratio = contrast.effect in RATIOS
        estimate = math.log(contrast.estimate) if ratio else contrast.estimate
        error = _error_of(contrast, ratio)
        shown = math.exp(made) if ratio else made
        if estimate * made < 0 and min(abs(estimate), abs(made)) > (LEAST_LOG if ratio else LEAST_POINTS):
            problem = f"{contrast.effect} {contrast.estimate:g}, but its arms make {shown:.3g}: the other way round."
            mend = "arm_1 minus arm_2 (or over it): swap the arms or the sign."
            yield from context.found(FindingLevel.ERROR, "sign", contrast.row_id, problem, mend)
            continue
        least = LEAST_LOG if ratio else 0.02 if contrast.effect == "RD" else LEAST_POINTS
        if abs(estimate - made) > max(least, NEAR * error):
            problem = f"{contrast.effect} {contrast.estimate:g}, but its arms make {shown:.3g}."
            mend = "Check both; an adjusted estimate may differ, which doubts.yaml can say."
            yield from context.found(FindingLevel.WARNING, "contrast_against_arms", contrast.row_id, problem, mend)


def _error_of(contrast: StudyContrast, ratio: bool) -> float:
    if contrast.se is not None and not ratio:
        return contrast.se
    low, high = contrast.ci_low, contrast.ci_high
    if low is None or high is None or (ratio and min(low, high) <= 0):
        return 0.0
    return (math.log(high / low) if ratio else high - low) / (2 * Z95)


def _made(context: StudyContext, contrast: StudyContrast) -> float | None:
    """The difference that the arms' rows of the same kind, scale and day make (log of a ratio); None where they do not say."""
    one = _row(context, contrast, contrast.arm_1)
    two = _row(context, contrast, contrast.arm_2)
    if one is None or two is None:
        return None
    if contrast.effect == "MD":
        return one.value - two.value
    if contrast.effect == "SMD" and one.sd and two.sd:
        return (one.value - two.value) / math.sqrt((one.sd**2 + two.sd**2) / 2)
    inside = 0 < one.value < 1 and 0 < two.value < 1
    if contrast.effect == "RD" and 0 <= min(one.value, two.value) <= max(one.value, two.value) <= 1:
        return one.value - two.value
    if contrast.effect == "RR" and inside:
        return math.log(one.value / two.value)
    if contrast.effect == "OR" and inside:
        return math.log(one.value / (1 - one.value) / (two.value / (1 - two.value)))
    return None


def _row(context: StudyContext, contrast: StudyContrast, arm_id: str) -> StudyOutcome | None:
    day = "-" if contrast.timepoint_days is None else f"{contrast.timepoint_days:g}"
    return context.tables.outcomes.get(f"{contrast.study_id}/{arm_id}/{contrast.measure}/{day}/{contrast.kind}")


def check_against_people(context: StudyContext) -> Iterator[StudyFinding]:
    """A standardized difference is as precise as its number of people allows; a p that says otherwise is another's p.

    Only parallel trials: periods of a crossover and models over several visits are more precise than their people.
    """
    tables = context.tables
    for contrast in tables.contrasts:
        study = tables.studies.get(contrast.study_id)
        if contrast.effect != "SMD" or not contrast.estimate or study is None or study.design == "crossover":
            continue
        arms = [tables.arms.get((contrast.study_id, arm_id)) for arm_id in (contrast.arm_1, contrast.arm_2)]
        sizes = [(arm.n_analysed or arm.n_randomised) if arm else None for arm in arms]
        one, two = sizes
        error = _error_of(contrast, ratio=False)
        source = "interval"
        if not error and contrast.p is not None and 0 < contrast.p < 1:
            error, source = abs(contrast.estimate) / NORMAL.inv_cdf(1 - contrast.p / 2), "p"
        if not one or not two or not error:
            continue
        usual = math.sqrt(1 / one + 1 / two + contrast.estimate**2 / (2 * (one + two)))
        if not 1 / SE_FACTOR < error / usual < SE_FACTOR:
            problem = f"its {source} gives a standard error of {error:.2f}; {one} and {two} people give {usual:.2f}."
            mend = "Check whose p or interval it is, and how the difference was standardized."
            yield from context.found(FindingLevel.WARNING, f"se_against_{source}", contrast.row_id, problem, mend)
