"""Visits, hours and weeks of a course, computed from its phases. Nothing here is typed in twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inconcert.judgement import NumberKind
from inconcert.knowledge.protocols import DrugProtocol, Phase, TmsProtocol, bounds
from inconcert.protocols.arithmetic import phase_sessions, session_seconds
from inconcert.protocols.types import Figure

Range = tuple[float, float]
HOURS_NOTE = "stimulation, infusion and watching only; arrival and set-up come on top and no source gives them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a course asks: sessions, days at the clinic, hours there and weeks. A figure not known has `low` None."""

    sessions: Figure
    visits: Figure
    hours: Figure
    weeks: Figure


def course_load(protocol: DrugProtocol | TmsProtocol, phase_names: tuple[str, ...] = ()) -> Load:
    """The load of a protocol's phases that have an end, or of the phases named.

    Sessions on one day are one visit. Where a phase gives a range, so does the figure. The full US esketamine schedule
    to week 8 is 8 + 4 = 12 visits (2 h each from the first device).

    Raises:
        KeyError: a named phase does not exist.
    """
    phases = [p for p in protocol.phases if not p.open_ended and (not phase_names or p.name in phase_names)]
    if missing := set(phase_names) - {p.name for p in protocol.phases}:
        raise KeyError(f"{protocol.id} has no phase {sorted(missing)}")
    sessions = _add([phase_sessions(p) for p in phases])
    visits = _add([_visits(p) for p in phases])
    weeks = _add([_weeks(p) for p in phases])
    hours = _hours(protocol, phases)

    def figure(name: str, value: Range | None, unit: str, note: str = "") -> Figure:
        if value is None:
            return Figure(
                name=name,
                low=None,
                high=None,
                unit=unit,
                kind=NumberKind.REPORTED,
                sources=protocol.sources,
                note="no source states enough to compute it",
            )
        low, high = value
        return Figure(
            name=name,
            low=low,
            high=None if high == low else high,
            unit=unit,
            kind=NumberKind.REPORTED,
            sources=protocol.sources,
            note=note or "computed from the protocol's phases",
        )

    return Load(
        sessions=figure("sessions", sessions, "sessions"),
        visits=figure("visits", visits, "visits"),
        hours=figure("hours", hours, "h", HOURS_NOTE),
        weeks=figure("weeks", weeks, "weeks"),
    )


def hours_per_visit(protocol: DrugProtocol | TmsProtocol, phase: Phase | None = None) -> float | None:
    """Hours one visit lasts, or None where no source lets it be computed.

    For a spray the watch runs from the first device, so it is the whole visit; for an infusion the watch follows it.
    For several TMS sessions on a day the gaps between them count.
    """
    if isinstance(protocol, DrugProtocol):
        if protocol.observation_min is None:
            return None
        if protocol.route == "IN":
            return protocol.observation_min / 60
        return None if protocol.infusion_min is None else (protocol.infusion_min + protocol.observation_min) / 60
    seconds = session_seconds(protocol)
    if seconds is None:
        return None
    per_day = phase.sessions_per_day if phase and phase.sessions_per_day else 1.0
    if per_day == 1:
        return seconds / 3600
    if protocol.gap_between_sessions_min is None:
        return None
    return (per_day * seconds + (per_day - 1) * protocol.gap_between_sessions_min * 60) / 3600


def _hours(protocol: DrugProtocol | TmsProtocol, phases: list[Phase]) -> Range | None:
    parts: list[Range | None] = []
    for phase in phases:
        visits, each = _visits(phase), hours_per_visit(protocol, phase)
        parts.append(None if visits is None or each is None else (visits[0] * each, visits[1] * each))
    return _add(parts)


def _visits(phase: Phase) -> Range | None:
    sessions = phase_sessions(phase)
    per_day = phase.sessions_per_day or 1.0
    low, high = bounds(phase.days)
    if low is not None and high is not None:
        return low, high
    return None if sessions is None else (math.ceil(sessions[0] / per_day), math.ceil(sessions[1] / per_day))


def _weeks(phase: Phase) -> Range | None:
    low, high = bounds(phase.weeks)
    if low is not None and high is not None:
        return low + phase.gap_before_weeks, high + phase.gap_before_weeks
    days, most = bounds(phase.days)
    if days is not None and most is not None:
        return days / 7, most / 7
    sessions = phase_sessions(phase)
    if sessions is None:
        return None
    if phase.sessions_per_week:
        return sessions[0] / phase.sessions_per_week, sessions[1] / phase.sessions_per_week
    if phase.sessions_per_day:
        visits = _visits(phase)
        return None if visits is None else (visits[0] / 7, visits[1] / 7)
    return (1 / 7, 1 / 7) if sessions == (1.0, 1.0) else None


def _add(parts: list[Range | None]) -> Range | None:
    """The sum, or None where any part is not known: a sum of what happens to be known would mislead."""
    if not parts:
        return None
    low = high = 0.0
    for part in parts:
        if part is None:
            return None
        low, high = low + part[0], high + part[1]
    return low, high
