"""A study counted the wrong way round is named; nothing is turned, and a sound network is left in peace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.turned import turned_effects, turned_means
from inconcert.evidence.synthesis.data.types import StudyContrasts

LEVELS = {"p": 0.0, "a": 2.0, "b": -1.5, "c": 1.0}


def study(name: str, treatments: str, variance: float, sign: int = 1, noise: float = 0.0) -> StudyContrasts:
    """A study of the levels above, each arm with half the variance of a contrast."""
    effects = sign * np.array([LEVELS[t] - LEVELS[treatments[0]] + noise for t in treatments[1:]])
    covariance = np.full((len(effects), len(effects)), variance / 2) + np.diag([variance / 2] * len(effects))
    return StudyContrasts(study=name, treatments=tuple(treatments), effects=effects, covariance=covariance)


def cochran(studies: list[StudyContrasts]) -> float:
    """Q of the standard model, by least squares with each study's own square root."""
    names = sorted({t for s in studies for t in s.treatments})
    rows, values = [], []
    for s in studies:
        x = np.zeros((len(s.effects), len(names)))
        for i, t in enumerate(s.treatments[1:]):
            x[i, names.index(t)] += 1
            x[i, names.index(s.treatments[0])] -= 1
        root = np.linalg.inv(np.linalg.cholesky(s.covariance))
        rows.append(root @ x)
        values.append(root @ s.effects)
    design, y = np.vstack(rows), np.concatenate(values)
    fit = np.linalg.lstsq(design, y, rcond=None)[0]
    return float(((y - design @ fit) ** 2).sum())


SOUND = [
    study("one", "pa", 0.04),
    study("two", "pb", 0.05),
    study("three", "ab", 0.04),
    study("four", "pac", 0.06),
    study("five", "pa", 0.1),
]


def test_a_sound_network_has_no_note() -> None:
    """Studies that agree are not suspected, whatever side of nothing they lie on."""
    assert turned_effects(SOUND, str) == []


@pytest.mark.parametrize("place", range(5))
def test_any_study_turned_round_is_named(place: int) -> None:
    """Each of the five, counted the other way, is found: also the one of three arms, and one compared only indirectly."""
    given_ = list(SOUND)
    whole = SOUND[place]
    given_[place] = study(whole.study, "".join(whole.treatments), float(whole.covariance[0, 0]), sign=-1)
    notes = turned_effects(given_, lambda value: f"{value:.2f}")
    assert len(notes) == 1
    assert notes[0].startswith(f"Study {whole.study}: ")
    assert "Nothing was turned round" in notes[0]


def test_the_fall_of_q_is_that_of_fitting_again() -> None:
    """The two values of Q in the note are those of the network as given and with the study turned round."""
    for place, treatments in ((0, "pa"), (3, "pac")):
        given_ = list(SOUND)
        given_[place] = study("wrong", treatments, 0.05, sign=-1, noise=0.1)
        turned = list(SOUND)
        turned[place] = study("right", treatments, 0.05, noise=0.1)
        (note,) = turned_effects(given_, str)
        assert f"fall from {cochran(given_):.3g} to {cochran(turned):.3g})" in note


def test_two_studies_that_contradict_one_another_are_both_named() -> None:
    """With nothing else to go by either may be the wrong one."""
    notes = turned_effects([study("one", "pa", 0.04), study("two", "pa", 0.05, sign=-1)], str)
    assert [note.split(":")[0] for note in notes] == ["Study one", "Study two"]


def test_a_study_that_fits_no_better_turned_round_is_not_said_to_be_turned() -> None:
    """An effect four times the others' on the other side is wrong in another way, and this note would mislead."""
    agreeing = [study(f"more {i}", "pa", 0.05) for i in range(6)]
    far = StudyContrasts(study="far", treatments=("p", "a"), effects=np.array([-8.0]), covariance=np.array([[0.05]]))
    assert turned_effects([*SOUND, *agreeing, far], str) == []
    assert turned_effects([*SOUND, *agreeing, replace(far, effects=np.array([-2.5]))], str)


@pytest.mark.parametrize("treatments", ["pa", "pac"])
def test_a_study_of_next_to_no_weight_contradicts_nothing(treatments: str) -> None:
    """The weight divides a study's variance here as in every model."""
    wrong = study("wrong", treatments, 0.05, sign=-1)
    assert turned_effects([*SOUND, wrong], str)
    assert turned_effects([*SOUND, replace(wrong, weight=0.001)], str) == []


def test_a_comparison_that_only_one_study_made_is_not_judged() -> None:
    """Nothing predicts a study that alone joins its treatment to the others."""
    assert turned_effects([*SOUND[:1], study("two", "pb", 0.01, sign=-1)], str) == []


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_chance_alone_seldom_looks_turned(seed: int) -> None:
    """Twelve studies of no effect at all vary by chance only, and none has a direction to turn."""
    rng = np.random.default_rng(seed)
    studies = [
        StudyContrasts(
            study=str(i),
            treatments=("p", "a"),
            effects=rng.normal(0, 0.3, 1).clip(-0.7, 0.7),
            covariance=np.array([[0.09]]),
        )
        for i in range(12)
    ]
    assert turned_effects(studies, str) == []


def test_means_all_on_the_other_side_are_named() -> None:
    """Three studies give changes below zero and one above: its improvement may be counted upward, or its scores be final."""
    means = {"A": [-10.0, -4.0], "B": [-8.0, -3.0], "C": [-12.0, -9.0], "D": [14.0, 19.0]}
    (note,) = turned_means(means)
    assert note.startswith("Every mean of D is above 0")


@pytest.mark.parametrize(
    "means",
    [
        {"A": [-1.0, -2.0], "B": [3.0, 4.0]},
        {"A": [-1.0, 2.0], "B": [-3.0, -4.0], "C": [3.0, 4.0]},
        {"A": [1.0, 2.0], "B": [3.0, 4.0], "C": [-1.0, -4.0], "D": [-1.0, -1.0]},
        {"A": [1.0, 2.0], "B": [3.0, 4.0], "C": [3.0, 4.0]},
        {},
    ],
)
def test_means_without_a_common_side_are_not_judged(means: dict[str, list[float]]) -> None:
    """Two studies, arms on both sides, half against half, or all alike: nothing is said."""
    assert turned_means(means) == []
