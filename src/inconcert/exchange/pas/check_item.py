"""Profile rules of one line of a Claim."""

from __future__ import annotations

from typing import Any

from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas import check_parts as parts
from inconcert.exchange.pas.look import Look, codings, extension, is_x12, value_of, whole
from inconcert.exchange.pas.parties import FULL_DATE
from inconcert.exchange.pas.types import FindingKind, Json

SETTING = FindingKind.SETTING


def check_item(look: Look, item: Json, where: str, numbers: dict[str, set[Any]], *, inquiry: bool) -> None:
    """One line of a Claim: what it points to, what it asks for, and (but in an inquiry) the codes a desk sorts it by."""
    for name, there in numbers.items():
        link = "information" if name == "supportingInfo" else name
        used = item.get(f"{link}Sequence") or []
        lost = [n for n in used if whole(n) is None or n not in there] if isinstance(used, list) else [used]
        look.need(
            f"{where}.{link}Sequence",
            "points inside",
            not lost,
            f"points to {lost}, which is not there",
            f"Point to a {name} of this claim.",
        )
    asked = item.get("productOrService")
    if look.need(
        f"{where}.productOrService", "1..1", isinstance(asked, dict) and asked, "names no service", "Name the service."
    ):
        systems = [c.get("system") for c in codings(asked)]
        known = any(is_x12(s) or s in parts.service_systems() for s in systems)
        what = "a code of a table that may not stand here" if systems else "no code, only words"
        look.need(
            f"{where}.productOrService",
            "X12278RequestedServiceType",
            known,
            what,
            "Write `services.NAME.product_or_service` in the clinic's settings file.",
            SETTING if not systems else FindingKind.FAULT,
        )
    full_dates(look, item, "serviced", where)
    amount = item.get("quantity")
    if amount is not None:
        number = amount.get("value") if isinstance(amount, dict) else None
        good = isinstance(number, int | float) and not isinstance(number, bool) and number > 0
        look.need(f"{where}.quantity.value", "1..1", good, "is no number above zero", "Give the number asked for.")
    if not inquiry:
        _sorted_by(look, item, where)


def _sorted_by(look: Look, item: Json, where: str) -> None:
    """The codes that a payer's desk sorts a request by, and the order behind it."""
    look.need(
        f"{where}.category",
        "1..1",
        codings(item.get("category")),
        "no category",
        "Write `services.NAME.category` in the clinic's settings file.",
        SETTING,
    )
    for service in extension(item, at.REQUESTED_SERVICE):
        target = look.resolve(value_of(service))
        if target is not None:
            look.need(
                f"{where}.extension:requestedService",
                "target",
                target.get("resourceType") in parts.ORDERS,
                "is no order",
                "Refer to the order.",
            )
    if look.shape == "2.0.1":
        return
    for url, name in ((at.REQUEST_TYPE, "request_type"), (at.CERTIFICATION_TYPE, "certification_type")):
        found = extension(item, url)
        coded = len(found) == 1 and bool(codings(value_of(found[0])))
        look.need(
            f"{where}.extension:{name}",
            "1..1",
            coded,
            "is not given once with a code",
            f"Write `codes.{name}` in the clinic's settings file.",
            SETTING,
        )
    place = codings(item.get("locationCodeableConcept"))
    in_table = any(c.get("system") in parts.place_systems() for c in place)
    look.need(
        f"{where}.location[x]",
        "1..1",
        in_table,
        "no place of service",
        "Write `services.NAME.place_of_service` in the clinic's settings file.",
        SETTING,
    )


def full_dates(look: Look, element: Json, stem: str, where: str) -> None:
    """Days are written whole: 2026-12-01, not 2026-12."""
    days = {f"{stem}Date": element.get(f"{stem}Date")}
    period = element.get(f"{stem}Period")
    if isinstance(period, dict):
        days |= {f"{stem}Period.{end}": period.get(end) for end in ("start", "end")}
        start, end = period.get("start"), period.get("end")
        if isinstance(start, str) and isinstance(end, str):
            look.need(
                f"{where}.{stem}Period", "per-1", start[:10] <= end[:10], "ends before it starts", "Correct the dates."
            )
    for name, day in days.items():
        if day is not None:
            look.need(
                f"{where}.{name}",
                "FullDateRule",
                FULL_DATE.match(str(day)),
                f"{str(day)[:20]!r} is not a full date",
                "Write YYYY-MM-DD.",
            )
