"""Which text is in force on the date of service, and answers that are neither yes nor no.

Sources: the version blocks of the policy files named; shared brief on policies, section 1, points 5, 8, 10.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.judgement import Answer
from inconcert.payers import Case
from support.factories import day
from support.payer_cases import approvable, ask, clear_person, criterion, ill, make_case, rows, say, two_failures

IN_FORCE = """
policy                          | date of service | in force
cigna-evernorth-tms             | 2026-03-14      | no
cigna-evernorth-tms             | 2026-03-15      | yes
aetna-tms                       | 2026-02-26      | no
aetna-tms                       | 2026-02-27      | yes
magellan-tms-2019               | 2019-06-30      | no
magellan-tms-2019               | 2019-07-01      | yes
magellan-tms-2019               | 2020-06-30      | yes
magellan-tms-2019               | 2020-07-01      | no
montana-medicaid-tms            | 2019-12-31      | no
montana-medicaid-tms            | 2020-06-30      | no
montana-medicaid-tms            | 2020-12-31      | yes
cigna-tms-2016                  | 2026-11-22      | no
optum-uhc-tms                   | 2026-11-22      | yes
wa-lni-trd-2014                 | 2023-09-30      | yes
wa-lni-trd-2014                 | 2023-10-01      | no
"""


@pytest.mark.parametrize(("policy", "on", "expected"), [tuple(r) for r in rows(IN_FORCE)[1:]])
def test_a_text_answers_only_for_its_own_days(policy: str, on: str, expected: str) -> None:
    """The first day is in, the day before is not; outside its days a text answers unknown and asks for the right one."""
    case = approvable()
    found = ask(
        policy, Case(person=case.person, history=case.history, safety=case.safety, as_of=date.fromisoformat(on))
    )
    assert (found.decision != "not_in_force") is (expected == "yes")
    if expected == "no":
        assert found.answer is Answer.UNKNOWN
        assert found.missing[0].id == "payers.text_in_force"
        assert found.caveats[0].startswith("This text")


def test_a_superseded_text_can_still_be_read_as_written() -> None:
    """To compare texts, a superseded one is judged as it stands."""
    case = approvable()
    assert ask("bcbsm-new-directions-tms-2016", case).answer is Answer.UNKNOWN
    assert ask("cigna-evicore-spravato-earlier", case).answer is Answer.UNKNOWN
    assert ask("cigna-evicore-spravato-earlier", case, as_written=True).answer is Answer.MET


@pytest.mark.parametrize(("on", "expected"), [(date(2025, 4, 30), Answer.NOT_MET), (date(2025, 5, 1), Answer.MET)])
def test_texas_drops_the_oral_antidepressant_on_its_day(on: date, expected: Answer) -> None:
    """For TRD Texas asks for an oral antidepressant up to 30 April 2025 and not from 1 May."""
    person = clear_person(*two_failures(), say("payers.on_antidepressant", "no", "2024-01-01"))
    found = criterion(ask("texas-medicaid-spravato", make_case(person, on), as_written=True), "2.3")
    assert found.answer is expected


def person_of(birth: str, **more: Any) -> Case:
    """The approvable case of somebody born then."""
    return make_case(clear_person(*ill(), *two_failures(), **more), date(2026, 11, 22)) if not birth else _born(birth)


def _born(birth: str) -> Case:
    import dataclasses

    person = dataclasses.replace(clear_person(*ill(), *two_failures()), birth=day(birth))
    return make_case(person)


AGES = """
born       | centene-ambetter-tms | florida-blue-tms | optum-uhc-tms | medi-cal-tms
2011-11-23 | no                   | no               | no            | no
2011-11-22 | unknown              | met              | no            | unknown
2008-11-23 | unknown              | met              | no            | unknown
2008-11-22 | met                  | met              | met           | met
2008       | unknown              | met              | unknown       | unknown
1955-11-23 | met                  | met              | met           | met
1955-11-22 | met                  | no               | met           | met
"""


@pytest.mark.parametrize(("born", "policy", "expected"), [
    (line[0], policy, line[i])
    for heading, *lines in [rows(AGES)] for line in lines for i, policy in enumerate(heading) if i
])  # fmt: skip
def test_age_bounds_hold_to_the_day(born: str, policy: str, expected: str) -> None:
    """Birthdays count from their day; a birth year alone is a range; 15 to 17 goes to review at Centene; Medi-Cal's
    sources disagree between 15 and 18.
    """
    place = "1" if policy == "centene-ambetter-tms" else "age"
    answer = criterion(ask(policy, _born(born)), place).answer
    assert answer is {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}[expected]


def test_fifteen_to_seventeen_is_an_individual_review() -> None:
    """Centene: a 16-year-old who meets everything else is neither met nor unmet but goes to review."""
    found = ask("centene-ambetter-tms", _born("2010-05-01"))
    assert (found.answer, found.decision) == (Answer.UNKNOWN, "individual_review")


PARTLY_SEEN = """
born       | cigna-evernorth-tms | texas-medicaid-spravato | ibx-tms | humana-commercial-tms
1980-01-01 | met                 | unknown                 | unknown | unknown
2010-05-01 | unknown             | no                      | unknown | no
"""


@pytest.mark.parametrize(("born", "policy", "expected"), [
    (line[0], policy, line[i])
    for heading, *lines in [rows(PARTLY_SEEN)] for line in lines for i, policy in enumerate(heading) if i
])  # fmt: skip
def test_a_part_nobody_saw_is_never_counted_as_met(born: str, policy: str, expected: str) -> None:
    """Met only by a route that was seen whole, as Cigna's for adults. Where the unseen part could matter, as Cigna's rule
    for adolescents or Texas's on trials, the answer is unknown however well everything else stands.
    """
    found = ask(policy, _born(born))
    assert found.answer is {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}[expected]


DECISIONS = """
policy               | answer  | decision
bcbsms-spravato      | no      | never_covered
medica-ketamine-2014 | no      | never_covered
cda-amc-esketamine   | no      | never_covered
priority-health-tms  | unknown | delegated
point32-tufts-tms    | unknown | delegated
ontario-health-rtms  | met     | recommendation_only
nice-ipg542-rtms     | met     | governance_guidance_not_funding
"""


@pytest.mark.parametrize(("policy", "answer", "decision"), [tuple(r) for r in rows(DECISIONS)[1:]])
def test_decisions_that_are_no_plain_yes_or_no(policy: str, answer: str, decision: str) -> None:
    """Flat refusals, delegation and recommendations say what they are."""
    found = ask(policy, approvable())
    assert found.answer is {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}[answer]
    assert found.decision == decision


def test_a_flat_refusal_has_no_way_to_yes() -> None:
    """Nothing is proposed where nothing can change it."""
    found = ask("bcbsms-spravato", approvable())
    assert found.routes == ()
    assert found.shortest_way == ()


def test_a_proprietary_set_can_be_answered_by_its_holder_only() -> None:
    """InterQual: unknown from the chart; somebody who holds the set may say."""
    assert (
        ask("priority-health-tms", make_case(clear_person(say("payers.external_criteria", "yes")))).answer is Answer.MET
    )
    assert ask("priority-health-tms", approvable()).answer is Answer.UNKNOWN


def test_text_not_seen_is_never_met() -> None:
    """However good the case, a policy with an unseen part is unknown and asks the payer for the text."""
    found = ask("uhc-spravato", approvable())
    assert found.answer is Answer.UNKNOWN
    assert {q.id for q in found.missing} >= {"payers.policy_text"}


def test_nice_keeps_those_who_had_begun() -> None:
    """NICE TA854: not recommended, but whoever had begun may go on; unknown until that is answered."""
    for said, expected in (("yes", Answer.MET), ("no", Answer.NOT_MET)):
        case = make_case(clear_person(say("payers.started_before_guidance", said)))
        assert ask("nice-ta854-esketamine", case).answer is expected
    assert ask("nice-ta854-esketamine", approvable()).answer is Answer.UNKNOWN
