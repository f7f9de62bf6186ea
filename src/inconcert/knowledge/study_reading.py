"""Rows of a study table as a file holds them: each a structure with its line, or what is wrong with it and how to mend it."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from inconcert.knowledge.loader import Entry
from inconcert.knowledge.strict_yaml import KnowledgeError

T = TypeVar("T", bound=Entry)


def read_rows(path: Path, kind: type[T], *key: str) -> Iterator[tuple[int, T | KnowledgeError]]:
    """Each row of a CSV file with its line, or the error of that row (not raised, so that all can be shown).

    An empty cell is left out and so unknown. `key` are the fields that no two rows may share.
    """
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in _cells(path, kind.__struct_fields__):
        if isinstance(cells, KnowledgeError):
            yield line, cells
            continue
        try:
            row = msgspec.convert({k: v.strip() for k, v in cells.items() if v.strip()}, kind, strict=False)
        except msgspec.ValidationError as error:
            wrong = KnowledgeError(str(path), line, f"{error}.", "Correct the cell; leave it empty if unknown.")
            wrong.__cause__ = error
            yield line, wrong
            continue
        endless = [name for name in row.__struct_fields__ if _endless(getattr(row, name))]
        if endless:
            problem = f"{', '.join(endless)} is no finite number."
            yield line, KnowledgeError(str(path), line, problem, "Write the number; leave it empty if unknown.")
            continue
        row_key = tuple(getattr(row, name) for name in key)
        if key and row_key in seen:
            twice = f"{'/'.join(map(str, row_key))} stands twice, here and in line {seen[row_key]}."
            yield line, KnowledgeError(str(path), line, twice, "Drop one row.")
            continue
        seen[row_key] = line
        yield line, row


def _endless(value: object) -> bool:
    """True for nan and infinity, which no table may hold."""
    return isinstance(value, float) and not math.isfinite(value)


def _cells(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | KnowledgeError]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield 1, KnowledgeError(str(path), None, f"it cannot be read: {error}.", "Save it as a CSV file in UTF-8.")
        return
    reader = csv.DictReader(io.StringIO(text), strict=True)
    wrong = _wrong_columns(text, columns)
    if wrong:
        yield 1, KnowledgeError(str(path), 1, *wrong)
        return
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                reader.line_num,
                KnowledgeError(str(path), reader.line_num, f"{error}.", "Mend the quotes of the row."),
            )
            return
        if None in cells or None in cells.values():
            problem = "The row has too many or too few cells."
            yield reader.line_num, KnowledgeError(str(path), reader.line_num, problem, "Quote commas.")
        else:
            yield reader.line_num, cells


def _wrong_columns(text: str, columns: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with the first line, and what would mend it; told once instead of for every row."""
    first = text.partition("\n")[0]
    if ";" in first and "," not in first:
        return "Its cells are parted by semicolons.", "Save it with commas."
    try:
        names = next(csv.reader([first], strict=True), [])
    except csv.Error:
        return None  # the reader tells of it with its line
    unknown = [name for name in names if name not in columns]
    if unknown:
        near = difflib.get_close_matches(unknown[0], columns, 1)
        nearest = f" The nearest is {near[0]!r}." if near else ""
        return f"There is no column {unknown[0]!r}.{nearest}", f"Use {', '.join(columns)}."
    twice = [name for name in names if names.count(name) > 1]
    return (f"The column {twice[0]!r} stands twice.", "Drop one.") if twice else None
