"""How an assessment's plain values are said to a reader: dates with the month in letters, ranges, doses, answers.

Everything here takes the JSON form (`inconcert.assessment.as_json`) and is tolerant: a key that is absent reads as
not known, never as zero or no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from inconcert.assessment.wording import SERVICES

Json = Mapping[str, Any]

_LONG_WORD = re.compile(r"\S{16,}")
_BREAK_AFTER = re.compile(r"([/\-._=?&#])(?=\w)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

ANSWERS = {"met": "met", "not_met": "NOT MET", "unknown": "unknown", None: "not asked"}
CLEARANCES = {"cleared": "cleared", "hold": "HOLD", "never": "NEVER"}
NUMBER_KINDS = {
    "observed": "observed in this record",
    "reported": "reported in a publication",
    "modelled": "modelled",
    "simulated": "simulated",
    "design_default": "design default (no study tested it)",
}
READINGS = {"read": "read", "recalled": "RECALLED, check before relying on it", "design": "our own default"}


def day(text: str | None) -> str:
    """`2026-11-22` as `22-Nov-2026`, `2026-11` as `Nov-2026`; anything else as it stands; '' for nothing."""
    if not text:
        return ""
    parts = text.partition("T")[0].split("-")
    if len(parts) > 3 or not all(part.isdigit() for part in parts):
        return text
    if len(parts) >= 2 and not 1 <= int(parts[1]) <= 12:
        return text
    if len(parts) == 3:
        return f"{parts[2]}-{_MONTHS[int(parts[1]) - 1]}-{parts[0]}"
    return f"{_MONTHS[int(parts[1]) - 1]}-{parts[0]}" if len(parts) == 2 else text


def days(known: Json | None) -> str:
    """A date range of the record in words: one day, a month, a year, or `between … and …`."""
    if not known:
        return "not known"
    if known.get("earliest") == known.get("latest"):
        return day(known.get("earliest"))
    written = str(known.get("text") or "")
    if written and len(written) <= 7:
        return day(written)
    return f"{day(known.get('earliest'))} to {day(known.get('latest'))}"


def number(value: float | None) -> str:
    """A number without needless zeros; '?' where it is not known."""
    if value is None:
        return "?"
    return f"{round(float(value), 1):g}"


def span(known: Json | None, unit: str = "") -> str:
    """`7 weeks`, `3 to 8 weeks`, `at least 1 week`."""
    if not known:
        return "not known"
    low, high = known.get("low"), known.get("high")
    if low is None and high is None:
        return "not known"
    if high is None:
        said = f"at least {number(low)}"
    elif low == high:
        said = number(low)
    else:
        said = f"{number(low)} to {number(high)}"
    return f"{said} {_one_of(unit) if said.removeprefix('at least ') == '1' else unit}".strip()


def _one_of(unit: str) -> str:
    """The unit of a single one: `1 drug failed`, `1 point`."""
    first, _, rest = unit.partition(" ")
    return f"{first.removesuffix('s') if len(first) > 1 else first} {rest}".strip()


def figure(known: Json | None) -> str:
    """A Figure's number with its unit: `8 visits`, `12 to 36 h`, `not known`."""
    if not known or known.get("low") is None:
        return "not known"
    return span({"low": known["low"], "high": known.get("high", known["low"]) or known["low"]}, known.get("unit", ""))


def doses(trial: Json) -> str:
    """Every daily dose of a trial in order, `50 → 100 mg`; `dose not known` where none is."""
    steps: list[str] = []
    for segment in trial.get("segments") or ():
        low, high = segment.get("daily_dose_mg_low"), segment.get("daily_dose_mg_high")
        said = "?" if low is None else number(low) if high in {None, low} else f"{number(low)}–{number(high)}"
        if not steps or steps[-1] != said:
            steps.append(said)
    if not steps or set(steps) == {"?"}:
        return "dose not known"
    return " → ".join(steps) + " mg"


def sentence(text: Any) -> str:
    """The text with one full stop at its end; '' for nothing."""
    said = str(text or "").strip()
    return said if not said or said[-1] in ".!?" else f"{said}."


def breakable(text: str) -> str:
    """The text with places to break (U+200B) inside long words such as record ids and addresses, for narrow columns."""
    return _LONG_WORD.sub(lambda word: _BREAK_AFTER.sub("\\1\u200b", word[0]), text)


def counted(number_of: int, thing: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number_of} {thing}{'' if number_of == 1 else 's'}"


def label(word: Any) -> str:
    """An identifier as words: `tms_first_same_day` as `tms first same day`."""
    return str(word or "").replace("_", " ")


def service(word: Any) -> str:
    """A payer's service in words."""
    return SERVICES.get(str(word), label(word))


def day_number(text: str) -> int:
    """Days since year 1 of an ISO date, for arithmetic."""
    return date.fromisoformat(text[:10]).toordinal()
