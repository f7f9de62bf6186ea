"""Which kinds of plan, and which kinds of benefit, an authorization may be under, as far as anybody said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.knowledge.policies import policies
from inconcert.payers.authorization.events import AuthorizationStatus
from inconcert.payers.authorization.files import ClockName, ClockRule, Subject, clock_rules, payer_kinds

DRUGS = ("esketamine", "iv_ketamine", "im_ketamine")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One kind of plan with one kind of benefit, and its limit for a clock (None: not known to us)."""

    kind: str
    subject: Subject
    rule: ClockRule | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The plans it may be. One kind and one subject where both are known; `questions` name what is not."""

    kinds: tuple[str, ...]
    subjects: tuple[Subject, ...]
    questions: tuple[str, ...]

    def with_rules(self, clock: ClockName, day: date) -> tuple[Candidate, ...]:
        """Each plan it may be with its limit in force on a day."""
        return tuple(Candidate(k, s, _rule(clock, k, s, day)) for k in self.kinds for s in self.subjects)

    def silence_text(self, clock: str) -> str:
        """What to say where no limit is known."""
        if len(self.kinds) == 1:
            kind = payer_kinds()[self.kinds[0]]
            if clock == "decision" and kind.no_request:
                return kind.no_request
            return f"No limit is known to us for this kind of plan ({kind.name})."
        return "The kind of plan is not known, and so its limit is not."


def candidates_of(status: AuthorizationStatus) -> Candidates:
    """The plans an authorization may be under.

    A kind that was said counts alone. Where only the coverage policy is known, the kinds its line of business may mean are
    possible, and the kind stays a question; else every kind is.
    """
    asked = []
    kind = status.detail("payer_kind")
    if kind:
        kinds: tuple[str, ...] = (kind,)
    else:
        kinds = kinds_of_policy(status.detail("policy_id"))
        asked.append("payers.authorization.payer_kind")
    subjects = subjects_of(status.detail("service"), status.detail("benefit"))
    if len(subjects) > 1:
        asked.append("payers.authorization.benefit")
    return Candidates(kinds, subjects, tuple(asked))


def kinds_of_policy(policy_id: str) -> tuple[str, ...]:
    """The kinds of plan that a policy's line of business may mean; all kinds where it says nothing."""
    policy = policies().get(policy_id)
    if policy is not None:
        line = policy.file.line_of_business
        found = tuple(kind.id for kind in payer_kinds().values() if line in kind.lines_of_business)
        if found:
            return found
    return tuple(payer_kinds())


def subjects_of(service: str, benefit: str) -> tuple[Subject, ...]:
    """TMS is a service; ketamine and esketamine are drugs under the medical or the pharmacy benefit, or either."""
    if service not in DRUGS:
        return ("service",)
    if benefit == "medical":
        return ("drug_medical",)
    return ("drug_pharmacy",) if benefit == "pharmacy" else ("drug_medical", "drug_pharmacy")


def _rule(clock: ClockName, kind: str, subject: Subject, day: date) -> ClockRule | None:
    fits = (r for r in clock_rules() if r.clock == clock and kind in r.payer_kinds and subject in r.subjects)
    return next((rule for rule in fits if rule.holds_on(day)), None)
