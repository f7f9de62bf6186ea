"""One person against every policy: milliseconds after start, medians of many runs.

    python benchmarks/payers_one_person.py

Aim: under 50 ms for every policy once (docs, figures to reach).
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import date
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from inconcert.knowledge.policies import policies  # noqa: E402
from inconcert.payers import determine_all  # noqa: E402
from inconcert.record import Person  # noqa: E402
from support.payer_cases import COMPLETE, approvable, clear_person, make_case  # noqa: E402 - the path comes first

RUNS = 40


def main() -> None:
    """Print the medians."""
    began = time.perf_counter()
    number = len(policies())
    print(f"{number} policies read and checked in {(time.perf_counter() - began) * 1000:.0f} ms")
    cases = {
        "nothing known": make_case(Person(id="Patient/nobody"), date(2026, 11, 22)),
        "everything answered, two failures": approvable(),
        "no failure, history complete (many routes)": make_case(clear_person(COMPLETE)),
    }
    for name, case in cases.items():
        determine_all(case)
        took = []
        for _ in range(RUNS):
            began = time.perf_counter()
            determine_all(case)
            took.append((time.perf_counter() - began) * 1000)
        spread = statistics.quantiles(took, n=10)
        print(
            f"{name}: median {statistics.median(took):.1f} ms, nine in ten under {spread[8]:.1f} ms, {number} policies"
        )


if __name__ == "__main__":
    main()
