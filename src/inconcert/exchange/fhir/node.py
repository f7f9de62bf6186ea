"""Reading one resource element by element, with the path to each, and saying where something is not what it should be.

A `Node` is one JSON object and its place (`MedicationRequest.dosageInstruction[0]`). Asking it for a string that is a
number, or for a date that does not exist, gives None and writes a problem; the rest of the resource is read on.
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from inconcert.exchange.fhir import codesystems
from inconcert.exchange.fhir.account import Json, Ledger, RawResource
from inconcert.record import Coding, DateRange, Moment

OLDEST_YEAR = 1850  # earlier dates are placeholders (0001-01-01), not days in a living person's chart
_MEND = "Correct the element and export again."


# A record says the same few things of many facts ("active", "final", one diagnosis a hundred times): read once each.
_CONCEPTS: dict[bytes, tuple[tuple[Coding, ...], str]] = {}
_MOST_CONCEPTS = 20_000
_moment = lru_cache(maxsize=1 << 16)(Moment.parse)  # what was written on one visit bears one date


class Refused(Exception):
    """This resource cannot be used."""

    def __init__(self, path: str, reason: str, mend: str = _MEND) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.mend = mend


class Kept(Exception):
    """This resource is understood and must not, or need not, be used."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class Scope(msgspec.Struct, frozen=True):
    """What reading one resource needs to know: the resource, the account, and the day that counts as today."""

    raw: RawResource
    ledger: Ledger
    today: date
    version: str = "R4"

    def problem(self, path: str, reason: str, mend: str = _MEND) -> None:
        """Write down that one element cannot be used, or deserves a look."""
        self.ledger.problem(self.raw, path, reason, mend)


class Node:
    """One JSON object of a resource, with its path."""

    __slots__ = ("data", "path", "scope")

    def __init__(self, data: Json, path: str, scope: Scope) -> None:
        self.data = data
        self.path = path
        self.scope = scope

    def problem(self, key: str, reason: str, mend: str = _MEND) -> None:
        """Write a problem of one element of this object ('' for the object itself)."""
        self.scope.problem(f"{self.path}.{key}" if key else self.path, reason, mend)

    def refused(self, key: str, reason: str, mend: str = _MEND) -> Refused:
        """The exception that refuses the resource because of this element."""
        return Refused(f"{self.path}.{key}" if key else self.path, reason, mend)

    def has(self, *keys: str) -> bool:
        """True if any of the keys is there with something in it."""
        for key in keys:  # noqa: SIM110 - asked a dozen times of each line of an export; a generator takes twice as long
            if self.data.get(key) not in (None, "", [], {}):
                return True
        return False

    def child(self, key: str) -> Node | None:
        """The object under a key, or None. A list of one is taken for its only member, with a problem noted."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return Node(value, f"{self.path}.{key}", self.scope)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            self.problem(key, "is a list where one object belongs; its only member was read")
            return Node(value[0], f"{self.path}.{key}[0]", self.scope)
        self.problem(key, f"is {_kind(value)} where an object belongs")
        return None

    def children(self, key: str) -> list[Node]:
        """The objects in the list under a key."""
        value = self.data.get(key)
        if value is None:
            return []
        if isinstance(value, dict):
            self.problem(key, "is one object where a list belongs; it was read as a list of one")
            return [Node(value, f"{self.path}.{key}", self.scope)]
        if not isinstance(value, list):
            self.problem(key, f"is {_kind(value)} where a list belongs")
            return []
        found = []
        for n, item in enumerate(value):
            if isinstance(item, dict):
                found.append(Node(item, f"{self.path}.{key}[{n}]", self.scope))
            else:
                self.problem(f"{key}[{n}]", f"is {_kind(item)} where an object belongs")
        return found

    def text(self, key: str) -> str:
        """The string under a key, without spaces at its ends; '' where absent."""
        value = self.data.get(key)
        if value is None:
            return ""
        if isinstance(value, str):
            return value.strip()
        self.problem(key, f"is {_kind(value)} where text belongs")
        return ""

    def strings(self, key: str) -> list[str]:
        """The strings in the list under a key."""
        value = self.data.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return [item.strip() for item in value if isinstance(item, str) and item.strip()]
        self.problem(key, f"is {_kind(value)} where a list belongs")
        return []

    def flag(self, key: str) -> bool | None:
        """True, False, or None where absent."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problem(key, f"is {_kind(value)} where true or false belongs")
        return None

    def number(self, key: str) -> float | None:
        """The finite number under a key, or None."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self.problem(key, f"is {_kind(value)} where a number belongs")
            return None
        return float(value)

    def code(self, key: str) -> str:
        """A code: text, or a whole number that somebody forgot to quote (noted)."""
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            self.problem(key, f"is the bare number {value} where a code in quotes belongs; it was read as that code")
            return str(value)
        return self.text(key)

    # ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def coding(self) -> Coding | None:
        """This object read as a Coding; None where it has neither code nor display."""
        code, display = self.code("code"), self.text("display")
        return codesystems.coding(self.text("system"), code, display) if code or display else None

    def codings(self, key: str = "coding") -> tuple[Coding, ...]:
        """The Codings of a CodeableConcept (this object), each once, in order."""
        found = [c for c in (child.coding() for child in self.children(key)) if c is not None]
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def concept(self, key: str) -> tuple[tuple[Coding, ...], str]:
        """Codings and text of the CodeableConcept under a key."""
        value = self.data.get(key)
        if not isinstance(value, dict):
            child = self.child(key)
            return (child.codings(), child.text("text")) if child else ((), "")
        written = msgspec.json.encode(value)
        known = _CONCEPTS.get(written)
        if known is None:
            before = self.scope.ledger.problem_count
            child = Node(value, f"{self.path}.{key}", self.scope)
            known = (child.codings(), child.text("text"))
            if self.scope.ledger.problem_count == before:  # one with a fault is read, and noted, each time
                if len(_CONCEPTS) >= _MOST_CONCEPTS:
                    _CONCEPTS.clear()
                _CONCEPTS[written] = known
        return known

    def concepts(self, key: str) -> tuple[tuple[Coding, ...], list[str]]:
        """Codings and texts of all CodeableConcepts in the list under a key."""
        codings: list[Coding] = []
        texts: list[str] = []
        for child in self.children(key):
            found = child.codings()
            codings.extend(found)
            label = child.text("text") or next((c.display for c in found if c.display), "")
            if label:
                texts.append(label)
        return tuple(dict.fromkeys(codings)), texts

    def label(self, key: str) -> str:
        """Words for the CodeableConcept under a key: its text, else a display, else a code."""
        codings, text = self.concept(key)
        return text or next((c.display for c in codings if c.display), codings[0].code if codings else "")

    def status(self, key: str) -> str:
        """The code of a status given as a CodeableConcept (R4) or as a bare code (older)."""
        if isinstance(self.data.get(key), str):
            return self.text(key)
        codings, text = self.concept(key)
        return codings[0].code if codings else text

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def moment(self, key: str, *, future_ok: bool = False) -> Moment | None:
        """A `date`, `dateTime` or `instant`. One that cannot exist is refused and noted; only its day may be kept."""
        written = self.text(key)
        if not written:
            return None
        try:
            found = _moment(written)
        except ValueError as error:
            return self._day_of(key, written, error, future_ok=future_ok)
        return found if self._plausible(key, found.days, future_ok=future_ok) else None

    def _day_of(self, key: str, written: str, error: ValueError, *, future_ok: bool) -> Moment | None:
        day, clock, _ = written.partition("T")
        try:
            days = DateRange.parse(day) if clock else None
        except ValueError:
            days = None
        if days is None:
            self.problem(key, f"{error}; it was not used", "Write a date that exists.")
            return None
        self.problem(key, f"{error}; only its day was used", "Write a time that exists, with its offset.")
        return Moment(days) if self._plausible(key, days, future_ok=future_ok) else None

    def _plausible(self, key: str, days: DateRange, *, future_ok: bool) -> bool:
        if days.latest.year < OLDEST_YEAR:
            self.problem(key, f"{days} is a placeholder, not a date in this chart; it was not used", "Leave it out.")
            return False
        if not future_ok and days.earliest > self.scope.today:
            self.problem(key, f"{days} lies after {self.scope.today}; kept, and ignored until then", "Check the date.")
        return True

    def date(self, key: str, *, future_ok: bool = False) -> DateRange | None:
        """The day or days of a `date` or `dateTime`."""
        found = self.moment(key, future_ok=future_ok)
        return found.days if found else None

    def period(self, key: str) -> tuple[DateRange | None, DateRange | None]:
        """Start and end of a Period. An end before its start is refused and noted."""
        child = self.child(key)
        if child is None:
            return None, None
        start, end = child.date("start"), child.date("end", future_ok=True)
        if start and end and end.latest < start.earliest:
            child.problem("end", f"{end} lies before the start, {start}; the end was not used", "Check both dates.")
            end = None
        return start, end

    def span(self, stem: str) -> tuple[DateRange | None, DateRange | None]:
        """Start and end of a `stem[x]` that may be a dateTime (then both) or a Period."""
        if self.has(f"{stem}Period"):
            return self.period(f"{stem}Period")
        day = self.date(f"{stem}DateTime")
        return day, day


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "true or false"
    return "null" if value is None else "a number"
