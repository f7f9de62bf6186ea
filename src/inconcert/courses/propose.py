"""A short list of ways to give treatment, set against one person. There is no score and nothing is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from inconcert.courses.build import build, rules_of
from inconcert.courses.fit import fits
from inconcert.courses.types import Blocker, Needs, PartCoverage, ProposalList, ProposedWay
from inconcert.judgement import Basis, Question
from inconcert.knowledge.courses import WayFile, way_files
from inconcert.knowledge.protocols import CombinationProtocol, protocol_files
from inconcert.payers.types import Determination
from inconcert.protocols import Proposal
from inconcert.safety.types import Arm, Clearance, SafetyScreen

ORDER_RULE = (
    "Ways that a known hazard excludes come last; the others stand as the library lists them: each treatment alone, "
    "then the pairs. Nothing is ranked: no study supports a ranking."
)
_SEVERITY = (Clearance.CLEARED, Clearance.HOLD, Clearance.NEVER)
URGENT = ("red", "amber")
PAIR_COMPARISON = "shanok_2024"


def propose(
    screen: SafetyScreen,
    needs: Needs,
    determinations: Mapping[str, Determination] | None,
    as_of: date,
) -> ProposalList:
    """Set every way on file against a person.

    Args:
        screen: the safety screen of the person; an arm that is `never` excludes each way that uses it.
        needs: what they need, as `read_needs` read it.
        determinations: by service, what the coverage policy chosen for that service says; None or missing where no
            policy was asked.
        as_of: the day asked for.
    """
    ways = [_against(way, screen, needs, determinations or {}, as_of) for way in way_files()]
    ways.sort(key=lambda w: w.excluded)  # stable: the order of the file stays within each group
    risk = screen.suicide_risk
    first = tuple(risk.actions) if risk.level in (*URGENT, "unknown") else ()
    questions: dict[str, Question] = {}
    for asked in (risk.judgement.questions(), *(w.questions for w in ways), needs.questions()):
        for question in asked:
            questions.setdefault(question.id, question)
    never = tuple((p.id, p.never_default_why) for p in protocol_files().values() if p.never_default)
    return ProposalList(
        as_of=as_of,
        do_first=first,
        suicide_risk=risk,
        ways=tuple(ways),
        order_rule=ORDER_RULE,
        never_offered=never,
        questions=tuple(questions.values()),
        basis=Basis(
            rule_id="courses.propose",
            rule_text=ORDER_RULE,
            as_of=as_of,
            sources=tuple(dict.fromkeys(s for w in ways for s in w.proposal.basis.sources)),
            used=tuple(dict.fromkeys(u for need in needs.all() for u in need.used)),
        ),
    )


def _against(
    way: WayFile, screen: SafetyScreen, needs: Needs, determinations: Mapping[str, Determination], as_of: date
) -> ProposedWay:
    proposal = build(way, as_of)
    arms = [Arm(part.arm) for part in proposal.parts]
    if len(arms) > 1:
        arms.append(Arm.COMBINED)
    cleared = [screen.clearance(arm) for arm in arms]
    worst = max((c.clearance for c in cleared), key=_SEVERITY.index)
    blockers = tuple(
        Blocker(clearance=c.clearance, arm=c, text=c.text) for c in cleared if c.clearance is not Clearance.CLEARED
    )
    notes = fits(way, proposal, needs)
    questions = dict.fromkeys(q for c in cleared for q in c.questions)
    questions.update(dict.fromkeys(n.judgement.question for n in notes if n.judgement.question))
    return ProposedWay(
        proposal=proposal,
        clearance=worst,
        blockers=blockers,
        fits=notes,
        coverage=tuple(_coverage(service, determinations) for service in proposal.services),
        cautions=_cautions(way, proposal, screen),
        questions=tuple(questions),
    )


def _coverage(service: str, determinations: Mapping[str, Determination]) -> PartCoverage:
    found = determinations.get(service)
    if found is None:
        text = "No policy was asked for this part; without one the person may have to pay."
        return PartCoverage(service=service, answer=None, policy_id="", text=text)
    text = f"{found.payer}: {found.answer.value.replace('_', ' ')}."
    return PartCoverage(service=service, answer=found.answer, policy_id=found.policy_id, text=text)


def _cautions(way: WayFile, proposal: Proposal, screen: SafetyScreen) -> tuple[str, ...]:
    """What must be read beside a way: danger of waiting first, then the rules about plans, then label status."""
    said = []
    if screen.suicide_risk.level in URGENT and way.onset == "weeks":
        said.append(
            "This way takes weeks to work. It must not be what a person at acute risk waits for: see what to do first."
        )
    said += [f"{rule.rule} {rule.why}".strip() for rule in rules_of(way)]
    if len(proposal.parts) > 1:
        said.append(_pair_caution())
    said += [
        f"{part.service}: off label for depression." for part in proposal.parts if part.label_status == "off_label"
    ]
    return tuple(said)


def _pair_caution() -> str:
    """What the one comparison of the pair can and cannot say, with its own number of people."""
    compared = protocol_files()[PAIR_COMPARISON]
    people = f"{compared.n} people" if isinstance(compared, CombinationProtocol) and compared.n else "people"
    return f"No trial tested this pairing. The one comparison of {people}, not randomized, saw no difference."
