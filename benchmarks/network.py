"""How long a network takes: from the rows of a file to the additive model, every pairwise interaction and the league table.

A benchmark, not a test: it prints, and fails nothing. The network is drawn (93 studies, 22 treatments, 18 components, 124
pairwise contrasts: the size of Linde 2016), so that it can be made anywhere. Aims: 15 ms of CPU warm, 0.5 CPU s for a new
process, 60 s for 10,000 refits on two cores, 2 s for all pairs of 12 components ranked by likelihood.
`OMP_NUM_THREADS=1 python benchmarks/network.py [REFITS]` (default 10,000).
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path

import numpy as np

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.design import component_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.interaction_search import rank_sets
from inconcert.evidence.synthesis.models.interactions import Looks, look_at_each

SIZES = [2] * 79 + [3] * 13 + [4]
PARTS = [f"c{place:02d}" for place in range(18)]
TREATMENTS = ["placebo", *PARTS[:14], "c00+c01", "c00+c02", "c01+c03", "c14+c02", "c03+c15", "c16+c04", "c01+c04+c17"]
SEED = 20261122
CORES = 2


def drawn_csv(treatments: list[str], sizes: list[int], seed: int) -> str:
    """Rows of arms (study, treatment, n, events). The first studies link every treatment to the first."""
    rng = np.random.default_rng(seed)
    lines = ["study,treatment,n,events"]
    for number, size in enumerate(sizes):
        first = [0, 1 + number] if number < len(treatments) - 1 else []
        rest = [place for place in rng.permutation(len(treatments)).tolist() if place not in first]
        for place in (first + rest)[:size]:
            people = int(rng.integers(30, 250))
            chance = 1 / (1 + np.exp(0.4 - 0.15 * treatments[place].count("c") - rng.normal(0, 0.2)))
            lines.append(f"s{number},{treatments[place]},{people},{rng.binomial(people, chance)}")
    return "\n".join(lines) + "\n"


def whole_job(text: str) -> tuple[Looks, int]:
    """Rows in; additive model, all interactions that occur, league table out (the number of contrasts that can be estimated)."""
    network = read_network(text)
    looks = look_at_each(network, component_design(network.treatments, inactive="placebo"))
    additive = looks.additive
    known = int(additive.random.league()[0].sum() + additive.common.league()[0].sum())
    return looks, known + len(additive.random.parameters) + len(additive.random.combinations)


def refits(text: str, count: int, seed: int) -> int:
    """Studies drawn again with replacement, each time the whole additive model; how many of its components were known, summed."""
    network = read_network(text)
    design = component_design(network.treatments, inactive="placebo")
    rng = np.random.default_rng(seed)
    known = 0
    for _ in range(count):
        studies = tuple(
            network.studies[place] for place in rng.integers(len(network.studies), size=len(network.studies))
        )
        again = fit(Network(scale=network.scale, studies=studies), design)
        known += sum(value is not None for value in again.random.parameters.values())
    return known


def cpu_ms(job: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one call, the middle of five runs."""
    job()
    runs = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(times):
            job()
        runs.append((time.process_time() - start) * 1000 / times)
    return sorted(runs)[2]


def new_process(arguments: list[str]) -> float:
    """CPU seconds of a new Python process, the middle of five runs."""
    runs = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        runs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(runs)[2]


def main(times: int) -> None:
    """Print the table."""
    text = drawn_csv(TREATMENTS, SIZES, SEED)
    looks, known = whole_job(text)
    network = looks.additive.network
    design = component_design(network.treatments, inactive="placebo")
    pairs = sum(size * (size - 1) // 2 for size in SIZES)
    print(
        f"{len(network.studies)} studies, {len(network.treatments)} treatments, {len(design.components)} components, {pairs} pairs"
    )
    print(
        f"{len(looks.looks)} interactions, of which {sum(one.identifiable for one in looks.looks)} identifiable; {known} numbers"
    )
    print(
        f"rows in to additive, all interactions, league   {cpu_ms(lambda: whole_job(text), 20):8.2f} ms CPU  (aim 15)"
    )
    print(f"  reading the rows                               {cpu_ms(lambda: read_network(text), 20):8.2f} ms CPU")
    print(f"  additive model, common and random              {cpu_ms(lambda: fit(network, design), 50):8.2f} ms CPU")
    print(
        f"  all interactions beside it                     {cpu_ms(lambda: look_at_each(network, design), 50):8.2f} ms CPU"
    )
    letters = [f"d{place:02d}" for place in range(12)]
    wide = read_network(drawn_csv(["placebo", *letters, *map("+".join, combinations(letters, 2))], [2] * 160, SEED))
    twelve = component_design(wide.treatments, inactive="placebo")
    ranked = cpu_ms(lambda: rank_sets(wide, twelve, most_terms=1), 1) / 1000
    print(f"66 interactions of 12 components by likelihood  {ranked:8.3f} s CPU   (aim 2)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arms.csv"
        file.write_text(text, encoding="utf-8")
        print(
            f"new process, the same job                       {new_process([__file__, '--once', str(file)]):8.3f} s CPU   (aim 0.5)"
        )
        command = [
            "-c",
            "from inconcert.cli import main; main()",
            "network",
            str(file),
            "--inactive",
            "placebo",
            "--json",
        ]
        print(f"new process, inconcert network --json           {new_process(command):8.3f} s CPU   (aim 0.5)")
    start = time.perf_counter()
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(refits, [text] * CORES, [times // CORES] * CORES, range(CORES)))
    print(
        f"{times} refits on {CORES} processes                     {time.perf_counter() - start:8.1f} s wall  (aim 60 for 10,000)"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        whole_job(Path(sys.argv[2]).read_text(encoding="utf-8"))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
