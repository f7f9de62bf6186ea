"""CMS128: days of antidepressant supplied after the first dispense of the intake period."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, RecordUse
from inconcert.outcomes.findings import NO, YES, Finding, alike, because, every, some
from inconcert.outcomes.hospice import in_hospice
from inconcert.outcomes.people import age_reaches
from inconcert.outcomes.selecting import possible_firsts
from inconcert.outcomes.supply import Supply, covered, dispensed, ordered
from inconcert.outcomes.when import INFINITE, Bounds, at_most, below, shift, within
from inconcert.outcomes.world import Hit, Tested, World
from inconcert.record import Condition, Encounter, MedicationEvent, MedicationEventKind

Rows = Iterable[tuple[str, Tested]]


@dataclass(frozen=True, slots=True)
class _Dispenses:
    """Dispenses of antidepressants that count or may count, with what each covers."""

    hits: list[Hit[MedicationEvent]]
    supplies: dict[str, Supply | None]


def rules(world: World) -> dict[str, Finding]:
    """Each rule of the measure for one person, as it answers by itself."""
    intake = _intake(world)
    found = _dispenses(world)
    firsts = possible_firsts(_in_intake(world, found, intake), lambda hit: _start(found, hit), settled=world.as_measure)
    unseen = world.absent(intake[1][1])
    starts = [(hit, _start(found, hit)) for hit in firsts]
    number = world.measure.number

    def each(rule: Callable[[Bounds], Finding]) -> Finding:
        """The rule for every day that may be that of the first dispense."""
        answers = [because(rule(day), hit.finding) for hit, day in starts]
        if not any(hit.finding.answer is Answer.MET for hit, _ in starts):
            answers.append(NO)  # there may have been none
        if unseen.answer is Answer.UNKNOWN:
            answers.append(unseen)
        return alike(answers)

    return {
        "initial-population": every([_old_enough(world, intake), each(lambda day: _in_population(world, day))]),
        "denominator-exclusion": some([_hospice(world), each(lambda day: _ordered_before(world, day))]),
        "acute": each(lambda day: _supplied(world, found, day, number("acute_window"), number("acute_at_least"))),
        "continuation": each(
            lambda day: _supplied(world, found, day, number("continuation_window"), number("continuation_at_least"))
        ),
    }


def _intake(world: World) -> tuple[Bounds, Bounds]:
    """First and last day of the intake period."""
    number, year = world.measure.number, world.first_day.year
    first = float(date(year - 1, number("intake_starts_month"), number("intake_starts_day")).toordinal())
    last = float(date(year, number("intake_ends_month"), number("intake_ends_day")).toordinal())
    return (first, first), (last, last)


def _dispenses(world: World) -> _Dispenses:
    events = [
        event
        for event in world.known(world.person.medications, "start", "authored")
        if event.kind is MedicationEventKind.DISPENSE
    ]
    supplies = {event.id: dispensed(world, event) for event in events}

    def handed_over(event: MedicationEvent) -> Rows:
        yield "dispensed", world.word_in(event.status, "dispense_status")
        supply = supplies[event.id]
        # Without its days the measure sees no dispense at all; to us it still is one.
        if world.as_measure:
            yield "dated, with days of supply", supply is not None and supply.last is not None
        else:
            yield "dated", True if supply is not None else None

    return _Dispenses(world.look(events, "antidepressant", handed_over), supplies)


def _start(found: _Dispenses, hit: Hit[MedicationEvent]) -> Bounds:
    supply = found.supplies[hit.fact.id]
    return supply.first if supply is not None else (-INFINITE, INFINITE)


def _in_intake(world: World, found: _Dispenses, intake: tuple[Bounds, Bounds]) -> list[Hit[MedicationEvent]]:
    hits = []
    for hit in found.hits:
        here = world.tested(within(_start(found, hit), *intake), hit.fact.id, "date of dispense")
        finding = every([hit.finding, here])
        if finding.answer is not Answer.NOT_MET:
            hits.append(Hit(hit.fact, finding))
    return sorted(hits, key=lambda hit: (_start(found, hit), hit.fact.id))


def _old_enough(world: World, intake: tuple[Bounds, Bounds]) -> Finding:
    """No if too young whenever in the intake period; the age on the very day is asked with the rest."""
    oldest = age_reaches(world, intake[1], world.measure.number("age_at_least"))
    return oldest if oldest.answer is Answer.NOT_MET else YES


def _in_population(world: World, first: Bounds) -> Finding:
    """Age, depression and a visit, given the day of the first dispense."""
    number = world.measure.number
    around_diagnosis, around_visit = number("diagnosis_within"), number("visit_within")

    def near(day: Bounds, days: int) -> Answer:
        return within(day, shift(first, -days), shift(first, days))

    def began(condition: Condition) -> Rows:
        start = world.began(condition)
        yield "began close to the first dispense", None if start is None else near(start.days, around_diagnosis)

    def seen(visit: Encounter) -> Rows:
        yield "finished", world.word_in(visit.status, "visit_status")
        time = world.visit_time(visit)
        yield "close to the first dispense", None if time is None else near(time.start.days, around_visit)

    conditions = world.look(world.known(world.person.conditions, "onset", "recorded"), "depression", began)
    visits = world.look(world.known(world.person.encounters, "start"), "visit", seen)
    return every(
        [
            age_reaches(world, first, number("age_at_least")),
            world.exists(conditions, first[1] + around_diagnosis),
            world.exists(visits, first[1] + around_visit),
        ]
    )


def _hospice(world: World) -> Finding:
    def verified(condition: Condition) -> Rows:
        status = condition.verification_status
        yield "not ruled out", not status or status in world.measure.words["hospice_diagnosis_verified"]

    return in_hospice(
        world,
        *world.period(),
        visit_status=lambda status: world.word_in(status, "hospice_visit_status"),
        procedure_status=lambda status: world.word_in(status, "procedure_status"),
        heed_do_not_perform=False,
        diagnosis=verified,
    )


def _ordered_before(world: World, first: Bounds) -> Finding:
    """Whether an active order of an antidepressant reaches into the days before the first dispense."""
    since = shift(first, -world.measure.number("washout"))

    def reaches(event: MedicationEvent) -> Rows:
        yield "active", world.word_in(event.status, "medication_order_status")
        yield "an order", world.word_in(event.intent, "order_intent")
        supply = ordered(world, event)
        last = supply.last if supply is not None else None
        if world.as_measure and last is None:
            return  # the published logic takes an order of unknown length for one that always was and always will be
        yield "its start", None if supply is None else below(supply.first, first)
        if supply is not None and last is None:
            yield "days of supply", at_most(since, (supply.first[0], INFINITE))
        elif last is not None:
            yield "lasts into the days before the first dispense", at_most(since, last)

    orders = [
        event for event in world.known(world.person.medications, "authored") if event.kind is MedicationEventKind.ORDER
    ]
    return world.exists(world.look(orders, "antidepressant", reaches), first[1])


def _supplied(world: World, found: _Dispenses, first: Bounds, window: int, at_least: int) -> Finding:
    """Whether the supplied days of the window reach the number. `first` is the day of the first dispense."""
    sure, maybe = [], []
    used: list[RecordUse] = []
    doubts = []
    last = shift(first, window)
    for hit in found.hits:
        supply = found.supplies[hit.fact.id]
        if hit.finding.answer is Answer.NOT_MET:
            continue
        exact = supply is not None and supply.last is not None and supply.first[0] == supply.first[1]
        if supply is None or supply.last is None or not exact:
            maybe.append((first[0], last[1]))
            doubts.append(Finding(Answer.UNKNOWN, blanks=(f"{hit.fact.id}: days of supply?",)))
        elif hit.finding.answer is Answer.MET:
            sure.append((supply.first[0], supply.last[0]))
            used.extend(hit.finding.used)
        else:
            maybe.append((supply.first[0], supply.last[0]))
            doubts.append(hit.finding)
    if first[0] != first[1]:
        return Finding(Answer.UNKNOWN, blanks=("the first dispense: on which day?",))
    days = covered(sure, maybe, first[0], last[0])
    use = (RecordUse("MedicationDispense", f"{days.low:g} days supplied of {window + 1}, {at_least} needed"), *used)
    answer = days.at_least(at_least)
    if answer is Answer.MET:
        return Finding(answer, use)
    if answer is Answer.UNKNOWN:
        return some([Finding(Answer.NOT_MET, use), *doubts])
    unseen = world.absent(last[1])
    return Finding(unseen.answer, use if unseen.answer is Answer.UNKNOWN else (), use, unseen=unseen.unseen)
