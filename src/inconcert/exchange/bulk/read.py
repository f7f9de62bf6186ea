"""A Bulk Data export read into a cohort: a folder of NDJSON in, a folder of Parquet tables out, in bounded memory."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from inconcert.exchange.bulk.account import BulkAccount, BulkTally
from inconcert.exchange.bulk.charts import Place, Reader
from inconcert.exchange.bulk.lines import NOBODY, Lines, look_through
from inconcert.judgement import Refusal
from inconcert.population.tables import Cohort, write_cohort

BATCH_BYTES = 16 * 1024 * 1024  # of text; a batch becomes about ten times as much in memory
WORTH_BATCHES = 6  # batches for each process, below which one process is done sooner
Told = Callable[[str, int, int], None]


def _silent(_what: str, _done: int, _whole: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class BulkReading:
    """What an export gave: the cohort, and the account of every line."""

    cohort: Cohort
    account: BulkAccount


def read_bulk(
    folder: Path, out: Path, as_of: date, *, processes: int = 1, told: Told = _silent, batch_bytes: int = BATCH_BYTES
) -> BulkReading:
    """Read the NDJSON files below `folder` and write what they say of each person to `out`.

    Malformed lines are refused by file and line and the good ones go in; a person without facts is kept. Facts dated
    after `as_of` are ignored. `told` hears what is done: what, how much, of how much.

    Raises:
        UnreadableChart: there is no NDJSON file.
        Refusal: no person could be read, or `out` holds something.
    """
    if out.exists() and any(out.iterdir()):
        raise Refusal(f"The folder {out} is not empty.", "Name a folder that does not exist yet.")
    tally = BulkTally()
    lines = look_through(folder, tally, lambda done, whole: told("Looking through the export", done, whole))
    if not lines.known:
        raise Refusal(f"{folder} holds no Patient that can be read.", "Export the Patients with the record.")
    parts = _parts(lines, as_of, tally, processes, told, batch_bytes)
    origin = f"read from a Bulk Data export of {len(lines.files)} files"
    cohort = write_cohort(out, parts, as_of=as_of, invented=False, origin=origin)
    return BulkReading(cohort, tally.close())


def _parts(
    lines: Lines, as_of: date, tally: BulkTally, processes: int, told: Told, batch_bytes: int
) -> Iterator[dict[str, pa.Table]]:
    reader = Reader(lines.files, lines.names, as_of)
    reader.read_directory(places_of(lines, lines.shared), tally)
    _refuse_strangers(lines, tally)
    batches = list(lines.batches(batch_bytes))
    person = np.frombuffer(lines.person, dtype=np.uint32)
    first, work = 0, []
    for batch in batches:
        work.append((places_of(lines, batch.tolist()), first))
        first += len(np.unique(person[batch]))
    whole = sum(len(places) for places, _ in work)
    done = 0
    for (places, _), (tables, piece) in zip(work, _results(reader, work, processes), strict=True):
        tally.add(piece)
        done += len(places)
        told("Reading people", done, whole)
        yield tables


def places_of(lines: Lines, which: Iterable[int]) -> list[Place]:
    """Where lines stand."""
    return [(lines.file[i], lines.start[i], lines.length[i], lines.number[i]) for i in which]


def _refuse_strangers(lines: Lines, tally: BulkTally) -> None:
    """What names a patient who is not in the export is given to nobody."""
    ids = {number: name for name, number in lines.ids.items() if number not in lines.known}
    if not ids:
        return
    for i, person in enumerate(lines.person):
        if person != NOBODY and person in ids:
            named = ids[person].decode("utf-8", "replace")[:80]
            reason = f"The patient it names, {named!r}, is not in this export."
            mend = "Export the Patient with the record; a fact is never given to somebody else."
            tally.refuse(lines.names[lines.file[i]], lines.number[i], "", reason, mend)


# ── several processes ────────────────────────────────────────────────────────────────────────────────────────────────

_READER: list[Reader] = []


def _begin(reader: Reader) -> None:
    _READER[:] = [reader]


def _read(work: tuple[list[Place], int]) -> tuple[dict[str, pa.Table], BulkTally]:
    return _READER[0].tables(*work)


def _results(
    reader: Reader, work: list[tuple[list[Place], int]], processes: int
) -> Iterator[tuple[dict[str, pa.Table], BulkTally]]:
    # Another process costs some seconds before it reads its first line.
    processes = min(processes, len(work) // WORTH_BATCHES)
    if processes <= 1:
        for one in work:
            yield reader.tables(*one)
        return
    fresh = Reader(reader.files, reader.names, reader.as_of, reader.directory)
    spawn = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_begin, initargs=(fresh,)) as pool:
        yield from pool.map(_read, work)
