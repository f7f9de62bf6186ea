"""Differences as publications printed them, for studies of which the arms' own figures cannot be compared."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inconcert.evidence.synthesis.data.arms import contrasts_of_arms
from inconcert.evidence.synthesis.data.own_choice import Settled
from inconcert.evidence.synthesis.data.own_figures import marks_of
from inconcert.evidence.synthesis.data.own_treatments import covariates_of, treatment_names
from inconcert.evidence.synthesis.data.types import Array, Scale, StudyContrasts
from inconcert.evidence.synthesis.recover import sd_from_difference, se_from_interval, se_from_p
from inconcert.knowledge.studies import StudyArm, StudyContrast
from inconcert.knowledge.study_checks.intervals import BELOW

HALF = 0.5  # of a contrast's variance is taken as the shared arm's, where arm sizes are not known


def why_not_printed(settled: Settled, row: StudyContrast, scale: Scale) -> str:
    """Why a printed difference cannot be used on this scale, or an empty text."""
    fits = {Scale.SMD: ("SMD", "MD")}.get(scale, (scale.value,))
    if row.effect not in fits:
        return f"printed only as {row.effect}, which cannot be turned into {scale} without the arms' figures"
    if row.estimate is None:
        return "no estimate was printed"
    if (row.se is None and row.p is None) and (row.ci_low is None or row.ci_high is None):
        return "printed without interval, standard error or p"
    if row.se is None and row.ci_low is None and not settled.choice.use_derived:
        return "its standard error would be worked back from p, which was to be left out"
    if scale is Scale.SMD and row.effect == "MD":
        if any(doubt.use == "points_only" for doubt in settled.tables.doubts_of(row.row_id)):
            return "in doubt: no standard deviation can be worked back from it"
        if not settled.choice.use_derived:
            return "its standard deviation would be worked back from the difference, which was to be left out"
        if None in _sizes(settled, row):
            return "a difference in points without the arms' numbers of people, so no standard deviation can be worked back"
        if not settled.choice.use_recalled and _recalled_sizes(settled, row):
            return "the arms' numbers of people are from memory, which was to be left out"
    return ""


def printed_study(settled: Settled, rows: Sequence[StudyContrast], scale: Scale) -> StudyContrasts | str:
    """One study from its printed differences of one scale and day, or why it cannot be.

    Several differences must share an arm, which becomes the first. Their covariance is the shared arm's part of the variance,
    from the arms' sizes where they are known (a half where they are not); doses of one treatment are then pooled by
    generalized least squares.
    """
    shared = set.intersection(*({row.arm_1, row.arm_2} for row in rows))
    base = rows[0].arm_2 if rows[0].arm_2 in shared else next(iter(sorted(shared)), "")
    if not base:
        return "its printed differences share no arm, so their covariance is not known"
    others = [row.arm_1 if row.arm_2 == base else row.arm_2 for row in rows]
    signs = [1.0 if row.arm_2 == base else -1.0 for row in rows]
    arms = [settled.tables.arms[rows[0].study_id, arm_id] for arm_id in (base, *others)]
    names, notes = treatment_names(settled, arms)
    treatments = [names[arm.arm_id] for arm in arms]
    marks = [mark for row in rows for mark in marks_of(settled, row)]
    effects, errors = [], []
    for row, sign in zip(rows, signs, strict=True):
        effect, error, how = _effect(settled, row, scale)
        effects.append(sign * effect)
        errors.append(error)
        marks.append(f"{row.row_id}: as printed, {how}")
    covariance = _covariance(errors, arms, marks)
    try:
        kept, y, v = _pool_doses(treatments, np.array(effects), covariance, marks)
    except ValueError as error:
        return str(error)
    study = settled.tables.studies[rows[0].study_id]
    return StudyContrasts(
        study=study.study_id,
        treatments=kept,
        effects=y,
        covariance=v,
        row_ids=tuple(row.row_id for row in rows),
        randomized=study.design in settled.defaults.randomized,
        covariates=covariates_of(settled, arms, study.study_id, rows[0].timepoint_days or 0.0),
        notes=(*notes, *marks),
    )


def _sizes(settled: Settled, row: StudyContrast) -> tuple[int | None, int | None]:
    arms = (settled.tables.arms[row.study_id, arm_id] for arm_id in (row.arm_1, row.arm_2))
    one, two = (arm.n_analysed or arm.n_randomised for arm in arms)
    return one, two


def _recalled_sizes(settled: Settled, row: StudyContrast) -> list[str]:
    """The arms of a difference whose numbers of people are from memory."""
    arms = (settled.tables.arms[row.study_id, arm_id] for arm_id in (row.arm_1, row.arm_2))
    return [arm.arm_id for arm in arms if settled.tables.size_is_recalled(arm)]


def _effect(settled: Settled, row: StudyContrast, scale: Scale) -> tuple[float, float, str]:
    """Estimate (log of a ratio), standard error, and where the error came from."""
    estimate = row.estimate or 0.0
    low, high = row.ci_low, row.ci_high
    if scale.is_ratio:
        estimate = math.log(estimate)
        low, high = (math.log(x) if x is not None else None for x in (low, high))
    n1, n2 = _sizes(settled, row)
    if row.se is not None:
        error, how = row.se, "with its standard error"
    elif low is not None and high is not None:
        error, how = se_from_interval(low, high), "standard error from the interval"
    else:
        df = n1 + n2 - 2 if n1 and n2 and not scale.is_ratio else None
        error, how = se_from_p(estimate, row.p or 0.0, df=df), "standard error worked back from p"
        if row.p in BELOW:
            how += f", which is printed as below {row.p:g}, so it is at most this"
    if scale is Scale.SMD and row.effect == "MD" and n1 and n2:
        sd = sd_from_difference(error, n1, n2)
        g = contrasts_of_arms(row.study_id, ["b", "a"], Scale.SMD, n=[n2, n1], means=[0.0, estimate], sds=[sd, sd])
        how += f", standard deviation of {sd:.2f} points worked back from it"
        if weak := _recalled_sizes(settled, row):
            how += f", number of people of {' and '.join(weak)} from memory"
        return float(g.effects[0]), math.sqrt(g.covariance[0, 0]), how
    return estimate, error, how


def _covariance(errors: Sequence[float], arms: Sequence[StudyArm], marks: list[str]) -> Array:
    sizes = [arm.n_analysed or arm.n_randomised for arm in arms]
    base = sizes[0]
    if len(errors) > 1:
        known = all(sizes)
        marks.append(
            "the differences share an arm; their covariance is worked out from "
            + ("the arms' sizes" if known else "half of each variance, since the arms' sizes were not seen")
        )
    parts = [
        errors[i] * math.sqrt((1 / base) / (1 / base + 1 / size) if base and size else HALF)
        for i, size in enumerate(sizes[1:])
    ]
    v = np.outer(parts, parts)
    v.flat[:: len(errors) + 1] = np.square(errors)
    return v


def _pool_doses(
    treatments: Sequence[str], y: Array, v: Array, marks: list[str]
) -> tuple[tuple[str, ...], Array, Array]:
    """One contrast per treatment. Raises ValueError where nothing is left to compare."""
    base, others = treatments[0], treatments[1:]
    kept = list(dict.fromkeys(name for name in others if name != base))
    if not kept:
        raise ValueError("after background and merged names only one treatment is left, so nothing is compared")
    if base in others:
        raise ValueError("an arm has the same treatment as the arm it is compared with; its own figures are needed")
    if len(kept) == len(others):
        return (base, *kept), y, v
    pick = np.array([[float(name == other) for name in kept] for other in others])
    weight = np.linalg.inv(v)
    pooled = np.linalg.inv(pick.T @ weight @ pick)
    marks.append("doses of one treatment pooled by generalized least squares")
    return (base, *kept), pooled @ pick.T @ weight @ y, pooled
