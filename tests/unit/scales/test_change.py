"""What a change means; the clinical cases stand in tests/spec/scales."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer, Reading
from inconcert.knowledge.scales import scale_files
from inconcert.scales import ScaleInputError, change, score

AS_OF = date(2026, 11, 22)


def test_the_cut_stands_beside_the_answer() -> None:
    """Remission is never said without the cut and who uses it."""
    result = change("madrs", 32, 11, as_of=AS_OF)
    assert result.remission is Answer.NOT_MET
    assert result.remission_cut.startswith("<= 10")
    named = change("madrs", 32, 11, as_of=AS_OF, remission_cut="at_most_12")
    assert named.remission is Answer.MET
    assert "esketamine" in named.remission_cut


def test_an_unknown_cut_is_refused_with_the_known_ones() -> None:
    """A cut that the scale has not is refused, and its own are listed."""
    with pytest.raises(ScaleInputError, match="at_most_12"):
        change("madrs", 32, 11, as_of=AS_OF, remission_cut="at_most_8")
    with pytest.raises(ScaleInputError, match="no remission cut"):
        change("asrm", 8, 2, as_of=AS_OF, remission_cut="x")


def test_an_unknown_total_is_refused_with_its_bounds() -> None:
    """No change is computed from a total that blanks leave open, nor from another scale's score."""
    blank = score("phq9", [3] * 8 + [None], as_of=AS_OF)
    with pytest.raises(ScaleInputError, match="between 24 and 27"):
        change("phq9", blank, 4, as_of=AS_OF)
    with pytest.raises(ScaleInputError, match="gad7"):
        change("phq9", score("gad7", [1] * 7, as_of=AS_OF), 4, as_of=AS_OF)


@pytest.mark.parametrize(("scale", "total"), [("phq9", 28), ("madrs", -1), ("cgi-s", 0), ("cssrs", 1)])
def test_an_impossible_total_is_refused(scale: str, total: float) -> None:
    """A total outside the scale's range is refused on either side."""
    with pytest.raises(ScaleInputError):
        change(scale, total, 2, as_of=AS_OF)


def test_relapse_needs_a_second_look() -> None:
    """One high score after remission leaves relapse unknown; the second decides; without remission it is not asked."""
    assert change("phq9", 20, 12, as_of=AS_OF).relapse is None
    after = {
        confirmed: change("phq9", 20, 12, as_of=AS_OF, previous_remission=True, confirmed_by=confirmed).relapse
        for confirmed in (None, 11, 9)
    }
    assert after == {None: Answer.UNKNOWN, 11: Answer.MET, 9: Answer.NOT_MET}
    assert change("phq9", 20, 9, as_of=AS_OF, previous_remission=True).relapse is Answer.NOT_MET


def test_a_rule_the_scale_lacks_is_unknown_and_says_so() -> None:
    """The GAD-7 file holds no remission cut: the answer is unknown, not no."""
    result = change("gad7", 15, 3, as_of=AS_OF)
    assert result.remission is Answer.UNKNOWN
    assert "no such rule" in result.remission_cut


def test_percent_has_no_meaning_on_a_scale_that_starts_at_one() -> None:
    """From CGI-S 6 to 3 is a fall of three points, not of fifty percent."""
    result = change("cgi-s", 6, 3, as_of=AS_OF)
    assert result.change_percent is None
    assert result.change_points == -3


def test_each_item_cut_of_the_disability_scale_looks_at_the_items() -> None:
    """A total of 6 is remission only if no item is above 2; from the total alone that is unknown."""
    spread, lumped = score("sds", [2, 2, 2], as_of=AS_OF), score("sds", [6, 0, 0], as_of=AS_OF)
    assert change("sds", 24, spread, as_of=AS_OF).remission is Answer.MET
    assert change("sds", 24, lumped, as_of=AS_OF).remission is Answer.NOT_MET
    assert change("sds", 24, 6, as_of=AS_OF).remission is Answer.UNKNOWN
    assert change("sds", 24, 2, as_of=AS_OF).remission is Answer.MET
    assert change("sds", 24, 7, as_of=AS_OF).remission is Answer.NOT_MET


def test_a_recalled_rule_shows_its_mark() -> None:
    """The points of an important change were not read in a source and say so."""
    assert "recalled" in change("phq9", 20, 15, as_of=AS_OF).important_change_cut
    assert change("cgi-s", 5, 4, as_of=AS_OF).basis.status is Reading.RECALLED


@given(st.sampled_from(["phq9", "qids-sr16", "madrs", "hamd17"]), st.data())
def test_a_lower_later_score_never_loses_response_or_remission(scale_id: str, data: st.DataObject) -> None:
    """Falling further can only add response, remission and important change."""
    low, high = scale_files()[scale_id].total.range
    first = data.draw(st.integers(1, high))
    second = data.draw(st.integers(low, high))
    better = data.draw(st.integers(low, second))
    near, far = change(scale_id, first, second, as_of=AS_OF), change(scale_id, first, better, as_of=AS_OF)
    rank = {Answer.NOT_MET: 0, Answer.UNKNOWN: 1, Answer.MET: 2}
    for field in ("response", "remission", "important_change"):
        assert rank[getattr(far, field)] >= rank[getattr(near, field)]
