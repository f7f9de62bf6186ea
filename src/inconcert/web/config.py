"""What the site is told from outside: environment variables, read once at the start.

=========================  ============================================================================
`INCONCERT_DATA_DIR`       folder for the database, the secret key and the picture library
`INCONCERT_DATABASE`       `postgresql://user:password@host:port/name`, or `sqlite:///path`; SQLite if unset
`INCONCERT_SECRET_KEY`     signs sessions; made and kept in the data folder (mode 0600) if unset
`INCONCERT_HOSTS`          host names the site answers to, separated by commas
`INCONCERT_HTTPS`          `1` where the site is reached by https: cookies are then sent by https only
`INCONCERT_UPLOAD_MB`      largest file that may be uploaded, in megabytes (50 if unset)
`INCONCERT_CLINIC_SETTINGS` the clinic's settings file: letterhead for packets, payers' codes for request Bundles
`INCONCERT_IDLE_MINUTES`   minutes without a click after which a session ends (15 if unset)
=========================  ============================================================================

How an EHR calls stands in `cds_config`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# WAL with FULL loses no acknowledged commit even in a power cut; IMMEDIATE with a busy timeout keeps parallel writers
# from failing; recursive_triggers keeps REPLACE from slipping past the triggers that guard the access log.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": (
        "PRAGMA synchronous=FULL;PRAGMA journal_mode=WAL;PRAGMA busy_timeout=10000;"
        "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;"
    ),
}


class SettingError(Exception):
    """A setting that cannot be used, with its name and the mend."""


def data_dir() -> Path:
    """The folder the site keeps its own files in (not made here)."""
    named = os.environ.get("INCONCERT_DATA_DIR")
    if named:
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return (Path(base) / "inconcert").expanduser()


def clinic_settings_file() -> Path | None:
    """The clinic's settings file, where one is named.

    Raises:
        SettingError: one of the two files of before is named, which nobody would read.
    """
    for name in ("INCONCERT_PAYER_SETTINGS", "INCONCERT_LETTER_SETTINGS"):
        if os.environ.get(name):
            raise SettingError(
                f"{name} is read no more. Mend: write what both files say into one (the words are the same) and name it in "
                "INCONCERT_CLINIC_SETTINGS"
            )
    named = os.environ.get("INCONCERT_CLINIC_SETTINGS")
    return Path(named).expanduser() if named else None


def secret_key(folder: Path) -> str:
    """The key that signs sessions: from the environment, else from the data folder, made there on the first start."""
    given = os.environ.get("INCONCERT_SECRET_KEY")
    if given:
        return given
    file = folder / "secret_key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process of the same start was quicker
            return file.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(64))
    return file.read_text().strip()


def database(folder: Path) -> dict[str, Any]:
    """Django's database setting from `INCONCERT_DATABASE`.

    Raises:
        SettingError: the address is of a kind we do not know.
    """
    address = os.environ.get("INCONCERT_DATABASE", "")
    if not address:
        return _sqlite(folder / "inconcert.sqlite3")
    parts = urlsplit(address)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)[1:] or "inconcert.sqlite3"))
    if parts.scheme in ("postgres", "postgresql"):
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")) or "inconcert",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            # A socket folder comes as ?host=/run/postgresql, as libpq writes it.
            "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
            "PORT": str(options.pop("port", "") or parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise SettingError(
        f"INCONCERT_DATABASE begins with {parts.scheme!r}. Mend: write postgresql://user:password@host/name or sqlite:///path"
    )


def _sqlite(file: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "CONN_MAX_AGE": 60, "OPTIONS": SQLITE_OPTIONS}


def whole_number(name: str, default: int) -> int:
    """A setting that is a whole number above zero.

    Raises:
        SettingError: it is something else.
    """
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingError(f"{name} is {text!r}. Mend: write a whole number above zero, such as {default}")
    return int(text)


def switch(name: str) -> bool:
    """A setting that is on or off."""
    return os.environ.get(name, "").lower() in ("1", "true", "yes", "on")
