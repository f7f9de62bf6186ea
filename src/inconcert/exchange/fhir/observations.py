"""Observations: pieces of rating scales, and measurements with their units and limits checked."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.exchange.fhir.forms import Piece
from inconcert.exchange.fhir.node import Kept, Node, Refused
from inconcert.exchange.fhir.orders import read_not_done
from inconcert.exchange.fhir.reading import Reading, check_status, origin
from inconcert.exchange.fhir.scale_answers import read_piece, taken_at
from inconcert.exchange.fhir.scale_codes import scale_code
from inconcert.knowledge.measurements import MeasurementLimits, measurement_limits
from inconcert.record import CodeSystem, Coding, Fact, Measurement

_USED = {"preliminary", "final", "amended", "corrected", "appended"}
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_UNUSED = {"entered-in-error", "cancelled", "registered", "unknown"}  # unknown: nobody vouches for the result


@dataclass(frozen=True, slots=True)
class _Value:
    """A value[x] read. All empty: there was none."""

    number: float | None = None
    unit: str = ""
    comparator: str = ""
    codings: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def any(self) -> bool:
        return self.number is not None or bool(self.codings or self.text)


def read_observation(node: Node, reading: Reading, person: str) -> list[Fact] | Piece:
    """A measurement, a piece of a rating scale, or one that was not made and says why. Raises Refused or Kept."""
    not_done = read_not_done(node)
    if not_done is not None:
        return [not_done]
    status = check_status(node, "status", _USED, _UNUSED)
    codings, text = node.concept("code")
    if not codings and not text:
        raise node.refused("code", "It does not say what was observed.", "Write a code.")
    code = scale_code(codings)
    if code is not None and code.role != "extra":
        return read_piece(node, reading, person, code, status)
    value = _checked_value(node, codings, is_root=True)
    components = _components(node)
    if not value.any and not components:
        if node.has("hasMember"):
            raise Kept(f"{node.path}.hasMember", "A panel; its members are read one by one.")
        reason = node.label("dataAbsentReason") or node.label("valueCodeableConcept")
        raise Kept(f"{node.path}.value[x]", f"It has no value{f' ({reason})' if reason else ''}.")
    return [
        Measurement(
            id=node.scope.raw.key,
            origin=origin(node),
            codings=codings,
            text=text,
            status=status,
            value=value.number,
            unit=value.unit,
            comparator=value.comparator,
            value_codings=value.codings,
            value_text=value.text,
            taken=taken_at(node),
            components=components,
        )
    ]


def _components(node: Node) -> tuple[Measurement, ...]:
    found = []
    for n, part in enumerate(node.children("component")):
        codings, text = part.concept("code")
        if not codings and not text:
            part.problem("code", "does not say what was observed; this component was not used")
            continue
        try:
            value = _checked_value(part, codings, is_root=False)
        except Refused as error:
            part.scope.problem(error.path, error.reason, error.mend)
            continue
        found.append(
            Measurement(
                id=f"{node.scope.raw.key}#component[{n}]",
                origin=origin(node),
                codings=codings,
                text=text,
                value=value.number,
                unit=value.unit,
                comparator=value.comparator,
                value_codings=value.codings,
                value_text=value.text,
            )
        )
    kept = tuple(found)
    return kept if any(part.value is not None or part.value_codings or part.value_text for part in kept) else ()


def _checked_value(node: Node, codings: tuple[Coding, ...], *, is_root: bool) -> _Value:
    """The value, refused where its unit or size cannot be. Raises Refused, also where a root has other faults."""
    limits = _limits(codings)
    quantity = node.child("valueQuantity")
    if quantity is None:
        return _other_value(node)
    number = quantity.number("value")
    if number is None:
        if is_root and quantity.has("value"):
            raise quantity.refused("value", "The value is not a number.", "Write the number.")
        return _Value()
    comparator = quantity.text("comparator")
    if comparator not in {"", "<", "<=", ">=", ">", "ad"}:
        raise quantity.refused("comparator", f"{comparator[:20]!r} is no comparator.", "Write <, <=, >= or >.")
    if limits is None:
        return _Value(number, quantity.text("unit") or quantity.text("code"), comparator)
    unit = _unit(quantity, limits)
    bounds = limits.units[unit]
    if not bounds.low <= number <= bounds.high:
        raise quantity.refused(
            "value",
            f"{limits.name} of {number:g} {unit} cannot be (believed: {bounds.low:g} to {bounds.high:g}).",
            "Check sign, decimal point and unit.",
        )
    return _Value(number, unit, comparator)


def _limits(codings: tuple[Coding, ...]) -> MeasurementLimits | None:
    known = measurement_limits()
    loinc = CodeSystem.LOINC.value
    return next((known[c.code] for c in codings if c.system == loinc and c.code in known), None)


def _unit(quantity: Node, limits: MeasurementLimits) -> str:
    """The UCUM unit of a listed measure. Raises Refused where there is none, another one, or two different ones."""
    code, written = quantity.text("code"), quantity.text("unit")
    if not code and not written:
        raise quantity.refused("unit", f"{limits.name} has no unit.", f"Write {' or '.join(limits.units)}.")
    by_code, by_unit = limits.unit_named(code), limits.unit_named(written)
    if by_code and by_unit and by_code != by_unit:
        raise quantity.refused("unit", f"The unit says {written!r}, its code {code!r}.", "Write the same unit twice.")
    if (code and not by_code and not by_unit) or not (by_code or by_unit):
        reason = f"{(written or code)[:40]!r} is not a unit of {limits.name.lower()}."
        raise quantity.refused("unit", reason, f"Write {' or '.join(limits.units)}.")
    return by_code or by_unit


def _other_value(node: Node) -> _Value:
    if node.has("valueCodeableConcept"):
        codings, text = node.concept("valueCodeableConcept")
        told = tuple(c for c in codings if c.system != _ABSENT)
        return _Value(codings=told, text=text) if told or not codings else _Value()
    if "valueInteger" in node.data:
        return _Value(number=node.number("valueInteger"))
    if "valueBoolean" in node.data:
        flag = node.flag("valueBoolean")
        return _Value(text="" if flag is None else str(flag).lower())
    for key in ("valueString", "valueDateTime", "valueTime"):
        if node.has(key):
            return _Value(text=node.text(key))
    interval = node.child("valueRange")
    if interval is not None:
        ends = [interval.child(key) for key in ("low", "high")]
        words = [
            f"{end.number('value'):g} {end.text('unit')}".strip() if end and end.has("value") else "" for end in ends
        ]
        return _Value(text=" to ".join(words))
    other = next((key for key in node.data if key.startswith("value") and key != "valueQuantity"), None)
    if other is not None:
        node.problem(other, "is kept, but values of this kind are not read", "Nothing to mend.")
    return _Value()
