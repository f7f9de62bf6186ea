"""The three answers as columns follow the same logic as the three answers of one person."""

from __future__ import annotations

import itertools

import ibis
import pytest

from inconcert import judgement
from inconcert.judgement import Answer
from inconcert.population.kleene import NAMES, OF, all_of, any_of, column, negated, when, yes_or_no

CONNECTION = ibis.duckdb.connect()


def value(expression: object) -> Answer:
    """The answer of an expression without a table."""
    return NAMES[int(CONNECTION.execute(column(expression)))]


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_all_and_any_of_every_combination(size: int, folded: bool) -> None:
    """Every combination of answers: as `judgement` joins them, whether folded before the engine or worked out by it."""
    for answers in itertools.product(Answer, repeat=size):
        parts = [OF[a] if folded else ibis.literal(OF[a], "int8") for a in answers]
        assert value(all_of(parts)) is judgement.all_of(answers)
        assert value(any_of(parts)) is judgement.any_of(answers)


def test_constants_mix_with_columns() -> None:
    """A constant that settles it needs no column; one that does not stays in the reckoning."""
    met = ibis.literal(1, "int8")
    assert all_of([met, -1]) == -1
    assert any_of([met, 1]) == 1
    assert value(all_of([met, 0])) is Answer.UNKNOWN
    assert value(any_of([ibis.literal(-1, "int8"), 0])) is Answer.UNKNOWN


def test_not_turns_an_answer_round() -> None:
    """Met and not met change places; unknown stays."""
    for answer in Answer:
        assert value(negated(ibis.literal(OF[answer], "int8"))) is ~answer


def test_what_is_not_known_is_unknown() -> None:
    """A comparison with a blank is neither yes nor no."""
    blank = ibis.null("int64")
    assert value(yes_or_no(blank > 3)) is Answer.UNKNOWN
    assert value(when((blank > 3, 1), otherwise=0)) is Answer.UNKNOWN
    assert value(yes_or_no(ibis.literal(4) > 3)) is Answer.MET
