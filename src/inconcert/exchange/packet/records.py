"""The rows of the chart that a packet cites: each numbered at its first use, with what was read in it."""

from __future__ import annotations

from collections.abc import Iterable

from inconcert.exchange.packet.types import RecordLine
from inconcert.exchange.report.words import day, number
from inconcert.knowledge.loader import intake_questions
from inconcert.record import (
    Attestation,
    CodeSystem,
    Condition,
    DateRange,
    Fact,
    Measurement,
    MedicationEvent,
    Moment,
    Person,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
)
from inconcert.scales.types import DatedScore
from inconcert.staging.types import TrialHistory

_ICD = {CodeSystem.ICD10CM, CodeSystem.ICD10, CodeSystem.ICD9CM}
_DATED = (
    "taken",
    "start",
    "performed_start",
    "onset",
    "authored",
    "recorded",
    "answered_on",
    "reported_on",
    "performed_end",
)


class RecordBook:
    """Gives each cited record its number. Only records of `person` can be cited: what was held back is not among them."""

    def __init__(self, person: Person, history: TrialHistory, scores: Iterable[DatedScore] = ()) -> None:
        self._person = person
        self._facts = {fact.id: fact for fact in person.facts()}
        self._trials = {trial.id: tuple(use.record_id for use in trial.used) for trial in history.trials}
        self._totals = {dated.form_id: dated for dated in scores}
        self._lines: dict[str, RecordLine] = {}

    @property
    def patient(self) -> str:
        """The id of the Patient resource."""
        return f"Patient/{self._person.id.removeprefix('Patient/')}"

    def cite(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The chart rows behind these ids, each once; a medication trial stands for the records it was rebuilt from."""
        rows: dict[str, None] = {}
        for each in ids:
            for row in self._trials.get(each, (each,)):
                name = self.patient if row in {self._person.id, self.patient} else row
                if name == self.patient or name in self._facts:
                    rows[name] = None
        for row in rows:
            self._line(row)
        return tuple(rows)

    def lines(self) -> tuple[RecordLine, ...]:
        """Every cited record, by number."""
        return tuple(self._lines.values())

    def _line(self, row: str) -> None:
        if row in self._lines:
            return
        if row == self.patient:
            p = self._person
            said = f"name {p.name or 'not recorded'}, born {day(str(p.birth)) if p.birth else 'not recorded'}"
            where, when = row, ""
        else:
            fact = self._facts[row]
            said, where, when = self._read(fact), fact.origin.resource or fact.id, dated(fact)
        self._lines[row] = RecordLine(number=len(self._lines) + 1, id=row, resource=where, date=when, read=said)

    def _read(self, fact: Fact) -> str:
        if isinstance(fact, ScaleForm) and fact.id in self._totals:
            score = self._totals[fact.id].score
            total = (
                number(score.total)
                if score.total is not None
                else f"{number(score.total_low)} to {number(score.total_high)}"
            )
            return f"{scale_name(fact.scale)} total {total}"
        return read_of(fact)


def dated(fact: Fact) -> str:
    """The first date a fact bears, as a chart writes it; '' where it bears none."""
    for name in _DATED:
        when = getattr(fact, name, None)
        if isinstance(when, Moment):
            return day(str(when.days))
        if isinstance(when, DateRange):
            return day(str(when))
    return ""


def read_of(fact: Fact) -> str:
    """What was read in a fact, in a line."""
    if isinstance(fact, Condition):
        codes = ", ".join(c.code for c in fact.codings if c.system in _ICD) or ", ".join(c.code for c in fact.codings)
        status = f", {fact.clinical_status}" if fact.clinical_status else ""
        return f"{fact.label}{f' ({codes})' if codes else ''}{status}"
    if isinstance(fact, MedicationEvent):
        return _event(fact)
    if isinstance(fact, ReportedTrial):
        dose = f" {number(fact.daily_dose_mg)} mg a day" if fact.daily_dose_mg is not None else ""
        told = f", told by {fact.reported_by}" if fact.reported_by else ""
        return f"{fact.drug}{dose}{_until(fact.start, fact.end)}{f', {fact.outcome}' if fact.outcome else ''}{told}"
    if isinstance(fact, Measurement):
        value = (
            f"{fact.comparator}{number(fact.value)} {fact.unit}".strip() if fact.value is not None else fact.value_text
        )
        return f"{fact.label} {value}".strip()
    if isinstance(fact, ProcedureDone):
        return f"{fact.label}{_until(fact.performed_start, fact.performed_end)}{f', {fact.outcome}' if fact.outcome else ''}"
    if isinstance(fact, Attestation):
        return _attested(fact)
    return fact.label


def _event(event: MedicationEvent) -> str:
    doses = "; ".join(dose.text for dose in event.doses if dose.text)
    stopped = event.stop_reason_text or ", ".join(c.display for c in event.stop_reasons if c.display)
    ends = _until(event.start, event.end)
    return f"{event.kind.value}: {event.label}{f', {doses}' if doses else ''}{ends}{f', stopped: {stopped}' if stopped else ''}"


def _until(start: DateRange | None, end: DateRange | None) -> str:
    if start is None and end is None:
        return ""
    return f", {day(str(start)) if start else '?'} to {day(str(end)) if end else 'not ended'}"


def _attested(answer: Attestation) -> str:
    asked = intake_questions().get(answer.question)
    said = answer.answer or (number(answer.value) if answer.value is not None else answer.value_text) or "blank"
    by = f" ({answer.answered_by})" if answer.answered_by else ""
    return f"{asked.text if asked else answer.question} {said}{by}"


def scale_name(scale: str) -> str:
    """What a chart calls a scale."""
    short = {"phq9": "PHQ-9", "madrs": "MADRS", "hamd17": "HAM-D17", "qids-sr16": "QIDS-SR16", "gad7": "GAD-7"}
    return short.get(scale, scale.upper())
