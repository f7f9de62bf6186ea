"""Orders, statements, dispenses and doses given."""

from __future__ import annotations

from inconcert.synthetic.codes import Resource, coding, drug, quantity, whole
from inconcert.synthetic.people import MedicationLine, Product, codebook

_ROUTES = {
    "oral": ("26643006", "Oral route"),
    "transdermal": ("45890007", "Transdermal route"),
    "nasal": ("46713006", "Nasal route"),
    "intravenous": ("47625008", "Intravenous route"),
}
_TABLET_FORMS = {"tablet": "{tbl}", "capsule": "{capsule}", "patch": "{patch}", "spray": "{spray}"}


def medication_resources(person: str, lines: tuple[MedicationLine, ...]) -> list[Resource]:
    """The resources of a person's medication lines, in the order of the sketch."""
    resources: list[Resource] = []
    for number, line in enumerate(lines, 1):
        product = codebook().products[line.what]
        base = f"{person}-med-{number:02d}"
        if line.kind == "order":
            resources.append(_order(base, person, line, product))
        elif line.kind == "statement":
            resources.append(_statement(base, person, line, product))
        elif line.kind == "given":
            resources.append(_given(base, person, line, product))
        resources.extend(
            _dispense(f"{base}-fill-{fill:02d}", person, on, line, base if line.kind == "order" else "")
            for fill, on in enumerate(line.fills, 1)
        )
    return resources


def _status(line: MedicationLine) -> str:
    if line.status:
        return line.status
    if not line.end:
        return "active"
    return "stopped" if line.stopped_because else "completed"


def _order(base: str, person: str, line: MedicationLine, product: Product) -> Resource:
    order: Resource = {
        "resourceType": "MedicationRequest",
        "id": base,
        "status": _status(line),
        "intent": "order",
        "medicationCodeableConcept": drug(product),
        "subject": {"reference": f"Patient/{person}"},
        "requester": {"display": "Invented prescriber"},
        "dosageInstruction": [_dosage(line, product)],
    }
    if line.start:
        order["authoredOn"] = line.start
        order["dispenseRequest"] = {"validityPeriod": _period(line)}
    if line.stopped_because:
        order["statusReason"] = {"text": line.stopped_because}
    if line.reason:
        order["reasonCode"] = [{"text": line.reason}]
    return order


def _statement(base: str, person: str, line: MedicationLine, product: Product) -> Resource:
    statement: Resource = {
        "resourceType": "MedicationStatement",
        "id": base,
        "status": _status(line),
        "medicationCodeableConcept": drug(product),
        "subject": {"reference": f"Patient/{person}"},
        "dosage": [_dosage(line, product)],
    }
    if line.start or line.end:
        statement["effectivePeriod"] = _period(line)
    if line.stopped_because:
        statement["statusReason"] = [{"text": line.stopped_because}]
    return statement


def _given(base: str, person: str, line: MedicationLine, product: Product) -> Resource:
    units = (line.units or 0) * (product.unit_mg or 1)
    return {
        "resourceType": "MedicationAdministration",
        "id": base,
        "status": "completed",
        "medicationCodeableConcept": drug(product),
        "subject": {"reference": f"Patient/{person}"},
        "effectiveDateTime": line.start,
        "dosage": {"route": _route(product), "dose": quantity(units, "mg", "mg")},
    }


def _dispense(ident: str, person: str, on: str, line: MedicationLine, order: str) -> Resource:
    product = codebook().products[line.what]
    per_day = (line.units or 0) * (line.times or 0)
    dispense: Resource = {
        "resourceType": "MedicationDispense",
        "id": ident,
        "status": "completed",
        "medicationCodeableConcept": drug(product),
        "subject": {"reference": f"Patient/{person}"},
        "quantity": {"value": whole(per_day * line.days), "unit": product.unit},
        "daysSupply": quantity(line.days, "days", "d"),
        "whenHandedOver": on,
        "dosageInstruction": [_dosage(line, product, with_bounds=False)],
    }
    if order:
        dispense["authorizingPrescription"] = [{"reference": f"MedicationRequest/{order}"}]
    return dispense


def _dosage(line: MedicationLine, product: Product, *, with_bounds: bool = True) -> Resource:
    """One dosage line; where units or times are unknown only the words stand, as in many a real chart."""
    dosage: Resource = {"text": line.as_written or _words(line, product), "route": _route(product)}
    repeat: Resource = {}
    if with_bounds and line.start:
        repeat["boundsPeriod"] = _period(line)
    if line.times is not None:
        repeat |= {"frequency": whole(line.times), "period": 1, "periodUnit": "d"}
    if repeat:
        dosage["timing"] = {"repeat": repeat}
    if line.units is not None:
        if product.unit == "mg":
            dose = quantity(line.units, "mg", "mg")
        else:
            dose = {"value": whole(line.units), "unit": product.unit}
            if product.unit in _TABLET_FORMS:
                dose |= {"system": "http://unitsofmeasure.org", "code": _TABLET_FORMS[product.unit]}
        dosage["doseAndRate"] = [{"doseQuantity": dose}]
    return dosage


def _words(line: MedicationLine, product: Product) -> str:
    if line.units is None or line.times is None:
        return "Take as directed"
    return f"{whole(line.units)} {product.unit} {whole(line.times)} time(s) a day"


def _route(product: Product) -> Resource:
    code, display = _ROUTES[product.route]
    return {"coding": [coding("http://snomed.info/sct", code, display)], "text": product.route}


def _period(line: MedicationLine) -> Resource:
    return {name: value for name, value in (("start", line.start), ("end", line.end)) if value}
