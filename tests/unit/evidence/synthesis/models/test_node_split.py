"""Direct against indirect evidence: by hand in a loop, alike in both ways for two arms, apart for several, silent without a link."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.node_split import SplitMethod, direct_evidence, split, split_one
from support.networks import baker, drawn_network, network, study, two_arms

LOOP = network(
    two_arms("ab", "a", "b", 0.4, 0.02), two_arms("bc", "b", "c", 0.3, 0.05), two_arms("ac", "a", "c", 1.5, 0.05)
)


@pytest.mark.parametrize("method", list(SplitMethod))
def test_a_loop_worked_by_hand(method: SplitMethod) -> None:
    """C against a: 1.5 directly, 0.7 through b with variance 0.07; they differ by 0.8 with variance 0.12."""
    found = split_one(LOOP, "c", "a", method=method, tau=0.0)
    assert found.indirect is not None
    assert found.difference is not None
    assert (found.direct.estimate, found.direct.se) == pytest.approx((1.5, 0.05**0.5))
    assert (found.indirect.estimate, found.indirect.se) == pytest.approx((0.7, 0.07**0.5))
    assert (found.difference.estimate, found.difference.se) == pytest.approx((0.8, 0.12**0.5))
    assert found.share_direct == pytest.approx(0.07 / 0.12)


def test_both_ways_agree_without_studies_of_several_arms() -> None:
    """On drawn networks of two-arm studies, back-calculation is the separate network exactly."""
    rng, compared = np.random.default_rng(3), 0
    for _ in range(40):
        data = drawn_network(rng, "any")
        pairs = network(*(s for s in data.studies if len(s.treatments) == 2))
        if not pairs.studies:
            continue
        ways = (split(pairs, method=method, tau=0.2) for method in (SplitMethod.BACK, SplitMethod.SEPARATE))
        for back, separate in zip(*ways, strict=True):
            assert (back.indirect is None) == (separate.indirect is None)
            if back.indirect is not None:
                compared += 1
                assert back.indirect == pytest.approx(separate.indirect, rel=1e-6, abs=1e-8)
                assert 0 < back.share_direct < 1
            else:
                assert back.difference is None
                assert back.share_direct == pytest.approx(1)
    assert compared > 20


def test_a_study_of_three_arms_says_nothing_indirect_of_itself() -> None:
    """Its third arm links the other two, but within one study they cannot disagree: no indirect number, in either way."""
    data = network(study("abc", ("a", "b", "c"), np.random.default_rng(2)), two_arms("ac", "a", "c", 0.1))
    for method in SplitMethod:
        found = split_one(data, "a", "b", method=method)
        assert found.indirect is None
        assert found.difference is None
        assert found.several_arms == ("abc",)


def test_the_ways_part_where_a_direct_study_has_several_arms(shared: Path) -> None:
    """Baker 2009: in four-arm comparisons the third arms count as indirect in one way and not in the other; direct is the same."""
    data, _ = baker(shared)
    pair = ("Fluticasone", "Placebo")
    back, separate = (split_one(data, *pair, method=method) for method in SplitMethod)
    assert back.direct == separate.direct
    assert back.several_arms
    assert back.indirect is None or separate.indirect is None or back.indirect != pytest.approx(separate.indirect)


def test_the_network_is_the_mean_of_both(shared: Path) -> None:
    """Back-calculation: direct and indirect weighted by inverse variance give the network's estimate again."""
    data, _ = baker(shared)
    for found in split(data, method=SplitMethod.BACK, tau=TauMethod.DL):
        if found.indirect is None:
            continue
        weights = found.direct.se**-2, found.indirect.se**-2
        mean = (weights[0] * found.direct.estimate + weights[1] * found.indirect.estimate) / sum(weights)
        assert mean == pytest.approx(found.network.estimate)
        assert sum(weights) ** -0.5 == pytest.approx(found.network.se)
        assert found.share_direct == pytest.approx(weights[0] / sum(weights))


def test_one_study_says_what_its_arms_say() -> None:
    """The difference of any two arms of a study, with the covariance of its contrasts and its weight."""
    one = study("abc", ("a", "b", "c"), np.random.default_rng(4), weight=0.5)
    effect, variance = direct_evidence(one, "c", "b")
    assert effect == pytest.approx(one.effects[1] - one.effects[0])
    spread = one.covariance
    assert variance == pytest.approx((spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]) / 0.5)


def test_what_nobody_compared_is_refused() -> None:
    """Without a direct study there is nothing to split."""
    with pytest.raises(NetworkError, match="no study compared a with d"):
        split_one(LOOP, "a", "d")


def test_every_comparison_that_was_made_is_split() -> None:
    """All pairs of arms of all studies, each once, in order."""
    assert [(one.first, one.second) for one in split(LOOP)] == [("a", "b"), ("a", "c"), ("b", "c")]
