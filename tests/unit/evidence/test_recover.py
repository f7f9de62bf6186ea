"""Standard errors and deviations worked back: against SciPy, by going there and back, and what cannot be is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.recover import (
    RECOVERY,
    sd_from_difference,
    sd_from_se,
    sd_of_change,
    se_from_interval,
    se_from_p,
    se_from_t,
)

stats = pytest.importorskip("scipy.stats")
ERRORS = st.floats(1e-3, 1e3)
ESTIMATES = st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3)


@given(estimate=ESTIMATES, error=ERRORS, level=st.floats(0.5, 0.999), df=st.one_of(st.none(), st.integers(1, 500)))
def test_an_interval_gives_back_its_standard_error(estimate: float, error: float, level: float, df: int | None) -> None:
    """The interval that SciPy makes of an estimate leads back to the standard error it was made of."""
    quantile = stats.norm.ppf(0.5 + level / 2) if df is None else stats.t.ppf(0.5 + level / 2, df)
    low, high = estimate - quantile * error, estimate + quantile * error
    assert se_from_interval(low, high, level=level, df=df) == pytest.approx(error, rel=1e-8)


@given(estimate=ESTIMATES, z=st.floats(0.01, 6), df=st.one_of(st.none(), st.integers(1, 500)))
def test_a_p_gives_back_its_standard_error(estimate: float, z: float, df: int | None) -> None:
    """The exact p that SciPy makes of a test statistic leads back to it."""
    p = 2 * float(stats.norm.sf(z) if df is None else stats.t.sf(z, df))
    assert se_from_p(estimate, p, df=df) == pytest.approx(abs(estimate) / z, rel=1e-6)


@given(estimate=ESTIMATES, t=st.floats(0.01, 50))
def test_a_t_gives_back_its_standard_error(estimate: float, t: float) -> None:
    """Whichever sign the t was printed with."""
    assert se_from_t(estimate, t) == se_from_t(estimate, -t) == abs(estimate) / t


@given(sd=ERRORS, n1=st.integers(2, 400), n2=st.integers(2, 400))
def test_a_spread_goes_there_and_back(sd: float, n1: int, n2: int) -> None:
    """One group's SE leads to its SD, and a difference's to the SD both share."""
    assert sd_from_se(sd / math.sqrt(n1), n1) == pytest.approx(sd)
    assert sd_from_difference(sd * math.sqrt(1 / n1 + 1 / n2), n1, n2) == pytest.approx(sd)


@given(before=ERRORS, after=ERRORS, correlation=st.floats(-1, 1))
def test_the_spread_of_a_change_lies_between_its_bounds(before: float, after: float, correlation: float) -> None:
    """Between the difference and the sum of both spreads, smaller the closer the two go together."""
    spread = sd_of_change(before, after, correlation)
    assert abs(before - after) - 1e-6 * (before + after) <= spread <= (before + after) * (1 + 1e-9)
    assert spread <= sd_of_change(before, after, -1) * (1 + 1e-9)
    assert sd_of_change(before, after, 0) == pytest.approx(math.hypot(before, after))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: se_from_interval(2, 1), "lower end first"),
        (lambda: se_from_interval(1, 2, level=95), "between 0 and 1"),
        (lambda: se_from_p(1, 0), "above 0"),
        (lambda: se_from_p(0, 0.5), "says nothing"),
        (lambda: se_from_t(1, 0), "says nothing"),
        (lambda: sd_from_se(0, 5), "above 0"),
        (lambda: sd_from_se(1, 0), "number of people"),
        (lambda: sd_from_difference(1, 0, 3), "each group"),
        (lambda: sd_of_change(1, 1, 1.5), "from -1 to 1"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], float], said: str) -> None:
    """Each refusal says what would mend it."""
    with pytest.raises(ValueError, match=said) as refused:
        call()
    assert "Mend:" in str(refused.value)


def test_every_formula_has_its_source() -> None:
    """Each way of working back names where its formula is from."""
    assert {"se_from_interval", "se_from_p", "se_from_t", "sd_from_se", "sd_from_difference", "sd_of_change"} == set(
        RECOVERY
    )
    assert all(words and source.ref for words, source in RECOVERY.values())
