"""A request Bundle from a chart: what stands in it, what is named as missing, one Claim or two."""

from __future__ import annotations

import base64
import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.pas import SHAPES, GapKind, check_bundle
from inconcert.judgement import Refusal
from support.pas import DAY, NOW, claim, entries

Json = dict[str, Any]
PAIR = ("rtms", "esketamine")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("services", [("rtms",), ("esketamine",), PAIR])
def test_tms_esketamine_and_the_pair_keep_every_rule(one, services, shape):
    """With the clinic's settings filled in, each request passes our checks and is valid R4, in both shapes."""
    made = one(services, shape=shape)
    result = check_bundle(made.bundle, shape=shape)
    assert result.passes, result.findings
    assert made.gaps == ()
    Bundle.model_validate(made.bundle)
    assert [i["sequence"] for i in claim(made.bundle)["item"]] == list(range(1, len(services) + 1))


def test_tms_is_a_service_and_esketamine_a_drug(one):
    """TMS is asked for by a ServiceRequest in sessions, esketamine by a MedicationRequest with its RxNorm ingredient."""
    bundle = one(PAIR).bundle
    first, second = claim(bundle)["item"]
    orders = {e["fullUrl"].split("/fhir/")[1]: e["resource"] for e in bundle["entry"]}

    def order(item: Json) -> Json:
        return next(
            orders[e["valueReference"]["reference"]] for e in item["extension"] if e["url"].endswith("requestedService")
        )

    assert order(first)["resourceType"] == "ServiceRequest"
    assert first["quantity"] == {"value": 36, "unit": "sessions"}
    assert order(second)["resourceType"] == "MedicationRequest"
    assert order(second)["medicationCodeableConcept"]["coding"][0]["code"] == "2119365"
    assert second["quantity"] == {"value": 8, "unit": "visits"}


def test_a_drug_under_the_pharmacy_benefit_gets_a_claim_of_its_own(ask, settings):
    """Two benefits are two desks: the pair becomes two Bundles with a Claim each, and the road of pharmacies is pointed out."""
    import msgspec

    changed = msgspec.structs.replace(
        settings,
        services=settings.services
        | {"esketamine": msgspec.structs.replace(settings.services["esketamine"], benefit="pharmacy")},
    )
    first, second = ask(PAIR, settings=changed)
    assert first.services == ("rtms",)
    assert second.services == ("esketamine",)
    assert first.claim_id != second.claim_id
    assert any("NCPDP" in note for note in second.notes)
    assert not any("NCPDP" in note for note in first.notes)
    for made in (first, second):
        assert check_bundle(made.bundle).passes


def test_two_plans_get_a_claim_each(ask, chart):
    """Where one plan's policy is named for TMS and another's for esketamine, each plan gets its own request."""
    bundle = chart("two-payers")
    made = ask(PAIR, bundle, policy_for={"rtms": "medicare-l34998-tms", "esketamine": "aetna-spravato"})
    assert {m.payer for m in made} == {"Medicare", "Aetna"}


def test_the_claim_comes_first_and_every_reference_leads_inside(one):
    """The first entry is the Claim; every reference in the Bundle is the name of one of its entries."""
    bundle = one(PAIR).bundle
    assert bundle["entry"][0]["resource"]["resourceType"] == "Claim"
    names = {e["fullUrl"].split("/fhir/")[1] for e in bundle["entry"]}
    used = set(re.findall(r'"reference": "([^"]+)"', json.dumps(bundle)))
    assert used
    assert used <= names


def test_the_same_request_made_twice_is_the_same_bundle(one):
    """Names are drawn from what is asked and when: the same request has the same bytes, another moment gives other names."""
    assert one(PAIR).bundle == one(PAIR).bundle
    later = one(PAIR, created=datetime(2026, 11, 17, tzinfo=NOW.tzinfo))
    assert later.claim_id != one(PAIR).claim_id


def test_no_chart_id_leaves(one):
    """Resources are renamed: no id of the chart stands in the Bundle, and the report says which is which."""
    made = one(PAIR)
    assert "complete-and-clean" not in json.dumps(made.bundle)
    inside = {e["resource"]["id"] for e in made.bundle["entry"]}
    assert {each.bundle_id for each in made.enclosed} <= inside
    assert "Condition/complete-and-clean-dx-01" in {each.record_id for each in made.enclosed}


def test_what_speaks_to_the_criteria_is_enclosed(one):
    """Diagnosis, trials, the score used and the psychotherapy go along; blood pressure and GAD-7, which no criterion asks, do not."""
    made = one(PAIR)
    records = {each.record_id for each in made.enclosed}
    assert {"Procedure/complete-and-clean-proc-01", "MedicationRequest/complete-and-clean-med-01"} <= records
    assert "QuestionnaireResponse/complete-and-clean-phq9-05-form" in records
    assert not any("gad7" in record or record.endswith(("obs-01", "obs-02")) for record in records)
    info = claim(made.bundle)["supportingInfo"]
    assert len([i for i in info if "valueReference" in i]) == len(made.enclosed)


def test_only_the_answers_that_were_used_leave_the_intake_form(one):
    """Of the intake form only the questions that a criterion read are copied, not the rest of it."""
    made = one(("rtms",))
    forms = [q for q in entries(made.bundle, "QuestionnaireResponse") if q["questionnaire"] == "urn:inconcert:intake"]
    asked = {item["linkId"] for form in forms for item in form["item"]}
    assert "payers.clinic.device_cleared" in asked
    assert not any(link.startswith("needs.") for link in asked)


def test_the_history_document_tells_the_trials(one):
    """One plain-text page lists each trial with dose, weeks and outcome as the chart has them."""
    made = one(("rtms",))
    document = next(d for d in entries(made.bundle, "DocumentReference"))
    text = base64.b64decode(document["content"][0]["attachment"]["data"]).decode()
    assert "sertraline (antidepressant), from 2025-03-04 to 2025-06-30; up to 100 mg a day" in text
    assert "nonresponse" in text
    assert "venlafaxine" in text


def test_without_settings_every_missing_value_is_named_and_none_made_up(one):
    """No settings file: the codings are left out, the check says which setting would give each, and nothing else is wrong."""
    made = one(PAIR, settings=ClinicSettings(), choices={"units": {"rtms": 36, "esketamine": 8}})
    item = claim(made.bundle)["item"][0]
    assert "category" not in item
    assert "locationCodeableConcept" not in item
    assert item["productOrService"] == {"text": "Repetitive transcranial magnetic stimulation (rTMS) for depression"}
    wanted = {gap.mend.split("`")[1].partition(":")[0] for gap in made.gaps if gap.kind is GapKind.SETTINGS}
    assert {"codes.request_type", "codes.certification_type", "codes.report_type", "services.rtms.category"} <= wanted
    assert {"services.esketamine.place_of_service", "clinic", "clinician", "payers"} <= wanted
    result = check_bundle(made.bundle)
    assert not result.passes
    assert not result.faults
    assert claim(made.bundle)["provider"]["extension"][0]["valueCode"] == "unknown"
    Bundle.model_validate(made.bundle)


def test_no_code_of_x12_or_cpt_is_shipped(one):
    """Without settings there is no coding of X12's or the AMA's tables anywhere in what we add to the chart's own records."""
    made = one(PAIR, settings=ClinicSettings())
    for resource in [e["resource"] for e in made.bundle["entry"]]:
        if resource["resourceType"] not in ("Procedure", "Condition", "Observation", "QuestionnaireResponse"):
            text = json.dumps(resource)
            assert "codesystem.x12.org" not in text
            assert "ama-assn" not in text


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda p, _c: p.pop("birthDate"), "Patient.birthDate"),
        (lambda p, _c: p.update(birthDate="1984-03"), "Patient.birthDate"),
        (lambda p, _c: p.pop("gender"), "Patient.gender"),
        (lambda p, _c: p.pop("identifier"), "Patient.identifier"),
        (lambda _p, c: c.pop("identifier"), "Coverage.identifier"),
        (lambda _p, c: c.pop("relationship"), "Coverage.relationship"),
    ],
)
def test_what_the_chart_lacks_is_listed_and_left_out(one, chart, change, where):
    """A field that the chart does not have is a gap with a mend; it does not stand in the Bundle, and R4 still holds."""
    bundle = chart()
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    coverage = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Coverage")
    change(patient, coverage)
    made = one(("rtms",), bundle)
    gap = next(g for g in made.gaps if g.where == where)
    assert gap.kind is GapKind.CHART
    assert gap.mend
    kind, _, name = where.partition(".")
    assert name not in entries(made.bundle, kind)[0]
    Bundle.model_validate(made.bundle)


def test_a_number_not_chosen_is_a_gap(one, settings):
    """How many and from when are choices: without them the item has no quantity and no dates, and both are asked for."""
    import msgspec

    bare = msgspec.structs.replace(
        settings, services={"rtms": msgspec.structs.replace(settings.services["rtms"], units=None)}
    )
    made = one(("rtms",), settings=bare, choices={"start": None, "weeks": None})
    item = claim(made.bundle)["item"][0]
    assert "quantity" not in item
    assert "servicedPeriod" not in item
    assert {g.where for g in made.gaps if g.kind is GapKind.CHOICE} == {"Claim.item.quantity", "Claim.item.serviced[x]"}


def test_a_plan_gives_its_numbers_only_where_they_are_single(one, settings):
    """A way that fixes the sessions fills them in; one that leaves a range leaves the choice to a person."""
    import msgspec

    from inconcert.courses import build, way_files

    bare = msgspec.structs.replace(settings, services={})
    ways = {w.id: build(w, DAY) for w in way_files()}
    made = one(("rtms",), settings=bare, choices={"proposal": ways["tms_alone_10hz"], "weeks": None})
    part = ways["tms_alone_10hz"].parts[0]
    item = claim(made.bundle)["item"][0]
    if part.visits.high in (None, part.visits.low):
        assert item["quantity"]["value"] == part.visits.low
    else:
        assert "quantity" not in item
    made = one(("esketamine",), settings=bare, choices={"proposal": ways["esketamine_alone"], "weeks": None})
    assert "esketamine_us_trd" in entries(made.bundle, "MedicationRequest")[-1]["dosageInstruction"][0]["text"]


def test_a_diagnosis_is_never_translated(one, chart):
    """A depression coded only in SNOMED CT is not turned into ICD-10-CM: the diagnosis is a gap."""
    bundle = chart()
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Condition":
            entry["resource"]["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "370143000"}]}
    made = one(("rtms",), bundle)
    assert "diagnosis" not in claim(made.bundle)
    assert any(g.where == "Claim.diagnosis" for g in made.gaps)


def test_facts_after_the_day_do_not_go_along(one, chart):
    """A record dated after the day the chart is read for is not enclosed."""
    later = {
        "resourceType": "MedicationRequest", "id": "later", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "mirtazapine 30 mg"}, "subject": {"reference": "Patient/complete-and-clean"},
        "authoredOn": "2027-01-05",
    }  # fmt: skip
    made = one(("rtms",), chart("complete-and-clean", later))
    assert "mirtazapine" not in json.dumps(made.bundle)


def test_an_unfavorable_answer_is_told_to_the_sender_and_not_to_the_payer(one, chart):
    """Where criteria are not met the notes say so before sending; the Bundle holds no verdict of ours."""
    made = one(("rtms",), chart("one-trial-short-attested"), policy_for={"rtms": "optum-uhc-tms"})
    assert any("not met" in note for note in made.notes)
    assert "not met" not in json.dumps(made.bundle)


@pytest.mark.parametrize(
    ("services", "more", "reason"),
    [
        ((), {}, "No service"),
        (("electroconvulsion",), {}, "no service 'electroconvulsion'"),
        (("rtms",), {"shape": "3.0.0"}, "no shape"),
        (("rtms",), {"created": datetime(2026, 11, 16)}, "time zone"),  # noqa: DTZ001
        (("rtms",), {"coverage_id": "Coverage/none"}, "No plan"),
        (("rtms",), {"choices": {"units": {"rtms": -1}}}, "cannot be asked for"),
        (("rtms",), {"choices": {"units": {"rtms": float("nan")}}}, "cannot be asked for"),
        (("rtms",), {"choices": {"units": {"dtms": 3}}}, "not asked for"),
    ],
)
def test_a_request_that_cannot_be_made_is_refused_with_a_mend(ask, services, more, reason):
    """What cannot be asked is refused in words that say what would mend it."""
    with pytest.raises(Refusal, match=reason) as refused:
        ask(services, **more)
    assert refused.value.mend


def test_no_plan_no_request(ask, chart):
    """A person without insurance, or whose plan ended, is not asked for."""
    with pytest.raises(Refusal, match="No health plan"):
        ask(("rtms",), chart("pays-himself"))
    with pytest.raises(Refusal, match="No health plan"):
        ask(("rtms",), as_of=date(2020, 1, 1))


def test_nothing_is_asked_for_the_dead(ask, chart):
    """A person whose record says that they died gets no request."""
    bundle = chart()
    bundle["entry"][0]["resource"]["deceasedBoolean"] = True
    with pytest.raises(Refusal, match="has died"):
        ask(("rtms",), bundle)


def test_an_invented_person_stays_marked(one):
    """The label of an invented person goes along with the Patient."""
    assert entries(one().bundle, "Patient")[0]["meta"]["tag"][0]["code"] == "invented"


def test_a_social_security_number_never_leaves(one, chart):
    """Of the person's identifiers a social security number is left behind, by system and by type."""
    bundle = chart()
    bundle["entry"][0]["resource"]["identifier"] += [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "000-00-0001"},
        {"system": "urn:x", "value": "000-00-0002", "type": {"coding": [{"code": "SS"}]}},
    ]
    assert "000-00-000" not in json.dumps(one(("rtms",), bundle).bundle)


def test_a_drug_taken_for_something_else_is_not_told_as_a_trial(one, chart):
    """Trazodone for sleep is no medication trial: it is neither in the history nor enclosed."""
    made = one(("rtms",), chart("trazodone-for-sleep"), policy_for={})
    document = entries(made.bundle, "DocumentReference")[0]
    text = base64.b64decode(document["content"][0]["attachment"]["data"]).decode()
    assert "trazodone" not in text + json.dumps(made.bundle)
    assert "(antidepressant)" in text


def test_a_coverage_that_stands_twice_otherwise_is_not_guessed(ask, chart):
    """Two versions of the Coverage: which one is right is not ours to say."""
    bundle = chart()
    found = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "Coverage")
    again = json.loads(json.dumps(found))
    again["resource"]["identifier"][0]["value"] = "OTHER"
    bundle["entry"].append(again)
    with pytest.raises(Refusal, match=r"more than once|No health plan"):
        ask(("rtms",), bundle)
