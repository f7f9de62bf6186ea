"""Normal, chi-squared and Student's t beside SciPy, far into the tails."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from inconcert.evidence.synthesis.models.distributions import (
    chi_squared_upper,
    normal_quantile,
    normal_two_sided_p,
    t_quantile,
    t_two_sided_p,
)

PROBABILITIES = st.floats(1e-9, 1 - 1e-9)


@given(st.floats(0, 400), st.integers(1, 300))
def test_the_upper_tail_of_chi_squared(value: float, df: int) -> None:
    """Any Q on any degrees of freedom, even or odd."""
    assert chi_squared_upper(value, df) == pytest.approx(stats.chi2.sf(value, df), rel=1e-9, abs=1e-300)


@given(st.floats(-38, 38))
def test_two_sided_p_of_a_normal(z: float) -> None:
    """P keeps its digits however small it is."""
    assert normal_two_sided_p(z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-11)


@given(PROBABILITIES)
def test_quantiles_of_the_normal(probability: float) -> None:
    """The standard library's quantile."""
    assert normal_quantile(probability) == pytest.approx(stats.norm.ppf(probability), rel=1e-9, abs=1e-12)


@given(st.floats(-50, 50), st.integers(1, 200))
def test_two_sided_p_of_students_t(value: float, df: int) -> None:
    """To 1e-9: near zero SciPy rounds p to 1, where ours is 1 less a multiple of t."""
    assert t_two_sided_p(value, df) == pytest.approx(2 * stats.t.sf(abs(value), df), abs=1e-9)


def test_students_t_where_it_is_known_in_closed_form() -> None:
    """One degree is the arc tangent, two a root: to the last digits, also near zero."""
    for value in (1e-9, 0.3, 2.0, 700.0):
        assert t_two_sided_p(value, 1) == pytest.approx(1 - 2 * math.atan(value) / math.pi, abs=1e-15)
        assert t_two_sided_p(value, 2) == pytest.approx(1 - value / math.sqrt(2 + value**2), abs=1e-15)


@given(st.floats(0.0005, 0.9995), st.integers(1, 200))
def test_quantiles_of_students_t(probability: float, df: int) -> None:
    """Those of any interval that is asked for."""
    assert t_quantile(probability, df) == pytest.approx(stats.t.ppf(probability, df), rel=1e-8, abs=1e-10)


def test_what_has_no_meaning_is_refused() -> None:
    """No degree of freedom, or a probability outside 0 to 1, is an error with its mend; a Q of nothing is sure."""
    with pytest.raises(ValueError, match="Mend"):
        chi_squared_upper(1.0, 0)
    with pytest.raises(ValueError, match="Mend"):
        t_two_sided_p(1.0, 0)
    for probability in (0.0, 1.0):
        with pytest.raises(ValueError, match="Mend"):
            t_quantile(probability, 5)
    assert chi_squared_upper(0.0, 3) == 1.0
