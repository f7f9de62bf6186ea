"""The draft of a policy's form for one person: what the chart says is filled in, the rest is left empty and listed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inconcert.exchange.disclosure import disclosable
from inconcert.exchange.dtr.asked import COMPLETE, NOT_ABOUT_THE_PERSON, OF_ONE_TRIAL, ShownWhen, questions_in
from inconcert.exchange.dtr.chart_answers import ChartAnswer, as_given, chart_answer, uses_of
from inconcert.exchange.dtr.chart_trials import scores_of, trial_items
from inconcert.exchange.dtr.forms import Criterion, PolicyForm, form_of
from inconcert.exchange.dtr.items import COUNT
from inconcert.exchange.dtr.linked_records import RecordNames
from inconcert.exchange.dtr.names import (
    CONTEXT,
    COVERAGE,
    INTENDED_USE,
    RESPONSE_PROFILE,
    DtrVersion,
    Json,
    information_origin,
)
from inconcert.exchange.dtr.questionnaire import questionnaire, reference_of
from inconcert.exchange.dtr.response import links_of, placed
from inconcert.judgement import Answer, Judgement
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers.asking import CaseView
from inconcert.payers.matching import covers, match
from inconcert.payers.types import Case
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question left empty. `needed`: its criterion is not settled without it. `of_the_payer`: nobody at the clinic knows."""

    link: str
    text: str
    criterion: str
    needed: bool
    of_the_payer: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A prefilled response, how many answers it holds, and what it leaves open."""

    response: Json
    answered: int
    unanswered: tuple[Unanswered, ...]


def prefill(
    policy: CoveragePolicy, person: Person, as_of: date, *, service: str = "", stage: str = "initial",
    orders: Sequence[str] = (), version: DtrVersion = DtrVersion.V2_0, resources: Iterable[Mapping[str, Any]] = (),
    released: Collection[str] = (),
) -> Draft:  # fmt: skip
    """Fill in a policy's form from what may leave a person's chart, as of one day.

    Args:
        policy: whose form.
        person: the person with all facts; what `exchange.disclosure` holds back reaches no answer.
        as_of: the day; later facts are ignored.
        service: the payers' word for the treatment; the policy's first if not given.
        stage: `initial` or a later decision.
        orders: references to the orders it is for (`ServiceRequest/7`).
        version: of the guide.
        resources: the FHIR resources that the facts were read from, for their security labels.
        released: kinds of protected record that may leave because the person agreed in writing.

    Raises:
        Refusal: as `form_of`.
        ValueError: `released` names no such kind.
    """
    person = disclosable(person, resources, released=released)
    history = rebuild_trials(person, as_of)
    case = Case(person=person, history=history, safety=screen(person, history, as_of), as_of=as_of)
    return prefill_case(form_of(policy, service, stage), case, orders=orders, version=version)


def prefill_case(
    form: PolicyForm, case: Case, *, orders: Sequence[str] = (), version: DtrVersion = DtrVersion.V2_0
) -> Draft:
    """As `prefill`, for a case that has been worked out already from what may leave the chart."""
    view = CaseView(case)
    paper = questionnaire(form, version)
    judged = {c.link: (c, c.place.judge(view)) for c in form.root.criteria()}
    found = _facts(judged, view) | _records(judged) | (_history(view) if form.asks_for_trials else {})
    found |= scores_of(form.scales, case.person, case.as_of)
    shown = {link: answer for link, answer in found.items() if _is_shown(form, link, found)}
    records = RecordNames(case)
    answers = {link: _answer(answer, version, records) for link, answer in shown.items()}
    trials = trial_items(case.history, lambda answer: _answer(answer, version, records)) if form.asks_for_trials else []
    response = _response(form, paper, case, orders, version)
    items = placed(paper["item"], answers, trials)
    if items:
        response["item"] = items
    return Draft(response, len(answers) + sum(len(t["item"]) for t in trials), tuple(_open(form, paper, judged, found)))


Judged = Mapping[str, tuple[Criterion, Judgement]]


def _facts(judged: Judged, view: CaseView) -> dict[str, ChartAnswer]:
    found: dict[str, ChartAnswer] = {}
    for criterion, _ in judged.values():
        for fact in criterion.facts:
            answer = chart_answer(criterion.place, fact, view)
            if answer is not None:
                found[fact.question.id] = answer
    return found


def _records(judged: Judged) -> dict[str, ChartAnswer]:
    """What the record shows of each criterion that it settles. A criterion that stays unknown says nothing here."""
    found: dict[str, ChartAnswer] = {}
    for link, (_, judgement) in judged.items():
        used = uses_of(judgement)
        if judgement.answer is not Answer.UNKNOWN and used:
            words = "met" if judgement.answer is Answer.MET else "not met"
            said = f"Read by InConcert as {words}. {judgement.text}"
            found[f"{link}.record"] = ChartAnswer({"valueString": said}, used)
    return found


def _history(view: CaseView) -> dict[str, ChartAnswer]:
    """Whether the list of trials is whole, as somebody attested, and only while the record still agrees with that."""
    if view.case.history.complete.answer is Answer.UNKNOWN:
        return {}
    found = {}
    for link in (COMPLETE, COUNT):
        given = view.attestation(link)
        answer = as_given(intake_questions()[link], given) if given is not None else None
        if answer is not None:
            found[link] = answer
    return found


def _is_shown(form: PolicyForm, link: str, found: Mapping[str, ChartAnswer]) -> bool:
    """Whether an item is enabled by the other answers: an answer to a hidden question is no answer."""
    conditions = list(form.condition_of(link)) if link in form.asked else []
    for section in form.conditional_sections():
        if any(link in (c.link, f"{c.link}.record") or link in c.own_links() for c in section.criteria()):
            conditions += section.shown
    return _hold(conditions, found)


def _hold(conditions: Sequence[ShownWhen], found: Mapping[str, ChartAnswer]) -> bool:
    def says(c: ShownWhen) -> bool:
        value = found[c.question].value.get("valueCoding", {}) if c.question in found else {}
        return bool(value.get("code") == c.value)

    if any(c.not_when and says(c) for c in conditions):
        return False
    wanted = [c for c in conditions if not c.not_when]
    return not wanted or any(says(c) for c in wanted)


def _answer(answer: ChartAnswer, version: DtrVersion, records: RecordNames) -> Json:
    return {"extension": [information_origin(version.auto), *records.linked(answer.records)], **answer.value}


def _response(form: PolicyForm, paper: Json, case: Case, orders: Sequence[str], version: DtrVersion) -> Json:
    person = case.person.id.removeprefix("Patient/")
    coverages = _coverages(form.policy, case)
    coverage_url = CONTEXT if version is DtrVersion.V2_0 else COVERAGE
    extensions: list[Json] = [{"url": coverage_url, "valueReference": {"reference": c}} for c in coverages]
    extensions += [{"url": CONTEXT, "valueReference": {"reference": order}} for order in orders]
    purpose = {"system": version.purpose_system, "code": "withpa"}
    extensions.append({"url": INTENDED_USE, "valueCodeableConcept": {"coding": [purpose]}})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"draft-{paper['id']}"[:64],
        "meta": {"profile": [RESPONSE_PROFILE]},
        "extension": extensions,
        "questionnaire": reference_of(form),
        "status": "in-progress",
        "subject": {"reference": f"Patient/{person}"},
        "authored": case.as_of.isoformat(),
    }


def _coverages(policy: CoveragePolicy, case: Case) -> list[str]:
    """The person's coverages that this policy governs, else all that hold on the day."""
    plans = [p for p in case.person.health_plans if covers(p, case.as_of)]
    governed = [p for p in plans if match(policy, p, case.person.region) is not None]
    return list(dict.fromkeys(p.origin.resource for p in governed or plans))


def _open(form: PolicyForm, paper: Json, judged: Judged, found: Mapping[str, ChartAnswer]) -> Iterator[Unanswered]:
    """Every question without an answer, and what the rule asks of this very chart beyond the form's own questions."""
    links = {link for link, _ in links_of(paper["item"])}
    said: set[str] = set()
    for criterion, judgement in judged.values():
        needed = judgement.answer is Answer.UNKNOWN
        for fact in criterion.facts:
            if fact.question.id not in found and _is_shown(form, fact.question.id, found):
                yield Unanswered(fact.question.id, fact.question.text, criterion.words, needed)
        for question in questions_in(judgement):
            payer = question.id in NOT_ABOUT_THE_PERSON
            trial = question.id in OF_ONE_TRIAL or question.id == COMPLETE
            if question.text in said or not (payer or trial or question.id not in links):
                continue
            said.add(question.text)
            yield Unanswered(question.id, question.text, criterion.words, needed, of_the_payer=payer)
