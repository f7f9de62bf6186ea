"""The account of an export: what became of every line, in counts, with the refused ones named by file and line.

An export has millions of lines, so entries are counted by type and reason; the first of each kind are kept to be read.
The invariant, checked when the account is closed: resources in = used + kept, not used + refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from inconcert.exchange.fhir.account import Account, AccountEntry

SHOWN = 1_000  # refusals and problems of which every word is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAccount:
    """What became of an export. `kept` counts by (type, reason); `refused` and `problems` are the first of so many."""

    people: int
    resources: int
    used: int
    kept: dict[tuple[str, str], int]
    refused_count: int
    refused: tuple[AccountEntry, ...]
    problem_count: int
    problems: tuple[AccountEntry, ...]
    log_lines: int

    @property
    def kept_not_used(self) -> int:
        """How many were understood and not used."""
        return sum(self.kept.values())


@dataclass(slots=True)
class BulkTally:
    """The account under way. Tallies of several pieces add up."""

    people: int = 0
    resources: int = 0
    used: int = 0
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_count: int = 0
    refused: list[AccountEntry] = field(default_factory=list)
    problem_count: int = 0
    problems: list[AccountEntry] = field(default_factory=list)
    log_lines: int = 0

    def keep(self, kind: str, reason: str, count: int = 1) -> None:
        """Resources of a type that are not used."""
        self.resources += count
        self.kept[kind, reason] += count

    def use(self, count: int = 1) -> None:
        """Resources that were used."""
        self.resources += count
        self.used += count

    def refuse(self, file: str, line: int, kind: str, reason: str, mend: str) -> None:
        """A line that cannot be used."""
        self.resources += 1
        self._refused([AccountEntry(f"{file}:{line}", kind, reason, mend, file)], 1)

    def _refused(self, entries: Iterable[AccountEntry], count: int) -> None:
        self.refused_count += count
        self.refused += list(entries)[: max(SHOWN - len(self.refused), 0)]

    def take(self, account: Account, places: dict[str, str]) -> None:
        """Take over the account of some people's charts; `places` gives file:line of a resource by its key."""
        self.resources += account.resources
        self.used += account.used
        for entry in account.kept:
            self.kept[entry.id.partition("/")[0], _general(entry.reason)] += 1
        self._refused((_placed(e, places) for e in account.refused), account.refused_count)
        self.problem_count += len(account.problems)
        self.problems += [_placed(e, places) for e in account.problems[: max(SHOWN - len(self.problems), 0)]]

    def add(self, other: BulkTally) -> None:
        """Add the tally of another piece."""
        self.people += other.people
        self.resources += other.resources
        self.used += other.used
        self.kept.update(other.kept)
        self._refused(other.refused, other.refused_count)
        self.problem_count += other.problem_count
        self.problems += other.problems[: max(SHOWN - len(self.problems), 0)]
        self.log_lines += other.log_lines

    def close(self) -> BulkAccount:
        """The finished account. Raises AssertionError if a line was forgotten."""
        if self.resources != self.used + sum(self.kept.values()) + self.refused_count:
            raise AssertionError("a resource has no outcome")
        return BulkAccount(
            people=self.people, resources=self.resources, used=self.used, kept=dict(sorted(self.kept.items())),
            refused_count=self.refused_count, refused=tuple(sorted(self.refused)), problem_count=self.problem_count,
            problems=tuple(sorted(self.problems)), log_lines=self.log_lines,
        )  # fmt: skip


def _general(reason: str) -> str:
    """A reason without the name of the other copy, so that like reasons are counted together."""
    return "A copy of another resource." if reason.startswith("Duplicate of") else reason


def _placed(entry: AccountEntry, places: dict[str, str]) -> AccountEntry:
    place = places.get(entry.id)
    if place is None:
        return entry
    return AccountEntry(place, f"{entry.id} {entry.path}".strip(), entry.reason, entry.mend, entry.file)
