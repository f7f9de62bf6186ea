"""What every reader of one resource is given: the way to other resources, and the rules on status they share."""

from __future__ import annotations

import msgspec

from inconcert.exchange.fhir.account import Json
from inconcert.exchange.fhir.node import Kept, Node
from inconcert.exchange.fhir.references import Index, Target
from inconcert.record import Coding, Origin

_NOT_A_DIAGNOSIS = {"refuted", "entered-in-error"}


class Reading(msgspec.Struct, frozen=True):
    """One resource being read: itself, in R4 shape, and the index of all others."""

    data: Json
    index: Index

    def find(self, reference: Node, owner: Json | None = None) -> Target | None:
        """The resource a Reference names; contained ones are looked for in `owner`, by default this resource."""
        found = self.index.find(reference, self.data)
        if found is None and owner is not None and owner is not self.data:
            found = self.index.find(reference, owner)
        return found

    def unresolved(self, reference: Node, consequence: str) -> None:
        """Note that a reference leads nowhere."""
        shown = (reference.text("reference") or reference.text("display"))[:80]
        reference.problem("reference", f"{shown!r} is not in this file; {consequence}", "Export it too.")

    def name_of(self, reference: Node) -> str:
        """Words for the person or organization a Reference names: its name, else the display, else the address."""
        found = self.find(reference)
        named = resource_name(Node(found.data, f"{reference.path}.resolve()", reference.scope)) if found else ""
        return named or reference.text("display") or reference.text("reference")

    def conditions_named(self, references: list[Node]) -> tuple[tuple[Coding, ...], list[str]]:
        """Codings and labels of the Conditions named, leaving out refuted and mistaken ones."""
        codings: list[Coding] = []
        labels: list[str] = []
        for reference in references:
            found = self.find(reference)
            if found is None:
                labels.append(reference.text("display"))
                continue
            node = Node(found.data, f"{reference.path}.resolve()", reference.scope)
            if found.type != "Condition" or node.status("verificationStatus") in _NOT_A_DIAGNOSIS:
                continue
            codings.extend(node.concept("code")[0])
            labels.append(node.label("code"))
        return tuple(dict.fromkeys(codings)), [label for label in labels if label]


def resource_name(node: Node) -> str:
    """The name of a Patient, Practitioner, RelatedPerson, Organization or Location, '' where it has none."""
    if isinstance(node.data.get("name"), str):
        return node.text("name")
    names = node.children("name")
    if not names:
        return ""
    rank = {"official": 0, "usual": 1, "": 2}
    best = min(names, key=lambda name: rank.get(name.text("use"), 3))
    whole = " ".join([*best.strings("prefix"), *best.strings("given"), best.text("family")]).strip()
    return best.text("text") or whole


def origin(node: Node) -> Origin:
    """Where a fact of this resource was read."""
    raw = node.scope.raw
    return Origin(resource=raw.key, file=raw.file, fhir_version=node.scope.version)


def check_status(node: Node, key: str, used: set[str], unused: set[str]) -> str:
    """The status, if it is one under which a resource is used.

    Raises Kept for one under which it must not be, Refused for a word that is no status of this resource. A missing
    status is noted and read as '' (not known).
    """
    status = node.status(key)
    if status in unused:
        raise Kept(f"{node.path}.{key}", f"Its {key} is {status}.")
    if not status:
        node.problem(key, "is missing; the resource was read with its status unknown", "Write the status.")
    elif status not in used:
        raise node.refused(
            key, f"{status[:60]!r} is not a {key} of {node.path}.", f"Write one of {', '.join(sorted(used | unused))}."
        )
    return status
