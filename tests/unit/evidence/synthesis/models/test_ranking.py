"""Ranks: the worked case's P-scores, intervals by a second way, direction never guessed, sets never mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.ranking import Better, rank
from support.networks import baker, network, two_arms

CLEAR = network(two_arms("1", "a", "b", 5.0, 0.01), two_arms("2", "b", "c", 5.0, 0.01))


def test_the_worked_case(shared: Path) -> None:
    """Baker 2009: P-scores of the standard model, higher is better, are those of the reference within 1e-9."""
    data, stored = baker(shared)
    model = fit(data, standard_design(data.treatments))
    for effects, name in ((model.common, "pscore_common"), (model.random, "pscore_random")):
        wanted = stored["models"]["nma_DL"][name]
        (found,) = rank(effects, Better.HIGHER).sets
        assert {one.treatment: one.p_score for one in found} == pytest.approx(wanted, abs=1e-9)
        (turned,) = rank(effects, Better.LOWER).sets
        assert {one.treatment: 1 - one.p_score for one in turned} == pytest.approx(wanted, abs=1e-9)


def test_a_clear_order() -> None:
    """Effects far beyond their errors: c, b, a if higher is better, and the other way round if lower is, with sure ranks."""
    effects = fit(CLEAR, standard_design(CLEAR.treatments)).common
    for better, order in ((Better.HIGHER, "cba"), (Better.LOWER, "abc")):
        (found,) = rank(effects, better).sets
        assert "".join(one.treatment for one in found) == order
        assert [one.rank for one in found] == [(1, 1), (2, 2), (3, 3)]
        assert [one.best for one in found] == [1.0, 0.0, 0.0]
        assert [one.beats for one in found] == [(1.0, 1.0), (0.5, 0.5), (0.0, 0.0)]
        assert [one.mean_rank for one in found] == pytest.approx([1, 2, 3])


def test_the_scores_are_the_mean_of_the_draws() -> None:
    """With overlapping effects the exact P-score is the mean of the drawn share beaten, within Monte Carlo error, and inside its interval."""
    data = network(
        two_arms("1", "a", "b", 0.2, 0.1), two_arms("2", "a", "c", 0.3, 0.1), two_arms("3", "a", "d", -0.1, 0.2)
    )
    effects = fit(data, standard_design(data.treatments)).common
    (found,) = rank(effects, Better.HIGHER).sets
    rng = np.random.default_rng(99)
    drawn = np.column_stack(
        [
            np.zeros(100_000),
            *(m + s * rng.standard_normal(100_000) for m, s in ((0.2, 0.1**0.5), (0.3, 0.1**0.5), (-0.1, 0.2**0.5))),
        ]
    )
    for place, name in enumerate("abcd"):
        one = next(each for each in found if each.treatment == name)
        beaten = np.mean(drawn[:, [place]] > drawn, axis=1) * 4 / 3
        assert one.p_score == pytest.approx(beaten.mean(), abs=0.006)
        assert one.best == pytest.approx(np.mean(drawn.argmax(axis=1) == place), abs=0.015)
        assert one.beats[0] <= one.p_score <= one.beats[1]
        assert one.rank[0] <= one.mean_rank <= one.rank[1]
    assert sum(one.p_score for one in found) == pytest.approx(4 / 2)
    assert sum(one.best for one in found) == pytest.approx(1)


def test_the_same_seed_gives_the_same_ranks() -> None:
    """Two runs agree to the last bit; another seed draws others."""
    data = network(two_arms("1", "a", "b", 0.2, 0.1), two_arms("2", "a", "c", 0.3, 0.1))
    effects = fit(data, standard_design(data.treatments)).random
    assert rank(effects, Better.HIGHER, seed=3) == rank(effects, Better.HIGHER, seed=3)
    assert rank(effects, Better.HIGHER, seed=3) != rank(effects, Better.HIGHER, seed=4)


def test_sets_without_a_link_are_ranked_apart() -> None:
    """Two parts have two rankings, and a treatment that can be compared with none stands alone."""
    data = network(*CLEAR.studies, two_arms("3", "x", "y", 1.0))
    effects = fit(data, standard_design([*data.treatments, "z"])).common
    found = rank(effects, Better.HIGHER)
    assert [[one.treatment for one in some] for some in found.sets] == [["c", "b", "a"], ["y", "x"]]
    assert found.alone == ("z",)
    assert found.note == "Treatments of different sets cannot be compared by these studies."


def test_components_may_link_what_studies_do_not() -> None:
    """In the component model, treatments of two parts are one set where the components make their contrasts known."""
    data = network(two_arms("1", "O", "A", 1.0), two_arms("2", "B", "A+B", 1.1), two_arms("3", "O", "B", 0.5))
    assert len(rank(fit(data, component_design(data.treatments, inactive="O")).common, Better.HIGHER).sets) == 1
    without = network(*data.studies[:2])
    sets = rank(fit(without, component_design(without.treatments, inactive="O")).common, Better.HIGHER).sets
    assert [sorted(one.treatment for one in some) for some in sets] == [["A", "O"], ["A+B", "B"]]


def test_two_names_for_one_content_tie() -> None:
    """`A+B` and `B+A` hold the same: neither beats the other, and they share a rank."""
    data = network(two_arms("1", "O", "A+B", 3.0, 0.01), two_arms("2", "O", "B+A", 3.0, 0.01))
    (found,) = rank(fit(data, component_design(data.treatments, inactive="O")).common, Better.HIGHER).sets
    assert found[0].p_score == found[1].p_score == pytest.approx(0.75)
    assert found[0].rank == (1, 2)


@pytest.mark.parametrize("wish", ["higher is good", None])
def test_the_direction_is_never_guessed(wish: object) -> None:
    """Without a direction there is no ranking."""
    with pytest.raises(NetworkError, match="say whether higher or lower"):
        rank(fit(CLEAR, standard_design(CLEAR.treatments)).common, wish)  # type: ignore[arg-type]  # wrong on purpose


def test_not_with_students_t() -> None:
    """Draws are normal; a model with Hartung and Knapp's intervals is refused rather than ranked as if it were sure."""
    data = network(*CLEAR.studies, two_arms("3", "a", "c", 9.0))
    with pytest.raises(NetworkError, match="Hartung"):
        rank(fit(data, standard_design(data.treatments), hartung_knapp=True).random, Better.HIGHER)
