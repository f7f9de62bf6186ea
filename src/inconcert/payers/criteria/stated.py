"""Measured values, tests, place and plan; and whatever only a person can say, each with its own question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from operator import ge, gt, le, lt

from inconcert.judgement import Answer, Judgement, Question, RecordUse
from inconcert.knowledge.measurements import measurement_limits
from inconcert.knowledge.policy_schema import stated as words
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot, attestation_use
from inconcert.payers.criteria.hazards import any_present, weighed
from inconcert.payers.wording import plain
from inconcert.record import Attestation, CodeSystem, Measurement

COMPARE: dict[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
SIGNS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
_BAD = frozenset({"entered-in-error", "cancelled"})
# The measure as the measurement files call it, and the unit a policy counts in.
_MEASURES = {
    "body_mass_index": ("body_mass_index", "kg/m2"),
    "body_weight_kg": ("body_weight", "kg"),
    "systolic_mmhg": ("systolic_blood_pressure", "mm[Hg]"),
    "diastolic_mmhg": ("diastolic_blood_pressure", "mm[Hg]"),
    "heart_rate_per_min": ("heart_rate", "/min"),
    "oxygen_saturation_pct": ("oxygen_saturation", "%"),
}


def days_old(given: Attestation, as_of: date) -> int:
    """Days since an answer was given; none where its day is not known."""
    return (as_of - given.answered_on.latest).days if given.answered_on is not None else 0


def measured(leaf: words.Measured, spot: Spot) -> Judgement:
    """The latest value in date, from the record or from somebody's word; of several on one day the highest."""
    valid = leaf.valid_days if leaf.valid_days is not None else int(readings.reading("measurement_valid_days").value)
    taken = () if leaf.valid_days is not None else ("measurement_valid_days",)
    asked = f"{plain(leaf.of)} {SIGNS[leaf.op]} {leaf.value:g}"
    oldest = spot.view.as_of - timedelta(days=valid)
    found = [m for m in values_of(leaf.of, spot.view) if m[0] >= oldest]
    number, given = spot.number(f"payers.measured.{leaf.of}")
    if number is not None and given is not None and days_old(given, spot.view.as_of) <= valid:
        day = given.answered_on.latest if given.answered_on is not None else spot.view.as_of
        found.append((day, float(number), attestation_use(given)))
    if not found:
        return spot.unknown(f"No valid value; {asked} is asked.", f"payers.measured.{leaf.of}", readings_taken=taken)
    day, value, use = max(found, key=lambda m: m[:2])
    answer = Answer.MET if COMPARE[leaf.op](value, float(leaf.value)) else Answer.NOT_MET
    return spot.judge(
        answer, f"{plain(leaf.of)} {value:g} on {day}; {asked} is asked.", used=(use,), readings_taken=taken
    )


def values_of(measure: str, view: CaseView) -> list[tuple[date, float, RecordUse]]:
    """Every value of a measure in the unit of policies, with its day and record."""
    name, unit = _MEASURES[measure]
    codes = {code for code, limits in measurement_limits().items() if limits.id == name}
    found = []
    for panel in view.person.measurements:
        for one in (panel, *panel.components):
            when = one.taken or panel.taken
            if when is None or panel.status in _BAD or when.days.latest > view.as_of:
                continue
            value = _in_unit(one, codes, unit)
            if value is not None:
                use = RecordUse(panel.id, f"{plain(measure)} {value:g}", str(when.days))
                found.append((when.days.latest, value, use))
    return found


def _in_unit(one: Measurement, codes: set[str], unit: str) -> float | None:
    """The value in the policy's unit; None where it is of another measure, another unit, or cannot be."""
    if one.value is None or one.comparator or not one.has_code(CodeSystem.LOINC, codes):
        return None
    limits = measurement_limits()[next(iter(codes))]
    written = limits.unit_named(one.unit)
    within = limits.units.get(written)
    factor = 1.0 if written == unit else readings.unit_factor(written, unit)
    if within is None or factor is None or not within.low <= one.value <= within.high:
        return None
    return one.value * factor


def tested(leaf: words.TestResult, spot: Spot) -> Judgement:
    """The latest test as somebody tells it, with its age; one that is too old is asked again."""
    name, asked = plain(leaf.of), f"{leaf.result} within {leaf.within_days} days is asked"
    result, given = spot.choice(f"payers.test.{leaf.of}")
    days, told = spot.number(f"payers.test_days.{leaf.of}")
    if given is None or not result:
        return spot.unknown(f"No {name} on record; {asked}.", f"payers.test.{leaf.of}", suffix="result")
    if days is None or told is None:
        return spot.unknown(
            f"Not known when the {name} was done; {asked}.", f"payers.test_days.{leaf.of}", suffix="days"
        )
    age = days + days_old(told, spot.view.as_of)
    used = (attestation_use(given), attestation_use(told))
    text = f"{name}: {result}, {age:g} days before; {asked}."
    if age > leaf.within_days:
        return spot.judge(Answer.UNKNOWN, f"{text} A newer one would settle it.", used=used,
                          question=spot.question(f"payers.test.{leaf.of}"))  # fmt: skip
    return spot.judge(Answer.MET if result == leaf.result else Answer.NOT_MET, text, used=used)


def condition(leaf: words.MedicalConditionPresent, spot: Spot) -> Judgement:
    """Any of the named conditions, from codes, the safety screen or somebody's word."""
    return weighed(any_present(leaf.kinds, spot), leaf.weight, spot)


def _chosen(question: str, wanted: tuple[str, ...], what: str, spot: Spot) -> Judgement:
    """Whether a choice that somebody made is one of those asked for."""
    said, given = spot.choice(question)
    asked = " or ".join(plain(w) for w in wanted)
    if given is None or not said:
        return spot.unknown(f"Not known: {what}; {asked} is asked.", question)
    answer = Answer.MET if said in wanted else Answer.NOT_MET
    return spot.judge(answer, f"{what}: {plain(said)}; {asked} is asked.", used=(attestation_use(given),))


def place_of_service(leaf: words.PlaceOfService, spot: Spot) -> Judgement:
    """The place of service code."""
    return _chosen("payers.clinic.place_of_service", leaf.codes, "Place of service", spot)


def visit(leaf: words.EvaluationVisit, spot: Spot) -> Judgement:
    """In person or by telehealth."""
    return _chosen("payers.evaluation_visit", (leaf.visit,), "The ordering visit", spot)


def line(leaf: words.PlanLine, spot: Spot) -> Judgement:
    """The plan's line of business."""
    return _chosen("payers.line_of_business", tuple(leaf.lines), "Line of business", spot)


def located(leaf: words.LocatedIn, spot: Spot) -> Judgement:
    """The home state as recorded, or the state that somebody named."""
    if leaf.who == "clinic":
        return _chosen("payers.clinic.state", leaf.states, "The clinic lies in", spot)
    home = readings.state_code(spot.view.person.region)
    if not home:
        return _chosen("payers.home_state", leaf.states, "Home", spot)
    answer = Answer.MET if f"US-{home}" in leaf.states else Answer.NOT_MET
    used = (RecordUse(spot.view.person.id, "home address", ""),)
    return spot.judge(answer, f"Home US-{home}; {' or '.join(leaf.states)} is asked.", used=used)


def sex(leaf: words.Sex, spot: Spot) -> Judgement:
    """Sex as recorded, where it is female or male; else asked."""
    known = spot.view.person.sex
    if known not in ("female", "male"):
        return _chosen("payers.sex", (leaf.sex,), "Sex on file", spot)
    used = (RecordUse(spot.view.person.id, "sex", ""),)
    return spot.judge(Answer.MET if known == leaf.sex else Answer.NOT_MET, f"Sex on file: {known}.", used=used)


def statement(leaf: words.Stated, spot: Spot) -> Judgement:
    """A yes or no to the policy's own question; one too old is asked again."""
    question = Question(f"payers.statement.{leaf.id}", f"{leaf.asks} (answered by: {leaf.by})", spot.id)
    given = spot.view.attestation(question.id)
    if given is None or given.answer not in ("yes", "no"):
        return spot.judge(Answer.UNKNOWN, f"Not known: {leaf.asks}", question=question)
    used = (attestation_use(given),)
    if leaf.valid_days is not None and days_old(given, spot.view.as_of) > leaf.valid_days:
        text = f"Answered {given.answer}, more than {leaf.valid_days} days before: {leaf.asks}"
        return spot.judge(Answer.UNKNOWN, text, used=used, question=question)
    answer = Answer.MET if given.answer == leaf.answer else Answer.NOT_MET
    return spot.judge(
        answer, f"{leaf.asks} {given.answer} (by {given.answered_by or 'somebody not named'}).", used=used
    )


def stated_number(leaf: words.StatedNumber, spot: Spot) -> Judgement:
    """A number in answer to the policy's own question, inside its bound."""
    question = Question(f"payers.number.{leaf.id}", f"{leaf.asks} (in {leaf.unit}; answered by: {leaf.by})", spot.id)
    given = spot.view.attestation(question.id)
    asked = f"{SIGNS[leaf.op]} {leaf.value:g} {leaf.unit} is asked"
    if given is None or given.value is None:
        return spot.judge(Answer.UNKNOWN, f"Not known: {leaf.asks} {asked}.", question=question)
    used = (attestation_use(given),)
    if leaf.valid_days is not None and days_old(given, spot.view.as_of) > leaf.valid_days:
        return spot.judge(
            Answer.UNKNOWN, f"Answered too long before: {leaf.asks} {asked}.", used=used, question=question
        )
    answer = Answer.MET if COMPARE[leaf.op](given.value, float(leaf.value)) else Answer.NOT_MET
    return spot.judge(answer, f"{leaf.asks} {given.value:g} {leaf.unit}; {asked}.", used=used)


def review(leaf: words.IndividualReview, spot: Spot) -> Judgement:
    """Neither met nor refused: a reviewer decides."""
    question = spot.question("payers.individual_review", about=f"Point: {leaf.why}.")
    return spot.judge(Answer.UNKNOWN, f"Goes to individual review: {leaf.why}.", question=question)


EVALUATORS: dict[type, Evaluator] = {
    words.Measured: measured,
    words.TestResult: tested,
    words.MedicalConditionPresent: condition,
    words.PlaceOfService: place_of_service,
    words.EvaluationVisit: visit,
    words.LocatedIn: located,
    words.PlanLine: line,
    words.Sex: sex,
    words.Stated: statement,
    words.StatedNumber: stated_number,
    words.IndividualReview: review,
}
