"""From a path to raw resources: one file or a folder; Bundle, single resource, JSON array or NDJSON."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from inconcert.exchange.fhir import jsontext
from inconcert.exchange.fhir.account import FileCount, Json, Ledger, RawResource, UnreadableChart
from inconcert.exchange.fhir.names import is_resource_name

UNREADABLE = "(unreadable)"  # stands for the type of what could not be decoded
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_RESOURCE_BYTES = 5 * 1024 * 1024
_LINES = (".ndjson", ".jsonl")
_READ = (".json", *_LINES)
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_MAX_ODD_ID = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file and one resource may be, in bytes."""

    file_bytes: int = MAX_FILE_BYTES
    resource_bytes: int = MAX_RESOURCE_BYTES


@dataclass(slots=True)
class _File:
    """One file being taken apart."""

    name: str
    ledger: Ledger
    limits: Limits
    flawed: bool = False
    large: bool = False
    count: int = 0
    notes: list[str] = field(default_factory=list)


def load_path(path: Path, ledger: Ledger, limits: Limits) -> None:
    """Admit every resource under a path. Raises UnreadableChart where nothing at all could be read."""
    if path.is_dir():
        _load_folder(path, ledger, limits)
        return
    if not path.exists():
        raise UnreadableChart(str(path), "is not there.", "Check the path.")
    if path.stat().st_size > limits.file_bytes:
        raise _too_large(str(path), path.stat().st_size, limits)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableChart(str(path), f"cannot be opened ({error.strerror}).", "Check its permissions.") from error
    load_bytes(data, path.name, ledger, limits)


def _load_folder(folder: Path, ledger: Ledger, limits: Limits) -> None:
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    wanted = [p for p in paths if p.suffix.lower() in _READ]
    if not wanted:
        raise UnreadableChart(
            str(folder), "holds no .json or .ndjson file.", "Give the folder into which the EHR exported FHIR JSON."
        )
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if path not in wanted:
            ledger.files.append(FileCount(file=name, resources=0, note="passed over: not .json or .ndjson"))
            continue
        try:
            if path.stat().st_size > limits.file_bytes:
                raise _too_large(name, path.stat().st_size, limits)
            load_bytes(path.read_bytes(), name, ledger, limits)
        except (UnreadableChart, OSError) as error:
            reason = error.reason if isinstance(error, UnreadableChart) else f"cannot be opened ({error.strerror})."
            mend = error.mend if isinstance(error, UnreadableChart) else "Check its permissions."
            ledger.file_problem(name, "", f"Nothing of this file was read: it {reason}", mend)
            ledger.files.append(FileCount(file=name, resources=0, note=f"not read: it {reason}"))
    if not ledger.raw:
        first = next((f for f in ledger.files if f.note.startswith("not read")), None)
        raise UnreadableChart(
            str(folder),
            f"holds no file that could be read{f' ({first.file} {first.note[13:]})' if first else ''}.",
            "Export the record as FHIR JSON.",
        )


def load_bytes(data: bytes, name: str, ledger: Ledger, limits: Limits) -> None:
    """Admit every resource in one file's bytes. Raises UnreadableChart where none could be read."""
    if len(data) > limits.file_bytes:
        raise _too_large(name, len(data), limits)
    text, note = jsontext.as_utf8(data, name)
    file = _File(name, ledger, limits, large=len(text) > limits.resource_bytes)
    if note:
        file.notes.append(note)
        ledger.file_problem(name, "", note, "Save it as UTF-8.")
    if Path(name).suffix.lower() in _LINES or _looks_like_lines(text):
        _load_lines(text, file)
    else:
        value, file.flawed = jsontext.decode(text, name)
        _load_value(value, file)
    ledger.files.append(FileCount(file=name, resources=file.count, note="; ".join(file.notes)))


def _looks_like_lines(text: bytes) -> bool:
    """True for NDJSON under another name: a second line opens an object at its first column and the first is whole."""
    first, newline, rest = text.lstrip().partition(b"\n")
    if not newline or not first.startswith(b"{") or not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _load_lines(text: bytes, file: _File) -> None:
    jsontext.refuse_if_not_json(text, file.name)
    broken: list[UnreadableChart] = []
    log_lines = 0
    for number, line in enumerate(text.split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            value, file.flawed = jsontext.decode(line, f"{file.name}, {where}")
        except UnreadableChart as error:
            broken.append(error)
            _admit_broken(file, where, f"This line {error.reason}", error.mend)
            continue
        if isinstance(value, dict) and {"exportId", "eventId"} <= value.keys():
            log_lines += 1
            continue
        _load_entry(value, where, file)
    if log_lines:
        file.notes.append(f"{log_lines} lines of a bulk export's log, which are not resources")
    if broken and file.count == len(broken):
        raise UnreadableChart(file.name, f"has no line that can be read; the first {broken[0].reason}", broken[0].mend)


def admit_line(line: bytes, number: int, name: str, ledger: Ledger, limits: Limits) -> None:
    """Admit the resource on one line of an NDJSON file; a line that cannot be decoded is refused by file and line."""
    file = _File(name, ledger, limits, large=len(line) > limits.resource_bytes)
    where = f"line {number}"
    try:
        value, file.flawed = jsontext.decode(line, name)
    except UnreadableChart as error:
        _admit_broken(file, where, f"This line {error.reason}", error.mend)
        return
    _load_entry(value, where, file)


def _load_value(value: Any, file: _File) -> None:
    if isinstance(value, list):
        for n, item in enumerate(value):
            _load_entry(item, f"[{n}]", file)
        if not value:
            raise UnreadableChart(file.name, "is an empty list.", "Export the record again.")
        return
    if not isinstance(value, dict):
        raise UnreadableChart(
            file.name, f"holds a bare {_kind(value)}, not a FHIR resource.", "Export the record as FHIR JSON."
        )
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not is_resource_name(kind):
        raise UnreadableChart(file.name, *_why_not_fhir(value, kind))
    if isinstance(value, jsontext.RepeatedKeys):
        flaw = f"writes {', '.join(map(repr, value.names))} twice at its top, so nothing in it is certain."
        raise UnreadableChart(file.name, flaw, "Mend the program that wrote it.")
    if kind == "Bundle":
        _load_bundle(value, "Bundle", file, 0)
        if not file.count:
            raise UnreadableChart(
                file.name, "is a Bundle without a resource in it.", "Export the record again, with the patient chosen."
            )
        return
    _load_entry(value, kind, file)


def _why_not_fhir(value: Json, kind: object) -> tuple[str, str]:
    if {"hook", "context"} <= value.keys() or "cards" in value or "services" in value:
        return "is a CDS Hooks message, not a chart.", "Give the FHIR resources of its prefetch as a Bundle."
    if "resources" in value and "tests" in value:
        return "is a test file, not a chart.", "Give the list under its `resources`."
    if isinstance(kind, str):
        return f"says resourceType {kind[:60]!r}, which FHIR does not know.", "Export the record as FHIR JSON."
    return "is JSON but not FHIR (it has no resourceType).", "Export the record as FHIR JSON."


def _load_bundle(bundle: Json, path: str, file: _File, level: int) -> None:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        reason = f"Bundle.entry is a {_kind(entries)}, not a list"
        file.ledger.file_problem(file.name, f"{path}.entry", reason, "Export the record again.")
        return
    for n, entry in enumerate(entries):
        where = f"{path}.entry[{n}]"
        if not isinstance(entry, dict):
            _admit_broken(file, where, f"This entry is a {_kind(entry)}, not an object.", "Export the record again.")
        elif "resource" not in entry:
            _no_resource(entry, where, file)
        elif isinstance(entry, jsontext.RepeatedKeys):
            reason = f"This entry writes {', '.join(map(repr, entry.names))} more than once, so it is not certain."
            _admit_broken(file, where, reason, "Mend the program that wrote it.")
        else:
            url = entry.get("fullUrl")
            _load_entry(entry["resource"], where, file, url if isinstance(url, str) else "", level)


def _no_resource(entry: Json, where: str, file: _File) -> None:
    request = entry.get("request")
    deleted = isinstance(request, dict) and request.get("method") == "DELETE"
    reason = "The entry says that a resource was deleted." if deleted else "The entry holds no resource."
    file.ledger.file_problem(file.name, where, reason, "Nothing to mend if that was meant; else export again.")


def _load_entry(value: Any, where: str, file: _File, full_url: str = "", level: int = 0) -> None:
    if not isinstance(value, dict):
        _admit_broken(file, where, f"This is a {_kind(value)}, not a resource.", "Export the record again.")
        return
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not kind:
        _admit_broken(file, where, "It has no resourceType, so it is not a FHIR resource.", "Export the record again.")
        return
    flaw = None
    if file.flawed and kind != "Bundle":
        flaw = jsontext.find_flaw(value, kind[:60])
    elif isinstance(value, jsontext.RepeatedKeys):
        flaw = ("Bundle", f"writes {', '.join(map(repr, value.names))} more than once, so it is not certain")
    raw = _raw(jsontext.clean(value) if file.flawed else value, kind, where, full_url, file)
    file.count += 1
    file.ledger.admit(raw)
    if flaw:
        file.ledger.refuse(raw, flaw[0], f"It {flaw[1]}.", "Mend the program that wrote it and export again.")
    elif not is_resource_name(kind):
        reason = f"FHIR knows no resource called {kind[:60]!r}."
        file.ledger.refuse(raw, kind[:60], reason, "Correct resourceType.")
    elif kind == "Bundle" and level >= 8:
        file.ledger.refuse(raw, "Bundle.entry", "Bundles are packed inside Bundles too deeply.", "Unpack them.")
    elif kind == "Bundle":
        file.ledger.keep(raw, "Bundle", "A Bundle inside a Bundle; its entries were read one by one.")
        _load_bundle(value, where, file, level + 1)
    elif file.large and len(msgspec.json.encode(raw.data)) > file.limits.resource_bytes:
        reason = f"It is larger than {file.limits.resource_bytes / 1e6:.0f} MB."
        file.ledger.refuse(raw, kind, reason, "Leave attachments and images out of the export.")


def _raw(data: Json, kind: str, where: str, full_url: str, file: _File) -> RawResource:
    given = data.get("id")
    if isinstance(given, str) and given and len(given) <= _MAX_ODD_ID and given.isprintable():
        name = given
    elif full_url.startswith("urn:uuid:") and len(full_url) <= _MAX_ODD_ID:
        name = full_url[len("urn:uuid:") :]
    else:
        digest = hashlib.sha256(msgspec.json.encode(data, order="deterministic")).hexdigest()
        name = f"no-id-{digest[:12]}"
    raw = RawResource(f"{kind[:60]}/{name}", kind[:60], file.name, where, data, full_url, len(file.ledger.raw))
    if given is not None and (not isinstance(given, str) or not _FHIR_ID.match(given)):
        shown = repr(given)[:80]
        reason = f"{shown} is not a FHIR id (letters, digits, - and . up to 64); named {raw.key} here."
        file.ledger.problem(raw, f"{raw.type}.id", reason, "Give the resource a FHIR id.")
    return raw


def _admit_broken(file: _File, where: str, reason: str, mend: str) -> None:
    raw = RawResource(f"{file.name}#{where}", UNREADABLE, file.name, where, {}, "", len(file.ledger.raw))
    file.count += 1
    file.ledger.admit(raw)
    file.ledger.refuse(raw, where, reason, mend)


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")


def _too_large(name: str, size: int, limits: Limits) -> UnreadableChart:
    return UnreadableChart(
        name,
        f"is {size / 1e6:.0f} MB; the limit is {limits.file_bytes / 1e6:.0f} MB.",
        "Export one patient, or a Bulk Data folder of smaller files.",
    )
