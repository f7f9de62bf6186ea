"""Which policies govern a person: by the names in the policy files, never by a guess."""

from __future__ import annotations

import re
from datetime import date

from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import readings
from inconcert.record import HealthPlan, Person


def policies_for(person: Person, as_of: date) -> tuple[tuple[CoveragePolicy, str], ...]:
    """The policies whose payer, line of business and place match the person's coverage on that day, each with the reason.

    Superseded texts are left out. Coverage in its recorded order; nothing where no name matches.
    """
    found: dict[str, tuple[CoveragePolicy, str]] = {}
    plans = [p for p in person.health_plans if covers(p, as_of)]
    for plan in sorted(plans, key=lambda p: (p.order is None, p.order or 0)):
        for policy in policies().values():
            reason = match(policy, plan, person.region) if not policy.superseded else None
            if reason is not None:
                found.setdefault(policy.id, (policy, reason))
    return tuple(found.values())


def covers(plan: HealthPlan, day: date) -> bool:
    """True if the coverage is not withdrawn and its period, as far as it is recorded, holds that day."""
    if plan.status in ("cancelled", "draft", "entered-in-error"):
        return False
    began = plan.start is None or plan.start.earliest <= day
    return began and (plan.end is None or plan.end.latest >= day)


def match(policy: CoveragePolicy, plan: HealthPlan, region: str = "") -> str | None:
    """Why this policy governs this coverage, in words; None where it does not, or where it cannot be told."""
    file = policy.file
    if plan.payer_identifier and plan.payer_identifier in file.payer_identifiers:
        return f"payer identifier {plan.payer_identifier}"
    name = next((n for n in file.payer_names if _same_payer(n, plan)), None)
    if name is None:
        return None
    words = plain_name(f"{plan.payer} {plan.plan} {plan.text}")
    if any(_has(words, w) for w in file.not_plan_words):
        return None
    if file.plan_words and not any(_has(words, w) for w in file.plan_words):
        return None
    return _by_place(policy, plan, name, words, region)


def _by_place(policy: CoveragePolicy, plan: HealthPlan, name: str, words: str, region: str) -> str | None:
    """A national contractor's text holds where the contractor is named or the home state is its own."""
    file = policy.file
    if file.line_of_business != "medicare_mac":
        return f"payer {plan.payer or plan.label!s} is called {name!r} in the policy file"
    contractor = next((c for c in file.contractor_names if _has(words, c)), None)
    if contractor is not None:
        return f"{plan.payer}, contractor {contractor!r} named in the plan"
    if any(_has(words, c) for c in _all_contractors()):
        return None  # another contractor is named
    state = _state(region)
    if state and f"US-{state}" in file.jurisdiction:
        note = f" ({file.jurisdiction_note})" if file.jurisdiction_note else ""
        return f"{plan.payer}, home state {state} in the policy's jurisdiction{note}"
    return None


def _all_contractors() -> tuple[str, ...]:
    return tuple(c for p in policies().values() for c in p.file.contractor_names)


def _state(region: str) -> str:
    code = region.strip().upper().removeprefix("US-")
    return code if len(code) == 2 else readings.states().get(plain_name(region), "")


def _same_payer(name: str, plan: HealthPlan) -> bool:
    wanted = plain_name(name)
    return any(wanted == said or _only_adds(said, wanted) for said in _said_names(plan))


def _said_names(plan: HealthPlan) -> set[str]:
    """A payer's name as written, without what stands in brackets, and what stands in brackets alone."""
    found = set()
    for text in (plan.payer, plan.text) if not plan.payer else (plan.payer,):
        outside = re.sub(r"\([^)]*\)", " ", text)
        found |= {plain_name(text), plain_name(outside), *(plain_name(b) for b in re.findall(r"\(([^)]*)\)", text))}
    return found - {""}


def _only_adds(said: str, wanted: str) -> bool:
    """Whether a name is the wanted one with nothing after it but words such as insurance or company."""
    if not said.startswith(wanted + " "):
        return False
    return set(said.removeprefix(wanted).split()) <= readings.company_words()


def _has(words: str, phrase: str) -> bool:
    return f" {plain_name(phrase)} " in f" {words} "


def plain_name(text: str) -> str:
    """Lower case, `&` as `and`, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("&", " and ")).split())
