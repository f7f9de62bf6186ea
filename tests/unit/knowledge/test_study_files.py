"""A reader's own studies: read with every mistake named, kept in a folder, refused where they are there already."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from inconcert.knowledge.loader import ROOT
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import FOLDER, study_tables
from inconcert.knowledge.study_files import read_parts
from inconcert.knowledge.study_store import TEMPLATE, CheckedStudies, add_study, check_studies, load_studies

DAY = date(2026, 11, 22)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A study file that a test may spoil: the template."""
    path = tmp_path / "mine.yaml"
    shutil.copy(TEMPLATE, path)
    return path


def spoiled(path: Path, old: str, new: str) -> CheckedStudies:
    """The file with one change, checked."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_studies(path, as_of=DAY)


def test_the_template_has_no_mistake(mine: Path) -> None:
    """What is given to be filled in would pass as it stands."""
    checked = check_studies(mine, as_of=DAY)
    assert [str(finding) for finding in checked.findings] == []
    assert checked.ids == ("EXAMPLE2026",)


def test_every_row_of_ours_has_a_line() -> None:
    """The check of our own tables knows where each row stands."""
    checked = check_studies(None, as_of=DAY)
    assert checked.parts.findings == []
    lines = (FOLDER / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    file, line = checked.parts.where["SHANOK2024/comb/PHQ9/63/response"]
    assert file == "outcomes.csv"
    assert lines[(line or 0) - 1].startswith("SHANOK2024,comb,PHQ9,63,baseline,response")


@pytest.mark.parametrize(
    ("old", "new", "row", "said"),
    [
        ("value: 0.5, n: 38", "value: high, n: 38", "EXAMPLE2026", "Expected `float`"),
        ("events: 19", "events: 39", "EXAMPLE2026/both/MADRS/28/response", "39 of 38"),
        ("year: 2026", "year: 2026\n  yaer: 2026", "EXAMPLE2026", "yaer"),
        ("contrasts:\n", "contrast:\n", "mine.yaml", "no section 'contrast'"),
        ("study:\n", "stuby:\n", "mine.yaml", "no `study`"),
        ("study_id: EXAMPLE2026", "study_id: ../EXAMPLE", "../EXAMPLE", "cannot be a study_id"),
        ("study_id: EXAMPLE2026", "study_id: SHANOK2024", "SHANOK2024", "in the tables already"),
        ("registry_id: NCT00000000", "registry_id: nct01627782", "EXAMPLE2026", "that of SINGH2016 too"),
        ("doi: 10.0000/example.2026", "doi: 10.1136/bmj-2021-067194", "EXAMPLE2026", "that of ABBAR2022 too"),
        ("registry_id: NCT00000000", 'pmid: 27056608', "EXAMPLE2026", "that of SINGH2016 too"),
        ("components: dtms_h1+ketamine_iv", "components: dtms_h1+ketamine", "EXAMPLE2026/both", "'ketamine'"),
        ("arm_id: tms", "arm_id: both", "EXAMPLE2026/both", "stands twice"),
        ("  status: read\narms:", "  status: [read\narms:", "mine.yaml", "Not readable as YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(mine: Path, old: str, new: str, row: str, said: str) -> None:
    """Each mistake of a study file is an error that names row and line, and nothing is raised."""
    errors = [finding for finding in spoiled(mine, old, new).errors if said in finding.problem]
    assert errors
    assert errors[0].row_id == row
    assert errors[0].file == "mine.yaml"
    assert errors[0].line is not None or row == "mine.yaml"


def test_a_study_is_kept_and_read_again(mine: Path, tmp_path: Path) -> None:
    """What was added stands in the merged tables as it was written, and ours is unchanged."""
    checked = check_studies(mine, as_of=DAY)
    (written,) = add_study(checked, tmp_path / "folder")
    assert written.name == "EXAMPLE2026.yaml"
    merged = load_studies(tmp_path / "folder")
    assert merged.studies["EXAMPLE2026"] == checked.tables.studies["EXAMPLE2026"]
    assert merged.arms_of("EXAMPLE2026") == checked.tables.arms_of("EXAMPLE2026")
    rows = {name: row for name, row in merged.outcomes.items() if row.study_id == "EXAMPLE2026"}
    assert rows == {name: row for name, row in checked.tables.outcomes.items() if row.study_id == "EXAMPLE2026"}
    assert set(study_tables().studies) == set(merged.studies) - {"EXAMPLE2026"}


def test_the_same_study_is_not_added_twice(mine: Path, tmp_path: Path) -> None:
    """Neither under its own id nor under another with the same registration."""
    folder = tmp_path / "folder"
    add_study(check_studies(mine, as_of=DAY), folder)
    again = check_studies(mine, as_of=DAY, beside=folder)
    assert "in the tables already" in again.errors[0].problem
    with pytest.raises(KnowledgeError, match="in the tables already"):
        add_study(again, folder)
    mine.write_text(mine.read_text(encoding="utf-8").replace("EXAMPLE2026", "OTHER2026"), encoding="utf-8")
    other = check_studies(mine, as_of=DAY, beside=folder)
    assert {finding.rule for finding in other.errors} == {"same_identifier"}
    with pytest.raises(KnowledgeError, match="there already"):
        add_study(check_studies(mine, as_of=DAY), _with_file(folder, "OTHER2026.yaml"))


def _with_file(folder: Path, name: str) -> Path:
    (folder / name).write_text("kept\n", encoding="utf-8")
    return folder


def test_the_installed_package_is_never_written(mine: Path) -> None:
    """A folder of ours is refused, also by another way to it."""
    checked = check_studies(mine, as_of=DAY)
    for folder in (ROOT / "files" / "studies", ROOT / "files" / "studies" / ".." / "studies" / "new"):
        with pytest.raises(KnowledgeError, match="belongs to InConcert"):
            add_study(checked, folder)
    assert not (ROOT / "files" / "studies" / "new").exists()


def test_a_folder_of_csv_tables(tmp_path: Path) -> None:
    """The CSV form holds several studies; a wrong cell is named with its line, and the other rows are still read."""
    (tmp_path / "studies.csv").write_text(
        "study_id,first_author,year,design,status\nA2025,A,2025,rct,read\nB2025,B,2025,good,read\n", encoding="utf-8"
    )
    (tmp_path / "arms.csv").write_text(
        "study_id,arm_id,label,components,n_randomised,status\nA2025,k,ketamine,ketamine_iv,20,read\n"
        "A2025,s,saline,saline,nan,read\nA2025,s,saline,saline,20,read\n",
        encoding="utf-8",
    )
    (tmp_path / "outcomes.csv").write_text(
        "study_id,arm_id,measure,timepoint_days,time_origin,kind,value,status\n"
        "A2025,k,MADRS,1,baseline,change,nan,read\nA2025,k,MADRS,7,baseline,change,-inf,read\n",
        encoding="utf-8",
    )
    checked = check_studies(tmp_path, as_of=DAY)
    found = {(finding.file, finding.line) for finding in checked.errors}
    assert {("studies.csv", 3), ("arms.csv", 3), ("outcomes.csv", 2), ("outcomes.csv", 3)} <= found
    assert checked.ids == ("A2025",)
    with pytest.raises(KnowledgeError, match=r"studies\.csv:3"):
        load_studies(tmp_path)


def test_several_studies_of_a_folder_are_kept_one_file_each(tmp_path: Path) -> None:
    """A component of one's own goes with the study that uses it."""
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "studies.csv").write_text(
        "study_id,first_author,year,design,status\nA2025,A,2025,rct,read\nB2025,B,2025,rct,read\n", encoding="utf-8"
    )
    (folder / "components.csv").write_text("component,meaning,family\ntdcs,direct current,other\n", encoding="utf-8")
    (folder / "arms.csv").write_text(
        "study_id,arm_id,label,components,status\nA2025,t,direct current,tdcs,read\nA2025,s,saline,saline,read\n"
        "B2025,k,ketamine,ketamine_iv,read\nB2025,s,saline,saline,read\n",
        encoding="utf-8",
    )
    checked = check_studies(folder, as_of=DAY)
    assert checked.findings == ()
    written = add_study(checked, tmp_path / "kept")
    assert [path.name for path in written] == ["A2025.yaml", "B2025.yaml"]
    assert "tdcs" in load_studies(tmp_path / "kept").components
    assert "tdcs" not in written[1].read_text(encoding="utf-8")


def test_nothing_there_is_said(tmp_path: Path) -> None:
    """A missing path and an empty folder are errors, not an empty answer."""
    assert "no such file" in read_parts(tmp_path / "nowhere").findings[0].problem
    assert "holds no study" in read_parts(tmp_path).findings[0].problem


def test_text_that_looks_like_something_else_comes_back(mine: Path, tmp_path: Path) -> None:
    """Words that YAML would take for numbers, times or truth survive being kept."""
    checked = spoiled(
        mine, "population: TRD", "population: '12:30'\n  country: 'NO'\n  risk_of_bias: '017'\n  notes: 'a: *b &c'"
    )
    assert checked.errors == ()
    add_study(checked, tmp_path / "folder")
    study = load_studies(tmp_path / "folder").studies["EXAMPLE2026"]
    assert (study.population, study.country, study.risk_of_bias, study.notes) == ("12:30", "NO", "017", "a: *b &c")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("study_id;first_author;year;design;status", "parted by semicolons"),
        ("study_id,first_author,yaer,design,status", "no column 'yaer'. The nearest is 'year'"),
        ("study_id,year,year,design,status", "'year' stands twice"),
    ],
)
def test_a_wrong_first_line_is_told_once(tmp_path: Path, header: str, said: str) -> None:
    """A table whose columns are not ours is one error, not one for every row."""
    (tmp_path / "studies.csv").write_text(f"{header}\na,b,c,d,e\na,b,c,d,e\n", encoding="utf-8")
    (found,) = check_studies(tmp_path, as_of=DAY).errors
    assert said in found.problem
    assert found.line == 1
