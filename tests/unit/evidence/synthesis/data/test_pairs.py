"""Reported comparisons become contrasts: with the covariance they imply, and only where they can be one study."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.arms import StudyLeftOut
from inconcert.evidence.synthesis.data.pairs import Pair, join_pairs

left_out = partial(StudyLeftOut, "S")


def pair(first: str, second: str, effect: float, se: float, rounding: float = 0.0) -> Pair:
    """A comparison, its row named for the two."""
    return Pair(first=first, second=second, effect=effect, se=se, row_id=f"row {first}{second}", rounding=rounding)


@st.composite
def arms(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """Level and variance of 3 to 6 independent arms."""
    count = draw(st.integers(3, 6))
    levels = draw(st.lists(st.floats(-5, 5), min_size=count, max_size=count))
    return levels, draw(st.lists(st.floats(0.05, 4), min_size=count, max_size=count))


@given(arms(), st.randoms(use_true_random=False))
def test_all_pairs_of_independent_arms_give_back_the_arms(
    study: tuple[list[float], list[float]], random: Random
) -> None:
    """However rows are ordered and directed, contrasts are differences of arms, and the shared arm's variance their covariance."""
    levels, variances = study
    pairs = []
    for i, j in combinations(range(len(levels)), 2):
        one, other = (i, j) if random.random() < 0.5 else (j, i)
        se = (variances[i] + variances[j]) ** 0.5
        pairs.append(pair(f"t{one}", f"t{other}", levels[one] - levels[other], se))
    random.shuffle(pairs)
    joined = join_pairs(pairs, left_out)
    at = [int(name[1:]) for name in joined.treatments]
    assert joined.effects == pytest.approx([levels[i] - levels[at[0]] for i in at[1:]], abs=1e-9)
    expected = np.full((len(at) - 1, len(at) - 1), variances[at[0]]) + np.diag([variances[i] for i in at[1:]])
    assert joined.covariance == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert joined.notes == ()


def test_two_arms_keep_the_sign_of_the_row() -> None:
    """The effect of a row is its first treatment minus its second, so the second is the baseline."""
    joined = join_pairs([pair("a", "b", -0.4, 0.5)], left_out)
    assert joined.treatments == ("b", "a")
    assert joined.effects == pytest.approx([-0.4])
    assert joined.covariance == pytest.approx(np.array([[0.25]]))


def test_a_shared_arm_whose_variance_is_told_makes_two_rows_enough() -> None:
    """Two comparisons of three need the shared arm's variance: it is their covariance, signs as in the rows."""
    joined = join_pairs([pair("a", "b", 0.1, 0.3), pair("c", "a", -0.3, 0.4)], left_out, base_variance=0.05)
    assert joined.treatments == ("a", "b", "c")
    assert joined.effects == pytest.approx([-0.1, -0.3])
    assert joined.covariance == pytest.approx(np.array([[0.09, 0.05], [0.05, 0.16]]))
    with pytest.raises(StudyLeftOut, match=r"variance of a alone, 0.1, is not below"):
        join_pairs([pair("a", "b", 0.1, 0.3), pair("a", "c", 0.3, 0.4)], left_out, base_variance=0.1)


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        (
            [pair("a", "b", 0.1, 0.3), pair("a", "c", 0.3, 0.4)],
            "never taken for zero. Mend: add the rows b against c, or",
        ),
        (
            [pair("a", "b", 0.1, 0.3), pair("b", "c", 0.3, 0.4), pair("c", "d", 0.3, 0.4)],
            "correlation is not known",
        ),
        ([pair("a", "b", 0.1, 0.3), pair("c", "d", 0.3, 0.4)], "4 treatments need 3 comparisons"),
        (
            [pair("a", "b", 0.1, 0.3), pair("a", "c", 0.3, 0.4), pair("b", "c", 0.25, 0.35)],
            r"row ab.*agree to 0.001",
        ),
        (
            [pair("a", "b", 0.1, 0.3), pair("a", "c", 0.3, 0.4), pair("b", "c", 0.2, 0.75)],
            r"b against c, 0.75 \(row bc\), is not below the sum of 0.3 .* and 0.4",
        ),
    ],
)
def test_rows_that_cannot_be_one_study_are_left_out(pairs: list[Pair], why: str) -> None:
    """Too few rows, effects that contradict one another and standard errors that make a negative variance, each with its mend."""
    with pytest.raises(StudyLeftOut, match=why) as caught:
        join_pairs(pairs, left_out)
    assert "Mend:" in caught.value.excluded.why


def test_a_path_of_rows_has_no_shared_arm_even_with_a_variance() -> None:
    """Where the rows form a chain, one arm's variance does not give the covariance, and nothing is assumed."""
    chain = [pair("a", "b", 0.1, 0.3), pair("b", "c", 0.3, 0.4), pair("c", "d", 0.3, 0.4)]
    with pytest.raises(StudyLeftOut, match="correlation is not known"):
        join_pairs(chain, left_out, base_variance=0.01)


def test_rounding_is_allowed_for_and_fitted_by_weights() -> None:
    """Effects printed to two decimals may disagree by 0.015; the contrasts are then the weighted least squares of all three."""
    rows = [
        pair("a", "b", 0.10, 0.3, 0.005),
        pair("a", "c", 0.31, 0.4, 0.005),
        pair("b", "c", 0.20, 0.35, 0.005),
    ]
    joined = join_pairs(rows, left_out)
    v_b, v_a, v_c = ((x + y - z) / 2 for x, y, z in ((0.09, 0.1225, 0.16), (0.09, 0.16, 0.1225), (0.16, 0.1225, 0.09)))
    # Weights of three independent arms: the product of two precisions over the sum of all.
    precision = {"a": 1 / v_a, "b": 1 / v_b, "c": 1 / v_c}
    design = np.array([[1.0, 0.0], [1.0, -1.0], [0.0, -1.0]])  # a - b, a - c, b - c on (a - b, c - b)
    weight = np.diag(
        [precision["a"] * precision["b"], precision["a"] * precision["c"], precision["b"] * precision["c"]]
    )
    expected = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ np.array([0.10, 0.31, 0.20]))
    assert joined.treatments == ("b", "a", "c")
    assert joined.effects == pytest.approx(expected, abs=1e-12)
    assert "only to rounding" in joined.notes[0]
    with pytest.raises(StudyLeftOut, match=r"agree to 0.015"):
        join_pairs([*rows[:2], pair("b", "c", 0.19, 0.35, 0.005)], left_out)


def test_an_arm_of_negative_variance_is_said_where_the_whole_is_still_possible() -> None:
    """Standard errors 1, 0.6 and 0.6 are possible together (1 < 1.2), though one arm's own variance comes out below zero."""
    joined = join_pairs([pair("a", "b", 0, 0.6), pair("a", "c", 0, 0.6), pair("b", "c", 0, 1)], left_out)
    assert np.linalg.eigvalsh(joined.covariance)[0] > 0
    assert "the arm a a variance below zero" in joined.notes[0]
