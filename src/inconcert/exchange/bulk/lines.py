"""The first look at an export: where each line stands and whom it is about, without decoding it.

The text of an export is never held. For each line that may matter 24 bytes are kept: file, place, length, line and person.
"""

from __future__ import annotations

import mmap
import re
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from inconcert.exchange.bulk.account import BulkTally
from inconcert.exchange.bulk.matters import SIFTED, WHY, Matters
from inconcert.exchange.fhir.account import UnreadableChart
from inconcert.exchange.fhir.names import DIRECTORY, is_resource_name, why_kept

SUFFIXES = (".ndjson", ".jsonl")
# Types from which no column of a cohort is made, though a chart reads them.
NOT_ASKED = frozenset({"Coverage", "ServiceRequest"})
OF_PEOPLE = frozenset(
    "Patient Condition Encounter Procedure AllergyIntolerance Device DeviceUseStatement DeviceUsage MedicationRequest MedicationOrder "
    "MedicationStatement MedicationDispense MedicationAdministration Observation QuestionnaireResponse".split()
)
# Looked up by facts of people; which names stand on a form or a medication.
SHARED = DIRECTORY | {"Questionnaire"}
WHY_NOT_ASKED = "No table of a cohort is made from this kind of resource."
_TYPE = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"')
_WHOM = re.compile(rb'"(?:subject|patient)"\s*:\s*\{\s*"reference"\s*:\s*"([^"\\?#]+)"')
_ID = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"Patient"\s*,\s*"id"\s*:\s*"([^"\\]+)"')
_PLAIN = b'"subject":{"reference":"Patient/'
_NOT_PLAIN = re.compile(rb"[/\\\\?#:]")
_MEND = "Export the record again."


@dataclass(slots=True)
class Lines:
    """The lines of an export that are about people, and those of the directory."""

    files: list[Path] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    file: array[int] = field(default_factory=lambda: array("H"))
    start: array[int] = field(default_factory=lambda: array("Q"))
    length: array[int] = field(default_factory=lambda: array("I"))
    number: array[int] = field(default_factory=lambda: array("I"))
    person: array[int] = field(default_factory=lambda: array("I"))
    ids: dict[bytes, int] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)  # people of whom there is a Patient
    matters: Matters = field(default_factory=Matters)
    shared: list[int] = field(default_factory=list)  # places of lines of the directory

    def admit(self, kind: str, whom: bytes | None, file: int, start: int, length: int, number: int) -> bool:
        """Keep where a line stands; False where it should name a person and names none."""
        person = NOBODY
        if whom is not None:
            person = self.ids.setdefault(whom, len(self.ids))
            if kind == "Patient":
                self.known.add(person)
        elif kind in SHARED or kind.startswith("Device"):
            self.shared.append(len(self.start))
        else:
            return False
        self.file.append(file)
        self.start.append(start)
        self.length.append(length)
        self.number.append(number)
        self.person.append(person)
        return True

    def batches(self, most_bytes: int) -> Iterator[NDArray[np.int64]]:
        """Places of lines, person by person in the order of their ids, in batches of whole people.

        No batch of an export of several people holds only one of them: in such company nothing is given to the only one there is.
        """
        order = self._by_person()
        if not len(order):
            return
        person = np.frombuffer(self.person, dtype=np.uint32)[order]
        size = np.cumsum(np.frombuffer(self.length, dtype=np.uint32)[order], dtype=np.int64)
        ends = np.flatnonzero(np.r_[person[1:] != person[:-1], True]) + 1
        begin = people = 0
        for place, end in enumerate(ends):
            full = size[end - 1] - (size[begin - 1] if begin else 0) >= most_bytes and place + 1 - people >= 2
            if (full and place != len(ends) - 2) or end == ends[-1]:
                yield order[begin:end]
                begin, people = int(end), place + 1

    def _by_person(self) -> NDArray[np.int64]:
        """Places of the lines of people of whom there is a Patient, by the order of their ids, then of the files."""
        rank = np.full(len(self.ids), -1, dtype=np.int64)
        for place, (_, number) in enumerate(sorted(i for i in self.ids.items() if i[1] in self.known)):
            rank[number] = place
        person = np.frombuffer(self.person, dtype=np.uint32)
        ranked = np.full(len(person), -1, dtype=np.int64)
        mine = person != NOBODY
        ranked[mine] = rank[person[mine]]
        order = np.argsort(ranked, kind="stable")
        found: NDArray[np.int64] = order[np.searchsorted(ranked[order], 0) :].astype(np.int64)
        return found


NOBODY = 2**32 - 1


def look_through(folder: Path, tally: BulkTally, told: Callable[[int, int], None]) -> Lines:
    """Find every line of the NDJSON files below a folder; `told` hears bytes done, of how many.

    Raises UnreadableChart where there is no such file.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
    if not paths:
        raise UnreadableChart(
            str(folder), "holds no .ndjson file.", "Give the folder into which the Bulk Data export was written."
        )
    lines, whole, done = Lines(), sum(p.stat().st_size for p in paths), 0
    for path in paths:
        lines.files.append(path)
        lines.names.append(path.relative_to(folder).as_posix())
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
                _look_through_file(text, lines, tally)
        done += path.stat().st_size
        told(done, whole)
    return lines


def _look_through_file(text: mmap.mmap, lines: Lines, tally: BulkTally) -> None:
    file, name, ids = len(lines.files) - 1, lines.names[-1], lines.ids
    kept: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    matters = lines.matters.matters
    start = 0
    head, usual = b"\0", ""  # the beginning of the line before, and its type: in an export one file holds one type
    for number, line in enumerate(iter(text.readline, b""), start=1):
        if not line.startswith(head):
            found = _TYPE.match(line)
            head, usual = (found[0], found[1].decode()) if found else (b"\0", "")
        if usual in SIFTED and not matters(usual, line):
            aside[usual] += 1
            start += len(line)
            continue
        kind, whom = (usual, _whom(usual, line, ids)) if usual else _decoded(line)
        if usual in OF_PEOPLE and whom is None and _decoded(line)[0] != usual:
            kind = ""  # what looks like a resource and is none
        if kind in OF_PEOPLE or kind in SHARED:
            if not lines.admit(kind, whom, file, start, len(line), number):
                tally.refuse(
                    name, number, kind, "It does not say whom it is about.", "Write the reference to the patient."
                )
        elif kind:
            _set_aside(kind, line, name, number, kept, tally)
        elif line.strip():
            _odd(line, name, number, tally)
        start += len(line)
    for kind, count in aside.items():
        tally.keep(kind, WHY, count)
    for kind, count in kept.items():
        tally.keep(kind, WHY_NOT_ASKED if kind in NOT_ASKED else why_kept(kind), count)


def _whom(kind: str, line: bytes, ids: Container[bytes] = ()) -> bytes | None:
    """The id of the patient that a line names, where that is plain to see; else what decoding tells. `ids`: those seen so far."""
    if kind not in OF_PEOPLE:
        return None
    if kind == "Patient":
        found = _ID.match(line)
        return found[1] if found else _decoded(line)[1]
    if b'"contained"' not in line:  # a contained resource may name somebody first
        begin = line.find(_PLAIN)
        if begin >= 0:
            whom = line[begin + len(_PLAIN) : line.find(b'"', begin + len(_PLAIN))]
            if whom in ids or not _NOT_PLAIN.search(whom):
                return whom
        found = _WHOM.search(line)
        if found:
            return _id_of(found[1])
    return _decoded(line)[1]


def _decoded(line: bytes) -> tuple[str, bytes | None]:
    """The same for a line written in some other order; '' where it is no resource."""
    try:
        read = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", None
    kind = read.get("resourceType") if isinstance(read, dict) else None
    if not isinstance(kind, str):
        return "", None
    whom = read.get("id") if kind == "Patient" else _reference(read.get("subject") or read.get("patient"))
    return kind, _id_of(whom.encode("utf-8", "replace")) if isinstance(whom, str) and whom else None


def _reference(named: object) -> object:
    if isinstance(named, list) and len(named) == 1:
        named = named[0]
    return named.get("reference") if isinstance(named, dict) else None


def _id_of(reference: bytes) -> bytes:
    """The id at the end of a reference: relative, absolute, a urn, or with a version."""
    return reference.partition(b"/_history/")[0].rstrip(b"/").replace(b":", b"/").rpartition(b"/")[2]


def _set_aside(kind: str, line: bytes, name: str, number: int, kept: Counter[str], tally: BulkTally) -> None:
    if not is_resource_name(kind):
        tally.refuse(name, number, kind[:60], f"FHIR knows no resource called {kind[:60]!r}.", "Correct resourceType.")
    elif not line.rstrip().endswith(b"}"):
        tally.refuse(name, number, kind, "This line ends in the middle.", _MEND)
    else:
        kept[kind] += 1


def _odd(line: bytes, name: str, number: int, tally: BulkTally) -> None:
    """A line that is no resource: a line of the export's log is passed over, anything else refused."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        tally.refuse(name, number, "(unreadable)", f"This line is not JSON: {error}.", _MEND)
        return
    if isinstance(value, dict) and {"exportId", "eventId"} <= value.keys():
        tally.log_lines += 1
        return
    tally.refuse(name, number, "(unreadable)", "It has no resourceType, so it is not a FHIR resource.", _MEND)
