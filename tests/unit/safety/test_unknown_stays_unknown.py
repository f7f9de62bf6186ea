"""Taking a fact away never makes an unknown hazard known, and never clears an arm that waits for an answer (H08).

One kind of fact is outside this law: a later "not sure" withdraws an earlier no, so the people invented here answer yes
or no. And an arm held by a known hazard may be cleared by taking away the record of that hazard where a signed no stands
beside it (a contradiction); what is proved is that an arm held by something *unknown* is never cleared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.knowledge.safety import safety_items
from inconcert.record import CodeSystem, Coding, DeviceFact, Origin, Person
from inconcert.safety import Clearance, GateLevel, screen
from support.factories import attest, diagnosis, make_person, measurement, order, phq9, procedure
from support.safe_person import answers, pressure, safe_person, screener

AS_OF = date(2026, 11, 22)
CODES = [
    "I67.1",
    "Q28.2",
    "I61.9",
    "I21.4",
    "I10",
    "G40.909",
    "G93.2",
    "F31.81",
    "F20.9",
    "F10.20",
    "F10.21",
    "Z33.1",
    "Z95.0",
    "Z18.10",
    "S06.0",
    "K74.60",
]
DRUGS = ["lorazepam 1 mg tablet", "tranylcypromine 10 mg", "clozapine 25 mg", "sertraline 50 mg", ""]
QUESTIONS = sorted({i.question for i in safety_items().values() if i.question})


@st.composite
def days(draw: st.DrawFn) -> str:
    """A day of the last two years or the next month, or only its month."""
    day = AS_OF - timedelta(days=draw(st.integers(-30, 700)))
    return day.isoformat() if draw(st.booleans()) else day.isoformat()[:7]


@st.composite
def facts(draw: st.DrawFn) -> Any:
    """Any one fact that safety looks at."""
    on = draw(days())
    kind = draw(st.sampled_from(["condition", "answer", "drug", "pressure", "form", "procedure", "test", "phq9"]))
    if kind == "condition":
        return diagnosis(
            draw(st.sampled_from(CODES)),
            draw(st.sampled_from([on, None])),
            clinical_status=draw(st.sampled_from(["active", "resolved", ""])),
            verification_status=draw(st.sampled_from(["confirmed", "refuted", "provisional", ""])),
        )
    if kind == "answer":
        by = draw(st.sampled_from(["R. Diaz, RN", ""]))
        return attest(draw(st.sampled_from(QUESTIONS)), draw(st.sampled_from(["yes", "no"])), on, by)
    if kind == "drug":
        end = draw(st.sampled_from([None, on]))
        return order(draw(st.sampled_from(DRUGS)), None, end, draw(st.sampled_from([None, 1.0])), rxcui="0")
    if kind == "pressure":
        value = st.sampled_from([None, 90.0, 120.0, 150.0, 170.0])
        return pressure(draw(value), draw(value), on)
    if kind == "form":
        return screener(draw(st.sampled_from(["", "1", "1 2 3", "1 2 4", "6"])), on)
    if kind == "procedure":
        return procedure(draw(st.sampled_from(["69930", "33208"])), on)
    if kind == "test":
        value = draw(st.sampled_from(["260385009", "10828004"]))
        return measurement("2106-3", None, "", on, value_codings=(Coding(CodeSystem.SNOMED, value),))
    return phq9(on, 20, items={str(n): 0.0 if n < 9 else float(draw(st.integers(0, 3))) for n in range(1, 10)})


people = st.builds(
    lambda safe, facts, sex: safe_person(*facts, sex=sex) if safe else make_person(*facts, sex=sex),
    st.booleans(),
    st.lists(facts(), max_size=8),
    st.sampled_from(["female", "male", ""]),
)


def without_one(person: Person) -> Iterator[Person]:
    """The person with each fact in turn taken away, and with birth or sex not known."""
    for field in fields(person):
        values = getattr(person, field.name)
        if isinstance(values, tuple):
            for index in range(len(values)):
                yield replace(person, **{field.name: values[:index] + values[index + 1 :]})
    yield replace(person, birth=None)
    yield replace(person, sex="")


@given(people)
def test_a_fact_taken_away_never_makes_an_unknown_known(person: Person) -> None:
    """What was unknown stays unknown, and an arm that waits for an answer is not cleared."""
    before = screen(person, None, AS_OF)
    waiting = {c.arm for c in before.clearances if any(f.judgement.answer is Answer.UNKNOWN for f in c.deciding)}
    unknown = {f.item for f in before.findings if f.judgement.answer is Answer.UNKNOWN}
    for less in without_one(person):
        after = screen(less, None, AS_OF)
        known = {f.item for f in after.findings if f.judgement.answer is not Answer.UNKNOWN}
        assert not known & unknown
        assert not {c.arm for c in after.clearances if c.clearance is Clearance.CLEARED} & waiting
        if before.suicide_risk.level == "unknown":
            assert after.suicide_risk.level == "unknown"


@given(people)
def test_cleared_means_every_gate_is_known_absent(person: Person) -> None:
    """An arm is cleared exactly if no gate of it is present or unknown, and never exactly if an uncontradicted block is present."""
    result = screen(person, None, AS_OF)
    for arm in result.clearances:
        gates = [f for f in result.findings if arm.arm in f.arms and f.level in (GateLevel.BLOCK, GateLevel.HOLD)]
        absent = all(f.judgement.answer is Answer.NOT_MET for f in gates)
        barred = any(
            f.level is GateLevel.BLOCK and f.judgement.answer is Answer.MET and not f.contradicted for f in gates
        )
        expected = Clearance.NEVER if barred else Clearance.CLEARED if absent else Clearance.HOLD
        assert arm.clearance is expected


@given(st.lists(st.sampled_from(QUESTIONS), unique=True, min_size=1))
def test_no_set_of_missing_answers_is_cleared(missing: list[str]) -> None:
    """Take any set of answers away from a cleared person: each arm that set guards is on hold."""
    gone = tuple({"safety.systolic_mmhg": "pressure", "safety.cssrs": "cssrs"}.get(q, q) for q in missing)
    result = screen(safe_person(without=gone, birth=None, sex=""), None, AS_OF)
    for item in safety_items().values():
        if item.question in missing and item.level in ("block", "hold"):
            assert all(c.clearance is Clearance.HOLD for c in result.clearances if c.arm.value in item.arms)


def test_the_invented_people_reach_every_clearance() -> None:
    """The strategies above are not idle: cleared, hold and never all occur."""
    implant = DeviceFact(id="Device/1", origin=Origin("Device/1"), text="Cardiac pacemaker")
    people = (safe_person(), make_person(), make_person(*answers("safety.active_implant"), devices=(implant,)))
    seen = {c.clearance for person in people for c in screen(person, None, AS_OF).clearances}
    assert seen == set(Clearance)
