"""The access log: every view and every write, appended, chained, and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from inconcert.web.models import AccessEvent

if TYPE_CHECKING:
    from django.http import HttpRequest

    from inconcert.web.models import Membership

START = "0" * 64  # what the first event names as the one before it
_CHAINED = ("sequence", "username", "role", "clinic", "action", "kind", "object_id", "patient", "outcome", "address")
_ADVISORY_LOCK = 740_126  # any number, the same in every worker


def event_hash(event: AccessEvent) -> str:
    """The SHA-256 of an event and of the hash before it."""
    fields: dict[str, Any] = {name: getattr(event, name) for name in _CHAINED}
    fields["at"] = event.at.astimezone(UTC).isoformat()
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{event.previous_hash}\n{text}".encode()).hexdigest()


def append(
    action: str,
    *,
    username: str = "",
    role: str = "",
    clinic: str = "",
    kind: str = "",
    object_id: str = "",
    patient: str = "",
    outcome: str = "allowed",
    address: str = "",
) -> AccessEvent:
    """Write one event. Writers wait for each other, so that the chain has no fork."""
    with transaction.atomic():
        if connection.vendor == "postgresql":  # SQLite's IMMEDIATE transactions wait by themselves
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        last = AccessEvent.objects.order_by("-sequence").only("sequence", "hash").first()
        event = AccessEvent(
            sequence=(last.sequence if last else 0) + 1,
            at=datetime.now(UTC),
            username=username[:150],
            role=role,
            clinic=clinic,
            action=action[:60],
            kind=kind,
            object_id=object_id[:300],
            patient=patient,
            outcome=outcome,
            address=address[:45],
            previous_hash=last.hash if last else START,
        )
        event.hash = event_hash(event)
        event.save(force_insert=True)
        return event


def note(
    request: HttpRequest,
    action: str,
    *,
    kind: str = "",
    object_id: str = "",
    patient: str = "",
    outcome: str = "allowed",
) -> AccessEvent:
    """Write one event for a request: who and from where are taken from it."""
    membership: Membership | None = getattr(request, "membership", None)
    return append(
        action,
        username=request.user.get_username() if request.user.is_authenticated else "",
        role=membership.role if membership else "",
        clinic=str(membership.clinic.public_id) if membership else "",
        kind=kind,
        object_id=object_id,
        patient=patient,
        outcome=outcome,
        address=str(request.META.get("REMOTE_ADDR") or ""),
    )


def broken_at(events: Iterable[AccessEvent] | None = None) -> int | None:
    """The first sequence number at which the chain does not hold, or None where it holds from start to end.

    Rows cut off the end are found only by comparing with a head noted elsewhere (`head`).
    """
    expected_sequence, previous = 1, START
    for event in events if events is not None else AccessEvent.objects.order_by("sequence").iterator():
        if event.sequence != expected_sequence or event.previous_hash != previous or event.hash != event_hash(event):
            return expected_sequence
        expected_sequence, previous = event.sequence + 1, event.hash
    return None


def head() -> tuple[int, str]:
    """The last sequence number and hash: note it outside the database, and a shortened log is found too."""
    last = AccessEvent.objects.order_by("-sequence").first()
    return (last.sequence, last.hash) if last else (0, START)
