"""The study tables as the site shows them: a study, its rows, and what is known, doubted and corrected of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from inconcert.evidence.synthesis.rows import COUNTED
from inconcert.judgement import Reading
from inconcert.knowledge.studies import (
    Correction,
    Doubt,
    Parameter,
    PooledEstimate,
    Study,
    StudyContrast,
    StudyOutcome,
    study_tables,
)

MEASURED = (
    "change",
    "change_locf",
    "mean",
    "pct_change",
)  # kinds whose value is points or percent; every other is a share


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the tables.

    `figure` is the number as printed, `kind` reported or (worked back by us) modelled, `status` the weakest mark.
    """

    row_id: str
    study_id: str
    who: str
    group: str
    given: str
    what: str
    when: str
    figure: str
    people: str
    status: str
    kind: str
    where: str
    source: str
    notes: str
    doubts: tuple[Doubt, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class ShownStudy:
    """One study in a list: `compared` what its groups were given; `words` everything that a search looks through."""

    study: Study
    compared: str
    words: str


@cache
def shown_studies() -> tuple[ShownStudy, ...]:
    """Every study of the tables, in their order."""
    tables = study_tables()
    found = []
    for study in tables.studies.values():
        arms = tables.arms_of(study.study_id)
        compared = "; ".join(arm.label for arm in arms)
        parts = " ".join(f"{arm.components} {arm.label}" for arm in arms)
        words = (
            f"{study.study_id} {study.first_author} {study.year} {study.design} {study.population} {study.resistance} {study.country}"
            f" {study.doi} {study.pmid} {study.registry_id} {parts}"
        )
        found.append(ShownStudy(study, compared, words.replace("_", " ").casefold()))
    return tuple(found)


def rows_of(study_id: str) -> list[ShownRow]:
    """Every row of a study: what was counted or measured in each group, then differences as printed."""
    tables = study_tables()
    own = [row_id for row_id, row in tables.outcomes.items() if row.study_id == study_id]
    printed = [row.row_id for row in tables.contrasts if row.study_id == study_id]
    return [found for row_id in own + printed if (found := row_of(row_id)) is not None]


def row_of(row_id: str) -> ShownRow | None:
    """A row by its id; None where the tables have none."""
    tables = study_tables()
    if row_id in tables.outcomes:
        return _outcome(tables.outcomes[row_id])
    for contrast in tables.contrasts:
        if contrast.row_id == row_id:
            return _contrast(contrast)
    if row_id in tables.pooled:
        return _pooled(tables.pooled[row_id])
    parameter = tables.parameters.get(row_id.removeprefix("parameter/"))
    return _parameter(row_id, parameter) if parameter is not None and row_id.startswith("parameter/") else None


def corrections_of(*ids: str) -> tuple[Correction, ...]:
    """What was changed in any of these rows."""
    return tuple(change for change in study_tables().corrections if set(ids) & set(change.rows))


def doubts_of(*ids: str) -> tuple[Doubt, ...]:
    """What is doubted of any of these rows."""
    return tuple(doubt for doubt in study_tables().doubts if set(ids) & set(doubt.rows))


def _outcome(row: StudyOutcome) -> ShownRow:
    tables = study_tables()
    study, arm = tables.studies[row.study_id], tables.arms[row.study_id, row.arm_id]
    unknown = "not seen" if row.n is None else str(row.n)
    people = f"{unknown} (number from memory)" if row.n_status is Reading.RECALLED else unknown
    return ShownRow(
        row_id=row.row_id,
        study_id=row.study_id,
        who=_who(study),
        group=arm.label,
        given=arm.components.replace("+", " + ").replace("_", " "),
        what=f"{COUNTED.get(row.kind, row.kind.replace('_', ' '))}, {row.measure}",
        when=_day(row.timepoint_days, row.time_origin),
        figure=_figure(row),
        people=people,
        status=row.weakest.value,
        kind="modelled" if row.derived else "reported",
        where=row.source_location,
        source=study.source.ref,
        notes=row.notes,
        doubts=doubts_of(row.row_id, f"{row.study_id}/{row.arm_id}", row.study_id),
        corrections=corrections_of(row.row_id, f"{row.study_id}/{row.arm_id}", row.study_id),
    )


def _contrast(row: StudyContrast) -> ShownRow:
    tables = study_tables()
    study = tables.studies[row.study_id]
    labels = [
        tables.arms[row.study_id, arm].label if (row.study_id, arm) in tables.arms else arm
        for arm in (row.arm_1, row.arm_2)
        if arm
    ]
    return ShownRow(
        row_id=row.row_id,
        study_id=row.study_id,
        who=_who(study),
        group=" against ".join(labels),
        given="",
        what=f"{COUNTED.get(row.kind, row.kind)}, {row.measure}",
        when=_day(row.timepoint_days, ""),
        figure=" ".join(_printed(row)) or "no number printed",
        people="",
        status=row.status.value,
        kind="reported",
        where=row.source_location,
        source=study.source.ref,
        notes=row.notes,
        doubts=doubts_of(row.row_id, row.study_id),
        corrections=corrections_of(row.row_id, row.study_id),
    )


def _printed(row: StudyContrast) -> Iterator[str]:
    if row.estimate is not None:
        yield f"{row.effect.replace('_', ' ')} {row.estimate:g}"
    if row.ci_low is not None and row.ci_high is not None:
        yield f"({row.ci_low:g} to {row.ci_high:g})"
    if row.se is not None:
        yield f"SE {row.se:g}"
    if row.p is not None:
        yield f"p {row.p:g}"


def _pooled(row: PooledEstimate) -> ShownRow:
    interval = f" ({row.ci_low:g} to {row.ci_high:g})" if row.ci_low is not None and row.ci_high is not None else ""
    recalled = Reading.RECALLED in (row.status, row.ci_status)
    return ShownRow(
        row_id=row.row_id,
        study_id="",
        who=f"Pooled estimate of a review{f', {row.year}' if row.year else ''}",
        group=row.comparison,
        given="",
        what=row.outcome.replace("_", " "),
        when="",
        figure=f"{row.effect.replace('_', ' ')} {row.estimate:g}{interval}",
        people="not seen" if row.n_participants is None else str(row.n_participants),
        status=Reading.RECALLED.value if recalled else row.status.value,
        kind="reported",
        where="" if row.k_trials is None else f"{row.k_trials} trials",
        source=row.source,
        notes="; ".join(said for said in (row.extra, row.notes) if said),
        doubts=doubts_of(row.row_id),
        corrections=corrections_of(row.row_id),
    )


def _parameter(row_id: str, row: Parameter) -> ShownRow:
    span = f" ({row.low:g} to {row.high:g})" if row.low is not None and row.high is not None else ""
    return ShownRow(
        row_id=row_id,
        study_id="",
        who="A figure of pharmacology, physiology or course",
        group="",
        given="",
        what=row.name.replace("_", " "),
        when="",
        figure=f"{row.value:g}{span} {row.unit}".strip(),
        people="",
        status=row.status.value,
        kind="reported",
        where=row.context,
        source=row.source,
        notes="",
        doubts=doubts_of(row_id),
        corrections=corrections_of(row_id),
    )


def _figure(row: StudyOutcome) -> str:
    """Counts where they are known, else the share or the points as printed."""
    if row.events is not None and row.n:
        return f"{row.events} of {row.n} ({100 * row.events / row.n:.0f}%)"
    if row.events is not None:
        return f"{row.events} people, of how many was not seen"
    if row.kind not in MEASURED:
        return f"{100 * row.value:.1f}%, count not seen"
    unit = "%" if row.kind == "pct_change" else ""
    spread = f", SD {row.sd:g}" if row.sd is not None else f", SE {row.se:g}" if row.se is not None else ""
    return f"{row.value:g}{unit}{spread}"


def _day(day: float | None, origin: str) -> str:
    after = f" after {origin.replace('_', ' ')}" if origin and origin != "baseline" else ""
    return "day not seen" if day is None else f"day {day:g}{after}"


def _who(study: Study) -> str:
    return f"{study.first_author} {study.year}"
