"""One way set against one person: what about them helps it, hinders it, or is not known. Nothing is added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inconcert.courses.types import FitDirection, FitNote, Need, Needs
from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, Source
from inconcert.knowledge.courses import WayFile
from inconcert.protocols import Proposal

HELPS, HINDERS, UNKNOWN = FitDirection.HELPS, FitDirection.HINDERS, FitDirection.UNKNOWN
DRUG_SERVICES = frozenset({"esketamine", "iv_ketamine", "im_ketamine"})
_FAST_ENOUGH = {"days": {"hours", "days"}, "weeks": {"hours", "days", "weeks"}, "no_hurry": {"hours", "days", "weeks"}}
_RULE = Source("project design", "needs are set beside each way and never weighed into a score", Reading.DESIGN)


def fits(way: WayFile, proposal: Proposal, needs: Needs) -> tuple[FitNote, ...]:
    """Every need that bears on this way, in the order of the intake form."""
    return tuple(note for check in _CHECKS for note in check(way, proposal, needs))


def _note(need: Need, proposal: Proposal, direction: FitDirection, text: str) -> FitNote:
    """A fit note; `answer` of its judgement is whether the need is served."""
    answer = {HELPS: Answer.MET, HINDERS: Answer.NOT_MET, UNKNOWN: Answer.UNKNOWN}[direction]
    question = need.question if direction is UNKNOWN else None
    judgement = Judgement(
        id=f"{proposal.id}.{need.id}",
        answer=answer,
        text=text,
        question=question,
        basis=Basis(
            rule_id=f"courses.fit.{need.id.removeprefix('needs.')}",
            as_of=proposal.basis.as_of,
            sources=(_RULE,),
            used=need.used,
        ),
    )
    return FitNote(id=need.id, direction=direction, text=text, judgement=judgement)


def _ask(need: Need, proposal: Proposal) -> FitNote:
    question: Question | None = need.question
    return _note(need, proposal, UNKNOWN, question.text if question else "Not known.")


def _speed(way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need = needs.speed
    if not need.known:
        yield _ask(need, proposal)
    elif way.onset in _FAST_ENOUGH[need.text]:
        yield _note(
            need, proposal, HELPS, f"Relief wanted within: {need.text.replace('_', ' ')}; usual onset {way.onset}."
        )
    else:
        yield _note(need, proposal, HINDERS, f"Relief is wanted within {need.text}; the usual onset is {way.onset}.")


def _days(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need, visits, weeks = needs.days_per_week, proposal.visits, proposal.weeks
    if not need.known or need.value is None:
        yield _ask(need, proposal)
        return
    if visits.low is None or weeks.low is None:
        return
    # The busiest week is at least the mean week; a course of less than a week is as busy as its visits.
    wanted = visits.low / max(1.0, weeks.high or weeks.low)
    if need.value < wanted:
        yield _note(
            need,
            proposal,
            HINDERS,
            f"Can come on {need.value:g} days a week; this asks for {wanted:.1f} on average or more.",
        )
    else:
        yield _note(
            need, proposal, HELPS, f"Can come on {need.value:g} days a week; this asks for {wanted:.1f} on average."
        )


def _travel(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need, visits = needs.travel_minutes, proposal.visits
    if not need.known or need.value is None:
        yield _ask(need, proposal)
        return
    if visits.low is None:
        return
    hours = [2 * need.value * v / 60 for v in (visits.low, visits.high or visits.low)]
    span = f"{hours[0]:.0f}" if hours[0] == hours[1] else f"{hours[0]:.0f} to {hours[1]:.0f}"
    treated = proposal.hours.low
    more_on_the_road = treated is not None and hours[0] > treated
    text = f"{need.value:g} minutes each way is {span} hours on the road for {visits.shown}."
    yield _note(need, proposal, HINDERS if more_on_the_road else HELPS, text)


def _escort(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    if not DRUG_SERVICES.intersection(proposal.services):
        return
    need = needs.escort
    if not need.known:
        yield _ask(need, proposal)
    elif need.answer is Answer.MET:
        yield _note(need, proposal, HELPS, "Somebody can take the person home on drug days.")
    else:
        yield _note(
            need,
            proposal,
            HINDERS,
            "Nobody can take the person home on drug days, and without an escort no drug is given.",
        )


def _work(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need = needs.work_constraints
    daily = any(service not in DRUG_SERVICES for service in proposal.services)
    if not daily:
        return
    if not need.known:
        yield _ask(need, proposal)
    elif need.answer is Answer.MET:
        yield _note(
            need, proposal, HINDERS, "Work, study or caring rule out daily weekday visits, which its TMS part asks for."
        )
    else:
        yield _note(need, proposal, HELPS, "Daily weekday visits are possible.")


def _before(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    has_drug = bool(DRUG_SERVICES.intersection(proposal.services))
    has_tms = any(service not in DRUG_SERVICES for service in proposal.services)
    for relevant, need, name in (
        (has_drug, needs.ketamine_before, "Ketamine or esketamine"),
        (has_tms, needs.tms_before, "TMS"),
    ):
        if not relevant:
            continue
        if not need.known:
            yield _ask(need, proposal)
        elif need.text in ("helped", "partly"):
            yield _note(need, proposal, HELPS, f"{name} before: {need.text}.")
        elif need.text in ("no_help", "not_tolerated"):
            yield _note(need, proposal, HINDERS, f"{name} before: {need.text.replace('_', ' ')}.")


def _preference(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need = needs.preference
    if not need.known:
        yield _ask(need, proposal)
    elif need.text == proposal.way.value:
        yield _note(need, proposal, HELPS, "The person prefers this way.")
    elif need.text != "none":
        yield _note(need, proposal, HINDERS, f"The person prefers another way ({need.text.replace('_', ' ')}).")


_CHECKS: tuple[Callable[[WayFile, Proposal, Needs], Iterator[FitNote]], ...] = (
    _speed,
    _travel,
    _days,
    _escort,
    _work,
    _preference,
    _before,
)
