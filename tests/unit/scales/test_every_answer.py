"""Every possible form of the small scales, and many of the large ones, against a second scoring written from the paper.

The second scoring shares nothing with the product: no file is read, every rule is typed out here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from itertools import product

import pytest

from inconcert.scales import score

TODAY = date(2026, 11, 22)


def phq9_by_hand(answers: Sequence[int]) -> tuple[int, str]:
    """Total and band of a PHQ-9, by its paper form."""
    total = 0
    for answer in answers:
        total += answer
    if total >= 20:
        return total, "severe"
    if total >= 15:
        return total, "moderately_severe"
    if total >= 10:
        return total, "moderate"
    return total, "mild" if total >= 5 else "minimal"


def gad7_by_hand(answers: Sequence[int]) -> tuple[int, str]:
    """Total and band of a GAD-7, by its paper form."""
    total = sum(answers)
    names = ["minimal"] * 5 + ["mild"] * 5 + ["moderate"] * 5 + ["severe"] * 7
    return total, names[total]


def qids_by_hand(a: Sequence[int]) -> tuple[int, str]:
    """Total and band of a QIDS-SR16, by its paper form: `a[0]` is question 1."""
    total = max(a[0], a[1], a[2], a[3]) + a[4] + max(a[5], a[6], a[7], a[8]) + a[9] + a[10] + a[11] + a[12] + a[13]
    total += max(a[14:16])
    return total, ["none", "mild", "moderate", "severe", "very_severe"][max(0, min(4, (total - 1) // 5))]


def madrs_by_hand(answers: Sequence[int]) -> tuple[int, str]:
    """Total and band of a MADRS."""
    total = sum(answers)
    return total, "normal" if total < 7 else "mild" if total < 20 else "moderate" if total < 35 else "severe"


def hamd_by_hand(answers: Sequence[int]) -> tuple[int, str]:
    """Total and band of a HAM-D17."""
    total = sum(answers)
    for top, name in ((7, "none"), (13, "mild"), (18, "moderate"), (22, "severe")):
        if total <= top:
            return total, name
    return total, "very_severe"


def ymrs_by_hand(answers: Sequence[int]) -> tuple[int, str]:
    """Total and band of a YMRS."""
    total = sum(answers)
    return total, "manic" if total > 19 else "hypomanic" if total > 12 else "none"


HAMD_TOPS = (4, 4, 4, 2, 2, 2, 4, 4, 4, 4, 4, 2, 2, 2, 4, 2, 2)
YMRS_TOPS = (4, 4, 4, 4, 8, 8, 4, 8, 8, 4, 4)


@pytest.mark.slow
def test_all_262144_phq9_forms_score_as_on_paper_and_flag_item_nine() -> None:
    """Each PHQ-9 form has the total and band of the paper form, and item 9 above 0 is flagged whatever the total."""
    flagged = 0
    for answers in product(range(4), repeat=9):
        result = score("phq9", answers, as_of=TODAY)
        assert (result.total, result.band) == phq9_by_hand(answers), answers
        assert bool(result.flags) is (answers[8] > 0), answers
        assert not result.missing
        flagged += len(result.flags)
    assert flagged == 196_608


@pytest.mark.slow
def test_all_16384_gad7_forms_score_as_on_paper() -> None:
    """Each GAD-7 form has the total and band of the paper form."""
    for answers in product(range(4), repeat=7):
        result = score("gad7", answers, as_of=TODAY)
        assert (result.total, result.band) == gad7_by_hand(answers), answers


@pytest.mark.parametrize(
    ("scale", "tops", "by_hand"),
    [
        ("qids-sr16", (3,) * 16, qids_by_hand),
        ("madrs", (6,) * 10, madrs_by_hand),
        ("hamd17", HAMD_TOPS, hamd_by_hand),
        ("ymrs", YMRS_TOPS, ymrs_by_hand),
    ],
)
def test_large_scales_score_as_on_paper(
    scale: str, tops: tuple[int, ...], by_hand: Callable[[Sequence[int]], tuple[int, str]]
) -> None:
    """Ten thousand random forms, and the forms with all lowest and all highest answers, score as on paper."""
    draw = random.Random(20261122)
    forms = [tuple(0 for _ in tops), tops]
    # Half the forms lean towards low answers, so that low bands are met as often as high ones.
    forms += [tuple(min(draw.randint(0, top), draw.randint(0, top + i % 2 * 9)) for top in tops) for i in range(10_000)]
    seen = set()
    for answers in forms:
        result = score(scale, answers, as_of=TODAY)
        assert (result.total, result.band) == by_hand(answers), answers
        seen.add(result.band)
    assert len(seen) >= 3, "the draw met too few bands to show anything"


def test_all_2187_columbia_screens_have_the_level_a_reader_of_the_form_would_give() -> None:
    """Yes, no or blank in each of seven questions: the level is given only where no possible answer would change it."""

    def level(yes: set[str]) -> str:
        if yes & {"4", "5", "6b"}:
            return "high"
        if yes & {"3", "6"}:
            return "moderate"
        return "low" if yes else "none"

    keys = ("1", "2", "3", "4", "5", "6", "6b")
    for pattern in product((0, 1, None), repeat=7):
        given = dict(zip(keys, pattern, strict=True))
        possible = set()
        for full in product((0, 1), repeat=7):
            filled = dict(zip(keys, full, strict=True))
            if any(given[k] is not None and given[k] != filled[k] for k in keys):
                continue
            skipped = {"3", "4", "5"} if not filled["2"] else set()
            skipped |= {"6b"} if not filled["6"] else set()
            if any(filled[k] and given[k] is None for k in skipped):
                continue  # the form would never have asked it
            possible.add(level({k for k in keys if filled[k]}))
        result = score("cssrs-screener", given, as_of=TODAY)
        assert result.band == (possible.pop() if len(possible) == 1 else None), given
        assert (result.band is None) == bool(result.needs), given


def test_reversed_question_of_the_drug_screen_counts_its_no() -> None:
    """On the DAST-10 the third question is asked the other way round: ten times no gives 1, ten times yes gives 9."""
    assert score("dast10", [0] * 10, as_of=TODAY).total == 1
    assert score("dast10", [1] * 10, as_of=TODAY).total == 9
    assert score("dast10", [0, 0, 1, 0, 0, 0, 0, 0, 0, 0], as_of=TODAY).band == "none"
