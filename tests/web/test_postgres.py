"""The same site on PostgreSQL: migrations, the guarded log, and the demonstration clinic, seeded."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

SMOKE = """
import datetime, django
django.setup()
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
assert connection.vendor == "postgresql"
call_command("migrate", verbosity=0, interactive=False)
call_command("migrate", "web", "zero", verbosity=0, interactive=False)
call_command("migrate", verbosity=0, interactive=False)
call_command("makemigrations", "--check", "--dry-run", verbosity=0)

from inconcert.web import audit, charts
from inconcert.web.models import AccessEvent, Clinic, Patient
from inconcert.web.seed import HOME, seed
seed(datetime.date(2026, 11, 22), lambda name: "a long enough password", lambda text: None, limit=4)
assert Patient.objects.filter(clinic__name=HOME).count() == 4
assert audit.broken_at() is None
for statement in ("UPDATE web_accessevent SET username = 'x'", "DELETE FROM web_accessevent", "TRUNCATE web_accessevent"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        assert "only ever added to" in str(error)
    else:
        raise SystemExit(statement + " went through")

# The payer desk: seeded, and its rows guarded as well.
from inconcert.web.models import Authorization
assert Authorization.objects.filter(patient__clinic__name=HOME).exists()
for table in ("authorization", "authorizationentry", "authorizationfile", "desknumber"):
    for statement in (f"UPDATE web_{table} SET id = id", f"DELETE FROM web_{table}", f"TRUNCATE web_{table} CASCADE"):
        if table in ("authorizationfile", "desknumber") and not statement.startswith("TRUNCATE"):
            continue  # a trigger for each row has no row to stop here
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            assert "only ever added to" in str(error), error
        else:
            raise SystemExit(statement + " went through")

# A NUL inside a string, which PostgreSQL's own JSON type refuses, is kept as it came.
clinic = Clinic.objects.get(name=HOME)
data = b'{"resourceType":"Patient","id":"nul","name":[{"family":"Nul\\\\u0000ed"}],"birthDate":"1980-01-01"}'
received = charts.receive(clinic, name="nul\\x00.json", data=data, by="x", on=datetime.date(2026, 11, 22))
assert charts.original(received.upload) == data
assert charts.receive(clinic, name="b.json", data=data, by="x", on=datetime.date(2026, 11, 22)).again

from django.contrib.auth.models import User
from django.test import Client
client = Client(headers={"host": "127.0.0.1"})
client.force_login(User.objects.get(username="psychiatrist"), "allauth.account.auth_backends.AuthenticationBackend")
page = client.get("/patients/")
assert page.status_code == 200, page.status_code
patient = Patient.objects.filter(clinic=clinic).first()
assert client.get(f"/patients/{patient.public_id}/").status_code == 200
assert AccessEvent.objects.filter(action="view patient").exists()
desk = client.get("/desk/")
assert desk.status_code == 200, desk.status_code
request = Authorization.objects.filter(patient__clinic=clinic).first()
assert client.get(f"/desk/{request.public_id}/").status_code == 200
print("well on PostgreSQL")
"""


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A database of our own on the throw-away server."""
    import psycopg

    name = f"inconcert_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_the_site_runs_on_postgresql(database: str, tmp_path: Path) -> None:
    """Migrations go forth and back, people are loaded, pages open, and the database guards the access log."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("INCONCERT_", "DJANGO_"))}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "inconcert.web.settings",
        "INCONCERT_DATABASE": database,
        "INCONCERT_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SMOKE], env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "well on PostgreSQL" in done.stdout
