"""Networks for the tests of the synthesis: drawn ones of every shape, and the worked case of the shared reference."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from inconcert.evidence.synthesis.data.arms import StudyLeftOut, contrasts_of_arms
from inconcert.evidence.synthesis.data.types import Network, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.design import Design, component_design, pairs_that_occur

SHAPES = ("any", "split", "shared part", "always together")


def study(name: str, treatments: tuple[str, ...], rng: np.random.Generator, **more: Any) -> StudyContrasts:
    """A study of independent arms with drawn effects and variances."""
    means, variances = rng.normal(size=len(treatments)), rng.uniform(0.05, 0.8, size=len(treatments))
    return StudyContrasts(
        study=name,
        treatments=treatments,
        effects=means[1:] - means[0],
        covariance=np.diag(variances[1:]) + variances[0],
        **more,
    )


def two_arms(name: str, first: str, second: str, effect: float, variance: float = 0.1, **more: Any) -> StudyContrasts:
    """A study of two arms: second minus first."""
    return StudyContrasts(
        study=name,
        treatments=(first, second),
        effects=np.array([effect]),
        covariance=np.array([[variance]]),
        **more,
    )


def network(*studies: StudyContrasts) -> Network:
    """Studies as a network of log odds ratios."""
    return Network(scale=Scale.OR, studies=studies)


def drawn_treatments(rng: np.random.Generator, letters: str) -> list[str]:
    """Nothing (`O`), and sets of letters, most of them small."""
    pool = ["O", *letters]
    for size in (2, 3):
        pool += ["+".join(one) for one in combinations(letters, size)]
    chances = np.array([3.0 if len(name) == 1 else 1.0 for name in pool])
    count = int(rng.integers(3, min(9, len(pool)) + 1))
    chosen = rng.choice(len(pool), size=count, replace=False, p=chances / chances.sum())
    return [pool[place] for place in sorted(chosen)]


def drawn_network(rng: np.random.Generator, shape: str) -> Network:
    """A network of one of SHAPES: whatever comes; two parts without a link; two parts of which each arm of one holds `Z`; a
    component never given without another. Studies of two to four arms, some of them alike.
    """
    names = drawn_treatments(rng, "ABCDE"[: int(rng.integers(2, 6))])
    groups = [names]
    if shape == "split" and len(names) >= 4:
        groups = [names[::2], names[1::2]]
    if shape == "shared part":
        held = [f"{name}+Z" if name != "O" else "Z" for name in names[: max(2, len(names) // 2)]]
        groups = [names, held]
    if shape == "always together":
        groups = [[name.replace("A", "A+Z") for name in names]]
    studies = []
    for group in groups:
        for _ in range(int(rng.integers(1, 2 * len(group)))):
            arms = min(len(group), int(rng.choice([2, 2, 2, 3, 4])))
            chosen = tuple(group[place] for place in rng.choice(len(group), size=arms, replace=False))
            studies.append(study(f"s{len(studies)}", chosen, rng))
    return network(*studies)


def drawn_design(rng: np.random.Generator, drawn: Network) -> Design:
    """Its component model, with some of the interactions that occur."""
    inactive = "O" if "O" in drawn.treatments else None
    pairs = pairs_that_occur(component_design(drawn.treatments, inactive=inactive))
    chosen = [pair for pair in pairs if rng.random() < 0.3]
    return component_design(drawn.treatments, inactive=inactive, interactions=chosen)


def baker(shared: Path) -> tuple[Network, dict[str, Any]]:
    """Baker 2009 of the shared reference as a network, and its stored results."""
    folder = shared / "reference" / "cnma"
    arms: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader((folder / "baker2009.arms.csv").read_text(encoding="utf-8").splitlines()):
        arms.setdefault(row["studlab"], []).append(row)
    studies = []
    for name, rows in arms.items():
        try:
            found = contrasts_of_arms(
                name,
                [row["treatment"] for row in rows],
                Scale.OR,
                n=[int(row["n"]) for row in rows],
                events=[int(row["event"]) for row in rows],
            )
        except StudyLeftOut:
            continue
        studies.append(found)
    return network(*studies), json.loads((folder / "baker2009.json").read_text(encoding="utf-8"))


# Thirteen trials of BCG vaccine against tuberculosis (Colditz et al. 1994, as in metafor's dat.bcg, recalled): cases and others
# with vaccine, cases and others without, degrees of latitude.
BCG = (
    (4, 119, 11, 128, 44),
    (6, 300, 29, 274, 55),
    (3, 228, 11, 209, 42),
    (62, 13536, 248, 12619, 52),
    (33, 5036, 47, 5761, 13),
    (180, 1361, 372, 1079, 44),
    (8, 2537, 10, 619, 19),
    (505, 87886, 499, 87892, 13),
    (29, 7470, 45, 7232, 27),
    (17, 1699, 65, 1600, 42),
    (186, 50448, 141, 27197, 18),
    (5, 2493, 3, 2338, 33),
    (27, 16886, 29, 17825, 33),
)


def bcg() -> Network:
    """The trials of BCG as log risk ratios of `vaccine` against `none`, with `latitude` as a covariate."""
    studies = tuple(
        contrasts_of_arms(
            f"trial {place + 1}",
            ["none", "vaccine"],
            Scale.RR,
            n=[cpos + cneg, tpos + tneg],
            events=[cpos, tpos],
            covariates={"latitude": float(latitude)},
        )
        for place, (tpos, tneg, cpos, cneg, latitude) in enumerate(BCG)
    )
    return Network(scale=Scale.RR, studies=studies)
