"""Answers to rating scales in Observations: items, totals and panels, each worth what its scale's file says."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.exchange.fhir.forms import Piece
from inconcert.exchange.fhir.node import Kept, Node, Refused
from inconcert.exchange.fhir.reading import Reading, origin
from inconcert.exchange.fhir.scale_codes import (
    ScaleCode,
    answer_worth,
    in_item_range,
    in_total_range,
    scale_code,
    weight_written,
    worth_of_words,
)
from inconcert.record import Coding, DateRange, Moment


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer coded as one thing with another value written beside the code."""

    item: str
    code: str
    listed: float
    written: float


def taken_at(node: Node) -> Moment | None:
    """When it was observed: `effective[x]`. `issued` is when it was published, and is not taken for it."""
    for key in ("effectiveDateTime", "effectiveInstant"):
        if node.has(key):
            return node.moment(key)
    if node.has("effectivePeriod"):
        start, end = node.period("effectivePeriod")
        if start and end:
            return Moment(DateRange(start.earliest, max(start.latest, end.latest), f"{start}/{end}"))
        return Moment(start) if start else None
    node.problem("effective[x]", "does not say when it was observed", "Write effectiveDateTime.")
    return None


def read_piece(node: Node, reading: Reading, person: str, code: ScaleCode, status: str) -> Piece:
    """An Observation whose code is an item, a total or a panel of a rating scale. Raises Refused or Kept."""
    codings, text = node.concept("code")
    piece = Piece(node.scope, person, code, origin(node), node.path, status=status, codings=codings, text=text)
    piece.taken = taken_at(node)
    piece.rater = rater(node, reading, "performer")
    derived = (reading.find(reference) for reference in node.children("derivedFrom"))
    piece.derived_from = tuple(sorted(t.raw.key for t in derived if t and t.raw and t.type == "QuestionnaireResponse"))
    if code.role == "panel":
        _read_panel(piece, node, reading)
    elif code.role == "item":
        piece.value = item_value(node, code)
    else:
        piece.value = _total(node, code)
        if piece.value is None and node.has("component"):
            _read_panel(piece, node, reading)
            piece.code = ScaleCode(code.scale, "panel")
        elif piece.value is None:
            raise Kept(f"{node.path}.value[x]", "It states no total.")
    return piece


def _read_panel(piece: Piece, node: Node, reading: Reading) -> None:
    targets = (reading.find(reference) for reference in node.children("hasMember"))
    piece.members = tuple(sorted({t.raw.number for t in targets if t and t.raw and t.type == "Observation"}))
    for part in node.children("component"):
        inner = scale_code(part.concept("code")[0])
        if inner is None or inner.scale != piece.code.scale:
            continue
        try:
            value = item_value(part, inner) if inner.role == "item" else _total(part, inner)
        except Refused as error:
            part.scope.problem(error.path, error.reason, error.mend)
            continue
        piece.values.append((inner, value, part.path))
    if _number(node) is not None and piece.code.role == "panel":
        node.problem("value[x]", "stands on the panel's code, which is not the code of a total; it was not used")


def item_value(node: Node, code: ScaleCode, clashes: list[Clash] | None = None) -> float | None:
    """What the answer to an item is worth; None, noted, where it cannot be known or cannot be.

    Where a coded answer carries another value beside its code, that value is read; the clash is noted, in `clashes`
    where the caller wants to say it once for a whole form.
    """
    concept = node.child("valueCodeableConcept")
    coding = node.child("valueCoding")
    value: float | None
    if concept is not None:
        nodes = concept.children("coding")
        value = _coded_worth(node, code, nodes, concept.codings(), clashes)
    elif coding is not None:
        one = coding.coding()
        value = _coded_worth(node, code, [coding], (one,) if one else (), clashes)
    elif isinstance(node.data.get("valueBoolean"), bool) and code.item.range == (0, 1):
        value = float(node.data["valueBoolean"])
    else:
        value = _number(node)
        if value is None:
            value = worth_of_words(code, node.text("valueString"))
        if value is None and node.has("valueString", "valueBoolean", "valueQuantity"):
            node.problem("value[x]", f"is not an answer to item {code.key} of {code.scale}; it was left blank")
    if value is not None and not in_item_range(code, value):
        low, high = code.item.range
        reason = f"{value:g} is no answer to item {code.key} of {code.scale} ({low} to {high}); it was left blank"
        node.problem("value[x]", reason, "Check the answer.")
        return None
    return value


def _coded_worth(
    node: Node, code: ScaleCode, nodes: list[Node], codings: tuple[Coding, ...], clashes: list[Clash] | None
) -> float | None:
    written = next((w for w in (weight_written(n) for n in nodes) if w is not None), None)
    listed = answer_worth(code, codings)
    if listed is None:
        listed = next((w for c in codings if (w := worth_of_words(code, c.display)) is not None), None)
    if written is None and listed is None and codings:
        shown = codings[0].code or codings[0].display
        node.problem("value[x]", f"{shown!r} is no answer known for item {code.key} of {code.scale}; it was left blank")
    if written is not None and listed is not None and written != listed:
        clash = Clash(code.key, codings[0].code, listed, written)
        if clashes is None:
            say_clashes(node, "value[x]", [clash])
        else:
            clashes.append(clash)
    return listed if written is None else written


def say_clashes(node: Node, key: str, clashes: list[Clash]) -> None:
    """Note, once, all answers of a form whose code and whose written value differ."""
    if not clashes:
        return
    each = ", ".join(f"item {c.item}: {c.code} is worth {c.listed:g} but {c.written:g} is written" for c in clashes)
    node.problem(key, f"codes and values disagree; the written values were read ({each})", "Code the answers given.")


def _total(node: Node, code: ScaleCode) -> float | None:
    total = _number(node)
    if total is not None and not in_total_range(code, total):
        low, high = code.file.total.range
        raise node.refused(
            "value[x]", f"{total:g} cannot be a total of {code.scale} ({low} to {high}).", "Check the form."
        )
    if total is None and node.has("valueString", "valueQuantity"):
        raise node.refused("value[x]", f"It does not state a total of {code.scale} as a number.", "Write the number.")
    return total


def _number(node: Node) -> float | None:
    """A number however it is written: integer, decimal, quantity, or text that is nothing but digits (noted)."""
    for key in ("valueInteger", "valueDecimal"):
        if key in node.data:
            return node.number(key)
    quantity = node.child("valueQuantity")
    if quantity is not None:
        if quantity.text("comparator"):
            quantity.problem("comparator", "leaves a score open; it was not used", "Write the score.")
            return None
        return quantity.number("value")
    written = node.text("valueString")
    if written.isascii() and written.isdigit() and len(written) <= 4:
        node.problem("valueString", f"is the text {written!r}; it was read as a number", "Write a number.")
        return float(written)
    return None


def rater(node: Node, reading: Reading, *keys: str) -> str:
    """Who answered: 'self' for the patient, else the name of whoever is named first."""
    for key in keys:
        value = node.data.get(key)
        references = node.children(key) if isinstance(value, list) else [r for r in [node.child(key)] if r]
        for reference in references:
            found = reading.find(reference)
            if (found and found.type == "Patient") or reference.text("reference").startswith("Patient/"):
                return "self"
            name = reading.name_of(reference)
            if name:
                return name
    return ""
