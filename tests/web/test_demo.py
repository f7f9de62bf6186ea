"""`inconcert demo`: starts in seconds, says where and how to sign in, keeps what it has, stops cleanly."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from inconcert.synthetic import sketches
from inconcert.web import demo as demonstration
from inconcert.web.demo import LOCAL_PASSWORD, CannotStart, is_this_machine
from inconcert.web.permissions import ROLE_NAMES


def test_it_prints_its_address_and_an_account_for_every_role(demo: Any) -> None:
    """The address answers, and each role has a name and a password on the screen."""
    assert json.load(urllib.request.urlopen(f"{demo.url}/health/", timeout=10))["status"] == "ok"
    for name in ROLE_NAMES.values():
        assert name.lower() in demo.printed
    assert demo.printed.count(LOCAL_PASSWORD) == 7
    assert "all people invented" in demo.printed


def test_everything_it_keeps_is_in_its_folder_and_for_its_owner_only(demo: Any) -> None:
    """Database, key and picture library stand in the folder; nobody else on the machine may look in."""
    assert {p.name for p in demo.folder.iterdir()} >= {
        "inconcert.sqlite3",
        "secret_key",
        "demonstration.json",
        "static",
    }
    assert demo.folder.stat().st_mode & 0o077 == 0


def test_every_invented_person_came_in_by_the_door_of_real_files(demo: Any) -> None:
    """Each has an upload with an account that adds up, a kept original, and answers."""
    with sqlite3.connect(f"file:{demo.folder / 'inconcert.sqlite3'}?mode=ro", uri=True) as base:
        uploads = base.execute(
            "SELECT account, status FROM web_chartupload WHERE uploaded_by = 'demonstration'"
        ).fetchall()
        people = base.execute(
            "SELECT invented, lesson, who, paid, safety FROM web_patient WHERE lesson > ''"
        ).fetchall()
    assert len(uploads) == len(people) >= 30
    for text, status in uploads:
        account = json.loads(text)
        assert status == "read"
        assert account["resources"] == account["used"] + account["kept_not_used"] + account["refused_count"] > 0
    assert all(all(person) for person in people)
    for column in (2, 4):
        assert len({person[column] for person in people}) == 3, "the clinic shows every state of this answer"


def test_a_second_start_finds_everything_as_it_was(demo: Any, tmp_path: Path, start_again: Any) -> None:
    """It is up within seconds, with the same patients, on the next free port while the first one still runs."""
    from inconcert.web.desk_seed import stories

    folder = tmp_path / "again"
    first = start_again(folder)
    assert first.url != demo.url
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(20) == 0
    second = start_again(folder)
    second.process.send_signal(signal.SIGINT)
    second.process.wait(20)
    assert "Loading invented people: 1" in first.printed
    with sqlite3.connect(folder / "inconcert.sqlite3") as base:
        loaded = "SELECT count(*) FROM web_chartupload WHERE uploaded_by LIKE ?"
        # Everybody once, the first one in the other clinic too; and the treatments given under an approval.
        assert base.execute(loaded, ["demonstration"]).fetchone()[0] == len(sketches().people) + 1
        assert base.execute(loaded, ["demonstration (%"]).fetchone()[0] == sum(1 for s in stories() if s.sessions)
        assert base.execute("SELECT count(*) FROM web_authorization").fetchone()[0] == len(stories())
        assert base.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert second.seconds < first.seconds


def test_a_database_that_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    """Pointed at a folder with a real clinic's database it stops, and deletes nothing even with --fresh."""
    (tmp_path / "inconcert.sqlite3").write_text("a clinic")
    with pytest.raises(CannotStart, match=r"not a demonstration.*Mend"):
        demonstration._prepare_folder(tmp_path, fresh=True)
    assert (tmp_path / "inconcert.sqlite3").read_text() == "a clinic"


def test_fresh_throws_away_only_what_is_its_own(tmp_path: Path) -> None:
    """A file somebody else put into the folder stays."""
    for name in ("inconcert.sqlite3", "secret_key", demonstration.MARKER, "notes.txt"):
        (tmp_path / name).write_text("x")
    demonstration._prepare_folder(tmp_path, fresh=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [demonstration.MARKER, "notes.txt"]
    assert "seeded_on" in (tmp_path / demonstration.MARKER).read_text()


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.7", False), ("a", False)],
)
def test_the_known_password_stays_on_this_machine(host: str, here: bool) -> None:
    """Off this machine each account gets a random password of its own at every start."""
    assert is_this_machine(host) is here
    found = demonstration._passwords(host)
    assert (set(found.values()) == {LOCAL_PASSWORD}) is here
    assert here or (len(set(found.values())) == len(found) and found != demonstration._passwords(host))


def test_a_taken_port_is_stepped_over() -> None:
    """The next free port is used; an address of another machine, or only taken ports, are said with the mend."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listener = demonstration._listen("127.0.0.1", port)
        assert port < listener.getsockname()[1] < port + 20
        listener.close()
    with pytest.raises(CannotStart, match=r"not an address of this machine.*Mend"):
        demonstration._listen("203.0.113.1", 8000)


def test_a_demonstration_never_touches_a_clinic_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A database named in the environment for a real clinic is not the one that is seeded."""
    import os

    monkeypatch.setenv("INCONCERT_DATABASE", "postgresql://real/clinic")
    monkeypatch.setenv("INCONCERT_DATA_DIR", "/elsewhere")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", os.environ["DJANGO_SETTINGS_MODULE"])
    monkeypatch.setenv("INCONCERT_HOSTS", "")
    monkeypatch.setenv("INCONCERT_IDLE_MINUTES", "15")
    demonstration._set_environment("127.0.0.1", tmp_path)
    assert "INCONCERT_DATABASE" not in os.environ
    assert os.environ["INCONCERT_DATA_DIR"] == str(tmp_path)
