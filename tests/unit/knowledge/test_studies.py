"""The study tables: whole, consistent, corrected where they were wrong, and refused where a row cannot be."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from inconcert.judgement import Reading
from inconcert.knowledge import studies
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import StudyTables, study_tables


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tables that a test may spoil."""
    shutil.copytree(studies.FOLDER, tmp_path / "studies")
    monkeypatch.setattr(studies, "FOLDER", tmp_path / "studies")
    return tmp_path / "studies"


def read_again() -> StudyTables:
    """The tables of the folder, past the cache."""
    return study_tables.__wrapped__()


def test_a_blank_is_not_seen_and_never_zero() -> None:
    """An empty cell reads as None."""
    assert study_tables().outcomes["PHILLIPS2019/ket6/MADRS/14/response"].n is None
    assert study_tables().outcomes["ZARATE2006/sal/HAMD21/1/response"].events == 0


def test_counts_rates_and_people_agree_in_every_row() -> None:
    """Events over people is the rate of the row, and nobody is counted who was not randomized."""
    tables = study_tables()
    for row_id, row in tables.outcomes.items():
        if row.events is not None and row.n is not None:
            assert row.events / row.n == pytest.approx(row.value, abs=0.005), row_id
        arm = tables.arms[row.study_id, row.arm_id]
        if row.n is not None and arm.n_randomised is not None:
            assert row.n <= arm.n_randomised, row_id


def test_arms_of_a_randomized_trial_add_up() -> None:
    """Where every arm's size is known, the arms of a parallel trial make the trial (an enriched one randomizes fewer)."""
    tables = study_tables()
    for study in tables.studies.values():
        sizes = [arm.n_randomised for arm in tables.arms_of(study.study_id)]
        known = [size for size in sizes if size is not None]
        if study.design == "rct" and len(known) == len(sizes) and study.n_total is not None:
            assert sum(known) == study.n_total, study.study_id


def test_intervals_hold_their_estimates() -> None:
    """Every printed interval holds its estimate, and ratios lie in the middle of theirs on the log scale."""
    tables = study_tables()
    rows = [(r.row_id, r.effect, r.estimate, r.ci_low, r.ci_high) for r in tables.pooled.values()]
    rows += [(c.study_id, c.effect, c.estimate, c.ci_low, c.ci_high) for c in tables.contrasts]
    for name, effect, estimate, low, high in rows:
        if estimate is not None and low is not None and high is not None:
            assert low <= estimate <= high, name
            if effect in ("OR", "RR", "HR"):
                assert (low * high) ** 0.5 == pytest.approx(estimate, rel=0.04), name


def test_each_correction_was_made() -> None:
    """Every row that the list of corrections names holds the corrected cell, and says so where it has a note."""
    tables = study_tables()
    named: dict[str, Any] = {row.row_id: row for row in tables.contrasts}
    named |= {
        **tables.pooled,
        **tables.outcomes,
        **{f"{study}/{arm}": row for (study, arm), row in tables.arms.items()},
    }
    for correction in tables.corrections:
        for name in correction.rows:
            row = named[name]
            now = getattr(row, correction.field)
            assert str("" if now is None else now) in (correction.now, *correction.now.split(" and ")), name
            assert row.notes, name


def test_what_the_tables_were_carried_from_is_otherwise_unchanged(shared: Path) -> None:
    """Apart from the corrections listed, every figure and every mark is that of the facts they came from."""
    tables = study_tables()
    changed = {name for correction in tables.corrections for name in correction.rows}
    with (shared / "facts" / "evidence" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        for old in csv.DictReader(file):
            day = f"{float(old['timepoint_days']):g}" if old["timepoint_days"] else "-"
            name = f"{old['study_id']}/{old['arm_id']}/{old['measure']}/{day}/{old['kind']}"
            if {name, f"{name}_any"} & changed:
                continue
            new = tables.outcomes[name]
            assert (new.value, new.status.value) == (float(old["value"]), old["status"])
            assert ("" if new.n is None else str(new.n), "" if new.events is None else str(new.events)) == (
                old["n"],
                old["events"],
            )


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("outcomes.csv", "response,0.803,,,66,read,53", "response,0.803,,,66,read,67", "67 of 66 people cannot be"),
        ("outcomes.csv", "response,0.803,,,66,read,53", "response,0.803,,,66,read,43", "not 0.803"),
        ("outcomes.csv", "response,0.803,,,66,read,53", "response,0.803,,,67,read,53", "67 were counted but 66"),
        (
            "outcomes.csv",
            "SHANOK2024,comb,PHQ9,63,baseline,response",
            "SHANOK2024,both,PHQ9,63,baseline,response",
            "no such arm",
        ),
        ("outcomes.csv", "response,0.803,", "response,high,", r"outcomes\.csv:\d+: Expected `float`"),
        (
            "outcomes.csv",
            "SHANOK2024,dtms,PHQ9,63,baseline,response",
            "SHANOK2024,comb,PHQ9,63,baseline,response",
            "stands twice",
        ),
        ("arms.csv", "dtms_h1+dtms_h7+ketamine_iv", "dtms_h1+dtms_h7+ketamin", "does not list"),
        ("arms.csv", "SHANOK2024,comb,", "SHANOK2025,comb,", "no study SHANOK2025"),
        (
            "studies.csv",
            "SHANOK2024,Shanok,2024,retrospective",
            "SHANOK2024,Shanok,2024,good",
            "Invalid enum value 'good'",
        ),
        ("studies.csv", "SHANOK2024,Shanok,2024", "SHANOK2024,Shanok", "too many or too few cells"),
        ("claims.yaml", "BEST2019/ctk/CGIS/70/change", "BEST2019/ctk/CGIS/71/change", "which is no row"),
        ("pair_studies.yaml", "study_id: ELKRIEF2022", "study_id: ELKRIEF2023", "no study ELKRIEF2023"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_file(folder: Path, file: str, old: str, new: str, said: str) -> None:
    """Impossible counts, unknown arms, repeated rows and misprints are named with file and mend."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=said) as refused:
        read_again()
    assert file in str(refused.value)
    assert "Mend:" in str(refused.value)


def test_a_figure_is_as_weak_as_its_denominator() -> None:
    """A percentage that was read over a number that was recalled counts as recalled."""
    row = study_tables().outcomes["EKSTRAND2022/ket/MADRS/28/remission"]
    assert (row.status, row.n_status, row.weakest) == (Reading.READ, Reading.RECALLED, Reading.RECALLED)
