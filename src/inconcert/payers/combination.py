"""What a policy says of TMS together with ketamine or esketamine, in words, and whether a given pair is allowed by it.

Silence is not consent: a text seen whole that says nothing leaves the pair unknown, and so does a text not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers import readings
from inconcert.payers.types import CombinationClause
from inconcert.payers.wording import plain

STIMULATION = frozenset({"rtms", "dtms", "itbs", "accelerated_saint"})
KETAMINES = frozenset({"esketamine", "iv_ketamine", "im_ketamine"})


@dataclass(frozen=True, slots=True)
class PairReading:
    """One policy on one pair: allowed, not allowed or unknown, and why."""

    policy_id: str
    answer: Answer
    text: str


def clause_of(policy: CoveragePolicy) -> CombinationClause:
    """The policy's clause."""
    return CombinationClause(policy.file.combination.clause)


def clause_in_words(policy: CoveragePolicy) -> str:
    """The clause for a reader, with the agents it names and what it wants beside."""
    said = policy.file.combination
    agents = ", ".join(plain(a) for a in said.agents)
    text = {
        CombinationClause.PROHIBITS: f"bars it together with {agents}",
        CombinationClause.EXPERIMENTAL: f"calls it together with {agents} experimental",
        CombinationClause.DOCUMENT: f"wants {agents} given at the same time to be documented",
        CombinationClause.DUPLICATE_REPORTED: f"is reported (second hand) to refuse it as duplicate therapy beside {agents}",
        CombinationClause.ALLOWS: f"allows it together with {agents}; ketamine is not named",
        CombinationClause.SILENT: "says nothing of the pair; silence is not consent, so document why both",
        CombinationClause.NOT_SEEN: "may say something of the pair in a part that we did not see",
        CombinationClause.NOT_APPLICABLE: "refuses the treatment itself, so the pair does not arise",
    }[clause_of(policy)]
    if said.requires:
        text += f"; it wants {', '.join(plain(r) for r in said.requires)} beside the treatment"
    if said.companion:
        text += f"; it speaks of the treatment with {' or '.join(plain(c) for c in said.companion)}"
    return f"{policy.file.payer} ({policy.file.policy_number}) {text}." + (
        f" {_sentence(said.note)}" if said.note else ""
    )


def _sentence(note: str) -> str:
    return note[:1].upper() + note[1:] + ("" if note.endswith(".") else ".")


def on_pair(policy: CoveragePolicy, others: tuple[str, ...]) -> PairReading:
    """What the policy of one part says of the other services of a plan."""
    clause = clause_of(policy)
    words = clause_in_words(policy)
    if clause is CombinationClause.NOT_APPLICABLE:
        return PairReading(policy.id, Answer.NOT_MET, words)
    named, maybe = _reached(policy, others)
    if clause in (CombinationClause.PROHIBITS, CombinationClause.EXPERIMENTAL):
        if named:
            return PairReading(policy.id, Answer.NOT_MET, words)
        if maybe:
            what = plain(maybe[0])
            text = f"{words} It does not name {what}; being a form of the same drug it may be meant: ask in writing."
            return PairReading(policy.id, Answer.UNKNOWN, text)
    if clause is CombinationClause.DOCUMENT and named:
        return PairReading(policy.id, Answer.MET, words)
    return PairReading(policy.id, Answer.UNKNOWN, words)


def _reached(policy: CoveragePolicy, others: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Which of the other services the clause names, and which it may mean."""
    meanings = [m for a in policy.file.combination.agents if (m := readings.agents().get(a)) is not None]
    named = [s for s in others if any(s in m.services for m in meanings)]
    maybe = [s for s in others if s not in named and any(s in m.services_maybe for m in meanings)]
    return named, maybe
