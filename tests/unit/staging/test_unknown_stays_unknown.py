"""Taking a fact away may make an answer unknown; it never makes an unknown answer known.

Two things are outside this law, and the people invented here keep clear of them. A record that contradicts another (a
later order that replaces an earlier one, a score nearer to a trial's end) settles it otherwise when it is gone. And an
attestation that the history is complete speaks of the records that stood there: taking one of those away from under it
makes the attestation untrue, which no program can see, so a record and that attestation are taken away together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.record import Person
from inconcert.staging.counting import FAILED, TrialFilter, count_trials
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.stages import stage_all
from support.factories import attest, diagnosis, dispense, dose, make_person, order, phq9, reported_trial, statement

AS_OF = date(2025, 6, 1)
DRUGS = {
    "sertraline": 100.0,
    "venlafaxine": 150.0,
    "bupropion": 300.0,
    "trazodone": 50.0,
    "aripiprazole": 5.0,
    "lithium": 900.0,
}
FILTERS = (
    TrialFilter(dose="minimum", min_weeks=6, outcomes=FAILED, scope="current_episode"),
    TrialFilter(dose="any", min_weeks=4),
    TrialFilter(dose="max_label", min_weeks=4, counts_intolerance=Answer.MET),
    TrialFilter(
        dose="minimum", min_weeks=4, outcomes=FAILED, counts_intolerance=Answer.UNKNOWN, min_adherence_percent=80
    ),
    TrialFilter(dose="mg", dose_mg=75, within_days=400, max_improvement_percent=30),
)


def _iso(offset: int) -> str:
    return (date(2024, 1, 1) + timedelta(days=offset)).isoformat()


@st.composite
def _course(draw: st.DrawFn, drug: str) -> list[Any]:
    """The records of one drug, none of which contradicts another."""
    first = draw(st.integers(0, 300))
    days = draw(st.integers(7, 120))
    mg = draw(st.sampled_from([None, DRUGS[drug], DRUGS[drug] / 2]))
    last = draw(st.sampled_from([None, _iso(first + days), _iso(first + days)]))
    start = draw(st.sampled_from([_iso(first), _iso(first)[:7], _iso(first)]))
    kind = draw(st.sampled_from(["order", "statement", "report", "told", "supply"]))
    reason = draw(st.sampled_from(["", "no response", "side effects", "moved away"]))
    if kind == "order":
        lines = (
            (dose(mg, times_per_day=draw(st.sampled_from([1, 1, None, 2])), as_needed=draw(st.booleans())),)
            if mg
            else ()
        )
        return [order(drug, start, last, doses=lines, stop_reason_text=reason)]
    if kind == "statement":
        return [statement(drug, start, last, mg, stop_reason_text=reason)]
    if kind == "report":
        outcome = draw(st.sampled_from(["", "nonresponse", "partial", "response", "intolerance"]))
        return [reported_trial(drug, start=start, end=last, daily_dose_mg=mg, outcome=outcome)]
    if kind == "told":
        weeks = draw(st.sampled_from([None, 3.0, 8.0]))
        episode = draw(st.sampled_from([None, True, False]))
        adherence = draw(st.sampled_from([None, 50.0, 90.0]))
        return [reported_trial(drug, weeks=weeks, daily_dose_mg=mg, outcome="nonresponse", in_current_episode=episode,
                               adherence_percent=adherence)]  # fmt: skip
    count = draw(st.integers(1, 4))
    return [dispense(drug, _iso(first + 30 * n), 30, mg) for n in range(count)]


@st.composite
def _facts(draw: st.DrawFn) -> list[Any]:
    drugs = draw(st.lists(st.sampled_from(sorted(DRUGS)), unique=True, max_size=4))
    facts = [fact for drug in drugs for fact in draw(_course(drug))]
    if draw(st.booleans()):
        facts.append(diagnosis("F33.2", draw(st.sampled_from([None, "2023-06-01", "2024", "2024-03"]))))
    for question in ("staging.history_complete", "staging.ect", "staging.ect_failed", "staging.psychotherapy"):
        answer = draw(st.sampled_from(["", "yes", "no"]))
        if answer:
            facts.append(attest(question, answer, "2025-02-01"))
    return facts


def _answers(person: Person) -> dict[str, Answer]:
    """Every judgement of a person, by a name that does not depend on how many trials there are."""
    history = rebuild_trials(person, AS_OF)
    found = {r.instrument: r.judgement.answer for r in stage_all(history, person, AS_OF) if r.judgement}
    for number, wanted in enumerate(FILTERS):
        count = count_trials(history, wanted)
        for need in (1, 2, 3):
            found[f"filter {number} at least {need}"] = count.at_least(need).answer
            found[f"filter {number} {need} classes"] = count.at_least(need, distinct_classes=need).answer
    for judgement in (
        history.complete,
        history.ect,
        history.ect_failed,
        history.psychotherapy,
        history.episode.diagnosis,
    ):
        found[judgement.id] = judgement.answer
    return found


def _trial_answers(person: Person) -> dict[tuple[str, ...], tuple[Answer, Answer, Answer]]:
    """Adequate, failed and dose of each trial, by drug and the records it was made from."""
    trials = rebuild_trials(person, AS_OF).trials
    return {
        (t.drug, *sorted({r for s in t.segments for r in s.records})): (
            t.adequate.answer,
            t.failed.answer,
            t.dose_adequate,
        )
        for t in trials
    }


def _check(before: dict[Any, Any], after: dict[Any, Any], what: str) -> None:
    for key, answer in before.items():
        if answer is Answer.UNKNOWN and key in after:
            assert after[key] is Answer.UNKNOWN, f"{key} was unknown and became {after[key].value} without {what}"


@given(_facts())
def test_taking_a_record_away_never_settles_an_open_question(facts: list[Any]) -> None:
    """Without any one of its facts, no count, definition or finding of a person goes from unknown to met or not met."""
    before = _answers(make_person(*facts))
    for gone in facts:
        left = [f for f in facts if f is not gone]
        if hasattr(gone, "doses") or hasattr(gone, "drug"):
            left = [f for f in left if getattr(f, "question", "") != "staging.history_complete"]
        _check(before, _answers(make_person(*left)), gone.id)


def _blanked(fact: Any) -> Iterator[Any]:
    """The same fact with one of the things it says left blank."""
    blanks: dict[str, Any] = {
        "doses": (), "end": None, "days_supply": None, "daily_dose_mg": None, "weeks": None, "outcome": "", "onset": None,
        "adherence_percent": None, "in_current_episode": None, "stop_reason_text": "", "stated_total": None, "answer": "",
    }  # fmt: skip
    for name, blank in blanks.items():
        if getattr(fact, name, blank) != blank:
            yield replace(fact, **{name: blank})
    for line in getattr(fact, "doses", ()):
        for name in ("times_per_day", "amount_low", "unit"):
            yield replace(fact, doses=(replace(line, **{name: "" if name == "unit" else None}),))


@given(_facts())
def test_blanking_a_field_never_settles_an_open_question(facts: list[Any]) -> None:
    """Without a dose, an end, a length, an outcome or an answer, nothing goes from unknown to met or not met."""
    person = make_person(*facts)
    before, trials = _answers(person), _trial_answers(person)
    for fact in facts:
        for blank in _blanked(fact):
            other = make_person(*[blank if f is fact else f for f in facts])
            _check(before, _answers(other), str(blank))
            after = _trial_answers(other)
            for key in trials.keys() & after.keys():
                _check(dict(enumerate(trials[key])), dict(enumerate(after[key])), str(blank))


@given(_facts())
def test_every_span_has_its_low_end_first(facts: list[Any]) -> None:
    """Low bounds never exceed high bounds, weeks at a dose never exceed weeks in all, and more mg never means more weeks."""
    for trial in rebuild_trials(make_person(*facts), AS_OF).trials:
        spans = [
            trial.weeks_total,
            trial.weeks_at_adequate_dose,
            *(trial.weeks_at_or_above(mg) for mg in (1, 50, 100, 300)),
        ]
        for span in spans:
            assert span.high is None or span.low <= span.high
        assert trial.weeks_at_adequate_dose.low <= trial.weeks_total.low
        for less, more in itertools.pairwise(spans[2:]):
            assert more.low <= less.low
            assert less.high is None or (more.high is not None and more.high <= less.high)


@given(_facts(), st.integers(0, 500))
def test_counts_are_ordered_and_the_future_is_not_read(facts: list[Any], offset: int) -> None:
    """A count's low bound never exceeds its high bound, and no fact dated after the day asked for is used."""
    as_of = date(2024, 1, 1) + timedelta(days=offset)
    history = rebuild_trials(make_person(*facts, phq9((as_of + timedelta(days=3)).isoformat(), 20)), as_of)
    for wanted in FILTERS:
        count = count_trials(history, wanted)
        assert count.low <= count.high
        assert count.classes_low <= count.classes_high <= count.drugs_high <= count.high
    for trial in history.trials:
        assert trial.start.earliest <= as_of
        assert all(s.end.latest <= as_of for s in trial.segments)
