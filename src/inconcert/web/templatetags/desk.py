"""How deadlines, queues and units are written on the pages of the payer desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django import template
from django.utils.safestring import SafeString

from inconcert.judgement import Answer, Judgement
from inconcert.payers.authorization import Deadline, Lane, UnitUse
from inconcert.payers.authorization.desk import LANE_WORDS
from inconcert.payers.authorization.times import last_day
from inconcert.web.templatetags.inconcert import clock, day, mark

register = template.Library()

# What to say of each judgement on an approval's use, by its answer: over, few, outside, ending.
_UNIT_WORDS: tuple[dict[Answer, tuple[str, str]], ...] = (
    {Answer.MET: ("never", "over"), Answer.NOT_MET: ("met", "within"), Answer.UNKNOWN: ("unknown", "not known whether over")},
    {Answer.MET: ("hold", "running out"), Answer.NOT_MET: ("met", "enough left"), Answer.UNKNOWN: ("unknown", "not known")},
    {Answer.MET: ("never", "outside the dates"), Answer.NOT_MET: ("met", "within the dates"), Answer.UNKNOWN: ("unknown", "not known")},
    {Answer.MET: ("hold", "ends soon"), Answer.NOT_MET: ("met", "not yet"), Answer.UNKNOWN: ("unknown", "not known")},
)  # fmt: skip


@register.filter
def lane(value: str) -> str:
    """A queue by its name."""
    return LANE_WORDS[Lane(value)]


@register.filter
def instant_words(value: datetime | None, zone: str = "UTC") -> str:
    """The end of a time limit: the end of a day where it falls on midnight, else the time of day."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    if (local.hour, local.minute) == (0, 0):
        return f"the end of {day(last_day(value, ZoneInfo(zone)))}"
    return clock(value, zone)


@register.filter
def due_words(value: Deadline, zone: str = "UTC") -> str:
    """When a deadline ends: by the end of a day, by a time, or, of an approval, at the end of a day."""
    if value.due is None:
        return ""
    return f"{'at' if value.clock == 'approval_end' else 'by'} {instant_words(value.due, zone)}"


@register.filter
def until(value: datetime | None, now: datetime) -> str:
    """How far away an instant is: in 5 hours, in 3 days, 2 days ago. Elapsed time, not days of the calendar."""
    if value is None:
        return ""
    distance = abs(value - now)
    hours = int(distance / timedelta(hours=1))
    if hours < 1:
        said = "less than an hour"
    elif hours < 48:
        said = f"{hours} hour{'' if hours == 1 else 's'}"
    else:
        said = f"{hours // 24} days"
    return f"in {said}" if value > now else f"{said} ago"


@register.filter
def units_words(use: UnitUse) -> str:
    """Units used of units approved, as far as known."""
    low, high, units, unit = use.used_low, use.used_high, use.approval.units, use.approval.unit
    if high is None:
        return f"at least {low} of {units} {unit} used"
    used = str(low) if low == high else f"{low} to {high}"
    return f"{used} of {units} {unit} used"


@register.filter
def units_width(use: UnitUse, full: int) -> int:
    """How wide the used part of a bar is."""
    return min(round(full * use.used_low / use.approval.units), full)


@register.filter
def units_judgements(use: UnitUse) -> list[dict[str, Any]]:
    """The judgements on an approval's use, each with its look and words: here met is bad news. A question is asked once."""
    asked: set[str] = set()
    rows = []
    for words, value in zip(_UNIT_WORDS, (use.over, use.few, use.outside, use.ending), strict=True):
        shown: dict[str, Any] = msgspec.to_builtins(value)
        look, shown["word"] = words[value.answer]
        shown["look"] = look
        if value.question is not None:
            shown["question"] = None if value.question.id in asked else shown["question"]
            asked.add(value.question.id)
        rows.append(shown)
    return rows


@register.filter
def lateness(value: Judgement) -> SafeString:
    """Whether the payer decided late: here met is bad news."""
    look = {
        Answer.MET: ("hold", "decided late"),
        Answer.NOT_MET: ("met", "decided in time"),
        Answer.UNKNOWN: ("unknown", "not known whether in time"),
    }
    return mark(*look[value.answer])


@register.filter
def urlquery(facts: Mapping[str, object]) -> str:
    """Facts as the query of an address."""
    return urlencode({name: str(value) for name, value in facts.items()})
