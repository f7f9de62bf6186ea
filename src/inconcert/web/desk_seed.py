"""The invented queue of the demonstration's payer desk, from `knowledge/files/synthetic/authorizations.yaml`."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry
from inconcert.payers.authorization import AuthorizationEvent
from inconcert.payers.authorization.events import CORRECT
from inconcert.payers.authorization.times import moment_at, moment_on
from inconcert.record import CodeSystem
from inconcert.record.dates import Moment
from inconcert.web import answers, charts, desk_entries
from inconcert.web.access import authorizations_for
from inconcert.web.desk_board import zone_of
from inconcert.web.models import ChartPart, Membership, Patient

SESSIONS_LOADER = "demonstration (treatments given)"
_RELATIVE = re.compile(r"day(?P<days>[+-]\d+)\Z")
_WRITTEN_AFTER = timedelta(minutes=20)


class StoryCorrection(Entry, frozen=True, kw_only=True):
    """What was wrong with an entry, and the facts that are right."""

    why: str
    facts: dict[str, str | int]


class StoryEntry(Entry, frozen=True, kw_only=True):
    """One thing that happened, so many days before the day the clinic stands on."""

    days_before: int
    kind: str
    at: str = ""
    facts: dict[str, str | int]
    corrected: StoryCorrection | None = None


class StorySessions(Entry, frozen=True, kw_only=True):
    """Treatments given, one record a day."""

    code: str
    display: str
    days_before: tuple[int, ...]
    system: str = CodeSystem.CPT.value


class AuthorizationStory(Entry, frozen=True, kw_only=True):
    """What happened to one invented person's request."""

    person: str
    entries: tuple[StoryEntry, ...]
    sessions: StorySessions | None = None


def stories() -> tuple[AuthorizationStory, ...]:
    """All stories of the file."""
    return loader.load(loader.ROOT / "files/synthetic/authorizations.yaml", tuple[AuthorizationStory, ...])


def seed_desk(member: Membership, on: date) -> int:
    """Write the stories down for the patients that are there; nothing where the desk is in use already. Gives how many."""
    if authorizations_for(member).exists():
        return 0
    made = 0
    for story in stories():
        part = ChartPart.objects.filter(
            upload__clinic=member.clinic, patient__isnull=False, person_id__in=[story.person, f"Patient/{story.person}"]
        ).first()
        if part is None or part.patient is None:
            continue  # only some of the invented people were loaded
        _tell(part.patient, story, member, on)
        if story.sessions is not None:
            _give(part, story.sessions, member, on)
        made += 1
    return made


def _tell(patient: Patient, story: AuthorizationStory, member: Membership, on: date) -> None:
    zone = zone_of(member.clinic)
    made = None
    for place, entry in enumerate(story.entries, 1):
        happened = _moment(entry, on, member)
        written = (happened.instant or datetime.combine(happened.days.latest, time(17), zone)).astimezone(UTC)
        facts = {name: _day(value, on) for name, value in entry.facts.items()}
        if made is None:
            made = desk_entries.start(
                patient,
                entry_id=uuid.uuid4(),
                happened=happened,
                facts=facts,
                member=member,
                now=written + _WRITTEN_AFTER,
            )
            continue
        event = AuthorizationEvent(
            id=str(uuid.uuid4()), kind=entry.kind, happened=happened, recorded_at=written, facts=facts
        )
        seen = made.entries.count()
        kept = desk_entries.add(made, event, member=member, seen=seen, now=written + _WRITTEN_AFTER)
        if entry.corrected is not None:
            right = facts | entry.corrected.facts | {"why": entry.corrected.why}
            event = AuthorizationEvent(
                id=str(uuid.uuid4()), kind=CORRECT, happened=happened, recorded_at=written, facts=right,
                corrects=str(kept.public_id),
            )  # fmt: skip
            desk_entries.add(made, event, member=member, seen=place, now=written + 2 * _WRITTEN_AFTER)


def _moment(entry: StoryEntry, on: date, member: Membership) -> Moment:
    day = on - timedelta(days=entry.days_before)
    if not entry.at:
        return moment_on(day)
    # In the hour that a clock shows twice, the first is taken; a story is told, not observed.
    return moment_at(datetime.combine(day, time.fromisoformat(entry.at)), zone_of(member.clinic), "first")


def _day(value: str | int, on: date) -> str | int:
    """A fact, with `day-5` turned into the day it means."""
    match = _RELATIVE.match(str(value))
    return (on + timedelta(days=int(match["days"]))).isoformat() if match else value


def _give(part: ChartPart, sessions: StorySessions, member: Membership, on: date) -> None:
    """Upload the treatments given as a file of their own, through the door every file takes, and say whose they are."""
    original = json.loads(charts.original(part.upload))
    person = next(e["resource"] for e in original["entry"] if e["resource"]["resourceType"] == "Patient")
    resources: list[dict[str, Any]] = [person]
    for number, days in enumerate(sessions.days_before, 1):
        resources.append(
            {
                "resourceType": "Procedure", "id": f"{person['id']}-given-{number:02d}", "status": "completed",
                "code": {"coding": [{"system": sessions.system, "code": sessions.code, "display": sessions.display}]},
                "subject": {"reference": f"Patient/{person['id']}"},
                "performedDateTime": (on - timedelta(days=days)).isoformat(),
            }
        )  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    data = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
    received = charts.receive(
        member.clinic, name=f"{person['id']}-treatments.json", data=data, by=SESSIONS_LOADER, on=on
    )
    if received.again:
        return
    for waiting in received.upload.parts.filter(patient=None):
        patient = charts.decide(waiting, same=True, member=member, on=on)
        answers.summarize(patient, on)
