"""QuestionnaireResponses: rating scales by any of their linkIds, and our own intake form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading
from inconcert.exchange.fhir.intake import INTAKE_QUESTIONNAIRE
from inconcert.knowledge.scales import scale_files
from inconcert.record import Attestation, ReportedTrial

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
PHQ9 = scale_files()["phq9"]
VALUES = (3, 2, 1, 0, 3, 2, 1, 0, 1)
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def response(*items: Resource, **more: Any) -> Resource:
    """A completed QuestionnaireResponse about p1."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "authored": "2026-02-03T10:00:00Z",
        "item": list(items),
        **more,
    }


def item(link: str, *answers: Resource, **more: Any) -> Resource:
    """One item with its answers."""
    return {"linkId": link, **({"answer": list(answers)} if answers else {}), **more}


def phq9_items(name: Callable[[int, str], Resource], answer: Callable[[int], Resource]) -> list[Resource]:
    """Nine items, named and answered each in a given way."""
    return [
        {**name(n, question.loinc), "answer": [answer(value)]}
        for n, (question, value) in enumerate(zip(PHQ9.items, VALUES, strict=True), 1)
    ]


CODES = {value: code for code, value in PHQ9.answer_codes.items()}
NAMES: dict[str, Callable[[int, str], Resource]] = {
    "bare code": lambda _, code: {"linkId": code},
    "with a slash": lambda _, code: {"linkId": f"/{code}"},
    "with its panel": lambda _, code: {"linkId": f"/44249-1/{code}"},
    "by definition": lambda n, code: {"linkId": str(n), "definition": f"http://loinc.org/fhir/DataElement/{code}"},
    "by its own code": lambda n, code: {"linkId": str(n), "code": [{"system": "http://loinc.org", "code": code}]},
}
ANSWERS: dict[str, Callable[[int], Resource]] = {
    "coded": lambda v: {"valueCoding": {"system": "http://loinc.org", "code": CODES[v]}},
    "integer": lambda v: {"valueInteger": v},
    "decimal": lambda v: {"valueDecimal": float(v)},
    "weighed": lambda v: {"valueCoding": {"code": f"own-{v}", "extension": [{"url": ORDINAL, "valueDecimal": v}]}},
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_phq9_is_found_however_it_is_written(read: Read, patient: Resource, name: str, answer: str) -> None:
    """Items are known by linkId, definition or code; answers by LOINC code, number or ordinal value."""
    reading = read(patient, response(*phq9_items(NAMES[name], ANSWERS[answer]), item("/44261-6", {"valueDecimal": 13})))
    (form,) = reading.people[0].scale_forms
    assert [value for _, value in form.items] == list(VALUES)
    assert (form.scale, form.stated_total, form.id) == ("phq9", 13, "QuestionnaireResponse/q1")
    assert reading.account.problems == ()


def test_the_questionnaire_itself_names_the_items(read: Read, patient: Resource) -> None:
    """Where the Questionnaire is in the file, its item codes tell what each linkId asks."""
    questions = [
        {"linkId": f"q{n}", "code": [{"system": "http://loinc.org", "code": question.loinc}]}
        for n, question in enumerate(PHQ9.items, 1)
    ]
    form = {"resourceType": "Questionnaire", "id": "f", "url": "urn:form", "item": [{"linkId": "g", "item": questions}]}
    answers = phq9_items(lambda n, _: {"linkId": f"q{n}"}, ANSWERS["integer"])
    reading = read(patient, form, response(item("g", item=answers), questionnaire="urn:form|2"))
    assert [value for _, value in reading.people[0].scale_forms[0].items] == list(VALUES)
    assert reading.account.by_type["Questionnaire"].used == 1


def test_blanks_stay_blank(read: Read, patient: Resource) -> None:
    """An item without an answer is None; a form without any answer is no form."""
    answers = phq9_items(NAMES["bare code"], ANSWERS["integer"])
    del answers[4]["answer"]
    form = read(patient, response(*answers)).people[0].scale_forms[0]
    assert dict(form.items)["5"] is None
    reading = read(patient, response(*(item(question.loinc) for question in PHQ9.items)))
    assert reading.people[0].scale_forms == ()
    assert reading.account.kept[0].path == "QuestionnaireResponse.item"


def test_an_impossible_total_is_left_out(read: Read, patient: Resource) -> None:
    """The items are used, the impossible total is listed and not."""
    answers = phq9_items(NAMES["bare code"], ANSWERS["integer"])
    reading = read(patient, response(*answers, item("44261-6", {"valueInteger": 35})))
    assert reading.people[0].scale_forms[0].stated_total is None
    assert reading.account.problems[0].path == "QuestionnaireResponse.item[9].answer[0].value[x]"


@pytest.mark.parametrize(
    ("status", "used", "told"),
    [("completed", 1, 0), ("amended", 1, 0), ("in-progress", 1, 1), ("stopped", 1, 1), ("entered-in-error", 0, 0)],
)
def test_forms_by_status(read: Read, patient: Resource, status: str, used: int, told: int) -> None:
    """A mistaken form is kept aside; an unfinished one is read with its status, and told."""
    reading = read(patient, response(item("44260-8", {"valueInteger": 2}), status=status))
    assert len(reading.people[0].scale_forms) == used
    assert len(reading.account.problems) == told
    assert not used or reading.people[0].scale_forms[0].status == status


def test_two_scales_in_one_form(read: Read, patient: Resource) -> None:
    """A form that asks two scales gives two, each with its own id."""
    reading = read(patient, response(item("44250-9", {"valueInteger": 2}), item("69725-0", {"valueInteger": 1})))
    assert {f.id for f in reading.people[0].scale_forms} == {
        "QuestionnaireResponse/q1#phq9",
        "QuestionnaireResponse/q1#gad7",
    }


def test_who_filled_it_in(read: Read, patient: Resource) -> None:
    """A form by the patient is self-rated; another author is named."""
    answers = [item("44261-6", {"valueInteger": 9})]
    nurse = {"resourceType": "Practitioner", "id": "n", "name": [{"given": ["R."], "family": "Diaz"}]}
    own = read(patient, response(*answers, source={"reference": "Patient/p1"}))
    assert own.people[0].scale_forms[0].rater == "self"
    reading = read(patient, nurse, response(*answers, author={"reference": "Practitioner/n"}))
    assert reading.people[0].scale_forms[0].rater == "R. Diaz"
    assert reading.account.by_type["Practitioner"].used == 1


def test_the_question_on_difficulty_stays_beside_the_score(read: Read, patient: Resource) -> None:
    """The PHQ-9's tenth question is a finding, not an item."""
    extra = PHQ9.extra_items[0]
    coded = {"valueCoding": {"system": "http://loinc.org", "code": "LA6573-5", "display": "Somewhat difficult"}}
    (found,) = read(patient, response(item(f"/{extra.loinc}", coded))).people[0].measurements
    assert found.value_codings[0].code == "LA6573-5"


def test_our_words_count_in_our_forms_only(read: Read, patient: Resource) -> None:
    """A scale without public codes is read by our linkIds in a form of ours, and never in somebody else's."""
    answers = [item("qids-sr16/5", {"valueInteger": 2}), item("qids-sr16", {"valueInteger": 16})]
    (form,) = read(patient, response(*answers, questionnaire="urn:inconcert:scale:qids-sr16")).people[0].scale_forms
    assert (form.scale, form.stated_total, form.items) == ("qids-sr16", 16, (("5", 2),))
    assert read(patient, response(*answers, questionnaire="urn:else")).people[0].scale_forms == ()


def test_a_form_that_is_not_read_here_is_kept_aside(read: Read, patient: Resource) -> None:
    """Answers to other questionnaires are kept, with the reason."""
    reading = read(patient, response(item("smoke", {"valueBoolean": True})))
    assert reading.account.kept[0].id == "QuestionnaireResponse/q1"


# ── the intake form ──────────────────────────────────────────────────────────────────────────────────────────────────


def intake(*items: Resource, **more: Any) -> Resource:
    """An answered intake form."""
    return response(*items, questionnaire=f"{INTAKE_QUESTIONNAIRE}|1", author={"display": "R. Diaz, RN"}, **more)


def attestations(reading: ChartReading) -> dict[str, Attestation]:
    """The answers of the one person by question."""
    return {a.question: a for a in reading.people[0].attestations}


def test_intake_answers_become_attestations(read: Read, patient: Resource) -> None:
    """Yes, no, unknown, numbers, choices and words, each with who and when; grouped or not."""
    reading = read(
        patient,
        intake(
            item("safety.aneurysm", {"valueCoding": {"code": "no"}}),
            item("a.group", item=[item("staging.history_complete", {"valueBoolean": True})]),
            item("safety.implant", {"valueCoding": {"code": "unknown"}}),
            item("needs.travel_minutes", {"valueDecimal": 45}),
            item("needs.choice", {"valueCoding": {"code": "mornings"}}),
            item("needs.note", {"valueString": "prefers mornings"}),
            item("not.answered"),
        ),
    )
    found = attestations(reading)
    assert {q: (a.answer, a.value, a.value_text) for q, a in found.items()} == {
        "safety.aneurysm": ("no", None, ""),
        "staging.history_complete": ("yes", None, ""),
        "safety.implant": ("unknown", None, ""),
        "needs.travel_minutes": ("", 45, ""),
        "needs.choice": ("", None, "mornings"),
        "needs.note": ("", None, "prefers mornings"),
    }
    assert {a.answered_by for a in found.values()} == {"R. Diaz, RN"}
    assert found["safety.aneurysm"].id == "QuestionnaireResponse/q1#safety.aneurysm"
    person = reading.people[0]
    assert person.attestation("safety.aneurysm", date(2026, 2, 2)) is None
    assert person.attestation("safety.aneurysm", date(2026, 2, 3)) is not None


def test_an_unknown_question_is_kept_and_told(read: Read, patient: Resource) -> None:
    """An id that no room asks for is kept as an answer, and listed."""
    reading = read(patient, intake(item("nobody.asks", {"valueBoolean": False})))
    assert attestations(reading)["nobody.asks"].answer == "no"
    assert "no intake question known" in reading.account.problems[0].reason


def test_two_answers_to_one_question_are_no_answer(read: Read, patient: Resource) -> None:
    """Yes and no to one question is not chosen between; a question asked twice is answered by the first."""
    reading = read(patient, intake(item("safety.aneurysm", {"valueBoolean": True}, {"valueBoolean": False})))
    assert reading.people[0].attestations == ()
    assert "more than one answer" in reading.account.problems[0].reason
    twice = [item("safety.aneurysm", {"valueBoolean": flag}) for flag in (True, False)]
    reading = read(patient, intake(*twice))
    assert attestations(reading)["safety.aneurysm"].answer == "yes"
    assert any("more than once" in entry.reason for entry in reading.account.problems)


def trial(**answers: Resource) -> Resource:
    """One reported medication trial."""
    return item("staging.trial", item=[item(f"staging.trial.{name}", answer) for name, answer in answers.items()])


def reported(reading: ChartReading) -> tuple[ReportedTrial, ...]:
    """The reported trials of the one person."""
    return reading.people[0].reported_trials


def test_reported_trials_are_read_whole(read: Read, patient: Resource) -> None:
    """Each group is one medication trial with all that was said of it."""
    full = trial(
        drug={"valueString": "sertraline"},
        daily_dose_mg={"valueDecimal": 150},
        start={"valueDate": "2025-02"},
        end={"valueDate": "2025-05-10"},
        weeks={"valueInteger": 12},
        adherence_percent={"valueDecimal": 90},
        outcome={"valueCoding": {"code": "nonresponse"}},
        improvement_percent={"valueDecimal": 10},
        stop_reason={"valueString": "no better"},
        in_current_episode={"valueBoolean": True},
    )
    first, second = reported(read(patient, intake(full, trial(drug={"valueString": "bupropion"}))))
    assert (first.drug, first.daily_dose_mg, first.weeks, first.adherence_percent) == ("sertraline", 150, 12, 90)
    assert (str(first.start), str(first.end)) == ("2025-02", "2025-05-10")
    assert (first.outcome, first.improvement_percent, first.stop_reason) == ("nonresponse", 10, "no better")
    assert (first.in_current_episode, first.reported_by) == (True, "R. Diaz, RN")
    assert (second.drug, second.outcome, second.in_current_episode, second.daily_dose_mg) == (
        "bupropion",
        "",
        None,
        None,
    )
    assert first.id == "QuestionnaireResponse/q1#staging.trial[0]"


@pytest.mark.parametrize(
    ("name", "answer", "field"),
    [
        ("daily_dose_mg", {"valueDecimal": -50}, "daily_dose_mg"),
        ("weeks", {"valueDecimal": 0}, "weeks"),
        ("adherence_percent", {"valueDecimal": 140}, "adherence_percent"),
        ("improvement_percent", {"valueDecimal": 101}, "improvement_percent"),
        ("start", {"valueDate": "2025-02-30"}, "start"),
        ("outcome", {"valueString": "meh"}, "outcome"),
    ],
)
def test_a_reported_number_that_cannot_be_is_left_open(
    read: Read, patient: Resource, name: str, answer: Resource, field: str
) -> None:
    """What cannot be is listed and left open; the trial is read with the rest."""
    reading = read(patient, intake(trial(drug={"valueString": "sertraline"}, **{name: answer})))
    assert not getattr(reported(reading)[0], field)
    assert len(reading.account.problems) == 1


def test_a_trial_without_a_drug_is_told(read: Read, patient: Resource) -> None:
    """A group that names no drug gives no trial."""
    reading = read(patient, intake(trial(weeks={"valueDecimal": 8}), item("safety.aneurysm", {"valueBoolean": False})))
    assert reported(reading) == ()
    assert "without naming the drug" in reading.account.problems[0].reason


def test_a_trial_that_ends_before_it_starts(read: Read, patient: Resource) -> None:
    """An end before the start is left out."""
    backwards = trial(drug={"valueString": "x"}, start={"valueDate": "2025-02"}, end={"valueDate": "2024-02"})
    assert reported(read(patient, intake(backwards)))[0].end is None


def test_scales_may_stand_in_the_intake_form(read: Read, patient: Resource) -> None:
    """A scale answered on the intake form is a form, not an attestation."""
    reading = read(
        patient, intake(item("madrs", {"valueInteger": 30}), item("safety.aneurysm", {"valueBoolean": False}))
    )
    assert [f.stated_total for f in reading.people[0].scale_forms] == [30]
    assert list(attestations(reading)) == ["safety.aneurysm"]


# ── forms told twice ─────────────────────────────────────────────────────────────────────────────────────────────────


def observed_total(value: int, **more: Any) -> Resource:
    """A PHQ-9 total as an Observation of the same instant as the form."""
    return {
        "resourceType": "Observation",
        "id": "t",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "effectiveDateTime": "2026-02-03T05:00:00-05:00",
        "valueInteger": value,
        **more,
    }


def test_a_total_of_the_same_instant_joins_its_form(read: Read, patient: Resource) -> None:
    """A form and an Observation of the same instant, in whatever zone, are one unless they contradict each other."""
    form = response(item("44261-6", {"valueInteger": 13}))
    assert len(read(patient, form, observed_total(13)).people[0].scale_forms) == 1
    assert len(read(patient, form, observed_total(14)).people[0].scale_forms) == 2
    assert len(read(patient, form, observed_total(13, effectiveDateTime="2026-02-03")).people[0].scale_forms) == 2


def test_a_total_made_from_a_form_joins_it_whenever_it_was_made(read: Read, patient: Resource) -> None:
    """`derivedFrom` makes form and Observation one; if they then contradict each other neither total is used."""
    form = response(item("44261-6", {"valueInteger": 13}), *phq9_items(NAMES["bare code"], ANSWERS["integer"]))
    link = {"derivedFrom": [{"reference": "QuestionnaireResponse/q1"}], "effectiveDateTime": "2026-02-04"}
    (joined,) = read(patient, form, observed_total(13, **link)).people[0].scale_forms
    assert (joined.stated_total, joined.derived_from) == (13, ("Observation/t", "QuestionnaireResponse/q1"))
    reading = read(patient, form, observed_total(12, **link))
    assert reading.people[0].scale_forms[0].stated_total is None
    assert "two totals" in reading.account.problems[0].reason
