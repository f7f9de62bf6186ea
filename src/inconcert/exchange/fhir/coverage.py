"""Insurance: who pays, under which plan, from when to when."""

from __future__ import annotations

from inconcert.exchange.fhir.node import Node
from inconcert.exchange.fhir.reading import Reading, check_status, origin, resource_name
from inconcert.record import Fact, HealthPlan


def read_coverage(node: Node, reading: Reading) -> list[Fact]:
    """A Coverage as a health plan. Cancelled, draft and mistaken ones are kept aside."""
    status = check_status(node, "status", {"active"}, {"entered-in-error", "cancelled", "draft"})
    payer, identifier = _payer(node, reading)
    plan = _plan(node)
    codings, text = node.concept("type")
    if not payer and not identifier and not plan and not codings and not text:
        raise node.refused("payor", "It names neither payer nor plan.", "Write the payer's name.")
    start, end = node.period("period")
    order = node.number("order")
    return [
        HealthPlan(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=status,
            payer=payer,
            payer_identifier=identifier,
            plan=plan,
            start=start,
            end=end,
            order=int(order) if order is not None else None,
        )
    ]


def _payer(node: Node, reading: Reading) -> tuple[str, str]:
    payors = node.children("payor")
    if len(payors) > 1:
        node.problem("payor", "names more than one payer; the first was read", "Write one Coverage per payer.")
    if not payors:
        return "", ""
    reference = payors[0]
    found = reading.find(reference)
    if found is None:
        if not reference.has("display", "identifier"):
            reading.unresolved(reference, "so the payer is not known")
            return "", ""
        inline = reference.child("identifier")
        return reference.text("display"), inline.text("value") if inline else ""
    organization = Node(found.data, f"{reference.path}.resolve()", node.scope)
    identifiers = [item.text("value") for item in organization.children("identifier")]
    name = resource_name(organization) or reference.text("display")
    return name, next((value for value in identifiers if value), "")


def _plan(node: Node) -> str:
    """The plan's name: the class of type plan, else of type group."""
    names: dict[str, str] = {}
    for item in node.children("class"):
        kind = item.status("type")
        if kind:
            names.setdefault(kind, item.text("name") or item.text("value"))
    return names.get("plan") or names.get("group") or ""
