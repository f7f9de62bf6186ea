"""`inconcert packet` as a person runs it: files written, clear refusals, and nothing of the clinic's sheet on its output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.cli import packet as command
from inconcert.exchange.clinic import clinic_schema
from inconcert.exchange.packet import packet_schema
from inconcert.synthetic import write_clinic

AS_OF = ("--as-of", "2026-11-16")


def run(*arguments: object) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["packet", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented clinic, written as FHIR once."""
    folder = tmp_path_factory.mktemp("clinic")
    write_clinic(folder)
    return folder


@pytest.fixture(scope="module")
def one(people: Path) -> Path:
    """The file of one invented person."""
    return people / "complete-and-clean.json"


def test_four_files_are_written_and_three_may_be_sent(one: Path, tmp_path: Path) -> None:
    """PDF, text and JSON for the payer, a sheet for the clinic; the output says which is not to be sent."""
    code, out, err = run(one, "--service", "rtms", "--service", "esketamine", *AS_OF, "--out", tmp_path / "o")
    assert code == 0
    assert {p.name for p in (tmp_path / "o").iterdir()} == {
        "packet.pdf",
        "packet.txt",
        "packet.json",
        "FOR-THE-CLINIC.txt",
    }
    assert "esketamine: met (5 of 5 criteria met)" in out
    assert "FOR-THE-CLINIC" not in out
    assert "not to be sent" in err
    assert "10 blanks to fill" in err
    assert json.loads((tmp_path / "o/packet.json").read_text(encoding="utf-8"))["kind"] == "necessity"


def test_what_is_not_met_is_said_at_once(people: Path, tmp_path: Path) -> None:
    """A packet whose policy is not met is written all the same, and the command says so plainly."""
    code, out, err = run(people / "one-trial-short-attested.json", "--service", "rtms", *AS_OF, "--out", tmp_path)
    assert code == 0
    assert "NOT MET" in out
    assert "The packet claims nothing that is not met." in err


def test_an_appeal_takes_the_notice_from_options_or_from_a_file(one: Path, tmp_path: Path) -> None:
    """Options and file give the same letter; an option stands before the file."""
    notice = tmp_path / "notice.yaml"
    notice.write_text("criterion: age\nreason: too young\ndate: '2026-11-02'\nreference: A-17\n", encoding="utf-8")
    common = (one, "--service", "rtms", "--kind", "appeal", *AS_OF)
    by_option = (
        "--denied-for",
        "age",
        "--denial-reason",
        "too young",
        "--denial-date",
        "2026-11-02",
        "--denial-reference",
        "A-17",
    )
    assert run(*common, "--denial", notice, "--out", tmp_path / "a")[0] == 0
    assert run(*common, *by_option, "--out", tmp_path / "b")[0] == 0
    assert (tmp_path / "a/packet.txt").read_bytes() == (tmp_path / "b/packet.txt").read_bytes()
    assert run(*common, "--denial", notice, "--denial-reference", "B-18", "--out", tmp_path / "c")[0] == 0
    assert "reference B-18" in (tmp_path / "c/packet.txt").read_text(encoding="utf-8")


WRONG = (
    (("--service", "rtmz"), 2, "did you mean rtms"),
    (("--service", "rtms", "--payer", "cigna-evernort-tms"), 2, "did you mean cigna-evernorth-tms"),
    (("--service", "rtms", "--stage", "intial"), 2, "did you mean initial"),
    (("--service", "rtms", "--kind", "letter"), 2, "kind of packet"),
    (("--service", "rtms", "--kind", "appeal"), 1, "needs the criterion"),
    (("--service", "rtms", "--kind", "appeal", "--denied-for", "trials"), 2, "did you mean"),
    (("--service", "rtms", "--denied-for", "age"), 2, "this is no appeal"),
    (
        ("--service", "rtms", "--kind", "appeal", "--denied-for", "age", "--denial-date", "2026-02-30"),
        2,
        "--denial-date",
    ),
    (("--service", "rtms", "--release", "everything", "--consent", "tab 4"), 2, "no kind of protected record"),
    (("--service", "rtms", "--release", "substance_use"), 2, "where the signed consent is filed"),
    (("--service", "rtms", "--release", "substance_use", "--consent", " "), 2, "where the signed consent is filed"),
    (("--service", "rtms", "--consent", "substance_use"), 2, "--release substance_use"),
    (("--service", "iv_ketamine"), 1, "No policy for ketamine by infusion"),
    (("--service", "rtms", "--clinic", "no-such-file.yaml"), 2, "cannot be read"),
    (("--service", "rtms", "--denial", "no-such-file.yaml", "--kind", "appeal"), 2, "cannot be read"),
    (("--service", "rtms", "--person", "nobody"), 2, "holds no person"),
    ((), 2, "name the record, --service and --out"),
)


@pytest.mark.parametrize(
    ("arguments", "code", "why"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_what_cannot_be_done_is_refused_with_its_mend(
    one: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, why: str
) -> None:
    """Each mistake ends in one sentence that says what would mend it, and nothing is written."""
    found, out, err = run(one, *arguments, *AS_OF, "--out", tmp_path / "o")
    assert found == code, err
    assert why in err
    assert "Mend:" in err
    assert out == ""
    assert not (tmp_path / "o").exists()


def test_a_record_of_many_people_needs_a_name(people: Path, tmp_path: Path) -> None:
    """A bulk folder is refused without --person; with it that person's packet lies in a folder of their own."""
    code, _, err = run(people / "bulk", "--service", "rtms", *AS_OF, "--out", tmp_path / "o")
    assert (code, "a packet is about one" in err) == (2, True)
    asked = ("--service", "rtms", "--person", "complete-and-clean", *AS_OF, "--out", tmp_path / "o")
    assert run(people / "bulk", *asked)[0] == 0
    assert (tmp_path / "o/complete-and-clean/packet.pdf").exists()


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    """JSON that is not FHIR ends in the reader's own words."""
    path = tmp_path / "x.json"
    path.write_text('{"a": 1}', encoding="utf-8")
    code, _, err = run(path, "--service", "rtms", *AS_OF, "--out", tmp_path / "o")
    assert (code, "not FHIR" in err) == (1, True)


def test_the_schemas_are_written() -> None:
    """--schema and --clinic-schema write what the files are checked against."""
    assert json.loads(run("--schema")[1]) == json.loads(json.dumps(packet_schema()))
    assert json.loads(run("--clinic-schema")[1]) == json.loads(json.dumps(clinic_schema()))


def test_progress_is_told_only_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick work says nothing; once two seconds have passed each step is named, on a terminal only."""
    said: list[str] = []
    now = [0.0]
    monkeypatch.setattr(command, "warn", said.append)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    progress = command.Progress(clock=lambda: now[0])
    progress("reading")
    now[0] = 2.5
    progress("printing")
    assert said == ["printing ..."]


def test_what_stands_on_a_contact_named_by_its_full_url_is_held_back(one: Path, tmp_path: Path) -> None:
    """An order that names a labeled contact by the entry's `fullUrl` stays in the clinic; its drug stands in no paper for the payer."""
    bundle = json.loads(one.read_text(encoding="utf-8"))
    subject = next(e["resource"]["subject"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Condition")
    address = "https://ehr.example/contacts/7"
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "ETH"}]}
    visit = {
        "resourceType": "Encounter",
        "id": "v",
        "meta": label,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": subject,
    }
    order = {
        "resourceType": "MedicationRequest", "id": "canary", "status": "completed", "intent": "order", "subject": subject,
        "medicationCodeableConcept": {"text": "mirtazapine 30 MG"}, "authoredOn": "2026-06-01", "encounter": {"reference": address},
    }  # fmt: skip
    bundle["entry"] += [{"fullUrl": address, "resource": visit}, {"resource": order}]
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert run(path, "--service", "rtms", *AS_OF, "--out", tmp_path / "o")[0] == 0
    assert "MedicationRequest/canary" in (tmp_path / "o/FOR-THE-CLINIC.txt").read_text(encoding="utf-8")
    for name in ("packet.txt", "packet.json"):
        said = (tmp_path / "o" / name).read_text(encoding="utf-8")
        assert "canary" not in said
        assert "irtazapine" not in said
