"""Counts of trials made again under what no single filter can say: a share of the label's highest dose, routes, separate trials."""

from __future__ import annotations

from collections.abc import Callable

from inconcert.judgement import Answer, Judgement, Question, all_of
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.payers.asking import Spot
from inconcert.staging.counting import CountResult, TrialFilter, TrialVerdict
from inconcert.staging.types import MedicationTrial, TrialRole


def recount(verdicts: list[TrialVerdict], complete: Judgement) -> CountResult:
    """A count made again from verdicts."""
    by = {answer: tuple(v for v in verdicts if v.answer is answer) for answer in Answer}
    sure, maybe = by[Answer.MET], (*by[Answer.MET], *by[Answer.UNKNOWN])
    return CountResult(
        low=len({v.trial.drug for v in sure}), high=len(maybe),
        drugs_low=len({v.trial.drug for v in sure}), drugs_high=len({v.trial.drug for v in maybe}),
        classes_low=len({v.trial.drug_class for v in sure}), classes_high=len({v.trial.drug_class for v in maybe}),
        counted=sure, rejected=by[Answer.NOT_MET], undecided=by[Answer.UNKNOWN], complete=complete,
    )  # fmt: skip


def narrowed(result: CountResult, check: Callable[[MedicationTrial], Answer], why: str, ask: Question) -> CountResult:
    """A count in which every trial must also pass `check`."""
    verdicts = list(result.rejected)
    for verdict in (*result.counted, *result.undecided):
        own = check(verdict.trial)
        answer = all_of((verdict.answer, own))
        if answer is verdict.answer:
            verdicts.append(verdict)
        else:
            asked = ask if answer is Answer.UNKNOWN else None
            verdicts.append(TrialVerdict(trial=verdict.trial, answer=answer, why=why, question=asked))
    return recount(verdicts, result.complete)


def narrowed_by_leaf(leaf: AdequateTrials, spot: Spot, result: CountResult) -> CountResult:
    """A count with everything that a rule asks of each trial beyond its filter."""
    if leaf.route is not None:
        asked = Question("staging.route", "By which route was the drug taken?", spot.id)
        result = narrowed(result, _by_mouth, "not taken by mouth", asked)
    if leaf.classes_named:
        named = frozenset(leaf.classes_named)
        about = f"Point: whether a drug outside {', '.join(leaf.classes_named)} counts as a class."
        asked = spot.question("payers.policy_text", about=about)
        why = "the policy names its classes, and this is none of them"
        result = narrowed(
            result, lambda t: Answer.MET if {t.drug_class, t.drug} & named else Answer.UNKNOWN, why, asked
        )
    return result


def _by_mouth(trial: MedicationTrial) -> Answer:
    """A patch is not by mouth; whatever the drug book does not mark as given otherwise is a drug taken by mouth."""
    return Answer.NOT_MET if trial.route else Answer.MET


def separate(spot: Spot, counted: CountResult, need: int) -> Judgement:
    """Whether so many of the counted trials were separate ones, and not drugs taken together.

    Somebody's word decides. Without it the record shows it only where the list of trials is attested whole: that nothing
    else was taken at the time is an absence, and an absence is known of a whole list only.
    """
    alone = [
        v for v in counted.counted if v.trial.role is not TrialRole.COMBINATION and v.trial.role_certain is Answer.MET
    ]
    said = spot.yes_no(
        "payers.trials_separate", "The trials were separate", "Drugs taken together were counted as trials"
    )
    if said.answer is not Answer.UNKNOWN or counted.complete.answer is not Answer.MET:
        return said
    if len({v.trial.drug for v in alone}) < need:
        return said
    used = (*(v.use for v in alone), *counted.complete.basis.used)
    return spot.judge(Answer.MET, "Each was taken without another antidepressant.", used=used, suffix="separate")


def at_label_share(spot: Spot, result: CountResult, leaf: AdequateTrials, wanted: TrialFilter) -> CountResult:
    """Only trials with the weeks asked for at so many percent of the label's highest dose, or more."""
    share = float(leaf.dose_pct_of_label_max or 0) / 100
    onset = spot.view.case.history.episode.onset if wanted.scope == "current_episode" else None

    def long_enough(trial: MedicationTrial) -> Answer:
        if trial.label_max_dose_mg is None:
            return Answer.UNKNOWN
        since = None if trial.in_episode_told else onset
        weeks = trial.weeks_at_or_above(share * trial.label_max_dose_mg, since=since)
        if wanted.min_weeks is None:
            return Answer.MET if weeks.low > 0 else Answer.NOT_MET if weeks.high == 0 else Answer.UNKNOWN
        return weeks.at_least(wanted.min_weeks)

    why = f"not {wanted.min_weeks or 0:g} weeks at {share:.0%} of the label's highest dose for certain"
    asked = Question("staging.dose", f"From when to when was each drug at {share:.0%} of its highest dose?", spot.id)
    return narrowed(result, long_enough, why, asked)
