"""Our own checks of a PAS Bundle, written from the published profiles of 2.2.1 and 2.0.1.

They hold what a person or a program can see without anybody's licensed tables: cardinalities, fixed values, references
that must lead somewhere inside the Bundle, dates written whole, tables a code may come from. What a code of X12 or CPT
means is not checked. Each finding names the place, the rule and the mend.
"""

from __future__ import annotations

from typing import Any

from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas import check_claim as claims
from inconcert.exchange.pas import check_parts as parts
from inconcert.exchange.pas.look import Look, extension, objects, references, value_of
from inconcert.exchange.pas.types import SHAPES, BundleCheck, Json
from inconcert.judgement import Refusal

REQUEST, INQUIRY, RESPONSE, INQUIRY_RESPONSE = "request", "inquiry", "response", "inquiry-response"
KINDS = (REQUEST, INQUIRY, RESPONSE, INQUIRY_RESPONSE)


def kind_of(bundle: Json) -> str:
    """Which of the four Bundles this is: by the profile it names, else by its first entry."""
    meta = bundle.get("meta")
    named = meta.get("profile") if isinstance(meta, dict) else None
    for profile in named if isinstance(named, list) else []:
        name = str(profile).partition("|")[0].removeprefix(at.PROFILE + "pas-").removesuffix("-bundle")
        if name in (REQUEST, RESPONSE):
            return name
        if name in ("inquiry-request", INQUIRY_RESPONSE):
            return INQUIRY if name == "inquiry-request" else INQUIRY_RESPONSE
    first = next((e.get("resource") for e in objects(bundle.get("entry"))), None)
    kind = first.get("resourceType") if isinstance(first, dict) else ""
    return RESPONSE if kind == "ClaimResponse" else REQUEST


def check_bundle(bundle: Any, *, shape: str = SHAPES[0], kind: str = "") -> BundleCheck:
    """Hold a Bundle against its profile. Raises Refusal for what is no Bundle, and for a shape that does not exist."""
    if shape not in SHAPES:
        raise Refusal(f"There is no shape {shape!r}.", f"One of: {', '.join(SHAPES)}.")
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Refusal("This is no Bundle.", "Give the Bundle that is to be sent, or that came.")
    kind = kind or kind_of(bundle)
    look = Look(bundle, shape)
    _envelope(look, kind)
    leader = "ClaimResponse" if kind in (RESPONSE, INQUIRY_RESPONSE) else "Claim"
    for resource in look.resources(leader):
        where = look.path_of[id(resource)]
        if leader == "Claim":
            claims.claim(look, resource, where, inquiry=kind == INQUIRY)
        else:
            claims.response(look, resource, where)
    ordered, enclosed = _pointed_at(look)
    for resource in look.resources():
        where = look.path_of[id(resource)]
        rule = parts.PARTS.get(str(resource.get("resourceType"))) if leader == "Claim" else None
        if rule is not None:
            rule(look, resource, where)
        if id(resource) in ordered:
            parts.order(look, resource, where)
        elif id(resource) in enclosed:
            parts.enclosed(look, resource, where)
    _references(look)
    return BundleCheck(kind, shape, tuple(look.findings))


def _envelope(look: Look, kind: str) -> None:
    bundle = look.bundle
    look.need(
        "Bundle.type",
        "collection",
        bundle.get("type") == "collection",
        "is not a collection",
        "Set type to collection.",
    )
    number = bundle.get("identifier")
    if kind in (REQUEST, INQUIRY) or (kind == RESPONSE and look.shape != "2.0.1"):
        there = isinstance(number, dict) and bool(number.get("value"))
        look.need(
            "Bundle.identifier",
            "1..1",
            there,
            "no identifier of the transaction",
            "Give the transaction an identifier.",
        )
    look.need(
        "Bundle.timestamp",
        "1..1",
        isinstance(bundle.get("timestamp"), str),
        "no timestamp",
        "Say when it was put together.",
    )
    entries = objects(bundle.get("entry"))
    look.need("Bundle.entry", "1..*", entries, "is empty", "Put the resources in.")
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        where = f"Bundle.entry[{position}]"
        resource, url = entry.get("resource"), entry.get("fullUrl")
        look.need(
            f"{where}.resource",
            "1..1",
            isinstance(resource, dict) and resource.get("resourceType"),
            "no resource",
            "Put it in.",
        )
        if look.need(f"{where}.fullUrl", "1..1", isinstance(url, str) and url, "no fullUrl", "Give it its name."):
            look.need(
                f"{where}.fullUrl", "each once", url not in seen, "the same name stands twice", "Give each its own."
            )
            seen.add(str(url))
            _name_fits(look, entry, where)
        for name in ("search", "request", "response"):
            look.need(f"{where}.{name}", "0..0", name not in entry, "may not stand here", "Take it out.")
    _first(look, kind)


def _name_fits(look: Look, entry: Json, where: str) -> None:
    """The last part of a web address, and the id behind `urn:uuid:`, is the resource's own id."""
    url, resource = str(entry["fullUrl"]), entry.get("resource")
    name = resource.get("id") if isinstance(resource, dict) else None
    if isinstance(name, str) and not url.startswith("urn:oid:"):
        last = url.removeprefix("urn:uuid:").rpartition("/")[2]
        look.need(
            f"{where}.fullUrl",
            "bdl-8",
            last == name,
            f"names {last[:64]!r}, the resource is {name[:64]!r}",
            "Let both be the same.",
        )


def _first(look: Look, kind: str) -> None:
    leader = "ClaimResponse" if kind in (RESPONSE, INQUIRY_RESPONSE) else "Claim"
    all_of_them = look.resources()
    led = bool(all_of_them) and all_of_them[0].get("resourceType") == leader
    if kind != INQUIRY_RESPONSE or all_of_them:
        look.need(
            "Bundle.entry[0]", f"{leader}First", led, f"the first entry is no {leader}", f"Put the {leader} first."
        )
    count = len(look.resources(leader))
    most = {REQUEST: 1 if look.shape == "2.0.1" else 2, INQUIRY: 1, RESPONSE: 1}.get(kind)
    if most is not None:
        look.need(f"Bundle.entry:{leader}", f"1..{most}", 1 <= count <= most, f"{count} of them", f"Send 1 to {most}.")


def _pointed_at(look: Look) -> tuple[set[int], set[int]]:
    """The resources that Claims point to as orders, and those they enclose."""
    ordered: set[int] = set()
    enclosed: set[int] = set()
    for claim in look.resources("Claim"):
        for item in objects(claim.get("item")):
            for each in extension(item, at.REQUESTED_SERVICE):
                target = look.resolve(value_of(each))
                ordered |= {id(target)} if target is not None else set()
        for info in objects(claim.get("supportingInfo")):
            target = look.resolve(info.get("valueReference"))
            enclosed |= {id(target)} if target is not None else set()
    return ordered, enclosed


def _references(look: Look) -> None:
    """Every reference leads to an entry of this Bundle: the payer has no way into the clinic's system.

    An answer names the Claim it answers, which the clinic has; what a payer repeats of a request is not looked into.
    """
    answer = look.resources("ClaimResponse")
    for resource in answer or look.resources():
        where = look.path_of[id(resource)]
        for path, text in references(resource):
            if answer and path == "request":
                continue
            if look.resolve(text) is None:
                kind = resource.get("resourceType")
                look.say(
                    f"{where}.{path}",
                    "in the Bundle",
                    f"the {kind} refers to {text[:100]!r}, which is not in the Bundle",
                    "Put it in, or take the reference out.",
                )
