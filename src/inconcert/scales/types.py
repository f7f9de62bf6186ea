"""What a scored scale is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inconcert.judgement import Answer, Basis, Question, Reading
from inconcert.record import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFlag:
    """An item that must be seen by a person whatever the total (PHQ-9 item 9 above zero, C-SSRS 4 or 5 ...).

    `level` is one of 'yellow', 'amber', 'red' (see knowledge/safety); `action` what it opens. `value` is the answer,
    or the least it can be where the total given without items leaves no other (then `implied`). `item` is an item key
    or `total`; `status` says how the threshold is known.
    """

    id: str
    item: str
    value: float
    level: str
    text: str
    action: str
    implied: bool = False
    status: Reading = Reading.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleScore:
    """One filled form scored. `total` is None where it cannot be known; then `total_low/high` bound it.

    `band` is also given while the total is open, if every possible total lies in it. A triage scale (C-SSRS) has no
    total: its band is the level, and `total_low/high` are ranks of levels. `missing` are item keys left blank that the
    form asks for, `needs` what would complete the score, in words. `prorated` is True only where the scale's manual
    allows it, and says so on screen; the bounds then stay those of the blanks.
    """

    scale: str
    total: float | None
    total_low: float
    total_high: float
    band: str | None
    items: Mapping[str, float | None] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    needs: tuple[Question, ...] = ()
    flags: tuple[SafetyFlag, ...] = ()
    prorated: bool = False
    notes: tuple[str, ...] = ()  # e.g. a stated total that disagrees with the items
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedScore:
    """A score with the form it came from and when it was taken."""

    form_id: str
    taken: Moment | None
    score: ScaleScore


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleChange:
    """What the difference between two scores of the same scale means. Every cut is stored beside its answer."""

    scale: str
    baseline: float
    later: float
    change_points: float
    change_percent: float | None  # fall from baseline, positive is improvement; None where baseline is 0
    response: Answer
    response_cut: str
    remission: Answer
    remission_cut: str
    important_change: Answer
    important_change_cut: str
    relapse: Answer | None
    relapse_cut: str
    basis: Basis
