"""Rows that are arms become studies."""

from __future__ import annotations

import math
from collections.abc import Sequence

from inconcert.evidence.synthesis.data.arms import StudyLeftOut, contrasts_of_arms
from inconcert.evidence.synthesis.data.attributes import NO_COVARIATES, Attributes, Groups
from inconcert.evidence.synthesis.data.cells import numbers
from inconcert.evidence.synthesis.data.columns import Columns, Layout
from inconcert.evidence.synthesis.data.sheet import Sheet
from inconcert.evidence.synthesis.data.types import Excluded, Scale, StudyContrasts

SD_OVER_SE = 0.05


class ArmColumns:
    """The numbers of an arms file, one entry per row; `wrong` says by row what cannot be read."""

    def __init__(self, sheet: Sheet, columns: Columns) -> None:
        self.treatment = [row[columns.place["treatment"]].strip() for row in sheet.rows]
        self.wrong: dict[int, str] = {
            row: "the treatment is missing. Mend: name what the arm was given"
            for row, name in enumerate(self.treatment)
            if not name
        }
        self.doubtful: dict[int, str] = {}
        self.n = self._column(sheet, columns, "n")
        self.events: list[float] = []
        self.mean: list[float] = []
        self.sd: list[float] = []
        if columns.layout is Layout.COUNTS:
            self.events = self._column(sheet, columns, "events")
        else:
            self.mean = self._column(sheet, columns, "mean")
            self._spreads(sheet, columns)

    def _column(self, sheet: Sheet, columns: Columns, role: str) -> list[float]:
        place = columns.place[role]
        values, wrong = numbers([row[place] for row in sheet.rows])
        for row, why in wrong.items():
            self.wrong.setdefault(row, f"{sheet.header[place]} {why}")
        return values

    def _spreads(self, sheet: Sheet, columns: Columns) -> None:
        """Standard deviations, from the standard error of the mean (sd = se sqrt(n)) where only that is given."""
        kinds = {
            role: numbers([row[columns.place[role]] for row in sheet.rows])
            for role in ("sd", "se")
            if role in columns.place
        }
        missing = dict.fromkeys(range(len(sheet.rows)), "is missing")
        spreads, no_spread = kinds.get("sd", ([math.nan] * len(sheet.rows), missing))
        errors, no_error = kinds.get("se", (spreads, missing))
        name = sheet.header[columns.place["sd" if "sd" in kinds else "se"]]
        for row, size in enumerate(self.n):
            if row in no_error:
                if row in no_spread:
                    self.wrong.setdefault(row, f"{name} {(no_spread if 'sd' in kinds else no_error)[row]}")
                continue
            worked = errors[row] * math.sqrt(size) if size > 0 else math.nan
            if row in no_spread:
                spreads[row] = worked
            elif not abs(spreads[row] - worked) <= SD_OVER_SE * abs(worked):
                self.doubtful[row] = (
                    f"sd is {spreads[row]:g} but se times the square root of n is {worked:.4g}; sd was used. Check which is which"
                )
        self.sd = spreads


def studies_of_arms(
    sheet: Sheet, data: ArmColumns, groups: Groups, told: Attributes, scale: Scale
) -> tuple[list[StudyContrasts], list[Excluded]]:
    """Each study's contrasts, or why it was left out."""
    counts = scale not in (Scale.MD, Scale.SMD)
    ids = [f"line {line}" for line in sheet.lines]
    studies: list[StudyContrasts] = []
    excluded: list[Excluded] = []
    for study, rows in groups.items():
        row_ids = tuple([ids[row] for row in rows])
        try:
            if study in told.wrong:
                raise StudyLeftOut(study, told.wrong[study], row_ids)
            if data.wrong and (bad := next((row for row in rows if row in data.wrong), None)) is not None:
                raise StudyLeftOut(study, f"{ids[bad]}: {data.wrong[bad]}", row_ids)
            treatments = [data.treatment[row] for row in rows]
            if len(set(treatments)) < len(rows):
                check_copies(study, sheet, rows, row_ids)
            studies.append(
                contrasts_of_arms(
                    study,
                    treatments,
                    scale,
                    n=[data.n[row] for row in rows],
                    events=[data.events[row] for row in rows] if counts else None,
                    means=None if counts else [data.mean[row] for row in rows],
                    sds=None if counts else [data.sd[row] for row in rows],
                    row_ids=row_ids,
                    randomized=told.randomized.get(study, True),
                    weight=told.weight.get(study, 1.0),
                    covariates=told.covariates.get(study, NO_COVARIATES),
                    notes=[f"{ids[row]}: {data.doubtful[row]}" for row in rows if row in data.doubtful]
                    if data.doubtful
                    else (),
                )
            )
        except StudyLeftOut as left:
            excluded.append(left.excluded)
    return studies, excluded


def check_copies(study: str, sheet: Sheet, rows: Sequence[int], row_ids: tuple[str, ...]) -> None:
    """Raise where two rows are the same in every cell: copied, or two arms that only the reader can tell apart."""
    seen: dict[tuple[str, ...], str] = {}
    for row, row_id in zip(rows, row_ids, strict=True):
        cells = tuple(cell.strip() for cell in sheet.rows[row])
        if cells in seen:
            raise StudyLeftOut(
                study,
                f"{seen[cells]} and {row_id} are the same. Mend: delete the copy; if two arms really had the same numbers,"
                " give one row with their sum",
                row_ids,
            )
        seen[cells] = row_id
