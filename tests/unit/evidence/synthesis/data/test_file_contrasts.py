"""A file of comparisons becomes a network: from logarithms or ratios, standard errors, variances or intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.arms import contrasts_of_arms
from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import NetworkError, Scale

TWO = "study,treat1,treat2,TE,seTE\nA,ket,pla,0.7,0.3\nB,tms,pla,-0.4,0.2\n"


def test_an_effect_is_its_first_treatment_minus_its_second() -> None:
    """TE stays as written, against treat2."""
    network = read_network(TWO, scale=Scale.OR)
    assert network.studies[0].treatments == ("pla", "ket")
    assert network.studies[0].effects == pytest.approx([0.7])
    assert network.studies[1].covariance == pytest.approx(np.array([[0.04]]))
    assert network.studies[1].row_ids == ("line 3",)


def test_without_a_measure_effects_are_plain_differences_and_that_is_said() -> None:
    """Nobody can see from the numbers whether they are logarithms."""
    network = read_network(TWO)
    assert network.scale is Scale.MD
    assert any("No measure was told" in note for note in network.notes)


@pytest.mark.parametrize(
    ("columns", "row", "scale"),
    [
        ("studlab,t1,t2,effect,std.err", "A,ket,pla,0.7,0.3", Scale.OR),
        ("id,trt1,trt2,yi,vi", "A,ket,pla,0.7,0.09", Scale.OR),
        ("study,treatment,comparator,estimate,standard_error", "A,ket,pla,0.7,0.3", Scale.RR),
        ("study,treat1,treat2,y,se", "A,ket,pla,0.7,0.3", Scale.MD),
        ("study,treat1,treat2,logOR,se", "A,ket,pla,0.7,0.3", None),
        ("study,treat1,treat2,SMD,se", "A,ket,pla,0.7,0.3", None),
        ("id,lnOR,selnOR,treat1,treat2", "A,0.7,0.3,ket,pla", None),
        (
            "study,treat1,treat2,OR,lower,upper",
            f"A,ket,pla,{math.exp(0.7)},{math.exp(0.7 - 1.959963984540054 * 0.3)},{math.exp(0.7 + 1.959963984540054 * 0.3)}",
            None,
        ),
        (
            "study,treat1,treat2,diff,ci_low,ci_high",
            f"A,ket,pla,0.7,{0.7 - 1.959963984540054 * 0.3},{0.7 + 1.959963984540054 * 0.3}",
            Scale.RD,
        ),
    ],
)
def test_the_columns_of_other_programs_give_the_same(columns: str, row: str, scale: Scale | None) -> None:
    """Effect 0.7 and standard error 0.3, however they are named, squared, exponentiated or given as an interval."""
    network = read_network(f"{columns}\n{row}\n", scale=scale)
    assert network.studies[0].effects == pytest.approx([0.7], abs=1e-12)
    assert network.studies[0].covariance == pytest.approx(np.array([[0.09]]), abs=1e-12)
    expected = {"logOR": Scale.OR, "lnOR": Scale.OR, "OR": Scale.OR, "SMD": Scale.SMD}
    assert network.scale is (scale or next(s for name, s in expected.items() if f",{name}," in columns))


RATIOS = "A,k,p,2.00,1.00,4.00\nB,k,p,0.50,0.20,1.25\nC,k,p,3.1,1.2,8.0\n"
LOGS = "A,k,p,0.69,0.0,1.386\nB,k,p,-0.69,-1.61,0.223\nC,k,p,1.13,0.18,2.08\n"
MIXED = "A,k,p,0.693,1.00,4.00\nB,k,p,-0.693,0.20,1.25\nC,k,p,1.131,1.2,8.0\n"


@pytest.mark.parametrize("rows", [RATIOS, LOGS, MIXED])
def test_ratios_are_told_from_logarithms_by_their_intervals(rows: str) -> None:
    """An estimate stands in the middle of its interval on the right scale only, and a note says what was found."""
    network = read_network("study,treat1,treat2,estimate,lower,upper\n" + rows, scale=Scale.OR)
    assert network.studies[0].effects == pytest.approx([math.log(2)], abs=0.01)
    assert network.studies[0].covariance[0, 0] == pytest.approx((math.log(4) / 2 / 1.96) ** 2, abs=0.002)
    assert any("By how estimates stand" in note for note in network.notes)


def test_what_may_be_a_ratio_or_a_logarithm_is_refused() -> None:
    """Intervals that fit neither, or both, wait for the column's name; a ratio with a bare standard error too."""
    with pytest.raises(NetworkError, match="name the column OR"):
        read_network("study,treat1,treat2,te,lower,upper\nA,k,p,1.0,0.99,1.01\n", scale=Scale.OR)
    with pytest.raises(NetworkError, match="column named logOR"):
        read_network("study,treat1,treat2,OR,se\nA,k,p,2.0,0.5\n")
    with pytest.raises(NetworkError, match="is OR, and RR was asked for"):
        read_network("study,treat1,treat2,OR,lower,upper\nA,k,p,2,1,4\n", scale=Scale.RR)


def test_of_several_effects_the_one_with_its_standard_error_is_read_and_the_others_are_named() -> None:
    """TE with seTE beside the ratio and its interval: no column is passed over in silence."""
    network = read_network("study,treat1,treat2,OR,lower,upper,TE,seTE\nA,k,p,2,1,4,0.7,0.3\n", scale=Scale.OR)
    assert network.studies[0].effects == pytest.approx([0.7])
    assert network.studies[0].covariance == pytest.approx(np.array([[0.09]]))
    assert any("'TE' was read as the effect, and OR not" in note for note in network.notes)
    assert any("lower and upper not" in note for note in network.notes)


def test_ratios_given_for_logarithms_are_suspected() -> None:
    """Five values all above 0 on a ratio's scale make one ask."""
    rows = "".join(f"s{i},k,p,{0.8 + 0.1 * i},0.3\n" for i in range(5))
    assert any("not the ratio" in n for n in read_network("study,treat1,treat2,TE,seTE\n" + rows, scale=Scale.OR).notes)
    assert not any("not the ratio" in n for n in read_network(TWO, scale=Scale.OR).notes)


def test_the_rounding_of_ratios_is_that_of_their_logarithms() -> None:
    """0.15, 0.30 and 0.51 agree within their printed digits, for half a hundredth is 3 % of 0.15; 0.60 does not."""
    rows = ["A,a,c,0.15,0.05,0.45", "A,b,c,0.30,0.10,0.90"]
    head = "study,treat1,treat2,OR,lower,upper"
    network = read_network("\n".join([head, *rows, "A,a,b,0.51,0.17,1.53"]))
    assert "only to rounding" in network.studies[0].notes[0]
    with pytest.raises(NetworkError, match="contradict one another"):
        read_network("\n".join([head, *rows, "A,a,b,0.60,0.20,1.80"]))


def test_an_estimate_off_the_middle_of_its_interval_is_said() -> None:
    """The standard error comes from the width, and the reader is told where that is doubtful."""
    network = read_network("study,treat1,treat2,MD,lower,upper\nA,k,p,1.9,0,4\nB,k,p,3.5,0,4\n")
    assert next(note for note in network.notes if "not in the middle" in note).startswith("Study B: line 3:")


@given(
    st.lists(st.tuples(st.integers(2, 200), st.integers(0, 200)), min_size=2, max_size=5),
    st.sampled_from(list(Scale)[:3]),
)
def test_all_pairs_agree_with_the_arms_they_were_made_of(study: list[tuple[int, int]], scale: Scale) -> None:
    """Pairs made of a study's arms, written out in full, give the contrasts that the arms give."""
    n, events = [size for size, _ in study], [min(count, size - 1) or 1 for size, count in study]
    names = [f"t{i}" for i in range(len(n))]
    whole = contrasts_of_arms("A", names, scale, n=n, events=events)
    effects = [0.0, *whole.effects.tolist()]
    rows = []
    for i in range(len(n)):
        for j in range(i):
            pair = contrasts_of_arms("A", [names[j], names[i]], scale, n=[n[j], n[i]], events=[events[j], events[i]])
            rows.append(f"A,{names[i]},{names[j]},{effects[i] - effects[j]!r},{math.sqrt(pair.covariance[0, 0])!r}")
    (found,) = read_network("\n".join(["study,treat1,treat2,TE,seTE", *rows]), scale=scale).studies
    assert found.treatments == tuple(names)
    assert found.effects == pytest.approx(whole.effects, abs=1e-10)
    assert found.covariance == pytest.approx(whole.covariance, rel=1e-9, abs=1e-12)


def test_a_column_with_the_shared_arms_standard_error_makes_two_rows_enough() -> None:
    """se_baseline or var_ref give the covariance of the two comparisons with the shared arm."""
    head, rows = "study,treat1,treat2,TE,seTE", ["A,ket,pla,0.7,0.5", "A,tms,pla,0.4,0.4"]
    for name, value in (("se_baseline", 0.3), ("var_ref", 0.09)):
        network = read_network("\n".join([f"{head},{name}", *(f"{row},{value}" for row in rows)]), scale=Scale.OR)
        assert network.studies[0].treatments == ("pla", "ket", "tms")
        assert network.studies[0].covariance == pytest.approx(np.array([[0.25, 0.09], [0.09, 0.16]]))


def test_weights_and_designs_are_read_beside_comparisons() -> None:
    """Weight and design are of the study in this layout too."""
    text = "study,treat1,treat2,TE,seTE,weight,randomized,year\nA,k,p,0.7,0.3,0.5,no,2001\nB,k,p,0.4,0.2,0,yes,2002\n"
    network = read_network(text, scale=Scale.OR)
    assert [(s.weight, s.randomized, s.covariates) for s in network.studies] == [(0.5, False, {"year": 2001.0})]
    assert network.excluded[0].study == "B"
