"""Finding the resource that another one names: contained, by `Type/id`, by fullUrl, or by identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from inconcert.exchange.fhir.account import Json, RawResource
from inconcert.exchange.fhir.node import Node


class Target(msgspec.Struct, frozen=True):
    """What a reference leads to. `raw` is None for a contained resource."""

    type: str
    data: Json
    raw: RawResource | None


class Index:
    """All resources by every name they may be called.

    `beside`: where to look for what is not among these, such as the directory that the charts of one export share; what
    is found there counts as nobody's own and is not noted as looked up.
    """

    def __init__(self, resources: list[tuple[RawResource, Json]], beside: Index | None = None) -> None:
        self._beside = beside
        self._by_key: dict[str, Target] = {}
        self._by_url: dict[str, Target] = {}
        self._by_identifier: dict[tuple[str, str, str], list[Target]] | None = None
        self._by_canonical: dict[str, Target] | None = None
        self._all: list[Target] = []
        self.looked_up: set[int] = set()
        for raw, data in resources:
            kind = str(data.get("resourceType", raw.type))
            target = Target(kind, data, raw)
            self._all.append(target)
            self._by_key[raw.key if kind == raw.type else f"{kind}/{raw.key.partition('/')[2]}"] = target
            if raw.full_url:
                self._by_url[raw.full_url] = target

    def canonical(self, url: str) -> Json | None:
        """The Questionnaire with that canonical address, or None."""
        if self._by_canonical is None:
            self._by_canonical = {}
            for target in self._all:
                address = target.data.get("url")
                if isinstance(address, str) and target.type == "Questionnaire":
                    self._by_canonical.setdefault(address, target)
        target_or_none = self._by_canonical.get(url)
        if target_or_none is None:
            return self._beside.canonical(url) if self._beside is not None else None
        if target_or_none.raw is not None:
            self.looked_up.add(target_or_none.raw.number)
        return target_or_none.data

    def find(self, reference: Node, owner: Json) -> Target | None:
        """The resource that a Reference object names, or None. A found one counts as looked up."""
        target = self._find(reference, owner)
        if target is None and self._beside is not None:
            beside = self._beside.find(reference, owner)
            return Target(beside.type, beside.data, None) if beside is not None else None
        if target is not None and target.raw is not None:
            self.looked_up.add(target.raw.number)
        return target

    def _find(self, reference: Node, owner: Json) -> Target | None:
        address = reference.text("reference")
        if address.startswith("#"):
            return _contained(owner, address[1:])
        if "?" in address:
            kind, _, query = address.partition("?")
            name, _, value = query.partition("=")
            return self._identified(kind, *_system_and_value(value)) if name == "identifier" else None
        if address:
            return self._by_url.get(address) or self._by_key.get(key_of(address))
        identifier = reference.child("identifier")
        if identifier is None:
            return None
        return self._identified(reference.text("type"), identifier.text("system"), identifier.text("value"))

    def _identified(self, kind: str, system: str, value: str) -> Target | None:
        """The only resource that carries this identifier; None where there is none, or more than one."""
        if not value:
            return None
        if self._by_identifier is None:
            self._by_identifier = defaultdict(list)
            for target in self._all:
                for sys_, val in _identifiers(target.data):
                    self._by_identifier[target.type, sys_, val].append(target)
        kinds = [kind] if kind else ["Patient", "Organization", "Practitioner"]
        found = [target for k in kinds for target in self._by_identifier.get((k, system, value), [])]
        return found[0] if len(found) == 1 else None


def plain_references(raws: Iterable[RawResource]) -> list[Json]:
    """The resources, each under the id by which the facts read from it name it, with every reference that leads to one of
    them written as `Type/id`: whether it came as that, as the `fullUrl` of its entry, or as `urn:uuid:` and its id.

    For whoever asks what may leave: there a record must not slip by naming its protected contact another way.
    """
    found = list(raws)
    names: dict[str, str] = {}
    for raw in found:
        for name in (raw.full_url, f"urn:uuid:{raw.key.partition('/')[2]}"):
            if name:
                names.setdefault(name, raw.key)
    return [_under_its_name(renamed(raw.data, names), raw) for raw in found]


def _under_its_name(data: Json, raw: RawResource) -> Json:
    name = raw.key.partition("/")[2]
    return data if data.get("id") == name or raw.key.partition("/")[0] != raw.type else {**data, "id": name}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A resource with each `reference` that stands in `names` written as it says there."""
    if isinstance(value, dict):
        return {
            k: names.get(v, v) if k == "reference" and isinstance(v, str) else renamed(v, names)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    return value


def key_of(address: str) -> str:
    """`Type/id` of a reference: relative, absolute, or with a version at its end."""
    parts = address.partition("/_history/")[0].rstrip("/").split("/")
    return "/".join(parts[-2:]) if len(parts) >= 2 else address


def _contained(owner: Json, name: str) -> Target | None:
    contained = owner.get("contained")
    for item in contained if isinstance(contained, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"].lstrip("#") == name:
            return Target(str(item.get("resourceType", "")), item, None)
    return None


def _system_and_value(text: str) -> tuple[str, str]:
    system, bar, value = text.partition("|")
    return (system, value) if bar else ("", system)


def _identifiers(data: Json) -> list[tuple[str, str]]:
    identifiers = data.get("identifier")
    found = []
    for item in identifiers if isinstance(identifiers, list) else []:
        if isinstance(item, dict) and isinstance(item.get("value"), str):
            system = item.get("system")
            found.append((system if isinstance(system, str) else "", item["value"]))
    return found
