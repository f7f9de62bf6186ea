"""Facts that are not on record yet, and the record as it would be with them.

A `Change` is one fact: a day that comes, an answer, a trial that failed, a score, a course of psychotherapy, a plan whose
parts no longer overlap. `supposed` adds any number of them to a person's record on the day when all could be true; the
case it gives is asked like any other, so that nothing is met here that would not be met then.

What holds today is taken to hold on that day too: scales, safety answers and measurements are repeated with today's values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from inconcert.knowledge.drugs import drug_book
from inconcert.payers.asking import CaseView
from inconcert.payers.known import known_on
from inconcert.payers.types import Case, Step
from inconcert.record import (
    Attestation,
    CodeSystem,
    Coding,
    Condition,
    DateRange,
    MedicationEvent,
    Moment,
    Origin,
    Person,
    ReportedTrial,
    ScaleForm,
)
from inconcert.safety import SafetyScreen, ScreenWhenRead, screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import TrialHistory

ORIGIN = Origin(resource="Supposed/fact")
_BY = "supposed, to see what it would change"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupposedTrial:
    """A medication trial that did not help. `start` None: it has not begun, and runs `weeks` after those before it.

    `in_episode` None: whatever the record says. `weeks` None: as the record's dates say.
    """

    drug: str
    drug_class: str
    dose_mg_per_day: float | None
    weeks: float | None
    start: date | None = None
    start_latest: date | None = None
    end: date | None = None
    in_episode: bool | None = True
    outcome: str = "nonresponse"
    improvement_percent: float | None = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that is not on record. Two changes are the same where their ids are.

    `earliest` is the first day it could be true. `says` are answers to intake questions, (question, yes, no, number or
    choice); `apart` the services that would no longer be given at the same time, `ends` the drugs that a new trial takes
    the place of. `excludes` marks changes that cannot
    both be true (two answers to one question): changes with a mark in common.
    """

    id: str
    step: Step
    earliest: date
    says: tuple[tuple[str, str | float], ...] = ()
    trial: SupposedTrial | None = None
    form: tuple[str, float] | None = None  # scale id and total
    code: str = ""  # an ICD-10-CM code of the present depression
    apart: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    excludes: frozenset[str] = frozenset()

    @property
    def new_trial(self) -> bool:
        """True for a trial that has not begun: several run one after the other."""
        return self.trial is not None and self.trial.start is None

    @property
    def waits(self) -> bool:
        """True for the passing of time and nothing else."""
        return self.id.startswith(WAIT)


WAIT = "wait:"


def compatible(changes: Collection[Change]) -> bool:
    """False where two of them cannot both be true."""
    marks = [mark for change in changes for mark in change.excludes]
    return len(marks) == len(set(marks))


def day_of(changes: Collection[Change], as_of: date) -> date:
    """The first day on which all could be true. Trials not yet begun run one after the other, after the present drug."""
    begin = max((c.earliest for c in changes if c.trial is not None and c.trial.end is not None), default=as_of)
    others = max((c.earliest for c in changes if not c.new_trial), default=as_of)
    trials = [t for _, t in _chained(changes, begin)]
    return max(others, trials[-1].end or as_of) if trials else max(others, as_of)


def _chained(changes: Iterable[Change], begin: date) -> list[tuple[str, SupposedTrial]]:
    """The trials not yet begun with their days, in the order of their ids, each begun when the one before it ended."""
    found = []
    for change in sorted((c for c in changes if c.new_trial), key=lambda c: c.id):
        trial = change.trial
        assert trial is not None and trial.weeks is not None  # noqa: S101, PT018 - `new_trial` says so, and a new trial has a length
        end = begin + timedelta(days=round(trial.weeks * 7))
        found.append((change.id, dataclasses.replace(trial, start=begin, end=end, weeks=None)))
        begin = end + timedelta(days=1)
    return found


def person_with(person: Person, changes: Collection[Change], as_of: date) -> Person:
    """The person's record on the day when all the changes could be true, with the changes on it."""
    day = day_of(changes, as_of)
    return _put_on(carried(person, as_of, day), changes, as_of, day)


def _put_on(record: Person, changes: Collection[Change], as_of: date, day: date) -> Person:
    begin = max((c.earliest for c in changes if c.trial is not None and c.trial.end is not None), default=as_of)
    trials = [*_chained(changes, begin)]
    trials += [(c.id, c.trial) for c in changes if c.trial is not None and not c.new_trial]
    said = {question: value for change in changes for question, value in change.says}
    ends = {drug for change in changes for drug in change.ends}
    return dataclasses.replace(
        record,
        medications=tuple(_ended(e, begin) if ends and _drugs_of(e) & ends else e for e in record.medications),
        reported_trials=(
            *(_closed(t, begin) if t.drug in ends else t for t in record.reported_trials),
            *(_told(name, trial, day) for name, trial in trials),
        ),
        attestations=(
            *(a for a in record.attestations if a.question not in said),
            *(_answer(question, value, day) for question, value in said.items()),
        ),
        scale_forms=(*record.scale_forms, *(_form(*c.form, day) for c in changes if c.form is not None)),
        conditions=(*record.conditions, *(_coded(c.code, as_of) for c in changes if c.code)),
    )


def _drugs_of(event: MedicationEvent) -> set[str]:
    match = drug_book().match(event.codings, event.text, event.ingredients, event.form)
    return {part.name for part in match.parts} if match is not None else set()


def _ended(event: MedicationEvent, day: date) -> MedicationEvent:
    """An order or statement that still runs, ended on the day when another drug takes its place."""
    began = event.start or event.authored
    if (event.end is not None and event.end.latest <= day) or began is None or began.latest > day:
        return event
    return dataclasses.replace(event, end=DateRange.of(day))


def _closed(trial: ReportedTrial, day: date) -> ReportedTrial:
    if (trial.end is not None and trial.end.latest <= day) or trial.start is None or trial.start.latest > day:
        return trial
    return dataclasses.replace(trial, end=DateRange.of(day))


def _told(name: str, trial: SupposedTrial, day: date) -> ReportedTrial:
    start = None
    if trial.start is not None:
        start = DateRange(trial.start, trial.start_latest or trial.start)
    return ReportedTrial(
        id=f"Supposed/{name}", origin=ORIGIN, drug=trial.drug, daily_dose_mg=trial.dose_mg_per_day, start=start,
        end=DateRange.of(trial.end) if trial.end is not None else None, weeks=trial.weeks,
        adherence_percent=100.0, outcome=trial.outcome, improvement_percent=trial.improvement_percent,
        in_current_episode=trial.in_episode, reported_by=_BY, reported_on=DateRange.of(day),
    )  # fmt: skip


def _answer(question: str, value: str | float, day: date) -> Attestation:
    spoken = value if value in ("yes", "no") else ""
    return Attestation(
        id=f"Supposed/{question}", origin=ORIGIN, question=question, answer=str(spoken),
        value=float(value) if isinstance(value, int | float) else None,
        value_text=value if isinstance(value, str) and not spoken else "", answered_by=_BY, answered_on=DateRange.of(day),
    )  # fmt: skip


def _form(scale: str, total: float, day: date) -> ScaleForm:
    taken = Moment(DateRange.of(day))
    return ScaleForm(id=f"Supposed/{scale}", origin=ORIGIN, scale=scale, stated_total=total, taken=taken)


def _coded(code: str, day: date) -> Condition:
    return Condition(
        id=f"Supposed/{code}", origin=ORIGIN, codings=(Coding(CodeSystem.ICD10CM, code),), clinical_status="active",
        verification_status="confirmed", recorded=DateRange.of(day),
    )  # fmt: skip


def carried(person: Person, today: date, day: date) -> Person:
    """What is known of a person today, with what is true today said again on a later day: scales, safety answers, measurements."""
    if day <= today:
        return person  # every room leaves out what dates from after today
    person, by = known_on(person, today), day - today

    def later(when: DateRange) -> DateRange:
        return DateRange(when.earliest + by, when.latest + by)

    def known(moment: Moment | None) -> bool:
        return moment is not None and moment.days.latest <= today

    forms = tuple(
        dataclasses.replace(f, id=f"{f.id}, repeated", taken=Moment(later(f.taken.days)))
        for f in person.scale_forms if f.taken is not None and known(f.taken)
    )  # fmt: skip
    measured = tuple(
        dataclasses.replace(m, id=f"{m.id}, repeated", taken=Moment(later(m.taken.days)))
        for m in person.measurements if m.taken is not None and known(m.taken)
    )  # fmt: skip
    answers = tuple(
        dataclasses.replace(a, id=f"{a.id}, repeated", answered_on=later(a.answered_on))
        for a in person.attestations
        if a.question.startswith(("safety.", "payers.statement.")) and a.answered_on is not None and a.answered_on.latest <= today
    )  # fmt: skip
    return dataclasses.replace(
        person, scale_forms=person.scale_forms + forms, measurements=person.measurements + measured,
        attestations=person.attestations + answers,
    )  # fmt: skip


def supposed(case: Case, changes: Collection[Change]) -> Case:
    """The case with the changes on record, on the day when all could be true; everything is worked out anew."""
    day = day_of(changes, case.as_of)
    person = person_with(case.person, changes, case.as_of)
    history = rebuild_trials(person, day)
    return Case(person=person, history=history, safety=screen(person, history, day), as_of=day)


class Worlds:
    """The cases of one person with changes on record, each made once, as views that many policies may ask."""

    __slots__ = ("_kept", "_views", "root", "tracked")

    def __init__(self, root: CaseView) -> None:
        self.root = root
        self.tracked = CaseView(root.case, tracks=True)  # the record as it is, seen by one who notes what is looked up
        self.tracked.take_counts(root)
        self._views: dict[frozenset[str], CaseView] = {}
        self._kept = Kept({}, {}, {}, {})

    def view(self, changes: Collection[Change]) -> CaseView:
        """The view of the record with these changes. A plan taken apart changes no record (see `Change.apart`)."""
        key = frozenset(c.id for c in changes if not c.apart)
        if not key:
            return self.root
        if key not in self._views:
            self._views[key] = self._made([c for c in changes if not c.apart])
        return self._views[key]

    def _made(self, changes: list[Change]) -> CaseView:
        case = supposed_quickly(self.root.case, changes, self._kept)
        rest = [c for c in changes if not _only_answers(c)]
        parent, said = None, frozenset[str]()
        if len(rest) < len(changes) and day_of(rest, self.root.as_of) == case.as_of:
            # Only answers for payers come on top of a record that is kept as well: most criteria find the same there.
            parent = self.view(rest) if rest else self.tracked
            said = frozenset(question for c in changes if _only_answers(c) for question, _ in c.says)
        made = CaseView(case, parent, said, tracks=True)
        told = _told_by(changes)
        same = not told and case.as_of == self.root.as_of
        counted = self.root if same else self._kept.counted.get((case.as_of, told))
        if counted is not None:
            made.take_counts(counted)
        else:
            self._kept.counted[case.as_of, told] = made
        return made


@dataclass(frozen=True, slots=True)
class Kept:
    """What is worked out once for many records: histories and screens by day and by the changes that touch them.

    `counted` holds for each history the first view that counted over it, `records` the record carried forward to each day.
    """

    histories: dict[tuple[date, frozenset[str]], TrialHistory]
    screens: dict[tuple[date, frozenset[str]], SafetyScreen]
    counted: dict[tuple[date, frozenset[str]], CaseView]
    records: dict[date, Person]


def worlds(view: CaseView) -> Worlds:
    """The worlds of one person, kept with their view."""
    return view.once("worlds", lambda: Worlds(view))


def supposed_quickly(case: Case, changes: Collection[Change], kept: Kept) -> Case:
    """`supposed`, with a history or screen made before where only changes that cannot touch it differ, and made only when read.

    Answers for payers touch neither, those for the safety screen no trial, and
    medication trials that somebody tells of are no part of the safety screen;
    `tests/unit/payers/test_shortest_way.py` holds this against `supposed`.
    """
    day = day_of(changes, case.as_of)
    if day not in kept.records:
        kept.records[day] = carried(case.person, case.as_of, day)
    person = _put_on(kept.records[day], changes, case.as_of, day)
    told, touching = _told_by(changes), _screened_by(changes)

    def history() -> TrialHistory:
        if (day, told) not in kept.histories:
            same = not told and day == case.as_of
            kept.histories[day, told] = case.history if same else rebuild_trials(person, day)
        return kept.histories[day, told]

    def safety() -> SafetyScreen:
        if (day, touching) not in kept.screens:
            same = not touching and day == case.as_of
            kept.screens[day, touching] = case.safety if same else ScreenWhenRead(person, history, day)
        return kept.screens[day, touching]

    return Case.when_read({"history": history, "safety": safety}, person=person, as_of=day)


def _told_by(changes: Collection[Change]) -> frozenset[str]:
    """The changes that can touch the trials."""
    return frozenset(c.id for c in changes if c.trial or c.form or c.code or c.ends or _for_staging(c))


def _screened_by(changes: Collection[Change]) -> frozenset[str]:
    """The changes that can touch the safety screen."""
    return frozenset(c.id for c in changes if c.form or c.code or c.ends or not _for_payers(c))


def _only_answers(change: Change) -> bool:
    """True for answers to payers' questions and nothing else."""
    other = change.trial or change.form or change.code or change.ends or change.apart
    return bool(change.says) and not other and _for_payers(change)


def _for_staging(change: Change) -> bool:
    return not all(question.startswith(("payers.", "safety.")) for question, _ in change.says)


def _for_payers(change: Change) -> bool:
    return all(question.startswith("payers.") for question, _ in change.says)
