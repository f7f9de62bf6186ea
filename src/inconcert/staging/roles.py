"""What each drug was taken with: alone, together with another antidepressant, or added to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inconcert.judgement import Answer
from inconcert.knowledge.staging import staging_rules
from inconcert.staging.spans import DoseSegment, Span
from inconcert.staging.types import MedicationTrial, TrialRole


def with_roles(trials: Sequence[MedicationTrial]) -> list[MedicationTrial]:
    """The trials with role and `augments` set. A cross-taper (a short overlap) is no combination."""
    return [_with_role(trial, trials) for trial in trials]


def _with_role(trial: MedicationTrial, trials: Sequence[MedicationTrial]) -> MedicationTrial:
    if trial.kind == "other":
        return trial
    least_days = staging_rules().combination_overlap_days
    bases: list[str] = []
    doubtful = False
    for other in trials:
        if other.id == trial.id or other.kind != "antidepressant":
            continue
        if trial.kind == "antidepressant" and (other.start.earliest, other.drug) > (trial.start.earliest, trial.drug):
            continue  # the one added later is the one that combines
        together = overlap_days(trial.segments, other.segments).at_least(least_days)
        if together is Answer.MET:
            bases.append(other.id)
        doubtful = doubtful or together is Answer.UNKNOWN
    if not bases:
        return replace(trial, role_certain=Answer.UNKNOWN if doubtful else Answer.MET)
    role = TrialRole.AUGMENTATION if trial.kind == "augmenter" else TrialRole.COMBINATION
    return replace(trial, role=role, augments=tuple(bases))


def overlap_days(one: Sequence[DoseSegment], other: Sequence[DoseSegment]) -> Span:
    """Days on which both were taken: surely, and at most."""
    low = high = 0
    for a in one:
        for b in other:
            first = max(a.start.earliest, b.start.earliest)
            last = min(a.end.latest, b.end.latest)
            days = max(0, (last - first).days + 1)
            high += days
            if a.taken is Answer.MET and b.taken is Answer.MET:
                low += days
    return Span(low=low, high=high)
