"""Which chart codes bar, hold or raise a question, with nothing answered on intake.

The codes are recalled (ICD-10-CM, SNOMED CT, CPT, RxNorm); the rules they serve are sourced in knowledge/files/safety.
A dash means the arm waits for its other answers only: the code neither bars nor holds it by itself.
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.record import CodeSystem
from inconcert.safety import screen
from support.factories import diagnosis, make_person

AS_OF = date(2026, 11, 22)
SYSTEMS = {"icd": CodeSystem.ICD10CM, "sct": CodeSystem.SNOMED}

# system code     onset        item               answer    what it is
CODES = """
icd I67.1         2020-01-01   aneurysm           met       brain aneurysm, not ruptured
icd I71.4         2020-01-01   aneurysm           met       aneurysm of the belly aorta
icd I714          2020-01-01   aneurysm           met       the same without its point
icd I70.0         2020-01-01   aneurysm           unknown   hard arteries are no aneurysm
icd Q28.2         2020-01-01   avm                met       malformation of brain vessels
icd I61.9         2005-01-01   brain_bleed        met       a bleed of long ago
icd I69.10        2020-01-01   brain_bleed        met       what a bleed left behind
icd I63.9         2020-01-01   brain_bleed        unknown   a stroke without bleeding
icd I21.4         2026-11-01   heart_or_stroke    met       heart attack three weeks ago
icd I21.4         2026-10-01   heart_or_stroke    unknown   heart attack seven weeks ago raises the question
icd I21.4         2026-10      heart_or_stroke    unknown   heart attack in October: may lie within six weeks
icd I10           2020-01-01   heart_or_stroke    unknown   high pressure: controlled?
icd I50.23        2026-11-10   heart_or_stroke    met       failing heart, acute
icd G40.909       2010-01-01   seizure            met       epilepsy
icd R56.00        2010-01-01   seizure            unknown   fever fit
icd R56.9         2010-01-01   seizure            met       a seizure
sct 703151001     2010-01-01   seizure            met       history of a single seizure
sct 128613002     2010-01-01   seizure            met       seizure disorder
icd Z82.0         2010-01-01   seizure_risk       met       epilepsy in the family
icd S06.0X0A      2010-01-01   seizure_risk       unknown   head injury: with loss of consciousness?
sct 62106007      2010-01-01   seizure_risk       unknown   concussion without loss of consciousness
icd G93.2         2020-01-01   raised_icp         met       raised skull pressure
icd F20.9         2020-01-01   psychosis_now      met       schizophrenia on the problem list
icd F33.3         2026-01-01   psychosis_history  met       psychotic depression
icd F33.2         2026-01-01   psychosis_now      unknown   severe depression without psychosis says nothing of psychosis
icd F31.81        2020-01-01   bipolar            met       bipolar II
icd F31.81        2020-01-01   mania_now          unknown   bipolar II is not mania now
icd F31.13        2026-11-01   mania_now          met       manic episode
icd F33.2         2020-01-01   bipolar            unknown   a unipolar code excludes nothing
icd F11.20        2020-01-01   substance_use      met       opioid dependence
icd F11.21        2020-01-01   substance_use      unknown   the same in remission
icd F17.210       2020-01-01   substance_use      unknown   nicotine is not meant
icd Z33.1         2026-09-01   pregnancy          met       pregnant
icd O09.90        2025-09-01   pregnancy          unknown   a pregnancy that must be over
icd K74.60        2020-01-01   liver              met       cirrhosis
icd K76.0         2020-01-01   liver              unknown   fatty liver raises the question
icd Z95.0         2020-01-01   active_implant     met       pacemaker
icd Z95.810       2020-01-01   active_implant     met       defibrillator
icd Z95.5         2020-01-01   active_implant     unknown   a heart stent is no active implant
icd Z96.21        2020-01-01   metal_near_coil    met       cochlear implant
icd Z18.10        2020-01-01   metal_near_coil    unknown   metal fragment: where?
"""


@pytest.mark.parametrize("row", CODES.strip().splitlines(), ids=lambda r: "-".join(r.split()[:4]))
def test_codes(row: str) -> None:
    """Each code says of each hazard what the table says, and a question stands wherever it does not settle it."""
    system, code, onset, item, answer = row.split()[:5]
    person = make_person(diagnosis(code, onset, system=SYSTEMS[system]))
    found = next(f for f in screen(person, None, AS_OF).findings if f.item == item)
    assert found.judgement.answer is Answer(answer)
    assert bool(found.judgement.questions()) is (answer == "unknown")
