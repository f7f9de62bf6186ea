"""The screen: cleared only by known absence, hold for whatever is missing (hazards H08, H09, H31)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.safety import safety_items
from inconcert.record import Allergy, CodeSystem, Coding, DeviceFact, Origin, Person
from inconcert.safety import Arm, ArmClearance, Clearance, GateLevel, SafetyFinding, screen
from support.factories import attest, diagnosis, make_person, measurement, order, procedure
from support.safe_person import DAY, safe_person

AS_OF = date.fromisoformat(DAY)
DRUG_ARMS = (Arm.KETAMINE, Arm.ESKETAMINE, Arm.COMBINED)
COIL_ARMS = (Arm.TMS, Arm.DEEP_TMS, Arm.COMBINED)


def arms(person: Person) -> dict[Arm, Clearance]:
    """The clearance of each arm."""
    return {c.arm: c.clearance for c in screen(person, None, AS_OF).clearances}


def arm(person: Person, which: Arm) -> ArmClearance:
    """One arm's clearance with its findings."""
    return screen(person, None, AS_OF).clearance(which)


def judged(person: Person, item: str) -> SafetyFinding:
    """One item's finding."""
    return next(f for f in screen(person, None, AS_OF).findings if f.item == item)


def device(text: str, **fields: Any) -> DeviceFact:
    """A device in the record, known by its words."""
    return DeviceFact(id="Device/1", origin=Origin("Device/1"), text=text, **fields)


def allergy(code: tuple[str, str], **fields: Any) -> Allergy:
    """An entry on the allergy list."""
    return Allergy(id="AllergyIntolerance/1", origin=Origin("AllergyIntolerance/1"), codings=(Coding(*code),), **fields)


def test_everything_answered_clears_every_arm() -> None:
    """The safe person is cleared for all; each test below takes one thing away from it."""
    assert set(arms(safe_person()).values()) == {Clearance.CLEARED}


def test_an_empty_chart_clears_nobody_and_asks() -> None:
    """With no facts each arm is on hold, nothing is called absent, and every gate's question is asked."""
    result = screen(make_person(birth=None, sex=""), None, AS_OF)
    assert {c.clearance for c in result.clearances} == {Clearance.HOLD}
    gates = [f for f in result.findings if f.level in (GateLevel.BLOCK, GateLevel.HOLD)]
    assert all(f.judgement.answer is Answer.UNKNOWN for f in gates)
    asked = {q.id for c in result.clearances for q in c.questions}
    assert asked == {safety_items()[f.item].question for f in gates}


@pytest.mark.parametrize(
    "question", sorted({i.question for i in safety_items().values() if i.level in ("block", "hold")})
)
def test_each_missing_answer_holds(question: str) -> None:
    """Take away any one gate's answer and each arm it guards is on hold, naming that question (H08)."""
    gone = {"safety.systolic_mmhg": "pressure", "safety.cssrs": "cssrs"}.get(question, question)
    fields: dict[str, Any] = {}
    if question == "safety.adult":
        fields = {"birth": None}
    if question in ("safety.pregnancy", "safety.breast_feeding"):
        fields = {"sex": ""}
    result = screen(safe_person(without=(gone,), **fields), None, AS_OF)
    for item in safety_items().values():
        if item.question == question and item.level in ("block", "hold"):
            for name in item.arms:
                found = result.clearance(Arm(name))
                assert found.clearance is Clearance.HOLD, (item.id, name)
                assert question in {q.id for q in found.questions}


@pytest.mark.parametrize(
    "change", [{"by": ""}, {"on": None}, {"on": "2025-11-21"}, {"on": "2026-11-23"}, {"answer": "unknown"}]
)
def test_an_answer_counts_only_signed_dated_and_in_date(change: dict[str, Any]) -> None:
    """An unsigned, undated, year-old, future or 'not sure' answer is no answer."""
    given = {"answer": "no", "on": "2026-11-20", "by": "R. Diaz, RN"} | change
    person = safe_person(attest("safety.aneurysm", **given), without=("safety.aneurysm",))
    assert judged(person, "aneurysm").judgement.answer is Answer.UNKNOWN


def test_an_answer_of_some_day_in_a_month_is_as_old_as_its_first_day() -> None:
    """A no given in "2025-11" may be more than a year old, so it does not count; one of "2025-12" does."""
    for month, expected in (("2025-11", Answer.UNKNOWN), ("2025-12", Answer.NOT_MET)):
        person = make_person(attest("safety.aneurysm", "no", month))
        assert judged(person, "aneurysm").judgement.answer is expected


def test_a_resolved_passing_hazard_is_history_and_no_more() -> None:
    """A psychosis recorded as resolved is a history of psychosis; of psychosis now it says neither yes nor no."""
    past = diagnosis("F23", "2019-01-01", clinical_status="resolved", abatement="2019-03-01")
    assert judged(make_person(past), "psychosis_history").judgement.answer is Answer.MET
    assert judged(make_person(past), "psychosis_now").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(past), "psychosis_now").judgement.answer is Answer.NOT_MET


def test_passing_hazards_are_asked_again_sooner() -> None:
    """A no to psychosis now is good for two weeks; a no to an aneurysm for a year."""
    person = safe_person(
        attest("safety.psychosis_now", "no", "2026-11-07"),
        attest("safety.aneurysm", "no", "2026-11-07"),
        without=("safety.psychosis_now", "safety.aneurysm"),
    )
    assert judged(person, "psychosis_now").judgement.answer is Answer.UNKNOWN
    assert judged(person, "aneurysm").judgement.answer is Answer.NOT_MET


def test_a_block_in_the_chart_is_never() -> None:
    """An aneurysm, with no answer on file, bars the drug and the pair; TMS alone stays open."""
    found = arms(safe_person(diagnosis("I67.1"), without=("safety.aneurysm",)))
    assert {found[a] for a in DRUG_ARMS} == {Clearance.NEVER}
    assert found[Arm.TMS] is Clearance.CLEARED


@pytest.mark.parametrize("status", ["resolved", "inactive", "remission", ""])
def test_a_resolved_lasting_hazard_still_counts(status: str) -> None:
    """A repaired aneurysm is still an aneurysm in the history."""
    person = safe_person(diagnosis("I71.4", clinical_status=status), without=("safety.aneurysm",))
    assert arms(person)[Arm.KETAMINE] is Clearance.NEVER


def test_a_contradiction_is_a_hold_that_shows_both() -> None:
    """The chart says aneurysm, the person says no: hold, not never and not cleared, with both records and a question."""
    person = safe_person(diagnosis("I67.1", fact_id="an"))
    found = judged(person, "aneurysm")
    assert found.contradicted
    assert {"Condition/an"} < {u.record_id for u in found.judgement.basis.used}
    assert arms(person)[Arm.KETAMINE] is Clearance.HOLD
    assert "safety.aneurysm" in {q.id for q in arm(person, Arm.KETAMINE).questions}


def test_a_later_yes_outweighs_an_earlier_no_for_a_lasting_hazard() -> None:
    """Two answers that disagree about a lasting hazard are a contradiction whichever came last."""
    for first, second in (("yes", "no"), ("no", "yes")):
        person = make_person(
            attest("safety.aneurysm", first, "2026-10-01"), attest("safety.aneurysm", second, "2026-11-01")
        )
        assert judged(person, "aneurysm").contradicted


def test_a_later_not_sure_withdraws_an_earlier_no() -> None:
    """Whoever answered no and 'not sure' later, or on the same day, is asked again; an earlier 'not sure' is answered."""
    for doubt, expected in (
        ("2026-11-01", Answer.UNKNOWN),
        ("2026-10-01", Answer.UNKNOWN),
        ("2026-09-01", Answer.NOT_MET),
    ):
        person = make_person(attest("safety.aneurysm", "no", "2026-10-01"), attest("safety.aneurysm", "unknown", doubt))
        assert judged(person, "aneurysm").judgement.answer is expected


def test_a_suspected_diagnosis_is_not_known_either_way() -> None:
    """A provisional aneurysm is unknown by itself; against a no it is a contradiction."""
    suspected = diagnosis("I67.1", verification_status="provisional")
    assert judged(make_person(suspected), "aneurysm").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(suspected), "aneurysm").contradicted


def test_a_refuted_diagnosis_excludes_only_where_it_is_the_whole_hazard() -> None:
    """A refuted brain aneurysm says nothing of the aorta: unknown. A refuted raised skull pressure is a no."""
    brain = diagnosis("I67.1", "2026-11-01", verification_status="refuted")
    assert judged(make_person(brain), "aneurysm").judgement.answer is Answer.UNKNOWN
    skull = diagnosis("G93.2", "2026-11-01", verification_status="refuted")
    assert judged(make_person(skull), "raised_icp").judgement.answer is Answer.NOT_MET


def test_records_after_the_day_asked_are_ignored() -> None:
    """An aneurysm found next week does not bar treatment today, and a no given next week does not clear it."""
    later = diagnosis("I67.1", "2026-11-29")
    assert arms(safe_person(later))[Arm.KETAMINE] is Clearance.CLEARED


def test_entered_in_error_is_never_used() -> None:
    """A record taken back is not evidence."""
    wrong = diagnosis("I67.1", verification_status="entered-in-error")
    assert arms(safe_person(wrong))[Arm.KETAMINE] is Clearance.CLEARED


@pytest.mark.parametrize(
    "text",
    [
        "Dual-chamber pacemaker",
        "Implantable cardioverter-defibrillator",
        "Vagus nerve stimulator generator",
        "Deep brain stimulator",
    ],
)
def test_devices_are_known_by_their_words(text: str) -> None:
    """An active implant without a code bars TMS and the pair, not the drug."""
    found = arms(safe_person(devices=(device(text),), without=("safety.active_implant", "safety.metal_near_coil")))
    assert {found[a] for a in COIL_ARMS} == {Clearance.NEVER}
    assert found[Arm.KETAMINE] is Clearance.CLEARED


def test_a_device_taken_out_is_asked_about() -> None:
    """An inactive pacemaker alone is unknown; with a dated no it is no hazard."""
    out = device("Cardiac pacemaker", status="inactive")
    assert judged(make_person(devices=(out,)), "active_implant").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(devices=(out,)), "active_implant").judgement.answer is Answer.NOT_MET


def test_an_ordinary_device_is_no_hazard() -> None:
    """A wheelchair neither bars nor raises a question beyond the usual one."""
    assert set(arms(safe_person(devices=(device("Manual wheelchair"),))).values()) == {Clearance.CLEARED}


def test_an_operation_shows_an_implant() -> None:
    """A procedure code of a cochlear implant bars TMS."""
    assert (
        arms(safe_person(procedure("69930", "2015-01-01"), without=("safety.metal_near_coil",)))[Arm.TMS]
        is Clearance.NEVER
    )


def test_an_operation_not_done_is_nothing() -> None:
    """A pacemaker operation recorded as not done shows no pacemaker."""
    planned = procedure("33208", "2015-01-01", status="not-done")
    assert arms(safe_person(planned))[Arm.TMS] is Clearance.CLEARED


def test_no_known_allergy_is_an_explicit_negative() -> None:
    """The coded 'no known allergy', in date, settles the allergy; undated it does not."""
    from support.factories import day

    coded = allergy((CodeSystem.SNOMED, "716186003"), recorded=day("2026-06-01"))
    assert judged(make_person(allergies=(coded,)), "ketamine_allergy").judgement.answer is Answer.NOT_MET
    undated = allergy((CodeSystem.SNOMED, "716186003"))
    assert judged(make_person(allergies=(undated,)), "ketamine_allergy").judgement.answer is Answer.UNKNOWN


def test_an_intolerance_is_not_an_allergy() -> None:
    """A ketamine allergy bars; a ketamine intolerance raises the question."""
    code = (CodeSystem.RXNORM, "6130")
    assert (
        judged(make_person(allergies=(allergy(code, kind="allergy"),)), "ketamine_allergy").judgement.answer
        is Answer.MET
    )
    found = judged(make_person(allergies=(allergy(code, kind="intolerance"),)), "ketamine_allergy")
    assert found.judgement.answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("value", "on", "expected"),
    [
        ("260385009", "2026-11-18", Answer.NOT_MET),
        ("260385009", "2026-10-18", Answer.UNKNOWN),
        ("10828004", "2026-11-18", Answer.MET),
    ],
)
def test_a_pregnancy_test_counts_while_in_date(value: str, on: str, expected: Answer) -> None:
    """A negative urine test is a no for a week; a positive one is a yes."""
    test = measurement("2106-3", None, "", on, value_codings=(Coding(CodeSystem.SNOMED, value),))
    assert judged(make_person(test), "pregnancy").judgement.answer is expected


def test_the_name_of_a_question_is_not_its_answer() -> None:
    """An observation called 'Pregnancy intent' or 'Pregnancy status' without a result says nothing of pregnancy."""
    asked = measurement("82810-3", None, "", "2026-11-18", text="Pregnancy status")
    assert judged(make_person(asked), "pregnancy").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(asked), "pregnancy").judgement.answer is Answer.NOT_MET


def test_taking_an_implant_out_is_not_putting_one_in() -> None:
    """'Removal of pacemaker' raises the question whether any is left; a dated no settles it."""
    out = procedure("00000", "2020-01-01", text="Removal of cardiac pacemaker")
    assert judged(make_person(out), "active_implant").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(out), "active_implant").judgement.answer is Answer.NOT_MET


def test_pregnancy_bars_the_drug_and_holds_tms() -> None:
    """Pregnancy is never for the drug and the pair, hold for TMS."""
    found = arms(safe_person(diagnosis("Z33.1", "2026-09-01"), without=("safety.pregnancy",)))
    assert {found[a] for a in DRUG_ARMS} == {Clearance.NEVER}
    assert found[Arm.TMS] is Clearance.HOLD


def test_a_past_pregnancy_is_over() -> None:
    """A pregnancy of two years ago neither bars nor clears."""
    past = diagnosis("Z33.1", "2024-09-01")
    assert judged(make_person(past), "pregnancy").judgement.answer is Answer.UNKNOWN
    assert judged(safe_person(past), "pregnancy").judgement.answer is Answer.NOT_MET


def test_pregnancy_does_not_apply_only_where_the_default_says_so() -> None:
    """Male sex or 60 years settle it by a default that says so; sex not recorded does not; a record outweighs the default."""
    assert judged(make_person(sex="male"), "pregnancy").judgement.answer is Answer.NOT_MET
    assert "may remove this default" in judged(make_person(sex="male"), "pregnancy").judgement.text
    for sex in ("", "female", "other", "unknown"):
        assert judged(make_person(sex=sex), "pregnancy").judgement.answer is Answer.UNKNOWN
    assert judged(make_person(diagnosis("Z33.1", "2026-09-01"), sex="male"), "pregnancy").contradicted


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("2008-11-22", Answer.NOT_MET),
        ("2008-11-23", Answer.MET),
        ("2008", Answer.UNKNOWN),
        ("2007", Answer.NOT_MET),
        (None, Answer.UNKNOWN),
    ],
)
def test_the_age_gate(birth: str | None, expected: Answer) -> None:
    """Eighteen today is adult; a birth year that leaves it open is unknown."""
    from support.factories import day

    assert judged(make_person(birth=day(birth)), "under_18").judgement.answer is expected


def test_a_document_settles_an_open_age_but_not_a_known_one() -> None:
    """An attested coming of age settles a birth year; against a birth date of a child it is a contradiction."""
    from support.factories import day

    yes = attest("safety.adult", "yes", "2026-11-20")
    assert judged(make_person(yes, birth=day("2008")), "under_18").judgement.answer is Answer.NOT_MET
    assert judged(make_person(yes, birth=day("2012-01-01")), "under_18").contradicted


def test_bipolar_is_a_hold_everywhere() -> None:
    """A bipolar diagnosis holds both arms and bars neither."""
    found = arms(safe_person(diagnosis("F31.81"), without=("safety.bipolar",)))
    assert set(found.values()) == {Clearance.HOLD}


def test_substances_in_remission_raise_the_question_only() -> None:
    """Alcohol dependence holds; in remission a dated no settles it."""
    assert judged(make_person(diagnosis("F10.20")), "substance_use").judgement.answer is Answer.MET
    assert judged(safe_person(diagnosis("F10.21")), "substance_use").judgement.answer is Answer.NOT_MET


def test_an_unreviewed_event_holds_the_next_session() -> None:
    """A seizure in an earlier session that the prescriber has not reviewed holds every arm (H31)."""
    person = safe_person(attest("safety.adverse_event", "yes", DAY), without=("safety.adverse_event",))
    assert set(arms(person).values()) == {Clearance.HOLD}


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Parnate 10 mg tablet", "pressor_drugs"),
        ("tranylcypromine 10 MG Oral Tablet", "pressor_drugs"),
        ("Adderall XR 20 mg", "pressor_drugs"),
        ("clozapine 100 mg", "seizure_threshold_drugs"),
        ("oxycodone 5 mg", "cns_depressants"),
        ("Lamictal 100 mg", "lamotrigine_naltrexone"),
        ("Ativan 0.5 mg tablet", "cns_depressants"),
    ],
)
def test_interactions_are_known_by_generic_and_brand(text: str, item: str) -> None:
    """A drug in the group is found under either name and warns without holding (H09)."""
    person = safe_person(order(text, mg=None))
    assert judged(person, item).judgement.answer is Answer.MET
    assert Clearance.HOLD not in arms(person).values()


def test_only_a_checked_list_shows_that_a_drug_is_not_taken() -> None:
    """Without a checked list the interactions are unknown and every arm is on hold (H09)."""
    person = safe_person(without=("safety.medication_list",))
    assert judged(person, "pressor_drugs").judgement.answer is Answer.UNKNOWN
    assert set(arms(person).values()) == {Clearance.HOLD}


def test_a_drug_nobody_can_identify_is_taken_for_each() -> None:
    """A code without a name on the list warns for every group instead of passing."""
    blind = order("", mg=None, rxcui="99999999")
    assert judged(safe_person(blind), "pressor_drugs").judgement.answer is Answer.MET


@pytest.mark.parametrize(
    "more", [{"end": "2026-06-01"}, {"status": "stopped"}, {"status": "cancelled"}, {"start": "2026-12-01"}]
)
def test_a_drug_no_longer_or_not_yet_taken_does_not_warn(more: dict[str, Any]) -> None:
    """Ended, stopped, cancelled and future orders are not taken today."""
    assert judged(safe_person(order("phenelzine 15 mg", **more)), "pressor_drugs").judgement.answer is Answer.NOT_MET


def test_a_benzodiazepine_stopped_last_week_holds_tms() -> None:
    """An end within two weeks holds the coil arms, not the drug alone."""
    found = arms(
        safe_person(order("lorazepam 1 mg tablet", mg=1, end="2026-11-15"), without=("safety.benzodiazepine_change",))
    )
    assert found[Arm.TMS] is Clearance.HOLD
    assert found[Arm.KETAMINE] is Clearance.CLEARED
