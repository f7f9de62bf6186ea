"""The ways to give the treatments, as a file: parts by protocol id, arrangement, what it asks, what was never tested."""

from __future__ import annotations

from functools import cache
from typing import Literal

from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.protocols import ValueNote, protocol_files
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import study_tables

FILE = ROOT / "files" / "courses" / "ways.yaml"
LIMITS_FILE = ROOT / "files" / "courses" / "fit.yaml"

Arrangement = Literal["alone", "same_day", "alternate", "prime", "sequential"]


class WayPart(Entry):
    """One treatment of a way: the payers' service word, the protocol and, where not all, which of its phases."""

    service: str
    protocol: str
    phases: tuple[str, ...] = ()


class KnownNumber(Entry):
    """A number by reference: a pooled estimate, or an outcome of a protocol file. Exactly one of the two."""

    estimate: str = ""
    protocol: str = ""
    outcome: str = ""
    group: str = ""


class WayFile(Entry):
    """One way to give treatment. `onset` is how soon relief is usual: hours, days or weeks."""

    id: str
    way: str
    name: str
    summary: str
    arrangement: Arrangement
    onset: Literal["hours", "days", "weeks"]
    parts: tuple[WayPart, ...]
    asks: tuple[str, ...]
    known: tuple[KnownNumber, ...]
    design_defaults: tuple[tuple[str, str], ...]


@cache
def way_files() -> tuple[WayFile, ...]:
    """Every way, in the order of the file. Raises KnowledgeError for a reference to nothing or a pair without defaults."""
    ways = load(FILE, tuple[WayFile, ...])
    for way in ways:
        _check(way)
    return ways


def _check(way: WayFile) -> None:
    protocols = protocol_files()
    for part in way.parts:
        protocol = protocols.get(part.protocol)
        if protocol is None or protocol.never_default or protocol.information_only:
            raise KnowledgeError(
                str(FILE), None, f"{way.id}: {part.protocol!r} is not a protocol that may be chosen.", "Name another."
            )
    for number in way.known:
        if bool(number.estimate) == bool(number.protocol):
            raise KnowledgeError(str(FILE), None, f"{way.id}: a known number names one source.", "Name just one.")
        if number.protocol and not _has_outcome(number):
            raise KnowledgeError(
                str(FILE), None, f"{way.id}: {number.protocol!r} has no outcome {number.outcome!r}.", "See its file."
            )
        if number.estimate and f"meta/{number.estimate}" not in study_tables().pooled:
            raise KnowledgeError(str(FILE), None, f"{way.id}: no estimate {number.estimate!r}.", "See the studies.")
    if len(way.parts) > 1 and not way.design_defaults:
        raise KnowledgeError(
            str(FILE), None, f"{way.id}: a pair without design defaults.", "No pairing was tested: say what was chosen."
        )


def _has_outcome(number: KnownNumber) -> bool:
    protocol = protocol_files().get(number.protocol)
    return protocol is not None and any(o.name == number.outcome and o.group == number.group for o in protocol.outcomes)


class FitLimits(Entry):
    """Design defaults by which a need is said to help or hinder a way; none of them excludes anything."""

    road_hours_per_week: ValueNote


@cache
def fit_limits() -> FitLimits:
    """The limits of the fit notes. Raises KnowledgeError for a malformed file."""
    return load(LIMITS_FILE, FitLimits)
