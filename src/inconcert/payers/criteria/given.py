"""How the treatment is given, what runs beside it, and what the clinician judges or writes. Mostly the clinic's own word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inconcert.judgement import Answer, Judgement, RecordUse, all_of, any_of
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.policy_schema import given as words
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot, attestation_use
from inconcert.payers.wording import opening, plain
from inconcert.record import DateRange, MedicationEvent, MedicationEventKind
from inconcert.staging.types import MedicationTrial

_OFF = frozenset({"stopped", "completed", "cancelled", "entered-in-error", "not-taken", "not-done", "draft", "on-hold"})


def _all(spot: Spot, parts: list[Judgement]) -> Judgement:
    if len(parts) == 1:
        return parts[0]
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts))


def prescriber(leaf: words.Prescriber, spot: Spot) -> Judgement:
    """The ordering clinician's profession, and what else is asked of them."""
    parts = [_profession(leaf, spot)]
    if leaf.role in ("orders_and_supervises", "prescribes_and_supervises"):
        yes, no = "The prescriber supervises", "The prescriber does not supervise"
        parts.append(spot.yes_no("payers.clinic.prescriber_supervises", yes, no))
    if leaf.face_to_face:
        yes, no = "Examined face to face", "Not examined face to face"
        parts.append(spot.yes_no("payers.clinic.face_to_face", yes, no))
    if leaf.tms_trained or leaf.tms_experienced:
        yes, no = "The prescriber is trained in TMS", "The prescriber is not trained in TMS"
        parts.append(spot.yes_no("payers.clinic.prescriber_tms_trained", yes, no))
    if leaf.only_where is not None:
        yes, no = "Psychiatrists are hard to reach here", "Psychiatrists are in reach here"
        parts.append(spot.yes_no("payers.clinic.limited_access_area", yes, no))
    return _all(spot, parts)


# A psychiatrist is also a licensed prescriber and a trained provider; the two names for a nurse practitioner are one.
ALSO = {
    "psychiatrist": {"psychiatrist", "licensed_mental_health_prescriber", "other_trained_provider"},
    "pmhnp": {"pmhnp", "psychiatric_np", "licensed_mental_health_prescriber", "other_trained_provider"},
    "licensed_mental_health_prescriber": {"licensed_mental_health_prescriber", "other_trained_provider"},
    "other_trained_provider": {"other_trained_provider"},
    "other": set(),
}


def _profession(leaf: words.Prescriber, spot: Spot) -> Judgement:
    asked = " or ".join(plain(s) for s in leaf.specialty)
    known, given = spot.choice("payers.clinic.prescriber_specialty")
    if given is None or known not in ALSO:
        return spot.unknown(f"Not known who orders the treatment; {asked} is asked.", "payers.clinic.prescriber_specialty",
                            suffix="specialty")  # fmt: skip
    answer = Answer.MET if ALSO[known] & set(leaf.specialty) else Answer.NOT_MET
    found = spot.judge(
        answer, f"Ordered by: {plain(known)}; {asked} is asked.", used=(attestation_use(given),), suffix="specialty"
    )
    if answer is Answer.NOT_MET and leaf.role == "prescribes_or_consulted":
        yes, no = "A psychiatrist was consulted", "No psychiatrist was consulted"
        consulted = spot.yes_no("payers.clinic.psychiatrist_consulted", yes, no)
        return spot.joined((found, consulted), any_of((answer, consulted.answer)), f"{found.text} {consulted.text}")
    return found


def device_cleared(leaf: words.DeviceCleared, spot: Spot) -> Judgement:
    """The device is cleared, and used as labeled where the policy asks it."""
    parts = [spot.yes_no("payers.clinic.device_cleared", "The device is cleared", "The device is not cleared")]
    if leaf.modality_cleared:
        yes, no = "This kind of coil and stimulation is cleared too", "This kind of coil or stimulation is not cleared"
        parts.append(spot.yes_no("payers.clinic.modality_cleared", yes, no))
    if leaf.within_label or leaf.protocol is not None:
        yes, no = "It is used as labeled", "It is not used as labeled"
        parts.append(spot.yes_no("payers.clinic.device_within_label", yes, no))
    return _all(spot, parts)


SAINT_IS = frozenset({"accelerated", "saint", "mri_guided", "mri_guided_tbs", "navigated"})
BY_SERVICE = frozenset({"accelerated", "saint"})


def treatment_protocol(leaf: words.TreatmentProtocol, spot: Spot) -> Judgement:
    """Whether the proposed stimulation is one of these kinds: from the service where it tells, else from the clinic."""
    parts = [_protocol_kind(kind, spot) for kind in leaf.kinds]
    answer = any_of(p.answer for p in parts)
    shown = dict.fromkeys(p.text for p in parts if p.answer is answer)
    if len(parts) == 1:
        return parts[0]
    return spot.joined(parts, answer, " ".join(shown))


def _protocol_kind(kind: str, spot: Spot) -> Judgement:
    service = spot.asked.service
    if kind == "fda_cleared":
        return spot.yes_no("payers.clinic.device_cleared", "Device and protocol are cleared", "They are not cleared")
    if kind == "left_prefrontal_rtms":
        return spot.yes_no(
            "payers.clinic.left_prefrontal", "The left prefrontal cortex is the target", "It is not the target"
        )
    if service == "accelerated_saint" and kind in SAINT_IS:
        return spot.judge(Answer.MET, "SAINT is accelerated, and guided by MRI and navigation.", suffix=kind)
    if kind in BY_SERVICE:
        return spot.judge(Answer.NOT_MET, f"The service proposed, {service}, is not {plain(kind)}.", suffix=kind)
    if kind == "mri_guided_tbs":
        if service not in ("itbs", "accelerated_saint"):
            return spot.judge(Answer.NOT_MET, f"The service proposed, {service}, is not theta burst.", suffix=kind)
        kind = "mri_guided"
    variant, given = spot.choice("payers.clinic.protocol_variant")
    if given is None or not variant:
        return spot.unknown(
            f"Not known whether the protocol is {plain(kind)}.", "payers.clinic.protocol_variant", suffix=kind
        )
    answer = Answer.MET if variant == kind else Answer.NOT_MET
    return spot.judge(answer, f"Protocol variant: {plain(variant)}.", used=(attestation_use(given),), suffix=kind)


REMS = {
    "setting": "payers.clinic.rems_setting",
    "provider_or_setting": "payers.clinic.rems_setting",
    "pharmacy": "payers.clinic.rems_pharmacy",
    "patient": "payers.clinic.rems_patient",
}


def rems(leaf: words.RemsCertified, spot: Spot) -> Judgement:
    """REMS certification or enrollment of everyone named."""
    return _all(spot, [_rems(who, spot) for who in leaf.who])


def _rems(who: str, spot: Spot) -> Judgement:
    if who == "pharmacy_or_setting":
        either = [_rems("pharmacy", spot), _rems("setting", spot)]
        return spot.joined(either, any_of(e.answer for e in either), " ".join(e.text for e in either))
    return spot.yes_no(REMS[who], f"REMS: {plain(who)} certified", f"REMS: {plain(who)} not certified")


def supervision_asked(leaf: words.Supervision) -> list[tuple[str, str]]:
    """The question and the name of every point of supervision that the policy asks."""
    asked = [
        (leaf.direct, "payers.clinic.supervision_direct", "direct supervision"),
        (leaf.onsite, "payers.clinic.supervision_onsite", "supervision in the building"),
        (leaf.per_policy, "payers.clinic.supervision_policy", "supervision as the policy asks"),
        (leaf.by == "tms_trained_psychiatrist", "payers.clinic.supervisor_psychiatrist", "a psychiatrist supervises"),
        (leaf.by in ("physician_trained_in_tms", "physician_with_tms_experience"), "payers.clinic.supervisor_tms_trained",
         "a physician trained in TMS supervises"),
        (leaf.mapping_and_dosing_by is not None, "payers.clinic.mapping_by_prescriber", "mapping by the prescriber"),
        (leaf.operator_present or leaf.operator_trained, "payers.clinic.operator_present", "a trained operator is present"),
        (bool(leaf.monitor_trained_in), "payers.clinic.monitor_trained", "a trained person watches"),
    ]  # fmt: skip
    return [(question, name) for wanted, question, name in asked if wanted]


def supervision(leaf: words.Supervision, spot: Spot) -> Judgement:
    """Every point of supervision the policy names, each asked of the clinic."""
    return _all(spot, [spot.yes_no(q, f"Yes: {name}", f"No: {name}") for q, name in supervision_asked(leaf)])


def monitoring(leaf: words.PostDoseMonitoring, spot: Spot) -> Judgement:
    """Hours of watching after each dose."""
    hours, given = spot.number("payers.clinic.monitoring_hours")
    if hours is None or given is None:
        return spot.unknown(f"Not known how long the person is watched; {leaf.min_hours:g} hours are asked.",
                            "payers.clinic.monitoring_hours")  # fmt: skip
    answer = Answer.MET if hours >= leaf.min_hours else Answer.NOT_MET
    return spot.judge(
        answer, f"Watched for {hours:g} hours; {leaf.min_hours:g} are asked.", used=(attestation_use(given),)
    )


CONSENT = {
    "alternatives": "alternatives",
    "other_options": "alternatives",
    "risks": "risks",
    "possibility_of_no_benefit": "no_benefit",
}


def consent(leaf: words.Consent, spot: Spot) -> Judgement:
    """Every point that the consent must cover."""
    return _all(
        spot,
        [
            spot.yes_no(
                f"payers.clinic.consent_{CONSENT[p]}", f"The consent covers {plain(p)}", f"It does not cover {plain(p)}"
            )
            for p in leaf.must_cover
        ],
    )


def setting(leaf: words.Setting, spot: Spot) -> Judgement:
    """Inpatient or outpatient."""
    place, given = spot.choice("payers.clinic.setting")
    if given is None or place not in ("inpatient", "outpatient"):
        return spot.unknown(f"Not known where it is given; {leaf.place} is asked.", "payers.clinic.setting")
    answer = Answer.MET if place == leaf.place else Answer.NOT_MET
    return spot.judge(answer, f"Given {place}; {leaf.place} is asked.", used=(attestation_use(given),))


def concurrent(leaf: words.ConcurrentTherapy, spot: Spot) -> Judgement:
    """Another treatment at the same time: in the plan itself, in the record now, or by somebody's word."""
    parts = [_agent(readings.agents()[agent], spot) for agent in leaf.agents]
    answer = any_of(p.answer for p in parts)
    shown = dict.fromkeys(p.text for p in parts if p.answer is answer)
    found = parts[0] if len(parts) == 1 else spot.joined(parts, answer, " ".join(shown))
    also = []
    if leaf.newly_initiated:
        yes, no = "The companion is newly started", "The companion is not newly started"
        also.append(spot.yes_no("payers.companion_newly_started", yes, no))
    if leaf.min_weeks is not None:
        also.append(_long_enough(leaf.agents, float(leaf.min_weeks), spot))
    return _all(spot, [found, *also]) if also else found


def _long_enough(agents: tuple[words.Agent, ...], weeks: float, spot: Spot) -> Judgement:
    """For how many weeks a companion has been taken: by the trials that run now, else by somebody's word."""
    meanings = [readings.agents()[a] for a in agents]
    running = [t for m in meanings for t in trials_running(m, spot.view)]
    long = [t for t in running if t.weeks_total.at_least(weeks) is Answer.MET]
    if long:
        used = (
            RecordUse(long[0].id, f"{long[0].drug}, {long[0].weeks_total.low:.1f} weeks or more", str(long[0].start)),
        )
        return spot.judge(
            Answer.MET, f"{opening(long[0].drug)} has been taken for {weeks:g} weeks.", used=used, suffix="weeks"
        )
    told, given = spot.number("payers.companion_weeks")
    if told is None or given is None:
        return spot.unknown(
            f"Not known for how long; {weeks:g} weeks are asked.", "payers.companion_weeks", suffix="weeks"
        )
    since = told + ((spot.view.as_of - given.answered_on.latest).days / 7 if given.answered_on else 0)
    answer = Answer.MET if since >= weeks else Answer.NOT_MET
    text = f"Given for {since:.1f} weeks; {weeks:g} are asked."
    return spot.judge(answer, text, used=(attestation_use(given),), suffix="weeks")


def _agent(agent: readings.AgentMeaning, spot: Spot) -> Judgement:
    name = plain(agent.id)
    planned = [s for s in spot.asked.together_with if s in agent.services]
    if planned:
        return spot.judge(Answer.MET, f"The plan itself gives {plain(planned[0])} at the same time.", suffix=agent.id)
    now = _running(agent, spot.view)
    if now:
        return spot.judge(Answer.MET, f"The record shows {name} now.", used=now, suffix=agent.id)
    maybe = [s for s in spot.asked.together_with if s in agent.services_maybe]
    if maybe:
        text = f"The plan gives {plain(maybe[0])}; the policy names {name} and does not say whether that is meant."
        return spot.judge(Answer.UNKNOWN, text, question=spot.question("payers.pair_policy"), suffix=agent.id)
    return spot.yes_no(agent.question, f"{opening(name)} is given at the same time", f"{opening(name)} is not given")


def trials_running(agent: readings.AgentMeaning, view: CaseView) -> tuple[MedicationTrial, ...]:
    """Trials of the agent's drugs that run on the day: any antidepressant of a companion, else drugs of its classes."""
    if not (agent.companion or agent.classes):
        return ()
    return tuple(
        t
        for t in view.case.history.trials
        if t.ongoing is Answer.MET
        and (t.drug_class in agent.classes if agent.classes else t.kind == "antidepressant")
        and (not agent.companion or t.kind == "antidepressant")
    )


def _running(agent: readings.AgentMeaning, view: CaseView) -> tuple[RecordUse, ...]:
    """Records that show the agent running on the date of service for certain."""
    if agent.companion or agent.classes:
        return tuple(RecordUse(t.id, f"{t.drug}, still taken", str(t.start)) for t in trials_running(agent, view))
    if not agent.drugs:
        return ()
    return tuple(use for drug, use in ketamines_open(view) if drug in agent.drugs)


def ketamines_open(view: CaseView) -> tuple[tuple[str, RecordUse], ...]:
    """Orders and statements of ketamine, esketamine and every other drug that an agent names, open on the day, with the drug."""
    return view.once("ketamines", lambda: tuple(_ketamine_events(view)))


def _ketamine_events(view: CaseView) -> Iterable[tuple[str, RecordUse]]:
    for event in view.person.medications:
        if not _open_on(event, view):
            continue
        for name in agent_drugs_of(event):
            yield (
                name,
                RecordUse(event.id, f"{name} {event.kind.value}, open", str(event.start or event.authored or "")),
            )


def agent_drugs_of(event: MedicationEvent) -> tuple[str, ...]:
    """The drugs of a record that some agent names, in the order of the alphabet."""
    match = drug_book().match(event.codings, event.text, event.ingredients, event.form)
    if match is None:
        return ()
    return tuple(sorted({p.drug.name for p in match.parts if p.drug is not None} & readings.agent_drugs()))


def _open_on(event: MedicationEvent, view: CaseView) -> bool:
    """An order or statement that is open on the day. What was handed over or given once is a past event."""
    began: DateRange | None = event.start or event.authored
    return (
        event.kind in (MedicationEventKind.ORDER, MedicationEventKind.STATEMENT)
        and event.status not in _OFF
        and not event.do_not_perform
        and began is not None
        and began.latest <= view.as_of
        and (event.end is None or event.end.earliest >= view.as_of)
    )


def documented(leaf: words.DocumentationPresent, spot: Spot) -> Judgement:
    """A document is there."""
    name = plain(leaf.of)
    return spot.yes_no(f"payers.documented.{leaf.of}", f"Documented: {name}", f"Not documented: {name}")


def judgment(leaf: words.ClinicalJudgment, spot: Spot) -> Judgement:
    """The clinician's own judgment, attested."""
    that = plain(leaf.that)
    return spot.yes_no(f"payers.judgment.{leaf.that}", f"Attested: {that}", f"Not attested: {that}")


def justification(leaf: words.ClinicalJustification, spot: Spot) -> Judgement:
    """A written reason for a departure."""
    name = plain(leaf.departure)
    return spot.yes_no(f"payers.justification.{leaf.departure}", f"Reason given: {name}", f"No reason given: {name}")


def _plainly(question: str, yes: str, no: str) -> Callable[[object, Spot], Judgement]:
    def evaluate(_leaf: object, spot: Spot) -> Judgement:
        return spot.yes_no(question, yes, no)

    return evaluate


EVALUATORS: dict[type, Evaluator] = {
    words.Prescriber: prescriber,
    words.DeviceCleared: device_cleared,
    words.TreatmentProtocol: treatment_protocol,
    words.RemsCertified: rems,
    words.Supervision: supervision,
    words.PostDoseMonitoring: monitoring,
    words.SupervisedAdministration: _plainly(
        "payers.clinic.supervised_administration", "Each dose is supervised", "Doses are not supervised"
    ),
    words.PdmpChecked: _plainly(
        "payers.clinic.pdmp_checked", "The monitoring program was looked up", "It was not looked up"
    ),
    words.PdmpUnavailable: _plainly(
        "payers.clinic.pdmp_unavailable", "No monitoring program can be reached", "One can be reached"
    ),
    words.DoseLimit: _plainly(
        "payers.clinic.dose_within_limit", "The plan stays within the limit", "The plan exceeds the limit"
    ),
    words.Consent: consent,
    words.Setting: setting,
    words.UseAs: _plainly("payers.clinic.use_as_augmentation", "Added to the present treatment", "Not added to it"),
    words.ConcurrentTherapy: concurrent,
    words.PsychotropicChange: _plainly(
        "payers.psychotropic_change_planned", "Drugs will be changed during the course", "Drugs stay unchanged"
    ),
    words.DocumentationPresent: documented,
    words.ClinicalJudgment: judgment,
    words.ClinicalJustification: justification,
}
