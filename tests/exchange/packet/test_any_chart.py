"""Charts as they come: long, empty, in any script, and hostile. The packet is printed and says what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from inconcert.exchange.clinic import clinic_from
from inconcert.exchange.packet import packet_json, packet_pdf, packet_text
from inconcert.exchange.report.pdf import NO_FONT
from support.packets import chart, facts_of, person_of

Resource = dict[str, Any]
WHO = {"subject": {"reference": "Patient/p"}}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HOSTILE = '#panic("x") *bold* $x^2$ @ref <script>alert(1)</script> \\u{41} ]) #read("/etc/passwd") _it_ `raw` //'
DRUGS = (
    "sertraline 100 MG",
    "fluoxetine 20 MG",
    "venlafaxine 150 MG",
    "bupropion 300 MG",
    "mirtazapine 30 MG",
    "escitalopram 20 MG",
)


def patient(name: str = "Invented, Anybody") -> Resource:
    """Somebody with this name."""
    return {"resourceType": "Patient", "id": "p", "birthDate": "1980-05-04", "name": [{"text": name}]}


def depression(text: str = "Major depressive disorder, recurrent severe") -> Resource:
    """The diagnosis, with any text."""
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}], "text": text}
    return {"resourceType": "Condition", "id": "dx", "code": code, "onsetDateTime": "2010-01-01", **WHO}


def order(number: int, drug: str, start: date, days: int = 80, **more: Any) -> Resource:
    """An order of one tablet a day over some days."""
    period = {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat()}
    dose = {"text": "1 tablet daily", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": period}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}  # fmt: skip
    return {
        "resourceType": "MedicationRequest", "id": f"m{number}", "status": "completed", "intent": "order", "authoredOn": start.isoformat(),
        "medicationCodeableConcept": {"text": f"{drug} Oral Tablet"}, "dosageInstruction": [dose], **WHO, **more,
    }  # fmt: skip


def phq9(number: int, on: date, total: int) -> Resource:
    """A PHQ-9 total."""
    code = {"coding": [{"system": "http://loinc.org", "code": "44261-6"}], "text": "PHQ-9 total"}
    return {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": code, "valueInteger": total,
            "effectiveDateTime": on.isoformat(), **WHO}  # fmt: skip


NAMES = {
    "long": "Featherstonehaugh-Cholmondeley-Marjoribanks-Woolfardisworthy, " + " ".join(["Maximiliana-Theodosia"] * 12),
    "one long word": "W" * 180,
    "greek": "Παπαδοπούλου, Ελένη",
    "cyrillic": "Чайковская, Надежда Филаретовна",
    "vietnamese": "Nguyễn Thị Ánh Tuyết",
    "chinese": "欧阳娜娜",
    "arabic": "فاطمة الزهراء",
    "devanagari": "सुनीता विलियम्स",
    "a picture letter": "\U0001f9ff Nobody",
    "direction marks": "Smith\u202egnp.exe\u2066",
    "control characters": "An\x1b[31mna\x07",
    "nothing": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_printed(name: str, pdf_text: Callable[..., str]) -> None:
    """A packet is printed whatever the name; where no font has its letters the page says so and names the mend."""
    facts = facts_of(chart(patient(NAMES[name]), depression()), "rtms", policies="hcsc-tms")
    pdf = packet_pdf(facts)
    assert pdf.startswith(b"%PDF")
    text = pdf_text(pdf)
    if b"pdfaid" not in pdf:
        assert NO_FONT[:60] in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", packet_text(facts).replace("\n", ""))


def test_words_of_a_chart_never_become_markup(pdf_text: Callable[..., str]) -> None:
    """Typst code, HTML and Markdown in name, diagnosis, drug, stop reason, payer, settings and refusal are printed as words."""
    clinic = clinic_from("clinic: {name: '#panic(1) *x* <b>'}\nclinician: {name: '$x$ @y'}\n", "clinic.yaml")
    plan = {"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": {"reference": "Patient/p"},
            "payor": [{"display": HOSTILE}]}  # fmt: skip
    stopped = {"statusReason": {"text": HOSTILE}}
    who = chart(patient(HOSTILE), depression(HOSTILE), plan, order(1, "sertraline 100 MG", date(2025, 1, 1), **stopped))
    facts = facts_of(
        who, "rtms", policies="hcsc-tms", clinic=clinic, denied="age", member_id=HOSTILE, reviewed_by=HOSTILE
    )
    pdf = packet_pdf(facts)
    assert b"pdfuaid" in pdf
    text = pdf_text(pdf)
    for words in (
        '#panic("x") *bold* $x^2$ @ref <script>alert(1)</script>',
        '#read("/etc/passwd")',
        "#panic(1) *x* <b>",
        "$x$ @y",
    ):
        assert words.replace('"', "") in text.replace('"', "").replace("\u201c", "").replace("\u201d", ""), words


def test_forty_trials_are_all_in_the_table(pdf_text: Callable[..., str]) -> None:
    """Forty orders, years apart, give forty rows over several pages, and page 1 stays one page."""
    start = date(2010, 1, 4)
    orders = [order(n, DRUGS[n % len(DRUGS)], start + timedelta(days=140 * n)) for n in range(40)]
    facts = facts_of(chart(patient(), depression(), *orders), "rtms", policies="hcsc-tms")
    assert len(facts.trials) == 40
    pdf = packet_pdf(facts)
    assert "Medication trials (40)" in pdf_text(pdf)
    assert "Signed" in pdf_text(pdf, 1, 1)
    assert packet_text(facts).count(" at an adequate dose; adequate:") + packet_text(facts).count("\n- ") >= 40


def test_without_trials_scores_and_diagnosis_it_says_so(pdf_text: Callable[..., str]) -> None:
    """An empty chart gives a packet that claims nothing: no trial, no score, no diagnosis, every criterion of the chart open."""
    facts = facts_of(person_of("name-only"), "rtms", policies="hcsc-tms")
    text = pdf_text(packet_pdf(facts))
    for words in ("No medication trial could be read", "No diagnosis could be read", "No dated score"):
        assert words in text
    assert {row.answer.value for row in facts.parts[0].criteria} <= {"unknown"}
    assert facts.scores == ()


def test_two_hundred_scores_are_charted_and_the_table_stays_short(pdf_text: Callable[..., str]) -> None:
    """Of a long series the print holds baseline, highest, lowest and latest, says how many more there are, and the data
    file holds all.
    """
    forms = [phq9(n, date(2023, 1, 2) + timedelta(days=7 * n), 4 + (n * 7) % 20) for n in range(200)]
    facts = facts_of(chart(patient(), depression(), *forms), "rtms", policies="hcsc-tms")
    assert len(facts.scores) == 200
    text = pdf_text(packet_pdf(facts))
    shown = int(re.search(r"\((\d+) more are in the plain text", text)[1])  # type: ignore[index]  # it is there, or the test fails
    assert 160 <= shown <= 166
    assert len(packet_json(facts)["scores"]) == 200
    assert sum(line.baseline for line in facts.scores) == 1


def test_a_huge_chart_is_told_whole() -> None:
    """Forty trials, two hundred scores: every drug taken is in the text, and the PDF is written."""
    forms = [phq9(n, date(2023, 1, 2) + timedelta(days=7 * n), 4 + (n * 7) % 20) for n in range(200)]
    orders = [order(n, DRUGS[n % len(DRUGS)], date(2010, 1, 4) + timedelta(days=140 * n)) for n in range(40)]
    facts = facts_of(
        chart(patient(), depression(), *forms, *orders), "rtms", "esketamine", policies="hcsc-tms hcsc-spravato"
    )
    assert packet_pdf(facts).startswith(b"%PDF")
    told = json.dumps([packet_text(facts), packet_json(facts)]).lower()
    assert [drug for drug in DRUGS if drug.lower() not in told] == []
