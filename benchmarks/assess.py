"""How long one patient takes against every coverage policy, and how long the command takes to start.

A benchmark, not a test: it prints, and fails nothing. The aims are 50 ms a patient once started, and a cold start under a second.
`make bench`, or `python benchmarks/assess.py [FILE ...]` for files of your own (default: three invented people).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from inconcert.assessment import as_json, assess
from inconcert.exchange.fhir import read_chart
from inconcert.record import Person
from inconcert.synthetic import write_clinic


def milliseconds(what: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of `times` runs: of our own processor, so that others on the machine do not count."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        what()
        taken.append((time.process_time() - start) * 1000)
    return taken


def by_the_clock(what: Callable[[], object], times: int) -> list[float]:
    """Wall-clock milliseconds of each of `times` runs: for other processes, whose time is not ours."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def line(name: str, taken: list[float], aim: float) -> str:
    """Median, 90th percentile and the aim, in milliseconds."""
    p90 = sorted(taken)[int(0.9 * (len(taken) - 1))]
    return f"{name:<52} median {statistics.median(taken):8.1f} ms   90% {p90:8.1f} ms   aim {aim:6.0f} ms"


def cold_starts() -> None:
    """The command from nothing: Python's start included."""
    program = str(Path(sys.executable).with_name("inconcert"))
    for arguments in (["version"], ["--help"], ["score", "phq9", *"111111110"]):
        command = [program, *arguments]
        taken = by_the_clock(partial(subprocess.run, command, check=True, capture_output=True), 7)
        print(line("cold start: inconcert " + " ".join(arguments[:2]), taken, 1000))


def one_patient(path: Path) -> None:
    """Reading and answering, once everything is loaded."""
    day = date(2026, 11, 22)
    reading = read_chart(path, as_of=day)
    for person in reading.people[:1]:
        ask = partial(assess, person, as_of=day, payers=["all"])
        whole = partial(in_full, person, day, None)
        # The first answer loads the knowledge files; a user pays for it once.
        first, later = milliseconds(ask, 1), milliseconds(ask, 20)
        print(line(f"{path.name[:30]}: first answer, files loaded", first, 1000))
        print(line(f"{path.name[:30]}: all policies", later, 50))
        kind, aim = ("no plan", 40) if in_full(person, day, None) else ("own plan", 100)
        print(line(f"{path.name[:30]}: {kind}, with JSON", milliseconds(whole, 20), aim))
    print(line(f"{path.name[:30]}: reading", milliseconds(lambda: read_chart(path, as_of=day), 5), 50))


def in_full(person: Person, day: date, payers: list[str] | None) -> bool:
    """Ask as the command does, down to JSON: the ways of the person's own policies are searched for. True without a plan."""
    found = assess(person, as_of=day, payers=payers)
    as_json(found)
    return bool(found.answers.paid.ways_text)


def main() -> None:
    """Print the table, and how busy the machine was."""
    print(f"load of the last minute: {os.getloadavg()[0]:.1f}")
    cold_starts()
    paths = [Path(p) for p in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        if not paths:
            write_clinic(Path(folder))
            paths = sorted(Path(folder).rglob("*.json"))[:3]
        for path in paths:
            one_patient(path)


if __name__ == "__main__":
    main()
