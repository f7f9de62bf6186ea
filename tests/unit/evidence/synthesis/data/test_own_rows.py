"""Our study tables as a network: every row used or excluded with a reason, and nothing where it does not belong."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.own_choice import CONTROL, NOTHING_ADDED, OwnChoice, settle
from inconcert.evidence.synthesis.data.own_figures import a_count_gives
from inconcert.evidence.synthesis.data.own_rows import own_network
from inconcert.evidence.synthesis.data.types import Network, NetworkError, Scale, StudyContrasts
from inconcert.knowledge.studies import study_tables

CHOICES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["response", "remission", "change"]),
        "week": st.sampled_from([None, 0, 1, 2, 4, 6, 9, 52]),
        "design": st.sampled_from(["rct", "all"]),
        "days_before": st.sampled_from([None, 0, 7, 28]),
        "days_after": st.sampled_from([None, 0, 7, 400]),
        "any_visit": st.booleans(),
        "use_recalled": st.booleans(),
        "use_derived": st.booleans(),
        "approximate": st.sampled_from([None, "never", "read_n", "any"]),
        "crossover_correlation": st.sampled_from([None, "exclude", 0.5]),
        "merge_controls": st.booleans(),
    }
)


def study(network: Network, study_id: str) -> StudyContrasts:
    """One study of a network."""
    return next(entry for entry in network.studies if entry.study == study_id)


def why(network: Network, row_id: str) -> str:
    """Why a row was excluded."""
    return next(entry.why for entry in network.excluded if row_id in entry.row_ids)


@settings(max_examples=60, deadline=None)
@given(choice=CHOICES)
def test_every_row_is_used_or_excluded_with_a_reason(choice: dict[str, Any]) -> None:
    """Whatever is asked, each row of outcomes and contrasts stands once, used or excluded, and each study is named."""
    tables = study_tables()
    network = own_network(OwnChoice(**choice))
    used = [row for entry in network.studies for row in entry.row_ids]
    out = [row for entry in network.excluded for row in entry.row_ids]
    assert sorted(used + out) == sorted([*tables.outcomes, *(row.row_id for row in tables.contrasts)])
    assert {e.study for e in network.studies} | {e.study for e in network.excluded} == set(tables.studies)
    assert all(entry.why for entry in network.excluded)


@settings(max_examples=60, deadline=None)
@given(choice=CHOICES)
def test_only_what_is_randomized_enters_a_randomized_network(choice: dict[str, Any]) -> None:
    """Single arms, registries, cases and open phases never enter a randomized network, and covariances are proper."""
    tables = study_tables()
    for entry in own_network(OwnChoice(**choice)).studies:
        assert tables.studies[entry.study].design not in ("case_series", "case_report")
        assert entry.randomized == (tables.studies[entry.study].design in ("rct", "crossover"))
        assert entry.randomized or choice["design"] == "all"
        assert len(set(entry.treatments)) == len(entry.treatments) > 1
        assert not any("PHILLIPS2019/ket6" in row for row in entry.row_ids)
        assert np.all(np.isfinite(entry.effects))
        assert np.linalg.eigvalsh(entry.covariance).min() > 0
        assert np.allclose(entry.covariance, entry.covariance.T)


@settings(max_examples=30, deadline=None)
@given(choice=CHOICES)
def test_marks_go_with_the_rows(choice: dict[str, Any]) -> None:
    """A row from memory or worked back is named in its study's notes, and is not used where it was to be left out."""
    tables = study_tables()
    for entry in own_network(OwnChoice(**choice)).studies:
        for row_id in entry.row_ids:
            row = tables.outcomes.get(row_id)
            if row is not None and row.weakest == "recalled":
                assert choice["use_recalled"]
                assert f"{row_id}: from memory" in entry.notes
            if row is not None and row.derived:
                assert choice["use_derived"]
                assert f"{row_id}: worked back from other figures" in entry.notes


def test_the_comparison_of_the_pair_enters_only_where_all_designs_are_asked_for() -> None:
    """Deep TMS with and without infusions: not randomized, odds ratio from 53 of 66 and 130 of 169."""
    assert why(own_network(OwnChoice()), "SHANOK2024/comb/PHQ9/63/response") == "not randomized (retrospective)"
    pair = study(own_network(OwnChoice(design="all")), "SHANOK2024")
    assert pair.treatments == ("dtms_h1+dtms_h7", "dtms_h1+dtms_h7+ketamine_iv")
    assert not pair.randomized
    assert pair.effects[0] == pytest.approx(math.log((53 / 13) / (130 / 39)))
    assert pair.covariance[0, 0] == pytest.approx(1 / 53 + 1 / 13 + 1 / 130 + 1 / 39)


def test_background_that_everybody_had_cancels() -> None:
    """Both groups of TRANSFORM-2 had a new antidepressant, so it is spray against spray; the control comes first."""
    found = study(own_network(OwnChoice()), "TRANSFORM2")
    assert found.treatments == ("placebo_in", "esketamine_in")
    assert "every arm also had oral_ad, which cancels" in found.notes


def test_a_group_with_background_only_had_nothing_added() -> None:
    """Standard care alone is an open control of its own, not a placebo."""
    found = study(own_network(OwnChoice(design="all")), "FILIPCIC2017")
    assert found.treatments == (NOTHING_ADDED, "rtms_10hz")


def test_background_that_differs_is_kept() -> None:
    """Where only one group had usual care it stays part of the comparison."""
    found = study(own_network(OwnChoice(outcome="change", week=26, design="all")), "BASTIAENS2024")
    assert found.treatments == ("usual_care", "rtms_unspecified")


def test_doses_of_one_treatment_are_pooled() -> None:
    """The three groups of TRANSFORM-1 are two: both doses as one, mean and spread of all their people together."""
    found = study(own_network(OwnChoice(outcome="change", scale=Scale.MD)), "TRANSFORM1")
    assert found.treatments == ("placebo_in", "esketamine_in")
    n, means, sds = (111, 98), (-19.0, -18.8), (13.86, 14.12)
    mean = (111 * -19.0 + 98 * -18.8) / 209
    squares = sum((size - 1) * sd**2 + size * (m - mean) ** 2 for size, m, sd in zip(n, means, sds, strict=True))
    assert found.effects[0] == pytest.approx(mean + 14.8)
    assert found.covariance[0, 0] == pytest.approx(squares / 208 / 209 + 15.07**2 / 108)


def test_controls_stay_apart_unless_merged() -> None:
    """Saline, midazolam and placebo sprays are different nodes; merging them is said to be an assumption."""
    apart = own_network(OwnChoice(week=None, any_visit=True))
    assert {"saline", "midazolam", "placebo_in", "sham_tms"} <= set(apart.treatments)
    merged = own_network(OwnChoice(week=None, any_visit=True, merge_controls=True))
    assert CONTROL in merged.treatments
    assert not {"saline", "midazolam", "placebo_in", "sham_tms"} & set(merged.treatments)
    assert any("assumed to do the same and called control" in note for note in merged.notes)


def test_a_crossover_is_paired_by_a_stated_correlation() -> None:
    """With a correlation of a half the variance is v1 + v2 - sqrt(v1 v2); excluded, the row says why."""
    asked: dict[str, Any] = {"outcome": "response", "week": 2, "any_visit": True, "days_before": 7.0}
    plain = study(own_network(OwnChoice(**asked)), "DIAZGRANADOS2010")
    paired = study(own_network(OwnChoice(**asked, crossover_correlation=0.5)), "DIAZGRANADOS2010")
    first, second = 1 / 1 + 1 / 15, 1 / 12 + 1 / 5
    assert plain.covariance[0, 0] == pytest.approx(first + second)
    assert paired.covariance[0, 0] == pytest.approx(first + second - math.sqrt(first * second))
    out = own_network(OwnChoice(**asked, crossover_correlation="exclude"))
    assert "a crossover" in why(out, "DIAZGRANADOS2010/ket/MADRS/14/response_any")


def test_a_percentage_is_no_count() -> None:
    """A rate without people is left out; one that no whole number gives is not made into a count unless that is asked for."""
    strict = own_network(OwnChoice())
    assert "no whole number of 25 people gives it" in why(strict, "COLEJ2022_DCS/dcs/MADRS/28/response")
    assert "the number of people was not seen" in why(strict, "LEVKOVITZ2015/dtms/HAMD21/35/response")
    loose = study(own_network(OwnChoice(approximate="any")), "LEVKOVITZ2015")
    assert "LEVKOVITZ2015/dtms/HAMD21/35/response: 34 of 89 worked back from 38.4%" in loose.notes


@pytest.mark.parametrize(
    ("value", "n", "whole"),
    [(0.25, 15, False), (0.4, 15, True), (0.667, 15, True), (0.739, 25, False), (0.505, 111, True), (1.0, 28, True), (0.0, 9, True)],
)  # fmt: skip
def test_whole_people(value: float, n: int, whole: bool) -> None:
    """Some whole number of people gives the percentage, or none does."""
    assert a_count_gives(value, n) is whole


def test_a_printed_difference_fills_in_for_missing_spreads() -> None:
    """Deep TMS against sham: points without spread, so the standard deviation is worked back from p; 0.76 is not believed."""
    network = own_network(OwnChoice(outcome="change"))
    found = study(network, "LEVKOVITZ2015")
    assert network.scale is Scale.SMD
    assert found.effects[0] == pytest.approx(-0.395, abs=0.01)
    assert why(network, "LEVKOVITZ2015/dtms-sham/HAMD21/35/SMD").startswith("in doubt")
    assert why(network, "LEVKOVITZ2015/dtms/HAMD21/35/change") == "a mean without a spread (no SD, no SE)"


def test_points_where_all_share_a_scale() -> None:
    """Where every study used MADRS, points are compared, without anybody asking for it."""
    network = own_network(OwnChoice(outcome="change", measure="MADRS", leave_out=("LEVKOVITZ2015",)))
    assert network.scale is Scale.MD
    assert study(network, "KET01_2026").effects[0] == -1.82
    assert study(network, "KET01_2026").covariance[0, 0] == pytest.approx((8.78 / 2 / 1.959964) ** 2)


def test_differences_that_share_an_arm_are_correlated() -> None:
    """Three doses printed against one placebo: pooled by generalized least squares with the placebo's part as covariance."""
    found = study(own_network(OwnChoice(outcome="change", scale=Scale.MD, week=1, days_before=0)), "DALY2018")
    se = np.array([2.09, 2.07, 2.13])
    parts = se * np.sqrt((1 / 33) / (1 / 33 + 1 / np.array([11, 11, 12])))
    v = np.outer(parts, parts)
    np.fill_diagonal(v, se**2)
    weight = np.linalg.inv(v)
    assert found.effects[0] == pytest.approx(weight.sum(0) @ np.array([-4.2, -6.3, -9.0]) / weight.sum())
    assert found.covariance[0, 0] == pytest.approx(1 / weight.sum())


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"scale": Scale.MD}, "response cannot be compared as MD"),
        ({"outcome": "change", "scale": Scale.OR}, "change cannot be compared as OR"),
        ({"week": -1}, "before treatment"),
        ({"crossover_correlation": 1.0}, "cannot be"),
        ({"merge": {"ketamin": "ketamine"}}, "no component 'ketamin'"),
        ({"measure": "MADRAS"}, "no scale 'MADRAS'"),
        ({"leave_out": ("NOBODY",)}, "no study 'NOBODY'"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(wish: dict[str, Any], said: str) -> None:
    """A choice that names what is not there is refused with what would mend it."""
    with pytest.raises(NetworkError, match=said):
        settle(OwnChoice(**wish))


def test_one_scale_and_day_per_study_the_nearest_first() -> None:
    """O'Reardon counted at week 4 and 6: week 4 is taken for week 4, week 6 for week 6, and the other is named."""
    four = own_network(OwnChoice(week=4))
    assert "OREARDON2007/tms/MADRS/28/response" in study(four, "OREARDON2007").row_ids
    assert why(four, "OREARDON2007/tms/MADRS/42/response").startswith("another day")
    six = own_network(OwnChoice(week=6))
    assert "OREARDON2007/tms/MADRS/42/response" in study(six, "OREARDON2007").row_ids


def test_a_spread_worked_back_over_people_from_memory_is_from_memory() -> None:
    """Deep TMS against sham rests on 92 people of whom we only remember the number, and is left out where memory is."""
    found = study(own_network(OwnChoice(outcome="change")), "LEVKOVITZ2015")
    assert any("number of people of sham from memory" in note for note in found.notes)
    out = own_network(OwnChoice(outcome="change", use_recalled=False, scale=Scale.SMD))
    assert "from memory" in why(out, "LEVKOVITZ2015/dtms-sham/HAMD21/35/MD")


def test_a_change_is_worked_back_from_means() -> None:
    """Means and spreads before and after, no change: the difference, with the spread that the stated correlation gives."""
    ours = study_tables()
    rows = {
        ("dcs", 0.0): (30.4, 4.5),
        ("pbo", 0.0): (30.3, 4.2),
        ("dcs", 28.0): (12.0, 8.0),
        ("pbo", 28.0): (18.5, 9.0),
    }
    base = ours.outcomes["COLEJ2022_DCS/dcs/MADRS/0/mean"]
    more = [
        msgspec.structs.replace(base, arm_id=arm, timepoint_days=day, value=value, sd=sd)
        for (arm, day), (value, sd) in rows.items()
    ]
    tables = msgspec.structs.replace(ours, outcomes={**ours.outcomes, **{row.row_id: row for row in more}})
    network = own_network(OwnChoice(outcome="change", scale=Scale.MD), tables)
    found = study(network, "COLEJ2022_DCS")
    assert found.effects[0] == pytest.approx((12.0 - 30.4) - (18.5 - 30.3))
    spreads = [4.5**2 + 8.0**2 - 4.5 * 8.0, 4.2**2 + 9.0**2 - 4.2 * 9.0]
    assert found.covariance[0, 0] == pytest.approx(sum(spreads) / 25)
    assert len(found.row_ids) == 4
    assert any("taken as correlated by 0.5" in note for note in found.notes)
    strict = own_network(OwnChoice(outcome="change", scale=Scale.MD, use_derived=False), tables)
    assert "worked back from means" in why(strict, "COLEJ2022_DCS/dcs/MADRS/28/mean")


@pytest.mark.parametrize("mutual", [False, True])
def test_nobody_is_counted_twice(mutual: bool) -> None:
    """A study that reports the people of another that is used stays out, and says whose; never do both fall out."""
    ours = study_tables()
    names = {"TRANSFORM2": "TRANSFORM1", "TRANSFORM1": "TRANSFORM2" if mutual else ""}
    changed = {name: msgspec.structs.replace(ours.studies[name], same_people_as=other) for name, other in names.items()}
    network = own_network(OwnChoice(), msgspec.structs.replace(ours, studies={**ours.studies, **changed}))
    kept = {entry.study for entry in network.studies} & set(names)
    (out,) = set(names) - kept
    row = f"{out}/{'esk' if out == 'TRANSFORM2' else 'esk56'}/MADRS/28/response"
    assert why(network, row) == f"some of its people are those of {kept.pop()}, which is used"


def test_a_p_below_a_limit_gives_a_standard_error_at_most() -> None:
    """Where only `below 0.001` is printed, the standard error worked back from it is said to be at most so large."""
    ours = study_tables()
    rows = [
        msgspec.structs.replace(row, p=0.001) if row.row_id == "LEVKOVITZ2015/dtms-sham/HAMD21/35/MD" else row
        for row in ours.contrasts
    ]
    tables = msgspec.structs.replace(ours, contrasts=tuple(rows))
    choice = OwnChoice(outcome="change", measure="HAMD21", scale=Scale.MD)
    found = study(own_network(choice, tables), "LEVKOVITZ2015")
    assert math.sqrt(found.covariance[0, 0]) == pytest.approx(3.11 / 3.345, rel=0.002)
    assert any("printed as below 0.001, so it is at most this" in note for note in found.notes)
