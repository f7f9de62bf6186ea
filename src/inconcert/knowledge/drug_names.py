"""Reading a drug out of free text: names, brands and strengths, and when the text must not be believed.

"sertraline 50 mg tablet" is sertraline with a strength; "no sertraline", "sertraline or fluoxetine" and "sertraline
100 mg daily" are not: the first two name no drug, the third a daily dose and not a strength.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_UNSURE = re.compile(
    r"\b(no|not|never|none|denies|denied|without|avoid|allerg\w*|decline[sd]?|refuse[sd]?|instead of|versus|vs|or|"
    r"switch\w*|consider\w*|discuss\w*|intoleran\w*|contraindicat\w*|h/o|history of)\b|\?"
)
_STRENGTH = re.compile(
    r"(?<![\d.,])(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>mg|milligrams?|mcg|µg|μg|ug|micrograms?|g)\b"
    r"(?:\s*/\s*(?P<per>ml|24\s*h(?:r|rs|ours?)?|hr|hour|h)\b)?"
)
_PER_DAY = re.compile(
    r"\b(daily|per day|a day|/\s*day|every|each|once|twice|bid|tid|qd|qam|qhs|qpm|nightly|at night|bedtime)\b"
)
_RELEASE = re.compile(
    r"\b(extended[ -]release|(?:12|24) hr|er|xr|xl|sr|cr|la|prolonged[ -]release|modified[ -]release)\b"
)
_TO_MG = {
    "mg": 1.0,
    "milligram": 1.0,
    "mcg": 0.001,
    "µg": 0.001,
    "μg": 0.001,
    "ug": 0.001,
    "microgram": 0.001,
    "g": 1000.0,
}


@dataclass(frozen=True, slots=True)
class Strength:
    """A strength as written: `amount` in `unit` ('mg', 'mg_per_ml' or 'mg_per_h')."""

    amount: float
    unit: str


@lru_cache(maxsize=8)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(re.escape(n) for n in ordered) + r")(?![\w])")


@lru_cache(maxsize=8)
def _pairs_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """A name before a hyphen and another name: how charts write a product of two drugs ("perphenazine-amitriptyline")."""
    any_name = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    whole = "|".join(re.escape(n) for n in names if "-" in n) or r"(?!)"  # a name with a hyphen of its own stays whole
    return re.compile(rf"(?<![\w-])(?!(?:{whole})(?!\w))({any_name})-(?=(?:{any_name})(?!\w))")


def names_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Each of the lower-case `names` that stands in the text as a whole word, in order, each once."""
    known = tuple(names)
    found = _names_pattern(known).findall(_pairs_pattern(known).sub(r"\1 - ", text.lower()))
    return tuple(dict.fromkeys(found))


def is_unsure(text: str) -> bool:
    """True if the text denies, compares or ponders, so that a name in it is not a drug taken."""
    return _UNSURE.search(text.lower()) is not None


def strengths_in(text: str) -> tuple[Strength, ...]:
    """Strengths per unit of the form, in order; empty where the text speaks of a dose per day."""
    low = text.lower()
    if _PER_DAY.search(low):
        return ()
    found = []
    for match in _STRENGTH.finditer(low):
        amount = float(match["number"]) * _TO_MG[match["unit"].rstrip("s") if len(match["unit"]) > 3 else match["unit"]]
        per = (match["per"] or "").replace(" ", "")
        if per == "ml":
            found.append(Strength(amount, "mg_per_ml"))
        elif per.startswith("24"):
            found.append(Strength(amount / 24, "mg_per_h"))
        elif per:
            found.append(Strength(amount, "mg_per_h"))
        else:
            found.append(Strength(amount, "mg"))
    return tuple(found)


def says_extended_release(text: str) -> bool:
    """True if the name or form says extended release (ER, XR, XL, SR, CR ...)."""
    return _RELEASE.search(text.lower()) is not None
