"""The timeline picture of one authorization: whose turn it was from when to when, what was approved, and what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inconcert.payers.authorization import AuthorizationState
from inconcert.payers.authorization.moves import BY_ID
from inconcert.payers.authorization.times import last_day
from inconcert.web.desk_board import DeskCard, zone_of

WIDTH, LEFT, RIGHT = 960, 110, 24
_ROWS = {"us": 34, "payer": 64, "approved": 94}
_TURN = {
    AuthorizationState.DRAFT: "us",
    AuthorizationState.SENT: "payer",
    AuthorizationState.PENDED: "us",
    AuthorizationState.DENIED: "us",
    AuthorizationState.UPHELD: "us",
    AuthorizationState.APPEALED: "payer",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in a row, in pixels, with its words."""

    x: int
    y: int
    width: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, in pixels, with its words."""

    x: int
    kind: str
    words: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the template draws, and the whole in words."""

    bars: tuple[Bar, ...]
    ticks: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    width: int
    height: int
    words: str


def timeline(card: DeskCard, now: datetime) -> Timeline | None:
    """The picture as of now; None where the entries do not follow the table."""
    status = card.status
    if status is None:
        return None
    zone = zone_of(card.patient.clinic)
    today = now.astimezone(zone).date()
    dues = [(c.last_day or last_day(c.due, zone), c) for c in card.clocks if c.due is not None]
    ends = [today, *(day for day, _ in dues)]
    if status.approval is not None:
        ends += [status.approval.ends_on, status.approval.starts_on]
    first = min([status.steps[0].event.day, *([status.approval.starts_on] if status.approval else [])])
    last = max(*ends, first + timedelta(days=13)) + timedelta(days=1)
    scale = _Scale(first, last)
    bars = _turns(card, scale, today)
    if status.approval is not None:
        a = status.approval
        x = scale.x(a.starts_on)
        words = f"{a.units} {a.unit}, {a.starts_on.isoformat()} to {a.ends_on.isoformat()}"
        bars.append(Bar(x, _ROWS["approved"], max(scale.x(a.ends_on + timedelta(days=1)) - x, 4), "approved", words))
    marks = [Mark(scale.x(today), "today", "today", _anchor(scale.x(today)))]
    marks += [Mark(scale.x(day + timedelta(days=1)), "due", clock.name, _anchor(scale.x(day))) for day, clock in dues]
    said = [f"{step.event.day.isoformat()}: {BY_ID[step.event.kind].done}" for step in status.steps]
    said += [f"{day.isoformat()}: due, {clock.name}" for day, clock in dues]
    return Timeline(tuple(bars), scale.ticks(), tuple(marks), WIDTH, 150, "; ".join(said) + ".")


def _turns(card: DeskCard, scale: _Scale, today: date) -> list[Bar]:
    """Stretches in which it was ours, or the payer's, to act."""
    if card.status is None:
        return []
    steps = card.status.steps
    found = []
    for number, step in enumerate(steps):
        row = _TURN.get(step.after)
        end = steps[number + 1].event.day if number + 1 < len(steps) else max(today, step.event.day)
        if row is not None:
            x = scale.x(step.event.day)
            words = f"{step.after.value}, {step.event.day.isoformat()} to {end.isoformat()}"
            found.append(Bar(x, _ROWS[row], max(scale.x(end) - x, 4), f"{row} {step.after.value}", words))
    return found


def _anchor(x: int) -> str:
    return "end" if x > WIDTH - 110 else "start" if x < LEFT + 40 else "middle"


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> int:
        """Where a day begins, in pixels."""
        span = (self.last - self.first).days
        return LEFT + round((day - self.first).days * (WIDTH - LEFT - RIGHT) / span)

    def ticks(self) -> tuple[Mark, ...]:
        """Days or months along the foot, about eight of them."""
        span = (self.last - self.first).days
        step = next(n for n in (1, 2, 7, 14, 30, 61, 91, 183, 400, 1000, 100_000) if span / n <= 9)
        days = range(0, span + 1, step)
        places = [(self.first + timedelta(days=n)) for n in days]
        return tuple(Mark(self.x(day), "tick", day.isoformat()) for day in places if self.x(day) < WIDTH - 34)
