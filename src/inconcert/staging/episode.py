"""The current depressive episode, and the treatments beside drugs, as far as the record tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, RecordUse
from inconcert.knowledge.staging import SYSTEMS, DiagnosisCode, cite, staging_book, staging_rules
from inconcert.record import Attestation, DateRange, Person
from inconcert.scales import series
from inconcert.staging.types import DepressiveEpisode, MedicationTrial

_NOT_SO = {"refuted", "entered-in-error"}
_NOT_SURE = {"provisional", "differential", "unconfirmed"}
_OVER = {"inactive", "remission", "resolved"}
_SEVERITY_WORDS = ("subsyndromal", "mild", "moderate", "severe")


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    record_id: str
    on: str
    code: DiagnosisCode
    label: str
    onset: DateRange | None
    recorded: date


def find_episode(person: Person, as_of: date) -> DepressiveEpisode:
    """The current episode: onset, polarity, severity, psychotic features, each from the record or from an answer given."""
    current, rejected = _diagnoses(person, as_of)
    answer = person.attestation("staging.diagnosis", as_of)
    polarity = _polarity(current, answer)
    used = tuple(RecordUse(d.record_id, f"{d.code.code} {d.label}: {d.code.polarity}", d.on) for d in current)
    if answer is not None:
        used = (*used, _told(answer))
    depressive = [d for d in current if d.code.polarity == "unipolar"]
    latest = sorted(depressive, key=lambda d: d.recorded, reverse=True)
    severity, severity_use = _severity(person, latest, as_of)
    recurrent = next((d.code.recurrent for d in latest if d.code.recurrent is not Answer.UNKNOWN), Answer.UNKNOWN)
    return DepressiveEpisode(
        onset=_onset(person, depressive, as_of), polarity=polarity, severity=severity,
        psychotic=_psychotic(person, latest, as_of), recurrent=recurrent,
        diagnosis=_diagnosis_judgement(polarity, answer, used, rejected, as_of), used=(*used, *severity_use),
    )  # fmt: skip


def _diagnoses(person: Person, as_of: date) -> tuple[list[_Diagnosis], tuple[RecordUse, ...]]:
    current: list[_Diagnosis] = []
    rejected: list[RecordUse] = []
    book = staging_book().diagnoses
    for c in person.conditions:
        code = book.read(c.codings)
        first = [d for d in (c.recorded, c.onset) if d is not None]
        if code is None or any(d.earliest > as_of for d in first):
            continue
        on = str(c.onset or c.recorded or "")
        why = _why_not_current(c.verification_status, c.clinical_status, c.abatement, as_of)
        if not why and code.remission == "full":
            why = "coded as in full remission"
        if why:
            rejected.append(RecordUse(c.id, f"{code.code}: {why}", on))
            continue
        recorded = max((min(d.latest, as_of) for d in first), default=date.min)
        current.append(_Diagnosis(c.id, on, code, c.label, c.onset, recorded))
    for e in person.encounters:
        code = book.read(e.reasons)
        if code is not None and e.start is not None and e.start.earliest <= as_of and code.remission != "full":
            current.append(
                _Diagnosis(e.id, str(e.start), code, "reason of the visit", None, min(e.start.latest, as_of))
            )
    return current, tuple(rejected)


def _why_not_current(verification: str, clinical: str, abatement: DateRange | None, as_of: date) -> str:
    if verification in _NOT_SO:
        return f"its verification status is {verification}"
    if verification in _NOT_SURE:
        return f"not confirmed ({verification})"
    if clinical in _OVER:
        return f"its clinical status is {clinical}"
    return f"ended {abatement}" if abatement is not None and abatement.latest < as_of else ""


def _polarity(current: list[_Diagnosis], answer: Attestation | None) -> str:
    told = {"unipolar depression": "unipolar", "bipolar disorder": "bipolar", "neither": "neither"}
    if answer is not None and answer.value_text in told:
        return told[answer.value_text]
    found = {d.code.polarity for d in current}
    return "bipolar" if "bipolar" in found else "unipolar" if found else "unknown"


def _diagnosis_judgement(
    polarity: str, answer: Attestation | None, used: tuple[RecordUse, ...], rejected: tuple[RecordUse, ...], as_of: date
) -> Judgement:
    result, text = {
        "unipolar": (Answer.MET, "Unipolar depression is recorded."),
        "bipolar": (Answer.NOT_MET, "Bipolar disorder is recorded."),
        "neither": (Answer.NOT_MET, "Neither unipolar depression nor bipolar disorder is the diagnosis."),
        "unknown": (Answer.UNKNOWN, "No current diagnosis of depression was found."),
    }[polarity]
    question = Question(
        "staging.diagnosis", "Is major depressive disorder the confirmed diagnosis?", "staging.diagnosis"
    )
    file = staging_book().diagnoses
    sources = cite(file.sources, file.sources, Reading.READ)
    return Judgement(
        id="staging.diagnosis", answer=result, text=text + (f" As told by {answer.answered_by}." if answer else ""),
        question=question if result is Answer.UNKNOWN else None,
        basis=Basis(rule_id="staging.diagnosis", as_of=as_of, sources=sources, used=used, rejected=rejected),
    )  # fmt: skip


def _onset(person: Person, depressive: list[_Diagnosis], as_of: date) -> DateRange | None:
    """When the episode began: as told on the intake form, else the latest onset of a current depressive diagnosis."""
    answer = person.attestation("staging.episode_onset", as_of)
    if answer is not None and answer.value_text:
        try:
            told = DateRange.parse(answer.value_text.strip())
        except ValueError:
            told = None
        if told is not None and told.earliest <= as_of:
            return told
    onsets = [d.onset for d in depressive if d.onset is not None and d.onset.earliest <= as_of]
    return max(onsets, key=lambda o: (o.latest, o.earliest)) if onsets else None


def _severity(person: Person, latest: list[_Diagnosis], as_of: date) -> tuple[str, tuple[RecordUse, ...]]:
    answer = person.attestation("staging.severity", as_of)
    if answer is not None and answer.value_text in _SEVERITY_WORDS:
        return answer.value_text, (_told(answer),)
    for diagnosis in latest:
        if diagnosis.code.severity:
            return diagnosis.code.severity, ()
    rules = staging_rules()
    oldest = as_of - timedelta(days=rules.severity_days)
    for scale in rules.inference.scales:
        for dated in reversed(series(person, scale, as_of)):
            days = dated.taken.days if dated.taken else None
            word = rules.severity_bands.get(dated.score.band or "")
            if word and days is not None and oldest <= days.earliest and days.latest <= as_of:
                return word, (RecordUse(dated.form_id, f"severity read from {scale}: {dated.score.band}", str(days)),)
    return "", ()


def _psychotic(person: Person, latest: list[_Diagnosis], as_of: date) -> Answer:
    answer = person.attestation("staging.psychotic", as_of)
    if answer is not None and answer.answer in {"yes", "no"}:
        return Answer.MET if answer.answer == "yes" else Answer.NOT_MET
    return next((d.code.psychotic for d in latest if d.code.psychotic is not Answer.UNKNOWN), Answer.UNKNOWN)


def _told(answer: Attestation) -> RecordUse:
    said = answer.value_text or answer.answer
    return RecordUse(
        answer.id, f"told by {answer.answered_by or 'somebody not named'}: {said}", str(answer.answered_on or "")
    )


def completeness(person: Person, trials: Sequence[MedicationTrial], as_of: date) -> Judgement:
    """Whether the history of medication trials is whole: only an answer given can say so.

    Whoever attests it may also say how many different drugs were tried. Where the record shows another number for that
    day (a trial was added, lost or taken out since), the attestation no longer speaks of this record: unknown again.
    """
    said = attested(person, "staging.history_complete", as_of, id_="staging.complete",
                    ask="Is the history of medication trials complete?",
                    yes="The history is attested complete", no="The history is attested incomplete",
                    unknown="Nobody has attested that the history of medication trials is complete.")  # fmt: skip
    counted = person.attestation("staging.history_trial_count", as_of)
    if said.answer is not Answer.MET or counted is None or counted.value is None:
        return said
    until = counted.answered_on.latest if counted.answered_on else as_of
    drugs = {t.drug for t in trials if t.kind in ("antidepressant", "augmenter") and t.start.earliest <= until}
    if len(drugs) == counted.value:
        return replace(said, basis=replace(said.basis, used=(*said.basis.used, _told(counted))))
    text = (
        f"The history was attested complete with {counted.value:g} different drugs, and the record shows {len(drugs)}. "
        "Which is right?"
    )
    asked = Question("staging.history_trial_count", text, "staging.complete")
    basis = replace(said.basis, used=(*said.basis.used, _told(counted)))
    return Judgement(id="staging.complete", answer=Answer.UNKNOWN, text=text, basis=basis, question=asked)


def attested(person: Person, question: str, as_of: date, *, id_: str, ask: str, yes: str, no: str, unknown: str,
             found: Iterable[RecordUse] = ()) -> Judgement:  # fmt: skip
    """A judgement that records found settle as met, and that otherwise only an answer given can settle."""
    records = tuple(found)
    answer = person.attestation(question, as_of)
    asked = Question(question, ask, id_)
    used = (*records, _told(answer)) if answer else records
    basis = Basis(rule_id=id_, as_of=as_of, used=used)
    who = (
        f" by {answer.answered_by or 'somebody not named'} on {answer.answered_on or 'a day not told'}."
        if answer
        else "."
    )
    if records:
        return Judgement(id=id_, answer=Answer.MET, text=f"{records[0].why} ({records[0].on}).", basis=basis)
    if answer is not None and answer.answer == "yes":
        return Judgement(id=id_, answer=Answer.MET, text=yes + who, basis=basis)
    if answer is not None and answer.answer == "no":
        return Judgement(id=id_, answer=Answer.NOT_MET, text=no + who, basis=basis)
    return Judgement(id=id_, answer=Answer.UNKNOWN, text=unknown, basis=basis, question=asked)


def procedures_of(person: Person, kind: str, as_of: date) -> tuple[RecordUse, ...]:
    """Completed procedures of one kind ('ect', 'tms', 'psychotherapy') on or before `as_of`, oldest first."""
    found = []
    book = staging_book().procedures
    for done in person.procedures:
        when = done.performed_start or done.performed_end
        if done.status not in {"completed", "in-progress", ""} or when is None or when.earliest > as_of:
            continue
        for entry in book.procedures:
            coded = done.has_code(SYSTEMS[entry.system], set(entry.codes))
            words = f" {done.label.lower()} "
            named = any(f" {word} " in words or (" " in word and word in words) for word in entry.words)
            if entry.kind == kind and (coded or named):
                found.append((when.earliest, RecordUse(done.id, f"{kind} recorded: {done.label}", str(when))))
                break
    return tuple(use for _, use in sorted(found, key=lambda pair: pair[0]))


def ect_and_therapy(person: Person, as_of: date) -> tuple[Judgement, Judgement, Judgement]:
    """Electroconvulsive therapy given, electroconvulsive therapy failed, psychotherapy tried."""
    ect = attested(person, "staging.ect", as_of, id_="staging.ect", ask="Has electroconvulsive therapy ever been given?",
                   yes="Electroconvulsive therapy was given, as told", no="No electroconvulsive therapy, as told",
                   unknown="No electroconvulsive therapy is recorded; was any given?",
                   found=procedures_of(person, "ect", as_of))  # fmt: skip
    failed = attested(person, "staging.ect_failed", as_of, id_="staging.ect_failed",
                      ask="Did a full course of electroconvulsive therapy fail?",
                      yes="A course of electroconvulsive therapy failed, as told",
                      no="No course of electroconvulsive therapy failed, as told",
                      unknown="Whether a course of electroconvulsive therapy failed is not known.")  # fmt: skip
    if failed.answer is Answer.UNKNOWN and ect.answer is Answer.NOT_MET:
        failed = Judgement(id="staging.ect_failed", answer=Answer.NOT_MET, text=ect.text, basis=ect.basis)
    therapy = attested(person, "staging.psychotherapy", as_of, id_="staging.psychotherapy",
                       ask="Has a course of evidence-based psychotherapy been tried?",
                       yes="Psychotherapy was tried, as told", no="No psychotherapy was tried, as told",
                       unknown="No psychotherapy is recorded; was any tried?",
                       found=procedures_of(person, "psychotherapy", as_of))  # fmt: skip
    return ect, failed, therapy
