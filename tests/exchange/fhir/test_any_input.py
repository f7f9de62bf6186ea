"""Whatever comes in: an account that adds up, or one clear refusal; never another error, never another person's fact."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inconcert.exchange.fhir import ChartReading, UnreadableChart, read_bytes
from inconcert.knowledge.scales import scale_files
from inconcert.record import Person

Resource = dict[str, Any]
P1, P2 = {"reference": "Patient/p1"}, {"reference": "Patient/p2"}
DRUG = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312941"}], "text": "sertraline"}
DOSE = {
    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": "2026-01-01"}}},
    "doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg", "code": "mg"}}],
}
PHQ9 = scale_files()["phq9"]


def loinc(code: str) -> Resource:
    """A concept of one LOINC code."""
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


CHART: tuple[Resource, ...] = (
    {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-04", "name": [{"family": "A"}], "gender": "female"},
    {"resourceType": "Patient", "id": "p2", "birthDate": "1990", "deceasedBoolean": False},
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": P1,
        "code": {"text": "MDD"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "onsetDateTime": "2024-02",
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": P1,
        "medicationCodeableConcept": DRUG,
        "authoredOn": "2026-01-01",
        "dosageInstruction": [DOSE],
        "reasonReference": [{"reference": "Condition/c1"}],
    },
    {
        "resourceType": "MedicationDispense",
        "id": "m2",
        "status": "completed",
        "subject": P2,
        "medicationReference": {"reference": "#d"},
        "contained": [
            {"resourceType": "Medication", "id": "d", "code": DRUG, "ingredient": [{"itemCodeableConcept": DRUG}]}
        ],
        "daysSupply": {"value": 30, "code": "d"},
        "whenHandedOver": "2026-01-02T10:00:00Z",
    },
    *(
        {
            "resourceType": "Observation",
            "id": f"o{n}",
            "status": "final",
            "subject": P1,
            "code": loinc(item.loinc),
            "valueInteger": n % 4,
            "effectiveDateTime": "2026-02-01T10:00:00Z",
        }
        for n, item in enumerate(PHQ9.items)
    ),
    {
        "resourceType": "Observation",
        "id": "w",
        "status": "final",
        "subject": P2,
        "code": loinc("29463-7"),
        "valueQuantity": {"value": 80, "unit": "kg", "code": "kg"},
        "effectiveDateTime": "2026-02-01",
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": P2,
        "authored": "2026-03-01",
        "questionnaire": "urn:inconcert:intake",
        "item": [
            {"linkId": "safety.aneurysm", "answer": [{"valueBoolean": False}]},
            {"linkId": "44261-6", "answer": [{"valueInteger": 12}]},
            {"linkId": "staging.trial", "item": [{"linkId": "staging.trial.drug", "answer": [{"valueString": "x"}]}]},
        ],
    },
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": P1,
        "diagnosis": [{"condition": {"reference": "Condition/c1"}}],
    },
    {
        "resourceType": "Coverage",
        "id": "k1",
        "status": "active",
        "beneficiary": P1,
        "payor": [{"reference": "Organization/o"}],
        "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "gold"}],
    },
    {"resourceType": "Organization", "id": "o", "name": "Acme"},
    {"resourceType": "AllergyIntolerance", "id": "a1", "patient": P2, "code": {"text": "latex"}},
    {"resourceType": "Device", "id": "d1", "patient": P1, "status": "active", "type": {"text": "clip"}},
    {"resourceType": "Procedure", "id": "t1", "status": "completed", "subject": P2, "code": {"text": "ECT"}},
)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            "2023-02-30",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
            "2026-13",
            "entered-in-error",
            "Patient/p2",
            "Patient/nobody",
            "#",
            "Patient?identifier=|",
            "urn:uuid:x",
            "http://loinc.org",
            "44249-1",
            "44261-6",
            "mg",
            "Bundle",
            "MedicationOrder",
            "Observation",
            "urn:inconcert:intake",
        ]
    ),
    st.sampled_from(
        [[], {}, [None], [[]], [{}], {"reference": 5}, {"coding": [{"code": 5}]}, {"value": "x"}, [1, "a"]]
    ),
)
NAMES = st.sampled_from(
    "status subject code valueQuantity valueInteger valueCoding medication medicationReference contained class reason item "
    "answer group patient component hasMember derivedFrom taken resourceType id meta modifierExtension extension name type "
    "notDone dosage entry linkId fullUrl identifier".split()
)


def objects(value: Any) -> list[Any]:
    """Every object and list inside a value."""
    found, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (dict, list)):
            found.append(item)
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return found


@st.composite
def damaged_charts(draw: st.DrawFn) -> bytes:
    """The chart with up to eight elements removed, added or replaced by something odd."""
    chart = copy.deepcopy(list(CHART))
    for _ in range(draw(st.integers(1, 8))):
        places = objects(chart)
        place = places[draw(st.integers(0, len(places) - 1))]
        odd = copy.deepcopy(draw(ODD))
        if isinstance(place, dict):
            key = draw(st.one_of(st.sampled_from(sorted(place)), NAMES)) if place else draw(NAMES)
            if draw(st.booleans()):
                place[key] = odd
            else:
                place.pop(key, None)
        elif place and draw(st.booleans()):
            place[draw(st.integers(0, len(place) - 1))] = odd
        else:
            place.append(odd)
    return bundle(chart)


def bundle(resources: list[Any]) -> bytes:
    """Resources as a Bundle."""
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def attempt(data: bytes, name: str) -> ChartReading | UnreadableChart:
    """The reading, or the one error that may be raised."""
    try:
        return read_bytes(data, name)
    except UnreadableChart as error:
        return error


def sound(reading: ChartReading | UnreadableChart) -> None:
    """A refusal says all it should; an account adds up and can be written, and no two facts share a name."""
    if isinstance(reading, UnreadableChart):
        assert reading.file
        assert reading.reason
        assert reading.mend
        return
    account = reading.account
    assert account.resources == account.used + account.kept_not_used + account.refused_count == len(reading.raw)
    json.dumps(account.as_dict(), allow_nan=False).encode()
    json.dumps([raw.data for raw in reading.raw], allow_nan=False).encode()
    facts = [fact for person in reading.people for fact in person.facts()]
    names = [fact.id for fact in facts]
    assert len(names) == len(set(names))
    assert all(entry.reason and entry.id for entry in account.refused)
    assert all(entry.mend for entry in account.refused)


@given(damaged_charts())
def test_a_damaged_chart_is_always_accounted_for(data: bytes) -> None:
    """Any damage to any element: the account stays whole, and nothing but a clear refusal is ever raised."""
    sound(attempt(data, "chart.json"))


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.ndjson"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    """Bytes of any kind."""
    sound(attempt(data, name))


@given(st.integers(0, 4000), st.sampled_from(["a.json", "a.ndjson"]))
def test_a_chart_cut_anywhere_is_read_or_refused(cut: int, name: str) -> None:
    """A file that ends anywhere: NDJSON keeps its whole lines, a Bundle is refused."""
    whole = b"\n".join(json.dumps(r).encode() for r in CHART) if name.endswith("ndjson") else bundle(list(CHART))
    try:
        reading = read_bytes(whole[:cut], name)
    except UnreadableChart:
        return
    assert name.endswith("ndjson") or cut >= len(whole)
    sound(reading)


def facts_by_person(reading: ChartReading) -> dict[str, list[Any]]:
    """Each person's facts in order, without the place they were read at."""
    return {person.id: list(person.facts()) for person in reading.people}


@given(st.permutations(CHART))
def test_the_order_of_entries_never_shows(shuffled: list[Resource]) -> None:
    """The same resources in any order give the same people with the same facts in the same order."""
    assert facts_by_person(read_bytes(bundle(shuffled), "a")) == facts_by_person(read_bytes(bundle(list(CHART)), "a"))


@given(st.permutations((*CHART, *CHART)))
def test_a_chart_read_twice_is_the_same_chart(doubled: list[Resource]) -> None:
    """Every resource twice, in any order: the same facts once."""
    reading = read_bytes(bundle(doubled), "a")
    assert facts_by_person(reading) == facts_by_person(read_bytes(bundle(list(CHART)), "a"))
    assert reading.account.kept_not_used == len(CHART)


def leaves(person: Person) -> set[str]:
    """The ids of a person's facts."""
    return {fact.id for fact in person.facts()}


@given(damaged_charts())
def test_damage_never_moves_a_fact_to_the_other_person(data: bytes) -> None:
    """A fact that names one patient is never found with the other, whatever else is broken."""
    try:
        reading = read_bytes(data, "chart.json")
    except UnreadableChart:
        return
    named = {
        raw.key: str(raw.data.get("subject", raw.data.get("patient", raw.data.get("beneficiary"))))
        for raw in reading.raw
    }
    for person in reading.people:
        for name in leaves(person):
            who = named.get(name.partition("#")[0], "")
            other = {"p1": "Patient/p2", "p2": "Patient/p1"}.get(person.id)
            assert other is None or f"'{other}'" not in who, (person.id, name, who)


@given(st.sets(st.integers(0, len(CHART) - 1), max_size=6))
def test_leaving_resources_out_adds_no_fact(left_out: set[int]) -> None:
    """With fewer resources there is never a new fact id except for a form put together from fewer Observations."""
    whole = read_bytes(bundle(list(CHART)), "a")
    known = {name for person in whole.people for name in leaves(person)}
    try:
        part = read_bytes(bundle([r for n, r in enumerate(CHART) if n not in left_out]), "a")
    except UnreadableChart:
        return
    for person in part.people:
        assert {name for name in leaves(person) if not name.endswith("#phq9")} <= known
