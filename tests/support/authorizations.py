"""Short ways to write down what happened to an invented authorization: one line an entry, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from inconcert.payers.authorization.events import AuthorizationEvent
from inconcert.payers.authorization.times import moment_at, moment_on

NEW_YORK = ZoneInfo("America/New_York")
APPROVED = {"units": 36, "unit": "sessions", "starts_on": "2026-03-01", "ends_on": "2026-05-31", "reference": "A-1"}
SENT = {"payer": "Harbor", "channel": "portal", "urgency": "standard"}


def entry(
    number: int, when: str, kind: str, facts: dict[str, Any] | None = None, *, zone: ZoneInfo = NEW_YORK, **more: Any
) -> AuthorizationEvent:
    """One entry. `when` is a day (`2026-03-01`) or a time on the clinic's wall clock (`2026-03-01 14:05`)."""
    happened = moment_at(datetime.fromisoformat(when), zone) if " " in when else moment_on(date.fromisoformat(when))
    return AuthorizationEvent(
        id=f"e{number}", kind=kind, happened=happened, recorded_at=datetime(2026, 3, 1, tzinfo=UTC), by="somebody",
        facts=facts or {}, **more,
    )  # fmt: skip


def entries(*lines: tuple[Any, ...]) -> list[AuthorizationEvent]:
    """Entries e1, e2 ... from (when, kind[, facts]); a request for TMS is started first, on the day of the first line."""
    first = str(lines[0][0])[:10]
    opened = entry(0, first, "open", {"service": "rtms"})
    return [opened, *(entry(n, *line) for n, line in enumerate(lines, 1))]


def utc(text: str) -> datetime:
    """An instant written `2026-03-01 14:05` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ids(events: Sequence[AuthorizationEvent]) -> list[str]:
    """The ids of entries."""
    return [event.id for event in events]
