"""The arms' own figures of one of our studies become its contrasts; the periods of a crossover are the same people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from inconcert.evidence.synthesis.data.arms import StudyLeftOut, contrasts_of_arms
from inconcert.evidence.synthesis.data.own_choice import Settled
from inconcert.evidence.synthesis.data.own_figures import ArmFigure
from inconcert.evidence.synthesis.data.own_groups import Group, Ledger
from inconcert.evidence.synthesis.data.own_treatments import covariates_of, reference_first, treatment_names
from inconcert.evidence.synthesis.data.types import Scale, StudyContrasts
from inconcert.knowledge.studies import Study


def from_arms(settled: Settled, scale: Scale, study: Study, group: Group, ledger: Ledger) -> StudyContrasts | None:
    """Contrasts of a study from one figure per arm, the control first; None where they cannot be, with the reason noted."""
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
