"""Which code asks which question of which scale, and what an answer is worth. Codes come from `knowledge` only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from inconcert.exchange.fhir.intake import INCONCERT_CODES
from inconcert.exchange.fhir.node import Node
from inconcert.knowledge.scales import ScaleFile, ScaleItem, scale_files
from inconcert.record import CodeSystem, Coding

_ORDINAL_URLS = frozenset(
    {
        "http://hl7.org/fhir/StructureDefinition/ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
        "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
    }
)
_YES_NO = {
    (CodeSystem.SNOMED.value, "373066001"): 1.0,
    (CodeSystem.SNOMED.value, "373067005"): 0.0,
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"): 1.0,
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "N"): 0.0,
    (INCONCERT_CODES, "yes"): 1.0,
    (INCONCERT_CODES, "no"): 0.0,
}  # words for yes and no, not medicine; used only for questions whose whole range is 0 to 1


@dataclass(frozen=True, slots=True)
class ScaleCode:
    """What a code is in a scale. `role` is item, total, panel or extra; `key` the item's key ('' for the others)."""

    scale: str
    role: str
    key: str = ""

    @property
    def file(self) -> ScaleFile:
        """The scale's file."""
        return scale_files()[self.scale]

    @property
    def item(self) -> ScaleItem:
        """The item asked (role `item` only). Raises KeyError."""
        return self.file.item(self.key)


@cache
def _codes() -> dict[tuple[str, str], ScaleCode]:
    codes: dict[tuple[str, str], ScaleCode] = {}
    loinc = CodeSystem.LOINC.value
    for scale in scale_files().values():
        found = [(loinc, scale.loinc_panel, ScaleCode(scale.id, "panel"))]
        found += [
            (loinc, code, ScaleCode(scale.id, "total")) for code in (scale.loinc_total, *scale.loinc_total_variants)
        ]
        found += [(loinc, item.loinc, ScaleCode(scale.id, "item", item.key)) for item in scale.items]
        found += [(loinc, item.loinc, ScaleCode(scale.id, "extra", item.key)) for item in scale.extra_items]
        found += [(INCONCERT_CODES, f"{scale.id}/{i.key}", ScaleCode(scale.id, "item", i.key)) for i in scale.items]
        if scale.total.kind != "triage":
            found.append((INCONCERT_CODES, scale.id, ScaleCode(scale.id, "total")))
        for system, code, meaning in found:
            if code:
                codes.setdefault((system, code), meaning)
    return codes


def scale_code(codings: tuple[Coding, ...]) -> ScaleCode | None:
    """What the first known of these codings is in a scale, or None."""
    known = _codes()
    return next((known[c.system, c.code] for c in codings if (c.system, c.code) in known), None)


_NOT_WORDS = re.compile(r"[^a-z]+")


def _plain(text: str) -> str:
    """A text by its words alone: numbering, dashes and capitals differ from one export to the next."""
    return _NOT_WORDS.sub(" ", text.lower()).strip()


@cache
def _wordings() -> dict[str, ScaleCode]:
    return {
        _plain(item.wording): ScaleCode(scale.id, "item", item.key)
        for scale in scale_files().values()
        for item in scale.items
        if item.wording
    }


def code_of_wording(text: str) -> ScaleCode | None:
    """The item whose whole printed wording this is, word for word; nothing is guessed from a likeness."""
    return _wordings().get(_plain(text)) if text else None


def worth_of_words(code: ScaleCode, text: str) -> float | None:
    """What a printed answer (`Several days`) is worth in the scale of this item; None for any other words."""
    return code.file.answer_words.get(_plain(text))


def is_scale_word(name: str) -> bool:
    """True if a linkId is one of our own words for a scale or its item (`qids-sr16`, `qids-sr16/1`)."""
    return (INCONCERT_CODES, name) in _codes()


def weight_written(holder: Node) -> float | None:
    """The value that an ordinal extension gives to a coding, or None."""
    for extension in holder.children("extension"):
        if extension.text("url") in _ORDINAL_URLS:
            return extension.number("valueDecimal" if "valueDecimal" in extension.data else "valueInteger")
    return None


def answer_worth(code: ScaleCode, codings: tuple[Coding, ...]) -> float | None:
    """What a coded answer is worth by the scale's own list, or None where the list does not know it."""
    item = code.item
    for coding in codings:
        listed = item.answer_codes.get(coding.code, code.file.answer_codes.get(coding.code))
        if listed is not None and coding.system in {CodeSystem.LOINC.value, ""}:
            return listed
        yes_no = _YES_NO.get((coding.system, coding.code))
        if yes_no is not None and item.range == (0, 1):
            return yes_no
    return None


def in_item_range(code: ScaleCode, value: float) -> bool:
    """True if a value is a whole number in the item's range."""
    low, high = code.item.range
    return value == int(value) and low <= value <= high


def in_total_range(code: ScaleCode, value: float) -> bool:
    """True if a value can be this scale's total: in range, and whole unless its manual scales up for blanks."""
    low, high = code.file.total.range
    return low <= value <= high and (value == int(value) or code.file.missing.kind == "mean_of_answered")
