"""Drafts filled in from charts: every answer has its origin and its records, and nothing unknown is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from inconcert.exchange.disclosure import held_back
from inconcert.exchange.dtr import DtrVersion, form_of, package, prefill, questionnaire
from inconcert.exchange.dtr.names import RECORD_USED
from inconcert.exchange.dtr.response import answers_in, links_of, source_of
from inconcert.exchange.fhir import ChartReading
from inconcert.knowledge.policies import policies, policy
from inconcert.record import Person

Json = dict[str, Any]
Read = Callable[..., ChartReading]
SOME = ("optum-uhc-tms", "cigna-spravato", "aetna-tms", "bcbsma-esketamine-iv-ketamine", "hcsc-spravato")
TOLD = ("complete-and-clean", "name-only", "dose-unknown", "psychotic-features", "pacemaker", "partial-dates")


def every_answer(items: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every answer with its linkId, trials included."""
    for item in items:
        yield from ((item["linkId"], answer) for answer in item.get("answer", ()))
        yield from every_answer(item.get("item", []))


def person_of(charts: dict[str, Json], read: Read, name: str) -> Person:
    """One invented person."""
    return read(charts[name]).people[0]


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("version", list(DtrVersion))
def test_every_answer_says_that_it_was_filled_in_and_from_which_record(
    charts: dict[str, Json], read: Read, day: date, name: str, version: DtrVersion
) -> None:
    """No answer of a draft is without its origin, in the word of the guide's version, and at least one record."""
    person = person_of(charts, read, name)
    for policy_id in SOME:
        draft = prefill(policy(policy_id), person, day, version=version)
        QuestionnaireResponse.model_validate(draft.response)
        for link, answer in every_answer(draft.response.get("item", [])):
            assert source_of(answer) == ("auto" if version is DtrVersion.V2_0 else "auto-client"), link
            records = [e["valueReference"] for e in answer["extension"] if e["url"] == RECORD_USED]
            assert records, link
            assert all("author" not in str(e) for e in answer["extension"][:1])


@pytest.mark.parametrize("policy_id", sorted(policies()))
def test_of_somebody_of_whom_nothing_is_known_nothing_is_filled_in(
    charts: dict[str, Json], read: Read, day: date, policy_id: str
) -> None:
    """A name alone gives an empty draft, and every question of the form is listed as open."""
    person = person_of(charts, read, "name-only")
    draft = prefill(policy(policy_id), person, day)
    allowed = {"payers.birth_date"}
    filled = {k for k, _ in every_answer(draft.response.get("item", []))}
    assert not {k for k in filled if not k.startswith("criterion.")} - allowed
    asked = {f.question.id for c in form_of(policy(policy_id)).root.criteria() for f in c.facts}
    hidden = {k for k, i in links_of(questionnaire(form_of(policy(policy_id)))["item"]) if "enableWhen" in i}
    assert asked - hidden - filled <= {u.link for u in draft.unanswered}


def test_a_draft_and_its_open_questions_are_the_whole_form(charts: dict[str, Json], read: Read, day: date) -> None:
    """Every fact that is asked and shown is either answered or listed as open, never neither and never both."""
    for name in TOLD:
        person = person_of(charts, read, name)
        for policy_id in SOME:
            draft = prefill(policy(policy_id), person, day)
            answered = {link for link, _ in every_answer(draft.response.get("item", []))}
            opened = {u.link for u in draft.unanswered}
            paper = questionnaire(form_of(policy(policy_id)))
            asked = {f.question.id for c in form_of(policy(policy_id)).root.criteria() for f in c.facts}
            always = {link for link in always_shown(paper["item"]) if link in asked}
            assert not answered & opened
            assert always <= answered | opened


def always_shown(items: list[Json]) -> Iterator[str]:
    """The linkIds of what is shown whatever is answered."""
    for item in items:
        if "enableWhen" not in item:
            yield item["linkId"]
            yield from always_shown(item.get("item", []))


def test_an_outcome_read_from_scores_is_not_filled_in_as_one_that_was_recorded(
    people: dict[str, Person], day: date
) -> None:
    """A trial whose outcome nobody recorded has no outcome in the draft, whatever the scores before and after say."""
    from inconcert.staging.rebuild import rebuild_trials
    from inconcert.staging.types import OutcomeKind

    seen = 0
    for person in people.values():
        open_ones = {t.drug for t in rebuild_trials(person, day).trials if t.outcome_kind is not OutcomeKind.RECORDED}
        known = {t.drug for t in rebuild_trials(person, day).trials if t.outcome_kind is OutcomeKind.RECORDED}
        draft = prefill(policy("optum-uhc-tms"), person, day)
        for trial in trials_of(draft.response.get("item", [])):
            said = {i["linkId"].removeprefix("staging.trial."): i["answer"][0] for i in trial["item"]}
            if said["drug"]["valueString"] in open_ones - known:
                seen += 1
                assert "outcome" not in said
    assert seen


def trials_of(items: list[Json]) -> Iterator[Json]:
    """Every trial of a response."""
    for item in items:
        if item["linkId"] == "staging.trial":
            yield item
        yield from trials_of(item.get("item", []))


def test_what_the_chart_codes_is_filled_in_and_what_it_merely_lacks_is_not(
    people: dict[str, Person], day: date
) -> None:
    """Psychotic features that are coded are a yes; that no bipolar disorder is coded does not say never."""
    answers = {
        link: answer
        for one in (policy("connectcare-tms"), policy("cigna-evernorth-tms"), policy("hcsc-tms"))
        for link, answer in answers_in(prefill(one, people["psychotic-features"], day).response.get("item", [])).items()
    }
    assert answers["payers.psychotic_features"]["valueCoding"]["code"] == "yes"
    for person in people.values():
        given = {a.question for a in person.attestations}
        filled = answers_in(prefill(policy("connectcare-tms"), person, day).response.get("item", []))
        assert all(not k.startswith("payers.diagnosis.") or k in given for k in filled)


def test_a_clinicians_finding_is_never_filled_in_from_a_screen(people: dict[str, Person], day: date) -> None:
    """A positive suicide screen does not answer for the clinician; only an earlier answer of theirs does."""
    checked = 0
    for person in people.values():
        said = {a.question for a in person.attestations}
        answers = answers_in(prefill(policy("cigna-spravato"), person, day).response.get("item", []))
        if "payers.acute_suicidality" not in said:
            checked += 1
            assert "payers.acute_suicidality" not in answers
    assert checked > 10


def test_facts_after_the_day_are_not_in_the_draft(charts: dict[str, Json], read: Read) -> None:
    """Asked for a day before anything was recorded, the draft holds no trial, no score and no answer."""
    person = person_of(charts, read, "complete-and-clean")
    draft = prefill(policy("optum-uhc-tms"), person, date(2001, 1, 1))
    links = {link for link, _ in every_answer(draft.response.get("item", []))}
    assert not {k for k in links if k.startswith(("staging.", "phq9", "madrs"))}
    assert "payers.psychotherapy_trial" not in links


def test_taking_a_record_away_never_adds_an_answer(charts: dict[str, Json], read: Read, day: date) -> None:
    """With any one record gone, the draft fills in no question that it left open before."""
    bundle = charts["complete-and-clean"]
    before = answers_in(prefill(policy("optum-uhc-tms"), read(bundle).people[0], day).response["item"])
    for n, entry in enumerate(bundle["entry"]):
        if entry["resource"]["resourceType"] == "Patient":
            continue
        rest = {**bundle, "entry": [e for i, e in enumerate(bundle["entry"]) if i != n]}
        answers = answers_in(prefill(policy("optum-uhc-tms"), read(rest).people[0], day).response["item"])
        assert set(answers) <= set(before), entry["resource"]["resourceType"]


def test_the_draft_names_coverage_order_and_purpose(charts: dict[str, Json], read: Read, day: date) -> None:
    """The coverage that the policy governs, the order and the purpose stand where each version of the guide has them."""
    reading = read(charts["complete-and-clean"])
    for version in DtrVersion:
        draft = prefill(policy("aetna-tms"), reading.people[0], day, orders=["ServiceRequest/7"], version=version)
        ends = [
            (e["url"].rpartition("/")[2], e.get("valueReference", {}).get("reference"))
            for e in draft.response["extension"]
        ]
        assert ("qr-context", "ServiceRequest/7") in ends
        assert ends[-1][0] == "intendedUse"
        coverage = "qr-context" if version is DtrVersion.V2_0 else "qr-coverage"
        assert any(kind == coverage and str(ref).startswith("Coverage/") for kind, ref in ends)


def test_a_package_for_a_person_holds_form_and_draft(charts: dict[str, Json], read: Read, day: date) -> None:
    """The guide's newer version wants exactly one form, first, and one draft that answers this very version of it."""
    draft = prefill(policy("aetna-tms"), person_of(charts, read, "complete-and-clean"), day, version=DtrVersion.V2_2)
    bundle = package(policy("aetna-tms"), response=draft.response, version=DtrVersion.V2_2)
    Bundle.model_validate(bundle)
    form, response = (entry["resource"] for entry in bundle["entry"])
    assert response["questionnaire"] == f"{form['url']}|{form['version']}"


def test_what_is_protected_reaches_no_answer_without_consent(charts: dict[str, Json], read: Read, day: date) -> None:
    """A substance use disorder stays out of the draft and its records, and comes in where its release was agreed."""
    reading = read(charts["substance-use"])
    person, resources = reading.people[0], [raw.data for raw in reading.raw]
    held = {each.record_id for each in held_back(person, resources)}
    told = {record.partition("#")[2] for record in held if "#" in record}
    whole = {record for record in held if "#" not in record}
    assert told or whole
    without, agreed = 0, 0
    for one in (policy("hcsc-spravato"), policy("ibx-tms"), policy("aetna-tms")):
        for kinds in ((), ("substance_use",)):
            draft = prefill(one, person, day, resources=resources, released=kinds)
            answers = answers_in(draft.response.get("item", []))
            about = [link for link, a in answers.items() if link in told or named(a) & whole]
            without, agreed = (without, agreed + len(about)) if kinds else (without + len(about), agreed)
    assert without == 0
    assert agreed > 0


def named(answer: Json) -> set[str]:
    """The records that an answer names."""
    return {e["valueReference"].get("reference", "") for e in answer["extension"] if e["url"] == RECORD_USED}
