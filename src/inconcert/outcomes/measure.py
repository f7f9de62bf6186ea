"""A quality measure for one person, in both readings, and for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from inconcert.judgement import Answer, Basis, Judgement, Question, Refusal, Source
from inconcert.knowledge.outcomes import MeasureFile, MeasureGroup, measure_files, value_set_catalog
from inconcert.outcomes import cms2, cms128, cms159
from inconcert.outcomes.codesets import CodeSets, entries
from inconcert.outcomes.findings import Finding, every
from inconcert.outcomes.types import MeasurePopulation, PersonMeasure, PopulationCount
from inconcert.outcomes.world import World
from inconcert.record import DateRange, Person

_RULES: dict[str, Callable[[World], dict[str, Finding]]] = {
    "CMS2": cms2.rules,
    "CMS128": cms128.rules,
    "CMS159": cms159.rules,
}
KINDS = ("initial-population", "denominator", "denominator-exclusion", "numerator", "denominator-exception")
COMPLETE, COUNT = "outcomes.record_complete", "outcomes.record_count"


@dataclass(frozen=True, slots=True)
class Period:
    """The measurement period, both days included."""

    first_day: date
    last_day: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2026` or `2026-01-01/2026-12-31`. Raises Refusal saying what is wrong and what would do."""
        mend = "Write a year (2026) or two days (2026-01-01/2026-12-31)."
        first, slash, last = text.strip().partition("/")
        try:
            days = [DateRange.parse(part) for part in ((first, last) if slash else (first,))]
        except ValueError as error:
            raise Refusal(f"the period {text!r} cannot be read: {error}.", mend) from error
        exact = all(day.is_exact for day in days)
        if exact != bool(slash) or (not slash and len(first) != 4):
            raise Refusal(f"the period {text!r} is neither a year nor two days.", mend)
        start, end = days[0].earliest, days[-1].latest
        if end < start:
            raise Refusal(f"the period {text!r} ends before it begins.", mend)
        if start.year < 1900:
            raise Refusal(f"the period {text!r} lies before any record.", mend)
        return cls(start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRun:
    """What one measure is computed with.

    `as_of` ignores everything dated later (default: the end of the period). A day is the day as written,
    unless `utc_offset_minutes` names one clock for all. `whole_until` is the day up to which whoever asks says that the
    records are whole; a person's own attestation counts as well.
    """

    measure: MeasureFile
    period: Period
    sets: CodeSets = field(default_factory=CodeSets)
    as_of: date | None = None
    utc_offset_minutes: int | None = None
    whole_until: date | None = None

    @property
    def day(self) -> date:
        """The day the question is asked for."""
        return self.as_of or self.period.last_day


def find_measure(name: str) -> MeasureFile:
    """The measure of that name (`CMS159`, `cms159`, `159`). Raises Refusal naming those there are."""
    plain = name.strip().upper().removesuffix("FHIR").removesuffix("V0")
    plain = plain if plain.startswith("CMS") else f"CMS{plain}"
    found = measure_files().get(plain)
    if found is None:
        known = ", ".join(sorted(measure_files(), key=lambda m: int(m[3:])))
        raise Refusal(f"there is no measure {name!r}.", f"One of {known}.")
    return found


def evaluate(person: Person, run: MeasureRun) -> PersonMeasure:
    """One measure for one person, in both readings."""
    official = _RULES[run.measure.id](_world(person, run, as_measure=True))
    ours = _RULES[run.measure.id](_world(person, run, as_measure=False))
    populations = []
    for group in run.measure.groups:
        computed, shown = _members(official, group), _members(ours, group)
        for kind in KINDS:
            if kind in run.measure.populations:
                populations.append(
                    MeasurePopulation(
                        kind=kind,
                        group=group.id,
                        as_measure=_judgement(run, kind, group, computed[kind], as_measure=True),
                        ours=_judgement(run, kind, group, shown[kind], as_measure=False),
                    )
                )
    roles = (name for names in run.measure.value_sets.values() for name in names)
    return PersonMeasure(
        measure=run.measure.id,
        version=run.measure.version,
        person=person.id,
        first_day=run.period.first_day,
        last_day=run.period.last_day,
        as_of=run.day,
        populations=tuple(populations),
        lacking=tuple(entry.id for entry in run.sets.lacking(roles)),
    )


def compute(person: Person, run: MeasureRun) -> dict[tuple[str, str], Answer]:
    """Only what the measure computes, by group and kind of population, without basis: for very many people.

    Unknown where a value set is missing. `evaluate` gives the same with its grounds, and our own reading beside it.
    """
    rule = _RULES[run.measure.id](_world(person, run, as_measure=True))
    return {
        (group.id, kind): finding.answer
        for group in run.measure.groups
        for kind, finding in _members(rule, group).items()
    }


def count(results: Iterable[PersonMeasure]) -> tuple[PopulationCount, ...]:
    """How many people are in, out, or not known to be either, by population, in both readings."""
    computed: dict[tuple[str, str], Counter[Answer]] = {}
    shown: dict[tuple[str, str], Counter[Answer]] = {}
    for result in results:
        for found in result.populations:
            key = found.group, found.kind
            computed.setdefault(key, Counter())[found.as_measure.answer] += 1
            shown.setdefault(key, Counter())[found.ours.answer] += 1
    return tuple(
        PopulationCount(kind=kind, group=group, as_measure=_full(computed[group, kind]), ours=_full(shown[group, kind]))
        for group, kind in computed
    )


def _full(counter: Counter[Answer]) -> Mapping[Answer, int]:
    return {answer: counter[answer] for answer in Answer}


def _members(rule: dict[str, Finding], group: MeasureGroup) -> dict[str, Finding]:
    """Who is in which population: whoever is excluded is not counted further, an exception only where the rest fails."""
    initial = rule["initial-population"]
    excluded = every([rule["denominator-exclusion"], initial])
    counted = every([~rule["denominator-exclusion"], initial])
    numerator = every([rule[group.numerator], counted])
    found = {
        "initial-population": initial,
        "denominator": initial,
        "denominator-exclusion": excluded,
        "numerator": numerator,
    }
    if "denominator-exception" in rule:
        found["denominator-exception"] = every([rule["denominator-exception"], ~rule[group.numerator], counted])
    return found


# ── one person's world ───────────────────────────────────────────────────────────────────────────────────────────────


def _world(person: Person, run: MeasureRun, *, as_measure: bool) -> World:
    return World(
        person=person,
        measure=run.measure,
        sets=run.sets,
        first_day=run.period.first_day,
        last_day=run.period.last_day,
        as_of=run.day,
        utc_offset_minutes=run.utc_offset_minutes,
        as_measure=as_measure,
        whole_until=None if as_measure else _whole_until(person, run),
    )


def _whole_until(person: Person, run: MeasureRun) -> int | None:
    """The last day up to which the record is said to be whole, None where nobody says so.

    A statement that gives the number of records no longer holds where the record shows another number. One made after
    the period speaks of the period; only where the caller names a day of asking are later statements ignored.
    """
    told = [run.whole_until] if run.whole_until is not None else []
    asked = run.as_of or date.max
    said = person.attestation(COMPLETE, asked)
    number = person.attestation(COUNT, asked)
    if number is not None and number.value is not None and number.value != record_count(person):
        return None
    if said is not None and said.answer == "yes":
        told.append(said.answered_on.earliest if said.answered_on else run.day)
    return max(told).toordinal() if told else None


def record_count(person: Person) -> int:
    """How many records of the person there are, statements about the record left out."""
    return sum(1 for _ in person.facts()) - len(person.attestations)


# ── from finding to judgement ────────────────────────────────────────────────────────────────────────────────────────

_SAID = {Answer.MET: "in", Answer.NOT_MET: "not in", Answer.UNKNOWN: "not known to be in"}


def _judgement(run: MeasureRun, kind: str, group: MeasureGroup, finding: Finding, *, as_measure: bool) -> Judgement:
    measure = run.measure
    reading = "as the measure computes" if as_measure else "as the record shows"
    rate = f" ({group.numerator})" if len(measure.groups) > 1 else ""
    text = f"{measure.id} {kind}{rate}, {reading}: {_SAID[finding.answer]}."
    if finding.answer is Answer.UNKNOWN:
        text += f" {why_unknown(finding)}"
    return Judgement(
        id=f"outcomes.{measure.id.lower()}.{kind}.{group.suffix}.{'computed' if as_measure else 'shown'}",
        answer=finding.answer,
        text=text,
        question=_question(finding, kind) if finding.answer is Answer.UNKNOWN else None,
        basis=Basis(
            rule_id=f"outcomes.{measure.id.lower()}.{kind}.{group.suffix}",
            rule_version=measure.version,
            rule_text=measure.populations[kind],
            as_of=run.day,
            sources=_sources(measure.id),
            used=finding.used,
            rejected=finding.rejected,
        ),
    )


@cache
def _sources(measure_id: str) -> tuple[Source, ...]:
    return measure_files()[measure_id].all_sources


def why_unknown(finding: Finding) -> str:
    """What keeps an answer open, in one or two sentences."""
    parts = []
    if finding.needs:
        names = "; ".join(f"{entries()[name].name} ({entries()[name].oid})" for name in sorted(finding.needs))
        parts.append(f"Value sets are missing: {names}. Get them from {value_set_catalog().where_to_get}.")
    if finding.blanks:
        shown = "; ".join(finding.blanks[:3])
        more = f" and {len(finding.blanks) - 3} more" if len(finding.blanks) > 3 else ""
        parts.append(f"The record leaves blank: {shown}{more}")
    if finding.unseen:
        parts.append("Nobody said that the record is whole, so what is not in it may still have happened.")
    return " ".join(parts) or "It depends on which of several records came first or last."


def _question(finding: Finding, settles: str) -> Question:
    """The one question that would settle most: codes first, then blanks, then whether the record is whole."""
    if finding.needs:
        return Question("outcomes.value_sets", why_unknown(finding), settles)
    if finding.unseen:
        return Question(COMPLETE, "Does the record hold everything the measure asks about for this period?", settles)
    return Question("outcomes.blank", why_unknown(finding), settles)
