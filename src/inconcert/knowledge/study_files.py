"""A reader's own studies: files read without giving up at the first mistake, and put beside ours.

Two forms: one YAML file per study (`study`, `arms`, `outcomes`, `contrasts`), or a folder with the CSV files of our own tables
(studies.csv, arms.csv, outcomes.csv, contrasts.csv). A folder may hold both, and `components.csv` for treatments of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from inconcert.knowledge import strict_yaml
from inconcert.knowledge.loader import ROOT, Entry
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.study_findings import FindingLevel, StudyFinding, Where
from inconcert.knowledge.study_reading import read_rows
from inconcert.knowledge.study_rows import (
    Component,
    Parameter,
    PooledEstimate,
    Study,
    StudyArm,
    StudyContrast,
    StudyOutcome,
    StudyTables,
)

T = TypeVar("T", bound=Entry)
SECTIONS = ("study", "arms", "outcomes", "contrasts", "components")
MENDED_BY = "Correct the cell; leave it out if unknown. `inconcert evidence template` shows the form."


@dataclass(kw_only=True)
class StudyParts:
    """Rows as files held them, where each stands, and what could not be read."""

    studies: list[Study] = field(default_factory=list)
    arms: list[StudyArm] = field(default_factory=list)
    outcomes: list[StudyOutcome] = field(default_factory=list)
    contrasts: list[StudyContrast] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    pooled: list[PooledEstimate] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    where: dict[str, Where] = field(default_factory=dict)
    findings: list[StudyFinding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        kinds = (self.studies, self.arms, self.outcomes, self.contrasts, self.components, self.pooled, self.parameters)
        return sum(len(kind) for kind in kinds)

    def put(self, row_id: str, file: str, line: int | None, rows: list[T], row: T) -> None:
        """Keep one row and its place; a second row of the same id is a finding instead."""
        if row_id in self.where:
            at = ":".join(str(part) for part in self.where[row_id] if part is not None)
            self.wrong(row_id, file, line, f"it stands twice, here and in {at}.", "Drop one row.")
            return
        self.where[row_id] = (file, line)
        rows.append(row)

    def wrong(self, row_id: str, file: str, line: int | None, problem: str, mend: str) -> None:
        """Note an error of a file."""
        self.findings.append(
            StudyFinding(
                level=FindingLevel.ERROR, rule="unreadable", file=file, line=line, row_id=row_id, problem=problem, mend=mend
            )
        )  # fmt: skip


def read_parts(path: Path) -> StudyParts:
    """Everything below a folder, or in one study file. Nothing is raised: what cannot be read is a finding."""
    parts = StudyParts()
    if path.is_dir():
        _read_folder(parts, path)
        for file in sorted(path.glob("*.y*ml")):
            if path.resolve() != (ROOT / "files" / "studies").resolve():
                _read_yaml(parts, file)
    elif path.is_file():
        _read_yaml(parts, path)
    else:
        parts.wrong(path.name, str(path), None, "there is no such file or folder.", "Name a study file or a folder.")
    if not parts.rows and not parts.findings:
        parts.wrong(path.name, str(path), None, "it holds no study.", "Put a study file or the CSV tables there.")
    return parts


def _read_folder(parts: StudyParts, folder: Path) -> None:
    """The CSV tables of a folder, those that are there."""
    _table(parts, folder / "studies.csv", Study, parts.studies, lambda row: row.study_id)
    _table(parts, folder / "arms.csv", StudyArm, parts.arms, lambda row: f"{row.study_id}/{row.arm_id}")
    _table(parts, folder / "outcomes.csv", StudyOutcome, parts.outcomes, lambda row: row.row_id)
    _table(parts, folder / "contrasts.csv", StudyContrast, parts.contrasts, lambda row: row.row_id)
    _table(parts, folder / "components.csv", Component, parts.components, lambda row: f"component/{row.component}")
    _table(parts, folder / "meta_estimates.csv", PooledEstimate, parts.pooled, lambda row: row.row_id)
    _table(parts, folder / "parameters.csv", Parameter, parts.parameters, lambda row: f"parameter/{row.name}")


def _table(parts: StudyParts, path: Path, kind: type[T], rows: list[T], name: Any) -> None:
    if not path.exists():
        return
    for line, row in read_rows(path, kind):
        if isinstance(row, KnowledgeError):
            parts.wrong(path.name, path.name, row.line, row.problem, row.mend)
        else:
            parts.put(name(row), path.name, line, rows, row)


def _read_yaml(parts: StudyParts, path: Path) -> None:
    """One study file; `study_id` need not be repeated in its arms and rows."""
    try:
        text = strict_yaml.read_text(path)
        data = strict_yaml.parse(text, str(path))
    except KnowledgeError as error:
        parts.wrong(path.name, path.name, error.line, error.problem, error.mend)
        return
    if not isinstance(data, dict) or not isinstance(data.get("study"), dict):
        parts.wrong(path.name, path.name, None, "it has no `study`.", "See `inconcert evidence template`.")
        return
    for section in data.keys() - set(SECTIONS):
        line = strict_yaml.line_of(text, f"$.{section}")
        parts.wrong(path.name, path.name, line, f"there is no section {section!r}.", f"One of {', '.join(SECTIONS)}.")
    study_id = str(data["study"].get("study_id", ""))

    def take(section: str, kind: type[T], rows: list[T], name: Any) -> None:
        given = data[section] if section == "study" else data.get(section) or []
        entries = [given] if section == "study" else given if isinstance(given, list) else [None]
        for index, entry in enumerate(entries):
            at = f"$.{section}" if section == "study" else f"$.{section}[{index}]"
            line = strict_yaml.line_of(text, at)
            row = _convert(entry, kind, study_id)
            if isinstance(row, str):
                parts.wrong(study_id or path.name, path.name, line, row, MENDED_BY)
            else:
                parts.put(name(row), path.name, line, rows, row)

    take("study", Study, parts.studies, lambda row: row.study_id)
    take("arms", StudyArm, parts.arms, lambda row: f"{row.study_id}/{row.arm_id}")
    take("outcomes", StudyOutcome, parts.outcomes, lambda row: row.row_id)
    take("contrasts", StudyContrast, parts.contrasts, lambda row: row.row_id)
    take("components", Component, parts.components, lambda row: f"component/{row.component}")


def _convert(entry: object, kind: type[T], study_id: str) -> T | str:
    """A row, or what is wrong with it. Numbers where text belongs (a PMID) are taken as they stand."""
    if not isinstance(entry, Mapping):
        return "it is no list of fields."
    fields = {info.name: info.type for info in msgspec.structs.fields(kind)}
    cells = {name: value for name, value in entry.items() if value is not None and value != ""}
    if "study_id" in fields:
        cells = {"study_id": study_id, **cells}
        if cells["study_id"] != study_id:
            return f"it is of {cells['study_id']!r}, and the file is of {study_id!r}."
    for name, value in cells.items():
        if fields.get(str(name)) is str and isinstance(value, (int, float)) and not isinstance(value, bool):
            cells[name] = f"{value}"
    try:
        return msgspec.convert(cells, kind, strict=True)
    except msgspec.ValidationError as error:
        return f"{error}."


def with_parts(ours: StudyTables, parts: StudyParts) -> StudyTables:
    """Our tables and the reader's as one. Where both have an id ours stays; `clashes` says so."""
    printed = {row.row_id for row in ours.contrasts}
    return msgspec.structs.replace(
        ours,
        studies=_after(ours.studies, parts.studies, lambda row: row.study_id),
        arms=_after(ours.arms, parts.arms, lambda row: (row.study_id, row.arm_id)),
        outcomes=_after(ours.outcomes, parts.outcomes, lambda row: row.row_id),
        contrasts=(*ours.contrasts, *(row for row in parts.contrasts if row.row_id not in printed)),
        components=_after(ours.components, parts.components, lambda row: row.component),
        pooled=_after(ours.pooled, parts.pooled, lambda row: row.row_id),
        parameters=_after(ours.parameters, parts.parameters, lambda row: row.name),
    )


def _after(ours: Mapping[Any, T], rows: Iterable[T], name: Any) -> dict[Any, T]:
    """Ours, then the rows that have another id, so that a later finding is about the reader's row."""
    return {**ours, **{name(row): row for row in rows if name(row) not in ours}}


def clashes(ours: StudyTables, parts: StudyParts) -> list[StudyFinding]:
    """Ids of a reader's studies and components that are taken by ours."""
    taken = [(row.study_id, row.study_id) for row in parts.studies if row.study_id in ours.studies]
    taken += [
        (f"component/{row.component}", row.component) for row in parts.components if row.component in ours.components
    ]
    return [
        StudyFinding(
            level=FindingLevel.ERROR, rule="id_taken", file=parts.where[row_id][0], line=parts.where[row_id][1], row_id=row_id,
            problem=f"{name} is in the tables already.", mend="Choose another id, or leave the study to the tables.",
        )
        for row_id, name in taken
    ]  # fmt: skip
