"""Moving a whole clinic in time, so that the lessons hold on whatever day it is shown."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from inconcert.record import DateRange

_DATE = re.compile(r"(?P<day>\d{4}(?:-\d{2}(?:-\d{2})?)?)(?P<clock>T\d{2}:\d{2}.*)?\Z")
_WORDS = frozenset({"code", "id", "version", "value", "reference", "valueString", "text", "display"})


def moved(resource: Any, days: int, key: str = "") -> Any:
    """A copy of a FHIR structure with every date `days` later (earlier where negative).

    A date known only by its month or year moves by its middle and stays as partial as it was. Codes, ids and free
    words are left alone.
    """
    if days == 0:
        return resource
    if isinstance(resource, dict):
        return {name: moved(value, days, name) for name, value in resource.items()}
    if isinstance(resource, list):
        return [moved(value, days, key) for value in resource]
    if isinstance(resource, str) and key not in _WORDS:
        match = _DATE.match(resource)
        if match is not None:
            return _later(match["day"], days) + (match["clock"] or "")
    return resource


def _later(text: str, days: int) -> str:
    try:
        known = DateRange.parse(text)
    except ValueError:  # a date that does not exist is somebody's lesson; it stays
        return text
    middle = known.earliest + (known.latest - known.earliest) / 2 + timedelta(days=days)
    return middle.isoformat()[: len(text)]


def day(text: str) -> date:
    """A full date of a sketch. Raises ValueError for a partial one."""
    known = DateRange.parse(text)
    if not known.is_exact:
        raise ValueError(f"{text!r} is not a full date")
    return known.earliest
