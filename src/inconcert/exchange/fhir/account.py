"""The account of a reading: what became of every resource that came in. Nothing is silently dropped.

The invariant, checked when the account is closed: resources in = used + kept, not used + refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

Json = dict[str, Any]
_MAX_SHOWN = 300  # characters of a hostile file that may reach a screen


class UnreadableChart(Exception):
    """Nothing of this file can be used. Names the file, the reason and what would mend it."""

    def __init__(self, file: str, reason: str, mend: str) -> None:
        super().__init__(f"{file}: {reason} Mend: {mend}")
        self.file = file
        self.reason = reason
        self.mend = mend


class RawResource(msgspec.Struct, frozen=True):  # made for every line of an export: a Struct takes a tenth of the time
    """One resource exactly as it came. `key` is `Type/id`; `position` is where it stood (`Bundle.entry[3]`, `line 7`).

    Where a resource came without an id, `key` is made of a digest of its content, so that it can still be named.
    """

    key: str
    type: str
    file: str
    position: str
    data: Json
    full_url: str = ""
    number: int = 0  # order of arrival; identity of this copy


@dataclass(frozen=True, slots=True, order=True)
class AccountEntry:
    """One thing a reader of the account should know: which record, where inside it, why, and what would mend it."""

    id: str
    path: str
    reason: str
    mend: str
    file: str

    def as_dict(self) -> dict[str, str]:
        """The entry as JSON."""
        return {"id": self.id, "path": self.path, "reason": self.reason, "mend": self.mend, "file": self.file}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How the resources of one type fared."""

    resources: int = 0
    used: int = 0
    kept_not_used: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """One file that was opened or passed over; `note` says why where it gave nothing."""

    file: str
    resources: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of every resource. `resources == used + kept_not_used + refused_count` always holds.

    `problems` are element-level troubles, also inside resources that were used; `duplicates` are copies, certain ones
    (also in `kept`) and possible ones (used all the same).
    """

    resources: int
    used: int
    kept: tuple[AccountEntry, ...]
    refused: tuple[AccountEntry, ...]
    problems: tuple[AccountEntry, ...] = ()
    duplicates: tuple[AccountEntry, ...] = ()
    by_type: dict[str, TypeCount] = field(default_factory=dict)
    files: tuple[FileCount, ...] = ()

    @property
    def kept_not_used(self) -> int:
        """How many resources were understood or recognized, kept, and not used."""
        return len(self.kept)

    @property
    def refused_count(self) -> int:
        """How many resources could not be used because something is wrong with them."""
        return len(self.refused)

    def as_dict(self) -> Json:
        """The account as JSON: counts as numbers, every list written out."""
        return {
            "resources": self.resources,
            "used": self.used,
            "kept_not_used": self.kept_not_used,
            "refused_count": self.refused_count,
            "refused": [entry.as_dict() for entry in self.refused],
            "kept": [entry.as_dict() for entry in self.kept],
            "problems": [entry.as_dict() for entry in self.problems],
            "duplicates": [entry.as_dict() for entry in self.duplicates],
            "by_type": {
                name: {
                    "resources": count.resources,
                    "used": count.used,
                    "kept_not_used": count.kept_not_used,
                    "refused": count.refused,
                }
                for name, count in self.by_type.items()
            },
            "files": [{"file": f.file, "resources": f.resources, "note": f.note} for f in self.files],
        }


class Ledger:
    """Writes the account while a chart is read. Every admitted resource gets exactly one outcome."""

    def __init__(self) -> None:
        self.raw: list[RawResource] = []
        self.files: list[FileCount] = []
        self._outcome: dict[int, str] = {}
        self._kept: list[AccountEntry] = []
        self._refused: list[AccountEntry] = []
        self._problems: list[AccountEntry] = []
        self._duplicates: list[AccountEntry] = []

    def admit(self, raw: RawResource) -> None:
        """Count one resource in."""
        self.raw.append(raw)

    @property
    def problem_count(self) -> int:
        """How many problems of elements were written down so far."""
        return len(self._problems)

    def settled(self, raw: RawResource) -> bool:
        """True once the resource has its outcome."""
        return raw.number in self._outcome

    def use(self, raw: RawResource) -> None:
        """The resource gave at least one fact, or something a fact needed."""
        self._settle(raw, "used")

    def keep(self, raw: RawResource, path: str, reason: str, mend: str = "") -> None:
        """The resource is kept and not used."""
        self._settle(raw, "kept_not_used")
        self._kept.append(_entry(raw.key, path, reason, mend, raw.file))

    def refuse(self, raw: RawResource, path: str, reason: str, mend: str) -> None:
        """The resource cannot be used: something is wrong with it."""
        self._settle(raw, "refused")
        self._refused.append(_entry(raw.key, path, reason, mend, raw.file))

    def problem(self, raw: RawResource, path: str, reason: str, mend: str) -> None:
        """One element of a resource could not be used or deserves a look."""
        self._problems.append(_entry(raw.key, path, reason, mend, raw.file))

    def file_problem(self, file: str, path: str, reason: str, mend: str) -> None:
        """Something about a file or an entry that is not a resource."""
        self._problems.append(_entry(file, path, reason, mend, file))

    def duplicate(self, raw: RawResource, reason: str, mend: str = "") -> None:
        """A copy, certain or possible."""
        self._duplicates.append(_entry(raw.key, raw.type, reason, mend, raw.file))

    def _settle(self, raw: RawResource, outcome: str) -> None:
        if raw.number in self._outcome:
            raise AssertionError(f"{raw.key} was already {self._outcome[raw.number]}")
        self._outcome[raw.number] = outcome

    def close(self) -> Account:
        """The finished account. Raises AssertionError if a resource was forgotten."""
        forgotten = [raw.key for raw in self.raw if raw.number not in self._outcome]
        if forgotten:
            raise AssertionError(f"no outcome for {forgotten[:5]}")
        return Account(
            resources=len(self.raw),
            used=sum(1 for outcome in self._outcome.values() if outcome == "used"),
            kept=_in_order(self._kept),
            refused=_in_order(self._refused),
            problems=_in_order(self._problems),
            duplicates=_in_order(self._duplicates),
            by_type=self._by_type(),
            files=tuple(self.files),
        )

    def _by_type(self) -> dict[str, TypeCount]:
        tally = Counter((raw.type, self._outcome[raw.number]) for raw in self.raw)
        return {
            name: TypeCount(
                resources=sum(tally[name, outcome] for outcome in ("used", "kept_not_used", "refused")),
                used=tally[name, "used"],
                kept_not_used=tally[name, "kept_not_used"],
                refused=tally[name, "refused"],
            )
            for name in sorted({raw.type for raw in self.raw})
        }


def _entry(name: str, path: str, reason: str, mend: str, file: str) -> AccountEntry:
    """An entry with what the file wrote cut to a length that can be shown."""
    return AccountEntry(name, path[:_MAX_SHOWN], reason[: 4 * _MAX_SHOWN], mend[:_MAX_SHOWN], file)


def _in_order(entries: Iterable[AccountEntry]) -> tuple[AccountEntry, ...]:
    return tuple(sorted(entries))
