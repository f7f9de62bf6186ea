"""The chart's medication trials and scores as answers of a form. Only what a record says; nothing that was inferred."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from inconcert.exchange.dtr.chart_answers import ChartAnswer, fhir_date, whole
from inconcert.exchange.dtr.items import TRIAL, coding
from inconcert.exchange.dtr.names import Json
from inconcert.exchange.fhir.intake import TAKEN, TRIAL_GROUP
from inconcert.judgement import Answer, RecordUse
from inconcert.record import Person
from inconcert.scales import series
from inconcert.staging.types import MedicationTrial, OutcomeKind, TrialHistory

Write = Callable[[ChartAnswer], Json]
_KINDS = frozenset({"antidepressant", "augmenter"})


def trial_items(history: TrialHistory, write: Write) -> list[Json]:
    """One `staging.trial` group for each trial that may count, oldest first."""
    return [_trial(t, write) for t in history.trials if t.kind in _KINDS and t.counts is not Answer.NOT_MET]


def _trial(trial: MedicationTrial, write: Write) -> Json:
    texts = {name: text for name, _, text in TRIAL}
    items = [
        {"linkId": f"{TRIAL_GROUP}.{name}", "text": texts[name], "answer": [write(ChartAnswer(value, trial.used))]}
        for name, value in _said(trial)
    ]
    return {"linkId": TRIAL_GROUP, "text": f"Medication trial: {trial.drug}", "item": items}


def _said(trial: MedicationTrial) -> Iterator[tuple[str, Json]]:
    """What is known of a trial for certain. An outcome that was inferred from scores is not an outcome somebody recorded."""
    yield "drug", {"valueString": trial.drug}
    if trial.max_daily_dose_mg is not None:
        yield "daily_dose_mg", {"valueDecimal": whole(trial.max_daily_dose_mg)}
    start, end = fhir_date(trial.start), fhir_date(trial.end)
    if start is not None and not trial.weeks_stated:
        yield "start", {"valueDate": start}
    if end is not None and trial.ongoing is Answer.NOT_MET and not trial.weeks_stated:
        yield "end", {"valueDate": end}
    if trial.weeks_stated and trial.weeks_total.low == trial.weeks_total.high:
        yield "weeks", {"valueDecimal": whole(trial.weeks_total.low)}
    if trial.adherence_percent is not None:
        yield "adherence_percent", {"valueDecimal": whole(round(trial.adherence_percent, 1))}
    if trial.outcome_kind is OutcomeKind.RECORDED:
        yield "outcome", {"valueCoding": coding(trial.outcome.value)}
        if trial.improvement_percent is not None:
            yield "improvement_percent", {"valueDecimal": whole(round(trial.improvement_percent, 1))}
    if trial.stop_reason:
        yield "stop_reason", {"valueString": trial.stop_reason}
    if trial.in_episode_told and trial.in_current_episode is not Answer.UNKNOWN:
        said = "yes" if trial.in_current_episode is Answer.MET else "no"
        yield "in_current_episode", {"valueCoding": coding(said)}


def scores_of(scales: Sequence[str], person: Person, as_of: date) -> dict[str, ChartAnswer]:
    """The latest whole total of each scale, with its day. A form with blanks has no total, and an undated one no day."""
    found: dict[str, ChartAnswer] = {}
    for scale in scales:
        for dated in series(person, scale, as_of):  # oldest first: the last one stays
            total = dated.score.total
            written = fhir_date(dated.taken.days) if dated.taken is not None else None
            if total is None or written is None or (dated.taken is not None and dated.taken.days.latest > as_of):
                continue
            use = (RecordUse(dated.form_id, f"{scale} total", written),)
            found[scale] = ChartAnswer({"valueDecimal": whole(total)}, use)
            found[f"{scale}{TAKEN}"] = ChartAnswer({"valueDate": written}, use)
    return found
