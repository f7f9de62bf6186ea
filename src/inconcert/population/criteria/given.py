"""How the treatment is given and what runs beside it: the twin of `payers.criteria.given`. Mostly the clinic's own word."""

from __future__ import annotations

import ibis
from ibis import _

from inconcert.knowledge.policy_schema import given as words
from inconcert.payers import readings
from inconcert.payers.criteria import given as rules
from inconcert.payers.readings import AgentMeaning
from inconcert.population.criteria.tried import chosen, number
from inconcert.population.days import days_before
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Flag, Tri, all_of, any_of, when
from inconcert.population.place import Compiler, Place
from inconcert.population.trials import of_class, of_kind


def prescriber(leaf: words.Prescriber, place: Place) -> Tri:
    """The ordering clinician's profession, and what else is asked of them."""
    asked = set(leaf.specialty)
    who = [known for known, also in rules.ALSO.items() if also & asked]
    profession = chosen("payers.clinic.prescriber_specialty", who, rules.ALSO, place)
    if leaf.role == "prescribes_or_consulted" and not isinstance(profession, int):
        profession = when(
            (profession == NOT_MET, place.yes_no("payers.clinic.psychiatrist_consulted")), otherwise=profession
        )
    parts = [profession]
    if leaf.role in ("orders_and_supervises", "prescribes_and_supervises"):
        parts.append(place.yes_no("payers.clinic.prescriber_supervises"))
    if leaf.face_to_face:
        parts.append(place.yes_no("payers.clinic.face_to_face"))
    if leaf.tms_trained or leaf.tms_experienced:
        parts.append(place.yes_no("payers.clinic.prescriber_tms_trained"))
    if leaf.only_where is not None:
        parts.append(place.yes_no("payers.clinic.limited_access_area"))
    return all_of(parts)


def device_cleared(leaf: words.DeviceCleared, place: Place) -> Tri:
    """The device is cleared, and used as labeled where the policy asks it."""
    parts = [place.yes_no("payers.clinic.device_cleared")]
    if leaf.modality_cleared:
        parts.append(place.yes_no("payers.clinic.modality_cleared"))
    if leaf.within_label or leaf.protocol is not None:
        parts.append(place.yes_no("payers.clinic.device_within_label"))
    return all_of(parts)


def treatment_protocol(leaf: words.TreatmentProtocol, place: Place) -> Tri:
    """Whether the proposed stimulation is one of these kinds: from the service where it tells, else from the clinic."""
    return any_of([_protocol_kind(kind, place) for kind in leaf.kinds])


def _protocol_kind(kind: str, place: Place) -> Tri:
    service = place.service
    if kind == "fda_cleared":
        return place.yes_no("payers.clinic.device_cleared")
    if kind == "left_prefrontal_rtms":
        return place.yes_no("payers.clinic.left_prefrontal")
    if service == "accelerated_saint" and kind in rules.SAINT_IS:
        return MET
    if kind in rules.BY_SERVICE:
        return NOT_MET
    if kind == "mri_guided_tbs":
        if service not in ("itbs", "accelerated_saint"):
            return NOT_MET
        kind = "mri_guided"
    return chosen("payers.clinic.protocol_variant", (kind,), None, place)


def rems(leaf: words.RemsCertified, place: Place) -> Tri:
    """REMS certification or enrollment of everyone named."""
    return all_of([_rems(who, place) for who in leaf.who])


def _rems(who: str, place: Place) -> Tri:
    if who == "pharmacy_or_setting":
        return any_of([_rems("pharmacy", place), _rems("setting", place)])
    return place.yes_no(rules.REMS[who])


def supervision(leaf: words.Supervision, place: Place) -> Tri:
    """Every point of supervision the policy names."""
    return all_of([place.yes_no(question) for question, _name in rules.supervision_asked(leaf)])


def consent(leaf: words.Consent, place: Place) -> Tri:
    """Every point that the consent must cover."""
    return all_of([place.yes_no(f"payers.clinic.consent_{rules.CONSENT[p]}") for p in leaf.must_cover])


def concurrent(leaf: words.ConcurrentTherapy, place: Place) -> Tri:
    """Another treatment at the same time: in the plan itself, in the record now, or by somebody's word."""
    agents = [readings.agents()[agent] for agent in leaf.agents]
    parts = [any_of([_agent(agent, place) for agent in agents])]
    if leaf.newly_initiated:
        parts.append(place.yes_no("payers.companion_newly_started"))
    if leaf.min_weeks is not None:
        parts.append(_long_enough(agents, float(leaf.min_weeks), place))
    return all_of(parts)


def _agent(agent: AgentMeaning, place: Place) -> Tri:
    if any(s in agent.services for s in place.together_with):
        return MET
    if any(s in agent.services_maybe for s in place.together_with):
        return when((_running(agent, place), MET), otherwise=UNKNOWN)
    return when((_running(agent, place), MET), otherwise=place.yes_no(agent.question))


def is_of(agent: AgentMeaning) -> Flag:
    """Rows of `trials` that are of the agent's drugs."""
    listed = of_class(*agent.classes) if agent.classes else of_kind("antidepressant")
    return listed & of_kind("antidepressant") if agent.companion else listed


def _running(agent: AgentMeaning, place: Place) -> Flag:
    """Whether the record shows the agent running on the date of service for certain."""
    if agent.companion or agent.classes:
        key = ("running", agent.companion, agent.classes)
        return place.frame.some_trial(key, (_.ongoing == MET) & is_of(agent))
    return open_now(agent, place)


def open_now(agent: AgentMeaning, place: Place) -> Flag:
    """Whether an order or statement of one of the agent's own drugs is open."""
    if not agent.drugs:
        return ibis.literal(False)
    return place.frame.over("open_drugs", agent.drugs, _.drug.isin(list(agent.drugs)).any(), empty=False)


def _long_enough(agents: list[AgentMeaning], weeks: float, place: Place) -> Tri:
    """For how many weeks a companion has been taken: by the trials that run now, else by somebody's word."""
    cases: list[tuple[Flag, Tri]] = []
    for agent in agents:
        if agent.companion or agent.classes:
            key = ("running for", agent.companion, agent.classes, weeks)
            long = place.frame.some_trial(key, (_.ongoing == MET) & is_of(agent) & (_.weeks_low >= weeks))
            cases.append((long, MET))
    told, day = place.frame.said("payers.companion_weeks"), place.frame.said("payers.companion_weeks@day")
    if told is not None:
        since = told if day is None else told + days_before(day, place.as_of).coalesce(0) / 7
        cases += [(since >= weeks, MET), (since < weeks, NOT_MET)]
    return when(*cases, otherwise=UNKNOWN) if cases else UNKNOWN


def _word(question: str) -> Compiler:
    return lambda _leaf, place: place.yes_no(question)


COMPILERS: dict[type, Compiler] = {
    words.Prescriber: prescriber,
    words.DeviceCleared: device_cleared,
    words.TreatmentProtocol: treatment_protocol,
    words.RemsCertified: rems,
    words.Supervision: supervision,
    words.PostDoseMonitoring: lambda leaf, place: number(
        "payers.clinic.monitoring_hours", ">=", float(leaf.min_hours), place
    ),
    words.SupervisedAdministration: _word("payers.clinic.supervised_administration"),
    words.PdmpChecked: _word("payers.clinic.pdmp_checked"),
    words.PdmpUnavailable: _word("payers.clinic.pdmp_unavailable"),
    words.DoseLimit: _word("payers.clinic.dose_within_limit"),
    words.Consent: consent,
    words.Setting: lambda leaf, place: chosen(
        "payers.clinic.setting", (leaf.place,), ("inpatient", "outpatient"), place
    ),
    words.UseAs: _word("payers.clinic.use_as_augmentation"),
    words.ConcurrentTherapy: concurrent,
    words.PsychotropicChange: _word("payers.psychotropic_change_planned"),
    words.DocumentationPresent: lambda leaf, place: place.yes_no(f"payers.documented.{leaf.of}"),
    words.ClinicalJudgment: lambda leaf, place: place.yes_no(f"payers.judgment.{leaf.that}"),
    words.ClinicalJustification: lambda leaf, place: place.yes_no(f"payers.justification.{leaf.departure}"),
}
