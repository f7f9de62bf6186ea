"""From bytes to JSON, strictly: what is not JSON, not UTF-8, too deep or written twice is said, not guessed.

msgspec decodes fast and refuses NaN, but lets the last of two equal keys win without a word. So keys are counted in
the text and in the result; where the counts differ, or where decoding failed, a slower pass finds the flaws and marks
them, so that only the resource that holds a flaw is lost and the rest goes in.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import msgspec

from inconcert.exchange.fhir.account import UnreadableChart

MAX_DEPTH = 64  # a FHIR chart is rarely nested deeper than 20
MAX_INT = 10**18  # beyond this a whole number is not a measurement but a mistake
_STRING_OR_KEY = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?', re.DOTALL)
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_JSON = (
    (b"<", "is XML or HTML, not JSON.", "Export the record as FHIR JSON (application/fhir+json)."),
    (b"%PDF", "is a PDF, not FHIR.", "Export the record as FHIR JSON."),
    (b"PK\x03\x04", "is a ZIP archive.", "Unpack it and give the folder."),
    (b"\x1f\x8b", "is compressed (gzip).", "Unpack it first."),
    (b"ISA*", "is an X12 message, not FHIR.", "Export the record as FHIR JSON."),
    (b"MSH|", "is an HL7 version 2 message, not FHIR.", "Export the record as FHIR JSON."),
)
_AGAIN = "Export the record again; the file was cut short or changed."


class RepeatedKeys(dict[str, Any]):
    """A JSON object in which a key stood more than once; `names` says which."""

    names: tuple[str, ...] = ()


class BadNumber(str):
    """A number that JSON does not know (NaN, Infinity) or that no machine can hold."""

    __slots__ = ()


def as_utf8(data: bytes, file: str) -> tuple[bytes, str]:
    """The text without its byte order mark, as UTF-8, and a note where it was written in another encoding."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :], ""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableChart(file, f"is marked {encoding.upper()} but is not ({error}).", _AGAIN) from error
            return text.encode("utf-8", "surrogatepass"), f"written in {encoding.upper()}; JSON should be UTF-8"
    return data, ""


def refuse_if_not_json(data: bytes, file: str) -> None:
    """Raises UnreadableChart for an empty file and for the other kinds of file people hand in."""
    start = data[:64].lstrip()
    if not start and not data.strip():
        raise UnreadableChart(file, "is empty.", "Export the record again and check that the file has a size.")
    for mark, reason, mend in _NOT_JSON:
        if start.startswith(mark):
            raise UnreadableChart(file, reason, mend)


def decode(data: bytes, file: str) -> tuple[Any, bool]:
    """The decoded value, and whether flaws are marked inside it (then look with `find_flaw`). Raises UnreadableChart."""
    refuse_if_not_json(data, file)
    try:
        value = msgspec.json.decode(data)
    except UnicodeDecodeError as error:
        raise _not_utf8(data, file) from error
    except RecursionError as error:
        raise UnreadableChart(
            file, "is nested more deeply than any chart is.", "Check what wrote it; FHIR resources are shallow."
        ) from error
    except msgspec.MsgspecError:
        return _slowly(data, file), True
    if _plainly_sound(data, value):
        return value, False
    keys, depth, huge = _count(value)
    if huge or keys != sum(1 for colon in _STRING_OR_KEY.findall(data) if colon):
        return _slowly(data, file), True
    return value, depth > MAX_DEPTH


def _plainly_sound(data: bytes, value: Any) -> bool:
    r"""True where a few counts show that no key stands twice, nothing is too deep and no whole number is too large.

    A text that is the value written out again, byte for byte, has each key once. Otherwise the value written out has as
    many keys as are left of the text's; each key ends in `":`, and a string can only lose such an ending on the way, unless
    its quote was written as `\u0022`. False says nothing: then the value is walked.
    """
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH or b"0" * 18 in data.translate(_DIGITS_ALIKE):
        return False
    again = msgspec.json.encode(value)
    if data.startswith(again):  # what decoded has nothing but white space after the value
        return True
    if b"\\u0022" in data:
        return False
    if b" :" in data or b"\t:" in data or b"\n:" in data or b"\r:" in data:  # a key may stand apart from its colon
        return False
    return again.count(b'":') == data.count(b'":')


def _count(value: Any) -> tuple[int, int, bool]:
    """How many keys, how many levels, and whether a whole number is too large."""
    keys = depth = 0
    huge = False
    level = [value]
    while level:
        depth += 1
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                keys += len(item)
                below.extend(item.values())
            elif kind is list:
                below.extend(item)
            elif kind is int and not -MAX_INT < item < MAX_INT:
                huge = True
        level = below
    return keys, depth - 1, huge


def _not_utf8(data: bytes, file: str) -> UnreadableChart:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start}"
    else:
        where = "one of its strings"
    return UnreadableChart(
        file, f"is not UTF-8 (at {where}).", "Save it as UTF-8; it may have been written as Latin-1 or Windows-1252."
    )


def _slowly(data: bytes, file: str) -> Any:
    """Decode with the standard library, marking what is flawed. Raises UnreadableChart where it is not JSON at all."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, file) from error
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=BadNumber, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            reason = f"ends in the middle (line {error.lineno}, column {error.colno}: {error.msg})."
            raise UnreadableChart(file, reason, _AGAIN) from error
        reason = f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})."
        raise UnreadableChart(file, reason, "Export the record as FHIR JSON.") from error
    except RecursionError as error:
        raise UnreadableChart(
            file, "is nested more deeply than any chart is.", "Check what wrote it; FHIR resources are shallow."
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked = RepeatedKeys(plain)
    seen: set[str] = set()
    marked.names = tuple(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # None is falsy
    return marked


def _float(text: str) -> float | BadNumber:
    number = float(text)
    return number if math.isfinite(number) else BadNumber(text[:40])


def _int(text: str) -> int | BadNumber:
    return int(text) if len(text) < 19 else BadNumber(text[:40])


def find_flaw(value: Any, path: str) -> tuple[str, str] | None:
    """Path and reason of the first flaw inside a value, or None: repeated keys, numbers that are none, broken text."""
    waiting: list[tuple[Any, str, int]] = [(value, path, 0)]
    while waiting:
        item, where, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return where[:200], f"is nested more than {MAX_DEPTH} levels deep"
        if isinstance(item, RepeatedKeys):
            return where, f"writes {', '.join(map(repr, item.names))} more than once, so its value is not known"
        if isinstance(item, BadNumber):
            return where, f"holds {str(item)!r}, which is not a number"
        texts = [item] if isinstance(item, str) else list(item) if isinstance(item, dict) else []
        if any("\ud800" <= char <= "\udfff" for text in texts for char in text):
            return where, "holds half a character (a lone surrogate)"
        if isinstance(item, dict):
            waiting.extend((below, f"{where}.{key}", depth + 1) for key, below in item.items())
        elif isinstance(item, list):
            waiting.extend((below, f"{where}[{n}]", depth + 1) for n, below in enumerate(item))
    return None


def clean(value: Any, depth: int = 0) -> Any:
    """The value with every mark turned back into plain JSON, so that it can be kept and written."""
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if depth > MAX_DEPTH:
        return "(nested too deeply to keep)"
    if isinstance(value, dict):
        return {clean(key): clean(below, depth + 1) for key, below in value.items()}
    if isinstance(value, list):
        return [clean(below, depth + 1) for below in value]
    return value
