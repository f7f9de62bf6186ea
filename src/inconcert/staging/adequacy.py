"""Whether a medication trial was adequate (dose and length) and whether it failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, RecordUse, Source, all_of
from inconcert.knowledge.drugs import Drug, drug_book
from inconcert.knowledge.staging import staging_rules
from inconcert.staging.outcome import TrialEnd
from inconcert.staging.spans import Span
from inconcert.staging.types import TrialOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFacts:
    """What adequacy is judged from; made by `rebuild` before the trial itself."""

    id: str
    drug: Drug
    when: str
    weeks_total: Span
    weeks_at_dose: Span
    dose_adequate: Answer
    max_daily_dose_mg: float | None
    adequate_dose_mg: float | None
    adherence_percent: float | None
    dose_note: str
    dose_question: Question
    used: tuple[RecordUse, ...]
    rejected: tuple[RecordUse, ...]


def span_text(span: Span, what: str = "weeks") -> str:
    """A span in words: "7.0 weeks", "2.0 to 7.0 weeks", "2.0 weeks or more"."""
    if span.high is None:
        return f"{span.low:.1f} {what} or more"
    return f"{span.low:.1f} {what}" if span.is_exact else f"{span.low:.1f} to {span.high:.1f} {what}"


def min_weeks_for(drug: Drug) -> float:
    """Weeks that make a trial of this drug long enough under the default rule set (an add-on's own weeks where it has them)."""
    return drug.minimum_weeks if drug.minimum_weeks is not None else staging_rules().rule_set().min_weeks


def judge_adequate(facts: TrialFacts, as_of: date) -> Judgement:
    """Met for enough weeks at or above the minimum dose; a trial known to be poorly taken is not settled by its length."""
    rule, drug = staging_rules().rule_set(), facts.drug
    need = min_weeks_for(drug)
    length = facts.weeks_at_dose.at_least(need)
    poor = poorly_taken(facts.adherence_percent)
    answer = Answer.UNKNOWN if poor and length is Answer.MET else length
    question = _length_question(facts) if length is Answer.UNKNOWN else None
    if answer is not length:
        question = adherence_question(drug.name, facts.when, facts.id, facts.adherence_percent)
    text = _length_text(facts, need) + (f" {poor}." if poor else "")
    basis = _basis(facts, as_of, f"{need:g} weeks at {rule.name.split(',')[0]} or more, not known to be poorly taken")
    return Judgement(id=f"{facts.id}.adequate", answer=answer, text=text, question=question, basis=basis)


def poorly_taken(adherence_percent: float | None) -> str:
    """Why a trial is known to be poorly taken; '' where adherence is good enough or not known.

    A blank is not asked for (hardly any chart has one), but a poor number contradicts what was ordered, and neither word
    is taken for the truth: the trial is undecided until somebody says how it was taken.
    """
    least = staging_rules().min_adherence_percent
    if adherence_percent is None or adherence_percent >= least:
        return ""
    return f"Only {adherence_percent:.0f}% of days were covered, {least:g}% are asked"


def adherence_question(drug: str, when: str, trial_id: str, adherence_percent: float | None) -> Question:
    """What to ask about a trial that looks poorly taken."""
    text = f"The record covers {adherence_percent or 0:.0f}% of the days of {drug} ({when}). How much of it was taken?"
    return Question("staging.adherence", text, f"{trial_id}.adequate")


def _basis(facts: TrialFacts, as_of: date, rule_text: str) -> Basis:
    rules, rule = staging_rules(), staging_rules().rule_set()
    book = drug_book()
    sources: tuple[Source, ...] = rules.cite(rule.src, rule.status)
    if facts.drug.minimum_dose_mg is not None:
        sources = (*sources, *book.sources_of(facts.drug, "minimum_dose_mg")[-1:])
    if facts.adherence_percent is not None:
        sources = (*sources, *rules.cite(rules.adherence_src, rules.adherence_status))
    return Basis(
        rule_id="staging.adequate",
        as_of=as_of,
        rule_text=rule_text,
        sources=sources,
        used=facts.used,
        rejected=facts.rejected,
    )


def _length_text(facts: TrialFacts, need: float) -> str:
    drug = facts.drug
    if drug.judged_by_level:
        return f"{span_text(facts.weeks_total)} of {drug.name}, {facts.dose_note}; {need:g} weeks needed."
    least = facts.adequate_dose_mg
    bar = f"{least:g} mg a day" if least is not None else "a minimum dose nobody has stated"
    text = f"{span_text(facts.weeks_at_dose)} at or above {bar} ({need:g} needed), of {span_text(facts.weeks_total)} in all."
    return f"{text} {facts.dose_note}".strip()


def _length_question(facts: TrialFacts) -> Question:
    settles = f"{facts.id}.adequate"
    if facts.drug.judged_by_level and facts.dose_adequate is Answer.UNKNOWN:
        return Question(
            "staging.lithium_level", f"What was the serum level on {facts.drug.name} ({facts.when})?", settles
        )
    if facts.dose_adequate is Answer.UNKNOWN and facts.weeks_total.low >= min_weeks_for(facts.drug):
        return facts.dose_question
    return Question(
        "staging.dates",
        f"From when to when was {facts.drug.name} ({facts.when}) taken, and at what daily dose?",
        settles,
    )


def judge_failed(facts: TrialFacts, adequate: Judgement, end: TrialEnd, *, ongoing: Answer, as_of: date) -> Judgement:
    """Met for an adequate trial without response. A partial response and an intolerance are classes of their own."""
    name = facts.drug.name
    question = Question("staging.outcome", f"What came of {name} ({facts.when})?", f"{facts.id}.failed")
    ended = {
        TrialOutcome.NONRESPONSE: Answer.MET,
        TrialOutcome.PARTIAL: Answer.NOT_MET,
        TrialOutcome.RESPONSE: Answer.NOT_MET,
        TrialOutcome.INTOLERANCE: Answer.NOT_MET if end.said_plainly else Answer.UNKNOWN,
        TrialOutcome.UNKNOWN: Answer.UNKNOWN,
    }[end.outcome]
    answer = all_of([adequate.answer, ended])
    still = " It is still taken." if ongoing is Answer.MET and end.outcome is TrialOutcome.UNKNOWN else ""
    text = f"Outcome: {_said(end)}; adequate: {adequate.answer.value.replace('_', ' ')}.{still}"
    basis = Basis(
        rule_id="staging.failed", as_of=as_of, rule_text="an adequate trial that ended in non-response",
        sources=staging_rules().cite(staging_rules().outcome.src, Reading.READ),
        used=(*facts.used, *end.used), rejected=facts.rejected,
    )  # fmt: skip
    asked = question if ended is Answer.UNKNOWN else adequate.question
    return Judgement(
        id=f"{facts.id}.failed", answer=answer, text=text, basis=basis, parts=(adequate,),
        question=asked if answer is Answer.UNKNOWN else None,
    )  # fmt: skip


def _said(end: TrialEnd) -> str:
    """The outcome in words: an unknown one has no kind of its own to name."""
    if end.outcome is TrialOutcome.UNKNOWN:
        return "not known"
    words = {TrialOutcome.NONRESPONSE: "no response", TrialOutcome.PARTIAL: "partial response"}
    return f"{words.get(end.outcome, end.outcome.value)} ({end.kind.value})"
