"""Scores lie on their scale, spreads are possible, improvement is negative, and days are days."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from inconcert.knowledge.scales import scale_files
from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding
from inconcert.knowledge.study_rows import StudyMeasure, StudyOutcome

CHANGES = ("change", "change_locf")
LONGEST_DAYS = 365.25 * 20
# A spread this much under the middle of its kind is likelier a standard error.
SMALL_SPREAD = 0.4


def range_of(measure: StudyMeasure) -> tuple[float, float] | None:
    """Lowest and highest score of a scale, None where the tables do not say."""
    if measure.scale:
        low, high = scale_files()[measure.scale].total.range
        return float(low), float(high)
    return None if measure.low is None or measure.high is None else (measure.low, measure.high)


def check_times(context: StudyContext) -> Iterator[StudyFinding]:
    """No day is before its origin or absurdly late, and nobody has responded on the day before treatment."""
    rows = [(row_id, row.timepoint_days) for row_id, row in context.tables.outcomes.items()]
    rows += [(row.row_id, row.timepoint_days) for row in context.tables.contrasts]
    for row_id, day in rows:
        if day is not None and not 0 <= day <= LONGEST_DAYS:
            problem = f"day {day:g} cannot be."
            mend = "Count days from time_origin; leave the day empty if it was not seen."
            yield from context.found(FindingLevel.ERROR, "day", row_id, problem, mend)
    for row_id, row in context.tables.outcomes.items():
        if (
            row.timepoint_days == 0
            and row.time_origin == "baseline"
            and row.kind in ("response", "remission", *CHANGES)
        ):
            problem = f"{row.kind} on day 0, when treatment began."
            yield from context.found(FindingLevel.ERROR, "day", row_id, problem, "Give the day it was measured.")
        if row.derived not in (0, 1):
            problem = f"derived is {row.derived}."
            yield from context.found(FindingLevel.ERROR, "derived", row_id, problem, "Write 1 if worked back, else 0.")


def check_scores(context: StudyContext) -> Iterator[StudyFinding]:
    """Means lie on the scale, changes are not longer than it, and a fall is written as a negative number."""
    for row_id, row in context.tables.outcomes.items():
        measure = context.tables.measures.get(row.measure)
        limits = range_of(measure) if measure else None
        if row.kind == "mean" and limits and not limits[0] <= row.value <= limits[1]:
            problem = f"a mean of {row.value:g} is not on {row.measure}, {limits[0]:g} to {limits[1]:g}."
            yield from context.found(
                FindingLevel.ERROR, "off_the_scale", row_id, problem, "Correct the mean or the scale."
            )
        if row.kind in CHANGES:
            if limits and abs(row.value) > limits[1] - limits[0]:
                problem = f"a change of {row.value:g} is longer than {row.measure}, {limits[1] - limits[0]:g} points."
                mend = "Correct the change; a percentage is kind pct_change."
                yield from context.found(FindingLevel.ERROR, "off_the_scale", row_id, problem, mend)
            elif row.value > 0 and measure and measure.depression:
                yield from _upward(context, row_id, row)
        if row.kind == "pct_change":
            if row.value < -100:
                problem = f"nobody can lose {-row.value:g} percent of a score."
                yield from context.found(FindingLevel.ERROR, "unit", row_id, problem, "Give percent, down to -100.")
            elif 0 < abs(row.value) < 1:
                problem = f"{row.value:g} percent looks like a proportion."
                yield from context.found(FindingLevel.WARNING, "unit", row_id, problem, f"Write {100 * row.value:g}.")
            elif row.value > 0:
                yield from _upward(context, row_id, row)


def _upward(context: StudyContext, row_id: str, row: StudyOutcome) -> Iterator[StudyFinding]:
    problem = f"a {row.kind} of +{row.value:g} says that people got worse."
    yield from context.found(
        FindingLevel.WARNING,
        "sign",
        row_id,
        problem,
        "Write improvement with a minus; keep the plus if they did get worse.",
    )


def check_spreads(context: StudyContext) -> Iterator[StudyFinding]:
    """SD and SE are positive, fit each other and the scale, and an SE does not stand in the SD's column."""
    usual = _usual_spreads(context)
    for row_id, row in context.tables.outcomes.items():
        for name in ("sd", "se"):
            spread = getattr(row, name)
            if spread is not None and not 0 < spread < math.inf:
                problem = f"{name} is {spread:g}."
                yield from context.found(FindingLevel.ERROR, "spread", row_id, problem, "Leave it empty if not seen.")
        if row.sd and row.se and row.n and abs(row.sd / math.sqrt(row.n) / row.se - 1) > 0.02:
            problem = f"SD {row.sd:g} of {row.n} people gives SE {row.sd / math.sqrt(row.n):.3f}, not {row.se:g}."
            yield from context.found(FindingLevel.ERROR, "sd_against_se", row_id, problem, "Correct SD, SE or n.")
        measure = context.tables.measures.get(row.measure)
        limits = range_of(measure) if measure else None
        if not row.sd or not limits:
            continue
        # Nothing on a scale can spread further than half its people at either end; changes twice as far.
        widest = (limits[1] - limits[0]) / (2 if row.kind == "mean" else 1)
        widest *= math.sqrt(row.n / (row.n - 1)) if row.n and row.n > 1 else 1
        if row.kind in ("mean", *CHANGES) and row.sd > widest:
            problem = f"an SD of {row.sd:g} is wider than {row.measure} allows, {widest:.1f}."
            yield from context.found(FindingLevel.ERROR, "spread", row_id, problem, "Correct the SD or the scale.")
        middle = usual.get((row.measure, row.kind))
        if middle and row.sd < SMALL_SPREAD * middle:
            problem = f"an SD of {row.sd:g} where {middle:.1f} is usual for a {row.kind} on {row.measure}: is it an SE?"
            yield from context.found(
                FindingLevel.WARNING, "se_as_sd", row_id, problem, "Put a standard error in the column se."
            )


def _usual_spreads(context: StudyContext) -> dict[tuple[str, str], float]:
    """The middle SD of each scale and kind, where three or more arms have one."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in context.tables.outcomes.values():
        if row.sd:
            found.setdefault((row.measure, row.kind), []).append(row.sd)
    return {key: median(spreads) for key, spreads in found.items() if len(spreads) >= 3}
