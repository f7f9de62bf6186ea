"""What a reader must know about a policy text before relying on an answer: its age, how it was read, what replaced it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from inconcert.judgement import Reading
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import Node, Provenance, leaves_of

_DEPTH = {
    "full_text": "",
    "excerpt": "Only an excerpt of the policy was read.",
    "summary": "Only a summary by somebody else was read, not the policy.",
    "header": "Only the header of the policy was read.",
    "none": "The policy itself was not read.",
}


def in_force(policy: CoveragePolicy, day: date) -> str | None:
    """None where the text may be used for that date of service; else why it may not, in words.

    A text without dates may be used, with a caveat; a superseded one may not, and one before its first day may not.
    """
    version = policy.file.version
    if policy.effective is not None and day < policy.effective.latest:
        if day < policy.effective.earliest:
            return f"This text took effect on {policy.effective}, after the date of service {day}."
        return f"This text took effect some time in {policy.effective}; whether before {day} is not known."
    if policy.ends is not None and day > policy.ends.earliest:
        return f"This text ended on {policy.ends}, before the date of service {day}."
    if policy.superseded and policy.ends is None:
        by = f" by {version.superseded_by}" if version.superseded_by else ""
        return f"This text has been superseded{by}, on a day we did not see."
    return None


def caveats_of(policy: CoveragePolicy, tree: Node | None, outside: str | None) -> tuple[str, ...]:
    """Every caveat of a policy, weightiest first."""
    lasting = _lasting(policy, tree)
    return (outside, *lasting) if outside is not None else lasting


@lru_cache(maxsize=512)
def _lasting(policy: CoveragePolicy, tree: Node | None) -> tuple[str, ...]:
    """The caveats that do not depend on the date of service."""
    file, version = policy.file, policy.file.version
    found = []
    if file.status is Reading.RECALLED:
        found.append("This policy is recalled from memory; check it before relying on it.")
    if _DEPTH[file.read_depth]:
        found.append(_DEPTH[file.read_depth])
    if policy.effective is None:
        found.append("The date of the text is not known; it may have changed.")
    if version.superseded in ("likely", "in_part"):
        found.append(
            "The text is probably superseded." if version.superseded == "likely" else "Part of it is superseded."
        )
    leaves = list(leaves_of(tree)) if tree is not None else []
    if any(leaf.provenance is Provenance.RECALLED for leaf in leaves) and file.status is not Reading.RECALLED:
        found.append("Some criteria are recalled from memory.")
    if any(leaf.conflicting_values for leaf in leaves):
        found.append("Sources disagree on a criterion; every value they give is kept.")
    if any(leaf.fact == "policy_text_not_seen" for leaf in leaves):
        found.append("A part of the policy was not seen; wherever it matters the answer stays unknown.")
    if file.process.binding == "recommendation_only":
        found.append("This is a recommendation to a ministry, not an entitlement.")
    if file.process.binding == "governance_guidance_not_funding":
        found.append("This is guidance on safety and governance, not a rule on funding.")
    if file.jurisdiction_note:
        found.append(f"Where it holds: {file.jurisdiction_note}.")
    found.append(f"Checked on {file.checked_on}. Policies change: ask the payer for the present text.")
    return tuple(found)
