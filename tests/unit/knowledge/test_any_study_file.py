"""Whatever stands in a study file, it is checked without breaking, and what passes can be asked about."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inconcert.knowledge.study_store import TEMPLATE, check_studies

DAY = date(2026, 11, 22)
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", "0", "1e400", "nan", "both", "a+b", "+", "10.1/x", "NCT1", "\u0000", "é" * 50, "-1", ";", "read", "recalled"]),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip
BASE: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
PLACES = [("study", None, name) for name in BASE["study"]]
PLACES += [
    (part, i, name) for part in ("arms", "outcomes", "contrasts") for i, row in enumerate(BASE[part]) for name in row
]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), CELLS), min_size=1, max_size=4))
def test_any_cell_of_a_study_file_may_hold_anything(tmp_path: Path, changes: list[tuple[Any, Any]]) -> None:
    """Cells of every sort are findings, never a broken program; what has no error is in the tables and enters or stays out."""
    data = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    for (part, index, name), value in changes:
        row = data[part] if index is None else data[part][index]
        row[name] = value
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    checked = check_studies(path, as_of=DAY)
    assert all(finding.problem and finding.mend for finding in checked.findings)
    if not checked.errors:
        _ask(checked.tables)


def _ask(tables: Any) -> None:
    """Build the networks of the tables and count that no row is lost."""
    pytest.importorskip("numpy")
    from inconcert.evidence.synthesis.data.own_choice import OwnChoice
    from inconcert.evidence.synthesis.data.own_rows import own_network

    for outcome in ("response", "change"):
        choice = OwnChoice(outcome=outcome, design="all", approximate="any", week=None)  # type: ignore[arg-type]  # drawn words
        network = own_network(choice, tables)
        used = [row for study in network.studies for row in study.row_ids]
        out = [row for entry in network.excluded for row in entry.row_ids]
        assert sorted(used + out) == sorted([*tables.outcomes, *(row.row_id for row in tables.contrasts)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_bytes_may_come_as_a_file(tmp_path: Path, text: str | bytes) -> None:
    """A picture, an empty file or noise is an error with a mend, as YAML and as a CSV table."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    path = tmp_path / "study.yaml"
    path.write_bytes(data)
    assert check_studies(path, as_of=DAY).errors
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "studies.csv").write_bytes(data)
    assert check_studies(folder, as_of=DAY).errors


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.one_of(st.text(max_size=8), st.sampled_from(["A2025", "rct", "read", "2025"])), min_size=1, max_size=8
    )
)
def test_any_cells_may_stand_in_a_table(tmp_path: Path, cells: list[str]) -> None:
    """Rows with too few cells, too many or the wrong ones are named by line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["study_id", "first_author", "year", "design", "status"])
    writer.writerow(cells)
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "studies.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
    checked = check_studies(folder, as_of=DAY)
    assert checked.errors or checked.ids
