"""From a request to what the payers' policies say of its orders: the chart, the coverage, the policy, the determination."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec

from inconcert.exchange.crd.discovery import prefetch_of
from inconcert.exchange.crd.orders import OrderedService, ordered_service
from inconcert.exchange.crd.request import HookRequest, Json, Order
from inconcert.exchange.disclosure import disclosable
from inconcert.exchange.fhir import UnreadableChart, read_bytes
from inconcert.knowledge.order_codes import OrderKind
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import determine, determine_plan
from inconcert.payers.asking import CaseView
from inconcert.payers.combination import KETAMINES, STIMULATION
from inconcert.payers.matching import covers, match
from inconcert.payers.types import Case, Determination, PlanDetermination
from inconcert.record import HealthPlan, Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials


@dataclass(frozen=True, slots=True)
class Answered:
    """One policy's answer for one order.

    `determination` is from the whole chart, for the clinician's card; `outward` from what may leave the clinic, for the
    order itself, which travels on. The two are one object where nothing is held back.
    """

    policy: CoveragePolicy
    service: str
    because: str
    determination: Determination
    outward: Determination


@dataclass(frozen=True, slots=True)
class UnderPlan:
    """One order under one coverage. No `answers`: we hold no policy of that payer for it."""

    plan: HealthPlan
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One order of ours with what is known of its coverage. No `plans`: no coverage in force came with the request."""

    order: Order
    asked: OrderedService
    plans: tuple[UnderPlan, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found for one request."""

    case: Case
    findings: tuple[Finding, ...]
    pair: PlanDetermination | None
    missing: tuple[str, ...]
    today: date


def find(request: HookRequest, today: date, kinds: Sequence[OrderKind]) -> Findings:
    """Answer every order of ours in a request, as of today. Nothing is fetched: what was not sent is not known."""
    missing = list(request.missing)
    ours = []
    for order in request.orders:
        asked = ordered_service(order.resource, request.resources, kinds)
        if asked is None:
            continue
        if _is_about(order.resource, request.patient):
            ours.append((order, asked))
        else:
            missing.append("A draft names another patient than the one in context; nothing was said of it.")
    person = _person(request, today, missing) if ours else Person(id=request.patient)
    cases = _Cases(person, request, today)
    plans = [p for p in person.health_plans if covers(p, today)]
    plans.sort(key=lambda p: (p.order is None, p.order or 0))
    if ours:
        _say_what_lacks(request, person, plans, missing)
    wanted = tuple(dict.fromkeys(asked.services[0] for _, asked in ours))
    found = tuple(
        Finding(order, asked, tuple(_under(plan, asked, cases, wanted) for plan in plans)) for order, asked in ours
    )
    return Findings(cases.whole, found, _pair(found, cases), tuple(dict.fromkeys(missing)), today)


def _is_about(order: Json, patient: str) -> bool:
    """Whether an order names the patient in context, or nobody."""
    subject = order.get("subject")
    references = [subject] if isinstance(subject, dict) else []
    participants = order.get("participant")
    for each in participants if isinstance(participants, list) else []:
        actor = each.get("actor") if isinstance(each, dict) else None
        if isinstance(actor, dict):
            references.append(actor)
    named = [r.get("reference") for r in references]
    patients = [n.rstrip("/").split("/")[-1] for n in named if isinstance(n, str) and "Patient/" in n]
    return not patients or patient in patients


def _person(request: HookRequest, today: date, missing: list[str]) -> Person:
    """The patient in context as the prefetch tells of them. What is about somebody else is not used."""
    answered = {order.key for order in request.orders}
    chart = [r for r in request.resources if f"{r.get('resourceType')}/{r.get('id')}" not in answered]
    nobody = Person(id=request.patient)
    if not chart:
        return nobody
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in chart]}
    try:
        reading = read_bytes(msgspec.json.encode(bundle), "prefetch", as_of=today)
    except UnreadableChart:
        missing.append("The prefetch could not be read.")
        return nobody
    found = next((p for p in reading.people if p.id.removeprefix("Patient/") == request.patient), None)
    if reading.account.refused:
        some = len(reading.account.refused)
        missing.append(f"{some} of the {reading.account.resources} records sent could not be used.")
    if found is None and reading.people:
        missing.append("The prefetch is about another patient than the one in context; nothing of it was used.")
    return found or nobody


class _Cases:
    """The case from the whole chart, and, where some policy answers, from what may leave the clinic."""

    def __init__(self, person: Person, request: HookRequest, today: date) -> None:
        self._request = request
        self.whole = _case(person, today)

    @cached_property
    def view(self) -> CaseView:
        """The whole case as every policy sees it: what is worked out for one is worked out for all."""
        return CaseView(self.whole)

    @cached_property
    def outward(self) -> Case:
        """The case without what is held back; the whole one where nothing is. Dear: every record is looked through."""
        person = disclosable(self.whole.person, self._request.resources)
        return self.whole if person is self.whole.person else _case(person, self.whole.as_of)


def _case(person: Person, today: date) -> Case:
    history = rebuild_trials(person, today)
    return Case(person=person, history=history, safety=screen(person, history, today), as_of=today)


def _say_what_lacks(request: HookRequest, person: Person, plans: list[HealthPlan], missing: list[str]) -> None:
    unsent = [key for key in prefetch_of(request.hook) if key not in request.sent]
    if unsent and request.sent:
        missing.append(f"Not sent: {', '.join(unsent)}.")
    if person.birth is None:
        missing.append("The birth date is not known, so no criterion of age can be.")
    if not person.health_plans:
        missing.append("No coverage came with the request, so no policy can be chosen.")
    elif not plans:
        missing.append("No coverage that came with the request is in force today.")
    for plan in plans:
        if not plan.payer_identifier:
            missing.append(
                f"The coverage {plan.origin.resource} names no payer identifier; its payer was told by name."
            )


def _under(plan: HealthPlan, asked: OrderedService, cases: _Cases, wanted: tuple[str, ...]) -> UnderPlan:
    return UnderPlan(plan, tuple(_answers(plan, asked, cases, wanted)))


def _answers(plan: HealthPlan, asked: OrderedService, cases: _Cases, wanted: tuple[str, ...]) -> Iterator[Answered]:
    for policy in policies().values():
        service = next((s for s in asked.services if s in policy.services), None)
        because = match(policy, plan, cases.whole.person.region) if service and not policy.superseded else None
        if service is None or because is None:
            continue
        others = tuple(s for s in wanted if s not in asked.services)
        inner = determine(policy, cases.whole, service, together_with=others, view=cases.view)
        same = cases.outward is cases.whole
        outer = inner if same else determine(policy, cases.outward, service, together_with=others)
        yield Answered(policy, service, because, inner, outer)


def _pair(found: Sequence[Finding], cases: _Cases) -> PlanDetermination | None:
    """What the policies say of stimulation and a ketamine ordered in one request."""
    services: dict[str, str] = {}
    for finding in found:
        first = next((a for under in finding.plans for a in under.answers), None)
        service = first.service if first is not None else finding.asked.services[0]
        services.setdefault(service, first.policy.id if first is not None else "")
    kinds = {s in STIMULATION for s in services if s in STIMULATION or s in KETAMINES}
    if len(kinds) < 2:
        return None
    return determine_plan(cases.whole, tuple(services), {s: p for s, p in services.items() if p}, view=cases.view)
