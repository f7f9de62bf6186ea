"""The studies as tables: who was studied, what each arm was given, and what was counted.

Files in `knowledge/files/studies/`. A blank is not seen, never zero. Every row has an id that a number can be traced to:
`STUDY/arm/measure/day/kind` for an outcome, `meta/ID` for a published pooled estimate.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import field

from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.study_rows import (
    Claim,
    Component,
    Correction,
    Doubt,
    NetworkDefaults,
    PairStudy,
    Parameter,
    PooledEstimate,
    Study,
    StudyArm,
    StudyContrast,
    StudyMeasure,
    StudyOutcome,
    TrialTarget,
)

__all__ = [
    "FOLDER",
    "Claim",
    "Component",
    "Correction",
    "Doubt",
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


class StudyTables(Entry, kw_only=True):
    """All tables, each by the id of its rows."""

    studies: dict[str, Study]
    arms: dict[tuple[str, str], StudyArm]
    outcomes: dict[str, StudyOutcome]
    contrasts: tuple[StudyContrast, ...]
    pooled: dict[str, PooledEstimate]
    parameters: dict[str, Parameter]
    components: dict[str, Component]
    measures: dict[str, StudyMeasure]
    network: NetworkDefaults
    pair_studies: tuple[PairStudy, ...] = field(default=())
    claims: tuple[Claim, ...] = field(default=())
    targets: tuple[TrialTarget, ...] = field(default=())
    corrections: tuple[Correction, ...] = field(default=())
    doubts: tuple[Doubt, ...] = field(default=())

    def doubts_of(self, row_id: str) -> tuple[Doubt, ...]:
        """What is doubted of a row."""
        return tuple(doubt for doubt in self.doubts if row_id in doubt.rows)

    def arms_of(self, study_id: str) -> tuple[StudyArm, ...]:
        """The arms of a study, in file order."""
        return tuple(arm for (study, _), arm in self.arms.items() if study == study_id)

    def families(self, arm: StudyArm) -> frozenset[str]:
        """Which families of treatment an arm holds."""
        return frozenset(self.components[part].family for part in arm.parts)


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
    path = FOLDER / file
    found: list[T] = []
    seen: set[tuple[object, ...]] = set()
    for line, cells in _cells(path):
        try:
            row = msgspec.convert({k: v for k, v in cells.items() if v != ""}, kind, strict=False)
        except msgspec.ValidationError as error:
            raise KnowledgeError(
                str(path), line, f"{error}.", "Correct the cell; leave it empty if unknown."
            ) from error
        row_key = tuple(getattr(row, name) for name in key)
        if key and row_key in seen:
            raise KnowledgeError(str(path), line, f"{'/'.join(map(str, row_key))} stands twice.", "Drop one row.")
        seen.add(row_key)
        found.append(row)
    return found


def _cells(path: Path) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), strict=True)
    rows = []
    for cells in reader:
        if None in cells or None in cells.values():
            raise KnowledgeError(str(path), reader.line_num, "The row has too many or too few cells.", "Quote commas.")
        rows.append((reader.line_num, cells))
    return rows


def _problems(tables: StudyTables) -> list[tuple[str, str]]:
    found = [
        ("arms.csv", f"{study}/{arm} holds {part!r}, which components.csv does not list.")
        for (study, arm), row in tables.arms.items()
        for part in row.parts - tables.components.keys()
    ]
    found += [("arms.csv", f"{s}/{a}: there is no study {s}.") for s, a in tables.arms if s not in tables.studies]
    for row_id, row in tables.outcomes.items():
        arm = tables.arms.get((row.study_id, row.arm_id))
        if arm is None:
            found.append(("outcomes.csv", f"{row_id}: there is no such arm."))
            continue
        found += [("outcomes.csv", f"{row_id}: {problem}") for problem in _count_problems(row, arm)]
    found += [
        ("pair_studies.yaml", f"there is no study {p.study_id}.")
        for p in tables.pair_studies
        if p.study_id not in tables.studies
    ]
    known = (
        tables.outcomes.keys()
        | tables.pooled.keys()
        | tables.studies.keys()
        | {f"parameter/{p}" for p in tables.parameters}
    )
    found += [
        ("claims.yaml", f"{c.id} names {row!r}, which is no row.")
        for c in tables.claims
        for row in c.rows
        if row not in known
    ]
    return found


def _count_problems(row: StudyOutcome, arm: StudyArm) -> list[str]:
    problems = []
    if row.n is not None and arm.n_randomised is not None and row.n > arm.n_randomised:
        problems.append(f"{row.n} were counted but {arm.n_randomised} were randomised.")
    if row.events is not None:
        if row.n is None or not 0 <= row.events <= row.n:
            problems.append(f"{row.events} of {row.n} people cannot be.")
        elif abs(row.events / row.n - row.value) > 0.005:
            problems.append(f"{row.events} of {row.n} is {row.events / row.n:.4f}, not {row.value}.")
    return problems
