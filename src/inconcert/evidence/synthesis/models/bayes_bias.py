"""Studies that were not randomized: counted less, shifted by a bias that is uncertain, or left out; and every mixture of these.

Two hyperparameters, both stated. `weight` w divides the covariance of each such study (w = 0 leaves it out, w = 1 takes it
as it is), which is a power prior where tau is zero (Ibrahim and Chen 2000, recalled). The bias delta ~ N(bias_mean, bias_sd^2)
shifts the study in favor of the arm that holds more components (Welton et al. 2009 and Turner et al. 2009, recalled: bias adjustment). Both
integrate out exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.design import Design
from inconcert.evidence.synthesis.models.rows import Rows, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NonRandomized:
    """How studies without randomization count.

    The bias is on the scale of the contrasts (a logarithm for a ratio) and signed as they are: positive where it raises the
    arm that holds more. Independent biases: each pair of arms of each study is off by its own delta, arms of one study by
    correlated ones (1/2, as for tau), so that no arm is special. `shared`: one delta for all. In a study of several arms the arm that
    holds most is shifted by delta against the one that holds least, those between in proportion. `held` says how much each
    treatment holds; by default, the number of its components.
    """

    weight: float = 1.0
    bias_mean: float = 0.0
    bias_sd: float = 0.0
    shared: bool = False
    held: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and 0 <= self.weight <= 1):
            raise NetworkError(
                f"a weight of {self.weight} for studies without randomization. Mend: give 0 (left out) to 1 (in full)."
            )
        if not (math.isfinite(self.bias_mean) and math.isfinite(self.bias_sd) and self.bias_sd >= 0):
            raise NetworkError(
                f"a bias with mean {self.bias_mean} and SD {self.bias_sd} has no meaning. Mend: give numbers, the SD 0 or more."
            )

    def in_words(self) -> str:
        """The assumption, generated from the options used."""
        if self.weight == 0:
            return "Studies that were not randomized are left out."
        counted = "in full" if self.weight == 1 else f"with weight {self.weight:g} (their variances are divided by it)"
        if self.bias_sd == 0 and self.bias_mean == 0:
            return f"Studies that were not randomized count {counted}, without a bias."
        spread = (
            f"a bias with mean {self.bias_mean:g} and SD {self.bias_sd:g}"
            if self.bias_sd > 0
            else f"a fixed bias of {self.bias_mean:g}"
        )
        kind = "the same in all of them" if self.shared else "independent in each"
        return (
            f"Studies that were not randomized count {counted}, with {spread} toward the arm that holds more"
            f"{', ' + kind if self.bias_sd > 0 else ''}."
        )


RANDOMIZED_ONLY = NonRandomized(weight=0.0)
FACE_VALUE = NonRandomized()


@dataclass(frozen=True, kw_only=True)
class BiasedRows:
    """Rotated rows with the bias in them: `contrasts` (m, columns) whole and unrotated, `columns` (m, columns) rotated."""

    rows: Rows
    contrasts: NDArray[np.int64]
    columns: Array
    effects: Array
    variances: Array
    log_det_t: float
    randomized: NDArray[np.bool_]
    bias_columns: Array  # (m, 0 or 1)
    bias_means: Array
    bias_sds: Array
    statement: str
    notes: tuple[str, ...]

    @property
    def of_treatments(self) -> NDArray[np.int64]:
        """The unrotated contrasts (m, treatments)."""
        return self.rows.contrasts

    def rotate(self, matrix: NDArray[np.int64]) -> Array:
        """Whole unrotated columns (m, q), rotated."""
        return self.rows.rotate(matrix.astype(float))


def weighted(network: Network, nonrandomized: NonRandomized) -> Network:
    """The network with studies that were not randomized weighted or left out. Raises NetworkError if nothing is left."""
    w = nonrandomized.weight
    studies = tuple(
        study if study.randomized else replace(study, weight=study.weight * w)
        for study in network.studies
        if study.randomized or w > 0
    )
    return replace(network, studies=studies)


def biased_rows(network: Network, design: Design, nonrandomized: NonRandomized | None) -> BiasedRows:
    """All contrasts, rotated, with what is assumed about studies without randomization. Raises NetworkError if none is left."""
    how = nonrandomized or FACE_VALUE
    counted = weighted(network, how)
    if not counted.studies:
        raise NetworkError("no study is left to fit. Mend: read why each was left out.")
    rows = rows_of(counted, design.treatments)
    randomized = np.array([study.randomized for study in counted.studies])[rows.study_of_row]
    contrasts = rows.contrasts @ design.matrix
    effects, variances = rows.effects, rows.variances
    shared = np.zeros((len(effects), 0))
    notes: tuple[str, ...] = ()
    if (how.bias_sd > 0 or how.bias_mean != 0) and not randomized.all():
        direction, undirected = _directions(counted.studies, design, how)
        turned = rows.rotate(direction[:, None])
        alone = ~randomized if not how.shared else np.isin(rows.study_of_row, undirected)
        variances = variances + how.bias_sd**2 * alone
        if how.shared and how.bias_sd > 0:
            shared = np.where(alone[:, None], 0.0, turned)
            effects = effects - how.bias_mean * np.where(alone, turned[:, 0], 0.0)
        else:
            effects = effects - how.bias_mean * turned[:, 0]
        if undirected and (how.shared or how.bias_mean):
            names = ", ".join(counted.studies[number].study for number in undirected)
            notes = (
                f"arms that hold equally much give a bias no direction; its spread is taken as independent in: {names}.",
            )
    said = [how.in_words()] if nonrandomized is not None or not randomized.all() else []
    width = shared.shape[1]
    return BiasedRows(
        rows=rows,
        contrasts=contrasts,
        columns=rows.rotate(contrasts.astype(float)),
        effects=effects,
        variances=variances,
        log_det_t=rows.log_det_t,
        randomized=randomized,
        bias_columns=shared,
        bias_means=np.full(width, how.bias_mean),
        bias_sds=np.full(width, how.bias_sd),
        statement=" ".join([*said, *_own_weights(network)]),
        notes=notes,
    )


def _own_weights(network: Network) -> list[str]:
    """What must be said of weights that studies brought with them."""
    lighter = [f"{one.study} ({one.weight:g})" for one in network.studies if one.weight != 1]
    return (
        [f"Studies with a weight of their own, by which variances are divided too: {', '.join(lighter)}."]
        if lighter
        else []
    )


def _directions(studies: Sequence[StudyContrasts], design: Design, how: NonRandomized) -> tuple[Array, tuple[int, ...]]:
    """For each unrotated row, how much of delta it takes; and the studies in which two arms hold equally much."""
    parts = design.matrix[:, : len(design.components)].sum(axis=1)
    held = how.held or dict(zip(design.treatments, parts.tolist(), strict=True))
    out: list[float] = []
    undirected = []
    for number, study in enumerate(studies):
        missing = [name for name in study.treatments if name not in held]
        if missing:
            raise NetworkError(f"`held` does not say how much {missing[0]!r} holds. Mend: name every treatment.")
        loads = [float(held[name]) for name in study.treatments]
        most = max(loads) - min(loads)
        if not study.randomized and len(set(loads)) < len(loads):
            undirected.append(number)
        known = not study.randomized and most > 0
        out.extend((load - loads[0]) / most if known else 0.0 for load in loads[1:])
    return np.array(out), tuple(undirected)
