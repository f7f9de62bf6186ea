"""`inconcert pas` as a payer desk runs it: a request, its check, the answer read, the inquiry; bad input refused in a line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.synthetic import write_clinic

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs/how-to/clinic-settings-example.yaml"
CHOSEN = ("--start", "2026-12-01", "--weeks", "6", "--as-of", "2026-11-16", "--settings", EXAMPLE)


def run(*arguments):
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["pas", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def people(tmp_path_factory) -> Path:
    """The invented clinic, written as FHIR once."""
    folder = tmp_path_factory.mktemp("clinic")
    write_clinic(folder)
    return folder


@pytest.fixture(scope="session")
def sent(people, tmp_path_factory) -> Path:
    """A request for the pair, written to a file."""
    file = tmp_path_factory.mktemp("sent") / "request.json"
    code, out, _ = run(
        "request",
        people / "complete-and-clean.json",
        "--service",
        "rtms",
        "--service",
        "esketamine",
        *CHOSEN,
        "--out",
        file,
    )
    assert code == 0
    assert "Ready to send" in out
    return file


def answer_to(request: Path, tmp_path: Path, display: str) -> Path:
    """An answer to a request: both items with the same action in words."""
    bundle = json.loads(request.read_text())
    claim = bundle["entry"][0]["resource"]
    base = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"
    action = {"url": base + "reviewActionCode", "valueCodeableConcept": {"coding": [{"code": "Z", "display": display}]}}
    number = {"url": "number", "valueString": "AUTH-5"}
    item = {"adjudication": [{"extension": [{"url": base + "reviewAction", "extension": [number, action]}]}]}
    response = {
        "resourceType": "ClaimResponse", "id": "r", "status": "active", "use": "preauthorization", "outcome": "complete",
        "patient": claim["patient"], "insurer": {"display": "Cigna"}, "request": {"reference": f"Claim/{claim['id']}"},
        "created": "2026-11-20", "item": [item | {"itemSequence": 1}, item | {"itemSequence": 2}],
    }  # fmt: skip
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(response))
    return file


def test_a_request_passes_its_own_check(sent):
    """What `request` writes, `check` accepts, with exit code 0."""
    code, out, _ = run("check", sent)
    assert code == 0
    assert "Every rule that we hold is kept." in out
    assert run("check", sent, "--json")[1].count('"passes": true') == 1


def test_the_report_is_readable_and_names_what_is_missing(people, tmp_path):
    """Without settings the report names each missing value in lines of at most 80, and the check ends with 1."""
    file = tmp_path / "bare.json"
    code, out, err = run(
        "request", people / "complete-and-clean.json", "--service", "rtms", "--as-of", "2026-11-16", "--out", file
    )
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "services.rtms.category" in out
    assert "Not ready to send" in out
    assert "written:" in err
    code, out, _ = run("check", file)
    assert code == 1
    assert "To be supplied by the clinic's settings" in out


def test_without_a_file_the_bundle_goes_out_and_the_report_beside_it(people):
    """Standard output holds nothing but the Bundle; what was held back is told on standard error only."""
    code, out, err = run("request", people / "substance-use.json", "--service", "rtms", *CHOSEN)
    assert code == 0
    assert json.loads(out)["resourceType"] == "Bundle"
    assert "Held back. For the clinic only" in err
    assert "substance" not in out.replace("substance-use records", "").lower()


def test_two_claims_are_two_files(people, tmp_path):
    """A drug under the pharmacy benefit is written to a file of its own."""
    settings = tmp_path / "clinic.yaml"
    settings.write_text(EXAMPLE.read_text().replace("    units: 8\n", "    units: 8\n    benefit: pharmacy\n"))
    file = tmp_path / "two.json"
    arguments = ["--service", "rtms", "--service", "esketamine", "--start", "2026-12-01", "--as-of", "2026-11-16"]
    code, out, _ = run("request", people / "complete-and-clean.json", *arguments, "--settings", settings, "--out", file)
    assert code == 0
    assert {p.name for p in tmp_path.glob("two*.json")} == {"two-rtms.json", "two-esketamine.json"}
    assert "NCPDP" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [("Approved", "approved"), ("Not certified", "denied"), ("Hm", "the payer's action as given: Hm (Z)")],
)
def test_an_answer_is_told_item_by_item(sent, tmp_path, words, told):
    """The answer is read in plain lines, and as JSON with the moves for the desk."""
    file = answer_to(sent, tmp_path, words)
    code, out, _ = run("read", file, "--for", sent)
    assert code == 0
    assert out.count(told) >= 2
    assert max(map(len, out.splitlines())) <= 80
    data = json.loads(run("read", file, "--for", sent, "--json")[1])
    assert [item["sequence"] for item in data[0]["items"]] == [1, 2]
    assert len(data[0]["moves"]) == 2


def test_an_answer_to_another_request_is_refused(people, sent, tmp_path):
    """The answer to one request, given for another, ends with 1 and says why and what to do."""
    other = tmp_path / "other.json"
    run("request", people / "cannot-wait.json", "--service", "rtms", *CHOSEN, "--out", other)
    code, _, err = run("read", answer_to(sent, tmp_path, "Approved"), "--for", other)
    assert code == 1
    assert "answer.json" in err
    assert "Mend:" in err


def test_an_inquiry_is_written_and_passes(sent, tmp_path):
    """The inquiry, with the numbers of the last answer, passes the check."""
    file = tmp_path / "inquiry.json"
    assert (
        run("inquire", sent, "--answer", answer_to(sent, tmp_path, "In review"), "--out", file, "--settings", EXAMPLE)[
            0
        ]
        == 0
    )
    assert run("check", file)[0] == 0
    assert "AUTH-5" in file.read_text()
    assert json.loads(run("inquire", sent)[1])["type"] == "collection"


def test_the_settings_template_can_be_filled_in(tmp_path, people):
    """What `settings` writes is accepted as a settings file as it stands."""
    code, out, _ = run("settings")
    assert code == 0
    file = tmp_path / "clinic.yaml"
    file.write_text(out)
    assert run("request", people / "complete-and-clean.json", "--service", "rtms", "--settings", file)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none.json", "--service", "rtms"], 1, "is not there"),
        (["{}/complete-and-clean.json", "--service", "rtsm"], 1, "no service 'rtsm'"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--payer", "cigna-tsm"], 2, "cigna"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--plan", "none"], 2, "tms_alone_10hz"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--units", "rtms:36"], 2, "service=number"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--units", "rtms=many"], 2, "service=number"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--start", "2026-02-30"], 2, "--start"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--shape", "9"], 1, "shape"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--person", "nobody"], 2, "no such person"),
        (["{}/complete-and-clean.json", "--service", "rtms", "--release", "substance_use"], 2, "wants a consent"),
        (
            ["{}/complete-and-clean.json", "--service", "rtms", "--release", "all", "--consent", "x"],
            1,
            "no kind of protected record",
        ),
        (["{}/bulk", "--service", "rtms"], 2, "people"),
        (["{}/pays-himself.json", "--service", "rtms"], 1, "No health plan"),
        (
            [
                "{}/complete-and-clean.json",
                "--service",
                "rtms",
                "--as-of",
                "2026-11-16",
                "--out",
                "no/such/folder/x.json",
            ],
            2,
            "cannot be written",
        ),
    ],
)
def test_what_cannot_be_asked_ends_in_one_line(people, arguments, code, words):
    """Bad input ends with its exit code and one message that says the mend; there is no traceback."""
    found, _, err = run("request", *[a.format(people) for a in arguments])
    assert found == code, err
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [["check", "{}"], ["read", "{}", "--for", "{}"], ["inquire", "{}"]])
def test_a_file_that_is_no_fhir_is_refused_by_name(tmp_path, command):
    """Each command that reads a Bundle refuses a broken file by its name."""
    file = tmp_path / "broken.json"
    file.write_text("{")
    code, _, err = run(*[part.format(file) for part in command])
    assert code == 1
    assert "broken.json" in err
    assert "Mend:" in err


@pytest.mark.parametrize("option", ["--clinic", "--settings"])
def test_a_settings_file_with_a_mistake_ends_in_one_line(people, tmp_path, option):
    """A mistake in the settings is told with file, line and mend, under the option's name and the one of before."""
    file = tmp_path / "clinic.yaml"
    file.write_text("clinic: {name: A}\nclinik: {}\n")
    code, out, err = run("request", people / "complete-and-clean.json", "--service", "rtms", option, file)
    assert (code, out) == (2, "")
    assert "There is no setting `clinik` here. Mend: Did you mean `clinic`?" in err
    assert "Traceback" not in err


def test_a_consent_alone_releases_nothing(people):
    """The kind in the place of the consent, as `packet` once wanted it, is refused with the option that names kinds."""
    code, _, err = run("request", people / "complete-and-clean.json", "--service", "rtms", "--consent", "substance_use")
    assert code == 2
    assert "--release substance_use" in err
