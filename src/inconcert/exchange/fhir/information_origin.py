"""Whether an answer was given by somebody, or copied from the chart when the form was prefilled (Da Vinci DTR)."""

from __future__ import annotations

from inconcert.exchange.fhir.intake import COPIED_FROM_CHART, INFORMATION_ORIGIN
from inconcert.exchange.fhir.node import Node


def is_copy(answer: Node) -> bool:
    """True where the answer says of itself that it was filled in automatically and nobody changed it."""
    return origin_of(answer) in COPIED_FROM_CHART


def origin_of(answer: Node) -> str:
    """The code of an answer's information-origin, '' where it has none."""
    for extension in answer.children("extension"):
        if extension.text("url") != INFORMATION_ORIGIN:
            continue
        for part in extension.children("extension"):
            if part.text("url") == "source":
                return part.code("valueCode")
    return ""


def given_by_somebody(item: Node) -> bool:
    """True where any answer of this item, or of an item below it, is not a copy."""
    if any(not is_copy(answer) for answer in item.children("answer")):
        return True
    return any(given_by_somebody(below) for below in item.children("item"))


def count_copies(node: Node) -> int:
    """How many answers of a form, at any depth, are copies."""
    found = 0
    for item in node.children("item"):
        answers = item.children("answer")
        found += sum(is_copy(answer) for answer in answers)
        found += count_copies(item) + sum(count_copies(answer) for answer in answers)
    return found
