"""From a chart and a plan to the request Bundles a payer gets: one Bundle, with one Claim, for each plan and benefit.

Same payer, same benefit: one Claim with an item each. A drug that the clinic's settings place under the pharmacy
benefit, or that another plan pays, gets a Claim of its own: two desks decide, on two clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.disclosure import STATEMENT
from inconcert.exchange.fhir import ChartReading
from inconcert.exchange.pas import addresses as at
from inconcert.exchange.pas import claim as claims
from inconcert.exchange.pas.asked import AskedService
from inconcert.exchange.pas.attach import Attachment, attached
from inconcert.exchange.pas.evidence import copies, wanted
from inconcert.exchange.pas.history import history_document, history_text
from inconcert.exchange.pas.names import NO_ADDRESS, BundleNames
from inconcert.exchange.pas.parties import add_parties
from inconcert.exchange.pas.plans import plan_for
from inconcert.exchange.pas.types import SHAPES, Enclosed, Gap, GapKind, Json, LeftOut, PasRequest
from inconcert.exchange.pas.withhold import Disclosed, disclosed, patient_key, slipped, text_probe
from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.payer_requests import documents
from inconcert.knowledge.policies import policies
from inconcert.payers import determine
from inconcert.payers.types import Case, Determination
from inconcert.record import DateRange, HealthPlan, Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a request is to be made.

    `policy_for` names the coverage policy of each service (none: the request goes with the trials and the diagnosis
    alone). `coverage_id` picks the plan where the person has several. `released` are kinds of protected records that may
    leave because the person agreed in writing, and `consent` says where that agreement is; without it nothing is
    released. `attach` are papers that a clinician has read and chosen to enclose.
    """

    as_of: date
    created: datetime
    policy_for: Mapping[str, str] = field(default_factory=dict)
    settings: ClinicSettings = field(default_factory=ClinicSettings)
    shape: str = SHAPES[0]
    coverage_id: str = ""
    released: frozenset[str] = frozenset()
    consent: str = ""
    urgent: bool = False
    attach: tuple[Attachment, ...] = ()


def build_requests(
    reading: ChartReading, person: Person, asked: Sequence[AskedService], wishes: Wishes
) -> tuple[PasRequest, ...]:
    """The request Bundles for these services, in their order.

    Raises Refusal where no request can be made at all: nothing is asked for, no plan covers the person that day, the
    Patient resource is not there, the person has died, a release without a consent.
    """
    _check(person, asked, wishes)
    chart = disclosed(reading, person, wishes.released)
    history = rebuild_trials(chart.person, wishes.as_of)
    case = Case(
        person=chart.person, history=history, safety=screen(chart.person, history, wishes.as_of), as_of=wishes.as_of
    )
    together: dict[tuple[str, str], list[AskedService]] = {}
    plans: dict[str, HealthPlan] = {}
    for each in asked:
        plan = plan_for(
            chart.person, each.service, wishes.policy_for.get(each.service), wishes.as_of, wishes.coverage_id
        )
        plans[plan.id] = plan
        together.setdefault((plan.id, each.benefit), []).append(each)
    services = tuple(each.service for each in asked)
    return tuple(
        _request(chart, case, plans[plan_id], tuple(group), services, wishes)
        for (plan_id, _), group in together.items()
    )


def _check(person: Person, asked: Sequence[AskedService], wishes: Wishes) -> None:
    if wishes.shape not in SHAPES:
        raise Refusal(f"There is no shape {wishes.shape!r} of a request.", f"One of: {', '.join(SHAPES)}.")
    if not asked:
        raise Refusal("No service is asked for.", "Name at least one service.")
    if wishes.created.tzinfo is None:
        raise Refusal("The time of the request has no time zone.", "Give it with its offset from UTC.")
    if wishes.released and not wishes.consent.strip():
        names = ", ".join(sorted(wishes.released))
        raise Refusal(
            f"Protected records ({names}) are to be released without a consent.",
            "Say where the signed consent is filed.",
        )
    dead = person.deceased
    if dead is True or (isinstance(dead, DateRange) and dead.earliest <= wishes.as_of):
        raise Refusal(
            "The record says this person has died.", "Check the record; nothing is asked of a payer for the dead."
        )


def _request(
    chart: Disclosed,
    case: Case,
    plan: HealthPlan,
    asked: tuple[AskedService, ...],
    whole: tuple[str, ...],
    wishes: Wishes,
) -> PasRequest:
    patient, coverage = _sources(chart, plan)
    seed = "\n".join([case.person.id, plan.id, *(a.service for a in asked), wishes.created.isoformat(), wishes.shape])
    names, gaps = BundleNames(seed, wishes.settings.fhir_base or NO_ADDRESS), list[Gap]()
    parties = add_parties(names, patient, coverage, plan, wishes.settings, gaps)
    found = _determinations(case, asked, whole, wishes)
    references, enclosed, left = _evidence(chart, case, found, parties.patient, names, wishes)
    claim = claims.claim_head(names, parties, wishes.settings, wishes.created, wishes.urgent)
    messages = [documents().redisclosure_notice.text] if wishes.released else [STATEMENT]
    info = claims.enclosures(references, messages, wishes.settings, wishes.shape, gaps)
    diagnosed = [c for c in case.person.conditions if c.id in {use.record_id for use in case.history.episode.used}]
    diagnosis = claims.diagnoses(diagnosed, gaps)
    claim |= {"supportingInfo": info} | ({"diagnosis": diagnosis} if diagnosis else {})
    claim["insurance"] = [{"sequence": 1, "focal": True, "coverage": parties.coverage}]
    counts = (len(claim.get("careTeam", ())), len(diagnosis), len(info))
    claim["item"] = []
    for number, each in enumerate(asked, 1):
        order = claims.order_of(names, each, parties, wishes.settings, wishes.created)
        claim["item"].append(claims.item(number, each, order, names, wishes.settings, wishes.shape, counts, gaps))
    names.add("Claim", claim)
    return PasRequest(
        bundle=_bundle(names, wishes, at.REQUEST_BUNDLE),
        shape=wishes.shape,
        services=tuple(a.service for a in asked),
        payer=plan.payer or plan.label,
        claim_id=names.of("Claim"),
        policy_ids=tuple(d.policy_id for d in found),
        gaps=tuple(dict.fromkeys(gaps)),
        held_back=chart.held,
        enclosed=enclosed,
        left_out=left,
        notes=_notes(asked, found),
    )


def _sources(chart: Disclosed, plan: HealthPlan) -> tuple[Json, Json]:
    key = patient_key(chart.person)
    patient = chart.resources.get(key)
    for twice in chart.doubtful & {key, plan.origin.resource}:
        raise Refusal(
            f"{twice} stands in the chart more than once, each time otherwise.",
            "Mend the export, so that it stands once.",
        )
    if patient is None:
        raise Refusal(
            f"{key} is not in the chart as an R4 resource.", "Export the record again with the Patient in it."
        )
    coverage = chart.resources.get(plan.origin.resource)
    if coverage is None:
        raise Refusal(
            f"{plan.origin.resource} is not in the chart as an R4 resource that may leave.",
            "Enter the plan anew in the chart.",
        )
    return patient, coverage


def _determinations(
    case: Case, asked: Sequence[AskedService], whole: Sequence[str], wishes: Wishes
) -> tuple[Determination, ...]:
    """Each service under its policy, with the rest of the plan given at the same time (also what another Claim asks for)."""
    found = []
    for service in (a.service for a in asked):
        policy_id = wishes.policy_for.get(service)
        if policy_id is not None:
            others = tuple(s for s in whole if s != service)
            found.append(determine(policies()[policy_id], case, service, together_with=others))
    return tuple(found)


def _evidence(
    chart: Disclosed, case: Case, found: Sequence[Determination], owner: Json, names: BundleNames, wishes: Wishes
) -> tuple[list[Json], tuple[Enclosed, ...], tuple[LeftOut, ...]]:
    """Enclose what speaks to the criteria; gives back the references, what was enclosed, and what could not be."""
    keys = wanted(case, [use for d in found for use in d.basis.used])
    made, left = copies(chart, keys, owner, wishes.shape)
    text = history_text(case)
    labels = [{"system": ACT_CODE, "code": "42CFRPart2"}] if "substance_use" in wishes.released else []
    # The last look, at each copy and at the text, in the very form in which they would leave.
    probes = [copy | {"id": names.of(key)} for key, (copy, _) in made.items()]
    probes.append(text_probe("history", text))
    signs = slipped(probes, wishes.released)
    references, enclosed = [], []
    if text and "history" not in signs:
        references.append(names.add("history", history_document(text, owner, case.as_of.isoformat(), labels)))
        enclosed.append(Enclosed(names.of("history"), "(made from the chart)", "the medication trials on one page"))
    for key, (copy, why) in made.items():
        if names.of(key) in signs:
            left.append(
                LeftOut(key, f"as it would leave it still shows a sign of a protected record ({signs[names.of(key)]})")
            )
            continue
        marked = copy | {"meta": {"security": labels}} if labels else copy
        references.append(names.add(key, marked))
        enclosed.append(Enclosed(names.of(key), key, why))
    for number, paper in enumerate(wishes.attach, 1):
        enclosing = attached(paper, owner, patient_key(case.person), wishes.released)
        references.append(names.add(f"attached/{number}", enclosing))
        enclosed.append(Enclosed(names.of(f"attached/{number}"), paper.name, "chosen by a clinician"))
    if "history" in signs:
        left.append(
            LeftOut("(the history document)", f"its words show a sign of a protected record ({signs['history']})")
        )
    return references, tuple(enclosed), tuple(left)


def _bundle(names: BundleNames, wishes: Wishes, profile: str) -> Json:
    """The Claim first, as the profile wants, then the others as they were put in."""
    entries = [e for e in names.entries if e["resource"]["resourceType"] == "Claim"]
    entries += [e for e in names.entries if e["resource"]["resourceType"] != "Claim"]
    return {
        "resourceType": "Bundle",
        "id": names.of("Bundle"),
        "meta": {"profile": [profile]},
        "identifier": claims.trace(names, wishes.settings, "transaction"),
        "type": "collection",
        "timestamp": wishes.created.isoformat(timespec="seconds"),
        "entry": entries,
    }


def _notes(asked: Sequence[AskedService], found: Sequence[Determination]) -> tuple[str, ...]:
    """What the sender should know. It is about the criteria, and is not part of the Bundle."""
    notes = [d.summary for d in found if d.answer is not Answer.MET]
    judged = {d.service for d in found}
    notes += [
        f"No coverage policy is named for {a.service}: nothing was held against criteria."
        for a in asked
        if a.service not in judged
    ]
    if any(a.benefit == "pharmacy" for a in asked):
        notes.append(
            "The pharmacy benefit is asked for. Many payers take such requests by another road (NCPDP); ask which one."
        )
    return tuple(notes)


def gap_lines(gaps: Sequence[Gap], kind: GapKind) -> tuple[str, ...]:
    """The gaps of one kind, a line each."""
    return tuple(f"{gap.where}: {gap.what}. {gap.mend}" for gap in gaps if gap.kind is kind)
