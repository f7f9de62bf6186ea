"""What was typed wrongly is refused, naming item, value, allowed range and mend."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.knowledge.scales import scale_files
from inconcert.scales import ScaleInputError, UnknownScaleError, describe, find_scale, score

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("scale", "items", "said"),
    [
        ("phq9", [4, 0, 0, 0, 0, 0, 0, 0, 0], ["item 1", "is 4", "0 to 3", "outside"]),
        ("phq9", [0, -1, 0, 0, 0, 0, 0, 0, 0], ["item 2", "is -1", "0 to 3"]),
        ("phq9", [0, 0, 1.5, 0, 0, 0, 0, 0, 0], ["item 3", "1.5", "not a whole number"]),
        ("phq9", [0] * 8, ["8 answers", "too few", "9 items"]),
        ("phq9", [0] * 10, ["10 answers", "too many", "9 items"]),
        ("phq9", [], ["0 answers", "too few"]),
        ("phq9", {"11": 1}, ["no item '11'", "1, 2, 3"]),
        ("phq9", {"10": 7}, ["item 10", "not one of its answers", "0, 1, 2, 3"]),
        ("phq9", {"1": float("nan")}, ["item 1", "not a number"]),
        ("phq9", {"1": float("inf")}, ["item 1", "outside"]),
        ("phq9", {"1": "2"}, ["item 1", "not a number"]),
        ("hamd17", {"4": 3}, ["item 4", "0 to 2"]),
        ("ymrs", {"1": 5}, ["item 1", "0 to 4"]),
        ("asrm", [5, 0, 0, 0, 0], ["item 1", "0 to 4"]),
        ("cgi-s", [0], ["item 1", "1 to 7", "not assessed", "blank"]),
        ("cssrs", {"6b": 2}, ["item 6b", "0 to 1"]),
    ],
)
def test_a_wrong_answer_is_named_with_its_range(scale: str, items: Any, said: list[str]) -> None:
    """The message names scale, item, value and allowed range, and ends with the mend."""
    with pytest.raises(ScaleInputError) as refused:
        score(scale, items, as_of=TODAY)
    message = str(refused.value)
    for words in [find_scale(scale).id, *said, "Mend:"]:
        assert words in message


@pytest.mark.parametrize(
    ("scale", "stated", "said"),
    [
        ("phq9", 28, "0 to 27"),
        ("phq9", -1, "0 to 27"),
        ("phq9", 12.5, "not a whole number"),
        ("phq9", float("nan"), "0 to 27"),
        ("cssrs", 2, "no total"),
        ("cgi-i", 0, "1 to 7"),
    ],
)
def test_an_impossible_stated_total_is_refused(scale: str, stated: float, said: str) -> None:
    """A total that the scale cannot give is refused even where no item was given."""
    with pytest.raises(ScaleInputError, match=said):
        score(scale, {}, as_of=TODAY, stated_total=stated)


def test_the_question_on_daily_life_is_kept_and_never_scored() -> None:
    """The tenth question of the PHQ-9 form is taken in and leaves the total alone."""
    result = score("phq9", {**{str(n): 1 for n in range(1, 10)}, "10": 3}, as_of=TODAY)
    assert result.total == 9
    assert result.items["10"] == 3


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("PHQ-9", "phq9"),
        ("phq_9", "phq9"),
        ("qids_sr16", "qids-sr16"),
        ("QIDS-SR16", "qids-sr16"),
        ("Young Mania Rating Scale", "ymrs"),
        ("MOAA/S", "moaas"),
        ("HDRS-17", "hamd17"),
        ("C-SSRS", "cssrs-screener"),
        ("cadss", "cadss"),
        ("CADSS-6", "cadss6"),
    ],
)
def test_a_scale_is_found_by_any_of_its_names(name: str, scale: str) -> None:
    """Case, spaces and punctuation do not matter."""
    assert find_scale(name).id == scale


@pytest.mark.parametrize(("name", "hint"), [("phq", "phq9"), ("phq8", "phq9"), ("madr", "madrs"), ("zzzz", "Known:")])
def test_an_unknown_name_is_answered_with_the_nearest_one(name: str, hint: str) -> None:
    """A misspelt scale is refused with the nearest known name; `phq` could be any of a family and is refused too."""
    with pytest.raises(UnknownScaleError, match=hint):
        find_scale(name)


def test_a_printed_version_with_a_shorter_item_narrows_range_and_total() -> None:
    """On the HAM-D version whose agitation item stops at 2, a 3 is refused and 51 is no total."""
    with pytest.raises(ScaleInputError, match="0 to 2"):
        score("hamd17", {"9": 3}, as_of=TODAY, variant="agitation_0_2")
    with pytest.raises(ScaleInputError, match="0 to 50"):
        score("hamd17", {}, as_of=TODAY, stated_total=51, variant="agitation_0_2")
    assert score("hamd17", {}, as_of=TODAY, variant="agitation_0_2").total_high == 50
    assert score("hamd17", {}, as_of=TODAY).total_high == 52
    with pytest.raises(ScaleInputError, match="no version"):
        score("madrs", {}, as_of=TODAY, variant="agitation_0_2")


def test_every_scale_is_described_with_its_sources() -> None:
    """What a command shows of a scale is plain data with at least one source and its status."""
    for scale_id, scale in scale_files().items():
        shown = describe(scale_id)
        assert shown["id"] == scale_id
        assert shown["n_items"] == len(scale.items)
        assert all(source["ref"] and source["status"] for source in shown["sources"])
        assert shown["licence"]["status"]
