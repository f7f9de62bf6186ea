"""Will it be paid for: which policies to ask, each one's determination, and the plan part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inconcert.assessment.names import UnknownName
from inconcert.assessment.types import LibraryRow, PaidAnswer
from inconcert.assessment.wording import SERVICES, unique
from inconcert.courses import way_files
from inconcert.judgement import Answer, Basis, Judgement
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import determine_all, determine_plan, policies_for
from inconcert.payers.asking import CaseView
from inconcert.payers.matching import covers
from inconcert.payers.types import Case, Determination, PlanDetermination

NOT_SEARCHED = (
    "The shortest way to yes was not searched: these policies are nobody's plan. Name the policy meant (on the command line "
    "--payer POLICY; in the site, that policy's own page) and its way is shown."
)
# The pairs asked for where the user names no plan: one drug part and one stimulation part.
DRUGS = ("esketamine", "iv_ketamine")
STIMULATION = ("rtms", "dtms", "itbs", "accelerated_saint")


def ask(case: Case, *, payers: Sequence[str] | None, plans: Sequence[str] | None) -> PaidAnswer:
    """Determine every policy of the library once, show the chosen ones whole, and answer the plans part by part.

    Raises UnknownName for a policy id, way or service that does not exist.
    """
    library = policies()
    chosen, because = choose(case, payers, library)
    view, theirs = CaseView(case), len(chosen) < len(library)
    ways_for = [policy.id for policy in chosen] if theirs else ()
    everything = {d.policy_id: d for d in determine_all(case, ways_for=ways_for, view=view)}
    determinations = tuple(everything[policy.id] for policy in chosen)
    asked_plans = tuple(
        determine_plan(case, services, parts_of(services, chosen), view=view, known=determinations)
        for services in plan_services(plans, chosen)
    )
    return PaidAnswer(
        text=_say(determinations, asked_plans, tuple(everything.values()), because),
        chosen_because=because,
        determinations=determinations,
        plans=asked_plans,
        ways_text="" if theirs else NOT_SEARCHED,
        library=tuple(_row(d) for d in everything.values()),
        questions=unique(q for d in determinations for q in d.missing),
        basis=Basis(
            rule_id="assessment.paid",
            rule_text=f"Coverage policies asked: {because}",
            as_of=case.as_of,
            sources=unique(source for d in determinations for source in d.basis.sources),
            used=unique(use for d in determinations for use in d.basis.used),
            rejected=unique(use for d in determinations for use in d.basis.rejected),
        ),
    )


def choose(
    case: Case, wanted: Sequence[str] | None, library: Mapping[str, CoveragePolicy]
) -> tuple[tuple[CoveragePolicy, ...], str]:
    """The policies to show whole, and why these: named, matched to the person's plan, or all of them."""
    if wanted:
        if "all" in wanted:
            return tuple(library.values()), "every policy of the library, as asked."
        for name in wanted:
            if name not in library:
                raise UnknownName("coverage policy", name, library)
        return tuple(library[name] for name in wanted), "named by the user."
    matched = policies_for(case.person, case.as_of)
    if matched:
        reasons = "; ".join(unique(reason for _, reason in matched))
        return tuple(policy for policy, _ in matched), f"matched to the recorded health plan ({reasons})."
    recorded = case.person.health_plans
    if not recorded:
        why = "no health plan is recorded"
    elif not any(covers(plan, case.as_of) for plan in recorded):
        why = f"no recorded health plan covers {case.as_of}"  # ended or not yet begun: not a plan unknown to us
    else:
        why = "the recorded health plan matches no policy we hold"
    return tuple(library.values()), f"every policy of the library, because {why}."


def plan_services(plans: Sequence[str] | None, chosen: Sequence[CoveragePolicy]) -> tuple[tuple[str, ...], ...]:
    """The plans to answer, each as its services. Without a named plan: the pair that the chosen policies both cover.

    Raises UnknownName for a way or service that does not exist.
    """
    if plans:
        return tuple(_named_plan(name) for name in plans)
    if len(chosen) == len(policies()):
        return ()  # the whole library is nobody's plan: a pair of two strangers' policies would mean nothing
    covered = [service for policy in chosen for service in policy.file.services]
    drug = next((s for s in DRUGS if s in covered), None)
    stimulation = next((s for s in STIMULATION if s in covered), None)
    return ((stimulation, drug),) if drug and stimulation else ()


def _named_plan(name: str) -> tuple[str, ...]:
    ways = {name: way for way in reversed(way_files()) for name in (way.id, way.way)}
    if name in ways:
        return tuple(part.service for part in ways[name].parts)
    services = tuple(word.strip() for word in name.split("+"))
    for service in services:
        if service not in (*DRUGS, *STIMULATION):
            raise UnknownName("way or service", service, (*ways, *DRUGS, *STIMULATION))
    return services


def parts_of(services: Sequence[str], chosen: Sequence[CoveragePolicy]) -> dict[str, str]:
    """Which of the chosen policies answers for which part: the first one chosen that covers the service."""
    found = {}
    for service in services:
        policy = next((p for p in chosen if service in p.file.services), None)
        if policy is not None:
            found[service] = policy.id
    return found


def _row(d: Determination) -> LibraryRow:
    return LibraryRow(
        policy_id=d.policy_id,
        payer=d.payer,
        service=d.service,
        answer=d.answer,
        decision=d.decision,
        combination=d.combination.value,
        stopped_by=_stopped_by(d.criteria, d.answer),
    )


def _stopped_by(criteria: Judgement, answer: Answer) -> str:
    """The first leaf that has the whole's own answer, where that is not met or unknown."""
    if answer is Answer.MET or criteria.answer is not answer:
        return ""
    for part in criteria.parts:
        if part.answer is answer:
            return _stopped_by(part, answer) or part.text
    return criteria.text


def _say(
    determinations: Sequence[Determination],
    plans: Sequence[PlanDetermination],
    everything: Sequence[Determination],
    because: str,
) -> str:
    def tally(found: Sequence[Determination]) -> str:
        n = {answer: sum(d.answer is answer for d in found) for answer in Answer}
        return f"{n[Answer.MET]} met, {n[Answer.NOT_MET]} not met, {n[Answer.UNKNOWN]} unknown"

    sentences = []
    if len(determinations) <= 3:
        sentences += [
            f"{d.payer}, {SERVICES.get(d.service, d.service)}: {d.answer.value.replace('_', ' ')}."
            for d in determinations
        ]
    else:
        sentences.append(f"Of {len(determinations)} policies asked: {tally(determinations)}.")
    sentences += [plan.summary for plan in plans]
    if len(everything) > len(determinations):
        sentences.append(f"Whole library of {len(everything)}: {tally(everything)}.")
    sentences.append(f"Asked: {because}")
    return " ".join(sentences)
