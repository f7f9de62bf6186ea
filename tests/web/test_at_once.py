"""Many hands at once, against the running demonstration: nothing twice, nothing lost, no fork in the log."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from inconcert.web.demo import LOCAL_PASSWORD

# Late enough for every request of the demonstration, and never in the future.
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.gate = threading.Barrier(1)  # where several are to send in the same moment

    def get(self, path: str) -> str:
        """Open a page."""
        text: str = self.opener.open(f"{self.url}{path}", timeout=60).read().decode()
        return text

    def token(self, path: str) -> str:
        """The token of the form on a page."""
        found = re.search(
            r'<form[^>]*(?:upload-form|sign-in).*?name="csrfmiddlewaretoken" value="(\w+)"', self.get(path), re.DOTALL
        )
        assert found
        return found[1]

    def sign_in(self, who: str) -> Visitor:
        """Sign in by the form."""
        form = {"csrfmiddlewaretoken": self.token("/account/sign-in/"), "login": who, "password": LOCAL_PASSWORD}
        self.opener.open(f"{self.url}/account/sign-in/", urlencode(form).encode(), timeout=60)
        return self

    def upload(self, data: bytes, name: str) -> str:
        """Send a file; the page it ends on."""
        token, edge = self.token("/uploads/"), "----edge"
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="chart"; filename="{name}"\r\n'
            "Content-Type: application/json\r\n\r\n"
        ).encode() + data + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        request = urllib.request.Request(f"{self.url}/uploads/", body, headers)
        text: str = self.opener.open(request, timeout=120).read().decode()
        return text


def test_the_same_file_sent_by_many_at_once_is_kept_once(demo: Any, bundles: dict[str, Any]) -> None:
    """Eight people send the same file in the same moment: one upload, one patient, and all see its account."""
    text = json.dumps(next(iter(bundles.values()))).replace(next(iter(bundles)), "at-once")
    data = re.sub(r'"family": "[^"]*"', '"family": "Allatonce"', text).encode()
    visitors = [Visitor(demo.url).sign_in(who) for who in ("nurse", "psychiatrist", "authorization", "nurse") * 2]
    with ThreadPoolExecutor(len(visitors)) as pool:
        pages = list(pool.map(lambda visitor: visitor.upload(data, "at-once.json"), visitors))
    assert all("What became of at-once.json" in page for page in pages)
    assert sum("given before" in page for page in pages) == len(pages) - 1
    with sqlite3.connect(f"file:{demo.folder / 'inconcert.sqlite3'}?mode=ro", uri=True) as base:
        assert base.execute("SELECT count(*) FROM web_chartupload WHERE file_name = 'at-once.json'").fetchone() == (1,)
        assert base.execute("SELECT count(*) FROM web_patient WHERE family = 'Allatonce'").fetchone() == (1,)


def written(visitor: Visitor, path: str, entry_id: str) -> int:
    """Send the note form of a request as it was seen a moment ago; the status of the answer."""
    page = visitor.get(path)
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    form = {"csrfmiddlewaretoken": token, "entry_id": entry_id or str(uuid.uuid4()), "seen": seen[1],
            "happened_on": YESTERDAY, "fact-text": "At the same moment."}  # fmt: skip
    visitor.gate.wait()
    try:
        return int(visitor.opener.open(f"{visitor.url}{path}", urlencode(form).encode(), timeout=60).status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("same_form", [True, False])
def test_many_who_write_at_once_on_one_request_write_once(demo: Any, same_form: bool) -> None:
    """One form sent eight times is one entry and one answer; of eight forms from the same page one is written, the others are told."""
    database = f"file:{demo.folder / 'inconcert.sqlite3'}?mode=ro"
    with sqlite3.connect(database, uri=True) as base:
        request = base.execute(
            "SELECT a.public_id, a.id FROM web_authorization a JOIN web_patient p ON p.id = a.patient_id WHERE p.family = 'Inkwell'"
        ).fetchone()
        count = "SELECT count(*), count(DISTINCT previous_hash) FROM web_authorizationentry WHERE authorization_id = ?"
        before = base.execute(count, [request[1]]).fetchone()[0]
    visitors = [Visitor(demo.url).sign_in(who) for who in ("authorization", "psychiatrist") * 4]
    gate = threading.Barrier(len(visitors))
    for visitor in visitors:
        visitor.gate = gate
    path, entry_id = f"/desk/{uuid.UUID(request[0])}/do/note/", str(uuid.uuid4()) if same_form else ""
    with ThreadPoolExecutor(len(visitors)) as pool:
        codes = list(pool.map(lambda visitor: written(visitor, path, entry_id), visitors))
    assert sorted(codes) == ([200] * 8 if same_form else [200] + [400] * 7)
    with sqlite3.connect(database, uri=True) as base:
        after, links = base.execute(count, [request[1]]).fetchone()
    assert after == before + 1
    assert links == after


def test_the_log_has_every_view_in_one_unbroken_chain(demo: Any) -> None:
    """Sixty pages opened by six people at once: sixty events more, numbered without a gap, each naming the one before."""
    visitors = [Visitor(demo.url).sign_in("nurse") for _ in range(6)]
    database = f"file:{demo.folder / 'inconcert.sqlite3'}?mode=ro"
    with sqlite3.connect(database, uri=True) as base:
        before = base.execute("SELECT count(*) FROM web_accessevent WHERE action = 'list patients'").fetchone()[0]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda visitor: [visitor.get("/patients/") for _ in range(10)], visitors))
    with sqlite3.connect(database, uri=True) as base:
        after = base.execute("SELECT count(*) FROM web_accessevent WHERE action = 'list patients'").fetchone()[0]
        rows = base.execute("SELECT sequence, previous_hash, hash FROM web_accessevent ORDER BY sequence").fetchall()
    assert after - before == 60
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert all(later[1] == earlier[2] for earlier, later in pairwise(rows))
