"""What can be given, alone and together: dose and pulse arithmetic, course length, what may be chosen."""

from inconcert.protocols.arithmetic import (
    ArithmeticCheck,
    check_arithmetic,
    computed_pulses,
    course_pulses,
    session_pulses,
    session_seconds,
)
from inconcert.protocols.dose import IvDose, esketamine_dose, iv_dose, read_number, weight_in_kg
from inconcert.protocols.intensity import Intensity, MotorThreshold, treatment_output
from inconcert.protocols.library import can_select, check_can_select, describe, describe_all, selectable
from inconcert.protocols.schedule import Load, course_load, hours_per_visit
from inconcert.protocols.types import Figure, Proposal, ProposalPart, Way

__all__ = [
    "ArithmeticCheck",
    "Figure",
    "Intensity",
    "IvDose",
    "Load",
    "MotorThreshold",
    "Proposal",
    "ProposalPart",
    "Way",
    "can_select",
    "check_arithmetic",
    "check_can_select",
    "computed_pulses",
    "course_load",
    "course_pulses",
    "describe",
    "describe_all",
    "esketamine_dose",
    "hours_per_visit",
    "iv_dose",
    "read_number",
    "selectable",
    "session_pulses",
    "session_seconds",
    "treatment_output",
    "weight_in_kg",
]
