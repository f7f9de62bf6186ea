"""The cells of a column become numbers; what is no number is kept with what is wrong and its mend."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

MISSING = frozenset(("", "na", "n/a", "n.a.", "nan", "nr", "null", "none", "missing", ".", "-", "–", "—", "?"))
SMALLEST, LARGEST = 1e-12, 1e12  # beyond these no outcome of people is measured, and squares lose their digits
COMMA = re.compile(r"[-+−]?\d+,\d+")
THOUSANDS = re.compile(r"[-+−]?\d{1,3}([ ,'\u00a0\u202f]\d{3})+(\.\d+)?")


def numbers(cells: Sequence[str]) -> tuple[list[float], dict[int, str]]:
    """Numbers of a column, and by position what is wrong (its number is then NaN). Never guesses, never takes a blank for 0."""
    try:
        values = list(map(float, cells))
    except ValueError:
        pass
    else:
        if all(map(_measurable, values)) and "_" not in "".join(cells):
            return values, {}
    values, wrong = [], {}
    for position, cell in enumerate(cells):
        value, why = number(cell)
        values.append(value)
        if why:
            wrong[position] = why
    return values, wrong


def number(cell: str) -> tuple[float, str]:
    """The number of one cell and an empty text, or NaN and what is wrong."""
    text = cell.strip()
    if text.lower() in MISSING:
        return math.nan, "is missing. Mend: give it, or delete the rows of the study"
    try:
        value = float(text.replace("−", "-")) if "_" not in text else math.nan
    except ValueError:
        return math.nan, _why_no_number(text)
    if _measurable(value):
        return value, ""
    if math.isfinite(value):
        return math.nan, f"is {text!r}, too far from 1 to be measured. Mend: check it, or use another unit"
    return math.nan, f"is {text!r}, not a number. Mend: write a plain number"


def _measurable(value: float) -> bool:
    """Whether a number can be an outcome's: not NaN, not infinite, not out of all proportion."""
    return value == 0 or SMALLEST <= abs(value) <= LARGEST


def _why_no_number(text: str) -> str:
    if text.endswith("%"):
        return f"is {text!r}, a percentage. Mend: give the count of people (percent times n / 100 where n is known)"
    if COMMA.fullmatch(text):
        return f"is {text!r}, written with a comma. Mend: write decimals with a point and thousands without a mark"
    if THOUSANDS.fullmatch(text):
        return f"is {text!r}, with a mark between thousands. Mend: write it without"
    if "/" in text:
        return f"is {text!r}. Mend: put events and n into two columns"
    if text[0] in "<>≤≥~":
        return f"is {text!r}, a bound and not a number. Mend: give the number itself"
    return f"is {text!r}, not a number. Mend: write a plain number, with a point for decimals"
