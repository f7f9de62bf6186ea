"""One scale as plain data, with its sources, for the commands that list and show scales."""

from __future__ import annotations

from typing import Any

import msgspec

from inconcert.scales.find import find_scale


def describe(scale_id: str) -> dict[str, Any]:
    """Everything the file says of one scale: plain lists, dicts, text and numbers, empty fields left out.

    Raises UnknownScaleError.
    """
    scale = find_scale(scale_id)
    whole: dict[str, Any] = _without_blanks(msgspec.to_builtins(scale))
    for row in whole["items"]:  # what is so of nearly every item is said only where it is not
        for usual, value in (("safety_item", False), ("scored", True), ("reversed_scored", False)):
            if row[usual] is value:
                del row[usual]
    for cut, row in zip(scale.remission, whole.get("remission", ()), strict=False):
        row["text"] = cut.text
    whole["sources"] = [{"ref": s.ref, "where": s.where, "status": s.status.value} for s in scale.source_list()]
    return {"id": scale.id, "name": scale.name, "n_items": len(scale.items), **whole}


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_blanks(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {}, ())}
    if isinstance(value, list | tuple):
        return [_without_blanks(inner) for inner in value]
    return value
