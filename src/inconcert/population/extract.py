"""From one person's case to the rows of the tables: what the person rule would see, and nothing judged beyond that."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema.checks import policy_scales
from inconcert.knowledge.policy_schema.stated import Measure
from inconcert.payers import readings
from inconcert.payers.asking import CaseView
from inconcert.payers.criteria.events import ketamines_given
from inconcert.payers.criteria.given import ketamines_open
from inconcert.payers.criteria.later import tms_sessions
from inconcert.payers.criteria.scores import scored_forms
from inconcert.payers.criteria.stated import values_of
from inconcert.payers.criteria.who import coded_severity
from inconcert.payers.types import Case
from inconcert.population.tables import ANSWER, NUMBER, Column, Tables, columns_for, schema, screen_columns, share_of
from inconcert.record import CodeSystem, DateRange
from inconcert.staging.spans import Span
from inconcert.staging.types import MedicationTrial

Row = dict[str, Any]
NUMBERS = {Answer.MET: 1, Answer.UNKNOWN: 0, Answer.NOT_MET: -1}


def tables_of(cases: Iterable[Case], first: int = 0, *, policies: Iterable[CoveragePolicy] = ()) -> dict[str, pa.Table]:
    """All tables of a cohort for these cases, numbered from `first` in their order.

    `policies`: texts beside the library's, so that what only they ask is in the tables, too.
    """
    wanted = columns_for(policies)
    rows: dict[str, list[Row]] = {name: [] for name in wanted}
    for number, case in enumerate(cases, first):
        for name, found in rows_of(case, wanted).items():
            rows[name] += [{"person": number, **row} for row in found]
    return {name: pa.Table.from_pylist(found, schema=schema(wanted[name])) for name, found in rows.items()}


def rows_of(case: Case, wanted: Tables | None = None) -> dict[str, list[Row]]:
    """The rows of one person, without the person's number. `wanted`: the tables' columns; the library's if none are given."""
    view, columns = CaseView(case), wanted or columns_for()
    return {
        "people": [_person(view)],
        "trials": [_trial(t, case, columns["trials"]) for t in case.history.trials],
        "scores": list(_scores(view)),
        "diagnoses": list(_diagnoses(case)),
        "added": [{"trial": t.id, "base": base} for t in case.history.trials for base in t.augments],
        "treatments": list(_treatments(view)),
        "open_drugs": [{"drug": drug} for drug in sorted({drug for drug, _ in ketamines_open(view)})],
        "measurements": list(_measurements(view)),
        "screen": [_screen(case)],
        "answers": [_answers(view, columns["answers"])],
    }


def _person(view: CaseView) -> Row:
    case, birth = view.case, view.person.birth
    episode = case.history.episode
    return {
        "person_id": case.person.id,
        "birth_earliest": birth.earliest if birth else None,
        "birth_latest": birth.latest if birth else None,
        "depression": NUMBERS[episode.diagnosis.answer],
        "polarity": episode.polarity,
        "severity": coded_severity(view),
        "psychotic": NUMBERS[episode.psychotic],
        "recurrent": NUMBERS[episode.recurrent],
        "history_complete": NUMBERS[case.history.complete.answer],
        "psychotherapy": NUMBERS[case.history.psychotherapy.answer],
        "ect_failed": NUMBERS[case.history.ect_failed.answer],
        "episode_earliest": episode.onset.earliest if episode.onset else None,
        "episode_latest": episode.onset.latest if episode.onset else None,
        "home_state": f"US-{state}" if (state := readings.state_code(case.person.region)) else None,
        "sex": case.person.sex,
        "suicide_level": case.safety.suicide_risk.level,
    }


def _trial(trial: MedicationTrial, case: Case, columns: tuple[Column, ...]) -> Row:
    onset = case.history.episode.onset if not trial.in_episode_told else None
    wall = trial.label_max_dose_mg
    of_other_class = [t for t in case.history.trials if t.id in trial.augments and t.drug_class != trial.drug_class]
    return {
        "trial": trial.id,
        "drug": trial.drug,
        "role": trial.role.value,
        "role_certain": NUMBERS[trial.role_certain],
        "counts": NUMBERS[trial.counts],
        "end_earliest": trial.end.earliest if trial.end else None,
        "end_latest": trial.end.latest if trial.end else None,
        "ongoing": NUMBERS[trial.ongoing],
        "in_episode": NUMBERS[trial.in_current_episode],
        **_span("", trial.weeks_total),
        **_span("adequate_", trial.weeks_adequate()),
        **_span("label_", _at(trial, wall, None)),
        **_span("episode_", trial.weeks_taken(since=onset)),
        **_span("episode_adequate_", trial.weeks_adequate(since=onset)),
        **_span("episode_label_", _at(trial, wall, onset)),
        **_shares(trial, onset, columns),
        "dose_adequate": NUMBERS[trial.dose_adequate],
        "reached_label_maximum": trial.max_daily_dose_mg is not None and wall is not None and trial.max_daily_dose_mg >= wall,
        "adherence_percent": trial.adherence_percent,
        "outcome": trial.outcome.value,
        "improvement_percent": trial.improvement_percent,
        "augments_other_class": NUMBERS[Answer.MET if of_other_class else Answer.NOT_MET],
        "by_mouth": not trial.route,
    }  # fmt: skip


def _shares(trial: MedicationTrial, onset: DateRange | None, columns: tuple[Column, ...]) -> Row:
    """Weeks at a share of the label's highest dose, for every share that a policy names."""
    row: Row = {}
    for share in sorted({share_of(c.name) for c in columns if share_of(c.name)}):
        dose = share / 100 * trial.label_max_dose_mg if trial.label_max_dose_mg is not None else None
        row |= _span(f"share_{share:g}_", _at(trial, dose, None))
        row |= _span(f"episode_share_{share:g}_", _at(trial, dose, onset))
    return row


def _at(trial: MedicationTrial, dose_mg: float | None, since: DateRange | None) -> Span | None:
    return trial.weeks_at_or_above(dose_mg, since=since) if dose_mg is not None else None


def _span(prefix: str, span: Span | None) -> Row:
    return {
        f"{prefix}weeks_low": span.low if span else None,
        f"{prefix}weeks_high": span.high if span else None,
    }


def _scores(view: CaseView) -> Iterator[Row]:
    ids = dict.fromkeys((i, scale) for scale in policy_scales().values() for i in scale.ids)
    found = {(s.day, s.form_id, i): s for i, scale in ids for s in scored_forms(view, scale, i)}
    for place, (day, _form, scale_id) in enumerate(sorted(found)):
        score = found[day, _form, scale_id]
        yield {"scale": scale_id, "low": score.low, "high": score.high, "day": day, "place": place}


def _diagnoses(case: Case) -> Iterator[Row]:
    systems = {CodeSystem.ICD10CM: "icd10", CodeSystem.ICD10: "icd10", CodeSystem.SNOMED: "snomed"}
    for condition in case.person.conditions:
        began = condition.onset or condition.recorded
        for coding in condition.codings:
            if coding.system not in systems:
                continue
            yield {
                "system": systems[CodeSystem(coding.system)],
                "code": coding.code,
                "began_earliest": _earliest(began),
                "recorded_earliest": _earliest(condition.recorded),
                "ended_earliest": _earliest(condition.abatement),
                "clinical_status": condition.clinical_status,
                "refuted": condition.verification_status in ("refuted", "entered-in-error"),
                "in_error": condition.status == "entered-in-error",
            }


def _earliest(day: DateRange | None) -> date | None:
    return day.earliest if day is not None else None


def _treatments(view: CaseView) -> Iterator[Row]:
    for place, session in enumerate(tms_sessions(view)):
        day = session.performed_end or session.performed_start
        if day is not None:
            yield {"service": "tms", "day_earliest": day.earliest, "day_latest": day.latest, "place": place}
    given = sorted(ketamines_given(view), key=lambda g: (g[1], g[2].record_id))
    for place, (drug, on, _) in enumerate(given):
        yield {"service": drug, "day_earliest": on, "day_latest": on, "place": place}


def _measurements(view: CaseView) -> Iterator[Row]:
    for measure in typing.get_args(Measure):
        for day, value, _ in values_of(measure, view):
            yield {"measure": measure, "value": value, "day": day}


def _screen(case: Case) -> Row:
    found = {f.item: f.judgement.answer for f in case.safety.findings}
    return {c.name: NUMBERS[found.get(c.name, Answer.UNKNOWN)] for c in screen_columns() if c.name != "person"}


def _answers(view: CaseView, columns: tuple[Column, ...]) -> Row:
    row: Row = {}
    for column in columns:
        given = view.attestation(column.name.removesuffix("@day")) if column.name != "person" else None
        if given is None:
            continue
        if column.name.endswith("@day"):
            row[column.name] = given.answered_on.latest if given.answered_on else None
        elif column.type == ANSWER:
            row[column.name] = {"yes": 1, "no": -1}.get(given.answer, 0)
        else:
            row[column.name] = given.value if column.type == NUMBER else given.value_text or None
    return row
