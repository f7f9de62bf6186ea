"""What never leaves by default, shown record by record, with the near misses that do leave."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.exchange.disclosure import (
    STATEMENT,
    disclosable,
    disclosable_resources,
    held_back,
    held_back_resources,
)
from inconcert.exchange.fhir import plain_references, read_bytes
from inconcert.knowledge.disclosure import protected_kinds
from inconcert.knowledge.loader import intake_questions
from inconcert.record import Attestation, Origin, Person
from inconcert.synthetic import clinic

Resource = dict[str, Any]
ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
ACT, CONFIDENTIALITY = (
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
)
PATIENT: Resource = {"resourceType": "Patient", "id": "p", "birthDate": "1980-05-04"}
WHO = {"subject": {"reference": "Patient/p"}}


def concept(text: str = "", system: str = "", code: str = "") -> Resource:
    """A CodeableConcept."""
    coding = {"coding": [{"system": system, "code": code}]} if code else {}
    return {**coding, **({"text": text} if text else {})}


def condition(ident: str, text: str = "", system: str = "", code: str = "", **more: Any) -> Resource:
    """A diagnosis of the person."""
    return {"resourceType": "Condition", "id": ident, "code": concept(text, system, code), **WHO, **more}


def order(ident: str, drug: str, **more: Any) -> Resource:
    """A medication order."""
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": drug}, "authoredOn": "2026-01-05", **WHO, **more,
    }  # fmt: skip


def labeled(resource: Resource, code: str, system: str = ACT) -> Resource:
    """The resource with a security label."""
    return {**resource, "meta": {"security": [{"system": system, "code": code}]}}


def chart(*resources: Resource) -> tuple[Person, list[Resource]]:
    """The person as read, and the resources as they came."""
    every = [PATIENT, *resources]
    return read_bytes(json.dumps(every).encode(), "chart.json", as_of=date(2026, 11, 16)).people[0], every


HELD = {
    "alcohol dependence by code": condition("x", "a problem", ICD, "F10.20"),
    "opioid dependence in remission": condition("x", "", ICD, "F11.21"),
    "code without its dot": condition("x", "thing", ICD, "F1120"),
    "code in lower case": condition("x", "thing", ICD, "f14.10"),
    "code of an unknown system": condition("x", "thing", "urn:local", "F10.20"),
    "ICD-9 alcohol dependence": condition("x", "thing", "http://hl7.org/fhir/sid/icd-9-cm", "303.90"),
    "SNOMED alcohol dependence": condition("x", "thing", SNOMED, "66590003"),
    "by words": condition("x", "History of opioid use disorder"),
    "words the other way round": condition("x", "Dependence on prescription opioids"),
    "hyphens": condition("x", "alcohol-use-disorder, mild"),
    "capitals": condition("x", "COCAINE ABUSE"),
    "an invisible mark in the word": condition("x", "alco\u200bholism"),
    "letters of full width": condition("x", "ａｌｃｏｈｏｌｉｓｍ"),
    "an accent": condition("x", "àlcoholism"),
    "spaces and newlines": condition("x", "alcohol\n use   disorder"),
    "buprenorphine": order("x", "buprenorphine 8 MG / naloxone 2 MG Sublingual Film"),
    "a brand of naltrexone": order("x", "VIVITROL 380 MG injection"),
    "methadone": order("x", "Methadone Hydrochloride 10 MG Oral Tablet"),
    "disulfiram by RxNorm code": {
        **order("x", ""), "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "3554", "display": "tablet"}]},
    },
    "a drug given for it": order("x", "gabapentin", reasonCode=[concept("alcohol withdrawal", ICD, "F10.230")]),
    "a stop reason that tells": order("x", "sertraline 50 MG", statusReason=concept("relapse into heroin")),
    "AUDIT-C": {
        "resourceType": "Observation", "id": "x", "status": "final", "code": concept("AUDIT-C total", LOINC, "75626-2"),
        "valueInteger": 7, "effectiveDateTime": "2026-02-01", **WHO,
    },
    "blood alcohol": {
        "resourceType": "Observation", "id": "x", "status": "final", "code": concept("Ethanol", LOINC, "5643-2"),
        "valueQuantity": {"value": 120, "unit": "mg/dL"}, "effectiveDateTime": "2026-02-01", **WHO,
    },
    "detoxification": {
        "resourceType": "Procedure", "id": "x", "status": "completed", "code": concept("Inpatient detoxification"),
        "performedDateTime": "2025-02-01", **WHO,
    },
    "a label: 42 CFR Part 2": labeled(condition("x", "insomnia"), "42CFRPart2"),
    "a label: substance abuse": labeled(condition("x", "insomnia"), "ETH"),
    "a label without its system": labeled(condition("x", "insomnia"), "ETHUD", ""),
    "a label: very restricted": labeled(condition("x", "insomnia"), "V", CONFIDENTIALITY),
    "a label: psychotherapy notes": labeled(order("x", "sertraline"), "PSYTHPN"),
    "a label inside a contained resource": condition(
        "x", "insomnia", contained=[{"resourceType": "Observation", "meta": {"security": [{"system": ACT, "code": "ETH"}]}}]
    ),
}  # fmt: skip

FREE = {
    "depression": condition("x", "Major depressive disorder, recurrent", ICD, "F33.2"),
    "smoking": condition("x", "Nicotine dependence, cigarettes", ICD, "F17.210"),
    "fatty liver": condition("x", "Non-alcoholic steatohepatitis", ICD, "K75.81"),
    "an allergy of the skin": condition("x", "rash after a drug", ICD, "L27.0"),
    "a code that only begins alike": condition("x", "thing", SNOMED, "6659000399"),
    "sertraline": order("x", "sertraline 100 MG"),
    "drug stopped": order("x", "sertraline", statusReason=concept("drug stopped, no response")),
    "R is common on psychiatry": labeled(condition("x", "Major depressive disorder", ICD, "F33.2"), "R", CONFIDENTIALITY),
    "psychotherapy itself is no note": {
        "resourceType": "Procedure", "id": "x", "status": "completed", "code": concept("Psychotherapy, 45 minutes"),
        "performedDateTime": "2025-02-01", **WHO,
    },
    "PHQ-9": {
        "resourceType": "Observation", "id": "x", "status": "final", "code": concept("PHQ-9 total", LOINC, "44261-6"),
        "valueInteger": 20, "effectiveDateTime": "2026-02-01", **WHO,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_a_protected_record_is_held_back_as_fact_and_as_resource(name: str) -> None:
    """Whatever shows that a record is on substance use, is labeled, or stands on such a one, keeps it in the clinic."""
    person, resources = chart(HELD[name], condition("plain", "asthma", ICD, "J45.9"))
    ids = {f.id.partition("#")[0] for f in disclosable(person, resources).facts()}
    assert f"{HELD[name]['resourceType']}/x" not in ids
    assert "Condition/plain" in ids
    left = disclosable_resources(resources)
    assert [r["id"] for r in left] == ["p", "plain"]


@pytest.mark.parametrize("name", FREE)
def test_what_only_looks_alike_may_leave(name: str) -> None:
    """Depression, smoking, a fatty liver, psychotherapy as a treatment and the like are not held back."""
    person, resources = chart(FREE[name])
    assert held_back(person, resources) == ()
    assert held_back_resources(resources) == ()
    assert disclosable(person, resources) is person


def test_each_record_held_back_says_why_and_what_would_release_it() -> None:
    """The clinic's list names the record, the kind with its law, the sign, and whose consent it takes."""
    person, resources = chart(HELD["buprenorphine"])
    (only,) = held_back(person, resources)
    assert only.record_id == "MedicationRequest/x"
    assert only.kind == "substance_use"
    assert "42 CFR Part 2" in only.why
    assert "its drug" in only.why
    assert "written consent" in only.released_by


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_yes_stays_and_takes_every_answer_on_the_matter_with_it(answer: str) -> None:
    """One yes on substance use holds the noes beside it too, so that what is missing tells nothing; a lone no may leave."""
    item = {"linkId": "safety.substance_use", "answer": [{"valueCoding": {"code": answer}}]}
    other = {"linkId": "payers.hazard.substance_use_disorder", "answer": [{"valueCoding": {"code": "no"}}]}
    form = {
        "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-11-01",
        "questionnaire": "urn:inconcert:intake", "item": [item, other], **WHO,
    }  # fmt: skip
    person, resources = chart(form)
    if len(person.attestations) < 2:
        pytest.fail("the intake form was not read")
    kept = {a.question for a in disclosable(person, resources).attestations}
    assert kept == (set() if answer == "yes" else {"safety.substance_use", "payers.hazard.substance_use_disorder"})


def test_a_diagnosis_takes_the_no_of_the_form_with_it() -> None:
    """Where a diagnosis is held back, a no on the same matter may not be told as if it were the whole truth."""
    form = {
        "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-11-01",
        "questionnaire": "urn:inconcert:intake",
        "item": [{"linkId": "safety.substance_use", "answer": [{"valueCoding": {"code": "no"}}]}], **WHO,
    }  # fmt: skip
    person, resources = chart(form, HELD["alcohol dependence by code"])
    assert disclosable(person, resources).attestations == ()


def test_what_was_written_at_a_protected_contact_or_office_stays_with_it() -> None:
    """A score taken at a labeled encounter, and an order of a recovery center, are held; those of the clinic are not."""
    visit = labeled(
        {"resourceType": "Encounter", "id": "v", "status": "finished", "class": {"code": "AMB"}, **WHO}, "ETH"
    )
    center = {"resourceType": "Organization", "id": "o", "name": "Riverbend Addiction Recovery Center"}
    role = {"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/o"}}
    at_visit = condition("at-visit", "insomnia", encounter={"reference": "Encounter/v"})
    from_center = order("from-center", "trazodone 50 MG", requester={"reference": "PractitionerRole/r"})
    person, resources = chart(visit, center, role, at_visit, from_center, condition("plain", "asthma"))
    assert {f.id for f in disclosable(person, resources).facts()} == {"Condition/plain"}
    assert {r["id"] for r in disclosable_resources(resources)} == {"p", "plain"}


def test_a_reference_by_uuid_leads_to_the_protected_contact_as_any_other() -> None:
    """In a chart whose references are `urn:uuid:` addresses, what was written at a labeled encounter is held all the same."""
    names = {n: f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3)}
    visit = labeled(
        {"resourceType": "Encounter", "id": names[1], "status": "finished", "class": {"code": "AMB"}, **WHO}, "ETH"
    )
    at_visit = condition(names[2], "insomnia", encounter={"reference": f"urn:uuid:{names[1]}"})
    elsewhere = condition(names[3], "asthma", encounter={"reference": f"urn:uuid:{names[3]}"})
    person, resources = chart(visit, at_visit, elsewhere)
    assert {f.id for f in disclosable(person, resources).facts()} == {f"Condition/{names[3]}"}
    assert {r["id"] for r in disclosable_resources(resources)} == {"p", names[3]}


@pytest.mark.parametrize(
    "address",
    [
        "urn:uuid:0aaaaaaa-0000-4000-8000-000000000000",
        "https://ehr.example/fhir/Encounter/visit-of-another-name",
        "https://ehr.example/contacts/7",
        "urn:oid:1.2.3",
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_full_url_that_differs_from_the_id_leads_to_the_protected_contact(address: str, named: bool) -> None:
    """An entry may be called by a `fullUrl` that says nothing of its id, or have no id: what was written there is held all the same."""
    visit: Resource = labeled(
        {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, **WHO}, "ETH"
    )
    if named:
        visit["id"] = "v"
    at_visit = condition("at-visit", "insomnia", encounter={"reference": address})
    elsewhere = condition("elsewhere", "asthma", encounter={"reference": f"{address}0"})
    entries = [{"fullUrl": address, "resource": visit}, *({"resource": r} for r in (PATIENT, at_visit, elsewhere))]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    reading = read_bytes(json.dumps(bundle).encode(), "chart.json", as_of=date(2026, 11, 16))
    resources = plain_references(reading.raw)
    left = {f.id for f in disclosable(reading.people[0], resources).facts()}
    assert {f.id for f in reading.people[0].facts()} >= {"Condition/at-visit", "Condition/elsewhere"}
    assert left == {"Condition/elsewhere"}
    assert {r["id"] for r in disclosable_resources(resources)} == {"p", "elsewhere"}
    assert [raw.data for raw in reading.raw] == [entry["resource"] for entry in entries]  # what came is kept as it came


def test_a_label_on_a_resource_without_an_id_holds_its_fact() -> None:
    """A resource that came without an id is known by another name; its label is found under that name."""
    secret = labeled(condition("x", "insomnia"), "ETH")
    del secret["id"]
    reading = read_bytes(
        json.dumps([PATIENT, secret, condition("y", "asthma")]).encode(), "c.json", as_of=date(2026, 11, 16)
    )
    person = reading.people[0]
    assert len(person.conditions) == 2
    assert {f.id for f in disclosable(person, plain_references(reading.raw)).facts()} == {"Condition/y"}


def test_an_order_for_a_protected_diagnosis_is_held_with_it() -> None:
    """A drug whose reason points to a diagnosis of alcohol dependence tells of it."""
    reason = [{"reference": "Condition/dx"}]
    person, resources = chart(condition("dx", "", ICD, "F10.20"), order("x", "topiramate", reasonReference=reason))
    assert list(disclosable(person, resources).facts()) == []


def test_documents_that_nobody_read_are_held() -> None:
    """A document reference, a binary and a report with a form attached may hold anything, so they stay."""
    report = {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "code": concept("visit"), **WHO}
    unread = [
        {"resourceType": "DocumentReference", "id": "a", "status": "current", **WHO},
        {"resourceType": "Binary", "id": "b", "contentType": "application/pdf"},
        {**report, "presentedForm": [{"data": "AAAA"}]},
    ]
    assert [r["id"] for r in disclosable_resources([PATIENT, *unread])] == ["p"]
    assert {h.kind for h in held_back_resources(unread)} == {"unread_document"}


def test_a_written_consent_releases_its_own_kind_only() -> None:
    """Released substance-use records may leave; psychotherapy notes and labeled records still may not."""
    note = labeled(order("note", "sertraline"), "PSYTHPN")
    person, resources = chart(HELD["alcohol dependence by code"], note)
    kept = {f.id for f in disclosable(person, resources, released={"substance_use"}).facts()}
    assert kept == {"Condition/x"}
    with pytest.raises(ValueError, match="no kind of protected record"):
        held_back(person, resources, released={"everything"})


def test_without_the_resources_codes_and_words_still_hold() -> None:
    """Facts alone show no label, but a code, a drug or a word is enough."""
    person, _ = chart(HELD["buprenorphine"], HELD["a label: 42 CFR Part 2"] | {"id": "y"})
    assert {h.record_id for h in held_back(person)} == {"MedicationRequest/x"}


def test_holding_back_is_done_when_it_is_done() -> None:
    """What may leave, asked again, may leave whole."""
    person, resources = chart(*[{**r, "id": f"x{n}"} for n, r in enumerate(HELD.values())])
    once = disclosable(person, resources)
    assert disclosable(once, resources) == once
    assert held_back(once, resources) == ()


def test_no_fact_of_an_invented_person_with_alcohol_dependence_tells_of_it() -> None:
    """Of the demonstration person with alcohol dependence nothing that may leave holds a word of it."""
    bundle = clinic()["substance-use"]
    resources = [entry["resource"] for entry in bundle["entry"]]
    person = read_bytes(json.dumps(bundle).encode(), "x").people[0]
    told = repr(tuple(disclosable(person, resources).facts())).casefold()
    assert "F10" in repr(tuple(person.facts()))
    for word in ("f10.", "alcohol dependence", "audit-c"):
        assert word not in told


def test_what_may_be_said_to_a_payer_is_the_same_for_everybody() -> None:
    """The sentence sent does not depend on the person and does not say that anything was held back."""
    assert "whether or not there are any" in STATEMENT


@given(
    st.text(max_size=40),
    st.sampled_from(["alcohol use disorder", "opioid dependence", "in detox", "sobriety"]),
    st.text(max_size=40),
)
def test_words_around_it_never_free_a_record(before: str, matter: str, after: str) -> None:
    """Whatever stands before and after it, a word of the matter on its own holds the record."""
    person, _ = chart(condition("x", "a thing"))
    fact = replace(person.conditions[0], text=f"{before} {matter} {after}")
    assert held_back(replace(person, conditions=(fact,))) != ()


def test_every_intake_question_on_the_matter_is_known_to_be_one() -> None:
    """An intake question with a word of the matter in it is on one of the lists, so that a new one cannot slip by."""
    kind = next(k for k in protected_kinds() if k.id == "substance_use")
    listed = {*kind.questions, *kind.quiet_questions, *kind.neutral_questions}
    words = re.compile(r"\b(alcohol|cannabis|opioid|not prescribed|misuse\w*|drug screen|substance)\b", re.IGNORECASE)
    asked = {q.id for q in intake_questions().values() if words.search(f"{q.text} {q.why}")}
    assert asked <= listed
    assert listed <= set(intake_questions())


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        ({"payers.test.urine_drug_screen": "negative", "payers.test_days.urine_drug_screen": 5}, 2),
        ({"payers.test.urine_drug_screen": "positive", "payers.test_days.urine_drug_screen": 5}, 0),
        ({"payers.days_since.alcohol_use": 3, "safety.substance_use": "no"}, 1),
        ({"payers.days_since.alcohol_use": 9999, "safety.substance_use": "no"}, 2),
        ({"payers.days_since.opioid_use": 3, "safety.substance_use": "no"}, 0),
    ],
)
def test_answers_on_the_matter_leave_only_as_plain_noes(answers: dict[str, Any], kept: int) -> None:
    """A negative screen and a never may leave; a drink is held and silences nothing; use of a drug silences all."""
    facts = tuple(
        Attestation(
            id=f"QuestionnaireResponse/q#{question}", origin=Origin("QuestionnaireResponse/q"), question=question,
            answer=said if said in ("yes", "no") else "", value=said if isinstance(said, int) else None,
            value_text=said if said in ("negative", "positive") else "",
        )
        for question, said in answers.items()
    )  # fmt: skip
    assert len(disclosable(Person(id="p", attestations=facts)).attestations) == kept


def test_every_kind_says_where_it_is_from() -> None:
    """Each kind names law, source and what releases it, and every label not seen in a source is marked recalled."""
    for kind in protected_kinds():
        assert kind.law
        assert kind.sources
        assert kind.released_by
        labels = {code for codes in kind.labels.values() for code in codes}
        assert set(kind.recalled_labels) <= labels
