"""What can be given, alone and together."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from inconcert.judgement import Basis, NumberKind, Source


class Way(enum.StrEnum):
    """The ways of giving the treatments that a proposal may name."""

    KETAMINE_ALONE = "ketamine_alone"
    ESKETAMINE_ALONE = "esketamine_alone"
    TMS_ALONE = "tms_alone"
    TMS_FIRST_SAME_DAY = "tms_first_same_day"
    ALTERNATE_DAYS = "alternate_days"
    PRIME_THEN_COURSE = "prime_then_course"
    SEQUENTIAL = "sequential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its unit, what kind of number it is and where it comes from.

    `high` None means a single value. `low` None means not known: no source states it, and `note` says so.
    """

    name: str
    low: float | None
    high: float | None
    unit: str
    kind: NumberKind
    sources: tuple[Source, ...] = ()
    note: str = ""

    @property
    def shown(self) -> str:
        """The number as a reader sees it: `8 visits`, `12 to 36 h`, `not known`. No trailing zeros."""
        if self.low is None:
            return "not known"
        low = f"{round(self.low, 2):g}" if abs(self.low) < 1e5 else f"{self.low:.0f}"
        if self.high is None or self.high == self.low:
            unit = self.unit.removesuffix("s") if low == "1" and len(self.unit) > 1 else self.unit
            return f"{low} {unit}".strip()
        return f"{low} to {round(self.high, 2):g} {self.unit}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPart:
    """One treatment inside a proposal. `service` is the payers' word: rtms, itbs, dtms, accelerated_saint,
    esketamine, iv_ketamine.
    """

    service: str
    arm: str  # a value of safety.Arm
    protocol: str  # id of a protocol file
    visits: Figure
    hours: Figure
    weeks: Figure
    label_status: str  # licensed, off_label, unstudied
    starts_in_week: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One way to give treatment to one person: parts, visits, hours, what it asks, what is known.

    `design_defaults` lists every choice no study tested, each with its reason; a combined way always has some.
    """

    id: str
    way: Way
    name: str
    summary: str
    parts: tuple[ProposalPart, ...]
    visits: Figure
    hours: Figure
    weeks: Figure
    asks_of_person: tuple[str, ...]
    known: tuple[Figure, ...]
    design_defaults: tuple[tuple[str, str], ...]
    basis: Basis

    @property
    def services(self) -> tuple[str, ...]:
        """The payers' words of its parts, in order of giving."""
        return tuple(part.service for part in self.parts)
