"""All contrasts of a network as rows without correlation, whatever the heterogeneity.

Within a study of k arms the contrasts have covariance V + tau2 T, where T has 1 on the diagonal and 1/2 off it (the same
heterogeneity for every pair of arms: Higgins and Whitehead 1996, recalled). With T = S S' and S^-1 V S'^-1 = U diag(d) U',
the rows U' S^-1 y have the variances d + tau2 and no covariance. One rotation, and every model for every tau2 is a weighted
regression: exact for studies of any number of arms, and fast.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Indexes, Network, NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.heterogeneity import solve

_ROUNDING = 1e-13  # an eigenvalue this small beside the largest is zero


@dataclass(frozen=True, kw_only=True)
class Rows:
    """m rotated contrasts. `contrasts` (m, treatments) are the unrotated whole-number rows of the design, +1 and -1.

    `effects` (m) and `variances` (m) are rotated, as is everything that `rotate` returns; rows of one study stand together.
    `log_det_t` is the part of log det(V + tau2 T) that does not depend on tau2.
    """

    contrasts: NDArray[np.int64]
    effects: Array
    variances: Array
    study_of_row: Indexes
    rotations: tuple[tuple[Indexes, Array], ...]  # for each study size: rows (g, s) and rotations (g, s, s)
    log_det_t: float

    @cached_property
    def parts(self) -> tuple[int, ...]:
        """For each treatment the number of its part of the network: the first treatment that it is linked with."""
        root = list(range(self.contrasts.shape[1]))

        def first(place: int) -> int:
            while root[place] != place:
                root[place] = root[root[place]]
                place = root[place]
            return place

        for one, other in zip(
            self.contrasts.argmax(axis=1).tolist(), self.contrasts.argmin(axis=1).tolist(), strict=True
        ):
            low, high = sorted((first(one), first(other)))
            root[high] = low
        return tuple(first(place) for place in range(len(root)))

    @cached_property
    def spanning(self) -> NDArray[np.int64]:
        """Contrasts (treatments - parts, treatments) with the row space of all: each treatment against the first of its part."""
        linked = [(place, root) for place, root in enumerate(self.parts) if place != root]
        out = np.zeros((len(linked), self.contrasts.shape[1]), dtype=np.int64)
        for row, (place, root) in enumerate(linked):
            out[row, place], out[row, root] = 1, -1
        return out

    @cached_property
    def standard(self) -> tuple[float, int]:
        """Q and degrees of freedom of the model in which every treatment stands for itself."""
        free = [place for place, root in enumerate(self.parts) if place != root]
        solved = solve(self.effects, self.rotate(self.contrasts[:, free].astype(float)), self.variances)
        return solved.q, len(self.effects) - len(free)

    def rotate(self, matrix: Array) -> Array:
        """A matrix (m, q) of unrotated rows, rotated as the effects were."""
        out = np.empty(matrix.shape)
        for places, rotation in self.rotations:
            out[places] = rotation @ matrix[places] if rotation.shape[1] > 1 else rotation * matrix[places]
        return out


def rows_of(network: Network, treatments: Sequence[str]) -> Rows:
    """The contrasts of every study, rotated. Raises NetworkError where a covariance is not positive definite."""
    place = {name: column for column, name in enumerate(treatments)}
    by_size: dict[int, list[tuple[int, int, StudyContrasts]]] = defaultdict(list)
    first = 0
    study_of_row: list[int] = []
    for number, study in enumerate(network.studies):
        size = len(study.treatments) - 1
        by_size[size].append((first, number, study))
        study_of_row.extend([number] * size)
        first += size
    contrasts = np.zeros((first, len(treatments)), dtype=np.int64)
    effects, variances = np.empty(first), np.empty(first)
    rotations: list[tuple[Indexes, Array]] = []
    log_det_t = 0.0
    for size, members in by_size.items():
        places = np.array([start for start, _, _ in members])[:, None] + np.arange(size)
        for start, _, study in members:
            baseline = place[study.treatments[0]]
            for offset, name in enumerate(study.treatments[1:]):
                contrasts[start + offset, place[name]] += 1
                contrasts[start + offset, baseline] -= 1
        y = np.array([study.effects for _, _, study in members])
        v = np.array([study.covariance for _, _, study in members])
        v /= np.array([study.weight for _, _, study in members])[:, None, None]
        studies = [study for _, _, study in members]
        _check(np.isfinite(y).all(axis=1) & np.isfinite(v).all(axis=(1, 2)), studies)
        root, log_det = _root_of_t(size)
        inner = root @ v @ root.T
        values, vectors = (inner[:, :, 0], np.ones((len(members), 1, 1))) if size == 1 else np.linalg.eigh(inner)
        _check(values[:, 0] > _ROUNDING * values[:, -1], studies)
        rotation = np.swapaxes(vectors, 1, 2) @ root
        effects[places] = np.einsum("gst,gt->gs", rotation, y)
        variances[places] = values
        rotations.append((places, rotation))
        log_det_t += log_det * len(members)
    return Rows(
        contrasts=contrasts,
        effects=effects,
        variances=variances,
        study_of_row=np.array(study_of_row, dtype=np.intp),
        rotations=tuple(rotations),
        log_det_t=log_det_t,
    )


def _root_of_t(size: int) -> tuple[Array, float]:
    """S^-1 for T = S S', and log det T."""
    if size == 1:
        return np.ones((1, 1)), 0.0
    t = (np.eye(size) + 1) / 2
    root = np.linalg.cholesky(t)
    return np.linalg.inv(root), 2 * float(np.log(np.diagonal(root)).sum())


def _check(sound: NDArray[np.bool_], studies: Sequence[StudyContrasts]) -> None:
    """Refuse the first study that is not sound."""
    if sound.all():
        return
    study = studies[int(np.argmin(sound))]
    raise NetworkError(
        f"study {study.study}: the variances of its contrasts cannot belong to one study of"
        f" {len(study.treatments)} arms (no positive definite covariance). Mend: check its effects and standard errors, or leave"
        " out one arm."
    )
