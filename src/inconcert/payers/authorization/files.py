"""The payers' clocks as data: kinds of plan, dated time limits, what counts as a unit, and the desk's own warnings."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

from inconcert.judgement import Reading, Source
from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry, SourceNote, as_sources
from inconcert.knowledge.policy_schema.file import LineOfBusiness, Service
from inconcert.knowledge.strict_yaml import KnowledgeError

_FOLDER = loader.ROOT / "files" / "payers" / "authorization"
ClockName = Literal["decision", "answer", "appeal_filing", "appeal_decision", "next_appeal_filing"]
Subject = Literal["service", "drug_medical", "drug_pharmacy"]


class PayerKind(Entry, frozen=True, kw_only=True):
    """A kind of plan, as far as deadlines differ. `lines_of_business` are the words of policy files that may mean it."""

    id: str
    name: str
    how_to_tell: str
    lines_of_business: tuple[LineOfBusiness, ...] = ()
    no_request: str = ""  # why nothing is asked beforehand, where that is so
    sources: tuple[SourceNote, ...]
    status: Reading


class TimeLimit(Entry, frozen=True, kw_only=True):
    """So many hours by the clock, or days or months of the calendar (the day it starts is not counted)."""

    hours: int | None = None
    calendar_days: int | None = None
    calendar_months: int | None = None

    @property
    def words(self) -> str:
        """As a reader says it."""
        for count, unit in (
            (self.hours, "hour"),
            (self.calendar_days, "calendar day"),
            (self.calendar_months, "calendar month"),
        ):
            if count is not None:
                return f"{count} {unit}{'s' if count != 1 else ''}"
        return ""


class ClockRule(Entry, frozen=True, kw_only=True):
    """One time limit that binds a kind of payer, or us, between two dates.

    `while_pended`: what the clock does between the payer's question and our answer (`stops`, `runs`, or `not_seen`).
    `expedited_after_answer`: where an urgent request was pended, the time from our answer instead.
    `ceiling`: the plan's state or contract may set less, so that the limit is the latest and not the exact one: a payer is
    late after it, but of ours no day is promised by it. `at_least`: the least that must be given; it may be longer.
    """

    id: str
    clock: ClockName
    payer_kinds: tuple[str, ...]
    subjects: tuple[Subject, ...] = ("service", "drug_medical", "drug_pharmacy")
    since: str = ""
    until: str = ""
    standard: TimeLimit | None = None
    expedited: TimeLimit | None = None
    starts: Literal["receipt", "notice", "notice_received", "question"]
    presumed_receipt_days: int = 0
    expedited_after_answer: TimeLimit | None = None
    while_pended: Literal["stops", "runs", "not_seen"] = "not_seen"
    extension_calendar_days: int = 0
    ceiling: bool = False
    at_least: bool = False
    silence: str = ""
    text: str
    sources: tuple[SourceNote, ...]
    status: Reading

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day; both its days are included."""
        return (not self.since or self.since <= day.isoformat()) and (not self.until or day.isoformat() <= self.until)

    @property
    def as_sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.sources, self.status)


class UnitCounting(Entry, frozen=True, kw_only=True):
    """What in a chart is one unit of some services. `a_day`: `each` record counts, `one` a day does, or `unclear` lies between."""

    id: str
    services: tuple[Service, ...]
    units: tuple[str, ...]
    procedure_codes: tuple[str, ...] = ()
    administered_drugs: tuple[str, ...] = ()
    a_day: Literal["each", "one", "unclear"]
    text: str
    sources: tuple[SourceNote, ...]
    status: Reading

    @property
    def as_sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.sources, self.status)


class DeskSetting(Entry, frozen=True, kw_only=True):
    """One number a clinic may set for its desk, with what we take where it did not. `unit` goes with the number."""

    id: str
    name: str
    unit: str
    default: int
    least: int
    most: int
    text: str
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def payer_kinds() -> dict[str, PayerKind]:
    """All kinds of plan by id."""
    return {k.id: k for k in loader.load(_FOLDER / "payer_kinds.yaml", tuple[PayerKind, ...])}


@cache
def clock_rules() -> tuple[ClockRule, ...]:
    """All time limits. Raises KnowledgeError for one that names an unknown kind of plan or gives no limit."""
    path = _FOLDER / "clocks.yaml"
    rules = loader.load(path, tuple[ClockRule, ...])
    seen: set[str] = set()
    for rule in rules:
        strangers = set(rule.payer_kinds) - set(payer_kinds())
        if strangers:
            raise KnowledgeError(
                str(path), None, f"{rule.id}: unknown kind {sorted(strangers)}.", "See payer_kinds.yaml."
            )
        if rule.standard is None and rule.expedited is None:
            raise KnowledgeError(str(path), None, f"{rule.id} gives no limit.", "Give standard, expedited or both.")
        if rule.id in seen:
            raise KnowledgeError(str(path), None, f"{rule.id} stands twice.", "Rename one.")
        for text in filter(None, (rule.since, rule.until)):
            date.fromisoformat(text)
        seen.add(rule.id)
    return rules


@cache
def unit_countings() -> tuple[UnitCounting, ...]:
    """What counts as a unit, by service."""
    return loader.load(_FOLDER / "units.yaml", tuple[UnitCounting, ...])


@cache
def desk_settings() -> dict[str, DeskSetting]:
    """The desk's settings by id."""
    return {s.id: s for s in loader.load(_FOLDER / "desk.yaml", tuple[DeskSetting, ...])}
