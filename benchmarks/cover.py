"""Every policy asked of a whole cohort, beside one plain reading of the same Parquet columns; and how it grows.

    python benchmarks/cover.py [people ...]        (default 10000 100000 1000000; two cores, 6 GiB for the engine)

Each size runs in a process of its own, so that its memory is its own. Aims: a million people in 60 s and 8 GiB, within 10 times
the reading, and no worse than linear from ten thousand up. The people are invented.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from inconcert.knowledge.policies import policies
from inconcert.population.cover import ask, cover, proposals
from inconcert.population.engine import connect, from_files
from inconcert.population.invented import ORIGIN, invented_parts
from inconcert.population.tables import Cohort, columns_for, write_cohort

AS_OF = date(2026, 11, 22)
CORES, GIB = 2, 6.0


def main() -> None:
    """Run each size in its own process and print figures side by side."""
    sizes = [int(a) for a in sys.argv[1:] if a.isdigit()] or [10_000, 100_000, 1_000_000]
    if "--one" in sys.argv:
        sys.stdout.write(json.dumps(one(sizes[0])) + "\n")
        return
    rows = []
    print(
        f"{len(policies())} policies, {CORES} cores\n{'people':>10} {'ask s':>8} {'CPU s':>8} {'read s':>8} {'ratio':>7} {'peak GiB':>9}"
    )
    for people in sizes:
        run = subprocess.run(
            [sys.executable, __file__, str(people), "--one"], capture_output=True, text=True, check=True
        )
        row = json.loads(run.stdout.splitlines()[-1])
        rows.append(row)
        print(
            f"{people:>10,} {row['ask']:>8.1f} {row['cpu']:>8.1f} {row['read']:>8.2f} {row['ask'] / row['read']:>7.1f} {row['gib']:>9.2f}"
        )
    if len(rows) > 1:
        power = math.log(rows[-1]["ask"] / rows[0]["ask"]) / math.log(sizes[-1] / sizes[0])
        print(f"growth from {sizes[0]:,} to {sizes[-1]:,}: people to the power of {power:.2f} (1 is linear)")


def one(people: int) -> dict[str, float]:
    """One size: seconds to ask, seconds to read the same columns once, peak memory of this process."""
    with tempfile.TemporaryDirectory() as folder:
        cohort = write_cohort(
            Path(folder) / "cohort", invented_parts(people, 1, AS_OF), as_of=AS_OF, invented=True, origin=ORIGIN
        )
        began, cpu = time.perf_counter(), time.process_time()
        connection = connect("duckdb", threads=CORES, memory_gib=GIB)
        tables, _bad = from_files(cohort, connection)
        asked = ask(tables, cohort.as_of, proposals(policies().values(), None), as_written=True)
        found = cover(asked, connection)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        assert all(f.people == people for f in found)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        return {"ask": took, "cpu": used, "read": min(read(cohort, asked.reads) for _ in range(3)), "gib": peak}


def read(cohort: Cohort, reads: dict[str, tuple[str, ...]]) -> float:
    """Seconds to read the same columns once: every value of each is decoded and looked at."""
    reader = duckdb.connect(config={"threads": CORES})
    stored = {name: {c.name for c in columns} for name, columns in columns_for().items()}
    began = time.perf_counter()
    for table, columns in reads.items():
        looks = ", ".join(f'max("{c}")' for c in columns if c in stored[table])
        reader.sql(f"select {looks} from '{cohort.files[table]}'").fetchall()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
