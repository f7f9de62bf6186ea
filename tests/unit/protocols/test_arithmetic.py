"""Pulses, seconds and what print says of them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.knowledge.protocols import TmsProtocol, protocol_files
from inconcert.protocols import check_arithmetic, computed_pulses, course_pulses, session_pulses, session_seconds


def tms(protocol_id: str) -> TmsProtocol:
    """One stimulation protocol."""
    entry = protocol_files()[protocol_id]
    assert isinstance(entry, TmsProtocol)
    return entry


def test_print_that_disagrees_is_reported() -> None:
    """The 19-minute table prints 18:26; its own trains make 18:34, and the check says so."""
    length = next(c for c in check_arithmetic(tms("rtms_10hz_19min")) if c.what == "length of a session")
    assert length.agrees is False
    assert length.computed == (1114, 1125)
    assert "1106" in length.text
    assert "DISAGREES" in length.text


def test_every_other_protocol_agrees_with_its_print() -> None:
    """No other file on the shelf holds a printed number that its own parts contradict."""
    wrong = {
        (entry.id, check.what)
        for entry in protocol_files().values()
        if isinstance(entry, TmsProtocol)
        for check in check_arithmetic(entry)
        if check.agrees is False
    }
    assert wrong == {("rtms_10hz_19min", "length of a session")}


def test_a_changed_train_count_is_noticed() -> None:
    """One train too few in a file makes the printed pulses disagree (hazard H12)."""
    slip = msgspec.structs.replace(tms("saint"), trains=59)
    assert {c.what for c in check_arithmetic(slip) if c.agrees is False} == {
        "pulses in a session",
        "length of a session",
        "pulses in the course",
    }


def test_nothing_is_computed_from_what_is_not_stated() -> None:
    """The accelerated 2025 course states no trains: pulses, length and course pulses are all not known."""
    entry = tms("dtms_accelerated_2025")
    assert computed_pulses(entry) is None
    assert session_pulses(entry) is None
    assert session_seconds(entry) is None
    assert course_pulses(entry) is None


def test_both_sides_of_a_bilateral_session_count() -> None:
    """Right 600 then left 1500 make 2100 pulses, the dose of its comparison group."""
    assert computed_pulses(tms("rtms_bilateral")) == 2100


@given(trains=st.integers(1, 200), train_s=st.integers(1, 10), iti_s=st.integers(0, 60), hz=st.integers(1, 20))
def test_the_last_gap_is_the_only_difference(trains: int, train_s: int, iti_s: int, hz: int) -> None:
    """Length with the last gap exceeds length without it by exactly one gap, and pulses do not depend on the gap."""
    entry = msgspec.structs.replace(
        tms("rtms_10hz_37min"), trains=trains, train_s=train_s, iti_s=iti_s, frequency_hz=hz
    )
    short, long = session_seconds(entry), session_seconds(entry, last_gap=True)
    assert short is not None
    assert long is not None
    assert long - short == pytest.approx(iti_s)
    assert computed_pulses(entry) == trains * train_s * hz
