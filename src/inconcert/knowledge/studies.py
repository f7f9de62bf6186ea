"""The studies as tables: who was studied, what each arm was given, and what was counted.

Files in `knowledge/files/studies/`. A blank is not seen, never zero. Every row has an id that a number can be traced to:
`STUDY/arm/measure/day/kind` for an outcome, `meta/ID` for a published pooled estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TypeVar

from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.study_checks import REFUSED_ON_LOADING, all_row_ids, files_of
from inconcert.knowledge.study_findings import FindingLevel, StudyContext
from inconcert.knowledge.study_reading import read_rows
from inconcert.knowledge.study_rows import (
    Claim,
    Component,
    Correction,
    Doubt,
    Identifiers,
    NetworkDefaults,
    PairStudy,
    Parameter,
    PooledEstimate,
    Study,
    StudyArm,
    StudyContrast,
    StudyMeasure,
    StudyOutcome,
    StudyTables,
    TrialTarget,
)

__all__ = [
    "FOLDER",
    "Claim",
    "Component",
    "Correction",
    "Doubt",
    "Identifiers",
    "NetworkDefaults",
    "PairStudy",
    "Parameter",
    "PooledEstimate",
    "Study",
    "StudyArm",
    "StudyContrast",
    "StudyMeasure",
    "StudyOutcome",
    "StudyTables",
    "TrialTarget",
    "study_tables",
]

FOLDER = ROOT / "files" / "studies"
T = TypeVar("T", bound=Entry)


@cache
def study_tables() -> StudyTables:
    """Every table, checked against the others. Raises KnowledgeError naming file, line and mend."""
    tables = StudyTables(
        studies={row.study_id: row for row in _rows("studies.csv", Study, "study_id")},
        arms={(row.study_id, row.arm_id): row for row in _rows("arms.csv", StudyArm, "study_id", "arm_id")},
        outcomes={row.row_id: row for row in _rows("outcomes.csv", StudyOutcome, "row_id")},
        contrasts=tuple(_rows("contrasts.csv", StudyContrast, "row_id")),
        pooled={row.row_id: row for row in _rows("meta_estimates.csv", PooledEstimate, "row_id")},
        parameters={row.name: row for row in _rows("parameters.csv", Parameter, "name")},
        components={row.component: row for row in _rows("components.csv", Component, "component")},
        measures={row.id: row for row in load(FOLDER / "measures.yaml", tuple[StudyMeasure, ...])},
        network=load(FOLDER / "network.yaml", NetworkDefaults),
        identifiers=load(FOLDER / "identifiers.yaml", Identifiers),
        pair_studies=load(FOLDER / "pair_studies.yaml", tuple[PairStudy, ...]),
        claims=load(FOLDER / "claims.yaml", tuple[Claim, ...]),
        targets=load(FOLDER / "trial_sizes.yaml", tuple[TrialTarget, ...]),
        corrections=load(FOLDER / "corrections.yaml", tuple[Correction, ...]),
        doubts=load(FOLDER / "doubts.yaml", tuple[Doubt, ...]),
    )
    for file, problem in _problems(tables):
        raise KnowledgeError(str(FOLDER / file), None, problem, "Correct the row, or the row it names.")
    return tables


def _rows(file: str, kind: type[T], *key: str) -> list[T]:
    found: list[T] = []
    for _, row in read_rows(FOLDER / file, kind, *key):
        if isinstance(row, KnowledgeError):
            raise row
        found.append(row)
    return found


def _problems(tables: StudyTables) -> Iterator[tuple[str, str]]:
    """What cannot be in the rows, and what the files of words name that is no row."""
    context = StudyContext(tables=tables, where=files_of(tables), as_of=date.max)
    for rule in REFUSED_ON_LOADING:
        for finding in rule(context):
            if finding.level is FindingLevel.ERROR:
                yield finding.file, f"{finding.row_id}: {finding.problem}"
    for pair in tables.pair_studies:
        if pair.study_id not in tables.studies:
            yield "pair_studies.yaml", f"there is no study {pair.study_id}."
    known = all_row_ids(tables)
    for claim in tables.claims:
        for row in claim.rows:
            if row not in known:
                yield "claims.yaml", f"{claim.id} names {row!r}, which is no row."
    for doubt in tables.doubts:
        for row in doubt.rows:
            if row not in known:
                yield "doubts.yaml", f"{row!r} is no row."
