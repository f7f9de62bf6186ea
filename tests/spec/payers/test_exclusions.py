"""What bars a treatment: present by code or by somebody's word, absent only by somebody's word, else unknown.

Sources: the policy files named; shared brief on policies, section 1, points 2, 9, 11.
"""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.judgement import Answer
from support.factories import diagnosis, order
from support.payer_cases import approvable, ask, check_grid, clear_person, criterion, ill, make_case, two_failures
from support.safe_person import screener


def case(*facts: Any, without: tuple[str, ...] = (), **instead: str | float) -> Any:
    """An approvable person with more facts, or without some answers."""
    return make_case(clear_person(*ill(), *two_failures(), *facts, without=without, **instead))


def test_aetna_exclusions() -> None:
    """Aetna CPB 0469: each exclusion by itself, and the cardiology exception inside one of them."""
    cases = {
        "nothing stands in the way": case(),
        "used a substance 89 days ago": case(**{"payers.days_since_substance_use": 88}),
        "used a substance 90 days ago": case(**{"payers.days_since_substance_use": 89}),
        "substance use not asked": case(without=("payers.days_since_substance_use",)),
        "stroke coded": case(diagnosis("I63.9", "2020-01-01")),
        "neurology not asked": case(without=("payers.hazard.",)),
        "severe heart disease": case(
            **{"payers.hazard.cardiovascular_disease": "yes", "payers.documented.cardiology_clearance": "no"}
        ),
        "severe heart disease, cleared": case(**{"payers.hazard.cardiovascular_disease": "yes"}),
        "heart failure coded, not said whether severe": case(
            diagnosis("I50.9", "2020-01-01"),
            without=("payers.hazard.cardiovascular_disease", "payers.documented.cardiology_clearance"),
        ),
        "priming planned": case(**{"payers.clinic.protocol_variant": "priming"}),
        "neuronavigation planned": case(**{"payers.clinic.protocol_variant": "navigated"}),
    }
    check_grid("aetna-tms", """
        case                                         | 9       | 13      | 14      | 15      | 16
        nothing stands in the way                    | met     | met     | met     | met     | met
        used a substance 89 days ago                 | no      | met     | met     | met     | met
        used a substance 90 days ago                 | met     | met     | met     | met     | met
        substance use not asked                      | unknown | met     | met     | met     | met
        stroke coded                                 | met     | no      | met     | met     | met
        neurology not asked                          | met     | unknown | met     | unknown | met
        severe heart disease                         | met     | met     | no      | met     | met
        severe heart disease, cleared                | met     | met     | met     | met     | met
        heart failure coded, not said whether severe | met     | met     | unknown | met     | met
        priming planned                              | met     | met     | met     | met     | met
        neuronavigation planned                      | met     | met     | met     | met     | no
    """, cases)  # fmt: skip


def test_relative_contraindications_are_no_refusals() -> None:
    """First Coast: a seizure disorder asks for a written reason; an implant within 30 cm refuses."""
    seizures = diagnosis("G40.909", "2015-01-01")
    cases = {
        "no seizures": case(),
        "seizures, reason written": case(seizures),
        "seizures, no reason": case(seizures, **{"payers.justification.relative_contraindication": "no"}),
        "seizures, not said": case(seizures, without=("payers.justification.",)),
    }
    check_grid("medicare-l34522-tms", """
        case                     | 7       | whole
        no seizures              | met     | met
        seizures, reason written | met     | met
        seizures, no reason      | no      | no
        seizures, not said       | unknown | unknown
    """, cases)  # fmt: skip


def test_a_comorbidity_is_not_the_indication() -> None:
    """OCD, anxiety or PTSD beside the depression does not bar a treatment asked for depression."""
    for code in ("F42.9", "F41.1", "F43.10"):
        both = case(diagnosis(code, "2020-01-01"))
        assert criterion(ask("wa-lni-tms", both), "5").answer is Answer.MET
    assert ask("medicare-l34998-tms", case(diagnosis("F42.9", "2020-01-01"))).answer is Answer.MET


@pytest.mark.parametrize(
    ("code", "expected"), [("F20.9", Answer.NOT_MET), ("F25.0", Answer.NOT_MET), ("F60.3", Answer.MET)]
)
def test_centene_excludes_named_diagnoses(code: str, expected: Answer) -> None:
    """Schizophrenia and schizoaffective disorder exclude; a personality disorder does not."""
    assert criterion(ask("centene-ambetter-tms", case(diagnosis(code, "2015-01-01"))), "9").answer is expected


def test_no_code_is_no_answer() -> None:
    """A chart without a schizophrenia code has not said that there is none."""
    open_question = case(without=("payers.diagnosis.",))
    found = criterion(ask("centene-ambetter-tms", open_question), "9")
    assert found.answer is Answer.UNKNOWN
    assert {q.id for q in found.questions()} >= {"payers.diagnosis.schizophrenia"}


def test_suicidality_bars_tms_and_opens_esketamine() -> None:
    """Red on the screener: Aetna's TMS is barred, the esketamine branch for acute suicidality is open; amber waits for a clinician."""
    unsaid = ("payers.acute_suicidality", "payers.suicidal_intent")
    red = make_case(clear_person(*ill(), screener("1 2 3 4", on="2026-11-22"), without=unsaid))
    amber = make_case(clear_person(*ill(), screener("1 2 3", on="2026-11-22"), without=unsaid))
    calm = make_case(clear_person(*ill(), without=unsaid))
    assert [criterion(ask("aetna-tms", c), "10").answer for c in (red, amber, calm)] == [
        Answer.NOT_MET,
        Answer.NOT_MET,
        Answer.MET,
    ]
    assert [criterion(ask("aetna-spravato", c), "2.2").answer for c in (red, amber, calm)] == [
        Answer.MET, Answer.UNKNOWN, Answer.NOT_MET,
    ]  # fmt: skip


def test_a_clinicians_finding_overrides_the_form() -> None:
    """Amber on the form and acute in the clinician's finding opens the branch."""
    said = make_case(clear_person(*ill(), screener("1 2 3", on="2026-11-22"), **{"payers.acute_suicidality": "yes"}))
    assert criterion(ask("aetna-spravato", said), "2.2").answer is Answer.MET


def test_a_companion_drug_is_seen_or_asked() -> None:
    """SMC wants an SSRI or SNRI beside esketamine: bupropion does not do, sertraline does, nothing on record is asked."""
    unsaid = ("payers.on_ssri_or_snri", "payers.on_antidepressant")
    answers = {
        name: criterion(ask("smc-2258-esketamine", case(*drugs, without=unsaid)), "concurrent_therapy").answer
        for name, drugs in {
            "sertraline": [order("sertraline", "2026-06-01", None, 100)],
            "bupropion": [order("bupropion", "2026-06-01", None, 300)],
            "nothing": [],
        }.items()
    }
    assert answers == {"sertraline": Answer.MET, "bupropion": Answer.UNKNOWN, "nothing": Answer.UNKNOWN}


def test_ketamine_on_the_medication_list_is_seen() -> None:
    """An open ketamine order bars TMS at Centene although the plan does not name it."""
    on_ketamine = case(order("ketamine", "2026-10-01", None, 40))
    assert criterion(ask("centene-ambetter-tms", on_ketamine), "10").answer is Answer.NOT_MET


def test_the_forms_contradiction_is_kept() -> None:
    """The unattributed form pairs F33.3 with `no psychosis`: with F33.2 the answer is unknown, not a refusal."""
    found = criterion(ask("unattributed-rtms-form", approvable()), "diagnosis")
    assert found.answer is Answer.UNKNOWN
    assert "disagree" in found.text
