"""What randomized trials and reviews say of each treatment alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from inconcert.evidence.synthesis.effects import EffectMeasure
from inconcert.evidence.synthesis.rows import counted_pairs, effect_figure, rate_figure
from inconcert.evidence.synthesis.types import EvidenceFigure
from inconcert.judgement import NumberKind, Reading, Source
from inconcert.knowledge.studies import PooledEstimate, StudyArm, StudyTables

SERVICES = ("iv_ketamine", "esketamine", "rtms", "itbs", "dtms", "accelerated_saint")


def figures_alone(tables: StudyTables, service: str, as_of: date) -> tuple[EvidenceFigure, ...]:
    """Pooled estimates that reviews printed, then each randomized trial with counts, newest first.

    A trial bears on a service where one arm holds it and the other differs in nothing else but its control. Crossover
    trials are left out: their arms are the same people.
    """
    pooled = [
        _pooled(tables, row)
        for row in tables.pooled.values()
        if row.service == service and (row.year is None or row.year <= as_of.year)
    ]
    studies = [s for s in tables.studies.values() if s.design == "rct" and s.year <= as_of.year]
    trials: list[EvidenceFigure] = []
    for study in sorted(studies, key=lambda s: -s.year):
        for treated, control in _arm_pairs(tables, tables.arms_of(study.study_id), service):
            for pair in counted_pairs(tables, study, treated, control):
                only = not pooled and not trials  # without a review, the newest trial is what there is to show
                blinding = f"blinding: {study.blinding}"
                trials.append(effect_figure(pair, EffectMeasure.RISK_RATIO, service, blinding, main=only))
                trials.append(rate_figure(pair, pair.first, treated, service))
                trials.append(rate_figure(pair, pair.second, control, service))
    return (*pooled, *trials)


def _arm_pairs(tables: StudyTables, arms: tuple[StudyArm, ...], service: str) -> Iterator[tuple[StudyArm, StudyArm]]:
    for treated in arms:
        for control in arms:
            added, replaced = treated.parts - control.parts, control.parts - treated.parts
            if (
                added
                and all(tables.components[part].service == service for part in added)
                and _is_control(tables, replaced, service)
            ):
                yield treated, control


def _is_control(tables: StudyTables, replaced: frozenset[str], service: str) -> bool:
    """True unless the other arm holds the same service in another form."""
    return all(tables.components[part].service != service for part in replaced)


def _pooled(tables: StudyTables, row: PooledEstimate) -> EvidenceFigure:
    interval = "" if row.ci_low is None or row.ci_high is None else f" (95% interval {row.ci_low:g} to {row.ci_high:g})"
    network = " in the network" if "whole network" in row.notes else ""
    size = ", ".join(
        text
        for text in (
            f"{row.k_trials} trials{network}" if row.k_trials else "",
            f"{row.n_participants} people{network}" if row.n_participants else "",
            f"I2 {row.i2:g}%" if row.i2 is not None else "",
        )
        if text
    )
    doubts = [f"in doubt: {doubt.doubt.strip()}" for doubt in tables.doubts_of(row.row_id)]
    marked = "the interval was recalled" if row.ci_status is Reading.RECALLED else ""
    status = Reading.RECALLED if Reading.RECALLED in (row.status, row.ci_status) else row.status
    return EvidenceFigure(
        name=f"{row.comparison}: {row.outcome}" + (f" ({size})" if size else ""),
        subject=row.service,
        text=f"{row.effect} {row.estimate:g}{interval}",
        estimate=row.estimate,
        low=row.ci_low,
        high=row.ci_high,
        unit=row.effect,
        kind=NumberKind.REPORTED,
        row_ids=(row.row_id,),
        sources=(Source(row.source, "pooled estimate", status),),
        note="; ".join(text for text in (row.extra, marked, row.notes, *doubts) if text),
        main=row.outcome.startswith(("response", "remission")),
    )
