"""Which figures of one of our studies are compared: one scale, one day, one kind; and why each other row is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inconcert.evidence.synthesis.data.own_choice import Settled
from inconcert.evidence.synthesis.data.own_figures import ArmFigure, figure_of
from inconcert.evidence.synthesis.data.own_means import Place, changes_from_means
from inconcert.evidence.synthesis.data.own_treatments import treatment_names
from inconcert.evidence.synthesis.data.types import Excluded
from inconcert.knowledge.studies import StudyContrast, StudyOutcome

Group = dict[str, ArmFigure]  # one figure per arm id, all of one scale, day and kind


class Ledger:
    """Why each row of one study was not used."""

    def __init__(self, study_id: str) -> None:
        self.study_id = study_id
        self.why: dict[str, str] = {}

    def put(self, rows: Sequence[StudyOutcome | StudyContrast], why: str) -> None:
        """Note a reason for rows that have none yet."""
        for row in rows:
            self.why.setdefault(row.row_id, why)

    def take(self, row_ids: Sequence[str]) -> None:
        """These rows are used after all."""
        for row_id in row_ids:
            self.why.pop(row_id, None)

    def excluded(self) -> list[Excluded]:
        """The rows by reason, in the order in which the reasons came up."""
        reasons: dict[str, list[str]] = {}
        for row_id, why in self.why.items():
            reasons.setdefault(why, []).append(row_id)
        return [Excluded(study=self.study_id, why=why, row_ids=tuple(ids)) for why, ids in reasons.items()]


def best_group(settled: Settled, rows: Sequence[StudyOutcome], ledger: Ledger) -> Group:
    """The figures of the scale and day to take: nearest in time, then by the scale's rank; empty where no two treatments meet."""
    groups: dict[Place, Group] = {}
    for row in rows:
        if row.row_id in ledger.why:
            continue
        arm = settled.tables.arms[row.study_id, row.arm_id]
        figure = figure_of(settled, row, arm)
        if isinstance(figure, str):
            ledger.put([row], figure)
        else:
            groups.setdefault((row.kind, row.measure, row.timepoint_days or 0.0), {})[row.arm_id] = figure
    usable = _comparable(settled, groups)

    def order(key: Place) -> tuple[int, float, int]:
        kind, measure, day = key
        return settled.kinds.index(kind), abs(day - settled.target_day), settled.tables.measures[measure].rank

    return usable[min(usable, key=order)] if usable else {}


def group_from_means(settled: Settled, rows: Sequence[StudyOutcome], ledger: Ledger) -> Group:
    """Changes worked back from means, where a study prints no change; the reason for each mean that gives none."""
    if settled.choice.is_count:
        return {}
    groups, why = changes_from_means(settled, list(rows))
    for row_id, reason in why.items():
        ledger.why[row_id] = reason
    usable = _comparable(settled, groups)
    if not usable:
        return {}
    ranks = settled.tables.measures
    return usable[min(usable, key=lambda place: (abs(place[2] - settled.target_day), ranks[place[1]].rank))]


def _comparable(settled: Settled, groups: Mapping[Place, Group]) -> dict[Place, Group]:
    """The groups of figures in which at least two treatments meet."""
    usable = {}
    for key, group in groups.items():
        names, _ = treatment_names(settled, [settled.tables.arms[f.row.study_id, arm] for arm, f in group.items()])
        if len(set(names.values())) > 1:
            usable[key] = group
    return usable
