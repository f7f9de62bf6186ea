"""The effects that follow from the arms of one study, each with its formula and the rows it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inconcert.evidence.synthesis.effects import Counts, EffectMeasure, compare
from inconcert.evidence.synthesis.mean_effects import MeanMeasure, Scores, compare_means
from inconcert.evidence.synthesis.recover import sd_from_se
from inconcert.knowledge.studies import StudyArm, StudyOutcome, StudyTables

COUNTED = ("response", "remission", "response_any", "remission_any")
SCORED = ("change", "change_locf", "mean")


@dataclass(frozen=True, kw_only=True)
class ComputedEffect:
    """One effect of one arm against another, with the rows it is from and the formula's source."""

    arms: str
    outcome: str
    text: str
    formula: str
    source: str
    row_ids: tuple[str, ...]


def effects_of(tables: StudyTables, study_id: str) -> tuple[ComputedEffect, ...]:
    """Each later arm against each earlier control-most arm, for every scale, day and kind that both have with counts or spreads."""
    places: dict[tuple[str, float | None, str, str], list[StudyOutcome]] = {}
    for row in tables.outcomes.values():
        if row.study_id == study_id:
            places.setdefault((row.measure, row.timepoint_days, row.time_origin, row.kind), []).append(row)
    found: list[ComputedEffect] = []
    for (measure, day, _, kind), rows in places.items():
        when = "" if day is None else f", day {day:g}"
        for first, second in _pairs(tables, rows):
            found += _effects(tables, first, second, f"{kind}, {measure}{when}")
    return tuple(found)


def _pairs(tables: StudyTables, rows: list[StudyOutcome]) -> Iterator[tuple[StudyOutcome, StudyOutcome]]:
    """Every arm against the arm with the most control in it, the treated one first."""
    if len(rows) < 2:
        return

    def treated(row: StudyOutcome) -> int:
        parts = tables.arms[row.study_id, row.arm_id].parts
        return sum(tables.components[part].family not in ("control", "background") for part in parts)

    base = min(rows, key=treated)
    for row in rows:
        if row is not base:
            yield row, base


def _effects(tables: StudyTables, first: StudyOutcome, second: StudyOutcome, outcome: str) -> Iterator[ComputedEffect]:
    one, two = (tables.arms[row.study_id, row.arm_id] for row in (first, second))
    rows = (first.row_id, second.row_id)
    if first.kind in COUNTED and None not in (first.events, first.n, second.events, second.n):
        treated, control = (Counts(events=row.events or 0, n=row.n or 0) for row in (first, second))
        for measure in EffectMeasure:
            effect = compare(treated, control, measure)
            text = f"{effect.text} ({effect.note})" if effect.note else effect.text
            yield _computed(one, two, outcome, text, effect.formula, effect.source.ref, rows)
    if first.kind in SCORED:
        scores = [_scores(row) for row in (first, second)]
        if scores[0] is None or scores[1] is None:
            return
        for scale in MeanMeasure:
            if scale is MeanMeasure.STANDARDIZED and scores[0].n + scores[1].n < 5:
                continue
            made = compare_means(scores[0], scores[1], scale)
            yield _computed(one, two, outcome, made.text, made.formula, made.source.ref, rows)


def _scores(row: StudyOutcome) -> Scores | None:
    if row.n is None or row.n < 2:
        return None
    sd = row.sd or (sd_from_se(row.se, row.n) if row.se else None)
    return Scores(mean=row.value, sd=sd, n=row.n) if sd else None


def _computed(
    one: StudyArm, two: StudyArm, outcome: str, text: str, formula: str, source: str, rows: tuple[str, ...]
) -> ComputedEffect:
    arms = f"{one.arm_id} against {two.arm_id}"
    return ComputedEffect(arms=arms, outcome=outcome, text=text, formula=formula, source=source, row_ids=rows)
