"""The bytes of a reader's file become a header and rows, each with the line it began on."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from inconcert.evidence.synthesis.data.columns import ROLE_OF, plain
from inconcert.evidence.synthesis.data.types import NetworkError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what no text holds, and what would act on a terminal
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`header` as written; `rows` of as many cells each, trimmed; `lines` where each row begins (1 is the first line)."""

    name: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]


def read_sheet(source: Path | str | bytes, *, name: str = "") -> Sheet:
    """Read comma-, semicolon-, tab- or bar-separated text. A `str` with a line break is the text itself, else a path.

    Blank lines are skipped. Raises NetworkError, naming file and line, for what is not UTF-8 text, a row with more cells than the
    header, a quote that never ends, or nothing to read.
    """
    called, text = _text(source, name)
    start, delimiter = _first_line(called, text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if line < start or not any(cells):
                continue
            rows.append(cells)
            lines.append(line)
    except csv.Error as error:
        raise NetworkError(
            f"{called}, line {before + 1}: {error}. Mend: close each quote that is opened, and double a quote inside a name."
        ) from error
    header = tuple(cell.strip() for cell in rows.pop(0))
    lines.pop(0)
    while header and not header[-1]:
        header = header[:-1]
    width = len(header)
    for place, cells in enumerate(rows):
        if len(cells) != width:
            rows[place] = _fitted(called, cells, width, lines[place], delimiter)
    # A line of spaces or of bare delimiters is as empty as an empty line.
    kept = [place for place, cells in enumerate(rows) if any(map(str.strip, cells))]
    if len(kept) < len(rows):
        rows, lines = [rows[place] for place in kept], [lines[place] for place in kept]
    if not rows:
        raise NetworkError(f"{called} has a header and no rows. Mend: give one row per arm, or one per comparison.")
    return Sheet(name=called, header=header, rows=rows, lines=lines)


def _text(source: Path | str | bytes, name: str) -> tuple[str, str]:
    """The file's name for messages, and its text with one kind of line end."""
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        called, text = name or "the text", source
    elif isinstance(source, bytes):
        called, text = name or "the text", ""
        text = _decoded(called, source)
    else:
        path = Path(source)
        called = name or path.name
        try:
            text = _decoded(called, path.read_bytes())
        except FileNotFoundError:
            raise NetworkError(f"there is no file {str(path)!r}. Mend: check the path.") from None
        except OSError as error:
            raise NetworkError(
                f"{path} cannot be read ({error.strerror}). Mend: give a CSV file you may read."
            ) from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := CONTROL.search(text):
        line = text[: found.start()].count("\n") + 1
        raise NetworkError(
            f"{called}, line {line}: this is not text. Mend: save the sheet as CSV (UTF-8), not as a workbook."
        )
    return called, text.removeprefix("\ufeff")


def _decoded(called: str, raw: bytes) -> str:
    if raw.startswith(b"PK\x03\x04"):
        raise NetworkError(f"{called} is a workbook or an archive. Mend: save the sheet as CSV (UTF-8).")
    try:
        return raw.decode("utf-16" if raw.startswith(UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise NetworkError(
            f"{called}, line {line}: byte {raw[error.start]:#04x} is not UTF-8. Mend: save the file as CSV UTF-8"
            " (it may be in the encoding of an older Windows program)."
        ) from error


def _first_line(called: str, text: str) -> tuple[int, str]:
    """The line number of the header and the delimiter under which most of its names are known."""
    told = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip(" \t,;|"):
            continue
        if line.lower().startswith("sep=") and not told:
            told = line[4:5]
            continue
        if told in DELIMITERS:
            return number, told
        return number, max(DELIMITERS, key=lambda mark: _known_names(line, mark))
    raise NetworkError(f"{called} is empty. Mend: give a header and one row per arm, or one per comparison.")


def _known_names(line: str, delimiter: str) -> tuple[int, int]:
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    return sum(plain(cell) in ROLE_OF for cell in cells), len(cells)


def _fitted(called: str, cells: list[str], width: int, line: int, delimiter: str) -> list[str]:
    """The row with blanks added or empty cells cut at its end."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    if any(cell.strip() for cell in cells[width:]):
        raise NetworkError(
            f"{called}, line {line}: {len(cells)} cells under {width} names. Mend: put quotes around a name that holds a"
            f" {DELIMITERS[delimiter]}, and write decimals with a point."
        )
    return cells[:width]
