"""The shape of an answer: three values, and no unknown without its question."""

import itertools
from datetime import date

import pytest

from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, Source, all_of, any_of

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.UNKNOWN
BASIS = Basis(rule_id="test", as_of=date(2026, 11, 22))

# Kleene's strong logic: a table anybody can check by eye.
#         a        b        all_of   any_of
TABLE = [
    (MET, MET, MET, MET),
    (MET, NOT_MET, NOT_MET, MET),
    (MET, UNKNOWN, UNKNOWN, MET),
    (NOT_MET, NOT_MET, NOT_MET, NOT_MET),
    (NOT_MET, UNKNOWN, NOT_MET, UNKNOWN),
    (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(("a", "b", "both", "either"), TABLE)
def test_all_and_any_follow_the_table_in_either_order(a, b, both, either):
    """Each row of the table holds, whichever operand comes first."""
    assert all_of([a, b]) == both == all_of([b, a])
    assert any_of([a, b]) == either == any_of([b, a])


def test_empty_lists_follow_the_usual_convention():
    """Nothing demanded is met; nothing offered is not met."""
    assert all_of([]) is MET
    assert any_of([]) is NOT_MET


def test_not_swaps_and_keeps_unknown_and_de_morgan_holds():
    """Negation is its own inverse, leaves unknown alone, and turns all into any."""
    for a, b in itertools.product(Answer, repeat=2):
        assert ~~a is a
        assert ~all_of([a, b]) is any_of([~a, ~b])
    assert ~UNKNOWN is UNKNOWN


def test_learning_a_fact_never_reverses_a_definite_answer():
    """Replacing an unknown by either value keeps met met and not met not met (monotone in knowledge)."""
    for answers in itertools.product(Answer, repeat=3):
        for combine in (all_of, any_of):
            before = combine(answers)
            if before is UNKNOWN:
                continue
            for position, old in enumerate(answers):
                if old is UNKNOWN:
                    for learned in (MET, NOT_MET):
                        after = combine([*answers[:position], learned, *answers[position + 1 :]])
                        assert after is before


def test_an_unknown_without_a_question_cannot_be_built():
    """Unknown must name what would settle it."""
    with pytest.raises(ValueError, match="names no question"):
        Judgement(id="x", answer=UNKNOWN, text="?", basis=BASIS)


def test_the_questions_of_the_parts_settle_the_whole_each_once():
    """An unknown made of unknown parts asks their questions, without repeats, and leaves settled parts alone."""
    question = Question("safety.aneurysm", "Has an aneurysm ever been found?")
    unknown = Judgement(id="a", answer=UNKNOWN, text="?", basis=BASIS, question=question)
    settled = Judgement(id="b", answer=MET, text="yes", basis=BASIS)
    whole = Judgement(id="c", answer=UNKNOWN, text="?", basis=BASIS, parts=(unknown, settled, unknown))
    assert whole.questions() == (question,)
    assert settled.questions() == ()


def test_one_recalled_source_marks_the_whole_basis():
    """A basis is as weak as its weakest source, and a basis without a source is a design default."""
    read, recalled = Source("doi:1"), Source("doi:2", status=Reading.RECALLED)
    assert Basis(rule_id="r", as_of=BASIS.as_of, sources=(read, recalled)).status is Reading.RECALLED
    assert Basis(rule_id="r", as_of=BASIS.as_of, sources=(read,)).status is Reading.READ
    assert BASIS.status is Reading.DESIGN
