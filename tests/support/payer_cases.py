"""Cases for payers: a person whom every policy would like, told in a few facts, and text grids of what policies answer.

Everybody here is asked about on 22 November 2026 unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from inconcert.judgement import Judgement
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import policies
from inconcert.payers import Case, Determination, determine
from inconcert.record import Attestation, Person, ReportedTrial
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from support.factories import attest, diagnosis, order, phq9, reported_trial, scale_form
from support.safe_person import safe_person

DAY = date(2026, 11, 22)
SAID_ON = "2026-11-21"

# The answer that speaks for approval, where it is not a plain yes.
_NO = (
    "payers.diagnosis.", "payers.hazard.", "payers.psychotic_features", "payers.mimicking", "payers.acute", "payers.suicidal_intent",
    "payers.ketamine_now", "payers.esketamine_now", "payers.other_infusion_now", "payers.psychotropic_change_planned",
    "payers.ect.", "payers.antidepressants_contraindicated", "payers.treated_outside",
)  # fmt: skip
_VALUES: Mapping[str, float | str] = {
    "payers.clinic.prescriber_specialty": "psychiatrist",
    "payers.clinic.protocol_variant": "none",
    "payers.clinic.setting": "outpatient",
    "payers.severity": "severe",
    "payers.prior_tms": "no",  # else it would open the doors that a test of medication trials wants shut
    "payers.clinic.monitoring_hours": 2,
    "payers.days_since_substance_use": 9999,
    "payers.psychotherapy_courses": 2,
    "payers.prior_tms_improvement_percent": 60,
    "payers.prior_tms_months_between": 12,
    "payers.prior_tms_sustained_days": 200,
    "payers.days_since_tms": 400,
    "payers.interim_improvement_percent": 40,
    "payers.intolerance_weeks": 6,
}
_LEFT_OPEN = frozenset(
    {"payers.external_criteria", "payers.started_before_guidance", "payers.other_labeled_indication"}
)


def say(question: str, answer: str | float, on: str = SAID_ON) -> Attestation:
    """An answer to one question: yes or no, a number, or a choice."""
    if isinstance(answer, str) and answer in ("yes", "no", "unknown"):
        return attest(question, answer, on)
    if isinstance(answer, str):
        return attest(question, "", on, value_text=answer)
    return attest(question, "", on, value=float(answer))


def willing(*without: str, **instead: str | float) -> tuple[Attestation, ...]:
    """Every question of ours answered so that it speaks for approval, but those named (a name ending in a dot: all of them)."""
    answers = []
    for question, entry in intake_questions().items():
        if not question.startswith("payers.") or entry.answer == "text" or question in _LEFT_OPEN:
            continue
        if any(question == w or (w.endswith(".") and question.startswith(w)) for w in without):
            continue
        plain = "no" if question.startswith(_NO) else "yes"
        answers.append(say(question, instead.get(question, _VALUES.get(question, plain))))
    return tuple(answers)


def failed(drug: str, start: str, end: str | None, mg: float, **more: Any) -> ReportedTrial:
    """A trial that failed in this episode, taken regularly, measured on a scale."""
    fields: dict[str, Any] = {
        "outcome": "nonresponse", "improvement_percent": 5, "adherence_percent": 95, "in_current_episode": True,
    }  # fmt: skip
    return reported_trial(drug, daily_dose_mg=mg, start=start, end=end, reported_on=SAID_ON, **(fields | more))


SERTRALINE = ("sertraline", "2025-03-01", "2025-06-30", 200.0)
VENLAFAXINE = ("venlafaxine", "2025-07-10", "2025-11-30", 225.0)
ESCITALOPRAM = ("escitalopram", "2025-07-10", "2025-11-30", 20.0)
MIRTAZAPINE = ("mirtazapine", "2025-12-10", "2026-04-30", 45.0)
NORTRIPTYLINE = ("nortriptyline", "2026-05-10", "2026-09-30", 150.0)
COMPLETE = attest("staging.history_complete", "yes", SAID_ON)
DEPRESSED = diagnosis("F33.2", "2025-02-01", recorded="2025-02-10")


def two_failures() -> tuple[ReportedTrial, ...]:
    """Two failed trials of two classes in this episode."""
    return failed(*SERTRALINE), failed(*VENLAFAXINE)


def ill(phq: float = 22) -> tuple[Any, ...]:
    """Severe by every scale that policies name and we hold: two PHQ-9, a MADRS, a HAM-D17."""
    return (
        phq9("2026-10-20", phq), phq9("2026-11-16", phq), scale_form("madrs", "2026-11-16", 38), scale_form("hamd17", "2026-11-16", 26),
    )  # fmt: skip


def clear_person(*facts: Any, without: tuple[str, ...] = (), **instead: str | float) -> Person:
    """Severe recurrent depression, every safety and payer question answered; medication trials only as given."""
    answers = [
        a for a in willing(*without, **instead) if not any(a.question == getattr(f, "question", "") for f in facts)
    ]
    return safe_person(DEPRESSED, *answers, *facts)


def make_case(person: Person, on: date = DAY) -> Case:
    """The case of a person on a day."""
    history = rebuild_trials(person, on)
    return Case(person=person, history=history, safety=screen(person, history, on), as_of=on)


def approvable(*facts: Any, **instead: str | float) -> Case:
    """A case that most policies meet: ill, two failures, everything else answered well."""
    return make_case(clear_person(*ill(), *two_failures(), *facts, **instead))


def ask(policy_id: str, case: Case, service: str = "", **more: Any) -> Determination:
    """One policy of the library asked; its first service unless named."""
    policy = policies()[policy_id]
    return determine(policy, case, service or policy.services[0], **more)


def criteria(judgement: Judgement) -> Iterator[Judgement]:
    """A judgement and everything below it."""
    yield judgement
    for part in judgement.parts:
        yield from criteria(part)


def criterion(determination: Determination, name: str) -> Judgement:
    """The criterion at a place (`4.1`) or of a fact (`age`), the first in the file's order."""
    for judgement in criteria(determination.criteria):
        path, _, fact = judgement.id.partition("/")[2].partition(":")
        if name in (path, fact):
            return judgement
    raise AssertionError(f"{determination.policy_id} has no criterion {name!r}")


def rows(table: str) -> list[list[str]]:
    """The rows of a text grid, cells between bars; the first row are the headings."""
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines() if line.strip()]


def check_grid(policy_id: str, table: str, cases: Mapping[str, Any], service: str = "", **more: Any) -> None:
    """Hold a policy against a grid: one case per row, one criterion per column, `whole` for the answer, `.` for not asked.

    A criterion is named by its fact or its place; `not met` is written `no`.
    """
    (_, *headings), *lines = rows(table)
    words = {"met": "met", "no": "not_met", "unknown": "unknown"}
    wrong = []
    assert {line[0] for line in lines} == set(cases), "the grid and the cases name different people"
    for name, *cells in lines:
        found = ask(policy_id, cases[name], service, **more)
        for heading, cell in zip(headings, cells, strict=True):
            if cell == ".":
                continue
            got = found.answer if heading == "whole" else criterion(found, heading).answer
            if got.value != words[cell]:
                said = found.summary if heading == "whole" else criterion(found, heading).text
                wrong.append(f"{name}: {heading} is {got.value}, the grid says {words[cell]}: {said}")
    assert not wrong, "\n".join(wrong)


__all__ = [
    "COMPLETE", "DAY", "DEPRESSED", "ESCITALOPRAM", "MIRTAZAPINE", "NORTRIPTYLINE", "SAID_ON", "SERTRALINE", "VENLAFAXINE", "approvable",
    "ask", "check_grid", "clear_person", "criteria", "criterion", "failed", "ill", "make_case", "order", "rows", "say", "two_failures",
    "willing",
]  # fmt: skip
