"""Units used against units approved: what the chart shows was given after the approval, counted as far as it can be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.loader import intake_questions
from inconcert.payers.authorization.desk import DeskLimits
from inconcert.payers.authorization.events import Approval, AuthorizationStatus
from inconcert.payers.authorization.files import UnitCounting, unit_countings
from inconcert.record import CodeSystem, Person
from inconcert.record.facts import MedicationEvent, MedicationEventKind, ProcedureDone

_DONE = ("completed", "in-progress", "")
_ALL_RECORDED = "payers.authorization.all_sessions_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentGiven:
    """One record that shows treatment, and on which days. `one_day` is false where it covers a stretch: how many is not known."""

    record_id: str
    first: date
    last: date
    code: str

    @property
    def one_day(self) -> bool:
        """Whether it is of one known day."""
        return self.first == self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentRecord:
    """What a chart shows of treatment given, by way of counting (`units.yaml`), and on which days somebody said that it is all.

    Small enough to be kept beside a chart, so that a desk need not read every chart anew.
    """

    given: Mapping[str, tuple[TreatmentGiven, ...]]
    all_recorded_on: tuple[tuple[date, bool], ...] = ()

    def shown(self, counting: str, as_of: date) -> tuple[TreatmentGiven, ...]:
        """What was given up to a day."""
        return tuple(t for t in self.given.get(counting, ()) if t.first <= as_of)

    def all_recorded(self, as_of: date, needed_until: date) -> bool:
        """Whether the latest word up to a day is that all is recorded, and was given on or after another day."""
        said = [answer for answer in self.all_recorded_on if answer[0] <= as_of]
        return bool(said) and said[-1][1] and said[-1][0] >= needed_until


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUse:
    """How much of an approval is used.

    `used_low` is what the chart shows for certain; `used_high` None where more may have been given than it shows. `left_most`
    and `left_least` follow. Judgements: `over` (more used than approved), `outside` (treatment on days not approved), `few`
    (units run out), `ending` (its last day is near). Each is unknown where the record cannot say.
    """

    approval: Approval
    used_low: int
    used_high: int | None
    by_month: tuple[tuple[str, int], ...]
    by_code: tuple[tuple[str, int], ...]
    outside_days: tuple[date, ...]
    over: Judgement
    outside: Judgement
    few: Judgement
    ending: Judgement

    @property
    def left_most(self) -> int:
        """At most so many are left."""
        return max(self.approval.units - self.used_low, 0)

    @property
    def left_least(self) -> int | None:
        """At least so many are left; None where it is not known how many were used."""
        return None if self.used_high is None else max(self.approval.units - self.used_high, 0)


def unit_use(
    status: AuthorizationStatus,
    record: TreatmentRecord,
    limits: DeskLimits,
    also_approved: Sequence[tuple[date, date]] = (),
) -> UnitUse | None:
    """Units used of the approval, as of the status's day; None where nothing was approved.

    Args:
        status: where the authorization stands.
        record: what the chart shows (`treatment_record`); what lies after the day is not looked at.
        limits: from when on to warn.
        also_approved: the dates of other approvals of the same treatment: what lies there is not outside.
    """
    approval = status.approval
    if approval is None:
        return None
    counting = counting_of(status.detail("service"), approval.unit)
    shown = record.shown(counting.id, status.as_of) if counting is not None else ()
    return _Count(status, approval, counting, shown, limits, record, tuple(also_approved)).result()


def counting_of(service: str, unit: str) -> UnitCounting | None:
    """How units of a service are counted; None where one treatment is not one unit (packs, mg)."""
    return next((c for c in unit_countings() if service in c.services and unit in c.units), None)


def treatment_record(person: Person) -> TreatmentRecord:
    """Everything a chart shows of treatments that are counted in units, of whatever day."""
    said = [a for a in person.attestations if a.question == _ALL_RECORDED and a.answered_on is not None]
    return TreatmentRecord(
        given={counting.id: _treatments_given(person, counting) for counting in unit_countings()},
        all_recorded_on=tuple(
            sorted((a.answered_on.latest, a.answer == "yes") for a in said if a.answered_on is not None)
        ),
    )


def _treatments_given(person: Person, counting: UnitCounting) -> tuple[TreatmentGiven, ...]:
    found = [
        TreatmentGiven(record_id=p.id, first=days[0], last=days[1], code=code)
        for p in person.procedures
        if p.status in _DONE and (code := _code_of(p, counting)) and (days := _procedure_days(p))
    ]
    found += [
        TreatmentGiven(record_id=m.id, first=days[0], last=days[1], code=drug)
        for m in person.medications
        if (drug := _drug_of(m, counting)) and (days := _dose_days(m))
    ]
    return tuple(sorted(found, key=lambda t: (t.first, t.last, t.record_id)))


def _code_of(procedure: ProcedureDone, counting: UnitCounting) -> str:
    return next(
        (
            c.code
            for c in procedure.codings
            if c.system in (CodeSystem.CPT, CodeSystem.HCPCS) and c.code in counting.procedure_codes
        ),
        "",
    )


def _procedure_days(procedure: ProcedureDone) -> tuple[date, date] | None:
    start, end = procedure.performed_start, procedure.performed_end or procedure.performed_start
    return (start.earliest, max(end.latest, start.latest)) if start is not None and end is not None else None


def _drug_of(event: MedicationEvent, counting: UnitCounting) -> str:
    if (
        event.kind is not MedicationEventKind.ADMINISTRATION
        or event.status not in _DONE
        or not counting.administered_drugs
    ):
        return ""
    match = drug_book().match(event.codings, event.text, event.ingredients, event.form)
    named = {part.drug.name for part in match.parts if part.drug is not None} if match is not None else set()
    return next((drug for drug in counting.administered_drugs if drug in named), "")


def _dose_days(event: MedicationEvent) -> tuple[date, date] | None:
    start, end = event.start or event.authored, event.end or event.start or event.authored
    return (start.earliest, max(end.latest, start.latest)) if start is not None and end is not None else None


@dataclass(frozen=True)
class _Count:
    """One count, with everything it needs."""

    status: AuthorizationStatus
    approval: Approval
    counting: UnitCounting | None
    shown: tuple[TreatmentGiven, ...]
    limits: DeskLimits
    record: TreatmentRecord
    also_approved: tuple[tuple[date, date], ...]

    def result(self) -> UnitUse:
        """Count and judge."""
        inside = [t for t in self.shown if t.last >= self.approval.starts_on and t.first <= self.approval.ends_on]
        low, high = self._range(inside)
        outside_days = self._outside_days()
        days = Counter(t.first for t in inside if t.one_day)
        months = Counter(day.strftime("%Y-%m") for day in days)
        return UnitUse(
            approval=self.approval, used_low=low, used_high=high, by_month=tuple(sorted(months.items())),
            by_code=tuple(sorted(Counter(t.code for t in inside).items())), outside_days=outside_days,
            over=self._over(low, high, inside), outside=self._outside(outside_days, inside),
            few=self._few(low, high, inside), ending=self._ending(),
        )  # fmt: skip

    def _range(self, inside: list[TreatmentGiven]) -> tuple[int, int | None]:
        """What is shown at least, and at most where every treatment is attested to be in the chart."""
        if self.counting is None:
            return 0, None
        single = [t for t in inside if t.one_day and self._surely_inside(t)]
        distinct = len({t.first for t in single})
        low = len(single) if self.counting.a_day == "each" else distinct
        # A stretch shows one treatment at least, unless its days are shown one by one.
        stretches = [t for t in inside if not (t.one_day and self._surely_inside(t))]
        low += sum(1 for t in stretches if not any(t.first <= s.first <= t.last for s in single))
        if stretches or not self._all_recorded():
            return low, None
        return low, distinct if self.counting.a_day == "one" else len(single)

    def _surely_inside(self, given: TreatmentGiven) -> bool:
        return self.approval.starts_on <= given.first and given.last <= self.approval.ends_on

    def _all_recorded(self) -> bool:
        """Whether it was said at the end of the time asked about that the chart holds all of it."""
        needed_until = min(self.status.as_of, self.approval.ends_on)
        said = self.status.counted
        return (said is not None and said.day >= needed_until) or self.record.all_recorded(
            self.status.as_of, needed_until
        )

    def _outside_days(self) -> tuple[date, ...]:
        """Days of treatment since the request was started that neither this approval nor another one covers."""
        begun = self.status.steps[0].event.day
        covered = ((self.approval.starts_on, self.approval.ends_on), *self.also_approved)
        days = {t.first for t in self.shown if t.one_day and t.first >= begun}
        return tuple(sorted(day for day in days if not any(first <= day <= last for first, last in covered)))

    def _over(self, low: int, high: int | None, inside: list[TreatmentGiven]) -> Judgement:
        units = self.approval.units
        if low > units:
            return self._judge("over", Answer.MET, f"At least {low} used of {units} approved.", inside)
        if high is not None and high <= units:
            return self._judge("over", Answer.NOT_MET, f"{_span(low, high)} used of {units} approved.", inside)
        return self._judge("over", Answer.UNKNOWN, f"{self._said(low, high)} of {units} approved.", inside)

    def _few(self, low: int, high: int | None, inside: list[TreatmentGiven]) -> Judgement:
        most = max(self.approval.units - low, 0)
        limit = self.limits.few_units
        if most <= limit:
            return self._judge(
                "few", Answer.MET, f"At most {most} of {self.approval.units} {self.approval.unit} left.", inside
            )
        if high is not None and self.approval.units - high > limit:
            return self._judge("few", Answer.NOT_MET, f"{self.approval.units - high} or more left.", inside)
        return self._judge("few", Answer.UNKNOWN, f"At most {most} left; the chart shows {low} used.", inside)

    def _outside(self, days: tuple[date, ...], inside: list[TreatmentGiven]) -> Judgement:
        if days:
            said = ", ".join(day.isoformat() for day in days)
            used = [t for t in self.shown if t.first in days]
            return self._judge("outside", Answer.MET, f"Treatment on days that are not approved: {said}.", used)
        if self.counting is not None and self._all_recorded():
            return self._judge("outside", Answer.NOT_MET, "Every treatment lies within the approved dates.", inside)
        return self._judge("outside", Answer.UNKNOWN, "None on record outside the approved dates.", inside)

    def _ending(self) -> Judgement:
        days = (self.approval.ends_on - self.status.as_of).days
        near = days <= self.limits.ends_soon_days
        text = f"{days} days to the last approved day." if days >= 0 else f"The last approved day was {-days} days ago."
        return self._judge("ending", Answer.MET if near else Answer.NOT_MET, text, [])

    def _said(self, low: int, high: int | None) -> str:
        if self.counting is None:
            return f"How many {self.approval.unit} were used cannot be counted from the chart"
        return f"At least {low} used" if high is None else f"{_span(low, high)} used"

    def _judge(self, what: str, answer: Answer, text: str, records: Iterable[TreatmentGiven]) -> Judgement:
        rule = self.counting
        basis = Basis(
            rule_id=rule.id if rule is not None else "payers.authorization.units", as_of=self.status.as_of,
            rule_text=rule.text if rule is not None else "", sources=rule.as_sources if rule is not None else (),
            used=tuple(RecordUse(t.record_id, t.code, _days(t)) for t in records),
        )  # fmt: skip
        question = self._question() if answer is Answer.UNKNOWN else None
        return Judgement(id=f"payers.authorization.{what}", answer=answer, text=text, basis=basis, question=question)

    def _question(self) -> Question:
        stretch = any(not t.one_day for t in self.shown)
        name = "payers.authorization.unit" if self.counting is None else _ALL_RECORDED
        if self.counting is not None and stretch:
            name = "payers.authorization.sessions_in_record"
        return Question(name, intake_questions()[name].text, "payers.authorization.units")


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _days(given: TreatmentGiven) -> str:
    return given.first.isoformat() if given.one_day else f"{given.first.isoformat()}/{given.last.isoformat()}"
