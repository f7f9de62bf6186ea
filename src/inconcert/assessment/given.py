"""How it is given: the ways, what each asks of the person, what is known and what is a design default."""

from __future__ import annotations

from collections.abc import Sequence

from inconcert.assessment.types import GivenAnswer
from inconcert.assessment.wording import count, unique
from inconcert.courses import ProposalList, propose, read_needs
from inconcert.judgement import Basis
from inconcert.payers.types import Case, Determination
from inconcert.safety.types import Clearance


def answer(case: Case, determinations: Sequence[Determination]) -> GivenAnswer:
    """Propose ways for this person; coverage is shown beside each part, never used to hide a way."""
    by_service = {d.service: d for d in reversed(determinations)}
    proposals = propose(case.safety, read_needs(case.person, case.as_of), by_service, case.as_of)
    return GivenAnswer(
        text=_say(proposals),
        proposals=proposals,
        basis=Basis(
            rule_id="assessment.given",
            rule_text=proposals.order_rule,
            as_of=case.as_of,
            sources=unique(s for way in proposals.ways for s in way.proposal.basis.sources),
            used=unique(u for way in proposals.ways for u in way.proposal.basis.used),
        ),
    )


def _say(proposals: ProposalList) -> str:
    excluded = [way for way in proposals.ways if way.excluded]
    cleared = [way for way in proposals.ways if way.clearance is Clearance.CLEARED]
    said = [*(f"First: {action}." for action in proposals.do_first[:1])]
    said.append(
        f"{count(len(proposals.ways), 'way')} to give it: {len(cleared)} cleared, "
        f"{len(proposals.ways) - len(cleared) - len(excluded)} on hold, {len(excluded)} excluded."
    )
    said.append("Any schedule of the pair is a design default: no order, gap or pairing was ever tested.")
    return " ".join(said)
