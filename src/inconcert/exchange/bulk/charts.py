"""From the lines of some people to rows: decoded once, read as charts, judged by the person rule."""

from __future__ import annotations

import gc
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from inconcert.exchange.bulk.account import BulkTally
from inconcert.exchange.fhir.account import Json, Ledger, RawResource
from inconcert.exchange.fhir.chart import people_of
from inconcert.exchange.fhir.load import Limits, admit_line
from inconcert.exchange.fhir.references import Index
from inconcert.payers.types import Case
from inconcert.population.extract import tables_of
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials

Place = tuple[int, int, int, int]  # file, first byte, bytes, line


@dataclass(slots=True)
class Reader:
    """Reads people of one export. Holds its files open, and the shared directory."""

    files: list[Path]
    names: list[str]
    as_of: date
    directory: Index | None = None
    _open: dict[int, mmap.mmap] = field(default_factory=dict)

    def line(self, place: Place) -> bytes:
        """The bytes of a line."""
        file, start, length, _ = place
        text = self._open.get(file)
        if text is None:
            with self.files[file].open("rb") as handle:
                text = self._open[file] = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        return text[start : start + length]

    def read_directory(self, places: list[Place], tally: BulkTally) -> None:
        """Read what charts refer to. It counts as kept: no row is made of it alone."""
        with _no_collection():
            self._read_directory(places, tally)

    def _read_directory(self, places: list[Place], tally: BulkTally) -> None:
        ledger, limits = Ledger(), Limits()
        for place in places:
            admit_line(self.line(place), place[3], self.names[place[0]], ledger, limits)
        found: list[tuple[RawResource, Json]] = []
        for raw in ledger.raw:
            if not ledger.settled(raw):
                found.append((raw, raw.data))
                ledger.keep(raw, raw.type, "Looked up by other resources; no row is made of it alone.")
        self.directory = Index(found)
        _take(ledger, tally)

    def people(self, places: list[Place]) -> tuple[tuple[Person, ...], BulkTally]:
        """The people of these lines, and what became of the lines."""
        with _no_collection():
            return self._people(places)

    def _people(self, places: list[Place]) -> tuple[tuple[Person, ...], BulkTally]:
        tally, ledger = BulkTally(), Ledger()
        limits = Limits()
        for place in places:
            admit_line(self.line(place), place[3], self.names[place[0]], ledger, limits)
        found = people_of(ledger, self.as_of, self.directory)
        _take(ledger, tally)
        tally.people = len(found)
        return found, tally

    def tables(self, places: list[Place], first: int) -> tuple[dict[str, pa.Table], BulkTally]:
        """The tables of the people of these lines, numbered from `first`."""
        people, tally = self.people(places)
        with _no_collection():
            return tables_of((self._case(person) for person in people), first), tally

    def _case(self, person: Person) -> Case:
        history = rebuild_trials(person, self.as_of)
        return Case(person=person, history=history, safety=screen(person, history, self.as_of), as_of=self.as_of)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the search for circles: a batch is a great many small objects and no circle, and the search takes a third of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _take(ledger: Ledger, tally: BulkTally) -> None:
    """Close the ledger and count it, with the place of each resource, its file:line, where one has to be named."""
    account = ledger.close()
    named = ledger.raw if account.refused or account.problems else []
    tally.take(account, {raw.key: f"{raw.file}:{raw.position.removeprefix('line ')}" for raw in named})
