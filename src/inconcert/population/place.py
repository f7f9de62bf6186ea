"""Where a criterion stands: which policy, service and stage, and the tables it is asked of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from inconcert.knowledge.policies import CoveragePolicy
from inconcert.population.frame import Frame
from inconcert.population.kleene import Tri


@dataclass(frozen=True, slots=True)
class Place:
    """As `payers.asking.Spot`, for everybody at once. `facts` are the words that the tree asked uses."""

    frame: Frame
    policy: CoveragePolicy
    service: str
    stage: str
    together_with: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()
    resistance_defined: bool = False

    @property
    def as_of(self) -> date:
        """The date of service asked about."""
        return self.frame.as_of

    def yes_no(self, question: str, *, when_yes: int = 1) -> Tri:
        """The yes or no that somebody gave."""
        return self.frame.yes_no(question, when_yes=when_yes)


Compiler = Callable[[Any, Place], Tri]  # turns one kind of leaf into a column of answers
