"""Measurements with unit and size checked; rating scales by total, item, component and panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading
from inconcert.knowledge.scales import scale_files

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
Observe = Callable[..., Resource]
WEIGHT, PRESSURE, SYSTOLIC, DIASTOLIC = "29463-7", "85354-9", "8480-6", "8462-4"
PHQ9_TOTAL, PHQ9_PANEL = "44261-6", "44249-1"
PHQ9_ITEMS = [item.loinc for item in scale_files()["phq9"].items]
ANSWER = {value: code for code, value in scale_files()["phq9"].answer_codes.items()}


def quantity(value: Any, unit: str = "", code: str = "") -> Resource:
    """A Quantity."""
    return {"value": value, **({"unit": unit} if unit else {}), **({"code": code} if code else {})}


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        (quantity(80, "kg", "kg"), 80, "kg"),
        (quantity(80, "kilograms"), 80, "kg"),
        (quantity(176, "lbs", "[lb_av]"), 176, "[lb_av]"),
        (quantity(80000, "g"), 80000, "g"),
    ],
)
def test_a_weight_keeps_value_and_unit(
    read: Read, patient: Resource, observe: Observe, written: Resource, value: float, unit: str
) -> None:
    """A weight is never converted: the value as written, the unit by its UCUM name."""
    reading = read(patient, observe(WEIGHT, valueQuantity=written))
    (weight,) = reading.people[0].measurements
    assert (weight.value, weight.unit) == (value, unit)
    assert reading.account.problems == ()


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        (quantity(-80, "kg"), "value", "cannot be"),
        (quantity(8000, "kg"), "value", "cannot be"),
        (quantity(0, "kg"), "value", "cannot be"),
        (quantity(80), "unit", "no unit"),
        (quantity(80, "mmHg"), "unit", "not a unit of body weight"),
        (quantity(176, "lb", "kg"), "unit", "its code 'kg'"),
        (quantity("80", "kg"), "value", "not a number"),
        ({**quantity(80, "kg"), "comparator": "~"}, "comparator", "no comparator"),
    ],
)
def test_a_weight_that_cannot_be_is_refused(
    read: Read, patient: Resource, observe: Observe, written: Resource, path: str, says: str
) -> None:
    """A wrong sign, size or unit: the Observation is refused with path, reason and mend."""
    reading = read(patient, observe(WEIGHT, valueQuantity=written))
    assert reading.people[0].measurements == ()
    (refused,) = reading.account.refused
    assert refused.path == f"Observation.valueQuantity.{path}"
    assert says in refused.reason
    assert refused.mend


def test_a_blood_pressure_with_one_impossible_half(read: Read, patient: Resource, observe: Observe) -> None:
    """An impossible diastolic is left out and listed; the systolic beside it is used. With both wrong, it is refused."""
    parts = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": quantity(value, "mmHg")}
        for code, value in ((SYSTOLIC, 120), (DIASTOLIC, 900))
    ]
    reading = read(patient, observe(PRESSURE, component=parts))
    (pressure,) = reading.people[0].measurements
    assert [(c.codings[0].code, c.value, c.unit) for c in pressure.components] == [(SYSTOLIC, 120, "mm[Hg]")]
    assert reading.account.problems[0].path == "Observation.component[1].valueQuantity.value"
    parts[0]["valueQuantity"]["value"] = -1
    reading = read(patient, observe(PRESSURE, component=parts))
    assert reading.people[0].measurements == ()


def test_comparators_are_kept(read: Read, patient: Resource, observe: Observe) -> None:
    """A level given as below a limit stays so."""
    level = observe("14334-7", valueQuantity={**quantity(0.2, "mmol/L"), "comparator": "<"})
    (lithium,) = read(patient, level).people[0].measurements
    assert (lithium.comparator, lithium.value, lithium.unit) == ("<", 0.2, "mmol/L")


def test_measures_without_limits_are_kept_as_written(read: Read, patient: Resource, observe: Observe) -> None:
    """For a measure that has no listed units nothing is checked and nothing changed."""
    (found,) = read(patient, observe("1-8", valueQuantity=quantity(7, "U/zork"))).people[0].measurements
    assert (found.value, found.unit) == (7, "U/zork")


@pytest.mark.parametrize(
    ("value", "number", "text", "coded"),
    [
        ({"valueInteger": 3}, 3, "", 0),
        ({"valueString": "positive"}, None, "positive", 0),
        ({"valueBoolean": False}, None, "false", 0),
        ({"valueDateTime": "2026-01"}, None, "2026-01", 0),
        ({"valueCodeableConcept": {"coding": [{"system": "s", "code": "c"}], "text": "t"}}, None, "t", 1),
        ({"valueRange": {"low": {"value": 1, "unit": "h"}, "high": {"value": 2, "unit": "h"}}}, None, "1 h to 2 h", 0),
    ],
)
def test_every_kind_of_value(
    read: Read, patient: Resource, observe: Observe, value: Resource, number: float, text: str, coded: int
) -> None:
    """Numbers, words, yes and no, dates, codes and ranges."""
    (found,) = read(patient, observe("1-8", **value)).people[0].measurements
    assert (found.value, found.value_text, len(found.value_codings)) == (number, text, coded)
    assert found.taken is not None
    assert found.taken.instant is not None


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"dataAbsentReason": {"text": "refused"}},
        {
            "valueCodeableConcept": {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]
            }
        },
        {"component": [{"code": {"text": "x"}, "dataAbsentReason": {"text": "unknown"}}]},
    ],
)
def test_an_observation_without_a_value_says_nothing(
    read: Read, patient: Resource, observe: Observe, value: Resource
) -> None:
    """A finding whose value is absent, in whatever words, is kept and is no normal finding."""
    reading = read(patient, observe("1-8", **value))
    assert reading.people[0].measurements == ()
    assert reading.account.kept[0].path == "Observation.value[x]"


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_results_nobody_vouches_for_are_kept_aside(
    read: Read, patient: Resource, observe: Observe, status: str
) -> None:
    """Mistaken, cancelled, pending and doubtful results are never used."""
    assert read(patient, observe(PHQ9_TOTAL, valueInteger=20, status=status)).people[0].scale_forms == ()


def test_a_total_alone_is_a_form(read: Read, patient: Resource, observe: Observe) -> None:
    """A PHQ-9 total is a form without items."""
    (form,) = read(patient, observe(PHQ9_TOTAL, valueInteger=17)).people[0].scale_forms
    assert (form.scale, form.stated_total, form.items, form.id) == ("phq9", 17, (), "Observation/o1")


@pytest.mark.parametrize("value", [{"valueString": "17"}, {"valueQuantity": quantity(17, "{score}")}])
def test_a_total_written_another_way(read: Read, patient: Resource, observe: Observe, value: Resource) -> None:
    """A total as digits or as a quantity is that total."""
    assert read(patient, observe(PHQ9_TOTAL, **value)).people[0].scale_forms[0].stated_total == 17


@pytest.mark.parametrize("value", [28, -1, 4.5])
def test_a_total_that_cannot_be_is_refused(read: Read, patient: Resource, observe: Observe, value: float) -> None:
    """A total outside the scale's range, or a half point, is refused with the range."""
    reading = read(patient, observe(PHQ9_TOTAL, valueQuantity=quantity(value)))
    assert reading.people[0].scale_forms == ()
    assert "0 to 27" in reading.account.refused[0].reason


def test_a_score_on_the_panels_code_is_not_taken_for_the_total(read: Read, patient: Resource, observe: Observe) -> None:
    """The panel's code is often used for the total by mistake: it is told, and the number is not used."""
    reading = read(patient, observe(PHQ9_PANEL, valueInteger=17))
    assert reading.people[0].scale_forms == ()
    assert "not the code of a total" in reading.account.problems[0].reason


def items(observe: Observe, *values: int, **more: Any) -> list[Resource]:
    """Nine Observations, one for each item, coded by LOINC answers."""
    return [
        observe(
            code,
            f"i{n}",
            valueCodeableConcept={"coding": [{"system": "http://loinc.org", "code": ANSWER[value]}]},
            **more,
        )
        for n, (code, value) in enumerate(zip(PHQ9_ITEMS, values, strict=True), 1)
    ]


ANSWERS = (3, 2, 1, 0, 3, 2, 1, 0, 1)


def test_items_and_total_of_one_instant_are_one_form(read: Read, patient: Resource, observe: Observe) -> None:
    """Loose item Observations and a total of the same instant are put together."""
    reading = read(patient, *items(observe, *ANSWERS), observe(PHQ9_TOTAL, "t", valueInteger=13))
    (form,) = reading.people[0].scale_forms
    assert [value for _, value in form.items] == list(ANSWERS)
    assert form.stated_total == 13
    assert len(form.derived_from) == 10
    assert reading.account.problems == ()
    assert reading.account.used == 11


def test_items_of_two_days_are_two_forms(read: Read, patient: Resource, observe: Observe) -> None:
    """Items of different moments are never mixed."""
    first = items(observe, *ANSWERS)
    second = [{**i, "id": f"x{i['id']}", "effectiveDateTime": "2026-03-03"} for i in items(observe, *(0,) * 9)]
    forms = read(patient, *first, *second).people[0].scale_forms
    assert [sum(v or 0 for _, v in form.items) for form in forms] == [13, 0]


def test_a_panel_claims_its_members(read: Read, patient: Resource, observe: Observe) -> None:
    """A panel's members are one form, whatever their own dates say."""
    members = [{**i, "effectiveDateTime": f"2026-02-0{n}"} for n, i in enumerate(items(observe, *ANSWERS), 1)]
    panel = observe(PHQ9_PANEL, "panel", hasMember=[{"reference": f"Observation/{m['id']}"} for m in members])
    (form,) = read(patient, panel, *members).people[0].scale_forms
    assert (form.id, len(form.items)) == ("Observation/panel", 9)


def test_a_panel_without_its_members_is_kept_aside(read: Read, patient: Resource, observe: Observe) -> None:
    """A panel whose members are not in the file gives no form, not even an empty one."""
    reading = read(patient, observe(PHQ9_PANEL, "panel", hasMember=[{"reference": "Observation/elsewhere"}]))
    assert reading.people[0].scale_forms == ()
    assert reading.account.kept[0].path == "Observation.hasMember"


def test_a_panel_of_another_person_claims_nothing(read: Read, patient: Resource, observe: Observe) -> None:
    """Members that are somebody else's stay theirs."""
    other = {**patient, "id": "p2"}
    member = items(observe, *ANSWERS)[0] | {"subject": {"reference": "Patient/p2"}}
    panel = observe(PHQ9_PANEL, "panel", hasMember=[{"reference": "Observation/i1"}])
    reading = read(patient, other, panel, member)
    assert {p.id: len(p.scale_forms) for p in reading.people} == {"p1": 0, "p2": 1}


def test_components_are_items(read: Read, patient: Resource, observe: Observe) -> None:
    """A scale given as one Observation with a component for each item and the total."""
    parts = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueInteger": value}
        for code, value in [*zip(PHQ9_ITEMS, ANSWERS, strict=True), (PHQ9_TOTAL, 13)]
    ]
    (form,) = read(patient, observe(PHQ9_PANEL, component=parts)).people[0].scale_forms
    assert [value for _, value in form.items] == list(ANSWERS)
    assert form.stated_total == 13


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": 4},
        {"valueInteger": -1},
        {"valueQuantity": quantity(1.5)},
        {"valueString": "often"},
        {"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA0-0"}]}},
        {"valueBoolean": True},
    ],
)
def test_an_answer_that_cannot_be_leaves_the_item_blank(
    read: Read, patient: Resource, observe: Observe, value: Resource
) -> None:
    """An answer out of range or unknown is listed and left blank, never zero."""
    answers = items(observe, *ANSWERS)
    del answers[0]["valueCodeableConcept"]
    answers[0] |= value
    reading = read(patient, *answers)
    assert dict(reading.people[0].scale_forms[0].items)["1"] is None
    assert len(reading.account.problems) == 1


def test_a_stated_total_that_disagrees_is_told(read: Read, patient: Resource, observe: Observe) -> None:
    """Both are kept and the clash is listed; a blank item widens what may be stated."""
    answers, total = items(observe, *ANSWERS), observe(PHQ9_TOTAL, "t", valueInteger=20)
    reading = read(patient, *answers, total)
    assert "which give 13" in reading.account.problems[0].reason
    assert reading.people[0].scale_forms[0].stated_total == 20
    assert "between 10 and 13" in read(patient, *answers[1:], total).account.problems[0].reason
    assert read(patient, *answers[1:], {**total, "valueInteger": 12}).account.problems == ()


def test_two_answers_to_one_item_leave_it_blank(read: Read, patient: Resource, observe: Observe) -> None:
    """Different answers to one item at one moment are not chosen between."""
    twice = [items(observe, *ANSWERS)[0], items(observe, *(0,) * 9)[0] | {"id": "again"}]
    reading = read(patient, *twice)
    assert reading.people[0].scale_forms[0].items == (("1", None),)
    assert "left blank" in reading.account.problems[0].reason


def test_two_totals_of_one_day_are_two_forms(read: Read, patient: Resource, observe: Observe) -> None:
    """Totals that differ are two forms; equal ones without a time are two, pointed out; at one instant they are one."""
    day = {"effectiveDateTime": "2026-02-03"}
    reading = read(
        patient, observe(PHQ9_TOTAL, "a", valueInteger=9, **day), observe(PHQ9_TOTAL, "b", valueInteger=8, **day)
    )
    assert [f.stated_total for f in reading.people[0].scale_forms] == [9, 8]
    reading = read(patient, *(observe(PHQ9_TOTAL, n, valueInteger=9, **day) for n in "ab"))
    assert len(reading.people[0].scale_forms) == 2
    assert len(reading.account.duplicates) == 1
    reading = read(patient, *(observe(PHQ9_TOTAL, n, valueInteger=9) for n in "ab"))
    assert len(reading.people[0].scale_forms) == 1


def test_yes_and_no_of_the_suicide_screen(read: Read, patient: Resource, observe: Observe) -> None:
    """C-SSRS answers are read as LOINC, SNOMED CT or HL7 codes, or as booleans; a yes is 1 and a no 0."""
    codes = [item.loinc for item in scale_files()["cssrs-screener"].items]
    answers: list[Resource] = [
        {"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA33-6"}]}},
        {"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA32-8"}]}},
        {"valueBoolean": True},
        {"valueBoolean": False},
        {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "373066001"}]}},
        {
            "valueCodeableConcept": {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "N"}]
            }
        },
    ]
    given = [observe(code, f"s{n}", **a) for n, (code, a) in enumerate(zip(codes, answers, strict=False))]
    (form,) = read(patient, *given).people[0].scale_forms
    assert [value for _, value in form.items] == [1, 0, 1, 0, 1, 0]


def test_scales_without_public_codes_use_ours(read: Read, patient: Resource, observe: Observe) -> None:
    """MADRS by our own codes: total and items."""
    ours = [
        observe("x", name, valueInteger=value) | {"code": {"coding": [{"system": "urn:inconcert:codes", "code": code}]}}
        for name, code, value in (("total", "madrs", 31), ("one", "madrs/1", 4))
    ]
    (form,) = read(patient, *ours).people[0].scale_forms
    assert (form.scale, form.stated_total, form.items) == ("madrs", 31, (("1", 4),))


def test_when_it_was_published_is_not_when_it_was_taken(read: Read, patient: Resource, observe: Observe) -> None:
    """Without `effective` the day is not known: `issued` is told apart; a period is all of its days."""
    issued = observe("1-8", effectiveDateTime=None, issued="2026-02-03T00:00:00Z", valueInteger=1)
    reading = read(patient, issued)
    assert reading.people[0].measurements[0].taken is None
    assert reading.account.problems[0].path == "Observation.effective[x]"
    period = observe(
        "1-8", effectiveDateTime=None, valueInteger=1, effectivePeriod={"start": "2026-01-01", "end": "2026-01-09"}
    )
    taken = read(patient, period).people[0].measurements[0].taken
    assert taken is not None
    assert (taken.days.earliest.day, taken.days.latest.day) == (1, 9)
