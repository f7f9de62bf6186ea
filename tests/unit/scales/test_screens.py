"""Screens decide as soon as the answers given decide them."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.scales import ScaleInputError, score, screen

AS_OF = date(2026, 11, 22)
SEVEN_YES: list[float | None] = [1] * 7 + [0] * 6


@pytest.mark.parametrize(
    ("symptoms", "together", "problem", "answer"),
    [
        (SEVEN_YES, 1, 2, Answer.MET),
        (SEVEN_YES, 1, 3, Answer.MET),
        (SEVEN_YES, 1, 1, Answer.NOT_MET),
        (SEVEN_YES, 0, 3, Answer.NOT_MET),
        (SEVEN_YES, None, 3, Answer.UNKNOWN),
        (SEVEN_YES, None, 0, Answer.NOT_MET),
        ([1] * 6 + [0] * 7, 1, 3, Answer.NOT_MET),
        ([1] * 6 + [None] + [0] * 6, 1, 3, Answer.UNKNOWN),
        ([1] * 7 + [None] * 6, 1, 3, Answer.MET),
    ],
)
def test_bipolar_screen(
    symptoms: list[float | None], together: float | None, problem: float | None, answer: Answer
) -> None:
    """Seven symptoms, at the same time, and at least a moderate problem: all three are needed."""
    judged = screen(score("mdq", [*symptoms, together, problem], as_of=AS_OF))
    assert judged.answer is answer
    assert (judged.question is not None) is (answer is Answer.UNKNOWN)


@pytest.mark.parametrize(
    ("total", "sex", "answer"),
    [
        (3, "female", Answer.MET),
        (3, "male", Answer.NOT_MET),
        (4, "male", Answer.MET),
        (2, "", Answer.NOT_MET),
        (3, "", Answer.UNKNOWN),
        (4, "", Answer.MET),
        (3, "other", Answer.UNKNOWN),
    ],
)
def test_alcohol_screen_depends_on_sex_only_where_the_cuts_differ(total: float, sex: str, answer: Answer) -> None:
    """At 3 the cut for women is reached and that for men is not; an unrecorded sex leaves only that total open."""
    judged = screen(score("auditc", {}, as_of=AS_OF, stated_total=total), sex=sex)
    assert judged.answer is answer


def test_a_scale_that_is_no_screen_is_refused() -> None:
    """The MADRS has bands and no screening cut."""
    with pytest.raises(ScaleInputError, match="no screening cut"):
        screen(score("madrs", [0] * 10, as_of=AS_OF))
