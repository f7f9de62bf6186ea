"""Our study tables as a network: which rows were used for a question, and why every other row was not.

Rules (each an option of `OwnChoice`, each said in the network's notes): only what was asked, on one scale and one day per study;
nothing that is not randomized in a randomized network; control nodes apart; counts before percentages; the arms' own figures
before printed differences. Every row of outcomes.csv and contrasts.csv is either in a study's `row_ids` or in `excluded`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inconcert.evidence.synthesis.data.arms import StudyLeftOut, contrasts_of_arms
from inconcert.evidence.synthesis.data.own_choice import OwnChoice, Settled, settle
from inconcert.evidence.synthesis.data.own_figures import ArmFigure, figure_of, why_not_asked
from inconcert.evidence.synthesis.data.own_means import Place, changes_from_means
from inconcert.evidence.synthesis.data.own_printed import printed_study, why_not_printed
from inconcert.evidence.synthesis.data.own_treatments import covariates_of, reference_first, treatment_names
from inconcert.evidence.synthesis.data.types import Excluded, Network, Scale, StudyContrasts
from inconcert.knowledge.studies import Study, StudyContrast, StudyOutcome, StudyTables

Group = dict[str, ArmFigure]  # one figure per arm id, all of one scale, day and kind


def own_network(choice: OwnChoice | None = None, tables: StudyTables | None = None) -> Network:
    """The network of one question. `tables` are ours unless a reader's were merged in.

    Raises NetworkError for a choice that names what the tables do not hold. A network may be empty; `excluded` says why.
    """
    settled = settle(choice or OwnChoice(), tables)
    scale = (
        Scale(settled.choice.scale) if settled.choice.scale else (Scale.OR if settled.choice.is_count else Scale.SMD)
    )
    network = _network(settled, scale)
    if settled.choice.scale is None and not settled.choice.is_count:
        measures = {_measure(row_id) for study in network.studies for row_id in study.row_ids}
        if len(measures) == 1:
            measure = measures.pop()
            return _network(
                _on_measure(settled, measure), Scale.MD, f"all studies used {measure}, so points are compared"
            )
        note = "studies used different scales, so differences are in standard deviations"
        return replace(network, notes=(*network.notes, note))
    if scale is Scale.MD:
        measure = settled.choice.measure or settled.defaults.change_measure
        return _network(_on_measure(settled, measure), scale, f"points of {measure}")
    return network


def _measure(row_id: str) -> str:
    return row_id.split("/")[2]


def _on_measure(settled: Settled, measure: str) -> Settled:
    return replace(settled, choice=replace(settled.choice, measure=measure))


def _network(settled: Settled, scale: Scale, note: str = "") -> Network:
    tables = settled.tables
    outcomes: dict[str, list[StudyOutcome]] = {}
    contrasts: dict[str, list[StudyContrast]] = {}
    for row in tables.outcomes.values():
        outcomes.setdefault(row.study_id, []).append(row)
    for printed in tables.contrasts:
        contrasts.setdefault(printed.study_id, []).append(printed)
    used: list[StudyContrasts] = []
    out: list[Excluded] = []
    for study in tables.studies.values():
        ledger = Ledger(study.study_id)
        rows, differences = outcomes.get(study.study_id, []), contrasts.get(study.study_id, [])
        found = _study(settled, scale, study, rows, differences, ledger)
        if found is not None:
            used.append(found)
        out += ledger.excluded() or ([] if found else [Excluded(study=study.study_id, why="no figure of it was seen")])
    used, twice = _once_each(tables, used)
    notes = (*settled.said, *((note,) if note else ()))
    return Network(scale=scale, studies=tuple(used), excluded=(*out, *twice), notes=notes)


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


def _study(
    settled: Settled,
    scale: Scale,
    study: Study,
    rows: Sequence[StudyOutcome],
    differences: Sequence[StudyContrast],
    ledger: Ledger,
) -> StudyContrasts | None:
    everything: list[StudyOutcome | StudyContrast] = [*rows, *differences]
    for row in everything:
        if why := why_not_asked(settled, row):
            ledger.put([row], why)
    group = _best_group(settled, rows, ledger) or _group_from_means(settled, rows, ledger)
    found = _from_arms(settled, scale, study, group, ledger) if group else None
    if found is not None:
        ledger.take(found.row_ids)
        left = [row for row in rows if row.row_id not in found.row_ids]
        first = next(iter(group.values())).row
        ledger.put(
            left, f"another day, scale or kind of the study was taken: {first.measure}, day {first.timepoint_days:g}"
        )
        ledger.put(differences, "the arms' own figures were taken")
        return found
    ledger.put(rows, "fewer than two treatments of the study have a figure on the same scale and day")
    return _from_printed(settled, scale, differences, ledger)


def _best_group(settled: Settled, rows: Sequence[StudyOutcome], ledger: Ledger) -> Group:
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


def _group_from_means(settled: Settled, rows: Sequence[StudyOutcome], ledger: Ledger) -> Group:
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


def _from_arms(settled: Settled, scale: Scale, study: Study, group: Group, ledger: Ledger) -> StudyContrasts | None:
    figures = list(group.values())
    rows = [figure.row for figure in figures]
    crossover = study.design == "crossover"
    if crossover and settled.correlation is None:
        ledger.put(rows, "a crossover: its periods are the same people, and crossovers were to be left out")
        return None
    arms = reference_first(settled, [settled.tables.arms[study.study_id, arm_id] for arm_id in group])
    names, notes = treatment_names(settled, arms)
    ordered = [group[arm.arm_id] for arm in arms]
    sizes = [figure.n for figure in ordered]
    events = [figure.events or 0 for figure in ordered] if settled.choice.is_count else None
    means = None if events is not None else [figure.mean or 0.0 for figure in ordered]
    sds = None if events is not None else [figure.sd or 0.0 for figure in ordered]
    silent = [
        arm.arm_id for arm in settled.tables.arms_of(study.study_id) if arm.arm_id not in group and not arm.not_compared
    ]
    said = [*notes, *(mark for figure in ordered for mark in figure.marks)]
    if silent:
        said.append(f"without a figure, so not compared: arm {', '.join(silent)}")
    try:
        found = contrasts_of_arms(
            study.study_id,
            [names[arm.arm_id] for arm in arms],
            scale,
            n=sizes,
            events=events,
            means=means,
            sds=sds,
            row_ids=[row.row_id for figure in ordered for row in (figure.row, *figure.also)],
            randomized=study.design in settled.defaults.randomized,
            covariates=covariates_of(settled, arms, study.study_id, rows[0].timepoint_days or 0.0),
            notes=said,
        )
    except StudyLeftOut as error:
        ledger.put(rows, error.excluded.why)
        return None
    return _paired(settled, scale, found, ordered) if crossover else found


def _paired(settled: Settled, scale: Scale, found: StudyContrasts, figures: Sequence[ArmFigure]) -> StudyContrasts:
    """Take the correlation of the two periods out of the variance: v1 + v2 - 2 r sqrt(v1 v2) (Elbourne 2002, recalled)."""
    rho = settled.correlation or 0.0
    note = (
        f"a crossover: both periods are the same people, taken as correlated by {rho:g}; carry-over cannot be ruled out"
    )
    if rho == 0 or len(figures) != 2:
        return replace(found, notes=(*found.notes, note))
    first, second = _variances(settled, scale, found, figures)
    covariance = found.covariance - 2 * rho * math.sqrt(first * second)
    return replace(found, covariance=covariance, notes=(*found.notes, note))


def _variances(
    settled: Settled, scale: Scale, found: StudyContrasts, figures: Sequence[ArmFigure]
) -> tuple[float, float]:
    """Each period's part of the variance. A second copy of the other arm shows the first arm's as a covariance."""
    if scale is Scale.SMD:
        return 1 / figures[0].n, 1 / figures[1].n
    three = (figures[0], figures[1], figures[1])
    counts = settled.choice.is_count
    copy = contrasts_of_arms(
        found.study,
        ["first", "second", "copy"],
        scale,
        n=[figure.n for figure in three],
        events=[figure.events or 0 for figure in three] if counts else None,
        means=None if counts else [figure.mean or 0.0 for figure in three],
        sds=None if counts else [figure.sd or 0.0 for figure in three],
    )
    first = float(copy.covariance[0, 1])
    return first, float(copy.covariance[0, 0]) - first


def _from_printed(
    settled: Settled, scale: Scale, differences: Sequence[StudyContrast], ledger: Ledger
) -> StudyContrasts | None:
    groups: dict[tuple[str, float], list[StudyContrast]] = {}
    for row in differences:
        if row.row_id in ledger.why:
            continue
        if why := why_not_printed(settled, row, scale):
            ledger.put([row], why)
        else:
            groups.setdefault((row.measure, row.timepoint_days or 0.0), []).append(row)
    if not groups:
        return None
    best = min(groups, key=lambda key: (abs(key[1] - settled.target_day), settled.tables.measures[key[0]].rank))
    rows = groups[best]
    if scale is Scale.SMD and len({row.effect for row in rows}) > 1:
        rows = [row for row in rows if row.effect == "SMD"]
    found = printed_study(settled, rows, scale)
    if isinstance(found, str):
        ledger.put(rows, found)
    taken = () if isinstance(found, str) else found.row_ids
    left = [row for row in differences if row.row_id not in taken]
    ledger.put(left, f"another day, scale or effect of the study was taken: {best[0]}, day {best[1]:g}")
    return None if isinstance(found, str) else found


def _once_each(tables: StudyTables, used: Sequence[StudyContrasts]) -> tuple[list[StudyContrasts], list[Excluded]]:
    """Leave out a study that reports people of another study that is used."""
    present = {study.study for study in used}
    kept, twice = [], []
    for study in used:
        again = [other for other in tables.studies[study.study].overlaps if other in present]
        if again:
            why = f"some of its people are those of {', '.join(again)}, which is used"
            twice.append(Excluded(study=study.study, why=why, row_ids=study.row_ids))
        else:
            kept.append(study)
    return kept, twice
