"""How answers, dates and ranges are written, and what a page says in each state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from inconcert.web import answers, picture
from inconcert.web.models import KeptAssessment, Patient
from inconcert.web.templatetags import inconcert as tags


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-11-22", "22-Nov-2026"),
        ("2026-11", "Nov-2026"),
        ("2026", "2026"),
        ("2026-11-22T10:00:00Z", "22-Nov-2026"),
        ("2026-01-01/2026-03-31", "01-Jan-2026 to 31-Mar-2026"),
        ("2026-13-01", "2026-13-01"),
        ("", ""),
        (None, ""),
        ({"earliest": "2026-01-01", "latest": "2026-12-31", "text": "2026"}, "2026"),
        ({"earliest": "2026-01-01", "latest": "2026-01-01", "text": ""}, "01-Jan-2026"),
    ],
)
def test_a_date_is_written_so_that_it_cannot_be_misread(written: object, shown: str) -> None:
    """The month is in letters, and a date known in part stays a part."""
    assert tags.day(written) == shown


def test_an_instant_is_shown_on_the_clinic_s_clock() -> None:
    """Kept in UTC, shown in the clinic's zone: the day may be another one."""
    at = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    assert tags.clock(at, "America/New_York") == "21-Nov-2026 21:30"
    assert tags.clock(at) == "22-Nov-2026 02:30"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"low": 6.0, "high": 8.0}, "6–8"),
        ({"low": 6.0, "high": 6.0}, "6"),
        ({"low": 6.0, "high": None}, "at least 6"),
        ({"low": None, "high": None}, "unknown"),
        ({"low": 51.142857, "high": 51.142857}, "51.1"),
        ({"low": 6.67, "high": None, "kind": "reported"}, "6.7"),
        (3.0, "3"),
    ],
)
def test_a_range_keeps_its_open_end(value: object, shown: str) -> None:
    """What has no upper bound is `at least`, a single figure is a single figure, and nothing reads as zero."""
    assert tags.tenths(value) == shown


@pytest.mark.parametrize("state", ["met", "not_met", "unknown", "hold", "never", "cleared", "refused", None, "strange"])
def test_a_state_has_word_shape_and_color(state: str | None) -> None:
    """None of the three is needed alone; a state nobody knows looks unknown, never met."""
    html = tags.mark(state)
    assert "<svg" in html
    assert "aria-hidden" in html
    assert html.split("</svg>")[1].removesuffix("</span>").strip()
    assert ("state-met" in html) is (state in ("met", "cleared"))


def test_markup_in_a_state_is_text() -> None:
    """A word from outside never becomes markup."""
    assert "<b>" not in tags.mark("met", "<b>x</b>")


def test_questions_that_read_alike_are_asked_once() -> None:
    """Two arms asking the same thing make one line that names both."""
    found = tags.once(
        [{"text": "Pregnant?", "settles": "a"}, {"text": "Pregnant?", "settles": "b"}, {"text": "Metal?"}]
    )
    assert [(q["text"], q["settles"]) for q in found] == [("Pregnant?", "a, b"), ("Metal?", "")]


@pytest.mark.parametrize(
    ("own", "library", "word"),
    [
        (["met", "not_met"], 5, "met"),
        (["unknown", "not_met"], 5, "unknown"),
        (["not_met"], 5, "not_met"),
        (["met"] * 5, 5, "unknown"),
        ([], 5, "unknown"),
    ],
)
def test_coverage_is_never_certain_without_a_plan(own: list[str], library: int, word: str) -> None:
    """Where the whole library was asked for want of a plan, the list says unknown even if some policy is met."""
    paid = {"determinations": [{"answer": a} for a in own], "library": [{}] * library}
    assert answers.paid_in_one_word(paid) == word


def test_the_gravest_arm_speaks_for_safety() -> None:
    """One `never` among cleared arms is what the list shows; no arm at all is a hold."""
    arms = [{"clearance": c} for c in ("cleared", "hold", "never")]
    assert answers.safety_in_one_word({"clearances": arms}) == "never"
    assert answers.safety_in_one_word({"clearances": arms[:2]}) == "hold"
    assert answers.safety_in_one_word({"clearances": []}) == "hold"


def test_an_answer_is_kept_until_chart_day_or_program_change(
    town: Any, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question twice computes once; another day or another program computes anew."""
    calls: list[Any] = []
    real = answers.assess
    monkeypatch.setattr(answers, "assess", lambda *a, **k: calls.append(1) or real(*a, **k))
    answers.answer(town.patient, today)
    calls.clear()
    answers.answer(town.patient, today)
    assert calls == []
    answers.answer(town.patient, today.replace(year=today.year - 1))
    assert len(calls) == 1
    monkeypatch.setattr(answers, "program_version", lambda: "another")
    answers.answer(town.patient, today)
    assert len(calls) == 2
    assert KeptAssessment.objects.filter(patient=town.patient).count() <= 12


def test_an_empty_clinic_says_what_to_do(town: Any) -> None:
    """Without patients the page says how one gets there."""
    Patient.objects.filter(clinic=town.here).update(clinic=town.elsewhere)
    page = town.client("nurse").get(reverse("patients")).content.decode()
    assert "No patients yet" in page
    assert "Upload the first chart" in page
    page = town.client("tms_operator").get(reverse("patients")).content.decode()
    assert "Upload the first chart" not in page


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_asked_about_says_so(town: Any, text: str) -> None:
    """Today is shown instead, with a warning and the mend."""
    page = (
        town.client("nurse").get(reverse("patient", args=[town.patient.public_id]) + f"?as_of={text}").content.decode()
    )
    assert "today is shown" in page
    assert "Mend" in page


def test_an_invented_person_is_labelled_wherever_they_are_shown(town: Any) -> None:
    """In the list, on their page, on their files and on a record."""
    client, patient = town.client("psychiatrist"), town.patient
    key = patient.parts.get().upload.resources.first().key
    for name, args in (("patients", []), ("patient", [patient.public_id]), ("patient_files", [patient.public_id]),
                       ("patient_record", [patient.public_id, key])):  # fmt: skip
        assert 'class="invented"' in client.get(reverse(name, args=args)).content.decode(), name


def test_numbers_come_as_a_file_that_runs_no_formula(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    from inconcert.web.views import patients

    table = [{"title": "T", "head": ["a"], "rows": [["=1+1"], ["@x"], ["-5"], ["-cmd"]]}]
    monkeypatch.setattr(patients, "numbers_table", lambda _: table)
    text = town.client("nurse").get(reverse("patient_numbers", args=[town.patient.public_id])).content.decode()
    assert text.splitlines()[2:6] == ["'=1+1", "'@x", "-5", "'-cmd"]


def test_the_table_beside_the_picture_has_every_trial_and_score(town: Any, today: Any) -> None:
    """Nothing is drawn that is not in the table."""
    body = answers.answer(town.patient, today)
    tables = {t["title"]: t for t in picture.numbers_table(body)}
    assert len(tables["Medication trials"]["rows"]) == len(body["answers"]["who"]["history"]["trials"]) > 0
    assert len(tables["PHQ9 (lower is better)"]["rows"]) == len(body["scores"]["phq9"]) > 0
    assert (
        "unknown"
        in picture._score_row(
            {"taken": None, "score": {"total": None, "total_low": 3, "total_high": 9, "band": None, "missing": ["9"]}}
        )[1]
    )


def test_every_policy_of_a_patient_has_its_page(town: Any, today: Any) -> None:
    """Each determination opens criterion by criterion, and the view is noted."""
    from inconcert.web.models import AccessEvent

    client, body = town.client("authorization"), answers.answer(town.patient, today)
    for row in body["answers"]["paid"]["determinations"]:
        url = reverse("patient_policy", args=[town.patient.public_id, row["policy_id"], row["service"]])
        assert "Criterion by criterion" in client.get(url).content.decode()
    assert AccessEvent.objects.filter(action="view policy", patient=str(town.patient.public_id)).exists()


@pytest.mark.parametrize("shelf", ["policies", "protocols", "scales"])
def test_every_entry_of_the_library_opens(town: Any, shelf: str) -> None:
    """Each policy, protocol and scale has a page; one that does not exist has none."""
    from inconcert.web.views.knowledge import SHELVES

    client = town.client("researcher")
    assert client.get(reverse("knowledge_shelf", args=[shelf])).status_code == 200
    for row in SHELVES[shelf].rows():
        assert client.get(reverse("knowledge_entry", args=[shelf, row["id"]])).status_code == 200, row["id"]
    assert client.get(reverse("knowledge_entry", args=[shelf, "none"])).status_code == 404
    assert client.get(reverse("knowledge_shelf", args=["recipes"])).status_code == 404


def test_every_invented_person_has_a_page(town: Any, bundles: dict[str, Any], as_file: Any, today: Any) -> None:
    """No lesson of the demonstration breaks the page: all open, and none shows a template's own words."""
    from inconcert.web import charts

    client = town.client("psychiatrist")
    for name, bundle in bundles.items():
        charts.receive(town.here, name=f"{name}.json", data=as_file(bundle), by="x", on=today)
    for patient in Patient.objects.filter(clinic=town.here):
        page = client.get(reverse("patient", args=[patient.public_id])).content.decode()
        assert page.count('class="answer') >= 4, patient.lesson
        assert "None</" not in page, patient.lesson
        assert "{{" not in page, patient.lesson
