"""Rows that are comparisons become studies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from inconcert.evidence.synthesis.data.arm_checks import wrong_weight
from inconcert.evidence.synthesis.data.arms import StudyLeftOut
from inconcert.evidence.synthesis.data.attributes import NO_COVARIATES, Attributes, Groups
from inconcert.evidence.synthesis.data.cells import numbers
from inconcert.evidence.synthesis.data.columns import Columns
from inconcert.evidence.synthesis.data.file_arms import check_copies
from inconcert.evidence.synthesis.data.file_effects import Effects
from inconcert.evidence.synthesis.data.pairs import LeftOut, Pair, join_pairs
from inconcert.evidence.synthesis.data.sheet import Sheet
from inconcert.evidence.synthesis.data.types import Excluded, StudyContrasts


def studies_of_contrasts(
    sheet: Sheet, columns: Columns, groups: Groups, told: Attributes, effects: Effects
) -> tuple[list[StudyContrasts], list[Excluded]]:
    """Each study's contrasts, or why it was left out."""
    first = [row[columns.place["treat1"]].strip() for row in sheet.rows]
    second = [row[columns.place["treat2"]].strip() for row in sheet.rows]
    ids = [f"line {line}" for line in sheet.lines]
    wrong = dict(effects.wrong)
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        if not one or not other:
            wrong[row] = "a treatment is missing. Mend: name both treatments of the comparison"
        elif one == other:
            wrong[row] = f"{one} is compared with itself. Mend: name two treatments"
    studies: list[StudyContrasts] = []
    excluded: list[Excluded] = []
    for study, rows in groups.items():
        row_ids = tuple([ids[row] for row in rows])
        try:
            if why := told.wrong.get(study) or wrong_weight(told.weight.get(study, 1.0)):
                raise StudyLeftOut(study, why, row_ids)
            if wrong and (bad := next((row for row in rows if row in wrong), None)) is not None:
                raise StudyLeftOut(study, f"{ids[bad]}: {wrong[bad]}", row_ids)
            several = len(rows) > 1
            pairs = [
                Pair(
                    first=first[row],
                    second=second[row],
                    effect=effects.effect[row],
                    se=effects.se[row],
                    row_id=ids[row],
                    rounding=effects.rounding(row) if several else 0.0,
                )
                for row in rows
            ]
            left_out = partial(StudyLeftOut, study, row_ids=row_ids)
            if several:
                check_copies(study, sheet, rows, row_ids)
                _check_pairs(pairs, left_out)
                _check_sizes(sheet, columns, rows, pairs, left_out)
            base = _base_variance(sheet, columns, rows, left_out) if several else None
            joined = join_pairs(pairs, left_out, base_variance=base)
        except StudyLeftOut as left:
            excluded.append(left.excluded)
            continue
        studies.append(
            StudyContrasts(
                study=study,
                treatments=joined.treatments,
                effects=joined.effects,
                covariance=joined.covariance,
                row_ids=row_ids,
                randomized=told.randomized.get(study, True),
                weight=told.weight.get(study, 1.0),
                covariates=dict(told.covariates.get(study, NO_COVARIATES)),
                notes=(
                    *(f"{ids[row]}: {effects.doubtful[row]}" for row in rows if row in effects.doubtful),
                    *joined.notes,
                ),
            )
        )
    return studies, excluded


def _check_pairs(pairs: Sequence[Pair], left_out: LeftOut) -> None:
    """Raise where two rows compare the same two treatments."""
    seen: dict[frozenset[str], Pair] = {}
    for pair in pairs:
        before = seen.setdefault(frozenset((pair.first, pair.second)), pair)
        if before is not pair:
            raise left_out(
                f"{before.row_id} and {pair.row_id} both compare {pair.first} with {pair.second}. Mend: keep one; if they are two"
                " studies, give each its own name"
            )


def _check_sizes(sheet: Sheet, columns: Columns, rows: Sequence[int], pairs: Sequence[Pair], left_out: LeftOut) -> None:
    """Raise where n1 and n2 give one arm of the study two sizes."""
    if not {"n1", "n2"} <= set(columns.place):
        return
    sizes: dict[str, tuple[float, str]] = {}
    for row, pair in zip(rows, pairs, strict=True):
        cells = [sheet.rows[row][columns.place[role]] for role in ("n1", "n2")]
        values, _ = numbers(cells)
        for name, size in zip((pair.first, pair.second), values, strict=True):
            before, row_id = sizes.setdefault(name, (size, pair.row_id))
            if before != size and before == before and size == size:  # noqa: PLR0124 - a blank is NaN, and no disagreement
                raise left_out(
                    f"the arm {name} has n {before:g} in {row_id} and {size:g} in {pair.row_id}. Mend: check which, and whether"
                    " the rows are of one study and one time"
                )


def _base_variance(sheet: Sheet, columns: Columns, rows: Sequence[int], left_out: LeftOut) -> float | None:
    """The variance of the shared arm, where a column gives it."""
    for role, power in (("base_se", 2), ("base_variance", 1)):
        if role not in columns.place:
            continue
        values, wrong = numbers([sheet.rows[row][columns.place[role]] for row in rows])
        given = {value for place, value in enumerate(values) if place not in wrong}
        if len(given) > 1 or any(value <= 0 for value in given):
            name = sheet.header[columns.place[role]]
            raise left_out(f"{name} is {sorted(given)}. Mend: give one number above 0 for the study")
        if given:
            return float(given.pop() ** power)
    return None
