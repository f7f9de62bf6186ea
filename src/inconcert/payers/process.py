"""How one asks this payer for this person: is prior authorization wanted, may the request be expedited, by when is it decided.

Rules of the process depend on the date, the network, the product, the person. They are judged like criteria: three
answers, each with its basis, and an unknown names its question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Judgement, Question, all_of, any_of
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import LeafNode, Node, leaves_of
from inconcert.knowledge.policy_schema.file import ProcessRule
from inconcert.knowledge.policy_schema.later import NetworkStatus
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.evaluate import evaluate
from inconcert.payers.types import Case
from inconcert.record import DateRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessAnswer:
    """What the policy's process says for one person, service and day.

    `prior_auth` is the file's word, or `conditional` where a rule that decides it is unknown; then `missing` names the
    questions. `expedited` tells whether a rule of the policy itself makes the request urgent (a law may do so, too).
    `rules` holds each rule in force that day with how it was judged.
    """

    prior_auth: str
    expedited: Answer
    decide_within_hours: int | None
    medical_necessity_still_applies: bool
    rules: tuple[tuple[ProcessRule, Judgement], ...]
    missing: tuple[Question, ...]


def process_of(policy: CoveragePolicy, case: Case, service: str) -> ProcessAnswer:
    """Judge the rules of a policy's process in their order: the first that holds and speaks of prior authorization decides."""
    return process_for(policy, CaseView(case), service)


def process_in_words(policy: CoveragePolicy, view: CaseView, service: str) -> str:
    """What the rules of the process come to, as sentences; '' for a policy that has none."""
    if not policy.process_rules:
        return ""
    found = process_for(policy, view, service)
    said = {
        "required": "Prior authorization is asked.",
        "not_required": "No prior authorization is asked"
        + (", and the criteria bind all the same." if found.medical_necessity_still_applies else "."),
    }.get(found.prior_auth, "Whether prior authorization is asked is not settled.")
    hours = f", decided within {found.decide_within_hours} hours" if found.decide_within_hours is not None else ""
    return said + (f" A request is expedited{hours}." if found.expedited is Answer.MET else "")


def process_for(policy: CoveragePolicy, view: CaseView, service: str) -> ProcessAnswer:
    """As `process_of`, for a person of whom much is worked out already."""
    nodes = zip(policy.file.process.rules, policy.process_rules, strict=True)
    rules = [(rule, node) for rule, node in nodes if _in_force(rule, view.as_of)]
    facts = frozenset(leaf.fact for _, node in rules for leaf in leaves_of(node))
    asked = Asked(policy, view, service, facts=facts)
    judged = [(rule, node, evaluate(node, asked).judgement) for rule, node in rules]
    outside = any_of([j.answer for rule, _, j in judged if rule.treat_as is not None])
    answers = [(rule, _as_treated(node, j.answer, outside), j) for rule, node, j in judged]
    word, deciding = _prior_auth(policy.file.process.prior_auth, answers)
    urgent = [(rule, answer, j) for rule, answer, j in answers if rule.expedited]
    expedited = any_of([answer for _, answer, _ in urgent])
    open_now = [*(j for rule, answer, j in urgent if answer is Answer.UNKNOWN), *_open(word, answers)]
    hours = [
        r.decide_within_hours for r, answer, _ in answers if answer is Answer.MET and r.decide_within_hours is not None
    ]
    return ProcessAnswer(
        prior_auth=word,
        expedited=expedited,
        decide_within_hours=min(hours, default=None),
        medical_necessity_still_applies=deciding is not None and deciding.medical_necessity_still_applies,
        rules=tuple((rule, j) for rule, _, j in judged),
        missing=tuple(dict.fromkeys(q for j in open_now for q in j.questions())),
    )


def _in_force(rule: ProcessRule, day: date) -> bool:
    return rule.since is None or DateRange.parse(rule.since).latest <= day


def _as_treated(node: Node, answer: Answer, outside: Answer) -> Answer:
    """A rule on the network for somebody whom another rule treats as out of it."""
    if not isinstance(node, LeafNode) or not isinstance(node.leaf, NetworkStatus):
        return answer
    return all_of((answer, ~outside)) if node.leaf.status == "contracted" else any_of((answer, outside))


def _prior_auth(written: str, answers: list[tuple[ProcessRule, Answer, Judgement]]) -> tuple[str, ProcessRule | None]:
    """The word of the first rule that holds; `conditional` where one before it may hold and would say otherwise."""
    possible: set[str] = set()
    for rule, answer, _ in answers:
        if rule.prior_auth is None or answer is Answer.NOT_MET:
            continue
        possible.add(rule.prior_auth)
        if answer is Answer.MET:
            return (rule.prior_auth, rule) if len(possible) == 1 else ("conditional", None)
    possible.add(written)
    return (written, None) if len(possible) == 1 else ("conditional", None)


def _open(word: str, answers: list[tuple[ProcessRule, Answer, Judgement]]) -> list[Judgement]:
    """The rules whose answers would settle whether prior authorization is wanted."""
    if word != "conditional":
        return []
    about = [j for r, a, j in answers if r.prior_auth is not None and a is Answer.UNKNOWN]
    return [*about, *(j for r, _, j in answers if r.treat_as is not None and j.answer is Answer.UNKNOWN)]
