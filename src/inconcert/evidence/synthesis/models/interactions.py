"""Do parts do more, or less, together than apart? The additive model against each interaction, one at a time.

Every interaction is one more column z of the same design. With z' what is left of it beside the additive model, weighted:
gamma = z'y / z'z', var = 1 / z'z', and Q falls by gamma^2 z'z' (the sweep of one column, textbook). So all of them come
from one decomposition, and each gets the tau2 of its own model. Whether the data can give gamma at all is decided exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError
from inconcert.evidence.synthesis.models.design import Design, Integers, Interaction, component_design, pairs_that_occur
from inconcert.evidence.synthesis.models.estimable import outside_column_space
from inconcert.evidence.synthesis.models.fit import LEVEL, Estimate, Fit, QTest, estimate_of, fit, q_test, reach
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod, estimate_tau2, log_likelihood

_CANCELED = 1e-3


@dataclass(frozen=True, kw_only=True)
class Look:
    """One interaction added to the additive model. Where it cannot be estimated, `why_not` says so and every number is None.

    `common` and `random` are gamma, on the scale of the contrasts, random with the `tau2` of this model; `q_model` is what is
    left with the interaction, `q_difference` what it takes away (common effects, one degree of freedom); `p_holm` is the p of
    `q_difference` allowing for how many were looked at. `aic` is by maximum likelihood, None unless tau2 is by likelihood.
    `studies` compare a treatment that holds all parts with one that does not.
    """

    label: str
    parts: tuple[str, ...]
    studies: tuple[str, ...]
    why_not: str | None = None
    common: Estimate | None = None
    random: Estimate | None = None
    tau2: float | None = None
    q_model: QTest | None = None
    q_difference: QTest | None = None
    p_holm: float | None = None
    aic: float | None = None

    @property
    def identifiable(self) -> bool:
        """Whether the data can give it."""
        return self.why_not is None


@dataclass(frozen=True, kw_only=True)
class Looks:
    """The additive model and every interaction beside it, as asked. `note` says what many looks do to a p value."""

    additive: Fit
    looks: tuple[Look, ...]
    aic_additive: float | None
    note: str

    def __getitem__(self, label: str) -> Look:
        """The look of one interaction, by its label."""
        return next(look for look in self.looks if look.label == label)


class _Swept(NamedTuple):
    """For each of k columns beside the model: gamma, z'z', Q and trace(P) of the model with it (each k)."""

    gamma: Array
    information: Array
    q: Array
    trace: Array


def look_at_each(
    network: Network,
    design: Design,
    asked: Sequence[str] | None = None,
    *,
    tau: TauMethod | float = TauMethod.DL,
    hartung_knapp: bool = False,
    level: float = LEVEL,
) -> Looks:
    """`design` against itself with one more interaction, for each one asked for (`A*B`), else for each pair that occurs.

    A pair that no treatment holds may be asked for: it is answered as one that cannot be estimated. Interactions that the
    design has already are not looked at again. Raises NetworkError for the standard model, or an unknown component.
    """
    additive = fit(network, design, tau=tau, hartung_knapp=hartung_knapp, level=level)
    terms, matrix = columns_of(design, pairs_that_occur(design) if asked is None else asked)
    can = outside_column_space(additive.rows.spanning @ design.matrix, additive.rows.spanning @ matrix)
    raw = additive.rows.contrasts @ matrix
    z = additive.rows.rotate(raw.astype(float))[:, can]
    found = iter(_numbers(additive, z, hartung_knapp))
    looks = []
    for place, term in enumerate(terms):
        studies = tuple(
            network.studies[number].study
            for number in dict.fromkeys(additive.rows.study_of_row[raw[:, place] != 0].tolist())
        )
        look = Look(label=term.label, parts=term.parts, studies=studies)
        looks.append(
            replace(look, **next(found))
            if can[place]
            else replace(look, why_not=_why_not(studies, bool(matrix[:, place].any())))
        )
    return Looks(
        additive=additive,
        looks=_holm(looks),
        aic_additive=aic(additive.rows.effects, additive.columns, additive.rows.variances, additive.rows.log_det_t)
        if _by_likelihood(additive)
        else None,
        note=note_on_looks(int(can.sum())),
    )


def columns_of(design: Design, labels: Sequence[str]) -> tuple[tuple[Interaction, ...], Integers]:
    """Interactions by name, less those of the design, and their columns (treatments, k), 0 or 1. Raises NetworkError."""
    if design.separator is None:
        raise NetworkError(
            "the standard model has no parts that could interact. Mend: name what joins components (separator)."
        )
    taken = {frozenset(term.parts) for term in design.interactions}
    wide = component_design(
        design.treatments, separator=design.separator, inactive=design.inactive, interactions=tuple(labels)
    )
    new = [place for place, term in enumerate(wide.interactions) if frozenset(term.parts) not in taken]
    matrix = wide.matrix[:, len(wide.components) :]
    return tuple(wide.interactions[place] for place in new), matrix[:, new]


def aic(y: Array, x: Array, variances: Array, log_det_t: float) -> float:
    """Akaike's criterion by maximum likelihood: twice the number of parameters, tau2 among them, less twice the log-likelihood."""
    tau2 = estimate_tau2(TauMethod.ML, y, x, variances) or 0.0
    top = log_likelihood(y, x, variances, tau2, restricted=False, log_det_t=log_det_t)
    return 2 * (int(x.shape[1]) + 1) - 2 * top


def note_on_looks(count: int) -> str:
    """What a reader must know of `count` tests at once."""
    if count < 2:
        return ""
    chance = round(100 * (1 - 0.95**count))
    return (
        f"{count} interactions were looked at, one at a time. If none of them existed, up to {chance} of 100 such searches would"
        " still show at least one p below 0.05. Holm's p allows for that; an interaction found this way is an idea to be tested."
    )


def _numbers(additive: Fit, z: Array, hartung_knapp: bool) -> list[dict[str, Any]]:
    """The numbers of every look (k), all at once; `z` (m, k) holds identifiable columns only."""
    y, x, variances = additive.rows.effects, additive.columns, additive.rows.variances
    df, level = additive.df - 1, additive.common.level
    common = _sweep(y, x, z, variances[None, :])
    tau2 = _tau2(additive, z, common, df)
    random = _sweep(y, x, z, variances + np.array([value or 0.0 for value in tau2])[:, None])
    t_df = df if hartung_knapp and df > 0 else None
    scale = random.q / df if t_df else np.ones(z.shape[1])
    half, half_random = reach(level, None), reach(level, t_df)
    out: list[dict[str, Any]] = []
    for place in range(z.shape[1]):
        found: dict[str, Any] = {
            "common": estimate_of(float(common.gamma[place]), float(common.information[place] ** -0.5), half, None),
            "random": estimate_of(
                float(random.gamma[place]), float((scale[place] / random.information[place]) ** 0.5), half_random, t_df
            ),
            "tau2": tau2[place],
            "q_model": q_test(float(common.q[place]), df),
            "q_difference": q_test(float(common.gamma[place] ** 2 * common.information[place]), 1),
        }
        if _by_likelihood(additive):
            found["aic"] = aic(y, np.column_stack([x, z[:, place]]), variances, additive.rows.log_det_t)
        out.append(found)
    return out


def _sweep(y: Array, x: Array, z: Array, variances: Array) -> _Swept:
    """Each column of `z` (m, k) added alone to `x` (m, p), with `variances` (1 or k, m)."""
    half = 1 / np.sqrt(variances)
    basis = np.linalg.qr(x * half[:, :, None])[0]
    turned = np.swapaxes(basis, 1, 2)
    left = (y * half)[:, :, None]
    beside = (z.T * half)[:, :, None]
    for _ in range(2):  # twice, so that nothing of the model stays by rounding
        left = left - basis @ (turned @ left)
        beside = beside - basis @ (turned @ beside)
    information = np.sum(beside**2, axis=(1, 2))
    gamma = np.sum(beside * left, axis=(1, 2)) / information
    q = np.sum((left - gamma[:, None, None] * beside) ** 2, axis=(1, 2))
    outside = 1 - np.sum(basis**2, axis=2) - beside[:, :, 0] ** 2 / information[:, None]
    return _Swept(gamma, information, q, np.sum(outside * half**2, axis=1))


def _tau2(additive: Fit, z: Array, common: _Swept, df: int) -> list[float | None]:
    """tau2 of every model with one interaction more, by the method of the additive one."""
    method = additive.tau_method
    if method is None:
        return [additive.tau2] * z.shape[1]
    if df < 1:
        return [None] * z.shape[1]
    y, variances = additive.rows.effects, additive.rows.variances
    total = float(np.sum(1 / variances))
    found: list[float | None] = []
    for column, q, trace in zip(z.T, common.q.tolist(), common.trace.tolist(), strict=True):
        # a trace that is a tiny part of the weights has lost its digits here
        if method is TauMethod.DL and trace > _CANCELED * total:
            found.append(max(0.0, (q - df) / trace))
        else:
            found.append(estimate_tau2(method, y, np.column_stack([additive.columns, column]), variances))
    return found


def _holm(looks: Sequence[Look]) -> tuple[Look, ...]:
    """Holm 1979 (recalled): the smallest p times their number, the next times one less, never falling."""
    tested = [(look.q_difference, place) for place, look in enumerate(looks) if look.q_difference is not None]
    order = sorted((1.0 if test.p is None else test.p, place) for test, place in tested)
    out, worst = list(looks), 0.0
    for rank, (p, place) in enumerate(order):
        worst = max(worst, min(1.0, p * (len(order) - rank)))
        out[place] = replace(looks[place], p_holm=worst)
    return tuple(out)


def _why_not(studies: Sequence[str], held: bool) -> str:
    if not held:
        return "no treatment of this network holds these parts together."
    if not studies:
        return "no study compares a treatment that holds these parts together with one that does not."
    return (
        "the studies that compare it cannot tell it from the effects of the parts and the treatments given with them."
    )


def _by_likelihood(additive: Fit) -> bool:
    return additive.tau_method in (TauMethod.REML, TauMethod.ML)
