"""The parts of a policy file beside its criteria, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inconcert.payers.wording import plain

# What a reader of a comparison looks for, and the fields of the file that hold it.
TEXT_PARTS: dict[str, tuple[str, ...]] = {
    "quantity": ("authorization", "continuation", "retreatment", "maintenance"),
    "combination": ("combination",),
    "dates": ("version", "checked_on"),
    "sources": ("sources", "status", "read_depth"),
    "process": ("process", "documentation", "response_definitions"),
    "codes": ("codes",),
    "whom it governs": (
        "payer", "payer_names", "payer_identifiers", "contractor_names", "plan_words", "not_plan_words", "line_of_business",
        "jurisdiction", "jurisdiction_note", "services", "policy_number", "title",
    ),
    "remarks": ("odd", "corrections"),
}  # fmt: skip


def plain_changes(before: Any, after: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Every value that differs, as (place, before, after) in words; of lists of words what was added and taken away."""
    if before == after or (_empty(before) and _empty(after)):
        return
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _mapping(before), _mapping(after)
        if old is None or new is None:
            yield place, _said(before), _said(after)
            return
        for key in dict.fromkeys((*old, *new)):
            yield from plain_changes(old.get(key), new.get(key), f"{place} {plain(str(key))}".strip())
    elif isinstance(before, list) or isinstance(after, list):
        yield from _list_changes(before or [], after or [], place)
    else:
        yield place, _said(before), _said(after)


def _list_changes(before: Any, after: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(before, list) or not isinstance(after, list):
        yield place, _said(before), _said(after)
        return
    if all(isinstance(v, str | int | float) for v in (*before, *after)):
        gone, come = [v for v in before if v not in after], [v for v in after if v not in before]
        if gone or come:
            yield place, _said(gone), _said(come)
        elif before != after:
            yield f"{place} (order)", _said(before), _said(after)
        return
    by_name = all(isinstance(v, Mapping) and "ref" in v for v in (*before, *after))
    if by_name:  # sources: told apart by what they are, not by their place in the list
        old, new = {v["ref"]: v for v in before}, {v["ref"]: v for v in after}
        for ref in dict.fromkeys((*old, *new)):
            if old.get(ref) != new.get(ref):
                yield place, _source(old.get(ref)), _source(new.get(ref))
        return
    for i in range(max(len(before), len(after))):
        one, other = (v[i] if i < len(v) else None for v in (before, after))
        where = f"{place} {i + 1}" if max(len(before), len(after)) > 1 else place
        if one is None or other is None:
            yield where, _said(one), _said(other)
        else:
            yield from plain_changes(one, other, where)


def _source(source: Mapping[str, Any] | None) -> str:
    """`https://example.org (payer; section 2)`."""
    if source is None:
        return ""
    rest = "; ".join(_said(source[k]) for k in ("kind", "where", "status") if not _empty(source.get(k)))
    return f"{source['ref']} ({rest})" if rest else str(source["ref"])


def _mapping(value: Any) -> Mapping[str, Any] | None:
    """A mapping, an absent one as an empty one; None for anything else."""
    return {} if value is None else value if isinstance(value, Mapping) else None


def _empty(value: Any) -> bool:
    return value in (None, "", [], {}, False)


def _said(value: Any) -> str:
    if _empty(value):
        return ""
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(_said(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{plain(str(k))} {_said(v)}" for k, v in value.items() if not _empty(v))
    return f"{value:g}" if isinstance(value, float) else plain(str(value))
