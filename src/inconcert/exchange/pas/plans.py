"""Which of a person's plans a request goes to."""

from __future__ import annotations

from datetime import date

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import policies
from inconcert.payers.matching import covers, match
from inconcert.record import HealthPlan, Person


def plan_for(person: Person, service: str, policy_id: str | None, as_of: date, coverage_id: str = "") -> HealthPlan:
    """The plan that is asked: the one named, else the one whose policy it is, else the one that pays first.

    Raises Refusal where no plan covers the day, where the one named does not, or where several might be meant.
    """
    plans = [p for p in person.health_plans if covers(p, as_of)]
    if not plans:
        raise Refusal(
            f"No health plan in the record covers {as_of}.", "Enter the person's Coverage with payer and dates."
        )
    if coverage_id:
        wanted = [p for p in plans if coverage_id in (p.id, p.id.partition("/")[2])]
        if not wanted:
            known = ", ".join(p.id for p in plans)
            raise Refusal(f"No plan {coverage_id!r} covers {as_of}.", f"One of: {known}.")
        return wanted[0]
    if len(plans) == 1:
        return plans[0]
    if policy_id is not None:
        fitting = [p for p in plans if match(policies()[policy_id], p, person.region)]
        if fitting:
            plans = fitting
    ranked = sorted(plans, key=lambda p: (p.order is None, p.order or 0))
    if len(ranked) > 1 and ranked[0].order == ranked[1].order:
        known = ", ".join(f"{p.id} ({p.payer})" for p in ranked)
        raise Refusal(f"Several plans may be meant for {service}: {known}.", "Name one (--coverage).")
    return ranked[0]
