"""CMS2: a screen for depression around a visit, and what followed where it was positive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from inconcert.judgement import Answer
from inconcert.outcomes.findings import NO, Finding, alike, because, every, some
from inconcert.outcomes.people import age_reaches
from inconcert.outcomes.selecting import possible_lasts
from inconcert.outcomes.supply import ordered
from inconcert.outcomes.when import INFINITE, Bounds, Stretch, at_most, below, shift, within
from inconcert.outcomes.world import Hit, Tested, World
from inconcert.record import (
    Condition,
    Encounter,
    Measurement,
    MedicationEvent,
    MedicationEventKind,
    NotDone,
    ProcedureDone,
    ServiceOrder,
)

Rows = Iterable[tuple[str, Tested]]
Visits = Sequence[tuple[Hit[Encounter], Stretch]]
_ENCOUNTER_DIAGNOSIS = "encounter-diagnosis"
_PROBLEM = frozenset({"problem-list-item", "health-concern"})


@dataclass(frozen=True, slots=True)
class _Screens:
    """The screens of one kind (`adolescent` or `adult`) that count or may count."""

    kind: str
    hits: list[Hit[Measurement]]


def rules(world: World) -> dict[str, Finding]:
    """Each rule of the measure for one person, as it answers by itself."""
    number, start = world.measure.number, world.period()[0]
    until = world.period()[1][1]
    visits = _visits(world)
    seen = world.exists((hit for hit, _ in visits), until)
    teens, adults = (_screens(world, visits, kind) for kind in ("adolescent", "adult"))
    young = ~age_reaches(world, start, number("adolescent_screen_to") + 1)
    grown = age_reaches(world, start, number("adult_screen_from"))
    return {
        "initial-population": every([age_reaches(world, start, number("age_at_least")), seen]),
        "denominator-exclusion": _bipolar(world, visits),
        "screened": some([every([young, _done(world, visits, teens)]), every([grown, _done(world, visits, adults)])]),
        "denominator-exception": some([_excused(world, visits, screens) for screens in (teens, adults)]),
    }


def _visits(world: World) -> Visits:
    """Finished visits of the listed kinds that lie within the measurement period."""
    first, last = world.period()

    def in_period(visit: Encounter) -> Rows:
        yield "finished", world.word_in(visit.status, "visit_status")
        time = world.visit_time(visit)
        if time is None:
            yield "dated", None
            return
        yield "began in the measurement period", within(time.start.days, first, last)
        yield "ended in the measurement period", within(time.end.days, first, last)

    hits = world.look(world.known(world.person.encounters, "start"), "visit", in_period)
    times = [(hit, world.visit_time(hit.fact)) for hit in hits if hit.finding.answer is not Answer.NOT_MET]
    return [(hit, time) for hit, time in times if time is not None]


def _at_some_visit(
    world: World, visits: Visits, record: str, rule: Callable[[Hit[Encounter], Stretch], Tested]
) -> Finding:
    """Whether something holds for at least one visit. A visit may be missing from the record."""
    found = [every([hit.finding, world.tested(rule(hit, time), record, "date")]) for hit, time in visits]
    return some([*found, world.absent(world.period()[1][1])])


def _before_visit(world: World, day: Bounds, visit: Stretch) -> Answer:
    start = visit.start.days
    return within(day, shift(start, -world.measure.number("screened_within")), start)


def _screens(world: World, visits: Visits, kind: str) -> _Screens:
    def counts(found: Measurement) -> Rows:
        yield "final", world.word_in(found.status, "screen_status")
        time = world.taken(found.taken)
        yield "dated", True if time is not None else None
        if time is not None:
            yield (
                "close before a visit",
                _at_some_visit(world, visits, found.id, lambda _, visit: _before_visit(world, time.end.days, visit)),
            )

    measured = sorted(world.known(world.person.measurements, "taken"), key=lambda m: (_start(world, m), m.id))
    return _Screens(kind, world.look_direct(measured, f"{kind}_screen", counts))


def _start(world: World, found: Measurement) -> Bounds:
    time = world.taken(found.taken)
    return time.start.instants if time is not None else (-INFINITE, INFINITE)


def _done(world: World, visits: Visits, screens: _Screens) -> Finding:
    """Whether the last screen was negative, or positive and acted upon, whichever the last may be."""
    lasts = possible_lasts(screens.hits, lambda hit: _start(world, hit.fact), settled=world.as_measure)
    found = [because(_dealt_with(world, visits, screens.kind, hit), hit.finding) for hit in lasts]
    if not any(hit.finding.answer is Answer.MET for hit in lasts):
        found.append(NO)  # there may have been none
    unseen = world.absent(world.period()[1][1])
    if unseen.answer is Answer.UNKNOWN:
        found.append(unseen)  # a later screen may exist
    return alike(found)


def _dealt_with(world: World, visits: Visits, kind: str, hit: Hit[Measurement]) -> Finding:
    pairs = world.measure.pairs
    uses = hit.finding.used
    if world.coded(hit.fact.value_codings, pairs("negative")):
        return Finding(Answer.MET, uses)
    if not world.coded(hit.fact.value_codings, pairs("positive")):
        told = bool(hit.fact.value_codings)
        return world.tested(False if told else None, hit.fact.id, "was the screen positive or negative")
    time = world.taken(hit.fact.taken)
    if time is None:
        return world.tested(None, hit.fact.id, "date")
    near = [
        (
            every([v.finding, world.tested(_before_visit(world, time.start.days, visit), hit.fact.id, "date")]),
            visit,
        )
        for v, visit in visits
    ]
    acted = [every([found, _acted(world, kind, visit)]) for found, visit in near if found.answer is not Answer.NOT_MET]
    whole = some([*acted, world.absent(world.period()[1][1])])
    return some([every([Finding(Answer.MET, uses), whole])])


def _acted(world: World, kind: str, visit: Stretch) -> Finding:
    """Whether a positive screen was followed by treatment, a referral or an intervention, or medication went on."""
    number, period = world.measure.number, world.period()
    person = world.person

    def after_visit(authored: Bounds | None) -> Rows:
        end = visit.end.days
        limit = shift(end, number("ordered_within"))
        yield "asked for soon after the visit", None if authored is None else within(authored, end, limit)
        yield "in the measurement period", None if authored is None else within(authored, *period)

    def medication(event: MedicationEvent) -> Rows:
        yield "active or completed", world.word_in(event.status, "medication_order_status")
        yield "an order", world.word_in(event.intent, "medication_order_intent")
        authored = world.of(event.authored)
        new = every(
            world.tested(got, event.id, label) for label, got in after_visit(authored.days if authored else None)
        )
        yield "begun soon after the visit, or lasting beyond it", some([new, _goes_on(world, event, visit)])

    def referral(order: ServiceOrder) -> Rows:
        yield "active or completed", world.word_in(order.status, "referral_status")
        authored = world.of(order.authored)
        yield from after_visit(authored.days if authored else None)

    def followed_up(done: ProcedureDone) -> Rows:
        yield "completed", world.word_in(done.status, "procedure_status")
        start = world.of(done.performed_start)
        here = None if start is None else within(start.instants, visit.start.instants, visit.end.instants)
        yield "during the visit", here
        yield "in the measurement period", None if start is None else within(start.days, *period)

    orders = [m for m in world.known(person.medications, "authored") if m.kind is MedicationEventKind.ORDER]
    hits: list[Hit[Any]] = [
        *world.look(orders, f"{kind}_medication", medication),
        *world.look(world.known(person.service_orders, "authored"), f"{kind}_referral", referral),
        *world.look(world.known(person.procedures, "performed_start"), f"{kind}_followup", followed_up),
    ]
    return some([*(hit.finding for hit in hits), world.absent(visit.end.days[1] + number("ordered_within"))])


def _goes_on(world: World, event: MedicationEvent, visit: Stretch) -> Finding:
    """Whether an order began by the end of the visit and lasts beyond it."""
    supply = ordered(world, event)
    if supply is None or supply.last is None:
        return world.tested(None, event.id, "days of supply")
    end = visit.end.days
    begun = world.tested(at_most(supply.first, end), event.id, "date")
    return every([begun, world.tested(below(end, supply.last), event.id, "days of supply")])


def _bipolar(world: World, visits: Visits) -> Finding:
    def before(condition: Condition) -> Rows:
        yield "on the problem list or a health concern", _is_problem(world, condition)
        start = world.began(condition)
        if start is None:
            yield "dated", None
            return
        yield (
            "began before a visit",
            _at_some_visit(world, visits, condition.id, lambda _, visit: below(start.days, visit.start.days)),
        )

    conditions = world.known(world.person.conditions, "onset", "recorded")
    return world.exists(world.look(conditions, "bipolar", before), world.period()[1][1])


def _is_problem(world: World, condition: Condition) -> bool | None:
    """The measure asks for the problem list. Programs that compute it do not look, so an entry of no kind counts there."""
    kinds = {coding.code for coding in condition.categories}
    if kinds & _PROBLEM:
        return True
    if _ENCOUNTER_DIAGNOSIS in kinds:
        return False
    return True if world.as_measure else None


def _excused(world: World, visits: Visits, screens: _Screens) -> Finding:
    """Whether a reason was given for not screening, and there is no other screen."""

    def reason(what: NotDone) -> Rows:
        yield "cancelled", world.word_in(what.status, "not_done_status")
        declined = world.coded(what.reasons, world.measure.pairs("declined"))
        medical = world.sets.member(world.role("medical_reason"), what.reasons)
        yield (
            "declined, or a medical reason",
            True if declined else Finding(medical.answer, needs=medical.needs),
        )
        said = world.of(what.said)
        yield (
            "on the day of a visit",
            None
            if said is None
            else _at_some_visit(
                world, visits, what.id, lambda _, visit: within(said.days, visit.start.days, visit.end.days)
            ),
        )

    hits = world.look_direct(world.known(world.person.not_done, "said"), f"{screens.kind}_screen", reason)
    until = world.period()[1][1]
    return every([world.exists(hits, until), ~world.exists(screens.hits, until)])
