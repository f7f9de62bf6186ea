"""Nobody is counted who was not there, and a percentage is what its count gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inconcert.judgement import Reading
from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding
from inconcert.knowledge.study_rows import StudyOutcome

COUNTED = ("response", "remission", "relapse", "dropout", "suicidality", "adverse_event", "retreatment")
# Rates that follow-up models print (relapse by a survival curve) are no counts of people.
MODELLED = ("relapse", "relapse_remitters")
_PRINTED = re.compile(r"^(\d+(?:\.(\d+))?) pct\b")
_ROUNDING = 1e-9


def is_proportion(row: StudyOutcome) -> bool:
    """True where the value is a share of people, 0 to 1."""
    return row.kind.startswith(COUNTED)


def whole_numbers(value: float, n: int, digits: int) -> list[int]:
    """The whole numbers of `n` people whose share, rounded to `digits` decimals, is `value`. A half may be rounded either way."""
    slack = 0.5 * 10**-digits + _ROUNDING
    near = round(value * n)
    return [k for k in range(max(0, near - 2), min(n, near + 2) + 1) if abs(k / n - value) <= slack]


def decimals(value: float) -> int:
    """How many decimals a proportion was kept with, at least two (whole percents)."""
    return max(2, len(f"{value:.10f}".rstrip("0").partition(".")[2]))


def check_counts(context: StudyContext) -> Iterator[StudyFinding]:
    """People counted were randomized, events are at most the people, and divide to the rate of the row."""
    error = FindingLevel.ERROR
    for row_id, row in context.tables.outcomes.items():
        arm = context.tables.arms.get((row.study_id, row.arm_id))
        most = arm.n_randomised if arm else None
        if row.n is not None and most is not None and row.n > most:
            problem = f"{row.n} were counted but {most} were randomised."
            yield from context.found(error, "n_over_randomised", row_id, problem, "Correct n, or the arm's size.")
        if row.n is not None and row.n < 1:
            yield from context.found(error, "nobody", row_id, f"n is {row.n}.", "Leave n empty if it was not seen.")
        elif row.events is not None:
            if row.n is None or not 0 <= row.events <= row.n:
                problem = f"{row.events} of {row.n} people cannot be."
                yield from context.found(error, "events_over_n", row_id, problem, "Correct events or n.")
            elif abs(row.events / row.n - row.value) > 0.005:
                problem = f"{row.events} of {row.n} is {row.events / row.n:.4f}, not {row.value}."
                mend = "Correct the count or the rate; leave the count empty if only the rate was seen."
                yield from context.found(error, "count_against_rate", row_id, problem, mend)


def check_sizes(context: StudyContext) -> Iterator[StudyFinding]:
    """Analyzed are at most randomized, arms add up to the study, and a blank is no zero."""
    tables, error = context.tables, FindingLevel.ERROR
    for (study_id, arm_id), arm in tables.arms.items():
        row = f"{study_id}/{arm_id}"
        total = tables.studies[study_id].n_total if study_id in tables.studies else None
        if arm.n_analysed is not None and arm.n_randomised is not None and arm.n_analysed > arm.n_randomised:
            problem = f"{arm.n_analysed} were analysed but {arm.n_randomised} were randomised."
            yield from context.found(error, "n_over_randomised", row, problem, "Correct one of the two.")
        if total is not None and not arm.not_compared and (arm.n_randomised or 0) > total:
            problem = f"{arm.n_randomised} in the arm, {total} in the study."
            yield from context.found(error, "arm_over_study", row, problem, "Correct one of the two.")
        for name in ("n_randomised", "n_analysed"):
            size = getattr(arm, name)
            if size is not None and size < 1:
                yield from context.found(
                    error, "nobody", row, f"{name} is {size}.", "Leave it empty if it was not seen."
                )
    for study_id, study in tables.studies.items():
        arms = [arm for arm in tables.arms_of(study_id) if not arm.not_compared]
        sizes = [arm.n_randomised for arm in arms]
        known = [size for size in sizes if size is not None]
        # The periods of a crossover, and the stages of one person, are the same people.
        if study.design in ("crossover", "case_report") or study.n_total is None or not known or len(arms) < 2:
            continue
        if (len(known) == len(sizes) and sum(known) != study.n_total) or sum(known) > study.n_total:
            problem = f"its arms make {sum(known)} people, n_total is {study.n_total}."
            yield from context.found(error, "sum_of_arms", study_id, problem, "Correct the arm or the total.")


def check_percentages(context: StudyContext) -> Iterator[StudyFinding]:
    """A share lies between 0 and 1, some whole number of people gives it, and it is the percentage that was printed."""
    for row_id, row in context.tables.outcomes.items():
        if not is_proportion(row):
            continue
        if not 0 <= row.value <= 1:
            percent = 1 < row.value <= 100
            problem = f"{row.value:g} is no proportion" + (" but looks like a percentage." if percent else ".")
            mend = f"Write {row.value / 100:g}." if percent else "Write a share from 0 to 1."
            yield from context.found(FindingLevel.ERROR, "unit", row_id, problem, mend)
            continue
        yield from _whole(context, row_id, row)
        printed = _PRINTED.match(row.notes)
        if printed and row.events is not None and row.n:
            digits = len(printed[2] or "")
            if abs(100 * row.events / row.n - float(printed[1])) > 0.5 * 10**-digits + _ROUNDING:
                shown = 100 * row.events / row.n
                problem = f"{row.events} of {row.n} is {shown:.2f} percent, {printed[1]} was printed."
                yield from context.found(
                    FindingLevel.WARNING,
                    "count_against_print",
                    row_id,
                    problem,
                    "Check the count and the number of people.",
                )


def _whole(context: StudyContext, row_id: str, row: StudyOutcome) -> Iterator[StudyFinding]:
    if row.events is not None or row.kind in MODELLED:
        return
    arm = context.tables.arms.get((row.study_id, row.arm_id))
    sizes = {row.n: "n"} if row.n else {arm.n_analysed: "n_analysed", arm.n_randomised: "n_randomised"} if arm else {}
    known = {size: name for size, name in sizes.items() if size}
    if known and not any(whole_numbers(row.value, size, decimals(row.value)) for size in known):
        named = " and ".join(f"{name} {size}" for size, name in known.items())
        problem = f"no whole number of people gives {100 * row.value:.4g} percent of {named}."
        mend = "Find the number of people behind it; leave n empty until then."
        yield from context.found(FindingLevel.WARNING, "no_whole_number", row_id, problem, mend)


def check_marks(context: StudyContext) -> Iterator[StudyFinding]:
    """What is from memory says so: no row of memory is marked read, and a number of people is as sure as its arm's."""
    rows = [(row_id, row.source_location, row.status) for row_id, row in context.tables.outcomes.items()]
    rows += [(row.row_id, row.source_location, row.status) for row in context.tables.contrasts]
    for row_id, source, status in rows:
        if source.strip().lower() in ("memory", "recalled") and status is not Reading.RECALLED:
            problem = f"it is {status} and its source is {source!r}."
            yield from context.found(
                FindingLevel.ERROR, "marks", row_id, problem, "Mark it recalled, or name the source."
            )
    for row_id, row in context.tables.outcomes.items():
        arm = context.tables.arms.get((row.study_id, row.arm_id))
        if arm is None or row.n is None or row.n_status is not Reading.READ or arm.status is not Reading.RECALLED:
            continue
        if row.n in (arm.n_analysed, arm.n_randomised):
            problem = f"n {row.n} is marked read, but its arm, which has the same number, is recalled."
            yield from context.found(FindingLevel.WARNING, "marks", row_id, problem, "Correct one of the two marks.")
