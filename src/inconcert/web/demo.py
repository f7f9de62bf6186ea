"""`inconcert demo`: a seeded clinic on this machine, in seconds, without a network.

python -m inconcert.web.demo [--port 8000] [--data-dir DIR] [--fresh]
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

LOCAL_PASSWORD = "rehearsal-room"  # noqa: S105 - printed at the start, for invented people, on this machine only
MARKER = "demonstration.json"
_OURS = (
    "inconcert.sqlite3",
    "inconcert.sqlite3-wal",
    "inconcert.sqlite3-shm",
    "secret_key",
    MARKER,
    "static/vega/vega-bundle.js",
)


class CannotStart(Exception):
    """Why the demonstration does not start, with the mend."""


def run_demo(
    host: str = "127.0.0.1", port: int = 8000, data_dir: Path | str = Path(".inconcert-demo"), *, fresh: bool = False
) -> None:
    """Start the seeded demonstration clinic and serve it until Ctrl-C.

    Args:
        host: address to listen on. Off this machine the accounts get new random passwords at every start.
        port: first port to try; the next free one is taken.
        data_dir: where the database, the key and the picture library are kept; a second start uses them again.
        fresh: throw them away first.
    """
    try:
        folder = Path(data_dir).expanduser().resolve()
        listener = _listen(host, port)
        _prepare_folder(folder, fresh=fresh)
        _set_environment(host, folder)
        _write_bundle(folder)
        passwords = _passwords(host)
        _prepare_database(folder, passwords)
    except CannotStart as error:
        sys.stderr.write(f"inconcert demo: {error}\n")
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was loaded stays; the next start goes on from there.\n")
        raise SystemExit(130) from None
    _serve(listener, _welcome(host, listener.getsockname()[1], passwords))


def is_this_machine(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, first: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + 20, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            if isinstance(error, PermissionError):
                raise CannotStart(f"port {port} may not be used. Mend: choose one from 1024 up with --port") from error
            if isinstance(error, socket.gaierror) or error.errno == 99:
                raise CannotStart(f"{host!r} is not an address of this machine. Mend: leave --host out") from error
            continue
        listener.listen(64)
        return listener
    raise CannotStart(f"ports {first} to {first + 19} are all taken. Mend: choose another with --port")


def _prepare_folder(folder: Path, *, fresh: bool) -> None:
    database, marker = folder / "inconcert.sqlite3", folder / MARKER
    if database.exists() and not marker.exists():
        raise CannotStart(f"{folder} holds a database that is not a demonstration. Mend: choose another --data-dir")
    try:
        if fresh:
            for name in _OURS:
                (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not marker.exists():
            marker.write_text(json.dumps({"seeded_on": datetime.now(UTC).date().isoformat()}))
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written ({error.strerror}). Mend: choose another --data-dir") from error


def _set_environment(host: str, folder: Path) -> None:
    """Say to the settings where everything is; whatever a real clinic set stays untouched by a demonstration."""
    names = {host, "127.0.0.1", "localhost", "[::1]"}
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        names |= {socket.gethostname(), *_own_addresses()}
    os.environ["DJANGO_SETTINGS_MODULE"] = "inconcert.web.settings"
    os.environ["INCONCERT_DATA_DIR"] = str(folder)
    os.environ["INCONCERT_HOSTS"] = ",".join(sorted(names))
    os.environ.setdefault("INCONCERT_IDLE_MINUTES", "120")
    for name in ("INCONCERT_DATABASE", "INCONCERT_SECRET_KEY", "INCONCERT_HTTPS", "INCONCERT_BEHIND_PROXY"):
        os.environ.pop(name, None)


def _own_addresses() -> list[str]:
    try:
        return socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        return []


def _write_bundle(folder: Path) -> None:
    """Write the picture library from vl-convert's wheel, in a process of its own: its engine does not survive a fork."""
    target = folder / "static" / "vega" / "vega-bundle.js"
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    program = "import pathlib, sys, vl_convert; pathlib.Path(sys.argv[1]).write_text(vl_convert.javascript_bundle())"
    try:
        subprocess.run([sys.executable, "-c", program, str(part)], check=True, capture_output=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise CannotStart("the picture library is missing. Mend: pip install 'inconcert[all]'") from error
    part.replace(target)


def _passwords(host: str) -> dict[str, str]:
    names = ("psychiatrist", "nurse", "operator", "authorization", "researcher", "admin", "outsider")
    if is_this_machine(host):
        return dict.fromkeys(names, LOCAL_PASSWORD)
    return {name: secrets.token_urlsafe(12) for name in names}


def _prepare_database(folder: Path, passwords: dict[str, str]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    from django.db import connections

    from inconcert.web.seed import seed

    on = date.fromisoformat(json.loads((folder / MARKER).read_text())["seeded_on"])
    with _progress() as say:
        say("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        seed(on, passwords.__getitem__, say)
    connections.close_all()  # a connection must not be carried into another process


@contextmanager
def _progress() -> Iterator[Any]:
    """One line that is written over in a terminal; only its last state where output goes to a file."""
    last = ""

    def say(text: str) -> None:
        nonlocal last
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        elif text.split(":")[0] != last.split(":")[0]:
            sys.stderr.write(f"{text}\n")
        last = text

    yield say
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _welcome(host: str, port: int, passwords: dict[str, str]) -> str:
    from django.db import connections

    from inconcert.web.models import Patient
    from inconcert.web.permissions import ROLE_NAMES
    from inconcert.web.seed import ACCOUNTS, HOME

    count = Patient.objects.filter(clinic__name=HOME).count()
    connections.close_all()
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    lines = [
        "",
        f"  {HOME}: {count} patients",
        f"  Open   http://{f'[{shown}]' if ':' in shown else shown}:{port}/",
        "",
        "  Sign in as        password          who",
    ]
    for name, clinic, role in ACCOUNTS:
        where = "" if clinic == HOME else ", at another clinic"
        lines.append(f"  {name:<16}  {passwords[name]:<16}  {ROLE_NAMES[role].lower()}{where}")
    return "\n".join([*lines, "", "  Ctrl-C stops it. Everything is kept on this machine.", ""])


def _serve(listener: socket.socket, welcome: str) -> None:
    from gunicorn.app.base import BaseApplication

    def say_ready(_: object) -> None:
        sys.stdout.write(welcome + "\n")
        sys.stdout.flush()

    options = {
        "bind": [f"fd://{listener.fileno()}"],
        "workers": 2,
        "threads": 4,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 5,
        "loglevel": "error",
        "accesslog": None,  # a search holds names
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - gunicorn's heartbeat
        "when_ready": say_ready,
    }

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
        """Gunicorn with our settings; it reads no configuration file and no command line."""

        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from inconcert.web.wsgi import application

            return application

    os.set_inheritable(listener.fileno(), True)
    Server().run()


def main() -> None:
    """The same from `python -m`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data-dir", type=Path, default=Path(".inconcert-demo"))
    parser.add_argument("--fresh", action="store_true")
    arguments = parser.parse_args()
    run_demo(arguments.host, arguments.port, arguments.data_dir, fresh=arguments.fresh)


if __name__ == "__main__":
    main()
