"""The Maudsley Staging Method: five items, 3 to 15 points. With no failed drug there is no row, so no stage."""

from __future__ import annotations

from datetime import date

from inconcert.judgement import Answer, Question
from inconcert.knowledge.staging import Msm, staging_book
from inconcert.record import DateRange
from inconcert.staging.counting import CountResult
from inconcert.staging.points import augmentations, failures, found_text, listed, questions_of
from inconcert.staging.types import DepressiveEpisode, StageResult, TrialHistory

Points = tuple[float, float]


def maudsley(history: TrialHistory, as_of: date) -> StageResult:
    """The MSM score as a range: known items give one number, unknown ones their smallest and largest."""
    rules = staging_book().instruments.msm
    count, added = failures(history), augmentations(history)
    missing = [*questions_of(count)]
    if count.drugs_high == 0:
        return _not_stageable(rules, count, tuple(missing))
    episode = history.episode
    items: list[tuple[str, str, Points]] = [
        ("duration", _months_text(episode.onset, as_of), duration_points(rules, episode.onset, as_of)),
        ("severity", _severity_text(episode), severity_points(rules, episode)),
        ("antidepressant failures", found_text(count), _failure_points(rules, count)),
        ("augmentation", _used_text(_augmented(added)), _yes_points(_augmented(added), rules.augmentation_points)),
        ("ECT", _used_text(history.ect.answer), _yes_points(history.ect.answer, rules.ect_points)),
    ]
    low, high = sum(p[0] for _, _, p in items), sum(p[1] for _, _, p in items)
    missing += _questions(history, added, items)
    return StageResult(
        instrument="msm", name=rules.name, low=low, high=high, band=_band(rules, low, high), unit="points",
        counted=listed(count.counted, added.counted), rejected=listed(count.undecided, added.undecided, count.rejected, added.rejected),
        missing=tuple(dict.fromkeys(missing)), judgement=None,
        parts=tuple((name, found, _points_text(points)) for name, found, points in items),
    )  # fmt: skip


def _not_stageable(rules: Msm, count: CountResult, missing: tuple[Question, ...]) -> StageResult:
    return StageResult(
        instrument="msm", name=rules.name, low=None, high=None, band="not stageable", unit="points", counted=(),
        rejected=listed(count.rejected), missing=missing, judgement=None,
        parts=(("antidepressant failures", found_text(count), "the scale begins at one failure"),),
    )  # fmt: skip


def duration_points(rules: Msm, onset: DateRange | None, as_of: date) -> Points:
    """Points for the episode's length in months, from its onset to `as_of`."""
    steps = rules.duration_months
    if onset is None:
        return steps[0].points, steps[-1].points
    longest, shortest = (_months(day, as_of) for day in (onset.earliest, min(onset.latest, as_of)))
    return _step(rules, shortest), _step(rules, longest)


def _step(rules: Msm, months: float) -> float:
    return next(s.points for s in reversed(rules.duration_months) if months > s.above or s.above == 0)


def _months(start: date, end: date) -> float:
    """Calendar months from one day to another, with the days left over as a part of a month."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    return whole + (end.day - start.day) / 31


def severity_points(rules: Msm, episode: DepressiveEpisode) -> Points:
    """Points for severity; psychotic features only count with a severe episode."""
    known, psychotic = episode.severity, episode.psychotic
    if psychotic is Answer.MET:
        return rules.severity["severe_psychotic"], rules.severity["severe_psychotic"]
    most = rules.severity["severe_psychotic"] if psychotic is Answer.UNKNOWN else rules.severity["severe"]
    if not known:
        return min(rules.severity.values()), most
    return rules.severity[known], most if known == "severe" else rules.severity[known]


def _failure_points(rules: Msm, count: CountResult) -> Points:
    highest = rules.failures[-1].points
    low = _failure_step(rules, max(count.drugs_low, 1))
    return low, _failure_step(rules, count.drugs_high) if count.complete.answer is Answer.MET else highest


def _failure_step(rules: Msm, failed: int) -> float:
    return next(s.points for s in reversed(rules.failures) if failed >= s.start)


def _augmented(added: CountResult) -> Answer:
    if added.low:
        return Answer.MET
    return Answer.NOT_MET if added.high == 0 and added.complete.answer is Answer.MET else Answer.UNKNOWN


def _yes_points(answer: Answer, points: float) -> Points:
    return (points if answer is Answer.MET else 0, 0 if answer is Answer.NOT_MET else points)


def _questions(history: TrialHistory, added: CountResult, items: list[tuple[str, str, Points]]) -> list[Question]:
    """What would narrow the items that are still a range."""
    asked: list[Question] = []
    open_items = {name for name, _, points in items if points[0] != points[1]}
    if "duration" in open_items:
        asked.append(Question("staging.episode_onset", "When did the current depressive episode begin?", "staging.msm"))
    if "severity" in open_items and not history.episode.severity:
        asked.append(Question("staging.severity", "How severe is the current episode?", "staging.msm"))
    if "severity" in open_items and history.episode.psychotic is Answer.UNKNOWN:
        asked.append(
            Question("staging.psychotic", "Are there psychotic features in the current episode?", "staging.msm")
        )
    if "augmentation" in open_items:
        asked.extend(questions_of(added))
    return asked + list(history.ect.questions())


def _band(rules: Msm, low: float, high: float) -> str:
    names = [b.id for b in rules.bands if b.end >= low and b.start <= high]
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _months_text(onset: DateRange | None, as_of: date) -> str:
    return (
        "onset not known" if onset is None else f"since {onset} ({_months(onset.earliest, as_of):.0f} months at most)"
    )


def _severity_text(episode: DepressiveEpisode) -> str:
    psychosis = {Answer.MET: "with psychotic features", Answer.NOT_MET: "without psychotic features"}
    return f"{episode.severity or 'not known'} {psychosis.get(episode.psychotic, '')}".strip()


def _used_text(answer: Answer) -> str:
    return {Answer.MET: "used", Answer.NOT_MET: "not used", Answer.UNKNOWN: "not known"}[answer]


def _points_text(points: Points) -> str:
    return f"{points[0]:g}" if points[0] == points[1] else f"{points[0]:g} to {points[1]:g}"
