"""A draft completed by a human is read back by the intake reader, and the determination moves accordingly."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from inconcert.exchange.dtr import Draft, complete, form_of, prefill, questionnaire
from inconcert.exchange.dtr.items import coding
from inconcert.exchange.dtr.response import answers_in, source_of
from inconcert.exchange.fhir import ChartReading
from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.policies import policy
from inconcert.payers.types import Determination
from inconcert.record import Person

Json = dict[str, Any]
Read = Callable[..., ChartReading]
Asked = Callable[[str, Person], Determination]
NURSE = {"reference": "Practitioner/n1", "display": "R. Diaz, RN"}
MORNING = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def finished(policy_id: str, draft: Draft, given: dict[str, Json], **more: Any) -> Json:
    """A draft that the nurse completed."""
    paper = questionnaire(form_of(policy(policy_id)))
    done = complete(paper, draft.response, given, author=NURSE, on=MORNING, **more)
    QuestionnaireResponse.model_validate(done)
    return done


def yes(policy_id: str, draft: Draft, *, no: tuple[str, ...] = ()) -> dict[str, Json]:
    """Yes, or the first choice, to all that the draft left open; no to those named."""
    paper = questionnaire(form_of(policy(policy_id)))
    options = {
        item["linkId"]: item["answerOption"][0]["valueCoding"]
        for item in flat(paper["item"])
        if item["type"] == "choice"
    }
    opened = [u.link for u in draft.unanswered if u.link in options]
    return {link: {"valueCoding": coding("no") if link in no else options[link]} for link in opened}


def flat(items: list[Json]) -> list[Json]:
    """Every item at any depth."""
    return [i for item in items for i in (item, *flat(item.get("item", [])))]


def test_a_completed_form_turns_unknown_into_met(charts: dict[str, Json], read: Read, asked: Asked, day: date) -> None:
    """What was unknown for want of answers is met once the nurse has given them, each as her attestation of that day."""
    bundle = charts["dose-unknown"]
    before = read(bundle).people[0]
    assert asked("optum-uhc-tms", before).answer is Answer.UNKNOWN
    draft = prefill(policy("optum-uhc-tms"), before, day)
    given = yes("optum-uhc-tms", draft)
    after = read(bundle, finished("optum-uhc-tms", draft, given)).people[0]
    assert asked("optum-uhc-tms", after).answer is Answer.MET
    new = {a.question: a for a in after.attestations if a not in before.attestations}
    assert set(new) == set(given)
    assert {a.answered_by for a in new.values()} == {NURSE["display"]}
    assert {str(a.answered_on.earliest) for a in new.values() if a.answered_on} == {"2026-11-22"}


def test_a_completed_form_turns_unknown_into_not_met(
    charts: dict[str, Json], read: Read, asked: Asked, day: date
) -> None:
    """A no to what the policy needs is a no in the determination."""
    bundle = charts["dose-unknown"]
    draft = prefill(policy("optum-uhc-tms"), read(bundle).people[0], day)
    given = yes("optum-uhc-tms", draft, no=("payers.psychotherapy_failed",))
    assert "payers.psychotherapy_failed" in given
    after = read(bundle, finished("optum-uhc-tms", draft, given)).people[0]
    assert asked("optum-uhc-tms", after).answer is Answer.NOT_MET


@pytest.mark.parametrize("policy_id", ["optum-uhc-tms", "hcsc-spravato"])
def test_a_draft_read_back_says_nothing_new(
    charts: dict[str, Json], read: Read, asked: Asked, day: date, policy_id: str
) -> None:
    """What the program copied out of a chart does not come back as somebody's word of today, however often it is read."""
    for name, bundle in charts.items():
        people = read(bundle).people
        if len(people) != 1:
            continue
        draft = prefill(policy(policy_id), people[0], day)
        again = read(bundle, {**draft.response, "status": "completed", "author": NURSE}).people[0]
        assert again.attestations == people[0].attestations, name
        assert again.reported_trials == people[0].reported_trials, name
        assert again.scale_forms == people[0].scale_forms, name


def test_the_account_says_how_many_copies_were_not_read(charts: dict[str, Json], read: Read, day: date) -> None:
    """What is left aside is told, with the form's id and how many answers."""
    bundle = charts["complete-and-clean"]
    draft = prefill(policy("optum-uhc-tms"), read(bundle).people[0], day)
    reading = read(bundle, {**draft.response, "status": "completed", "author": NURSE})
    told = [p for p in reading.account.problems if p.id.startswith("QuestionnaireResponse/draft-")]
    assert any(f"holds {draft.answered} answers that were filled in automatically" in p.reason for p in told)


def test_a_changed_answer_is_marked_and_read(charts: dict[str, Json], read: Read, asked: Asked, day: date) -> None:
    """An answer from the chart that a human changes is an override by them, and counts; one left alone stays a copy."""
    bundle = charts["complete-and-clean"]
    person = read(bundle).people[0]
    assert asked("optum-uhc-tms", person).answer is Answer.MET
    draft = prefill(policy("optum-uhc-tms"), person, day)
    given = {
        "payers.clinic.device_cleared": {"valueCoding": coding("no")},
        "payers.clinic.monitor_trained": {"valueCoding": coding("yes")},
    }
    done = finished("optum-uhc-tms", draft, given)
    answers = answers_in(done["item"])
    assert source_of(answers["payers.clinic.device_cleared"]) == "override"
    assert source_of(answers["payers.clinic.monitor_trained"]) == "auto"
    authors = [
        p for e in answers["payers.clinic.device_cleared"]["extension"] for p in e["extension"] if p["url"] == "author"
    ]
    assert authors[0]["extension"] == [{"url": "practitioner", "valueReference": NURSE}]
    assert asked("optum-uhc-tms", read(bundle, done).people[0]).answer is Answer.NOT_MET


def test_a_score_typed_into_the_form_counts_on_its_own_day(charts: dict[str, Json], read: Read, day: date) -> None:
    """A total given with its day is a form of that day; one given without is of the day of the form."""
    bundle = charts["name-only"]
    draft = prefill(policy("optum-uhc-tms"), read(bundle).people[0], day)
    for given, expected in (
        ({"phq9": {"valueDecimal": 21}, "phq9/taken": {"valueDate": "2026-11-02"}}, "2026-11-02"),
        ({"phq9": {"valueDecimal": 21}}, "2026-11-22"),
    ):
        after = read(bundle, finished("optum-uhc-tms", draft, given)).people[0]
        (form,) = after.scale_forms
        assert (form.scale, form.stated_total) == ("phq9", 21)
        assert form.taken is not None
        assert str(form.taken.days.earliest) == expected
        assert "phq9/taken" not in {a.question for a in after.attestations}


def test_a_day_of_a_score_that_cannot_be_read_leaves_it_undated(charts: dict[str, Json], read: Read, day: date) -> None:
    """A score whose stated day does not exist is not dated by the form instead."""
    bundle = charts["name-only"]
    draft = prefill(policy("optum-uhc-tms"), read(bundle).people[0], day)
    done = finished("optum-uhc-tms", draft, {"phq9": {"valueDecimal": 21}, "phq9/taken": {"valueDate": "2026-11-02"}})
    broken = copy.deepcopy(done)
    for item in flat(broken["item"]):
        if item["linkId"] == "phq9/taken":
            item["answer"][0]["valueDate"] = "2026-02-31"
    (form,) = read(bundle, broken).people[0].scale_forms
    assert form.taken is None


def test_a_trial_told_in_the_form_becomes_a_reported_trial(charts: dict[str, Json], read: Read, day: date) -> None:
    """A trial that the chart did not hold, typed in with drug, dose and weeks, is read as the nurse's report."""
    bundle = charts["name-only"]
    draft = prefill(policy("optum-uhc-tms"), read(bundle).people[0], day)
    told = {
        "linkId": "staging.trial", "text": "Medication trial",
        "item": [
            {"linkId": "staging.trial.drug", "answer": [{"valueString": "sertraline"}]},
            {"linkId": "staging.trial.daily_dose_mg", "answer": [{"valueDecimal": 150}]},
            {"linkId": "staging.trial.weeks", "answer": [{"valueDecimal": 9}]},
            {"linkId": "staging.trial.outcome", "answer": [{"valueCoding": coding("nonresponse")}]},
        ],
    }  # fmt: skip
    (trial,) = read(bundle, finished("optum-uhc-tms", draft, {}, trials=[told])).people[0].reported_trials
    assert (trial.drug, trial.daily_dose_mg, trial.weeks, trial.outcome) == ("sertraline", 150, 9, "nonresponse")
    assert trial.reported_by == NURSE["display"]


def test_unknown_is_an_answer_that_settles_nothing(
    charts: dict[str, Json], read: Read, asked: Asked, day: date
) -> None:
    """A human who answers unknown throughout leaves the determination where it was."""
    bundle = charts["dose-unknown"]
    before = read(bundle).people[0]
    draft = prefill(policy("optum-uhc-tms"), before, day)
    given = {link: {"valueCoding": coding("unknown")} for link in yes("optum-uhc-tms", draft)}
    after = read(bundle, finished("optum-uhc-tms", draft, given)).people[0]
    assert asked("optum-uhc-tms", after).answer is asked("optum-uhc-tms", before).answer is Answer.UNKNOWN


def test_an_answer_to_a_question_of_another_form_is_refused(charts: dict[str, Json], read: Read, day: date) -> None:
    """What the form does not ask cannot be put into it."""
    draft = prefill(policy("optum-uhc-tms"), read(charts["name-only"]).people[0], day)
    with pytest.raises(Refusal, match=r"no question 'payers\.relapse'"):
        finished("optum-uhc-tms", draft, {"payers.relapse": {"valueCoding": coding("yes")}})
