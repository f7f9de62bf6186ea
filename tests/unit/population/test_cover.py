"""Counts of a cohort are the counts of its people, one by one; what if asks both rules of the same people."""

from __future__ import annotations

import collections
from datetime import date, timedelta

import pyarrow as pa
import pytest

from inconcert.judgement import Answer, Refusal, all_of, any_of
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import Case, determine
from inconcert.population import whatif
from inconcert.population.cover import PolicyCover, ask, cover, proposals
from inconcert.population.engine import connect, from_memory
from inconcert.population.extract import tables_of
from inconcert.population.tally import MOST_TRIALS
from support.clause import policy_of
from support.drawn_people import people
from support.factories import day, make_person
from support.payer_cases import COMPLETE, DAY, DEPRESSED, failed, make_case
from support.twins import drawn


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Some drawn people."""
    return [make_case(person) for person in drawn(people(), 40)]


def covered(cases: list[Case], policy: CoveragePolicy, service: str = "") -> PolicyCover:
    """One policy asked of these people in tables."""
    connection = connect()
    tables = from_memory(tables_of(cases), connection)
    (found,) = cover(ask(tables, DAY, [(policy, service or policy.services[0])]), connection)
    return found


@pytest.mark.parametrize(
    "policy_id",
    ["aetna-tms", "ohio-medicaid-spravato", "wa-lni-trd-2014", "uhc-spravato", "aetna-spravato", "bcbsms-spravato"],
)
def test_counts_are_those_of_the_people_one_by_one(policy_id: str, cases: list[Case]) -> None:
    """Met, not met and unknown of the whole and of each criterion, and who is left after each, counted by hand."""
    policy = policies()[policy_id]
    found = covered(cases, policy)
    singles = [determine(policy, case, policy.services[0]) for case in cases]
    whole = collections.Counter(s.answer for s in singles)
    assert (found.met, found.not_met, found.unknown) == tuple(
        whole[a] for a in (Answer.MET, Answer.NOT_MET, Answer.UNKNOWN)
    )
    parts = (
        [[p.answer for p in s.criteria.parts] for s in singles]
        if len(found.criteria) > 1
        else [[s.criteria.answer] for s in singles]
    )
    for number, criterion in enumerate(found.criteria):
        alone = collections.Counter(row[number] for row in parts)
        assert (criterion.met, criterion.not_met, criterion.unknown) == (
            alone[Answer.MET],
            alone[Answer.NOT_MET],
            alone[Answer.UNKNOWN],
        )
        joined = any_of if found.alternatives else all_of
        upto = collections.Counter(joined(row[: number + 1]) for row in parts)
        assert (criterion.left, criterion.sure) == (len(cases) - upto[Answer.NOT_MET], upto[Answer.MET])


def test_alternatives_at_the_top_stand_as_ways_of_which_one_is_enough(cases: list[Case]) -> None:
    """Each way has its own line; who is met grows from way to way and ends at the whole; no single way stops anybody."""
    found = covered(cases, policies()["uhc-spravato"])
    assert found.alternatives
    assert len(found.criteria) == 2
    assert [c.sure for c in found.criteria] == sorted(c.sure for c in found.criteria)
    assert (found.criteria[-1].sure, found.people - found.criteria[-1].left) == (found.met, found.not_met)
    assert found.stops_most is None
    assert found.criteria[0].text != found.criteria[1].text
    assert not covered(cases, policies()["aetna-tms"]).alternatives


CLAUSE = "{fact: age, min: 18}"


def test_more_criteria_at_the_top_than_can_be_counted_are_refused() -> None:
    """31 criteria are counted, each right; with one more nothing is counted, and the refusal says what to do."""
    grown = [make_case(make_person(birth=day(born))) for born in ("1980-01-01", "2015-01-01")] + [
        make_case(make_person(birth=None))
    ]
    most = covered(grown, policy_of("{all: [" + ", ".join([CLAUSE] * 31) + "]}"), "rtms")
    assert len(most.criteria) == 31
    assert {(c.met, c.not_met, c.unknown, c.left, c.sure) for c in most.criteria} == {(1, 1, 1, 2, 1)}
    with pytest.raises(Refusal, match=r"32 criteria at its top; 31 can be counted.*under one label"):
        covered(grown, policy_of("{all: [" + ", ".join([CLAUSE] * 32) + "]}"), "rtms")


def test_more_alternatives_than_can_be_counted_are_one_criterion() -> None:
    """The answer is the same whether the ways are counted apart or stand together."""
    grown = [make_case(make_person(birth=day(born))) for born in ("1980-01-01", "2015-01-01")] + [
        make_case(make_person(birth=None))
    ]
    apart = covered(grown, policy_of("{any: [" + ", ".join([CLAUSE] * 31) + "]}"), "rtms")
    together = covered(grown, policy_of("{any: [" + ", ".join([CLAUSE] * 32) + "]}"), "rtms")
    assert (len(apart.criteria), apart.alternatives) == (31, True)
    assert (len(together.criteria), together.alternatives) == (1, False)
    assert (apart.met, apart.not_met, apart.unknown) == (together.met, together.not_met, together.unknown) == (1, 1, 1)


def test_more_trials_of_one_person_than_can_be_counted_are_refused() -> None:
    """65,535 failed trials are counted, and the people beside are; with one more the person is named and nothing runs over."""
    failing = make_case(make_person(DEPRESSED, failed("sertraline", "2025-01-01", "2025-06-01", 150), COMPLETE))
    tables = tables_of([failing, make_case(make_person(DEPRESSED, COMPLETE))])
    one = tables["trials"].slice(0, 1)
    rule = policy_of("{fact: adequate_antidepressant_trials, at_least: 1, min_weeks: 6}")

    def asked(number: int) -> PolicyCover:
        connection = connect()
        many = (
            one.take([0] * number)
            .drop_columns("trial")
            .append_column("trial", pa.array([f"t{n}" for n in range(number)]))
        )
        held = from_memory({**tables, "trials": many.select(one.column_names)}, connection)
        (found,) = cover(ask(held, DAY, [(rule, "rtms")]), connection)
        return found

    alone = covered([failing], rule, "rtms")
    assert alone.met == 1
    assert (asked(MOST_TRIALS).met, asked(MOST_TRIALS).people) == (1, 2)
    with pytest.raises(Refusal, match="trials: person 0 has 65,536; 65,535 can be counted"):
        asked(MOST_TRIALS + 1)


def test_a_text_not_in_force_answers_nobody(cases: list[Case]) -> None:
    """Everybody is unknown under a text that ended, and the reason is given."""
    found = covered(cases, policies()["wa-lni-trd-2014"])
    assert found.unknown == len(cases)
    assert "ended on 2023-09-30" in (found.in_force or "")


def test_the_criterion_that_stops_most_is_named(cases: list[Case]) -> None:
    """It is the one with most people not met; where none refuses anybody, none is named."""
    found = covered(cases, policies()["aetna-tms"])
    assert found.stops_most is not None
    assert found.stops_most.not_met == max(c.not_met for c in found.criteria)
    nobody = covered([make_case(make_person())], policies()["aetna-tms"])
    assert nobody.stops_most is None
    assert nobody.asks_most is not None


def test_a_service_nobody_speaks_of_is_refused() -> None:
    """The refusal lists what the policies speak of."""
    with pytest.raises(Refusal, match="speaks of 'tdcs'"):
        proposals(policies().values(), "tdcs")


# ── what if ──────────────────────────────────────────────────────────────
RULE = policy_of("{fact: adequate_antidepressant_trials, at_least: 3, min_weeks: 6, counts_intolerance: false}")
DRUGS = ("sertraline", "venlafaxine", "mirtazapine")
DOSES = {"sertraline": 150, "venlafaxine": 225, "mirtazapine": 45}


def failures(number: int, first: date, complete: bool = True) -> Case:
    """So many failures of twelve weeks each, one after the other."""
    facts = []
    for place, drug in enumerate(DRUGS[:number]):
        start = first + timedelta(days=100 * place)
        facts.append(failed(drug, start.isoformat(), (start + timedelta(days=84)).isoformat(), DOSES[drug]))
    return make_case(make_person(DEPRESSED, *facts, *([COMPLETE] if complete else [])))


def gains(change: str, cases: list[Case]) -> whatif.Gain:
    """What one change does to the rule above."""
    connection = connect()
    tables = from_memory(tables_of(cases), connection)
    other = whatif.changed(RULE, (whatif.read_change(change),))
    before = ask(tables, DAY, [(RULE, "rtms")])
    after = ask(tables, DAY, [(other, "rtms")])
    (found,) = whatif.compare(before, after, connection)
    return found


def test_fewer_trials_let_people_in_and_sooner() -> None:
    """Three people: two failures gain (the second ended 2025-07-18, 492 days before); three failures sufficed 100 days sooner."""
    found = gains(
        "trials.at_least=2",
        [failures(2, date(2025, 1, 15)), failures(3, date(2025, 1, 15)), failures(1, date(2025, 1, 15))],
    )
    assert (found.gains, found.loses) == (1, 0)
    assert (found.already_people, found.already_days) == (1, (DAY - date(2025, 7, 18)).days)
    assert (found.sooner_people, found.sooner_days) == (1, 100)


def test_who_gains_is_listed_by_name() -> None:
    """Of three people the one with two failures gains; the list names policy, person and the answer before."""
    people = [failures(n, date(2025, 1, 15)) for n in (2, 3, 1)]
    connection = connect()
    tables = from_memory(tables_of(people), connection)
    other = whatif.changed(RULE, (whatif.read_change("trials.at_least=2"),))
    asked = [ask(tables, DAY, [(policy, "rtms")]) for policy in (RULE, other)]
    assert list(whatif.gainers(*asked, connection)) == [
        {"policy_id": "clause", "service": "rtms", "person": 0, "person_id": people[0].person.id, "before": "not_met"}
    ]


def test_more_weeks_shut_people_out() -> None:
    """Twelve weeks are no sixteen: who was met is not met, and nobody gains."""
    found = gains("adequate_antidepressant_trials.min_weeks=16", [failures(3, date(2025, 1, 15))])
    assert (found.gains, found.loses) == (0, 1)


def test_an_untouched_policy_is_the_same_object() -> None:
    """A change to a fact that a policy does not use changes nothing."""
    assert whatif.changed(RULE, (whatif.read_change("psychotherapy.at_least=2"),)) is RULE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trials", "sets nothing"),
        ("trials.at_least", "sets nothing"),
        ("trails.at_least=2", "No fact is called 'trails'. Nearest known word: 'trials'"),
        ("trials.atleast=2", "has no field 'atleast'. Nearest known word: 'at_least'"),
    ],
)
def test_a_change_that_cannot_be_read_is_refused(text: str, words: str) -> None:
    """The nearest known word is offered."""
    with pytest.raises(Refusal, match=words):
        whatif.read_change(text)


def test_a_value_that_cannot_stand_there_is_refused() -> None:
    """Two is a number; `two` is none."""
    with pytest.raises(Refusal, match=r"at_least=two"):
        whatif.changed(RULE, (whatif.read_change("trials.at_least=two"),))
