"""The ten worked examples of the policy language say what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inconcert.judgement import Answer
from inconcert.payers import Case
from support.clause import ask_clause
from support.factories import day, diagnosis, make_person, phq9, scale_form
from support.payer_cases import (
    COMPLETE,
    DEPRESSED,
    ESCITALOPRAM,
    SERTRALINE,
    VENLAFAXINE,
    attest,
    failed,
    make_case,
    say,
)
from support.safe_person import safe_person

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "the-policy-language.md"
ANSWERS = {"met": Answer.MET, "not met": Answer.NOT_MET, "unknown": Answer.UNKNOWN}
EXAMPLE = re.compile(
    r"```yaml\n# worked example (?P<number>\d+)\n(?P<criteria>.*?)```\n\n\| person \| answer \|\n\| --- \| --- \|\n(?P<rows>(?:\|[^\n]*\|\n)+)",
    re.DOTALL,
)


def person(*facts: object, **more: object) -> Case:
    """Somebody with depression and only these facts."""
    return make_case(make_person(DEPRESSED, *facts, **more))


def told(**answers: str | float) -> Case:
    """Somebody who answered these payers' questions; two underscores stand for a dot."""
    return person(*(say("payers." + q.replace("__", "."), a) for q, a in answers.items()))


SERT, VEN, ESC = failed(*SERTRALINE), failed(*VENLAFAXINE), failed(*ESCITALOPRAM)
BACK: dict[str, str | float] = {
    "prior_tms": "yes", "prior_tms_improvement_percent": 60, "days_since_tms": 400, "relapse": "yes", "count__tms_courses": 1,
}  # fmt: skip
GIVEN: dict[str, str | float] = {
    "clinic__prescriber_specialty": "pmhnp", "evaluation_visit": "in_person", "clinic__place_of_service": "11", "days_since__ketamine": 9999,
    "on_antidepressant": "yes",
}  # fmt: skip
ESCORTED = attest("payers.statement.escort_home", "yes", "2026-11-21")
PEOPLE: dict[str, Case] = {
    "nothing is known": person(),
    "sertraline and venlafaxine failed, the list of drugs attested whole": person(SERT, VEN, COMPLETE),
    "sertraline and venlafaxine failed, nobody attested the list": person(SERT, VEN),
    "sertraline and escitalopram failed, the list of drugs attested whole": person(SERT, ESC, COMPLETE),
    "sertraline alone failed, the list of drugs attested whole": person(SERT, COMPLETE),
    "sertraline alone failed, nobody attested the list": person(SERT),
    "ECT was refused": told(ect__refused="yes"),
    "PHQ-9 of 21 last week": person(phq9("2026-11-16", 21)),
    "PHQ-9 of 20 last week": person(phq9("2026-11-16", 20)),
    "PHQ-9 of 20 and MADRS of 27 last week": person(phq9("2026-11-16", 20), scale_form("madrs", "2026-11-16", 27)),
    "PHQ-9 of 21 a year ago": person(phq9("2025-11-16", 21)),
    "PHQ-9 of 24 in summer, 22 on 20 October and 21 last week":
        person(phq9("2026-07-16", 24), phq9("2026-10-20", 22), phq9("2026-11-16", 21)),
    "PHQ-9 of 24 in summer and 9 last week": person(phq9("2026-07-16", 24), phq9("2026-11-16", 9)),
    "healthy": make_case(safe_person(DEPRESSED, say("payers.hazard.cardiovascular_disease", "no"))),
    "heart disease, cleared by a cardiologist": make_case(safe_person(
        DEPRESSED, say("payers.hazard.cardiovascular_disease", "yes"), say("payers.documented.cardiology_clearance", "yes"))),
    "heart disease, not cleared": make_case(safe_person(
        DEPRESSED, say("payers.hazard.cardiovascular_disease", "yes"), say("payers.documented.cardiology_clearance", "no"))),
    "epilepsy, no written reason yet": person(
        diagnosis("G40.909"), say("payers.hazard.cardiovascular_disease", "no")),
    "sixteen years old": person(birth=day("2010-05-01")),
    "second course wanted, all told": told(**BACK),
    "fourth course wanted, all told": told(**BACK | {"count__tms_courses": 3}),
    "last TMS session three weeks ago": told(**BACK | {"days_since_tms": 21}),
    "last course helped by exactly half": told(**BACK | {"prior_tms_improvement_percent": 50}),
    "everything as asked": told(**GIVEN),
    "seen by video": told(**GIVEN | {"evaluation_visit": "telehealth"}),
    "ketamine last week": told(**GIVEN | {"days_since__ketamine": 6}),
    "escorted, functioning 45, guideline met as its holder says":
        person(ESCORTED, say("payers.number.gaf", 45), say("payers.external_criteria", "yes")),
    "escorted, functioning 45": person(ESCORTED, say("payers.number.gaf", 45)),
    "escorted, functioning 60": person(ESCORTED, say("payers.number.gaf", 60)),
    "escorted, as said two years ago": person(attest("payers.statement.escort_home", "yes", "2024-11-21"), say("payers.number.gaf", 45)),
}  # fmt: skip


def examples() -> Iterator[tuple[int, str, str, str]]:
    """Number, criteria, person and answer of each row of each example."""
    for found in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8")):
        for row in found["rows"].strip().splitlines():
            who, answer = (cell.strip() for cell in row.strip("|").split("|"))
            yield int(found["number"]), found["criteria"], who, answer


ROWS = list(examples())


@pytest.mark.parametrize(("number", "criteria", "who", "answer"), ROWS)
def test_a_worked_example_is_true(number: int, criteria: str, who: str, answer: str) -> None:
    """Each person of each example is answered as the page says; unknown names a question."""
    found = ask_clause(criteria, PEOPLE[who])
    assert found.answer is ANSWERS[answer], f"example {number}: {found.criteria.text}"
    assert found.answer is not Answer.UNKNOWN or found.missing


def test_there_are_ten_and_everybody_is_used() -> None:
    """The page has ten examples, and nobody is described here whom the page does not show."""
    assert {n for n, *_ in ROWS} == set(range(1, 11))
    assert {who for _, _, who, _ in ROWS} == set(PEOPLE)
