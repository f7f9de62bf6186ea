"""Hazards that are numbers: age and blood pressure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Question, RecordUse
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.measurements import measurement_limits
from inconcert.knowledge.safety import SafetyItem
from inconcert.record import Attestation, CodeSystem, DateRange, Measurement, Person
from inconcert.safety.evidence import Evidence, Weight, in_date
from inconcert.safety.judging import ask, finding, question_for, settle
from inconcert.safety.types import SafetyFinding

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
_ASKED = {"safety.systolic_mmhg": SYSTOLIC, "safety.diastolic_mmhg": DIASTOLIC}


def judge_age(item: SafetyItem, person: Person, as_of: date) -> SafetyFinding:
    """Whether the person is under the adult age, or (with `older_years`) at or over an older one.

    A birth date known in part settles it only where every day it may be gives the same answer.
    """
    age = person.age_years(as_of)
    if "older_years" in item.limits:
        cut = item.limits["older_years"]
        if age is None or age[0] < cut <= age[1]:
            text = "What is the date of birth?"
            return finding(
                item,
                as_of,
                Answer.UNKNOWN,
                f"{item.name}: age not known.",
                question=Question("person.birth", text, item.id),
            )
        return finding(item, as_of, Answer.MET if age[0] >= cut else Answer.NOT_MET, f"{item.name}: {_shown(age)}.")
    adult = item.limits["adult_years"]
    answers = ask(item, person, as_of)
    use = RecordUse(person.id, f"age {_shown(age)}" if age else "no date of birth", str(person.birth or ""))
    if age is None or age[0] < adult <= age[1]:
        return settle(item, as_of, (), answers)
    # For this item an answer of yes (has come of age) is the absence of the hazard.
    return settle(item, as_of, (Evidence(Weight.ABSENT if age[0] >= adult else Weight.PRESENT, use),), answers)


def _shown(age: tuple[int, int] | None) -> str:
    if age is None:
        return "not known"
    return f"{age[0]}" if age[0] == age[1] else f"{age[0]} to {age[1]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Blood pressure at one time, in mmHg; a half that was not recorded is None."""

    systolic: float | None
    diastolic: float | None
    on: DateRange
    order: tuple[date, date, float]
    records: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """True if both halves are known."""
        return self.systolic is not None and self.diastolic is not None

    @property
    def shown(self) -> str:
        """As a nurse writes it; a missing half is a dash."""
        parts = ("-" if v is None else f"{v:g}" for v in (self.systolic, self.diastolic))
        return "/".join(parts)


def judge_blood_pressure(item: SafetyItem, person: Person, as_of: date) -> SafetyFinding:
    """Whether the last whole blood pressure in date is above the limits (or a later half of one is).

    Of several readings without a clock on one day the highest counts. Unknown where no whole reading is in date.
    """
    found = [r for r in readings(person, as_of) if in_date(r.on, as_of, item.good_for_days)]
    whole = [r for r in found if r.whole]
    last = whole[-1] if whole else None
    later_halves = [r for r in found if not r.whole and (last is None or r.order >= last.order)]
    high = [r for r in (*later_halves, *([last] if last else [])) if _above(r, item)]
    uses = tuple(
        RecordUse(record, f"blood pressure {r.shown} mmHg", str(r.on))
        for r in ([last] if last else found)
        for record in r.records
    )
    if high:
        worst = high[-1] if last in high else high[0]
        stop = _at_or_above(worst, item)
        action = (
            f"At {worst.shown} mmHg nothing is given today unless the prescriber changes the plan. {item.action}"
            if stop
            else ""
        )
        limit = f"{item.limits['systolic_above_mmhg']:g}/{item.limits['diastolic_above_mmhg']:g}"
        text = f"{item.name}: {worst.shown} mmHg is above {limit}: hold."
        return finding(item, as_of, Answer.MET, text, uses, action=action)
    if last is not None:
        return finding(item, as_of, Answer.NOT_MET, f"{item.name}: {last.shown} mmHg, within the limits.", uses)
    missing = "safety.diastolic_mmhg" if any(r.systolic is not None for r in found) else item.question
    known = intake_questions()[missing]
    question = Question(missing, known.text, f"safety.{item.id}") if missing != item.question else question_for(item)
    text = f"{item.name}: no whole reading in the last {item.good_for_days} days."
    return finding(item, as_of, Answer.UNKNOWN, text, uses, question=question)


def readings(person: Person, as_of: date) -> list[Reading]:
    """Every blood pressure up to `as_of`, oldest first: panels, single halves and answers, joined by when they were taken."""
    halves: dict[tuple[date, date, float], dict[str, list[tuple[float, str]]]] = {}
    days: dict[tuple[date, date, float], DateRange] = {}
    for value, code, on, instant, record in _halves(person):
        if on.earliest > as_of:
            continue
        key = (on.latest, on.earliest, instant)
        days[key] = on
        halves.setdefault(key, {}).setdefault(code, []).append((value, record))
    found = []
    for key in sorted(halves):
        both = halves[key]
        top = {code: max(v for v, _ in values) for code, values in both.items()}
        records = tuple(dict.fromkeys(record for values in both.values() for _, record in values))
        found.append(Reading(top.get(SYSTOLIC), top.get(DIASTOLIC), days[key], key, records))
    return found


def _halves(person: Person) -> list[tuple[float, str, DateRange, float, str]]:
    found: list[tuple[float, str, DateRange, float, str]] = []
    for panel in person.measurements:
        for one in (panel, *panel.components):
            taken = one.taken or panel.taken
            code = next((c for c in (SYSTOLIC, DIASTOLIC) if one.has_code(CodeSystem.LOINC, {c})), None)
            if code is None or taken is None or panel.status in {"entered-in-error", "cancelled"}:
                continue
            if one.value is None or not _in_mmhg(one, code):
                continue
            instant = taken.instant.timestamp() if taken.instant else -1.0
            found.append((one.value, code, taken.days, instant, panel.id))
    for answer in person.attestations:
        found.extend(_told(answer))
    return found


def _told(answer: Attestation) -> list[tuple[float, str, DateRange, float, str]]:
    code = _ASKED.get(answer.question)
    if code is None or answer.value is None or answer.answered_on is None or not answer.answered_by.strip():
        return []
    return [(answer.value, code, answer.answered_on, -1.0, answer.id)]


def _in_mmhg(one: Measurement, code: str) -> bool:
    """True if value and unit can be a blood pressure; `<` and `>` say no exact value."""
    measure = measurement_limits().get(code)
    if measure is None or one.comparator:
        return False
    unit = measure.unit_named(one.unit)
    limits = measure.units.get(unit)
    return limits is not None and one.value is not None and limits.low <= one.value <= limits.high


def _above(r: Reading, item: SafetyItem) -> bool:
    high = r.systolic is not None and r.systolic > item.limits["systolic_above_mmhg"]
    return high or (r.diastolic is not None and r.diastolic > item.limits["diastolic_above_mmhg"])


def _at_or_above(r: Reading, item: SafetyItem) -> bool:
    high = r.systolic is not None and r.systolic >= item.limits["systolic_stop_mmhg"]
    return high or (r.diastolic is not None and r.diastolic >= item.limits["diastolic_stop_mmhg"])
