"""What each criterion of a policy asks, found by asking the rule itself.

Nothing here lists questions by hand: each criterion is put to a person of whom nothing is known, and names its
questions; then each answer is tried in turn, and what is asked only after it, or no longer, becomes the condition under
which a question is shown. So form and rule cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from inconcert.judgement import Answer, Judgement, Question
from inconcert.knowledge.drugs import Drug, drug_book
from inconcert.knowledge.loader import IntakeQuestion, intake_questions
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import LeafNode, Node, leaves_of
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.evaluate import evaluate
from inconcert.payers.types import Case
from inconcert.record import Attestation, Origin, Person, ReportedTrial
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials

# These are asked of the payer or of the policy's text; nobody can answer them about a person.
NOT_ABOUT_THE_PERSON = frozenset(
    {
        "payers.policy_text", "payers.text_in_force", "payers.pair_policy", "payers.coverage_policy",
        "payers.individual_review",
    }
)  # fmt: skip
# Asked of one medication trial at a time: the form asks for the trials one by one instead (`staging.trial`).
OF_ONE_TRIAL = frozenset(
    {
        "staging.dose", "staging.dates", "staging.outcome", "staging.adherence", "staging.in_episode", "staging.indication",
        "staging.role", "staging.which_trial", "staging.which_drug", "staging.lithium_level", "staging.repeat_trial",
        "staging.partial_response", "staging.trial", "staging.history_trial_count",
    }
)  # fmt: skip
COMPLETE = "staging.history_complete"
_PROBE_DAY = date(2000, 1, 1)  # any day: a person of whom nothing is known is the same on all of them
_NOBODY = Person(id="nobody")


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """A question is shown where `question` is answered `value`; with `not_when` it is hidden there, and shown otherwise."""

    question: str
    value: str
    not_when: bool = False


@dataclass(frozen=True, slots=True)
class FactAsked:
    """One question of one criterion, and when it is shown (no condition: always; several: any of them)."""

    question: IntakeQuestion
    shown: tuple[ShownWhen, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionAsks:
    """What one criterion asks about the person, and the points of it that only the payer can settle."""

    facts: tuple[FactAsked, ...]
    of_the_payer: tuple[str, ...] = ()
    trials: bool = False  # it counts medication trials

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its questions."""
        return tuple(fact.question.id for fact in self.facts)


Given = tuple[tuple[str, str], ...]  # answers tried: (question id, answer), sorted


@lru_cache(maxsize=2048)
def probe_case(given: Given, day: date = _PROBE_DAY) -> CaseView:
    """A person of whom nothing is known but these answers."""
    attestations = tuple(_attestation(question, value) for question, value in given)
    person = replace(_NOBODY, attestations=attestations)
    history = rebuild_trials(person, day)
    return CaseView(Case(person=person, history=history, safety=screen(person, history, day), as_of=day))


def _attestation(question: str, value: str) -> Attestation:
    plain = intake_questions()[question].answer == "yes_no"
    return Attestation(
        id=f"probe#{question}", origin=Origin("probe"), question=question,
        answer=value if plain else "", value_text="" if plain else value,
    )  # fmt: skip


def values_of(question: IntakeQuestion) -> tuple[str, ...]:
    """The answers that can be tried one by one: yes and no, or each choice. Numbers and texts have too many."""
    if question.answer == "yes_no":
        return ("yes", "no")
    return question.choices if question.answer == "choice" else ()


@lru_cache(maxsize=64)
def facts_of(tree: Node) -> frozenset[str]:
    """The words that a tree uses."""
    return frozenset(leaf.fact for leaf in leaves_of(tree))


def judged_alone(node: LeafNode, asked: Asked, path: str, *, resistance_defined: bool, negated: bool) -> Judgement:
    """One criterion judged at its place."""
    return evaluate(node, asked, path, resistance_defined=resistance_defined, negated=negated).judgement


@dataclass(frozen=True, slots=True)
class Place:
    """One criterion at its place in a policy's tree, as the engine needs it to judge it."""

    policy: CoveragePolicy
    tree: Node
    node: LeafNode
    path: str
    service: str
    stage: str
    resistance_defined: bool = False
    negated: bool = False

    def judge(self, view: CaseView) -> Judgement:
        """The criterion's judgement for one person."""
        asked = Asked(self.policy, view, self.service, self.stage, (), facts_of(self.tree))
        return judged_alone(
            self.node, asked, self.path, resistance_defined=self.resistance_defined, negated=self.negated
        )

    def probe(self, *given: tuple[str, str]) -> Judgement:
        """The criterion's judgement for somebody of whom only these answers are known."""
        return self.judge(probe_case(tuple(sorted(given))))


def questions_in(judgement: Judgement) -> Iterator[Question]:
    """Every question below a judgement, whatever the whole is: a form asks all that the rule looks at."""
    if judgement.answer is Answer.UNKNOWN and judgement.question is not None:
        yield judgement.question
    for part in judgement.parts:
        yield from questions_in(part)


def asks(place: Place) -> CriterionAsks:
    """What one criterion asks: its questions, those that an answer brings up, and those that an answer makes needless."""
    start = tuple(questions_in(place.probe()))
    trials = any(q.id == COMPLETE or q.id in OF_ONE_TRIAL for q in start)
    if trials:
        start += tuple(q for view in _with_trials() for q in questions_in(place.judge(view)))
    first = _to_ask(q.id for q in start)
    shown: dict[str, list[ShownWhen]] = {q: [] for q in first}
    for question in first:
        # What the record of trials says is not an answer to hang a question on: the chart may hold other trials.
        for value in values_of(intake_questions()[question]) if not question.startswith("staging.") else ():
            after = _to_ask(q.id for q in questions_in(place.probe((question, value))))
            for new in after:
                if new not in first:
                    shown.setdefault(new, []).append(ShownWhen(question, value))
            # Only a question asked later may hang on one asked before: no two hide each other.
            for gone in first[first.index(question) + 1 :] if not trials else ():
                if gone not in after:
                    shown[gone].append(ShownWhen(question, value, not_when=True))
    facts = tuple(FactAsked(intake_questions()[q], tuple(conditions)) for q, conditions in shown.items())
    payer = tuple(dict.fromkeys(q.text for q in start if q.id in NOT_ABOUT_THE_PERSON))
    return CriterionAsks(facts, payer, trials)


def _to_ask(ids: Iterable[str]) -> list[str]:
    """The questions that become items, each once and in order."""
    known = intake_questions().keys() - NOT_ABOUT_THE_PERSON - OF_ONE_TRIAL - {COMPLETE}
    return [q for q in dict.fromkeys(ids) if q in known]


@cache
def _with_trials() -> tuple[CaseView, ...]:
    """People with several failed trials, with trials not tolerated, and with trials too short: each brings up questions."""
    return (
        _probe_with_trials("nonresponse", at_full_dose=True, weeks=26),
        _probe_with_trials("nonresponse", at_full_dose=True, weeks=5),
        _probe_with_trials("intolerance", at_full_dose=False, weeks=None),
    )


def _probe_with_trials(outcome: str, *, at_full_dose: bool, weeks: float | None) -> CaseView:
    trials = tuple(
        ReportedTrial(
            id=f"probe#{drug.name}", origin=Origin("probe"), drug=drug.name, in_current_episode=True, outcome=outcome,
            daily_dose_mg=drug.label_max_mg if at_full_dose else None, weeks=weeks,
        )
        for drug in _one_drug_of_each_class()
    )  # fmt: skip
    person = replace(_NOBODY, reported_trials=trials, attestations=(_attestation(COMPLETE, "yes"),))
    history = rebuild_trials(person, _PROBE_DAY)
    return CaseView(Case(person=person, history=history, safety=screen(person, history, _PROBE_DAY), as_of=_PROBE_DAY))


def _one_drug_of_each_class() -> tuple[Drug, ...]:
    by_class: dict[str, Drug] = {}
    for drug in drug_book().drugs.values():
        if drug.kind == "antidepressant":
            by_class.setdefault(drug.drug_class, drug)
    return tuple(by_class.values())
