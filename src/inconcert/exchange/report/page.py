"""The report before it has a form: sections of paragraphs, lists, tables and pictures.

The printed page, the HTML page and the terminal are made from the same sections, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. `tone` is '' (plain), 'lead' (an answer), 'warn' (must be seen) or 'muted'."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list under a short lead-in. Never made with no items."""

    lead: str
    items: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. `widths` are shares of the page; `brief` the columns that a terminal keeps
    (none: it leaves the table out).

    `marks` are the columns that hold answers (met, NOT MET, HOLD ...), which get an emphasis beside their word.
    """

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    brief: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as Vega-Lite with its words. A terminal prints the words."""

    id: str
    title: str
    alt: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fold:
    """Detail that a page may fold away. The PDF prints it in an appendix, or where not `printed` names it only."""

    summary: str
    blocks: tuple[Block, ...]
    printed: bool = True


Block = Para | Bullets | Table | Picture | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report. `place` is 'first' (the first page), 'body' or 'appendix'."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    place: str = "body"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reader gets. `banner` are (label, value) pairs that name the person on every page."""

    title: str
    name: str
    invented: bool
    banner: tuple[tuple[str, str], ...]
    as_of: str
    made_with: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    disclaimer: str

    def pictures(self) -> Iterator[Picture]:
        """Every picture, in order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Picture))


def table(
    caption: str,
    headers: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    *,
    widths: tuple[float, ...] = (),
    brief: tuple[int, ...] = (),
    marks: tuple[int, ...] = (),
) -> list[Block]:
    """A table as a list of one block, or of none where there are no rows. Raises ValueError for a ragged row."""
    for row in rows:
        if len(row) != len(headers):
            raise ValueError(f"{caption}: a row has {len(row)} cells under {len(headers)} headers")
    return [Table(caption, headers, tuple(rows), widths, brief, marks)] if rows else []


def bullets(lead: str, items: Sequence[str], tone: str = "") -> list[Block]:
    """A list as a list of one block, or of none where there are no items; each item once."""
    once = tuple(dict.fromkeys(item for item in items if item))
    return [Bullets(lead, once, tone)] if once else []
