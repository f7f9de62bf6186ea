"""Dosage lines: how much, how often, how long. What cannot be read is listed and left unknown, never zero."""

from __future__ import annotations

from inconcert.exchange.fhir.node import Node
from inconcert.exchange.fhir.units import days_of, unit_of
from inconcert.record import DoseInstruction

_PER_DAY: dict[str, float] = {
    "QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "BED": 1, "HS": 1, "QHS": 1, "DAILY": 1,
    "Q1H": 24, "Q2H": 12, "Q3H": 8, "Q4H": 6, "Q6H": 4, "Q8H": 3, "Q12H": 2, "Q24H": 1,
}  # fmt: skip
_DAYS_IN_UNIT = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0}
_DAILY_EVENTS = frozenset(
    "MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE C CM CD CV AC ACM "
    "ACD ACV PC PCM PCD PCV".split()
)


def read_dosages(parent: Node, key: str) -> tuple[DoseInstruction, ...]:
    """Every dosage line under a key (`dosageInstruction` or `dosage`)."""
    lines = (_read_line(line) for line in parent.children(key))
    return tuple(line for line in lines if line is not None)


def _read_line(line: Node) -> DoseInstruction | None:
    low, high, unit = _amount(line)
    start = end = None
    times: float | None = None
    days: float | None = None
    timing = line.child("timing")
    said = ""
    if timing is not None:
        repeat = timing.child("repeat")
        times = _times_per_day(timing, repeat)
        if repeat is not None:
            start, end = repeat.period("boundsPeriod")
            bounds = repeat.child("boundsDuration")
            days = days_of(bounds) if bounds is not None else None
            said = _said(repeat) if times is None else ""
        said = said or (timing.label("code") if times is None else "")
    text = line.text("text") or line.text("patientInstruction")
    return DoseInstruction(
        amount_low=low,
        amount_high=high,
        unit=unit,
        times_per_day=times,
        as_needed=bool(line.flag("asNeededBoolean")) or line.has("asNeededCodeableConcept"),
        start=start,
        end=end,
        route=line.label("route"),
        text=f"{text} ({said})" if text and said else text or said,
        duration_days=days,
    )


def _amount(line: Node) -> tuple[float | None, float | None, str]:
    """Lowest and highest amount per administration with its unit; all unknown where anything about it is wrong."""
    doses = line.children("doseAndRate")
    ordered = [dose for dose in doses if dose.status("type") == "ordered"]
    if len(doses) > 1 and len(ordered) == 1:
        doses = ordered  # beside what was ordered, what a computer calculated may stand
    if len(doses) > 1:
        line.problem("doseAndRate", "gives more than one dose for one line; none was used", "Write one line per dose.")
        return None, None, ""
    dose = doses[0] if doses else line
    quantity = dose.child("doseQuantity")
    if quantity is not None:
        value, unit = positive_amount(quantity)
        return value, value, unit
    interval = dose.child("doseRange")
    if interval is None:
        return None, None, ""
    ends = [interval.child(key) for key in ("low", "high")]
    read = [positive_amount(end) if end is not None else (None, "") for end in ends]
    (low, low_unit), (high, high_unit) = read
    if low is not None and high is not None and (low > high or low_unit != high_unit):
        interval.problem("", f"runs from {low:g} {low_unit} to {high:g} {high_unit}; it was not used")
        return None, None, ""
    if low is None or high is None:
        return None, None, ""  # half a range is not an amount
    return low, high, low_unit


def positive_amount(quantity: Node, *, is_dose: bool = True) -> tuple[float | None, str]:
    """The value and unit of a Quantity that must be above zero. `(None, '')`, noted, for anything else.

    A missing unit is noted for a dose only: a dispensed quantity is often a bare count.
    """
    value = quantity.number("value")
    if value is None:
        return None, ""
    if value <= 0:
        reason = f"is {value:g}; {'a dose' if is_dose else 'an amount'} is above zero. It was not used"
        quantity.problem("value", reason, "Correct the amount; to stop a drug, end the order.")
        return None, ""
    comparator = quantity.text("comparator")
    if comparator:
        quantity.problem("comparator", f"{comparator!r} leaves the amount open; it was not used", "Write the amount.")
        return None, ""
    unit = unit_of(quantity)
    if unit is None:
        return None, ""
    if not unit and is_dose:
        quantity.problem("unit", "is missing, so the daily dose cannot be known from it", "Write the unit of the dose.")
    return value, unit


def _times_per_day(timing: Node, repeat: Node | None) -> float | None:
    if repeat is not None and repeat.has("frequency", "period", "when", "timeOfDay", "dayOfWeek", "periodUnit"):
        return _repeated(repeat)
    codings, text = timing.concept("code")
    for name in (*(c.code.upper() for c in codings), text.upper()):
        if name in _PER_DAY:
            return _PER_DAY[name]
    return None


def _repeated(repeat: Node) -> float | None:
    if len(set(repeat.strings("dayOfWeek"))) not in (0, 7):
        return None  # on some days only: not a daily timing
    if repeat.has("frequencyMax", "periodMax"):
        repeat.problem("", "gives a range of times, so the daily dose is not known", "Write one frequency.")
        return None
    times = repeat.strings("timeOfDay")
    if times and not repeat.has("period"):
        return float(len(times))
    period, unit = repeat.number("period"), repeat.text("periodUnit")
    events = repeat.strings("when")
    if period is None:
        if events and not repeat.has("frequency") and set(events) <= _DAILY_EVENTS:
            return float(len(events))
        return None
    frequency = repeat.number("frequency") if repeat.has("frequency") else float(max(len(events), len(times), 1))
    if period <= 0 or (frequency is not None and frequency <= 0):
        repeat.problem("period" if period <= 0 else "frequency", "is not above zero; the timing was not used")
        return None
    days = period * _DAYS_IN_UNIT[unit] if unit in _DAYS_IN_UNIT else None
    if days is None or frequency is None or days > 1:
        return None  # weekly, every other day ...: not a daily timing; the words are kept in `text`
    return frequency / days


def _said(repeat: Node) -> str:
    """The timing in words, for a timing that is not a daily one."""
    days = repeat.strings("dayOfWeek")
    if days:
        return "on " + ", ".join(days)
    period = repeat.number("period")
    if period is None:
        return ""
    frequency = repeat.number("frequency") or 1
    return f"{frequency:g} times every {period:g} {repeat.text('periodUnit')}"
