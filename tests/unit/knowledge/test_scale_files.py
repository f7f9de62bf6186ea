"""The scale files: complete, consistent, and refused where they are not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from inconcert.judgement import Reading
from inconcert.knowledge import scales
from inconcert.knowledge.scales import plain_name, scale_files, scale_names
from inconcert.knowledge.strict_yaml import KnowledgeError

WANTED = {
    "phq9", "gad7", "qids-sr16", "madrs", "hamd17", "cgi-s", "cgi-i", "cssrs-screener", "cadss", "cadss6", "moaas", "ymrs",
    "asrm", "whodas12", "sds", "mdq", "auditc", "dast10",
}  # fmt: skip

SMALL = """id: small
name: A small scale
measures: screen
rater: self
recall: today
items:
  - {key: "1", label: one, range: [0, 3]}
  - {key: "2", label: two, range: [0, 3]}
total: {kind: sum, range: [0, 6]}
bands:
  - {id: low, range: [0, 3]}
  - {id: high, range: [4, 6]}
missing: {kind: none, status: design}
licence: {status: free}
status: design
checked_on: 2026-11-22
sources: [{ref: this test}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of scales that holds one small scale."""
    monkeypatch.setattr(scales, "FOLDER", tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def read_again() -> dict[str, scales.ScaleFile]:
    """The scales of the folder, past the cache."""
    return scale_files.__wrapped__()


def test_every_wanted_scale_is_there() -> None:
    """The scales the road needs all have a file."""
    assert set(scale_files()) >= WANTED


def test_no_two_items_of_all_scales_share_a_code() -> None:
    """A LOINC code leads to one item of one scale, and a panel is never a total."""
    seen: dict[str, str] = {}
    for scale in scale_files().values():
        codes = [(item.loinc, f"item {item.key}") for item in (*scale.items, *scale.extra_items)]
        codes += [(scale.loinc_panel, "panel"), (scale.loinc_total, "total"), (scale.loinc_level, "level")]
        codes += [(code, "total of a variant") for code in scale.loinc_total_variants]
        for code, what in codes:
            if code:
                assert code not in seen, f"{code} is {seen[code]} and {scale.id} {what}"
                seen[code] = f"{scale.id} {what}"


def test_every_code_has_its_check_digit() -> None:
    """Each LOINC code ends in the digit its number demands (Luhn), so a misprint shows; answer codes follow another rule."""

    def check_digit(number: str) -> int:
        total = 0
        for place, digit in enumerate(reversed(number)):
            doubled = int(digit) * (2 if place % 2 == 0 else 1)
            total += doubled - 9 if doubled > 9 else doubled
        return -total % 10

    codes = []
    for scale in scale_files().values():
        codes += [scale.loinc_panel, scale.loinc_total, scale.loinc_level, *scale.loinc_total_variants]
        codes += [item.loinc for item in (*scale.items, *scale.extra_items)]
    checked = [code for code in codes if code]
    assert len(checked) > 35
    for code in checked:
        number, digit = code.split("-")
        assert check_digit(number) == int(digit), code


def test_answer_codes_lead_into_their_items_range() -> None:
    """Each answer code of a scale stands for a value that its items take, and each value has a code."""
    for scale in scale_files().values():
        for item in scale.items:
            codes = item.answer_codes or scale.answer_codes
            if codes:
                assert set(codes.values()) == set(range(item.range[0], item.range[1] + 1)), f"{scale.id} {item.key}"


def test_recalled_facts_keep_their_mark() -> None:
    """Points of important change and relapse rules were not read, and no file says otherwise."""
    for scale in scale_files().values():
        for rule in (scale.important_change, scale.relapse):
            if rule is not None and not rule.sources:
                assert rule.status is Reading.RECALLED, scale.id


def test_what_was_read_nowhere_stands_among_the_sources() -> None:
    """Asked for a recalled field, the sources gain one that is marked recalled and names it; the others keep their mark."""
    scale = scale_files()["hamd17"]
    assert {source.status for source in scale.source_list("remission")} == {Reading.READ}
    extra = scale.source_list("remission", "bands")[-1]
    assert (extra.ref, extra.status) == ("from memory: bands", Reading.RECALLED)


def test_wording_ships_only_where_the_owner_allows_it() -> None:
    """Only the PHQ-9, the GAD-7 and the Columbia screener may carry wording, with attribution; labels stay short."""
    attributed = {s.id for s in scale_files().values() if s.licence.wording == "attributed"}
    assert attributed == {"phq9", "gad7", "cssrs-screener"}
    for scale in scale_files().values():
        assert bool(scale.licence.attribution) is (scale.id in attributed)
        assert all(len(item.label) <= 70 for item in scale.items)


def test_the_crosswalk_is_whole_and_keeps_its_tie() -> None:
    """Each QIDS total leads to HAM-D totals in rising order without a gap; 14 and 15 share a range."""
    walk = scale_files()["qids-sr16"].crosswalk
    assert [int(key) for key in walk] == list(range(28))
    assert walk["14"] == walk["15"]
    ranges = [walk[str(total)] for total in range(28) if total != 15]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == scale_files()["hamd17"].total.range[1]
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(ranges))


def test_names_are_compared_without_case_and_punctuation() -> None:
    """PHQ-9, phq_9 and Phq 9 are one name."""
    assert {plain_name(n) for n in ("PHQ-9", "phq_9", "Phq 9")} == {"phq9"}
    assert scale_names()["phq9"] == "phq9"


def test_a_small_file_is_enough(folder: Path) -> None:
    """Adding a scale needs one file and no Python."""
    assert read_again()["small"].total.range == (0, 6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("range: [0, 6]}\nbands", "range: [0, 7]}\nbands", r"total.range is \(0, 7\) but the items give \(0, 6\)"),
        ("low, range: [0, 3]", "low, range: [0, 2]", "Band high does not start one above"),
        ("high, range: [4, 6]", "high, range: [4, 5]", "do not cover"),
        ('key: "2"', 'key: "1"', "item key stands twice"),
        ("missing:", 'skips: [{item: "9", answer: 0, implies_no: ["1"]}]\nmissing:', "'9' is not an item"),
        ("missing:", "default_remission: none_such\nmissing:", "not one of the remission cuts"),
        ("missing:", 'remission: [{id: a, op: "<", value: 2}]\nmissing:', "without a default_remission"),
        ("id: small", "id: tiny", r"Name it tiny\.yaml"),
        ("rater: self", "rater: dog", "Invalid enum value 'dog'"),
        ("status: design\nchecked", "status: sure\nchecked", "Invalid enum value 'sure'"),
        ("licence: {status: free}", "licence: {status: free}\nlicense: x", "unknown field `license`"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    """Totals must follow from items, bands must cover the total, and every key must be an item."""
    assert old in SMALL
    (folder / "small.yaml").write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=said):
        read_again()


def test_a_name_that_two_scales_claim_is_refused(folder: Path) -> None:
    """An alias leads to one scale."""
    second = SMALL.replace("id: small", "id: second").replace("A small scale", "Another\naliases: [SMALL]")
    (folder / "second.yaml").write_text(second, encoding="utf-8")
    with pytest.raises(KnowledgeError, match="also names"):
        read_again()
