"""A file comes in: nothing lost, nobody merged unasked, and the account always adds up."""

from __future__ import annotations

import copy
import hashlib
import json
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inconcert.web import charts
from inconcert.web.models import ChartPart, ChartUpload, Patient, RawResource

AsFile = Callable[[dict[str, Any]], bytes]


def give(client: Client, data: bytes, name: str = "chart.json", kind: str = "application/json") -> Any:
    """Upload a file as a browser does, and follow to the page it leads to."""
    return client.post(reverse("uploads"), {"chart": SimpleUploadedFile(name, data, kind)}, follow=True)


@pytest.fixture
def third(bundles: dict[str, Any]) -> dict[str, Any]:
    """Somebody neither clinic has seen."""
    return copy.deepcopy(list(bundles.values())[2])


def test_a_good_file_becomes_a_patient_with_an_account(town: Any, third: dict[str, Any], as_file: AsFile) -> None:
    """The person is there, the file is kept byte for byte, and resources in = used + kept + refused."""
    data = as_file(third)
    page = give(town.client("nurse"), data)
    upload = ChartUpload.objects.defer("content").get(clinic=town.here, sha256=hashlib.sha256(data).hexdigest())
    account = upload.account
    assert page.status_code == 200
    assert upload.status == "read"
    assert charts.original(upload) == data
    assert account["resources"] == len(third["entry"])
    assert account["resources"] == account["used"] + account["kept_not_used"] + account["refused_count"]
    assert upload.resources.count() == account["resources"]
    assert upload.parts.get().patient.invented


def test_the_same_file_twice_is_noticed(town: Any, third: dict[str, Any], as_file: AsFile) -> None:
    """The second time nothing is added, and the page says so."""
    client = town.client("nurse")
    give(client, as_file(third))
    before = (ChartUpload.objects.count(), Patient.objects.count(), RawResource.objects.count())
    page = give(client, as_file(third), name="other-name.json")
    assert "given before" in page.content.decode()
    assert (ChartUpload.objects.count(), Patient.objects.count(), RawResource.objects.count()) == before


def test_the_same_file_in_another_clinic_is_theirs_alone(town: Any, third: dict[str, Any], as_file: AsFile) -> None:
    """A file another clinic has is new to us: it does not even show that they have it."""
    give(town.client("nurse"), as_file(third))
    page = give(town.client("outsider"), as_file(third))
    assert "given before" not in page.content.decode()
    assert Patient.objects.filter(clinic=town.elsewhere).count() == 2


def test_somebody_we_may_know_waits_for_a_human(town: Any, some_bundle: dict[str, Any], as_file: AsFile) -> None:
    """A changed file of a known person makes no patient and adds to no chart until somebody says who it is."""
    newer = copy.deepcopy(some_bundle)
    newer["timestamp"] = "2026-11-01T00:00:00Z"
    before = Patient.objects.filter(clinic=town.here).count()
    page = give(town.client("nurse"), as_file(newer), name="newer.json")
    part = ChartPart.objects.get(upload__file_name="newer.json")
    assert part.patient is None
    assert part.candidate == town.patient
    assert Patient.objects.filter(clinic=town.here).count() == before
    assert "Is it the same person?" in page.content.decode()


@pytest.mark.parametrize(("decision", "added"), [("same", 0), ("new", 1)])
def test_a_human_says_who_it_is(
    town: Any, some_bundle: dict[str, Any], as_file: AsFile, decision: str, added: int
) -> None:
    """`same` adds the file to the chart, `new` makes a patient; who said so, and when, is kept."""
    newer = {**some_bundle, "timestamp": "2026-11-01T00:00:00Z"}
    client, before = town.client("nurse"), Patient.objects.filter(clinic=town.here).count()
    give(client, as_file(newer), name="newer.json")
    part = ChartPart.objects.get(upload__file_name="newer.json")
    url = reverse("upload_match", args=[part.upload.public_id, part.pk])
    client.post(url, {"decision": decision, "candidate": str(town.patient.public_id)})
    part.refresh_from_db()
    assert Patient.objects.filter(clinic=town.here).count() == before + added
    assert (part.patient == town.patient) is (decision == "same")
    assert part.decided_by == "nurse"
    assert part.decided_at is not None
    assert part.upload.status == "read"


@pytest.mark.parametrize("form", [{}, {"decision": "maybe"}, {"decision": "same", "candidate": "somebody-else"}])
def test_a_form_about_another_patient_changes_nothing(
    town: Any, some_bundle: dict[str, Any], as_file: AsFile, form: dict[str, str]
) -> None:
    """A form that names another patient than the page did, or no decision, is refused with its reason."""
    client = town.client("nurse")
    give(client, as_file({**some_bundle, "timestamp": "2026-11-01T00:00:00Z"}), name="newer.json")
    part = ChartPart.objects.get(upload__file_name="newer.json")
    page = client.post(reverse("upload_match", args=[part.upload.public_id, part.pk]), form, follow=True)
    part.refresh_from_db()
    assert part.patient is None
    assert "Mend" in page.content.decode()


def test_a_decision_is_made_once(town: Any, some_bundle: dict[str, Any], as_file: AsFile) -> None:
    """A second answer, from another tab or a double click, changes nothing and says so."""
    client = town.client("nurse")
    give(client, as_file({**some_bundle, "timestamp": "2026-11-01T00:00:00Z"}), name="newer.json")
    part = ChartPart.objects.get(upload__file_name="newer.json")
    url = reverse("upload_match", args=[part.upload.public_id, part.pk])
    client.post(url, {"decision": "same", "candidate": str(town.patient.public_id)})
    before = Patient.objects.count()
    page = client.post(url, {"decision": "new", "candidate": str(town.patient.public_id)}, follow=True)
    assert "already placed" in page.content.decode()
    assert Patient.objects.count() == before


BAD = {
    "empty": b"",
    "not json": b"hello",
    "truncated": b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Pat',
    "not fhir": b'{"a": 1}',
    "no patient": b'{"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": "x"}}',
    "deep": b"[" * 100_000,
    "binary": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_kept_and_answered_with_its_mend(town: Any, name: str) -> None:
    """Each bad file gets a page that says what is wrong and what would mend it; the bytes are kept, nobody is made."""
    before = Patient.objects.count()
    page = give(town.client("nurse"), BAD[name], name=f"{name}.json")
    assert page.status_code == 200, name
    text = page.content.decode()
    assert "Mend" in text
    upload = ChartUpload.objects.get(file_name=f"{name}.json")
    assert upload.status == "refused"
    assert zlib.decompress(bytes(upload.content)) == BAD[name]
    assert Patient.objects.count() == before


@pytest.mark.parametrize(
    ("data", "kind", "name"),
    [
        (b"<?xml version='1.0'?><Patient/>", "application/fhir+xml", "p.xml"),
        (b"\xef\xbb\xbf  <Patient/>", "application/json", "p.json"),
        (b"{}", "text/xml", "p.json"),
        (b"PK\x03\x04zip", "application/zip", "p.zip"),
        (b"\x1f\x8bgzip", "application/gzip", "p.gz"),
    ],
)
def test_xml_and_archives_are_not_taken(town: Any, data: bytes, kind: str, name: str) -> None:
    """What is not JSON by its looks is answered with 415 and never parsed."""
    before = ChartUpload.objects.count()
    assert give(town.client("nurse"), data, name, kind).status_code == 415
    assert ChartUpload.objects.count() == before


def test_a_file_too_large_is_refused_before_it_is_read(town: Any, settings: Any) -> None:
    """Beyond the limit the answer is 413, says the limit, and nothing is kept."""
    settings.UPLOAD_BYTES_MAX = 200_000
    page = give(town.client("nurse"), b"[" + b" " * 400_000 + b"]")
    assert page.status_code == 413
    assert "too large" in page.content.decode()


def test_no_file_chosen_says_so(town: Any) -> None:
    """An empty form is answered with what to do."""
    page = town.client("nurse").post(reverse("uploads"), {})
    assert page.status_code == 400
    assert "Mend: choose a file first" in page.content.decode()


def test_a_file_name_is_shown_and_never_used_as_a_path(
    town: Any, third: dict[str, Any], as_file: AsFile, tmp_path: Path
) -> None:
    """A name with folders, markup or control characters makes no file and no markup."""
    name = "../../etc/<script>alert(1)</script>\x00\n.json"
    page = give(town.client("nurse"), as_file(third), name=name).content.decode()
    assert "<script>alert(1)" not in page
    assert not list(tmp_path.iterdir())
    download = town.client("nurse").get(reverse("upload_original", args=[ChartUpload.objects.latest("pk").public_id]))
    assert download["Content-Disposition"].startswith('attachment; filename="upload-')


def test_a_hostile_name_in_the_chart_is_shown_as_text(town: Any, third: dict[str, Any], as_file: AsFile) -> None:
    """Markup in a person's name is text on every page that shows it."""
    patient = next(e["resource"] for e in third["entry"] if e["resource"]["resourceType"] == "Patient")
    patient["name"] = [{"family": "<img src=x onerror=alert(1)>", "given": ["{{7*7}}\u202e"]}]
    client = town.client("psychiatrist")
    pages = [give(client, as_file(third)).content.decode(), client.get(reverse("patients")).content.decode()]
    made = Patient.objects.latest("pk")
    pages.append(client.get(reverse("patient", args=[made.public_id])).content.decode())
    assert all("<img src=x" not in page for page in pages)
    assert all("&lt;IMG SRC=X" in page or "&lt;img src=x" in page for page in pages)


def test_a_fault_of_the_reader_loses_no_file(
    town: Any, third: dict[str, Any], as_file: AsFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where reading itself breaks, the file is kept, the page says so, and the log repeats no value of the record."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("born 1984-03-15, takes sertraline")

    monkeypatch.setattr(charts, "read_bytes", broken)
    page = give(town.client("nurse"), as_file(third), name="fault.json")
    assert "fault of this program" in page.content.decode()
    assert "sertraline" not in page.content.decode()
    assert ChartUpload.objects.get(file_name="fault.json").status == "refused"


def test_several_people_in_one_file_become_several_patients(
    town: Any, bundles: dict[str, Any], as_file: AsFile, today: date
) -> None:
    """A bulk file gives each person their own chart; each raw record has its owner."""
    people = list(bundles.values())[3:6]
    lines = "\n".join(json.dumps(e["resource"]) for b in people for e in b["entry"]).encode()
    received = charts.receive(town.here, name="bulk.ndjson", data=lines, by="x", on=today)
    parts = list(received.upload.parts.all())
    assert len(parts) == 3
    assert all(part.patient for part in parts)
    owners = set(received.upload.resources.values_list("owner", flat=True))
    assert {part.person_id for part in parts} <= owners
    assert "?" not in owners


def test_two_files_of_one_person_are_read_as_one_chart(town: Any, some_bundle: dict[str, Any], today: date) -> None:
    """After a human said it is the same person, facts of both files stand in one chart, each once."""
    from inconcert.exchange.fhir import read_bytes

    first = read_bytes(json.dumps(some_bundle).encode(), "a", as_of=today).people[0]
    fewer = {**some_bundle, "entry": some_bundle["entry"][:3]}
    second = read_bytes(json.dumps(fewer).encode(), "b", as_of=today).people[0]
    both = charts.combine([second, first])
    assert {f.id for f in both.facts()} == {f.id for f in first.facts()} | {f.id for f in second.facts()}
    assert len({f.id for f in both.facts()}) == sum(1 for _ in both.facts())
    assert charts.combine([first, second]).name == first.name
