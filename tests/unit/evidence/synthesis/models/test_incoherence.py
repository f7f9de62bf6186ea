"""Q taken apart by design: the worked case, and a second way to each number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.incoherence import decompose
from support.networks import SHAPES, baker, drawn_network, network, study, two_arms

LOOP = network(
    two_arms("ab 1", "a", "b", 0.2, 0.04),
    two_arms("ab 2", "a", "b", 0.6, 0.04),
    two_arms("bc", "b", "c", 0.3, 0.05),
    two_arms("ac", "a", "c", 1.5, 0.05),
)


def test_the_worked_case(shared: Path) -> None:
    """Baker 2009: Q of 60.86 is 43.20 within designs (34 degrees) and 17.66 between them (12), as in the reference."""
    data, stored = baker(shared)
    wanted, found = stored["models"]["nma_DL"], decompose(data)
    assert found.q_total.value == pytest.approx(wanted["Q"], abs=1e-9)
    assert found.q_heterogeneity.value == pytest.approx(wanted["Q_heterogeneity"], abs=1e-9)
    assert found.q_inconsistency.value == pytest.approx(wanted["Q_inconsistency"], abs=1e-9)
    assert found.q_heterogeneity.df == wanted["df_Q_heterogeneity"] == 34
    assert found.q_inconsistency.df == wanted["df_Q_inconsistency"] == 12


def test_a_loop_worked_by_hand() -> None:
    """Two studies of one design differ by 0.4; the loop by 1.5 - (0.4 + 0.3) = 0.8 with variance 0.02 + 0.05 + 0.05."""
    found = decompose(LOOP)
    assert found.q_heterogeneity.value == pytest.approx(2 * 0.2**2 / 0.04)
    assert found.q_heterogeneity.df == 1
    assert found.q_inconsistency.value == pytest.approx(0.8**2 / 0.12)
    assert found.q_inconsistency.df == 1
    assert found.tau2_within == pytest.approx((2.0 - 1) / (1 / 0.04))
    assert found.q_random is not None
    assert found.q_random.value == pytest.approx(0.8**2 / (0.12 + 0.04 / 2 + 0.04 + 0.04))


def test_the_parts_make_the_whole() -> None:
    """On drawn networks Q is the sum of its parts, as are the degrees of freedom, and designs sum to heterogeneity."""
    rng = np.random.default_rng(8)
    for turn in range(60):
        data = drawn_network(rng, SHAPES[turn % 4])
        found, whole = decompose(data), fit(data, standard_design(data.treatments))
        assert found.q_total.value == pytest.approx(whole.q_model.value, abs=1e-9)
        assert found.q_heterogeneity.df + found.q_inconsistency.df == found.q_total.df == whole.q_model.df
        assert found.q_heterogeneity.value + found.q_inconsistency.value == pytest.approx(found.q_total.value, abs=1e-9)
        assert sum(one.q_within.value for one in found.designs) == pytest.approx(found.q_heterogeneity.value, abs=1e-9)
        assert sum(one.q_within.df for one in found.designs) == found.q_heterogeneity.df
        assert sorted(name for one in found.designs for name in one.studies) == sorted(s.study for s in data.studies)
        for one in found.designs:
            assert one.q_detached.value <= found.q_inconsistency.value + 1e-9
            assert one.q_detached.df <= found.q_inconsistency.df


def test_designs_of_several_arms_agree_with_themselves() -> None:
    """One study of three arms alone has neither heterogeneity nor inconsistency, and no tau2 to test with."""
    found = decompose(network(study("one", ("a", "b", "c"), np.random.default_rng(1))))
    assert found.q_total == found.q_heterogeneity == found.q_inconsistency == (0.0, 0, None)
    assert found.tau2_within is None
    assert found.q_random is None


def test_detaching_the_odd_design_leaves_nothing() -> None:
    """In one loop each design detached leaves no inconsistency to test."""
    assert {one.q_detached.df for one in decompose(LOOP).designs} == {0}


@pytest.mark.parametrize("tau", [TauMethod.REML, TauMethod.PM, 0.0])
def test_tau_by_any_method(tau: TauMethod | float) -> None:
    """The random test takes any method for tau2, or tau itself: at zero it is the common one."""
    found = decompose(LOOP, tau=tau)
    assert found.q_random is not None
    if tau == 0.0:
        assert found.q_random.value == pytest.approx(found.q_inconsistency.value)
    else:
        assert found.q_random.value < found.q_inconsistency.value


def test_nothing_to_take_apart() -> None:
    """A network without studies is refused."""
    with pytest.raises(NetworkError, match="no study is left"):
        decompose(network())
