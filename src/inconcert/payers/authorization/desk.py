"""Where an authorization stands in the queue of a payer desk: whose turn it is, and how near its next deadline."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inconcert.judgement import Answer, Refusal
from inconcert.payers.authorization import times
from inconcert.payers.authorization.clocks import Deadline
from inconcert.payers.authorization.events import AuthorizationStatus
from inconcert.payers.authorization.files import desk_settings
from inconcert.payers.authorization.moves import ENDED, Actor, AuthorizationState


class Lane(enum.StrEnum):
    """The queues of the desk, the most pressing first."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    ON_US = "on_us"
    UNKNOWN = "unknown_deadline"
    ON_PAYER = "on_payer"
    IN_USE = "in_use"
    CLOSED = "closed"


LANE_WORDS: dict[Lane, str] = {
    Lane.OVERDUE: "Overdue",
    Lane.DUE_SOON: "Due soon",
    Lane.ON_US: "Waiting for us",
    Lane.UNKNOWN: "Deadline not known",
    Lane.ON_PAYER: "Waiting for the payer",
    Lane.IN_USE: "Approved, in use",
    Lane.CLOSED: "Over",
}
_STATE = AuthorizationState
_OURS = (_STATE.DRAFT, _STATE.PENDED, _STATE.DENIED, _STATE.UPHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLimits:
    """From when on the desk warns: the clinic's numbers, else the design defaults of `knowledge`."""

    due_soon_hours: int
    appeal_soon_days: int
    few_units: int
    ends_soon_days: int
    draft_days: int

    @classmethod
    def of(cls, own: Mapping[str, int]) -> DeskLimits:
        """The clinic's own numbers over the defaults.

        Raises:
            Refusal: a number that is out of the setting's range, or no setting of the desk.
        """
        for name, value in own.items():
            check_can_set(name, value)
        return cls(**{s.id: own.get(s.id, s.default) for s in desk_settings().values()})


def check_can_set(name: str, value: int) -> None:
    """Refuse a setting that does not exist or a number out of its range.

    Raises:
        Refusal: with the range.
    """
    setting = desk_settings().get(name)
    if setting is None:
        raise Refusal(f"The desk has no setting {name!r}.", f"choose one of {', '.join(desk_settings())}.")
    if not setting.least <= value <= setting.most:
        raise Refusal(
            f"{setting.name}: {value} {setting.unit} is out of range.", f"write {setting.least} to {setting.most}."
        )


def lane_of(
    status: AuthorizationStatus, clocks: Sequence[Deadline], now: datetime, zone: ZoneInfo, limits: DeskLimits
) -> tuple[Lane, datetime | None]:
    """The queue it stands in, and the instant it is sorted by there.

    Overdue where a deadline may have passed: not only where it surely has. The payer's silence past its time is overdue as
    well, since somebody must call.
    """
    if status.state in ENDED:
        return Lane.CLOSED, None
    if status.state is _STATE.DRAFT:
        due = times.end_of(status.since + timedelta(days=limits.draft_days), zone)
        return (Lane.DUE_SOON if now >= due else Lane.ON_US), due
    dues = [clock.due for clock in clocks if clock.due is not None]
    nearest = min(dues) if dues else None
    if status.state in (_STATE.APPROVED, _STATE.OVERTURNED):
        end = next((c.due for c in clocks if c.clock == "approval_end"), None)
        return (Lane.DUE_SOON if end is not None and _near(end, now, 24 * limits.ends_soon_days) else Lane.IN_USE), end
    if any(_may_have_passed(clock, now) for clock in clocks):
        return Lane.OVERDUE, nearest
    for clock in clocks:
        hours = 24 * limits.appeal_soon_days if clock.clock.endswith("filing") else limits.due_soon_hours
        if clock.due is not None and _near(clock.due, now, hours):
            return Lane.DUE_SOON, nearest
    if any(not clock.known for clock in clocks if clock.owner is Actor.US or status.state not in _OURS):
        return Lane.UNKNOWN, min((c.tightest for c in clocks if c.tightest is not None), default=None)
    return (Lane.ON_US if status.state in _OURS else Lane.ON_PAYER), nearest


def _may_have_passed(clock: Deadline, now: datetime) -> bool:
    return not clock.stopped and (clock.passed is Answer.MET or (clock.due is not None and now >= clock.due))


def _near(due: datetime, now: datetime, hours: int) -> bool:
    return due - now <= timedelta(hours=hours)
