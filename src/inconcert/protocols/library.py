"""The protocols on the shelf: which may be chosen, and each as plain data for a terminal or a page."""

from __future__ import annotations

from typing import Any

import msgspec

from inconcert.judgement import Refusal
from inconcert.knowledge.protocols import DrugProtocol, Protocol, TmsProtocol, protocol_files
from inconcert.protocols.arithmetic import check_arithmetic, computed_pulses, course_pulses, session_seconds
from inconcert.protocols.schedule import course_load


def selectable() -> dict[str, DrugProtocol | TmsProtocol]:
    """The protocols a plan may be built from: no published combination, nothing marked never, nothing without a course."""
    return {
        key: entry
        for key, entry in protocol_files().items()
        if isinstance(entry, DrugProtocol | TmsProtocol) and not entry.never_default and not entry.information_only
    }


def check_can_select(protocol_id: str) -> DrugProtocol | TmsProtocol:
    """The protocol, if a plan may be built from it. Raises Refusal saying why not."""
    entry = protocol_files().get(protocol_id)
    if entry is None:
        raise Refusal(f"There is no protocol {protocol_id!r}.", "Use an id listed by `inconcert protocols`.")
    if entry.never_default:
        raise Refusal(
            f"{entry.name} can never be chosen. {entry.never_default_why}", "Choose a licensed or usual protocol."
        )
    if entry.information_only or not isinstance(entry, DrugProtocol | TmsProtocol):
        raise Refusal(f"{entry.name} describes what was done and is no schedule.", "Choose a protocol with a course.")
    return entry


def can_select(protocol_id: str) -> bool:
    """True if a plan may be built from it."""
    try:
        check_can_select(protocol_id)
    except Refusal:
        return False
    return True


def describe(protocol_id: str) -> dict[str, Any]:
    """One protocol as plain data, with what was computed from it. Raises KeyError for an unknown id."""
    entry = protocol_files()[protocol_id]
    data: dict[str, Any] = msgspec.to_builtins(entry)
    del data["source"]
    data["sources"] = [{"ref": s.ref, "where": s.where, "status": s.status.value} for s in entry.sources]
    data["may_be_chosen"] = can_select(protocol_id)
    if isinstance(entry, DrugProtocol | TmsProtocol):
        data["computed"] = _computed(entry)
    return data


def describe_all() -> list[dict[str, Any]]:
    """Every protocol as plain data, in the order of the files."""
    return [describe(key) for key in protocol_files()]


def _computed(entry: Protocol) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(entry, TmsProtocol):
        found["pulses_per_session"] = computed_pulses(entry)
        found["session_s"] = session_seconds(entry)
        found["course_pulses"] = course_pulses(entry)
        found["checks"] = [check.text for check in check_arithmetic(entry)]
    if isinstance(entry, DrugProtocol | TmsProtocol) and entry.phases and not all(p.open_ended for p in entry.phases):
        load = course_load(entry)
        found["visits"], found["hours"], found["weeks"] = load.visits.shown, load.hours.shown, load.weeks.shown
    return found
