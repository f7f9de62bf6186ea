"""One way set against one person: what about them helps it, hinders it, or is not known. Nothing is added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inconcert.courses.load import way_load
from inconcert.courses.types import FitDirection, FitNote, Need, Needs
from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, Source
from inconcert.knowledge.courses import WayFile, fit_limits
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


def _days(way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need, busiest = needs.days_per_week, way_load(way).busiest_week
    if not need.known or need.value is None:
        yield _ask(need, proposal)
        return
    if busiest is None:
        return
    can = f"Can come on {need.value:g} days a week; the fullest week of this way asks for {busiest:g}."
    yield _note(need, proposal, HINDERS if need.value < busiest else HELPS, can)


def _travel(way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    need, visits, busiest = needs.travel_minutes, proposal.visits, way_load(way).busiest_week
    if not need.known or need.value is None:
        yield _ask(need, proposal)
        return
    if visits.low is None or busiest is None:
        return
    total = [2 * need.value * v / 60 for v in (visits.low, visits.high or visits.low)]
    span = f"{total[0]:.0f}" if total[0] == total[1] else f"{total[0]:.0f} to {total[1]:.0f}"
    in_a_week = 2 * need.value * busiest / 60
    most = fit_limits().road_hours_per_week
    text = (
        f"{need.value:g} minutes each way is {span} hours on the road for {visits.shown}, "
        f"{in_a_week:.1f} hours in the fullest week (more than {most.value:g} is taken as a hindrance; our default)."
    )
    yield _note(need, proposal, HINDERS if in_a_week > most.value else HELPS, text)


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


def _transport(_way: WayFile, proposal: Proposal, needs: Needs) -> Iterator[FitNote]:
    if not DRUG_SERVICES.intersection(proposal.services):
        return
    need = needs.transport
    if not need.known:
        yield _ask(need, proposal)
    elif need.answer is Answer.MET:
        yield _note(need, proposal, HELPS, "The person can come and go without driving on drug days.")
    else:
        yield _note(
            need, proposal, HINDERS, "The person has no way home but driving, which the drug forbids until next day."
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
    _transport,
    _work,
    _preference,
    _before,
)
