"""Certainty: what is not known can never grade, and every answer says what it stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.trust.certainty import Certainty, grade
from inconcert.evidence.synthesis.trust.measures import CertaintyFacts, Measured, StudyFacts, measures
from inconcert.judgement import Answer
from inconcert.knowledge.certainty import LEVELS, Condition, certainty_rules

AS_OF = date(2026, 11, 22)
YES_NO = st.sampled_from([True, False, None])
STUDY_FIELDS = ("randomized", "risk", "blinded", "trd", "bipolar", "as_asked", "industry", "people")
FACT_FIELDS = (
    "prediction",
    "i2",
    "smallest_important",
    "people_wanted",
    "asymmetry_p",
    "asymmetry_toward_effect",
    "selection_p",
    "selection_interval",
    "incoherence_p",
    "single_study_edge_share",
)
SHARE = st.none() | st.floats(0, 1)


@st.composite
def studies(draw: st.DrawFn, name: str) -> StudyFacts:
    """One study of any kind."""
    return StudyFacts(
        study=name,
        weight=draw(st.floats(0.01, 1)),
        randomized=draw(YES_NO),
        risk=draw(st.sampled_from(["low", "some_concerns", "high", "critical", None])),
        blinded=draw(st.sampled_from(["participants", "rater", "none", None])),
        trd=draw(YES_NO),
        bipolar=draw(YES_NO),
        as_asked=draw(YES_NO),
        industry=draw(YES_NO),
        people=draw(st.none() | st.integers(10, 1000)),
        row_ids=(f"{name}/row",),
    )


@st.composite
def bodies(draw: st.DrawFn) -> CertaintyFacts:
    """Any body of evidence."""
    lower = draw(st.floats(-2, 2))
    upper = lower + draw(st.floats(0, 2))
    wider = draw(st.none() | st.floats(0, 2))
    return CertaintyFacts(
        question="any",
        scale=Scale.OR,
        lower=lower,
        upper=upper,
        studies=tuple(draw(studies(f"study{i}")) for i in range(draw(st.integers(1, 4)))),
        network=draw(st.booleans()),
        prediction=None if wider is None else (lower - wider, upper + wider),
        i2=draw(SHARE),
        smallest_important=draw(st.none() | st.floats(0.05, 1)),
        people_wanted=draw(st.none() | st.integers(50, 2000)),
        asymmetry_p=draw(SHARE),
        asymmetry_toward_effect=draw(YES_NO),
        selection_p=draw(SHARE),
        selection_interval=draw(st.none() | st.just((lower - 0.5, upper))),
        incoherence_p=draw(SHARE),
        modifier_gaps=draw(st.dictionaries(st.sampled_from(["control", "age"]), SHARE, max_size=2)),
        single_study_edge_share=draw(SHARE),
    )


def without_each(facts: CertaintyFacts) -> list[CertaintyFacts]:
    """The facts with each one that is known turned into not known."""
    less = [replace(facts, **{name: None}) for name in FACT_FIELDS if getattr(facts, name) is not None]
    for place, study in enumerate(facts.studies):
        for name in STUDY_FIELDS:
            if getattr(study, name) is not None:
                changed = list(facts.studies)
                changed[place] = replace(study, **{name: None})
                less.append(replace(facts, studies=tuple(changed)))
    gaps = facts.modifier_gaps
    less += [replace(facts, modifier_gaps={**gaps, k: None}) for k, gap in gaps.items() if gap is not None]
    return less


def levels_taken(found: Certainty, domain: str) -> int:
    """How many levels a domain took."""
    return sum(d.levels for d in found.downgrades if d.domain == domain)


@given(bodies())
@settings(max_examples=60, deadline=None)
def test_taking_a_fact_away_settles_nothing(facts: CertaintyFacts) -> None:
    """With one fact fewer no rule that was unknown becomes met or not met, and no domain that was open is closed."""
    before = grade(facts, AS_OF)
    for less in without_each(facts):
        after = grade(less, AS_OF)
        for rule, answer in before.answers.items():
            assert after.answers[rule] in (answer, Answer.UNKNOWN), rule
        closed = {u.domain for u in before.undecided} - {u.domain for u in after.undecided}
        assert not closed
        for domain in {d.domain for d in before.downgrades} | {d.domain for d in after.downgrades}:
            assert levels_taken(after, domain) <= levels_taken(before, domain)


@given(bodies())
@settings(max_examples=60, deadline=None)
def test_each_domain_is_somewhere(facts: CertaintyFacts) -> None:
    """Each domain that is asked took a level, was not judged, or is clear, and the level is the start less what was taken."""
    found = grade(facts, AS_OF)
    asked = {d.id for d in certainty_rules().domains if facts.network or not d.network_only}
    seen = {d.domain for d in found.downgrades} | {u.domain for u in found.undecided} | set(found.clear)
    assert seen == asked
    assert not set(found.clear) & ({d.domain for d in found.downgrades} | {u.domain for u in found.undecided})
    if found.start is not None:
        assert found.level == LEVELS[min(3, LEVELS.index(found.start) + sum(d.levels for d in found.downgrades))]
    else:
        assert found.level is None
    assert all(u.why and u.question for u in found.undecided)


def test_every_measure_that_a_rule_names_is_computed() -> None:
    """The rules file names no measure that the code does not give, and the code gives none that no rule names."""
    rules = certainty_rules()
    facts = CertaintyFacts(
        question="any", scale=Scale.OR, lower=0, upper=1, studies=(StudyFacts(study="a", weight=1),), network=False
    )
    given_ = {*measures(facts, rules), "starts_low"}
    named = {c.measure for r in rules.rules for c in r.when} | {c.measure for s in rules.start for c in s.when}
    assert named == given_


def test_a_downgrade_says_what_triggered_it() -> None:
    """A downgrade carries its rule, the numbers, the rows of the studies behind it, and who says so."""
    bad = StudyFacts(study="bad", weight=0.7, randomized=True, risk="high", blinded="none", row_ids=("bad/1", "bad/2"))
    good = StudyFacts(
        study="good", weight=0.3, randomized=True, risk="low", blinded="participants", row_ids=("good/1",)
    )
    facts = CertaintyFacts(question="any", scale=Scale.OR, lower=0, upper=1, studies=(bad, good), network=False)
    found = grade(facts, AS_OF)
    downgrade = found.downgrades[0]
    assert (downgrade.rule_id, downgrade.levels) == ("grade.bias.high", 2)
    assert downgrade.numbers == {"high_risk_share": pytest.approx(0.7)}
    assert downgrade.row_ids == ("bad/1", "bad/2")
    assert downgrade.sources
    assert downgrade.also == ("grade.bias.some_high", "grade.bias.concerns", "grade.bias.unblinded")
    assert {use.record_id for use in found.basis.used} == {"bad/1", "bad/2", "good/1"}
    assert found.basis.as_of == AS_OF
    assert "at most low certainty" in found.text
    assert "Imprecision could not be judged" in found.text


def test_nothing_is_graded_without_knowing_who_was_randomized() -> None:
    """Where the start is not known there is no level, and the text says why."""
    facts = CertaintyFacts(
        question="any", scale=Scale.OR, lower=0, upper=1, studies=(StudyFacts(study="a", weight=1),), network=False
    )
    found = grade(facts, AS_OF)
    assert found.level is None
    assert not found.at_most
    assert "not known which studies were randomized" in found.text


@pytest.mark.parametrize(
    ("low", "high", "condition", "answer"),
    [
        (0.5, 0.5, {"at_least": 0.5}, Answer.MET),
        (0.4, 0.6, {"at_least": 0.5}, Answer.UNKNOWN),
        (0.1, 0.4, {"at_least": 0.5}, Answer.NOT_MET),
        (0.5, 0.5, {"above": 0.5}, Answer.NOT_MET),
        (0.6, 0.9, {"above": 0.5}, Answer.MET),
        (0.1, 0.1, {"below": 0.1}, Answer.NOT_MET),
        (0.0, 0.1, {"below": 0.1}, Answer.UNKNOWN),
        (0.0, 0.1, {"at_most": 0.1}, Answer.MET),
    ],
)
def test_a_range_meets_a_condition_as_a_whole(
    low: float, high: float, condition: dict[str, float], answer: Answer
) -> None:
    """A condition is met by a range that meets it everywhere, unknown where only a part does."""
    found = Measured(id="m", low=low, high=high, text="any")
    assert found.against(Condition(measure="m", **condition)) is answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"lower": 1.0, "upper": 0.0},
        {"studies": ()},
        {"studies": (StudyFacts(study="a", weight=0),)},
        {"studies": (StudyFacts(study="a", weight=-1), StudyFacts(study="b", weight=3))},
        {"smallest_important": 0.0},
    ],
)
def test_impossible_facts_are_refused(wrong: dict[str, object]) -> None:
    """An interval turned round, studies without weight, and an important difference of nothing are errors with a mend."""
    sound = CertaintyFacts(
        question="any", scale=Scale.OR, lower=0, upper=1, studies=(StudyFacts(study="a", weight=1),), network=False
    )
    with pytest.raises(ValueError, match="Mend"):
        replace(sound, **wrong)
