"""The shortest way in words: smallest sets of facts as routes, each with its day, its cost in weeks and its warnings.

`search` finds the sets; here sets that differ only in the drug class tried are told as one, ordered by what is sensible,
then by what is fastest, then by what asks least. What would settle the unknowns is told beside, most useful first.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from datetime import date

from inconcert.judgement import Answer, Question
from inconcert.knowledge.policy_schema import LeafNode, Not
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.payers import readings, steps
from inconcert.payers.answers import asked_with
from inconcert.payers.asking import Asked
from inconcert.payers.candidates import wait_until
from inconcert.payers.changes import Change, day_of
from inconcert.payers.evaluate import Judged, judge
from inconcert.payers.search import Search, Set, Tried, search, smallest_sets
from inconcert.payers.trial_changes import present_drug
from inconcert.payers.types import PossibleDrug, Route, Step
from inconcert.payers.wording import plain

MET = frozenset({Answer.MET})
NO_LONGER_REFUSED = frozenset({Answer.MET, Answer.UNKNOWN})
_TRIAL = "trial:"


def routes(judged: Judged, asked: Asked) -> tuple[Route, ...]:
    """Every smallest set of up to three facts that makes the whole met; and where a refusal can only be lifted, those that lift it.

    Sensible ways first, then the fastest, then those of fewest facts.
    """
    if judged.answer is Answer.MET:
        return ()
    return told_routes(search(judged, asked), judged.answer)


def told_routes(found: Tried, answer: Answer) -> tuple[Route, ...]:
    """The smallest sets that turn one determination, or a plan, as routes. `answer` is what it is now."""
    met = smallest_sets(found, MET)
    sets = [(chosen, Answer.MET) for chosen in met]
    if answer is Answer.NOT_MET:
        sets += [(s, Answer.UNKNOWN) for s in smallest_sets(found, NO_LONGER_REFUSED) if _sooner(found, s, met)]
    grouped: dict[tuple[object, ...], list[tuple[Set, Answer]]] = {}
    for chosen, reaches in sets:
        grouped.setdefault(_kind_of(found, chosen, reaches), []).append((chosen, reaches))
    told = [_route(found, [chosen for chosen, _ in group], group[0][1]) for group in grouped.values()]
    return tuple(sorted(told, key=_order))


def _sooner(found: Tried, lifting: Set, met: tuple[Set, ...]) -> bool:
    """Whether a refusal is lifted by these facts sooner than by any set that makes the whole met and holds them."""
    today = found.parts[0].asked.view.as_of
    day = day_of(found.changes(lifting), today)
    return all(day < day_of(found.changes(whole), today) for whole in met if lifting <= whole)


def _order(route: Route) -> tuple[object, ...]:
    return (
        bool(route.pointless),
        route.weeks,
        route.reaches is not Answer.MET,
        len(route.steps),
        [s.id for s in route.steps],
    )


def _kind_of(found: Tried, chosen: Set, reaches: Answer) -> tuple[object, ...]:
    """What two sets share that differ only in which drug class is tried."""
    changes = found.changes(chosen)
    trials = sorted(
        (c.step.weeks or 0.0, bool(c.step.pointless), bool(c.ends)) for c in changes if c.id.startswith(_TRIAL)
    )
    return reaches, tuple(c.id for c in changes if not c.id.startswith(_TRIAL)), tuple(trials)


def _route(found: Tried, sets: list[Set], reaches: Answer) -> Route:
    """One route from the sets that it stands for. They share everything but the class of the trials; the soonest day is told."""
    asked = found.parts[0].asked
    first = min(sets, key=lambda s: (day_of(found.changes(s), asked.view.as_of), sorted(s)))
    changes = found.changes(first)
    day = day_of(changes, asked.view.as_of)
    others = [c for c in changes if not c.id.startswith(_TRIAL)]
    tried = [c for c in changes if c.id.startswith(_TRIAL)]
    turned = _turned(found, first)
    told = [_with_aim(c.step, _aims((c,), found, turned)) for c in others]
    if tried:
        every = {c.id: c for s in sets for c in found.changes(s) if c.id.startswith(_TRIAL)}
        told.append(_trials_step(tried, tuple(every.values()), found, day, _aims(tried, found, turned)))
    told = [steps.cautioned(step, asked) for step in told]
    reasons = [step.pointless for step in told]
    if any(_only_passes_time(found, chosen, reaches) for chosen in sets):
        reasons.append(steps.PASSES_TIME)
    waits = day > asked.view.as_of and steps.acutely_suicidal(asked)
    return Route(
        steps=tuple(told),
        earliest=day,
        weeks=(day - asked.view.as_of).days / 7,
        caution=steps.joined_reasons(steps.first_things_first(p.asked.policy) for p in found.parts) if waits else "",
        reaches=reaches,
        still_open=() if reaches is Answer.MET else _still_open(found, first),
        pointless=steps.joined_reasons(reasons),
        sets=tuple(tuple(c.id for c in found.changes(s)) for s in sets),
    )


def _only_passes_time(found: Tried, chosen: Set, reaches: Answer) -> bool:
    """Whether a further trial is in the set for its length alone: waiting as long, without it, would do as well."""
    if len(chosen) < 2 or not any(c.waits for c in found.candidates):
        return False
    goal = MET if reaches is Answer.MET else NO_LONGER_REFUSED
    asked = found.parts[0].asked
    wait = wait_until(day_of(found.changes(chosen), asked.view.as_of), "", asked)
    for left_out in (c for c in found.changes(chosen) if c.new_trial):
        rest = (*(c for c in found.changes(chosen) if c is not left_out), wait)
        if all(judge(part.judged.place, asked_with(part.asked, rest)).answer in goal for part in found.parts):
            return True
    return False


def _with_aim(step: Step, aims: tuple[str, ...]) -> Step:
    name = f"{aims[0]}>{step.id}" if not step.id.startswith("ask:") else step.id
    return dataclasses.replace(step, id=name, settles=aims)


def _turned(found: Tried, chosen: Set) -> frozenset[str]:
    """The ids of the criteria that stood in the way and no longer do once these facts are on record."""
    turned = set()
    for part in found.parts:
        after = {leaf.path: leaf.answer for leaf in leaves(part.judged_with(chosen))}
        turned |= {
            leaf.judgement.id for leaf in leaves(part.judged)
            if leaf.answer is not _wanted(leaf) and after[leaf.path] is not leaf.answer
        }  # fmt: skip
    return frozenset(turned)


def _aims(changes: Iterable[Change], found: Tried, turned: frozenset[str]) -> tuple[str, ...]:
    """The ids of the criteria that these facts help to turn."""
    places = {found.candidates.index(c) for c in changes}
    aims = [
        leaf.judgement.id for part in found.parts for leaf in leaves(part.judged)
        if leaf.judgement.id in turned and part.touches.get(leaf.path, frozenset()) & places
    ]  # fmt: skip
    return tuple(aims) or tuple(part.judged.judgement.id for part in found.parts)


def _wanted(leaf: Judged) -> Answer:
    return Answer.NOT_MET if leaf.place.negated else Answer.MET


def _trials_step(
    tried: list[Change], every: tuple[Change, ...], found: Tried, day: date, aims: tuple[str, ...]
) -> Step:
    """The further trials of a route as one step: how many, how long, of which classes and drugs."""
    weeks, one = tried[0].step.weeks or 0.0, len(tried) == 1
    drugs: dict[str, PossibleDrug] = {d.drug: d for c in every for d in c.step.drugs}
    order = [c.drug_class for c in readings.further_trials().classes]
    listed = sorted(drugs.values(), key=lambda d: order.index(d.drug_class))
    number = "One further trial" if one else f"{len(tried)} further trials of different classes, one after the other,"
    instead = f" in place of {' and '.join(tried[0].ends)}" if tried[0].ends else ""
    named = "; ".join(
        f"{plain(name)}: " + ", ".join(f"{d.drug} from {d.dose_mg_per_day:g} mg a day" for d in group)
        for name, group in itertools.groupby(listed, key=lambda d: d.drug_class)
    )
    text = (
        f"{number} of {weeks:g} weeks at an adequate dose{instead}, that fail{'s' if one else ''}: "
        f"{steps.long_date(day)} at the earliest. Still possible for this person, for the prescriber to choose from: {named}."
    )
    return dataclasses.replace(
        tried[0].step, id=f"{aims[0]}>trial", text=text, settles=aims, earliest=day, drugs=tuple(listed),
        weeks=(day - found.parts[0].asked.view.as_of).days / 7,
        pointless=steps.joined_reasons(c.step.pointless for c in tried),
    )  # fmt: skip


def _still_open(found: Tried, chosen: Set) -> tuple[Question, ...]:
    wholes = [part.judged_with(chosen) for part in found.parts]
    return tuple(
        dict.fromkeys(q for whole in wholes for leaf in open_questions(whole) for q in leaf.judgement.questions())
    )


def leaves(judged: Judged) -> Iterator[Judged]:
    """The judged leaves of a tree, in the order of the file."""
    if judged.place.key is not None:
        yield judged
    for part in judged.parts:
        yield from leaves(part)
    if judged.unless is not None:
        yield from leaves(judged.unless)


def open_questions(judged: Judged) -> Iterator[Judged]:
    """The undecided leaves that could still matter: not those beneath a node that is already met."""
    if judged.answer is Answer.MET:
        return
    if judged.place.key is not None:
        if judged.answer is Answer.UNKNOWN:
            yield judged
        return
    for part in judged.parts:
        if isinstance(judged.node, Not):
            yield from (leaf for leaf in leaves(part) if leaf.answer is Answer.UNKNOWN)
        else:
            yield from open_questions(part)
    if judged.unless is not None:
        yield from open_questions(judged.unless)


def settling_steps(judged: Judged, asked: Asked) -> tuple[Step, ...]:
    """What would settle the unknowns: each question once with every criterion it settles, those that settle most first."""
    settles: dict[str, list[str]] = {}
    questions: dict[str, Question] = {}
    timed: list[Step] = []
    for leaf in open_questions(judged):
        for question in leaf.judgement.questions():
            questions.setdefault(question.id + question.text, question)
            settles.setdefault(question.id + question.text, []).append(leaf.judgement.id)
        if isinstance(leaf.node, LeafNode) and isinstance(leaf.node.leaf, AdequateTrials) and not leaf.place.negated:
            timed += _in_time(leaf, asked)
    asks = [steps.for_question(q, tuple(dict.fromkeys(settles[key]))) for key, q in questions.items()]
    asks.sort(key=lambda step: -len(step.settles))
    return (*asks, *(steps.cautioned(s, asked) for s in timed))


def _in_time(leaf: Judged, asked: Asked) -> Iterator[Step]:
    """The day on which the present drug is long enough, where that is what an open count waits for."""
    found = Search(asked, leaf)
    assert isinstance(leaf.node, LeafNode)  # noqa: S101 - the caller looked
    assert isinstance(leaf.node.leaf, AdequateTrials)  # noqa: S101
    changes = tuple(present_drug(leaf.node.leaf, asked))
    found.candidates = changes
    for i, change in enumerate(changes):
        if found.answer_with(frozenset({i})) is Answer.MET:
            aim = leaf.judgement.id
            yield dataclasses.replace(change.step, id=f"{aim}>{change.step.id}", settles=(aim,))
