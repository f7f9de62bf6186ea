"""The demonstration clinic: invented people loaded through the same door as a real file, and an account a role."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from django.contrib.auth.models import User

from inconcert.synthetic import clinic as invented_clinic
from inconcert.synthetic import sketches
from inconcert.web import answers, audit, charts
from inconcert.web.desk_seed import seed_desk
from inconcert.web.models import Clinic, Membership, Patient
from inconcert.web.permissions import Role

HOME = "Demonstration clinic (all people invented)"
ELSEWHERE = "Another clinic (all people invented)"
LOADER = "demonstration"
# (user name, clinic, role). The last works elsewhere and must see nothing of the first clinic.
ACCOUNTS: tuple[tuple[str, str, Role], ...] = (
    ("psychiatrist", HOME, Role.PSYCHIATRIST),
    ("nurse", HOME, Role.NURSE),
    ("operator", HOME, Role.TMS_OPERATOR),
    ("authorization", HOME, Role.AUTHORIZATION),
    ("researcher", HOME, Role.RESEARCHER),
    ("admin", HOME, Role.ADMIN),
    ("outsider", ELSEWHERE, Role.PSYCHIATRIST),
)
Say = Callable[[str], None]


def seed(on: date, password_of: Callable[[str], str], say: Say, limit: int | None = None) -> None:
    """Make clinics, accounts and patients that are not there yet; what is there stays as it is.

    Args:
        on: the day the clinic stands on; the same day makes the same files, so that loading goes on where it stopped.
        password_of: the password of an account.
        say: is told how far it is.
        limit: load only the first people (tests).
    """
    clinics = {
        name: Clinic.objects.get_or_create(name=name, defaults={"invented": True})[0] for name in (HOME, ELSEWHERE)
    }
    for username, clinic, role in ACCOUNTS:
        user, is_new = User.objects.get_or_create(username=username)
        password = password_of(username)
        if is_new or not user.check_password(password):  # each check costs Argon2's quarter of a second, by design
            user.set_password(password)
            user.save(update_fields=["password"])
        Membership.objects.get_or_create(user=user, clinic=clinics[clinic], defaults={"role": role.value})
    people = list(invented_clinic(as_of=on).items())[:limit]
    lessons = {sketch.id: sketch.lesson for sketch in sketches().people}
    for number, (person_id, bundle) in enumerate(people, 1):
        say(f"Loading invented people: {number} of {len(people)}")
        _load(clinics[HOME], person_id, bundle, on, lessons)
    say("Writing down the payer desk's invented requests")
    seed_desk(Membership.objects.get(user__username="authorization", clinic=clinics[HOME]), on)
    for person_id, bundle in people[:1]:
        _load(clinics[ELSEWHERE], person_id, bundle, on, lessons)


def _load(clinic: Clinic, person_id: str, bundle: dict[str, object], on: date, lessons: dict[str, str]) -> None:
    data = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
    received = charts.receive(clinic, name=f"{person_id}.json", data=data, by=LOADER, on=on, lessons=lessons)
    if received.again:
        return
    audit.append("upload chart", username=LOADER, clinic=str(clinic.public_id), kind="upload",
                 object_id=str(received.upload.public_id))  # fmt: skip
    for patient in Patient.objects.filter(parts__upload=received.upload).distinct():
        answers.summarize(patient, on)
