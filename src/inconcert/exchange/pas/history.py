"""The history document: the medication trials in plain text, so that a reviewer reads them in one place.

It also tells what the request's shape cannot enclose: what was told at intake, and dispenses.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from inconcert.exchange.pas.addresses import NOTE_CATEGORY
from inconcert.exchange.pas.types import Json
from inconcert.judgement import Answer
from inconcert.knowledge.payer_requests import documents
from inconcert.payers.types import Case
from inconcert.record import CodeSystem
from inconcert.staging.types import MedicationTrial, OutcomeKind, Span


def history_text(case: Case) -> str:
    """The medication trials, ECT, psychotherapy and scores as known on the day, each with its dates; '' if there are none.

    A drug taken for something else (trazodone for sleep) is no trial and is not told.
    """
    trials = [
        t for t in case.history.trials if t.kind in ("antidepressant", "augmenter") and t.counts is not Answer.NOT_MET
    ]
    lines = [_trial(trial) for trial in trials]
    for name, judged in (
        ("Electroconvulsive therapy", case.history.ect),
        ("Psychotherapy", case.history.psychotherapy),
    ):
        if judged.basis.used:
            lines.append(f"{name}: {judged.text}")
    if not lines:
        return ""
    return "\n".join([f"Treatment history, as known on {case.as_of.isoformat()}.", "", *lines, ""])


def _trial(trial: MedicationTrial) -> str:
    dose = f"up to {trial.max_daily_dose_mg:g} mg a day" if trial.max_daily_dose_mg is not None else "dose not recorded"
    until = f"to {trial.end}" if trial.end else "still taken" if trial.ongoing.value == "met" else "end not recorded"
    outcome = trial.outcome.value.replace("_", " ") if trial.outcome.value != "unknown" else "outcome not recorded"
    if trial.outcome_kind is OutcomeKind.INFERRED:
        outcome += " (worked out from scores)"
    said = [
        f"{trial.drug} ({trial.kind}), from {trial.start} {until}",
        dose,
        f"{_span(trial.weeks_total)} weeks",
        outcome,
    ]
    if trial.improvement_percent is not None:
        said.append(f"improved by {trial.improvement_percent:.0f} percent")
    if trial.adherence_percent is not None:
        said.append(f"adherence {trial.adherence_percent:.0f} percent")
    if trial.counts is Answer.UNKNOWN:
        said.append("what it was taken for is not clear")
    if trial.stop_reason:
        said.append(f"stopped for: {trial.stop_reason}")
    return "; ".join(said) + "."


def _span(weeks: Span) -> str:
    if weeks.high is None:
        return f"at least {weeks.low:g}"
    return f"{weeks.low:g}" if weeks.low == weeks.high else f"{weeks.low:g} to {weeks.high:g}"


def history_document(text: str, subject: Json, day: str, labels: Sequence[Json]) -> Json:
    """The text as a DocumentReference whose content stands inside it."""
    kind = documents().history
    found: Json = {"resourceType": "DocumentReference"}
    if labels:
        found["meta"] = {"security": list(labels)}
    return found | {
        "status": "current",
        "type": {"coding": [{"system": CodeSystem.LOINC.value, "code": kind.loinc, "display": kind.display}]},
        "category": [{"coding": [{"system": NOTE_CATEGORY, "code": "clinical-note"}]}],
        "subject": subject,
        "date": f"{day}T00:00:00Z",
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(text.encode()).decode(),
                    "title": kind.display,
                }
            }
        ],
    }
