"""Orders, statements, dispenses and administrations of medication."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.exchange.fhir.dosage import positive_amount, read_dosages
from inconcert.exchange.fhir.node import Kept, Node
from inconcert.exchange.fhir.older import to_r4
from inconcert.exchange.fhir.reading import Reading, check_status, origin
from inconcert.exchange.fhir.units import days_of, unit_of
from inconcert.exchange.fhir.versions import version_of
from inconcert.record import (
    Coding,
    DateRange,
    DoseInstruction,
    Fact,
    IngredientStrength,
    MedicationEvent,
    MedicationEventKind,
)

_UNUSED = {
    "MedicationRequest": {"entered-in-error", "cancelled", "draft"},
    "MedicationStatement": {"entered-in-error", "not-taken", "intended", "draft"},
    "MedicationDispense": {"entered-in-error", "cancelled", "declined", "preparation", "on-hold"},
    "MedicationAdministration": {"entered-in-error", "not-done"},
}
_USED = {
    "MedicationRequest": {"active", "on-hold", "ended", "stopped", "completed", "unknown"},
    "MedicationStatement": {"active", "completed", "stopped", "on-hold", "unknown", "recorded"},
    "MedicationDispense": {"in-progress", "completed", "stopped", "unknown"},
    "MedicationAdministration": {"in-progress", "on-hold", "completed", "stopped", "unknown"},
}
_NOT_TREATMENT = {"proposal", "plan", "option"}
_KINDS = {
    "MedicationRequest": MedicationEventKind.ORDER,
    "MedicationStatement": MedicationEventKind.STATEMENT,
    "MedicationDispense": MedicationEventKind.DISPENSE,
    "MedicationAdministration": MedicationEventKind.ADMINISTRATION,
}


@dataclass(frozen=True, slots=True)
class _Drug:
    codings: tuple[Coding, ...]
    text: str
    ingredients: tuple[IngredientStrength, ...] = ()
    form: str = ""


@dataclass(frozen=True, slots=True)
class _When:
    start: DateRange | None
    end: DateRange | None
    authored: DateRange | None


def read_medication(node: Node, reading: Reading) -> list[Fact]:
    """One medication resource as one event. Raises Refused where it names no drug, Kept where it must not be used."""
    kind = str(node.data["resourceType"])
    status = check_status(node, "status", _USED[kind], _UNUSED[kind])
    intent = node.text("intent")
    if intent in _NOT_TREATMENT:
        raise Kept(f"{node.path}.intent", f"Its intent is {intent}: something considered, not ordered.")
    if node.flag("doNotPerform"):
        raise Kept(f"{node.path}.doNotPerform", "It says not to give the drug.")
    if kind == "MedicationDispense" and status == "in-progress" and not node.has("whenHandedOver"):
        raise Kept(f"{node.path}.status", "It is in progress and was not handed over.")
    drug = _drug(node, reading)
    when = _when(node, kind)
    reasons, reason_texts = _reasons(node, reading)
    stops, stop_texts = _stop_reasons(node)
    supply, quantity, unit, refills = _supply(node)
    return [
        MedicationEvent(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=drug.codings,
            text=drug.text,
            status=status,
            kind=_KINDS[kind],
            intent=intent,
            doses=_doses(node, kind),
            start=when.start,
            end=when.end,
            authored=when.authored,
            days_supply=supply,
            quantity=quantity,
            quantity_unit=unit,
            refills=refills,
            ingredients=drug.ingredients,
            form=drug.form,
            reasons=reasons,
            reason_text="; ".join(reason_texts),
            stop_reasons=stops,
            stop_reason_text="; ".join(stop_texts),
            notes=tuple(text for text in (note.text("text") for note in node.children("note")) if text),
        )
    ]


def _drug(node: Node, reading: Reading) -> _Drug:
    codings, text = node.concept("medicationCodeableConcept")
    if codings or text:
        return _Drug(codings, text)
    reference = node.child("medicationReference")
    if reference is None:
        raise node.refused("medication[x]", "It names no drug.", "Write medicationCodeableConcept or a reference.")
    found = reading.find(reference)
    if found is not None and found.type == "Medication":
        shape = to_r4(found.data, version_of(found.data))
        drug = _medication(Node(shape, f"{reference.path}.resolve()", node.scope), reading)
        if drug.codings or drug.text or drug.ingredients:
            return drug if drug.text or drug.codings else _Drug((), _names(drug.ingredients), drug.ingredients)
    display = reference.text("display")
    if display:
        reading.unresolved(reference, "its display was taken as the drug's name")
        return _Drug((), display)
    shown = reference.text("reference")[:80]
    raise node.refused(
        "medicationReference", f"The Medication it names, {shown!r}, is not in this file.", "Export Medications too."
    )


def _names(ingredients: tuple[IngredientStrength, ...]) -> str:
    return " / ".join(i.text or next((c.display for c in i.codings if c.display), "") for i in ingredients)


def _medication(node: Node, reading: Reading) -> _Drug:
    codings, text = node.concept("code")
    ingredients = tuple(_ingredient(item, reading, node) for item in node.children("ingredient"))
    return _Drug(codings, text, ingredients, node.label("form"))


def _ingredient(item: Node, reading: Reading, medication: Node) -> IngredientStrength:
    codings, text = item.concept("itemCodeableConcept")
    reference = item.child("itemReference")
    if not codings and not text and reference is not None:
        found = reading.find(reference, medication.data)
        if found is not None:
            codings, text = Node(found.data, f"{reference.path}.resolve()", item.scope).concept("code")
        text = text or reference.text("display")
    amount, unit = _strength(item.child("strength") or item.child("amount"))  # STU3 calls it amount
    return IngredientStrength(codings=codings, text=text, amount=amount, unit=unit)


def _strength(ratio: Node | None) -> tuple[float | None, str]:
    """A strength Ratio as an amount per one unit of the form (`50 mg`) or per volume (`5 mg/mL`)."""
    numerator = ratio.child("numerator") if ratio is not None else None
    if ratio is None or numerator is None:
        return None, ""
    amount, unit = positive_amount(numerator, is_dose=False)
    denominator = ratio.child("denominator")
    if amount is None or denominator is None:
        return amount, unit
    per = denominator.number("value")
    per = 1.0 if per is None else per
    if per <= 0:
        denominator.problem("value", "is not above zero; the strength was not used")
        return None, ""
    per_unit = unit_of(denominator) or ""
    return amount / per, f"{unit}/{per_unit}" if per_unit in {"mL", "L", "g", "mg", "kg"} else unit


def _when(node: Node, kind: str) -> _When:
    if kind == "MedicationRequest":
        return _When(None, node.date("dateEnded"), node.date("authoredOn"))  # dateEnded: DSTU2 only
    if kind == "MedicationDispense":
        return _When(node.date("whenHandedOver"), None, node.date("whenPrepared"))
    if kind == "MedicationAdministration":
        start, end = node.span("effective")
        return _When(start, end, None)
    if node.has("effectivePeriod"):
        start, end = node.period("effectivePeriod")
    else:
        start, end = node.date("effectiveDateTime"), None
    return _When(start, end, node.date("dateAsserted"))


def _doses(node: Node, kind: str) -> tuple[DoseInstruction, ...]:
    if kind == "MedicationStatement":
        return read_dosages(node, "dosage")
    if kind != "MedicationAdministration":
        return read_dosages(node, "dosageInstruction")
    dosage = node.child("dosage")
    if dosage is None:
        return ()
    quantity = dosage.child("dose")
    amount, unit = positive_amount(quantity) if quantity is not None else (None, "")
    text = dosage.text("text")
    return (DoseInstruction(amount_low=amount, amount_high=amount, unit=unit, route=dosage.label("route"), text=text),)


def _reasons(node: Node, reading: Reading) -> tuple[tuple[Coding, ...], list[str]]:
    codings, texts = node.concepts("reasonCode")
    more, labels = reading.conditions_named(node.children("reasonReference"))
    return tuple(dict.fromkeys((*codings, *more))), list(dict.fromkeys((*texts, *labels)))


def _stop_reasons(node: Node) -> tuple[tuple[Coding, ...], list[str]]:
    if isinstance(node.data.get("statusReason"), list):
        return node.concepts("statusReason")
    for key in ("statusReason", "statusReasonCodeableConcept"):
        codings, text = node.concept(key)
        if codings or text:
            label = text or next((c.display for c in codings if c.display), "")
            return codings, [label] if label else []
    return (), []


def _supply(node: Node) -> tuple[float | None, float | None, str, int | None]:
    """Days supplied, quantity with unit, and repeats allowed."""
    request = node.child("dispenseRequest")
    holder = request or node
    supply = holder.child("expectedSupplyDuration" if request else "daysSupply")
    quantity = holder.child("quantity")
    amount, unit = positive_amount(quantity, is_dose=False) if quantity is not None else (None, "")
    repeats = request.number("numberOfRepeatsAllowed") if request else None
    return (
        days_of(supply) if supply is not None else None,
        amount,
        unit,
        int(repeats) if repeats is not None and repeats >= 0 else None,
    )
