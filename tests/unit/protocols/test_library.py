"""The shelf of protocols: what may be chosen, and that the files are whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from inconcert.judgement import NumberKind, Reading, Refusal
from inconcert.knowledge import loader
from inconcert.knowledge.protocols import CombinationProtocol, Protocol, protocol_files
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.protocols import (
    Figure,
    can_select,
    check_can_select,
    course_load,
    describe_all,
    hours_per_visit,
    selectable,
)


def test_no_published_combination_can_be_chosen() -> None:
    """Nothing of the pair is a schedule; the anesthesia-range series least of all."""
    pairs = [p for p in protocol_files().values() if isinstance(p, CombinationProtocol)]
    assert len(pairs) >= 12
    assert not any(can_select(p.id) for p in pairs)
    with pytest.raises(Refusal, match="can never be chosen"):
        check_can_select("ctk_best_2019")


def test_the_unsafe_series_are_marked_never() -> None:
    """Every entry whose reported dose exceeds 1 mg/kg or 100 mg carries the mark."""
    for entry in protocol_files().values():
        if not isinstance(entry, CombinationProtocol) or entry.drug_part is None:
            continue
        part = entry.drug_part
        top = [v[1] if isinstance(v, tuple) else v for v in (part.reported_mg_per_kg,) if v is not None]
        mg = [v[1] if isinstance(v, tuple) else v for v in (part.reported_mg,) if v is not None]
        unsafe = any(t is not None and t > 1 for t in top) or any(m is not None and m > 100 for m in mg)
        if unsafe and part.drug == "ketamine_racemic":
            assert entry.never_default, entry.id


def test_a_protocol_without_a_dose_cannot_be_chosen() -> None:
    """The intramuscular series states no dose: it stays null and no plan can use it."""
    assert protocol_files()["ketamine_im_2x"].dose_mg_per_kg is None
    assert not can_select("ketamine_im_2x")


def test_an_unknown_id_is_refused() -> None:
    """A protocol nobody wrote cannot be chosen."""
    with pytest.raises(Refusal, match="no protocol"):
        check_can_select("itbs_6000")


def test_each_entry_names_a_source_and_its_reading() -> None:
    """Every protocol has a source, and recalled ones say so through their sources."""
    for entry in protocol_files().values():
        assert entry.sources
        if entry.status is Reading.RECALLED:
            assert all(s.status is not Reading.READ for s in entry.sources)


def test_each_selectable_protocol_has_a_course() -> None:
    """What may be chosen has phases, a service and an arm."""
    for entry in selectable().values():
        assert entry.phases, entry.id
        assert entry.service, entry.id
        assert entry.arm, entry.id


def test_descriptions_are_plain_data_with_what_the_command_lists() -> None:
    """`inconcert protocols` finds id, kind, status and name on each, and computed hours where there is a course."""
    rows = {row["id"]: row for row in describe_all()}
    assert all({"id", "kind", "status", "name"} <= row.keys() for row in rows.values())
    assert rows["esketamine_us_trd"]["computed"]["visits"] == "12 visits"
    assert rows["ctk_best_2019"]["may_be_chosen"] is False


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    """Accelerated Deep TMS states no session length: ten visits are known, hours are not, and no low guess is shown."""
    load = course_load(check_can_select("dtms_accelerated_2025"))
    assert load.visits.low == 10
    assert load.hours.low is None
    assert load.hours.shown == "not known"


def test_a_phase_that_does_not_exist_is_an_error() -> None:
    """A slip in a phase's name is not silently a shorter course."""
    with pytest.raises(KeyError):
        course_load(check_can_select("dtms_h1"), ("acut",))


def test_gaps_between_sessions_of_a_day_count() -> None:
    """A SAINT day is ten sessions of 592 s and nine gaps of 50 minutes: 9.14 h."""
    saint = check_can_select("saint")
    assert hours_per_visit(saint, saint.phases[0]) == pytest.approx((10 * 592 + 9 * 3000) / 3600)


def test_figures_read_well() -> None:
    """One visit is singular, ranges show both ends, no trailing zeros."""
    shown = [
        Figure(name="v", low=low, high=high, unit=unit, kind=NumberKind.REPORTED).shown
        for low, high, unit in ((1, None, "visits"), (4, 8, "visits"), (2.0, None, "h"), (None, None, "h"))
    ]
    assert shown == ["1 visit", "4 to 8 visits", "2 h", "not known"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train_seconds": 4}, "unknown field"),
        ({"recalled_fields": ["trainz"]}, "no such field"),
        ({"source": []}, "names no source"),
        ({"never_default": True}, "go together"),
        ({"kind": "ect"}, "Invalid value"),
    ],
)
def test_a_malformed_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], message: str
) -> None:
    """A slip in a protocol file names the file and what is wrong with it."""
    import inconcert.knowledge.protocols as shelf

    base: dict[str, object] = {
        "kind": "tms",
        "id": "x",
        "name": "X",
        "status": "read",
        "coil": "figure-8",
        "target": "left",
        "source": [{"ref": "a paper"}],
    }
    (tmp_path / "x.yaml").write_text(yaml.safe_dump([base | change]))
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    with pytest.raises(KnowledgeError, match=message) as caught:
        shelf.protocol_files.__wrapped__()
    assert "x.yaml" in str(caught.value)


def test_every_file_parses_as_its_schema() -> None:
    """Each file of the shelf is a list of protocols and nothing else."""
    for path in (loader.ROOT / "files" / "protocols").glob("[!_]*.yaml"):
        assert loader.load(path, tuple[Protocol, ...])
