"""The answer on the pair in a terminal: it fits a screen, and says in words what has no number."""

from __future__ import annotations

import re

from inconcert.evidence.synthesis.pair.types import CombineAnswer, Group, Universe
from inconcert.exchange.evidence.combine_text import HEADINGS, combine_as_text, drawn, every_way_words, prior_words

COLUMNS = 100
DRAWN = "─●○┼│"


def flat(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


def test_it_fits_a_screen(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """No line is longer than a hundred columns, and the first is the headline."""
    lines = combine_as_text(answer, ways).splitlines()
    assert max(map(len, lines)) <= COLUMNS
    assert answer.headline[0].startswith(lines[0])


def test_each_row_stands_under_its_heading(answer: CombineAnswer) -> None:
    """Every row of the forest is there once with its number, in the order of the headings."""
    text = flat(combine_as_text(answer))
    place = 0
    for group, heading in HEADINGS.items():
        rows = [row for row in answer.forest if row.group is group]
        if rows:
            place = text.index(heading, place)
        for row in rows:
            place = text.index(flat(row.label), place)
            assert text.index(row.text, place) - place < 400


def test_a_row_without_number_has_neither_digit_nor_mark(answer: CombineAnswer) -> None:
    """Below the name of what cannot be estimated stands just that: no digit, no line, no dot."""
    lines = combine_as_text(answer).splitlines()
    silent = [line for line in lines if "cannot be estimated from these studies" in line and line.startswith("      ")]
    assert len(silent) == sum(row.estimate is None for row in answer.forest)
    for line in silent:
        assert not re.search(rf"[\d{DRAWN}]", line)


def test_the_drawn_interval_has_its_ends(usual: CombineAnswer) -> None:
    """The drawing is as wide for every row, its dot between its ends, hollow where effects are only assumed to add."""
    for row in usual.forest:
        assert row.lower is not None
        assert row.upper is not None
        line = drawn(row, reach=2.5)
        assert len(line) == 31
        mark = "○" if row.group is Group.EXPECTED else "●"
        assert line.count(mark) == 1
        middle = len(line) // 2
        touched = [place for place, letter in enumerate(line) if letter in "─●○┼"]
        assert (touched[0] <= middle <= touched[-1]) == (line[middle] != "│")
        if row.lower > 0.2:
            assert touched[0] > middle


def test_nothing_is_said_of_a_sceptic_without_an_interaction(answer: CombineAnswer) -> None:
    """Prior and posterior are told if and only if there is an interaction to believe in."""
    assert bool(prior_words(answer)) == (answer.interaction.posterior_mean is not None)


def test_ways_are_counted(ways: tuple[Universe, ...]) -> None:
    """How many ways gave a number, the smallest and largest, and how many exclude no interaction on either side."""
    said = every_way_words(ways)
    assert said.startswith(
        "Asked in 5 ways (outcome: remission and response), 4 of which give an interaction: ratios from 0.30 to 3.00"
    )
    assert said.endswith("The interval lies above no interaction in 1 of them and below it in 1.")


def test_ways_without_any_answer(ways: tuple[Universe, ...]) -> None:
    """Where no way gives an interaction, no ratio is printed."""
    assert every_way_words(ways[-1:]) == "Asked in 1 ways (outcome: response), none of which gives an interaction."
