"""What the staging instruments share, and the Massachusetts General Hospital staging, which only adds points up."""

from __future__ import annotations

from collections.abc import Iterable

from inconcert.judgement import Answer, Question, RecordUse
from inconcert.knowledge.staging import staging_book, staging_rules
from inconcert.staging.counting import COMPLETE, FAILED, CountResult, TrialFilter, TrialVerdict, count_trials
from inconcert.staging.types import StageResult, TrialHistory, TrialOutcome, TrialRole


def failures(history: TrialHistory, min_weeks: float | None = None) -> CountResult:
    """Antidepressant trials of the current episode that were adequate and failed.

    The instruments do not say whether a partial response is a failure, so such a trial is undecided.
    """
    weeks = staging_rules().rule_set().min_weeks if min_weeks is None else min_weeks
    return count_trials(history, TrialFilter(
        dose="minimum", min_weeks=weeks, scope="current_episode", outcomes=FAILED,
        undecided_outcomes=frozenset({TrialOutcome.PARTIAL}),
    ))  # fmt: skip


def augmentations(history: TrialHistory) -> CountResult:
    """Add-ons of the current episode that reached their dose."""
    return count_trials(history, TrialFilter(
        kinds=frozenset({"augmenter"}), roles=frozenset({TrialRole.AUGMENTATION}), dose="minimum", scope="current_episode",
    ))  # fmt: skip


def upper(count: CountResult, found: int) -> int | None:
    """The high bound of a count: none where more trials may exist than were found."""
    return found if count.complete.answer is Answer.MET else None


def listed(*groups: Iterable[TrialVerdict]) -> tuple[RecordUse, ...]:
    """Verdicts as lines of a basis; the undecided say so."""
    return tuple(
        RecordUse(
            v.trial.id,
            f"{'undecided: ' if v.answer is Answer.UNKNOWN else ''}{v.trial.drug}: {v.why}",
            str(v.trial.start),
        )
        for group in groups
        for v in group
    )


def questions_of(count: CountResult) -> tuple[Question, ...]:
    """The questions of the undecided trials, then whether the history is complete."""
    asked = [v.question for v in count.undecided if v.question]
    if count.complete.answer is not Answer.MET:
        asked.append(COMPLETE)
    return tuple(dict.fromkeys(asked))


def found_text(count: CountResult) -> str:
    """The failed drugs in words: "2", "1 to 3", "1 or more"."""
    low, high = count.drugs_low, count.drugs_high
    text = str(low) if low == high else f"{low} to {high}"
    return text if count.complete.answer is Answer.MET else f"{text} found, more may exist"


def mgh_s(history: TrialHistory) -> StageResult:
    """The MGH staging score: points per failed trial, per optimization, per augmentation or combination, and failed ECT."""
    rules = staging_book().instruments.mgh_s
    count = failures(history, staging_rules().rule_set(rules.rule_set).min_weeks)
    added = augmentations(history)
    combined = count_trials(history, TrialFilter(
        roles=frozenset({TrialRole.COMBINATION}), dose="minimum", scope="current_episode",
    ))  # fmt: skip
    optimized_low = sum(v.trial.label_dose_reached is Answer.MET for v in count.counted)
    optimized_high = sum(v.trial.label_dose_reached is not Answer.NOT_MET for v in (*count.counted, *count.undecided))
    ect = history.ect_failed.answer
    lows = (count.low, optimized_low, added.low + combined.low, int(ect is Answer.MET))
    highs = (count.high, optimized_high, added.high + combined.high, int(ect is not Answer.NOT_MET))
    weights = (
        rules.points_per_failure,
        rules.points_per_optimization,
        rules.points_per_augmentation,
        rules.points_for_failed_ect,
    )
    low = sum(n * w for n, w in zip(lows, weights, strict=True))
    high = sum(n * w for n, w in zip(highs, weights, strict=True)) if count.complete.answer is Answer.MET else None
    names = ("failed adequate trials", "dose optimized", "augmentation or combination", "failed ECT")
    missing = [*questions_of(count), *questions_of(added), *questions_of(combined), *history.ect_failed.questions()]
    return StageResult(
        instrument="mgh_s", name=rules.name, low=low, high=high, band="", unit="points", counted=listed(count.counted, added.counted),
        rejected=listed(count.undecided, added.undecided, count.rejected, added.rejected), missing=tuple(dict.fromkeys(missing)),
        judgement=None, parts=tuple(_item(n, a, b, w) for n, a, b, w in zip(names, lows, highs, weights, strict=True)),
    )  # fmt: skip


def _item(name: str, low: int, high: int, weight: float) -> tuple[str, str, str]:
    found = str(low) if low == high else f"{low} to {high}"
    return name, found, f"{low * weight:g}" if low == high else f"{low * weight:g} to {high * weight:g}"
