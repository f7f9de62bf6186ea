"""One row of our outcomes becomes a figure of its arm that can be compared, or the reason why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.evidence.synthesis.data.own_choice import Settled
from inconcert.evidence.synthesis.recover import sd_from_se
from inconcert.judgement import Reading
from inconcert.knowledge.studies import StudyArm, StudyContrast, StudyOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigure:
    """What one arm brings: `events` of `n`, or `mean` and `sd` of `n` (sd None only while it is unknown).

    `marks` are notes; `also` rows it rests on.
    """

    row: StudyOutcome
    also: tuple[StudyOutcome, ...] = ()
    n: int
    events: int | None = None
    mean: float | None = None
    sd: float | None = None
    marks: tuple[str, ...] = ()


def why_not_asked(settled: Settled, row: StudyOutcome | StudyContrast) -> str:
    """Why a row does not belong to the question asked, or an empty text."""
    tables, choice = settled.tables, settled.choice
    wanted = settled.kinds if isinstance(row, StudyOutcome) else (choice.outcome,)
    if row.kind not in wanted:
        return f"another outcome: {row.kind}"
    study = tables.studies[row.study_id]
    if row.study_id in choice.leave_out:
        return "left out by choice"
    if study.design in settled.defaults.never:
        return f"a {study.design.replace('_', ' ')} compares no groups"
    if choice.design == "rct" and study.design not in settled.defaults.randomized:
        return f"not randomized ({study.design.replace('_', ' ')})"
    arm_ids = (row.arm_id,) if isinstance(row, StudyOutcome) else (row.arm_1, row.arm_2)
    for arm_id in arm_ids:
        arm = tables.arms.get((row.study_id, arm_id))
        if arm is None:
            return "it compares no two arms of the study"
        if arm.not_compared:
            return f"arm {arm_id} is no part of the comparison: {arm.not_compared}"
    if not tables.measures[row.measure].depression:
        return f"{row.measure} measures no depression"
    if choice.measure is not None and row.measure != choice.measure:
        return f"on {row.measure}, and {choice.measure} was asked for"
    if why := _why_not_then(settled, row):
        return why
    return why_not_trusted(settled, row)


def _why_not_then(settled: Settled, row: StudyOutcome | StudyContrast) -> str:
    if isinstance(row, StudyOutcome) and row.time_origin not in settled.defaults.time_origins:
        return f"counted from {row.time_origin.replace('_', ' ')}, not from the start of treatment"
    if row.timepoint_days is None:
        return "the day was not seen"
    if settled.window is not None and not settled.window[0] <= row.timepoint_days <= settled.window[1]:
        return f"day {row.timepoint_days:g} is outside day {settled.window[0]:g} to {settled.window[1]:g}"
    return ""


def why_not_trusted(settled: Settled, row: StudyOutcome | StudyContrast) -> str:
    """Why a row may not be used although it was asked for: memory, derivation, doubt; or an empty text."""
    weak = row.weakest if isinstance(row, StudyOutcome) else row.status
    if weak is Reading.RECALLED and not settled.choice.use_recalled:
        return "from memory, which was to be left out"
    if isinstance(row, StudyOutcome) and row.derived and not settled.choice.use_derived:
        return "worked back from other figures, which was to be left out"
    for doubt in settled.tables.doubts_of(row.row_id):
        if doubt.use == "leave_out":
            return f"in doubt: {doubt.doubt}"
    return ""


def marks_of(settled: Settled, row: StudyOutcome | StudyContrast) -> list[str]:
    """What a reader must be told of a row that is used: memory, derivation, doubt."""
    found = []
    weak = row.weakest if isinstance(row, StudyOutcome) else row.status
    if weak is Reading.RECALLED:
        found.append(f"{row.row_id}: from memory")
    if isinstance(row, StudyOutcome) and row.derived:
        found.append(f"{row.row_id}: worked back from other figures")
    found += [f"{row.row_id}: in doubt: {doubt.doubt}" for doubt in settled.tables.doubts_of(row.row_id)]
    return found


def figure_of(settled: Settled, row: StudyOutcome, arm: StudyArm) -> ArmFigure | str:
    """The figure of a row that belongs to the question, or why it cannot be compared."""
    marks = marks_of(settled, row)
    if settled.choice.is_count:
        return _count(settled, row, arm, marks)
    if row.n is None:
        return "the number of people behind the mean was not seen"
    sd = row.sd
    if sd is None and row.se is not None:
        if not settled.choice.use_derived:
            return "its standard deviation would be worked back from the standard error, which was to be left out"
        sd = sd_from_se(row.se, row.n)
        marks.append(f"{row.row_id}: standard deviation from the standard error")
    if sd is None:
        return "a mean without a spread (no SD, no SE)"
    return ArmFigure(row=row, n=row.n, mean=row.value, sd=sd, marks=tuple(marks))


def _count(settled: Settled, row: StudyOutcome, arm: StudyArm, marks: list[str]) -> ArmFigure | str:
    if row.events is not None and row.n is not None:
        return ArmFigure(row=row, n=row.n, events=row.events, marks=tuple(marks))
    bare = f"a rate of {100 * row.value:.3g}% without a count"
    if settled.approximate == "never" or not settled.choice.use_derived:
        return bare
    if settled.approximate == "read_n":
        if row.n is None:
            return f"{bare}: the number of people was not seen"
        if row.n_status is not Reading.READ or row.status is not Reading.READ:
            return f"{bare}: the number of people or the rate is from memory"
        if not a_count_gives(row.value, row.n):
            return f"{bare}: no whole number of {row.n} people gives it"
        n = row.n
    else:
        people = row.n if row.n is not None else arm.n_analysed if arm.n_analysed is not None else arm.n_randomised
        if not people:
            return f"{bare}: neither the row nor its arm says how many people"
        n = people
    events = round(row.value * n)
    marks.append(f"{row.row_id}: {events} of {n} worked back from {100 * row.value:.3g}%")
    return ArmFigure(row=row, n=n, events=events, marks=tuple(marks))


def a_count_gives(value: float, n: int) -> bool:
    """True where some whole number of `n` people gives the proportion as it was printed (at least whole percents)."""
    text = f"{value:.10f}".rstrip("0")
    digits = max(2, len(text.partition(".")[2]))
    slack = 0.5 * 10**-digits + 1e-9
    return any(abs(events / n - value) <= slack for events in {int(value * n), int(value * n) + 1})
