"""A plan of several parts: each under its own policy, what each policy says of the pair, and one honest summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inconcert.judgement import Answer, all_of
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers.combination import KETAMINES, STIMULATION, PairReading, on_pair
from inconcert.payers.determination import determine
from inconcert.payers.types import Case, Determination, PlanDetermination
from inconcert.payers.wording import opening, plain


def determine_plan(
    case: Case,
    services: Sequence[str],
    policy_for: Mapping[str, str],
    library: Mapping[str, CoveragePolicy] | None = None,
) -> PlanDetermination:
    """Answer a plan part by part, then the pair.

    `policy_for` names the policy of each service; a part without one is said to have none, and leaves the pair unknown.
    `library` holds policies outside our own. Raises KeyError for an unknown policy, Refusal for one of another service.
    """
    known = {**policies(), **(library or {})}
    chosen = {s: known[policy_for[s]] for s in services if s in policy_for}
    alone = tuple(determine(policy, case, service) for service, policy in chosen.items())
    others = {s: tuple(o for o in services if o != s) for s in services}
    together = tuple(
        determine(policy, case, service, together_with=others[service]) for service, policy in chosen.items()
    )
    without = [s for s in services if s not in chosen]
    if len(set(services)) < 2 or not _is_pair(services):
        allowed, pair_text = Answer.MET, "One treatment alone: no question of a pair."
    else:
        readings = [on_pair(policy, others[service]) for service, policy in chosen.items()]
        allowed, pair_text = _pair(readings, without)
    return PlanDetermination(
        services=tuple(services),
        parts=alone,
        pair_allowed=allowed,
        pair_text=pair_text,
        summary=_summary(alone, together, without, pair_text),
        together=together,
    )


def _is_pair(services: Sequence[str]) -> bool:
    """Whether stimulation and a ketamine are both in the plan; two stimulations, or two ketamines, are a pair as well."""
    kinds = [s in STIMULATION for s in services if s in STIMULATION or s in KETAMINES]
    return len(kinds) > 1


def _pair(found: Sequence[PairReading], without: Sequence[str]) -> tuple[Answer, str]:
    answers = [r.answer for r in found] + [Answer.UNKNOWN for _ in without]
    texts = [r.text for r in found]
    texts += [f"No policy is named for {plain(s)}: what its payer says of the pair is not known." for s in without]
    return all_of(answers), " ".join(texts)


def _summary(
    alone: Sequence[Determination], together: Sequence[Determination], without: Sequence[str], pair_text: str
) -> str:
    said = [f"{plain(d.service)} {plain(d.answer.value)} under {d.payer}" for d in alone]
    said += [f"{plain(s)} has no policy named" for s in without]
    text = "; ".join(said)
    text = f"{opening(text)}. {pair_text}"
    for one, both in zip(alone, together, strict=True):
        if both.answer is not one.answer:
            text += f" Given together, {plain(one.service)} would be {plain(both.answer.value)}."
    return text
