"""One person's record as one reading of a measure sees it.

There are two readings, and they are kept apart. *As the measure computes*: what is not recorded did not happen, and a
blank is a no. *Ours*: what is not recorded is unknown until somebody says that the record is whole, and a blank is
unknown. Codes whose value set is not at hand are unknown in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from inconcert.judgement import Answer, RecordUse
from inconcert.knowledge.outcomes import MeasureFile
from inconcert.outcomes.codesets import CodeSets, Pairs
from inconcert.outcomes.findings import NO, UNSEEN, YES, Finding, every, some
from inconcert.outcomes.when import ANY_TIME, EVER, INFINITE, NEVER, Bounds, Stretch, When, exact, stretch_of, when
from inconcert.record import Coding, Condition, DateRange, Encounter, Fact, Moment, Person

F = TypeVar("F", bound=Fact)
Tested = Finding | Answer | bool | None  # None: the record leaves it blank
Tests = Callable[[F], Iterable[tuple[str, Tested]]]


@dataclass(frozen=True, slots=True)
class Hit(Generic[F]):
    """A record that counts, or may count, and why."""

    fact: F
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One person under one reading. Days are ordinals.

    `whole_until` is the last day up to which somebody said that the record is whole, None where nobody did.
    """

    person: Person
    measure: MeasureFile
    sets: CodeSets
    first_day: date
    last_day: date
    as_of: date
    utc_offset_minutes: int | None = None
    as_measure: bool = False
    whole_until: int | None = None
    memo: dict[Any, Any] = field(default_factory=dict)

    # ── the rules on absence and blanks ──────────────────────────────────────────────────────────────────────────────

    def absent(self, until: float) -> Finding:
        """What it means that nothing is recorded up to a day: no, or unknown."""
        if self.as_measure:
            return NO
        whole = self.whole_until is not None and until <= min(self.whole_until, self.as_of.toordinal())
        return NO if whole else UNSEEN

    def tested(self, got: Tested, record: str, label: str) -> Finding:
        """One test of one record as a finding. A blank is a no as the measure computes, else unknown."""
        if isinstance(got, Finding):
            return got
        if got is True or got is Answer.MET:
            return YES
        if got is False or got is Answer.NOT_MET or self.as_measure:
            return NO
        return Finding(Answer.UNKNOWN, blanks=(f"{record}: {label}?",))

    def exists(self, hits: Iterable[Hit[Any]], until: float) -> Finding:
        """Whether any of the records counts, given what absence means up to that day."""
        return some([*(hit.finding for hit in hits), self.absent(until)])

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def role(self, name: str) -> tuple[str, ...]:
        """The value sets that fill a role of the measure. Raises KeyError."""
        return self.measure.value_sets[name]

    def look(self, facts: Sequence[F], role: str, tests: Tests[F]) -> list[Hit[F]]:
        """The records whose code is in the role's value sets and that pass, or may pass, every test."""
        return [self.weigh(fact, found, tests) for fact, found in self._members(facts, role)]

    def _members(self, facts: Sequence[F], role: str) -> list[tuple[F, Finding]]:
        """The records whose code is, or may be, in the role's value sets. Kept: the same are asked for several times."""
        if not facts:
            return []
        key = "members", id(facts), role
        kept = self.memo.get(key)
        if kept is not None:
            return kept[1]  # type: ignore[no-any-return]
        found, sets = [], self.role(role)
        for fact in facts:
            member = self.sets.member(sets, fact.codings)
            if member.answer is Answer.MET:
                found.append((fact, YES))
            elif member.answer is Answer.UNKNOWN:
                found.append((fact, Finding(Answer.UNKNOWN, needs=member.needs)))
            elif member.uncoded and not self.as_measure:
                blank = f"{fact.id}: which standard code does it have?"
                found.append((fact, Finding(Answer.UNKNOWN, blanks=(blank,))))
        self.memo[key] = facts, found  # the facts as well, so that no other list gets their id
        return found

    def look_direct(self, facts: Sequence[F], name: str, tests: Tests[F]) -> list[Hit[F]]:
        """The records that carry a code the measure names by itself and that pass, or may pass, every test."""
        pairs = self.measure.pairs(name)
        return [self.weigh(fact, YES, tests) for fact in facts if self.coded(fact.codings, pairs)]

    def weigh(self, fact: F, found: Finding, tests: Tests[F]) -> Hit[F]:
        """Put one record through the tests; the first that fails says why it does not count."""
        parts = [] if found is YES else [found]
        for label, got in tests(fact):
            if got is True or got is Answer.MET:
                continue
            part = self.tested(got, fact.id, label)
            if part.answer is Answer.NOT_MET:
                use = RecordUse(fact.id, f"{fact.label}: not so: {label}", dated(fact))
                return Hit(fact, Finding(Answer.NOT_MET, rejected=(use, *part.rejected)))
            if part is not YES:
                parts.append(part)
        whole = every(parts) if parts else YES
        use = RecordUse(fact.id, f"{fact.label}: {_WHY[whole.answer]}", dated(fact))
        used = (use, *(other for other in whole.used if other != use)) if whole.used else (use,)
        return Hit(fact, Finding(whole.answer, used, whole.rejected, whole.needs, whole.blanks, whole.unseen))

    @staticmethod
    def coded(codings: Iterable[Coding], pairs: Pairs) -> bool:
        """True if any of the codings is one of the codes."""
        return any((c.system, c.code) in pairs for c in codings)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def word_in(self, word: str, name: str) -> bool | None:
        """Whether a status is on a list of the measure; None where it is blank."""
        return word in self.measure.words[name] if word else None

    def word_not_in(self, word: str, name: str) -> bool | None:
        """Whether a status is off a list of the measure; None where it is blank."""
        return word not in self.measure.words[name] if word else None

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def of(self, days: DateRange | None) -> When | None:
        """A date of the record as a point in time."""
        return when(days, self.utc_offset_minutes)

    def taken(self, moment: Moment | None) -> Stretch | None:
        """When something was observed."""
        return stretch_of(moment, self.utc_offset_minutes)

    def known(self, facts: tuple[F, ...], *dates: str) -> tuple[F, ...]:
        """The facts that are not dated after the day the question is asked for."""
        key = "known", id(facts)
        kept = self.memo.get(key)
        if kept is None:
            as_of = self.as_of
            kept = self.memo[key] = facts, tuple(fact for fact in facts if not _after(fact, dates, as_of))
        return kept[1]

    def visit_time(self, visit: Encounter) -> Stretch | None:
        """From start to end of a visit; None where it has neither.

        As the measure computes, one without an end goes on for ever, and one without a start always was.
        """
        start, end = self.of(visit.start), self.of(visit.end)
        if start is None and end is None:
            return None
        if end is None:
            end = NEVER if self.as_measure or start is None else later_than(start)
        if start is None:
            return Stretch(EVER if self.as_measure else _before(end), end)
        return Stretch(start, end)

    def prevalence(self, condition: Condition) -> Stretch | None:
        """From onset to abatement. One that is active without an abatement goes on.

        As the measure computes, one that is not said to be active and did not end has no time at all.
        """
        start, end = self.of(condition.onset), self.of(condition.abatement)
        active = condition.clinical_status in _ACTIVE
        if self.as_measure and end is None and not active:
            return None
        if start is None:
            start = EVER if self.as_measure else ANY_TIME
        if end is None:
            end = NEVER if active else later_than(start)
        return Stretch(start, end)

    def began(self, condition: Condition) -> When | None:
        """When a condition began. As the measure computes, one with neither onset nor abatement never began, yet lasts."""
        time = self.prevalence(condition)
        if time is None or (self.as_measure and condition.onset is None and condition.abatement is None):
            return None
        return time.start

    def period(self) -> tuple[Bounds, Bounds]:
        """First and last day of the measurement period."""
        return exact(self.first_day), exact(self.last_day)


_WHY = {Answer.MET: "counts", Answer.UNKNOWN: "may count"}
_ACTIVE = frozenset({"active", "recurrence", "relapse"})  # FHIR's words for a condition that is there


def dated(fact: Fact) -> str:
    """The date of a record as it was written, '' where it has none."""
    return next((str(d) for d in _dates(fact, _DATES)), "")


_DATES = ("start", "onset", "performed_start", "taken", "authored", "said", "recorded")


def _dates(fact: Fact, names: Iterable[str]) -> Iterator[DateRange]:
    for name in names:
        found = getattr(fact, name, None)
        if isinstance(found, Moment):
            found = found.days
        if isinstance(found, DateRange):
            yield found


def _after(fact: Fact, names: tuple[str, ...], as_of: date) -> bool:
    for name in names:
        found = getattr(fact, name)
        if found is not None and (found.days if isinstance(found, Moment) else found).earliest > as_of:
            return True
    return False


def later_than(start: When) -> When:
    """Some time from then on."""
    return When((start.days[0], INFINITE), (start.instants[0], INFINITE))


def _before(end: When) -> When:
    return When((-INFINITE, end.days[1]), (-INFINITE, end.instants[1]))
