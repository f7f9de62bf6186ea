"""A blank is never zero: what may and may not happen when an answer is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.knowledge.scales import ScaleFile, scale_files
from inconcert.scales import ScaleScore, score

TODAY = date(2026, 11, 22)
Form = dict[str, float | None]


def consistent(scale: ScaleFile, answers: Form) -> Form:
    """The form as a person could fill it: of a pair one answer, nothing in questions the form skips."""
    tidy = dict(answers)
    for item in scale.items:
        if item.pair and int(item.key) < int(item.pair):
            tidy[item.pair] = None  # a partner answered 0 beside a blank is the same answer
    for rule in scale.skips:
        if tidy[rule.item] == rule.answer:
            tidy |= dict.fromkeys(rule.implies_no)
    return tidy


@st.composite
def forms(draw: st.DrawFn) -> tuple[ScaleFile, Form, list[str]]:
    """A scale, a whole form of it, and the order in which its answers are taken away."""
    scale = draw(st.sampled_from(sorted(scale_files().values(), key=lambda s: s.id)))
    whole: Form = {item.key: draw(st.integers(*item.range)) for item in scale.items}
    whole = consistent(scale, whole)
    given_keys = [key for key, value in whole.items() if value is not None]
    return scale, whole, draw(st.permutations(given_keys))


def known(result: ScaleScore) -> dict[str, Any]:
    """What the result says for certain."""
    said: dict[str, Any] = {"band": result.band}
    if not result.prorated:  # a prorated total is marked as an estimate
        said["total"] = result.total
    return {key: value for key, value in said.items() if value is not None}


@settings(max_examples=300)
@given(forms())
def test_taking_answers_away_only_ever_loses_knowledge(case: tuple[ScaleFile, Form, list[str]]) -> None:
    """One answer after another is removed: what is said is never new and never different, and the truth stays in bounds."""
    scale, form, order = case
    truth = score(scale.id, form, as_of=TODAY)
    assert not truth.missing
    before = truth
    for key in order:
        form = {**form, key: None}
        after = score(scale.id, form, as_of=TODAY)
        for what, value in known(after).items():
            assert known(before).get(what) == value, f"{what} became {value} when {key} was removed"
        assert after.total_low <= before.total_low <= before.total_high <= after.total_high
        assert after.total_low <= truth.total_low <= after.total_high
        assert {f.id for f in after.flags} <= {f.id for f in before.flags}
        before = after
    assert before.total is None


@settings(max_examples=200)
@given(forms(), st.booleans())
def test_a_true_stated_total_survives_lost_answers(case: tuple[ScaleFile, Form, list[str]], half: bool) -> None:
    """Where the form also states its (true) total, losing answers never changes the total nor adds a false flag."""
    scale, form, order = case
    truth = score(scale.id, form, as_of=TODAY)
    if truth.total is None:
        return  # a triage scale has no total to state
    for key in order[: len(order) // 2] if half else order:
        form = {**form, key: None}
    after = score(scale.id, form, as_of=TODAY, stated_total=truth.total)
    assert after.total == truth.total
    assert after.band == truth.band
    levels = {flag.id: flag for flag in truth.flags}
    for flag in after.flags:
        assert flag.id in levels, "a flag was invented"
        assert flag.value <= levels[flag.id].value


@settings(max_examples=200)
@given(forms())
def test_an_unknown_total_names_what_would_settle_it(case: tuple[ScaleFile, Form, list[str]]) -> None:
    """Whenever total or level is unknown there is a question, and answering every question settles it."""
    scale, whole, order = case
    form = {key: (None if key in order[: len(order) // 3 + 1] else value) for key, value in whole.items()}
    result = score(scale.id, form, as_of=TODAY)
    settled = result.band is not None if scale.total.kind == "triage" else result.total is not None
    if not settled:
        assert result.needs
    rounds = 0
    while result.needs and rounds < 5:
        for need in result.needs:
            for key in need.id.rsplit(".", 1)[1].split("_"):
                form[key] = whole[key]
        result = score(scale.id, form, as_of=TODAY)
        rounds += 1
    assert not result.needs
    assert result.total is not None or scale.total.kind == "triage"


def test_item_nine_is_asked_for_even_when_the_total_is_known() -> None:
    """A PHQ-9 that states only its total is scored, and still asks for the item that hides behind a low total."""
    result = score("phq9", {}, as_of=TODAY, stated_total=6)
    assert (result.total, result.band) == (6, "mild")
    assert [need.id for need in result.needs] == ["scales.phq9.9"]
    assert result.needs[0].settles == "scales.phq9.safety"
    assert "whatever the total" in result.needs[0].text


def test_item_nine_is_flagged_although_other_items_are_blank() -> None:
    """Eight blanks do not hide the one answer that must be seen."""
    result = score("phq9", [None] * 8 + [1], as_of=TODAY)
    assert result.total is None
    assert [(f.item, f.level) for f in result.flags] == [("9", "yellow")]


def test_a_stated_total_that_needs_item_nine_raises_its_flag() -> None:
    """A PHQ-9 of 25 cannot be reached with item 9 at 0, and one of 24 can."""
    assert score("phq9", {}, as_of=TODAY, stated_total=24).flags == ()
    (flag,) = score("phq9", {}, as_of=TODAY, stated_total=25).flags
    assert (flag.level, flag.value, flag.implied) == ("yellow", 1, True)
    (flag,) = score("phq9", [1] * 8 + [None], as_of=TODAY, stated_total=10).flags
    assert (flag.level, flag.value) == ("amber", 2)


def test_a_stated_total_of_zero_settles_item_nine() -> None:
    """A total of 0 leaves no room for item 9, so nothing is asked."""
    result = score("phq9", {}, as_of=TODAY, stated_total=0)
    assert not result.needs
    assert not result.flags


def test_a_band_is_given_when_every_possible_total_lies_in_it() -> None:
    """With one item blank and the others at 23, the band is severe although the total is unknown."""
    result = score("phq9", [3, 3, 3, 3, 3, 3, 3, 2, None], as_of=TODAY)
    assert result.total is None
    assert (result.total_low, result.total_high, result.band) == (23, 26, "severe")


def test_items_win_over_a_stated_total_that_disagrees() -> None:
    """The form says 14, its items make 12: the total is 12 and a note says both."""
    result = score("phq9", [2, 2, 2, 2, 2, 2, 0, 0, 0], as_of=TODAY, stated_total=14)
    assert result.total == 12
    assert "states 14" in result.notes[0]
    assert "12" in result.notes[0]


def test_a_stated_total_that_the_items_rule_out_is_not_used() -> None:
    """Items already make 16; a stated 9 cannot be, so the total stays unknown."""
    result = score("phq9", [2] * 8 + [None], as_of=TODAY, stated_total=9)
    assert result.total is None
    assert (result.total_low, result.total_high) == (16, 19)
    assert "do not allow" in result.notes[0]


def test_of_two_opposite_questions_the_blank_one_is_not_missing() -> None:
    """A QIDS with more appetite and weight gained, and the opposite questions blank, is complete."""
    form = [1, 2, 0, 3, 2, None, 1, None, 2, 1, 1, 0, 2, 2, 1, 0]
    result = score("qids-sr16", form, as_of=TODAY)
    assert (result.total, result.missing, result.needs) == (14, (), ())
    both_blank = score("qids-sr16", [1, 2, 0, 3, 2, None, None, None, 2, 1, 1, 0, 2, 2, 1, 0], as_of=TODAY)
    assert both_blank.missing == ("6", "7")
    assert [need.id for need in both_blank.needs] == ["scales.qids-sr16.6_7"]


def test_opposite_questions_both_answered_are_pointed_out() -> None:
    """Less and more appetite cannot both be: the higher counts and a note says so."""
    result = score("qids-sr16", [0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], as_of=TODAY)
    assert result.total == 2
    assert "exclude each other" in result.notes[0]


def test_one_blank_of_the_who_scale_takes_the_mean_of_the_others_and_says_so() -> None:
    """Eleven answers of 2 give 24, marked as prorated with its bounds; ten give no total."""
    one = score("whodas12", [2] * 11 + [None], as_of=TODAY)
    assert (one.total, one.prorated, one.total_low, one.total_high) == (24, True, 22, 26)
    assert "recalled" in " ".join(one.notes)
    two = score("whodas12", [2] * 10 + [None, None], as_of=TODAY)
    assert (two.total, two.prorated) == (None, False)


def test_no_other_scale_prorates() -> None:
    """Only the scale whose manual allows it ever gives a prorated total."""
    for scale in scale_files().values():
        form = {item.key: item.range[0] for item in scale.items[1:]}
        assert score(scale.id, form, as_of=TODAY).prorated is (scale.id == "whodas12")
