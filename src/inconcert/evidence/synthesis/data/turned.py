"""Studies whose outcome may have been counted the other way round. They are named, never turned.

A study counted the wrong way has every effect with the wrong sign. Let y be its contrasts and p what all other studies of the
network together predict for them (standard network model, inverse variance, no heterogeneity). With M the inverse of the variance
of y - p, turning the study round changes Cochran's Q by 4 y' M p: it falls where y and p point to opposite sides. This asks
every comparison, direct and by way of other treatments; where nothing else predicts a study, M is 0 and nothing is said.
The formulas are the deletion residuals of least squares (textbook); the limits below are design choices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from inconcert.evidence.synthesis.data.attributes import listed
from inconcert.evidence.synthesis.data.types import Array, Indexes, StudyContrasts

FALL = 9.0  # of Q, per unit of Q / df where studies vary more than chance: three standard errors for one contrast
FITS = 0.25  # the turned study's misfit, as a share of its misfit as given
PREDICTED = 1e-6  # share of a study's own information below which nothing else predicts it
FEW_STUDIES = 3  # means of fewer studies say nothing of a common direction
ASKED = (
    "Check whether an improvement was counted upward, or final scores stand beside changes. Nothing was turned round."
)
Fall = tuple[float, StudyContrasts, str, str, float, float]


class _Fit:
    """All studies as given, fitted once by the standard model; `spread` is the covariance of the treatments' levels."""

    def __init__(self, studies: Sequence[StudyContrasts]) -> None:
        place = {name: at for at, name in enumerate(sorted({t for study in studies for t in study.treatments}))}
        self.two = [study for study in studies if len(study.treatments) == 2]
        self.several = [study for study in studies if len(study.treatments) > 2]
        self.effects = np.array([float(study.effects[0]) for study in self.two])
        self.weights = np.array([study.weight / float(study.covariance[0, 0]) for study in self.two])
        self.rows = np.zeros((len(self.two), len(place)))
        order = np.arange(len(self.two))
        self.rows[order, [place[study.treatments[0]] for study in self.two]] = -1
        self.rows[order, [place[study.treatments[1]] for study in self.two]] = 1
        information = (self.rows.T * self.weights) @ self.rows
        pull = self.rows.T @ (self.weights * self.effects)
        self.at: list[Indexes] = []
        self.blocks: list[Array] = []
        for study in self.several:
            at = np.array([place[name] for name in study.treatments])
            block = np.asarray(study.weight * np.linalg.inv(study.covariance), dtype=np.float64)
            push = block @ study.effects
            information[at[0], at[0]] += block.sum()
            information[at[0], at[1:]] -= block.sum(0)
            information[at[1:], at[0]] -= block.sum(0)
            information[np.ix_(at[1:], at[1:])] += block
            pull[at[0]] -= push.sum()
            pull[at[1:]] += push
            self.at.append(at)
            self.blocks.append(block)
        self.spread = np.linalg.pinv(information, rcond=1e-12, hermitian=True)
        self.level = self.spread @ pull
        self.residuals = self.effects - self.rows @ self.level
        self.q = float((self.weights * self.residuals**2).sum())
        self.freedom = len(self.two) - round(float(np.trace(self.spread @ information)))

    def falls(self) -> list[Fall]:
        """Studies that fit only turned round: fall of Q, study, two treatments, the effect given and the one predicted."""
        found: list[Fall] = []
        spread = (self.rows @ self.spread * self.rows).sum(1)
        left = self.weights - self.weights**2 * spread
        fall = 4 * self.effects * (self.weights * self.residuals - self.effects * left)
        for place in np.flatnonzero((fall > FALL) & (left > PREDICTED * self.weights)):
            given, error = float(self.effects[place]), float(self.weights[place] * self.residuals[place] / left[place])
            if (2 * given - error) ** 2 <= FITS * error**2:
                study = self.two[place]
                first, second = study.treatments
                found.append((float(fall[place]), study, first, second, given, given - error))
        for study, at, block in zip(self.several, self.at, self.blocks, strict=True):
            residual = study.effects - (self.level[at[1:]] - self.level[at[0]])
            self.q += float(residual @ block @ residual)
            self.freedom += len(residual)
            found += self._fall_of_several(study, at, block, residual)
        return found

    def _fall_of_several(self, study: StudyContrasts, at: Indexes, block: Array, residual: Array) -> list[Fall]:
        """The same for a study of several arms: one entry or none, shown by its most contradicted contrast."""
        local = self.spread[np.ix_(at, at)]
        spread = local[1:, 1:] - local[1:, :1] - local[:1, 1:] + local[0, 0]
        left = block - block @ spread @ block
        y, push = study.effects, block @ residual
        fall = 4 * float(y @ push - y @ left @ y)
        if fall <= FALL:
            return []
        roots, axes = np.linalg.eigh(left)
        sound = roots > PREDICTED * float(np.trace(block))
        error = axes[:, sound] @ (axes[:, sound].T @ push / roots[sound])
        if float((2 * y - error) @ left @ (2 * y - error)) > FITS * float(error @ left @ error):
            return []
        # Where others predict only some of its contrasts, the shown one must be among them.
        known = (axes[:, sound] ** 2).sum(1) > 1 - PREDICTED
        if not known.any():
            return []
        place = int(np.argmax(np.abs(error) * known))
        names = study.treatments
        return [(fall, study, names[0], names[place + 1], float(y[place]), float(y[place] - error[place]))]


def turned_effects(studies: Sequence[StudyContrasts], shown: Callable[[float], str]) -> list[str]:
    """A note for each study that fits the others only with its signs changed. `shown` prints an effect."""
    fit = _Fit(studies)
    return [
        f"Study {study.study}: {second} minus {first} is {shown(given)}, but the other studies together give {shown(predicted)};"
        f" turned round, it would fit (Q would fall from {fit.q:.3g} to {fit.q - fall:.3g}). Check the direction of its outcome,"
        " whether high is good or bad, and which arm is which. Nothing was turned round."
        for fall, study, first, second, given, predicted in fit.falls()
        if fall > FALL * max(1.0, (fit.q - fall) / max(fit.freedom, 1))
    ]


def turned_means(means: Mapping[str, Sequence[float]]) -> list[str]:
    """Studies whose arms all have means of the sign opposite to every mean of every other study (three studies or more)."""
    signs = {study: 1 if min(values) > 0 else -1 if max(values) < 0 else 0 for study, values in means.items()}
    if len(signs) < FEW_STUDIES or 0 in signs.values():
        return []
    positive = [study for study, sign in signs.items() if sign > 0]
    negative = [study for study, sign in signs.items() if sign < 0]
    few, side = (positive, "above") if len(positive) <= len(negative) else (negative, "below")
    if not few or len(few) * 2 >= len(signs):
        return []
    return [
        f"Every mean of {listed(few)} is {side} 0, and every mean of the other {len(signs) - len(few)} studies is not. {ASKED}"
    ]
