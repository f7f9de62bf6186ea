"""Output from a motor threshold that belongs to this coil, machine and method (hazards H10 to H12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Refusal
from inconcert.knowledge.protocols import TmsProtocol, protocol_files
from inconcert.protocols import Intensity, MotorThreshold, treatment_output

DAY = date(2026, 11, 22)
THRESHOLD = MotorThreshold(
    percent_of_output=50,
    measured_on=DAY,
    coil="F8-1",
    device="M-7",
    method="emg",
    reference="resting",
    drug_effect_present=False,
    record_id="Observation/mt",
)


def entry(protocol_id: str = "rtms_10hz_37min") -> TmsProtocol:
    """One stimulation protocol."""
    found = protocol_files()[protocol_id]
    assert isinstance(found, TmsProtocol)
    return found


def output(threshold: MotorThreshold = THRESHOLD, protocol: str = "rtms_10hz_37min", **changes: object) -> Intensity:
    """The output for an ordinary day, with some of it changed."""
    asked: dict[str, object] = {"coil": "F8-1", "device": "M-7", "method": "emg", "as_of": DAY} | changes
    return treatment_output(threshold, entry(protocol), **asked)


def test_output_is_threshold_times_percent() -> None:
    """50 percent output at 120 percent of threshold is 60 percent output."""
    assert output().output_pct == pytest.approx(60)


@pytest.mark.parametrize("change", [{"coil": "F8-2"}, {"device": "M-8"}, {"method": "visual"}])
def test_a_threshold_of_another_coil_machine_or_method_is_refused(change: dict[str, str]) -> None:
    """Nothing is converted: the threshold must be measured again (H11)."""
    with pytest.raises(Refusal, match="Measure it again"):
        output(**change)


@pytest.mark.parametrize(("days", "allowed"), [(6, True), (7, True), (8, False), (-1, False)])
def test_a_threshold_grows_old(days: int, allowed: bool) -> None:
    """Seven days is the limit (H10)."""
    old = replace(THRESHOLD, measured_on=DAY - timedelta(days=days))
    if allowed:
        assert output(old).output_pct == pytest.approx(60)
    else:
        with pytest.raises(Refusal):
            output(old)


@pytest.mark.parametrize("state", [True, None])
def test_a_threshold_under_drug_effect_is_refused(state: bool | None) -> None:
    """Measured while sedated, or nobody said: not a reference."""
    with pytest.raises(Refusal, match=r"drug effect|sedation"):
        output(replace(THRESHOLD, drug_effect_present=state))


def test_above_the_protocol_is_refused() -> None:
    """121 percent under a 120 percent protocol is refused, whatever the person can bear on ketamine."""
    with pytest.raises(Refusal, match="above the protocol"):
        output(percent_of_threshold=121)


def test_above_the_machine_is_refused() -> None:
    """A threshold of 84 at 120 percent is 100.8 percent of output and is refused (H12)."""
    with pytest.raises(Refusal, match="above the machine"):
        output(replace(THRESHOLD, percent_of_output=84))


def test_a_depth_protocol_needs_a_depth_adjusted_threshold() -> None:
    """SAINT refuses a plain threshold, and gives 45 percent from an adjusted 50."""
    with pytest.raises(Refusal, match="depth"):
        output(protocol="saint")
    assert output(replace(THRESHOLD, depth_adjusted=True), protocol="saint").output_pct == pytest.approx(45)


def test_an_unstated_intensity_is_refused() -> None:
    """The accelerated 2025 course states no intensity, so no output is computed."""
    with pytest.raises(Refusal, match="no source states"):
        output(protocol="dtms_accelerated_2025")


@given(
    threshold=st.floats(1, 100),
    percent=st.floats(1, 300),
    protocol=st.sampled_from([p.id for p in protocol_files().values() if isinstance(p, TmsProtocol)]),
)
def test_no_path_exceeds_protocol_or_machine(threshold: float, percent: float, protocol: str) -> None:
    """Over all protocols, thresholds and percents: an output that is given is within both limits (H12)."""
    owned = replace(THRESHOLD, percent_of_output=threshold, depth_adjusted=True)
    try:
        given_output = output(owned, protocol, percent_of_threshold=percent)
    except Refusal:
        return
    high = entry(protocol).intensity_pct
    most = high[1] if isinstance(high, tuple) else high
    assert most is not None
    assert given_output.percent_of_threshold <= most
    assert given_output.output_pct <= 100
