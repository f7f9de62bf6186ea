"""Machine output from a motor threshold. A threshold belongs to its coil, machine and method, and grows old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Basis, RecordUse, Refusal
from inconcert.knowledge.protocols import LimitsFile, TmsProtocol, bounds, default_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class MotorThreshold:
    """A measured motor threshold, in percent of machine output. Never converted to another coil, machine or method."""

    percent_of_output: float
    measured_on: date
    coil: str
    device: str
    method: str  # 'emg' or 'visual'
    reference: str  # 'resting' or 'active'
    depth_adjusted: bool = False
    drug_effect_present: bool | None = None  # sedated or dissociated when measured; None means nobody said
    record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """What to set: percent of machine output, from which threshold and percent."""

    output_pct: float
    threshold_pct: float
    percent_of_threshold: float
    basis: Basis


def treatment_output(
    threshold: MotorThreshold,
    protocol: TmsProtocol,
    *,
    coil: str,
    device: str,
    method: str,
    as_of: date,
    percent_of_threshold: float | None = None,
    machine_max_pct: float | None = None,
    limits: LimitsFile | None = None,
) -> Intensity:
    """Machine output in percent: threshold x percent / 100.

    Args:
        threshold: the person's motor threshold.
        protocol: sets the highest percent, and the percent where none is named.
        coil: the coil on the stand now; must be the threshold's own. So for `device` and `method`.
        device: the machine in use now.
        method: how this clinic measures thresholds now.
        as_of: the day of the session.
        percent_of_threshold: percent asked for; None takes the protocol's single value.
        machine_max_pct: this machine's highest output; None takes 100.
        limits: the site's limits; None takes the defaults.

    Raises:
        Refusal: for a threshold of another coil, machine or method, an old one, one measured under drug effect, or an
            intensity above the protocol or the machine. Feeling no pain on ketamine is no reason to go above.
    """
    rules = limits or default_limits()
    _check_bound(threshold, coil=coil, device=device, method=method)
    _check_age(threshold, as_of, rules)
    percent = _percent(protocol, percent_of_threshold)
    if "depth" in protocol.intensity_reference and not threshold.depth_adjusted:
        raise Refusal("This protocol needs a depth-adjusted threshold.", "Adjust it for depth and record both values.")
    output = threshold.percent_of_output * percent / 100
    most = rules.value("machine_max_output_pct") if machine_max_pct is None else machine_max_pct
    if output > most:
        raise Refusal(
            f"{output:.1f} percent is above the machine's {most:g}.", "Choose a protocol this machine can give."
        )
    return Intensity(
        output_pct=output,
        threshold_pct=threshold.percent_of_output,
        percent_of_threshold=percent,
        basis=Basis(
            rule_id="protocols.treatment_output",
            as_of=as_of,
            rule_text="output = motor threshold x percent of threshold / 100",
            sources=(*protocol.sources, *rules.note("motor_threshold_max_age_days").sources),
            used=(RecordUse(threshold.record_id, "the motor threshold", threshold.measured_on.isoformat()),),
        ),
    )


def _check_bound(threshold: MotorThreshold, *, coil: str, device: str, method: str) -> None:
    for what, own, now in (
        ("coil", threshold.coil, coil),
        ("machine", threshold.device, device),
        ("method", threshold.method, method),
    ):
        if own != now:
            raise Refusal(f"The threshold was measured with {what} {own!r}, not {now!r}.", "Measure it again.")


def _check_age(threshold: MotorThreshold, as_of: date, rules: LimitsFile) -> None:
    age = (as_of - threshold.measured_on).days
    if age < 0:
        raise Refusal(f"The threshold is dated {threshold.measured_on}, after {as_of}.", "Correct its date.")
    if age > rules.value("motor_threshold_max_age_days"):
        raise Refusal(f"The threshold is {age} days old.", "Measure it again.")
    if threshold.drug_effect_present:
        raise Refusal(
            "The threshold was measured under sedation or dissociation.", "Measure it again, free of drug effect."
        )
    if threshold.drug_effect_present is None:
        raise Refusal(
            "Nobody recorded whether the person was under drug effect when the threshold was measured.",
            "Record it, or measure again.",
        )
    if not 0 < threshold.percent_of_output <= rules.value("machine_max_output_pct"):
        raise Refusal(f"{threshold.percent_of_output:g} percent is not a threshold.", "Correct it.")


def _percent(protocol: TmsProtocol, asked: float | None) -> float:
    low, high = bounds(protocol.intensity_pct)
    if low is None:
        raise Refusal(f"{protocol.name}: no source states its intensity.", "Choose a protocol with a stated intensity.")
    if asked is None:
        if low != high:
            raise Refusal(f"{protocol.name} gives a range of intensities.", "Name the percent.")
        return low
    if not asked > 0:
        raise Refusal(f"{asked:g} percent is not an intensity.", "Give a percent above 0.")
    if high is not None and asked > high:
        raise Refusal(f"{asked:g} percent of threshold is above the protocol's {high:g}.", "Stay within the protocol.")
    return asked
