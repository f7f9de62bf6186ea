"""What a safety screen answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from inconcert.judgement import Judgement, Question


class Arm(enum.StrEnum):
    """What is screened for. `TMS` is a figure-8 coil, `DEEP_TMS` an H-coil; `COMBINED` adds the pair's own rules."""

    KETAMINE = "ketamine"
    ESKETAMINE = "esketamine"
    TMS = "tms"
    DEEP_TMS = "deep_tms"
    COMBINED = "combined"


class Clearance(enum.StrEnum):
    """Cleared, hold (a named clinician decides, or an answer is missing) or never."""

    CLEARED = "cleared"
    HOLD = "hold"
    NEVER = "never"


class GateLevel(enum.StrEnum):
    """How hard a gate is, as written in the safety file; the clinic's medical director may move it one step."""

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFinding:
    """One safety item judged. `judgement.answer` is whether the hazard is present.

    Met is present, not met is attested or recorded absent, unknown is hold with the question to ask. `contradicted`: the
    record says yes and an answer says no (or the other way round): present until a clinician settles it, and then at most
    a hold, never `never`.
    """

    item: str
    arms: tuple[Arm, ...]
    level: GateLevel
    judgement: Judgement
    action: str
    contradicted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmClearance:
    """The screen's answer for one arm, with the findings that decided it and the questions still to ask."""

    arm: Arm
    clearance: Clearance
    text: str
    deciding: tuple[SafetyFinding, ...]
    warnings: tuple[SafetyFinding, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuicideRisk:
    """The suicide screen: level red, amber, yellow, none or unknown, with what to do and by when (hours)."""

    level: str
    text: str
    actions: tuple[str, ...]
    within_hours: float | None
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyScreen:
    """Both arms screened at once."""

    findings: tuple[SafetyFinding, ...]
    clearances: tuple[ArmClearance, ...]
    suicide_risk: SuicideRisk

    def finding(self, item: str) -> SafetyFinding | None:
        """What was found of one item, None where there is no such item."""
        return next((f for f in self.findings if f.item == item), None)

    def clearance(self, arm: Arm) -> ArmClearance:
        """The clearance of one arm."""
        return next(c for c in self.clearances if c.arm is arm)
