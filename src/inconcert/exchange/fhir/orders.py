"""What was asked for, and what was to be observed and was not: orders of services, and reasons for not doing."""

from __future__ import annotations

from inconcert.exchange.fhir.node import Kept, Node
from inconcert.exchange.fhir.reading import Reading, check_status, origin
from inconcert.record import Coding, Fact, NotDone, ServiceOrder

_NOT_DONE_REASON = frozenset(
    {
        "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneReason",
        "http://hl7.org/fhir/StructureDefinition/event-statusReason",
    }
)


def read_service_request(node: Node, reading: Reading) -> list[Fact]:
    """An order or referral. Drafts, and what was revoked or entered in error, are kept aside. Raises Refused or Kept."""
    status = check_status(
        node, "status", {"active", "on-hold", "completed", "unknown"}, {"draft", "revoked", "entered-in-error"}
    )
    codings, text = node.concept("code")
    if not codings and not text:
        raise node.refused("code", "It does not say what was asked for.", "Write a code or a text.")
    reasons, _ = node.concepts("reasonCode")
    more, _ = reading.conditions_named(node.children("reasonReference"))
    return [
        ServiceOrder(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=status,
            intent=node.text("intent"),
            do_not_perform=bool(node.flag("doNotPerform")),
            authored=node.date("authoredOn"),
            reasons=tuple(dict.fromkeys((*reasons, *more))),
        )
    ]


def read_not_done(node: Node) -> NotDone | None:
    """A cancelled Observation that says why it was not made; None where it is not one."""
    if node.status("status") != "cancelled":
        return None
    reasons: list[Coding] = []
    texts: list[str] = []
    for extension in node.children("extension"):
        if extension.text("url") in _NOT_DONE_REASON:
            reasons.extend(extension.concept("valueCodeableConcept")[0])
            texts.append(extension.label("valueCodeableConcept"))
    if not reasons and not any(texts):
        return None
    codings, text = node.concept("code")
    if not codings and not text:
        raise Kept(f"{node.path}.code", "It was cancelled and does not say what was to be observed.")
    return NotDone(
        id=node.scope.raw.key,
        origin=origin(node),
        codings=codings,
        text=text,
        status="cancelled",
        reasons=tuple(dict.fromkeys(reasons)),
        reason_text="; ".join(t for t in texts if t),
        said=node.date("issued"),
    )
