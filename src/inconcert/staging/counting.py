"""Counting medication trials under somebody's rule, honestly: how many surely count, how many may, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse, Source, all_of, any_of
from inconcert.knowledge.staging import staging_rules
from inconcert.staging.adequacy import adherence_question, poorly_taken
from inconcert.staging.types import MedicationTrial, TrialHistory, TrialOutcome, TrialRole

Scope = Literal["any", "current_episode", "lifetime"]
DoseRule = Literal["any", "minimum", "max_label", "mg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFilter:
    """What a trial must be to be counted. Every field left at its default asks nothing.

    - `kinds`: 'antidepressant', 'augmenter', 'other'; empty means every kind.
    - `classes`, `drugs` (a payer's own list), `excluded_drugs`: as the drug files write them; empty means all.
    - `dose`: 'minimum' the MGH-ATRQ minimum for the form taken; 'max_label' the label maximum; 'mg' at least `dose_mg`
      per day; the `min_weeks` are then weeks at that dose. With 'any' they are weeks of any dose.
    - `scope`: 'current_episode' asks `trial.in_current_episode`; 'any' and 'lifetime' ask nothing.
    - `within_days`: only trials that ended (or ran) within so many days before `as_of`.
    - `outcomes`: which outcomes count as a failure; empty means the outcome is not asked. `undecided_outcomes` are
      outcomes of which the rule does not say whether they count.
    - `max_improvement_percent`: improvement at most so much, where the rule gives a number; an outcome class alone
      settles it only where its whole band lies on one side.
    - `counts_intolerance`: met: a trial stopped for intolerance counts whatever its dose and length; not met: never;
      unknown: the rule does not say, so such a trial is undecided.
    - `min_adherence_percent`: adherence must be known and at least so much.
    - `roles`: empty means every role.
    - `include_ongoing`: False leaves out trials still running.
    """

    kinds: frozenset[str] = frozenset({"antidepressant"})
    classes: frozenset[str] = frozenset()
    drugs: frozenset[str] = frozenset()
    excluded_drugs: frozenset[str] = frozenset()
    dose: DoseRule = "any"
    dose_mg: float | None = None
    min_weeks: float | None = None
    scope: Scope = "any"
    within_days: int | None = None
    outcomes: frozenset[TrialOutcome] = frozenset()
    undecided_outcomes: frozenset[TrialOutcome] = frozenset()
    max_improvement_percent: float | None = None
    counts_intolerance: Answer = Answer.NOT_MET
    min_adherence_percent: float | None = None
    roles: frozenset[TrialRole] = frozenset()
    include_ongoing: bool = True


FAILED = frozenset({TrialOutcome.NONRESPONSE})
FAILED_OR_PARTIAL = frozenset({TrialOutcome.NONRESPONSE, TrialOutcome.PARTIAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialVerdict:
    """One trial under a filter: met (in), not met (out) or unknown (undecided), why, and what would settle it."""

    trial: MedicationTrial
    answer: Answer
    why: str
    question: Question | None = None

    @property
    def use(self) -> RecordUse:
        """The verdict as one line of a basis."""
        return RecordUse(self.trial.id, f"{self.trial.drug}: {self.why}", str(self.trial.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountResult:
    """How many trials count: `low` for certain, `high` among those found (more may exist where the history is not complete).

    Two trials of one drug are one for certain and two at most: a gap in the records may be a gap in the records only,
    and few rules say whether a drug tried again is another trial. The same pairs stand for distinct drugs and classes.
    `counted`, `rejected` and `undecided` list every trial looked at, with why.
    """

    low: int
    high: int
    drugs_low: int
    drugs_high: int
    classes_low: int
    classes_high: int
    counted: tuple[TrialVerdict, ...]
    rejected: tuple[TrialVerdict, ...]
    undecided: tuple[TrialVerdict, ...]
    complete: Judgement

    def at_least(
        self, trials: int, *, distinct_drugs: int = 0, distinct_classes: int = 0, judgement_id: str = "staging.count",
        rule_id: str = "staging.count", rule_version: str = "1", rule_text: str = "", sources: tuple[Source, ...] = (),
    ) -> Judgement:  # fmt: skip
        """Whether at least so many trials (of so many drugs, of so many classes) count.

        Met where the certain ones suffice; not met only where even the undecided ones would not and the history is
        attested complete; else unknown, with the questions of the undecided trials and of completeness.
        """
        needs = [(trials, self.low, self.high, "trials")]
        if distinct_drugs:
            needs.append((distinct_drugs, self.drugs_low, self.drugs_high, "different drugs"))
        if distinct_classes:
            needs.append((distinct_classes, self.classes_low, self.classes_high, "different classes"))
        answer = all_of(self._reaches(need, low, high) for need, low, high, _ in needs)
        if distinct_drugs >= trials:  # so many different drugs are at least so many trials: say it once
            needs = needs[1:]
        found = "; ".join(_found(need, low, high, what) for need, low, high, what in needs)
        questions = self._questions(needs) if answer is Answer.UNKNOWN else ()
        text = (
            found + {Answer.MET: ".", Answer.NOT_MET: "; the history is attested complete.", Answer.UNKNOWN: ""}[answer]
        )
        if answer is Answer.UNKNOWN:
            text += "; " + questions[0].text[0].lower() + questions[0].text[1:]
        basis = Basis(
            rule_id=rule_id, rule_version=rule_version, rule_text=rule_text, as_of=self.complete.basis.as_of, sources=sources,
            used=(*(v.use for v in self.counted), *self.complete.basis.used),
            rejected=tuple(v.use for v in (*self.undecided, *self.rejected)),
        )  # fmt: skip
        return Judgement(
            id=judgement_id, answer=answer, text=text, basis=basis, question=questions[0] if questions else None,
            parts=tuple(_question_part(q, basis) for q in questions[1:]),
        )  # fmt: skip

    def _reaches(self, need: int, low: int, high: int) -> Answer:
        if low >= need:
            return Answer.MET
        return Answer.NOT_MET if high < need and self.complete.answer is Answer.MET else Answer.UNKNOWN

    def _questions(self, needs: list[tuple[int, int, int, str]]) -> tuple[Question, ...]:
        """What would settle it: the undecided trials first where they could suffice, else first whether there were more."""
        about = [v.question for v in self.undecided if v.question]
        if self.low < len(self.counted):
            about.append(
                Question(
                    "staging.repeat_trial",
                    "Does a second trial of the same drug count as another trial?",
                    "staging.count",
                )
            )
        whole = [] if self.complete.answer is Answer.MET else [COMPLETE]
        ordered = about + whole if all(high >= need for need, _, high, _ in needs) else whole + about
        return tuple(dict.fromkeys(ordered)) or (COMPLETE,)


COMPLETE = Question("staging.history_complete", "Is the history of medication trials complete?", "staging.complete")


def count_trials(history: TrialHistory, wanted: TrialFilter | None = None) -> CountResult:
    """Judge every trial of a history by a filter, and count.

    A trial is in where every condition is met, out where one is not met, else undecided. Since all conditions but the
    filter's are left aside, the bounds are exact: `low` counts the drugs that are in, `high` their trials and the undecided.
    """
    wanted = wanted or TrialFilter()
    verdicts = [
        _verdict(trial, wanted, history) for trial in history.trials if not wanted.kinds or trial.kind in wanted.kinds
    ]
    by = {answer: tuple(v for v in verdicts if v.answer is answer) for answer in Answer}
    sure, maybe = by[Answer.MET], by[Answer.MET] + by[Answer.UNKNOWN]
    return CountResult(
        low=len(_drugs(sure)), high=len(maybe), drugs_low=len(_drugs(sure)), drugs_high=len(_drugs(maybe)),
        classes_low=len(_classes(sure)), classes_high=len(_classes(maybe)),
        counted=sure, rejected=by[Answer.NOT_MET], undecided=by[Answer.UNKNOWN], complete=history.complete,
    )  # fmt: skip


def _drugs(verdicts: Iterable[TrialVerdict]) -> set[str]:
    return {v.trial.drug for v in verdicts}


def _classes(verdicts: Iterable[TrialVerdict]) -> set[str]:
    return {v.trial.drug_class for v in verdicts}


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _found(need: int, low: int, high: int, what: str) -> str:
    """Say "1 of 2 different drugs found", or "3 different drugs found, 2 needed" where there are or may be enough."""
    return (
        f"{_range(low, high)} {what} found, {need} needed"
        if low >= need or high > need
        else f"{_range(low, high)} of {need} {what} found"
    )


def _question_part(question: Question, basis: Basis) -> Judgement:
    return Judgement(id=question.id, answer=Answer.UNKNOWN, text=question.text, basis=basis, question=question)


@dataclass(frozen=True, slots=True)
class _Check:
    answer: Answer
    why: str
    question: Question | None = None


def _ask(kind: str, trial: MedicationTrial, text: str) -> Question:
    return Question(f"staging.{kind}", text, trial.id)


def _verdict(trial: MedicationTrial, wanted: TrialFilter, history: TrialHistory) -> TrialVerdict:
    always = [check for check in _plain_checks(trial, wanted, history) if check]
    ended = _outcome_check(trial, wanted)
    full = [c for c in (_dose_and_length(trial, wanted, history), _adherence(trial, wanted), ended) if c]
    checks = always + full
    if (
        trial.outcome in {TrialOutcome.INTOLERANCE, TrialOutcome.UNKNOWN}
        and wanted.counts_intolerance is not Answer.NOT_MET
    ):
        checks = [*always, _by_intolerance(trial, wanted, full)]
    answer = all_of(c.answer for c in checks)
    if answer is Answer.MET:
        return TrialVerdict(trial=trial, answer=answer, why=", ".join(c.why for c in checks if c.why) or "counts")
    against = [c for c in checks if c.answer is answer]
    question = next((c.question for c in against if c.question), None)
    return TrialVerdict(trial=trial, answer=answer, why="; ".join(c.why for c in against if c.why), question=question)


def _by_intolerance(trial: MedicationTrial, wanted: TrialFilter, full: list[_Check]) -> _Check:
    """The other route: an intolerance counts whatever the dose and the length were, and an unknown outcome may be one."""
    answer = all_of(c.answer for c in full)
    if answer is Answer.MET:
        return _Check(answer, ", ".join(c.why for c in full if c.why))
    if trial.outcome is TrialOutcome.UNKNOWN:
        question = next((c.question for c in full if c.question and c.question.id == "staging.outcome"), None)
        text = f"What came of {trial.drug} ({trial.start}): was it stopped for side effects?"
        return _Check(
            Answer.UNKNOWN, "outcome not known, and an intolerance may count", question or _ask("outcome", trial, text)
        )
    route = any_of([wanted.counts_intolerance, answer])
    text = f"Does stopping {trial.drug} for side effects count under this rule?"
    return _Check(route, "stopped for intolerance", _ask("outcome", trial, text) if route is Answer.UNKNOWN else None)


def _plain_checks(trial: MedicationTrial, wanted: TrialFilter, history: TrialHistory) -> list[_Check | None]:
    drug = trial.drug
    return [
        _Check(trial.counts, trial.counts_why, trial.counts_question),
        _listed(drug in wanted.drugs, "not on the list") if wanted.drugs else None,
        _listed(drug not in wanted.excluded_drugs, "left out by the rule") if wanted.excluded_drugs else None,
        _listed(trial.drug_class in wanted.classes, f"class {trial.drug_class} is not asked")
        if wanted.classes
        else None,
        _role(trial, wanted),
        _episode(trial) if wanted.scope == "current_episode" else None,
        _recent(trial, wanted, history) if wanted.within_days is not None else None,
        _not_running(trial) if not wanted.include_ongoing else None,
    ]


def _listed(answer: bool, why: str) -> _Check:
    return _Check(Answer.MET, "") if answer else _Check(Answer.NOT_MET, why)


def _role(trial: MedicationTrial, wanted: TrialFilter) -> _Check | None:
    if not wanted.roles:
        return None
    if trial.role_certain is not Answer.MET:
        text = f"Was {trial.drug} taken alone or together with another drug?"
        return _Check(Answer.UNKNOWN, "the dates do not settle what it overlapped", _ask("role", trial, text))
    return _listed(trial.role in wanted.roles, f"taken as {trial.role.value}")


def _episode(trial: MedicationTrial) -> _Check:
    texts = {
        Answer.MET: "in the current episode",
        Answer.NOT_MET: "before the current episode",
        Answer.UNKNOWN: "not known whether in the current episode",
    }
    text = f"Was {trial.drug} ({trial.start}) taken in the current depressive episode?"
    question = _ask("in_episode", trial, text) if trial.in_current_episode is Answer.UNKNOWN else None
    return _Check(trial.in_current_episode, texts[trial.in_current_episode], question)


def _recent(trial: MedicationTrial, wanted: TrialFilter, history: TrialHistory) -> _Check:
    oldest = history.as_of - timedelta(days=wanted.within_days or 0)
    if trial.ongoing is Answer.MET or (trial.end is not None and trial.end.earliest >= oldest):
        return _Check(Answer.MET, "")
    if trial.ongoing is Answer.NOT_MET and trial.end is not None and trial.end.latest < oldest:
        return _Check(Answer.NOT_MET, f"ended more than {wanted.within_days} days ago")
    return _Check(Answer.UNKNOWN, "its end is not known", _ask("dates", trial, f"When was {trial.drug} stopped?"))


def _not_running(trial: MedicationTrial) -> _Check:
    question = _ask("dates", trial, f"Is {trial.drug} still taken?") if trial.ongoing is Answer.UNKNOWN else None
    return _Check(~trial.ongoing, "still taken" if trial.ongoing is Answer.MET else "", question)


def _dose_and_length(trial: MedicationTrial, wanted: TrialFilter, history: TrialHistory) -> _Check | None:
    if wanted.dose == "any" and wanted.min_weeks is None:
        return None
    wall = trial.label_max_dose_mg if wanted.dose == "max_label" else wanted.dose_mg
    if wanted.dose in {"max_label", "mg"} and wall is None:
        text = f"What is the highest dose of {trial.drug} that its label allows?"
        return _Check(Answer.UNKNOWN, "the dose asked for is not on file", _ask("dose", trial, text))
    onset = history.episode.onset if wanted.scope == "current_episode" and not trial.in_episode_told else None
    if wanted.dose == "any":
        weeks, at = trial.weeks_taken(since=onset), ""
    elif wanted.dose == "minimum":
        weeks, at = trial.weeks_adequate(since=onset), " at the minimum dose"
    else:
        weeks, at = trial.weeks_at_or_above(wall or 0.0, since=onset), f" at {wall:g} mg or more"
    at += " in the episode" if onset and onset.latest > trial.start.earliest else ""
    if wanted.min_weeks is None:  # some time at the dose is enough
        answer = Answer.MET if weeks.low > 0 else (Answer.NOT_MET if weeks.high == 0 else Answer.UNKNOWN)
        why = f"{_weeks(weeks.low, weeks.high)}{at}"
    else:
        answer = weeks.at_least(wanted.min_weeks)
        why = f"{_weeks(weeks.low, weeks.high)}{at}" + (
            "" if answer is Answer.MET else f", {wanted.min_weeks:g} needed"
        )
    return _Check(answer, why, _length_question(trial, at) if answer is Answer.UNKNOWN else None)


def _length_question(trial: MedicationTrial, at: str) -> Question:
    length = trial.weeks_total
    if at and trial.dose_adequate is Answer.UNKNOWN and length.is_exact:
        return _ask("dose", trial, f"What daily dose of {trial.drug} ({trial.start}) was taken?")
    return _ask("dates", trial, f"From when to when, and at what daily dose, was {trial.drug} ({trial.start}) taken?")


def _weeks(low: float, high: float | None) -> str:
    if high is None:
        return f"{low:.1f} weeks or more"
    return f"{low:.1f} weeks" if low == high else f"{low:.1f} to {high:.1f} weeks"


def _adherence(trial: MedicationTrial, wanted: TrialFilter) -> _Check | None:
    known = trial.adherence_percent
    if wanted.min_adherence_percent is None:
        # A rule silent on adherence still means drugs that were taken: a trial known to be poorly taken is undecided.
        poor = poorly_taken(known)
        asked = adherence_question(trial.drug, str(trial.start), trial.id, known)
        return _Check(Answer.UNKNOWN, poor[0].lower() + poor[1:], asked) if poor else None
    if known is None:
        text = f"What percentage of {trial.drug} doses was taken?"
        return _Check(Answer.UNKNOWN, "adherence not known", _ask("adherence", trial, text))
    enough = known >= wanted.min_adherence_percent
    return _Check(Answer.MET if enough else Answer.NOT_MET, f"adherence {known:.0f}%")


def _outcome_check(trial: MedicationTrial, wanted: TrialFilter) -> _Check | None:
    if not wanted.outcomes and wanted.max_improvement_percent is None:
        return None
    text = f"What came of {trial.drug} ({trial.start}): no response, partial response, response, or stopped for side effects?"
    question = _ask("outcome", trial, text)
    marked = f"{trial.outcome.value} ({trial.outcome_kind.value})"
    if trial.outcome is TrialOutcome.UNKNOWN:
        return _Check(Answer.UNKNOWN, "outcome not known", question)
    if trial.outcome is TrialOutcome.INTOLERANCE:
        return _Check(Answer.NOT_MET, "stopped for intolerance, which is not a failure under this rule")
    percent = wanted.max_improvement_percent
    if percent is not None and trial.improvement_percent is not None:
        return _Check(
            Answer.MET if trial.improvement_percent <= percent else Answer.NOT_MET,
            f"improved by {trial.improvement_percent:.0f}%",
        )
    if trial.outcome in wanted.undecided_outcomes:
        text = f"Was the {trial.outcome.value} response to {trial.drug} inadequate?"
        return _Check(
            Answer.UNKNOWN, f"{marked}: the rule does not say whether it counts", _ask("partial_response", trial, text)
        )
    if not wanted.outcomes:
        return _Check(_band_below(trial.outcome, percent), marked, question)
    return _Check(Answer.MET if trial.outcome in wanted.outcomes else Answer.NOT_MET, marked)


def _band_below(outcome: TrialOutcome, percent: float | None) -> Answer:
    """Whether every improvement that the outcome class allows is at most `percent`."""
    cuts = staging_rules().outcome
    low, high = {
        TrialOutcome.NONRESPONSE: (float("-inf"), cuts.nonresponse_at_most_percent),
        TrialOutcome.PARTIAL: (cuts.nonresponse_at_most_percent, cuts.response_at_least_percent),
        TrialOutcome.RESPONSE: (cuts.response_at_least_percent, 100.0),
    }[outcome]
    if percent is None or high <= percent:
        return Answer.MET
    return Answer.NOT_MET if low >= percent else Answer.UNKNOWN
