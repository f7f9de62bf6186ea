"""The law of deletion: taking a record away never makes an unknown population known, in our reading.

The measures' own reading breaks that law by design (what is not recorded did not happen), which is why it stands apart.
Kept clear of: a statement that the record is whole without the number of records (it speaks of other records).
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.outcomes.measure import record_count
from inconcert.record import Person
from support import measures as m

_DAYS = st.sampled_from(
    [
        "2024-10-31",
        "2024-11-01",
        "2025-02",
        "2025-03-03",
        "2025-03-10",
        "2025-06-01",
        "2025-06-01T23:30:00-05:00",
        "2025-10-31",
        "2026-01-09",
        "2026-03-10",
        "2026-05-09",
        "2026-05-10",
        "2026-06-21T08:00:00Z",
        "2026-12-31",
        "2026",
    ]
)
_MAYBE_DAYS = st.one_of(_DAYS, st.none())
_STATUS = st.sampled_from([{}, {}, {"status": ""}, {"status": "unknown"}])
_CONDITION = st.sampled_from([{}, {}, {"clinical_status": ""}, {"verification_status": ""}, {"codings": ()}])
_VISITS = st.sampled_from(
    ["contact-or-office-visit", "office-visit", "encounter-to-screen-for-depression", "hospice-encounter"]
)
_DIAGNOSES = st.sampled_from(
    ["major-depression-including-remission", "major-depression", "bipolar-disorder", "hospice-diagnosis"]
)
_SERVICES = st.sampled_from(["hospice-care-ambulatory", "referral-for-adult-depression"])
_DONE = st.sampled_from(["palliative-care-intervention", "follow-up-for-adult-depression"])
_FACT = st.one_of(
    st.builds(lambda d, of, more: m.visit(d, of=of, **more), _MAYBE_DAYS, _VISITS, _STATUS),
    st.builds(lambda d, of, more: m.condition(d, of=of, **more), _MAYBE_DAYS, _DIAGNOSES, _CONDITION),
    st.builds(lambda d, t, more: m.phq9(d, t, **more), _MAYBE_DAYS, st.sampled_from([0, 4, 5, 9, 10, 20]), _STATUS),
    st.builds(m.screen, _MAYBE_DAYS, st.sampled_from(["adult", "adolescent"]),
              st.sampled_from(["negative", "positive", ""])),
    st.builds(lambda d, r: m.not_screened(d, reason=r), _MAYBE_DAYS, st.sampled_from(["declined", "medical", ""])),
    st.builds(m.dispense, _MAYBE_DAYS, st.sampled_from([30, 84, 180, None])),
    st.builds(lambda d, n, of: m.order(d, n, of=of), _MAYBE_DAYS, st.sampled_from([30, 400, None]),
              st.sampled_from(["antidepressant-medication", "adult-depression-medications"])),
    st.builds(lambda d, of, more: m.service(d, of=of, **more), _MAYBE_DAYS, _SERVICES, _STATUS),
    st.builds(lambda d, of, more: m.done(d, of=of, **more), _MAYBE_DAYS, _DONE, _STATUS),
)  # fmt: skip
_BORN = st.sampled_from([None, "1980-06-15", "2008-01-01", "2009", "2013-03-10", "2014-01-01", "2012-02-29"])
MEASURES = ("CMS2", "CMS128", "CMS159")


def _everyone(facts: list[object], born: str | None) -> Person:
    return m.person(*{fact.id: fact for fact in facts}.values(), born=born)  # type: ignore[attr-defined]


def _without(person: Person, fact: object) -> Person:
    """The person with one record taken away."""
    name = m._FIELDS[type(fact)]  # type: ignore[index]
    return replace(person, **{name: tuple(f for f in getattr(person, name) if f is not fact)})


def _answers(measure: str, person: Person) -> dict[tuple[str, str], Answer]:
    return {(p.kind, p.group): p.ours.answer for p in m.result(measure, person).populations}


@pytest.mark.parametrize("measure", MEASURES)
@given(facts=st.lists(_FACT, min_size=1, max_size=7), born=_BORN, counted=st.booleans())
def test_taking_a_record_away_never_makes_unknown_known(
    measure: str, facts: list[object], born: str | None, counted: bool
) -> None:
    """For every record of a drawn person: what was unknown with it is unknown without it.

    Half of the people come with a statement that the record is whole which gives the number of its records.
    """
    person = _everyone(facts, born)
    if counted:
        number = replace(m.vouched(), id="QuestionnaireResponse/n", question="outcomes.record_count", answer="")
        said = (m.vouched(), replace(number, value=float(record_count(person))))
        person = replace(person, attestations=said)
    before = _answers(measure, person)
    for fact in [*person.facts()]:
        after = _answers(measure, _without(person, fact))
        for key, answer in before.items():
            if answer is Answer.UNKNOWN:
                assert after[key] is Answer.UNKNOWN, (key, fact)


@pytest.mark.parametrize("measure", MEASURES)
@given(facts=st.lists(_FACT, max_size=7), born=_BORN)
def test_without_a_statement_what_we_know_is_what_the_measure_computes(
    measure: str, facts: list[object], born: str | None
) -> None:
    """Where a record alone shows in or out, the published logic says the same: ours is more careful, never different.

    Kept clear of: dates known to the year only, which the published logic takes for a no.
    """
    found = m.result(measure, _everyone(facts, born))
    for both in found.populations:
        if both.ours.answer is Answer.MET:
            assert both.as_measure.answer is Answer.MET, both.ours.text


@pytest.mark.parametrize("measure", MEASURES)
@given(facts=st.lists(_FACT, max_size=6), born=_BORN, order=st.randoms(use_true_random=False))
def test_the_order_of_the_records_never_shows(measure: str, facts: list[object], born: str | None, order) -> None:  # type: ignore[no-untyped-def]
    """Shuffled records give the same answers in both readings."""
    shuffled = list(facts)
    order.shuffle(shuffled)
    one, other = (
        m.result(measure, _everyone(some, born)) for some in (sorted(facts, key=repr), sorted(shuffled, key=repr))
    )
    pairs = zip(one.populations, other.populations, strict=True)
    assert all((a.as_measure.answer, a.ours.answer) == (b.as_measure.answer, b.ours.answer) for a, b in pairs)
