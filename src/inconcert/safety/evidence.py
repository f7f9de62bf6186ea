"""What one person's records say of one hazard: for it, against it, raising the question, or set aside and why."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from inconcert.judgement import RecordUse
from inconcert.knowledge.safety import CodeSet, Detection, ResultSet, SafetyItem
from inconcert.record import (
    Allergy,
    CodeSystem,
    Condition,
    DateRange,
    DeviceFact,
    Fact,
    Measurement,
    Person,
    ProcedureDone,
)
from inconcert.safety.words import Said, said_of

SYSTEMS = {
    "icd10cm": (CodeSystem.ICD10CM, CodeSystem.ICD10),
    "snomed": (CodeSystem.SNOMED,),
    "cpt": (CodeSystem.CPT,),
    "loinc": (CodeSystem.LOINC,),
    "rxnorm": (CodeSystem.RXNORM,),
    "atc": (CodeSystem.ATC,),
}
_ADDRESSES = {name: frozenset(s.value for s in systems) for name, systems in SYSTEMS.items()}
_BY_PREFIX = {"icd10cm", "atc"}
_DEAD = {"entered-in-error", "cancelled", "not-done", "nullified"}
_ENDED = {"inactive", "remission", "resolved"}
_UNSURE = {"unconfirmed", "provisional", "differential"}


class Weight(enum.StrEnum):
    """What a record says of a hazard."""

    PRESENT = "present"
    UNCONFIRMED = "unconfirmed"  # the hazard itself, written down as not yet certain
    SUSPECT = "suspect"  # something that raises the question and answers nothing
    ABSENT = "absent"  # an explicit negative record, still in date
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record's word on one hazard."""

    weight: Weight
    use: RecordUse


def evidence_for(item: SafetyItem, person: Person, as_of: date) -> tuple[Evidence, ...]:
    """Every record that speaks of the hazard. Records dated wholly after `as_of` are not looked at."""
    return tuple(_all_of(item, person, as_of))


def _all_of(item: SafetyItem, person: Person, as_of: date) -> Iterator[Evidence]:
    kinds: dict[str, tuple[Fact, ...]] = {
        "condition": person.conditions,
        "procedure": person.procedures,
        "device": person.devices,
        "allergy": person.allergies,
        "measurement": person.measurements,
    }
    for kind in item.detect.facts:
        for fact in kinds[kind]:
            found = _weigh(fact, item, as_of)
            if found is not None:
                yield found


def _weigh(fact: Fact, item: SafetyItem, as_of: date) -> Evidence | None:
    detect = item.detect
    when = date_of(fact)
    if fact.status in _DEAD or getattr(fact, "verification_status", "") == "entered-in-error":
        return None
    if when is not None and when.earliest > as_of:
        return None
    if isinstance(fact, Measurement):  # its own name says what was asked ("pregnancy status"); only its result counts
        return _result(fact, detect.results, as_of)
    if any(_has(fact, codes) for codes in detect.absent):
        return _negative(fact, when, item, as_of, "says in so many words that there is none")
    weight, why = _positive(fact, detect, when, as_of)
    if weight is None:
        return None
    if weight in (Weight.PRESENT, Weight.UNCONFIRMED, Weight.SUSPECT):
        return _by_status(fact, item, weight, why, as_of)
    return _evidence(fact, weight, why)


def _positive(fact: Fact, detect: Detection, when: DateRange | None, as_of: date) -> tuple[Weight | None, str]:
    """What its codes say, else what its words say."""
    words = " | ".join(dict.fromkeys([t for t in (fact.text, *(c.display for c in fact.codings)) if t]))
    said = said_of(words, detect.words)
    best: tuple[Weight | None, str] = (None, "")
    for codes in detect.present:
        if not _has(fact, codes):
            continue
        if said is Said.DENIED:
            return Weight.SUSPECT, f"its code says yes and its words deny it ({words!r})"
        weight, why = _within(codes, when, as_of)
        if weight is Weight.PRESENT:
            return weight, why
        best = (weight, why) if best[0] in (None, Weight.SET_ASIDE) else best
    if best[0] is not None:
        return best
    if any(_has(fact, codes) for codes in detect.suspect) or said_of(words, detect.suspect_words) is Said.NAMED:
        return Weight.SUSPECT, "raises the question"
    if said is Said.NAMED:
        return Weight.PRESENT, "names it in words"
    if said is Said.DOUBTFUL:
        return Weight.SUSPECT, f"speaks of it in doubt ({words!r})"
    if said is Said.DENIED:
        return Weight.SET_ASIDE, f"denies it in free text ({words!r}), which settles nothing"
    return None, ""


def _within(codes: CodeSet, when: DateRange | None, as_of: date) -> tuple[Weight, str]:
    if codes.within_days is None:
        return Weight.PRESENT, "carries a code for it"
    if when is None:
        return Weight.SUSPECT, f"carries a code for it without a date; it counts within {codes.within_days} days"
    if (as_of - when.earliest).days <= codes.within_days:
        return Weight.PRESENT, f"carries a code for it within {codes.within_days} days"
    if (as_of - when.latest).days <= codes.within_days:
        return Weight.SUSPECT, f"carries a code for it that may lie within {codes.within_days} days"
    return Weight.SET_ASIDE, f"carries a code for it from more than {codes.within_days} days ago"


def _by_status(fact: Fact, item: SafetyItem, weight: Weight, why: str, as_of: date) -> Evidence:
    """Certainty and time: refuted, not yet certain, over, or standing."""
    verification = getattr(fact, "verification_status", "")
    if verification == "refuted":
        if item.detect.refuted_is_no and weight is Weight.PRESENT:
            return _negative(fact, date_of(fact), item, as_of, "was looked for and refuted")
        return _evidence(fact, Weight.SET_ASIDE, "was refuted, which does not exclude every form of the hazard")
    if verification in _UNSURE and weight is Weight.PRESENT:
        return _evidence(fact, Weight.UNCONFIRMED, f"{why}, recorded as {verification}")
    if isinstance(fact, Allergy) and fact.kind == "intolerance" and weight is Weight.PRESENT:
        return _evidence(fact, Weight.SUSPECT, "is recorded as an intolerance and not as an allergy")
    if isinstance(fact, DeviceFact) and fact.status == "inactive":
        return _evidence(fact, Weight.SUSPECT, f"{why}, recorded as inactive: taken out?")
    if not item.lasting and isinstance(fact, Condition) and _over(fact, as_of):
        return _evidence(fact, Weight.SET_ASIDE, "is recorded as over; that does not say it is absent now")
    if not item.lasting and isinstance(fact, ProcedureDone):
        return _evidence(fact, Weight.SUSPECT, f"{why}, as something done once")
    return _evidence(fact, weight, why)


def _over(condition: Condition, as_of: date) -> bool:
    if condition.abatement is not None:
        return condition.abatement.latest <= as_of
    return condition.clinical_status in _ENDED


def _result(fact: Measurement, results: tuple[ResultSet, ...], as_of: date) -> Evidence | None:
    for result in results:
        if not fact.has_code(CodeSystem.LOINC, set(result.loinc)):
            continue
        values = {coding.code for coding in fact.value_codings}
        fresh = in_date(date_of(fact), as_of, result.good_for_days)
        if values & set(result.present):
            return _evidence(
                fact, Weight.PRESENT if fresh else Weight.SET_ASIDE, "positive result" + ("" if fresh else ", too old")
            )
        if values & set(result.absent):
            return _evidence(
                fact, Weight.ABSENT if fresh else Weight.SET_ASIDE, "negative result" + ("" if fresh else ", too old")
            )
    return None


def _negative(fact: Fact, when: DateRange | None, item: SafetyItem, as_of: date, why: str) -> Evidence:
    if in_date(when, as_of, item.good_for_days):
        return _evidence(fact, Weight.ABSENT, why)
    return _evidence(fact, Weight.SET_ASIDE, f"{why}, but has no date within {item.good_for_days} days")


def in_date(when: DateRange | None, as_of: date, days: int) -> bool:
    """True if it certainly happened in the last `days` days up to `as_of`. An undated record is never in date."""
    return when is not None and when.latest <= as_of and (as_of - when.earliest).days <= days


def date_of(fact: Fact) -> DateRange | None:
    """The day a record speaks for: when it began, else when it was written down."""
    match fact:
        case Condition():
            return fact.onset or fact.recorded
        case ProcedureDone():
            return fact.performed_start or fact.performed_end
        case Measurement():
            return fact.taken.days if fact.taken else None
        case DeviceFact() | Allergy():
            return fact.recorded
        case _:
            return None


def _has(fact: Fact, codes: CodeSet) -> bool:
    systems = _ADDRESSES[codes.system]
    for coding in fact.codings:
        if coding.system not in systems:
            continue
        code = coding.code.replace(".", "") if codes.system == "icd10cm" else coding.code
        if codes.system in _BY_PREFIX:
            wanted, left_out = ([c.replace(".", "") for c in group] for group in (codes.codes, codes.but_not))
            if code.startswith(tuple(wanted)) and not code.startswith(tuple(left_out)):
                return True
        elif code in codes.codes:
            return True
    return False


def _evidence(fact: Fact, weight: Weight, why: str) -> Evidence:
    when = date_of(fact)
    return Evidence(weight, RecordUse(fact.id, f"{fact.label}: {why}", str(when) if when else ""))
