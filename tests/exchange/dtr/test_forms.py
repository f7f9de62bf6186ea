"""Every policy as a FHIR Questionnaire made from its own criteria."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from inconcert.exchange.dtr import DtrVersion, form_of, package, questionnaire
from inconcert.judgement import Refusal
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import policies, policy, policy_from_text

Json = dict[str, Any]
EVERY = sorted(policies())


def items_of(items: list[Json]) -> Iterator[Json]:
    """Every item at any depth."""
    for item in items:
        yield item
        yield from items_of(item.get("item", []))


def form(policy_id: str) -> dict[str, Json]:
    """The items of a policy's form by linkId."""
    return {i["linkId"]: i for i in items_of(questionnaire(form_of(policy(policy_id)))["item"])}


@pytest.mark.parametrize("policy_id", EVERY)
def test_every_policy_has_a_package_that_validates(policy_id: str) -> None:
    """Each policy gives, in both versions of the guide, a collection with the form first that the R4 models accept."""
    for version in DtrVersion:
        bundle = package(policy(policy_id), version=version)
        Bundle.model_validate(bundle)
        assert bundle["type"] == "collection"
        assert bundle["entry"][0]["resource"]["resourceType"] == "Questionnaire"
        assert "Library" not in {entry["resource"]["resourceType"] for entry in bundle["entry"]}


@pytest.mark.parametrize("policy_id", EVERY)
def test_each_question_stands_once_and_hangs_on_one_that_stands_before_it(policy_id: str) -> None:
    """No linkId stands twice; what a question is shown by is a choice of the same form that comes earlier in it."""
    items = list(items_of(questionnaire(form_of(policy(policy_id)))["item"]))
    links = [item["linkId"] for item in items]
    assert len(links) == len(set(links))
    by_link = dict(zip(links, items, strict=True))
    for place, item in enumerate(items):
        for condition in item.get("enableWhen", ()):
            assert condition["question"] in links[:place]
            options = [o["valueCoding"] for o in by_link[condition["question"]]["answerOption"]]
            assert condition["answerCoding"] in options


@pytest.mark.parametrize("policy_id", EVERY)
def test_every_item_of_a_fact_is_an_intake_question_of_its_own_type(policy_id: str) -> None:
    """A fact is asked in the words and the type of the intake question, so that the answer is read by the intake reader."""
    kinds = {"yes_no": {"choice"}, "choice": {"choice"}, "number": {"decimal"}, "text": {"text", "date"}}
    for link, item in form(policy_id).items():
        question = intake_questions().get(link)
        if question is not None and link != "staging.trial":
            assert item["text"] == question.text
            assert item["type"] in kinds[question.answer]


def test_every_service_and_later_decision_has_its_form() -> None:
    """Each service of a policy, and each later decision that it gives criteria for, has a form of its own address."""
    addresses: list[str] = []
    for one in policies().values():
        stages = ["initial", *(stage for stage, later in one.later.items() if later.criteria is not None)]
        for service in one.services:
            for stage in stages:
                bundle = package(one, service=service, stage=stage)
                Bundle.model_validate(bundle)
                addresses.append(bundle["entry"][0]["resource"]["url"])
    assert len(addresses) == len(set(addresses))
    assert len(addresses) > 100


def test_what_is_asked_only_after_an_answer_is_shown_only_then() -> None:
    """The psychiatrist's consultation is asked where the prescriber is not the one the policy wants."""
    asked = [p for p in EVERY if "payers.clinic.psychiatrist_consulted" in form(p)]
    assert asked
    for policy_id in asked:
        item = form(policy_id)["payers.clinic.psychiatrist_consulted"]
        conditions = {(c["question"], c["operator"], c["answerCoding"]["code"]) for c in item["enableWhen"]}
        assert ("payers.clinic.prescriber_specialty", "=", "other") in conditions
        assert ("payers.clinic.prescriber_specialty", "=", "psychiatrist") not in conditions


def test_details_of_what_never_happened_are_not_asked() -> None:
    """Where there was no earlier TMS course that helped, by how much it helped is not asked."""
    item = form("optum-uhc-tms")["payers.prior_tms_improvement_percent"]
    assert item["enableWhen"] == [
        {
            "question": "payers.prior_tms", "operator": "!=",
            "answerCoding": {"system": "urn:inconcert:codes", "code": "no", "display": "no"},
        }
    ]  # fmt: skip


def test_a_question_asked_by_two_criteria_is_shown_if_either_needs_it() -> None:
    """A condition holds only where every place that asks the question has it."""
    draft = """
id: twice
payer: Nobody
payer_names: [nobody]
line_of_business: commercial
jurisdiction: [US]
policy_number: "1"
title: Asked twice
services: [rtms]
version: {effective: "2026-01-01"}
status: design
read_depth: full_text
checked_on: 2026-11
sources: [{ref: made up for a test, kind: paper}]
process: {prior_auth: required}
combination: {clause: not_seen}
criteria:
  all:
    - {fact: psychotherapy_trial, at_least: 1, evidence_based: true}
    - {fact: psychotherapy_trial, at_least: 1, evidence_based: true}
"""
    items = {i["linkId"]: i for i in items_of(questionnaire(form_of(policy_from_text(draft, "twice")))["item"])}
    assert items["payers.psychotherapy_evidence_based"]["enableWhen"][0]["answerCoding"]["code"] == "no"
    above = [i["text"] for i in items.values() if i["linkId"].startswith("criterion.2.above")]
    assert any("evidence in depression" in text for text in above)


def test_what_nobody_saw_of_a_policy_is_not_asked_of_the_clinic() -> None:
    """A part of the policy that was not seen is shown as the payer's to settle, and is no question of the form."""
    items = form("uhc-spravato")
    assert "payers.policy_text" not in items
    assert any(i["type"] == "display" and "settled by the payer" in i["text"] for i in items.values())


def test_the_form_says_what_it_is_not() -> None:
    """It is our reading in our words, not the payer's form, and names its read depth."""
    paper = questionnaire(form_of(policy("optum-uhc-tms")))
    assert "not the payer's form" in paper["description"]
    said = " ".join(i["text"] for i in items_of(paper["item"]) if i["linkId"].startswith("about."))
    assert "Only a summary by somebody else was read" in said


def test_every_criterion_names_where_it_was_read() -> None:
    """Each criterion stands with its source."""
    items = form("aetna-tms")
    criteria = [link for link, item in items.items() if link.startswith("criterion.") and item["type"] == "group"]
    assert criteria
    assert all(items[f"{link}.source"]["text"].startswith("Source: ") for link in criteria)


def test_the_version_changes_with_the_questions() -> None:
    """Two policies, or two stages, never share a form; the same form asked for twice is the same to the letter."""
    one, same = (questionnaire(form_of(policy("aetna-tms"))) for _ in range(2))
    assert one == same
    assert one["version"] != questionnaire(form_of(policy("cigna-evernorth-tms")))["version"]


def test_a_form_that_does_not_exist_is_refused_with_the_mend() -> None:
    """A service that the policy does not speak of, a stage without criteria and a stage that is none are said so."""
    for service, stage in (("ect", "initial"), ("", "maintenance"), ("", "someday")):
        with pytest.raises(Refusal, match="Mend: Ask"):
            form_of(policy("optum-uhc-tms"), service, stage)
