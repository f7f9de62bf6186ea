"""Arms become contrasts: against figures worked by hand, and by what must always hold."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from inconcert.evidence.synthesis.data.arms import StudyLeftOut, contrasts_of_arms, hedges_j
from inconcert.evidence.synthesis.data.types import NetworkError, Scale, StudyContrasts

COUNTED = (Scale.OR, Scale.RR, Scale.RD)


@st.composite
def counted_study(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Events and n of 2 to 5 arms, empty and full cells included, at least one event and one non-event in all."""
    arms = draw(st.integers(2, 5))
    n = draw(st.lists(st.integers(1, 400), min_size=arms, max_size=arms))
    events = [draw(st.integers(0, size)) for size in n]
    if not any(events):
        events[0] = n[0]
    if events == n:
        events[0] = 0
    return (events, n) if any(events) else ([n[0], *events[1:]], n)


@st.composite
def measured_study(draw: st.DrawFn) -> tuple[list[int], list[float], list[float]]:
    """n, mean and sd of 2 to 5 arms."""
    arms = draw(st.integers(2, 5))
    n = draw(st.lists(st.integers(4, 300), min_size=arms, max_size=arms))
    means = draw(st.lists(st.floats(-30, 30), min_size=arms, max_size=arms))
    return n, means, draw(st.lists(st.floats(0.5, 20), min_size=arms, max_size=arms))


def names(count: int) -> list[str]:
    """As many treatments."""
    return [f"t{i}" for i in range(count)]


def rebased(study: StudyContrasts, order: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Effects and covariance of a study with its arms in another order."""
    place = {name: i for i, name in enumerate(study.treatments)}
    effects = np.concatenate([[0.0], study.effects])
    covariance = np.zeros((len(place), len(place)))
    covariance[1:, 1:] = study.covariance
    step = np.zeros((len(order) - 1, len(order)))
    for row, name in enumerate(order[1:]):
        step[row, place[name]] += 1
        step[row, place[order[0]]] -= 1
    return step @ effects, step @ covariance @ step.T


def test_three_arms_worked_by_hand() -> None:
    """2/8, 3/8 and 4/10: log odds ratios log(9/5) and log 2, variances 1.2 and 13/12, the first arm's 2/3 between them."""
    study = contrasts_of_arms("A", names(3), Scale.OR, n=[8, 8, 10], events=[2, 3, 4])
    assert study.effects == pytest.approx([math.log(9 / 5), math.log(2)])
    assert study.covariance == pytest.approx(np.array([[1.2, 2 / 3], [2 / 3, 13 / 12]]))
    ratio = contrasts_of_arms("A", names(3), Scale.RR, n=[8, 8, 10], events=[2, 3, 4])
    assert ratio.effects == pytest.approx([math.log(1.5), math.log(1.6)])
    assert ratio.covariance == pytest.approx(
        np.array([[1 / 2 - 1 / 8 + 1 / 3 - 1 / 8, 3 / 8], [3 / 8, 3 / 8 + 1 / 4 - 1 / 10]])
    )
    difference = contrasts_of_arms("A", names(3), Scale.RD, n=[8, 8, 10], events=[2, 3, 4])
    assert difference.effects == pytest.approx([0.125, 0.15])
    assert difference.covariance[0, 1] == pytest.approx(0.25 * 0.75 / 8)


def test_mean_differences_by_hand() -> None:
    """Means 10 and 7 with sd 4 and 3 in 16 and 9 people: difference -3, variance 1 + 1."""
    study = contrasts_of_arms("A", names(2), Scale.MD, n=[16, 9], means=[10, 7], sds=[4, 3])
    assert study.effects == pytest.approx([-3])
    assert study.covariance == pytest.approx(np.array([[2.0]]))


def test_an_empty_cell_of_one_arm_adds_a_half_to_all_arms_and_says_so() -> None:
    """0/8, 3/8 and 4/10 become 0.5/9, 3.5/9 and 4.5/11; nothing is added where no cell is empty."""
    study = contrasts_of_arms("A", names(3), Scale.OR, n=[8, 8, 10], events=[0, 3, 4])
    assert study.effects == pytest.approx([math.log(3.5 / 5.5 * 8.5 / 0.5), math.log(4.5 / 6.5 * 8.5 / 0.5)])
    assert study.covariance[0, 1] == pytest.approx(1 / 0.5 + 1 / 8.5)
    ratio = contrasts_of_arms("A", names(3), Scale.RR, n=[8, 8, 10], events=[0, 3, 4])
    assert ratio.effects == pytest.approx([math.log(7), math.log(4.5 / 11 * 9 / 0.5)])
    assert all("0.5" in " ".join(found.notes) for found in (study, ratio))
    full = contrasts_of_arms("A", names(2), Scale.OR, n=[8, 8], events=[8, 3])
    assert full.effects == pytest.approx([math.log(3.5 / 5.5 * 0.5 / 8.5)])
    assert contrasts_of_arms("A", names(2), Scale.OR, n=[8, 8], events=[7, 3]).notes == ()


def test_a_risk_difference_stays_as_counted_with_an_empty_cell() -> None:
    """0/8 against 3/8 is 37.5 points; only its variance has the halves."""
    study = contrasts_of_arms("A", names(2), Scale.RD, n=[8, 8], events=[0, 3])
    assert study.effects == pytest.approx([0.375])
    assert study.covariance == pytest.approx(np.array([[(0.5 * 8.5 + 3.5 * 5.5) / 9**3]]))
    assert "variances" in study.notes[0]


@pytest.mark.parametrize("events", [[0, 0], [8, 9]])
@pytest.mark.parametrize("scale", [Scale.OR, Scale.RR])
def test_a_study_without_any_information_on_a_ratio_is_left_out(events: list[int], scale: Scale) -> None:
    """No events at all, or only events, drop the study out of ratios with a reason; its difference stays in."""
    with pytest.raises(StudyLeftOut, match="says nothing about") as caught:
        contrasts_of_arms("A", names(2), scale, n=[8, 9], events=events, row_ids=["line 2", "line 3"])
    assert caught.value.excluded.row_ids == ("line 2", "line 3")
    study = contrasts_of_arms("A", names(2), Scale.RD, n=[8, 9], events=events)
    assert study.effects == pytest.approx([0])
    assert study.covariance[0, 0] > 0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"n": [8, 0]}, "n is 0"),
        ({"n": [8, -1]}, "n is -1"),
        ({"n": [8, 7.5]}, "n is 7.5"),
        ({"n": [8, math.nan]}, "n is nan"),
        ({"n": [8, 2]}, "3 events among 2"),
        ({"events": [1, -3]}, "events is -3"),
        ({"events": [1, 0.3]}, "events is 0.3"),
        ({"weight": 0}, "weight is 0"),
        ({"weight": 1.5}, "weight is 1.5"),
        ({"treatments": ["a", "a"]}, "one treatment only"),
    ],
)
def test_impossible_arms_are_left_out_with_a_reason(wrong: dict[str, object], why: str) -> None:
    """Each impossible number names itself, the study and a mend."""
    given_: dict[str, object] = {"treatments": ["a", "b"], "n": [8, 8], "events": [1, 3]} | wrong
    with pytest.raises(StudyLeftOut, match=why) as caught:
        contrasts_of_arms("Zarate", scale=Scale.OR, **given_)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.excluded.study == "Zarate"


@pytest.mark.parametrize(
    ("means", "sds", "why"),
    [([1, 2], [1, 0], "deviation is 0"), ([1, 2], [1, -2], "is -2"), ([math.nan, 2], [1, 2], "mean is nan")],
)
def test_impossible_means_are_left_out_with_a_reason(means: list[float], sds: list[float], why: str) -> None:
    """A standard deviation of zero or below and a mean that is no number are refused."""
    with pytest.raises(StudyLeftOut, match=why):
        contrasts_of_arms("A", names(2), Scale.MD, n=[8, 8], means=means, sds=sds)


def test_columns_that_the_scale_needs_must_be_given() -> None:
    """Counts do not make a mean difference, nor means an odds ratio; one size per arm is wanted."""
    with pytest.raises(NetworkError, match="MD needs mean and sd"):
        contrasts_of_arms("A", names(2), Scale.MD, n=[8, 8], events=[1, 2])
    with pytest.raises(NetworkError, match="OR needs the events"):
        contrasts_of_arms("A", names(2), Scale.OR, n=[8, 8], means=[1, 2], sds=[1, 2])
    with pytest.raises(NetworkError, match="2 treatments and 1 sizes"):
        contrasts_of_arms("A", names(2), Scale.OR, n=[8], events=[1])


@given(counted_study(), st.sampled_from(COUNTED), st.randoms(use_true_random=False))
def test_the_order_of_counted_arms_does_not_matter(
    study: tuple[list[int], list[int]], scale: Scale, random: Random
) -> None:
    """Another first arm gives the same study after a change of baseline."""
    events, n = study
    order = list(range(len(n)))
    random.shuffle(order)
    treatments = names(len(n))
    straight = contrasts_of_arms("A", treatments, scale, n=n, events=events)
    turned = contrasts_of_arms(
        "A", [treatments[i] for i in order], scale, n=[n[i] for i in order], events=[events[i] for i in order]
    )
    effects, covariance = rebased(straight, [treatments[i] for i in order])
    assert turned.effects == pytest.approx(effects, abs=1e-11)
    assert turned.covariance == pytest.approx(covariance, abs=1e-11)
    assert np.linalg.eigvalsh(turned.covariance)[0] > 0


@given(measured_study(), st.sampled_from([Scale.MD, Scale.SMD]))
def test_the_order_of_measured_arms_does_not_matter(
    study: tuple[list[int], list[float], list[float]], scale: Scale
) -> None:
    """Reversing the arms changes nothing but the baseline, also for the standardized difference; never a negative variance."""
    n, means, sds = study
    treatments = names(len(n))
    straight = contrasts_of_arms("A", treatments, scale, n=n, means=means, sds=sds)
    turned = contrasts_of_arms("A", treatments[::-1], scale, n=n[::-1], means=means[::-1], sds=sds[::-1])
    effects, covariance = rebased(straight, treatments[::-1])
    assert turned.effects == pytest.approx(effects, abs=1e-9)
    assert turned.covariance == pytest.approx(covariance, rel=1e-9, abs=1e-9)
    assert np.linalg.eigvalsh(turned.covariance)[0] > 0


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_log_odds_ratios_change_sign_with_the_event(n1: int, n2: int, data: st.DataObject) -> None:
    """Counting those without the event turns the log odds ratio round and keeps its variance."""
    events = [data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))]
    if not any(events) or events == [n1, n2]:
        return
    with_event = contrasts_of_arms("A", names(2), Scale.OR, n=[n1, n2], events=events)
    without = contrasts_of_arms("A", names(2), Scale.OR, n=[n1, n2], events=[n1 - events[0], n2 - events[1]])
    assert without.effects == pytest.approx(-with_event.effects, abs=1e-12)
    assert without.covariance == pytest.approx(with_event.covariance, rel=1e-12)


@given(st.integers(1, 100), st.integers(1, 100), st.data())
def test_two_arms_of_one_treatment_count_as_one_and_say_so(n1: int, n2: int, data: st.DataObject) -> None:
    """Two arms of one treatment give what their summed counts give, with a note."""
    first, second = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    pooled = contrasts_of_arms("A", ["k", "p", "k"], Scale.OR, n=[n1, 50, n2], events=[first, 20, second])
    summed = contrasts_of_arms("A", ["k", "p"], Scale.OR, n=[n1 + n2, 50], events=[first + second, 20])
    assert pooled.treatments == ("k", "p")
    assert pooled.effects == pytest.approx(summed.effects, abs=0)
    assert pooled.covariance == pytest.approx(summed.covariance, abs=0)
    assert "2 arms of k" in pooled.notes[0]


@given(
    st.lists(st.floats(-50, 50), min_size=3, max_size=30),
    st.lists(st.floats(-50, 50), min_size=3, max_size=30),
)
def test_pooled_means_are_those_of_all_people(first: list[float], second: list[float]) -> None:
    """Mean and sd of two arms of one treatment are those of their people together."""
    if min(np.ptp(first), np.ptp(second)) < 0.01:
        return
    arms = [np.array(first), np.array(second)]
    sizes, means, sds = [a.size for a in arms], [float(a.mean()) for a in arms], [float(a.std(ddof=1)) for a in arms]
    pooled = contrasts_of_arms("A", ["k", "k", "p"], Scale.MD, n=[*sizes, 20], means=[*means, 3], sds=[*sds, 2])
    everyone = np.concatenate(arms)
    assert pooled.effects == pytest.approx([3 - everyone.mean()], abs=1e-9)
    assert pooled.covariance[0, 0] == pytest.approx(everyone.var(ddof=1) / everyone.size + 4 / 20, rel=1e-9)


@pytest.mark.parametrize("freedom", [2, 3, 10, 58, 5000])
def test_hedges_correction_is_exact(freedom: int) -> None:
    """The correction is the gamma form, near 1 - 3 / (4 m - 1), and 1 in the limit."""
    exact = special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2) - 0.5 * math.log(freedom / 2)
    assert hedges_j(freedom) == pytest.approx(math.exp(exact), rel=1e-12)
    assert hedges_j(freedom) == pytest.approx(1 - 3 / (4 * freedom - 1), abs=0.02 / freedom)


def test_standardized_differences_are_unbiased_and_so_is_their_covariance() -> None:
    """Over 40,000 drawn three-arm studies of 6 people an arm, the mean effects and the mean covariance are the true ones."""
    rng = np.random.default_rng(20261122)
    n, truth = np.array([6, 6, 6]), np.array([0.0, 0.8, -0.5])
    drawn = rng.normal(truth[:, None], 1, (40000, 3, 6))
    means, sds = drawn.mean(2), drawn.std(2, ddof=1)
    effects, covariances = [], []
    for mean, sd in zip(means.tolist(), sds.tolist(), strict=True):
        study = contrasts_of_arms("A", names(3), Scale.SMD, n=n.tolist(), means=mean, sds=sd)
        effects.append(study.effects)
        covariances.append(study.covariance)
    found = np.array(effects)
    assert found.mean(0) == pytest.approx(truth[1:], abs=0.015)
    assert np.mean(covariances, axis=0) == pytest.approx(np.cov(found.T), abs=0.015)


def test_too_few_people_have_no_standardized_difference() -> None:
    """Two arms of two people leave two degrees of freedom, where the variance does not exist."""
    with pytest.raises(StudyLeftOut, match="too few"):
        contrasts_of_arms("A", names(2), Scale.SMD, n=[2, 2], means=[1, 2], sds=[1, 1])


def test_arms_whose_errors_are_worlds_apart_are_left_out() -> None:
    """A standard deviation a million times the other's is a slip of units, and no model could be fitted to it."""
    with pytest.raises(StudyLeftOut, match="hundred thousand times"):
        contrasts_of_arms("A", names(3), Scale.MD, n=[9, 9, 9], means=[1, 2, 3], sds=[1, 1e6, 1])
