"""What is answered: honest cards, faithful orders, and every gap said."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest

from inconcert.exchange.crd import parse
from inconcert.exchange.crd.versions import COVERAGE_INFORMATION
from inconcert.exchange.disclosure import disclosable_resources
from support.crd_calls import ESKETAMINE_ORDER, SCAN_ORDER, TMS_ORDER, call

Json = dict[str, Any]
Answer = Callable[[Json], Json]
CODES = {  # from the guides' value sets
    "covered": {"not-covered", "conditional"},
    "pa-needed": {"auth-needed", "no-auth", "conditional"},
    "doc-needed": {"clinical"},
    "doc-purpose": {"withpa", "retain-doc"},
    "info-needed": {"OTH"},
}


def information(action: Json) -> list[list[Json]]:
    """The parts of each coverage information on an order."""
    return [e["extension"] for e in action["resource"]["extension"] if e["url"] == COVERAGE_INFORMATION]


def values(parts: list[Json], url: str) -> list[Any]:
    """The values of one part."""
    return [next(v for k, v in p.items() if k.startswith("value")) for p in parts if p["url"] == url]


@pytest.mark.parametrize("version", ["", "2.2"])
def test_every_order_gets_coverage_information_that_keeps_the_guides_rules(
    charts: dict[str, Json], answer: Answer, version: str
) -> None:
    """For every invented person with coverage, both orders carry it, and the invariants of the guide hold (crd-ci-q1 to q9)."""
    written = 0
    for name, bundle in charts.items():
        found = answer(call(bundle, TMS_ORDER, ESKETAMINE_ORDER, version=version))
        for action in found.get("systemActions", ()):
            assert action["type"] == "update"
            kind = {"ServiceRequest": ServiceRequest, "MedicationRequest": MedicationRequest}[
                action["resource"]["resourceType"]
            ]
            kind.model_validate({k: v for k, v in action["resource"].items() if v is not None})
            for parts in information(action):
                written += 1
                urls = [p["url"] for p in parts]
                for one in ("coverage", "covered", "date", "coverage-assertion-id"):
                    assert urls.count(one) == 1, name
                for url, allowed in CODES.items():
                    assert set(values(parts, url)) <= allowed
                assert "questionnaire" not in urls or "doc-needed" in urls  # q1
                assert ("pa-needed" in urls) is (values(parts, "covered") != ["not-covered"])  # q2
                conditional = "conditional" in values(parts, "covered") + values(parts, "pa-needed")
                assert ("info-needed" in urls) is conditional  # q3
                assert "withpa" not in values(parts, "doc-purpose") or values(parts, "pa-needed") != ["no-auth"]  # q4
                assert "satisfied-pa-id" not in urls  # q5
                assert values(parts, "reason")[0]["text"]  # q6, q7, q8
                details = [p["extension"] for p in parts if p["url"] == "detail"]
                assert all(any(x["url"] == "category" for x in d) is bool(version) for d in details)
    assert written > 40


def test_it_is_never_said_that_something_is_covered(charts: dict[str, Json], answer: Answer) -> None:
    """That a service is covered is the payer's word; ours is conditional, even where every criterion is read as met."""
    found = answer(call(charts["complete-and-clean"], ESKETAMINE_ORDER))
    assert "criteria read as met" in found["cards"][0]["summary"]
    assert values(information(found["systemActions"][0])[0], "covered") == ["conditional"]


def test_a_flat_refusal_of_the_policy_is_said_as_such(charts: dict[str, Json], answer: Answer) -> None:
    """Where the policy never covers the service, the order says not-covered, and no prior authorization is spoken of."""
    request = call(charts["complete-and-clean"], ESKETAMINE_ORDER)
    insure(request, "Blue Cross Blue Shield of Mississippi")
    found = answer(request)
    (parts,) = information(found["systemActions"][0])
    assert values(parts, "covered") == ["not-covered"]
    assert values(parts, "pa-needed") == []
    assert "does not cover" in values(parts, "reason")[0]["text"]
    assert "not covered by this policy" in found["cards"][0]["summary"]


def insure(request: Json, payer: str) -> None:
    """Put another payer into the coverage that was sent."""
    for entry in request["prefetch"]["coverage"]["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            entry["resource"] |= {"payor": [{"display": payer}], "class": []}


def test_the_order_comes_back_as_it_came_but_for_the_coverage(charts: dict[str, Json], answer: Answer) -> None:
    """Nothing else of the order is changed, its decimals keep their digits, and an earlier answer of ours is replaced."""
    order = copy.deepcopy(ESKETAMINE_ORDER)
    order["extension"] = [{"url": "https://ehr.example/own", "valueString": "keep"}]
    request = call(charts["complete-and-clean"], order)
    text = json.dumps(request).replace('"value": 56', '"value": 56.50')

    from inconcert.exchange.crd import respond

    first = respond(parse(text.encode(), "order-sign"), date(2026, 11, 22), lambda *_: "https://x.example")
    back = first["systemActions"][0]["resource"]
    sent = json.loads(text)["context"]["draftOrders"]["entry"][0]["resource"]
    assert {k: v for k, v in back.items() if k not in ("extension", "dosageInstruction")} == {
        k: v for k, v in sent.items() if k not in ("extension", "dosageInstruction")
    }
    assert str(back["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"]) == "56.50"
    assert back["extension"][0] == {"url": "https://ehr.example/own", "valueString": "keep"}
    assert len(back["extension"]) == 2
    again = answer(call(charts["complete-and-clean"], json.loads(json.dumps(back, default=float))))
    assert len(again["systemActions"][0]["resource"]["extension"]) == 2


def test_what_travels_on_with_the_order_holds_nothing_of_the_chart(charts: dict[str, Json], answer: Answer) -> None:
    """The coverage information names no diagnosis, drug tried, score or person: the order goes to payer and pharmacy."""
    for bundle in charts.values():
        for action in answer(call(bundle, TMS_ORDER, ESKETAMINE_ORDER)).get("systemActions", ()):
            parts = [part for one in information(action) for part in one if part["url"] != "coverage"]
            said = json.dumps(parts).lower()
            assert not any(
                word in said for word in ("sertraline", "phq", "psycho", "suicid", "dr. a. invented", "substance")
            )


def test_what_is_held_back_shows_in_the_card_and_not_on_the_order(charts: dict[str, Json], answer: Answer) -> None:
    """A substance use disorder bars the person in the clinician's card; the order that travels on does not tell of it."""
    bundle = charts["substance-use"]
    request = call(bundle, ESKETAMINE_ORDER)
    insure(request, "Blue Cross and Blue Shield of Texas")
    clean = copy.deepcopy(request)
    held = disclosable_resources([e["resource"] for e in bundle["entry"]])
    kept = {(r["resourceType"], r["id"]) for r in held}
    for value in clean["prefetch"].values():
        if value.get("resourceType") == "Bundle":
            value["entry"] = [e for e in value["entry"] if (e["resource"]["resourceType"], e["resource"]["id"]) in kept]
    one, other = answer(request), answer(clean)
    assert one["cards"][0]["detail"] != other["cards"][0]["detail"]
    assert values(information(one["systemActions"][0])[0], "reason") == values(
        information(other["systemActions"][0])[0], "reason"
    )
    assert values(information(one["systemActions"][0])[0], "covered") == values(
        information(other["systemActions"][0])[0], "covered"
    )


def test_a_card_is_the_list_of_criteria_with_their_sources(charts: dict[str, Json], answer: Answer) -> None:
    """Each criterion stands with met, not met or not known, in our words, with its source; what is missing; the form's link."""
    cards = answer(call(charts["dose-unknown"], TMS_ORDER))["cards"]
    detail = cards[0]["detail"]
    assert "### Criteria" in detail
    assert "**Met**" in detail
    assert "**Not known**" in detail
    assert "(source 1)" in detail
    assert "<https://" in detail
    assert "### What is missing" in detail
    assert "What daily dose" in detail
    assert cards[0]["links"][0]["type"] == "absolute"
    assert cards[0]["extension"]["davinci-crd.associated-resource"] == [{"reference": "ServiceRequest/tms-1"}]


def test_every_card_says_who_decides_and_stays_within_the_letters(charts: dict[str, Json], answer: Answer) -> None:
    """A summary has at most 140 letters; each card on coverage says that the payer decides; no card recommends the order."""
    for name, bundle in charts.items():
        for card in answer(call(bundle, TMS_ORDER, ESKETAMINE_ORDER))["cards"]:
            assert len(card["summary"]) <= 140
            assert card["indicator"] in ("info", "warning", "critical")
            assert card["source"]["label"].startswith("InConcert")
            if "not known" not in card["summary"] or "under" in card["summary"]:
                assert "decides nothing" in card["detail"], (name, card["summary"])
            assert "suggestions" not in card


def test_somebody_acutely_suicidal_is_spoken_of_first(charts: dict[str, Json], answer: Answer) -> None:
    """Before any criterion stands what the suicide screen says and what to do, and the card is marked critical."""
    cards = answer(call(charts["cannot-wait"], TMS_ORDER, ESKETAMINE_ORDER))["cards"]
    about = [c for c in cards if "links" in c]
    assert len(about) == 2
    for card in about:
        assert card["indicator"] == "critical"
        assert card["detail"].startswith("**First: Intent or a plan now")
    calm = answer(call(charts["complete-and-clean"], TMS_ORDER))["cards"]
    assert not any(c["detail"].startswith("**First") or c["indicator"] == "critical" for c in calm)


def test_two_orders_together_are_answered_as_a_pair(charts: dict[str, Json], answer: Answer) -> None:
    """TMS and esketamine signed at once bring a card on the pair, which says that nobody has tested the two together."""
    cards = answer(call(charts["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER))["cards"]
    pair = next(c for c in cards if "together" in c["summary"])
    assert "No randomized trial" in pair["detail"]
    assert len(pair["extension"]["davinci-crd.associated-resource"]) == 2
    alone = answer(call(charts["complete-and-clean"], TMS_ORDER))["cards"]
    assert not any("together:" in c["summary"] for c in alone)


def test_an_order_of_something_else_gets_no_answer(charts: dict[str, Json], answer: Answer) -> None:
    """A chest x-ray is none of our business: no card and nothing on the order."""
    assert answer(call(charts["complete-and-clean"], SCAN_ORDER)) == {"cards": []}


def gaps(found: Json) -> str:
    """What the answer says was missing."""
    return " ".join(c["detail"] for c in found["cards"] if "did not come" in c["summary"])


def test_without_coverage_the_answer_says_so_and_writes_nothing_on_the_order(
    charts: dict[str, Json], answer: Answer
) -> None:
    """No coverage in the request: a card says it, and no coverage information is made up."""
    request = call(charts["complete-and-clean"], TMS_ORDER)
    for missing in ({"resourceType": "Bundle", "type": "searchset"}, None):
        request["prefetch"]["coverage"] = missing
        found = answer(request)
        assert "no coverage in force" in found["cards"][0]["summary"]
        assert "No coverage came with the request" in gaps(found)
        assert "systemActions" not in found


def test_without_a_payer_identifier_the_payer_is_told_by_name_and_the_answer_says_so(
    charts: dict[str, Json], answer: Answer
) -> None:
    """The name is enough where a policy file has it; that no identifier came is said."""
    found = answer(call(charts["complete-and-clean"], TMS_ORDER))
    assert "names no payer identifier" in gaps(found)
    assert "under Cigna" in found["cards"][0]["summary"]


def test_a_payer_without_a_policy_is_no_refusal(charts: dict[str, Json], answer: Answer) -> None:
    """We hold nothing of this payer: conditional, with the reason, and a card that says it is not a refusal."""
    request = call(charts["complete-and-clean"], TMS_ORDER)
    insure(request, "Nobody Ever Heard Of Health")
    found = answer(request)
    assert "no policy held" in found["cards"][0]["summary"]
    assert "not a refusal" in found["cards"][0]["detail"]
    assert values(information(found["systemActions"][0])[0], "covered") == ["conditional"]


def test_a_chart_of_somebody_else_is_not_used(charts: dict[str, Json], answer: Answer) -> None:
    """A prefetch about another patient than the one in context gives an answer as if nothing had been sent, and says so."""
    request = call(charts["complete-and-clean"], TMS_ORDER)
    request["context"]["patientId"] = "somebody-else"
    request["context"]["draftOrders"]["entry"][0]["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    found = answer(request)
    assert "about another patient" in gaps(found)
    assert "Cigna" not in json.dumps(found)


def test_an_order_for_somebody_else_is_passed_over(charts: dict[str, Json], answer: Answer) -> None:
    """A draft that names another patient than the context gets no answer from this chart."""
    request = call(charts["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER)
    request["context"]["draftOrders"]["entry"][0]["resource"]["subject"] = {
        "reference": "https://ehr.example/fhir/Patient/other"
    }
    found = answer(request)
    assert [a["resource"]["id"] for a in found["systemActions"]] == ["esk-1"]
    assert "another patient" in gaps(found)


@pytest.mark.parametrize("key", ["patient", "conditions", "medications", "forms"])
def test_taking_a_part_of_the_prefetch_away_never_settles_anything(
    charts: dict[str, Json], answer: Answer, key: str
) -> None:
    """What is not sent is not known: no criterion that was not known becomes met or not met, and the card names the part."""
    for name in ("complete-and-clean", "dose-unknown", "psychotic-features"):
        whole = call(charts[name], TMS_ORDER)
        less = copy.deepcopy(whole)
        del less["prefetch"][key]
        before, after = states(answer(whole)), states(answer(less))
        for policy, lines in after.items():
            for path, word in lines.items():
                if word != "Not known" and path in before.get(policy, {}):
                    assert before[policy][path] == word, (name, path)
        assert key in gaps(answer(less))


def states(found: Json) -> dict[str, dict[str, str]]:
    """Each policy's criteria by their words: met, not met or not known."""
    result: dict[str, dict[str, str]] = {}
    for card in found["cards"]:
        lines: dict[str, str] = {}
        for line in card["detail"].splitlines():
            mark, bold, rest = line.partition("- **")
            word, _, words = rest.partition("**: ")
            if bold and not mark.strip() and "." in words:
                lines[f"{len(mark)} {words.split('. ')[0]}"] = word
        result[card["links"][0]["url"] if "links" in card else card["summary"]] = lines
    return result


def test_an_error_in_place_of_a_resource_is_said(charts: dict[str, Json], answer: Answer) -> None:
    """An OperationOutcome, a null or a word where a resource belongs is named by its key."""
    request = call(charts["complete-and-clean"], TMS_ORDER)
    request["prefetch"] |= {
        "conditions": {"resourceType": "OperationOutcome", "issue": []},
        "devices": None,
        "forms": "x",
    }
    said = gaps(answer(request)).replace("\\", "")
    assert "conditions came with an error" in said
    assert "devices came without a resource" in said
    assert "forms came without a resource" in said


def test_when_an_order_is_only_chosen_no_documents_are_asked(charts: dict[str, Json], answer: Answer) -> None:
    """The guide wants no call for clinical documents at order-select; only the chosen order is answered."""
    request = call(
        charts["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER, hook="order-select", selections=["ServiceRequest/tms-1"]
    )  # fmt: skip
    found = answer(request)
    assert [a["resource"]["id"] for a in found["systemActions"]] == ["tms-1"]
    urls = [p["url"] for p in information(found["systemActions"][0])[0]]
    assert "doc-needed" not in urls
    assert "questionnaire" not in urls


def test_a_dispatched_order_is_taken_from_the_prefetch(charts: dict[str, Json], answer: Answer) -> None:
    """order-dispatch names orders; the one that was sent along is answered, the other is said to be missing."""
    request = call(
        charts["complete-and-clean"], hook="order-dispatch", performer="Organization/x",
        dispatchedOrders=["https://ehr.example/fhir/ServiceRequest/tms-1", "MedicationRequest/nowhere"],
    )  # fmt: skip
    order = {**TMS_ORDER, "status": "active", "subject": {"reference": "Patient/complete-and-clean"}}
    request["prefetch"]["serviceRequests"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": order}],
    }
    found = answer(request)
    assert [a["resource"]["id"] for a in found["systemActions"]] == ["tms-1"]
    assert "not in the prefetch" in gaps(found)


def test_a_booked_visit_is_answered_for_what_it_is_for(charts: dict[str, Json], answer: Answer) -> None:
    """appointment-book: the coverage information stands on the appointment."""
    visit = {
        "resourceType": "Appointment", "id": "a1", "status": "proposed", "description": "Spravato visit",
        "participant": [{"actor": {"reference": "Patient/complete-and-clean"}, "status": "accepted"}],
    }  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": visit}]}
    found = answer(call(charts["complete-and-clean"], hook="appointment-book", appointments=bundle))
    assert found["systemActions"][0]["resource"]["resourceType"] == "Appointment"
    assert "Esketamine under Cigna" in found["cards"][0]["summary"]


def test_an_order_that_is_being_dispatched_is_no_treatment_under_way(charts: dict[str, Json], answer: Answer) -> None:
    """The esketamine order asked about does not count as esketamine already running."""
    order = {
        **ESKETAMINE_ORDER,
        "status": "active",
        "authoredOn": "2026-11-20",
        "subject": {"reference": "Patient/complete-and-clean"},
    }
    request = call(charts["complete-and-clean"], hook="order-dispatch", dispatchedOrders=["MedicationRequest/esk-1"])
    request["prefetch"]["medications"]["entry"].append({"resource": order})
    found = answer(request)
    assert "record shows esketamine now" not in json.dumps(found).lower()


def test_the_ehr_may_turn_the_answer_off_or_limit_it(charts: dict[str, Json], answer: Answer) -> None:
    """coverage-info off means nothing is answered; max-cards keeps the weightiest."""
    request = call(charts["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER)
    request["extension"] = {"davinci-crd.configuration": {"coverage-info": False}}
    assert answer(request) == {"cards": []}
    request["extension"] = {"davinci-crd.configuration": {"max-cards": 1}}
    found = answer(request)
    assert len(found["cards"]) == 1
    assert len(found["systemActions"]) == 2


def test_a_chart_cannot_write_markup_into_a_card(charts: dict[str, Json], answer: Answer) -> None:
    """Tags, links and pictures in a chart come out as text."""
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://evil.example/p.png)"
    text = json.dumps(call(charts["complete-and-clean"], TMS_ORDER)).replace("Dr. A. Invented", evil)
    for card in answer(json.loads(text))["cards"]:
        assert "<script" not in card["detail"].replace("\\<script", "")
        assert "](" not in card["detail"].replace("\\](", "").replace("\\]\\(", "")
        assert "javascript:" not in card["detail"]


def test_a_version_that_is_not_spoken_is_refused(charts: dict[str, Json]) -> None:
    """The guide: a version that is not supported SHALL be an error."""
    from inconcert.exchange.crd import BadRequest

    request = call(charts["complete-and-clean"], TMS_ORDER, version="9.9")
    with pytest.raises(BadRequest, match=r"Ask for one of: 2\.0, 2\.2"):
        parse(json.dumps(request).encode(), "order-sign")
