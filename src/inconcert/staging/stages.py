"""Every staging instrument and definition over one trial list, each with what it counted, what it left out and what is missing."""

from __future__ import annotations

from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, Source
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.staging import ResistanceDefinition, cite, staging_book, staging_rules
from inconcert.record import Person
from inconcert.staging.counting import COMPLETE, CountResult, TrialFilter, count_trials
from inconcert.staging.episode import attested, procedures_of
from inconcert.staging.msm import maudsley
from inconcert.staging.points import failures, found_text, listed, mgh_s, questions_of, upper
from inconcert.staging.types import StageResult, TrialHistory, TrialOutcome


def stage_all(history: TrialHistory, person: Person, as_of: date) -> tuple[StageResult, ...]:
    """Every instrument's reading of one history. A range where something is unknown, never one number.

    DM-TRD is not among them: its points could not be compared with the paper.
    """
    definitions = tuple(definition_result(d, history) for d in staging_book().definitions.definitions)
    return (
        *definitions,
        maudsley(history, as_of),
        mgh_s(history),
        thase_rush(history, person, as_of),
        european(history),
        register_model(history, person, as_of),
        athf_count(history),
    )


def definition_result(definition: ResistanceDefinition, history: TrialHistory) -> StageResult:
    """A yes-or-no definition: so many different drugs failed in the episode. Too few is not met only where attested complete."""
    not_oral = frozenset(d.name for d in drug_book().of_kind("antidepressant") if d.unit == "mg_per_24h")
    partial = frozenset({TrialOutcome.PARTIAL})
    outcomes = frozenset({TrialOutcome.NONRESPONSE}) | (
        partial if definition.counts_partial is Answer.MET else frozenset()
    )
    count = count_trials(history, TrialFilter(
        dose="minimum", min_weeks=staging_rules().rule_set().min_weeks, scope=definition.scope, outcomes=outcomes,
        undecided_outcomes=partial if definition.counts_partial is Answer.UNKNOWN else frozenset(),
        excluded_drugs=not_oral if definition.oral_only else frozenset(),
        min_adherence_percent=staging_rules().min_adherence_percent if definition.adherence_confirmed else None,
    ))  # fmt: skip
    sources = cite(staging_book().definitions.sources, definition.src, definition.status)
    judgement = _enough(count, definition.min_failures, f"staging.{definition.id}", definition.text, sources)
    return StageResult(
        instrument=definition.id, name=definition.name, low=count.drugs_low, high=upper(count, count.drugs_high),
        band={Answer.MET: "resistant", Answer.NOT_MET: "not resistant", Answer.UNKNOWN: "not known"}[judgement.answer],
        unit="drugs failed", counted=listed(count.counted), rejected=listed(count.undecided, count.rejected),
        missing=questions_of(count), judgement=judgement,
        parts=(("failed drugs", found_text(count), f"{definition.min_failures} needed"),),
    )  # fmt: skip


def _enough(count: CountResult, need: int, judgement_id: str, text: str, sources: tuple[Source, ...]) -> Judgement:
    return count.at_least(
        need, distinct_drugs=need, judgement_id=judgement_id, rule_id=judgement_id, rule_text=text, sources=sources
    )


def thase_rush(history: TrialHistory, person: Person, as_of: date) -> StageResult:
    """The Thase and Rush stage, 0 to 5, from the classes of the drugs that failed."""
    rules = staging_book().instruments.thase_rush
    count = failures(history)
    bilateral = person.attestation("staging.ect_bilateral", as_of)
    ect = history.ect_failed.answer
    if ect is Answer.MET:
        said = bilateral.answer if bilateral else ""
        ect = {"yes": Answer.MET, "no": Answer.NOT_MET}.get(said, Answer.UNKNOWN)
    sure = {v.trial.drug_class for v in count.counted}
    maybe = sure | {v.trial.drug_class for v in count.undecided}
    low = _rung(sure, ect is Answer.MET)
    high = _rung(maybe, ect is not Answer.NOT_MET) if count.complete.answer is Answer.MET else 5
    missing = list(questions_of(count))
    if ect is Answer.UNKNOWN and high == 5:
        missing.append(
            Question(
                "staging.ect_bilateral",
                "Did a course of bilateral electroconvulsive therapy fail?",
                "staging.thase_rush",
            )
        )
    return StageResult(
        instrument="thase_rush", name=rules.name, low=low, high=high,
        band=f"stage {low}" if low == high else f"stage {low} to {high}", unit="",
        counted=listed(count.counted), rejected=listed(count.undecided, count.rejected), missing=tuple(dict.fromkeys(missing)),
        judgement=None, parts=(("classes failed", ", ".join(sorted(sure)) or "none found", str(low)), ("note", rules.note, "")),
    )  # fmt: skip


def _rung(classes: set[str], ect_failed: bool) -> int:
    """The stage that a set of failed classes reaches: each rung stands on the one below."""
    rules = staging_book().instruments.thase_rush
    steps = (
        bool(classes),
        len(classes) > 1,
        bool(classes & set(rules.tca_classes)),
        bool(classes & set(rules.maoi_classes)),
        ect_failed,
    )
    stage = 0
    for step in steps:
        if not step:
            break
        stage += 1
    return stage


def european(history: TrialHistory) -> StageResult:
    """The European staging: by failed trials and the weeks they took."""
    rules = staging_book().instruments.european
    count = failures(history)
    weeks = sum(v.trial.weeks_at_adequate_dose.low for v in count.counted)
    low, high = _stage_name(count.drugs_low, weeks), _stage_name(count.drugs_high, None)
    if count.complete.answer is not Answer.MET:
        high = rules.stages[-1].id
    if weeks > rules.chronic_after_months * 365.25 / 12 / 7:
        low = high = "CRD"
    return StageResult(
        instrument="european", name=rules.name, low=count.drugs_low, high=upper(count, count.drugs_high),
        band=low if low == high else f"{low} to {high}", unit="drugs failed", counted=listed(count.counted),
        rejected=listed(count.undecided, count.rejected), missing=questions_of(count), judgement=None,
        parts=(("failed drugs", found_text(count), ""), ("weeks of failed trials", f"{weeks:.0f} or more", "")),
    )  # fmt: skip


def _stage_name(failed: int, weeks: float | None) -> str:
    reached = "none" if failed == 0 else "nonresponder"
    for stage in staging_book().instruments.european.stages:
        if failed >= stage.failures and (weeks is None or weeks >= stage.min_weeks):
            reached = stage.id
    return reached


def register_model(history: TrialHistory, person: Person, as_of: date) -> StageResult:
    """The Karolinska register model: courses of 28 days or more in the episode; dose and outcome are not asked."""
    rules = staging_book().instruments.karolinska
    weeks = staging_rules().rule_set(rules.rule_set).min_weeks
    count = count_trials(history, TrialFilter(dose="any", min_weeks=weeks, scope="current_episode"))
    tms = attested(
        person, "staging.tms", as_of, id_="staging.tms", ask="Has transcranial magnetic stimulation ever been given?",
        yes="Given, as told", no="Never given, as told", unknown="No transcranial magnetic stimulation is recorded.",
        found=procedures_of(person, "tms", as_of),
    )  # fmt: skip
    others = [("ECT", history.ect), ("TMS", tms)]
    low = count.drugs_low + sum(j.answer is Answer.MET for _, j in others)
    found = count.drugs_high + sum(j.answer is not Answer.NOT_MET for _, j in others)
    sources = staging_book().instruments.cite(rules.src, rules.status)
    judgement = _courses(count, low, found, [j for _, j in others], sources)
    top = upper(count, found)
    return StageResult(
        instrument="karolinska", name=rules.name, low=low, high=top,
        band={Answer.MET: "resistant", Answer.NOT_MET: "not resistant", Answer.UNKNOWN: "not known"}[judgement.answer],
        unit="courses", counted=(*listed(count.counted), *history.ect.basis.used), rejected=listed(count.undecided, count.rejected),
        missing=questions_of(count), judgement=judgement,
        parts=(("drug courses", found_text(count), ""), *((name, j.answer.value, "") for name, j in others)),
    )  # fmt: skip


def _courses(
    count: CountResult, low: int, high: int, others: list[Judgement], sources: tuple[Source, ...]
) -> Judgement:
    """Whether enough courses of treatment are on record: drugs, ECT and TMS together."""
    rules = staging_book().instruments.karolinska
    need = rules.min_failures
    sure = high < need and count.complete.answer is Answer.MET
    answer = Answer.MET if low >= need else Answer.NOT_MET if sure else Answer.UNKNOWN
    asked = (*questions_of(count), *(q for j in others for q in j.questions()))
    basis = Basis(
        rule_id="staging.karolinska", as_of=count.complete.basis.as_of, rule_text=rules.note, sources=sources,
        used=(*listed(count.counted), *(use for j in others for use in j.basis.used)), rejected=listed(count.undecided, count.rejected),
    )  # fmt: skip
    text = f"{low if low == high else f'{low} to {high}'} courses found, {need} needed."
    question = (asked[0] if asked else COMPLETE) if answer is Answer.UNKNOWN else None
    return Judgement(id="staging.karolinska", answer=answer, text=text, basis=basis, question=question)


def athf_count(history: TrialHistory) -> StageResult:
    """How many adequate trials failed, at four weeks: in the manner of the ATHF short form, which it is not."""
    rules = staging_book().instruments.athf_count
    count = failures(history, staging_rules().rule_set(rules.rule_set).min_weeks)
    return StageResult(
        instrument="athf_count", name=rules.name, low=count.low, high=upper(count, count.high), band="", unit="trials failed",
        counted=listed(count.counted), rejected=listed(count.undecided, count.rejected), missing=questions_of(count),
        judgement=None, parts=(("note", rules.note, ""),),
    )  # fmt: skip
