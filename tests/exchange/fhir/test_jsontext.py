"""JSON is decoded strictly, and the short way past the walk over every value never lets a flaw through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.exchange.fhir import jsontext

_STRINGS = st.text(alphabet='ab":\\ {}[]0\n', max_size=6)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_STRINGS, inner, max_size=3),
    max_leaves=12,
)


def written(value: Any, colon: str, escaped: bool) -> str:
    """JSON text with some space around colons, and quotes in strings written in one of two ways."""
    text = json.dumps(value, separators=(",", colon))
    return text.replace('\\"', "\\u0022") if escaped and "\\\\" not in text else text


@given(st.dictionaries(_STRINGS, _VALUES, min_size=1, max_size=3), st.sampled_from([":", " :", "\t: "]), st.booleans())
def test_a_key_that_stands_twice_is_always_seen(value: dict[str, Any], colon: str, escaped: bool) -> None:
    """However a text spaces its colons and escapes its quotes, and whatever its strings hold, a repeated key is flawed."""
    key = json.dumps(next(iter(value)))
    text = written(value, colon, escaped)
    twice = f"{{{key}{colon}1,{text[1:]}".encode()
    found, flawed = jsontext.decode(twice, "file")
    assert flawed
    assert jsontext.find_flaw(found, "x") is not None


@given(_VALUES, st.sampled_from([":", " :", ": "]), st.booleans())
def test_sound_text_is_read_as_it_is(value: Any, colon: str, escaped: bool) -> None:
    """What holds no flaw comes back as it was written; a whole number too large to be a measurement is marked."""
    found, flawed = jsontext.decode(written(value, colon, escaped).encode(), "file")
    if "".join(c if c.isdigit() else " " for c in json.dumps(value)).split() and any(
        len(digits) > 18 for digits in "".join(c if c.isdigit() else " " for c in json.dumps(value)).split()
    ):
        return  # a number of so many digits is looked at by the test below
    assert not flawed or jsontext.find_flaw(found, "x") is None
    assert jsontext.clean(found) == value


@pytest.mark.parametrize("digits", [10**18, -(10**18), 10**25])
def test_a_whole_number_too_large_is_flawed(digits: int) -> None:
    """No chart measures a trillion million of anything."""
    assert jsontext.decode(json.dumps({"value": digits}).encode(), "file")[1]


def test_a_text_nested_too_deeply_is_flawed() -> None:
    """A hundred lists inside one another are more than any chart has."""
    assert jsontext.decode(("[" * 100 + "]" * 100).encode(), "file")[1]
