"""The facts of a packet: from a person and a request to sentences that each know their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inconcert import __version__
from inconcert.assessment.names import UnknownName
from inconcert.assessment.wording import SERVICES, join
from inconcert.exchange.disclosure import HeldBack, disclosable, held_back
from inconcert.exchange.packet import appeal, letter, standing
from inconcert.exchange.packet.attachments import attachments
from inconcert.exchange.packet.clinic import for_the_clinic
from inconcert.exchange.packet.parts import AskedPart, ask_parts, packet_part
from inconcert.exchange.packet.records import RecordBook
from inconcert.exchange.packet.scores import dated_scores, score_lines
from inconcert.exchange.packet.trials import not_trials, trial_lines
from inconcert.exchange.packet.types import (
    KINDS,
    SCHEMA_VERSION,
    STAGES,
    LetterSection,
    PacketFacts,
    PacketPart,
    PacketRequest,
    PersonLine,
    Rests,
    ScoreLine,
    Sentence,
    TrialLine,
)
from inconcert.exchange.report.words import day
from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers.matching import covers
from inconcert.payers.types import Case
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials

STAGE_WORDS = {
    "initial": "a first course",
    "continuation": "continuation of the running course",
    "retreatment": "another course (retreatment)",
    "maintenance": "maintenance",
}
TITLES = {"necessity": "Request for prior authorization", "appeal": "Appeal of a refusal"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the letters are written from. Everything in `case` may leave; `whole` is the chart for the clinic's sheet."""

    case: Case
    whole: Case
    book: RecordBook
    request: PacketRequest
    parts: tuple[PacketPart, ...]
    asked: tuple[AskedPart, ...]
    trials: tuple[TrialLine, ...]
    scores: tuple[ScoreLine, ...]


def packet_facts(
    person: Person,
    request: PacketRequest,
    *,
    resources: Iterable[Mapping[str, Any]] = (),
    library: Mapping[str, CoveragePolicy] | None = None,
) -> PacketFacts:
    """The facts of one packet.

    Args:
        person: everything the record says of them; facts after `request.as_of` are ignored.
        request: what is asked for.
        resources: the FHIR resources the person was read from, so that security labels are seen
            (`fhir.plain_references(reading.raw)`).
        library: policies outside our own.

    Raises:
        Refusal: nothing can be written (someone who has died, no policy for a service, an appeal without its criterion).
        UnknownName: a service, stage, kind, policy or criterion that does not exist, with the nearest names.
    """
    _check(person, request)
    raw = list(resources)
    held = held_back(person, raw, released=request.released)
    sent = disclosable(person, held=held)
    case = _case(sent, request)
    whole = case if sent is person else _case(person, request)  # the same where nothing is held back
    asked = ask_parts(case, whole, request, library)
    scores = dated_scores(sent, request.as_of)
    book = RecordBook(sent, case.history, [each for dated in scores.values() for each in dated])
    book.cite([book.patient])  # the person's own row is the first
    diagnosis = letter.diagnosis_sentences(case, book)
    parts = tuple(packet_part(each, request.stage, book.cite) for each in asked)
    onset = case.history.episode.onset
    gathered = Gathered(
        case=case,
        whole=whole,
        book=book,
        request=request,
        parts=parts,
        asked=asked,
        trials=trial_lines(case.history, parts, book.cite),
        scores=score_lines(scores, onset, book.cite),
    )
    return _facts(gathered, diagnosis, held)


def _facts(gathered: Gathered, diagnosis: tuple[Sentence, ...], held: tuple[HeldBack, ...]) -> PacketFacts:
    request, person = gathered.request, gathered.case.person
    sections: tuple[LetterSection, ...]
    sections = appeal.sections(gathered) if request.kind == "appeal" else letter.sections(gathered)
    pair = letter.pair_sentences(gathered)
    left_out = not_trials(gathered.case.history.not_trials, gathered.book.cite)
    documents = attachments(gathered)
    return PacketFacts(
        schema_version=SCHEMA_VERSION,
        inconcert_version=__version__,
        kind=request.kind,
        stage=request.stage,
        as_of=request.as_of,
        title=f"{TITLES[request.kind]}: {join([part.service_name for part in gathered.parts])}",
        person=_person(person, request, gathered.book),
        clinic=request.clinic.letterhead(),
        reviewed_by=request.reviewed_by,
        diagnosis=diagnosis,
        ask=_ask(request, gathered.asked),
        parts=gathered.parts,
        pair=pair,
        letter=sections,
        trials=gathered.trials,
        not_trials=left_out,
        scores=gathered.scores,
        attachments=documents,
        standing=(standing.OWN_WORDS, standing.HELD_BACK),
        records=gathered.book.lines(),
        denial=request.denial,
        for_the_clinic=for_the_clinic(gathered, documents, held),
    )


def _check(person: Person, request: PacketRequest) -> None:
    if request.kind not in KINDS:
        raise UnknownName("kind of packet", request.kind, KINDS)
    if request.stage not in STAGES:
        raise UnknownName("stage", request.stage, STAGES)
    if not request.services:
        raise Refusal("No service is asked for.", f"Name one or two of {', '.join(SERVICES)}.")
    for service in request.services:
        if service not in SERVICES:
            raise UnknownName("service", service, SERVICES)
    if len(set(request.services)) != len(request.services):
        raise Refusal("A service is named twice.", "Name each once.")
    if request.released and not request.consent.strip():
        names = ", ".join(sorted(request.released))
        raise Refusal(
            f"Protected records ({names}) are to be released without a consent.",
            "Say where the signed consent is filed.",
        )
    if person.deceased is True or (person.deceased and person.deceased.earliest <= request.as_of):
        raise Refusal("The record says that this person has died.", "Correct the Patient resource if that is wrong.")
    if request.kind == "appeal" and (request.denial is None or not request.denial.criterion):
        raise Refusal(
            "An appeal needs the criterion that was refused.",
            "Name it (--denied-for), or give a file with the notice (--denial).",
        )


def _case(person: Person, request: PacketRequest) -> Case:
    history = rebuild_trials(person, request.as_of)
    return Case(person=person, history=history, safety=screen(person, history, request.as_of), as_of=request.as_of)


def _person(person: Person, request: PacketRequest, book: RecordBook) -> PersonLine:
    plans = {plan.id: plan.payer or plan.label for plan in person.health_plans if covers(plan, request.as_of)}
    return PersonLine(
        id=person.id,
        name=person.name,
        birth=str(person.birth) if person.birth else "",
        sex=person.sex,
        plan=", ".join(dict.fromkeys(plans.values())),
        member_id=request.member_id,
        invented=person.invented,
        records=book.cite([book.patient]),
        plan_records=book.cite(plans),
    )


def _ask(request: PacketRequest, asked: tuple[AskedPart, ...]) -> tuple[Sentence, ...]:
    """What is asked for, one sentence a treatment. How much is what the policy itself authorizes at this stage."""
    stage = STAGE_WORDS[request.stage]
    found = []
    for each in asked:
        how_much = each.sent.authorizes
        unsaid = how_much.startswith("The policy, as far as seen") or "not said" in how_much
        known = "" if unsaid else f" As the policy authorizes: {how_much}"
        from_day = day(request.as_of.isoformat())
        text = (
            f"We ask {each.policy.file.payer} to authorize {SERVICES[each.service]}, {stage}, from {from_day}.{known}"
        )
        found.append(Sentence(text=text, rests=Rests.REQUEST))
    return tuple(found)
