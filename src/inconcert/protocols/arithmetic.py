"""Pulses and seconds from trains and gaps, and whether what a source printed agrees with them.

Print is copied by nobody here: one public table gives 18:26 for a session whose own trains and gaps make 18:34.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from inconcert.knowledge.protocols import Phase, TmsProtocol, bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class ArithmeticCheck:
    """One printed value beside the computed one. `agrees` None means that too little is stated to compute it."""

    protocol: str
    what: str
    stated: float
    computed: tuple[float, ...]  # for a length: without and with the gap after the last train
    unit: str
    agrees: bool | None
    text: str


def pulses_per_train(protocol: TmsProtocol) -> int | None:
    """Pulses in one train: frequency x seconds, or for theta burst pulses per burst x bursts. None where not stated."""
    if protocol.train_s is None:
        return None
    if protocol.burst_pulses is not None and protocol.burst_hz is not None:
        return round(protocol.burst_pulses * protocol.burst_hz * protocol.train_s)
    if protocol.pattern == "conventional" and protocol.frequency_hz is not None:
        return round(protocol.frequency_hz * protocol.train_s)
    return None


def computed_pulses(protocol: TmsProtocol) -> int | None:
    """Pulses in one session from trains, or the sum of its sides. None where too little is stated."""
    if protocol.steps:
        sides = [step.pulses for step in protocol.steps]
        return None if None in sides else sum(p for p in sides if p is not None)
    per_train = pulses_per_train(protocol)
    return None if per_train is None or protocol.trains is None else per_train * protocol.trains


def session_pulses(protocol: TmsProtocol) -> tuple[float, float] | None:
    """Lowest and highest pulses of one session: computed where possible, else as stated, else None."""
    computed = computed_pulses(protocol)
    if computed is not None:
        return computed, computed
    low, high = bounds(protocol.stated_pulses)
    return None if low is None else (low, high if high is not None else low)


def session_seconds(protocol: TmsProtocol, *, last_gap: bool = False) -> float | None:
    """Length of one session in seconds, from the first to the last pulse train; None where too little is stated.

    With `last_gap` the gap after the last train is counted too, as some devices and tables do.
    """
    if protocol.train_s is None or protocol.iti_s is None or protocol.trains is None:
        return None
    gaps = protocol.trains if last_gap else protocol.trains - 1
    return protocol.trains * protocol.train_s + gaps * protocol.iti_s


def course_pulses(protocol: TmsProtocol) -> tuple[float, float] | None:
    """Lowest and highest pulses of all phases that have an end; None where sessions or pulses are not stated."""
    pulses = session_pulses(protocol)
    if pulses is None or not protocol.phases:
        return None
    low = high = 0.0
    for phase in protocol.phases:
        sessions = phase_sessions(phase)
        if sessions is None:
            return None
        low += sessions[0] * pulses[0]
        high += sessions[1] * pulses[1]
    return low, high


def phase_sessions(phase: Phase) -> tuple[float, float] | None:
    """Lowest and highest sessions of a phase; None where it is open-ended or too little is stated."""
    if phase.open_ended:
        return None
    low, high = bounds(phase.sessions)
    if low is not None:
        return low, high if high is not None else low
    weeks, most_weeks = bounds(phase.weeks)
    if weeks is not None and most_weeks is not None:
        if phase.sessions_per_week is not None:
            return weeks * phase.sessions_per_week, most_weeks * phase.sessions_per_week
        shortest, longest = bounds(phase.interval_days)
        if shortest is not None and longest is not None:
            return weeks * 7 // longest, most_weeks * 7 // shortest
    days, most_days = bounds(phase.days)
    if days is not None and most_days is not None and phase.sessions_per_day is not None:
        return days * phase.sessions_per_day, most_days * phase.sessions_per_day
    return None


def check_arithmetic(protocol: TmsProtocol) -> tuple[ArithmeticCheck, ...]:
    """Compare each printed number of a protocol with the computed one. An empty result: nothing was printed."""
    return (*_check_pulses(protocol), *_check_length(protocol), *_check_course(protocol), *_check_phases(protocol))


def _check_pulses(protocol: TmsProtocol) -> tuple[ArithmeticCheck, ...]:
    low, high = bounds(protocol.stated_pulses)
    if low is None or low != high:
        return ()
    computed = computed_pulses(protocol)
    return (
        _compare(protocol, "pulses in a session", low, () if computed is None else (computed,), unit="pulses", slack=0),
    )


def _check_length(protocol: TmsProtocol) -> tuple[ArithmeticCheck, ...]:
    if protocol.stated_session_s is None:
        return ()
    short, long = session_seconds(protocol), session_seconds(protocol, last_gap=True)
    computed = () if short is None or long is None else (short, long)
    # Print is rounded: it agrees if it is within half of its own last place.
    slack = protocol.stated_session_s_places / 2
    return (_compare(protocol, "length of a session", protocol.stated_session_s, computed, unit="s", slack=slack),)


def _check_course(protocol: TmsProtocol) -> tuple[ArithmeticCheck, ...]:
    if protocol.stated_course_pulses is None:
        return ()
    computed = course_pulses(protocol)
    numbers = () if computed is None else (computed[0],)
    return (_compare(protocol, "pulses in the course", protocol.stated_course_pulses, numbers, unit="pulses", slack=0),)


def _check_phases(protocol: TmsProtocol) -> tuple[ArithmeticCheck, ...]:
    found = []
    for phase in protocol.phases:
        low, high = bounds(phase.sessions)
        rest = phase_sessions(msgspec.structs.replace(phase, sessions=None))
        if low is None or low != high or rest is None:
            continue
        what = f"sessions in phase {phase.name!r}"
        found.append(_compare(protocol, what, low, (rest[0],), unit="sessions", slack=0))
    return tuple(found)


def _compare(
    protocol: TmsProtocol, what: str, stated: float, computed: tuple[float, ...], *, unit: str, slack: float
) -> ArithmeticCheck:
    agrees = any(abs(stated - value) <= slack for value in computed) if computed else None
    if agrees is None:
        text = f"{what}: {stated:g} {unit} printed; too little is stated to compute it."
    else:
        shown = " or ".join(f"{value:g}" for value in dict.fromkeys(computed))
        verb = "agrees with" if agrees else "DISAGREES with"
        text = f"{what}: {stated:g} {unit} printed {verb} {shown} computed."
    return ArithmeticCheck(
        protocol=protocol.id, what=what, stated=stated, computed=computed, unit=unit, agrees=agrees, text=text
    )
