"""Changes worked back from mean scores before and after, for studies that print no change.

The change is the difference of the two means; its standard deviation needs the correlation of the two measurements, which is
hardly ever printed, so a stated one is used and named.
"""

from __future__ import annotations

import msgspec

from inconcert.evidence.synthesis.data.own_choice import Settled
from inconcert.evidence.synthesis.data.own_figures import ArmFigure, marks_of, why_not_asked, why_not_trusted
from inconcert.evidence.synthesis.recover import sd_from_se, sd_of_change
from inconcert.knowledge.studies import StudyOutcome

Place = tuple[str, str, float]  # kind, scale, day


def changes_from_means(
    settled: Settled, rows: list[StudyOutcome]
) -> tuple[dict[Place, dict[str, ArmFigure]], dict[str, str]]:
    """Figures by scale and day, and why each mean that gives none does not."""
    means = [row for row in rows if row.kind == "mean"]
    before = {
        (row.arm_id, row.measure): row for row in means if row.timepoint_days == 0 and row.time_origin == "baseline"
    }
    groups: dict[Place, dict[str, ArmFigure]] = {}
    why: dict[str, str] = {}
    for row in means:
        if row.timepoint_days == 0:
            why[row.row_id] = "a mean before treatment, and no mean after it that a change could be worked back from"
            continue
        reason = why_not_asked(settled, msgspec.structs.replace(row, kind="change"))
        start = before.get((row.arm_id, row.measure))
        if not reason and not settled.choice.use_derived:
            reason = "its change would be worked back from means, which was to be left out"
        if not reason:
            reason = "no mean before treatment was seen" if start is None else why_not_trusted(settled, start)
        if reason or start is None:
            why[row.row_id] = reason
            continue
        figure = _change(settled, start, row)
        if isinstance(figure, str):
            why[row.row_id] = figure
        else:
            groups.setdefault(("mean", row.measure, row.timepoint_days or 0.0), {})[row.arm_id] = figure
    return groups, why


def _change(settled: Settled, start: StudyOutcome, end: StudyOutcome) -> ArmFigure | str:
    spreads = [row.sd or (sd_from_se(row.se, row.n) if row.se and row.n else None) for row in (start, end)]
    first, last = spreads
    if first is None or last is None:
        return "a mean without a spread before and after, so no change with a spread can be worked back"
    sizes = [row.n for row in (start, end) if row.n is not None]
    if len(sizes) < 2:
        return "the number of people behind the means was not seen"
    rho = settled.defaults.score_correlation
    spread = sd_of_change(first, last, rho)
    if spread <= 0:
        return "its spreads leave nothing for a change at the stated correlation"
    said = f"{end.row_id}: change worked back from the means before and after, taken as correlated by {rho:g}"
    marks = (*marks_of(settled, start), *marks_of(settled, end), said)
    return ArmFigure(row=end, also=(start,), n=min(sizes), mean=end.value - start.value, sd=spread, marks=marks)
