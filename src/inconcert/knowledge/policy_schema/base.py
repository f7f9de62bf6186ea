"""What every leaf of the policy language shares."""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec

from inconcert.knowledge.loader import Entry

UNSPECIFIED: Literal["unspecified"] = "unspecified"
NOT_SEEN: Literal["not_seen"] = "not_seen"


class Provenance(enum.StrEnum):
    """How one leaf is known, where that differs from its file."""

    READ = "read"
    READ_SECONDARY = "read_secondary"  # seen, but the source repeats somebody else
    RECALLED = "recalled"
    INFERRED = "inferred"  # taken over from a sister text, or concluded from a title or a form
    DISPUTED = "disputed"  # some sources say it, others do not: it may leave open, never refuse


class Leaf(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fact"):
    """One criterion. `provenance` says how this one is known; `note` what a reader should know.

    `conflicting_values` keeps disagreeing sources side by side, by field: `{at_least: [2, 4]}`. The engine answers
    met or not met only where every value gives the same answer, and unknown otherwise; it never averages.
    `unspecified` in a field means that the policy leaves it open: the engine says which reading it took.
    """

    provenance: Provenance | None = None
    conflicting_values: dict[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)
    note: str = ""

    @property
    def fact(self) -> str:
        """The name of the fact, as written in the file."""
        return str(self.__struct_config__.tag)


Bound = int | float
Open = Literal["unspecified", "not_seen"]
