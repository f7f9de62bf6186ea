"""Drugs taken now, and whether any belongs to a group that matters; benzodiazepines in mg of diazepam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inconcert.judgement import Answer, RecordUse
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.safety import DrugGroup, SafetyItem, drug_groups
from inconcert.record import CodeSystem, DoseInstruction, MedicationEvent, MedicationEventKind, Person
from inconcert.safety.attested import attested
from inconcert.safety.judging import ask, finding, settle
from inconcert.safety.types import SafetyFinding
from inconcert.safety.words import Said, said_of

_NEVER_TAKEN = {"entered-in-error", "cancelled", "draft", "not-taken", "not-done", "declined"}
_STOPPED = {"stopped", "completed", "ended", "inactive"}
_PER_PIECE = {
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "capsule",
    "capsules",
    "cap",
    "{tbl}",
    "{tablet}",
    "{capsule}",
    "1",
    "",
}
_DIAZEPAM_REFERENCE_MG = 10  # the drug files state each drug's mg that equal 10 mg of diazepam


@dataclass(frozen=True, slots=True)
class Taken:
    """A medication record that may concern today. `names` are lower-case names it was recognized by, maybe none."""

    event: MedicationEvent
    names: frozenset[str]
    use: RecordUse

    @property
    def readable(self) -> bool:
        """True if anybody could tell from the record what the drug is."""
        return bool(self.names) or bool(
            self.event.label and self.event.label not in (self.event.id, *_codes(self.event))
        )


def judge_drug(item: SafetyItem, person: Person, as_of: date, taken: Sequence[Taken]) -> SafetyFinding:
    """Whether a drug of the item's group is taken now.

    Present where one is recorded and not known to have ended, or where a drug recorded as taken cannot be identified.
    Absent only where the medication list was checked with the person and is in date. Else unknown.
    """
    group = drug_groups()[item.drug_group]
    blind = [t for t in taken if not t.readable]
    hits = [t for t in taken if t.readable and in_group(t, group)]
    if "diazepam_equivalent_above_mg" in item.limits:
        return _judge_benzodiazepines(item, person, as_of, [*hits, *blind])
    if hits or blind:
        names = ", ".join(sorted({t.event.label for t in hits})) or "a drug that cannot be identified"
        return finding(item, as_of, Answer.MET, f"{item.name}: {names}.", tuple(t.use for t in (*hits, *blind)))
    return _by_list(item, person, as_of, f"{item.name}: none on a list checked with the person.")


def judge_drug_change(item: SafetyItem, person: Person, as_of: date) -> SafetyFinding:
    """Whether a drug of the group was stopped in the last days, by an end date in the record or by an attested answer."""
    group = drug_groups()[item.drug_group]
    since = as_of - timedelta(days=item.limits["within_days"])
    stopped = [
        RecordUse(e.id, f"{e.label}: ended within {item.limits['within_days']:g} days", str(e.end))
        for e in person.medications
        if e.end is not None
        and e.status not in _NEVER_TAKEN
        and e.end.latest >= since
        and e.end.earliest < as_of
        and in_group(_recognize(e), group)
    ]
    answers = ask(item, person, as_of)
    if stopped:
        return finding(item, as_of, Answer.MET, f"{item.name}: yes.", (*stopped, *answers.used), answers.rejected)
    return settle(item, as_of, (), answers)


def taken_now(person: Person, as_of: date) -> Iterator[Taken]:
    """Medication records begun by `as_of` and not known to have ended before it."""
    for event in person.medications:
        if event.do_not_perform or event.status in _NEVER_TAKEN or event.intent in {"proposal", "plan", "option"}:
            continue
        begun = event.start or event.authored
        if begun is not None and begun.earliest > as_of:
            continue
        if not _ended(event, as_of):
            yield _recognize(event)


def in_group(taken: Taken, group: DrugGroup) -> bool:
    """True if the drug belongs to the group by name, by brand or by ATC code."""
    event = taken.event
    if taken.names & set(group.names):
        return True
    codings = [c for c in event.codings if c.system == CodeSystem.ATC]
    codings += [c for i in event.ingredients for c in i.codings if c.system == CodeSystem.ATC]
    if group.atc and any(c.code.startswith(group.atc) for c in codings):
        return True
    texts = (event.text, *(c.display for c in event.codings), *(i.text for i in event.ingredients))
    return any(said_of(text, group.names) in (Said.NAMED, Said.DOUBTFUL) for text in texts)


def diazepam_equivalent_mg(taken: Taken) -> float | None:
    """Mg of diazepam a day that the record amounts to, at its highest; None where dose or equivalence is not known."""
    event = taken.event
    match = drug_book().match(event.codings, event.text, event.ingredients, event.form)
    if match is None or not event.doses:
        return None
    equal = match.drug.mg_equal_to_diazepam_10mg
    daily = [_daily_mg(line, match.strength_mg) for line in event.doses]
    if equal is None or any(mg is None for mg in daily):
        return None
    return max(mg for mg in daily if mg is not None) * _DIAZEPAM_REFERENCE_MG / equal


def _judge_benzodiazepines(item: SafetyItem, person: Person, as_of: date, hits: list[Taken]) -> SafetyFinding:
    limit = item.limits["diazepam_equivalent_above_mg"]
    by_drug: dict[frozenset[str], float | None] = {}
    for taken in hits:  # an order and its dispense are one drug: the highest stands for it
        mg, earlier = diazepam_equivalent_mg(taken), by_drug.get(taken.names, 0.0)
        by_drug[taken.names] = None if mg is None or earlier is None else max(mg, earlier)
    uses = tuple(t.use for t in hits)
    known = [mg for mg in by_drug.values() if mg is not None]
    if sum(known) > limit:
        return finding(item, as_of, Answer.MET, f"{item.name}: {sum(known):g} mg or more.", uses)
    if len(known) < len(by_drug):
        return finding(item, as_of, Answer.MET, f"{item.name}: taken at a dose that is not known.", uses)
    if hits:
        total = sum(known)
        return _by_list(
            item, person, as_of, f"{item.name}: {total:g} mg of diazepam or its like, not above {limit:g}.", uses
        )
    return _by_list(item, person, as_of, f"{item.name}: none on a list checked with the person.")


def _by_list(
    item: SafetyItem, person: Person, as_of: date, text: str, uses: tuple[RecordUse, ...] = ()
) -> SafetyFinding:
    answers = attested(
        person, item.question, as_of, clears_on=item.clears_on, good_for_days=item.good_for_days, lasting=False
    )
    if answers.says_absent:
        return finding(item, as_of, Answer.NOT_MET, text, (*uses, *answers.used), answers.rejected)
    text = f"{item.name}: not known. Only a checked list can show that a drug is not taken."
    return finding(item, as_of, Answer.UNKNOWN, text, (*uses, *answers.used), answers.rejected)


def _recognize(event: MedicationEvent) -> Taken:
    match = drug_book().match(event.codings, event.text, event.ingredients, event.form)
    names = frozenset(part.name.lower() for part in match.parts) if match else frozenset()
    begun = event.start or event.authored
    return Taken(
        event, names, RecordUse(event.id, f"{event.label}: recorded and not known to have ended", str(begun or ""))
    )


def _ended(event: MedicationEvent, as_of: date) -> bool:
    if event.end is not None:
        return event.end.latest < as_of
    if event.status in _STOPPED and event.kind is not MedicationEventKind.DISPENSE:
        return True
    begun = event.start or event.authored
    if event.kind is MedicationEventKind.ADMINISTRATION:
        return begun is not None and begun.latest < as_of
    if event.kind is MedicationEventKind.DISPENSE and event.days_supply is not None and begun is not None:
        return begun.latest + timedelta(days=event.days_supply) < as_of
    return False


def _daily_mg(line: DoseInstruction, strength_mg: float | None) -> float | None:
    amount = line.amount_high if line.amount_high is not None else line.amount_low
    if amount is None or line.times_per_day is None:
        return None
    unit = line.unit.strip().lower()
    if unit == "mg":
        return amount * line.times_per_day
    if unit in _PER_PIECE and strength_mg is not None:
        return amount * strength_mg * line.times_per_day
    return None


def _codes(event: MedicationEvent) -> tuple[str, ...]:
    return tuple(c.code for c in event.codings)
