"""Measured values, tests, place, plan and statements: the twin of `payers.criteria.stated`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
from ibis import _

from inconcert.knowledge.policy_schema import stated as words
from inconcert.payers import readings
from inconcert.population.criteria.hazards import any_present, days_since, weighed
from inconcert.population.criteria.tried import chosen
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Flag, Tri, when
from inconcert.population.place import Compiler, Place


def compared(value: Any, op: str, bound: float) -> Flag:
    """A comparison, strict or not as written."""
    return {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}[op]


def inside(value: Any, op: str, bound: float) -> Tri:
    """Met inside the bound, not met outside, unknown without a value."""
    flag = compared(value, op, bound)
    return when((flag, MET), (~flag, NOT_MET), otherwise=UNKNOWN)


def measured(leaf: words.Measured, place: Place) -> Tri:
    """The latest value in date, from the record or from somebody's word; of several on one day the highest."""
    valid = leaf.valid_days if leaf.valid_days is not None else int(readings.reading("measurement_valid_days").value)
    oldest, today = ibis.literal(place.as_of - timedelta(days=valid)), ibis.literal(place.as_of)
    rows = (_.measure == leaf.of) & (_.day >= oldest)
    order = _.day.epoch_seconds() / 86400 * 1e6 + _.value
    day = place.frame.over("measurements", (leaf.of, valid, "day"), _.day.max(where=rows), empty=None)
    value = place.frame.over("measurements", (leaf.of, valid, "value"), _.value.argmax(order, where=rows), empty=None)
    recorded = "measurements" in place.frame.tables
    told = place.frame.said(f"payers.measured.{leaf.of}")
    if told is None:
        return inside(value, leaf.op, float(leaf.value)) if recorded else UNKNOWN
    said_on = place.frame.said(f"payers.measured.{leaf.of}@day")
    told_day = today if said_on is None else said_on.coalesce(today)
    told = ibis.ifelse(told_day >= oldest, told, ibis.null("float64"))
    if recorded:
        newer = told.isnull() | (day > told_day) | ((day == told_day) & (value > told))
        told = ibis.ifelse(value.notnull() & newer, value, told)
    return inside(told, leaf.op, float(leaf.value))


def tested(leaf: words.TestResult, place: Place) -> Tri:
    """The latest test as somebody tells it, with its age; one that is too old is asked again."""
    result, age = place.frame.said(f"payers.test.{leaf.of}"), days_since(f"payers.test_days.{leaf.of}", place)
    if result is None or age is None:
        return UNKNOWN
    valid = (age <= leaf.within_days) & (result != "")
    return when((valid & (result == leaf.result), MET), (valid & (result != leaf.result), NOT_MET), otherwise=UNKNOWN)


def located(leaf: words.LocatedIn, place: Place) -> Tri:
    """The home state as recorded, or the state that somebody named."""
    if leaf.who == "clinic":
        return chosen("payers.clinic.state", leaf.states, None, place)
    home, said = place.frame.of_person("home_state"), chosen("payers.home_state", leaf.states, None, place)
    if home is None:
        return said
    return when((home.isin(list(leaf.states)), MET), (home.notnull(), NOT_MET), otherwise=said)


def sex(leaf: words.Sex, place: Place) -> Tri:
    """Sex as recorded, where it is female or male; else asked."""
    known, said = place.frame.of_person("sex"), chosen("payers.sex", (leaf.sex,), None, place)
    if known is None:
        return said
    return when((known == leaf.sex, MET), (known.isin(["female", "male"]), NOT_MET), otherwise=said)


def statement(leaf: words.Stated, place: Place) -> Tri:
    """A yes or no to the policy's own question; one too old is asked again."""
    question = f"payers.statement.{leaf.id}"
    said = place.yes_no(question, when_yes=MET if leaf.answer == "yes" else NOT_MET)
    return _in_date(said, question, leaf.valid_days, place)


def stated_number(leaf: words.StatedNumber, place: Place) -> Tri:
    """A number in answer to the policy's own question, inside its bound."""
    question = f"payers.number.{leaf.id}"
    value = place.frame.said(question)
    answer = UNKNOWN if value is None else inside(value, leaf.op, float(leaf.value))
    return _in_date(answer, question, leaf.valid_days, place)


def _in_date(answer: Tri, question: str, valid_days: int | None, place: Place) -> Tri:
    day = place.frame.said(f"{question}@day")
    if isinstance(answer, int) or valid_days is None or day is None:
        return answer
    old = (day < ibis.literal(place.as_of - timedelta(days=valid_days))).coalesce(False)
    return when((old, UNKNOWN), otherwise=answer)


COMPILERS: dict[type, Compiler] = {
    words.Measured: measured,
    words.TestResult: tested,
    words.MedicalConditionPresent: lambda leaf, place: weighed(any_present(leaf.kinds, place), leaf.weight, place),
    words.PlaceOfService: lambda leaf, place: chosen("payers.clinic.place_of_service", leaf.codes, None, place),
    words.EvaluationVisit: lambda leaf, place: chosen("payers.evaluation_visit", (leaf.visit,), None, place),
    words.PlanLine: lambda leaf, place: chosen("payers.line_of_business", leaf.lines, None, place),
    words.LocatedIn: located,
    words.Sex: sex,
    words.Stated: statement,
    words.StatedNumber: stated_number,
    words.IndividualReview: lambda _leaf, _place: UNKNOWN,
}
