"""CPU seconds of exact Bayes: one fit of 93 studies, and all interactions of 12 components, in this process.

    OMP_NUM_THREADS=1 python benchmarks/bayes.py

Aims: a fit in 50 ms warm; 66 interaction models ranked, each under four priors, in 2 s. The networks are drawn, of the size of
the largest published examples. Quadrature errors stand beside the times, so that nobody buys speed with them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np

from inconcert.evidence.synthesis.data.types import Network, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_rank import rank_interactions
from inconcert.evidence.synthesis.models.design import Design, component_design

REPEATS = 15
AIMS_S = {"fit": 0.050, "rank": 2.0}


def main() -> None:
    """Print CPU seconds, medians of warm runs, and fail where an aim is missed."""
    large = drawn(components=18, treatments=22, studies=93)
    design = component_design(large.treatments, inactive="none")
    first = cpu(lambda: fit_exact(large, design))
    fits = [cpu(lambda: fit_exact(large, design)) for _ in range(REPEATS)]
    shown = [cpu(lambda: show(large, design)) for _ in range(REPEATS)]
    error = fit_exact(large, design).quadrature_error
    print(
        f"93 studies, {len(large.treatments)} treatments, {len(design.columns)} columns; quadrature error {error:.0e}"
    )
    print(f"  first fit in this process              {first * 1000:8.1f} ms CPU")
    print(f"  fit, warm                              {statistics.median(fits) * 1000:8.1f} ms CPU")
    print(f"  fit, intervals, quantiles of tau, league {statistics.median(shown) * 1000:6.1f} ms CPU")
    pairs = drawn(components=12, treatments=79, studies=180)
    twelve = component_design(pairs.treatments, inactive="none")
    ranks = [cpu(lambda: rank_interactions(pairs, twelve)) for _ in range(5)]
    ranked = rank_interactions(pairs, twelve)
    print(
        f"180 studies, 12 components: {len(ranked.evidence)} interactions ranked under 4 priors, {len(ranked.unidentifiable)} cannot be;"
        f" error {ranked.quadrature_error:.0e}\n  all, warm                              {statistics.median(ranks) * 1000:8.1f} ms CPU"
    )
    missed = [name for name, times in (("fit", fits), ("rank", ranks)) if statistics.median(times) > AIMS_S[name]]
    if missed:
        sys.exit(f"slower than its aim: {', '.join(missed)}")


def show(network: Network, design: Design) -> None:
    """What a page needs of a posterior."""
    found = fit_exact(network, design)
    _ = found.parameters, found.combinations, found.tau, found.league()


def cpu(run: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    began = time.process_time()
    run()
    return time.process_time() - began


def drawn(*, components: int, treatments: int, studies: int) -> Network:
    """A connected network: nothing, every component, then pairs; most studies of two arms, some of three and four."""
    rng = np.random.default_rng(93)
    parts = [f"C{number:02d}" for number in range(components)]
    joined = ["+".join(pair) for pair in combinations(parts, 2)]
    extra = rng.permutation(len(joined))[: treatments - components - 1]
    names = ["none", *parts, *(joined[place] for place in extra)]
    found = []
    for number in range(studies):
        arms = int(rng.choice([2, 3, 4], p=[0.75, 0.2, 0.05]))
        chosen = (
            ["none", names[number + 1]] if number + 1 < len(names) else list(rng.choice(names, arms, replace=False))
        )
        v = rng.uniform(0.02, 0.2, len(chosen))
        effects = rng.normal(0, 0.5, len(chosen) - 1)
        covariance = np.diag(v[1:]) + v[0]
        found.append(
            StudyContrasts(study=f"s{number}", treatments=tuple(chosen), effects=effects, covariance=covariance)
        )
    return Network(scale=Scale.OR, studies=tuple(found))


if __name__ == "__main__":
    main()
