"""Entries of an authorization: kept in the database, checked by `inconcert.payers.authorization`, chained by hashes."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from inconcert.judgement import Refusal
from inconcert.payers.authorization import AuthorizationEvent, check_can_add
from inconcert.record.dates import DateRange, Moment
from inconcert.web.models import Authorization, AuthorizationEntry, Membership, Patient

START = "0" * 64
_CHAINED = ("sequence", "kind", "utc_offset_minutes", "recorded_by", "role", "facts")
LATE_AFTER = timedelta(days=2)  # an entry written down later than this after it happened is shown as late


def event_of(entry: AuthorizationEntry) -> AuthorizationEvent:
    """An entry as the rules read it."""
    day = DateRange.of(entry.happened_on)
    return AuthorizationEvent(
        id=str(entry.public_id), kind=entry.kind, happened=Moment(day, entry.happened_at, entry.utc_offset_minutes),
        recorded_at=entry.recorded_at, by=entry.recorded_by, facts=entry.facts,
        corrects=str(entry.corrects) if entry.corrects else "",
    )  # fmt: skip


def events_of(entries: Iterable[AuthorizationEntry]) -> list[AuthorizationEvent]:
    """Entries as the rules read them, in order."""
    return [event_of(entry) for entry in entries]


def start(
    patient: Patient,
    *,
    entry_id: uuid.UUID,
    happened: Moment,
    facts: Mapping[str, Any],
    member: Membership,
    now: datetime | None = None,
) -> Authorization:
    """Start a request for a patient. Only the demonstration says `now` itself.

    Raises:
        Refusal: what it is for is missing or cannot be, or the form was sent before (then with where it is).
    """
    before = AuthorizationEntry.objects.filter(public_id=entry_id).select_related("authorization__patient").first()
    if before is not None and before.authorization.patient_id == patient.pk:
        return before.authorization
    now = now or datetime.now(UTC)
    event = AuthorizationEvent(id=str(entry_id), kind="open", happened=happened, recorded_at=now, facts=facts)
    zone = ZoneInfo(patient.clinic.time_zone)
    event = check_can_add([], event, now, zone)
    with transaction.atomic():
        made = Authorization.objects.create(patient=patient, started_by=member.user.get_username())
        _write(made, [], event, member, now)
    return made


def add(
    authorization: Authorization,
    event: AuthorizationEvent,
    *,
    member: Membership,
    seen: int,
    now: datetime | None = None,
) -> AuthorizationEntry:
    """Add one entry.

    Args:
        authorization: to which.
        event: what happened; its facts are checked here.
        member: who writes it down.
        seen: the place of the last entry that the page showed; if there are others now, nothing is written.
        now: when it is written down: our own clock, which only the demonstration overrules.

    Raises:
        Refusal: it does not follow, lacks something, or somebody else wrote in the meantime.
    """
    now = now or datetime.now(UTC)
    zone = ZoneInfo(authorization.patient.clinic.time_zone)
    try:
        with transaction.atomic():
            Authorization.objects.select_for_update().get(pk=authorization.pk)
            entries = list(authorization.entries.order_by("sequence"))
            same = next((e for e in entries if str(e.public_id) == event.id), None)
            if same is not None:
                return same  # the form was sent twice: once is enough
            if entries and entries[-1].sequence != seen:
                raise Refusal(
                    "Somebody else added an entry since you opened this page.", "look at the page again, then decide."
                )
            checked = check_can_add(events_of(entries), event, now, zone)
            return _write(authorization, entries, checked, member, now)
    except IntegrityError:  # two at the very same moment: one of them is there now
        raise Refusal("Somebody else added an entry at this moment.", "look at the page again, then decide.") from None


def _write(
    authorization: Authorization,
    entries: Sequence[AuthorizationEntry],
    event: AuthorizationEvent,
    member: Membership,
    now: datetime,
) -> AuthorizationEntry:
    entry = AuthorizationEntry(
        authorization=authorization, public_id=uuid.UUID(event.id), sequence=entries[-1].sequence + 1 if entries else 1,
        kind=event.kind, happened_on=event.day, happened_at=event.happened.instant,
        utc_offset_minutes=event.happened.utc_offset_minutes, recorded_at=now, recorded_by=member.user.get_username(),
        role=member.role, facts=dict(event.facts), corrects=uuid.UUID(event.corrects) if event.corrects else None,
        previous_hash=entries[-1].hash if entries else START,
    )  # fmt: skip
    entry.hash = entry_hash(entry, str(authorization.public_id))
    entry.save(force_insert=True)
    return entry


def entry_hash(entry: AuthorizationEntry, authorization_id: str) -> str:
    """The SHA-256 of an entry, of whose it is, and of the hash before it."""
    fields: dict[str, Any] = {name: getattr(entry, name) for name in _CHAINED}
    fields |= {
        "id": str(entry.public_id), "authorization": authorization_id, "on": entry.happened_on.isoformat(),
        "at": entry.happened_at.astimezone(UTC).isoformat() if entry.happened_at else "",
        "recorded": entry.recorded_at.astimezone(UTC).isoformat(), "corrects": str(entry.corrects or ""),
    }  # fmt: skip
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{entry.previous_hash}\n{text}".encode()).hexdigest()


def broken_at(authorization: Authorization, entries: Iterable[AuthorizationEntry]) -> int | None:
    """The place of the first entry at which the chain does not hold, or None."""
    expected, previous = 1, START
    for entry in entries:
        right = entry_hash(entry, str(authorization.public_id))
        if entry.sequence != expected or entry.previous_hash != previous or entry.hash != right:
            return expected
        expected, previous = entry.sequence + 1, entry.hash
    return None
