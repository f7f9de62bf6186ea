"""Each treatment of a packet under its own policy, judged twice: with everything, and without what is held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inconcert.assessment.names import UnknownName
from inconcert.assessment.wording import SERVICES
from inconcert.exchange.packet.criteria import Cite, criterion_rows
from inconcert.exchange.packet.scores import thresholds
from inconcert.exchange.packet.types import PacketPart, PacketRequest, PolicyText
from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import determine, policies_for
from inconcert.payers.types import Case, Determination


@dataclass(frozen=True, slots=True)
class AskedPart:
    """One service with its policy and its determinations: `sent` without what is held back, `full` with it.

    `together` is asked of the former with the rest of the plan running; None where there is no other part.
    """

    service: str
    policy: CoveragePolicy
    sent: Determination
    full: Determination
    together: Determination | None


def ask_parts(
    case: Case, whole: Case, request: PacketRequest, library: Mapping[str, CoveragePolicy] | None
) -> tuple[AskedPart, ...]:
    """Ask each service's policy. Raises UnknownName for a policy that does not exist, Refusal where a service has none."""
    known = {**policies(), **(library or {})}
    chosen = _chosen(whole, request, known)
    found = []
    for service in request.services:
        policy = next((p for p in chosen if service in p.file.services), None)
        if policy is None:
            raise _no_policy(service, chosen, known)
        others = tuple(s for s in request.services if s != service)
        sent = determine(policy, case, service, stage=request.stage)
        found.append(
            AskedPart(
                service=service,
                policy=policy,
                sent=sent,
                full=sent if whole is case else determine(policy, whole, service, stage=request.stage),
                together=determine(policy, case, service, stage=request.stage, together_with=others)
                if others
                else None,
            )
        )
    return tuple(found)


def _chosen(case: Case, request: PacketRequest, known: Mapping[str, CoveragePolicy]) -> list[CoveragePolicy]:
    if not request.policies:
        return [policy for policy, _ in policies_for(case.person, case.as_of)]
    for name in request.policies:
        if name not in known:
            raise UnknownName("coverage policy", name, known)
    return [known[name] for name in request.policies]


def _no_policy(service: str, chosen: list[CoveragePolicy], known: Mapping[str, CoveragePolicy]) -> Refusal:
    able = [p.id for p in known.values() if service in p.file.services and not p.superseded]
    named = ", ".join(p.id for p in chosen) or "none (no recorded health plan matches one we hold)"
    if not able:
        return Refusal(f"No policy that we hold speaks of {SERVICES[service]}.", "See inconcert policies list.")
    return Refusal(
        f"No policy for {SERVICES[service]} among those chosen: {named}.",
        f"Name one with --payer; those that speak of it: {', '.join(able[:12])}{' ...' if len(able) > 12 else ''}.",
    )


def packet_part(asked: AskedPart, stage: str, cite: Cite) -> PacketPart:
    """One treatment as the packet tells it."""
    sent = asked.sent
    file = asked.policy.file
    answer = sent.answer if sent.answer is asked.full.answer else Answer.UNKNOWN
    return PacketPart(
        service=asked.service,
        service_name=SERVICES[asked.service],
        policy=_text(asked.policy, sent),
        answer=answer,
        decision=sent.decision,
        criteria=criterion_rows(asked.policy, stage, sent.criteria, asked.full.criteria, cite),
        authorizes=sent.authorizes,
        codes=(*file.codes.cpt, *file.codes.hcpcs),
        thresholds=thresholds(asked.policy, stage),
        together=asked.together.answer if asked.together is not None else None,
        clause=sent.combination_text,
    )


def _text(policy: CoveragePolicy, sent: Determination) -> PolicyText:
    file = policy.file
    return PolicyText(
        id=policy.id,
        payer=file.payer,
        number=file.policy_number,
        title=file.title,
        version=policy.version_text,
        read_depth=file.read_depth,
        checked_on=str(file.checked_on),
        sources=tuple(f"{source.ref}{f' ({source.where})' if source.where else ''}" for source in policy.sources),
        caveats=sent.caveats,
    )
