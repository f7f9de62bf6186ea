"""What a rebuilt medication trial and a stage of resistance are."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Judgement, Question, RecordUse
from inconcert.record import DateRange
from inconcert.staging.spans import DoseSegment, Span, longest_run, segments_since

__all__ = [
    "DepressiveEpisode",
    "DoseSegment",
    "MedicationTrial",
    "OutcomeKind",
    "Span",
    "StageResult",
    "TrialHistory",
    "TrialOutcome",
    "TrialRole",
]


class TrialRole(enum.StrEnum):
    """How a drug was used in a medication trial."""

    MONOTHERAPY = "monotherapy"
    COMBINATION = "combination"
    AUGMENTATION = "augmentation"


class TrialOutcome(enum.StrEnum):
    """How a medication trial ended. Intolerance is its own class: whether it counts is the payer's rule, not ours."""

    NONRESPONSE = "nonresponse"
    PARTIAL = "partial"
    RESPONSE = "response"
    INTOLERANCE = "intolerance"
    UNKNOWN = "unknown"


class OutcomeKind(enum.StrEnum):
    """Where an outcome came from."""

    RECORDED = "recorded"
    INFERRED = "inferred"  # from scores before and after; always marked
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationTrial:
    """One ingredient taken over one stretch of time (gaps of up to the bridge rule joined), rebuilt from its records.

    `weeks_total` and `weeks_at_adequate_dose` are spans because dates and doses may be partial. `adequate_dose_mg` is
    the minimum daily dose of the default rule set; `adequate` is under the default duration; other rules call
    `weeks_at_or_above`. `failed` is met only for an adequate trial that ended in non-response (or partial, where the
    rule set says so), not for intolerance.
    """

    id: str
    drug: str
    drug_class: str
    kind: str  # 'antidepressant' or 'augmenter' or 'other'
    role: TrialRole
    start: DateRange
    end: DateRange | None  # None: still running on as_of as far as the record says
    ongoing: Answer
    segments: tuple[DoseSegment, ...]
    weeks_total: Span
    weeks_at_adequate_dose: Span
    max_daily_dose_mg: float | None
    adequate_dose_mg: float | None
    label_max_dose_mg: float | None
    adherence_percent: float | None
    outcome: TrialOutcome
    outcome_kind: OutcomeKind
    improvement_percent: float | None
    stop_reason: str
    in_current_episode: Answer
    augments: tuple[str, ...]  # ids of the trials it was added to
    dose_adequate: Answer
    adequate: Judgement
    failed: Judgement
    used: tuple[RecordUse, ...]
    rejected: tuple[RecordUse, ...]
    counts: Answer = (
        Answer.MET
    )  # not met: taken for something else (smoking, sleep, pain); unknown: the use is not clear
    counts_why: str = ""
    counts_question: Question | None = None
    role_certain: Answer = Answer.MET  # unknown where the dates do not settle what it overlapped
    label_dose_reached: Answer = Answer.UNKNOWN  # the label's maximum dose was reached
    weeks_stated: bool = False  # the length was told in weeks, not rebuilt from dates
    route: str = ""
    in_episode_told: bool = False  # somebody said whether it was in the current episode
    level_judged: bool = False  # adequate by a serum level and not by mg

    def weeks_at_or_above(self, dose_mg: float, *, since: DateRange | None = None) -> Span:
        """Longest run of weeks (short gaps bridged) at or above a daily dose, as a span; `since` counts from that day on."""
        return self._run(lambda _: dose_mg, since)

    def weeks_adequate(self, *, since: DateRange | None = None) -> Span:
        """Longest run of weeks at or above the minimum dose of the form taken; `since` counts from that day on."""
        if since is None or self.level_judged:
            return self.weeks_at_adequate_dose
        return self._run(lambda segment: segment.adequate_dose_mg, since)

    def weeks_taken(self, *, since: DateRange | None = None) -> Span:
        """Longest run of weeks at any dose; `since` counts from that day on."""
        return self.weeks_total if since is None else self._run(lambda _: 0.0, since)

    def _run(self, minimum: Callable[[DoseSegment], float | None], since: DateRange | None) -> Span:
        segments = self.segments if since is None else segments_since(self.segments, since)
        return longest_run(segments, minimum, stated=self.weeks_total if self.weeks_stated else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepressiveEpisode:
    """The current depressive episode as far as the record tells. `polarity` is 'unipolar', 'bipolar' or 'unknown'.

    `severity` is one of '', mild, moderate, severe; `psychotic` whether psychotic features are recorded.
    """

    onset: DateRange | None
    polarity: str
    severity: str
    psychotic: Answer
    recurrent: Answer
    diagnosis: Judgement
    used: tuple[RecordUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialHistory:
    """All medication trials of one person as known on `as_of`.

    `complete` is met only where somebody attested that the history is whole; only then may a count too low be not met.
    """

    as_of: date
    trials: tuple[MedicationTrial, ...]
    episode: DepressiveEpisode
    complete: Judgement
    ect: Judgement  # met: a course of ECT is recorded; not met only where attested
    ect_failed: Judgement
    psychotherapy: Judgement
    not_trials: tuple[RecordUse, ...]  # drug records looked at and left out, each with why

    def antidepressants(self) -> tuple[MedicationTrial, ...]:
        """The trials of antidepressants, oldest first."""
        return tuple(t for t in self.trials if t.kind == "antidepressant")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """One staging instrument's reading: a score range, the trials it counted and rejected, and what is missing.

    `low == high` where nothing is unknown. `judgement` answers the instrument's own resistance question where it has
    one (e.g. the US label: at least two failures in this episode).
    """

    instrument: str
    name: str
    low: float | None
    high: float | None
    band: str
    unit: str
    counted: tuple[RecordUse, ...]
    rejected: tuple[RecordUse, ...]
    missing: tuple[Question, ...]
    judgement: Judgement | None
    parts: tuple[tuple[str, str, str], ...] = ()  # (item, what was found, points or range)
