"""Value sets as a clinic downloads them: whole ones are used, parts and rules are left aside and named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.fhir.value_sets import UnreadableValueSet, read_value_sets

URL = "http://cts.nlm.nih.gov/fhir/ValueSet/1.2.3"
A = {"system": "http://snomed.info/sct", "code": "1"}
B = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F319"}


def write(path: Path, **parts: Any) -> Path:
    """A ValueSet file."""
    path.write_text(json.dumps({"resourceType": "ValueSet", "url": URL, "title": "A set", **parts}))
    return path


def test_an_expansion_is_read_at_any_depth(tmp_path: Path) -> None:
    """Codes below a heading count, the heading does not; systems and ICD dots are normalized as everywhere."""
    tree = [{"abstract": True, "system": "x", "code": "heading", "contains": [A]}, B]
    found = read_value_sets([write(tmp_path / "a.json", expansion={"contains": tree})]).sets["1.2.3"]
    assert found.codes == {(A["system"], "1"), (B["system"], "F31.9")}


def test_a_list_of_codes_without_expansion_is_read(tmp_path: Path) -> None:
    """A definition that only lists codes is as good as an expansion."""
    compose = {"include": [{"system": A["system"], "concept": [{"code": "1"}]}]}
    assert read_value_sets([write(tmp_path / "a.json", compose=compose)]).sets["1.2.3"].codes == {(A["system"], "1")}


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"expansion": {"total": 3, "contains": [A]}}, "lists 1 of 3 codes"),
        ({"compose": {"include": [{"system": "x", "filter": [{}]}]}}, "does not list its codes"),
        ({"compose": {"include": [{"system": "x"}]}}, "does not list its codes"),
        ({"expansion": {"contains": []}}, "does not list its codes"),
        ({"url": "http://example.org/ValueSet/office-visits", "expansion": {"contains": [A]}}, "has no OID"),
    ],
)
def test_a_part_or_a_rule_is_no_value_set(tmp_path: Path, parts: dict[str, Any], reason: str) -> None:
    """A set that is not whole would turn unknown codes into a no: it is refused with the reason."""
    with pytest.raises(UnreadableValueSet, match=reason):
        read_value_sets([write(tmp_path / "a.json", **parts)])
    write(tmp_path / "b.json", url=f"{URL}.4", expansion={"contains": [A]})
    read = read_value_sets([tmp_path])
    assert list(read.sets) == ["1.2.3.4"]
    assert any(reason in note for note in read.left_aside)


def test_the_newest_version_of_a_set_is_used(tmp_path: Path) -> None:
    """Two downloads of one set: the later version counts, whatever the files are called."""
    write(tmp_path / "b.json", version="20230101", expansion={"contains": [A]})
    write(tmp_path / "a.json", version="20250101", expansion={"contains": [B]})
    assert read_value_sets([tmp_path]).sets["1.2.3"].version == "20250101"


def test_a_bundle_of_sets_is_read_and_other_resources_are_passed_over(tmp_path: Path) -> None:
    """Downloads often come as one Bundle."""
    sets = [
        {"resourceType": "ValueSet", "id": "1.9", "expansion": {"contains": [A]}},
        {"resourceType": "Library", "id": "x"},
    ]
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in sets]}))
    assert list(read_value_sets([file]).sets) == ["1.9"]


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '"text"', '{"resourceType": "Patient"}', "\x00\x01"])
def test_what_is_no_value_set_is_refused_with_file_reason_and_mend(tmp_path: Path, content: str) -> None:
    """Any other file ends in one clear sentence."""
    file = tmp_path / "wrong.json"
    file.write_text(content)
    with pytest.raises(UnreadableValueSet, match=r"wrong\.json.*Mend:"):
        read_value_sets([file])


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(UnreadableValueSet, match="no such file"):
        read_value_sets([tmp_path / "nowhere"])
