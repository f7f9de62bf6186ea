"""Effects that depend on the study: the trials of BCG by latitude, a second way to each number, and silence where nothing can be said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.covariates import Covariate, Slopes
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import NotEstimableError
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.regression import Regression, regress
from support.networks import SHAPES, bcg, drawn_design, drawn_network, network, two_arms

LATITUDE = "vaccine by latitude"


def by_latitude(**more: object) -> Regression:
    """BCG against none, by latitude."""
    design = standard_design(bcg().treatments)
    return regress(bcg(), design, "latitude", on=["vaccine"], slopes=Slopes.TREATED, **more)  # type: ignore[arg-type]  # passed on as given


def with_covariate(data: Network, values: dict[str, float]) -> Network:
    """The same studies, each telling z if it is in `values`."""
    studies = (replace(s, covariates={"z": values[s.study]} if s.study in values else {}) for s in data.studies)
    return network(*studies)


def test_the_trials_of_bcg_by_latitude() -> None:
    """REML as metafor prints it (recalled): 0.2515 - 0.0291 (0.0072) per degree, tau2 0.0764, residual Q 30.7331 on 11."""
    found = by_latitude(tau=TauMethod.REML)
    slope = found.slopes[LATITUDE]
    assert slope is not None
    assert slope.estimate == pytest.approx(-0.0291, abs=5e-5)
    assert slope.se == pytest.approx(0.0072, abs=5e-5)
    zero = found.effect("vaccine", "none", 0.0)
    assert (zero.estimate, zero.se) == pytest.approx((0.2515, 0.2491), abs=5e-5)
    assert found.tau2 == pytest.approx(0.0764, abs=1e-4)  # its iterations stop at 0.0764; the highest point is 0.07635
    assert found.q_model[:2] == pytest.approx((30.7331, 11), abs=5e-5)
    assert found.q_slopes[:2] == pytest.approx((16.3571, 1), abs=1e-2)
    assert found.explained == pytest.approx(1 - 0.0764 / 0.3132, abs=5e-4)


def test_hartung_and_knapp_take_t() -> None:
    """Their intervals have t with k - 2 degrees and the residual mean square in the variance."""
    plain, found = by_latitude(), by_latitude(hartung_knapp=True)
    slope, scaled = plain.slopes[LATITUDE], found.slopes[LATITUDE]
    assert slope is not None
    assert scaled is not None
    assert found.df == 11
    assert scaled.estimate == pytest.approx(slope.estimate)
    assert scaled.upper - scaled.estimate == pytest.approx(stats.t.ppf(0.975, 11) * scaled.se)


def test_centering_changes_nothing_that_is_told() -> None:
    """With every latitude a thousand degrees higher, slope, effects at the same place, tau2 and Q are the same."""
    moved = {s.study: s.covariates["latitude"] + 1000 for s in bcg().studies}
    near = by_latitude()
    design = standard_design(bcg().treatments)
    far = regress(bcg(), design, Covariate(name="latitude", values=moved), on=["vaccine"], slopes=Slopes.TREATED)
    assert far.slopes[LATITUDE] == pytest.approx(near.slopes[LATITUDE], rel=1e-9)
    assert far.effect("vaccine", "none", 1033.0) == pytest.approx(near.effect("vaccine", "none", 33.0), rel=1e-9)
    assert far.tau2 == pytest.approx(near.tau2)
    assert far.q_model.value == pytest.approx(near.q_model.value)


def test_the_kind_of_control_as_a_category() -> None:
    """Ketamine against saline-controlled and midazolam-controlled studies: each word has its own mean, the slope is their difference."""
    data = network(
        *(two_arms(f"s{i}", "control", "ketamine", y, 0.1) for i, y in enumerate((1.2, 1.0, 1.4))),
        *(two_arms(f"m{i}", "control", "ketamine", y, 0.2) for i, y in enumerate((0.5, 0.7))),
    )
    kinds = {f"s{i}": "saline" for i in range(3)} | {f"m{i}": "midazolam" for i in range(2)}
    found = regress(
        data,
        standard_design(data.treatments),
        Covariate(name="control", values=kinds),
        on=["ketamine"],
        slopes=Slopes.INDEPENDENT,
        tau=0.0,
    )
    assert found.reference == "saline"
    slope = found.slopes["ketamine by control midazolam"]
    assert slope is not None
    assert (slope.estimate, slope.se) == pytest.approx((0.6 - 1.2, (0.1 / 3 + 0.2 / 2) ** 0.5))
    assert found.effect("ketamine", "control", "saline").estimate == pytest.approx(1.2)
    assert found.effect("ketamine", "control", "midazolam").estimate == pytest.approx(0.6)
    with pytest.raises(NetworkError, match="no study has control 'sham'"):
        found.effect("ketamine", "control", "sham")
    with pytest.raises(NetworkError, match="has no line"):
        found.line("ketamine", "control")


def test_a_reference_may_be_chosen() -> None:
    """The other word as the reference turns the sign; one that no study has is refused."""
    data = network(two_arms("1", "c", "k", 1.0), two_arms("2", "c", "k", 0.4))
    kinds = {"1": "saline", "2": "sham"}
    for word, sign in (("saline", -1), ("sham", 1)):
        covariate = Covariate(name="control", values=kinds, reference=word)
        found = regress(data, standard_design(data.treatments), covariate, on=["k"])
        (slope,) = found.slopes.values()
        assert slope is not None
        assert slope.estimate == pytest.approx(sign * 0.6)
    with pytest.raises(NetworkError, match="no study has control 'tea'"):
        regress(
            data, standard_design(data.treatments), Covariate(name="control", values=kinds, reference="tea"), on=["k"]
        )


def rank(rows: list[list[Fraction]]) -> int:
    """The rank of a matrix of fractions."""
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            if factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


@pytest.mark.parametrize("slopes", [Slopes.INDEPENDENT, Slopes.SHARED])
def test_estimability_and_values_by_a_second_way(slopes: Slopes) -> None:
    """On drawn networks each slope is a number if and only if it adds no rank to [X, zX], and then that of whitened least squares."""
    rng = np.random.default_rng(21)
    can = cannot = 0
    for turn in range(40):
        data = drawn_network(rng, SHAPES[turn % 4])
        tenths = rng.integers(0, 4, size=len(data.studies)) / 10
        values = {s.study: float(z) for s, z in zip(data.studies, tenths, strict=True)}
        if len(set(values.values())) < 2:
            continue
        data = with_covariate(data, values)
        design = drawn_design(rng, data)
        found = regress(data, design, "z", slopes=slopes, tau=0.3)
        exact, white, y, p, c = [], [], [], len(design.columns), len(design.components)
        for one in data.studies:
            held = [design.row_of(name) - design.row_of(one.treatments[0]) for name in one.treatments[1:]]
            z = Fraction(round(one.covariates["z"] * 10), 10)
            rows = [
                [Fraction(int(v)) for v in row]
                + ([z * int(v) for v in row[:c]] if slopes is Slopes.INDEPENDENT else [z * int(sum(row[:c]))])
                for row in held
            ]
            exact += rows
            half = np.linalg.inv(np.linalg.cholesky(one.covariance + 0.09 * (np.eye(len(rows)) + 1) / 2))
            white.append(half @ np.array(rows, dtype=float))
            y.append(half @ one.effects)
        x = np.vstack(white)
        beta, spread = np.linalg.lstsq(x, np.concatenate(y), rcond=1e-10)[0], np.linalg.pinv(x.T @ x, rcond=1e-10)
        for place, (label, slope) in enumerate(found.slopes.items()):
            unit = [Fraction(int(i == p + place)) for i in range(len(exact[0]))]
            assert (slope is not None) == (rank([*exact, unit]) == rank(exact)), label
            if slope is None:
                cannot += 1
                continue
            can += 1
            assert slope.estimate == pytest.approx(beta[p + place], abs=1e-6)
            assert slope.se == pytest.approx(spread[p + place, p + place] ** 0.5, abs=1e-6)
    assert can > 10
    assert cannot > 2


def test_a_covariate_told_with_the_treatment_is_no_slope() -> None:
    """If every study of B is of old people and every study of A of young ones, a slope of each alone cannot be had; a shared one neither."""
    data = with_covariate(
        network(two_arms("1", "O", "A", 1.0), two_arms("2", "O", "A", 0.9), two_arms("3", "O", "B", 0.2)),
        {"1": 30.0, "2": 30.0, "3": 70.0},
    )
    design = component_design(data.treatments, inactive="O")
    for slopes in (Slopes.INDEPENDENT, Slopes.SHARED):
        found = regress(data, design, "z", slopes=slopes)
        assert set(found.slopes.values()) == {None}
        assert found.q_slopes == (0.0, 0, None)
        assert found.effect("A", "O", 30.0).estimate == pytest.approx(0.95)
        with pytest.raises(NotEstimableError, match=r"cannot give A against O where z is 50\.0"):
            found.effect("A", "O", 50.0)


def test_a_shared_slope_borrows_from_the_other_component() -> None:
    """One slope for all components: A's studies at two ages give B's effect at an age at which B was not studied."""
    data = with_covariate(
        network(two_arms("1", "O", "A", 1.0), two_arms("2", "O", "A", 0.6), two_arms("3", "O", "B", 0.5)),
        {"1": 30.0, "2": 50.0, "3": 30.0},
    )
    design = component_design(data.treatments, inactive="O")
    found = regress(data, design, "z", tau=0.0)
    slope = found.slopes["each component by z"]
    assert slope is not None
    assert slope.estimate == pytest.approx(-0.02)
    assert found.effect("B", "O", 50.0).estimate == pytest.approx(0.5 - 0.4)
    assert found.effect("A+B", "O", 30.0).estimate == pytest.approx(1.5)  # nobody gave both; effects and slopes add
    assert regress(data, design, "z", slopes=Slopes.INDEPENDENT).slopes["B by z"] is None


def test_one_slope_for_any_treatment_needs_whole_treatments() -> None:
    """In a component model with a combination, having any of several is no sum of effects: refused with its mend."""
    data = with_covariate(
        network(two_arms("1", "O", "A", 1.0), two_arms("2", "O", "B", 0.9), two_arms("3", "O", "A+B", 0.2)),
        {"1": 1.0, "2": 2.0, "3": 3.0},
    )
    with pytest.raises(NetworkError, match="whole treatments"):
        regress(data, component_design(data.treatments, inactive="O"), "z", slopes=Slopes.TREATED)


def test_studies_that_do_not_tell_are_left_out_and_listed() -> None:
    """A missing covariate is not zero: the study is excluded by name, with its rows."""
    data = network(*(two_arms(f"{i}", "O", "A", y, row_ids=(f"line {i}",)) for i, y in enumerate((0.1, 0.4, 0.9))))
    found = regress(with_covariate(data, {"0": 1.0, "2": 5.0}), component_design("OA", inactive="O"), "z")
    assert [(one.study, one.row_ids) for one in found.excluded] == [("1", ("line 1",))]
    assert "does not tell z" in found.excluded[0].why
    assert len(found.network.studies) == 2
    (slope,) = found.slopes.values()
    assert slope is not None
    assert slope.estimate == pytest.approx(0.2)


def test_bubbles_and_line() -> None:
    """Each study that compared the two is a bubble, first minus second; the line spans what was studied and no more."""
    found = by_latitude()
    bubbles = found.bubbles("vaccine", "none")
    assert len(bubbles) == 13
    assert [one.at for one in bubbles] == sorted(s.covariates["latitude"] for s in bcg().studies)
    place = {s.study: s for s in bcg().studies}
    assert all(one.effect == pytest.approx(place[one.study].effects[0]) for one in bubbles)
    assert all(one.variance == pytest.approx(place[one.study].covariance[0, 0]) for one in bubbles)
    line = found.line("vaccine", "none", steps=5)
    assert [at for at, _ in line] == pytest.approx([13, 23.5, 34, 44.5, 55])
    assert line[2][1] == found.effect("vaccine", "none", 34.0)
    assert any("between patients" in note for note in found.notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "no study tells 'z'"),
        ({"1": 1.0}, "too few"),
        ({"1": 2.0, "2": 2.0}, "is the same in all 2 studies"),
        ({"1": 2.0, "2": float("nan")}, "study 2: z is no number"),
    ],
)
def test_covariates_that_cannot_be_used(values: dict[str, float], words: str) -> None:
    """Unknown, told by one study, without variation, or no number: refused by name."""
    data = with_covariate(network(two_arms("1", "O", "A", 1.0), two_arms("2", "O", "A", 0.5)), values)
    with pytest.raises(NetworkError, match=words):
        regress(data, component_design(data.treatments, inactive="O"), "z")


def test_unknown_columns_and_places_are_refused() -> None:
    """A slope on what is not in the design, or an effect at a word where a number is meant, is an error."""
    with pytest.raises(NetworkError, match="no column 'tea'"):
        regress(bcg(), standard_design(bcg().treatments), "latitude", on=["tea"])
    with pytest.raises(NetworkError, match="latitude is a number"):
        by_latitude().effect("vaccine", "none", "north")
