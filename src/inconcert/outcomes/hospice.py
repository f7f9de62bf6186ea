"""Hospice care, as several measures ask for it: six places in a record where it may stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from inconcert.judgement import Answer
from inconcert.outcomes.findings import Finding, some
from inconcert.outcomes.when import Bounds, Stretch, overlap, within
from inconcert.outcomes.world import Hit, Tested, World
from inconcert.record import Condition, Encounter, Measurement, ProcedureDone, ServiceOrder


def days_overlap(time: Stretch | None, first: Bounds, last: Bounds) -> Answer | None:
    """Whether a stretch touches the days from first to last; None where it has no time."""
    return None if time is None else overlap((time.start.days, time.end.days), (first, last))


def procedure_time(world: World, done: ProcedureDone) -> Stretch | None:
    """When a procedure was done. One without an end lasts until it is said to have ended."""
    start, end = world.of(done.performed_start), world.of(done.performed_end)
    if start is None:
        return None
    return Stretch(start, end if end is not None else start)


def in_hospice(
    world: World,
    first: Bounds,
    last: Bounds,
    *,
    visit_status: Callable[[str], bool | None],
    procedure_status: Callable[[str], bool | None],
    heed_do_not_perform: bool,
    diagnosis: Callable[[Condition], Iterable[tuple[str, Tested]]],
) -> Finding:
    """Whether hospice care touches the days from first to last. The measures differ in the statuses they take."""
    person = world.person

    def discharge(visit: Encounter) -> Iterable[tuple[str, Tested]]:
        yield "sent to hospice care", world.coded(visit.discharge, world.measure.pairs("discharged_to_hospice"))
        yield "finished", world.word_in(visit.status, "visit_status")
        time = world.visit_time(visit)
        yield "ended in the period", None if time is None else within(time.end.days, first, last)

    def care_visit(visit: Encounter) -> Iterable[tuple[str, Tested]]:
        yield "took place", visit_status(visit.status)
        yield "in the period", days_overlap(world.visit_time(visit), first, last)

    def assessed(found: Measurement) -> Iterable[tuple[str, Tested]]:
        yield "answered yes", world.coded(found.value_codings, world.measure.pairs("yes")) or _blank_value(found)
        yield "final", world.word_in(found.status, "assessment_status")
        yield "in the period", days_overlap(world.taken(found.taken), first, last)

    def ordered(order: ServiceOrder) -> Iterable[tuple[str, Tested]]:
        authored = world.of(order.authored)
        yield "in the period", None if authored is None else within(authored.days, first, last)
        yield "active or completed", world.word_in(order.status, "order_status")
        yield "an order", world.word_in(order.intent, "order_intent")
        yield "to be done", not (heed_do_not_perform and order.do_not_perform)

    def performed(done: ProcedureDone) -> Iterable[tuple[str, Tested]]:
        yield "done", procedure_status(done.status)
        yield "in the period", days_overlap(procedure_time(world, done), first, last)

    def diagnosed(condition: Condition) -> Iterable[tuple[str, Tested]]:
        yield from diagnosis(condition)
        yield "in the period", days_overlap(world.prevalence(condition), first, last)

    visits = world.known(person.encounters, "start")
    hits: list[Hit[Any]] = [
        *world.look(visits, "inpatient_visit", discharge),
        *world.look(visits, "hospice_visit", care_visit),
        *world.look_direct(world.known(person.measurements, "taken"), "hospice_assessment", assessed),
        *world.look(world.known(person.service_orders, "authored"), "hospice_care", ordered),
        *world.look(world.known(person.procedures, "performed_start"), "hospice_care", performed),
        *world.look(world.known(person.conditions, "onset", "recorded"), "hospice_diagnosis", diagnosed),
    ]
    return some([*(hit.finding for hit in hits), world.absent(last[0])])


def _blank_value(found: Measurement) -> bool | None:
    """False where it has another value, None where it has none that could be compared."""
    return False if found.value_codings or found.value is not None else None
