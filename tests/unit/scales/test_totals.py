"""The parts of a total, the bounds that blanks leave, and what follows for one blank item from a stated total."""

from __future__ import annotations

from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from inconcert.knowledge.scales import scale_files
from inconcert.scales import score
from inconcert.scales.answers import read_answers
from inconcert.scales.flags import implied_range
from inconcert.scales.totals import bounds, not_asked, turned, units

QIDS = scale_files()["qids-sr16"]
GAD = scale_files()["gad7"]
PHQ = scale_files()["phq9"]
DAST = scale_files()["dast10"]


def test_a_total_has_as_many_parts_as_the_scale_says() -> None:
    """Nine domains of the QIDS, nine items of the PHQ-9, and no parts where there is no total."""
    assert len(units("qids-sr16")) == 9
    assert [unit.keys for unit in units("phq9")] == [(str(n),) for n in range(1, 10)]
    assert units("cssrs-screener") == ()
    assert len(units("mdq")) == 13


def test_bounds_are_those_of_every_way_to_fill_the_blanks() -> None:
    """For each pattern of blanks in three sleep answers the bounds are the lowest and highest total a filler could get."""
    rest = {str(n): 1.0 for n in range(5, 17)}
    for one, two, three, four in product((0, 2, 3, None), (0, 2, None), (1, None), (0, None)):
        given_answers = {"1": one, "2": two, "3": three, "4": four}
        found = bounds(QIDS, read_answers(QIDS, rest | given_answers))
        choices = [range(4) if value is None else (value,) for value in given_answers.values()]
        tops = {max(fill) for fill in product(*choices)}
        others = 8  # eight further domains at 1
        assert (found.low, found.high) == (min(tops) + others, max(tops) + others)


def test_a_partner_that_was_not_asked_is_not_open() -> None:
    """Of an answered pair the blank one is left out; of an unanswered pair neither is."""
    answered = read_answers(QIDS, {"6": 1})
    assert not_asked(QIDS, answered) == {"7"}
    assert not_asked(QIDS, read_answers(QIDS, {})) == set()


def test_an_item_asked_the_other_way_round_counts_from_the_other_end() -> None:
    """No to the reversed question is one point, yes is none; the others count as answered."""
    assert [turned(DAST.item("3"), value) for value in (0, 1)] == [1, 0]
    assert [turned(DAST.item("2"), value) for value in (0, 1)] == [0, 1]


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=7, max_size=7), st.lists(st.integers(0, 3), min_size=7, max_size=7))  # fmt: skip
def test_what_follows_from_a_stated_total_always_holds_the_truth(blanks: list[int | None], truth: list[int]) -> None:
    """Take a true form, blank some answers, keep its total: each blank's true answer lies in what is said to follow."""
    shown = [None if blank is None else answer for blank, answer in zip(blanks, truth, strict=True)]
    answers = read_answers(GAD, shown)
    for key, answer, value in zip(answers, truth, answers.values(), strict=True):
        if value is None:
            implied = implied_range(GAD, key, answers, sum(truth))
            assert implied is not None
            assert implied[0] <= answer <= implied[1]


def test_nothing_follows_without_a_stated_total() -> None:
    """A blank stays a blank."""
    assert implied_range(PHQ, "9", read_answers(PHQ, [3] * 8 + [None]), None) is None
    assert score("phq9", [3] * 8 + [None], as_of=date(2026, 1, 1)).flags == ()
