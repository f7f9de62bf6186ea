"""Why these policies were asked, in words that do not mislead."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.assessment.paid import choose
from inconcert.knowledge.policies import policies
from inconcert.payers.types import Case
from inconcert.record import DateRange, HealthPlan, Origin
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from support.factories import make_person

AS_OF = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("payer", "start", "end", "words"),
    [
        ("Aetna", "2024-01-01", "2025-01-01", "no recorded health plan covers 2026-11-16"),
        ("Aetna", "2027-01-01", None, "no recorded health plan covers 2026-11-16"),
        ("Acme Mutual", "2024-01-01", None, "matches no policy we hold"),
        ("Aetna", "2024-01-01", None, "matched to the recorded health plan"),
    ],
)
def test_a_plan_that_ended_is_not_called_unmatched(payer: str, start: str, end: str | None, words: str) -> None:
    """A coverage out of its dates is said to be so, and is not mistaken for a payer we hold no policy of."""
    plan = HealthPlan(
        id="Coverage/1", origin=Origin(resource="Coverage/1"), payer=payer,
        start=DateRange.of(date.fromisoformat(start)), end=DateRange.of(date.fromisoformat(end)) if end else None,
    )  # fmt: skip
    person = make_person(health_plans=(plan,))
    history = rebuild_trials(person, AS_OF)
    case = Case(person=person, history=history, safety=screen(person, history, AS_OF), as_of=AS_OF)
    _, because = choose(case, None, policies())
    assert words in because
