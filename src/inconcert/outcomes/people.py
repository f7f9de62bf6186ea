"""Age and death, with three answers."""

from __future__ import annotations

from datetime import date

from inconcert.judgement import Answer, RecordUse
from inconcert.outcomes.findings import Finding
from inconcert.outcomes.when import INFINITE, Bounds, at_most
from inconcert.outcomes.world import World
from inconcert.record import DateRange


def age_reaches(world: World, day: Bounds, years: int) -> Finding:
    """Whether the person has reached an age on a day that is known within bounds."""
    youngest, oldest = _age(world, day[0], 0), _age(world, day[1], 1)
    if youngest is None or oldest is None:
        return world.tested(None, "Patient", "date of birth")
    use = (RecordUse("Patient", f"aged {youngest}" if youngest == oldest else f"aged {youngest} to {oldest}"),)
    if youngest >= years:
        return Finding(Answer.MET, use)
    if oldest < years:
        return Finding(Answer.NOT_MET, rejected=use)
    return world.tested(None, "Patient", "exact date of birth, or the day it is asked for")


def _age(world: World, day: float, which: int) -> int | None:
    if abs(day) == INFINITE:
        return 0 if day < 0 and world.person.birth is not None else None
    ages = world.person.age_years(date.fromordinal(int(day)))
    if ages is None:
        birth = world.person.birth
        return None if birth is None else -1
    return ages[which]


def died_by(world: World, last: Bounds) -> Finding:
    """Whether the person died on or before a day. A death without a date may lie on either side."""
    died = world.person.deceased
    when = world.of(died) if isinstance(died, DateRange) else None
    if when is not None:
        answer = at_most(when.days, last)
        use = (RecordUse("Patient", "died", str(died)),)
        if answer is Answer.MET:
            return Finding(answer, use)
        return (
            Finding(answer, rejected=use) if answer is Answer.NOT_MET else world.tested(None, "Patient", "day of death")
        )
    if died:
        return world.tested(None, "Patient", "day of death")
    return world.absent(last[0])
