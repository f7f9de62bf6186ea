"""Options as people write them."""

from datetime import date

import pytest

from inconcert.evidence.synthesis.data.types import NetworkError, Scale
from inconcert.evidence.synthesis.pair.types import DesignFilter, Options, Outcome
from inconcert.evidence.synthesis.pair.wishes import read_options

AS_OF = date(2026, 11, 22)


def test_no_wish_is_the_default() -> None:
    """Absent and empty wishes take the defaults."""
    assert read_options({}, AS_OF) == read_options({"outcome": " ", "week": ""}, AS_OF) == Options(as_of=AS_OF)


def test_wishes_are_read() -> None:
    """Words and numbers become options, whatever their case."""
    wishes = {"outcome": "Remission", "design": "RCT", "week": "6", "measure": "rr", "recalled": "No", "bias_sd": "0.3"}
    found = read_options(wishes, AS_OF)
    assert (found.outcome, found.design, found.scale) == (Outcome.REMISSION, DesignFilter.RCT, Scale.RR)
    assert (found.week, found.recalled, found.bias_sd) == (6.0, False, 0.3)


@pytest.mark.parametrize(
    ("name", "text", "mend"),
    [
        ("outcome", "cure", "one of response, remission, change"),
        ("design", "best", "one of rct, all"),
        ("lumping", "all", "one of parts, kinds, families, broad"),
        ("week", "soon", "a number from 0 to 520"),
        ("week", "-1", "a number from 0 to 520"),
        ("week", "nan", "a number from 0 to 520"),
        ("weight", "0", "ask for design rct"),
        ("weight", "1.5", "a number from 0 to 1"),
        ("measure", "MD", "one of OR, RR, RD"),
        ("tau", "mcmc", "one of dl, pm, reml, ml"),
        ("recalled", "maybe", "write one of the two"),
    ],
)
def test_a_wish_that_cannot_be_met_names_its_mend(name: str, text: str, mend: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(NetworkError, match=mend) as told:
        read_options({name: text}, AS_OF)
    assert name in str(told.value)
