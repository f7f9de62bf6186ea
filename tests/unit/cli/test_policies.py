"""`inconcert policies check | diff | schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.knowledge.policies import FOLDER


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100"})
    return result.exit_code, result.stdout, result.stderr


DAY = ("--as-of", "2026-11-22")


def test_a_good_file_is_well_formed() -> None:
    """A file without an error exits with 0 and says so."""
    code, out, err = run("policies", "check", str(FOLDER / "aetna-tms.yaml"), *DAY)
    assert (code, err) == (0, "")
    assert out.endswith("aetna-tms.yaml: well formed.\n")


def test_a_folder_is_checked_whole() -> None:
    """Every file of a folder is checked; all that are carried pass."""
    code, out, err = run("policies", "check", str(FOLDER), *DAY)
    assert (code, err) == (0, "")
    assert out.count("well formed.") == 57


def test_mistakes_go_to_standard_error_with_file_and_line(tmp_path: Path) -> None:
    """A file with errors exits with 1; each error names file, line, record, and the nearest known word."""
    bad = tmp_path / "mine.yaml"
    bad.write_text(
        (FOLDER / "aetna-tms.yaml").read_text(encoding="utf-8").replace("fact: age", "fact: aeg"), encoding="utf-8"
    )
    code, out, err = run("policies", "check", str(bad), *DAY)
    assert code == 1
    assert "well formed" not in out
    assert "mine.yaml:" in err
    assert "'age'" in err
    assert "Mend:" in err


def test_findings_as_json(tmp_path: Path) -> None:
    """With --json every finding is an object with level, file, line, record, problem and mend."""
    bad = tmp_path / "mine.yaml"
    bad.write_text("id: [x", encoding="utf-8")
    code, out, _ = run("policies", "check", str(bad), "--json", *DAY)
    (found,) = json.loads(out)
    assert code == 1
    assert found["level"] == "error"
    assert {"file", "line", "record", "problem", "mend"} <= set(found)


def test_stale_readings_are_warned_of() -> None:
    """Seen from a later year, a reading of this one is stale: a warning, and no error."""
    code, out, _ = run("policies", "check", str(FOLDER / "aetna-tms.yaml"), "--as-of", "2029-01-01")
    assert code == 0
    assert "warning" in out
    assert "last read" in out


def test_the_schema_is_written() -> None:
    """The JSON Schema goes to standard output."""
    code, out, _ = run("policies", "schema")
    assert code == 0
    assert json.loads(out)["title"] == "Coverage policy of InConcert"


def test_two_policies_side_by_side() -> None:
    """The comparison says what changed, part by part, and for whom of the invented clinic the answer changes."""
    code, out, err = run("policies", "diff", "centene-ambetter-tms", "centene-nevada-tms")
    assert (code, err) == (0, "")
    assert "prohibits" in out
    assert "requires documentation" in out
    assert "people (the invented clinic)" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_comparison_as_json_and_with_a_cohort(tmp_path: Path) -> None:
    """A folder of charts is the cohort; JSON holds every change and every person whose answer differs, with the reason."""
    run("synthetic", str(tmp_path))
    code, out, _ = run(
        "policies",
        "diff",
        "cigna-tms-2016",
        "cigna-evernorth-tms",
        "--cohort",
        str(tmp_path),
        "--json",
        "--as-of",
        "2026-11-16",
    )
    found = json.loads(out)
    assert code == 0
    assert found["cohort"]["people"] >= 30
    assert {c["kind"] for c in found["changes"]} >= {"added", "removed", "changed"}
    assert found["answers_that_change"]
    assert all(p["because"] and p["before"] != p["after"] for p in found["answers_that_change"])


def test_a_draft_is_compared_with_a_carried_policy(tmp_path: Path) -> None:
    """Either side may be a file."""
    draft = tmp_path / "draft.yaml"
    draft.write_text((FOLDER / "hcsc-tms.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    code, out, _ = run("policies", "diff", "hcsc-tms", str(draft))
    assert code == 0
    assert "The two texts say the same." in out
    assert "0 of" in out


@pytest.mark.parametrize(("arguments", "code", "says"), [
    (("cigna-tms", "hcsc-tms"), 2, "cigna-tms-2016"),
    (("hcsc-tms", "hcsc-spravato", "--service", "rtms"), 2, "both speak"),
    (("hcsc-tms", "optum-uhc-tms", "--cohort", "/no/such/folder"), 1, "no/such/folder"),
    (("hcsc-tms", "optum-uhc-tms", "--as-of", "tomorrow"), 2, "YYYY-MM-DD"),
    (("hcsc-tms", "optum-uhc-tms", "--stage", "second"), 2, "stage"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused(arguments: tuple[str, ...], code: int, says: str) -> None:
    """An unknown policy, treatment, folder, day or stage ends with a sentence that names the mend."""
    got, _, err = run("policies", "diff", *arguments)
    assert (got, says in err) == (code, True), err
