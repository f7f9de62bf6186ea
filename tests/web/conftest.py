"""Two clinics, a person in each role, and a demonstration that really runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inconcert.synthetic import clinic as invented_clinic
from inconcert.web.permissions import Role

if TYPE_CHECKING:  # Django is imported where it is used: this file is read before Django is started
    from django.test import Client

    from inconcert.web.models import Authorization, Clinic, Patient

PASSWORD = "a long enough password"
TODAY = datetime.now(UTC).date()


def bundle_bytes(bundle: dict[str, Any]) -> bytes:
    """A bundle as the file an EHR would write."""
    return json.dumps(bundle).encode()


@pytest.fixture(scope="session")
def bundles() -> dict[str, dict[str, Any]]:
    """The invented people as FHIR, standing on today."""
    return invented_clinic(as_of=TODAY)


@pytest.fixture(scope="session")
def some_bundle(bundles: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The first invented person."""
    return next(iter(bundles.values()))


@dataclass(frozen=True)
class Town:
    """Two clinics that share nothing, and somebody in every role of the first."""

    here: Clinic
    elsewhere: Clinic
    patient: Patient
    foreign: Patient

    def client(self, who: str) -> Client:
        """A browser signed in as one of them, or as nobody for `anonymous`."""
        from django.contrib.auth.models import User
        from django.test import Client

        client = Client()
        if who != "anonymous":
            client.force_login(User.objects.get(username=who), "allauth.account.auth_backends.AuthenticationBackend")
        return client


def load(clinic: Clinic, bundle: dict[str, Any], name: str = "chart.json") -> Patient:
    """Load one person through the door every file takes."""
    from inconcert.web import answers, charts
    from inconcert.web.models import Patient

    received = charts.receive(clinic, name=name, data=bundle_bytes(bundle), by="somebody", on=TODAY)
    patient = Patient.objects.get(parts__upload=received.upload)
    answers.summarize(patient, TODAY)
    return patient


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, bundles: dict[str, dict[str, Any]]) -> None:
    """The two clinics with one patient each, made once; each test sees them and leaves them as they were."""
    from django.contrib.auth.models import User

    from inconcert.web.models import Clinic, Membership

    with django_db_blocker.unblock():
        here, elsewhere = Clinic.objects.create(name="Here"), Clinic.objects.create(name="Elsewhere")
        people = [(role.value, here, role) for role in Role] + [("outsider", elsewhere, Role.PSYCHIATRIST)]
        for name, clinic, role in people:
            user = User.objects.create_user(name, password=PASSWORD)
            Membership.objects.create(user=user, clinic=clinic, role=role.value)
        User.objects.create_user("unplaced", password=PASSWORD)
        first, second = list(bundles.values())[:2]
        load(here, first)
        load(elsewhere, second)


@pytest.fixture
def town(db: None) -> Town:
    """The two clinics."""
    from inconcert.web.models import Clinic, Patient

    here, elsewhere = Clinic.objects.get(name="Here"), Clinic.objects.get(name="Elsewhere")
    return Town(here, elsewhere, Patient.objects.get(clinic=here), Patient.objects.get(clinic=elsewhere))


@dataclass(frozen=True)
class Demo:
    """A demonstration that is running: its address, its folder and what it printed."""

    url: str
    folder: Path
    printed: str
    seconds: float
    log: Path
    process: subprocess.Popen[str]


def start_demo(folder: Path, *, wait_seconds: float = 120) -> Demo:
    """Run the demonstration as a user would, in a process of its own, and wait until it says its address."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("INCONCERT_", "DJANGO_"))}
    environment["PYTHONUNBUFFERED"] = "1"
    log = folder.with_suffix(".log")
    started = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "inconcert.web.demo", "--port", "8300", "--data-dir", str(folder)],
            stdout=out, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder.parent,
        )  # fmt: skip
    while time.monotonic() - started < wait_seconds:
        printed = log.read_text()
        if "Ctrl-C" in printed:
            found = re.search(r"http://\S+", printed)
            assert found
            return Demo(found[0].rstrip("/"), folder, printed, time.monotonic() - started, log, process)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the demonstration did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demonstration clinic, started from nothing, and stopped with Ctrl-C at the end."""
    running = start_demo(tmp_path_factory.mktemp("demo") / "data")
    yield running
    # Read before the end: on a busy machine a worker may be slow to stop, and that is then said as an error.
    log = running.log.read_text()
    running.process.send_signal(signal.SIGINT)
    running.process.wait(60)
    faults = [line for line in log.splitlines() if not line.startswith("  ") or "File" in line]
    assert "ERROR" not in log, "the site wrote of a fault:\n" + "\n".join(faults[-40:])


@pytest.fixture
def start_again() -> Callable[[Path], Demo]:
    """Starts a further demonstration in a folder; the test stops it."""
    return start_demo


@pytest.fixture(scope="session")
def as_file() -> Callable[[dict[str, Any]], bytes]:
    """Turns a bundle into the bytes of a file."""
    return bundle_bytes


@pytest.fixture
def today() -> date:
    """The day the tests stand on."""
    return TODAY


@pytest.fixture
def request_of(town: Any) -> Callable[..., Authorization]:
    """Starts a payer request for TMS for the clinic's patient."""
    import uuid

    from inconcert.payers.authorization.times import moment_on
    from inconcert.web import desk_entries
    from support.desk_forms import member_of

    def make(**facts: Any) -> Authorization:
        return desk_entries.start(
            town.patient, entry_id=uuid.uuid4(), happened=moment_on(date(2020, 1, 5)), member=member_of(town),
            facts={"service": "rtms"} | facts,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A clinic's ordinary screen."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 860}, "locale": "en-US"}


@pytest.fixture
def site(page: Any, demo: Any) -> Iterator[Any]:
    """A watched page; at the end nobody may have complained."""
    from support.watched import Watched

    watched = Watched(page, demo.url)
    yield watched
    assert watched.complaints == []
    assert watched.refused() == []
