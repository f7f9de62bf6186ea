"""From medication records to uses: one drug, over one stretch of days, at one dose, from one record.

An order is an intent, a statement a report, a dispense a hand-over, an administration a swallow. Each says something
else about which days the drug was taken for certain and which days it only may have been.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inconcert.judgement import Answer, RecordUse
from inconcert.knowledge.drugs import Drug, DrugMatch, DrugPart, NoMatch, drug_book
from inconcert.knowledge.staging import GivenFor, code_matches, staging_book
from inconcert.record import (
    CodeSystem,
    Coding,
    DateRange,
    DoseInstruction,
    MedicationEvent,
    MedicationEventKind,
    Person,
    ReportedTrial,
)
from inconcert.staging.doses import DailyDose, believed, daily_dose, supplied_dose

ONE_DAY = timedelta(days=1)
EARLIEST = date(1900, 1, 1)
_NEVER = {"entered-in-error", "cancelled", "draft", "not-taken", "not-done", "declined", "intended", "preparation"}
_INTENDED_ONLY = {"proposal", "plan", "option"}
_ADDING = ("in addition to", "add-on", "add on", "added to", "together with")
UNKNOWN_DOSE = DailyDose(None, None, "no dose is given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One drug from one record. Days `start.latest`..`end.earliest` are certain, `start.earliest`..`end.latest` possible.

    `tells_dose` is True for a record that sets the dose from its start (an order even where its dose is unknown).
    `bounded` is True where the record itself gave the end. `stated_weeks` is a length told without dates.
    """

    record_id: str
    on: str
    kind: str  # a MedicationEventKind value, or 'reported'
    drug: Drug
    match: DrugMatch
    start: DateRange
    end: DateRange
    dose: DailyDose
    tells_dose: bool
    bounded: bool
    active: bool = False
    adding: bool = False
    days_supply: float | None = None
    stated_weeks: float | None = None
    dated: bool = True
    event: MedicationEvent | None = None
    report: ReportedTrial | None = None
    note: str = ""

    @property
    def minimum_dose_mg(self) -> float | None:
        """The least adequate daily dose for the form taken."""
        if self.match.extended_release and self.drug.minimum_dose_extended_release_mg is not None:
            return self.drug.minimum_dose_extended_release_mg
        return self.drug.minimum_dose_mg

    def possible_on(self, day: date) -> bool:
        """Whether the drug may have been taken on that day."""
        return self.start.earliest <= day <= self.end.latest

    def certain_on(self, day: date) -> bool:
        """Whether the record puts the drug into that day."""
        return self.start.latest <= day <= self.end.earliest


@dataclass(frozen=True, slots=True)
class UsesFound:
    """All uses of drugs of ours, and the records left out, each with why."""

    uses: tuple[Use, ...]
    left_out: tuple[RecordUse, ...]


def find_uses(person: Person, as_of: date) -> UsesFound:
    """Every use of an antidepressant, augmenter or treatment drug recorded on or before `as_of`."""
    uses: list[Use] = []
    left_out: list[RecordUse] = []
    for event in person.medications:
        found = _event_uses(event, as_of)
        if isinstance(found, RecordUse):
            left_out.append(found)
        else:
            uses.extend(found)
    for report in person.reported_trials:
        told = _reported_use(report, as_of)
        if isinstance(told, RecordUse):
            left_out.append(told)
        else:
            uses.extend(told)
    return UsesFound(tuple(_carry_supply_over(uses, as_of)), tuple(left_out))


def _event_uses(event: MedicationEvent, as_of: date) -> list[Use] | RecordUse:
    """The uses in one record, or why it was left out (an empty list for a drug that is none of ours)."""
    found = drug_book().look_up(event.codings, event.text, event.ingredients, event.form)
    when = event.start or event.authored
    on = str(when) if when else ""
    if isinstance(found, NoMatch):
        return RecordUse(event.id, f"not settled: {found.reason}", on) if found.reason else []
    ours = [part for part in found.parts if part.drug and part.drug.kind in {"antidepressant", "augmenter", "other"}]
    if not ours:
        return []
    why = _never_taken(event, as_of)
    if why:
        return RecordUse(event.id, f"{found.drug.name}: {why}", on)
    if found.counts_as_its_kind is Answer.NOT_MET:
        return RecordUse(event.id, f"{found.drug.name}: {found.other_use or 'a form not used for depression'}", on)
    given_for = reason_given(event.reasons, event.reason_text)
    if given_for is not None and given_for.counts is Answer.NOT_MET:
        return RecordUse(event.id, f"{found.drug.name}: recorded as given for {given_for.use}", on)
    note = given_for.note if given_for else ""
    return [use for part in ours for use in _part_uses(event, found, part, as_of, note)]


def _never_taken(event: MedicationEvent, as_of: date) -> str:
    if event.status in _NEVER:
        return f"its status is {event.status}"
    if event.do_not_perform:
        return "the order says not to take it"
    if event.kind is MedicationEventKind.ORDER and event.intent in _INTENDED_ONLY:
        return f"its intent is {event.intent}, not an order"
    first = [d for d in (event.authored, event.start) if d is not None]
    if any(d.earliest > as_of for d in first):
        return f"dated after {as_of}"
    return ""


def reason_given(codings: Iterable[Coding], text: str) -> GivenFor | None:
    """What a drug was recorded as given for: depression where any reason says so, else the first reason recognized."""
    hits = []
    low = text.lower()
    for entry in staging_book().reasons.given_for:
        icd = any(c.system in {CodeSystem.ICD10CM, CodeSystem.ICD10} and any(code_matches(p, c.code) for p in entry.icd10)
                  for c in codings)  # fmt: skip
        snomed = any(c.system == CodeSystem.SNOMED and c.code in entry.snomed for c in codings)
        words = [low, *(c.display.lower() for c in codings)]
        if icd or snomed or any(w in text_ for w in entry.words for text_ in words):
            hits.append(entry)
    return next((h for h in hits if h.counts is Answer.MET and not h.note), None) or (hits[0] if hits else None)


def _part_uses(event: MedicationEvent, match: DrugMatch, part: DrugPart, as_of: date, note: str) -> list[Use]:
    assert part.drug is not None  # noqa: S101 - narrowed by the caller
    alone = len(match.parts) == 1
    start = event.start or event.authored or DateRange(EARLIEST, as_of, "date not recorded")
    base = Use(
        record_id=event.id, on=str(start), kind=event.kind.value, drug=part.drug, match=match, start=start, end=start,
        dose=UNKNOWN_DOSE, tells_dose=event.kind is MedicationEventKind.ORDER, bounded=False, dated=bool(event.start or event.authored),
        active=event.status == "active", adding=_says_adding(event), event=event, note=note,
    )  # fmt: skip
    lines = [(line, believed(daily_dose(line, part, alone=alone), part.drug)) for line in event.doses]
    dated = [(line, dose) for line, dose in lines if line.start or line.end]
    if len(dated) > 1:  # a titration or a taper, step by step
        steps = [(line, dose) for line, dose in dated if (line.start or start).earliest <= as_of]
        return [
            _placed(
                replace(base, start=line.start or start, dose=dose, tells_dose=base.tells_dose or dose.known),
                _line_end(line, line.start or start) or event.end, as_of,
            )
            for line, dose in steps
        ]  # fmt: skip
    if len(lines) == 1:
        line, dose = lines[0]
        first = event.start or line.start or start
        if first.earliest > as_of:
            return []
        base = replace(base, dose=dose, start=first)
        return [_placed(_with_supply(base, event, part), event.end or _line_end(line, first), as_of)]
    if lines:  # several lines without days: one after the other, or all together?
        base = replace(base, dose=_one_or_all([dose for _, dose in lines]))
    return [_placed(_with_supply(base, event, part), event.end, as_of)]


def _line_end(line: DoseInstruction, start: DateRange) -> DateRange | None:
    """The last day of a prescription line: as given, else by the length it gives."""
    if line.end is not None or not line.duration_days or line.duration_days < 1:
        return line.end
    days = timedelta(days=round(line.duration_days) - 1)
    return DateRange(start.earliest + days, start.latest + days)


def _with_supply(use: Use, event: MedicationEvent, part: DrugPart) -> Use:
    if event.kind is not MedicationEventKind.DISPENSE:
        return replace(use, tells_dose=use.tells_dose or use.dose.known)
    dose = use.dose if use.dose.known else believed(supplied_dose(event, part), use.drug)
    return replace(use, dose=dose, tells_dose=dose.known)


def _one_or_all(doses: list[DailyDose]) -> DailyDose:
    lows, highs = [d.low for d in doses], [d.high for d in doses]
    low = None if None in lows else min(x for x in lows if x is not None)
    high = None if None in highs else sum(x for x in highs if x is not None)
    return DailyDose(low, high, "several lines without days: one after the other, or together")


def _says_adding(event: MedicationEvent) -> bool:
    words = " ".join((event.text, *event.notes, *(line.text for line in event.doses))).lower()
    return any(phrase in words for phrase in _ADDING)


def _placed(use: Use, end: DateRange | None, as_of: date) -> Use:
    """A use with its last days: given by the record, else by the supply handed over, else not known."""
    event = use.event
    kind = event.kind if event else None
    before = use.start.earliest - ONE_DAY
    if end is not None and end.latest >= use.start.earliest:
        last = DateRange(max(end.earliest, before), end.latest, end.text)
        return replace(use, end=_clip(last, as_of), bounded=True)
    if kind is MedicationEventKind.ADMINISTRATION:
        return replace(use, end=_clip(use.start, as_of), bounded=True)
    if kind is MedicationEventKind.DISPENSE:
        if event and event.days_supply and event.days_supply > 0 and use.start.is_exact:
            last_day = use.start.earliest + timedelta(days=round(event.days_supply) - 1)
            return replace(use, end=_clip(DateRange.of(last_day), as_of), bounded=True, days_supply=event.days_supply)
        return replace(use, end=DateRange(before, as_of))
    if kind is MedicationEventKind.STATEMENT and use.active and event and event.authored:
        told = min(event.authored.earliest, as_of)  # known to be taken on the day it was told
        return replace(use, end=DateRange(max(told, before), as_of))
    return replace(use, end=DateRange(before, as_of))


def _clip(days: DateRange, as_of: date) -> DateRange:
    """The same range, no later than `as_of` (a plan reaching past it is running on it)."""
    return DateRange(min(days.earliest, as_of), min(days.latest, as_of), days.text)


def _carry_supply_over(uses: list[Use], as_of: date) -> list[Use]:
    """Move a refill that came early to the day the supply before it runs out (same drug at the same dose)."""
    supplies = sorted(
        (u for u in uses if u.days_supply is not None and u.start.is_exact),
        key=lambda u: (u.drug.name, u.start.earliest),
    )
    moved: dict[int, Use] = {}
    last: Use | None = None
    for use in supplies:
        placed = use
        if (
            last is not None
            and last.drug is use.drug
            and last.dose == use.dose
            and use.start.earliest <= last.end.latest
        ):
            first = last.end.latest + ONE_DAY
            end = DateRange.of(first + timedelta(days=round(use.days_supply or 0) - 1))
            if first <= as_of:
                placed = replace(use, start=DateRange(first, first, use.start.text), end=_clip(end, as_of))
        moved[id(use)] = placed
        last = placed
    return [moved.get(id(use), use) for use in uses]


def _reported_use(report: ReportedTrial, as_of: date) -> list[Use] | RecordUse:
    """What a person's or clinician's own account of a past trial comes to."""
    on = str(report.reported_on or report.start or "")
    found = drug_book().look_up(report.codings, report.drug)
    if isinstance(found, NoMatch):
        return RecordUse(
            report.id, f"{report.drug or report.label!r}: {found.reason or 'no antidepressant or add-on of ours'}", on
        )
    if report.reported_on is not None and report.reported_on.earliest > as_of:
        return RecordUse(report.id, f"{found.drug.name}: reported after {as_of}", on)
    if report.start is not None and report.start.earliest > as_of:
        return RecordUse(report.id, f"{found.drug.name}: dated after {as_of}", on)
    if found.counts_as_its_kind is Answer.NOT_MET:
        return RecordUse(report.id, f"{found.drug.name}: {found.other_use or 'a form not used for depression'}", on)
    ours = [part for part in found.parts if part.drug and part.drug.kind in {"antidepressant", "augmenter", "other"}]
    return [_reported_part(report, found, part, as_of) for part in ours]


def _reported_part(report: ReportedTrial, match: DrugMatch, part: DrugPart, as_of: date) -> Use:
    assert part.drug is not None  # noqa: S101 - narrowed by the caller
    mg = report.daily_dose_mg if len(match.parts) == 1 else None
    days = timedelta(days=round(report.weeks * 7)) - ONE_DAY if report.weeks else None
    start, end = report.start, report.end
    if start is None and end is not None and days is not None:
        start = DateRange(max(end.earliest - days, EARLIEST), end.latest - days)
    elif start is not None and end is None and days is not None:
        end = DateRange(start.earliest + days, start.latest + days)
    dated = start is not None
    first = start or DateRange(EARLIEST, min(end.latest, as_of) if end else as_of, "date not told")
    use = Use(
        record_id=report.id, on=str(report.reported_on or report.start or ""), kind="reported", drug=part.drug, match=match,
        start=first, end=first, tells_dose=False,
        dose=believed(DailyDose(mg, mg, "" if mg is not None else "the report gives no dose"), part.drug),
        bounded=False, dated=dated, stated_weeks=None if dated else report.weeks, report=report,
    )  # fmt: skip
    return _placed(use, end, as_of)
