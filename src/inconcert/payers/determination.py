"""One policy's answer for one person, one service, one day; with what is missing and the shortest way to yes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, RecordUse, Refusal, Source
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.knowledge.policy_schema import Leaf, LeafNode, Never, Node
from inconcert.knowledge.policy_schema.later import ExternalCriteriaMet
from inconcert.knowledge.policy_schema.stated import IndividualReview
from inconcert.knowledge.policy_schema.who import Age
from inconcert.payers import routes as route_finding
from inconcert.payers.asking import Asked, CaseView, Spot
from inconcert.payers.caveats import caveats_of, in_force
from inconcert.payers.combination import clause_in_words, clause_of
from inconcert.payers.evaluate import Judged, evaluate, words_of
from inconcert.payers.process import process_in_words
from inconcert.payers.quantity import authorizes_in_words
from inconcert.payers.steps import for_question
from inconcert.payers.types import Case, Determination, Route, Step
from inconcert.payers.wording import node_in_words, plain

STAGES = ("initial", "continuation", "retreatment", "maintenance")


def determine(
    policy: CoveragePolicy,
    case: Case,
    service: str,
    *,
    stage: str = "initial",
    together_with: tuple[str, ...] = (),
    as_written: bool = False,
    view: CaseView | None = None,
) -> Determination:
    """Ask one policy about one service for one person on `case.as_of`.

    Args:
        policy: the policy asked.
        case: the person, their medication trials and safety screen, and the date of service.
        service: the payers' word for the treatment (`rtms`, `esketamine`, ...).
        stage: `initial`, `continuation`, `retreatment` or `maintenance`.
        together_with: other services of the same plan, given at the same time.
        as_written: judge the text as it stands even where it is not the one in force that day (to compare texts).
        view: the view of this very case, where more is asked of it: what was worked out before is not worked out again.

    Raises:
        Refusal: the policy does not speak of this service, or there is no such stage.
    """
    return _determine(policy, view_of(case, view), service, stage, together_with, as_written)


def determine_all(
    case: Case,
    services: Iterable[str] | None = None,
    policies_asked: Iterable[CoveragePolicy] | None = None,
    *,
    ways_for: Collection[str] | None = None,
    view: CaseView | None = None,
) -> tuple[Determination, ...]:
    """Every policy asked about every one of these services that it speaks of (None: its first). What is worked out for
    the person (trial counts, scores) is worked out once.

    `ways_for` are the ids of the policies whose shortest way is searched for when it is read (None: all); a policy that is
    nobody's plan has none to show, and a search costs more than all answers together. `view` as `determine`.
    """
    view = view_of(case, view)
    wanted = tuple(services) if services is not None else None
    found = []
    for policy in policies_asked if policies_asked is not None else policies().values():
        spoken = policy.file.services[:1] if wanted is None else [s for s in policy.file.services if s in wanted]
        ways = ways_for is None or policy.id in ways_for
        found += [_determine(policy, view, service, "initial", (), False, ways) for service in spoken]
    return tuple(found)


def view_of(case: Case, view: CaseView | None) -> CaseView:
    """The view given where it is of this very case, else a new one."""
    return view if view is not None and view.case is case else CaseView(case)


def _determine(
    policy: CoveragePolicy, view: CaseView, service: str, stage: str, together_with: tuple[str, ...], as_written: bool,
    ways: bool = True,
) -> Determination:  # fmt: skip
    tree = tree_of(policy, stage)
    judged, asked = judged_part(policy, view, service, together_with, stage)
    outside = None if as_written else in_force(policy, view.as_of)
    answer = Answer.UNKNOWN if judged is None or outside is not None else judged.answer
    work = _Written(asked, tree, judged, outside, answer, ways)
    return Determination.when_read(
        {name: getattr(work, name) for name in _WRITTEN},
        policy_id=policy.id,
        payer=policy.file.payer,
        title=policy.file.title,
        service=service,
        answer=answer,
        combination=clause_of(policy),
        stage=stage,
        way_searched=ways,
    )


def judged_part(
    policy: CoveragePolicy, view: CaseView, service: str, together_with: tuple[str, ...], stage: str = "initial"
) -> tuple[Judged | None, Asked]:
    """One policy's criteria asked of one person, and what was asked; None where we hold none. Raises Refusal as `determine`."""
    _check(policy, service, stage)
    others = tuple(s for s in together_with if s != service)
    asked = Asked(policy, view, service, stage, others, facts_of(policy, stage))
    tree = tree_of(policy, stage)
    return (evaluate(tree, asked) if tree is not None else None), asked


_WRITTEN = (
    "criteria", "decision", "summary", "missing", "shortest_way", "authorizes", "combination_text", "caveats", "basis", "routes",
)  # fmt: skip


@dataclass(slots=True)
class _Written:
    """What a determination says beyond its answer; each part is worked out when the determination is asked for it."""

    asked: Asked
    tree: Node | None
    judged: Judged | None
    outside: str | None
    answer: Answer
    ways: bool
    _criteria: Judgement | None = None
    _routes: tuple[Route, ...] | None = None

    def criteria(self) -> Judgement:
        """The criteria judged."""
        if self._criteria is None:
            self._criteria = self.judged.judgement if self.judged is not None else _no_criteria(self.asked)
        return self._criteria

    def decision(self) -> str:
        """The decision in words."""
        return _decision(self.asked.policy, self.tree, self.judged, self.outside)

    def summary(self) -> str:
        """The answer in a line."""
        asked = self.asked
        return _summary(asked.policy, asked.service, asked.stage, self.answer, self.judged, self.criteria, self.outside)

    def missing(self) -> tuple[Question, ...]:
        """The questions that would settle what is unknown."""
        found = tuple(dict.fromkeys(_questions(self.judged, self.criteria)))
        return (self._text_question(), *found) if self.outside is not None else found

    def routes(self) -> tuple[Route, ...]:
        """The smallest sets of changes."""
        if self._routes is None:
            self._routes = ()
            if self.ways and self.judged is not None and self.outside is None:
                self._routes = route_finding.routes(self.judged, self.asked)
        return self._routes

    def shortest_way(self) -> tuple[Step, ...]:
        """The best route, and what settles the unknowns."""
        if self.judged is None or self.judged.answer is Answer.MET:
            steps: tuple[Step, ...] = ()
        else:
            refused = self.judged.answer is Answer.NOT_MET
            steps = _shortest(self.judged, self.asked, self.routes() if refused else ())
        if not self.ways:
            steps = tuple(step for step in steps if step.earliest is None)  # the questions, and who answers them
        if self.outside is None:
            return steps
        return (for_question(self._text_question(), (self.asked.policy.id,)), *steps)

    def authorizes(self) -> str:
        """What an approval covers."""
        asked = self.asked
        how = process_in_words(asked.policy, asked.view, asked.service) if asked.stage == "initial" else ""
        return f"{authorizes_in_words(asked.policy, asked.stage, self.judged)} {how}".rstrip()

    def combination_text(self) -> str:
        """What the policy says of the pair."""
        return clause_in_words(self.asked.policy)

    def caveats(self) -> tuple[str, ...]:
        """What to know of the text."""
        return caveats_of(self.asked.policy, self.tree, self.outside)

    def basis(self) -> Basis:
        """The rule, its sources, and every record used or rejected."""
        policy, criteria = self.asked.policy, self.criteria()
        used, rejected = _records(criteria)
        return Basis(
            rule_id=f"payers.{policy.id}",
            rule_version=policy.version_text,
            rule_text=node_in_words(self.tree) if self.tree is not None else "",
            as_of=self.asked.view.as_of,
            sources=_all_sources(policy, criteria),
            used=used,
            rejected=rejected,
        )

    def _text_question(self) -> Question:
        return Spot(self.asked, "text").question("payers.text_in_force", about=self.outside or "")


def _check(policy: CoveragePolicy, service: str, stage: str) -> None:
    if service not in policy.file.services:
        spoken = ", ".join(policy.file.services)
        raise Refusal(f"The policy {policy.id} does not speak of {service!r}.", f"Ask about one of: {spoken}.")
    if stage not in STAGES:
        raise Refusal(f"There is no stage {stage!r}.", f"Ask for one of: {', '.join(STAGES)}.")


@functools.lru_cache(maxsize=512)
def facts_of(policy: CoveragePolicy, stage: str) -> frozenset[str]:
    """The words that the criteria of one stage use."""
    tree = tree_of(policy, stage)
    return words_of(tree) if tree is not None else frozenset()


@functools.lru_cache(maxsize=512)
def tree_of(policy: CoveragePolicy, stage: str) -> Node | None:
    """The criteria of one stage; None where we hold none."""
    if stage == "initial":
        return policy.criteria
    decision = policy.later.get(stage)
    if decision is not None and decision.file.covered is False:
        reason = f"{stage} is not covered" + (f" ({decision.file.covered_as})" if decision.file.covered_as else "")
        return Never(reason)
    return decision.criteria if decision is not None else None


def _no_criteria(asked: Asked) -> Judgement:
    spot = Spot(asked, "0")
    text = f"We hold no criteria of this policy for {asked.stage}."
    question = spot.question("payers.policy_text", about=f"Point: {asked.stage}.")
    return spot.judge(Answer.UNKNOWN, text, question=question)


def _shortest(judged: Judged, asked: Asked, found: tuple[Route, ...]) -> tuple[Step, ...]:
    """The steps of the best route, then what settles the unknowns that could still matter."""
    if judged.answer is Answer.UNKNOWN:
        return route_finding.settling_steps(judged, asked)
    if not found:
        return ()
    known = {step.id for step in found[0].steps}
    return (*found[0].steps, *(s for s in route_finding.settling_steps(judged, asked) if s.id not in known))


def _questions(judged: Judged | None, criteria: Callable[[], Judgement]) -> Iterator[Question]:
    if judged is None:
        yield from criteria().questions()
        return
    for leaf in route_finding.open_questions(judged):
        yield from leaf.judgement.questions()


def _leaf_judged(judged: Judged) -> Iterator[Judged]:
    if isinstance(judged.node, LeafNode):
        yield judged
    for part in (*judged.parts, *((judged.unless,) if judged.unless is not None else ())):
        yield from _leaf_judged(part)


def _decision(policy: CoveragePolicy, tree: Node | None, judged: Judged | None, outside: str | None) -> str:
    """The decision in words where it is not a plain yes or no."""
    if outside is not None:
        return "not_in_force"
    if isinstance(tree, Never):
        return "never_covered"
    if policy.file.process.binding is not None:
        return policy.file.process.binding
    if judged is None or judged.answer is not Answer.UNKNOWN:
        return ""
    for leaf in _leaf_judged(judged):
        kind: Leaf | None = leaf.node.leaf if isinstance(leaf.node, LeafNode) else None
        if leaf.answer is not Answer.UNKNOWN:
            continue
        if isinstance(kind, Age) and kind.decision is not None and leaf.judgement.basis.used:
            asked = leaf.judgement.question
            if asked is not None and asked.id == "payers.individual_review":
                return "individual_review"
        if isinstance(kind, IndividualReview):
            return "individual_review"
        if isinstance(kind, ExternalCriteriaMet):
            return "delegated"
    return ""


def _summary(
    policy: CoveragePolicy, service: str, stage: str, answer: Answer, judged: Judged | None,
    criteria: Callable[[], Judgement], outside: str | None,
) -> str:  # fmt: skip
    what = plain(service) + ("" if stage == "initial" else f", {stage}")
    head = f"{policy.file.payer}, {policy.file.policy_number}, {what}: {plain(answer.value)}."
    if outside is not None:
        return f"{head} {outside} As written it would be {plain(criteria().answer.value)}."
    if judged is None:
        return f"{head} {criteria().text}"
    if isinstance(judged.node, Never):
        return f"{head} {criteria().text}"
    leaves = list(_leaf_judged(judged))
    if answer is Answer.MET:
        return f"{head} Every criterion that we hold is met."
    stop = next((j for j in _stops(judged, answer)), None) or criteria()
    number = sum(1 for _ in route_finding.open_questions(judged))
    open_now = f" {number} of {len(leaves)} criteria are still open." if number else ""
    return f"{head} {stop.text}{open_now}"


def _stops(judged: Judged, answer: Answer) -> Iterator[Judgement]:
    """The judgements that make the whole what it is, deepest first."""
    if judged.answer is not answer:
        return
    for part in judged.parts:
        if isinstance(judged.node, LeafNode) or part.answer is answer:
            yield from _stops(part, answer)
    if isinstance(judged.node, LeafNode) or not judged.parts or judged.parts[0].answer is not answer:
        yield judged.judgement


def _records(criteria: Judgement) -> tuple[tuple[RecordUse, ...], tuple[RecordUse, ...]]:
    used: dict[RecordUse, None] = {}
    rejected: dict[RecordUse, None] = {}
    waiting = [criteria]
    while waiting:
        judgement = waiting.pop()
        used.update(dict.fromkeys(judgement.basis.used))
        rejected.update(dict.fromkeys(judgement.basis.rejected))
        waiting.extend(reversed(judgement.parts))
    return tuple(used), tuple(rejected)


def _all_sources(policy: CoveragePolicy, criteria: Judgement) -> tuple[Source, ...]:
    return policy.sources or criteria.basis.sources or (Source(policy.id, "no source seen", Reading.RECALLED),)


def shortest_way(determination: Determination, case: Case, policy: CoveragePolicy | None = None) -> tuple[Step, ...]:
    """The steps towards met for a determination: its own, worked out again for `case` where another is given.

    `policy` is wanted only where the policy is not one of the library.
    """
    asked = policy if policy is not None else policies()[determination.policy_id]
    return determine(asked, case, determination.service, stage=determination.stage).shortest_way
