"""What a check of the study tables found: how grave, which rule, which row, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from inconcert.knowledge.loader import Entry
from inconcert.knowledge.study_rows import StudyTables

Where = tuple[str, int | None]


class FindingLevel(StrEnum):
    """`error` cannot be, so the file is refused; `warning` is to be looked at; `doubt` was looked at and cannot be settled."""

    ERROR = "error"
    WARNING = "warning"
    DOUBT = "doubt"


class StudyFinding(Entry, kw_only=True):
    """One finding. `line` counts from 1, None where a file has no lines to count; `row_id` as everywhere."""

    level: FindingLevel
    rule: str
    file: str
    line: int | None
    row_id: str
    problem: str
    mend: str

    def __str__(self) -> str:
        """As it is printed: `outcomes.csv:12: error: ROW: problem Mend: ...`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.level}: {self.row_id}: {self.problem} Mend: {self.mend}"


@dataclass(frozen=True, kw_only=True)
class StudyContext:
    """What every rule is given: the tables, where each row stands, and the day after which nothing can have happened."""

    tables: StudyTables
    where: Mapping[str, Where] = field(default_factory=dict)
    as_of: date

    def found(
        self, level: FindingLevel, rule: str, row_id: str, problem: str, mend: str, file: str = ""
    ) -> Iterator[StudyFinding]:
        """One finding about a row. `file` only where the row's place is not known."""
        path, line = self.where.get(row_id, (file or "the study tables", None))
        yield StudyFinding(level=level, rule=rule, file=path, line=line, row_id=row_id, problem=problem, mend=mend)
