"""The same people as real records: the facts from which the person rule must find what the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from inconcert.record import (
    Attestation,
    CodeSystem,
    Coding,
    Condition,
    DateRange,
    DoseInstruction,
    HealthPlan,
    Measurement,
    MedicationEvent,
    MedicationEventKind,
    Moment,
    Origin,
    Person,
    ProcedureDone,
    ReportedTrial,
    ScaleForm,
)
from inconcert.synthetic.cohort.answered import NO, NOT_SURE, YES
from inconcert.synthetic.cohort.columns import NO_DAY, from_day
from inconcert.synthetic.cohort.diagnoses import condition
from inconcert.synthetic.cohort.drawn import Drawn, draw
from inconcert.synthetic.cohort.measured import POUND, written_weight
from inconcert.synthetic.cohort.people import Entries
from inconcert.synthetic.cohort.scores import BLANK_ITEM, phq9_others
from inconcert.synthetic.cohort.shares import treatment_shares
from inconcert.synthetic.cohort.tables import person_id
from inconcert.synthetic.cohort.treatments import given_offset, tms_day
from inconcert.synthetic.cohort.trials import KINDS, OUTCOMES, drug_names, stop_reasons, written_days

BY = "an invented clinician"
FILE = "invented cohort"


def records(seed: int, as_of: int, people: range | list[int]) -> Iterator[Person]:
    """The records of these people, in their order. `as_of` in days since 1970."""
    drawn = draw(seed, as_of, people)
    for row in range(len(drawn.numbers)):
        yield _Record(drawn, row).person()


def _days(first: int, last: int) -> DateRange | None:
    if first == NO_DAY:
        return None
    if first == last:
        return DateRange.of(from_day(first))
    one, other = from_day(first), from_day(last)
    whole_year = (one.month, one.day, other.month, other.day) == (1, 1, 12, 31)
    return DateRange(one, other, f"{one.year}" if whole_year else f"{one.year}-{one.month:02}")


class _Record:
    """One person being written down."""

    def __init__(self, drawn: Drawn, row: int) -> None:
        self.drawn = drawn
        self.row = row
        self.id = person_id(int(drawn.numbers[row]))
        self.said_on = _days(int(drawn.who.answered_on[row]), int(drawn.who.answered_on[row]))

    def person(self) -> Person:
        who, row = self.drawn.who, self.row
        return Person(
            id=self.id, name=f"Invented {self.drawn.numbers[row]}", sex=who.sex.words[who.sex.number[row]],
            birth=_days(int(who.birth_first[row]), int(who.birth_last[row])), region=who.state.words[who.state.number[row]],
            conditions=tuple(self._conditions()), medications=tuple(self._medications()),
            reported_trials=tuple(self._reported()), scale_forms=tuple(self._forms()),
            measurements=tuple(self._measurements()), procedures=tuple(self._procedures()),
            attestations=tuple(self._attestations()), health_plans=(self._plan(),), invented=True,
        )  # fmt: skip

    def _fact(self, kind: str, name: str) -> dict[str, Any]:
        resource = f"{kind}/{self.id}-{name}"
        return {"id": resource, "origin": Origin(resource=resource, file=FILE)}

    def _plan(self) -> HealthPlan:
        line = self.drawn.who.line
        return HealthPlan(**self._fact("Coverage", "1"), payer="Invented plan", plan=line.words[line.number[self.row]])

    def _conditions(self) -> Iterator[Condition]:
        who = self.drawn.who
        for n, entry in enumerate((*who.depression, *who.comorbid)):
            if entry.there[self.row]:
                yield self._condition(n, entry)

    def _condition(self, n: int, entry: Entries) -> Condition:
        row = self.row
        recorded, ended = int(entry.recorded[row]), int(entry.ended[row])
        return condition(
            f"Condition/{self.id}-{n:02}", entry.codes[entry.code[row]], snomed=bool(entry.snomed[row]),
            onset=_days(int(entry.onset_first[row]), int(entry.onset_last[row])), recorded=_days(recorded, recorded),
            ended=_days(ended, ended), verification=entry.verifications[entry.verification[row]],
        )  # fmt: skip

    # ── drugs ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _places(self, *kinds: str) -> Iterator[int]:
        trials = self.drawn.trials
        for k in np.flatnonzero(trials.there[self.row]):
            if KINDS[trials.kind[self.row, k]] in kinds:
                yield int(k)

    def _reported(self) -> Iterator[ReportedTrial]:
        t, row = self.drawn.trials, self.row
        written = [days[row] for days in self._written]
        for k in self._places("reported"):
            start, end = _days(int(written[0][k]), int(written[1][k])), _days(int(written[2][k]), int(written[3][k]))
            yield ReportedTrial(
                **self._fact("QuestionnaireResponse", f"trial-{k}"), drug=drug_names()[t.drug[row, k]],
                daily_dose_mg=_number(t.dose_mg[row, k]), start=start, end=end, weeks=_number(t.weeks[row, k]),
                adherence_percent=_number(t.adherence[row, k]), outcome=OUTCOMES[t.outcome[row, k]],
                improvement_percent=_number(t.improvement[row, k]),
                stop_reason=stop_reasons()[t.stop_reason[row, k]] if t.stop_reason[row, k] >= 0 else "",
                in_current_episode={1: True, -1: False}.get(int(t.told_in_episode[row, k])), reported_by=BY,
                reported_on=self.said_on,
            )  # fmt: skip

    @property
    def _written(self) -> tuple[np.ndarray, ...]:
        return written_days(self.drawn.trials)

    def _medications(self) -> Iterator[MedicationEvent]:
        t, row = self.drawn.trials, self.row
        for k in self._places("current", "open"):
            current = KINDS[t.kind[row, k]] == "current"
            mg, since = _number(t.dose_mg[row, k]), _days(int(t.first[row, k]), int(t.first[row, k]))
            line = DoseInstruction(amount_low=mg, amount_high=mg, unit="mg", times_per_day=1)
            yield MedicationEvent(
                **self._fact("MedicationStatement" if current else "MedicationRequest", f"{k}"), text=drug_names()[t.drug[row, k]],
                kind=MedicationEventKind.STATEMENT if current else MedicationEventKind.ORDER, status="active",
                doses=(line,) if mg is not None else (), start=since, authored=self.said_on if current else since,
            )  # fmt: skip
        for k in self._places("given"):
            for n in range(int(t.sessions[row, k])):
                day = int(t.first[row, k] + given_offset(np.asarray(n)))
                yield MedicationEvent(
                    **self._fact("MedicationAdministration", f"{n:02}"), text=drug_names()[t.drug[row, k]],
                    kind=MedicationEventKind.ADMINISTRATION, status="completed", start=_days(day, day),
                )  # fmt: skip

    # ── forms, measurements, procedures ──────────────────────────────────────────────────────────────────────────────

    def _forms(self) -> Iterator[ScaleForm]:
        s, row = self.drawn.scores, self.row
        for name, totals in s.total.items():
            for v in np.flatnonzero(~np.isnan(totals[row])):
                total, items = float(totals[row, v]), ()
                stated: float | None = total
                if name == "phq9" and s.items[row, v]:
                    items, stated = self._phq9(int(total), int(v)), None
                taken = _days(int(s.days[row, v]), int(s.days[row, v]))
                assert taken is not None  # noqa: S101 - a form that is there has a day
                yield ScaleForm(
                    **self._fact("QuestionnaireResponse", f"{name}-{v:02}"), scale=name, items=items, stated_total=stated,
                    taken=Moment(taken),
                )  # fmt: skip
        screened = _days(int(s.screened_on[row]), int(s.screened_on[row]))
        if screened is not None:
            yes = s.screen.words[s.screen.number[row]].split()
            answers = tuple((key, float(key in yes)) for key in ("1", "2", "3", "4", "5", "6", "6b"))
            yield ScaleForm(
                **self._fact("QuestionnaireResponse", "cssrs"),
                scale="cssrs-screener",
                items=answers,
                taken=Moment(screened),
            )

    def _phq9(self, total: int, visit: int) -> tuple[Any, ...]:
        s, row = self.drawn.scores, self.row
        last = s.item_9[row, visit]
        items = [(str(n), float(v)) for n, v in enumerate([*phq9_others(np.asarray(total), last), last], start=1)]
        blank = bool(s.blank[row, visit])
        return tuple((key, None if blank and key == BLANK_ITEM else value) for key, value in items)

    def _measurements(self) -> Iterator[Measurement]:
        given, row = self.drawn.treatments, self.row
        if not np.isnan(given.weight[row]):
            unit = POUND if given.weight_in_pounds[row] else "kg"
            yield self._measured(
                "weight", "29463-7", float(written_weight(given)[row]), unit, int(given.weight_on[row])
            )
        if not np.isnan(given.systolic[row]):
            on = int(given.pressure_on[row])
            halves = (
                self._measured("systolic", "8480-6", float(given.systolic[row]), "mm[Hg]", on),
                self._measured("diastolic", "8462-4", float(given.diastolic[row]), "mm[Hg]", on),
            )
            yield self._measured("pressure", "85354-9", None, "", on, halves)

    def _measured(
        self, name: str, loinc: str, value: float | None, unit: str, on: int, parts: tuple[Measurement, ...] = ()
    ) -> Measurement:
        return Measurement(
            **self._fact("Observation", name), codings=(Coding(CodeSystem.LOINC, loinc),), value=value, unit=unit,
            taken=Moment(DateRange.of(from_day(on))), components=parts,
        )  # fmt: skip

    def _procedures(self) -> Iterator[ProcedureDone]:
        given, row = self.drawn.treatments, self.row
        sessions, last = int(given.tms_sessions[row]), int(given.tms_last[row])
        code = given.tms_code.words[given.tms_code.number[row]]
        for n in range(sessions):
            yield self._done(f"tms-{n:02}", code, int(tms_day(np.asarray(n), np.asarray(sessions), np.asarray(last))))
        shares = treatment_shares()
        for name, cpt, day in (
            ("psychotherapy", shares.psychotherapy_code, given.psychotherapy_on), ("ect", shares.ect_code, given.ect_on),
        ):  # fmt: skip
            if day[row] != NO_DAY:
                yield self._done(name, cpt, int(day[row]))

    def _done(self, name: str, cpt: str, on: int) -> ProcedureDone:
        day = _days(on, on)
        return ProcedureDone(
            **self._fact("Procedure", name), codings=(Coding(CodeSystem.CPT, cpt),), status="completed", performed_start=day,
            performed_end=day,
        )  # fmt: skip

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _attestations(self) -> Iterator[Attestation]:
        d, row = self.drawn, self.row
        for question, told in (
            ("staging.history_complete", d.whole.said), ("staging.psychotherapy", d.treatments.psychotherapy_told),
            ("staging.ect", d.treatments.ect_told), ("staging.ect_failed", d.treatments.ect_failed_told),
            ("staging.psychotic", d.who.psychotic_told),
        ):  # fmt: skip
            if (word := told.words[told.number[row]]) != "":
                yield self._answer(question, answer=word)
        for question, told in (("staging.diagnosis", d.who.diagnosis_told), ("staging.severity", d.who.severity_told)):
            if (word := told.words[told.number[row]]) != "":
                yield self._answer(question, value_text=word)
        if not np.isnan(d.whole.counted[row]):
            yield self._answer("staging.history_trial_count", value=float(d.whole.counted[row]))
        onset = _days(int(d.who.onset_told_first[row]), int(d.who.onset_told_last[row]))
        if onset is not None:
            yield self._answer("staging.episode_onset", value_text=str(onset))
        for a in d.answers:
            if a.yes_no is not None and a.yes_no[row]:
                yield self._answer(a.question, answer={YES: "yes", NO: "no", NOT_SURE: "unknown"}[int(a.yes_no[row])])
            elif a.number is not None and not np.isnan(a.number[row]):
                yield self._answer(a.question, value=float(a.number[row]))
            elif a.choice is not None and a.choice[row] >= 0:
                yield self._answer(a.question, value_text=a.choices[a.choice[row]])

    def _answer(self, question: str, **said: Any) -> Attestation:
        return Attestation(
            **self._fact("QuestionnaireResponse", f"intake#{question}"), question=question, answered_by=BY,
            answered_on=self.said_on, **said,
        )  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
