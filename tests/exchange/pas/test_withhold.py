"""Nothing of 42 CFR Part 2 and no psychotherapy note leaves unless somebody says so: canaries in every corner of a chart."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from inconcert.exchange.pas import check_bundle
from inconcert.exchange.pas.withhold import disclosed
from inconcert.judgement import Refusal
from inconcert.payers import policies_for
from support.pas import entries, read

Json = dict[str, Any]
WHO = {"reference": "Patient/complete-and-clean"}
CANARY = "CANARY-7781"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def medication(ident: str, text: str, **more: Any) -> Json:
    """A medication order of an antidepressant that a criterion would want, with whatever makes it protected."""
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": "stopped", "intent": "order", "subject": WHO,
        "medicationCodeableConcept": {"text": text}, "authoredOn": "2025-03-04",
        "dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"start": "2025-03-04", "end": "2025-06-30"}}}}],
    } | more  # fmt: skip


def condition(ident: str, value: str, system: str = "http://hl7.org/fhir/sid/icd-10-cm", **more: Any) -> Json:
    """A diagnosis."""
    return {
        "resourceType": "Condition", "id": ident, "subject": WHO, "code": {"coding": [{"system": system, "code": value}]},
        "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": "2025-03-04",
    } | more  # fmt: skip


def labeled(code: str) -> Json:
    """A security label."""
    return {"security": [{"system": ACT, "code": code}]}


ENCOUNTER = {"resourceType": "Encounter", "id": "enc", "status": "finished", "class": {"code": "AMB"}, "subject": WHO}

# Each row: what it shows, and resources of which none may leave, the first of them named as held back.
PROTECTED = [
    ("opioid dependence", [condition("p", "F11.20")]),
    ("opioid dependence in remission", [condition("p", "F11.21")]),
    ("alcohol dependence in SNOMED CT", [condition("p", "66590003", "http://snomed.info/sct")]),
    ("a code written without its dot", [condition("p", "F1020")]),
    ("a diagnosis in words alone", [condition("p", "x", "urn:local", code={"text": "Opioid use disorder, severe"})]),
    ("buprenorphine and naloxone", [medication("p", "buprenorphine 8 mg / naloxone 2 mg sublingual film")]),
    ("naltrexone", [medication("p", "naltrexone 380 MG extended-release injection")]),
    ("methadone for dependence", [medication("p", "methadone 10 mg/mL oral", reasonCode=[{"text": "opioid use disorder"}])]),
    ("an antidepressant given for a protected reason", [medication("p", "sertraline 100 mg tablet", reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]}])]),
    ("an antidepressant that refers to a protected diagnosis", [medication("p", "sertraline 100 mg tablet", reasonReference=[{"reference": "Condition/oud"}]), condition("oud", "F11.20")]),
    ("an antidepressant that refers to it by an absolute address", [medication("p", "sertraline 100 mg tablet", reasonReference=[{"reference": "http://clinic.invalid/fhir/Condition/oud"}]), condition("oud", "F11.20")]),
    ("an antidepressant with a protected label", [medication("p", "sertraline 100 mg tablet", meta=labeled("42CFRPart2"))]),
    ("an antidepressant written at a labeled contact", [medication("p", "sertraline 100 mg tablet", encounter={"reference": "Encounter/enc"}), ENCOUNTER | {"meta": labeled("ETH")}]),
    ("an antidepressant written at a contact in a program", [medication("p", "sertraline 100 mg tablet", encounter={"reference": "Encounter/enc"}), ENCOUNTER | {"type": [{"text": "Opioid treatment program visit"}]}]),
    ("an antidepressant ordered by a program's office", [medication("p", "sertraline 100 mg tablet", requester={"reference": "Organization/org"}), {"resourceType": "Organization", "id": "org", "name": "Harbor Addiction Treatment Center"}]),
    ("a note beside an antidepressant", [medication("p", "sertraline 100 mg tablet", note=[{"text": "Started in the methadone clinic."}])]),
    ("instructions beside an antidepressant", [medication("p", "sertraline 100 mg tablet", dosageInstruction=[{"text": "daily, for alcohol use disorder with low mood"}])]),
]  # fmt: skip
IDS = [name for name, _ in PROTECTED]


@pytest.mark.parametrize("resources", [rows for _, rows in PROTECTED], ids=IDS)
@pytest.mark.parametrize("shape", ["2.2.1", "2.0.1"])
def test_a_protected_record_stays_and_is_named(one, chart, resources, shape):
    """The record is listed as held back with what would release it, and no word of it is in the Bundle."""
    marked = [json.loads(json.dumps(r)) for r in resources]
    marked[0]["identifier"] = [{"system": "urn:x", "value": CANARY}]
    made = one(("rtms", "esketamine"), chart("complete-and-clean", *marked), shape=shape)
    key = f"{marked[0]['resourceType']}/p"
    held = {each.record_id: each for each in made.held_back}
    assert key in held, sorted(held)
    assert held[key].released_by
    assert key not in {each.record_id for each in made.enclosed}
    everything = (json.dumps(made.bundle) + decoded(made.bundle)).lower()
    for word in (
        CANARY.lower(),
        "opioid",
        "alcohol",
        "methadone",
        "buprenorphine",
        "naltrexone",
        "addiction",
        "f11.2",
        "f10.2",
    ):
        assert word not in everything, word
    assert check_bundle(made.bundle, shape=shape).passes


def decoded(bundle: Json) -> str:
    """The text of the documents in a Bundle."""
    data = [c["attachment"]["data"] for d in entries(bundle, "DocumentReference") for c in d["content"]]
    return "\n".join(base64.b64decode(each).decode() for each in data)


def test_a_contact_named_by_its_uuid_is_seen_through(one, chart):
    """Charts that name resources by `urn:uuid:` are read like the others: what was written at a protected contact stays."""
    bundle = chart()
    bundle["entry"] += [
        {"fullUrl": "urn:uuid:11111111-2222-4333-8444-555555555555", "resource": ENCOUNTER | {"meta": labeled("42CFRPart2")}},
        {"fullUrl": "urn:uuid:aaaaaaaa-2222-4333-8444-555555555555", "resource": medication("p", "sertraline 100 mg tablet", encounter={"reference": "urn:uuid:11111111-2222-4333-8444-555555555555"})},
    ]  # fmt: skip
    made = one(("rtms",), bundle)
    assert "MedicationRequest/p" in {each.record_id for each in made.held_back}
    assert "MedicationRequest/p" not in {each.record_id for each in made.enclosed}


def test_a_label_on_any_copy_of_a_record_counts(one, chart):
    """A record that stands twice, once with a protected label and once without, does not leave by the second."""
    plain = medication("p", "sertraline 100 mg tablet")
    made = one(("rtms",), chart("complete-and-clean", plain, plain | {"meta": labeled("42CFRPart2")}))
    assert "MedicationRequest/p" not in {each.record_id for each in made.enclosed}


@pytest.mark.parametrize(
    "note",
    [
        {"type": {"coding": [{"system": "http://loinc.org", "code": "34109-9"}], "text": "Psychotherapy note"}},
        {"meta": labeled("PSYTHPN"), "type": {"text": "Note"}},
        {"type": {"text": "Progress note"}},
    ],
    ids=["by its title", "by its label", "by being a document nobody read"],
)
def test_no_note_leaves(one, chart, note):
    """Psychotherapy notes, and documents whose content nobody here has read, stay; dates of psychotherapy may go."""
    document = {
        "resourceType": "DocumentReference", "id": "p", "status": "current", "subject": WHO,
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(CANARY.encode()).decode()}}],
    } | note  # fmt: skip
    made = one(("rtms",), chart("complete-and-clean", document))
    assert "DocumentReference/p" in {each.record_id for each in made.held_back}
    assert CANARY not in decoded(made.bundle) + json.dumps(made.bundle)
    assert "Procedure/complete-and-clean-proc-01" in {each.record_id for each in made.enclosed}


def test_free_text_beside_a_record_never_rides_along(one, chart):
    """Notes, narratives, extensions, contained resources and prescribers' names are not copied, whatever they say."""
    bundle = chart()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] in ("MedicationRequest", "Condition", "Procedure", "Observation"):
            resource["note"] = [{"text": CANARY}]
            resource["text"] = {"status": "generated", "div": f"<div>{CANARY}</div>"}
            resource["extension"] = [{"url": "urn:x", "valueString": CANARY}]
            resource["contained"] = [{"resourceType": "Basic", "id": "c", "code": {"text": CANARY}}]
        if resource["resourceType"] == "MedicationRequest":
            resource["requester"] = {"display": CANARY}
            resource["encounter"] = {"reference": "Encounter/elsewhere", "display": CANARY}
            resource["dosageInstruction"][0]["extension"] = [{"url": "urn:x", "valueString": CANARY}]
    made = one(("rtms", "esketamine"), bundle)
    assert len(made.enclosed) > 5
    assert CANARY not in json.dumps(made.bundle) + decoded(made.bundle)
    orders = [m for m in entries(made.bundle, "MedicationRequest") if "authoredOn" in m and m["status"] != "active"]
    assert {m["requester"]["extension"][0]["valueCode"] for m in orders} == {"masked"}


@pytest.mark.parametrize("where", [(), ("dosageInstruction", 0), ("dispenseRequest",)])
def test_a_modifier_that_is_not_understood_keeps_a_record_in(one, chart, where):
    """A modifier extension may turn a record into its opposite: wherever it stands, the record is not enclosed."""
    bundle = chart()
    order = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MedicationRequest")
    order.setdefault("dispenseRequest", {})
    place = order
    for step in where:
        place = place[step]
    place["modifierExtension"] = [{"url": "urn:not-really", "valueBoolean": True}]
    made = one(("rtms",), bundle)
    assert f"MedicationRequest/{order['id']}" not in {each.record_id for each in made.enclosed}
    assert "urn:not-really" not in json.dumps(made.bundle)


def test_answers_on_substance_use_stay_and_the_others_leave(one, chart):
    """Of the intake form of somebody with alcohol dependence the other answers go; those on that matter stay, the "no" too."""
    made = one(("rtms", "esketamine"), chart("substance-use"))
    held = {each.record_id for each in made.held_back}
    assert "QuestionnaireResponse/substance-use-intake-01#safety.substance_use" in held
    links = {i["linkId"] for q in entries(made.bundle, "QuestionnaireResponse") for i in q["item"]}
    assert "payers.clinic.device_cleared" in links
    assert not any("substance" in link for link in links)
    assert "F10" not in json.dumps(made.bundle)


def test_what_is_held_back_does_not_show_by_its_absence(one, chart):
    """The statement in the Bundle is word for word the same for somebody of whom something is held back and for others."""
    clean, held = one(("rtms",)), one(("rtms",), chart("substance-use"))

    def messages(made):
        return [i["valueString"] for i in entries(made.bundle, "Claim")[0]["supportingInfo"] if "valueString" in i]

    assert messages(clean) == messages(held)
    assert "whether or not there are any" in messages(clean)[0]
    assert not any(each.record_id in json.dumps(held.bundle) for each in held.held_back)


def test_release_wants_a_consent(one):
    """The switch alone releases nothing: it wants to be told where the signed consent is filed, and knows only its kinds."""
    with pytest.raises(Refusal, match="without a consent"):
        one(("rtms",), released=frozenset({"substance_use"}))
    with pytest.raises(ValueError, match="no kind of protected record"):
        one(("rtms",), released=frozenset({"everything"}), consent="signed 2026-11-01")


def test_with_a_consent_the_records_go_marked_and_with_the_notice(one, chart):
    """Released records bear the 42 CFR Part 2 label, the notice against passing them on goes along, and nothing says that all is well."""
    bundle = chart("complete-and-clean", medication("p", "sertraline 100 mg tablet", meta=labeled("42CFRPart2")))
    made = one(
        ("rtms",), bundle, released=frozenset({"substance_use"}), consent="consent form of 2026-11-01, chart tab 4"
    )
    assert "MedicationRequest/p" in {each.record_id for each in made.enclosed}
    copies = [m for m in entries(made.bundle, "MedicationRequest") if m.get("meta", {}).get("security")]
    assert copies
    told = [i["valueString"] for i in entries(made.bundle, "Claim")[0]["supportingInfo"] if "valueString" in i]
    assert told == ["42 CFR part 2 prohibits unauthorized use or disclosure of these records."]
    assert "chart tab 4" not in json.dumps(made.bundle)
    # Another kind stays: a consent for substance-use records is none for psychotherapy notes.
    note = {
        "resourceType": "DocumentReference",
        "id": "n",
        "status": "current",
        "subject": WHO,
        "type": {"text": "Psychotherapy note"},
    }
    again = one(("rtms",), chart("complete-and-clean", note), released=frozenset({"substance_use"}), consent="x")
    assert "DocumentReference/n" in {each.record_id for each in again.held_back}


def test_the_last_look_catches_what_a_copy_still_shows(monkeypatch, one, chart):
    """Were the first filter to miss a record, the copy is looked at again as it would leave, and is left out."""
    from inconcert.exchange.pas import withhold

    monkeypatch.setattr(withhold, "held_back", lambda *_a, **_k: ())
    real = withhold.held_back_resources
    calls = []

    def first_blind(resources, **more):
        calls.append(1)
        return () if len(calls) == 1 else real(resources, **more)

    monkeypatch.setattr(withhold, "held_back_resources", first_blind)
    made = one(
        ("rtms",),
        chart(
            "complete-and-clean",
            medication("p", "sertraline 100 mg tablet", reasonCode=[{"text": "alcohol use disorder"}]),
        ),
    )
    assert len(calls) == 2
    assert "MedicationRequest/p" not in {each.record_id for each in made.enclosed}
    assert "alcohol" not in (json.dumps(made.bundle) + decoded(made.bundle)).lower()


def test_the_criteria_are_asked_of_what_may_leave(chart):
    """The person whom the policies are held against is the one without the held records, and still has a plan."""
    reading = read(chart("substance-use"))
    found = disclosed(reading, reading.people[0])
    assert len(found.person.conditions) == len(reading.people[0].conditions) - 1
    from datetime import date

    assert policies_for(found.person, date(2026, 11, 16))


def test_in_a_chart_of_several_people_only_the_one_asked_for_is_told_of(settings):
    """Neither the Bundle nor the list of what was held back names a record of anybody else in the same export."""
    from datetime import date

    from inconcert.exchange.pas import Wishes, asked_services, build_requests
    from inconcert.synthetic import clinic
    from support.pas import NOW, POLICIES

    both = clinic()["complete-and-clean"]
    both = both | {"entry": both["entry"] + clinic()["substance-use"]["entry"]}
    reading = read(both)
    person = next(p for p in reading.people if p.id.endswith("complete-and-clean"))
    wishes = Wishes(as_of=date(2026, 11, 16), created=NOW, settings=settings, policy_for=POLICIES)
    (made,) = build_requests(reading, person, asked_services(("rtms",), settings), wishes)
    assert {each.record_id for each in made.held_back} == {"Observation/complete-and-clean-obs-04"}
    assert "substance-use" not in "".join(each.record_id for each in made.enclosed)
    assert {p["name"][0]["family"] for p in entries(made.bundle, "Patient")} == {"Quillfeather"}
