"""Simulation-based calibration of the exact posterior: truths drawn from the prior must rank evenly among draws from the posterior.

    python validation/bayes_calibration.py [draws] [seed]        (default 2000 draws per setting, seed 1; some minutes on one core)

After Talts et al. 2018 (recalled): draw tau and the effects from the prior, studies from these, and 99 values from the posterior
given those studies; the rank of the truth is then uniform, for every quantity, if and only if the posterior is right. Quantities
are columns, a contrast, a new study, tau, and the log-likelihood, without which a posterior that ignores the data would pass (Modrák et
al. 2023, recalled). A posterior that takes tau as known where it was estimated (plug-in) and one that is the prior itself are
tried as well, and must be caught. Exits with 1 if a histogram is uneven (chi-squared, Bonferroni at 1 in 100 over all) or if a wrong
posterior passes.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Network, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_bias import NonRandomized
from inconcert.evidence.synthesis.models.design import Design, component_design
from inconcert.evidence.synthesis.models.distributions import chi_squared_upper
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.posterior import Posterior
from inconcert.evidence.synthesis.models.priors import HalfNormal, Known, LogNormal, Prior, Uniform

RANKS = 100  # 99 draws: ranks 0 to 99
BINS = 20
FAMILY_P = 0.01
LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    # a `~` before the first arm: not randomized
    "connected": (
        ("none", "ket"), ("none", "ket"), ("none", "tms"), ("none", "tms", "ket"), ("tms", "ket+tms"),
        ("none", "ket", "tms", "ket+tms"), ("none", "ket+tms"), ("ket", "tms"),
    ),
    "disconnected": (("none", "ket"), ("none", "ket"), ("sham", "tms"), ("sham", "tms"), ("~tms", "ket+tms")),
    "one study each": (("none", "ket"), ("none", "tms"), ("~tms", "ket+tms")),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One layout with its priors."""

    name: str
    layout: str
    prior: Prior
    draw_tau: Callable[[np.random.Generator], float]
    nonrandomized: NonRandomized | None = None


SETTINGS = (
    Setting(
        name="connected, half-normal",
        layout="connected",
        prior=Prior(sd=1.0, interaction_sd=0.5, tau=HalfNormal(0.5)),
        draw_tau=lambda rng: abs(float(rng.normal(0, 0.5))),
    ),
    Setting(
        name="disconnected, uniform",
        layout="disconnected",
        prior=Prior(sd=1.0, interaction_sd=0.5, tau=Uniform(1.0)),
        draw_tau=lambda rng: float(rng.uniform(0, 1)),
    ),
    Setting(
        name="one study each, log-normal",
        layout="one study each",
        prior=Prior(sd=1.0, interaction_sd=0.5, tau=LogNormal(-2.5, 1.5)),
        draw_tau=lambda rng: math.exp(float(rng.normal(-2.5, 1.5)) / 2),
    ),
    Setting(
        name="pair not randomized, biased",
        layout="disconnected",
        prior=Prior(sd=1.0, interaction_sd=0.5, of={"tms": (0.3, 0.4)}, tau=HalfNormal(0.3)),
        draw_tau=lambda rng: abs(float(rng.normal(0, 0.3))),
        nonrandomized=NonRandomized(bias_mean=0.2, bias_sd=0.4),
    ),
)


def skeleton(layout: str) -> Network:
    """The studies of a layout with their covariances and effects of zero; variances differ fourfold and are the same each time."""
    rng = np.random.default_rng(5)
    found = []
    for number, arms in enumerate(LAYOUTS[layout]):
        names = tuple(name.lstrip("~") for name in arms)
        v = rng.uniform(0.03, 0.12, len(names))
        found.append(
            StudyContrasts(
                study=f"s{number}",
                treatments=names,
                effects=np.zeros(len(names) - 1),
                covariance=np.diag(v[1:]) + v[0],
                randomized=not arms[0].startswith("~"),
            )
        )
    return Network(scale=Scale.OR, studies=tuple(found))


def simulated(
    network: Network, design: Design, b: Array, tau: float, how: NonRandomized | None, rng: np.random.Generator
) -> Network:
    """Studies as the model says: each true contrast is off by tau, and by a bias where the study was not randomized."""
    studies = []
    for one in network.studies:
        size = len(one.treatments) - 1
        t = (np.eye(size) + 1) / 2
        rows = np.array([design.row_of(name) - design.row_of(one.treatments[0]) for name in one.treatments[1:]])
        mean, covariance = rows @ b, one.covariance + tau**2 * t
        if how is not None and not one.randomized:  # two arms, the second holds more
            mean, covariance = mean + how.bias_mean, covariance + how.bias_sd**2 * t
        studies.append(replace(one, effects=rng.multivariate_normal(mean, covariance, method="cholesky")))
    return replace(network, studies=tuple(studies))


def plug_in(network: Network, setting: Setting, design: Design) -> Posterior:
    """Wrong on purpose: tau as if its DerSimonian-Laird estimate were known."""
    tau2 = fit(network, design).tau2
    return fit_exact(
        network,
        design,
        prior=replace(setting.prior, tau=Known(math.sqrt(tau2 or 0.0))),
        nonrandomized=setting.nonrandomized,
    )


def right(network: Network, setting: Setting, design: Design) -> Posterior:
    """The exact posterior."""
    return fit_exact(network, design, prior=setting.prior, nonrandomized=setting.nonrandomized)


def ignoring(network: Network, setting: Setting, design: Design) -> Posterior:
    """Wrong on purpose: the posterior of studies that say next to nothing, which is the prior."""
    blunt = tuple(replace(one, covariance=one.covariance * 1e8) for one in network.studies)
    return fit_exact(replace(network, studies=blunt), design, prior=setting.prior, nonrandomized=setting.nonrandomized)


def ranks(
    setting: Setting, count: int, seed: int, posterior: Callable[[Network, Setting, Design], Posterior] = right
) -> dict[str, NDArray[np.int64]]:
    """The rank of the truth among 99 draws, `count` times, for each quantity."""
    rng = np.random.default_rng(seed)
    empty = skeleton(setting.layout)
    design = component_design(empty.treatments, inactive="none", interactions=("ket*tms",))
    means, sds = setting.prior.columns(design)
    row = (design.row_of("ket+tms") - design.row_of("tms")).astype(float)
    out: dict[str, list[int]] = {}
    for _ in range(count):
        tau, b = setting.draw_tau(rng), rng.normal(means, sds)
        network = simulated(empty, design, b, tau, setting.nonrandomized, rng)
        found = posterior(network, setting, design)
        taus, draws = found.draws(RANKS - 1, rng)
        truth = {name: (b[i], draws[:, i]) for i, name in enumerate(design.columns)}
        truth["pair - tms"] = (row @ b, draws @ row)
        truth["new study"] = (row @ b + tau * rng.normal(), draws @ row + taus * rng.normal(size=len(taus)))
        truth["tau"] = (tau, taus)
        height = log_likelihood(network, design, setting.nonrandomized, np.vstack((b, draws)), np.r_[tau, taus])
        truth["log-likelihood"] = (height[0], height[1:])
        for name, (true, values) in truth.items():
            out.setdefault(name, []).append(int(np.sum(values < true)))
    return {name: np.array(values) for name, values in out.items()}


def log_likelihood(network: Network, design: Design, how: NonRandomized | None, b: Array, tau: Array) -> Array:
    """Log p(y | b, tau) for each of k draws, study by study, from the definition."""
    total = np.zeros(len(tau))
    for one in network.studies:
        size = len(one.treatments) - 1
        t = (np.eye(size) + 1) / 2
        rows = np.array([design.row_of(name) - design.row_of(one.treatments[0]) for name in one.treatments[1:]])
        biased = how is not None and not one.randomized
        spread = how.bias_sd**2 if how is not None and biased else 0.0
        off = one.effects - b @ rows.T - (how.bias_mean if how is not None and biased else 0.0)
        v = one.covariance + (tau[:, None, None] ** 2 + spread) * t
        total -= 0.5 * (
            np.linalg.slogdet(v)[1] + np.einsum("ks,ks->k", off, np.linalg.solve(v, off[:, :, None])[:, :, 0])
        )
    return total


def uneven_p(found: NDArray[np.int64]) -> float:
    """P of the histogram of ranks against an even one."""
    counts = np.bincount(found * BINS // RANKS, minlength=BINS)
    expected = len(found) / BINS
    return chi_squared_upper(float(np.sum((counts - expected) ** 2) / expected), BINS - 1)


def inside(found: NDArray[np.int64]) -> tuple[float, float]:
    """Share of truths between the 5th and 95th of 99 draws, of which 90 in 100 is right, and its Monte Carlo error."""
    share = float(np.mean((found >= 5) & (found < 95)))
    return share, math.sqrt(share * (1 - share) / len(found))


def main() -> None:
    """Rank all settings, print a table, and exit with 1 if the claim fails."""
    numbers = [int(a) for a in sys.argv[1:3]]
    count, seed = (*numbers, *(2000, 1)[len(numbers) :])
    began, rows, failed = time.process_time(), [], []
    for place, setting in enumerate(SETTINGS):
        rows += [(setting.name, name, found) for name, found in ranks(setting, count, seed + place).items()]
    limit = FAMILY_P / len(rows)
    print(f"{count:,} draws per setting, seed {seed}; a histogram is uneven below p = {limit:.1e}\n")
    print("| setting | quantity | chi-squared p | mean rank (49.5) | inside 90 % |\n|---|---|---|---|---|")
    for where, name, found in rows:
        p, (share, error) = uneven_p(found), inside(found)
        mean_error = float(found.std()) / math.sqrt(count)
        print(
            f"| {where} | {name} | {p:.3f} | {found.mean():.1f} ± {mean_error:.1f} | {100 * share:.1f} ± {100 * error:.1f} |"
        )
        if p < limit:
            failed.append(f"{where}: {name} is uneven (p = {p:.1e})")
    print("\nWrong on purpose, and to be caught:")
    for title, wrong in (("tau taken as known (plug-in)", plug_in), ("the prior for a posterior", ignoring)):
        tried = ranks(SETTINGS[0], count, seed + 99, wrong)
        smallest = min((uneven_p(found), name) for name, found in tried.items() if name != "tau")
        print(f"- {title}: {smallest[1]} has p = {smallest[0]:.1e}")
        if smallest[0] >= limit:
            failed.append(f"{title} passed")
    print(f"\n{time.process_time() - began:.0f} CPU seconds. {'; '.join(failed) or 'The posterior is calibrated.'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
