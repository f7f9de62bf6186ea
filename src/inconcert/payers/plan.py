"""A plan of several parts: each under its own policy, what each policy says of the pair, and one honest summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inconcert.judgement import Answer, Question, all_of
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import readings
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.candidates import taken_apart
from inconcert.payers.caveats import in_force
from inconcert.payers.combination import KETAMINES, STIMULATION, PairReading, on_pair
from inconcert.payers.determination import determine, judged_part, view_of
from inconcert.payers.evaluate import Judged
from inconcert.payers.routes import settling_steps, told_routes
from inconcert.payers.search import plan_search
from inconcert.payers.steps import for_question
from inconcert.payers.types import Case, Determination, PlanDetermination, Route, Step
from inconcert.payers.wording import opening, plain


def determine_plan(
    case: Case,
    services: Sequence[str],
    policy_for: Mapping[str, str],
    library: Mapping[str, CoveragePolicy] | None = None,
    *,
    view: CaseView | None = None,
    known: Sequence[Determination] = (),
) -> PlanDetermination:
    """Answer a plan part by part, then the pair.

    `policy_for` names the policy of each service; a part without one is said to have none, and leaves the pair unknown.
    `library` holds policies outside our own; `view` is as for `determine`, and
    `known` are answers of this very case that need not be worked out again.
    Raises KeyError for an unknown policy, Refusal for one of another service.
    """
    held = {**policies(), **(library or {})}
    chosen = {s: held[policy_for[s]] for s in services if s in policy_for}
    view = view_of(case, view)
    given = {(d.policy_id, d.service): d for d in known if d.stage == "initial" and d.way_searched}
    alone = tuple(
        given.get((policy.id, service)) or determine(policy, case, service, view=view)
        for service, policy in chosen.items()
    )
    others = {s: tuple(o for o in services if o != s) for s in services}
    together = tuple(
        determine(policy, case, service, together_with=others[service], view=view) for service, policy in chosen.items()
    )
    without = [s for s in services if s not in chosen]
    if len(set(services)) < 2 or not _is_pair(services):
        allowed, pair_text = Answer.MET, "One treatment alone: no question of a pair."
    else:
        read = [on_pair(policy, others[service]) for service, policy in chosen.items()]
        allowed, pair_text = _pair(read, without)
    way = _Way(view, {s: (policy, others[s]) for s, policy in chosen.items()}, tuple(without), allowed)
    return PlanDetermination.when_read(
        {"routes": way.routes, "shortest_way": way.shortest_way},
        services=tuple(services),
        parts=alone,
        pair_allowed=allowed,
        pair_text=pair_text,
        summary=_summary(alone, together, without, pair_text),
        together=together,
    )


@dataclass(slots=True)
class _Way:
    """The shortest way to have every part of a plan, searched for when somebody reads it."""

    view: CaseView
    chosen: Mapping[str, tuple[CoveragePolicy, tuple[str, ...]]]
    without: tuple[str, ...]
    pair_allowed: Answer
    _routes: tuple[Route, ...] | None = None

    def routes(self) -> tuple[Route, ...]:
        """The smallest sets of facts for all parts together."""
        if self._routes is None:
            self._routes = self._search()
        return self._routes

    def _judged(self) -> list[tuple[Judged, Asked]] | None:
        """Every part asked with the others running, on one record; None where a part has no text to ask."""
        found = []
        for service, (policy, others) in self.chosen.items():
            judged, asked = judged_part(policy, self.view, service, others)
            if judged is None or in_force(policy, self.view.as_of) is not None:
                return None
            found.append((judged, asked))
        return None if self.without or not found else found

    def _search(self) -> tuple[Route, ...]:
        parts = self._judged()
        if parts is None:
            return ()
        barred = self.pair_allowed is Answer.NOT_MET
        answer = all_of([*(judged.answer for judged, _ in parts), *([Answer.NOT_MET] if barred else [])])
        if answer is Answer.MET:
            return ()
        more = tuple(taken_apart(asked.together_with, asked) for _, asked in parts[:1] if asked.together_with)
        return told_routes(plan_search(parts, more if barred else (), barred=barred), answer)

    def shortest_way(self) -> tuple[Step, ...]:
        """The best route; then the question of the pair; then what settles the unknowns of each part, each once."""
        parts = self._judged()
        if parts is None:
            return ()
        found = list(self.routes()[0].steps) if self.routes() else []
        if self.pair_allowed is Answer.UNKNOWN:
            entry = readings.question("payers.pair_policy")
            found.append(
                for_question(Question(entry.id, entry.text, "plan"), tuple(p.id for p, _ in self.chosen.values()))
            )
        found += [step for judged, asked in parts for step in settling_steps(judged, asked)]
        once: dict[tuple[str, str], Step] = {}
        for step in found:
            known = once.get((step.id, step.text))
            settles = tuple(dict.fromkeys((*known.settles, *step.settles))) if known is not None else step.settles
            once[step.id, step.text] = replace(known or step, settles=settles)
        return tuple(once.values())


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
