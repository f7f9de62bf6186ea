"""How a medication trial ended: as recorded, else inferred from scores before and after and marked so, else not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from inconcert.judgement import Answer, RecordUse
from inconcert.knowledge.staging import staging_book, staging_rules
from inconcert.record import Coding, DateRange, Person
from inconcert.scales import DatedScore, change, series
from inconcert.staging.types import OutcomeKind, TrialOutcome
from inconcert.staging.uses import Use


@dataclass(frozen=True, slots=True)
class TrialEnd:
    """An outcome, where it came from, the improvement in percent where a number is known, why it was stopped, and the records.

    `said_plainly` is False for an intolerance read from a reason for stopping only: whether the drug also failed to
    help is then not known, unless the trial was too short to tell.
    """

    outcome: TrialOutcome
    kind: OutcomeKind
    improvement_percent: float | None = None
    stop_reason: str = ""
    used: tuple[RecordUse, ...] = ()
    said_plainly: bool = True


def outcome_of_improvement(percent: float) -> TrialOutcome:
    """The outcome class of an improvement from baseline in percent."""
    cuts = staging_rules().outcome
    if percent <= cuts.nonresponse_at_most_percent:
        return TrialOutcome.NONRESPONSE
    return TrialOutcome.RESPONSE if percent >= cuts.response_at_least_percent else TrialOutcome.PARTIAL


def outcome_of_words(text: str, codings: Iterable[Coding] = ()) -> TrialOutcome:
    """The outcome that a reason for stopping tells, UNKNOWN where it tells none, denies one, or tells two."""
    reasons = staging_book().reasons
    low = " ".join(text.lower().split())
    codes = {c.code for c in codings}
    for phrase in reasons.denying:
        low = low.replace(phrase, " ")
    hits = [r for r in reasons.stopped_for if codes & set(r.codes) or any(word in low for word in r.words)]
    return TrialOutcome(hits[0].outcome) if len(hits) == 1 else TrialOutcome.UNKNOWN


def find_outcome(
    uses: tuple[Use, ...], person: Person, as_of: date, *, start: DateRange, end: DateRange | None, adequate: Answer
) -> TrialEnd:
    """How one trial ended. Scores are asked only of an ended trial that was surely adequate, with both ends well dated."""
    reported = _reported(uses)
    if reported is not None and reported.outcome is not TrialOutcome.UNKNOWN:
        return reported
    stopped = _stopped(uses, as_of)
    reason = (reported.stop_reason if reported else "") or (stopped.stop_reason if stopped else "")
    if stopped is not None and stopped.outcome not in {TrialOutcome.UNKNOWN, TrialOutcome.INTOLERANCE}:
        return stopped
    if adequate is Answer.MET and end is not None:
        inferred = _inferred(person, as_of, start, end, reason)
        if inferred is not None:
            return inferred
    if stopped is not None and stopped.outcome is TrialOutcome.INTOLERANCE:
        return stopped
    return TrialEnd(TrialOutcome.UNKNOWN, OutcomeKind.UNKNOWN, stop_reason=reason)


def _reported(uses: tuple[Use, ...]) -> TrialEnd | None:
    for use in sorted((u for u in uses if u.report), key=lambda u: u.on, reverse=True):
        report = use.report
        if report is None:
            continue
        outcome = TrialOutcome.UNKNOWN
        plainly = True
        if report.outcome in {o.value for o in TrialOutcome}:
            outcome = TrialOutcome(report.outcome)
        elif report.improvement_percent is not None:
            outcome = outcome_of_improvement(report.improvement_percent)
        else:
            outcome = outcome_of_words(report.stop_reason)
            plainly = False
        if outcome is TrialOutcome.UNKNOWN and not report.stop_reason:
            continue
        who = report.reported_by or "somebody not named"
        record = RecordUse(report.id, f"outcome {outcome.value} told by {who}", use.on)
        kind = OutcomeKind.UNKNOWN if outcome is TrialOutcome.UNKNOWN else OutcomeKind.RECORDED
        return TrialEnd(outcome, kind, report.improvement_percent, report.stop_reason, (record,), plainly)
    return None


def _stopped(uses: tuple[Use, ...], as_of: date) -> TrialEnd | None:
    """The reason for stopping on the chart's own records; one recorded with an end after `as_of` is not known yet."""
    best: TrialEnd | None = None
    for use in uses:
        event = use.event
        if event is None or not (event.stop_reason_text or event.stop_reasons):
            continue
        if event.end is not None and event.end.latest > as_of:
            continue
        words = (
            event.stop_reason_text
            or next((c.display for c in event.stop_reasons if c.display), "")
            or event.stop_reasons[0].code
        )
        outcome = outcome_of_words(
            f"{event.stop_reason_text} {' '.join(c.display for c in event.stop_reasons)}", event.stop_reasons
        )
        kind = OutcomeKind.UNKNOWN if outcome is TrialOutcome.UNKNOWN else OutcomeKind.RECORDED
        found = TrialEnd(
            outcome, kind, None, words, (RecordUse(event.id, f"stopped: {words}", use.on),), said_plainly=False
        )
        if best is None or best.outcome is TrialOutcome.UNKNOWN:
            best = found
    return best


def _inferred(person: Person, as_of: date, start: DateRange, end: DateRange, reason: str) -> TrialEnd | None:
    windows = staging_rules().inference
    first = (start.latest - timedelta(days=windows.baseline_days_before_start),
             start.earliest + timedelta(days=windows.baseline_days_after_start))  # fmt: skip
    last = (end.latest - timedelta(days=windows.end_days_before_end),
            end.earliest + timedelta(days=windows.end_days_after_end))  # fmt: skip
    for scale in windows.scales:
        known = [
            d for d in series(person, scale, as_of) if d.score.total is not None and d.taken and d.taken.days.is_exact
        ]
        before = _nearest(known, first, start.earliest)
        after = _nearest([d for d in known if d is not before], last, end.latest)
        if before is None or after is None or _day(after) <= _day(before):
            continue
        percent = change(scale, before.score, after.score, as_of=as_of).change_percent
        if percent is None:
            continue
        why = f"inferred from {scale} {before.score.total:g} to {after.score.total:g} ({percent:.0f}% better)"
        used = tuple(RecordUse(d.form_id, why, str(d.taken.days) if d.taken else "") for d in (before, after))
        return TrialEnd(outcome_of_improvement(percent), OutcomeKind.INFERRED, percent, reason, used)
    return None


def _day(dated: DatedScore) -> date:
    return dated.taken.days.earliest if dated.taken else date.min


def _nearest(scores: list[DatedScore], window: tuple[date, date], to: date) -> DatedScore | None:
    inside = [d for d in scores if window[0] <= _day(d) <= window[1]]
    return min(inside, key=lambda d: (abs((_day(d) - to).days), _day(d))) if inside else None
