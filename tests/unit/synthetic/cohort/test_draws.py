"""Draws are keyed to the seed, the person and the decision, and to nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.synthetic.cohort.draws import Draws, chosen

PEOPLE = range(20_000)


@given(st.integers(0, 2**40), st.integers(0, 2**31), st.integers(0, 20))
def test_a_draw_is_the_same_in_whatever_company(person: int, seed: int, place: int) -> None:
    """A person's draw does not depend on who is drawn with them, nor on the order."""
    alone = Draws.of(seed, [person]).uniform("age", place)[0]
    among = Draws.of(seed, [person + 3, person, person + 1]).uniform("age", place)[1]
    assert alone == among
    assert 0 <= alone < 1


def test_draws_of_different_decisions_seeds_and_places_are_unrelated() -> None:
    """Changing the seed, the decision or the place gives draws that do not go along with the first."""
    first = Draws.of(1, PEOPLE).uniform("age")
    for other in (
        Draws.of(2, PEOPLE).uniform("age"),
        Draws.of(1, PEOPLE).uniform("sex"),
        Draws.of(1, PEOPLE).uniform("age", 1),
    ):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.03


def test_neighbors_are_unrelated_and_draws_are_even() -> None:
    """People with numbers next to each other do not resemble each other, and every tenth holds a tenth of the draws."""
    drawn = Draws.of(7, PEOPLE).uniform("age")
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.03
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    expected = len(drawn) / 10
    assert ((counts - expected) ** 2 / expected).sum() < 33  # chi squared, 9 degrees of freedom, far tail


PINNED = [0.5104567306021327, 0.4312585832978205, 0.06300459233430855]


def test_known_draws_never_change() -> None:
    """Three draws are pinned: whoever changes the generator changes every cohort ever made."""
    drawn = Draws.of(1, [0, 1, 999_999]).uniform("age")
    assert drawn == pytest.approx(PINNED, abs=0)


def test_choices_come_as_often_as_their_weights_say() -> None:
    """A choice of weight nothing is never drawn, and the others in proportion."""
    picked = np.bincount(Draws.of(3, PEOPLE).pick("x", (1, 0, 3)), minlength=3) / len(PEOPLE)
    assert picked == pytest.approx([0.25, 0, 0.75], abs=0.015)
    assert list(chosen(np.array([0.0, 0.2499, 0.25, 0.999999]), (1, 0, 3))) == [0, 0, 2, 2]


def test_an_order_draws_every_choice_once_and_the_heavy_ones_first() -> None:
    """Ranking draws without putting back: every row is an order of all, and the first place follows the weights."""
    order = Draws.of(5, PEOPLE).ranked("drug", (6, 3, 1))
    assert (np.sort(order, axis=1) == [0, 1, 2]).all()
    assert np.bincount(order[:, 0]) / len(PEOPLE) == pytest.approx([0.6, 0.3, 0.1], abs=0.015)


def test_a_spread_follows_its_quantiles() -> None:
    """Half of the people lie below the median of the file, and nobody outside its ends."""
    drawn = Draws.of(9, PEOPLE).spread("weeks", ((0, 1), (0.5, 8), (1, 100)))
    assert drawn.min() >= 1
    assert drawn.max() <= 100
    assert np.median(drawn) == pytest.approx(8, abs=0.3)
