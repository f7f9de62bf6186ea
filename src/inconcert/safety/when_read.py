"""The safety screen of a record that is only supposed: each item is judged when somebody reads it, and then kept.

Whoever looks for the shortest way to an approval asks a policy of hundreds of such records, and a policy reads few items or
none. What is read is what `screen` says: `tests/unit/safety/test_when_read.py` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from inconcert.knowledge.safety import safety_items
from inconcert.record import Person
from inconcert.safety.drugs import Taken, taken_now
from inconcert.safety.screen import clear, judge_item
from inconcert.safety.suicide import assess_suicide
from inconcert.safety.types import Arm, SafetyFinding, SafetyScreen
from inconcert.staging.types import TrialHistory


class ScreenWhenRead(SafetyScreen):
    """`screen(person, history(), as_of)`, worked out piece by piece."""

    __slots__ = ("_as_of", "_found", "_history", "_person", "_taken")
    _person: Person
    _history: Callable[[], TrialHistory | None]
    _as_of: date
    _found: dict[str, SafetyFinding]
    _taken: tuple[Taken, ...]

    def __init__(self, person: Person, history: Callable[[], TrialHistory | None], as_of: date) -> None:
        found: dict[str, SafetyFinding] = {}
        for name, value in (("_person", person), ("_history", history), ("_as_of", as_of), ("_found", found)):
            object.__setattr__(self, name, value)  # frozen, as every screen is

    def finding(self, item: str) -> SafetyFinding | None:
        """What is found of one item, None where there is no such item."""
        found = self._found.get(item)
        asked = safety_items().get(item) if found is None else None
        if asked is not None:
            found = self._found[item] = judge_item(
                asked,
                self._person,
                self._history,
                self._as_of,
                risk=lambda: self.suicide_risk,
                taken=lambda: self._taken,
            )
        return found

    def __eq__(self, other: object) -> bool:
        """A screen says what it says, however it was made."""
        if not isinstance(other, SafetyScreen):
            return NotImplemented
        mine, its = ((s.findings, s.clearances, s.suicide_risk) for s in (self, other))
        return mine == its

    def __hash__(self) -> int:
        return hash((self._as_of, self.suicide_risk.level))

    if not TYPE_CHECKING:  # else every misspelled name would pass the type checker

        def __getattr__(self, name: str) -> Any:
            if name == "findings":
                value = tuple(self.finding(item) for item in safety_items())
            elif name == "clearances":
                value = tuple(clear(arm, self.findings) for arm in Arm)
            elif name == "suicide_risk":
                value = assess_suicide(self._person, self._as_of)
            elif name == "_taken":
                value = tuple(taken_now(self._person, self._as_of))
            else:
                raise AttributeError(f"a safety screen has no {name!r}")
            object.__setattr__(self, name, value)
            return value
