"""A folder of a reader's own studies: checked, refused or added to, and read beside our tables.

Nothing is ever written into the installed package. A study is refused where it, or a study with the same registration, DOI or
PMID, is there already: counted twice it would look twice as sure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from inconcert.knowledge.loader import ROOT
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import FOLDER, study_tables
from inconcert.knowledge.study_checks import check_tables
from inconcert.knowledge.study_files import StudyParts, clashes, read_parts, with_parts
from inconcert.knowledge.study_findings import FindingLevel, StudyFinding
from inconcert.knowledge.study_rows import StudyTables

TEMPLATE = FOLDER / "template.yaml"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,79}")
_HEAD = (
    "# A study beside the tables of InConcert. Checked when it was added; `inconcert evidence check` checks it again.\n"
)


@dataclass(frozen=True, kw_only=True)
class CheckedStudies:
    """Files with their findings. `tables` are ours and theirs as one; `ids` the studies that were read."""

    tables: StudyTables
    parts: StudyParts
    findings: tuple[StudyFinding, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The studies of the files."""
        return tuple(study.study_id for study in self.parts.studies)

    @property
    def errors(self) -> tuple[StudyFinding, ...]:
        """What must be mended first."""
        return tuple(finding for finding in self.findings if finding.level is FindingLevel.ERROR)


def check_studies(path: Path | None, *, as_of: date, beside: Path | None = None) -> CheckedStudies:
    """Every finding about our tables (`path` None), or about a reader's file or folder beside ours.

    `beside` is a reader's folder that counts as ours (where a file is to be added). Lines are known for every row of a file.
    """
    if path is None or path.resolve() == FOLDER.resolve():
        parts = read_parts(FOLDER)
        tables = study_tables()
        found = check_tables(tables, parts.where, as_of=as_of)
        return CheckedStudies(tables=tables, parts=parts, findings=found)
    ours = load_studies(beside)
    parts = read_parts(path)
    tables = with_parts(ours, parts)
    only = {study.study_id for study in parts.studies} | {arm.study_id for arm in parts.arms}
    only |= {row.study_id for row in parts.outcomes} | {row.study_id for row in parts.contrasts}
    taken = clashes(ours, parts)
    names = [finding for study in parts.studies for finding in _plain(parts, study.study_id)]
    rest = check_tables(tables, parts.where, as_of=as_of, only=only - {finding.row_id for finding in taken})
    return CheckedStudies(tables=tables, parts=parts, findings=(*parts.findings, *taken, *names, *rest))


def _plain(parts: StudyParts, study_id: str) -> list[StudyFinding]:
    if _PLAIN.fullmatch(study_id):
        return []
    file, line = parts.where[study_id]
    return [
        StudyFinding(
            level=FindingLevel.ERROR, rule="id_shape", file=file, line=line, row_id=study_id,
            problem=f"{study_id!r} cannot be a study_id.", mend="Use letters, digits, - and _, such as SHANOK2024.",
        )
    ]  # fmt: skip


def load_studies(folder: Path | None = None, *, as_of: date = date.max) -> StudyTables:
    """Our tables, and those of a reader's folder beside them. Raises KnowledgeError for the first error of the folder."""
    if folder is None:
        return study_tables()
    checked = check_studies(folder, as_of=as_of)
    for finding in checked.errors:
        raise KnowledgeError(
            str(folder / finding.file), finding.line, f"{finding.row_id}: {finding.problem}", finding.mend
        )
    return checked.tables


def add_study(checked: CheckedStudies, folder: Path) -> list[Path]:
    """Write each checked study into a reader's folder, one file each, and return the files.

    Raises KnowledgeError where there are errors, where the folder is part of the installed package, or where a file is
    there already.
    """
    if checked.errors:
        first = checked.errors[0]
        raise KnowledgeError(first.file, first.line, f"{first.row_id}: {first.problem}", first.mend)
    if folder.resolve().is_relative_to(ROOT.resolve()):
        raise KnowledgeError(str(folder), None, "this folder belongs to InConcert.", "Name a folder of your own.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for study_id in checked.ids:
        path = folder / f"{study_id}.yaml"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(study_text(checked, study_id))
        except FileExistsError:
            raise KnowledgeError(str(path), None, "this file is there already.", "Move it away first.") from None
        written.append(path)
    return written


def study_text(checked: CheckedStudies, study_id: str) -> str:
    """One study as the text of its file. Its components go with it, since another file may not hold them."""
    parts = checked.parts
    used = {part for arm in parts.arms if arm.study_id == study_id for part in arm.parts}
    body: dict[str, Any] = {
        "study": next(_cells(study) for study in parts.studies if study.study_id == study_id),
        "arms": [_cells(arm, "study_id") for arm in parts.arms if arm.study_id == study_id],
        "outcomes": [_cells(row, "study_id") for row in parts.outcomes if row.study_id == study_id],
        "contrasts": [_cells(row, "study_id") for row in parts.contrasts if row.study_id == study_id],
        "components": [_cells(part) for part in parts.components if part.component in used],
    }
    filled = {name: value for name, value in body.items() if value}
    return _HEAD + yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=120)


def _cells(row: msgspec.Struct, *without: str) -> dict[str, Any]:
    """The filled cells of a row."""
    cells: dict[str, Any] = msgspec.to_builtins(row)
    return {name: value for name, value in cells.items() if value not in (None, "") and name not in without}
