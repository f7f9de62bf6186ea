"""Words of a picture in several lines: the same words, the same numbers, rows as high as they need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inconcert.evidence.synthesis.pair.types import CombineAnswer
from inconcert.exchange.evidence.folding import fold, folded
from inconcert.exchange.evidence.pictures import forest_spec

LETTERS = (17, 36)


def words(spec: Any) -> list[str]:
    """Every word of a picture, in order, whatever the lines."""
    if isinstance(spec, dict):
        return [word for key, value in spec.items() if key != "lineBreak" for word in words(value)]
    if isinstance(spec, list):
        return [word for value in spec for word in words(value)]
    return spec.split() if isinstance(spec, str) else []


@pytest.mark.parametrize("letters", LETTERS)
def test_folding_changes_lines_only(answer: CombineAnswer, letters: int) -> None:
    """No word and no number is lost, each label fits its lines, and folding again changes nothing."""
    spec = forest_spec(answer)
    found = folded(spec, letters)
    assert words(found) == words(spec)
    assert folded(found, letters) == found
    for one, other in zip(spec["vconcat"], found["vconcat"], strict=True):
        for before, after in zip(one["layer"], other["layer"], strict=True):
            for row, narrow in zip(before["data"]["values"], after["data"]["values"], strict=True):
                assert {k: v for k, v in row.items() if not isinstance(v, str)} == {
                    k: v for k, v in narrow.items() if not isinstance(v, str)
                }
                assert all(len(line) <= letters for line in str(narrow.get("label", "")).splitlines())
    assert forest_spec(answer) == spec


def test_rows_are_as_high_as_their_labels(usual: CombineAnswer) -> None:
    """Where a label has more lines its panel is higher."""
    heights = [[panel["height"] for panel in folded(forest_spec(usual), letters)["vconcat"]] for letters in LETTERS]
    assert all(narrow > wide for narrow, wide in zip(*heights, strict=True))


def test_a_folded_picture_is_valid(usual: CombineAnswer) -> None:
    """Vega-Lite's schema accepts it."""
    altair = pytest.importorskip("altair")
    altair.Chart.from_dict(json.loads(json.dumps(folded(forest_spec(usual), 36))), validate=True)


def test_a_long_word_stays_whole_or_is_broken_not_lost() -> None:
    """A text without blanks keeps its letters; an empty one stays empty."""
    assert fold("a" * 40, 17).replace("\n", "") == "a" * 40
    assert fold("") == ""
