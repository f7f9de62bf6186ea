"""What the site is told from outside, and what is never left to chance."""

from __future__ import annotations

import importlib
import logging
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from inconcert.web import config
from inconcert.web.logs import NoValuesFormatter


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings a clinic runs on, read anew."""
    monkeypatch.setenv("INCONCERT_DATA_DIR", str(tmp_path))
    return importlib.reload(importlib.import_module("inconcert.web.settings"))


def test_passwords_are_kept_with_argon2(real: Any) -> None:
    """The quick hash of the tests is not the one a clinic gets."""
    assert real.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_no_setting_allows_code_or_style_from_a_page(real: Any) -> None:
    """The policy for content names this site only, and nothing unsafe."""
    directives = real.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert {k: directives[k] for k in ("default-src", "script-src", "style-src", "img-src")} == {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
    }
    assert "unsafe" not in str(directives)


def test_debug_cannot_be_switched_on(real: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable turns the page on that shows values of the chart."""
    for name in ("DEBUG", "DJANGO_DEBUG", "INCONCERT_DEBUG"):
        monkeypatch.setenv(name, "1")
    assert importlib.reload(real).DEBUG is False
    assert real.TIME_ZONE == "UTC"


def test_cookies_travel_by_https_only_where_there_is_https(real: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`INCONCERT_HTTPS=1` makes cookies secure, redirects to https and sends HSTS."""
    assert real.SESSION_COOKIE_SECURE is False
    monkeypatch.setenv("INCONCERT_HTTPS", "1")
    again = importlib.reload(real)
    assert again.SESSION_COOKIE_SECURE is True
    assert again.SECURE_SSL_REDIRECT is True
    assert again.SECURE_HSTS_SECONDS > 0


def test_sqlite_is_opened_so_that_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """WAL with full syncing, immediate transactions, foreign keys and the triggers' own guard."""
    import sqlite3

    setting = config.database(tmp_path)
    assert setting["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with sqlite3.connect(setting["NAME"]) as base:
        base.executescript(setting["OPTIONS"]["init_command"])
        found = {
            name: base.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }
    base.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10000,
    }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://ann:p%40ss@db.clinic:5433/concert?sslmode=require",
         {"NAME": "concert", "USER": "ann", "PASSWORD": "p@ss", "HOST": "db.clinic", "PORT": "5433", "OPTIONS": {"sslmode": "require"}}),
        ("postgres://ann@/concert?host=/run/postgresql", {"NAME": "concert", "HOST": "/run/postgresql", "OPTIONS": {}}),
        ("sqlite:////srv/clinic.db", {"NAME": "/srv/clinic.db"}),
    ],
)  # fmt: skip
def test_a_database_address_is_understood(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, expected: dict[str, Any]
) -> None:
    """One variable names PostgreSQL or SQLite."""
    monkeypatch.setenv("INCONCERT_DATABASE", address)
    found = config.database(tmp_path)
    assert {k: found[k] for k in expected} == expected


@pytest.mark.parametrize(
    ("name", "value", "call"),
    [
        ("INCONCERT_DATABASE", "mysql://x", config.database),
        ("INCONCERT_UPLOAD_MB", "many", lambda _: config.whole_number("INCONCERT_UPLOAD_MB", 50)),
        ("INCONCERT_UPLOAD_MB", "0", lambda _: config.whole_number("INCONCERT_UPLOAD_MB", 50)),
        ("INCONCERT_PAYER_SETTINGS", "payers.yaml", lambda _: config.clinic_settings_file()),
        ("INCONCERT_LETTER_SETTINGS", "letter.yaml", lambda _: config.clinic_settings_file()),
    ],
)
def test_a_setting_that_cannot_be_used_says_its_name_and_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, call: Any
) -> None:
    """A wrong value stops the start with the variable and what to write."""
    monkeypatch.setenv(name, value)
    with pytest.raises(config.SettingError, match=f"{name}.*Mend"):
        call(tmp_path)


def test_the_key_is_made_once_and_readable_by_its_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first start makes it with mode 0600, the second finds the same; the environment goes before both."""
    monkeypatch.delenv("INCONCERT_SECRET_KEY", raising=False)
    key = config.secret_key(tmp_path / "new")
    assert len(key) > 60
    assert config.secret_key(tmp_path / "new") == key
    assert stat.S_IMODE((tmp_path / "new/secret_key").stat().st_mode) == 0o600
    monkeypatch.setenv("INCONCERT_SECRET_KEY", "given")
    assert config.secret_key(tmp_path / "new") == "given"


def test_a_log_line_leaves_the_message_of_an_error_out() -> None:
    """Where it happened and of which kind is in the log; what the record said is not."""
    try:
        raise ValueError("'1980-13-01' is not a date")
    except ValueError as error:
        text = NoValuesFormatter().formatException((ValueError, error, error.__traceback__))
    assert "1980" not in text.replace("raise ValueError(\"'1980-13-01' is not a date\")", "")
    assert "ValueError" in text


def test_the_models_and_their_migrations_agree(db: None) -> None:
    """No change of a model waits for its migration."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_system_check_finds_nothing() -> None:
    """Django's own check of the set-up is clean."""
    call_command("check", fail_level="WARNING")


def test_a_monitor_hears_that_the_site_is_well(db: None) -> None:
    """The health page answers without a sign-in and says nothing but that."""
    answer = Client().get(reverse("health"))
    assert answer.json()["status"] == "ok"
    assert set(answer.json()) == {"status", "version"}


def test_a_fault_shows_no_value(town: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A crash shows a page without a word of the record, and its log line has none either."""
    from inconcert.web import answers

    def broken(*_: object) -> None:
        raise RuntimeError("PHQ-9 of 23 for Ottoline")

    client = town.client("psychiatrist")
    client.raise_request_exception = False
    monkeypatch.setattr(answers, "answer", broken)
    with caplog.at_level(logging.ERROR):
        page = client.get(reverse("patient", args=[town.patient.public_id]))
    assert page.status_code == 500
    assert "Ottoline" not in page.content.decode()
    assert "Something went wrong" in page.content.decode()
