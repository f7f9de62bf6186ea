"""Who must not, who must wait, what to watch: both arms screened at once; unknown is hold with the question to ask."""

from inconcert.safety.screen import clear, rates_to_show, screen
from inconcert.safety.suicide import assess_suicide, cannot_wait
from inconcert.safety.types import (
    Arm,
    ArmClearance,
    Clearance,
    GateLevel,
    SafetyFinding,
    SafetyScreen,
    SuicideRisk,
)
from inconcert.safety.when_read import ScreenWhenRead

__all__ = [
    "Arm",
    "ArmClearance",
    "Clearance",
    "GateLevel",
    "SafetyFinding",
    "SafetyScreen",
    "ScreenWhenRead",
    "SuicideRisk",
    "assess_suicide",
    "cannot_wait",
    "clear",
    "rates_to_show",
    "screen",
]
