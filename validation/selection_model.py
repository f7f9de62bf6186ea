"""Does the selection model take the bias of selection out, and what does it cost where nothing is missing?

    python validation/selection_model.py            (under two minutes on two cores)
    python validation/selection_model.py --full     (2,000 replications in more cells; some quarter of an hour)

In every replication studies are drawn until so many were seen: a study of n people in each arm (20 to 150) has a standardized mean
difference around mu with spread tau; significant ones (one-sided p below 0.025, in the favored direction) are always seen, others
with the probability of the cell. The plain random-effects mean and the three-parameter selection model are held against mu.
Each figure has its Monte Carlo error. Exit 1 if a claim below fails by more than two Monte Carlo errors.

Claims. Where selection is at work (others seen 3 times in 10 or less) and 30 studies or more are seen: the adjusted bias is less than half
the plain bias, and the adjusted interval holds mu at least 90 times in 100. Where nothing is missing: the adjusted bias is
below 0.02, its interval holds mu at least 90 times in 100, and selection is claimed (p below 0.05) at most 8 times in 100. Nothing is
claimed for fewer studies, nor where selection has another shape than the model; the table shows what happens there.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src")]

import numpy as np

from inconcert.evidence.synthesis.trust.selection import Selection, fit_selection
from inconcert.evidence.synthesis.trust.types import FunnelPoint

Z = 1.959963984540054
MU, TAU = 0.3, 0.15
BIAS_MAX, COVERAGE_MIN, FALSE_MAX = 0.02, 0.90, 0.08


@dataclass(frozen=True)
class Cell:
    """One setting: studies seen, the true mean and spread, and how often a weak result is seen.

    With `negative` results below nothing are seen that often instead, which the model fitted here does not know.
    """

    k: int
    seen: float
    mu: float = MU
    tau: float = TAU
    negative: float | None = None

    @property
    def claimed(self) -> bool:
        """Whether the claims are about this cell."""
        return self.k >= 30 and self.negative is None


SHAPE = Cell(30, 0.5, mu=0.0, negative=0.1)
QUICK = (Cell(15, 0.3), Cell(30, 1.0), Cell(30, 0.3), Cell(30, 0.1), Cell(60, 1.0), Cell(60, 0.1), SHAPE)
FULL = (
    *(Cell(k, seen) for k in (10, 15, 30, 60) for seen in (1.0, 0.3, 0.1)),
    *(Cell(30, seen, mu=0.0) for seen in (1.0, 0.3)),
    *(Cell(30, seen, tau=0.3) for seen in (1.0, 0.3)),
    SHAPE,
)


def drawn(cell: Cell, rng: np.random.Generator) -> list[FunnelPoint]:
    """The studies of one replication."""
    points: list[FunnelPoint] = []
    while len(points) < cell.k:
        people = rng.integers(20, 151)
        effect_here = rng.normal(cell.mu, cell.tau)
        se = math.sqrt(2 / people + effect_here**2 / (4 * people))
        effect = rng.normal(effect_here, se)
        seen = cell.seen if cell.negative is None or effect > 0 else cell.negative
        if effect / se > Z or rng.random() < seen:
            points.append(FunnelPoint(study=str(len(points)), effect=effect, se=se))
    return points


def replicate(task: tuple[Cell, int, int]) -> list[tuple[float, ...]]:
    """Plain estimate and whether its interval holds mu, then the same adjusted, and p; NaN where not fitted."""
    cell, seed, number = task
    rng = np.random.default_rng([seed, cell.k, round(100 * cell.seen), round(100 * cell.mu), round(100 * cell.tau)])
    found = []
    for _ in range(number):
        fitted = fit_selection(drawn(cell, rng))
        if not isinstance(fitted, Selection):
            found.append((math.nan,) * 5)
            continue
        plain = abs(fitted.naive - cell.mu) <= Z * fitted.naive_se
        adjusted = fitted.lower <= cell.mu <= fitted.upper
        found.append((fitted.naive - cell.mu, float(plain), fitted.estimate - cell.mu, float(adjusted), fitted.p))
    return found


@dataclass(frozen=True)
class Result:
    """What came out for a cell; each figure with its Monte Carlo error."""

    cell: Cell
    fitted: int
    wanted: int
    plain_bias: tuple[float, float]
    plain_rmse: tuple[float, float]
    plain_coverage: tuple[float, float]
    bias: tuple[float, float]
    rmse: tuple[float, float]
    coverage: tuple[float, float]
    false: tuple[float, float]

    def failures(self) -> list[str]:
        """The claims that fail by more than two Monte Carlo errors."""
        if not self.cell.claimed:
            return []
        found = []
        if self.coverage[0] + 2 * self.coverage[1] < COVERAGE_MIN:
            found.append(f"the adjusted interval holds the truth {self.coverage[0]:.3f} of the time")
        if self.cell.seen == 1.0:
            if abs(self.bias[0]) - 2 * self.bias[1] > BIAS_MAX:
                found.append(f"bias of {self.bias[0]:+.3f} where nothing is missing")
            if self.false[0] - 2 * self.false[1] > FALSE_MAX:
                found.append(f"selection is claimed {self.false[0]:.3f} of the time where there is none")
        elif abs(self.bias[0]) - 2 * self.bias[1] > abs(self.plain_bias[0]) / 2:
            found.append(f"bias of {self.bias[0]:+.3f}, more than half of the plain {self.plain_bias[0]:+.3f}")
        return found


def summed(cell: Cell, rows: list[tuple[float, ...]]) -> Result:
    """The figures of a cell."""
    table = np.array(rows)
    kept = table[~np.isnan(table[:, 0])]

    def mean(column: np.ndarray) -> tuple[float, float]:
        return float(column.mean()), float(column.std(ddof=1) / math.sqrt(len(column)))

    def root_mean_square(column: np.ndarray) -> tuple[float, float]:
        square, error = mean(column**2)
        return math.sqrt(square), error / (2 * math.sqrt(square))

    return Result(
        cell=cell,
        fitted=len(kept),
        wanted=len(table),
        plain_bias=mean(kept[:, 0]),
        plain_rmse=root_mean_square(kept[:, 0]),
        plain_coverage=mean(kept[:, 1]),
        bias=mean(kept[:, 2]),
        rmse=root_mean_square(kept[:, 2]),
        coverage=mean(kept[:, 3]),
        false=mean((kept[:, 4] < 0.05).astype(float)),
    )


def main() -> None:
    """Run every cell, print the table, and exit 1 where a claim fails."""
    parser = argparse.ArgumentParser(description="Bias and coverage of the selection model.")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--replications", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    number = asked.replications or (2000 if asked.full else 200)
    cells, chunk, began = FULL if asked.full else QUICK, 25, time.monotonic()
    tasks = [(cell, asked.seed + part, min(chunk, number - part)) for cell in cells for part in range(0, number, chunk)]
    rows: dict[Cell, list[tuple[float, ...]]] = {cell: [] for cell in cells}
    with ProcessPoolExecutor(max_workers=asked.workers) as pool:
        for (cell, _, _), found in zip(tasks, pool.map(replicate, tasks), strict=True):
            rows[cell] += found
    print(f"{number} replications, seed {asked.seed}, {time.monotonic() - began:.0f} s; Monte Carlo errors in brackets")
    head = "studies, mu, tau, weak seen, fitted, plain bias, plain RMSE, plain coverage, bias, RMSE, coverage, p < 0.05"
    print(f"| {head.replace(', ', ' | ')} |\n|{' --- |' * len(head.split(', '))}")
    failed = []
    for cell in cells:
        result = summed(cell, rows[cell])
        figures = (
            *(result.plain_bias, result.plain_rmse, result.plain_coverage),
            *(result.bias, result.rmse, result.coverage, result.false),
        )
        seen = f"{cell.seen}" if cell.negative is None else f"{cell.seen}, below nothing {cell.negative}"
        shown = " | ".join(f"{value:.3f} ({error:.3f})" for value, error in figures)
        share = result.fitted / result.wanted
        print(f"| {cell.k} | {cell.mu} | {cell.tau} | {seen} | {share:.2f} | {shown} |")
        failed += [f"{cell}: {failure}" for failure in result.failures()]
    for failure in failed:
        print(f"FAILED {failure}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
