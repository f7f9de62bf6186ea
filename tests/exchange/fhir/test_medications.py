"""Orders, statements, dispenses and administrations: drug, dose, timing, supply, status."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading
from inconcert.record import MedicationEvent, MedicationEventKind

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
Order = Callable[..., Resource]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def dosed(order: Order, **line: Any) -> Resource:
    """The order with its dosage line changed; `dose` and `repeat` are shorthands."""
    made = copy.deepcopy(order())
    first = made["dosageInstruction"][0]
    if "dose" in line:
        first["doseAndRate"] = [{"doseQuantity": line.pop("dose")}]
    if "repeat" in line:
        first["timing"] = {"repeat": line.pop("repeat")}
    first.update(line)
    return made


def only(reading: ChartReading) -> MedicationEvent:
    """The one medication event of the one person."""
    ((event,),) = (p.medications for p in reading.people)
    return event


def test_an_order_is_read_whole(read: Read, patient: Resource, order: Order) -> None:
    """Drug, dose, timing, bounds, route, reason, supply and stop reason of an R4 order."""
    full = dosed(
        order,
        repeat={
            "frequency": 2,
            "period": 1,
            "periodUnit": "d",
            "boundsPeriod": {"start": "2026-01-06", "end": "2026-03"},
        },
        route={"text": "oral"},
        text="one twice a day",
    )
    full |= {
        "status": "stopped",
        "statusReason": {"text": "nausea"},
        "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.1"}], "text": "MDD"}],
        "note": [{"text": "with food"}],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 2,
            "quantity": {"value": 60, "unit": "tablets"},
            "expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d"},
        },
    }
    reading = read(patient, full)
    event = only(reading)
    assert reading.account.problems == ()
    assert event.kind is MedicationEventKind.ORDER
    assert (event.status, event.intent, event.text) == ("stopped", "order", "sertraline 50 mg tablet")
    assert event.has_code(RXNORM, {"312941"})
    (dose,) = event.doses
    assert (dose.amount_low, dose.amount_high, dose.unit, dose.times_per_day) == (100, 100, "mg", 2)
    assert (str(dose.start), str(dose.end), dose.route, dose.text) == (
        "2026-01-06",
        "2026-03",
        "oral",
        "one twice a day",
    )
    assert (event.days_supply, event.quantity, event.quantity_unit, event.refills) == (30, 60, "tablet", 2)
    assert event.reasons[0].code == "F33.1"
    assert (event.stop_reason_text, event.notes, str(event.authored)) == ("nausea", ("with food",), "2026-01-05")


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "draft"])
def test_an_order_that_never_held_is_kept_aside(read: Read, patient: Resource, order: Order, status: str) -> None:
    """Mistaken, cancelled and draft orders are never treatment."""
    reading = read(patient, order(status=status))
    assert reading.people[0].medications == ()
    assert (reading.account.kept[0].path, status in reading.account.kept[0].reason) == (
        "MedicationRequest.status",
        True,
    )


@pytest.mark.parametrize("status", ["active", "on-hold", "stopped", "completed", "unknown"])
def test_an_order_that_held_keeps_its_status(read: Read, patient: Resource, order: Order, status: str) -> None:
    """Running, stopped and completed orders are used, with the status as written."""
    assert only(read(patient, order(status=status))).status == status


@pytest.mark.parametrize("change", [{"intent": "plan"}, {"intent": "proposal"}, {"doNotPerform": True}])
def test_what_was_only_considered_is_kept_aside(read: Read, patient: Resource, order: Order, change: Resource) -> None:
    """A proposal, a plan and an order not to give are not treatment."""
    reading = read(patient, order(**change))
    assert reading.people[0].medications == ()
    assert reading.account.kept_not_used == 1


@pytest.mark.parametrize(
    ("kind", "status", "extra", "used"),
    [
        ("MedicationStatement", "active", {"effectivePeriod": {"start": "2025"}}, True),
        ("MedicationStatement", "not-taken", {}, False),
        ("MedicationStatement", "intended", {}, False),
        ("MedicationDispense", "completed", {"whenHandedOver": "2026-01-02T10:00:00Z"}, True),
        ("MedicationDispense", "in-progress", {"whenHandedOver": "2026-01-02T10:00:00Z"}, True),
        ("MedicationDispense", "in-progress", {}, False),
        ("MedicationDispense", "preparation", {}, False),
        ("MedicationDispense", "cancelled", {}, False),
        ("MedicationDispense", "declined", {}, False),
        ("MedicationAdministration", "completed", {"effectiveDateTime": "2026-01-02"}, True),
        ("MedicationAdministration", "not-done", {}, False),
        ("MedicationAdministration", "entered-in-error", {}, False),
    ],
)
def test_the_other_kinds_by_status(
    read: Read, patient: Resource, order: Order, kind: str, status: str, extra: Resource, used: bool
) -> None:
    """What was not taken, not handed over or not given is kept aside; the rest is used as its own kind."""
    made = order(resourceType=kind, status=status, intent=None, authoredOn=None, dosageInstruction=None, **extra)
    reading = read(patient, made)
    assert len(reading.people[0].medications) == used
    assert reading.account.kept_not_used == (not used)
    if used:
        assert kind.lower().startswith("medication" + {"request": "order"}.get(only(reading).kind, only(reading).kind))


def test_a_status_nobody_knows_is_refused(read: Read, patient: Resource, order: Order) -> None:
    """An invented status is refused with the words allowed; a missing one is noted and read as not known."""
    reading = read(patient, order(status="bogus"))
    assert reading.account.refused[0].path == "MedicationRequest.status"
    assert "active" in reading.account.refused[0].mend
    reading = read(patient, order(status=None))
    assert only(reading).status == ""
    assert reading.account.problems[0].path == "MedicationRequest.status"


def test_a_dispense_gives_day_supply_and_quantity(read: Read, patient: Resource, order: Order) -> None:
    """A dispense: the day it was handed over, days supplied, quantity."""
    event = only(
        read(
            patient,
            order(
                resourceType="MedicationDispense",
                status="completed",
                intent=None,
                authoredOn=None,
                whenHandedOver="2026-02-01T09:00:00Z",
                daysSupply={"value": 4, "code": "wk"},
                quantity={"value": 28},
            ),
        )
    )
    assert (event.start.earliest.isoformat() if event.start else "", event.days_supply) == ("2026-02-01", 28)
    assert (event.quantity, event.quantity_unit) == (28, "")


def test_an_administration_gives_dose_and_time(read: Read, patient: Resource, order: Order) -> None:
    """An administration: what was given, how and when."""
    made = order(
        resourceType="MedicationAdministration",
        status="completed",
        intent=None,
        authoredOn=None,
        dosageInstruction=None,
        effectivePeriod={"start": "2026-02-01T09:00:00Z", "end": "2026-02-01T09:40:00Z"},
        dosage={"dose": {"value": 35, "code": "mg"}, "route": {"text": "intravenous"}, "text": "0.5 mg/kg"},
    )
    event = only(read(patient, made))
    assert (event.doses[0].amount_low, event.doses[0].unit, event.doses[0].route) == (35, "mg", "intravenous")
    assert event.start is not None
    assert event.start.earliest.isoformat() == "2026-02-01"


@pytest.mark.parametrize(
    ("dose", "path", "says"),
    [
        ({"value": -50, "unit": "mg"}, "value", "above zero"),
        ({"value": 0, "unit": "mg"}, "value", "above zero"),
        ({"value": 50, "unit": "furlongs"}, "unit", "not a unit known"),
        ({"value": 50, "unit": "mg", "code": "g"}, "unit", "while its code says"),
        ({"value": 50, "unit": "mg", "comparator": "<"}, "comparator", "leaves the amount open"),
        ({"value": "50", "unit": "mg"}, "value", "text where a number belongs"),
        ({"value": True, "unit": "mg"}, "value", "true or false where a number belongs"),
    ],
)
def test_a_dose_that_cannot_be_is_left_unknown(
    read: Read, patient: Resource, order: Order, dose: Resource, path: str, says: str
) -> None:
    """A negative or zero dose, a wrong unit: listed with its path; the order is read with the dose unknown, not zero."""
    reading = read(patient, dosed(order, dose=dose))
    event = only(reading)
    assert (event.doses[0].amount_low, event.doses[0].amount_high) == (None, None)
    (problem,) = reading.account.problems
    assert problem.path == f"MedicationRequest.dosageInstruction[0].doseAndRate[0].doseQuantity.{path}"
    assert says in problem.reason
    assert problem.mend


def test_a_dose_without_a_unit_is_told(read: Read, patient: Resource, order: Order) -> None:
    """A bare number is kept as written, without a unit, and the account says that the daily dose is not known."""
    reading = read(patient, dosed(order, dose={"value": 1}))
    assert (only(reading).doses[0].amount_low, only(reading).doses[0].unit) == (1, "")
    assert "daily dose" in reading.account.problems[0].reason


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ({"unit": "mg"}, "mg"),
        ({"unit": "Milligram", "code": "mg"}, "mg"),
        ({"unit": "MG"}, "mg"),
        ({"unit": "mcg"}, "ug"),
        ({"code": "{tbl}"}, "tablet"),
        ({"unit": "Tablet", "code": "{tbl}"}, "tablet"),
        ({"unit": "tablet", "code": "1"}, "tablet"),
        (
            {"unit": "TAB", "system": "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm", "code": "TAB"},
            "tablet",
        ),
        ({"unit": "capsules"}, "capsule"),
        ({"unit": "patch"}, "patch"),
        ({"unit": "sprays"}, "spray"),
        ({"code": "mL"}, "mL"),
        ({"code": "mg/(24.h)"}, "mg/(24.h)"),
    ],
)
def test_units_of_a_dose_are_named_one_way(
    read: Read, patient: Resource, order: Order, quantity: Resource, unit: str
) -> None:
    """However a chart spells a unit, it comes out one way."""
    reading = read(patient, dosed(order, dose={"value": 2, **quantity}))
    assert only(reading).doses[0].unit == unit
    assert reading.account.problems == ()


@pytest.mark.parametrize(
    ("repeat", "times"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, 1),
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, 3),
        ({"frequency": 1, "period": 12, "periodUnit": "h"}, 2),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, 3),
        ({"period": 1, "periodUnit": "d"}, 1),
        ({"when": ["MORN", "NIGHT"]}, 2),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, 2),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": "mon tue wed thu fri sat sun".split()}, 1),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, None),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon"]}, None),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, None),
        ({"frequency": 0, "period": 1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": -1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "fortnight"}, None),
        ({"frequency": 1}, None),
        ({}, None),
    ],
)
def test_times_per_day(read: Read, patient: Resource, order: Order, repeat: Resource, times: float | None) -> None:
    """Daily timings become times per day; every other timing leaves it unknown, with its words kept."""
    dose = only(read(patient, dosed(order, repeat=repeat))).doses[0]
    assert dose.times_per_day == times
    if repeat.get("periodUnit") == "wk":
        assert dose.text == "1 times every 1 wk"


@pytest.mark.parametrize(("code", "times"), [("BID", 2), ("QD", 1), ("Q6H", 4), ("QOD", None), ("WK", None)])
def test_timing_codes(read: Read, patient: Resource, order: Order, code: str, times: float | None) -> None:
    """Codes for daily timings are known; other codes stay words."""
    dose = only(read(patient, dosed(order, timing={"code": {"coding": [{"code": code}]}}))).doses[0]
    assert dose.times_per_day == times
    assert dose.text == ("" if times else code)


def test_ranges_durations_and_as_needed(read: Read, patient: Resource, order: Order) -> None:
    """A dose range keeps both ends, a duration its days, and p.r.n. its mark."""
    made = dosed(
        order,
        doseAndRate=[{"doseRange": {"low": {"value": 25, "unit": "mg"}, "high": {"value": 50, "unit": "mg"}}}],
        repeat={"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": {"value": 6, "code": "wk"}},
        asNeededBoolean=True,
    )
    dose = only(read(patient, made)).doses[0]
    assert (dose.amount_low, dose.amount_high, dose.duration_days, dose.as_needed) == (25, 50, 42, True)
    made["dosageInstruction"][0]["doseAndRate"][0]["doseRange"]["high"]["value"] = 5
    assert only(read(patient, made)).doses[0].amount_high is None
    del made["dosageInstruction"][0]["doseAndRate"][0]["doseRange"]["high"]
    assert only(read(patient, made)).doses[0].amount_low is None  # "at least 25 mg" is not a dose


def test_of_two_doses_of_one_line_the_ordered_one_is_read(read: Read, patient: Resource, order: Order) -> None:
    """Beside what was ordered a calculated dose may stand; two doses without that mark are not chosen between."""
    doses = [
        {"type": {"coding": [{"code": "calculated"}]}, "doseQuantity": {"value": 99, "unit": "mg"}},
        {"type": {"coding": [{"code": "ordered"}]}, "doseQuantity": {"value": 100, "unit": "mg"}},
    ]
    assert only(read(patient, dosed(order, doseAndRate=doses))).doses[0].amount_low == 100
    del doses[1]["type"]
    reading = read(patient, dosed(order, doseAndRate=doses))
    assert only(reading).doses[0].amount_low is None
    assert "more than one dose" in reading.account.problems[0].reason


def medication(**more: Any) -> Resource:
    """A combination product as a Medication resource."""
    return {
        "resourceType": "Medication",
        "id": "med1",
        "code": {"text": "olanzapine 6 mg / fluoxetine 25 mg"},
        "form": {"text": "capsule"},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "olanzapine"},
                "strength": {"numerator": {"value": 6, "unit": "mg"}, "denominator": {"value": 1, "unit": "capsule"}},
            },
            {
                "itemReference": {"reference": "#sub"},
                "strength": {"numerator": {"value": 50, "unit": "mg"}, "denominator": {"value": 2, "unit": "mL"}},
            },
        ],
        **more,
    }


@pytest.mark.parametrize("how", ["contained", "relative", "absolute"])
def test_a_drug_by_reference(read: Read, patient: Resource, order: Order, how: str) -> None:
    """A Medication, contained or in the file, gives name, form and the strength of each ingredient."""
    drug = medication()
    substance = {"resourceType": "Substance", "id": "sub", "code": {"text": "fluoxetine"}}
    references = {
        "contained": "#med1",
        "relative": "Medication/med1",
        "absolute": "https://x.example/fhir/Medication/med1",
    }
    made = order(medicationCodeableConcept=None, medicationReference={"reference": references[how]})
    if how == "contained":
        reading = read(patient, {**made, "contained": [drug, substance]})
    else:
        reading = read(patient, made, {**drug, "contained": [substance]})
        assert reading.account.by_type["Medication"].used == 1
    event = only(reading)
    assert (event.text, event.form) == ("olanzapine 6 mg / fluoxetine 25 mg", "capsule")
    assert [(i.text, i.amount, i.unit) for i in event.ingredients] == [
        ("olanzapine", 6, "mg"),
        ("fluoxetine", 25, "mg/mL"),
    ]


def test_a_drug_that_is_not_in_the_file(read: Read, patient: Resource, order: Order) -> None:
    """A reference that leads nowhere: its display is the drug's name (noted); without one the order is refused."""
    lost = order(medicationCodeableConcept=None, medicationReference={"reference": "Medication/x", "display": "Zoloft"})
    reading = read(patient, lost)
    assert only(reading).text == "Zoloft"
    assert "not in this file" in reading.account.problems[0].reason
    del lost["medicationReference"]["display"]
    reading = read(patient, lost)
    assert reading.account.refused[0].path == "MedicationRequest.medicationReference"


def test_an_order_that_names_no_drug_is_refused(read: Read, patient: Resource, order: Order) -> None:
    """Without a drug there is nothing to use."""
    reading = read(patient, order(medicationCodeableConcept=None))
    assert reading.account.refused[0].path == "MedicationRequest.medication[x]"
    assert reading.account.refused[0].mend


def test_a_medication_nobody_orders_is_kept_aside(read: Read, patient: Resource) -> None:
    """A Medication that nothing refers to, or only a refused order, is a directory entry."""
    assert read(patient, medication()).account.by_type["Medication"].kept_not_used == 1


def test_the_reason_of_an_order_follows_its_reference(read: Read, patient: Resource, order: Order) -> None:
    """A reason given as a reference to a Condition brings that diagnosis's codes, unless it was refuted."""
    condition = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.2"}]},
    }
    made = order(reasonReference=[{"reference": "Condition/c1"}])
    assert only(read(patient, condition, made)).reasons[0].code == "F32.2"
    assert only(read(patient, {**condition, "verificationStatus": "refuted"}, made)).reasons == ()
