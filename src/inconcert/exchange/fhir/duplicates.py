"""Copies: the same resource twice, versions of one resource, and orders that say the same under two ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from inconcert.exchange.fhir.account import Json, Ledger, RawResource
from inconcert.record import MedicationEvent, Moment

_ENVELOPE = frozenset({"id", "meta", "text", "implicitRules", "language"})
_NAMES_ONLY = _ENVELOPE | {"identifier", "contained"}


def content(data: Json, without: frozenset[str] = _ENVELOPE) -> bytes:
    """What a resource says, as bytes to compare: keys in order, without id, meta and narrative."""
    return msgspec.json.encode({k: v for k, v in data.items() if k not in without}, order="deterministic")


def single_out(resources: Iterable[RawResource], ledger: Ledger) -> list[RawResource]:
    """One copy of each resource. Copies and older versions are kept aside; unresolvable contradictions are refused."""
    groups: dict[str, list[RawResource]] = defaultdict(list)
    for raw in resources:
        groups[raw.key].append(raw)
    survivors: list[RawResource] = []
    for key, group in groups.items():
        if len(group) == 1:
            survivors.append(group[0])
            continue
        by_content: dict[bytes, list[RawResource]] = defaultdict(list)
        for raw in group:
            by_content[content(raw.data)].append(raw)
        versions = [_newest_first(copies)[0] for copies in by_content.values()]
        for copies in by_content.values():
            first, *others = _newest_first(copies)
            for other in others:
                ledger.keep(other, other.type, f"Duplicate of {key} in {first.file} at {first.position}.")
                ledger.duplicate(other, f"The same as {key} in {first.file} at {first.position}.")
        survivors.extend(_choose(key, versions, ledger))
    return survivors


def _newest_first(copies: list[RawResource]) -> list[RawResource]:
    return sorted(copies, key=lambda raw: (raw.file, raw.number))


def _choose(key: str, versions: list[RawResource], ledger: Ledger) -> list[RawResource]:
    """The newest of several versions under one id; none where nothing tells which is the newest."""
    if len(versions) == 1:
        return versions
    newest = _newest(versions)
    if newest is None:
        for raw in versions:
            ledger.refuse(
                raw,
                f"{raw.type}.id",
                f"{len(versions)} resources with different content are called {key}, and nothing says which is newer.",
                "Write meta.lastUpdated, or give different resources different ids.",
            )
        return []
    for raw in versions:
        if raw is not newest:
            ledger.keep(raw, f"{raw.type}.meta", f"An older version of {key}.")
            ledger.duplicate(raw, f"An older version of {key}; the one in {newest.file} was used.")
    return [newest]


def _newest(versions: list[RawResource]) -> RawResource | None:
    if len({base for base in map(_base, versions) if base}) > 1:
        return None  # two servers: their versions cannot be compared, and they may mean two things
    updated = {raw.number: _updated(raw) for raw in versions}
    numbers = {raw.number: _version(raw) for raw in versions}
    for ranks in (updated, numbers):
        known = [rank for rank in ranks.values() if rank is not None]
        if len(known) == len(versions) and len(set(known)) == len(known):
            return max(versions, key=lambda raw: ranks[raw.number] or 0.0)
    return None


def _base(raw: RawResource) -> str:
    if raw.full_url.startswith(("http://", "https://")) and raw.full_url.endswith(f"/{raw.key}"):
        return raw.full_url[: -len(raw.key) - 1]
    return ""


def _updated(raw: RawResource) -> float | None:
    meta = raw.data.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    if not isinstance(text, str):
        return None
    try:
        instant = Moment.parse(text).instant
    except ValueError:
        return None
    return instant.timestamp() if instant else None


def _version(raw: RawResource) -> float | None:
    meta = raw.data.get("meta")
    text = meta.get("versionId") if isinstance(meta, dict) else None
    return float(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16 else None


ReadEvent = tuple[RawResource, Json, str, MedicationEvent]


def single_events(events: list[ReadEvent], ledger: Ledger) -> list[tuple[str, MedicationEvent]]:
    """Medication events without those that repeat another in every word; likely repeats are only pointed out."""
    seen: dict[tuple[str, bytes], str] = {}
    alike: dict[tuple[object, ...], str] = {}
    kept: list[tuple[str, MedicationEvent]] = []
    for raw, data, person, event in sorted(events, key=lambda e: e[0].key):
        said = (person, content(data, _NAMES_ONLY))
        if event.kind != "administration" or _has_clock(data):
            twin = seen.setdefault(said, raw.key)
            if twin != raw.key:
                ledger.keep(raw, raw.type, f"Says the same as {twin} in every word and date.")
                ledger.duplicate(raw, f"The same content as {twin}; only one was used.", "Check which one is true.")
                continue
        ledger.use(raw)
        kept.append((person, event))
        day = event.start or event.authored
        if day is None or event.kind == "administration":
            continue
        look = (person, event.kind, event.codings, event.text, event.doses, event.days_supply, day.earliest, day.latest)
        twin = alike.setdefault(look, raw.key)
        if twin != raw.key:
            ledger.duplicate(raw, f"Possibly the same as {twin}: same drug, dose and day. Both were used.", "Check.")
    return kept


def _has_clock(data: Json) -> bool:
    when = data.get("effectiveDateTime")
    return isinstance(when, str) and "T" in when
