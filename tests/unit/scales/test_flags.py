"""Values that a person must see."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Reading
from inconcert.knowledge.scales import scale_files
from inconcert.scales import score

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("scale", "items", "levels"),
    [
        ("phq9", {"9": 0}, []),
        ("phq9", {"9": 1}, ["yellow"]),
        ("phq9", {"9": 2}, ["amber"]),
        ("phq9", {"9": 3}, ["amber"]),
        ("qids-sr16", {"12": 1}, ["yellow"]),
        ("qids-sr16", {"12": 2}, ["amber"]),
        ("qids-sr16", {"12": 3}, ["red"]),
        ("madrs", {"10": 1}, []),
        ("madrs", {"10": 3}, ["yellow"]),
        ("madrs", {"10": 4}, ["amber"]),
        ("madrs", {"10": 6}, ["red"]),
        ("hamd17", {"3": 2}, ["yellow"]),
        ("hamd17", {"3": 3}, ["amber"]),
        ("hamd17", {"3": 4}, ["red"]),
        ("cssrs", {"1": 1}, ["yellow"]),
        ("cssrs", {"3": 1}, ["amber"]),
        ("cssrs", {"4": 1}, ["red"]),
        ("cssrs", {"6": 1, "6b": 0}, ["amber"]),
        ("cssrs", {"6": 1, "6b": 1}, ["red", "amber"]),
        ("moaas", {"1": 5}, []),
        ("moaas", {"1": 4}, ["amber"]),
        ("moaas", {"1": 2}, ["red"]),
        ("moaas", {"1": 0}, ["red"]),
        ("moaas", {}, []),
        ("ymrs", {"5": 8, "6": 4}, []),
        ("ymrs", {"5": 8, "6": 5}, ["amber"]),
        ("asrm", {"1": 4, "2": 1}, []),
        ("asrm", {"1": 4, "2": 2}, ["amber"]),
        ("cadss", {"1": 4}, []),
        ("cadss", {"1": 4, "2": 1}, ["yellow"]),
    ],
)
def test_a_value_raises_its_level_although_every_other_item_is_blank(
    scale: str, items: dict[str, float | None], levels: list[str]
) -> None:
    """Flags do not wait for a complete form; a flag on a total is raised once the answers given reach it."""
    assert [flag.level for flag in score(scale, items, as_of=TODAY).flags] == levels


def test_every_safety_item_has_a_flag_that_says_what_to_do() -> None:
    """No item marked as one to be seen is without a rule, and each rule names an action and how it is known."""
    for scale in scale_files().values():
        for item in scale.items:
            if item.safety_item:
                rules = [rule for rule in scale.flags if rule.item == item.key]
                assert rules, f"{scale.id} item {item.key}"
                assert all(rule.action and rule.text for rule in rules)


def test_a_recalled_threshold_keeps_its_mark_on_the_flag() -> None:
    """Who reads the flag sees that the threshold was not read in a source."""
    (flag,) = score("asrm", [4, 4, 0, 0, 0], as_of=TODAY).flags
    assert flag.status is Reading.RECALLED
