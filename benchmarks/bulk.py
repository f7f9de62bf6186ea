"""A Bulk Data export read into a cohort, beside `orjson.loads` over the same lines: medians of CPU seconds.

    python benchmarks/bulk.py [copies]

The public export `../shared/fhir/synthea_2025_bulk_10` is written `copies` times (default 20) with every id renamed.
Three figures: looking through (whose is each line), reading in (NDJSON to grouped, typed facts of people), and the
whole (with the person rule and the writing of Parquet). Each run has a run of orjson right before it and is compared with
that one, since others may use the machine. Aim: reading in within 4 times orjson. Two processes are told in seconds by the
clock.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import orjson

from inconcert.exchange.bulk import read_bulk
from inconcert.exchange.bulk.account import BulkTally
from inconcert.exchange.bulk.charts import Reader
from inconcert.exchange.bulk.lines import Lines, look_through
from inconcert.exchange.bulk.read import BATCH_BYTES, places_of

EXPORT = Path(__file__).resolve().parents[2] / "shared/fhir/synthea_2025_bulk_10"
AS_OF = date(2026, 11, 22)
RUNS = 9
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def copied(folder: Path, copies: int) -> None:
    """Write the export so many times, every id and every reference to it renamed, type by type and copy after copy."""
    for path in sorted(EXPORT.glob("*.ndjson")):
        text = path.read_bytes().rstrip(b"\n") + b"\n"
        with (folder / path.name).open("wb") as out:
            for copy in range(copies):
                out.write(UUID.sub(rb"\g<0>-%d" % copy, text))


def decoded(lines: list[bytes]) -> None:
    """Every line decoded by orjson, one after the other, none of them kept."""
    for line in lines:
        orjson.loads(line)


def looked_through(folder: Path) -> Lines:
    """The first look alone."""
    return look_through(folder, BulkTally(), lambda _done, _whole: None)


def read_in(folder: Path) -> int:
    """From NDJSON to people with their facts, without the person rule."""
    lines, tally, people = looked_through(folder), BulkTally(), 0
    reader = Reader(lines.files, lines.names, AS_OF)
    reader.read_directory(places_of(lines, lines.shared), tally)
    for batch in lines.batches(BATCH_BYTES):
        people += len(reader.people(places_of(lines, batch.tolist()))[0])
    return people


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process for one run."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the figures."""
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "export"
        folder.mkdir()
        copied(folder, copies)
        lines = [line for path in sorted(folder.glob("*.ndjson")) for line in path.read_bytes().splitlines()]
        print(f"{len(lines):,} lines, {sum(map(len, lines)) / 1e6:.0f} MB")
        print(f"{read_in(folder):,} people")  # first, so that every file of knowledge is read before the clock runs
        for name, work, runs in (
            ("looking through", lambda: looked_through(folder), RUNS),
            ("reading in", lambda: read_in(folder), RUNS),
            ("the whole, one process", lambda: whole(folder, Path(scratch), 1), 1),
        ):
            pairs = [(cpu_seconds(lambda: decoded(lines)), cpu_seconds(work)) for _ in range(runs)]
            base, took = (statistics.median(column) for column in zip(*pairs, strict=True))
            times = sorted(mine / its for its, mine in pairs)
            print(
                f"{name:<32}{took:7.2f} s  orjson {base:5.2f} s  "
                f"{statistics.median(times):6.2f} times orjson ({times[0]:.2f}-{times[-1]:.2f})"
            )
        lines.clear()
        began = time.perf_counter()
        whole(folder, Path(scratch), 2)
        print(f"{'the whole, two processes':<32}{time.perf_counter() - began:7.2f} s by the clock")


def whole(folder: Path, scratch: Path, processes: int) -> None:
    """The command's work."""
    with tempfile.TemporaryDirectory(dir=scratch) as out:
        read_bulk(folder, Path(out), AS_OF, processes=processes)


if __name__ == "__main__":
    main()
