"""The effect and standard error of each row of a contrasts file, from whichever columns it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from inconcert.evidence.synthesis.data.attributes import listed
from inconcert.evidence.synthesis.data.cells import numbers
from inconcert.evidence.synthesis.data.columns import TYPED, Columns
from inconcert.evidence.synthesis.data.sheet import Sheet
from inconcert.evidence.synthesis.data.types import NetworkError, Scale

Z_95 = 1.959963984540054
OFF_CENTER = 0.1  # of the interval's width: more cannot be rounding, and is said
NO_MEASURE = (
    "No measure was told, so effects are read as plain differences (MD) as they stand. Mend: name the measure; ratios (OR, RR)"
    " are wanted as natural logarithms in TE, or as ratios in a column named OR or RR with lower and upper."
)
APART = 0.05  # what the second best reading must at least be off: less may be rounding
ALL_POSITIVE = 5  # rows above 0 on a ratio's scale that make one ask whether they were logged


@dataclass(slots=True, kw_only=True)
class Effects:
    """One entry per row. Ratios are logarithms here. `wrong` and `doubtful` say by row what is so."""

    scale: Scale
    effect: list[float]
    se: list[float]
    rounding: Callable[[int], float]
    wrong: dict[int, str] = field(default_factory=dict)
    doubtful: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_effects(sheet: Sheet, columns: Columns, scale: Scale | None) -> Effects:
    """Effects and standard errors (from a variance or a 95 % interval where no standard error is given).

    Raises NetworkError where the measure asked for is not that of the column, or nobody can tell a ratio from its logarithm.
    """
    errors = bool({"se", "variance"} & set(columns.place))
    offered = [role for role in (*TYPED, "effect") if role in columns.place]
    role = "effect" if errors and "effect" in offered else offered[0]
    place = columns.place[role]
    name = sheet.header[place]
    known, logged = TYPED.get(role, (scale, False))
    if known is not None and scale is not None and known is not scale:
        raise NetworkError(
            f"{sheet.name}: the column {name} is {known}, and {scale} was asked for. Mend: ask for {known}."
        )
    notes = [] if known else [NO_MEASURE]
    if unread := [sheet.header[columns.place[other]] for other in offered if other != role]:
        notes.append(f"{name!r} was read as the effect, and {listed(unread)} not.")
    if errors and not logged and {"lower", "upper"} <= set(columns.place):
        notes.append("Standard errors were read, and lower and upper not.")
    values, wrong = numbers([row[place] for row in sheet.rows])
    found = Effects(
        scale=known or Scale.MD,
        effect=values,
        se=[],
        rounding=lambda row: half_digit(sheet.rows[row][place]),
        wrong={row: f"{name} {why}" for row, why in wrong.items()},
        notes=notes,
    )
    if "se" in columns.place and not logged:
        _given_errors(sheet, columns.place["se"], 1, found)
        _ask_about_logs(role, name, found)
    elif "variance" in columns.place and not logged:
        _given_errors(sheet, columns.place["variance"], 2, found)
        _ask_about_logs(role, name, found)
    elif {"lower", "upper"} <= set(columns.place):
        _from_intervals(sheet, columns, role, place, found)
    else:
        raise NetworkError(
            f"{sheet.name}: {name} is a ratio, and without lower and upper its standard error cannot be told from that of its"
            f" logarithm. Mend: give lower and upper, or the logarithm in a column named log{name} with its seTE."
        )
    return found


def _given_errors(sheet: Sheet, place: int, root: int, found: Effects) -> None:
    """Standard errors, or variances with `root` 2."""
    values, wrong = numbers([row[place] for row in sheet.rows])
    name = sheet.header[place]
    for row, value in enumerate(values):
        if row in wrong:
            found.wrong.setdefault(row, f"{name} {wrong[row]}")
        elif not value > 0:
            found.wrong.setdefault(row, f"{name} is {value:g}. Mend: give a value above 0, or delete the study's rows")
    found.se = values if root == 1 else [math.sqrt(value) if value > 0 else math.nan for value in values]


def _ask_about_logs(role: str, name: str, found: Effects) -> None:
    """A note where ratios may have been given for logarithms: then none is below 0."""
    if found.scale.is_ratio and role == "effect" and len(found.effect) >= ALL_POSITIVE and min(found.effect) > 0:
        found.notes.append(
            f"Every value of {name} is above 0. It was read as the natural logarithm of {found.scale}; check that it is not the ratio"
            " itself."
        )


def _from_intervals(sheet: Sheet, columns: Columns, role: str, place: int, found: Effects) -> None:
    """Standard errors from 95 % intervals: (upper - lower) / (2 x 1.96), on the logarithm for ratios."""
    bounds = []
    for side in ("lower", "upper"):
        values, wrong = numbers([row[columns.place[side]] for row in sheet.rows])
        for row, why in wrong.items():
            found.wrong.setdefault(row, f"{sheet.header[columns.place[side]]} {why}")
        bounds.append(values)
    rows = [row for row in range(len(sheet.rows)) if row not in found.wrong]
    log_effect, log_bounds = _which_logs(sheet, role, rows, found, bounds)
    lower, upper = bounds
    found.se = [math.nan] * len(sheet.rows)
    for row in rows:
        three = [found.effect[row], lower[row], upper[row]]
        for part, log in enumerate((log_effect, log_bounds, log_bounds)):
            if log and not three[part] > 0:
                found.wrong[row] = f"a ratio of {three[part]:g} cannot be. Mend: give ratios above 0"
            elif log:
                three[part] = math.log(three[part])
        if row in found.wrong:
            continue
        estimate, low, high = three
        if not low < high:
            found.wrong[row] = f"lower {lower[row]:g} is not below upper {upper[row]:g}. Mend: check both"
        elif not low <= estimate <= high:
            found.wrong[row] = (
                f"{found.effect[row]:g} is outside its interval {lower[row]:g} to {upper[row]:g}. Mend: check the three"
            )
        else:
            if abs(estimate - (low + high) / 2) > OFF_CENTER * (high - low):
                found.doubtful[row] = (
                    f"the estimate is not in the middle of its interval {lower[row]:g} to {upper[row]:g}"
                    f"{' on the logarithm' if log_bounds else ''}; its standard error is taken from the width"
                )
            found.se[row] = (high - low) / (2 * Z_95)
    if log_effect:
        ratios = found.effect
        found.effect = [math.log(value) if value > 0 else math.nan for value in ratios]
        found.rounding = lambda row: half_digit(sheet.rows[row][place]) / ratios[row]
    found.notes.append("Standard errors are worked from lower and upper as 95% intervals.")


def _which_logs(
    sheet: Sheet, role: str, rows: Sequence[int], found: Effects, bounds: Sequence[Sequence[float]]
) -> tuple[bool, bool]:
    """Whether the effects, and whether the bounds, are ratios still to be logged: as the names say, else as the numbers fit."""
    if not found.scale.is_ratio:
        return False, False
    if role in TYPED and TYPED[role][1]:
        return True, True
    wishes = [(False, False), (False, True)] if role in TYPED else [(False, False), (True, True), (False, True)]
    misfits = sorted((_misfit(found.effect, bounds, rows, wish), place) for place, wish in enumerate(wishes))
    best, second = misfits[0], misfits[1]
    if best[0] > OFF_CENTER or second[0] < max(3 * best[0], APART):
        raise NetworkError(
            f"{sheet.name}: nobody can tell whether the effects and intervals are ratios or their logarithms. Mend: name the"
            f" column {found.scale} for ratios, or log{found.scale} with seTE for logarithms."
        )
    effect, limits = wishes[best[1]]
    found.notes.append(
        f"By how estimates stand in their intervals, effects are {'ratios' if effect else 'logarithms'} and bounds are"
        f" {'ratios' if limits else 'logarithms'}."
    )
    return effect, limits


def _misfit(
    effects: Sequence[float], bounds: Sequence[Sequence[float]], rows: Sequence[int], wish: tuple[bool, bool]
) -> float:
    """How far estimates lie from the middle of their intervals, as a share of the width (median over rows)."""
    shares = []
    for row in rows:
        three = [effects[row], bounds[0][row], bounds[1][row]]
        for part, log in enumerate((wish[0], wish[1], wish[1])):
            if log:
                if three[part] <= 0:
                    return math.inf
                three[part] = math.log(three[part])
        width = three[2] - three[1]
        if width > 0:
            shares.append(abs(three[0] - (three[1] + three[2]) / 2) / width)
    return median(shares) if shares else math.inf


def half_digit(cell: str) -> float:
    """Half a unit of the last digit as written: 0.005 for `-0.31`."""
    digits, _, power = cell.strip().lower().partition("e")
    decimals = len(digits.partition(".")[2])
    return 0.5 * 10.0 ** (int(power or 0) - decimals)
