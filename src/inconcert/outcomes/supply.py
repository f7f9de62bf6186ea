"""How long a dispense or an order of medication lasts, by the measures' own rule, and how many days several cover.

The rule is that of the published library (cumulative medication duration 6.0.000): days supplied as stated, else
quantity over daily amount; overlapping days count once; nothing is carried over. Staging counts otherwise, on purpose:
there the question is what was taken, here what was handed out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inconcert.outcomes.when import Bounds, When
from inconcert.outcomes.world import World
from inconcert.record import MedicationEvent
from inconcert.staging.spans import Span


@dataclass(frozen=True, slots=True)
class Supply:
    """The days a record of medication covers, first and last included, each known within bounds. `last` None: not known."""

    first: Bounds
    last: Bounds | None


def dispensed(world: World, event: MedicationEvent) -> Supply | None:
    """What a dispense covers, from the day it was handed over, else prepared. None where no day is known."""
    start = world.of(event.start) or world.of(event.authored)
    if start is None:
        return None
    days = _days(event)
    return Supply(start.days, None if days is None else _after(start, days))


def ordered(world: World, event: MedicationEvent) -> Supply | None:
    """What an order covers with its repeats, from the start of its dosage, else the day it was written."""
    bounds = event.doses[0] if len(event.doses) == 1 else None
    start = world.of(bounds.start if bounds else None) or world.of(event.authored)
    if start is None:
        return None
    days = _days(event)
    if days is not None:
        return Supply(start.days, _after(start, days * (1 + (event.refills or 0))))
    end = world.of(bounds.end if bounds else None)
    return Supply(start.days, None if end is None else end.days)


def _days(event: MedicationEvent) -> float | None:
    """Days supplied as stated, else the quantity over what one line of dosage takes in a day."""
    if event.days_supply is not None:
        return event.days_supply
    if event.quantity is None or len(event.doses) != 1:
        return None
    dose = event.doses[0]
    amount = dose.amount_high if dose.amount_high is not None else dose.amount_low
    if not amount or not dose.times_per_day:
        return None
    return event.quantity / (amount * dose.times_per_day)


def _after(start: When, days: float) -> Bounds:
    """The last of so many days. A part of a day does not reach the next."""
    whole = int(days - 1)
    return start.days[0] + whole, start.days[1] + whole


def days_covered(sure: Iterable[tuple[float, float]], first: float, last: float) -> int:
    """Days from first to last, both included, on which at least one stretch lies. A day counts once."""
    total, reached = 0.0, first - 1
    for start, end in sorted((max(start, first), min(end, last)) for start, end in sure):
        if end > reached and end >= start:  # a stretch that lies outside has been cut to nothing
            total += end - max(start, reached + 1) + 1
            reached = end
    return int(total)


def covered(
    sure: Iterable[tuple[float, float]], maybe: Iterable[tuple[float, float]], first: float, last: float
) -> Span:
    """Days covered for certain, and at most, where some stretches are doubtful."""
    certain = list(sure)
    low = days_covered(certain, first, last)
    return Span(low=low, high=days_covered([*certain, *maybe], first, last))
