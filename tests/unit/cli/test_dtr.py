"""`inconcert dtr` in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.synthetic import write_clinic

run = CliRunner().invoke


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented people as files."""
    folder = tmp_path_factory.mktemp("people")
    write_clinic(folder)
    return folder


def test_the_empty_form_is_written_without_a_chart() -> None:
    """A policy alone gives its package, with the form and no draft."""
    done = run(app, ["dtr", "aetna-tms"])
    assert done.exit_code == 0
    entries = json.loads(done.stdout)["entry"]
    assert [e["resource"]["resourceType"] for e in entries] == ["Questionnaire"]


def test_with_a_chart_the_draft_is_beside_it_and_what_is_open_is_told(people: Path, tmp_path: Path) -> None:
    """The package goes to the file; how much was filled in, and each open question with its id, to the terminal."""
    out = tmp_path / "form.json"
    arguments = ["dtr", "optum-uhc-tms", str(people / "dose-unknown.json"), "--order", "ServiceRequest/7"]
    done = run(app, [*arguments, "--shape", "2.2.0", "--out", str(out)])
    assert done.exit_code == 0, done.output
    kinds = [e["resource"]["resourceType"] for e in json.loads(out.read_text())["entry"]]
    assert kinds == ["Questionnaire", "QuestionnaireResponse"]
    assert "answers filled in" in done.stderr
    assert "[staging.dose]" in done.stderr


def test_the_draft_alone_can_be_written(people: Path) -> None:
    """`--response` leaves the form away."""
    done = run(app, ["dtr", "aetna-tms", str(people / "complete-and-clean.json"), "--response"])
    assert json.loads(done.stdout)["resourceType"] == "QuestionnaireResponse"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["optum-tms"], "Did you mean optum-uhc-tms"),
        (["aetna-tms", "--shape", "3"], "one of 2.0.1, 2.2.0"),
        (["aetna-tms", "--response"], "go with a chart"),
        (["aetna-tms", "--service", "ect"], "Ask about one of"),
        (["aetna-tms", "--stage", "someday"], "Ask for one of"),
        (["aetna-tms", "nowhere.json"], "is not there"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_mend(arguments: list[str], said: str) -> None:
    """A wrong policy, shape, service, stage or path ends in one line."""
    done = run(app, ["dtr", *arguments])
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_several_people_need_a_choice(people: Path) -> None:
    """A folder of many people is not guessed at."""
    done = run(app, ["dtr", "aetna-tms", str(people / "bulk")])
    assert done.exit_code == 2
    assert "--person" in done.stderr
    one = run(app, ["dtr", "aetna-tms", str(people / "bulk"), "--person", "complete-and-clean", "--response"])
    assert json.loads(one.stdout)["subject"] == {"reference": "Patient/complete-and-clean"}


def test_what_is_protected_leaves_only_with_consent(people: Path) -> None:
    """Releasing a kind of record wants to know where the consent is filed."""
    chart = str(people / "substance-use.json")
    done = run(app, ["dtr", "aetna-tms", chart, "--release", "substance_use"])
    assert done.exit_code == 2
    assert "--consent" in done.stderr
    assert (
        run(app, ["dtr", "aetna-tms", chart, "--release", "substance_use", "--consent", "chart, form 7"]).exit_code == 0
    )
